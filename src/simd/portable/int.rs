//! The arithmetic of 32-bit integers.

use wide::i32x4;

use super::Portable;
use crate::simd::{AddCodes, I32Ops};

instructions! { safe
    impl I32Ops for Portable {
        fn i32_and(self, a: i32x4, b: i32x4) -> i32x4 = a & b;
        fn i32_shift_right(self, a: i32x4, n: i32) -> i32x4 = a >> n;
        fn i32_shift_left_by(self, a: i32x4, n: i32x4) -> i32x4 = {
            let ([a, b, c, d], [i, j, k, l]) = (a.to_array(), n.to_array());
            i32x4::new([a << i, b << j, c << k, d << l])
        };
        fn i32_shift_right_by(self, a: i32x4, n: i32x4) -> i32x4 = {
            let ([a, b, c, d], [i, j, k, l]) = (a.to_array(), n.to_array());
            i32x4::new([a >> i, b >> j, c >> k, d >> l])
        };
        fn i32_mul_high(self, a: i32x4, b: i32x4) -> i32x4 = {
            let (a, b) = (a.to_array(), b.to_array());
            let mut high = [0; 4];
            for lane in 0..4 {
                high[lane] = ((i64::from(a[lane]) * i64::from(b[lane]) + (1 << 30)) >> 31) as i32;
            }
            i32x4::new(high)
        };
        // Both roundings at once, in 64 bits.
        fn i32_mul_shift(self, a: i32x4, m: i32x4, e: i32x4) -> i32x4 = {
            let (a, m, e) = (a.to_array(), m.to_array(), e.to_array());
            let mut n = [0; 4];
            for lane in 0..4 {
                let (a, m, e) = (i64::from(a[lane]), i64::from(m[lane]), e[lane]);
                let nudge = (1 << 30) + (1_i64 << 30 << e) - (a >> 63 & 1 << 31);
                n[lane] = ((a * m + nudge) >> (31 + e)) as i32;
            }
            i32x4::new(n)
        };
    }
}

impl AddCodes<i8> for Portable {}
impl AddCodes<u8> for Portable {}
