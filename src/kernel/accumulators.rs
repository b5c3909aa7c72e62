//! Dequantize accumulators: `x̂ = T(q − Z) ⊗ S`, with q of 32 bits.
//!
//! `q − Z` need not fit 32 bits. So it is made in `f64`, in which q, Z and their difference, an integer
//! of 33 bits, are exact; converted to T, it is rounded once, as the integer would be. Where Z is 0,
//! q itself is converted, which rounds once too.

use core::marker::PhantomData;

use super::lanes::{Affines, RowOperation, RowStep};
use super::steps::{Step, for_each_step};
use crate::element::{Compute, Real};
use crate::engine::Stores;
use crate::params::Affine;
use crate::simd::{Elements, Floats, Integers, Kernel};

/// Registers of the type that `T` is computed in.
type V<S, T> = <S as Floats<<T as Real>::Compute>>::V;

/// `T(q − Z)`; without `SHIFTED`, Z is 0.
#[inline(always)]
fn difference<S, T, const SHIFTED: bool>(s: S, q: S::I32, z: <S as Floats<f64>>::V) -> V<S, T>
where
    S: Elements<T> + Floats<f64>,
    T: Real,
{
    if !SHIFTED {
        return Floats::<T::Compute>::i32_to_real(s, q);
    }
    let exact = Floats::<f64>::sub(s, Floats::<f64>::i32_to_real(s, q), z);
    Floats::<T::Compute>::f64_to_real(s, exact)
}

/// `dst[i] = dequantize(src[i])`; in `f64` the difference costs too little for a loop without it.
pub(crate) struct DequantizeAccumulators<'a, T: Real> {
    pub(crate) src: &'a [i32],
    pub(crate) p: &'a Affine<T::Compute>,
    pub(crate) dst: &'a mut [T],
    pub(crate) stores: Stores,
}

impl<S, T> Kernel<S> for DequantizeAccumulators<'_, T>
where
    S: Elements<T> + Floats<f64> + Integers,
    T: Real,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, p, dst, stores } = self;
        if p.zero_point == 0 && T::Compute::HALF_THE_DIGITS {
            for_each_step(s, &AccumulatorStep::<S, T, false>::new(s, p), src, dst, stores);
        } else {
            for_each_step(s, &AccumulatorStep::<S, T, true>::new(s, p), src, dst, stores);
        }
    }
}

struct AccumulatorStep<S, T, const SHIFTED: bool>
where
    S: Elements<T> + Floats<f64>,
    T: Real,
{
    scale: V<S, T>,
    z: <S as Floats<f64>>::V,
}

impl<S, T, const SHIFTED: bool> AccumulatorStep<S, T, SHIFTED>
where
    S: Elements<T> + Floats<f64>,
    T: Real,
{
    #[inline(always)]
    fn new(s: S, p: &Affine<T::Compute>) -> Self {
        Self {
            scale: Floats::<T::Compute>::splat(s, p.scale),
            z: Floats::<f64>::splat(s, f64::from(p.zero_point)),
        }
    }
}

impl<S, T, const SHIFTED: bool> Step<S> for AccumulatorStep<S, T, SHIFTED>
where
    S: Elements<T> + Floats<f64> + Integers,
    T: Real,
{
    type Src = i32;
    type Dst = T;
    type Loaded = [S::I32; 4];
    type Begun = [V<S, T>; 4];
    type Result = [V<S, T>; 4];

    #[inline(always)]
    fn load(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_step(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_part(src)
    }

    #[inline(always)]
    fn begin(&self, s: S, q: [S::I32; 4]) -> [V<S, T>; 4] {
        let mut x = [self.scale; 4];
        for group in 0..4 {
            x[group] = difference::<S, T, SHIFTED>(s, q[group], self.z);
        }
        x
    }

    #[inline(always)]
    fn finish(&self, s: S, mut x: [V<S, T>; 4]) -> [V<S, T>; 4] {
        for group in 0..4 {
            x[group] = Floats::<T::Compute>::mul(s, x[group], self.scale);
        }
        x
    }

    #[inline(always)]
    fn store(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::store_step(s, x, dst);
    }
    #[inline(always)]
    fn store_part(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::store_part(s, x, dst);
    }
    #[inline(always)]
    fn stream(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::stream_step(s, x, dst);
    }
}

/// The same where each column has parameters of its own; without `SHIFTED`, every Z is 0.
pub(crate) struct AccumulatorRows<T, const SHIFTED: bool>(PhantomData<T>);

impl<T: Real, const SHIFTED: bool> RowOperation for AccumulatorRows<T, SHIFTED> {
    type Columns = Affines<T::Compute>;
    type Src = i32;
    type Dst = T;
}

impl<S, T, const SHIFTED: bool> RowStep<S> for AccumulatorRows<T, SHIFTED>
where
    S: Elements<T> + Floats<f64> + Integers,
    T: Real,
{
    type Loaded = [S::I32; 4];
    type Params = ([<S as Floats<f64>>::V; 4], [V<S, T>; 4]);
    type Result = [V<S, T>; 4];

    #[inline(always)]
    fn prepare(_: S, _: &mut Affines<T::Compute>) {}
    #[inline(always)]
    fn load(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_step(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_part(src)
    }
    #[inline(always)]
    fn params(s: S, columns: &Affines<T::Compute>, at: [usize; 4]) -> Self::Params {
        let mut zero_point = [Floats::<f64>::splat(s, 0.0); 4];
        let mut scale = [Floats::<T::Compute>::splat(s, T::Compute::ZERO); 4];
        for group in 0..4 {
            let z = s.i32_load(&columns.table.zero_point[at[group]..]);
            zero_point[group] = Floats::<f64>::i32_to_real(s, z);
            scale[group] = Floats::<T::Compute>::load(s, &columns.table.scale[at[group]..]);
        }
        (zero_point, scale)
    }
    #[inline(always)]
    fn apply(s: S, q: [S::I32; 4], (zero_point, scale): &Self::Params) -> [V<S, T>; 4] {
        let mut x = *scale;
        for group in 0..4 {
            let n = difference::<S, T, SHIFTED>(s, q[group], zero_point[group]);
            x[group] = Floats::<T::Compute>::mul(s, n, scale[group]);
        }
        x
    }
    #[inline(always)]
    fn store(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::store_step(s, x, dst);
    }
    #[inline(always)]
    fn store_part(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::store_part(s, x, dst);
    }
    #[inline(always)]
    fn stream(s: S, x: [V<S, T>; 4], dst: &mut [T]) {
        Elements::<T>::stream_step(s, x, dst);
    }
}
