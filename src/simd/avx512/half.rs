//! Floats of 16 bits, and their bits, 32 in a register.

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::Avx512;
use crate::simd::tables::{aligned_front_mut, front_mut, mask};
use crate::simd::{I16Ops, Load, Store};

loads! { Avx512, src:
    [f16; 16] to __m512 = _mm512_cvtph_ps(_mm256_loadu_si256(src)), rest(mask, fill) {
        let fill = _mm256_set1_epi16(fill.to_bits() as i16);
        _mm512_cvtph_ps(_mm256_mask_loadu_epi16(fill, mask, src))
    };
    [bf16; 16] to __m512 = {
        let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(src));
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
    }, rest(mask, fill) {
        let fill = _mm256_set1_epi16(fill.to_bits() as i16);
        let bits = _mm512_cvtepu16_epi32(_mm256_mask_loadu_epi16(fill, mask, src));
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
    };
    [f16; 32] to __m512i = _mm512_loadu_si512(src), rest(mask, fill)
        _mm512_mask_loadu_epi16(_mm512_set1_epi16(fill.to_bits() as i16), mask, src);
    [bf16; 32] to __m512i = _mm512_loadu_si512(src), rest(mask, fill)
        _mm512_mask_loadu_epi16(_mm512_set1_epi16(fill.to_bits() as i16), mask, src);
}

stores! { Avx512, v, dst:
    [f16; 16] of __m512 =
        _mm256_storeu_si256(dst, _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v)),
        stream _mm256_stream_si256(dst, _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v)),
        rest(mask)
            _mm256_mask_storeu_epi16(dst, mask, _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v));
}

instructions! { unsafe
    impl Store<Avx512, bf16> for __m512 {
        fn store(self, s: Avx512, dst: &mut [bf16]) = {
            let bits = _mm512_cvtepi32_epi16(s.bf16_rounded(self));
            _mm256_storeu_si256(front_mut::<_, 16>(dst).cast(), bits);
        };
        fn store_rest(self, s: Avx512, dst: &mut [bf16], at: usize) = {
            let mask = mask(dst.len(), at, 16) as __mmask16;
            let at = dst.as_mut_ptr().wrapping_add(at).cast();
            _mm256_mask_storeu_epi16(at, mask, _mm512_cvtepi32_epi16(s.bf16_rounded(self)));
        };
        fn store_step(v: [Self; 4], s: Avx512, dst: &mut [bf16]) = for pair in 0..2 {
            let dst = front_mut::<_, 32>(&mut dst[32 * pair..]);
            _mm512_storeu_si512(dst.cast(), s.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
        fn stream_step(v: [Self; 4], s: Avx512, dst: &mut [bf16]) = for pair in 0..2 {
            let dst = aligned_front_mut::<_, _, 32>(s, &mut dst[32 * pair..]);
            _mm512_stream_si512(dst.cast(), s.bf16_pair(v[2 * pair], v[2 * pair + 1]));
        };
    }

    impl Avx512 {
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

    impl I16Ops for Avx512 {
        fn i16_and(self, a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        fn i16_xor(self, a: __m512i, b: __m512i) -> __m512i = _mm512_xor_si512(a, b);
        fn i16_min(self, a: __m512i, b: __m512i) -> __m512i = _mm512_min_epi16(a, b);
        fn i16_max(self, a: __m512i, b: __m512i) -> __m512i = _mm512_max_epi16(a, b);
        fn u16_max(self, a: __m512i, b: __m512i) -> __m512i = _mm512_max_epu16(a, b);
        fn i16_any_negative(self, n: __m512i) -> bool = _mm512_movepi16_mask(n) != 0;
        fn u16_least(self, n: __m512i) -> u16 = {
            let n = _mm256_min_epu16(
                _mm512_castsi512_si256(n),
                _mm512_extracti64x4_epi64::<1>(n),
            );
            let n = _mm_min_epu16(_mm256_castsi256_si128(n), _mm256_extracti128_si256::<1>(n));
            _mm_cvtsi128_si32(_mm_minpos_epu16(n)) as u16
        };
    }
}
