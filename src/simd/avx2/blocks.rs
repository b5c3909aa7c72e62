//! The instructions for stored blocks.

use core::arch::x86_64::*;

use half::f16;

use super::Avx2;
use crate::simd::FloatOps;
use crate::simd::blocks::{ABOVE_HALF, BlockOps, Choice};
use crate::simd::tables::{front, front_mut};

instructions! { unsafe
    impl BlockOps for Avx2 {
        fn splat_half(self, x: f16) -> __m256 =
            _mm256_cvtph_ps(_mm_set1_epi16(x.to_bits() as i16));
        fn to_i32_truncated(self, v: __m256) -> __m256i = _mm256_cvttps_epi32(v);
        fn halve_away(self, n: __m256i) -> __m256i =
            _mm256_mulhrs_epi16(n, _mm256_set1_epi16(ABOVE_HALF));
        // The instruction adds differences from 0 of unsigned bytes, each of which is greater than its code by 128.
        fn sum_codes(self, codes: &[i8]) -> i32 = {
            let codes = _mm256_loadu_si256(front::<_, 32>(codes).cast());
            let bytes = _mm256_xor_si256(codes, _mm256_set1_epi8(i8::MIN));
            let sums = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
            let two = _mm_add_epi64(
                _mm256_castsi256_si128(sums),
                _mm256_extracti128_si256::<1>(sums),
            );
            let one = _mm_add_epi64(two, _mm_unpackhi_epi64(two, two));
            _mm_cvtsi128_si32(one) - 32 * 128
        };
        // The fifth bit of each byte moves to its highest place. (No bit of a neighbour gets there.)
        fn fifth_bits(self, codes: &[i8]) -> u32 = {
            let codes = _mm256_loadu_si256(front::<_, 32>(codes).cast());
            _mm256_movemask_epi8(_mm256_slli_epi16::<3>(codes)) as u32
        };
        // Every byte takes the byte of `bits` that has its bit, and compares the bit.
        fn add_fifths(self, bits: u32, codes: &mut [i8]) = {
            let bytes = _mm256_shuffle_epi8(
                _mm256_set1_epi32(bits as i32),
                _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303),
            );
            let own = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
            let is_set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own);
            let sixteens = _mm256_and_si256(is_set, _mm256_set1_epi8(16));
            let place = front_mut::<_, 32>(codes).cast();
            _mm256_storeu_si256(place, _mm256_add_epi8(_mm256_loadu_si256(place), sixteens));
        };
        fn or_zero(self, v: __m256, by: __m256) -> __m256 =
            _mm256_and_ps(v, _mm256_cmp_ps::<_CMP_NEQ_UQ>(by, _mm256_setzero_ps()));
        fn are_below(self, v: __m256, limit: f32) -> bool = {
            let magnitudes = FloatOps::<f32>::abs(self, v);
            let are = _mm256_cmp_ps::<_CMP_LT_OQ>(magnitudes, _mm256_set1_ps(limit));
            _mm256_movemask_ps(are) == 255
        };
        fn are_regular(self, scales: __m256, factors: __m256, limit: f32) -> bool = {
            let (magnitudes, zero) = (FloatOps::<f32>::abs(self, scales), _mm256_setzero_ps());
            let least = _mm256_set1_ps(f32::MIN_POSITIVE);
            let normal = _mm256_and_ps(
                _mm256_cmp_ps::<_CMP_GE_OQ>(magnitudes, least),
                _mm256_cmp_ps::<_CMP_LT_OQ>(magnitudes, _mm256_set1_ps(limit)),
            );
            let zeros = _mm256_cmp_ps::<_CMP_EQ_OQ>(_mm256_or_ps(scales, factors), zero);
            _mm256_movemask_ps(_mm256_or_ps(normal, zeros)) == 255
        };
        // Magnitudes are ordered as their bits are.
        fn choose(self, a: __m256, b: __m256, choice: Choice) -> __m256 = match choice {
            Choice::Magnitude => _mm256_castsi256_ps(_mm256_max_epi32(
                _mm256_castps_si256(a),
                _mm256_castps_si256(b),
            )),
            Choice::Greater => FloatOps::<f32>::max(self, a, b),
            Choice::Lesser => FloatOps::<f32>::min(self, a, b),
        };
        fn any_zero(self, v: __m256, unless: __m256) -> bool = {
            let zero = _mm256_setzero_ps();
            let are_zero = _mm256_cmp_ps::<_CMP_EQ_OQ>(v, zero);
            let are_others = _mm256_cmp_ps::<_CMP_NEQ_UQ>(unless, zero);
            _mm256_movemask_ps(_mm256_and_ps(are_zero, are_others)) != 0
        };
        fn with_sign(self, magnitude: __m256, sign: __m256) -> __m256 =
            _mm256_or_ps(magnitude, _mm256_and_ps(sign, _mm256_set1_ps(-0.0)));
        fn choose_neighbours(self, a: __m256, b: __m256, choice: Choice) -> __m256 = self.choose(
            _mm256_shuffle_ps::<0x88>(a, b),
            _mm256_shuffle_ps::<0xdd>(a, b),
            choice,
        );
        fn choose_lanes(self, pairs: [__m256; 8], choice: Choice) -> __m256 = {
            let a = self.choose_neighbours(pairs[0], pairs[1], choice);
            let b = self.choose_neighbours(pairs[2], pairs[3], choice);
            self.choose(
                _mm256_permute2f128_ps::<0x20>(a, b),
                _mm256_permute2f128_ps::<0x31>(a, b),
                choice,
            )
        };
    }
}
