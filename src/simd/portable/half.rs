//! Floats of 16 bits, converted one by one, and their bits, 8 in a register.

use core::ops::BitAnd;

use bytemuck::cast;
use half::{bf16, f16};
use wide::{f32x4, i16x8, u16x8};

use super::Portable;
use crate::simd::halves::bf16_from_f32;
use crate::simd::{FloatBits, Load, ShortFloat, Store};

macro_rules! half {
    ($T:ident, $x:ident, $widened:expr, $narrowed:expr) => {
        instructions! { safe
            impl Load<Portable, $T> for f32x4 {
                fn load(_: Portable, src: &[$T]) -> Self = {
                    let mut lanes = [0.0; 4];
                    for i in 0..4 {
                        let $x = src[i];
                        lanes[i] = $widened;
                    }
                    Self::new(lanes)
                };
            }

            impl Store<Portable, $T> for f32x4 {
                fn store(self, _: Portable, dst: &mut [$T]) = {
                    let lanes = self.to_array();
                    for i in 0..4 {
                        let $x = lanes[i];
                        dst[i] = $narrowed;
                    }
                };
            }
        }
    };
}

half!(f16, x, x.to_f32_const(), f16::from_f32_const(x));
half!(bf16, x, f32::from_bits(u32::from(x.to_bits()) << 16), bf16_from_f32(x));

instructions! { safe
    impl<T: ShortFloat> Load<Portable, T> for i16x8 {
        const LANES: usize = 8;
        fn load(_: Portable, src: &[T]) -> Self = {
            let mut lanes = [T::zeroed(); 8];
            lanes.copy_from_slice(&src[..8]);
            cast(lanes)
        };
    }

    impl<T: ShortFloat> FloatBits<T> for Portable {
        type Ints = i16x8;
        binary [i16x8]: bits_and = i16x8::bitand, signed_min = i16x8::min, signed_max = i16x8::max;
        fn bits_splat(self, bits: u32) -> i16x8 = i16x8::splat(bits as i16);
        fn bits_not(self, n: i16x8) -> i16x8 = !n;
        // SSE2 has the maximum of signed integers only, but subtracts unsigned ones with saturation.
        fn unsigned_max(self, a: i16x8, b: i16x8) -> i16x8 = {
            let (a, b) = (cast::<_, u16x8>(a), cast::<_, u16x8>(b));
            let sse2 = cfg!(all(target_feature = "sse2", not(target_feature = "sse4.1")));
            cast(if sse2 { a.saturating_sub(b) + b } else { a.max(b) })
        };
        fn any_negative(self, n: i16x8) -> bool = n.reduce_min() < 0;
        fn signed_least(self, n: i16x8) -> i32 = n.reduce_min().into();
        fn signed_greatest(self, n: i16x8) -> i32 = n.reduce_max().into();
        fn unsigned_greatest(self, n: i16x8) -> u32 =
            u32::from((n ^ i16x8::splat(i16::MIN)).reduce_max() as u16 ^ 0x8000);
    }
}
