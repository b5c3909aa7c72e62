//! Integers of 32 bits.

use super::Simd;

/// The arithmetic of a fixed-point multiplication, in N lanes of `i32`.
pub(crate) trait I32Ops: Simd {
    fn i32_and(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Returns `⌊a / 2ⁿ⌋`; n is below 32.
    fn i32_shift_right(self, a: Self::I32, n: i32) -> Self::I32;
    /// Shifts left by a number for each lane.
    fn i32_shift_left_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// Shifts right by a number for each lane.
    fn i32_shift_right_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// Returns `⌊(a · b + 2³⁰) / 2³¹⌋` where b is not negative.
    fn i32_mul_high(self, a: Self::I32, b: Self::I32) -> Self::I32;

    instructions! { safe
        /// Returns `⌊a · m / 2³¹⁺ᵉ⌉`, rounded twice as `kernel/requantize.rs` says; m is not negative, e from 1 to 31.
        /// Lanes in which e is 0 may be anything.
        fn i32_mul_shift(self, a: Self::I32, m: Self::I32, e: Self::I32) -> Self::I32 = {
            let (x, one) = (self.i32_mul_high(a, m), self.i32_splat(1));
            let y = self.i32_add(x, self.i32_shift_right(x, 31));
            let doubled = self.i32_shift_right_by(y, self.i32_sub(e, one));
            self.i32_shift_right(self.i32_add(doubled, one), 1)
        };
    }
}
