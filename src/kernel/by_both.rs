//! The range, by bits and by comparison at once, for AVX-512.
//!
//! The maximum is found among the bits, read as signed integers, as `min_max.rs` explains: once a non-negative number
//! was seen, one instruction finds it. The minimum is found among the floats. This divides the work between the units
//! of integers and of floats: for 512 bits, Intel's CPUs have one pipe for integers and two for floats, Zen 4 twice as
//! many for integers. (In the first two caches, both bounds by bits take half as long again on an Intel Xeon of 2023,
//! and both by comparison take half as long again on Zen 4.) A NaN is found by comparison; a positive NaN replaces the
//! maximum, so a piece with a NaN is reduced again.

use super::reduction::Reduction;
use crate::range::MinMax;
use crate::reference;
use crate::simd::LongBits;

/// Accumulates the maximum of the bits, as integers, and the minimum of the floats.
pub(crate) struct ByBoth<S: LongBits> {
    signed_max: [S::I32; 4],
    /// The least integers, which hold the maximum if all elements are negative.
    signed_min: [S::I32; 4],
    min: [S::V; 4],
    nan: [S::Flag; 2],
}

impl<S: LongBits> Reduction<S, f32> for ByBoth<S> {
    type Output = MinMax<f32>;
    type Register = S::V;
    const BY_BITS: bool = true;

    #[inline(always)]
    fn none(s: S) -> Self {
        Self {
            signed_max: [s.i32_splat(i32::MIN); 4],
            signed_min: [s.i32_splat(i32::MAX); 4],
            min: [s.splat(f32::INFINITY); 4],
            nan: [s.no_flag(); 2],
        }
    }

    #[inline(always)]
    fn take(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            let bits = s.to_bits(x[group]);
            self.signed_min[group] = s.i32_min(self.signed_min[group], bits);
        }
        self.take_settled(s, x);
    }

    #[inline(always)]
    fn is_settled(&self, s: S) -> bool {
        s.any_negative(s.bits_not(self.greatest(s)))
    }

    #[inline(always)]
    fn take_settled(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            self.signed_max[group] = s.i32_max(self.signed_max[group], s.to_bits(x[group]));
            self.min[group] = s.min_number(x[group], self.min[group]);
        }
        self.nan[0] = s.flag_nan(self.nan[0], x[0], x[1]);
        self.nan[1] = s.flag_nan(self.nan[1], x[2], x[3]);
    }

    #[inline(always)]
    fn finish(self, s: S) -> MinMax<f32> {
        let [a, b, c, d] = self.min;
        let min = s.to_bits(s.min(s.min(a, b), s.min(c, d)));
        let [a, b, c, d] = self.signed_min;
        let signed_min = s.i32_min(s.i32_min(a, b), s.i32_min(c, d));
        let signed_max = s.signed_greatest(self.greatest(s));
        let max = if signed_max >= 0 { signed_max } else { s.signed_least(signed_min) };
        // The lanes of `min` are numbers. Read as unsigned integers, the least of the negative ones is the greatest.
        let unsigned_max = s.unsigned_greatest(min);
        let min = if unsigned_max >> 31 != 0 { unsigned_max } else { s.signed_least(min) as u32 };
        reference::with_positive_zeros(MinMax {
            min: f32::from_bits(min),
            max: f32::from_bits(max as u32),
            has_nan: s.any_flag(self.nan[0]) | s.any_flag(self.nan[1]),
        })
    }
}

impl<S: LongBits> ByBoth<S> {
    /// Returns the greatest integers of the four registers, lane by lane.
    #[inline(always)]
    fn greatest(&self, s: S) -> S::I32 {
        let [a, b, c, d] = self.signed_max;
        s.i32_max(s.i32_max(a, b), s.i32_max(c, d))
    }
}
