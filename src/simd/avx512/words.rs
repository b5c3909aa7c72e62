//! Codes of 16 bits: a step is two registers of 32.

use core::arch::x86_64::*;

use super::Avx512;
use crate::simd::{Load, Store, Stored, WordOps};

/// A step of codes.
type Pair = [__m512i; 2];

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        loads! { Avx512, src:
            [$Q; 16] to __m512i = $widen(_mm256_loadu_si256(src)), rest(mask, fill)
                $widen(_mm256_mask_loadu_epi16(_mm256_set1_epi16(fill as i16), mask, src));
        }

        stores! { Avx512, v, dst:
            [$Q; 64] of Pair = {
                _mm512_storeu_si512(dst, v[0]);
                _mm512_storeu_si512(dst.add(1), v[1])
            }, stream {
                _mm512_stream_si512(dst, v[0]);
                _mm512_stream_si512(dst.add(1), v[1])
            }, rest(mask) {
                let mask: __mmask64 = mask;
                _mm512_mask_storeu_epi16(dst, mask as __mmask32, v[0]);
                _mm512_mask_storeu_epi16(dst.wrapping_add(32), (mask >> 32) as __mmask32, v[1]);
            };
        }

        instructions! { unsafe
            impl Stored<$Q> for Avx512 { type Packed = Pair; }

            impl WordOps<$Q> for Avx512 {
                // The packs work within 128-bit parts.
                fn pack_words(self, n: [__m512i; 4]) -> Pair = {
                    let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
                    [
                        _mm512_permutexvar_epi64(order, $saturate(n[0], n[1])),
                        _mm512_permutexvar_epi64(order, $saturate(n[2], n[3])),
                    ]
                };
            }
        }
    };
}

words!(i16, _mm512_packs_epi32, _mm512_cvtepi16_epi32);
words!(u16, _mm512_packus_epi32, _mm512_cvtepu16_epi32);
