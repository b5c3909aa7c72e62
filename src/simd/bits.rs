//! Floats read as the integers of their bits.

#[cfg(target_arch = "x86_64")]
use super::FloatOps;
use super::{Load, Simd};
use crate::element::Real;

/// A float of at most 32 bits, with its bits.
pub(crate) trait FromBits: Real {
    /// The bits of +inf.
    const INFINITY_BITS: u32;
    /// The bit of the sign.
    const SIGN_BIT: u32;

    /// Returns the number with these bits; bits beyond the width of the type are dropped.
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

/// Operations on numbers `T` that are read as integers of the same width, in full registers.
pub(crate) trait FloatBits<T: FromBits>: Simd {
    /// A register of integers.
    type Ints: Load<Self, T>;

    /// Returns the low bits of an integer in every lane.
    fn bits_splat(self, bits: u32) -> Self::Ints;
    #[cfg_attr(not(feature = "half"), allow(dead_code, reason = "for magnitudes of 16-bit floats"))]
    fn bits_and(self, a: Self::Ints, b: Self::Ints) -> Self::Ints;
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

/// Operations on numbers of 32 bits in registers that are read as integers too.
#[cfg(target_arch = "x86_64")]
pub(crate) trait LongBits:
    FloatOps<f32> + FloatBits<f32, Ints = <Self as Simd>::I32>
{
    /// Returns the bits of `v` as integers.
    fn to_bits(self, v: Self::V) -> Self::I32;
}
