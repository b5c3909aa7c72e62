//! Floats of 16 bits, and their bits, 8 in a register.

use core::arch::aarch64::*;

use half::{bf16, f16};

use super::Neon;
use crate::simd::halves::bf16_from_f32;
use crate::simd::{Load, Shorts, Store, front, front_mut};

instructions! { unsafe
    impl Load<Neon, f16> for float32x4_t {
        fn load(_: Neon, src: &[f16]) -> Self =
            vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(front::<_, 4>(src).cast())));
    }

    impl Store<Neon, f16> for float32x4_t {
        fn store(self, _: Neon, dst: &mut [f16]) = {
            let bits = vreinterpret_u16_f16(vcvt_f16_f32(self));
            vst1_u16(front_mut::<_, 4>(dst).cast(), bits);
        };
    }

    impl Load<Neon, bf16> for float32x4_t {
        fn load(_: Neon, src: &[bf16]) -> Self =
            vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(front::<_, 4>(src).cast())));
    }

    impl Store<Neon, bf16> for float32x4_t {
        fn store(self, _: Neon, dst: &mut [bf16]) = {
            let mut lanes = [0.0; 4];
            vst1q_f32(lanes.as_mut_ptr(), self);
            for i in 0..4 {
                dst[i] = bf16_from_f32(lanes[i]);
            }
        };
    }

    impl Load<Neon, f16> for int16x8_t {
        const LANES: usize = 8;
        fn load(_: Neon, src: &[f16]) -> Self = vld1q_s16(front::<_, 8>(src).cast());
    }

    impl Shorts for Neon {
        fn i16_and(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vandq_s16(a, b);
        fn i16_xor(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = veorq_s16(a, b);
        fn i16_min(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vminq_s16(a, b);
        fn i16_max(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vmaxq_s16(a, b);
        fn u16_max(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vreinterpretq_s16_u16(
            vmaxq_u16(vreinterpretq_u16_s16(a), vreinterpretq_u16_s16(b)),
        );
        fn i16_any_negative(self, n: int16x8_t) -> bool = vminvq_s16(n) < 0;
        fn u16_least(self, n: int16x8_t) -> u16 = vminvq_u16(vreinterpretq_u16_s16(n));
    }
}
