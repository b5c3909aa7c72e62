//! Floats of 16 bits. They are loaded as `f32`, which holds each of them, and stored rounded, ties to even; and they
//! are loaded as the integers that their bits are.

use half::{bf16, f16};

use super::{Elements, FloatBits, FloatOps, FromBits, Load, Simd, Store};

/// A float of 16 bits.
pub(crate) trait ShortFloat: FromBits {
    /// Reads bits for [`I16Ops::load_shorts`].
    fn load_shorts<S: I16Ops>(s: S, src: &[Self]) -> S::I16;
    /// Reads bits for [`I16Ops::load_shorts_part`].
    fn load_shorts_part<S: I16Ops>(s: S, src: &[Self], fill: Self) -> [S::I16; 4];
}

macro_rules! short_float {
    ($T:ident) => {
        impl ShortFloat for $T {
            instructions! { safe
                fn load_shorts<S: I16Ops>(s: S, src: &[$T]) -> S::I16 = Load::load(s, src);
                fn load_shorts_part<S: I16Ops>(s: S, src: &[$T], fill: $T) -> [S::I16; 4] =
                    Load::load_part(s, src, fill);
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

        impl<S: I16Ops + FloatOps<f32, V: Load<S, $T> + Store<S, $T>>> Elements<$T> for S {}
    };
}

short_float!(f16);
short_float!(bf16);

/// Rounds to the nearest, ties to even; `x` is no NaN.
#[inline(always)]
pub(super) fn bf16_from_f32(x: f32) -> bf16 {
    // Half of the last place, less one where that leaves a tie's even neighbour.
    let bits = x.to_bits();
    bf16::from_bits(((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16)
}

/// Registers of 16-bit integers, 2·N of them, and the operations that the extremes of their floats need.
pub(crate) trait I16Ops: Simd<I16: Load<Self, f16> + Load<Self, bf16>> {
    instructions! { safe
        /// Reads the bits of 2·N numbers from the front of `src`.
        fn load_shorts<T: ShortFloat>(self, src: &[T]) -> Self::I16 = T::load_shorts(self, src);
        /// Reads bits as [`FloatBits::load_bits_part`] does.
        fn load_shorts_part<T: ShortFloat>(self, src: &[T], fill: T) -> [Self::I16; 4] =
            T::load_shorts_part(self, src, fill);
    }

    fn i16_and(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_xor(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_min(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_max(self, a: Self::I16, b: Self::I16) -> Self::I16;
    /// Returns the greater integers, both read as unsigned.
    fn u16_max(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_any_negative(self, n: Self::I16) -> bool;
    /// Returns the least lane, read as unsigned.
    fn u16_least(self, n: Self::I16) -> u16;

    instructions! { safe
        /// Returns the greatest lane, read as signed. Turned around, signed integers are in the order of unsigned ones.
        fn i16_greatest(self, n: Self::I16) -> i16 =
            (self.u16_least(self.i16_xor(n, self.i16_splat(i16::MAX))) as i16) ^ i16::MAX;
    }
}

instructions! { safe
    impl<S: I16Ops, T: ShortFloat> FloatBits<T> for S {
        type Ints = S::I16;
        const INTS: usize = 2 * S::LANES;
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
