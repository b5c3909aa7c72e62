//! Vector code for every target, by the crate `wide`, in 128-bit registers if the target has them.

use core::ops::{Add, BitAnd, Div, Mul, Sub};

use bytemuck::cast;
use wide::{f32x4, f64x2, i16x8, i32x4, i32x8};

use super::{FloatOps, I32Ops, Kernel, Load, Simd, Store};
use crate::element::Number;

#[cfg(feature = "ggml")]
mod blocks;
mod codes;
#[cfg(feature = "half")]
mod half;

/// 128-bit vectors for any target: SSE2 on x86-64, NEON on aarch64, simd128 on wasm32 if compiled for it.
///
/// This backend divides, since not all of these instruction sets have a fused multiply-add.
///
/// ```
/// use zeropoint::{Backend, Portable};
/// assert_eq!(Portable::detect().min_max(&[2.0_f32, -1.0]).min, -1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Portable(());

impl Portable {
    /// Returns the portable backend, which every target has.
    #[must_use]
    pub const fn detect() -> Self {
        Self(())
    }
}

impl Simd for Portable {
    type I32 = i32x4;
    type I16 = i16x8;
    type Common = Self;
    const LANES: usize = 4;
    const IS_FALLBACK: bool = cfg!(target_arch = "x86_64");

    fn common(self) -> Self {
        self
    }

    // Portable kernels are compiled once, though other instruction sets call some of them.
    #[inline(never)]
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    binary! { safe [i32x4]:
        i32_add = i32x4::add, i32_sub = i32x4::sub, i32_min = i32x4::min, i32_max = i32x4::max
    }
    binary! { safe [i16x8]: i16_add = i16x8::add, i16_add_saturating = i16x8::saturating_add }

    instructions! { safe
        fn i32_splat(self, n: i32) -> i32x4 = i32x4::splat(n);
        fn i32_count_unequal(self, count: i32x4, a: i32x4, b: i32x4) -> i32x4 =
            count + i32x4::splat(1) + a.simd_eq(b);
        fn i16_from_i32(self, a: i32x4, b: i32x4) -> i16x8 =
            i16x8::from_i32x8_saturate(cast::<_, i32x8>([a, b]));
        fn i16_splat(self, n: i16) -> i16x8 = i16x8::splat(n);
        fn i32_add_pairs(self, sums: i32x4, n: i16x8) -> i32x4 = sums + n.dot(i16x8::splat(1));
    }
}

/// Computes each lane of a register of integers from the lanes of the named registers.
macro_rules! by_lane {
    (|$($v:ident),+| $lane:expr) => {{
        $(let $v = $v.to_array();)+
        let mut lanes = [0; 4];
        for i in 0..4 {
            $(let $v = $v[i];)+
            lanes[i] = $lane;
        }
        i32x4::new(lanes)
    }};
}

instructions! { safe
    impl I32Ops for Portable {
        binary [i32x4]: i32_and = i32x4::bitand;
        fn i32_shift_right(self, a: i32x4, n: i32) -> i32x4 = a >> n;
        fn i32_shift_left_by(self, a: i32x4, n: i32x4) -> i32x4 = by_lane!(|a, n| a << n);
        fn i32_shift_right_by(self, a: i32x4, n: i32x4) -> i32x4 = by_lane!(|a, n| a >> n);
        fn i32_mul_high(self, a: i32x4, b: i32x4) -> i32x4 =
            by_lane!(|a, b| ((i64::from(a) * i64::from(b) + (1 << 30)) >> 31) as i32);
        // One shift in 64 bits rounds twice.
        fn i32_mul_shift(self, a: i32x4, m: i32x4, e: i32x4) -> i32x4 = by_lane!(|a, m, e| {
            let (a, m) = (i64::from(a), i64::from(m));
            let nudge = (1 << 30) + (1_i64 << 30 << e) - (a >> 63 & 1 << 31);
            ((a * m + nudge) >> (31 + e)) as i32
        });
    }
}

/// Four `f64` in two registers.
type F64s = [f64x2; 2];

/// Writes the loads and stores of registers of four elements, without conversion.
macro_rules! memory {
    ($($E:ty: $V:ident;)+) => { instructions! { safe $(
        impl Load<Portable, $E> for $V {
            fn load(_: Portable, src: &[$E]) -> Self = cast([src[0], src[1], src[2], src[3]]);
        }

        impl Store<Portable, $E> for $V {
            fn store(self, _: Portable, dst: &mut [$E]) =
                dst[..4].copy_from_slice(&cast::<_, [$E; 4]>(self));
        }
    )+ } };
}

memory! { i32: i32x4; f32: f32x4; f64: F64s; }

instructions! { safe
    impl FloatOps<f32> for Portable {
        type V = f32x4;
        type Flag = f32x4;
        binary [f32x4]: add = f32x4::add, sub = f32x4::sub, mul = f32x4::mul, div = f32x4::div,
            min = f32x4::lesser, max = f32x4::greater,
            or_where_nan = f32x4::or_where_nan, max_magnitude = f32x4::greater_magnitude;
        fn splat(self, x: f32) -> f32x4 = f32x4::splat(x);
        fn abs(self, a: f32x4) -> f32x4 = a.abs();
        fn no_flag(self) -> f32x4 = f32x4::ZERO;
        fn flag_nan(self, flag: f32x4, a: f32x4, b: f32x4) -> f32x4 =
            flag | a.is_nan() | b.is_nan();
        fn any_flag(self, flag: f32x4) -> bool = flag.any();
        // Converters differ in the result for NaN, so `greater` first replaces NaN by `lo`. Where a register is an
        // array, `wide` rounds ties away from zero.
        fn to_i32_nearest(self, v: f32x4, lo: f32x4) -> i32x4 = {
            let v = v.greater(lo);
            if HAS_VECTORS { v.fast_round_int() } else { by_lane!(|v| v.rint() as i32) }
        };
        fn i32_to_real(self, n: i32x4) -> f32x4 = f32x4::from_i32x4(n);
        fn f64_to_real(self, v: F64s) -> f32x4 = {
            let [a, b, c, d] = cast::<_, [f64; 4]>(v);
            f32x4::new([a as f32, b as f32, c as f32, d as f32])
        };
        fn to_f64(self, v: f32x4) -> F64s = {
            let [a, b, c, d] = v.to_array();
            [f64x2::new([a.into(), b.into()]), f64x2::new([c.into(), d.into()])]
        };
    }

    impl FloatOps<f64> for Portable {
        type V = F64s;
        type Flag = f64x2;
        binary both [F64s]: add = f64x2::add, sub = f64x2::sub, mul = f64x2::mul, div = f64x2::div,
            min = f64x2::lesser, max = f64x2::greater,
            or_where_nan = f64x2::or_where_nan, max_magnitude = f64x2::greater_magnitude;
        fn splat(self, x: f64) -> F64s = [f64x2::splat(x); 2];
        fn abs(self, a: F64s) -> F64s = [a[0].abs(), a[1].abs()];
        fn no_flag(self) -> f64x2 = f64x2::ZERO;
        fn flag_nan(self, flag: f64x2, a: F64s, b: F64s) -> f64x2 =
            flag | (a[0].is_nan() | a[1].is_nan()) | (b[0].is_nan() | b[1].is_nan());
        fn any_flag(self, flag: f64x2) -> bool = flag.any();
        // No baseline instruction converts `f64` to `i32`. Added to 1.5·2⁵², where floats are 1 apart, a number leaves
        // its nearest integer, ties to even, in the low bits.
        fn to_i32_nearest(self, v: F64s, lo: F64s) -> i32x4 = {
            let magic = f64x2::splat(6_755_399_441_055_744.0);
            let [a, b] = cast::<_, [u64; 2]>(v[0].greater(lo[0]) + magic);
            let [c, d] = cast::<_, [u64; 2]>(v[1].greater(lo[1]) + magic);
            i32x4::new([a as i32, b as i32, c as i32, d as i32])
        };
        fn i32_to_real(self, n: i32x4) -> F64s = {
            let [a, b, c, d] = n.to_array();
            [f64x2::new([a.into(), b.into()]), f64x2::new([c.into(), d.into()])]
        };
        fn f64_to_real(self, v: F64s) -> F64s = v;
        fn to_f64(self, v: F64s) -> F64s = v;
    }
}

/// Says whether the target has vector instructions that `wide` uses. On other targets, registers of `wide` are arrays.
const HAS_VECTORS: bool = cfg!(any(
    target_feature = "sse2",
    target_feature = "simd128",
    all(target_feature = "neon", target_arch = "aarch64")
));

/// Choices between floats, whose rules for NaN differ between targets. The `fast` methods of `wide` follow the rules of
/// [`FloatOps`] on x86 only.
trait Choose: Copy {
    /// Returns `self` where it is less than `b`, otherwise `b`.
    fn lesser(self, b: Self) -> Self;
    /// Returns `self` where it is greater than `b`, otherwise `b`.
    fn greater(self, b: Self) -> Self;
    /// Returns `self`, but `acc` where `self` is NaN. On x86, the fast methods already do so, and this does nothing.
    fn or_where_nan(self, acc: Self) -> Self;
    /// Returns the greater of `self`, a magnitude, and `|x|`, and NaN where either is NaN.
    fn greater_magnitude(self, x: Self) -> Self;
}

const FAST: bool = cfg!(target_feature = "sse2");

macro_rules! choose {
    ($V:ident) => {
        instructions! { safe
            impl Choose for $V {
                fn lesser(self, b: Self) -> Self =
                    if FAST { self.fast_min(b) } else { self.simd_lt(b).select(self, b) };
                fn greater(self, b: Self) -> Self =
                    if FAST { self.fast_max(b) } else { self.simd_gt(b).select(self, b) };
                fn or_where_nan(self, acc: Self) -> Self =
                    if FAST { self } else { self.simd_eq(self).select(self, acc) };
                // `fast_max` returns `x` where either argument is NaN, which is wrong only if `self` alone is NaN: then
                // the NaN of `self` is put back.
                fn greater_magnitude(self, x: Self) -> Self = {
                    let x = x.abs();
                    if FAST {
                        self.fast_max(x) | self.is_nan()
                    } else {
                        (x.simd_gt(self) | x.is_nan()).select(x, self)
                    }
                };
            }
        }
    };
}

choose!(f32x4);
choose!(f64x2);
