//! Codes of 8 bits, 16 in a register, and codes of 16 bits, two registers a step.

use core::arch::aarch64::*;

use super::{I16s, I32s, Neon};
use crate::simd::tables::front;
use crate::simd::{ByteOps, Load, Simd, Store, WordOps};

instructions! { unsafe
    impl Neon {
        fn widened(self, low: I16s, high: I16s) -> [I32s; 4] = [
            vmovl_s16(vget_low_s16(low)),
            vmovl_high_s16(low),
            vmovl_s16(vget_low_s16(high)),
            vmovl_high_s16(high),
        ];
    }
}

macro_rules! bytes {
    ($Q:ty, $V:ty, $load:ident, $load_half:ident, $store:ident, $splat:ident, $min:ident, $max:ident, $saturate:ident,
     $combine:ident, $add:ident, $widen:ident, $widen_high:ident, $low:ident $(, $signed:ident, $unsigned:ident)?) => {
        stores! { Neon, v, dst: [$Q; 16] of $V = $store(dst, v); }

        instructions! { unsafe
            impl Load<Neon, $Q> for I32s {
                fn load(_: Neon, src: &[$Q]) -> Self = {
                    let mut q = [0; 8];
                    q[..4].copy_from_slice(&src[..4]);
                    vmovl_s16(vget_low_s16($($signed)?($widen($load_half(q.as_ptr())))))
                };
                fn load_step(s: Neon, src: &[$Q]) -> [Self; 4] = {
                    let q = $load(front::<_, 16>(src).cast());
                    s.widened($($signed)?($widen($low(q))), $($signed)?($widen_high(q)))
                };
            }

            impl ByteOps<$Q> for Neon {
                type Packed = $V;
                binary [$V]: min_code = $min, max_code = $max;
                fn pack(self, n: [I16s; 2]) -> $V = $combine($saturate(n[0]), $saturate(n[1]));
                fn splat_code(self, q: i32) -> $V = $splat(q as $Q);
                fn add_step(self, sums: I16s, step: &[$Q]) -> I16s = {
                    let q = $load(front::<_, 16>(step).cast());
                    $($signed)?($add($($unsigned)?(sums), q))
                };
            }
        }
    };
}

bytes! {
    i8, int8x16_t, vld1q_s8, vld1_s8, vst1q_s8, vdupq_n_s8, vminq_s8, vmaxq_s8, vqmovn_s16,
    vcombine_s8, vpadalq_s8, vmovl_s8, vmovl_high_s8, vget_low_s8
}
// Widened codes and their sums are below 2¹⁵, so the further arithmetic is signed for both types.
bytes! {
    u8, uint8x16_t, vld1q_u8, vld1_u8, vst1q_u8, vdupq_n_u8, vminq_u8, vmaxq_u8, vqmovun_s16,
    vcombine_u8, vpadalq_u8, vmovl_u8, vmovl_high_u8, vget_low_u8, vreinterpretq_s16_u16, vreinterpretq_u16_s16
}

// Codes of 16 bits are stored without conversion, signed or not.
stores! { Neon, v, dst:
    [i16; 8] of I16s = vst1q_s16(dst, v);
    [u16; 8] of I16s = vst1q_s16(dst, v);
}

instructions! { unsafe
    impl WordOps<i16> for Neon {
        fn pack_half(self, a: I32s, b: I32s) -> I16s = self.i16_from_i32(a, b);
    }

    impl WordOps<u16> for Neon {
        fn pack_half(self, a: I32s, b: I32s) -> I16s =
            vreinterpretq_s16_u16(vcombine_u16(vqmovun_s32(a), vqmovun_s32(b)));
    }

    impl Load<Neon, i16> for I32s {
        fn load(_: Neon, src: &[i16]) -> Self = vmovl_s16(vld1_s16(front::<_, 4>(src).cast()));
        fn load_step(s: Neon, src: &[i16]) -> [Self; 4] = {
            let src = front::<_, 16>(src).cast::<i16>();
            s.widened(vld1q_s16(src), vld1q_s16(src.add(8)))
        };
    }
}

loads! { Neon, src: [u16; 4] to I32s = vreinterpretq_s32_u32(vmovl_u16(vld1_u16(src))); }
