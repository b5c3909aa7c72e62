//! Codes of 16 bits: a step is two registers of 8.

use core::arch::aarch64::*;

use super::Neon;
use crate::simd::{Load, Stored, Words, front, front_mut};

macro_rules! words {
    ($Q:ty, $V:ty, $store:ident, $saturate:ident, $combine:ident) => {
        instructions! { unsafe
            impl Stored<$Q> for Neon {
                type Packed = [$V; 2];
                fn store_codes(self, q: [$V; 2], dst: &mut [$Q]) = {
                    let dst = front_mut::<_, 16>(dst).cast::<$Q>();
                    $store(dst, q[0]);
                    $store(dst.add(8), q[1]);
                };
            }

            impl Words<$Q> for Neon {
                fn pack_words(self, n: [int32x4_t; 4]) -> [$V; 2] = [
                    $combine($saturate(n[0]), $saturate(n[1])),
                    $combine($saturate(n[2]), $saturate(n[3])),
                ];
            }
        }
    };
}

words!(i16, int16x8_t, vst1q_s16, vqmovn_s32, vcombine_s16);
words!(u16, uint16x8_t, vst1q_u16, vqmovun_s32, vcombine_u16);

instructions! { unsafe
    impl Load<Neon, i16> for int32x4_t {
        fn load(_: Neon, src: &[i16]) -> Self = vmovl_s16(vld1_s16(front::<_, 4>(src).cast()));
        fn load_step(s: Neon, src: &[i16]) -> [Self; 4] = {
            let src = front::<_, 16>(src).cast::<i16>();
            s.widened(vld1q_s16(src), vld1q_s16(src.add(8)))
        };
    }

    impl Load<Neon, u16> for int32x4_t {
        fn load(_: Neon, src: &[u16]) -> Self =
            vreinterpretq_s32_u32(vmovl_u16(vld1_u16(front::<_, 4>(src).cast())));
    }
}
