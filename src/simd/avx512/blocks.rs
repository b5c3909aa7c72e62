//! The instructions for stored blocks.

use core::arch::x86_64::*;

use half::f16;

use super::Avx512;
use crate::simd::FloatOps;
use crate::simd::blocks::{ABOVE_HALF, BlockOps, Choice};
use crate::simd::tables::{front, front_mut};

instructions! { unsafe
    impl BlockOps for Avx512 {
        fn splat_half(self, x: f16) -> __m512 =
            _mm512_cvtph_ps(_mm256_set1_epi16(x.to_bits() as i16));
        fn to_i32_truncated(self, v: __m512) -> __m512i = _mm512_cvttps_epi32(v);
        fn halve_away(self, n: __m512i) -> __m512i =
            _mm512_mulhrs_epi16(n, _mm512_set1_epi16(ABOVE_HALF));
        fn sum_codes(self, codes: &[i8]) -> i32 = self.0.sum_codes(codes);
        fn fifth_bits(self, codes: &[i8]) -> u32 = self.0.fifth_bits(codes);
        fn add_fifths(self, bits: u32, codes: &mut [i8]) = self.0.add_fifths(bits, codes);
        // A block has two parts of 128 bits. `low` has the first parts of both blocks, and `high` the second ones.
        fn join_halves(self, codes: &[i8], bytes: &mut [u8]) = {
            let codes = _mm512_loadu_si512(front::<_, 64>(codes).cast());
            let low = _mm512_castsi512_si256(_mm512_shuffle_i64x2::<0b1000>(codes, codes));
            let high = _mm512_castsi512_si256(_mm512_shuffle_i64x2::<0b1101>(codes, codes));
            let low_bits = _mm256_set1_epi8(15);
            let high = _mm256_andnot_si256(low_bits, _mm256_slli_epi16::<4>(high));
            let joined = _mm256_or_si256(_mm256_and_si256(low_bits, low), high);
            _mm256_storeu_si256(front_mut::<_, 32>(bytes).cast(), joined);
        };
        fn or_zero(self, v: __m512, by: __m512) -> __m512 =
            _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(by, _mm512_setzero_ps()), v);
        fn are_below(self, v: __m512, limit: f32) -> bool =
            _mm512_cmp_ps_mask::<_CMP_LT_OQ>(_mm512_abs_ps(v), _mm512_set1_ps(limit)) == !0;
        fn are_regular(self, scales: __m512, factors: __m512, limit: f32) -> bool = {
            let (magnitudes, zero) = (_mm512_abs_ps(scales), _mm512_setzero_ps());
            let least = _mm512_set1_ps(f32::MIN_POSITIVE);
            let normal = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(magnitudes, least);
            let normal =
                _mm512_mask_cmp_ps_mask::<_CMP_LT_OQ>(normal, magnitudes, _mm512_set1_ps(limit));
            let zeros = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(_mm512_or_ps(scales, factors), zero);
            normal | zeros == !0
        };
        fn any_zero(self, v: __m512, unless: __m512) -> bool = {
            let zero = _mm512_setzero_ps();
            let are_zero = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(v, zero);
            _mm512_mask_cmp_ps_mask::<_CMP_NEQ_UQ>(are_zero, unless, zero) != 0
        };
        fn lanes_from(self, lane: usize, a: __m512, b: __m512) -> __m512 =
            _mm512_mask_blend_ps((!0_u32 << lane) as __mmask16, b, a);
        // Magnitudes are ordered as their bits are.
        fn choose(self, a: __m512, b: __m512, choice: Choice) -> __m512 = match choice {
            Choice::Magnitude => _mm512_castsi512_ps(_mm512_max_epi32(
                _mm512_castps_si512(a),
                _mm512_castps_si512(b),
            )),
            Choice::Greater => FloatOps::<f32>::max(self, a, b),
            Choice::Lesser => FloatOps::<f32>::min(self, a, b),
        };
        fn with_sign(self, magnitude: __m512, sign: __m512) -> __m512 =
            _mm512_or_ps(magnitude, _mm512_and_ps(sign, _mm512_set1_ps(-0.0)));
        fn choose_neighbours(self, a: __m512, b: __m512, choice: Choice) -> __m512 = self.choose(
            _mm512_shuffle_ps::<0x88>(a, b),
            _mm512_shuffle_ps::<0xdd>(a, b),
            choice,
        );
        fn choose_lanes(self, pairs: [__m512; 8], choice: Choice) -> __m512 = {
            let mut fours = [_mm512_setzero_ps(); 4];
            for i in 0..4 {
                fours[i] = self.choose_neighbours(pairs[2 * i], pairs[2 * i + 1], choice);
            }
            let a = self.choose_parts(fours[0], fours[1], choice);
            let b = self.choose_parts(fours[2], fours[3], choice);
            self.choose_parts(a, b, choice)
        };
    }

    impl Avx512 {
        // Parts have 128 bits.
        fn choose_parts(self, a: __m512, b: __m512, choice: Choice) -> __m512 = self.choose(
            _mm512_shuffle_f32x4::<0x88>(a, b),
            _mm512_shuffle_f32x4::<0xdd>(a, b),
            choice,
        );
    }
}
