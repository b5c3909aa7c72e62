//! AVX2 with FMA: 8 lanes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use super::{FloatBits, FloatOps, FmaOps, I32Ops, Kernel, Load, Simd, Store};

#[cfg(feature = "ggml")]
mod blocks;
mod codes;
#[cfg(feature = "half")]
mod half;

/// 256-bit vectors, for x86-64 CPUs with AVX2, FMA and F16C (Haswell of 2013 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Avx2(());

impl Avx2 {
    /// Returns the backend if this CPU has AVX2, FMA and F16C.
    ///
    /// ```
    /// use zeropoint::{Avx2, Backend};
    /// if let Some(avx2) = Avx2::detect() {
    ///     assert_eq!(avx2.min_max(&[2.0_f32, -1.0]).min, -1.0);
    /// }
    /// ```
    #[must_use]
    pub fn detect() -> Option<Self> {
        detected!(is_x86_feature_detected: "avx2", "fma", "f16c").then_some(Self(()))
    }
}

impl Simd for Avx2 {
    type I32 = __m256i;
    type I16 = __m256i;
    type Common = Self;
    const LANES: usize = 8;
    const STREAMS: bool = true;

    fn common(self) -> Self {
        self
    }

    entry!(Avx2: "avx2", "fma", "f16c");

    binary! { unsafe [__m256i]:
        i32_add = _mm256_add_epi32, i32_sub = _mm256_sub_epi32,
        i32_min = _mm256_min_epi32, i32_max = _mm256_max_epi32,
        i16_add = _mm256_add_epi16, i16_add_saturating = _mm256_adds_epi16
    }

    instructions! { unsafe
        fn fence(self) = _mm_sfence();
        fn prefetch(self, line: *const u8) = _mm_prefetch::<_MM_HINT_T1>(line.cast());
        fn prefetch_first(self, line: *const u8) = _mm_prefetch::<_MM_HINT_T0>(line.cast());
        fn i32_splat(self, n: i32) -> __m256i = _mm256_set1_epi32(n);
        // A comparison that holds returns −1.
        fn i32_count_unequal(self, count: __m256i, a: __m256i, b: __m256i) -> __m256i = {
            let count = _mm256_add_epi32(count, _mm256_set1_epi32(1));
            _mm256_add_epi32(count, _mm256_cmpeq_epi32(a, b))
        };
        // The pack instructions work within 128-bit halves; `pack` restores the order.
        fn i16_from_i32(self, a: __m256i, b: __m256i) -> __m256i = _mm256_packs_epi32(a, b);
        fn i16_splat(self, n: i16) -> __m256i = _mm256_set1_epi16(n);
        fn i32_add_pairs(self, sums: __m256i, n: __m256i) -> __m256i =
            _mm256_add_epi32(sums, _mm256_madd_epi16(n, _mm256_set1_epi16(1)));
    }
}

instructions! { unsafe
    impl I32Ops for Avx2 {
        binary [__m256i]: i32_and = _mm256_and_si256,
            i32_shift_left_by = _mm256_sllv_epi32, i32_shift_right_by = _mm256_srav_epi32;
        fn i32_shift_right(self, a: __m256i, n: i32) -> __m256i =
            _mm256_sra_epi32(a, _mm_cvtsi32_si128(n));
        // Even and odd lanes are multiplied separately, to 64 bits, so that the bits of each result end up in its lane.
        // Odd lanes are shuffled to even places: after a shift, LLVM takes the product for a product of 64-bit
        // integers, and makes three multiplications of it.
        fn i32_mul_high(self, a: __m256i, b: __m256i) -> __m256i = {
            let half = _mm256_set1_epi64x(1 << 30);
            let a_odd = _mm256_shuffle_epi32::<0b11_11_01_01>(a);
            let b_odd = _mm256_shuffle_epi32::<0b11_11_01_01>(b);
            let even = _mm256_add_epi64(_mm256_mul_epi32(a, b), half);
            let odd = _mm256_add_epi64(_mm256_mul_epi32(a_odd, b_odd), half);
            let (even, odd) = (_mm256_srli_epi64::<31>(even), _mm256_slli_epi64::<1>(odd));
            _mm256_blend_epi32::<0b1010_1010>(even, odd)
        };
    }
}

/// Eight `f64` in two registers.
type F64s = [__m256d; 2];

loads! { Avx2, src:
    [i32; 8] to __m256i = _mm256_loadu_si256(src);
    [f32; 8] to __m256 = _mm256_loadu_ps(src);
    [f32; 8] to __m256i = _mm256_loadu_si256(src);
    [f64; 8] to F64s = [_mm256_loadu_pd(src), _mm256_loadu_pd(src.add(4))];
}

stores! { Avx2, v, dst:
    [i32; 8] of __m256i = _mm256_storeu_si256(dst, v);
    [f32; 8] of __m256 = _mm256_storeu_ps(dst, v), stream _mm256_stream_ps(dst, v);
    [f64; 4] of __m256d = _mm256_storeu_pd(dst, v);
}

/// Reduces eight integers to one, with an operation on four.
macro_rules! reduce {
    ($op:ident, $n:ident) => {{
        let four = $op(_mm256_castsi256_si128($n), _mm256_extracti128_si256::<1>($n));
        let two = $op(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
        _mm_cvtsi128_si32($op(two, _mm_shuffle_epi32::<0b10_11_00_01>(two)))
    }};
}

instructions! { unsafe
    impl FloatOps<f32> for Avx2 {
        type V = __m256;
        type Flag = __m256;
        binary [__m256]: add = _mm256_add_ps, sub = _mm256_sub_ps, mul = _mm256_mul_ps,
            div = _mm256_div_ps, min = _mm256_min_ps, max = _mm256_max_ps;
        fn splat(self, x: f32) -> __m256 = _mm256_set1_ps(x);
        fn abs(self, a: __m256) -> __m256 = _mm256_andnot_ps(_mm256_set1_ps(-0.0), a);
        // Without their signs, floats are ordered as their bits are.
        fn max_magnitude(self, acc: __m256, x: __m256) -> __m256 = {
            let x = _mm256_castps_si256(FloatOps::<f32>::abs(self, x));
            _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(acc), x))
        };
        fn greatest_lane(self, v: __m256) -> f32 =
            f32::from_bits(FloatBits::<f32>::signed_greatest(self, _mm256_castps_si256(v)) as u32);
        // Each of three rounds takes the greater of two parts of every register, as in `avx512/mod.rs`.
        fn greatest_lanes(self, v: [__m256; 16]) -> __m256 = {
            let mut halves = [_mm256_setzero_ps(); 4];
            for i in 0..4 {
                halves[i] = self.greater_neighbours(v[2 * i], v[2 * i + 1]);
            }
            let a = _mm256_castps_si256(self.greater_neighbours(halves[0], halves[1]));
            let b = _mm256_castps_si256(self.greater_neighbours(halves[2], halves[3]));
            _mm256_castsi256_ps(_mm256_max_epi32(
                _mm256_permute2x128_si256::<0x20>(a, b),
                _mm256_permute2x128_si256::<0x31>(a, b),
            ))
        };
        fn no_flag(self) -> __m256 = _mm256_setzero_ps();
        fn flag_nan(self, flag: __m256, a: __m256, b: __m256) -> __m256 =
            _mm256_or_ps(flag, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, b));
        fn any_flag(self, flag: __m256) -> bool = _mm256_movemask_ps(flag) != 0;
        // NaN and numbers out of range become `i32::MIN`.
        fn to_i32_nearest(self, v: __m256, _lo: __m256) -> __m256i = _mm256_cvtps_epi32(v);
        fn i32_to_real(self, n: __m256i) -> __m256 = _mm256_cvtepi32_ps(n);
        fn f64_to_real(self, v: F64s) -> __m256 =
            _mm256_set_m128(_mm256_cvtpd_ps(v[1]), _mm256_cvtpd_ps(v[0]));
        fn to_f64(self, v: __m256) -> F64s = [
            _mm256_cvtps_pd(_mm256_castps256_ps128(v)),
            _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(v)),
        ];
    }

    impl Avx2 {
        // The arguments are magnitudes. In each 128-bit half, the results of `a` come before the results of `b`.
        fn greater_neighbours(self, a: __m256, b: __m256) -> __m256 =
            _mm256_castsi256_ps(_mm256_max_epi32(
                _mm256_castps_si256(_mm256_shuffle_ps::<0x88>(a, b)),
                _mm256_castps_si256(_mm256_shuffle_ps::<0xdd>(a, b)),
            ));
    }

    impl FmaOps<f32> for Avx2 {
        const OVERFLOW_CONVERTS_TO_MIN: bool = true;
        fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 = _mm256_fmadd_ps(a, b, c);
    }

    impl FloatBits<f32> for Avx2 {
        type Ints = __m256i;
        binary [__m256i]: bits_and = _mm256_and_si256, signed_min = _mm256_min_epi32,
            signed_max = _mm256_max_epi32, unsigned_max = _mm256_max_epu32;
        fn bits_splat(self, bits: u32) -> __m256i = _mm256_set1_epi32(bits as i32);
        fn bits_not(self, n: __m256i) -> __m256i = _mm256_xor_si256(n, _mm256_set1_epi32(-1));
        fn signed_least(self, n: __m256i) -> i32 = reduce!(_mm_min_epi32, n);
        fn signed_greatest(self, n: __m256i) -> i32 = reduce!(_mm_max_epi32, n);
        fn unsigned_greatest(self, n: __m256i) -> u32 = reduce!(_mm_max_epu32, n) as u32;
        fn any_negative(self, n: __m256i) -> bool =
            _mm256_movemask_ps(_mm256_castsi256_ps(n)) != 0;
    }

    impl FloatOps<f64> for Avx2 {
        type V = F64s;
        type Flag = __m256d;
        binary both [F64s]: add = _mm256_add_pd, sub = _mm256_sub_pd, mul = _mm256_mul_pd,
            div = _mm256_div_pd, min = _mm256_min_pd, max = _mm256_max_pd;
        fn splat(self, x: f64) -> F64s = [_mm256_set1_pd(x); 2];
        fn abs(self, a: F64s) -> F64s = {
            let sign = [_mm256_set1_pd(-0.0); 2];
            both!(_mm256_andnot_pd(sign, a))
        };
        fn add_exact_square(self, a: F64s, b: F64s) -> F64s = both!(_mm256_fmadd_pd(b, b, a));
        // `max` returns `x` where either argument is NaN, which is wrong only if `acc` alone is NaN: then the NaN of
        // `acc` is put back. AVX2 has no `max` of 64-bit integers.
        fn max_magnitude(self, acc: F64s, x: F64s) -> F64s = {
            let max = FloatOps::<f64>::max(self, acc, FloatOps::<f64>::abs(self, x));
            let nan = both!(_mm256_cmp_pd::<_CMP_UNORD_Q>(acc, acc));
            both!(_mm256_or_pd(max, nan))
        };
        fn no_flag(self) -> __m256d = _mm256_setzero_pd();
        fn flag_nan(self, flag: __m256d, a: F64s, b: F64s) -> __m256d = {
            let nan = both!(_mm256_cmp_pd::<_CMP_UNORD_Q>(a, b));
            _mm256_or_pd(_mm256_or_pd(flag, nan[0]), nan[1])
        };
        fn any_flag(self, flag: __m256d) -> bool = _mm256_movemask_pd(flag) != 0;
        // NaN and numbers out of range become `i32::MIN`.
        fn to_i32_nearest(self, v: F64s, _lo: F64s) -> __m256i =
            _mm256_set_m128i(_mm256_cvtpd_epi32(v[1]), _mm256_cvtpd_epi32(v[0]));
        fn i32_to_real(self, n: __m256i) -> F64s = [
            _mm256_cvtepi32_pd(_mm256_castsi256_si128(n)),
            _mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(n)),
        ];
        fn f64_to_real(self, v: F64s) -> F64s = v;
        fn to_f64(self, v: F64s) -> F64s = v;
    }

    impl FmaOps<f64> for Avx2 {
        const OVERFLOW_CONVERTS_TO_MIN: bool = true;
        fn mul_add(self, a: F64s, b: F64s, c: F64s) -> F64s = both!(_mm256_fmadd_pd(a, b, c));
    }
}
