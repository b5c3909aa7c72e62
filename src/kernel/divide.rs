//! `rint(x ⊘ S)`, by dividing, or by multiplying with a proof that it comes to the same.
//!
//! # Rounding as the division does, without dividing
//!
//! Division is by far the slowest instruction of a quantization. Let the reciprocal be given as two
//! numbers, `h = T(1/S)` and `l = T(1/S − h)`. The quotient
//!
//! ```text
//! fma(x, h, x ⊗ l)
//! ```
//!
//! is not always `x ⊘ S`, but it rounds to the same *integer*. Why, for a significand of p bits (24 or
//! 53) and so a relative error u = 2⁻ᵖ of a rounding:
//!
//! * Before the fma rounds, it has x/S but for 2u² + u³ of it. So it can round to another integer than
//!   the division only if a boundary of the rounding to p bits, next to some k + ½, is as near to x/S.
//!   Arithmetic lists all such pairs (x, S), six for each k. The example `prove_exact` derives the list, and compares the
//!   kernels with divisions at every pair up to k = 3255. The first difference of all is at
//!   k = 3432 for `f32`, at k = 85 968 592 for `f64`.
//! * For `f32`, brute force says the same without a list: for all 2²³ mantissas of S, at the five
//!   floats around every `(k + ½)·S` with k < 512. That is enough, since both quotients are monotone
//!   in x over |x| ≤ 2¹⁶·S. (From one float to the next, the exact product x·h rises by
//!   d ≥ u·x·h; the rounded `x ⊗ l` moves by at most 2u·d and its own rounding, 2u²·x·h. So the sum
//!   rises, and the fma rounds it once.)
//! * Multiplying S and x by a power of two changes no mantissa while every intermediate is normal.
//!   Where `l` is not 0, it is at least u²/S in magnitude, and at a step x is S/2 or nearly: so the
//!   products are normal whatever S is, and h, l and x are for 2⁻⁶⁴ ≤ S ≤ 2⁶⁴ (`f32`) and
//!   2⁻²⁵⁶ ≤ S ≤ 2²⁵⁶ (`f64`), with room to spare. Nearer to 0 than half of the first step, x and
//!   its products may be subnormal, and flushed to zero or not: both quotients round to 0.
//!
//! [`Affine`] knows whether S is in those bounds, and Z so small (3000) that no 8-bit code's step
//! lies beyond k = 3255. For `f64` the list goes on to the steps of 16-bit codes, below k = 2²¹; for
//! `f32` those have a quotient of their own (`divide_far.rs`). Elsewhere [`ByDivision`] divides.
//!
//! # Beyond the steps
//!
//! Above: x is first clamped to `hi = most ⊗ S`. That product and its quotient are off by u each, and
//! by little more; of an integer within ±3256, or for `f64` within ±2²¹, that is far less than ½, so
//! the quotient rounds to `most`, and nothing overflows upwards. `min(hi, x)` lets a NaN pass.
//!
//! Below, the quotient may be anything: −inf; NaN, of x or of −inf + inf; even +inf, where only
//! `x ⊗ l` overflows. x86 converts every one of them to the least integer, which is too low as well.
//! Other converters keep +inf above, so there x is clamped from below too (`OVERFLOW_IS_LOW`). A NaN
//! ends as `qmin`, which is its definition.
//!
//! Where every x is known to lie in the range that the parameters were made for, as in the second pass
//! of a dynamic quantization, none of this can happen, and nothing is clamped ([`Divide::Within`]). The
//! quotient is the same, so what `prove_exact` shows of the clamped kernels holds here.

use core::marker::PhantomData;

use crate::element::Compute;
use crate::params::{Affine, Proved};
use crate::simd::{Floats, Fused};

/// A way to compute `rint(x ⊘ S)`.
pub(crate) trait Divide<S, T>: Copy {
    /// Whether Z and the integers that matter fit 16 bits with room to spare.
    const NARROW: bool;

    /// Whether `round` is never above `most`.
    const CAPPED: bool;

    /// Whether `round` is always near the range from `least` to `most`.
    const WITHIN: bool;

    /// The same for numbers that are known to lie in the range that the parameters were made for.
    type Within: Divide<S, T>;

    /// For the parameters `p`, where integers from `least` to `most` are of interest.
    fn new(s: S, p: &Affine<T>, least: i32, most: i32) -> Self;

    /// What [`round`](Self::round) takes: x ⊘ S, or what rounds to the same.
    fn quotient(self, s: S, x: S::V) -> S::V
    where
        S: Floats<T>,
        T: Compute;

    /// `rint(x ⊘ S)` in every lane, if it is from `least` to `most`. Below, and for NaN, some integer
    /// that is too low as well; above, `most` or some integer that is too high as well.
    fn round(self, s: S, quotient: S::V) -> S::I32
    where
        S: Floats<T>,
        T: Compute;
}

/// Multiplies by the two-term reciprocal; where x is `WITHIN` a known range, without a clamp.
pub(crate) struct ByReciprocal<S: Floats<T>, T: Compute, const WITHIN: bool = false> {
    pub(super) high: S::V,
    pub(super) low: S::V,
    /// What x is clamped to: `hi`, and `lo` where that is needed.
    pub(super) hi: S::V,
    pub(super) lo: S::V,
    /// One below the least integer of interest.
    pub(super) below: S::V,
}

impl<S: Floats<T>, T: Compute, const WITHIN: bool> Clone for ByReciprocal<S, T, WITHIN> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Floats<T>, T: Compute, const WITHIN: bool> Copy for ByReciprocal<S, T, WITHIN> {}

impl<S: Fused<T>, T: Compute, const WITHIN: bool> Divide<S, T> for ByReciprocal<S, T, WITHIN> {
    const NARROW: bool = true;
    // x is clamped from above.
    const CAPPED: bool = !WITHIN;
    const WITHIN: bool = WITHIN;
    type Within = ByReciprocal<S, T, true>;

    #[inline(always)]
    fn new(s: S, p: &Affine<T>, least: i32, most: i32) -> Self {
        let reciprocal = p.reciprocal;
        let far = p.proved == Proved::Far && !T::HALF_THE_DIGITS;
        debug_assert!(p.proved == Proved::Near || far);
        Self {
            high: s.splat(reciprocal.high),
            low: s.splat(reciprocal.low),
            hi: s.splat(T::from_i32(most) * p.scale),
            lo: s.splat(T::from_i32(least - 1) * p.scale),
            below: s.splat(T::from_i32(least - 1)),
        }
    }

    #[inline(always)]
    fn quotient(self, s: S, x: S::V) -> S::V {
        let mut x = x;
        if !WITHIN {
            x = s.min(self.hi, x);
            if !S::OVERFLOW_IS_LOW {
                x = s.max(self.lo, x);
            }
        }
        s.mul_add(x, self.high, s.mul(x, self.low))
    }

    #[inline(always)]
    fn round(self, s: S, quotient: S::V) -> S::I32 {
        s.round_above(quotient, self.below)
    }
}

/// Divides: for any parameters, on any instruction set.
pub(crate) struct ByDivision<S: Floats<T>, T: Compute> {
    scale: S::V,
    low: S::V,
    high: S::V,
    data: PhantomData<T>,
}

impl<S: Floats<T>, T: Compute> Clone for ByDivision<S, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Floats<T>, T: Compute> Copy for ByDivision<S, T> {}

impl<S: Floats<T>, T: Compute> ByDivision<S, T> {
    /// By a scale for each lane.
    #[inline(always)]
    pub(super) fn by(s: S, scale: S::V) -> Self {
        // Beyond every code whatever Z is, and far from overflow once Z is added.
        const BEYOND: i32 = 1 << 25;
        Self {
            scale,
            low: s.splat(T::from_i32(-BEYOND)),
            high: s.splat(T::from_i32(BEYOND)),
            data: PhantomData,
        }
    }
}

impl<S: Floats<T>, T: Compute> Divide<S, T> for ByDivision<S, T> {
    const NARROW: bool = false;
    const CAPPED: bool = false;
    const WITHIN: bool = false;
    type Within = Self;

    #[inline(always)]
    fn new(s: S, p: &Affine<T>, _least: i32, _most: i32) -> Self {
        Self::by(s, s.splat(p.scale))
    }

    #[inline(always)]
    fn quotient(self, s: S, x: S::V) -> S::V {
        s.max(s.min(self.high, s.div(x, self.scale)), self.low)
    }

    #[inline(always)]
    fn round(self, s: S, quotient: S::V) -> S::I32 {
        s.round_above(quotient, self.low)
    }
}
