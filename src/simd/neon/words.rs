//! NEON: a step is two registers of 8 codes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::aarch64::*;

use crate::simd::{Neon, Stored, Words, front, front_mut};

impl Words<i16> for Neon {
    instructions! { unsafe
        fn pack_words(self, n: [int32x4_t; 4]) -> [int16x8_t; 2] = [
            vcombine_s16(vqmovn_s32(n[0]), vqmovn_s32(n[1])),
            vcombine_s16(vqmovn_s32(n[2]), vqmovn_s32(n[3])),
        ];
    }
}

impl Stored<i16> for Neon {
    type Packed = [int16x8_t; 2];

    instructions! { unsafe
        fn store_codes(self, q: [int16x8_t; 2], dst: &mut [i16]) = {
            let dst = front_mut::<_, 16>(dst).cast::<i16>();
            vst1q_s16(dst, q[0]);
            vst1q_s16(dst.add(8), q[1]);
        };
        fn load_codes(self, src: &[i16]) -> [int32x4_t; 4] = {
            let src = front::<_, 16>(src).cast::<i16>();
            let (low, high) = (vld1q_s16(src), vld1q_s16(src.add(8)));
            [
                vmovl_s16(vget_low_s16(low)),
                vmovl_high_s16(low),
                vmovl_s16(vget_low_s16(high)),
                vmovl_high_s16(high),
            ]
        };
    }
}

impl Words<u16> for Neon {
    instructions! { unsafe
        fn pack_words(self, n: [int32x4_t; 4]) -> [uint16x8_t; 2] = [
            vcombine_u16(vqmovun_s32(n[0]), vqmovun_s32(n[1])),
            vcombine_u16(vqmovun_s32(n[2]), vqmovun_s32(n[3])),
        ];
    }
}

impl Stored<u16> for Neon {
    type Packed = [uint16x8_t; 2];

    instructions! { unsafe
        fn store_codes(self, q: [uint16x8_t; 2], dst: &mut [u16]) = {
            let dst = front_mut::<_, 16>(dst).cast::<u16>();
            vst1q_u16(dst, q[0]);
            vst1q_u16(dst.add(8), q[1]);
        };
        fn load_codes(self, src: &[u16]) -> [int32x4_t; 4] = {
            let src = front::<_, 16>(src).cast::<u16>();
            let (low, high) = (vld1q_u16(src), vld1q_u16(src.add(8)));
            [
                vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))),
                vreinterpretq_s32_u32(vmovl_high_u16(low)),
                vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))),
                vreinterpretq_s32_u32(vmovl_high_u16(high)),
            ]
        };
    }
}
