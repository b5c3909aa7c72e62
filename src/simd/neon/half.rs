//! NEON: floats of 16 bits.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::aarch64::*;

use half::{bf16, f16};

use crate::simd::{Halves, Neon, front, front_mut};

impl Halves for Neon {
    instructions! { unsafe
        fn load_f16(self, src: &[f16]) -> float32x4_t =
            vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(front::<_, 4>(src).cast())));
        fn store_f16(self, v: float32x4_t, dst: &mut [f16]) = vst1_u16(
            front_mut::<_, 4>(dst).cast(),
            vreinterpret_u16_f16(vcvt_f16_f32(v)),
        );
        fn load_bf16(self, src: &[bf16]) -> float32x4_t = {
            let bits = vld1_u16(front::<_, 4>(src).cast());
            vreinterpretq_f32_u32(vshll_n_u16::<16>(bits))
        };
    }
}
