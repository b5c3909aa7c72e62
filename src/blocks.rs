//! The blocks that GGUF files store: their types, and the places of codes within them.
#![expect(unsafe_code, reason = "`Pod` is a promise about memory, kept by arrays of bytes")]

use core::fmt::Debug;

use bytemuck::{Pod, Zeroable};
use half::f16;

use crate::drive::{BlockOperations, Compiled, Conversions};
use crate::element::{Real, sealed};
use crate::error::Error;

/// A type of blocks: the codes of some neighbouring numbers, and the numbers that turn codes back.
///
/// A block is plain bytes ([`Pod`]) with the alignment of a byte, so that the bytes of a file can be read as blocks
/// wherever they begin. Its numbers are little-endian, as files have them, on every target. The trait is sealed.
pub trait Block: sealed::Sealed + Pod + Default + Debug + Eq + Send + Sync {
    /// The name that GGUF files use, such as `Q8_0`.
    const NAME: &'static str;
    /// The number of elements in a block.
    const ELEMENTS: usize;

    #[doc(hidden)]
    type Alone: BlockOperations<Self>;
}

/// A type of data that blocks are encoded from and decoded to: `f32`, [`half::f16`] or [`half::bf16`].
///
/// Floats of 16 bits are widened exactly, and decoded numbers are rounded to them once more, ties to even. There is no
/// `f64`, which would have to be rounded before it is encoded.
pub trait Float: Real<Compute = f32> {
    #[doc(hidden)]
    type Converted: Conversions<Self>;
}

impl Float for f32 {
    type Converted = Compiled<f32, ()>;
}
impl Float for f16 {
    type Converted = Compiled<f16, ()>;
}
impl Float for half::bf16 {
    type Converted = Compiled<half::bf16, ()>;
}

/// Returns the blocks that `bytes` hold.
///
/// ```
/// use zeropoint::ggml::{self, BlockQ8_0};
/// let file = [0; 1 + 2 * 34];
/// assert_eq!(ggml::blocks::<BlockQ8_0>(&file[1..])?.len(), 2);
/// let error = ggml::blocks::<BlockQ8_0>(&file).unwrap_err();
/// assert_eq!(error.to_string(), "a length of 69 is no multiple of 34, the length of a block");
/// # Ok::<(), zeropoint::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::PartialBlock`] if the bytes are no whole number of blocks.
pub fn blocks<B: Block>(bytes: &[u8]) -> Result<&[B], Error> {
    bytemuck::try_cast_slice(bytes).map_err(|_| partial_bytes::<B>(bytes.len()))
}

/// Returns the blocks that `bytes` hold, to write to.
///
/// # Errors
///
/// [`Error::PartialBlock`] if the bytes are no whole number of blocks.
pub fn blocks_mut<B: Block>(bytes: &mut [u8]) -> Result<&mut [B], Error> {
    let len = bytes.len();
    bytemuck::try_cast_slice_mut(bytes).map_err(|_| partial_bytes::<B>(len))
}

fn partial_bytes<B: Block>(len: usize) -> Error {
    Error::PartialBlock { len, block: size_of::<B>() }
}

/// The places of numbers and codes in a block.
pub(crate) trait Layout: Block {
    /// Says whether blocks store a second number.
    const HAS_SECOND: bool = false;

    /// Says whether the second number depends on the sum of the codes.
    const SUMS: bool = false;

    /// Returns the second number, given the sum of the codes, the scale and the least element.
    #[inline(always)]
    fn second(_sum: i32, _d: f32, _least: f32) -> f32 {
        0.0
    }

    /// Returns the scale and the second number as they are stored.
    fn halves(&self) -> [f16; 2];

    /// Returns the scale if it is stored as `f32`.
    #[inline(always)]
    fn long_scale(&self) -> Option<f32> {
        None
    }

    /// Writes the codes and the scale, which is `d` before and `half` after it is rounded.
    fn put(&mut self, codes: &[i8], d: f32, half: f16);

    /// Writes the second number, if there is one.
    #[inline(always)]
    fn put_second(&mut self, _second: f16) {}

    /// Says whether blocks store the fifth bits of 32 codes on their own.
    const HAS_FIFTHS: bool = false;

    /// Writes the fifth bits, if blocks store them: bit j is the bit of code j.
    #[inline(always)]
    fn put_fifths(&mut self, _bits: u32) {}

    /// Returns the fifth bits, if blocks store them.
    #[inline(always)]
    fn fifths(&self) -> Option<u32> {
        None
    }

    /// Returns the integers that the scale multiplies when the block is decoded, to which 16 is still to be added for
    /// each fifth bit. They may be written to `room`, which has `ELEMENTS` places.
    fn multiples<'a>(&'a self, room: &'a mut [i8]) -> &'a [i8];
}

/// Passes the types of blocks to a macro: the one list of them.
macro_rules! with_blocks {
    ($then:ident) => {
        $then!(BlockQ8_0, BlockQ8_1, BlockQ8_K, BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1);
    };
}
pub(crate) use with_blocks;

/// Declares types of blocks.
macro_rules! blocks {
    ($($(#[$doc:meta])+ $Block:ident = $name:literal, $elements:literal {
        $($(#[$note:meta])+ $field:ident: $Field:ty,)+
    })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(C)]
        pub struct $Block {
            $($(#[$note])+ pub $field: $Field,)+
        }

        const _: () = {
            assert!(size_of::<$Block>() == 0 $(+ size_of::<$Field>())+ && align_of::<$Block>() == 1);
            // SAFETY: every field is an array of integers of 8 bits.
            unsafe impl Zeroable for $Block {}
            // SAFETY: every field is an array of integers of 8 bits, and there is nothing between the fields: the sizes
            // are compared above.
            unsafe impl Pod for $Block {}
        };

        impl Default for $Block {
            fn default() -> Self {
                Self::zeroed()
            }
        }

        impl sealed::Sealed for $Block {}

        impl Block for $Block {
            const NAME: &'static str = $name;
            const ELEMENTS: usize = $elements;
            type Alone = Compiled<(), Self>;
        }
    )+};
}

blocks! {
    /// 32 codes of 8 bits; an element is `q · d`.
    BlockQ8_0 = "Q8_0", 32 {
        /// The scale, an `f16`: the greatest magnitude over 127.
        d: [u8; 2],
        /// The codes.
        qs: [i8; 32],
    }

    /// 32 codes of 8 bits and their sum; an element is `q · d`. Engines make such blocks of activations.
    BlockQ8_1 = "Q8_1", 32 {
        /// The scale, an `f16`: the greatest magnitude over 127.
        d: [u8; 2],
        /// The sum of the codes times the scale, an `f16`.
        s: [u8; 2],
        /// The codes.
        qs: [i8; 32],
    }

    /// 256 codes of 8 bits and sums of them; an element is `q · d`. Engines make such blocks of activations.
    BlockQ8_K = "Q8_K", 256 {
        /// The scale, an `f32`, whose sign is opposite to the sign of the element of the greatest magnitude.
        d: [u8; 4],
        /// The codes.
        qs: [i8; 256],
        /// The sums of 16 neighbouring codes each, as `i16`.
        bsums: [[u8; 2]; 16],
    }

    /// 32 codes of 4 bits; an element is `(q − 8) · d`.
    BlockQ4_0 = "Q4_0", 32 {
        /// The scale, an `f16`: the element of the greatest magnitude, over −8.
        d: [u8; 2],
        /// Code j in the low half of byte j, code j + 16 in its high half.
        qs: [u8; 16],
    }

    /// 32 codes of 4 bits from the least element up; an element is `q · d + m`.
    BlockQ4_1 = "Q4_1", 32 {
        /// The scale, an `f16`: the width of the range over 15.
        d: [u8; 2],
        /// The least element, an `f16`.
        m: [u8; 2],
        /// Code j in the low half of byte j, code j + 16 in its high half.
        qs: [u8; 16],
    }

    /// 32 codes of 5 bits; an element is `(q − 16) · d`.
    BlockQ5_0 = "Q5_0", 32 {
        /// The scale, an `f16`: the element of the greatest magnitude, over −16.
        d: [u8; 2],
        /// The highest bits of the codes, a `u32` whose bit j belongs to code j.
        qh: [u8; 4],
        /// The lower bits: of code j in the low half of byte j, of code j + 16 in its high half.
        qs: [u8; 16],
    }

    /// 32 codes of 5 bits from the least element up; an element is `q · d + m`.
    BlockQ5_1 = "Q5_1", 32 {
        /// The scale, an `f16`: the width of the range over 31.
        d: [u8; 2],
        /// The least element, an `f16`.
        m: [u8; 2],
        /// The highest bits of the codes, a `u32` whose bit j belongs to code j.
        qh: [u8; 4],
        /// The lower bits: of code j in the low half of byte j, of code j + 16 in its high half.
        qs: [u8; 16],
    }
}

impl Layout for BlockQ8_0 {
    #[inline(always)]
    fn halves(&self) -> [f16; 2] {
        [f16::from_le_bytes(self.d), f16::ZERO]
    }
    #[inline(always)]
    fn put(&mut self, codes: &[i8], _d: f32, half: f16) {
        self.d = half.to_le_bytes();
        self.qs.copy_from_slice(codes);
    }
    #[inline(always)]
    fn multiples<'a>(&'a self, _room: &'a mut [i8]) -> &'a [i8] {
        &self.qs
    }
}

impl Layout for BlockQ8_1 {
    const HAS_SECOND: bool = true;
    const SUMS: bool = true;

    #[inline(always)]
    fn second(sum: i32, d: f32, _least: f32) -> f32 {
        sum as f32 * d
    }
    #[inline(always)]
    fn put_second(&mut self, second: f16) {
        self.s = second.to_le_bytes();
    }
    #[inline(always)]
    fn halves(&self) -> [f16; 2] {
        [f16::from_le_bytes(self.d), f16::ZERO]
    }
    #[inline(always)]
    fn put(&mut self, codes: &[i8], _d: f32, half: f16) {
        self.d = half.to_le_bytes();
        self.qs.copy_from_slice(codes);
    }
    #[inline(always)]
    fn multiples<'a>(&'a self, _room: &'a mut [i8]) -> &'a [i8] {
        &self.qs
    }
}

impl Layout for BlockQ8_K {
    #[inline(always)]
    fn halves(&self) -> [f16; 2] {
        [f16::ZERO; 2]
    }
    #[inline(always)]
    fn long_scale(&self) -> Option<f32> {
        Some(f32::from_le_bytes(self.d))
    }
    #[inline(always)]
    fn put(&mut self, codes: &[i8], d: f32, _half: f16) {
        self.d = d.to_le_bytes();
        self.qs.copy_from_slice(codes);
        for group in 0..16 {
            self.bsums[group] = sum(&codes[16 * group..][..16]).to_le_bytes();
        }
    }
    #[inline(always)]
    fn multiples<'a>(&'a self, _room: &'a mut [i8]) -> &'a [i8] {
        &self.qs
    }
}

/// Returns the sum of a few codes, eight in a word. Bytes are made unsigned, and added as numbers of 16 bits.
#[inline(always)]
fn sum(codes: &[i8]) -> i16 {
    const LOW: u64 = 0x00ff_00ff_00ff_00ff;
    let mut sums = 0;
    for codes in bytemuck::cast_slice(codes).as_chunks().0 {
        let word = u64::from_le_bytes(*codes) ^ 0x8080_8080_8080_8080;
        sums += (word & LOW) + (word >> 8 & LOW);
    }
    let halves = (sums & 0xffff_0000_ffff) + (sums >> 16 & 0xffff_0000_ffff);
    let sum = (halves as u32).wrapping_add((halves >> 32) as u32);
    (sum as i32 - 128 * codes.len() as i32) as i16
}

/// Implements the layout of codes of 4 bits, or of 5 bits with `$qh`. `$m` names the second number; `$zero` is the code
/// of 0, which is subtracted when a block is decoded.
macro_rules! halves_of_bytes {
    ($($Block:ident $(, $m:ident)? $(; $qh:ident)? - $zero:literal;)+) => {$(
        impl Layout for $Block {
            $(
                const HAS_SECOND: bool = true;

                #[inline(always)]
                fn second(_sum: i32, _d: f32, $m: f32) -> f32 {
                    $m
                }
                #[inline(always)]
                fn put_second(&mut self, second: f16) {
                    self.$m = second.to_le_bytes();
                }
            )?
            #[inline(always)]
            fn halves(&self) -> [f16; 2] {
                let seconds = [f16::ZERO $(, f16::from_le_bytes(self.$m))?];
                [f16::from_le_bytes(self.d), seconds[seconds.len() - 1]]
            }
            #[inline(always)]
            fn put(&mut self, codes: &[i8], _d: f32, half: f16) {
                self.d = half.to_le_bytes();
                let codes = &codes[..32];
                for j in 0..16 {
                    self.qs[j] = codes[j] as u8 & 15 | (codes[j + 16] as u8) << 4;
                }
            }
            $(
                const HAS_FIFTHS: bool = true;

                #[inline(always)]
                fn put_fifths(&mut self, bits: u32) {
                    self.$qh = bits.to_le_bytes();
                }
                #[inline(always)]
                fn fifths(&self) -> Option<u32> {
                    Some(u32::from_le_bytes(self.$qh))
                }
            )?
            #[inline(always)]
            fn multiples<'a>(&'a self, room: &'a mut [i8]) -> &'a [i8] {
                let room = &mut room[..32];
                for j in 0..16 {
                    room[j] = (self.qs[j] & 15) as i8 - $zero;
                    room[j + 16] = (self.qs[j] >> 4) as i8 - $zero;
                }
                room
            }
        }
    )+};
}

halves_of_bytes! {
    BlockQ4_0 - 8;
    BlockQ4_1, m - 0;
    BlockQ5_0; qh - 16;
    BlockQ5_1, m; qh - 0;
}
