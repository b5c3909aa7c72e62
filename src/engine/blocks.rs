//! The kernels of stored blocks, and conversions of floats.

use super::{Isa, leaf};
use crate::error::Error;
use crate::kernel::{Convert, Decode, Encode, Format, Io};
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
        leaf!(isa, s => s.vectorize(Decode { src, dst, stores }), blocks::decode(src, dst));
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
