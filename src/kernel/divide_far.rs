//! The quotient `rint(x ⊘ S)` for `f32`, exact as far as the codes of 16 bits, by Markstein's correction.
//!
//! The quotient of two terms (`divide.rs`) is wrong at the steps of 16-bit codes: first at k = 3432, for `S =
//! 0x1.5a1ffep+0` and `x = 0x1.220eap+12`. A further operation corrects a quotient by its remainder, with `h = T(1/S)`:
//!
//! ```text
//! q₀ = x ⊗ h
//! q  = fma(fma(−q₀, S, x), h, q₀)
//! ```
//!
//! # Why it rounds to the same integer as the division
//!
//! Let u = 2⁻²⁴ be the relative error of a rounding, `h = (1/S)·(1 + a)`, `q₀ = (x/S)·(1 + d)`, and `−d·x·(1 + e)` the
//! rounded remainder: |a| and |e| are at most u, |d| at most 2u + u². Before its last rounding, q is
//!
//! ```text
//! (x/S)·(1 + d − d·(1 + e)·(1 + a)) = (x/S)·(1 − d·(a + e + a·e))
//! ```
//!
//! and so has an error of at most E = (2u + u²)² of the quotient, 2⁻⁴⁶·(1 + u + u²/4). The division rounds x/S, the
//! kernel rounds a number so near to x/S, both to 24 bits and then to an integer. The integers can differ only if a
//! boundary of the rounding to 24 bits, next to some k + ½, is between the two numbers. Arithmetic lists all such pairs
//! (x, S), and the example `prove_exact` compares the kernels with divisions at each pair, for every threshold that
//! codes of 16 bits have with a zero point within ±2²⁰. [`Bits16`](crate::params::ExactFor::Bits16) is given for no
//! others. The proof does not need that q is monotone in x.
//!
//! Multiplying S and x by a power of two changes no mantissa while every intermediate is normal. At a step q₀ is ¼ or
//! more, and a remainder that is not 0 is a multiple of the product of the last places of q₀ and S, at least
//! 2⁻²⁵·2⁻²³·S: like h and q₀, it is normal for 2⁻⁶⁴ ≤ S ≤ 2⁶⁴. Nearer to 0 than half of the first step, x and the
//! remainder may be subnormal, and flushed to zero or not: q moves by at most 2⁻¹²⁶·h + 2⁻¹²⁶, and both quotients round
//! to 0.
//!
//! # Beyond the steps
//!
//! Above the codes, x is first clamped to `x_max = most ⊗ S`, where |most| < 2²¹. The errors of this product and its
//! quotient are together less than ¼ + 2⁻²³, so the quotient rounds to `most`. `min(x_max, x)` lets a NaN pass.
//!
//! Below the codes, x is not clamped on any instruction set, since every q converts to a low integer. If q₀ is finite,
//! q is within E of the quotient or, past the greatest number, −inf. If q₀ is −inf, the remainder is +inf for a finite
//! x and NaN for −inf, and q is NaN. Therefore q is never +inf. x86 converts numbers out of range to the least integer;
//! for other converters, the kernel first takes the greater of q and `code_floor`, which is not NaN. A NaN of x stays
//! NaN, and ends as `qmin`.

use super::divide::{Divide, prepare_bounds};
use super::operation::Place;
use super::table::Table;
use crate::simd::{FloatOps, FmaOps, Load, Store};

/// Multiplies by the reciprocal and corrects the quotient by its remainder; x is not clamped if it is `IN_RANGE`.
#[derive(Clone, Copy)]
pub(crate) struct ByMarkstein<S: FloatOps<f32>, const IN_RANGE: bool = false> {
    recip: S::V,
    minus_scale: S::V,
    /// The upper bound that x is clamped to.
    x_max: S::V,
    /// The integer one below the least integer that matters.
    code_floor: S::V,
}

impl<S: FmaOps<f32>, const IN_RANGE: bool> Divide<S, f32> for ByMarkstein<S, IN_RANGE> {
    // `quotient` clamps x from above.
    const CAPPED: bool = !IN_RANGE;
    const IN_RANGE: bool = IN_RANGE;
    type InRange = ByMarkstein<S, true>;

    #[inline(always)]
    fn prepare<const N: usize>(s: S, table: &mut Table<f32, N>, at: usize) {
        let scale = Load::load(s, &table.scale[at..]);
        s.div(s.splat(1.0), scale).store(s, &mut table.recip[at..]);
        prepare_bounds(s, table, at);
    }

    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Table<f32, N>, at: impl Place<S>) -> Self {
        Self {
            recip: at.floats(s, &table.recip),
            minus_scale: s.sub(s.splat(0.0), at.floats(s, &table.scale)),
            x_max: at.floats(s, &table.x_max),
            code_floor: at.floats(s, &table.code_floor),
        }
    }

    #[inline(always)]
    fn quotient(self, s: S, x: S::V) -> S::V {
        let x = if IN_RANGE { x } else { s.min(self.x_max, x) };
        s.corrected_quotient(x, self.minus_scale, self.recip)
    }

    #[inline(always)]
    fn round(self, s: S, quotient: S::V) -> S::I32 {
        s.to_i32_nearest(quotient, self.code_floor)
    }
}
