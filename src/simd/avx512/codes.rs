//! Codes of 8 bits, 64 in a register, and codes of 16 bits, two registers a step.

use core::arch::x86_64::*;

use super::Avx512;
use crate::simd::tables::front;
use crate::simd::{ByteOps, Load, Store, WordOps};

macro_rules! bytes {
    ($Q:ty, $saturate:ident, $widen:ident, $min:ident, $max:ident, |$one:ident, $q:ident| $pairs:expr) => {
        loads! { Avx512, src:
            [$Q; 16] to __m512i = $widen(_mm_loadu_si128(src)), rest(mask, fill)
                $widen(_mm_mask_loadu_epi8(_mm_set1_epi8(fill as i8), mask, src));
        }

        stores! { Avx512, v, dst:
            [$Q; 64] of __m512i = _mm512_storeu_si512(dst, v), stream _mm512_stream_si512(dst, v),
                rest(mask) _mm512_mask_storeu_epi8(dst, mask, v);
        }

        instructions! { unsafe
            impl ByteOps<$Q> for Avx512 {
                type Packed = __m512i;
                binary [__m512i]: min_code = $min, max_code = $max;
                fn pack(self, n: [__m512i; 2]) -> __m512i = {
                    let order =
                        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
                    _mm512_permutexvar_epi32(order, $saturate(n[0], n[1]))
                };
                fn splat_code(self, q: i32) -> __m512i = _mm512_set1_epi8(q as i8);
                // `maddubs` by 1 adds neighbours.
                fn add_step(self, sums: __m512i, step: &[$Q]) -> __m512i = {
                    let $one = _mm512_set1_epi8(1);
                    let $q = _mm512_loadu_si512(front::<_, 64>(step).cast());
                    _mm512_add_epi16(sums, $pairs)
                };
            }
        }
    };
}

bytes! {
    i8, _mm512_packs_epi16, _mm512_cvtepi8_epi32, _mm512_min_epi8, _mm512_max_epi8,
    |one, q| _mm512_maddubs_epi16(one, q)
}
bytes! {
    u8, _mm512_packus_epi16, _mm512_cvtepu8_epi32, _mm512_min_epu8, _mm512_max_epu8,
    |one, q| _mm512_maddubs_epi16(q, one)
}

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        loads! { Avx512, src:
            [$Q; 16] to __m512i = $widen(_mm256_loadu_si256(src)), rest(mask, fill)
                $widen(_mm256_mask_loadu_epi16(_mm256_set1_epi16(fill as i16), mask, src));
        }

        stores! { Avx512, v, dst:
            [$Q; 32] of __m512i = _mm512_storeu_si512(dst, v), stream _mm512_stream_si512(dst, v),
                rest(mask) _mm512_mask_storeu_epi16(dst, mask, v);
        }

        instructions! { unsafe
            impl WordOps<$Q> for Avx512 {
                // The pack instructions work within 128-bit parts.
                fn pack_half(self, a: __m512i, b: __m512i) -> __m512i = {
                    let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
                    _mm512_permutexvar_epi64(order, $saturate(a, b))
                };
            }
        }
    };
}

words!(i16, _mm512_packs_epi32, _mm512_cvtepi16_epi32);
words!(u16, _mm512_packus_epi32, _mm512_cvtepu16_epi32);
