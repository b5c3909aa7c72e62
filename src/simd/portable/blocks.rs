//! The instructions for stored blocks.

use half::f16;
use wide::{f32x4, i16x8, i32x4};

use super::Portable;
use crate::simd::blocks::{ABOVE_HALF, BlockOps, Choice};

instructions! { safe
    impl BlockOps for Portable {
        fn splat_half(self, x: f16) -> f32x4 = f32x4::splat(x.to_f32_const());
        fn to_i32_truncated(self, v: f32x4) -> i32x4 = v.fast_trunc_int();
        fn halve_away(self, n: i16x8) -> i16x8 = n.mul_scale_round(i16x8::splat(ABOVE_HALF));
        fn with_sign(self, magnitude: f32x4, sign: f32x4) -> f32x4 =
            magnitude | sign & f32x4::splat(-0.0);
        fn choose_neighbours(self, a: f32x4, b: f32x4, choice: Choice) -> f32x4 = {
            let (a, b) = (a.to_array(), b.to_array());
            let even = f32x4::new([a[0], a[2], b[0], b[2]]);
            self.choose(even, f32x4::new([a[1], a[3], b[1], b[3]]), choice)
        };
    }
}
