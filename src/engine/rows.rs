//! Tensors in which neighbours have parameters of their own, by the kernels of `kernel/lanes`.

use core::ops::Range;

use super::Stores;
use super::vector::Fast;
use super::wide::Far;
use crate::bands::{self, Lead};
use crate::element::{Code, Compute, Real};
use crate::granularity::{Granularity, Lines};
use crate::kernel::{
    AccumulatorRows, Affines, ByDivision, Columns, DequantizeRows, FakeQuantizeRows, OnRows,
    OnRowsInPlace, QuantizeRows, QuantizeWideRows, RequantizeRowsByFixed, RequantizeRowsByFloat,
    Rescales, RowOperation, Tile,
};
use crate::params::Proved;
use crate::requantize::{Multiplier, Requantize};
use crate::simd::{Codes, Elements, Floats, Integers, Kernel, Simd, Stored, Words};
use crate::slices::{Mappings, Numbers};

/// The division itself.
type Exact<S, T> = ByDivision<S, <T as Real>::Compute>;

/// Steps begin at the lines of what is streamed, otherwise of what is loaded. (In place they begin at
/// the first column.)
#[inline(always)]
fn lead_of<T, D>(src: &[T], dst: &[D], stores: Stores) -> Lead {
    if stores.is_streamed() { Lead::of(dst) } else { Lead::of(src) }
}

/// Calls `work` with the parameters of some columns, where those stand, and the elements they are for, of
/// the input and of the output; and how results are stored, all of which are pieces.
#[inline(always)]
fn for_each_table<C: Columns>(
    s: impl Simd,
    granularity: &Granularity,
    lines: Lines,
    lead: Lead,
    stores: Stores,
    of_slices: impl Fn(&mut C, usize, Range<usize>),
    mut work: impl FnMut(&mut C, Tile, Range<usize>, Range<usize>, Stores),
) {
    let order = || s.fence();
    stores.in_pieces(order, |stores| {
        bands::for_each_tile(granularity, lines, lead, of_slices, |table, tile, of_src, of_dst| {
            work(table, tile, of_src, of_dst, stores);
        });
    });
}

/// The same for reals and codes.
#[inline(always)]
fn for_each_tile<T: Compute>(
    s: impl Simd,
    granularity: &Granularity,
    lines: Lines,
    lead: Lead,
    params: &dyn Mappings<T>,
    stores: Stores,
    work: impl FnMut(&mut Affines<T>, Tile, Range<usize>, Range<usize>, Stores),
) {
    let of_slices = |columns: &mut Affines<T>, slice, at| {
        params.fill(slice, Numbers::of(&mut columns.table, at));
    };
    for_each_table(s, granularity, lines, lead, stores, of_slices, work);
}

/// To codes of 8 bits.
#[inline(always)]
pub(super) fn quantize<S: Elements<T> + Codes<Q>, T: Real, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [Q],
    stores: Stores,
) {
    let lines = granularity.lines_of_src(first, src.len());
    for_each_tile(
        s,
        granularity,
        lines,
        lead_of(src, dst, stores),
        params,
        stores,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            if table.proved == Proved::Near {
                s.vectorize(OnRows::<QuantizeRows<T, Q, Fast<S, T>>>::new(
                    src, table, tile, dst, stores,
                ));
            } else {
                s.vectorize(OnRows::<QuantizeRows<T, Q, Exact<S, T>>>::new(
                    src, table, tile, dst, stores,
                ));
            }
        },
    );
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
    stores: Stores,
) {
    let lines = granularity.lines_of_src(first, src.len());
    for_each_tile(
        s,
        granularity,
        lines,
        lead_of(src, dst, stores),
        params,
        stores,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            if table.proved == Proved::None {
                s.vectorize(OnRows::<QuantizeWideRows<T, Q, Exact<S, T>>>::new(
                    src, table, tile, dst, stores,
                ));
            } else {
                s.vectorize(OnRows::<QuantizeWideRows<T, Q, Far<S, T>>>::new(
                    src, table, tile, dst, stores,
                ));
            }
        },
    );
}

#[inline(always)]
pub(super) fn dequantize<S: Elements<T> + Stored<Q>, T: Real, Q: Code>(
    s: S,
    granularity: &Granularity,
    first: usize,
    src: &[Q],
    params: &dyn Mappings<T::Compute>,
    dst: &mut [T],
    stores: Stores,
) {
    let lines = granularity.lines_of_dst(first, dst.len());
    for_each_tile(
        s,
        granularity,
        lines,
        lead_of(src, dst, stores),
        params,
        stores,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            s.vectorize(OnRows::<DequantizeRows<T, Q>>::new(src, table, tile, dst, stores));
        },
    );
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
    stores: Stores,
) {
    let lines = granularity.lines_of_dst(first, dst.len());
    for_each_tile(
        s,
        granularity,
        lines,
        lead_of(src, dst, stores),
        params,
        stores,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            if table.is_shifted {
                s.vectorize(OnRows::<AccumulatorRows<T, true>>::new(src, table, tile, dst, stores));
            } else {
                s.vectorize(OnRows::<AccumulatorRows<T, false>>::new(
                    src, table, tile, dst, stores,
                ));
            }
        },
    );
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
    stores: Stores,
) {
    let lines = granularity.lines_of_src(first, src.len());
    for_each_tile(
        s,
        granularity,
        lines,
        lead_of(src, dst, stores),
        params,
        stores,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            match table.proved {
                Proved::Near => {
                    s.vectorize(OnRows::<FakeQuantizeRows<T, Fast<S, T>>>::new(
                        src, table, tile, dst, stores,
                    ));
                }
                Proved::Far => {
                    s.vectorize(OnRows::<FakeQuantizeRows<T, Far<S, T>>>::new(
                        src, table, tile, dst, stores,
                    ));
                }
                Proved::None => {
                    s.vectorize(OnRows::<FakeQuantizeRows<T, Exact<S, T>>>::new(
                        src, table, tile, dst, stores,
                    ));
                }
            }
        },
    );
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
    let lines = granularity.lines_of_src(first, x.len());
    for_each_tile(
        s,
        granularity,
        lines,
        Lead::of(x),
        params,
        Stores::Cached,
        |table, tile, part, _, _| {
            let x = &mut x[part];
            match table.proved {
                Proved::Near => {
                    s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Fast<S, T>>>::new(
                        x, table, tile,
                    ));
                }
                Proved::Far => {
                    s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Far<S, T>>>::new(
                        x, table, tile,
                    ));
                }
                Proved::None => {
                    s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Exact<S, T>>>::new(
                        x, table, tile,
                    ));
                }
            }
        },
    );
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
    stores: Stores,
) {
    let Some(one) = params.first() else { return };
    if let Multiplier::Float(_) = one.rescale().multiplier {
        requantize_by::<S, Q, RequantizeRowsByFloat<Q>>(
            s,
            granularity,
            first,
            src,
            params,
            dst,
            stores,
        );
    } else {
        requantize_by::<S, Q, RequantizeRowsByFixed<Q>>(
            s,
            granularity,
            first,
            src,
            params,
            dst,
            stores,
        );
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
    stores: Stores,
) where
    S: Codes<Q>,
    Q: Code,
    O: RowOperation<Columns = Rescales, Src = i32, Dst = Q>,
    for<'a> OnRows<'a, O>: Kernel<S, Output = ()>,
{
    let of_slices = |table: &mut Rescales, slice: usize, at: Range<usize>| {
        for (p, column) in params[slice..].iter().zip(at) {
            table.set(column, p.rescale());
        }
    };
    let lines = granularity.lines_of_src(first, src.len());
    let lead = lead_of(src, dst, stores);
    for_each_table(
        s,
        granularity,
        lines,
        lead,
        stores,
        of_slices,
        |table, tile, of_src, of_dst, stores| {
            let (src, dst) = (&src[of_src], &mut dst[of_dst]);
            s.vectorize(OnRows::<O>::new(src, table, tile, dst, stores));
        },
    );
}
