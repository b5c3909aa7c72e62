//! The arithmetic of 32-bit integers, and sums of codes.

use core::arch::x86_64::*;

use super::Avx512;
use crate::simd::tables::front;
use crate::simd::{AddCodes, I32Ops};

instructions! { unsafe
    impl I32Ops for Avx512 {
        fn i32_and(self, a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        fn i32_shift_right(self, a: __m512i, n: i32) -> __m512i =
            _mm512_sra_epi32(a, _mm_cvtsi32_si128(n));
        fn i32_shift_left_by(self, a: __m512i, n: __m512i) -> __m512i = _mm512_sllv_epi32(a, n);
        fn i32_shift_right_by(self, a: __m512i, n: __m512i) -> __m512i = _mm512_srav_epi32(a, n);
        // See `avx2/int.rs`.
        fn i32_mul_high(self, a: __m512i, b: __m512i) -> __m512i = {
            let half = _mm512_set1_epi64(1 << 30);
            let a_odd = _mm512_shuffle_epi32::<0b11_11_01_01>(a);
            let b_odd = _mm512_shuffle_epi32::<0b11_11_01_01>(b);
            let even = _mm512_add_epi64(_mm512_mul_epi32(a, b), half);
            let odd = _mm512_add_epi64(_mm512_mul_epi32(a_odd, b_odd), half);
            let (even, odd) = (_mm512_srli_epi64::<31>(even), _mm512_slli_epi64::<1>(odd));
            _mm512_mask_blend_epi32(0xaaaa, even, odd)
        };
        // Both roundings at once, in 64 bits. The parts without `a` are made outside of the caller's loop. An odd lane
        // is shifted with its sign, in all bits from 31 on: just those in which the nudge of negative lanes differs.
        // (LLVM sees the multiplication behind that shift, which AVX2 has not.)
        fn i32_mul_shift(self, a: __m512i, m: __m512i, e: __m512i) -> __m512i = {
            let (m_odd, e_odd) = (_mm512_srli_epi64::<32>(m), _mm512_srli_epi64::<32>(e));
            let (nudge_even, less_even) = self.nudges(_mm512_maskz_mov_epi32(0x5555, e));
            let (nudge_odd, less_odd) = self.nudges(e_odd);
            let change_odd = _mm512_xor_si512(nudge_odd, less_odd);

            let a_odd = _mm512_srai_epi64::<32>(a);
            let (even, odd) = (_mm512_mul_epi32(a, m), _mm512_mul_epi32(a_odd, m_odd));
            let negative_even = _mm512_movepi64_mask(even);
            let nudge_even = _mm512_mask_blend_epi64(negative_even, nudge_even, less_even);
            // nudge_odd ^ (a_odd & change_odd)
            let nudge_odd = _mm512_ternarylogic_epi64::<0x78>(nudge_odd, a_odd, change_odd);
            let (even, odd) = (_mm512_add_epi64(even, nudge_even), _mm512_add_epi64(odd, nudge_odd));
            let high = _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even);
            _mm512_srav_epi32(high, _mm512_sub_epi32(e, _mm512_set1_epi32(1)))
        };
    }

    impl Avx512 {
        // 2³⁰ + 2³⁰⁺ᵉ, and 2³¹ less, for products of 64 bits.
        fn nudges(self, e: __m512i) -> (__m512i, __m512i) = {
            let half = _mm512_set1_epi64(1 << 30);
            let nudge = _mm512_add_epi64(_mm512_sllv_epi64(half, e), half);
            (nudge, _mm512_sub_epi64(nudge, _mm512_set1_epi64(1 << 31)))
        };
    }
}

macro_rules! add_codes {
    ($Q:ty, $one:ident, $q:ident, $pairs:expr) => {
        instructions! { unsafe
            impl AddCodes<$Q> for Avx512 {
                // A multiplication by 1 adds neighbours: two codes of each step, and two sums of many steps.
                fn add_codes(self, sums: __m512i, src: &[$Q]) -> __m512i = {
                    let $one = _mm512_set1_epi8(1);
                    let mut pairs = _mm512_setzero_si512();
                    for step in src.chunks_exact(64) {
                        let $q = _mm512_loadu_si512(front::<_, 64>(step).cast());
                        pairs = _mm512_add_epi16(pairs, $pairs);
                    }
                    _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)))
                };
            }
        }
    };
}

add_codes!(i8, one, q, _mm512_maddubs_epi16(one, q));
add_codes!(u8, one, q, _mm512_maddubs_epi16(q, one));
