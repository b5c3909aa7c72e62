//! Stored blocks: checks of lengths, and their division among threads.

use super::schedule::{Schedule, WorkUnits};
use crate::blocks::{Block, Float};
use crate::drive;
use crate::error::Error;
use crate::kernel::{Io, Stores};

pub(super) fn encode<T: Float, B: Block>(
    backend: &impl Schedule,
    src: &[T],
    dst: &mut [B],
) -> Result<(), Error> {
    check::<B>(src.len(), dst.len() * B::ELEMENTS, src.len())?;
    let (isa, units) = (backend.isa(), units::<T, B>(dst.len()));
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|at, src, (), dst| {
        let result = drive::encode_blocks(isa, &mut Io { src, dst, stores }, at.start);
        isa.fence(stores);
        result
    })
}

pub(super) fn decode<T: Float, B: Block>(
    backend: &impl Schedule,
    src: &[B],
    dst: &mut [T],
) -> Result<(), Error> {
    check::<B>(src.len() * B::ELEMENTS, dst.len(), dst.len())?;
    let (isa, units) = (backend.isa(), units::<T, B>(src.len()));
    let units = WorkUnits { src: units.dst, dst: units.src, ..units };
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|_, src, (), dst| {
        drive::decode_blocks(isa, &mut Io { src, dst, stores });
        isa.fence(stores);
        Ok(())
    })
}

/// Returns an error if `numbers` are no whole blocks, or if `src` and `dst` have different numbers of elements.
fn check<B: Block>(src: usize, dst: usize, numbers: usize) -> Result<(), Error> {
    if !numbers.is_multiple_of(B::ELEMENTS) {
        return Err(Error::PartialBlock { len: numbers, block: B::ELEMENTS });
    }
    if src == dst { Ok(()) } else { Err(Error::LengthMismatch { src, dst }) }
}

/// Divides `count` blocks, whose elements are the input, between blocks.
fn units<T, B: Block>(count: usize) -> WorkUnits {
    let bytes = size_of::<T>() + size_of::<B>().div_ceil(B::ELEMENTS);
    WorkUnits { count, len: B::ELEMENTS, bytes, src: B::ELEMENTS, slices: 0, dst: 1 }
}
