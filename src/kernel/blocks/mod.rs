//! Stored blocks in registers, and the rules in which their formats differ. The formulas are in `reference/blocks.rs`.

mod convert;
mod decode;
mod encode;

pub(crate) use convert::Convert;
pub(crate) use decode::{Decode, GROUP, Stream};
pub(crate) use encode::Encode;

use crate::blocks::{BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K};
use crate::reference::blocks::Formula;

/// The numbers of a block from which its scale is computed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extremes {
    /// The greatest magnitude.
    Magnitude,
    /// The first element of the greatest magnitude, with its sign.
    Signed,
    /// The least and the greatest element.
    Range,
}

/// The way from a product to its code.
#[derive(Clone, Copy)]
pub(crate) enum Rounding {
    /// To the nearest integer, ties away from 0.
    Away,
    /// To the nearest integer, ties to even.
    Even,
    /// Toward 0, after this number is added.
    Truncate(f32),
}

/// The rules of a format.
pub(crate) trait Format: Formula {
    const EXTREMES: Extremes;
    const ROUNDING: Rounding;
    /// The greatest code.
    const MOST: i32 = i8::MAX as i32;

    /// Returns the scale, given the greatest magnitude, `vmax`, or the width of the range.
    fn scale_of(extreme: f32) -> f32;

    /// Returns the scale and what elements are multiplied by.
    #[inline(always)]
    fn scale_and_inverse(extreme: f32) -> (f32, f32) {
        let d = Self::scale_of(extreme);
        (d, if d == 0.0 { 0.0 } else { 1.0 / d })
    }
}

macro_rules! formats {
    ($($Block:ident: $extremes:ident / $steps:literal, $rounding:expr $(, $most:literal)?;)+) => {$(
        impl Format for $Block {
            const EXTREMES: Extremes = Extremes::$extremes;
            const ROUNDING: Rounding = $rounding;
            $(const MOST: i32 = $most;)?

            #[inline(always)]
            fn scale_of(extreme: f32) -> f32 {
                extreme / $steps
            }
        }
    )+};
}

formats! {
    BlockQ8_0: Magnitude / 127.0, Rounding::Away;
    BlockQ8_1: Magnitude / 127.0, Rounding::Away;
    BlockQ4_0: Signed / -8.0, Rounding::Truncate(8.5), 15;
    BlockQ5_0: Signed / -16.0, Rounding::Truncate(16.5), 31;
    BlockQ4_1: Range / 15.0, Rounding::Truncate(0.5), 15;
    BlockQ5_1: Range / 31.0, Rounding::Truncate(0.5), 31;
}

impl Format for BlockQ8_K {
    const EXTREMES: Extremes = Extremes::Signed;
    const ROUNDING: Rounding = Rounding::Even;

    #[inline(always)]
    fn scale_of(vmax: f32) -> f32 {
        1.0 / (-127.0 / vmax)
    }
    #[inline(always)]
    fn scale_and_inverse(vmax: f32) -> (f32, f32) {
        if vmax == 0.0 { (0.0, 0.0) } else { (Self::scale_of(vmax), -127.0 / vmax) }
    }
}
