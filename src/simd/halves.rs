//! Floats of 16 bits. They are loaded as `f32`, which holds them exactly, and stored rounded, ties to even. They are
//! also loaded as the integers of their bits, 2·N in a register.

use half::{bf16, f16};

use super::FromBits;

/// A float of 16 bits, `f16` or `bf16`.
pub(crate) trait ShortFloat: FromBits {}

macro_rules! short_float {
    ($T:ident) => {
        impl ShortFloat for $T {}

        impl FromBits for $T {
            const INFINITY_BITS: u32 = $T::INFINITY.to_bits() as u32;
            const SIGN_BIT: u32 = 1 << 15;

            #[inline(always)]
            fn from_low_bits(bits: u32) -> f32 {
                $T::from_bits(bits as u16).to_f32_const()
            }
        }
    };
}

short_float!(f16);
short_float!(bf16);

/// Rounds to the nearest `bf16`, ties to even; `x` is no NaN.
#[inline(always)]
pub(super) fn bf16_from_f32(x: f32) -> bf16 {
    // Adds half of the last place, or one less where a tie has an even neighbour below.
    let bits = x.to_bits();
    bf16::from_bits(((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16)
}
