//! Codes of 16 bits: a step is two registers of 16.

use core::arch::x86_64::*;

use super::Avx2;
use crate::simd::{Load, Stored, Words, aligned_front_mut, front, front_mut};

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        instructions! { unsafe
            impl Load<Avx2, $Q> for __m256i {
                fn load(_: Avx2, src: &[$Q]) -> Self =
                    $widen(_mm_loadu_si128(front::<_, 8>(src).cast()));
            }

            impl Stored<$Q> for Avx2 {
                type Packed = [__m256i; 2];
                fn store_codes(self, q: [__m256i; 2], dst: &mut [$Q]) = {
                    let dst = front_mut::<_, 32>(dst).cast::<__m256i>();
                    _mm256_storeu_si256(dst, q[0]);
                    _mm256_storeu_si256(dst.add(1), q[1]);
                };
                fn stream_codes(self, q: [__m256i; 2], dst: &mut [$Q]) = {
                    _mm256_stream_si256(aligned_front_mut::<_, 16>(dst).cast(), q[0]);
                    _mm256_stream_si256(aligned_front_mut::<_, 16>(&mut dst[16..]).cast(), q[1]);
                };
            }

            impl Words<$Q> for Avx2 {
                // The packs work within 128-bit parts.
                fn pack_words(self, n: [__m256i; 4]) -> [__m256i; 2] = [
                    _mm256_permute4x64_epi64::<0b11_01_10_00>($saturate(n[0], n[1])),
                    _mm256_permute4x64_epi64::<0b11_01_10_00>($saturate(n[2], n[3])),
                ];
            }
        }
    };
}

words!(i16, _mm256_packs_epi32, _mm256_cvtepi16_epi32);
words!(u16, _mm256_packus_epi32, _mm256_cvtepu16_epi32);
