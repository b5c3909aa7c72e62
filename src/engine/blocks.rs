//! The kernels of stored blocks, and conversions of floats.

use super::{Isa, leaf};
use crate::blocks::Format;
use crate::error::Error;
use crate::kernel::{Convert, Decode, Encode, GROUP, Io, Stream};
use crate::reference::blocks;
use crate::simd::Simd;

/// The kernels of a type of blocks. Callers have checked all lengths.
pub(crate) trait BlockKernels: Format {
    fn encode(isa: Isa, io: &mut Io<'_, f32, Self>) -> Result<(), Error> {
        let Io { src, dst, stores } = io.reborrow();
        let is_ahead = stores.is_streamed();
        leaf!(isa, s => s.vectorize(Encode { src, dst, is_ahead }), blocks::encode(src, dst))
    }

    fn decode(isa: Isa, io: &mut Io<'_, Self, f32>) {
        let Io { src, dst, stores } = io.reborrow();
        if stores.is_streamed() {
            return decode_past_caches(isa, src, dst);
        }
        leaf!(isa, s => s.vectorize(Decode { src, dst }), blocks::decode(src, dst));
    }
}

fn decode_past_caches<B: Format>(isa: Isa, src: &[B], dst: &mut [f32]) {
    let mut buffer = [0.0; GROUP];
    for (src, dst) in src.chunks(GROUP / B::ELEMENTS).zip(dst.chunks_mut(GROUP)) {
        let room = &mut buffer[..dst.len()];
        leaf!(isa, s => s.vectorize(Decode { src, dst: room }), blocks::decode(src, room));
        let src = &buffer[..dst.len()];
        select!(isa, s => s.vectorize(Stream { src, dst }), dst.copy_from_slice(src));
    }
}

impl<B: Format> BlockKernels for B {}

/// The conversions of a type of data.
pub(crate) trait ConvertKernels: Sized {
    fn widen(isa: Isa, src: &[Self], dst: &mut [f32]);
    fn narrow(isa: Isa, src: &[f32], dst: &mut [Self]);
}

macro_rules! floats {
    ($($T:ty),+) => {$(
        impl ConvertKernels for $T {
            fn widen(isa: Isa, src: &[$T], dst: &mut [f32]) {
                leaf!(isa, s => s.vectorize(Convert { src, dst }), blocks::convert(src, dst));
            }
            fn narrow(isa: Isa, src: &[f32], dst: &mut [$T]) {
                leaf!(isa, s => s.vectorize(Convert { src, dst }), blocks::convert(src, dst));
            }
        }
    )+};
}

floats!(half::f16, half::bf16);
