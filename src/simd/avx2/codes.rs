//! Codes of 8 bits, 32 in a register, and codes of 16 bits, two registers a step.

use core::arch::x86_64::*;

use super::Avx2;
use crate::simd::tables::front;
use crate::simd::{ByteOps, Load, Store, WordOps};

macro_rules! bytes {
    ($Q:ty, $saturate:ident, $widen:ident, $min:ident, $max:ident, |$one:ident, $q:ident| $pairs:expr) => {
        loads! { Avx2, src: [$Q; 8] to __m256i = $widen(_mm_loadl_epi64(src)); }

        stores! { Avx2, v, dst:
            [$Q; 32] of __m256i = _mm256_storeu_si256(dst, v), stream _mm256_stream_si256(dst, v);
        }

        instructions! { unsafe
            impl ByteOps<$Q> for Avx2 {
                type Packed = __m256i;
                binary [__m256i]: min_code = $min, max_code = $max;
                fn pack(self, n: [__m256i; 2]) -> __m256i = {
                    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
                    _mm256_permutevar8x32_epi32($saturate(n[0], n[1]), order)
                };
                fn splat_code(self, q: i32) -> __m256i = _mm256_set1_epi8(q as i8);
                // `maddubs` by 1 adds neighbours.
                fn add_step(self, sums: __m256i, step: &[$Q]) -> __m256i = {
                    let $one = _mm256_set1_epi8(1);
                    let $q = _mm256_loadu_si256(front::<_, 32>(step).cast());
                    _mm256_add_epi16(sums, $pairs)
                };
            }
        }
    };
}

bytes! {
    i8, _mm256_packs_epi16, _mm256_cvtepi8_epi32, _mm256_min_epi8, _mm256_max_epi8,
    |one, q| _mm256_maddubs_epi16(one, q)
}
bytes! {
    u8, _mm256_packus_epi16, _mm256_cvtepu8_epi32, _mm256_min_epu8, _mm256_max_epu8,
    |one, q| _mm256_maddubs_epi16(q, one)
}

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        loads! { Avx2, src: [$Q; 8] to __m256i = $widen(_mm_loadu_si128(src)); }

        stores! { Avx2, v, dst:
            [$Q; 16] of __m256i = _mm256_storeu_si256(dst, v), stream _mm256_stream_si256(dst, v);
        }

        instructions! { unsafe
            impl WordOps<$Q> for Avx2 {
                // The pack instructions work within 128-bit halves.
                fn pack_half(self, a: __m256i, b: __m256i) -> __m256i =
                    _mm256_permute4x64_epi64::<0b11_01_10_00>($saturate(a, b));
            }
        }
    };
}

words!(i16, _mm256_packs_epi32, _mm256_cvtepi16_epi32);
words!(u16, _mm256_packus_epi32, _mm256_cvtepu16_epi32);
