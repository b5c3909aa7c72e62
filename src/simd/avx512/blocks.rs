//! The instructions for stored blocks.

use core::arch::x86_64::*;

use half::f16;

use super::Avx512;
use crate::simd::blocks::{ABOVE_HALF, BlockOps, Choice};

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
