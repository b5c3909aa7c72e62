//! Codes of 16 bits: a step is two registers of 8.

use core::arch::aarch64::*;

use super::{I16s, I32s, Neon};
use crate::simd::tables::front;
use crate::simd::{Load, Store, Stored, WordOps};

macro_rules! words {
    ($Q:ty, $V:ty, $store:ident, $saturate:ident, $combine:ident) => {
        stores! { Neon, v, dst:
            [$Q; 16] of [$V; 2] = { $store(dst, v[0]); $store(dst.add(8), v[1]) };
        }

        instructions! { unsafe
            impl Stored<$Q> for Neon {
                type Packed = [$V; 2];
            }

            impl WordOps<$Q> for Neon {
                fn pack_words(self, n: [I32s; 4]) -> [$V; 2] = [
                    $combine($saturate(n[0]), $saturate(n[1])),
                    $combine($saturate(n[2]), $saturate(n[3])),
                ];
            }
        }
    };
}

words!(i16, I16s, vst1q_s16, vqmovn_s32, vcombine_s16);
words!(u16, uint16x8_t, vst1q_u16, vqmovun_s32, vcombine_u16);

instructions! { unsafe
    impl Load<Neon, i16> for I32s {
        fn load(_: Neon, src: &[i16]) -> Self = vmovl_s16(vld1_s16(front::<_, 4>(src).cast()));
        fn load_step(s: Neon, src: &[i16]) -> [Self; 4] = {
            let src = front::<_, 16>(src).cast::<i16>();
            s.widened(vld1q_s16(src), vld1q_s16(src.add(8)))
        };
    }
}

loads! { Neon, src: [u16; 4] to I32s = vreinterpretq_s32_u32(vmovl_u16(vld1_u16(src))); }
