//! Quantize: `q = clamp(rint(x ⊘ S) + Z, qmin, qmax)`.
//!
//! The rounded quotient is right wherever there are codes (`divide.rs`). Saturation then packs four registers of
//! integers into one of codes: first to 16 bits, where Z is added with saturation, then to 8. This clamps to the codes
//! of the type for free; a quotient that saturates at −32768 is still below every code when Z ≤ 3000 is added.
//!
//! If nothing can overflow, Z is added without saturation, which x86 does on more of its pipes: if all numbers are in a
//! known range, or if x is clamped from above and Z is not negative, which unsigned codes without a clamp promise. After
//! a division, Z may be as large as 2²⁴ and is added in 32 bits instead.
//!
//! Unsigned codes have kernels of their own. The kernels of signed codes, with the sign bits flipped, would give the same
//! codes, but the extra instruction costs 9 to 15 % of the time in the first cache of Zen 5.

use core::marker::PhantomData;

use super::divide::Divide;
use super::operation::{Operation, Place};
use super::table::Table;
use crate::element::{Code, Number, Real};
use crate::params::Affine;
use crate::simd::{ByteOps, Elements, Simd};

/// Computes `dst[i] = quantize(src[i])`, to codes of 8 bits, by the division `D`.
///
/// Without `SHIFT` every Z is 0; without `CLAMP` every code of the type is allowed, and Z of an unsigned type is not
/// negative.
pub(crate) struct Quantize<T, Q, D, const SHIFT: bool = true, const CLAMP: bool = true>(
    PhantomData<(T, Q, D)>,
);

/// The parameters of a step. Z is stored in the width in which it is added.
#[derive(Clone, Copy)]
pub(crate) struct Params<S: Simd, D> {
    divide: [D; 4],
    z16: [S::I16; 2],
    z32: [S::I32; 4],
}

impl<S, T, Q, D, const SHIFT: bool, const CLAMP: bool> Operation<S>
    for Quantize<T, Q, D, SHIFT, CLAMP>
where
    S: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    type Src = T;
    type In = S::V;
    type Dst = Q;
    type Out = S::Packed;
    type Parameter = Affine<T::Compute>;
    type Params = Params<S, D>;
    /// The registers of `qmin` and `qmax`.
    type Limits = [S::Packed; 2];
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
    ) -> Params<S, D> {
        let [a, b, c, d] = at;
        let mut p = Params {
            divide: [D::of(s, table, a); 4],
            z16: [s.i16_splat(0); 2],
            z32: [s.i32_splat(0); 4],
        };
        for group in 1..4 {
            p.divide[group] = D::of(s, table, at[group]);
        }
        if D::NARROW {
            let z = &table.zero_point;
            p.z16 = [Place::shorts([a, b], s, z), Place::shorts([c, d], s, z)];
        } else {
            for group in 0..4 {
                p.z32[group] = at[group].ints(s, &table.zero_point);
            }
        }
        p
    }

    #[inline(always)]
    fn limits<const N: usize>(
        s: S,
        table: &Table<T::Compute, N>,
        at: [impl Place<S>; 4],
    ) -> [S::Packed; 2] {
        [Place::codes(at, s, &table.qmin), Place::codes(at, s, &table.qmax)]
    }

    #[inline(always)]
    fn begin(s: S, mut x: [S::V; 4], p: &Params<S, D>) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = p.divide[group].quotient(s, x[group]);
        }
        x
    }

    #[inline(always)]
    fn finish(
        s: S,
        quotient: [S::V; 4],
        p: &Params<S, D>,
        [least, most]: &[S::Packed; 2],
    ) -> S::Packed {
        let mut n = p.z32;
        for group in 0..4 {
            n[group] = p.divide[group].round(s, quotient[group]);
            if SHIFT && !D::NARROW {
                n[group] = s.i32_add(n[group], p.z32[group]);
            }
        }
        let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
        if SHIFT && D::NARROW {
            for half in 0..2 {
                words[half] = if D::IN_RANGE || (D::CAPPED && !CLAMP && Q::MIN >= 0) {
                    s.i16_add(words[half], p.z16[half])
                } else {
                    s.i16_add_saturating(words[half], p.z16[half])
                };
            }
        }
        let mut q = s.pack(words);
        if CLAMP {
            q = s.max_code(q, *least);
            if !D::CAPPED {
                q = s.min_code(q, *most);
            }
        }
        q
    }
}
