//! Codes of 16 bits: a step is two registers of 8.

use bytemuck::cast;
use wide::{i16x8, i32x4, i32x8};

use super::Portable;
use crate::simd::{Load, Store, Stored, WordOps};

macro_rules! stored {
    ($Q:ty) => {
        instructions! { safe
            impl Load<Portable, $Q> for i32x4 {
                fn load(_: Portable, src: &[$Q]) -> Self =
                    Self::new([src[0].into(), src[1].into(), src[2].into(), src[3].into()]);
            }

            impl Store<Portable, $Q> for [$Q; 16] {
                const LANES: usize = 16;
                fn store(self, _: Portable, dst: &mut [$Q]) = dst[..16].copy_from_slice(&self);
            }

            impl Stored<$Q> for Portable {
                type Packed = [$Q; 16];
            }
        }
    };
}

stored!(i16);
stored!(u16);

instructions! { safe
    impl WordOps<i16> for Portable {
        fn pack_words(self, n: [i32x4; 4]) -> [i16; 16] =
            cast([saturate(n[0], n[1]), saturate(n[2], n[3])]);
    }

    impl WordOps<u16> for Portable {
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
