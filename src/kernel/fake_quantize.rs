//! Fake-quantize: `x̂ = T(clamp(rint(x ⊘ S) + Z, qmin, qmax) − Z) ⊗ S`.
//!
//! No code is made, and Z is never added: `r = rint(x ⊘ S)` comes from `divide.rs`, right as far as
//! there are codes, and `clamp(r, qmin − Z, qmax − Z)` is the integer that `dequantize.rs` would
//! convert. It is below 2²⁵ and may not be a float, as `T(q − Z)` there: one rounding, then that of
//! the product. What is too low, and NaN, comes from `divide.rs` as an integer that is too low too.
//!
//! In place, no step overlaps another (`steps.rs`).

use core::marker::PhantomData;

use super::divide::Divide;
use super::steps::{Step, for_each_step, for_each_step_in_place};
use crate::element::Real;
use crate::engine::Stores;
use crate::params::Affine;
use crate::simd::{Elements, Kernel};

/// `dst[i] = dequantize(quantize(src[i]))`
pub(crate) struct FakeQuantize<'a, T: Real, D> {
    src: &'a [T],
    p: &'a Affine<T::Compute>,
    dst: &'a mut [T],
    stores: Stores,
    divide: PhantomData<D>,
}

impl<'a, T: Real, D> FakeQuantize<'a, T, D> {
    pub(crate) fn new(
        src: &'a [T],
        p: &'a Affine<T::Compute>,
        dst: &'a mut [T],
        stores: Stores,
    ) -> Self {
        Self { src, p, dst, stores, divide: PhantomData }
    }
}

impl<S: Elements<T>, T: Real, D: Divide<S, T::Compute>> Kernel<S> for FakeQuantize<'_, T, D> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let step = FakeQuantizeStep::<S, T, D>::new(s, self.p);
        for_each_step(s, &step, self.src, self.dst, self.stores);
    }
}

/// `x[i] = dequantize(quantize(x[i]))`
pub(crate) struct FakeQuantizeInPlace<'a, T: Real, D> {
    x: &'a mut [T],
    p: &'a Affine<T::Compute>,
    divide: PhantomData<D>,
}

impl<'a, T: Real, D> FakeQuantizeInPlace<'a, T, D> {
    pub(crate) fn new(x: &'a mut [T], p: &'a Affine<T::Compute>) -> Self {
        Self { x, p, divide: PhantomData }
    }
}

impl<S, T, D> Kernel<S> for FakeQuantizeInPlace<'_, T, D>
where
    S: Elements<T>,
    T: Real,
    D: Divide<S, T::Compute>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        for_each_step_in_place(s, &FakeQuantizeStep::<S, T, D>::new(s, self.p), self.x);
    }
}

struct FakeQuantizeStep<S: Elements<T>, T: Real, D> {
    divide: D,
    scale: S::V,
    /// `qmin − Z` and `qmax − Z`.
    least: S::I32,
    most: S::I32,
    real: PhantomData<T>,
}

impl<S: Elements<T>, T: Real, D: Divide<S, T::Compute>> FakeQuantizeStep<S, T, D> {
    #[inline(always)]
    fn new(s: S, p: &Affine<T::Compute>) -> Self {
        let (least, most) = (p.qmin - p.zero_point, p.qmax - p.zero_point);
        Self {
            divide: D::new(s, p, least, most),
            scale: s.splat(p.scale),
            least: s.i32_splat(least),
            most: s.i32_splat(most),
            real: PhantomData,
        }
    }
}

impl<S: Elements<T>, T: Real, D: Divide<S, T::Compute>> Step<S> for FakeQuantizeStep<S, T, D> {
    type Src = T;
    type Dst = T;
    type Loaded = [S::V; 4];
    type Begun = [S::V; 4];
    type Result = [S::V; 4];

    #[inline(always)]
    fn load(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_part(s, src, T::zeroed())
    }

    #[inline(always)]
    fn begin(&self, s: S, mut x: [S::V; 4]) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = self.divide.quotient(s, x[group]);
        }
        x
    }

    #[inline(always)]
    fn finish(&self, s: S, mut x: [S::V; 4]) -> [S::V; 4] {
        for group in 0..4 {
            let mut r = s.i32_max(self.divide.round(s, x[group]), self.least);
            if !D::CAPPED {
                r = s.i32_min(r, self.most);
            }
            x[group] = s.mul(s.i32_to_real(r), self.scale);
        }
        x
    }

    #[inline(always)]
    fn store(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::store_step(s, x, dst);
    }
    #[inline(always)]
    fn store_part(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::store_part(s, x, dst);
    }
    #[inline(always)]
    fn stream(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::stream_step(s, x, dst);
    }
}
