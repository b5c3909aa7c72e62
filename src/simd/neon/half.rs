//! Floats of 16 bits, and their bits, 8 in a register.

use core::arch::aarch64::*;

use half::{bf16, f16};

use super::{F32s, I16s, Neon};
use crate::simd::halves::bf16_from_f32;
use crate::simd::tables::front;
use crate::simd::{FloatBits, Load, ShortFloat, Store};

loads! { Neon, src:
    [f16; 4] to F32s = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(src)));
    [bf16; 4] to F32s = vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(src)));
}

stores! { Neon, v, dst:
    [f16; 4] of F32s = vst1_u16(dst, vreinterpret_u16_f16(vcvt_f16_f32(v)));
}

instructions! { unsafe
    impl Store<Neon, bf16> for F32s {
        fn store(self, _: Neon, dst: &mut [bf16]) = {
            let mut lanes = [0.0; 4];
            vst1q_f32(lanes.as_mut_ptr(), self);
            for i in 0..4 {
                dst[i] = bf16_from_f32(lanes[i]);
            }
        };
    }

    impl<T: ShortFloat> Load<Neon, T> for I16s {
        const LANES: usize = 8;
        fn load(_: Neon, src: &[T]) -> Self = vld1q_s16(front::<_, 8>(src).cast());
    }

    impl<T: ShortFloat> FloatBits<T> for Neon {
        type Ints = I16s;
        binary [I16s]: bits_and = vandq_s16, signed_min = vminq_s16, signed_max = vmaxq_s16;
        fn bits_splat(self, bits: u32) -> I16s = vdupq_n_s16(bits as i16);
        fn bits_not(self, n: I16s) -> I16s = vmvnq_s16(n);
        fn unsigned_max(self, a: I16s, b: I16s) -> I16s = vreinterpretq_s16_u16(
            vmaxq_u16(vreinterpretq_u16_s16(a), vreinterpretq_u16_s16(b)),
        );
        fn any_negative(self, n: I16s) -> bool = vminvq_s16(n) < 0;
        fn signed_least(self, n: I16s) -> i32 = vminvq_s16(n).into();
        fn signed_greatest(self, n: I16s) -> i32 = vmaxvq_s16(n).into();
        fn unsigned_greatest(self, n: I16s) -> u32 = vmaxvq_u16(vreinterpretq_u16_s16(n)).into();
    }
}
