//! Integers of 32 bits: what is asked of them beyond codes.

use super::{Codes, LONGEST_STEP, Simd, part};
use crate::element::Code;

/// N lanes of `i32`: reading, and the arithmetic of a fixed-point multiplication.
pub(crate) trait Integers: Simd {
    fn i32_and(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// `a · 2ⁿ`, wraps; n is below 32.
    fn i32_shift_left(self, a: Self::I32, n: i32) -> Self::I32;
    /// `⌊a / 2ⁿ⌋`; n is below 32.
    fn i32_shift_right(self, a: Self::I32, n: i32) -> Self::I32;
    /// `i32_shift_left` by a number for each lane.
    fn i32_shift_left_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// `i32_shift_right` by a number for each lane.
    fn i32_shift_right_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// `⌊(a · b + 2³⁰) / 2³¹⌋` where b is not negative.
    fn i32_mul_high(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// `⌊a · m / 2³¹⁺ᵉ⌉`, rounded twice as `kernel/requantize.rs` says; m is not negative, e from 1 to 31.
    /// Where e is 0, whatever.
    #[inline(always)]
    fn i32_mul_shift(self, a: Self::I32, m: Self::I32, e: Self::I32) -> Self::I32 {
        let (x, one) = (self.i32_mul_high(a, m), self.i32_splat(1));
        let y = self.i32_add(x, self.i32_shift_right(x, 31));
        let doubled = self.i32_shift_right_by(y, self.i32_sub(e, one));
        self.i32_shift_right(self.i32_add(doubled, one), 1)
    }

    /// Reads a step from the front of `src`.
    #[inline(always)]
    fn i32_load_step(self, src: &[i32]) -> [Self::I32; 4] {
        let n = Self::LANES;
        let src = &src[..Self::STEP];
        [
            self.i32_load(src),
            self.i32_load(&src[n..]),
            self.i32_load(&src[2 * n..]),
            self.i32_load(&src[3 * n..]),
        ]
    }
    /// Reads all of `src`, shorter than a step, in the places of [`part`]; other lanes are 0.
    #[inline(always)]
    fn i32_load_part(self, src: &[i32]) -> [Self::I32; 4] {
        if Self::MASKS || src.len() < Self::LANES {
            let mut step = [0; LONGEST_STEP];
            step[..src.len()].copy_from_slice(src);
            return self.i32_load_step(&step);
        }
        let mut v = [self.i32_splat(0); 4];
        for group in 0..4 {
            v[group] = self.i32_load(&src[part(src.len(), group, Self::LANES)..]);
        }
        v
    }
}

/// Sums of codes.
pub(crate) trait AddCodes<Q: Code>: Codes<Q> {
    /// Adds every code of `src` to some lane, at most four codes of a step to each. These are whole steps,
    /// [`STEPS_IN_16_BITS`] at most.
    #[inline(always)]
    fn add_codes(self, sums: Self::I32, src: &[Q]) -> Self::I32 {
        let mut sums = sums;
        for step in src.chunks_exact(Self::STEP) {
            let q = self.load_codes(step);
            let (low, high) = (self.i32_add(q[0], q[1]), self.i32_add(q[2], q[3]));
            sums = self.i32_add(sums, self.i32_add(low, high));
        }
        sums
    }
}

/// Steps of which 16 bits hold the sum of two codes of 8 bits each, with either sign: 64 · 2 · 255 < 2¹⁵.
pub(crate) const STEPS_IN_16_BITS: usize = 64;
