//! AVX2: a register is 16 numbers.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use crate::simd::{Avx2, ShortFloat, Shorts, front};

impl Shorts for Avx2 {
    #[inline(always)]
    fn load_shorts<T: ShortFloat>(self, src: &[T]) -> __m256i {
        const { assert!(size_of::<T>() == 2) };
        // SAFETY: `self` exists only where detection found AVX2; `front` has checked that there are
        // 16 numbers of 2 bytes.
        unsafe { _mm256_loadu_si256(front::<_, 16>(src).cast()) }
    }

    instructions! { unsafe
        fn i16_and(self, a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        fn i16_xor(self, a: __m256i, b: __m256i) -> __m256i = _mm256_xor_si256(a, b);
        fn i16_min(self, a: __m256i, b: __m256i) -> __m256i = _mm256_min_epi16(a, b);
        fn i16_max(self, a: __m256i, b: __m256i) -> __m256i = _mm256_max_epi16(a, b);
        fn u16_max(self, a: __m256i, b: __m256i) -> __m256i = _mm256_max_epu16(a, b);
        // The sign bits of bytes, every other of which is a number's.
        fn i16_any_negative(self, n: __m256i) -> bool =
            _mm256_movemask_epi8(n) as u32 & 0xaaaa_aaaa != 0;
        fn u16_least(self, n: __m256i) -> u16 = {
            let n = _mm_min_epu16(_mm256_castsi256_si128(n), _mm256_extracti128_si256::<1>(n));
            _mm_cvtsi128_si32(_mm_minpos_epu16(n)) as u16
        };
    }
}
