//! Packed codes: two of 4 bits, or four of 2 bits, in a byte.
#![expect(unsafe_code, reason = "`Pod` is a promise about memory, kept by a transparent `u8`")]

use bytemuck::{Pod, Zeroable};

use crate::drive::Compiled;
use crate::element::{Code, sealed, with_reals};

/// The types of packed codes, with conversion from and to one byte for each code.
pub(crate) trait Packed: Code {
    /// The type of a single code, with the same sign.
    type Byte: Code;

    /// Packs as many `codes` as `dst` holds, each within `MIN..=MAX`.
    fn pack_all(codes: &[Self::Byte], dst: &mut [Self]);

    /// Unpacks all codes of `src` to `codes`, which has room for exactly these codes.
    fn unpack_all(src: &[Self], codes: &mut [Self::Byte]);
}

macro_rules! packed {
    ($(#[$doc:meta])+ $P:ident, $n:literal codes of $bits:literal bits in $Byte:ident, $Word:ident) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #[repr(transparent)]
        pub struct $P(u8);

        impl $P {
            /// Packs codes, the first into the lowest bits. The higher bits of each code are cut off.
            #[inline]
            #[must_use]
            pub const fn new(codes: [$Byte; $n]) -> Self {
                const MASK: u8 = (1 << $bits) - 1;
                let (mut byte, mut i) = (0, 0);
                while i < $n {
                    byte |= (codes[i] as u8 & MASK) << ($bits * i);
                    i += 1;
                }
                Self(byte)
            }

            /// Returns the codes, the first from the lowest bits.
            #[inline]
            #[must_use]
            pub const fn unpack(self) -> [$Byte; $n] {
                let (mut codes, mut i) = ([0; $n], 0);
                while i < $n {
                    // A left shift moves the code to the top of the byte; a right shift then extends its sign.
                    codes[i] = (self.0 << (8 - $bits - $bits * i)) as $Byte >> (8 - $bits);
                    i += 1;
                }
                codes
            }
        }

        // SAFETY: this type is transparent around a `u8`, which is `Zeroable`.
        unsafe impl Zeroable for $P {}
        // SAFETY: this type is transparent around a `u8`, which is `Pod`.
        unsafe impl Pod for $P {}

        impl sealed::Sealed for $P {}

        impl Code for $P {
            with_reals!($P);
            const MIN: i32 = $Byte::MIN as i32 >> (8 - $bits);
            const MAX: i32 = $Byte::MAX as i32 >> (8 - $bits);
            const BITS: u32 = $bits;
            const PER_ELEMENT: usize = $n;

            #[inline]
            fn get(self, i: usize) -> i32 {
                i32::from(self.unpack()[i])
            }
            #[inline]
            fn set(&mut self, i: usize, n: i32) {
                debug_assert!((Self::MIN..=Self::MAX).contains(&n));
                let mut codes = self.unpack();
                codes[i] = n as $Byte;
                *self = Self::new(codes);
            }
        }

        // All codes of an element are converted at once, as the bytes of an integer, so that the compiler vectorizes.
        impl Packed for $P {
            type Byte = $Byte;

            #[inline(always)]
            fn pack_all(codes: &[$Byte], dst: &mut [Self]) {
                const CODES: $Word = $Word::MAX / 255 * ((1 << $bits) - 1);
                debug_assert_eq!(codes.len(), $n * dst.len());
                for (q, codes) in dst.iter_mut().zip(codes.chunks_exact($n)) {
                    let mut bytes = [0; $n];
                    bytes.copy_from_slice(bytemuck::cast_slice(codes));
                    let codes = $Word::from_le_bytes(bytes) & CODES;
                    let mut packed = codes;
                    for i in 1..$n {
                        packed |= codes >> ((8 - $bits) * i);
                    }
                    *q = Self(packed as u8);
                }
            }

            #[inline(always)]
            fn unpack_all(src: &[Self], codes: &mut [$Byte]) {
                const CODES: $Word = $Word::MAX / 255 * ((1 << $bits) - 1);
                const SIGNS: $Word = $Word::MAX / 255 << ($bits - 1);
                // This factor extends the sign of a code to all higher bits of its byte.
                const EXTEND: $Word = (256 - (1 << $bits)) >> ($bits - 1);
                debug_assert_eq!(codes.len(), $n * src.len());
                for (q, codes) in src.iter().zip(codes.chunks_exact_mut($n)) {
                    let packed = $Word::from(q.0);
                    let mut bytes = packed;
                    for i in 1..$n {
                        bytes |= packed << ((8 - $bits) * i);
                    }
                    bytes &= CODES;
                    if <Self as Code>::MIN < 0 {
                        bytes |= (bytes & SIGNS) * EXTEND;
                    }
                    codes.copy_from_slice(bytemuck::cast_slice(&bytes.to_le_bytes()));
                }
            }
        }
    };
}

packed! {
    /// Two signed codes of 4 bits, −8 to 7, the first in the low half of the byte: ONNX's `int4`.
    ///
    /// A slice of them is the packed tensor: plain bytes, which `bytemuck` casts in both directions. If the number of
    /// codes is odd, the last half byte is 0.
    ///
    /// ```
    /// use zeropoint::{I4x2, QParams};
    /// let p = QParams::<f32, I4x2>::new(0.5, 0)?;
    /// let mut q = [I4x2::default(); 2];
    /// zeropoint::quantize(&[0.5_f32, -1.0, 100.0], &p, &mut q)?;
    /// assert_eq!(q, [I4x2::new([1, -2]), I4x2::new([7, 0])]);
    /// assert_eq!(bytemuck::cast::<_, [u8; 2]>(q), [0xe1, 0x07]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    I4x2, 2 codes of 4 bits in i8, u16
}
packed! {
    /// Two unsigned codes of 4 bits, 0 to 15, the first in the low half of the byte: ONNX's `uint4`.
    ///
    /// [`I4x2`] documents tensors of packed codes.
    U4x2, 2 codes of 4 bits in u8, u16
}
packed! {
    /// Four signed codes of 2 bits, −2 to 1, the first in the lowest bits of the byte: ONNX's `int2`.
    ///
    /// [`I4x2`] documents tensors of packed codes.
    I2x4, 4 codes of 2 bits in i8, u32
}
packed! {
    /// Four unsigned codes of 2 bits, 0 to 3, the first in the lowest bits of the byte: ONNX's `uint2`.
    ///
    /// [`I4x2`] documents tensors of packed codes.
    U2x4, 4 codes of 2 bits in u8, u32
}
