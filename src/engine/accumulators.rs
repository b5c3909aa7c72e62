//! The kernels of 32-bit codes: accumulators and biases.
//!
//! Kernels convert accumulators to numbers. The reference converts numbers to biases, of which a layer has few.

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
    quantize_as_reference(io, on.one())
}

/// Dequantizes accumulators. Columns with zero points are rare, and use the portable kernel. For `f64`, subtracting a
/// zero point of 0 costs too little for a second loop.
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
