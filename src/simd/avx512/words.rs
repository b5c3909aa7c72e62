//! AVX-512: a step is two registers of 32 codes.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::x86_64::*;

use super::lanes_below;
use crate::simd::{Avx512, Stored, Words, aligned_front_mut, front, front_mut};

macro_rules! words {
    ($Q:ty, $saturate:ident, $widen:ident) => {
        impl Words<$Q> for Avx512 {
            instructions! { unsafe
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

        impl Stored<$Q> for Avx512 {
            type Packed = [__m512i; 2];

            instructions! { unsafe
                fn store_codes(self, q: [__m512i; 2], dst: &mut [$Q]) = {
                    let dst = front_mut::<_, 64>(dst).cast::<__m512i>();
                    _mm512_storeu_si512(dst, q[0]);
                    _mm512_storeu_si512(dst.add(1), q[1]);
                };
                // A lane that is masked out is not accessed.
                fn store_codes_part(self, q: [__m512i; 2], dst: &mut [$Q]) = for half in 0..2 {
                    let at = dst.as_mut_ptr().wrapping_add(32 * half).cast();
                    let mask = lanes_below(dst.len(), 32 * half, 32) as __mmask32;
                    _mm512_mask_storeu_epi16(at, mask, q[half]);
                };
                fn load_codes_part(self, src: &[$Q]) -> [__m512i; 4] = {
                    let mut q = [_mm512_setzero_si512(); 4];
                    for group in 0..4 {
                        let at = src.as_ptr().wrapping_add(16 * group).cast();
                        let mask = lanes_below(src.len(), 16 * group, 16) as __mmask16;
                        q[group] = $widen(_mm256_maskz_loadu_epi16(mask, at));
                    }
                    q
                };
                fn stream_codes(self, q: [__m512i; 2], dst: &mut [$Q]) = {
                    _mm512_stream_si512(aligned_front_mut::<_, 32>(dst).cast(), q[0]);
                    _mm512_stream_si512(aligned_front_mut::<_, 32>(&mut dst[32..]).cast(), q[1]);
                };
                fn load_codes(self, src: &[$Q]) -> [__m512i; 4] = {
                    let src = front::<_, 64>(src).cast::<__m256i>();
                    [
                        $widen(_mm256_loadu_si256(src)),
                        $widen(_mm256_loadu_si256(src.add(1))),
                        $widen(_mm256_loadu_si256(src.add(2))),
                        $widen(_mm256_loadu_si256(src.add(3))),
                    ]
                };
            }
        }
    };
}

words!(i16, _mm512_packs_epi32, _mm512_cvtepi16_epi32);
words!(u16, _mm512_packus_epi32, _mm512_cvtepu16_epi32);
