//! The kernels of 8-bit codes.

use super::{Exact, Near, PORTABLE};
use crate::element::{Code, Number, Real};
use crate::kernel::{
    Algorithms, Dequantize, Divide, InRange, Io, Loop, OnSlices, Quantize, QuantizeDynamic,
};
use crate::params::{Affine, ExactFor};
use crate::scheme::CodeGrid;
use crate::simd::{ByteOps, Elements, Load, Portable, Simd};

pub(super) const QUANTIZES_COLUMNS: bool = true;

pub(super) fn quantize<S, T, Q, L, const IN_RANGE: bool>(
    s: S,
    io: &mut Io<'_, T, Q>,
    mut on: L,
) -> bool
where
    S: Algorithms<T> + ByteOps<Q>,
    Portable: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
    L: Loop<Affine<T::Compute>>,
{
    if L::IS_OF_SLICES && S::IS_FALLBACK {
        return false;
    }
    let summary = on.summary(s);
    let is_near = summary.proved == ExactFor::Bits8;
    if L::IS_OF_SLICES && !(is_near && summary.has_common_codes) {
        return false;
    }
    if !is_near {
        divided_by::<_, _, _, Exact<T>, _>(PORTABLE, io, on);
    } else if IN_RANGE && T::Compute::SQUARE_FITS_F64 {
        // `f64` is rarely quantized by its own range.
        divided_by::<_, _, _, InRange<S, T>, _>(s, io, on);
    } else {
        divided_by::<_, _, _, Near<S, T>, _>(s, io, on);
    }
    true
}

/// Quantizes by the division `D`. Zero point and clamp each cost instructions, so `f32` with one parameter has a loop
/// for each of the four cases. Other types share one loop.
fn divided_by<S, T, Q, D, L>(s: S, io: &mut Io<'_, T, Q>, on: L)
where
    S: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
    L: Loop<Affine<T::Compute>>,
{
    if !(L::IS_OF_ONE && T::SPECIALIZED) {
        return on.apply::<S, Quantize<T, Q, D>>(s, io);
    }
    let Some((p, _)) = on.one() else { return };
    let clamps = p.qmin != Q::MIN || p.qmax != Q::MAX || (Q::MIN >= 0 && p.zero_point < 0);
    match (p.zero_point != 0, clamps) {
        (true, true) => on.apply::<S, Quantize<T, Q, D>>(s, io),
        (true, false) => on.apply::<S, Quantize<T, Q, D, true, false>>(s, io),
        (false, true) => on.apply::<S, Quantize<T, Q, D, false, true>>(s, io),
        (false, false) => on.apply::<S, Quantize<T, Q, D, false, false>>(s, io),
    }
}

/// Dequantizes codes of 8 or 16 bits.
pub(super) fn dequantize<S, T, Q, L>(s: S, io: &mut Io<'_, Q, T>, on: L) -> bool
where
    S: Elements<T> + Simd<I32: Load<S, Q>>,
    T: Real,
    Q: Code,
    L: Loop<Affine<T::Compute>>,
{
    if L::IS_OF_SLICES && S::IS_FALLBACK {
        return false;
    }
    // Zero points of signed codes are often 0, and to subtract them takes up to an eighth of the time.
    if T::SPECIALIZED && Q::BITS == 8 && Q::MIN < 0 && !L::IS_OF_COLUMNS && !on.is_shifted() {
        on.apply::<S, Dequantize<T, Q, false>>(s, io);
    } else {
        on.apply::<S, Dequantize<T, Q>>(s, io);
    }
    true
}

pub(super) fn quantize_dynamic<S, T, Q>(
    s: S,
    io: &mut Io<'_, T, Q>,
    code_grid: &CodeGrid,
    on: &mut OnSlices<'_, Affine<T::Compute>>,
) -> bool
where
    S: Algorithms<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    !S::IS_FALLBACK && s.vectorize(QuantizeDynamic { io, code_grid, on })
}
