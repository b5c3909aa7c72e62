//! AVX-512: a register is 32 numbers.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use super::lanes_below;
use crate::simd::{Avx512, ShortFloat, Shorts, front};

impl Shorts for Avx512 {
    #[inline(always)]
    fn load_shorts<T: ShortFloat>(self, src: &[T]) -> __m512i {
        const { assert!(size_of::<T>() == 2) };
        // SAFETY: `self` exists only where detection found AVX-512; `front` has checked that there
        // are 32 numbers of 2 bytes.
        unsafe { _mm512_loadu_si512(front::<_, 32>(src).cast()) }
    }
    #[inline(always)]
    fn load_shorts_part<T: ShortFloat>(self, src: &[T], fill: T) -> [__m512i; 4] {
        const { assert!(size_of::<T>() == 2) };
        // SAFETY: `self` exists only where detection found AVX-512 with BW. A lane that is masked
        // out, beyond the length of the slice, is not accessed.
        unsafe {
            let mut v = [_mm512_set1_epi16(fill.to_bits() as i16); 4];
            for group in 0..4 {
                let at = src.as_ptr().wrapping_add(32 * group).cast();
                let mask = lanes_below(src.len(), 32 * group, 32) as __mmask32;
                v[group] = _mm512_mask_loadu_epi16(v[group], mask, at);
            }
            v
        }
    }

    instructions! { unsafe
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
