//! The kernels of codes of 32 bits: accumulators and biases.
//!
//! Accumulators become numbers by a kernel. Biases, of which a layer has few, become codes as in the
//! reference.

use super::{PORTABLE, quantize_as_reference};
use crate::element::{Code, Number, Real};
use crate::kernel::{DequantizeI32, Io, Loop};
use crate::params::Affine;
use crate::simd::{Elements, FloatOps, I32Ops, Portable};

pub(super) const QUANTIZES_COLUMNS: bool = false;

pub(super) fn quantize<S, T, Q, L, const IN_RANGE: bool>(_: S, io: &mut Io<'_, T, Q>, on: L) -> bool
where
    T: Real,
    Q: Code,
    L: Loop<Affine<T::Compute>>,
{
    quantize_as_reference(io, &on)
}

/// Columns with zero points are rare, and go to the portable kernel. In `f64` the difference costs too little for a
/// loop over one slice without it.
pub(super) fn dequantize<S, T, L>(s: S, io: &mut Io<'_, i32, T>, mut on: L) -> bool
where
    S: Elements<T> + FloatOps<f64> + I32Ops,
    Portable: Elements<T>,
    T: Real,
    L: Loop<Affine<T::Compute>>,
{
    let is_shifted = on.summary(s).is_shifted;
    if is_shifted && L::IS_OF_COLUMNS {
        on.apply::<_, DequantizeI32<T, true>>(PORTABLE, io);
    } else if is_shifted || (L::IS_OF_ONE && !T::Compute::SQUARE_FITS_F64) {
        on.apply::<S, DequantizeI32<T, true>>(s, io);
    } else {
        on.apply::<S, DequantizeI32<T, false>>(s, io);
    }
    true
}
