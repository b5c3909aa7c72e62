//! Floats of 16 bits, and their bits, 8 in a register.

use core::arch::aarch64::*;

use half::{bf16, f16};

use super::{F32s, I16s, Neon};
use crate::simd::halves::bf16_from_f32;
use crate::simd::{I16Ops, Load, Store};

loads! { Neon, src:
    [f16; 4] to F32s = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(src)));
    [bf16; 4] to F32s = vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(src)));
    [f16; 8] to I16s = vld1q_s16(src);
    [bf16; 8] to I16s = vld1q_s16(src);
}

stores! { Neon, v, dst:
    [f16; 4] of F32s = vst1_u16(dst, vreinterpret_u16_f16(vcvt_f16_f32(v)));
}

instructions! { unsafe
    impl Store<Neon, bf16> for F32s {
        fn store(self, _: Neon, dst: &mut [bf16]) = {
            let mut lanes = [0.0; 4];
            vst1q_f32(lanes.as_mut_ptr(), self);
            for i in 0..4 {
                dst[i] = bf16_from_f32(lanes[i]);
            }
        };
    }

    impl I16Ops for Neon {
        fn i16_and(self, a: I16s, b: I16s) -> I16s = vandq_s16(a, b);
        fn i16_xor(self, a: I16s, b: I16s) -> I16s = veorq_s16(a, b);
        fn i16_min(self, a: I16s, b: I16s) -> I16s = vminq_s16(a, b);
        fn i16_max(self, a: I16s, b: I16s) -> I16s = vmaxq_s16(a, b);
        fn u16_max(self, a: I16s, b: I16s) -> I16s = vreinterpretq_s16_u16(
            vmaxq_u16(vreinterpretq_u16_s16(a), vreinterpretq_u16_s16(b)),
        );
        fn i16_any_negative(self, n: I16s) -> bool = vminvq_s16(n) < 0;
        fn u16_least(self, n: I16s) -> u16 = vminvq_u16(vreinterpretq_u16_s16(n));
    }
}
