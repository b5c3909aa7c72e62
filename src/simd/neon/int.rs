//! The arithmetic of 32-bit integers, and sums of codes.

use core::arch::aarch64::*;

use super::{I32s, Neon};
use crate::simd::tables::front;
use crate::simd::{AddCodes, I32Ops};

instructions! { unsafe
    impl I32Ops for Neon {
        fn i32_and(self, a: I32s, b: I32s) -> I32s = vandq_s32(a, b);
        fn i32_shift_right(self, a: I32s, n: i32) -> I32s = vshlq_s32(a, vdupq_n_s32(-n));
        fn i32_shift_left_by(self, a: I32s, n: I32s) -> I32s = vshlq_s32(a, n);
        fn i32_shift_right_by(self, a: I32s, n: I32s) -> I32s = vshlq_s32(a, vnegq_s32(n));
        fn i32_mul_high(self, a: I32s, b: I32s) -> I32s = vqrdmulhq_s32(a, b);
    }

    impl AddCodes<i8> for Neon {
        fn add_codes(self, sums: I32s, src: &[i8]) -> I32s = {
            let mut pairs = vdupq_n_s16(0);
            for step in src.chunks_exact(16) {
                pairs = vpadalq_s8(pairs, vld1q_s8(front::<_, 16>(step).cast()));
            }
            vpadalq_s16(sums, pairs)
        };
    }

    impl AddCodes<u8> for Neon {
        fn add_codes(self, sums: I32s, src: &[u8]) -> I32s = {
            let mut pairs = vdupq_n_u16(0);
            for step in src.chunks_exact(16) {
                pairs = vpadalq_u8(pairs, vld1q_u8(front::<_, 16>(step).cast()));
            }
            vreinterpretq_s32_u32(vpadalq_u16(vreinterpretq_u32_s32(sums), pairs))
        };
    }
}
