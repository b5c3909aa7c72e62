//! Fake-quantize: `x̂ = T(clamp(rint(x ⊘ S) + Z, qmin, qmax) − Z) ⊗ S`.
//!
//! No code is made, and Z is never added: `r = rint(x ⊘ S)` is right wherever there are codes (`divide.rs`), and
//! `clamp(r, qmin − Z, qmax − Z)` is the integer that `dequantize.rs` would convert. The integer is below 2²⁵ and may
//! not be a float, so it is rounded once by the conversion and once by the product, as in `dequantize.rs`. For a number
//! that is too low, and for NaN, r is an integer that is too low, too.

use core::marker::PhantomData;

use super::divide::Divide;
use super::integers::Integer;
use super::operation::{Operation, Place};
use super::table::Table;
use crate::element::{Number, Real};
use crate::params::Affine;
use crate::simd::Elements;

/// Computes `dst[i] = dequantize(quantize(src[i]))`, by the division `D`.
pub(crate) struct FakeQuantize<T, D>(PhantomData<(T, D)>);

impl<S, T, D> Operation<S> for FakeQuantize<T, D>
where
    S: Elements<T>,
    T: Real,
    D: Divide<S, T::Compute>,
{
    type Src = T;
    type In = S::V;
    type Dst = T;
    type Out = [S::V; 4];
    type Parameter = Affine<T::Compute>;
    /// The parameters of the division, and the scale.
    type Params = ([Integer<S, T::Compute, D>; 4], [S::V; 4]);
    type Limits = ();
    type Begun = [S::V; 4];
    const STREAMS: bool = T::Compute::SQUARE_FITS_F64;

    #[inline(always)]
    fn prepare<const N: usize>(s: S, table: &mut Table<T::Compute, N>) {
        table.prepare::<S, D>(s);
    }

    #[inline(always)]
    fn params<const N: usize>(
        s: S,
        table: &Table<T::Compute, N>,
        at: [impl Place<S>; 4],
    ) -> Self::Params {
        let mut scale = [at[0].floats(s, &table.scale); 4];
        for group in 1..4 {
            scale[group] = at[group].floats(s, &table.scale);
        }
        (Integer::of_step(s, table, at), scale)
    }

    #[inline(always)]
    fn limits<const N: usize>(_: S, _: &Table<T::Compute, N>, _: [impl Place<S>; 4]) {}

    #[inline(always)]
    fn begin(s: S, mut x: [S::V; 4], (p, _): &Self::Params) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = p[group].divide.quotient(s, x[group]);
        }
        x
    }

    #[inline(always)]
    fn finish(s: S, mut x: [S::V; 4], (p, scale): &Self::Params, (): &()) -> [S::V; 4] {
        for group in 0..4 {
            let r = p[group].clamped(s, x[group]);
            x[group] = s.mul(s.i32_to_real(r), scale[group]);
        }
        x
    }
}
