//! The kernels of codes of 32 bits: accumulators and biases.
//!
//! Accumulators become numbers by a kernel. Biases, of which a layer has few, become codes as in the
//! reference.

use super::{ColumnTable, Kernels, PORTABLE, Pair, leaves};
use crate::element::{Number, Real};
use crate::granularity::Tile;
use crate::kernel::{DequantizeI32, Io, IsShifted, OnColumns, OnSlice};
use crate::params::Affine;
use crate::reference;
use crate::simd::{Elements, FloatOps, I32Ops, Portable, Simd};

/// In `f64` the difference costs too little for a loop without it.
fn dequantize<S, T>(s: S, io: &mut Io<'_, i32, T>, p: &Affine<T::Compute>)
where
    S: Elements<T> + FloatOps<f64> + I32Ops,
    T: Real,
{
    if p.zero_point == 0 && T::Compute::SQUARE_FITS_F64 {
        s.vectorize(OnSlice::<S, DequantizeI32<T, false>, _> { io, p });
    } else {
        s.vectorize(OnSlice::<S, DequantizeI32<T, true>, _> { io, p });
    }
}

fn dequantize_columns<S, T>(s: S, io: &mut Io<'_, i32, T>, table: &mut ColumnTable<T>, tile: &Tile)
where
    S: Elements<T> + FloatOps<f64> + I32Ops,
    Portable: Elements<T>,
    T: Real,
{
    // Zero points of accumulators are rare: columns with them go to the portable kernel.
    if s.vectorize(IsShifted(table)) {
        PORTABLE.vectorize(OnColumns::<_, DequantizeI32<T, true>> { io, table, tile });
    } else {
        s.vectorize(OnColumns::<S, DequantizeI32<T, false>> { io, table, tile });
    }
}

/// Implements the kernels of a pair, as in `bytes.rs`.
macro_rules! accumulators {
    ($($T:ty, $rare:ident;)+) => {$(
        impl Kernels<$T, i32> for Pair<$T, i32> {
            type Scratch = ();
            const HAS_COLUMNS: bool = true;

            leaves! {
                fn dequantize(io: &mut Io<'_, i32, $T>, p: &Affine<<$T as Real>::Compute>, at: usize) =
                    s => dequantize(s, io, p), reference::dequantize(io.src, at, p, io.dst);

                fn dequantize_columns(
                    io: &mut Io<'_, i32, $T>,
                    table: &mut ColumnTable<$T>,
                    tile: &Tile,
                ) -> bool = s => { dequantize_columns(s.$rare(), io, table, tile); true }, false;
            }
        }
    )+};
}

accumulators! {
    f32, itself;
}
#[cfg(feature = "f64")]
accumulators! {
    f64, common;
}
#[cfg(feature = "half")]
accumulators! {
    half::f16, itself;
    half::bf16, itself;
}
