//! Floats of 16 bits, with F16C, and their bits, 16 in a register.

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::Avx2;
use crate::simd::tables::{aligned_front_mut, front_mut};
use crate::simd::{I16Ops, Load, Store};

loads! { Avx2, src:
    [f16; 8] to __m256 = _mm256_cvtph_ps(_mm_loadu_si128(src));
    [bf16; 8] to __m256 = {
        let bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(src));
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits))
    };
    [f16; 16] to __m256i = _mm256_loadu_si256(src);
    [bf16; 16] to __m256i = _mm256_loadu_si256(src);
}

stores! { Avx2, v, dst:
    [f16; 8] of __m256 =
        _mm_storeu_si128(dst, _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v)),
        stream _mm_stream_si128(dst, _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v));
}

instructions! { unsafe
    impl Store<Avx2, bf16> for __m256 {
        fn store(self, s: Avx2, dst: &mut [bf16]) = {
            let bits = _mm256_castsi256_si128(s.bf16_pair(self, self));
            _mm_storeu_si128(front_mut::<_, 8>(dst).cast(), bits);
        };
        fn store_step(v: [Self; 4], s: Avx2, dst: &mut [bf16]) = for pair in 0..2 {
            let dst = front_mut::<_, 16>(&mut dst[16 * pair..]);
            _mm256_storeu_si256(dst.cast(), s.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
        fn stream_step(v: [Self; 4], s: Avx2, dst: &mut [bf16]) = for pair in 0..2 {
            let dst = aligned_front_mut::<_, _, 16>(s, &mut dst[16 * pair..]);
            _mm256_stream_si256(dst.cast(), s.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
    }

    impl Avx2 {
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

    impl I16Ops for Avx2 {
        fn i16_and(self, a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        fn i16_xor(self, a: __m256i, b: __m256i) -> __m256i = _mm256_xor_si256(a, b);
        fn i16_min(self, a: __m256i, b: __m256i) -> __m256i = _mm256_min_epi16(a, b);
        fn i16_max(self, a: __m256i, b: __m256i) -> __m256i = _mm256_max_epi16(a, b);
        fn u16_max(self, a: __m256i, b: __m256i) -> __m256i = _mm256_max_epu16(a, b);
        // Every other sign bit of bytes is a number's.
        fn i16_any_negative(self, n: __m256i) -> bool =
            _mm256_movemask_epi8(n) as u32 & 0xaaaa_aaaa != 0;
        fn u16_least(self, n: __m256i) -> u16 = {
            let n = _mm_min_epu16(_mm256_castsi256_si128(n), _mm256_extracti128_si256::<1>(n));
            _mm_cvtsi128_si32(_mm_minpos_epu16(n)) as u16
        };
    }
}
