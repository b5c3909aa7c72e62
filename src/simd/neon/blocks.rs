//! What stored blocks need.

use core::arch::aarch64::*;

use super::{F32s, I32s, Neon};
use crate::simd::{BlockOps, FloatOps};

instructions! { unsafe
    impl BlockOps for Neon {
        fn to_i32_truncated(self, v: F32s) -> I32s = vcvtq_s32_f32(v);
        fn to_i32_away(self, v: F32s) -> I32s = vcvtaq_s32_f32(v);
        // Its instructions compare floats, of any sign.
        fn max_lanes(self, v: [F32s; 16]) -> F32s = FloatOps::<f32>::greatest_lanes(self, v);
    }
}
