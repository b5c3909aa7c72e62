//! AVX-512: floats of 16 bits.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use half::{bf16, f16};

use crate::simd::{Avx512, Halves, aligned_front_mut, front, front_mut};

impl Halves for Avx512 {
    instructions! { unsafe
        fn load_f16(self, src: &[f16]) -> __m512 =
            _mm512_cvtph_ps(_mm256_loadu_si256(front::<_, 16>(src).cast()));
        fn store_f16(self, v: __m512, dst: &mut [f16]) =
            _mm256_storeu_si256(front_mut::<_, 16>(dst).cast(), self.f16_bits(v));
        fn stream_f16_step(self, v: [__m512; 4], dst: &mut [f16]) = for group in 0..4 {
            let dst = aligned_front_mut::<_, 16>(&mut dst[16 * group..]);
            _mm256_stream_si256(dst.cast(), self.f16_bits(v[group]));
        };
        fn load_bf16(self, src: &[bf16]) -> __m512 = {
            let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(front::<_, 16>(src).cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
        };
        fn store_bf16(self, v: __m512, dst: &mut [bf16]) =
            _mm256_storeu_si256(front_mut::<_, 16>(dst).cast(), self.bf16_bits(v));
        fn store_bf16_step(self, v: [__m512; 4], dst: &mut [bf16]) = for pair in 0..2 {
            let dst = front_mut::<_, 32>(&mut dst[32 * pair..]);
            _mm512_storeu_si512(dst.cast(), self.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
        fn stream_bf16_step(self, v: [__m512; 4], dst: &mut [bf16]) = for pair in 0..2 {
            let dst = aligned_front_mut::<_, 32>(&mut dst[32 * pair..]);
            _mm512_stream_si512(dst.cast(), self.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
    }
}

impl Avx512 {
    instructions! { unsafe
        fn f16_bits(self, v: __m512) -> __m256i =
            _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v);
        fn bf16_bits(self, v: __m512) -> __m256i =
            _mm512_cvtepi32_epi16(self.bf16_rounded(v));
        // The pack works within 128-bit parts.
        fn bf16_pair(self, a: __m512, b: __m512) -> __m512i = {
            let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
            let packed = _mm512_packus_epi32(self.bf16_rounded(a), self.bf16_rounded(b));
            _mm512_permutexvar_epi64(order, packed)
        };
        // Half of the last place is added, less one where that leaves a tie's even neighbour.
        fn bf16_rounded(self, v: __m512) -> __m512i = {
            let bits = _mm512_castps_si512(v);
            let odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(1 << 16));
            let less = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff));
            let half = _mm512_mask_add_epi32(less, odd, less, _mm512_set1_epi32(1));
            _mm512_srli_epi32::<16>(half)
        };
    }
}
