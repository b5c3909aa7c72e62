//! The instructions for stored blocks.

use half::f16;
use wide::{f32x4, i32x4};

use super::Portable;
use crate::simd::BlockOps;
use crate::simd::blocks::BELOW_HALF;

instructions! { safe
    impl BlockOps for Portable {
        fn splat_half(self, x: f16) -> f32x4 = f32x4::splat(x.to_f32_const());
        fn to_i32_truncated(self, v: f32x4) -> i32x4 = v.fast_trunc_int();
        fn to_i32_away(self, v: f32x4) -> i32x4 = {
            let sign = v & f32x4::splat(-0.0);
            (v + (sign | f32x4::splat(BELOW_HALF))).fast_trunc_int()
        };
    }
}
