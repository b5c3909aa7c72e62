//! Codes of 8 bits, 16 in a register, and of 16 bits, of which a step is two registers.

use bytemuck::cast;
use wide::{i8x16, i16x8, i16x16, i32x4, i32x8, u8x16};

use super::Portable;
use crate::simd::{ByteOps, Load, Simd, Store, Stored, WordOps};

/// Writes a step of codes `$Q` in memory, `$V` in registers, and their loads as integers.
macro_rules! stored {
    ($Q:ty, $V:ty $(, load_step($q:ident) $widened:expr)?) => {
        instructions! { safe
            impl Load<Portable, $Q> for i32x4 {
                fn load(_: Portable, src: &[$Q]) -> Self =
                    Self::new([src[0].into(), src[1].into(), src[2].into(), src[3].into()]);
                $(fn load_step(_: Portable, src: &[$Q]) -> [Self; 4] = {
                    let mut $q = [0; 16];
                    $q.copy_from_slice(&src[..16]);
                    $widened
                };)?
            }

            impl Store<Portable, $Q> for $V {
                const LANES: usize = 16;
                fn store(self, _: Portable, dst: &mut [$Q]) =
                    dst[..16].copy_from_slice(&cast::<_, [$Q; 16]>(self));
            }

            impl Stored<$Q> for Portable {
                type Packed = $V;
            }
        }
    };
}

macro_rules! bytes {
    ($Q:ty, $V:ident, $saturate:path) => {
        stored!($Q, $V, load_step(q) widen_to_i32(i16x16::from($V::new(q))));

        instructions! { safe
            impl ByteOps<$Q> for Portable {
                fn pack(self, n: [i16x8; 2]) -> $V = $saturate(n[0], n[1]);
                fn splat_code(self, q: i32) -> $V = $V::splat(q as $Q);
                fn min_code(self, a: $V, b: $V) -> $V = a.min(b);
                fn max_code(self, a: $V, b: $V) -> $V = a.max(b);
                fn add_step(self, sums: i16x8, step: &[$Q]) -> i16x8 = {
                    let mut q = [0; 16];
                    q.copy_from_slice(&step[..16]);
                    let [low, high] = cast::<_, [i16x8; 2]>(i16x16::from($V::new(q)));
                    sums + (low + high)
                };
            }
        }
    };
}

bytes!(i8, i8x16, saturate_to_i8);
bytes!(u8, u8x16, u8x16::narrow_i16x8);
stored!(i16, [i16x8; 2]);
stored!(u16, [i16x8; 2]);

instructions! { safe
    impl WordOps<i16> for Portable {
        fn pack_words(self, n: [i32x4; 4]) -> [i16x8; 2] =
            [self.i16_from_i32(n[0], n[1]), self.i16_from_i32(n[2], n[3])];
    }

    impl WordOps<u16> for Portable {
        // SSE2 saturates to `i16` only: so the codes' middle is moved to 0, and back.
        fn pack_words(self, n: [i32x4; 4]) -> [i16x8; 2] = {
            let mut n = n;
            for group in 0..4 {
                n[group] = n[group].max(i32x4::splat(0)) - i32x4::splat(1 << 15);
            }
            let [low, high] = WordOps::<i16>::pack_words(self, n);
            let middle = i16x8::splat(i16::MIN);
            [low ^ middle, high ^ middle]
        };
    }
}

#[inline(always)]
fn saturate_to_i8(low: i16x8, high: i16x8) -> i8x16 {
    i8x16::from_i16x16_saturate(cast::<_, i16x16>([low, high]))
}

#[inline(always)]
fn widen_to_i32(n: i16x16) -> [i32x4; 4] {
    let [low, high] = cast::<_, [i16x8; 2]>(n);
    let [a, b] = cast::<_, [i32x4; 2]>(i32x8::from_i16x8(low));
    let [c, d] = cast::<_, [i32x4; 2]>(i32x8::from_i16x8(high));
    [a, b, c, d]
}
