//! Every target: a step is two registers of 8 codes.

use bytemuck::cast;
use wide::{i16x8, i32x4, i32x8};

use crate::simd::{Portable, Stored, Words};

impl Words<i16> for Portable {
    instructions! {
        fn pack_words(self, n: [i32x4; 4]) -> [i16; 16] =
            cast([saturate(n[0], n[1]), saturate(n[2], n[3])]);
    }
}

impl Words<u16> for Portable {
    instructions! {
        // SSE2 saturates to `i16` only: so the codes' middle is moved to 0, and back.
        fn pack_words(self, n: [i32x4; 4]) -> [u16; 16] = {
            let low = saturate(below_middle(n[0]), below_middle(n[1]));
            let high = saturate(below_middle(n[2]), below_middle(n[3]));
            let middle = i16x8::splat(i16::MIN);
            cast([low ^ middle, high ^ middle])
        };
    }
}

#[inline(always)]
fn saturate(low: i32x4, high: i32x4) -> i16x8 {
    i16x8::from_i32x8_saturate(cast::<_, i32x8>([low, high]))
}

/// `max(n, 0) − 2¹⁵`
#[inline(always)]
fn below_middle(n: i32x4) -> i32x4 {
    n.max(i32x4::splat(0)) - i32x4::splat(1 << 15)
}

macro_rules! stored {
    ($Q:ty) => {
        impl Stored<$Q> for Portable {
            type Packed = [$Q; 16];

            instructions! {
                fn store_codes(self, q: [$Q; 16], dst: &mut [$Q]) =
                    dst[..16].copy_from_slice(&q);
                fn load_codes(self, src: &[$Q]) -> [i32x4; 4] = {
                    let mut n = [0; 16];
                    for (n, q) in n.iter_mut().zip(&src[..16]) {
                        *n = i32::from(*q);
                    }
                    cast(n)
                };
            }
        }
    };
}

stored!(i16);
stored!(u16);
