//! The kernels of codes of 16 bits.

use super::{ColumnTable, Exact, Far, Kernels, PORTABLE, Pair, leaves};
use crate::element::{Code, Real};
use crate::granularity::Tile;
use crate::kernel::{Algorithms, Dequantize, Divide, Io, OnColumns, OnSlice, QuantizeWords};
use crate::params::{Affine, ExactFor};
use crate::reference;
use crate::simd::{Elements, Portable, Simd, WordOps};

/// Numbers in a known range are clamped all the same: few of them become codes of 16 bits.
fn quantize<S, T, Q>(s: S, io: &mut Io<'_, T, Q>, p: &Affine<T::Compute>)
where
    S: Algorithms<T> + WordOps<Q>,
    Portable: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
{
    if p.proved == ExactFor::None {
        divided_by::<_, _, _, Exact<T>>(PORTABLE, io, p);
    } else {
        divided_by::<_, _, _, Far<S, T>>(s, io, p);
    }
}

/// A loop without the clamp is compiled for the type that most data are of.
fn divided_by<S, T, Q, D>(s: S, io: &mut Io<'_, T, Q>, p: &Affine<T::Compute>)
where
    S: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    if !T::SPECIALIZED || p.zero_point < 0 || p.qmin != Q::MIN || p.qmax != Q::MAX {
        s.vectorize(OnSlice::<S, QuantizeWords<T, Q, D>, _> { io, p });
    } else {
        s.vectorize(OnSlice::<S, QuantizeWords<T, Q, D, false>, _> { io, p });
    }
}

fn quantize_columns<S, T, Q>(s: S, io: &mut Io<'_, T, Q>, table: &mut ColumnTable<T>, tile: &Tile)
where
    S: Algorithms<T> + WordOps<Q>,
    Portable: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
{
    if table.proved(s) == ExactFor::None {
        PORTABLE.vectorize(OnColumns::<_, QuantizeWords<T, Q, Exact<T>>> { io, table, tile });
    } else {
        s.vectorize(OnColumns::<S, QuantizeWords<T, Q, Far<S, T>>> { io, table, tile });
    }
}

/// Implements the kernels of a pair, as in `bytes.rs`. To dequantize columns is rare.
macro_rules! words {
    ($($T:ty => $Q:ty, $rare:ident;)+) => {$(
        impl Kernels<$T, $Q> for Pair<$T, $Q> {
            type Scratch = ();
            const HAS_COLUMNS: bool = true;

            leaves! {
                fn quantize<const IN_RANGE: bool>(
                    io: &mut Io<'_, $T, $Q>,
                    p: &Affine<<$T as Real>::Compute>,
                    at: usize,
                ) = s => quantize(s, io, p), reference::quantize(io.src, p, io.dst, at);

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
                    s.common().vectorize(OnColumns::<_, Dequantize<$T, $Q>> { io, table, tile });
                    true
                }, false;
            }
        }
    )+};
}

words! {
    f32 => i16, itself;
    f32 => u16, itself;
}
#[cfg(feature = "f64")]
words! {
    f64 => i16, common;
    f64 => u16, common;
}
#[cfg(feature = "half")]
words! {
    half::f16 => i16, common;
    half::f16 => u16, common;
    half::bf16 => i16, common;
    half::bf16 => u16, common;
}
