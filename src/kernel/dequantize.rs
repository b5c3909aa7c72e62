//! Dequantize: `x̂ = T(q − Z) ⊗ S`.
//!
//! The integer difference is exact, and its conversion rounds at most once (not at all below 2²⁴); the multiplication
//! rounds once. Every instruction set therefore gives the result of the formula, without a proof.

use core::marker::PhantomData;

use super::operation::{Operation, Place};
use super::table::Table;
use crate::element::{Code, Real};
use crate::params::Affine;
use crate::simd::{Elements, Load, Simd};

/// Computes `dst[i] = dequantize(src[i])`, from codes of 8 or 16 bits. Z is 0 if `SHIFTED` is false.
pub(crate) struct Dequantize<T, Q, const SHIFTED: bool = true>(PhantomData<(T, Q)>);

impl<S, T, Q, const SHIFTED: bool> Operation<S> for Dequantize<T, Q, SHIFTED>
where
    S: Elements<T> + Simd<I32: Load<S, Q>>,
    T: Real,
    Q: Code,
{
    type Src = Q;
    type In = S::I32;
    type Dst = T;
    type Out = [S::V; 4];
    type Parameter = Affine<T::Compute>;
    /// The zero points Z and the scales S of a step.
    type Params = ([S::I32; 4], [S::V; 4]);
    type Limits = ();
    type Begun = [S::V; 4];

    #[inline(always)]
    fn params<const N: usize>(
        s: S,
        table: &Table<T::Compute, N>,
        at: [impl Place<S>; 4],
    ) -> Self::Params {
        let mut z = [at[0].ints(s, &table.zero_point); 4];
        let mut scale = [at[0].floats(s, &table.scale); 4];
        for group in 1..4 {
            z[group] = at[group].ints(s, &table.zero_point);
            scale[group] = at[group].floats(s, &table.scale);
        }
        (z, scale)
    }

    #[inline(always)]
    fn limits<const N: usize>(_: S, _: &Table<T::Compute, N>, _: [impl Place<S>; 4]) {}

    #[inline(always)]
    fn begin(s: S, q: [S::I32; 4], (z, scale): &Self::Params) -> [S::V; 4] {
        let mut x = *scale;
        for group in 0..4 {
            let q = if SHIFTED { s.i32_sub(q[group], z[group]) } else { q[group] };
            x[group] = s.i32_to_real(q);
        }
        x
    }

    #[inline(always)]
    fn finish(s: S, mut x: [S::V; 4], (_, scale): &Self::Params, (): &()) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = s.mul(x[group], scale[group]);
        }
        x
    }
}
