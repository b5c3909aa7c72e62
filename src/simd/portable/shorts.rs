//! Every target: a register is 8 numbers.

use bytemuck::cast;
use wide::{i16x8, u16x8};

use crate::simd::{Portable, ShortFloat, Shorts};

impl Shorts for Portable {
    #[inline(always)]
    fn load_shorts<T: ShortFloat>(self, src: &[T]) -> i16x8 {
        let mut lanes = [T::zeroed(); 8];
        lanes.copy_from_slice(&src[..8]);
        cast(lanes)
    }

    instructions! {
        fn i16_and(self, a: i16x8, b: i16x8) -> i16x8 = a & b;
        fn i16_xor(self, a: i16x8, b: i16x8) -> i16x8 = a ^ b;
        fn i16_min(self, a: i16x8, b: i16x8) -> i16x8 = a.min(b);
        fn i16_max(self, a: i16x8, b: i16x8) -> i16x8 = a.max(b);
        // SSE2 has the maximum of signed integers only, but subtracts unsigned ones with saturation.
        fn u16_max(self, a: i16x8, b: i16x8) -> i16x8 = {
            let (a, b) = (cast::<_, u16x8>(a), cast::<_, u16x8>(b));
            let sse2 = cfg!(all(target_feature = "sse2", not(target_feature = "sse4.1")));
            cast(if sse2 { a.saturating_sub(b) + b } else { a.max(b) })
        };
        fn i16_any_negative(self, n: i16x8) -> bool = n.reduce_min() < 0;
        fn u16_least(self, n: i16x8) -> u16 =
            (n ^ i16x8::splat(i16::MIN)).reduce_min() as u16 ^ 0x8000;
    }
}
