//! The instructions for stored blocks.

use core::arch::aarch64::*;

use half::f16;

use super::{F32s, I16s, I32s, Neon};
use crate::simd::blocks::{ABOVE_HALF, BlockOps, Choice};

instructions! { unsafe
    impl BlockOps for Neon {
        fn splat_half(self, x: f16) -> F32s =
            vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(x.to_bits())));
        fn to_i32_truncated(self, v: F32s) -> I32s = vcvtq_s32_f32(v);
        // The instruction doubles products before it takes the upper half.
        fn halve_away(self, n: I16s) -> I16s = vqrdmulhq_n_s16(n, ABOVE_HALF);
        fn with_sign(self, magnitude: F32s, sign: F32s) -> F32s =
            vbslq_f32(vdupq_n_u32(1 << 31), sign, magnitude);
        fn choose_neighbours(self, a: F32s, b: F32s, choice: Choice) -> F32s =
            self.choose(vuzp1q_f32(a, b), vuzp2q_f32(a, b), choice);
    }
}
