//! NEON (Advanced SIMD of 64-bit Arm): 4 lanes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::aarch64::*;

use super::{FloatBits, FloatOps, FmaOps, I32Ops, Kernel, Load, Simd, Store};

#[cfg(feature = "ggml")]
mod blocks;
mod codes;
#[cfg(feature = "half")]
mod half;

/// 128-bit vectors with fused multiply-add, for every 64-bit Arm CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neon(());

impl Neon {
    /// Returns the backend if this CPU has NEON.
    ///
    /// ```
    /// use zeropoint::{Backend, Neon};
    /// if let Some(neon) = Neon::detect() {
    ///     assert_eq!(neon.min_max(&[2.0_f32, -1.0]).min, -1.0);
    /// }
    /// ```
    #[must_use]
    pub fn detect() -> Option<Self> {
        detected!(is_aarch64_feature_detected: "neon").then_some(Self(()))
    }
}

impl Simd for Neon {
    type I32 = I32s;
    type I16 = I16s;
    type Common = Self;
    const LANES: usize = 4;
    const REGISTERS: usize = 32;

    fn common(self) -> Self {
        self
    }

    entry!(Neon: "neon");

    binary! { unsafe [I32s]:
        i32_add = vaddq_s32, i32_sub = vsubq_s32, i32_min = vminq_s32, i32_max = vmaxq_s32
    }
    binary! { unsafe [I16s]: i16_add = vaddq_s16, i16_add_saturating = vqaddq_s16 }

    instructions! { unsafe
        fn i32_splat(self, n: i32) -> I32s = vdupq_n_s32(n);
        // A comparison that holds returns −1.
        fn i32_count_unequal(self, count: I32s, a: I32s, b: I32s) -> I32s = {
            let count = vaddq_s32(count, vdupq_n_s32(1));
            vaddq_s32(count, vreinterpretq_s32_u32(vceqq_s32(a, b)))
        };
        fn i16_from_i32(self, a: I32s, b: I32s) -> I16s =
            vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
        fn i16_splat(self, n: i16) -> I16s = vdupq_n_s16(n);
        fn i32_add_pairs(self, sums: I32s, n: I16s) -> I32s = vpadalq_s16(sums, n);
    }
}

instructions! { unsafe
    impl I32Ops for Neon {
        binary [I32s]: i32_and = vandq_s32, i32_shift_left_by = vshlq_s32,
            i32_mul_high = vqrdmulhq_s32;
        fn i32_shift_right(self, a: I32s, n: i32) -> I32s = vshlq_s32(a, vdupq_n_s32(-n));
        fn i32_shift_right_by(self, a: I32s, n: I32s) -> I32s = vshlq_s32(a, vnegq_s32(n));
    }
}

type I32s = int32x4_t;
type I16s = int16x8_t;
type F32s = float32x4_t;
type F64s = [float64x2_t; 2];

loads! { Neon, src:
    [i32; 4] to I32s = vld1q_s32(src);
    [f32; 4] to F32s = vld1q_f32(src);
    [f32; 4] to I32s = vld1q_s32(src);
    [f64; 4] to F64s = [vld1q_f64(src), vld1q_f64(src.add(2))];
}

stores! { Neon, v, dst:
    [i32; 4] of I32s = vst1q_s32(dst, v);
    [f32; 4] of F32s = vst1q_f32(dst, v);
    [f64; 2] of float64x2_t = vst1q_f64(dst, v);
}

instructions! { unsafe
    impl FloatOps<f32> for Neon {
        type V = F32s;
        type Flag = uint32x4_t;
        binary [F32s]: add = vaddq_f32, sub = vsubq_f32, mul = vmulq_f32, div = vdivq_f32;
        fn splat(self, x: f32) -> F32s = vdupq_n_f32(x);
        fn abs(self, a: F32s) -> F32s = vabsq_f32(a);
        // FMIN and FMAX would return a NaN of either argument.
        fn min(self, a: F32s, b: F32s) -> F32s = vbslq_f32(vcltq_f32(a, b), a, b);
        fn max(self, a: F32s, b: F32s) -> F32s = vbslq_f32(vcgtq_f32(a, b), a, b);
        fn or_where_nan(self, x: F32s, acc: F32s) -> F32s = vbslq_f32(vceqq_f32(x, x), x, acc);
        // FMAX and FMAXV return NaN wherever an argument is NaN.
        fn max_magnitude(self, acc: F32s, x: F32s) -> F32s = vmaxq_f32(acc, vabsq_f32(x));
        fn greatest_lane(self, v: F32s) -> f32 = vmaxvq_f32(v);
        fn greatest_lanes(self, v: [F32s; 16]) -> F32s =
            vpmaxq_f32(vpmaxq_f32(v[0], v[1]), vpmaxq_f32(v[2], v[3]));
        fn no_flag(self) -> uint32x4_t = vdupq_n_u32(0);
        fn flag_nan(self, flag: uint32x4_t, a: F32s, b: F32s) -> uint32x4_t =
            vornq_u32(vornq_u32(flag, vceqq_f32(a, a)), vceqq_f32(b, b));
        fn any_flag(self, flag: uint32x4_t) -> bool = vmaxvq_u32(flag) != 0;
        // The conversion saturates and makes 0 of NaN. FMAXNM first takes the greater of `v` and `lo`, and chooses `lo`
        // over a quiet NaN. (It would return a signalling NaN, but `v` is the result of arithmetic and has none.)
        fn to_i32_nearest(self, v: F32s, lo: F32s) -> I32s = vcvtnq_s32_f32(vmaxnmq_f32(v, lo));
        fn i32_to_real(self, n: I32s) -> F32s = vcvtq_f32_s32(n);
        fn f64_to_real(self, v: F64s) -> F32s = vcvt_high_f32_f64(vcvt_f32_f64(v[0]), v[1]);
        fn to_f64(self, v: F32s) -> F64s = [vcvt_f64_f32(vget_low_f32(v)), vcvt_high_f64_f32(v)];
    }

    impl FmaOps<f32> for Neon {
        const OVERFLOW_CONVERTS_TO_MIN: bool = false;
        fn mul_add(self, a: F32s, b: F32s, c: F32s) -> F32s = vfmaq_f32(c, a, b);
    }

    impl FloatBits<f32> for Neon {
        type Ints = I32s;
        binary [I32s]: bits_and = vandq_s32, signed_min = vminq_s32, signed_max = vmaxq_s32;
        fn bits_splat(self, bits: u32) -> I32s = vdupq_n_s32(bits as i32);
        fn bits_not(self, n: I32s) -> I32s = vmvnq_s32(n);
        fn unsigned_max(self, a: I32s, b: I32s) -> I32s = vreinterpretq_s32_u32(
            vmaxq_u32(vreinterpretq_u32_s32(a), vreinterpretq_u32_s32(b)),
        );
        fn any_negative(self, n: I32s) -> bool = vminvq_s32(n) < 0;
        fn signed_least(self, n: I32s) -> i32 = vminvq_s32(n);
        fn signed_greatest(self, n: I32s) -> i32 = vmaxvq_s32(n);
        fn unsigned_greatest(self, n: I32s) -> u32 = vmaxvq_u32(vreinterpretq_u32_s32(n));
    }

    impl FloatOps<f64> for Neon {
        type V = F64s;
        type Flag = uint64x2_t;
        binary both [F64s]: add = vaddq_f64, sub = vsubq_f64, mul = vmulq_f64, div = vdivq_f64;
        fn splat(self, x: f64) -> F64s = [vdupq_n_f64(x); 2];
        fn abs(self, a: F64s) -> F64s = both!(vabsq_f64(a));
        fn add_exact_square(self, a: F64s, b: F64s) -> F64s = both!(vfmaq_f64(a, b, b));
        fn min(self, a: F64s, b: F64s) -> F64s = {
            let less = both!(vcltq_f64(a, b));
            both!(vbslq_f64(less, a, b))
        };
        fn max(self, a: F64s, b: F64s) -> F64s = {
            let greater = both!(vcgtq_f64(a, b));
            both!(vbslq_f64(greater, a, b))
        };
        fn or_where_nan(self, x: F64s, acc: F64s) -> F64s = {
            let numbers = both!(vceqq_f64(x, x));
            both!(vbslq_f64(numbers, x, acc))
        };
        // FMAX returns NaN wherever an argument is NaN.
        fn max_magnitude(self, acc: F64s, x: F64s) -> F64s = {
            let x = both!(vabsq_f64(x));
            both!(vmaxq_f64(acc, x))
        };
        fn greatest_lane(self, v: F64s) -> f64 = vmaxvq_f64(vmaxq_f64(v[0], v[1]));
        fn no_flag(self) -> uint64x2_t = vdupq_n_u64(0);
        // Only a number is equal to itself.
        fn flag_nan(self, flag: uint64x2_t, a: F64s, b: F64s) -> uint64x2_t = {
            let (a, b) = (both!(vceqq_f64(a, a)), both!(vceqq_f64(b, b)));
            let numbers = vandq_u64(vandq_u64(a[0], a[1]), vandq_u64(b[0], b[1]));
            let (flag, numbers) = (vreinterpretq_u32_u64(flag), vreinterpretq_u32_u64(numbers));
            vreinterpretq_u64_u32(vornq_u32(flag, numbers))
        };
        fn any_flag(self, flag: uint64x2_t) -> bool = vmaxvq_u32(vreinterpretq_u32_u64(flag)) != 0;
        // NaN becomes `lo`. Every lane is below 2³¹, so the low halves of the 64-bit integers are the result.
        fn to_i32_nearest(self, v: F64s, lo: F64s) -> I32s = {
            let v = both!(vmaxnmq_f64(v, lo));
            let n = both!(vcvtnq_s64_f64(v));
            vcombine_s32(vmovn_s64(n[0]), vmovn_s64(n[1]))
        };
        fn i32_to_real(self, n: I32s) -> F64s = {
            let n = [vmovl_s32(vget_low_s32(n)), vmovl_high_s32(n)];
            both!(vcvtq_f64_s64(n))
        };
        fn f64_to_real(self, v: F64s) -> F64s = v;
        fn to_f64(self, v: F64s) -> F64s = v;
    }

    impl FmaOps<f64> for Neon {
        const OVERFLOW_CONVERTS_TO_MIN: bool = false;
        fn mul_add(self, a: F64s, b: F64s, c: F64s) -> F64s = both!(vfmaq_f64(c, a, b));
    }
}
