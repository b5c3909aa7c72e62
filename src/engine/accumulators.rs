//! The engine of 32-bit codes: accumulators and biases.

use super::{CodeEngine, Engine, Stores, rows};
use crate::element::Real;
use crate::kernel::DequantizeAccumulators;
use crate::params::Affine;
use crate::simd::{Elements, Floats, Integers};
use crate::slices::{self, Mapped};

/// The kernels on the instruction set `S` for codes of 32 bits.
///
/// Accumulators become numbers by one. Biases, of which a layer has few, become codes as in the
/// reference.
#[derive(Debug)]
pub(crate) struct Accumulators<S>(pub(crate) S);

impl<S: Elements<T> + Floats<f64> + Integers, T: Real> Engine<T, i32> for Accumulators<S> {
    fn erased(&self) -> &dyn Engine<T, i32> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }

    fn dequantize(
        &self,
        src: &[i32],
        _at: usize,
        p: &Affine<T::Compute>,
        dst: &mut [T],
        stores: Stores,
    ) {
        self.0.vectorize(DequantizeAccumulators { src, p, dst, stores });
    }

    fn dequantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[i32], dst: &mut [T]) {
        if !of.granularity.is_banded() {
            return slices::dequantize(self, of, src, dst);
        }
        rows::dequantize_accumulators(self.0, of, src, dst);
    }
}

impl<S: Integers> CodeEngine<i32> for Accumulators<S> {
    fn erased(&self) -> &dyn CodeEngine<i32> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }
}
