//! What is found of every slice: ranges, parameters from them, sums of codes and of errors.

use core::ops::Range;

use super::{Mappings, ParamsMut, elements};
use crate::backend::Pieces;
use crate::element::{Code, Real, code_at};
use crate::engine::{CodeEngine, Engine, Loads, RealEngine, Stores};
use crate::error::Error;
use crate::granularity::{Columns, Granularity};
use crate::kernel::TILE;
use crate::range::{self, MinMax};
use crate::scheme::Scheme;
use crate::stats::{self, BLOCK, Sums};

/// The ranges of the slices from number `first` on; `src` is the whole tensor.
pub(crate) fn min_max<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    first: usize,
    dst: &mut [MinMax<T::Compute>],
) {
    dst.fill(MinMax::EMPTY);
    let loads = Loads::of_bytes(size_of_val(src));
    // Where there is no element, there may be slices all the same.
    if granularity.len() == 0 {
        return;
    }
    let slices = first..first + dst.len();
    if granularity.is_banded() {
        granularity.for_each_columns(slices, TILE, |part| {
            min_max_of_columns(engine, &part, src, first, dst);
        });
    } else {
        granularity.for_each_run_of_all(slices, |slice, run| {
            let seen = &mut dst[slice - first];
            *seen = seen.merge_observed(engine.min_max(&src[run], loads));
        });
    }
}

fn min_max_of_columns<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    part: &Columns,
    src: &[T],
    first: usize,
    dst: &mut [MinMax<T::Compute>],
) {
    let mut seen = [MinMax::EMPTY; TILE];
    let seen = &mut seen[..part.columns];
    let end = part.at + (part.rows - 1) * part.stride + part.columns;
    engine.min_max_columns(&src[part.at..end], part.stride, seen);
    for (column, seen) in seen.iter().enumerate() {
        let of_slice = &mut dst[part.slice(column) - first];
        *of_slice = of_slice.merge_observed(*seen);
    }
}

/// Ranges that are found before parameters are made of them.
const RANGES: usize = 64;

/// The parameters of the slices from number `first` on, from their ranges; `src` is the whole tensor.
pub(crate) fn params<T: Real, Q: Code>(
    engine: &dyn Engine<T, Q>,
    reals: &dyn RealEngine<T>,
    granularity: &Granularity,
    src: &[T],
    scheme: Scheme,
    first: usize,
    mut dst: ParamsMut<'_, T::Compute, Q>,
) -> Result<(), Error> {
    let mut ranges = [MinMax::EMPTY; RANGES];
    for at in (0..dst.len()).step_by(RANGES) {
        let ranges = &mut ranges[..RANGES.min(dst.len() - at)];
        reals.min_max_slices(granularity, src, first + at, ranges);
        for (i, seen) in ranges.iter().enumerate() {
            dst.set(at + i, engine.params(range::Range::try_from(*seen)?, scheme)?);
        }
    }
    Ok(())
}

/// The slices of a range with parameters from their own ranges, where each slice is one run of memory.
#[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
pub(crate) fn quantize_dynamic<T: Real, Q: Code>(
    engine: &dyn Engine<T, Q>,
    reals: &dyn RealEngine<T>,
    granularity: &Granularity,
    slices: Range<usize>,
    src: &[T],
    scheme: Scheme,
    params: &mut ParamsMut<'_, T::Compute, Q>,
    dst: &mut [Q],
    stores: Stores,
) -> Result<(), Error> {
    stores.in_pieces(
        || engine.order(),
        |stores| {
            for slice in slices {
                let run = &src[granularity.slice_in_src(slice)];
                let range = range::Range::try_from(reals.min_max(run, stores.loads()))?;
                let p = engine.params(range, scheme)?;
                params.set(slice, p);
                let (codes, at) = elements::<Q>(granularity.slice_in_dst(slice));
                engine.quantize_within(run, p.affine(), &mut dst[codes], at, stores);
            }
            Ok(())
        },
    )
}

/// The place in `src`, the whole tensor, of its first NaN or infinity.
pub(crate) fn first_not_finite<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
) -> Option<usize> {
    for line in granularity.lines_of_src(0, src.len()) {
        if let Some(i) = engine.first_not_finite(&src[line.src..line.src + line.len]) {
            return Some(line.src + i);
        }
    }
    None
}

/// Elements that are quantized, and then summed while they are in the first cache.
const SUMMED: usize = 8192;

/// Codes and the sum of each slice's, where each slice is one run of memory; the first one's parameters
/// are those of number `first`.
#[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
pub(crate) fn quantize_with_sums<T: Real, Q: Code>(
    engine: &dyn Engine<T, Q>,
    codes: &dyn CodeEngine<Q>,
    granularity: &Granularity,
    src: &[T],
    params: &(impl Mappings<T::Compute> + ?Sized),
    first: usize,
    dst: &mut [Q],
    sums: &mut [i64],
) {
    for (slice, sum) in sums.iter_mut().enumerate() {
        let p = params.affine(first + slice);
        let (run, of_dst) = (granularity.slice_in_src(slice), granularity.slice_in_dst(slice));
        *sum = 0;
        for from in (0..run.len()).step_by(SUMMED) {
            let to = run.len().min(from + SUMMED);
            let (elements, at) = elements::<Q>(of_dst.start + from..of_dst.start + to);
            let dst = &mut dst[elements];
            engine.quantize(&src[run.start + from..run.start + to], &p, dst, at, Stores::Cached);
            *sum += codes.sum(dst, at, to - from);
        }
    }
}

/// The sums of the codes of the slices from number `first` on; `src` is the whole tensor.
pub(crate) fn sum<Q: Code>(
    engine: &dyn CodeEngine<Q>,
    granularity: &Granularity,
    src: &[Q],
    first: usize,
    sums: &mut [i64],
) {
    sums.fill(0);
    if granularity.len() == 0 {
        return;
    }
    let slices = first..first + sums.len();
    if granularity.is_banded() {
        granularity.for_each_columns(slices, usize::MAX, |part| {
            sum_of_columns(&part, src, first, sums);
        });
    } else {
        granularity.for_each_run_of_all(slices, |slice, run| {
            let (codes, at) = elements::<Q>(run.clone());
            sums[slice - first] += engine.sum(&src[codes], at, run.len());
        });
    }
}

fn sum_of_columns<Q: Code>(part: &Columns, src: &[Q], first: usize, sums: &mut [i64]) {
    for row in 0..part.rows {
        let at = part.at + row * part.stride;
        for (slice, columns) in part.slices() {
            for column in columns {
                sums[slice - first] += i64::from(code_at(src, at + column));
            }
        }
    }
}

/// The sums over the slices `slices`, of which there is at least one, added along the tree of
/// `stats.rs`; `src` is the whole tensor.
pub(crate) fn error_sums<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    slices: Range<usize>,
    params: &(impl Mappings<T::Compute> + ?Sized),
) -> Sums {
    if granularity.is_contiguous() {
        let loads = Loads::of_bytes(size_of_val(src));
        let mut of_part = |slice| {
            let (run, p) = (granularity.slice_in_src(slice), params.affine(slice));
            engine.error_sums(&src[run], &p, loads)
        };
        return stats::tree(slices.start, slices.len(), &mut of_part, &Sums::add);
    }
    let mut block = [T::zeroed(); BLOCK];
    let mut of_slice = |slice| {
        let (p, len) = (params.affine(slice), granularity.slice_len(slice));
        let mut of_block = |i: usize| {
            let (from, mut filled) = (i * BLOCK, 0);
            granularity.for_each_run_of(slice, from..len.min(from + BLOCK), |run| {
                let run = &src[run];
                block[filled..filled + run.len()].copy_from_slice(run);
                filled += run.len();
            });
            engine.error_sums(&block[..filled], &p, Loads::Cached)
        };
        stats::tree(0, len.div_ceil(BLOCK), &mut of_block, &Sums::add)
    };
    stats::tree(slices.start, slices.len(), &mut of_slice, &Sums::add)
}
