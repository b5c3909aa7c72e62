//! Stored blocks in registers. The formulas are in `reference/blocks.rs`, and the constants of each format in
//! `blocks/formats.rs`.

mod convert;
mod decode;
mod encode;
mod extremes;

pub(crate) use convert::Convert;
pub(crate) use decode::{Decode, GROUP, Stream};
pub(crate) use encode::Encode;
