//! The blocks that GGUF files store. Each format is described once, in `formats.rs`: the fields of its blocks, and its
//! rules, which are constants of [`Format`]. The reference and the kernels are compiled from these constants.

pub(crate) mod formats;

use core::fmt::Debug;

use bytemuck::Pod;
use half::{bf16, f16};

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
    /// The number of the type in GGUF files.
    const TYPE: u32;
    /// The `general.file_type` of a GGUF file whose weights are in this format. Blocks of activations have none.
    const FILE_TYPE: Option<u32>;

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
impl Float for bf16 {
    type Converted = Compiled<bf16, ()>;
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

/// The elements that the scale of a block is computed from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extremes {
    /// The greatest magnitude.
    Magnitude,
    /// The first element of the greatest magnitude, with its sign.
    Signed,
    /// The width of the range. The least element is subtracted before an element is scaled, and is added to it again.
    Range,
}

/// The way from a scaled element to its code.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rounding {
    /// To the nearest integer, ties away from 0.
    Away,
    /// To the nearest integer, ties to even.
    Even,
    /// Toward 0, after this number is added.
    Truncate(f32),
}

/// The numbers at the front of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// The scale, an `f16`.
    Scale,
    /// The scale and the least element, each an `f16`.
    ScaleAndLeast,
    /// The scale, and the sum of the codes times the scale, each an `f16`.
    ScaleAndSum,
    /// The scale, an `f32`. At the end of the block are the sums of 16 codes each, as `i16`.
    LongScale,
}

/// The rules of a format. The place of a field is its distance in bytes from the front of the block.
pub(crate) trait Format: Block {
    const EXTREMES: Extremes;
    /// The scale is the extreme over this number.
    const STEPS: f32;
    const ROUNDING: Rounding;
    /// The greatest code. Codes up to 15 have half a byte, codes up to 31 a fifth bit besides, and others a byte.
    const MOST: i8 = i8::MAX;
    /// The code that stands for 0, or for the least element of a range.
    const ZERO: i8 = 0;
    const NUMBERS: Numbers = Numbers::Scale;
    /// The place of the codes, or of their lower four bits: of code j in the low half of byte j, of code j + 16 in its
    /// high half.
    const CODES: usize;
    /// The place of the fifth bits, if there are any: a `u32`, whose bit j belongs to code j.
    const FIFTHS: Option<usize> = None;

    /// The magnitude from which on a number cannot be stored.
    const TOO_GREAT: f32 =
        if matches!(Self::NUMBERS, Numbers::LongScale) { f32::INFINITY } else { 65520.0 };

    /// Returns the scale, and what elements are multiplied by, given the greatest magnitude, with its sign for
    /// [`Extremes::Signed`], or the width of the range.
    #[inline(always)]
    fn scale(extreme: f32) -> (f32, f32) {
        let d = extreme / Self::STEPS;
        (d, if d == 0.0 { 0.0 } else { 1.0 / d })
    }

    /// Returns the two numbers of 16 bits that blocks have, or 0 for a number that they do not have or that has more bits.
    #[inline(always)]
    fn halves(&self) -> [f16; 2] {
        let at =
            |i| f16::from_le_bytes([bytemuck::bytes_of(self)[i], bytemuck::bytes_of(self)[i + 1]]);
        match Self::NUMBERS {
            Numbers::Scale | Numbers::ScaleAndSum => [at(0), f16::ZERO],
            Numbers::ScaleAndLeast => [at(0), at(2)],
            Numbers::LongScale => [f16::ZERO; 2],
        }
    }

    /// Returns the scale if it is stored as `f32`.
    #[inline(always)]
    fn long_scale(&self) -> Option<f32> {
        match (Self::NUMBERS, bytemuck::bytes_of(self)) {
            (Numbers::LongScale, &[a, b, c, d, ..]) => Some(f32::from_le_bytes([a, b, c, d])),
            _ => None,
        }
    }

    /// Writes the scale and, if blocks have it, the second number. `halves` are the two, rounded.
    #[inline(always)]
    fn put_numbers(&mut self, d: f32, halves: [f16; 2]) {
        let bytes = bytemuck::bytes_of_mut(self);
        match Self::NUMBERS {
            Numbers::LongScale => bytes[..4].copy_from_slice(&d.to_le_bytes()),
            Numbers::Scale => bytes[..2].copy_from_slice(&halves[0].to_le_bytes()),
            Numbers::ScaleAndLeast | Numbers::ScaleAndSum => {
                bytes[..2].copy_from_slice(&halves[0].to_le_bytes());
                bytes[2..4].copy_from_slice(&halves[1].to_le_bytes());
            }
        }
    }

    /// Writes the codes; their fifth bits, which `fifths` are; and the sums of codes behind them.
    #[inline(always)]
    fn put_codes(&mut self, codes: &[i8], fifths: u32) {
        if Self::MOST <= 31 {
            let mut halves = [0; 16];
            for j in 0..16 {
                halves[j] = codes[j] as u8 & 15 | (codes[j + 16] as u8) << 4;
            }
            return self.put_halves(&halves, fifths);
        }
        let bytes = bytemuck::bytes_of_mut(self);
        let (codes, bytes) = (&codes[..Self::ELEMENTS], &mut bytes[Self::CODES..]);
        bytes[..Self::ELEMENTS].copy_from_slice(bytemuck::cast_slice(codes));
        if Self::NUMBERS == Numbers::LongScale {
            for (i, codes) in codes.chunks_exact(16).enumerate() {
                bytes[Self::ELEMENTS + 2 * i..][..2].copy_from_slice(&sum(codes).to_le_bytes());
            }
        }
    }

    /// Writes the codes of a block whose lower four bits are joined, and their fifth bits.
    #[inline(always)]
    fn put_halves(&mut self, halves: &[u8], fifths: u32) {
        let bytes = bytemuck::bytes_of_mut(self);
        if let Some(at) = Self::FIFTHS {
            bytes[at..at + 4].copy_from_slice(&fifths.to_le_bytes());
        }
        bytes[Self::CODES..][..16].copy_from_slice(&halves[..16]);
    }

    /// Returns the fifth bits, if blocks have them.
    #[inline(always)]
    fn fifths(&self) -> Option<u32> {
        match (Self::FIFTHS, bytemuck::bytes_of(self)) {
            (Some(at), b) => Some(u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]])),
            _ => None,
        }
    }

    /// Returns the integers that the scale multiplies when the block is decoded, to which 16 is still to be added for
    /// each fifth bit. They may be written to `room`, which has `ELEMENTS` places.
    #[inline(always)]
    fn multiples<'a>(&'a self, room: &'a mut [i8]) -> &'a [i8] {
        let bytes = &bytemuck::bytes_of(self)[Self::CODES..];
        if Self::MOST > 31 {
            return bytemuck::cast_slice(&bytes[..Self::ELEMENTS]);
        }
        let room = &mut room[..32];
        for j in 0..16 {
            room[j] = (bytes[j] & 15) as i8 - Self::ZERO;
            room[j + 16] = (bytes[j] >> 4) as i8 - Self::ZERO;
        }
        room
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
