//! Reductions of every slice: ranges, sums of codes, and errors.

use core::ops::Range;

use super::elements_of;
use crate::element::{Number, Real, code_at};
use crate::engine::{CodeKernels, Isa, RealKernels};
use crate::granularity::{Granularity, Run, Tile};
use crate::kernel::{Loads, TILE};
use crate::range::MinMax;
#[cfg(feature = "alloc")]
use crate::range::{Finite, Range as Bounds};
use crate::reference;
use crate::simd::LONGEST_STEP;
#[cfg(feature = "alloc")]
use crate::simd::MOST_LANES;
use crate::slices::AnyParams;
use crate::stats::{self, BLOCK, Sums};

/// The result for the elements of a slice.
pub(super) trait OfSlice<T>: Copy {
    const NONE: Self;

    fn of_run(isa: Isa, src: &[T], loads: Loads) -> Self;

    /// Extends the results of columns, as [`RealKernels::min_max_columns`] does.
    fn extend_columns(isa: Isa, src: &[T], stride: usize, dst: &mut [Self]);

    fn merge(self, other: Self) -> Self;
}

impl<T: RealKernels> OfSlice<T> for MinMax<T::Compute> {
    const NONE: Self = Self::EMPTY;

    fn of_run(isa: Isa, src: &[T], loads: Loads) -> Self {
        T::min_max(isa, src, loads)
    }

    fn extend_columns(isa: Isa, src: &[T], stride: usize, dst: &mut [Self]) {
        T::min_max_columns(isa, src, stride, dst);
    }

    fn merge(self, other: Self) -> Self {
        self.merge_observed(other)
    }
}

#[cfg(feature = "alloc")]
impl<T: RealKernels> OfSlice<T> for Finite<T::Compute> {
    const NONE: Self = Self::NONE;

    fn of_run(isa: Isa, src: &[T], loads: Loads) -> Self {
        let seen = T::min_max(isa, src, loads);
        if Bounds::try_from(seen).is_ok() {
            return Self { seen, not_finite: 0 };
        }
        // The run is read again, as rows of some columns.
        let mut columns = [Self::NONE; MOST_LANES];
        let (rows, rest) = src.split_at(src.len() / MOST_LANES * MOST_LANES);
        for rows in [rows, rest] {
            if !rows.is_empty() {
                let columns = &mut columns[..rows.len().min(MOST_LANES)];
                T::finite_columns(isa, rows, columns.len(), columns);
            }
        }
        columns.into_iter().fold(Self::NONE, Self::merge)
    }

    fn extend_columns(isa: Isa, src: &[T], stride: usize, dst: &mut [Self]) {
        T::finite_columns(isa, src, stride, dst);
    }

    fn merge(self, other: Self) -> Self {
        self.merge(other)
    }
}

/// Finds the results of the slices from number `first` on; `src` is the whole tensor.
pub(super) fn of_slices<T: RealKernels, R: OfSlice<T>>(
    isa: Isa,
    granularity: &Granularity,
    src: &[T],
    first: usize,
    dst: &mut [R],
) {
    dst.fill(R::NONE);
    // A tensor without elements may have slices, which have no range.
    if granularity.len() == 0 || dst.is_empty() {
        return;
    }
    let loads = Loads::of_bytes(size_of_val(src));
    for tile in granularity.tiles_of(first..first + dst.len()) {
        if !granularity.has_columns() || tile.slices > 0 {
            tile.for_each_run(|slice, &Run { src: at, len, .. }| {
                let seen = &mut dst[slice - first];
                *seen = seen.merge(R::of_run(isa, &src[at..at + len], loads));
            });
            continue;
        }
        // Several rows of narrow columns, joined to one, fill a register.
        let (longer, rest) = tile.with_longer_rows(2 * LONGEST_STEP);
        for tile in [Some(longer), rest].into_iter().flatten() {
            for from in (0..tile.columns).step_by(TILE) {
                let part = tile.between(from, tile.columns.min(from + TILE));
                let end = part.src + (part.rows - 1) * part.src_pitch + part.columns;
                let src = &src[part.src..end];
                if part.has_a_slice_a_column() {
                    let slice = part.slice_of(0) - first;
                    let of_columns = &mut dst[slice..slice + part.columns];
                    R::extend_columns(isa, src, part.src_pitch, of_columns);
                    continue;
                }
                let seen = &mut [R::NONE; TILE][..part.columns];
                R::extend_columns(isa, src, part.src_pitch, seen);
                for (column, seen) in seen.iter().enumerate() {
                    let of_slice = &mut dst[part.slice_of(column) - first];
                    *of_slice = of_slice.merge(*seen);
                }
            }
        }
    }
}

/// Sums the codes of the slices from number `first` on; `src` is the whole tensor.
pub(super) fn sum<Q: CodeKernels>(
    isa: Isa,
    granularity: &Granularity,
    src: &[Q],
    first: usize,
    sums: &mut [i64],
) {
    add_codes(granularity, first, sums, &mut |at, len, sums| match sums {
        // Runs of columns are too short for a kernel.
        [sum] if granularity.has_columns() => *sum += reference::sum(src, at, len),
        [sum] => {
            let (codes, at) = elements_of(Q::PER_ELEMENT, at, len);
            *sum += Q::sum(isa, &src[codes], at, len);
        }
        sums => {
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum += i64::from(code_at(src, at + column));
            }
        }
    });
}

/// Calls `add` with the place and the number of some codes, and with one sum for all of them or with a sum for each.
fn add_codes(
    granularity: &Granularity,
    first: usize,
    sums: &mut [i64],
    add: &mut dyn FnMut(usize, usize, &mut [i64]),
) {
    sums.fill(0);
    if granularity.len() == 0 || sums.is_empty() {
        return;
    }
    for tile in granularity.tiles_of(first..first + sums.len()) {
        if tile.has_a_slice_a_column() {
            let from = tile.slice_of(0) - first;
            let sums = &mut sums[from..from + tile.columns];
            for row in 0..tile.rows {
                add(tile.src + row * tile.src_pitch, tile.columns, sums);
            }
        } else {
            tile.for_each_run(|slice, run| {
                add(run.src, run.len, core::slice::from_mut(&mut sums[slice - first]));
            });
        }
    }
}

/// Returns the sums of errors over slices, at least one, in the order of `stats.rs`; `src` is the whole tensor.
pub(super) fn error_sums<T: RealKernels>(
    isa: Isa,
    granularity: &Granularity,
    src: &[T],
    slices: Range<usize>,
    params: &(dyn AnyParams<T::Compute> + '_),
) -> Sums {
    let loads = Loads::of_bytes(size_of_val(src));
    let mut block = [T::zeroed(); BLOCK];
    let mut of_slice = |slice| {
        let mut room = None;
        let p = params.affine(slice, &mut room);
        if granularity.is_contiguous() {
            let Run { src: at, len, .. } = granularity.run_of(slice);
            return T::error_sums(isa, &src[at..at + len], p, loads);
        }
        let tiles = || granularity.tiles_of(slice..slice + 1);
        let len = tiles().map(|tile| tile.rows * tile.columns).sum::<usize>();
        let rows = |tile: Tile| (0..tile.rows).map(move |row| tile.rows_between(row, row + 1));
        let (mut rows, mut rest) = (tiles().flat_map(rows), &src[..0]);
        let mut of_block = |_| {
            let mut filled = 0;
            while filled < BLOCK {
                if rest.is_empty() {
                    let Some(row) = rows.next() else { break };
                    rest = &src[row.src..row.src + row.columns];
                }
                let (some, behind) = rest.split_at(rest.len().min(BLOCK - filled));
                block[filled..filled + some.len()].copy_from_slice(some);
                (filled, rest) = (filled + some.len(), behind);
            }
            T::error_sums(isa, &block[..filled], p, Loads::Cached)
        };
        stats::tree(0, len.div_ceil(BLOCK), &mut of_block, &Sums::add)
    };
    stats::tree(slices.start, slices.len(), &mut of_slice, &Sums::add)
}

/// Returns the place of the first NaN or infinity in `src`, the whole tensor.
pub(super) fn first_not_finite<T: Real>(granularity: &Granularity, src: &[T]) -> Option<usize> {
    for tile in granularity.tiles(0..granularity.len()) {
        for row in 0..tile.rows {
            let at = tile.src + row * tile.src_pitch;
            let row = &src[at..at + tile.columns];
            if let Some(i) = row.iter().position(|x| !x.widen().is_finite()) {
                return Some(at + i);
            }
        }
    }
    None
}
