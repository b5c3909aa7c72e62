//! The instructions for stored blocks.

use core::arch::aarch64::*;

use half::f16;

use super::{F32s, I32s, Neon};
use crate::simd::{BlockOps, FloatOps};

instructions! { unsafe
    impl BlockOps for Neon {
        fn splat_half(self, x: f16) -> F32s =
            vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(x.to_bits())));
        fn to_i32_truncated(self, v: F32s) -> I32s = vcvtq_s32_f32(v);
        fn to_i32_away(self, v: F32s) -> I32s = vcvtaq_s32_f32(v);
        // Its instructions compare floats, of any sign.
        fn max_lanes(self, v: [F32s; 16]) -> F32s = FloatOps::<f32>::greatest_lanes(self, v);
    }
}
