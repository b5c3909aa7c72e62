//! The quotient `rint(x ⊘ S)`, by a division or by multiplications that are proved to give the same integer.
//!
//! # Rounding as the division does, without dividing
//!
//! Division is by far the slowest instruction of a quantization. Let the reciprocal be given as two numbers,
//! `h = T(1/S)` and `l = T(1/S − h)`. The quotient
//!
//! ```text
//! fma(x, h, x ⊗ l)
//! ```
//!
//! is not always `x ⊘ S`, but it rounds to the same *integer*. For a significand of p bits (24 or 53), a rounding has the
//! relative error u = 2⁻ᵖ:
//!
//! * Before the fma rounds, its sum differs from x/S by at most 2u² + u³ of x/S. It can round to another integer than
//!   the division only if a boundary of the rounding to p bits, next to some k + ½, is as near to x/S. Arithmetic lists
//!   all such pairs (x, S), six for each k. The example `prove_exact` derives the list, and compares the kernels with
//!   divisions at every pair up to k = 3255. The first difference is at k = 3432 (`f32`), k = 85 968 592 (`f64`).
//! * For `f32`, brute force confirms this without a list: for all 2²³ mantissas of S, at the five floats around every
//!   `(k + ½)·S` with k < 512. These floats are enough, since both quotients are monotone in x over |x| ≤ 2¹⁶·S. (From
//!   one float to the next, the exact product x·h rises by d ≥ u·x·h; the rounded `x ⊗ l` moves by at most 2u·d plus
//!   its own rounding, 2u²·x·h. The sum therefore rises, and the fma rounds it once.)
//! * Multiplying S and x by a power of two changes no mantissa while every intermediate is normal. If `l` is not 0, it
//!   is at least u²/S in magnitude, and at a step x is about S/2: the products are normal for every S, and h, l and x
//!   are normal, with room to spare, for 2⁻⁶⁴ ≤ S ≤ 2⁶⁴ (`f32`) and 2⁻²⁵⁶ ≤ S ≤ 2²⁵⁶ (`f64`). Nearer to 0 than half of
//!   the first step, x and its products may be subnormal, and flushed or not: both quotients round to 0.
//!
//! [`Affine`](crate::params::Affine) records whether S is within these bounds, and Z so small (3000) that no step of an
//! 8-bit code is beyond k = 3255. For `f64` the list extends to the steps of 16-bit codes, below k = 2²¹; `f32` has
//! another quotient for 16-bit codes (`divide_far.rs`). In all other cases [`ByDivision`] divides.
//!
//! # Beyond the steps
//!
//! Above the codes, x is first clamped to `x_max = most ⊗ S`. This product and its quotient each have an error of
//! little more than u: for an integer within ±3256, or for `f64` within ±2²¹, the error is far less than ½. The
//! quotient therefore rounds to `most`, and nothing overflows upwards. `min(x_max, x)` lets a NaN pass.
//!
//! Below the codes, the quotient may be anything: −inf; NaN, of x or of −inf + inf; even +inf, if only `x ⊗ l`
//! overflows. x86 converts each to the least integer, which is too low as well. Other converters keep +inf above, so
//! there x is clamped from below, too (`OVERFLOW_CONVERTS_TO_MIN`). A NaN ends as `qmin`, which is its definition.
//!
//! If every x is in the range from which the parameters were computed, as in the second pass of a dynamic quantization,
//! no quotient is beyond the codes, and nothing is clamped ([`Divide::InRange`]). The quotient is the same, so the
//! results of `prove_exact` for the clamped kernels hold for the unclamped ones.

use super::operation::Place;
use super::table::Table;
use crate::element::Compute;
use crate::simd::{FloatOps, FmaOps, Load, Store};

/// A way to compute `rint(x ⊘ S)`, with the parameters of one slice or with a slice for each lane.
pub(crate) trait Divide<S: FloatOps<T>, T: Compute>: Copy {
    /// Says whether Z and all integers that matter fit 16 bits with room to spare.
    const NARROW: bool = false;

    /// Says whether `round` is never above `qmax − Z`.
    const CAPPED: bool = false;

    /// Says whether `round` is always near the range from `qmin − Z` to `qmax − Z`.
    const IN_RANGE: bool = false;

    /// Says whether [`prepare`](Self::prepare) computes the reciprocals of a table.
    const INVERTS: bool = false;

    /// The division for numbers that lie in the range from which the parameters were computed.
    type InRange: Divide<S, T>;

    /// Returns `width ⊘ n`, where n is 2ᵇ − 1, b from 1 to 8. If the quotient is outside the guard, the result may be
    /// any number outside the guard, or NaN.
    #[inline(always)]
    fn scale(s: S, width: S::V, n: T) -> S::V {
        s.div(width, s.splat(n))
    }

    /// Computes the fields of the table that [`of`](Self::of) reads, for a register of slices from `at` on.
    #[inline(always)]
    fn prepare<const N: usize>(_s: S, _table: &mut Table<T, N>, _at: usize) {}

    /// Returns the division by the scales of a prepared table.
    fn of<const N: usize>(s: S, table: &Table<T, N>, at: impl Place<S>) -> Self;

    /// Returns x ⊘ S, or a number that rounds to the same integer: the argument of [`round`](Self::round).
    fn quotient(self, s: S, x: S::V) -> S::V;

    /// Returns `rint(x ⊘ S)` in every lane where it is from `qmin − Z` to `qmax − Z`. For lower quotients and NaN, the
    /// result is some integer that is too low; for higher ones, `qmax − Z` or some integer that is too high.
    fn round(self, s: S, quotient: S::V) -> S::I32;
}

/// Multiplies by the two-term reciprocal; x is not clamped if it is `IN_RANGE`.
#[derive(Clone, Copy)]
pub(crate) struct ByReciprocal<S: FloatOps<T>, T: Compute, const IN_RANGE: bool = false> {
    recip: S::V,
    recip_err: S::V,
    /// The bounds that x is clamped to: `x_max`, and `x_min` if `OVERFLOW_CONVERTS_TO_MIN` is false.
    x_max: S::V,
    x_min: S::V,
    /// The integer one below the least integer that matters.
    code_floor: S::V,
}

impl<S: FmaOps<T>, T: Compute, const IN_RANGE: bool> Divide<S, T> for ByReciprocal<S, T, IN_RANGE> {
    const NARROW: bool = true;
    // `quotient` clamps x from above.
    const CAPPED: bool = !IN_RANGE;
    const IN_RANGE: bool = IN_RANGE;
    const INVERTS: bool = true;
    type InRange = ByReciprocal<S, T, true>;

    #[inline(always)]
    fn scale(s: S, width: S::V, n: T) -> S::V {
        s.div_by(width, s.splat(n), s.splat(T::ONE / n))
    }

    #[inline(always)]
    fn prepare<const N: usize>(s: S, table: &mut Table<T, N>, at: usize) {
        let scale = Load::load(s, &table.scale[at..]);
        let one = s.splat(T::ONE);
        let recip = s.div(one, scale);
        let left = s.mul_add(s.sub(s.splat(T::ZERO), scale), recip, one);
        recip.store(s, &mut table.recip[at..]);
        s.div_by(left, scale, recip).store(s, &mut table.recip_err[at..]);
        if !(IN_RANGE && S::OVERFLOW_CONVERTS_TO_MIN) {
            prepare_bounds(s, table, at);
        }
        if !S::OVERFLOW_CONVERTS_TO_MIN {
            let floor = Load::load(s, &table.code_floor[at..]);
            s.mul(floor, scale).store(s, &mut table.x_min[at..]);
        }
    }

    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Table<T, N>, at: impl Place<S>) -> Self {
        let code_floor = at.floats(s, &table.code_floor);
        Self {
            recip: at.floats(s, &table.recip),
            recip_err: at.floats(s, &table.recip_err),
            x_max: if IN_RANGE { code_floor } else { at.floats(s, &table.x_max) },
            x_min: if IN_RANGE || S::OVERFLOW_CONVERTS_TO_MIN {
                code_floor
            } else {
                at.floats(s, &table.x_min)
            },
            code_floor,
        }
    }

    #[inline(always)]
    fn quotient(self, s: S, x: S::V) -> S::V {
        let mut x = x;
        if !IN_RANGE {
            x = s.min(self.x_max, x);
            if !S::OVERFLOW_CONVERTS_TO_MIN {
                x = s.max(self.x_min, x);
            }
        }
        s.mul_add(x, self.recip, s.mul(x, self.recip_err))
    }

    #[inline(always)]
    fn round(self, s: S, quotient: S::V) -> S::I32 {
        s.to_i32_nearest(quotient, self.code_floor)
    }
}

/// Computes the upper bound of x, and the integer below which no result matters.
#[inline(always)]
pub(super) fn prepare_bounds<S: FloatOps<T>, T: Compute, const N: usize>(
    s: S,
    table: &mut Table<T, N>,
    at: usize,
) {
    let scale = Load::load(s, &table.scale[at..]);
    let z = Load::load(s, &table.zero_point[at..]);
    let most = s.i32_sub(Load::load(s, &table.qmax[at..]), z);
    let floor = s.i32_sub(Load::load(s, &table.qmin[at..]), z);
    let floor = s.i32_to_real(s.i32_sub(floor, s.i32_splat(1)));
    s.mul(s.i32_to_real(most), scale).store(s, &mut table.x_max[at..]);
    floor.store(s, &mut table.code_floor[at..]);
}

/// Divides, for any parameters, on any instruction set.
#[derive(Clone, Copy)]
pub(crate) struct ByDivision<S: FloatOps<T>, T: Compute> {
    scale: S::V,
    low: S::V,
    high: S::V,
}

impl<S: FloatOps<T>, T: Compute> Divide<S, T> for ByDivision<S, T> {
    type InRange = Self;

    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Table<T, N>, at: impl Place<S>) -> Self {
        // 2²⁵ is beyond every code, whatever Z is, and far from overflow once Z is added.
        const BEYOND: i32 = 1 << 25;
        Self {
            scale: at.floats(s, &table.scale),
            low: s.splat(T::from_i32(-BEYOND)),
            high: s.splat(T::from_i32(BEYOND)),
        }
    }

    #[inline(always)]
    fn quotient(self, s: S, x: S::V) -> S::V {
        s.max(s.min(self.high, s.div(x, self.scale)), self.low)
    }

    #[inline(always)]
    fn round(self, s: S, quotient: S::V) -> S::I32 {
        s.to_i32_nearest(quotient, self.low)
    }
}
