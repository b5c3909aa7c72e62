//! The kernels that involve codes alone.

use super::{Isa, PORTABLE, fallback, leaves};
use crate::element::Code;
use crate::granularity::Tile;
use crate::kernel::{
    ByFixed, ByFixedRight, ByFloat, COLUMNS, Io, OnColumns, OnSlice, Requantize, Rescales, SumOf,
    is_narrow,
};
use crate::packed::Packed;
use crate::reference;
use crate::requantize::{Multiplier, Rescale};
use crate::simd::{ByteOps, FloatOps, I32Ops, Portable, Simd};

/// The parameters of some columns.
pub(crate) type RescaleTable = Rescales<COLUMNS>;

/// The kernels of a code type. Lengths have been checked.
pub(crate) trait CodeKernels: Code {
    /// Says whether there are kernels for columns.
    const HAS_COLUMNS: bool = false;

    /// Writes the codes from number `at` of `dst` on.
    fn requantize(_isa: Isa, io: &mut Io<'_, i32, Self>, p: &Rescale, at: usize) {
        fallback::note();
        reference::requantize(io.src, p, io.dst, at);
    }

    /// The multipliers are `floats`, or all in fixed point. Returns `false` for the reference.
    fn requantize_columns(
        _isa: Isa,
        _io: &mut Io<'_, i32, Self>,
        _table: &mut RescaleTable,
        _tile: &Tile,
        _floats: bool,
    ) -> bool {
        false
    }

    /// The sum of `n` codes, from number `at` on.
    fn sum(_isa: Isa, src: &[Self], at: usize, n: usize) -> i64 {
        fallback::note();
        reference::sum(src, at, n)
    }
}

/// Says whether `S` serves only CPUs of before 2013, for which one kernel for multipliers in fixed point is enough.
const fn is_fallback<S: Simd>() -> bool {
    cfg!(target_arch = "x86_64") && S::LANES == Portable::LANES
}

/// Fewer codes than the type has cost instructions: hardly any beside a multiplier in fixed point,
/// and a float of 1 or more is rare. So only the common case has a loop without the clamp. A multiplier in fixed point
/// of ½ or more is rare too, and goes to the portable kernel.
fn requantize<S, Q>(s: S, io: &mut Io<'_, i32, Q>, p: &Rescale)
where
    S: ByteOps<Q> + I32Ops + FloatOps<f32>,
    Portable: ByteOps<Q>,
    Q: Code,
{
    if !is_narrow(p) {
        return reference::requantize(io.src, p, io.dst, 0);
    }
    let clamps = p.qmin != Q::MIN || p.qmax != Q::MAX;
    match p.multiplier {
        Multiplier::Float(m) if m < 1.0 && !clamps => {
            s.vectorize(OnSlice::<S, Requantize<Q, ByFloat<S, true>, false>, _> { io, p });
        }
        Multiplier::Float(_) => {
            s.vectorize(OnSlice::<S, Requantize<Q, ByFloat<S, false>>, _> { io, p });
        }
        Multiplier::Fixed { shift, .. } if shift < 0 && !is_fallback::<S>() => {
            s.vectorize(OnSlice::<S, Requantize<Q, ByFixedRight<S>>, _> { io, p });
        }
        Multiplier::Fixed { .. } => {
            PORTABLE.vectorize(OnSlice::<_, Requantize<Q, ByFixed<Portable>>, _> { io, p });
        }
    }
}

fn requantize_columns<S, Q>(
    s: S,
    io: &mut Io<'_, i32, Q>,
    table: &mut RescaleTable,
    tile: &Tile,
    floats: bool,
) -> bool
where
    S: ByteOps<Q> + I32Ops + FloatOps<f32>,
    Portable: ByteOps<Q>,
    Q: Code,
{
    if !table.are_narrow {
        return false;
    }
    if floats {
        s.vectorize(OnColumns::<S, Requantize<Q, ByFloat<S, false>>> { io, table, tile });
    } else if table.all_shift_right && !is_fallback::<S>() {
        s.vectorize(OnColumns::<S, Requantize<Q, ByFixedRight<S>>> { io, table, tile });
    } else {
        PORTABLE.vectorize(OnColumns::<_, Requantize<Q, ByFixed<Portable>>> { io, table, tile });
    }
    true
}

macro_rules! bytes {
    ($($Q:ty),+) => {$(
        impl CodeKernels for $Q {
            const HAS_COLUMNS: bool = true;

            leaves! {
                fn requantize(io: &mut Io<'_, i32, $Q>, p: &Rescale, at: usize) =
                    s => requantize(s, io, p), reference::requantize(io.src, p, io.dst, at);

                fn requantize_columns(
                    io: &mut Io<'_, i32, $Q>,
                    table: &mut RescaleTable,
                    tile: &Tile,
                    floats: bool,
                ) -> bool = s => requantize_columns(s, io, table, tile, floats), false;

                fn sum(src: &[$Q], at: usize, n: usize) -> i64 =
                    s => s.vectorize(SumOf { src: &src[at..at + n] }), reference::sum(src, at, n);
            }
        }
    )+};
}

bytes!(i8, u8);
impl CodeKernels for i16 {}
impl CodeKernels for u16 {}
impl CodeKernels for i32 {}
impl<P: Packed> CodeKernels for P {}
