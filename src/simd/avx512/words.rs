//! Codes of 16 bits: a step is two registers of 32.

use core::arch::x86_64::*;

use super::{Avx512, mask};
use crate::simd::{Load, Stored, Words, aligned_front_mut, front, front_mut};

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        instructions! { unsafe
            impl Load<Avx512, $Q> for __m512i {
                fn load(_: Avx512, src: &[$Q]) -> Self =
                    $widen(_mm256_loadu_si256(front::<_, 16>(src).cast()));
                fn load_rest(_: Avx512, src: &[$Q], at: usize, fill: $Q) -> Self = {
                    let mask = mask(src.len(), at, 16) as __mmask16;
                    let at = src.as_ptr().wrapping_add(at).cast();
                    $widen(_mm256_mask_loadu_epi16(_mm256_set1_epi16(fill as i16), mask, at))
                };
            }

            impl Stored<$Q> for Avx512 {
                type Packed = [__m512i; 2];
                fn store_codes(self, q: [__m512i; 2], dst: &mut [$Q]) = {
                    let dst = front_mut::<_, 64>(dst).cast::<__m512i>();
                    _mm512_storeu_si512(dst, q[0]);
                    _mm512_storeu_si512(dst.add(1), q[1]);
                };
                fn stream_codes(self, q: [__m512i; 2], dst: &mut [$Q]) = {
                    _mm512_stream_si512(aligned_front_mut::<_, 32>(dst).cast(), q[0]);
                    _mm512_stream_si512(aligned_front_mut::<_, 32>(&mut dst[32..]).cast(), q[1]);
                };
                fn store_codes_part(self, q: [__m512i; 2], dst: &mut [$Q]) = for half in 0..2 {
                    let mask = mask(dst.len(), 32 * half, 32) as __mmask32;
                    let at = dst.as_mut_ptr().wrapping_add(32 * half).cast();
                    _mm512_mask_storeu_epi16(at, mask, q[half]);
                };
            }

            impl Words<$Q> for Avx512 {
                // The packs work within 128-bit parts.
                fn pack_words(self, n: [__m512i; 4]) -> [__m512i; 2] = {
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
