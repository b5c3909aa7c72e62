//! Tensors in which neighbours have parameters of their own, by the kernels of `kernel/lanes`.

use super::vector::Fast;
use super::wide::Far;
use crate::bands;
use crate::element::{Code, Real};
use crate::granularity::Granularity;
use crate::kernel::{
    AccumulatorRows, ByDivision, DequantizeRows, FakeQuantizeRows, OnRows, OnRowsInPlace,
    QuantizeRows, QuantizeWideRows, RequantizeRowsByFixed, RequantizeRowsByFloat, Rescales,
    RowOperation, Table,
};
use crate::params::Proved;
use crate::requantize::{Multiplier, Requantize};
use crate::simd::{Codes, Elements, Floats, Integers, Kernel, Stored, Words};
use crate::slices::Mappings;

/// The division itself.
type Exact<S, T> = ByDivision<S, <T as Real>::Compute>;

/// To codes of 8 bits.
#[inline(always)]
pub(super) fn quantize<S: Elements<T> + Codes<Q>, T: Real, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [Q],
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_src(first, src.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        if table.proved() == Proved::Near {
            s.vectorize(OnRows::<QuantizeRows<T, Q, Fast<S, T>>>::new(src, table, tile, dst));
        } else {
            s.vectorize(OnRows::<QuantizeRows<T, Q, Exact<S, T>>>::new(src, table, tile, dst));
        }
    });
}

/// To codes of 16 bits.
#[inline(always)]
pub(super) fn quantize_wide<S: Elements<T> + Words<Q>, T: Real, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [Q],
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_src(first, src.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        if table.proved() == Proved::None {
            s.vectorize(OnRows::<QuantizeWideRows<T, Q, Exact<S, T>>>::new(src, table, tile, dst));
        } else {
            s.vectorize(OnRows::<QuantizeWideRows<T, Q, Far<S, T>>>::new(src, table, tile, dst));
        }
    });
}

#[inline(always)]
pub(super) fn dequantize<S: Elements<T> + Stored<Q>, T: Real, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[Q],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [T],
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_dst(first, dst.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        s.vectorize(OnRows::<DequantizeRows<T, Q>>::new(src, table, tile, dst));
    });
}

/// From codes of 32 bits.
#[inline(always)]
pub(super) fn dequantize_accumulators<S: Elements<T> + Floats<f64> + Integers, T: Real>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[i32],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [T],
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_dst(first, dst.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        if table.is_shifted() {
            s.vectorize(OnRows::<AccumulatorRows<T, true>>::new(src, table, tile, dst));
        } else {
            s.vectorize(OnRows::<AccumulatorRows<T, false>>::new(src, table, tile, dst));
        }
    });
}

/// Of codes of at most 16 bits.
#[inline(always)]
pub(super) fn fake_quantize<S: Elements<T>, T: Real>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [T],
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_src(first, src.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        match table.proved() {
            Proved::Near => {
                s.vectorize(OnRows::<FakeQuantizeRows<T, Fast<S, T>>>::new(src, table, tile, dst));
            }
            Proved::Far => {
                s.vectorize(OnRows::<FakeQuantizeRows<T, Far<S, T>>>::new(src, table, tile, dst));
            }
            Proved::None => {
                s.vectorize(OnRows::<FakeQuantizeRows<T, Exact<S, T>>>::new(src, table, tile, dst));
            }
        }
    });
}

/// Of codes of at most 16 bits.
#[inline(always)]
pub(super) fn fake_quantize_in_place<S: Elements<T>, T: Real>(
    s: S,
    granularity: &Granularity,
    first: usize,
    x: &mut [T],
    params: &dyn Mappings<T::Compute>,
) {
    let of_slice = |slice| params.affine(slice);
    let lines = granularity.lines_of_src(first, x.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Table<_>, tile, part, _| {
        let x = &mut x[part];
        match table.proved() {
            Proved::Near => {
                s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Fast<S, T>>>::new(x, table, tile));
            }
            Proved::Far => {
                s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Far<S, T>>>::new(x, table, tile));
            }
            Proved::None => {
                s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Exact<S, T>>>::new(x, table, tile));
            }
        }
    });
}

/// Whether the multipliers are all floats, or all in fixed point: what [`requantize`] takes.
#[inline(always)]
pub(super) fn are_of_one_kind<Q: Code>(params: &[Requantize<Q>]) -> bool {
    let is_float = |p: &Requantize<Q>| matches!(p.rescale().multiplier, Multiplier::Float(_));
    let floats = params.iter().filter(|p| is_float(p)).count();
    floats == 0 || floats == params.len()
}

/// To codes of 8 bits.
#[inline(always)]
pub(super) fn requantize<S: Codes<Q> + Integers + Floats<f32>, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[i32],
    params: &[Requantize<Q>],
    dst: &mut [Q],
) {
    let Some(one) = params.first() else { return };
    if let Multiplier::Float(_) = one.rescale().multiplier {
        requantize_by::<S, Q, RequantizeRowsByFloat<Q>>(s, granularity, first, src, params, dst);
    } else {
        requantize_by::<S, Q, RequantizeRowsByFixed<Q>>(s, granularity, first, src, params, dst);
    }
}

#[inline(always)]
fn requantize_by<S, Q, O>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[i32],
    params: &[Requantize<Q>],
    dst: &mut [Q],
) where
    S: Codes<Q>,
    Q: Code,
    O: RowOperation<Columns = Rescales, Src = i32, Dst = Q>,
    for<'a> OnRows<'a, O>: Kernel<S, Output = ()>,
{
    let of_slice = |slice: usize| *params[slice].rescale();
    let lines = granularity.lines_of_src(first, src.len());
    bands::for_each_tile(granularity, lines, of_slice, |table: &Rescales, tile, of_src, of_dst| {
        let (src, dst) = (&src[of_src], &mut dst[of_dst]);
        s.vectorize(OnRows::<O>::new(src, table, tile, dst));
    });
}
