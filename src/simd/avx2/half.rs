//! AVX2 (with F16C): floats of 16 bits.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use half::{bf16, f16};

use crate::simd::{Avx2, Halves, aligned_front_mut, front, front_mut};

impl Halves for Avx2 {
    instructions! { unsafe
        fn load_f16(self, src: &[f16]) -> __m256 =
            _mm256_cvtph_ps(_mm_loadu_si128(front::<_, 8>(src).cast()));
        fn store_f16(self, v: __m256, dst: &mut [f16]) =
            _mm_storeu_si128(front_mut::<_, 8>(dst).cast(), self.f16_bits(v));
        fn stream_f16_step(self, v: [__m256; 4], dst: &mut [f16]) = for group in 0..4 {
            let dst = aligned_front_mut::<_, 8>(&mut dst[8 * group..]);
            _mm_stream_si128(dst.cast(), self.f16_bits(v[group]));
        };
        fn load_bf16(self, src: &[bf16]) -> __m256 = {
            let bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(front::<_, 8>(src).cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits))
        };
        fn store_bf16(self, v: __m256, dst: &mut [bf16]) =
            _mm_storeu_si128(front_mut::<_, 8>(dst).cast(), self.bf16_bits(v));
        fn store_bf16_step(self, v: [__m256; 4], dst: &mut [bf16]) = for pair in 0..2 {
            let dst = front_mut::<_, 16>(&mut dst[16 * pair..]);
            _mm256_storeu_si256(dst.cast(), self.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
        fn stream_bf16_step(self, v: [__m256; 4], dst: &mut [bf16]) = for pair in 0..2 {
            let dst = aligned_front_mut::<_, 16>(&mut dst[16 * pair..]);
            _mm256_stream_si256(dst.cast(), self.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
    }
}

impl Avx2 {
    instructions! { unsafe
        fn f16_bits(self, v: __m256) -> __m128i =
            _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v);
        fn bf16_bits(self, v: __m256) -> __m128i =
            _mm256_castsi256_si128(self.bf16_pair(v, v));
        // The pack works within 128-bit parts.
        fn bf16_pair(self, a: __m256, b: __m256) -> __m256i = {
            let packed = _mm256_packus_epi32(self.bf16_rounded(a), self.bf16_rounded(b));
            _mm256_permute4x64_epi64::<0b11_01_10_00>(packed)
        };
        // Half of the last place is added, less one where that leaves a tie's even neighbour.
        fn bf16_rounded(self, v: __m256) -> __m256i = {
            let bits = _mm256_castps_si256(v);
            let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
            let half = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
            _mm256_srli_epi32::<16>(_mm256_add_epi32(bits, half))
        };
    }
}
