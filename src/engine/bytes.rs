//! The kernels of codes of 8 bits.

use super::{ColumnTable, Exact, Kernels, Near, PORTABLE, Pair, SliceTable, leaves};
use crate::element::{Code, Number, Real};
use crate::granularity::{Group, Tile};
use crate::kernel::{
    Algorithms, Dequantize, Divide, ExactForAll, Io, OnColumns, OnSlice, OnSlices, Quantize,
    QuantizeDynamic,
};
use crate::params::{Affine, ExactFor};
use crate::reference;
use crate::scheme::CodeGrid;
use crate::simd::{ByteOps, Elements, Portable, Simd};

/// The division for numbers in a known range. Not for `f64`, of which few are quantized by a range of their
/// own: there the loops that clamp do.
type InRange<S, T> = <Near<S, T> as Divide<S, <T as Real>::Compute>>::InRange;

fn quantize<S, T, Q, const IN_RANGE: bool>(s: S, io: &mut Io<'_, T, Q>, p: &Affine<T::Compute>)
where
    S: Algorithms<T> + ByteOps<Q>,
    Portable: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    if p.proved != ExactFor::Bits8 {
        divided_by::<_, _, _, Exact<T>>(PORTABLE, io, p);
    } else if IN_RANGE && T::Compute::SQUARE_FITS_F64 {
        divided_by::<_, _, _, InRange<S, T>>(s, io, p);
    } else {
        divided_by::<_, _, _, Near<S, T>>(s, io, p);
    }
}

/// A zero point, and fewer codes than the type has, cost instructions: each has its own loop, for
/// the type that most data are of. The others are compiled once.
fn divided_by<S, T, Q, D>(s: S, io: &mut Io<'_, T, Q>, p: &Affine<T::Compute>)
where
    S: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    if !T::SPECIALIZED {
        return s.vectorize(OnSlice::<S, Quantize<T, Q, D>, _> { io, p });
    }
    match (p.zero_point != 0, p.qmin != Q::MIN || p.qmax != Q::MAX) {
        (true, true) => s.vectorize(OnSlice::<S, Quantize<T, Q, D>, _> { io, p }),
        (true, false) => s.vectorize(OnSlice::<S, Quantize<T, Q, D, true, false>, _> { io, p }),
        (false, true) => s.vectorize(OnSlice::<S, Quantize<T, Q, D, false, true>, _> { io, p }),
        (false, false) => s.vectorize(OnSlice::<S, Quantize<T, Q, D, false, false>, _> { io, p }),
    }
}

fn quantize_columns<S, T, Q>(s: S, io: &mut Io<'_, T, Q>, table: &mut ColumnTable<T>, tile: &Tile)
where
    S: Algorithms<T> + ByteOps<Q>,
    Portable: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    if table.proved(s) == ExactFor::Bits8 {
        s.vectorize(OnColumns::<S, Quantize<T, Q, Near<S, T>>> { io, table, tile });
    } else {
        PORTABLE.vectorize(OnColumns::<_, Quantize<T, Q, Exact<T>>> { io, table, tile });
    }
}

fn quantize_slices<S, T, Q>(
    s: S,
    io: &mut Io<'_, T, Q>,
    table: &mut SliceTable<T>,
    group: &Group,
) -> bool
where
    S: Algorithms<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    let has_kernel = s.vectorize(ExactForAll(table)) == ExactFor::Bits8 && table.has_common_codes();
    if has_kernel {
        s.vectorize(OnSlices::<S, Quantize<T, Q, Near<S, T>>> { io, table, group });
    }
    has_kernel
}

/// Implements the kernels of a pair. What is rare in these types runs on the instruction set that `$rare` makes of the
/// chosen one.
macro_rules! bytes {
    ($($T:ty => $Q:ty, $rare:ident, $slices:ident;)+) => {$(
        impl Kernels<$T, $Q> for Pair<$T, $Q> {
            type Scratch = ();
            const HAS_COLUMNS: bool = true;

            leaves! {
                fn quantize<const IN_RANGE: bool>(
                    io: &mut Io<'_, $T, $Q>,
                    p: &Affine<<$T as Real>::Compute>,
                    at: usize,
                ) = s => quantize::<_, _, _, IN_RANGE>(s, io, p), reference::quantize(io.src, p, io.dst, at);

                fn dequantize(io: &mut Io<'_, $Q, $T>, p: &Affine<<$T as Real>::Compute>, at: usize) =
                    s => s.vectorize(OnSlice::<_, Dequantize<$T, $Q>, _> { io, p }),
                    reference::dequantize(io.src, at, p, io.dst);

                fn quantize_columns(
                    io: &mut Io<'_, $T, $Q>,
                    table: &mut ColumnTable<$T>,
                    tile: &Tile,
                ) -> bool = s => { quantize_columns(s.$rare(), io, table, tile); true }, false;

                fn dequantize_columns(
                    io: &mut Io<'_, $Q, $T>,
                    table: &mut ColumnTable<$T>,
                    tile: &Tile,
                ) -> bool = s => {
                    s.$rare().vectorize(OnColumns::<_, Dequantize<$T, $Q>> { io, table, tile });
                    true
                }, false;
            }
            slices!($slices $T => $Q);
        }
    )+};
}

/// The kernels for short slices, for the types that most data are of.
macro_rules! slices {
    (without_slices $T:ty => $Q:ty) => {};
    (with_slices $T:ty => $Q:ty) => {
        const HAS_SLICES: bool = true;
        const HAS_DYNAMIC: bool = true;

        leaves! {
            fn quantize_slices(
                io: &mut Io<'_, $T, $Q>,
                table: &mut SliceTable<$T>,
                group: &Group,
                _scratch: &mut (),
            ) -> bool = s => quantize_slices(s, io, table, group), false;

            fn dequantize_slices(
                io: &mut Io<'_, $Q, $T>,
                table: &mut SliceTable<$T>,
                group: &Group,
                _scratch: &mut (),
            ) -> bool = s => {
                s.vectorize(OnSlices::<_, Dequantize<$T, $Q>> { io, table, group });
                true
            }, false;

            fn quantize_dynamic(
                io: &mut Io<'_, $T, $Q>,
                code_grid: &CodeGrid,
                table: &mut SliceTable<$T>,
                group: &Group,
                _scratch: &mut (),
            ) -> bool =
                s => s.vectorize(QuantizeDynamic { io, code_grid, table, group }), false;
        }
    };
}

bytes! {
    f32 => i8, itself, with_slices;
    f32 => u8, itself, with_slices;
}
#[cfg(feature = "f64")]
bytes! {
    f64 => i8, common, without_slices;
    f64 => u8, common, without_slices;
}
#[cfg(feature = "half")]
bytes! {
    half::f16 => i8, itself, with_slices;
    half::f16 => u8, itself, with_slices;
    half::bf16 => i8, itself, with_slices;
    half::bf16 => u8, itself, with_slices;
}
