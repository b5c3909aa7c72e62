//! What stored blocks need.

use core::arch::x86_64::*;

use half::f16;

use super::Avx2;
use crate::simd::BlockOps;
use crate::simd::blocks::BELOW_HALF;

instructions! { unsafe
    impl BlockOps for Avx2 {
        fn splat_half(self, x: f16) -> __m256 =
            _mm256_cvtph_ps(_mm_set1_epi16(x.to_bits() as i16));
        fn to_i32_truncated(self, v: __m256) -> __m256i = _mm256_cvttps_epi32(v);
        fn to_i32_away(self, v: __m256) -> __m256i = {
            let sign = _mm256_and_ps(v, _mm256_set1_ps(-0.0));
            let more = _mm256_or_ps(sign, _mm256_set1_ps(BELOW_HALF));
            _mm256_cvttps_epi32(_mm256_add_ps(v, more))
        };
        // As `greatest_lanes`, by comparisons of floats.
        fn max_lanes(self, v: [__m256; 16]) -> __m256 = {
            let mut halves = [_mm256_setzero_ps(); 4];
            for i in 0..4 {
                halves[i] = self.max_neighbours(v[2 * i], v[2 * i + 1]);
            }
            let a = self.max_neighbours(halves[0], halves[1]);
            let b = self.max_neighbours(halves[2], halves[3]);
            _mm256_max_ps(
                _mm256_permute2f128_ps::<0x20>(a, b),
                _mm256_permute2f128_ps::<0x31>(a, b),
            )
        };
    }

    impl Avx2 {
        fn max_neighbours(self, a: __m256, b: __m256) -> __m256 =
            _mm256_max_ps(_mm256_shuffle_ps::<0x88>(a, b), _mm256_shuffle_ps::<0xdd>(a, b));
    }
}
