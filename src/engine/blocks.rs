//! The kernels of stored blocks, and conversions of floats.

use super::{Isa, fallback};
use crate::element::Real;
use crate::error::Error;
use crate::kernel::Io;
use crate::reference::blocks::{self, Formula};

/// The kernels of a type of blocks. Callers have checked all lengths.
pub(crate) trait BlockKernels: Formula {
    fn encode(_isa: Isa, io: &mut Io<'_, f32, Self>) -> Result<(), Error> {
        fallback::note();
        blocks::encode(io.src, io.dst)
    }

    fn decode(_isa: Isa, io: &mut Io<'_, Self, f32>) {
        fallback::note();
        blocks::decode(io.src, io.dst);
    }
}

impl<B: Formula> BlockKernels for B {}

/// Converts floats to other floats, rounded to nearest, ties to even.
pub(crate) fn convert<T: Real<Compute = f32>, U: Real<Compute = f32>>(
    _isa: Isa,
    io: &mut Io<'_, T, U>,
) {
    for (x, y) in io.src.iter().zip(&mut *io.dst) {
        *y = U::narrow(x.widen());
    }
}
