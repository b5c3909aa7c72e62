//! Floats as the integers that their bits are.

use super::{FloatOps, Simd};
use crate::element::Real;

/// A float of at most 32 bits.
pub(crate) trait FromBits: Real {
    /// The bits of +inf.
    const INFINITY_BITS: u32;
    /// The sign's bit.
    const SIGN_BIT: u32;

    /// Returns the number with these bits; bits that the type does not have are dropped.
    fn from_low_bits(bits: u32) -> Self::Compute;
}

impl FromBits for f32 {
    const INFINITY_BITS: u32 = f32::INFINITY.to_bits();
    const SIGN_BIT: u32 = 1 << 31;

    #[inline(always)]
    fn from_low_bits(bits: u32) -> f32 {
        f32::from_bits(bits)
    }
}

/// Numbers `T` as integers of as many bits, in registers that they fill.
pub(crate) trait FloatBits<T: FromBits>: Simd {
    /// A register of integers.
    type Ints: Copy;

    /// The number of integers that a register holds.
    const INTS: usize;

    /// Reads the bits of the numbers at the front of `src`.
    fn load_bits(self, src: &[T]) -> Self::Ints;
    /// Reads the bits of all of `src`, shorter than four registers, in the places of [`part`](super::part); other lanes
    /// are the bits of `fill`.
    fn load_bits_part(self, src: &[T], fill: T) -> [Self::Ints; 4];
    /// Returns the low bits of an integer, in every lane.
    fn bits_splat(self, bits: u32) -> Self::Ints;
    /// Returns `−1 − n`, which is negative where n is not.
    fn bits_not(self, n: Self::Ints) -> Self::Ints;

    /// Returns the lesser integers, both read as signed.
    fn signed_min(self, a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// Returns the greater integers, both read as signed.
    fn signed_max(self, a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// Returns the greater integers, both read as unsigned.
    fn unsigned_max(self, a: Self::Ints, b: Self::Ints) -> Self::Ints;

    fn any_negative(self, n: Self::Ints) -> bool;
    fn signed_least(self, n: Self::Ints) -> i32;
    fn signed_greatest(self, n: Self::Ints) -> i32;
    fn unsigned_greatest(self, n: Self::Ints) -> u32;
}

/// Operations that [`FloatBits`] needs for `f32`, beyond those of [`Simd`].
pub(crate) trait LongBits: FloatOps<f32> {
    /// Returns the same bits as integers.
    fn to_bits(self, v: Self::V) -> Self::I32;
    /// Returns the greater integers, both read as unsigned.
    fn u32_max(self, a: Self::I32, b: Self::I32) -> Self::I32;
    fn i32_any_negative(self, n: Self::I32) -> bool;
    /// Returns the least lane.
    fn i32_least(self, n: Self::I32) -> i32;
    /// Returns the greatest lane.
    fn i32_greatest(self, n: Self::I32) -> i32;
    /// Returns the greatest lane, read as unsigned.
    fn u32_greatest(self, n: Self::I32) -> u32;
}

instructions! { safe
    impl<S: LongBits> FloatBits<f32> for S {
        type Ints = S::I32;
        const INTS: usize = S::LANES;
        fn load_bits(self, src: &[f32]) -> S::I32 = self.to_bits(self.load(src));
        fn load_bits_part(self, src: &[f32], fill: f32) -> [S::I32; 4] = {
            let [a, b, c, d] = self.load_part(src, fill);
            [self.to_bits(a), self.to_bits(b), self.to_bits(c), self.to_bits(d)]
        };
        fn bits_splat(self, bits: u32) -> S::I32 = self.i32_splat(bits as i32);
        fn bits_not(self, n: S::I32) -> S::I32 = self.i32_sub(self.i32_splat(-1), n);
        fn signed_min(self, a: S::I32, b: S::I32) -> S::I32 = self.i32_min(a, b);
        fn signed_max(self, a: S::I32, b: S::I32) -> S::I32 = self.i32_max(a, b);
        fn unsigned_max(self, a: S::I32, b: S::I32) -> S::I32 = self.u32_max(a, b);
        fn any_negative(self, n: S::I32) -> bool = self.i32_any_negative(n);
        fn signed_least(self, n: S::I32) -> i32 = self.i32_least(n);
        fn signed_greatest(self, n: S::I32) -> i32 = self.i32_greatest(n);
        fn unsigned_greatest(self, n: S::I32) -> u32 = self.u32_greatest(n);
    }
}
