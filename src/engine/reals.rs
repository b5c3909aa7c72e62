//! The kernels that depend on no code type.

use super::{ColumnTable, Exact, Far, Isa, Near, PORTABLE, leaves};
use crate::element::Real;
use crate::granularity::Tile;
use crate::kernel::{
    AbsMaxOf, Algorithms, ErrorOfBlock, FakeQuantize, InPlace, Io, Loads, MinMaxOf,
    MinMaxOfColumns, OnColumns, OnColumnsInPlace, OnSlice,
};
use crate::params::{Affine, ExactFor};
use crate::range::MinMax;
use crate::reference;
use crate::simd::{Elements, FloatOps, Portable, Simd};
use crate::stats::{self, Sums};

/// The kernels of a real type. Lengths have been checked.
pub(crate) trait RealKernels: Real {
    fn min_max(isa: Isa, src: &[Self], loads: Loads) -> MinMax<Self::Compute>;

    /// The range of every column of `src`, whose rows are `stride` apart and have as many elements as `dst`: at
    /// least one, at most [`TILE`](crate::kernel::TILE). The last row ends with `src`.
    fn min_max_columns(isa: Isa, src: &[Self], stride: usize, dst: &mut [MinMax<Self::Compute>]);

    /// The greatest magnitude, 0 of nothing; NaN, which counts as greater than infinity, where there
    /// is one. Pieces are joined by [`greater_magnitude`](crate::range::greater_magnitude).
    fn abs_max(isa: Isa, src: &[Self], loads: Loads) -> Self::Compute;

    /// `src` is a whole tensor, or a run that the summation tree gives to one thread.
    fn error_sums(isa: Isa, src: &[Self], p: &Affine<Self::Compute>, loads: Loads) -> Sums;

    fn fake_quantize(isa: Isa, io: &mut Io<'_, Self, Self>, p: &Affine<Self::Compute>);

    fn fake_quantize_in_place(isa: Isa, x: &mut [Self], p: &Affine<Self::Compute>);

    /// For codes of at most 16 bits. Returns `false` for the reference.
    fn fake_quantize_columns(
        isa: Isa,
        io: &mut Io<'_, Self, Self>,
        table: &mut ColumnTable<Self>,
        tile: &Tile,
    ) -> bool;

    /// For codes of at most 16 bits. Returns `false` for the reference.
    fn fake_quantize_columns_in_place(
        isa: Isa,
        x: &mut [Self],
        table: &mut ColumnTable<Self>,
        tile: &Tile,
    ) -> bool;
}

/// Says whether the codes have at most 16 bits, for which the kernels' integers leave room.
fn in_sixteen_bits<T>(p: &Affine<T>) -> bool {
    p.qmin >= i32::from(i16::MIN) && p.qmax <= i32::from(u16::MAX)
}

fn error_sums<S, T>(s: S, src: &[T], p: &Affine<T::Compute>, loads: Loads) -> Sums
where
    S: Algorithms<T> + FloatOps<f64>,
    Portable: Elements<T>,
    T: Real,
{
    if !in_sixteen_bits(p) {
        return reference::error_sums(src, p);
    }
    match p.proved {
        ExactFor::Bits8 => stats::over_blocks(src, &|block| {
            s.vectorize(ErrorOfBlock::<_, Near<S, T>>::new(block, p, loads))
        }),
        ExactFor::Bits16 => stats::over_blocks(src, &|block| {
            s.vectorize(ErrorOfBlock::<_, Far<S, T>>::new(block, p, loads))
        }),
        ExactFor::None => stats::over_blocks(src, &|block| {
            PORTABLE.vectorize(ErrorOfBlock::<_, Exact<T>>::new(block, p, loads))
        }),
    }
}

/// Codes of 16 bits are rare here: they take the division as well.
fn fake_quantize<S, T>(s: S, io: &mut Io<'_, T, T>, p: &Affine<T::Compute>)
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
{
    if !in_sixteen_bits(p) {
        return reference::fake_quantize(io.src, p, io.dst);
    }
    match p.proved {
        ExactFor::Bits8 => s.vectorize(OnSlice::<S, FakeQuantize<T, Near<S, T>>, _> { io, p }),
        ExactFor::Bits16 | ExactFor::None => {
            PORTABLE.vectorize(OnSlice::<_, FakeQuantize<T, Exact<T>>, _> { io, p });
        }
    }
}

fn fake_quantize_in_place<S, T>(s: S, x: &mut [T], p: &Affine<T::Compute>)
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
{
    if !in_sixteen_bits(p) {
        return reference::fake_quantize_in_place(x, p);
    }
    match p.proved {
        ExactFor::Bits8 => s.vectorize(InPlace::<S, FakeQuantize<T, Near<S, T>>, _> { x, p }),
        ExactFor::Bits16 | ExactFor::None => {
            PORTABLE.vectorize(InPlace::<_, FakeQuantize<T, Exact<T>>, _> { x, p })
        }
    }
}

fn fake_quantize_columns<S, T>(s: S, io: &mut Io<'_, T, T>, table: &mut ColumnTable<T>, tile: &Tile)
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
{
    if table.proved(s) == ExactFor::Bits8 {
        s.vectorize(OnColumns::<S, FakeQuantize<T, Near<S, T>>> { io, table, tile });
    } else {
        PORTABLE.vectorize(OnColumns::<_, FakeQuantize<T, Exact<T>>> { io, table, tile });
    }
}

fn fake_quantize_columns_in_place<S, T>(s: S, x: &mut [T], table: &mut ColumnTable<T>, tile: &Tile)
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
{
    if table.proved(s) == ExactFor::Bits8 {
        s.vectorize(OnColumnsInPlace::<S, FakeQuantize<T, Near<S, T>>> { x, table, tile });
    } else {
        PORTABLE.vectorize(OnColumnsInPlace::<_, FakeQuantize<T, Exact<T>>> { x, table, tile });
    }
}

/// Implements the kernels of a real type, as in `bytes.rs`.
macro_rules! reals {
    ($($T:ty, $rare:ident;)+) => {$(
        impl RealKernels for $T {
            leaves! {
                fn min_max(src: &[$T], loads: Loads) -> MinMax<<$T as Real>::Compute> =
                    s => s.vectorize(MinMaxOf { src, loads }), reference::min_max(src);

                fn min_max_columns(
                    src: &[$T],
                    stride: usize,
                    dst: &mut [MinMax<<$T as Real>::Compute>],
                ) = s => s.$rare().vectorize(MinMaxOfColumns { src, stride, dst }),
                    reference::min_max_columns(src, stride, dst);

                fn abs_max(src: &[$T], loads: Loads) -> <$T as Real>::Compute =
                    s => s.vectorize(AbsMaxOf { src, loads }), reference::abs_max_of(src);

                fn error_sums(src: &[$T], p: &Affine<<$T as Real>::Compute>, loads: Loads) -> Sums =
                    s => error_sums(s, src, p, loads), reference::error_sums(src, p);

                fn fake_quantize(io: &mut Io<'_, $T, $T>, p: &Affine<<$T as Real>::Compute>) =
                    s => fake_quantize(s, io, p), reference::fake_quantize(io.src, p, io.dst);

                fn fake_quantize_in_place(x: &mut [$T], p: &Affine<<$T as Real>::Compute>) =
                    s => fake_quantize_in_place(s, x, p), reference::fake_quantize_in_place(x, p);

                fn fake_quantize_columns(
                    io: &mut Io<'_, $T, $T>,
                    table: &mut ColumnTable<$T>,
                    tile: &Tile,
                ) -> bool = s => { fake_quantize_columns(s.$rare(), io, table, tile); true }, false;

                fn fake_quantize_columns_in_place(
                    x: &mut [$T],
                    table: &mut ColumnTable<$T>,
                    tile: &Tile,
                ) -> bool = s => {
                    fake_quantize_columns_in_place(s.common(), x, table, tile);
                    true
                }, false;
            }
        }
    )+};
}

reals! {
    f32, itself;
}
#[cfg(feature = "f64")]
reals! {
    f64, common;
}
#[cfg(feature = "half")]
reals! {
    half::f16, common;
    half::bf16, common;
}
