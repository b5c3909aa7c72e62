//! AVX-512 (F, BW, DQ, VL): 16 lanes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use super::{Avx2, FloatBits, FloatOps, FmaOps, I32Ops, Kernel, Load, LongBits, Simd, Store};

#[cfg(feature = "ggml")]
mod blocks;
mod codes;
#[cfg(feature = "half")]
mod half;

/// 512-bit vectors, for x86-64 CPUs with AVX-512 F, BW, DQ and VL (Skylake-SP, Zen 4 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Avx512(Avx2);

impl Avx512 {
    /// Returns the backend if this CPU has AVX-512 F, BW, DQ and VL.
    ///
    /// ```
    /// use zeropoint::{Avx512, Backend};
    /// if let Some(avx512) = Avx512::detect() {
    ///     assert_eq!(avx512.min_max(&[2.0_f32, -1.0]).min, -1.0);
    /// }
    /// ```
    #[must_use]
    pub fn detect() -> Option<Self> {
        detected!(is_x86_feature_detected: "avx512f", "avx512bw", "avx512dq", "avx512vl")
            .then(Avx2::detect)
            .flatten()
            .map(Self)
    }
}

impl Simd for Avx512 {
    type I32 = __m512i;
    type I16 = __m512i;
    type Common = Avx2;
    const LANES: usize = 16;
    const REGISTERS: usize = 32;
    const STREAMS: bool = true;
    const MASKS: bool = true;

    fn common(self) -> Avx2 {
        self.0
    }

    entry!(Avx512: "avx512f", "avx512bw", "avx512dq", "avx512vl");

    binary! { unsafe [__m512i]:
        i32_add = _mm512_add_epi32, i32_sub = _mm512_sub_epi32,
        i32_min = _mm512_min_epi32, i32_max = _mm512_max_epi32,
        i16_add = _mm512_add_epi16, i16_add_saturating = _mm512_adds_epi16
    }

    instructions! { unsafe
        fn fence(self) = _mm_sfence();
        fn prefetch(self, line: *const u8) = _mm_prefetch::<_MM_HINT_T1>(line.cast());
        fn prefetch_first(self, line: *const u8) = _mm_prefetch::<_MM_HINT_T0>(line.cast());
        fn i32_splat(self, n: i32) -> __m512i = _mm512_set1_epi32(n);
        fn i32_count_unequal(self, count: __m512i, a: __m512i, b: __m512i) -> __m512i = {
            let unequal = _mm512_cmpneq_epi32_mask(a, b);
            _mm512_mask_add_epi32(count, unequal, count, _mm512_set1_epi32(1))
        };
        // The pack instructions work within 128-bit parts; `pack` restores the order.
        fn i16_from_i32(self, a: __m512i, b: __m512i) -> __m512i = _mm512_packs_epi32(a, b);
        fn i16_splat(self, n: i16) -> __m512i = _mm512_set1_epi16(n);
        fn i32_add_pairs(self, sums: __m512i, n: __m512i) -> __m512i =
            _mm512_add_epi32(sums, _mm512_madd_epi16(n, _mm512_set1_epi16(1)));
    }
}

instructions! { unsafe
    impl I32Ops for Avx512 {
        binary [__m512i]: i32_and = _mm512_and_si512,
            i32_shift_left_by = _mm512_sllv_epi32, i32_shift_right_by = _mm512_srav_epi32;
        fn i32_shift_right(self, a: __m512i, n: i32) -> __m512i =
            _mm512_sra_epi32(a, _mm_cvtsi32_si128(n));
        // Even and odd lanes are multiplied separately, and odd lanes are shuffled, as in `avx2/mod.rs`.
        fn i32_mul_high(self, a: __m512i, b: __m512i) -> __m512i = {
            let half = _mm512_set1_epi64(1 << 30);
            let a_odd = _mm512_shuffle_epi32::<0b11_11_01_01>(a);
            let b_odd = _mm512_shuffle_epi32::<0b11_11_01_01>(b);
            let even = _mm512_add_epi64(_mm512_mul_epi32(a, b), half);
            let odd = _mm512_add_epi64(_mm512_mul_epi32(a_odd, b_odd), half);
            let (even, odd) = (_mm512_srli_epi64::<31>(even), _mm512_slli_epi64::<1>(odd));
            _mm512_mask_blend_epi32(0xaaaa, even, odd)
        };
        // One shift in 64 bits rounds twice. The terms without `a` are computed outside of the caller's loop. An odd
        // lane is shifted with its sign, into all bits from 31 on: the nudge of negative lanes differs in exactly these
        // bits. (LLVM recognizes the 32-bit product behind this shift, which AVX2 does not have.)
        fn i32_mul_shift(self, a: __m512i, m: __m512i, e: __m512i) -> __m512i = {
            let (m_odd, e_odd) = (_mm512_srli_epi64::<32>(m), _mm512_srli_epi64::<32>(e));
            let (nudge_even, less_even) = self.nudges(_mm512_maskz_mov_epi32(0x5555, e));
            let (nudge_odd, less_odd) = self.nudges(e_odd);
            let change_odd = _mm512_xor_si512(nudge_odd, less_odd);

            let a_odd = _mm512_srai_epi64::<32>(a);
            let (even, odd) = (_mm512_mul_epi32(a, m), _mm512_mul_epi32(a_odd, m_odd));
            let negative_even = _mm512_movepi64_mask(even);
            let nudge_even = _mm512_mask_blend_epi64(negative_even, nudge_even, less_even);
            // The result is `nudge_odd ^ (a_odd & change_odd)`.
            let nudge_odd = _mm512_ternarylogic_epi64::<0x78>(nudge_odd, a_odd, change_odd);
            let (even, odd) = (_mm512_add_epi64(even, nudge_even), _mm512_add_epi64(odd, nudge_odd));
            let high = _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even);
            _mm512_srav_epi32(high, _mm512_sub_epi32(e, _mm512_set1_epi32(1)))
        };
    }

    impl Avx512 {
        // The nudge of 64-bit products is 2³⁰ + 2³⁰⁺ᵉ; for negative lanes it is 2³¹ less.
        fn nudges(self, e: __m512i) -> (__m512i, __m512i) = {
            let half = _mm512_set1_epi64(1 << 30);
            let nudge = _mm512_add_epi64(_mm512_sllv_epi64(half, e), half);
            (nudge, _mm512_sub_epi64(nudge, _mm512_set1_epi64(1 << 31)))
        };
    }
}

/// Sixteen `f64` in two registers.
type F64s = [__m512d; 2];

loads! { Avx512, src:
    [i32; 16] to __m512i = _mm512_loadu_si512(src),
        rest(mask, fill) _mm512_mask_loadu_epi32(_mm512_set1_epi32(fill), mask, src);
    [f32; 16] to __m512 = _mm512_loadu_ps(src),
        rest(mask, fill) _mm512_mask_loadu_ps(_mm512_set1_ps(fill), mask, src);
    [f32; 16] to __m512i = _mm512_loadu_si512(src);
    [f64; 16] to F64s = [_mm512_loadu_pd(src), _mm512_loadu_pd(src.add(8))],
        rest(mask, fill) {
            let (fill, mask): (_, __mmask16) = (_mm512_set1_pd(fill), mask);
            let low = _mm512_mask_loadu_pd(fill, mask as __mmask8, src);
            [low, _mm512_mask_loadu_pd(fill, (mask >> 8) as __mmask8, src.wrapping_add(8))]
        };
}

stores! { Avx512, v, dst:
    [i32; 16] of __m512i = _mm512_storeu_si512(dst, v);
    [f32; 16] of __m512 = _mm512_storeu_ps(dst, v), stream _mm512_stream_ps(dst, v),
        rest(mask) _mm512_mask_storeu_ps(dst, mask, v);
    [f64; 16] of F64s = { _mm512_storeu_pd(dst, v[0]); _mm512_storeu_pd(dst.add(8), v[1]) },
        rest(mask) {
            let mask: __mmask16 = mask;
            _mm512_mask_storeu_pd(dst, mask as __mmask8, v[0]);
            _mm512_mask_storeu_pd(dst.wrapping_add(8), (mask >> 8) as __mmask8, v[1]);
        };
}

instructions! { unsafe
    impl FloatOps<f32> for Avx512 {
        type V = __m512;
        type Flag = __mmask16;
        const MAX_MAY_DROP_NAN: bool = true;
        binary [__m512]: add = _mm512_add_ps, sub = _mm512_sub_ps, mul = _mm512_mul_ps,
            div = _mm512_div_ps, min = _mm512_min_ps, max = _mm512_max_ps;
        fn splat(self, x: f32) -> __m512 = _mm512_set1_ps(x);
        fn abs(self, a: __m512) -> __m512 = _mm512_abs_ps(a);
        // Without their signs, floats are ordered as their bits are.
        fn max_magnitude(self, acc: __m512, x: __m512) -> __m512 = _mm512_castsi512_ps(
            _mm512_max_epi32(_mm512_castps_si512(acc), _mm512_castps_si512(_mm512_abs_ps(x))),
        );
        // One instruction is enough. It drops a quiet NaN, and keeps the sign of a signalling NaN.
        fn max_magnitudes(self, a: __m512, b: __m512) -> __m512 = _mm512_range_ps::<0b1011>(a, b);
        fn greatest_lane(self, v: __m512) -> f32 =
            f32::from_bits(_mm512_reduce_max_epi32(_mm512_castps_si512(v)) as u32);
        // Each of four rounds takes the greater of two parts of every register: first of neighbouring lanes, then of
        // neighbouring quarters. This leaves the results in the order of the registers.
        fn greatest_lanes(self, v: [__m512; 16]) -> __m512 = {
            let mut halves = [_mm512_setzero_ps(); 8];
            for i in 0..8 {
                halves[i] = self.greater_neighbours(v[2 * i], v[2 * i + 1]);
            }
            let mut quarters = [_mm512_setzero_si512(); 4];
            for i in 0..4 {
                let greater = self.greater_neighbours(halves[2 * i], halves[2 * i + 1]);
                quarters[i] = _mm512_castps_si512(greater);
            }
            let a = self.greater_quarters(quarters[0], quarters[1]);
            let b = self.greater_quarters(quarters[2], quarters[3]);
            _mm512_castsi512_ps(self.greater_quarters(a, b))
        };
        fn no_flag(self) -> __mmask16 = !0;
        // The flag holds the lanes without a NaN: a masked comparison clears the bit of a lane by itself.
        fn flag_nan(self, flag: __mmask16, a: __m512, b: __m512) -> __mmask16 =
            _mm512_mask_cmp_ps_mask::<_CMP_ORD_Q>(flag, a, b);
        fn any_flag(self, flag: __mmask16) -> bool = flag != !0;
        // NaN and numbers out of range become `i32::MIN`.
        fn to_i32_nearest(self, v: __m512, _lo: __m512) -> __m512i = _mm512_cvtps_epi32(v);
        fn i32_to_real(self, n: __m512i) -> __m512 = _mm512_cvtepi32_ps(n);
        fn f64_to_real(self, v: F64s) -> __m512 = _mm512_insertf32x8::<1>(
            _mm512_castps256_ps512(_mm512_cvtpd_ps(v[0])),
            _mm512_cvtpd_ps(v[1]),
        );
        fn to_f64(self, v: __m512) -> F64s = [
            _mm512_cvtps_pd(_mm512_castps512_ps256(v)),
            _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(v)),
        ];
    }

    impl Avx512 {
        // The arguments are magnitudes. In each 128-bit part, the results of `a` come before the results of `b`.
        fn greater_neighbours(self, a: __m512, b: __m512) -> __m512 =
            _mm512_castsi512_ps(_mm512_max_epi32(
                _mm512_castps_si512(_mm512_shuffle_ps::<0x88>(a, b)),
                _mm512_castps_si512(_mm512_shuffle_ps::<0xdd>(a, b)),
            ));
        fn greater_quarters(self, a: __m512i, b: __m512i) -> __m512i = _mm512_max_epi32(
            _mm512_shuffle_i32x4::<0x88>(a, b),
            _mm512_shuffle_i32x4::<0xdd>(a, b),
        );
    }

    impl FmaOps<f32> for Avx512 {
        const OVERFLOW_CONVERTS_TO_MIN: bool = true;
        fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fmadd_ps(a, b, c);
    }

    impl LongBits for Avx512 {
        fn to_bits(self, v: __m512) -> __m512i = _mm512_castps_si512(v);
    }

    impl FloatBits<f32> for Avx512 {
        type Ints = __m512i;
        binary [__m512i]: bits_and = _mm512_and_si512, signed_min = _mm512_min_epi32,
            signed_max = _mm512_max_epi32, unsigned_max = _mm512_max_epu32;
        fn bits_splat(self, bits: u32) -> __m512i = _mm512_set1_epi32(bits as i32);
        fn bits_not(self, n: __m512i) -> __m512i = _mm512_xor_si512(n, _mm512_set1_epi32(-1));
        fn signed_least(self, n: __m512i) -> i32 = _mm512_reduce_min_epi32(n);
        fn signed_greatest(self, n: __m512i) -> i32 = _mm512_reduce_max_epi32(n);
        fn unsigned_greatest(self, n: __m512i) -> u32 = _mm512_reduce_max_epu32(n);
        fn any_negative(self, n: __m512i) -> bool = _mm512_movepi32_mask(n) != 0;
    }

    impl FloatOps<f64> for Avx512 {
        type V = F64s;
        type Flag = __mmask8;
        binary both [F64s]: add = _mm512_add_pd, sub = _mm512_sub_pd, mul = _mm512_mul_pd,
            div = _mm512_div_pd, min = _mm512_min_pd, max = _mm512_max_pd,
            // `0b1011` selects the greater absolute value, without a sign.
            max_abs = _mm512_range_pd::<0b1011>;
        fn splat(self, x: f64) -> F64s = [_mm512_set1_pd(x); 2];
        fn abs(self, a: F64s) -> F64s = both!(_mm512_abs_pd(a));
        fn add_exact_square(self, a: F64s, b: F64s) -> F64s = both!(_mm512_fmadd_pd(b, b, a));
        // Without their signs, floats are ordered as their bits are.
        fn max_magnitude(self, acc: F64s, x: F64s) -> F64s = {
            let x = both!(_mm512_abs_pd(x));
            let (acc, x) = (both!(_mm512_castpd_si512(acc)), both!(_mm512_castpd_si512(x)));
            let greater = both!(_mm512_max_epi64(acc, x));
            both!(_mm512_castsi512_pd(greater))
        };
        fn greatest_lane(self, v: F64s) -> f64 = {
            let v = both!(_mm512_castpd_si512(v));
            f64::from_bits(_mm512_reduce_max_epi64(_mm512_max_epi64(v[0], v[1])) as u64)
        };
        fn no_flag(self) -> __mmask8 = !0;
        // The flag holds the lanes without a NaN, as for `f32`.
        fn flag_nan(self, flag: __mmask8, a: F64s, b: F64s) -> __mmask8 = {
            let flag = _mm512_mask_cmp_pd_mask::<_CMP_ORD_Q>(flag, a[0], b[0]);
            _mm512_mask_cmp_pd_mask::<_CMP_ORD_Q>(flag, a[1], b[1])
        };
        fn any_flag(self, flag: __mmask8) -> bool = flag != !0;
        // NaN and numbers out of range become `i32::MIN`.
        fn to_i32_nearest(self, v: F64s, _lo: F64s) -> __m512i = _mm512_inserti64x4::<1>(
            _mm512_castsi256_si512(_mm512_cvtpd_epi32(v[0])),
            _mm512_cvtpd_epi32(v[1]),
        );
        fn i32_to_real(self, n: __m512i) -> F64s = [
            _mm512_cvtepi32_pd(_mm512_castsi512_si256(n)),
            _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64::<1>(n)),
        ];
        fn f64_to_real(self, v: F64s) -> F64s = v;
        fn to_f64(self, v: F64s) -> F64s = v;
    }

    impl FmaOps<f64> for Avx512 {
        const OVERFLOW_CONVERTS_TO_MIN: bool = true;
        fn mul_add(self, a: F64s, b: F64s, c: F64s) -> F64s = both!(_mm512_fmadd_pd(a, b, c));
    }
}
