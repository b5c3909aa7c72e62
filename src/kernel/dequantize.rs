//! Dequantize: `x̂ = T(q − Z) ⊗ S`.
//!
//! The integer difference is exact, and converted with one rounding at most (none below 2²⁴); the
//! multiplication rounds once. So there is one result, and nothing to prove.

use core::marker::PhantomData;

use super::steps::{Step, for_each_step};
use crate::element::{Code, Real};
use crate::engine::Stores;
use crate::params::Affine;
use crate::simd::{Elements, Kernel, Stored};

/// `dst[i] = dequantize(src[i])`
pub(crate) struct Dequantize<'a, T: Real, Q> {
    pub(crate) src: &'a [Q],
    pub(crate) p: &'a Affine<T::Compute>,
    pub(crate) dst: &'a mut [T],
    pub(crate) stores: Stores,
}

impl<S, T, Q> Kernel<S> for Dequantize<'_, T, Q>
where
    S: Elements<T> + Stored<Q>,
    T: Real,
    Q: Code,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let step = DequantizeStep::<S, T, Q>::of(s, self.p.scale, self.p.zero_point);
        for_each_step(s, &step, self.src, self.dst, self.stores);
    }
}

pub(super) struct DequantizeStep<S: Elements<T>, T: Real, Q> {
    scale: S::V,
    z: S::I32,
    code: PhantomData<Q>,
}

impl<S: Elements<T>, T: Real, Q> DequantizeStep<S, T, Q> {
    #[inline(always)]
    pub(super) fn of(s: S, scale: T::Compute, zero_point: i32) -> Self {
        Self { scale: s.splat(scale), z: s.i32_splat(zero_point), code: PhantomData }
    }
}

impl<S, T, Q> Step<S> for DequantizeStep<S, T, Q>
where
    S: Elements<T> + Stored<Q>,
    T: Real,
    Q: Code,
{
    type Src = Q;
    type Dst = T;
    type Loaded = [S::I32; 4];
    type Begun = [S::V; 4];
    type Result = [S::V; 4];

    #[inline(always)]
    fn load(s: S, src: &[Q]) -> [S::I32; 4] {
        s.load_codes(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[Q]) -> [S::I32; 4] {
        s.load_codes_part(src)
    }

    #[inline(always)]
    fn begin(&self, s: S, q: [S::I32; 4]) -> [S::V; 4] {
        let mut x = [self.scale; 4];
        for group in 0..4 {
            x[group] = s.i32_to_real(s.i32_sub(q[group], self.z));
        }
        x
    }

    #[inline(always)]
    fn finish(&self, s: S, mut x: [S::V; 4]) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = s.mul(x[group], self.scale);
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
