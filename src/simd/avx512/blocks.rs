//! The instructions for stored blocks.

use core::arch::x86_64::*;

use half::f16;

use super::Avx512;
use crate::simd::BlockOps;
use crate::simd::blocks::BELOW_HALF;

instructions! { unsafe
    impl BlockOps for Avx512 {
        fn splat_half(self, x: f16) -> __m512 =
            _mm512_cvtph_ps(_mm256_set1_epi16(x.to_bits() as i16));
        fn to_i32_truncated(self, v: __m512) -> __m512i = _mm512_cvttps_epi32(v);
        fn to_i32_away(self, v: __m512) -> __m512i = {
            // The sign of `v`, and the other bits of the constant.
            let (sign, half) = (_mm512_set1_epi32(i32::MIN), _mm512_set1_ps(BELOW_HALF));
            let bits = (_mm512_castps_si512(v), _mm512_castps_si512(half));
            let more = _mm512_ternarylogic_epi32::<0xca>(sign, bits.0, bits.1);
            _mm512_cvttps_epi32(_mm512_add_ps(v, _mm512_castsi512_ps(more)))
        };
        fn sum_codes(self, codes: &[i8]) -> i32 = self.0.sum_codes(codes);
        fn fifth_bits(self, codes: &[i8]) -> u32 = self.0.fifth_bits(codes);
        fn add_fifths(self, bits: u32, codes: &mut [i8]) = self.0.add_fifths(bits, codes);
        // This is `greatest_lanes`, by comparisons of floats.
        fn max_lanes(self, v: [__m512; 16]) -> __m512 = {
            let mut halves = [_mm512_setzero_ps(); 8];
            for i in 0..8 {
                halves[i] = self.max_neighbours(v[2 * i], v[2 * i + 1]);
            }
            let mut quarters = [_mm512_setzero_ps(); 4];
            for i in 0..4 {
                quarters[i] = self.max_neighbours(halves[2 * i], halves[2 * i + 1]);
            }
            let a = self.max_quarters(quarters[0], quarters[1]);
            let b = self.max_quarters(quarters[2], quarters[3]);
            self.max_quarters(a, b)
        };
    }

    impl Avx512 {
        fn max_neighbours(self, a: __m512, b: __m512) -> __m512 =
            _mm512_max_ps(_mm512_shuffle_ps::<0x88>(a, b), _mm512_shuffle_ps::<0xdd>(a, b));
        fn max_quarters(self, a: __m512, b: __m512) -> __m512 =
            _mm512_max_ps(_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
    }
}
