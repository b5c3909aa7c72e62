//! The formats, each described once, and [`with_formats!`](crate::with_formats), the one list of them.
#![expect(unsafe_code, reason = "`Pod` is a promise about memory, kept by arrays of bytes")]

use core::mem::offset_of;

use bytemuck::{Pod, Zeroable};

use super::{Block, Extremes, Format, Numbers, Rounding};
use crate::drive::Compiled;
use crate::element::sealed;

/// Passes the list of formats to a macro, behind `$first`: the name of each, the name that ggml's functions have, the
/// type of its blocks, and its number in C. What is compiled or tested for each format reads this list, also in the
/// other packages of the repository.
///
/// A number never changes its meaning.
#[doc(hidden)]
#[macro_export]
macro_rules! with_formats {
    ($then:ident! $($first:tt)*) => {
        $then! { $($first)*
            Q8_0 q8_0 BlockQ8_0 = 32;
            Q8_1 q8_1 BlockQ8_1 = 33;
            Q8_K q8_K BlockQ8_K = 34;
            Q4_0 q4_0 BlockQ4_0 = 35;
            Q4_1 q4_1 BlockQ4_1 = 36;
            Q5_0 q5_0 BlockQ5_0 = 37;
            Q5_1 q5_1 BlockQ5_1 = 38;
        }
    };
}

/// Declares the type of a format's blocks.
macro_rules! block {
    ($(#[$doc:meta])+ $Block:ident = $name:literal: $elements:literal elements, type $ty:literal, file type $file:expr, {
        $($(#[$note:meta])+ $field:ident: $Field:ty,)+
    }) => {
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
            const TYPE: u32 = $ty;
            const FILE_TYPE: Option<u32> = $file;
            type Alone = Compiled<(), Self>;
        }
    };
}

block! {
    /// 32 codes of 8 bits; an element is `q · d`.
    BlockQ8_0 = "Q8_0": 32 elements, type 8, file type Some(7), {
        /// The scale, an `f16`: the greatest magnitude over 127.
        d: [u8; 2],
        /// The codes.
        qs: [i8; 32],
    }
}

impl Format for BlockQ8_0 {
    const EXTREMES: Extremes = Extremes::Magnitude;
    const STEPS: f32 = 127.0;
    const ROUNDING: Rounding = Rounding::Away;
    const CODES: usize = offset_of!(Self, qs);
}

block! {
    /// 32 codes of 8 bits and their sum; an element is `q · d`. Engines make such blocks of activations.
    BlockQ8_1 = "Q8_1": 32 elements, type 9, file type None, {
        /// The scale, an `f16`: the greatest magnitude over 127.
        d: [u8; 2],
        /// The sum of the codes times the scale, an `f16`.
        s: [u8; 2],
        /// The codes.
        qs: [i8; 32],
    }
}

impl Format for BlockQ8_1 {
    const EXTREMES: Extremes = Extremes::Magnitude;
    const STEPS: f32 = 127.0;
    const ROUNDING: Rounding = Rounding::Away;
    const NUMBERS: Numbers = Numbers::ScaleAndSum;
    const CODES: usize = offset_of!(Self, qs);
}

block! {
    /// 256 codes of 8 bits and sums of them; an element is `q · d`. Engines make such blocks of activations.
    BlockQ8_K = "Q8_K": 256 elements, type 15, file type None, {
        /// The scale, an `f32`, whose sign is opposite to the sign of the element of the greatest magnitude.
        d: [u8; 4],
        /// The codes.
        qs: [i8; 256],
        /// The sums of 16 neighbouring codes each, as `i16`.
        bsums: [[u8; 2]; 16],
    }
}

impl Format for BlockQ8_K {
    const EXTREMES: Extremes = Extremes::Signed;
    const STEPS: f32 = -127.0;
    const ROUNDING: Rounding = Rounding::Even;
    const NUMBERS: Numbers = Numbers::LongScale;
    const CODES: usize = offset_of!(Self, qs);

    #[inline(always)]
    fn scale(vmax: f32) -> (f32, f32) {
        let s = Self::STEPS / vmax;
        if vmax == 0.0 { (0.0, 0.0) } else { (1.0 / s, s) }
    }
}

block! {
    /// 32 codes of 4 bits; an element is `(q − 8) · d`.
    BlockQ4_0 = "Q4_0": 32 elements, type 2, file type Some(2), {
        /// The scale, an `f16`: the element of the greatest magnitude, over −8.
        d: [u8; 2],
        /// Code j in the low half of byte j, code j + 16 in its high half.
        qs: [u8; 16],
    }
}

impl Format for BlockQ4_0 {
    const EXTREMES: Extremes = Extremes::Signed;
    const STEPS: f32 = -8.0;
    const ROUNDING: Rounding = Rounding::Truncate(8.5);
    const MOST: i8 = 15;
    const ZERO: i8 = 8;
    const CODES: usize = offset_of!(Self, qs);
}

block! {
    /// 32 codes of 4 bits from the least element up; an element is `q · d + m`.
    BlockQ4_1 = "Q4_1": 32 elements, type 3, file type Some(3), {
        /// The scale, an `f16`: the width of the range over 15.
        d: [u8; 2],
        /// The least element, an `f16`.
        m: [u8; 2],
        /// Code j in the low half of byte j, code j + 16 in its high half.
        qs: [u8; 16],
    }
}

impl Format for BlockQ4_1 {
    const EXTREMES: Extremes = Extremes::Range;
    const STEPS: f32 = 15.0;
    const ROUNDING: Rounding = Rounding::Truncate(0.5);
    const MOST: i8 = 15;
    const NUMBERS: Numbers = Numbers::ScaleAndLeast;
    const CODES: usize = offset_of!(Self, qs);
}

block! {
    /// 32 codes of 5 bits; an element is `(q − 16) · d`.
    BlockQ5_0 = "Q5_0": 32 elements, type 6, file type Some(8), {
        /// The scale, an `f16`: the element of the greatest magnitude, over −16.
        d: [u8; 2],
        /// The highest bits of the codes, a `u32` whose bit j belongs to code j.
        qh: [u8; 4],
        /// The lower bits: of code j in the low half of byte j, of code j + 16 in its high half.
        qs: [u8; 16],
    }
}

impl Format for BlockQ5_0 {
    const EXTREMES: Extremes = Extremes::Signed;
    const STEPS: f32 = -16.0;
    const ROUNDING: Rounding = Rounding::Truncate(16.5);
    const MOST: i8 = 31;
    const ZERO: i8 = 16;
    const CODES: usize = offset_of!(Self, qs);
    const FIFTHS: Option<usize> = Some(offset_of!(Self, qh));
}

block! {
    /// 32 codes of 5 bits from the least element up; an element is `q · d + m`.
    BlockQ5_1 = "Q5_1": 32 elements, type 7, file type Some(9), {
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

impl Format for BlockQ5_1 {
    const EXTREMES: Extremes = Extremes::Range;
    const STEPS: f32 = 31.0;
    const ROUNDING: Rounding = Rounding::Truncate(0.5);
    const MOST: i8 = 31;
    const NUMBERS: Numbers = Numbers::ScaleAndLeast;
    const CODES: usize = offset_of!(Self, qs);
    const FIFTHS: Option<usize> = Some(offset_of!(Self, qh));
}
