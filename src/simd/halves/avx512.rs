//! AVX-512: floats of 16 bits.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::Halves;
use crate::simd::{Avx512, aligned_front_mut, front, front_mut};

impl Halves for Avx512 {
    instructions! { unsafe
        fn load_f16(self, src: &[f16]) -> __m512 =
            _mm512_cvtph_ps(_mm256_loadu_si256(front::<_, 16>(src).cast()));
        fn store_f16(self, v: __m512, dst: &mut [f16]) =
            _mm256_storeu_si256(front_mut::<_, 16>(dst).cast(), self.f16_bits(v));
        fn stream_f16(self, v: __m512, dst: &mut [f16]) =
            _mm256_stream_si256(aligned_front_mut::<_, 16>(dst).cast(), self.f16_bits(v));
        fn load_bf16(self, src: &[bf16]) -> __m512 = {
            let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(front::<_, 16>(src).cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
        };
        fn store_bf16(self, v: __m512, dst: &mut [bf16]) =
            _mm256_storeu_si256(front_mut::<_, 16>(dst).cast(), self.bf16_bits(v));
        fn stream_bf16(self, v: __m512, dst: &mut [bf16]) =
            _mm256_stream_si256(aligned_front_mut::<_, 16>(dst).cast(), self.bf16_bits(v));
    }
}

impl Avx512 {
    instructions! { unsafe
        fn f16_bits(self, v: __m512) -> __m256i =
            _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v);
        // Half of the last place is added, less one where that leaves a tie's even neighbour.
        fn bf16_bits(self, v: __m512) -> __m256i = {
            let bits = _mm512_castps_si512(v);
            let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
            let half = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff));
            _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(_mm512_add_epi32(bits, half)))
        };
    }
}
