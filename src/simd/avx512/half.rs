//! Floats of 16 bits, and their bits, 32 in a register.

use core::arch::x86_64::*;

use bytemuck::cast;
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::Avx512;
use crate::simd::tables::{front, front_mut, mask};
use crate::simd::{FloatBits, Load, ShortFloat, Store, WordOps};

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
        fn store_step(v: [Self; 4], s: Avx512, dst: &mut [bf16]) =
            s.bf16_bits(v).store(s, dst.reinterpret_cast_mut());
        fn stream_step(v: [Self; 4], s: Avx512, dst: &mut [bf16]) =
            s.bf16_bits(v).stream(s, dst.reinterpret_cast_mut());
    }

    impl Avx512 {
        fn bf16_bits(self, v: [__m512; 4]) -> [__m512i; 2] = {
            let (a, b) = (self.bf16_rounded(v[0]), self.bf16_rounded(v[1]));
            WordOps::<u16>::pack_words(self, [a, b, self.bf16_rounded(v[2]), self.bf16_rounded(v[3])])
        };
        // Adds half of the last place, or one less where a tie has an even neighbour below.
        fn bf16_rounded(self, v: __m512) -> __m512i = {
            let bits = _mm512_castps_si512(v);
            let odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(1 << 16));
            let less = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff));
            let half = _mm512_mask_add_epi32(less, odd, less, _mm512_set1_epi32(1));
            _mm512_srli_epi32::<16>(half)
        };
        // `n ^ flip` orders the lanes as unsigned integers; the least one is flipped back.
        fn u16_least(self, n: __m512i, flip: u16) -> u16 = {
            let n = _mm512_xor_si512(n, _mm512_set1_epi16(flip as i16));
            let (low, high) = (_mm512_castsi512_si256(n), _mm512_extracti64x4_epi64::<1>(n));
            let n = _mm256_min_epu16(low, high);
            let n = _mm_min_epu16(_mm256_castsi256_si128(n), _mm256_extracti128_si256::<1>(n));
            _mm_cvtsi128_si32(_mm_minpos_epu16(n)) as u16 ^ flip
        };
    }

    impl<T: ShortFloat> Load<Avx512, T> for __m512i {
        const LANES: usize = 32;
        fn load(_: Avx512, src: &[T]) -> Self = _mm512_loadu_si512(front::<_, 32>(src).cast());
        fn load_rest(_: Avx512, src: &[T], at: usize, fill: T) -> Self = {
            let mask = mask(src.len(), at, 32) as __mmask32;
            let src = src.as_ptr().wrapping_add(at).cast();
            _mm512_mask_loadu_epi16(_mm512_set1_epi16(cast::<T, i16>(fill)), mask, src)
        };
    }

    impl<T: ShortFloat> FloatBits<T> for Avx512 {
        type Ints = __m512i;
        binary [__m512i]: bits_and = _mm512_and_si512, signed_min = _mm512_min_epi16,
            signed_max = _mm512_max_epi16, unsigned_max = _mm512_max_epu16;
        fn bits_splat(self, bits: u32) -> __m512i = _mm512_set1_epi16(bits as i16);
        fn bits_not(self, n: __m512i) -> __m512i = _mm512_xor_si512(n, _mm512_set1_epi16(-1));
        fn any_negative(self, n: __m512i) -> bool = _mm512_movepi16_mask(n) != 0;
        fn signed_least(self, n: __m512i) -> i32 = i32::from(self.u16_least(n, 0x8000) as i16);
        fn signed_greatest(self, n: __m512i) -> i32 = i32::from(self.u16_least(n, 0x7fff) as i16);
        fn unsigned_greatest(self, n: __m512i) -> u32 = u32::from(self.u16_least(n, 0xffff));
    }
}
