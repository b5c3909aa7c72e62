//! Tensors in which neighbours have parameters of their own, by the kernels of `kernel/lanes`.

use core::ops::Range;

use super::vector::{Exact, Fast, PORTABLE};
use super::wide::Far;
use crate::bands::{self, Lead};
use crate::element::{Code, Compute, Real};
use crate::kernel::{
    AccumulatorRows, Affines, ByFixed, ByFixedRight, ByFloat, Columns, DequantizeRows,
    FakeQuantizeRows, IsShifted, OnRows, OnRowsInPlace, ProvedOf, QuantizeRows, QuantizeWideRows,
    RequantizeRows, Rescales, Rows,
};
use crate::params::Proved;
use crate::reference;
use crate::requantize::{Multiplier, Requantize};
use crate::simd::{Codes, Elements, Floats, Integers, Portable, Simd, Stored, Words};
use crate::slices::{Mapped, Mappings, Numbers, Sliced};

/// Calls `work` with rows, and with the parameters of some of their columns, which `fill` brings; all
/// results are pieces. Steps begin at the lines of what is streamed, otherwise of what is loaded.
#[inline(always)]
fn for_each_tile<C: Columns, P: ?Sized, A, B>(
    s: impl Simd,
    of: Sliced<'_, P>,
    fill: impl Fn(&P, &mut C, usize, Range<usize>),
    src: &[A],
    dst: &mut [B],
    mut work: impl FnMut(Rows<'_, C, A, B>),
) {
    let lead = if of.stores.is_streamed() { Lead::of(dst) } else { Lead::of(src) };
    of.in_pieces(
        || s.fence(),
        |Sliced { granularity, first, params, stores }| {
            bands::for_each_tile(
                granularity,
                granularity.lines_of_src(first, src.len()),
                lead,
                &|table, slice, at| fill(params, table, slice, at),
                &mut |table, tile, of_src, of_dst| {
                    work(Rows { src: &src[of_src], table, tile, dst: &mut dst[of_dst], stores });
                },
            );
        },
    );
}

#[inline(always)]
fn affines<'a, T: Compute>(
    params: &(dyn Mappings<T> + 'a),
    columns: &mut Affines<T>,
    slice: usize,
    at: Range<usize>,
) {
    params.fill(slice, Numbers::of(&mut columns.table, at));
}

/// What is proved of all columns of a table.
#[inline(always)]
fn proved<T: Compute>(s: impl Simd, columns: &mut Affines<T>) -> Proved {
    *columns.proved.get_or_insert_with(|| s.vectorize(ProvedOf(&columns.table)))
}

/// To codes of 8 bits.
#[inline(always)]
pub(super) fn quantize<S: Elements<T> + Codes<Q>, T: Real, Q: Code>(
    s: S,
    of: Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [Q],
) where
    Portable: Elements<T> + Codes<Q>,
{
    for_each_tile(s, of, affines, src, dst, |rows| {
        if proved(s, rows.table) == Proved::Near {
            s.vectorize(OnRows::<QuantizeRows<T, Q, Fast<S, T>>>(rows));
        } else {
            PORTABLE.vectorize(OnRows::<QuantizeRows<T, Q, Exact<T>>>(rows));
        }
    });
}

/// To codes of 16 bits.
#[inline(always)]
pub(super) fn quantize_wide<S: Elements<T> + Words<Q>, T: Real, Q: Code>(
    s: S,
    of: Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [Q],
) where
    Portable: Elements<T> + Words<Q>,
{
    for_each_tile(s, of, affines, src, dst, |rows| {
        if proved(s, rows.table) == Proved::None {
            PORTABLE.vectorize(OnRows::<QuantizeWideRows<T, Q, Exact<T>>>(rows));
        } else {
            s.vectorize(OnRows::<QuantizeWideRows<T, Q, Far<S, T>>>(rows));
        }
    });
}

#[inline(always)]
pub(super) fn dequantize<S: Elements<T> + Stored<Q>, T: Real, Q: Code>(
    s: S,
    of: Mapped<'_, T::Compute>,
    src: &[Q],
    dst: &mut [T],
) {
    for_each_tile(s, of, affines, src, dst, |rows| {
        s.vectorize(OnRows::<DequantizeRows<T, Q>>(rows));
    });
}

/// From codes of 32 bits.
#[inline(always)]
pub(super) fn dequantize_accumulators<S: Elements<T> + Floats<f64> + Integers, T: Real>(
    s: S,
    of: Mapped<'_, T::Compute>,
    src: &[i32],
    dst: &mut [T],
) {
    for_each_tile(s, of, affines, src, dst, |rows| {
        if !T::Compute::HALF_THE_DIGITS || s.vectorize(IsShifted(&rows.table.table)) {
            s.vectorize(OnRows::<AccumulatorRows<T, true>>(rows));
        } else {
            s.vectorize(OnRows::<AccumulatorRows<T, false>>(rows));
        }
    });
}

/// Of codes of at most 16 bits.
#[inline(always)]
pub(super) fn fake_quantize<S: Elements<T>, T: Real>(
    s: S,
    of: Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [T],
) where
    Portable: Elements<T>,
{
    for_each_tile(s, of, affines, src, dst, |rows| match proved(s, rows.table) {
        Proved::Near => s.vectorize(OnRows::<FakeQuantizeRows<T, Fast<S, T>>>(rows)),
        Proved::Far => s.vectorize(OnRows::<FakeQuantizeRows<T, Far<S, T>>>(rows)),
        Proved::None => PORTABLE.vectorize(OnRows::<FakeQuantizeRows<T, Exact<T>>>(rows)),
    });
}

/// Of codes of at most 16 bits. Steps begin at the first column.
#[inline(always)]
pub(super) fn fake_quantize_in_place<S: Elements<T>, T: Real>(
    s: S,
    of: Mapped<'_, T::Compute>,
    x: &mut [T],
) where
    Portable: Elements<T>,
{
    let (params, lines) = (of.params, of.lines(x.len()));
    let fill = |columns: &mut Affines<_>, slice, at| affines(params, columns, slice, at);
    let lead = Lead::of(x);
    bands::for_each_tile(of.granularity, lines, lead, &fill, &mut |table, tile, part, _| {
        let x = &mut x[part];
        match proved(s, table) {
            Proved::Near => {
                s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Fast<S, T>>>::new(x, table, tile));
            }
            Proved::Far => {
                s.vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Far<S, T>>>::new(x, table, tile));
            }
            Proved::None => {
                PORTABLE
                    .vectorize(OnRowsInPlace::<FakeQuantizeRows<T, Exact<T>>>::new(x, table, tile));
            }
        }
    });
}

/// Whether the multipliers are all floats, or all in fixed point: what [`requantize`] takes.
#[inline(always)]
pub(super) fn are_of_one_kind<Q: Code>(params: &[Requantize<Q>]) -> bool {
    let is_float = |p: &&Requantize<Q>| matches!(p.rescale().multiplier, Multiplier::Float(_));
    let floats = params.iter().filter(is_float).count();
    floats == 0 || floats == params.len()
}

/// To codes of 8 bits.
#[inline(always)]
pub(super) fn requantize<S: Codes<Q> + Integers + Floats<f32>, Q: Code>(
    s: S,
    of: Sliced<'_, [Requantize<Q>]>,
    src: &[i32],
    dst: &mut [Q],
) {
    let Some(one) = of.params.first() else { return };
    let by_floats = matches!(one.rescale().multiplier, Multiplier::Float(_));
    let fill = |params: &[Requantize<Q>], columns: &mut Rescales, slice, at: Range<usize>| {
        columns.set(at.start, &params[slice..slice + at.len()], by_floats);
    };
    for_each_tile(s, of, fill, src, dst, |rows| match (by_floats, rows.table.all_shift_right) {
        _ if !rows.table.are_narrow => requantize_by_reference(rows, by_floats),
        (true, _) => s.vectorize(OnRows::<RequantizeRows<Q, ByFloat<S, false>>>(rows)),
        (false, true) => s.vectorize(OnRows::<RequantizeRows<Q, ByFixedRight<S>>>(rows)),
        (false, false) => s.vectorize(OnRows::<RequantizeRows<Q, ByFixed<S>>>(rows)),
    });
}

/// Where a Z leaves no room in 16 bits, which no framework makes: column by column.
#[inline(always)]
fn requantize_by_reference<Q: Code>(rows: Rows<'_, Rescales, i32, Q>, floats: bool) {
    let Rows { src, table, tile, dst, .. } = rows;
    for row in 0..tile.rows(src.len()) {
        let (from, to, at) = tile.row(row, src.len());
        for i in from..to {
            let p = table.rescale(at + i - from, floats);
            reference::requantize(&src[i..=i], &p, &mut dst[i..=i], 0);
        }
    }
}
