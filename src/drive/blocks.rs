//! Stored blocks. The kernels take `f32`; floats of 16 bits pass through a buffer, some blocks at a time.

use core::any::TypeId;

use half::{bf16, f16};

use super::Compiled;
use crate::blocks::{Block, Float, formats};
use crate::engine::{BlockKernels, ConvertKernels, Isa};
use crate::error::Error;
use crate::kernel::{Io, Stores};
use crate::with_formats;

/// The number of elements in the buffer: some of the longest blocks, and so few that the buffer stays in the first
/// cache.
const BUFFER: usize = 1024;

/// The operations on blocks of a type. Callers have checked all lengths.
pub trait BlockOperations<B> {
    /// Encodes, or returns the error that the reference returns.
    fn encode(isa: Isa, io: &mut Io<'_, f32, B>) -> Result<(), Error>;
    fn decode(isa: Isa, io: &mut Io<'_, B, f32>);
}

/// The conversions of a type of data. Callers have checked all lengths.
pub trait Conversions<T> {
    fn widen(isa: Isa, src: &[T], dst: &mut [f32]);
    fn narrow(isa: Isa, src: &[f32], dst: &mut [T]);
}

macro_rules! blocks {
    ($($NAME:ident $name:ident $Block:ident = $number:literal;)+) => {$(
        impl BlockOperations<formats::$Block> for Compiled<(), formats::$Block> {
            #[inline(never)]
            fn encode(isa: Isa, io: &mut Io<'_, f32, formats::$Block>) -> Result<(), Error> {
                <formats::$Block>::encode(isa, io)
            }
            #[inline(never)]
            fn decode(isa: Isa, io: &mut Io<'_, formats::$Block, f32>) {
                <formats::$Block>::decode(isa, io);
            }
        }
    )+};
}

with_formats!(blocks!);

macro_rules! floats {
    ($($T:ty),+) => {$(
        impl Conversions<$T> for Compiled<$T, ()> {
            #[inline(never)]
            fn widen(isa: Isa, src: &[$T], dst: &mut [f32]) {
                ConvertKernels::widen(isa, src, dst);
            }
            #[inline(never)]
            fn narrow(isa: Isa, src: &[f32], dst: &mut [$T]) {
                ConvertKernels::narrow(isa, src, dst);
            }
        }
    )+};
}

floats!(f16, bf16);

/// Copies, though nothing calls it: `encode` and `decode` give `f32` to the kernels as it is.
impl Conversions<f32> for Compiled<f32, ()> {
    fn widen(_: Isa, src: &[f32], dst: &mut [f32]) {
        dst.copy_from_slice(src);
    }
    fn narrow(_: Isa, src: &[f32], dst: &mut [f32]) {
        dst.copy_from_slice(src);
    }
}

/// Encodes blocks. The first of them has the index `first` in the caller's slice, which errors count from.
pub(crate) fn encode<T: Float, B: Block>(
    isa: Isa,
    Io { src, dst, stores }: &mut Io<'_, T, B>,
    first: usize,
) -> Result<(), Error> {
    let stores = *stores;
    if TypeId::of::<T>() == TypeId::of::<f32>() {
        let src = bytemuck::cast_slice(src);
        return B::Alone::encode(isa, &mut Io { src, dst, stores })
            .map_err(|error| error.moved(first * B::ELEMENTS, first));
    }
    let mut buffer = [0.0; BUFFER];
    let blocks = BUFFER / B::ELEMENTS;
    for (i, dst) in dst.chunks_mut(blocks).enumerate() {
        let src = &src[i * blocks * B::ELEMENTS..][..dst.len() * B::ELEMENTS];
        let room = &mut buffer[..src.len()];
        T::Converted::widen(isa, src, room);
        B::Alone::encode(isa, &mut Io { src: room, dst, stores })
            .map_err(|error| error.moved((first + i * blocks) * B::ELEMENTS, first + i * blocks))?;
    }
    Ok(())
}

pub(crate) fn decode<T: Float, B: Block>(isa: Isa, Io { src, dst, stores }: &mut Io<'_, B, T>) {
    let stores = *stores;
    if TypeId::of::<T>() == TypeId::of::<f32>() {
        let dst = bytemuck::cast_slice_mut(dst);
        return B::Alone::decode(isa, &mut Io { src, dst, stores });
    }
    let mut buffer = [0.0; BUFFER];
    for (src, dst) in src.chunks(BUFFER / B::ELEMENTS).zip(dst.chunks_mut(BUFFER)) {
        let room = &mut buffer[..dst.len()];
        B::Alone::decode(isa, &mut Io { src, dst: room, stores: Stores::Cached });
        T::Converted::narrow(isa, room, dst);
    }
}
