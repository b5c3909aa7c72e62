//! NEON (Advanced SIMD of 64-bit Arm): 4 lanes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::aarch64::*;

use crate::engine::{Accumulators, OverBytes, Vector, Wide};
use crate::kernel::{ByBits, ByComparison, ByMarkstein, ByReciprocal};
use crate::simd::{Codes, Floats, Fused, Kernel, LongBits, Simd, Stored, front, front_mut};

#[cfg(feature = "half")]
mod half;
mod int;
#[cfg(feature = "half")]
mod shorts;
mod words;

/// 128-bit vectors with fused multiply-add: every 64-bit Arm CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neon(());

impl Neon {
    /// The backend, if this CPU has NEON.
    ///
    /// ```
    /// use zeropoint::{Backend, Neon};
    /// if let Some(neon) = Neon::detect() {
    ///     assert_eq!(neon.min_max(&[2.0_f32, -1.0]).min, -1.0);
    /// }
    /// ```
    #[must_use]
    pub fn detect() -> Option<Self> {
        #[cfg(feature = "std")]
        let found = std::arch::is_aarch64_feature_detected!("neon");
        #[cfg(not(feature = "std"))]
        let found = cfg!(target_feature = "neon");
        if found { Some(Self(())) } else { None }
    }
}

impl Simd for Neon {
    type I32 = int32x4_t;
    type I16 = int16x8_t;
    const LANES: usize = 4;
    const REGISTERS: usize = 32;

    fn vector(self) -> &'static Vector<Self> {
        &Vector(Self(()))
    }
    fn over_bytes(self) -> &'static OverBytes<Self> {
        &OverBytes(Self(()))
    }
    fn wide(self) -> &'static Wide<Self> {
        &Wide(Self(()))
    }
    fn accumulators(self) -> &'static Accumulators<Self> {
        &Accumulators(Self(()))
    }

    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "neon")]
        fn run<K: Kernel<Neon>>(s: Neon, kernel: K) -> K::Output {
            kernel.run(s)
        }
        // SAFETY: `self` exists only where `detect` found the feature.
        unsafe { run(self, kernel) }
    }

    instructions! { unsafe
        fn i32_splat(self, n: i32) -> int32x4_t = vdupq_n_s32(n);
        fn i32_add(self, a: int32x4_t, b: int32x4_t) -> int32x4_t = vaddq_s32(a, b);
        fn i32_sub(self, a: int32x4_t, b: int32x4_t) -> int32x4_t = vsubq_s32(a, b);
        fn i32_min(self, a: int32x4_t, b: int32x4_t) -> int32x4_t = vminq_s32(a, b);
        fn i32_max(self, a: int32x4_t, b: int32x4_t) -> int32x4_t = vmaxq_s32(a, b);
        // A comparison that holds is −1.
        fn i32_count_unequal(self, count: int32x4_t, a: int32x4_t, b: int32x4_t) -> int32x4_t =
            vaddq_s32(
                vaddq_s32(count, vdupq_n_s32(1)),
                vreinterpretq_s32_u32(vceqq_s32(a, b)),
            );
        fn i32_load(self, src: &[i32]) -> int32x4_t = vld1q_s32(front::<_, 4>(src).cast());
        fn i32_store(self, v: int32x4_t, dst: &mut [i32]) =
            vst1q_s32(front_mut::<_, 4>(dst).cast(), v);
        fn i16_from_i32(self, a: int32x4_t, b: int32x4_t) -> int16x8_t =
            vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
        fn i16_splat(self, n: i16) -> int16x8_t = vdupq_n_s16(n);
        fn i16_add(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vaddq_s16(a, b);
        fn i16_add_saturating(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vqaddq_s16(a, b);
    }
}

impl Floats<f32> for Neon {
    type V = float32x4_t;
    type Flag = uint32x4_t;
    type Divide = ByReciprocal<Self, f32>;
    type DivideFar = ByMarkstein<Self>;
    type Extremes = ByBits<Self, f32>;

    instructions! { unsafe
        fn load(self, src: &[f32]) -> float32x4_t = vld1q_f32(front::<_, 4>(src).cast());
        fn store(self, v: float32x4_t, dst: &mut [f32]) =
            vst1q_f32(front_mut::<_, 4>(dst).cast(), v);
        fn splat(self, x: f32) -> float32x4_t = vdupq_n_f32(x);
        fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t = vaddq_f32(a, b);
        fn sub(self, a: float32x4_t, b: float32x4_t) -> float32x4_t = vsubq_f32(a, b);
        fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t = vmulq_f32(a, b);
        fn div(self, a: float32x4_t, b: float32x4_t) -> float32x4_t = vdivq_f32(a, b);
        fn abs(self, a: float32x4_t) -> float32x4_t = vabsq_f32(a);
        // FMIN and FMAX would return a NaN from either side.
        fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t =
            vbslq_f32(vcltq_f32(a, b), a, b);
        fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t =
            vbslq_f32(vcgtq_f32(a, b), a, b);
        fn min_number(self, x: float32x4_t, acc: float32x4_t) -> float32x4_t =
            Floats::<f32>::min(self, vbslq_f32(vceqq_f32(x, x), x, acc), acc);
        fn max_number(self, x: float32x4_t, acc: float32x4_t) -> float32x4_t =
            Floats::<f32>::max(self, vbslq_f32(vceqq_f32(x, x), x, acc), acc);
        // FMAX and FMAXV return a NaN wherever it stands.
        fn max_magnitude(self, acc: float32x4_t, x: float32x4_t) -> float32x4_t =
            vmaxq_f32(acc, vabsq_f32(x));
        fn greatest_lane(self, v: float32x4_t) -> f32 = vmaxvq_f32(v);
        fn greatest_lanes(self, v: [float32x4_t; 16]) -> float32x4_t =
            vpmaxq_f32(vpmaxq_f32(v[0], v[1]), vpmaxq_f32(v[2], v[3]));
        fn no_flag(self) -> uint32x4_t = vdupq_n_u32(0);
        fn flag_nan(self, flag: uint32x4_t, a: float32x4_t, b: float32x4_t) -> uint32x4_t =
            vornq_u32(vornq_u32(flag, vceqq_f32(a, a)), vceqq_f32(b, b));
        fn any_flag(self, flag: uint32x4_t) -> bool = vmaxvq_u32(flag) != 0;
        // The converter makes 0 of NaN, and saturates: so first the greater of `lo`, which FMAXNM
        // chooses over a NaN. (A signalling NaN it would return: `v` is a result, so has none.)
        fn round_above(self, v: float32x4_t, lo: float32x4_t) -> int32x4_t =
            vcvtnq_s32_f32(vmaxnmq_f32(v, lo));
        fn i32_to_real(self, n: int32x4_t) -> float32x4_t = vcvtq_f32_s32(n);
        fn f64_to_real(self, v: F64s) -> float32x4_t = vcvt_high_f32_f64(vcvt_f32_f64(v[0]), v[1]);
        fn to_f64(self, v: float32x4_t) -> F64s =
            [vcvt_f64_f32(vget_low_f32(v)), vcvt_high_f64_f32(v)];
    }
}

impl Fused<f32> for Neon {
    const OVERFLOW_IS_LOW: bool = false;

    instructions! { unsafe
        fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t =
            vfmaq_f32(c, a, b);
    }
}

impl LongBits for Neon {
    instructions! { unsafe
        fn to_bits(self, v: float32x4_t) -> int32x4_t = vreinterpretq_s32_f32(v);
        fn u32_max(self, a: int32x4_t, b: int32x4_t) -> int32x4_t = vreinterpretq_s32_u32(
            vmaxq_u32(vreinterpretq_u32_s32(a), vreinterpretq_u32_s32(b)),
        );
        fn i32_least(self, n: int32x4_t) -> i32 = vminvq_s32(n);
        fn i32_greatest(self, n: int32x4_t) -> i32 = vmaxvq_s32(n);
        fn u32_greatest(self, n: int32x4_t) -> u32 = vmaxvq_u32(vreinterpretq_u32_s32(n));
        fn i32_any_negative(self, n: int32x4_t) -> bool = vminvq_s32(n) < 0;
    }
}

/// Four `f64`.
type F64s = [float64x2_t; 2];

impl Floats<f64> for Neon {
    type V = F64s;
    type Flag = uint64x2_t;
    type Divide = ByReciprocal<Self, f64>;
    type DivideFar = ByReciprocal<Self, f64>;
    type Extremes = ByComparison<Self, f64>;

    instructions! {
        fn f64_to_real(self, v: F64s) -> F64s = v;
        fn to_f64(self, v: F64s) -> F64s = v;
        fn min_number(self, x: F64s, acc: F64s) -> F64s =
            Floats::<f64>::min(self, self.or_where_nan(x, acc), acc);
        fn max_number(self, x: F64s, acc: F64s) -> F64s =
            Floats::<f64>::max(self, self.or_where_nan(x, acc), acc);
    }
    instructions! { unsafe
        fn load(self, src: &[f64]) -> F64s = {
            let src = front::<_, 4>(src).cast::<f64>();
            [vld1q_f64(src), vld1q_f64(src.add(2))]
        };
        fn store(self, v: F64s, dst: &mut [f64]) = {
            let dst = front_mut::<_, 4>(dst).cast::<f64>();
            vst1q_f64(dst, v[0]);
            vst1q_f64(dst.add(2), v[1]);
        };
        fn splat(self, x: f64) -> F64s = [vdupq_n_f64(x); 2];
        fn add(self, a: F64s, b: F64s) -> F64s = [vaddq_f64(a[0], b[0]), vaddq_f64(a[1], b[1])];
        fn sub(self, a: F64s, b: F64s) -> F64s = [vsubq_f64(a[0], b[0]), vsubq_f64(a[1], b[1])];
        fn mul(self, a: F64s, b: F64s) -> F64s = [vmulq_f64(a[0], b[0]), vmulq_f64(a[1], b[1])];
        fn div(self, a: F64s, b: F64s) -> F64s = [vdivq_f64(a[0], b[0]), vdivq_f64(a[1], b[1])];
        fn abs(self, a: F64s) -> F64s = [vabsq_f64(a[0]), vabsq_f64(a[1])];
        fn add_exact_square(self, a: F64s, b: F64s) -> F64s =
            [vfmaq_f64(a[0], b[0], b[0]), vfmaq_f64(a[1], b[1], b[1])];
        fn min(self, a: F64s, b: F64s) -> F64s = [
            vbslq_f64(vcltq_f64(a[0], b[0]), a[0], b[0]),
            vbslq_f64(vcltq_f64(a[1], b[1]), a[1], b[1]),
        ];
        fn max(self, a: F64s, b: F64s) -> F64s = [
            vbslq_f64(vcgtq_f64(a[0], b[0]), a[0], b[0]),
            vbslq_f64(vcgtq_f64(a[1], b[1]), a[1], b[1]),
        ];
        // As for f32.
        fn max_magnitude(self, acc: F64s, x: F64s) -> F64s =
            [vmaxq_f64(acc[0], vabsq_f64(x[0])), vmaxq_f64(acc[1], vabsq_f64(x[1]))];
        fn greatest_lane(self, v: F64s) -> f64 = vmaxvq_f64(vmaxq_f64(v[0], v[1]));
        fn no_flag(self) -> uint64x2_t = vdupq_n_u64(0);
        fn flag_nan(self, flag: uint64x2_t, a: F64s, b: F64s) -> uint64x2_t = {
            // What is equal to itself is no NaN.
            let a = vandq_u64(vceqq_f64(a[0], a[0]), vceqq_f64(a[1], a[1]));
            let b = vandq_u64(vceqq_f64(b[0], b[0]), vceqq_f64(b[1], b[1]));
            vreinterpretq_u64_u32(vornq_u32(
                vreinterpretq_u32_u64(flag),
                vreinterpretq_u32_u64(vandq_u64(a, b)),
            ))
        };
        fn any_flag(self, flag: uint64x2_t) -> bool =
            vmaxvq_u32(vreinterpretq_u32_u64(flag)) != 0;
        // As for f32. Every lane is below 2³¹, so the low halves of the 64-bit integers are they.
        fn round_above(self, v: F64s, lo: F64s) -> int32x4_t = vcombine_s32(
            vmovn_s64(vcvtnq_s64_f64(vmaxnmq_f64(v[0], lo[0]))),
            vmovn_s64(vcvtnq_s64_f64(vmaxnmq_f64(v[1], lo[1]))),
        );
        fn i32_to_real(self, n: int32x4_t) -> F64s = [
            vcvtq_f64_s64(vmovl_s32(vget_low_s32(n))),
            vcvtq_f64_s64(vmovl_high_s32(n)),
        ];
    }
}

impl Fused<f64> for Neon {
    const OVERFLOW_IS_LOW: bool = false;

    instructions! { unsafe
        fn mul_add(self, a: F64s, b: F64s, c: F64s) -> F64s =
            [vfmaq_f64(c[0], a[0], b[0]), vfmaq_f64(c[1], a[1], b[1])];
    }
}

impl Neon {
    instructions! { unsafe
        // `x`, but `acc` where it is NaN.
        fn or_where_nan(self, x: F64s, acc: F64s) -> F64s = [
            vbslq_f64(vceqq_f64(x[0], x[0]), x[0], acc[0]),
            vbslq_f64(vceqq_f64(x[1], x[1]), x[1], acc[1]),
        ];
    }
}

impl Codes<i8> for Neon {
    instructions! { unsafe
        fn pack(self, n: [int16x8_t; 2]) -> int8x16_t =
            vcombine_s8(vqmovn_s16(n[0]), vqmovn_s16(n[1]));
        fn splat_code(self, q: i32) -> int8x16_t = vdupq_n_s8(q as i8);
        fn min_code(self, a: int8x16_t, b: int8x16_t) -> int8x16_t = vminq_s8(a, b);
        fn max_code(self, a: int8x16_t, b: int8x16_t) -> int8x16_t = vmaxq_s8(a, b);
    }
}

impl Stored<i8> for Neon {
    type Packed = int8x16_t;

    instructions! { unsafe
        fn store_codes(self, q: int8x16_t, dst: &mut [i8]) =
            vst1q_s8(front_mut::<_, 16>(dst).cast(), q);
        fn load_codes(self, src: &[i8]) -> [int32x4_t; 4] = {
            let q = vld1q_s8(front::<_, 16>(src).cast());
            let (low, high) = (vmovl_s8(vget_low_s8(q)), vmovl_high_s8(q));
            [
                vmovl_s16(vget_low_s16(low)),
                vmovl_high_s16(low),
                vmovl_s16(vget_low_s16(high)),
                vmovl_high_s16(high),
            ]
        };
    }
}

impl Codes<u8> for Neon {
    instructions! { unsafe
        fn pack(self, n: [int16x8_t; 2]) -> uint8x16_t =
            vcombine_u8(vqmovun_s16(n[0]), vqmovun_s16(n[1]));
        fn splat_code(self, q: i32) -> uint8x16_t = vdupq_n_u8(q as u8);
        fn min_code(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t = vminq_u8(a, b);
        fn max_code(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t = vmaxq_u8(a, b);
    }
}

impl Stored<u8> for Neon {
    type Packed = uint8x16_t;

    instructions! { unsafe
        fn store_codes(self, q: uint8x16_t, dst: &mut [u8]) =
            vst1q_u8(front_mut::<_, 16>(dst).cast(), q);
        fn load_codes(self, src: &[u8]) -> [int32x4_t; 4] = {
            let q = vld1q_u8(front::<_, 16>(src).cast());
            let (low, high) = (vmovl_u8(vget_low_u8(q)), vmovl_high_u8(q));
            [
                vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))),
                vreinterpretq_s32_u32(vmovl_high_u16(low)),
                vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))),
                vreinterpretq_s32_u32(vmovl_high_u16(high)),
            ]
        };
    }
}
