//! 16-bit floats as integers.

use half::{bf16, f16};

use super::{Bits, FromBits, Simd, part};

/// The most lanes that a register has on any instruction set.
const MOST_SHORTS: usize = 32;

/// A float of 16 bits.
pub(crate) trait ShortFloat: FromBits {
    fn to_bits(self) -> u16;
}

macro_rules! short_float {
    ($T:ident) => {
        impl ShortFloat for $T {
            #[inline(always)]
            fn to_bits(self) -> u16 {
                self.to_bits()
            }
        }

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

/// Registers of 16-bit integers, 2·N of them, and what the extremes of their floats need.
pub(crate) trait Shorts: Simd {
    /// The bits of 2·N numbers at the front of `src`.
    fn load_shorts<T: ShortFloat>(self, src: &[T]) -> Self::I16;

    /// As [`Bits::load_bits_part`].
    #[inline(always)]
    fn load_shorts_part<T: ShortFloat>(self, src: &[T], fill: T) -> [Self::I16; 4] {
        let lanes = 2 * Self::LANES;
        let mut v = [self.i16_splat(fill.to_bits() as i16); 4];
        if src.len() < lanes {
            let mut first = [fill; MOST_SHORTS];
            first[..src.len()].copy_from_slice(src);
            v[0] = self.load_shorts(&first);
        } else {
            for group in 0..4 {
                v[group] = self.load_shorts(&src[part(src.len(), group, lanes)..]);
            }
        }
        v
    }

    fn i16_and(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_xor(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_min(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_max(self, a: Self::I16, b: Self::I16) -> Self::I16;
    /// The greater integers, both read as unsigned.
    fn u16_max(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_any_negative(self, n: Self::I16) -> bool;
    /// Of all lanes, read as unsigned.
    fn u16_least(self, n: Self::I16) -> u16;

    /// Of all lanes, read as signed: turned around, they are in the order of unsigned ones.
    #[inline(always)]
    fn i16_greatest(self, n: Self::I16) -> i16 {
        (self.u16_least(self.i16_xor(n, self.i16_splat(i16::MAX))) as i16) ^ i16::MAX
    }
}

impl<S: Shorts, T: ShortFloat> Bits<T> for S {
    type Ints = S::I16;
    const INTS: usize = 2 * S::LANES;

    instructions! {
        fn load_bits(self, src: &[T]) -> S::I16 = self.load_shorts(src);
        fn load_bits_part(self, src: &[T], fill: T) -> [S::I16; 4] =
            self.load_shorts_part(src, fill);
        fn bits_splat(self, bits: u32) -> S::I16 = self.i16_splat(bits as i16);
        fn bits_not(self, n: S::I16) -> S::I16 = self.i16_xor(n, self.i16_splat(-1));
        fn signed_min(self, a: S::I16, b: S::I16) -> S::I16 = self.i16_min(a, b);
        fn signed_max(self, a: S::I16, b: S::I16) -> S::I16 = self.i16_max(a, b);
        fn unsigned_max(self, a: S::I16, b: S::I16) -> S::I16 = self.u16_max(a, b);
        fn any_negative(self, n: S::I16) -> bool = self.i16_any_negative(n);
        fn signed_least(self, n: S::I16) -> i32 = {
            let least = self.u16_least(self.i16_xor(n, self.i16_splat(i16::MIN)));
            i32::from(least as i16 ^ i16::MIN)
        };
        fn signed_greatest(self, n: S::I16) -> i32 = i32::from(self.i16_greatest(n));
        fn unsigned_greatest(self, n: S::I16) -> u32 =
            u32::from(!self.u16_least(self.i16_xor(n, self.i16_splat(-1))));
    }
}
