//! Codes of 8 bits, 16 in a register, and codes of 16 bits, two registers a step.

use bytemuck::cast;
use wide::{i8x16, i16x8, i16x16, i32x4, i32x8, u8x16};

use super::Portable;
use crate::simd::{ByteOps, Load, Simd, Store, WordOps};

/// Writes the stores of codes `$Q` from registers `$V`, and their loads as integers.
macro_rules! memory {
    ($Q:ty, [$V:ty; $n:literal] $(, load_step($q:ident) $widened:expr)?) => {
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
                const LANES: usize = $n;
                fn store(self, _: Portable, dst: &mut [$Q]) =
                    dst[..$n].copy_from_slice(&cast::<_, [$Q; $n]>(self));
            }
        }
    };
}

macro_rules! bytes {
    ($Q:ty, $V:ident, $saturate:path) => {
        memory!($Q, [$V; 16], load_step(q) widen_to_i32(i16x16::from($V::new(q))));

        instructions! { safe
            impl ByteOps<$Q> for Portable {
                type Packed = $V;
                binary [$V]: min_code = $V::min, max_code = $V::max;
                fn pack(self, n: [i16x8; 2]) -> $V = $saturate(n[0], n[1]);
                fn splat_code(self, q: i32) -> $V = $V::splat(q as $Q);
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
memory!(i16, [i16x8; 8]);
memory!(u16, [i16x8; 8]);

instructions! { safe
    impl WordOps<i16> for Portable {
        fn pack_half(self, a: i32x4, b: i32x4) -> i16x8 = self.i16_from_i32(a, b);
    }

    impl WordOps<u16> for Portable {
        // SSE2 saturates to `i16` only, so the middle of the codes is moved to 0 and back.
        fn pack_half(self, a: i32x4, b: i32x4) -> i16x8 = {
            let (zero, middle) = (i32x4::splat(0), i32x4::splat(1 << 15));
            let signed = self.i16_from_i32(a.max(zero) - middle, b.max(zero) - middle);
            signed ^ i16x8::splat(i16::MIN)
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
