//! Floats of 16 bits, with F16C, and their bits, 16 in a register.

use core::arch::x86_64::*;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::Avx2;
use crate::simd::tables::{front, front_mut};
use crate::simd::{FloatBits, Load, ShortFloat, Store, WordOps};

loads! { Avx2, src:
    [f16; 8] to __m256 = _mm256_cvtph_ps(_mm_loadu_si128(src));
    [bf16; 8] to __m256 = {
        let bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(src));
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits))
    };
}

stores! { Avx2, v, dst:
    [f16; 8] of __m256 =
        _mm_storeu_si128(dst, _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v)),
        stream _mm_stream_si128(dst, _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(v));
}

instructions! { unsafe
    impl Store<Avx2, bf16> for __m256 {
        fn store(self, s: Avx2, dst: &mut [bf16]) = {
            let [bits, _] = s.bf16_bits([self; 4]);
            _mm_storeu_si128(front_mut::<_, 8>(dst).cast(), _mm256_castsi256_si128(bits));
        };
        fn store_step(v: [Self; 4], s: Avx2, dst: &mut [bf16]) =
            s.bf16_bits(v).store(s, dst.reinterpret_cast_mut());
        fn stream_step(v: [Self; 4], s: Avx2, dst: &mut [bf16]) =
            s.bf16_bits(v).stream(s, dst.reinterpret_cast_mut());
    }

    impl Avx2 {
        // Adds half of the last place, or one less where a tie has an even neighbour below.
        fn bf16_bits(self, v: [__m256; 4]) -> [__m256i; 2] = {
            let mut bits = [_mm256_setzero_si256(); 4];
            for group in 0..4 {
                let n = _mm256_castps_si256(v[group]);
                let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(n), _mm256_set1_epi32(1));
                let half = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
                bits[group] = _mm256_srli_epi32::<16>(_mm256_add_epi32(n, half));
            }
            WordOps::<u16>::pack_words(self, bits)
        };
        // `n ^ flip` orders the lanes as unsigned integers; the least one is flipped back.
        fn u16_least(self, n: __m256i, flip: u16) -> u16 = {
            let n = _mm256_xor_si256(n, _mm256_set1_epi16(flip as i16));
            let n = _mm_min_epu16(_mm256_castsi256_si128(n), _mm256_extracti128_si256::<1>(n));
            _mm_cvtsi128_si32(_mm_minpos_epu16(n)) as u16 ^ flip
        };
    }

    impl<T: ShortFloat> Load<Avx2, T> for __m256i {
        const LANES: usize = 16;
        fn load(_: Avx2, src: &[T]) -> Self = _mm256_loadu_si256(front::<_, 16>(src).cast());
    }

    impl<T: ShortFloat> FloatBits<T> for Avx2 {
        type Ints = __m256i;
        binary [__m256i]: bits_and = _mm256_and_si256, signed_min = _mm256_min_epi16,
            signed_max = _mm256_max_epi16, unsigned_max = _mm256_max_epu16;
        fn bits_splat(self, bits: u32) -> __m256i = _mm256_set1_epi16(bits as i16);
        fn bits_not(self, n: __m256i) -> __m256i = _mm256_xor_si256(n, _mm256_set1_epi16(-1));
        // A number's sign is the sign bit of every second byte.
        fn any_negative(self, n: __m256i) -> bool =
            _mm256_movemask_epi8(n) as u32 & 0xaaaa_aaaa != 0;
        fn signed_least(self, n: __m256i) -> i32 = i32::from(self.u16_least(n, 0x8000) as i16);
        fn signed_greatest(self, n: __m256i) -> i32 = i32::from(self.u16_least(n, 0x7fff) as i16);
        fn unsigned_greatest(self, n: __m256i) -> u32 = u32::from(self.u16_least(n, 0xffff));
    }
}
