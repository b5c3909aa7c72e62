//! Codes of 16 bits: a step is two registers of 16.

use core::arch::x86_64::*;

use super::Avx2;
use crate::simd::{Load, Store, Stored, WordOps};

/// A step of codes.
type Pair = [__m256i; 2];

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        loads! { Avx2, src: [$Q; 8] to __m256i = $widen(_mm_loadu_si128(src)); }

        stores! { Avx2, v, dst:
            [$Q; 32] of Pair = {
                _mm256_storeu_si256(dst, v[0]);
                _mm256_storeu_si256(dst.add(1), v[1])
            }, stream {
                _mm256_stream_si256(dst, v[0]);
                _mm256_stream_si256(dst.add(1), v[1])
            };
        }

        instructions! { unsafe
            impl Stored<$Q> for Avx2 { type Packed = Pair; }

            impl WordOps<$Q> for Avx2 {
                // The packs work within 128-bit parts.
                fn pack_words(self, n: [__m256i; 4]) -> Pair = [
                    _mm256_permute4x64_epi64::<0b11_01_10_00>($saturate(n[0], n[1])),
                    _mm256_permute4x64_epi64::<0b11_01_10_00>($saturate(n[2], n[3])),
                ];
            }
        }
    };
}

words!(i16, _mm256_packs_epi32, _mm256_cvtepi16_epi32);
words!(u16, _mm256_packus_epi32, _mm256_cvtepu16_epi32);
