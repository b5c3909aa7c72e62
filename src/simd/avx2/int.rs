//! The arithmetic of 32-bit integers, and sums of codes.

use core::arch::x86_64::*;

use super::Avx2;
use crate::simd::tables::front;
use crate::simd::{AddCodes, I32Ops};

instructions! { unsafe
    impl I32Ops for Avx2 {
        fn i32_and(self, a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        fn i32_shift_right(self, a: __m256i, n: i32) -> __m256i =
            _mm256_sra_epi32(a, _mm_cvtsi32_si128(n));
        fn i32_shift_left_by(self, a: __m256i, n: __m256i) -> __m256i = _mm256_sllv_epi32(a, n);
        fn i32_shift_right_by(self, a: __m256i, n: __m256i) -> __m256i = _mm256_srav_epi32(a, n);
        // The products of even lanes and of odd ones, in 64 bits; each result's bits end up where its lane is. Odd
        // lanes are shuffled to even places: a shift tells LLVM that it is a product of 64-bit integers, and it makes
        // one, of three multiplications.
        fn i32_mul_high(self, a: __m256i, b: __m256i) -> __m256i = {
            let half = _mm256_set1_epi64x(1 << 30);
            let a_odd = _mm256_shuffle_epi32::<0b11_11_01_01>(a);
            let b_odd = _mm256_shuffle_epi32::<0b11_11_01_01>(b);
            let even = _mm256_add_epi64(_mm256_mul_epi32(a, b), half);
            let odd = _mm256_add_epi64(_mm256_mul_epi32(a_odd, b_odd), half);
            let (even, odd) = (_mm256_srli_epi64::<31>(even), _mm256_slli_epi64::<1>(odd));
            _mm256_blend_epi32::<0b1010_1010>(even, odd)
        };
    }
}

macro_rules! add_codes {
    ($Q:ty, $one:ident, $q:ident, $pairs:expr) => {
        instructions! { unsafe
            impl AddCodes<$Q> for Avx2 {
                // A multiplication by 1 adds neighbours: two codes of each step, and two sums of many steps.
                fn add_codes(self, sums: __m256i, src: &[$Q]) -> __m256i = {
                    let $one = _mm256_set1_epi8(1);
                    let mut pairs = _mm256_setzero_si256();
                    for step in src.chunks_exact(32) {
                        let $q = _mm256_loadu_si256(front::<_, 32>(step).cast());
                        pairs = _mm256_add_epi16(pairs, $pairs);
                    }
                    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
                };
            }
        }
    };
}

add_codes!(i8, one, q, _mm256_maddubs_epi16(one, q));
add_codes!(u8, one, q, _mm256_maddubs_epi16(q, one));
