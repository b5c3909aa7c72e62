//! Quantize to 16 bits: `q = clamp(rint(x ⊘ S) + Z, qmin, qmax)`.
//!
//! The rounded quotient is right wherever there are codes (`divide_far.rs`, `divide.rs`). Z is added in 32 bits, and
//! saturation to 16 bits clamps to the codes of the type without an instruction of its own.
//!
//! A number below every code may have become any low integer, down to −2³¹, which would wrap when a negative Z is
//! added. In this case the integers are clamped first, as they also are if only a part of the codes is allowed. Above,
//! nothing wraps: the integer is at most `qmax − Z`, or 2²⁵ from a division, or next to a known range.

use core::marker::PhantomData;

use super::divide::Divide;
use super::integers::Integer;
use super::operation::{Operation, Place};
use super::table::Table;
use crate::element::{Code, Number, Real};
use crate::params::Affine;
use crate::simd::{Elements, WordOps};

/// Computes `dst[i] = quantize(src[i])`, to codes of 16 bits, by the division `D`.
///
/// Without `CLAMP` every code of the type is allowed, and no Z is negative.
pub(crate) struct QuantizeWords<T, Q, D, const CLAMP: bool = true>(PhantomData<(T, Q, D)>);

impl<S, T, Q, D, const CLAMP: bool> Operation<S> for QuantizeWords<T, Q, D, CLAMP>
where
    S: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    type Src = T;
    type In = S::V;
    type Dst = Q;
    type Out = [S::I16; 2];
    type Parameter = Affine<T::Compute>;
    /// The parameters of the division, and Z.
    type Params = ([Integer<S, T::Compute, D>; 4], [S::I32; 4]);
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
        let mut z = [s.i32_splat(0); 4];
        for group in 0..4 {
            z[group] = at[group].ints(s, &table.zero_point);
        }
        (Integer::of_step(s, table, at), z)
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
    fn finish(s: S, quotient: [S::V; 4], (p, z): &Self::Params, (): &()) -> [S::I16; 2] {
        let mut n = *z;
        for group in 0..4 {
            let r = if CLAMP {
                p[group].clamped(s, quotient[group])
            } else {
                p[group].divide.round(s, quotient[group])
            };
            n[group] = s.i32_add(r, z[group]);
        }
        s.pack_words(n)
    }
}
