//! Fake-quantize, each column with parameters of its own: the integers of `../fake_quantize.rs`.

use core::marker::PhantomData;

use super::super::table::DivideEach;
use super::codes::{ParamsOfStep, params_of_step};
use super::{Affines, RowOperation, RowStep};
use crate::element::{Compute, Real};
use crate::simd::{Elements, Floats};

/// `dst[i] = dequantize(quantize(src[i]))`, by the division `D`
pub(crate) struct FakeQuantizeRows<T, D>(PhantomData<(T, D)>);

impl<T: Real, D> RowOperation for FakeQuantizeRows<T, D> {
    type Columns = Affines<T::Compute>;
    type Src = T;
    type Dst = T;
}

impl<S, T, D> RowStep<S> for FakeQuantizeRows<T, D>
where
    S: Elements<T>,
    T: Real,
    D: DivideEach<S, T::Compute>,
{
    type Loaded = [S::V; 4];
    type Params = (ParamsOfStep<S::I32, D>, [S::V; 4]);
    type Result = [S::V; 4];

    #[inline(always)]
    fn prepare(s: S, columns: &mut Affines<T::Compute>) {
        columns.prepare::<S, D>(s);
    }
    #[inline(always)]
    fn load(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_part(s, src, T::zeroed())
    }
    #[inline(always)]
    fn params(s: S, columns: &Affines<T::Compute>, at: [usize; 4]) -> Self::Params {
        let mut scale = [s.splat(T::Compute::ONE); 4];
        for group in 0..4 {
            scale[group] = Floats::<T::Compute>::load(s, &columns.table.scale[at[group]..]);
        }
        (params_of_step::<S, T, D>(s, columns, at), scale)
    }
    #[inline(always)]
    fn apply(s: S, mut x: [S::V; 4], (params, scale): &Self::Params) -> [S::V; 4] {
        for group in 0..4 {
            let divide = params.divide[group];
            let mut r = divide.round(s, divide.quotient(s, x[group]));
            r = s.i32_max(r, params.least[group]);
            if !D::CAPPED {
                r = s.i32_min(r, params.most[group]);
            }
            x[group] = s.mul(s.i32_to_real(r), scale[group]);
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
