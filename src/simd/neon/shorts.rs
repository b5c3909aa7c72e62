//! NEON: a register is 8 numbers.
#![expect(unsafe_code, reason = "the CPU's instructions; see `instructions!`")]

use core::arch::aarch64::*;

use crate::simd::{Neon, ShortFloat, Shorts, front};

impl Shorts for Neon {
    #[inline(always)]
    fn load_shorts<T: ShortFloat>(self, src: &[T]) -> int16x8_t {
        const { assert!(size_of::<T>() == 2) };
        // SAFETY: `self` exists only where detection found NEON; `front` has checked that there are
        // 8 numbers of 2 bytes.
        unsafe { vld1q_s16(front::<_, 8>(src).cast()) }
    }

    instructions! { unsafe
        fn i16_and(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vandq_s16(a, b);
        fn i16_xor(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = veorq_s16(a, b);
        fn i16_min(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vminq_s16(a, b);
        fn i16_max(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vmaxq_s16(a, b);
        fn u16_max(self, a: int16x8_t, b: int16x8_t) -> int16x8_t = vreinterpretq_s16_u16(
            vmaxq_u16(vreinterpretq_u16_s16(a), vreinterpretq_u16_s16(b)),
        );
        fn i16_any_negative(self, n: int16x8_t) -> bool = vminvq_s16(n) < 0;
        fn u16_least(self, n: int16x8_t) -> u16 = vminvq_u16(vreinterpretq_u16_s16(n));
    }
}
