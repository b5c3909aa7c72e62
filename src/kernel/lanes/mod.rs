//! Operations where neighbours have parameters of their own: rows of memory with the same parameters in
//! the same columns.
//!
//! ```text
//! q = clamp(rint(x ⊘ S[c]) + Z[c], qmin[c], qmax[c])        x̂ = T(q − Z[c]) ⊗ S[c]
//! ```
//!
//! The parameters of up to [`TILE`] columns become a [`Table`], which stays in a cache while some rows
//! pass. The quotient is the one of `divide.rs` or `divide_far.rs`, each lane with numbers of its own; the
//! proofs there are of one element and hold lane by lane. For codes of 8 bits, Z is added as in
//! `../quantize.rs`, in 16 bits. For others, the integer is clamped to `qmin − Z` and `qmax − Z` before
//! Z is added, in 32 bits: it is within ±2²⁵ then, or the least integer of all, and nothing wraps.
//!
//! Whole steps, from the first column that begins a cache line on, and one more at either end, which
//! overlaps; a part of a row that is shorter than a step is loaded and stored in part, and so are both
//! ends of what is streamed. In place, where no step may overlap another, that part is what whole steps
//! leave.

mod codes;
mod fake_quantize;
mod in_place;
mod requantize;

pub(crate) use codes::{DequantizeRows, QuantizeRows, QuantizeWideRows};
pub(crate) use fake_quantize::FakeQuantizeRows;
pub(crate) use in_place::OnRowsInPlace;
pub(crate) use requantize::{ByFixed, RequantizeRows, Rescales};

use core::ops::Range;

use super::steps::{CACHE_LINE, ask_for, elements_to_line};
use super::table::{DivideEach, Table};
use crate::element::Compute;
use crate::engine::Stores;
use crate::params::Proved;
use crate::simd::{Floats, Kernel, LONGEST_STEP, Simd, part};

/// The most columns in a table, beside those before the first line of a row and behind its last step.
pub(crate) const TILE: usize = 512;

/// What is loaded may begin at any of them and be a step.
const LEN: usize = TILE + 3 * LONGEST_STEP;

/// The parameters of neighbouring columns, from the first place of each array on.
pub(crate) trait Columns {
    fn new() -> Self;

    /// Copies the parameters of the `period` columns from `from` on, over and over, up to column `to`.
    fn repeat(&mut self, from: usize, period: usize, to: usize);

    /// Says that they are all there: so many columns, of which only the first `once` may differ.
    fn finish(&mut self, once: usize, count: usize);
}

/// Those of reals and codes.
#[derive(Debug)]
pub(crate) struct Affines<T> {
    pub(crate) table: Table<T, LEN>,
    /// Of all columns, once it has been asked for: see [`ProvedOf`](super::ProvedOf).
    pub(crate) proved: Option<Proved>,
    /// Whether what is made of the parameters has been.
    is_prepared: bool,
}

impl<T: Compute> Columns for Affines<T> {
    fn new() -> Self {
        Self { table: Table::new(), proved: None, is_prepared: false }
    }

    fn repeat(&mut self, from: usize, period: usize, to: usize) {
        repeat(&mut self.table.scale, from, period, to);
        repeat(&mut self.table.zero_point, from, period, to);
        repeat(&mut self.table.qmin, from, period, to);
        repeat(&mut self.table.qmax, from, period, to);
    }

    fn finish(&mut self, _once: usize, count: usize) {
        self.table.count = count;
        self.proved = None;
        self.is_prepared = false;
    }
}

impl<T: Compute> Affines<T> {
    #[inline(always)]
    fn prepare<S: Floats<T>, D: DivideEach<S, T>>(&mut self, s: S) {
        if !self.is_prepared {
            for at in (0..self.table.count).step_by(S::LANES) {
                D::prepare(s, &mut self.table, at);
            }
            self.is_prepared = true;
        }
    }
}

/// See [`Columns::repeat`].
fn repeat<T: Copy>(array: &mut [T], from: usize, period: usize, to: usize) {
    let mut end = from + period;
    while end < to {
        // What is there already is a whole number of periods.
        let next = to.min(end + (end - from));
        array.copy_within(from..from + (next - end), end);
        end = next;
    }
}

/// Where the columns of a table stand in rows of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tile {
    /// The columns of a row.
    pub(crate) pitch: usize,
    /// The column that is the table's first.
    pub(crate) column: usize,
    pub(crate) columns: usize,
    /// The columns of the first row that are missing.
    pub(crate) skip: usize,
}

impl Tile {
    /// How many rows there are in `len` elements.
    #[inline(always)]
    pub(crate) fn rows(self, len: usize) -> usize {
        (self.skip + len).div_ceil(self.pitch)
    }

    /// Whether all of its columns are in a row.
    #[inline(always)]
    fn is_whole(self, row: usize, len: usize) -> bool {
        let start = row * self.pitch + self.column;
        start >= self.skip && start + self.columns - self.skip <= len
    }

    /// Its part of a row, as the elements from the first to the second number, and the first one's
    /// place in the table.
    #[inline(always)]
    pub(crate) fn row(self, row: usize, len: usize) -> (usize, usize, usize) {
        let start = row * self.pitch + self.column;
        let from = start.saturating_sub(self.skip).min(len);
        let to = (start + self.columns).saturating_sub(self.skip).min(len);
        (from, to, (from + self.skip).saturating_sub(start))
    }
}

/// The columns of a step's registers, of `len` elements from column `at` on, as `load_part` and its kin
/// have them.
#[inline(always)]
fn columns<S: Simd>(at: usize, len: usize) -> [usize; 4] {
    let mut columns = [at; 4];
    for group in 0..4 {
        columns[group] += if S::MASKS || len < S::LANES || len >= S::STEP {
            group * S::LANES
        } else {
            part(len, group, S::LANES)
        };
    }
    columns
}

/// An operation on rows, whatever the instruction set.
pub(crate) trait RowOperation {
    type Columns: Columns;
    type Src;
    type Dst;
}

/// The same on one step, in registers; how they are loaded and stored.
pub(crate) trait RowStep<S>: RowOperation {
    type Loaded;
    type Params: Copy;
    type Result;

    fn load(s: S, src: &[Self::Src]) -> Self::Loaded;
    fn load_part(s: S, src: &[Self::Src]) -> Self::Loaded;
    /// Makes what is made of the parameters, unless it has been.
    fn prepare(s: S, columns: &mut Self::Columns);
    /// `at`: the column of each register's first lane.
    fn params(s: S, table: &Self::Columns, at: [usize; 4]) -> Self::Params;
    fn apply(s: S, loaded: Self::Loaded, params: &Self::Params) -> Self::Result;
    fn store(s: S, result: Self::Result, dst: &mut [Self::Dst]);
    fn store_part(s: S, result: Self::Result, dst: &mut [Self::Dst]);
    /// `dst` starts at a cache line, or a whole number of steps from one.
    fn stream(s: S, result: Self::Result, dst: &mut [Self::Dst]);
}

/// Rows of memory, and the parameters of the columns of a tile of them.
pub(crate) struct Rows<'a, C, A, B> {
    pub(crate) src: &'a [A],
    pub(crate) table: &'a mut C,
    pub(crate) tile: Tile,
    pub(crate) dst: &'a mut [B],
    pub(crate) stores: Stores,
}

/// Applies an operation to the columns of the tile in all of the rows.
pub(crate) struct OnRows<'a, O: RowOperation>(pub(crate) Rows<'a, O::Columns, O::Src, O::Dst>);

impl<S: Simd, O: RowStep<S>> Kernel<S> for OnRows<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Rows { src, table, tile, dst, stores } = self.0;
        O::prepare(s, table);
        let (rows, len) = (tile.rows(src.len()), src.len());
        let stream = S::STREAMS
            && stores.is_streamed()
            && tile.columns >= 2 * LONGEST_STEP
            && (tile.pitch * size_of::<O::Dst>()).is_multiple_of(CACHE_LINE);
        let mut row = 0;
        while row < rows {
            let (from, to, at) = tile.row(row, len);
            let last = row + ROWS - 1;
            if tile.columns >= S::STEP && tile.is_whole(row, len) && tile.is_whole(last, len) {
                let end = tile.row(last, len).1;
                let (src, dst) = (&src[from..end], &mut dst[from..end]);
                if stream {
                    some_rows::<S, O, true>(s, src, table, tile, dst);
                } else {
                    some_rows::<S, O, false>(s, src, table, tile, dst);
                }
                row += ROWS;
                continue;
            }
            if from < to {
                one_row::<S, O>(s, &src[from..to], table, at, &mut dst[from..to]);
            }
            row += 1;
        }
    }
}

/// How many rows are gone through together, step by step: then their columns' parameters are loaded for
/// all of them, and memory is read in as many places, none of which waits for another.
pub(crate) const ROWS: usize = 8;

/// As many whole rows of a tile, the first at the front of `src` and the last at its end.
///
/// What is streamed begins at a line, or at a whole step before one; what is left at either end is stored
/// through the caches. Rows that are in no cache are asked for before their turn: from one to the next,
/// the CPU does not see what comes.
#[inline(always)]
fn some_rows<S: Simd, O: RowStep<S>, const STREAM: bool>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    tile: Tile,
    dst: &mut [O::Dst],
) {
    // Where lines begin at the same columns of each row, steps begin there.
    let to_line = if STREAM {
        elements_to_line(dst)
    } else if (tile.pitch * size_of::<O::Src>()).is_multiple_of(CACHE_LINE) {
        elements_to_line(src)
    } else {
        0
    };
    let first = to_line % S::STEP;
    let first = if tile.columns < first + S::STEP { 0 } else { first };
    if STREAM {
        // Half lines of all rows, and later the other halves, would be too many lines half written: they
        // go to memory twice, in twice the time and more.
        let mut column = first;
        if S::STEP * size_of::<O::Dst>() == CACHE_LINE / 2 {
            if first < to_line && to_line + S::STEP <= tile.columns {
                step_of_rows::<S, O, true>(s, src, table, tile, dst, first);
                column = to_line;
            }
            while column + 2 * S::STEP <= tile.columns {
                two_steps_of_rows::<S, O>(s, src, table, tile, dst, column);
                column += 2 * S::STEP;
            }
        }
        while column + S::STEP <= tile.columns {
            step_of_rows::<S, O, true>(s, src, table, tile, dst, column);
            column += S::STEP;
        }
        for part in [0..first, column..tile.columns] {
            part_of_rows::<S, O>(s, src, table, tile, dst, part);
        }
        return;
    }
    let mut column = 0;
    while column < tile.columns {
        let at = column.min(tile.columns - S::STEP);
        step_of_rows::<S, O, false>(s, src, table, tile, dst, at);
        column = if column == 0 && first > 0 { first } else { at + S::STEP };
    }
}

#[inline(always)]
fn step_of_rows<S: Simd, O: RowStep<S>, const STREAM: bool>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    tile: Tile,
    dst: &mut [O::Dst],
    column: usize,
) {
    let params = O::params(s, table, columns::<S>(column, S::STEP));
    for row in 0..ROWS {
        let i = row * tile.pitch + column;
        if STREAM {
            streamed_step::<S, O>(s, src, &params, tile, dst, i);
        } else {
            O::store(s, O::apply(s, O::load(s, &src[i..]), &params), &mut dst[i..]);
        }
    }
}

/// Past the caches, two neighbouring steps of each row.
#[inline(always)]
fn two_steps_of_rows<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    tile: Tile,
    dst: &mut [O::Dst],
    column: usize,
) {
    let params = [
        O::params(s, table, columns::<S>(column, S::STEP)),
        O::params(s, table, columns::<S>(column + S::STEP, S::STEP)),
    ];
    for row in 0..ROWS {
        let i = row * tile.pitch + column;
        streamed_step::<S, O>(s, src, &params[0], tile, dst, i);
        streamed_step::<S, O>(s, src, &params[1], tile, dst, i + S::STEP);
    }
}

/// The step at `i`; asks for that of the rows that are next but one.
#[inline(always)]
fn streamed_step<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    params: &O::Params,
    tile: Tile,
    dst: &mut [O::Dst],
    i: usize,
) {
    let next = src.as_ptr().wrapping_add(i + 2 * ROWS * tile.pitch);
    ask_for(s, next.cast(), S::STEP * size_of::<O::Src>());
    O::stream(s, O::apply(s, O::load(s, &src[i..]), params), &mut dst[i..]);
}

#[inline(always)]
fn part_of_rows<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    tile: Tile,
    dst: &mut [O::Dst],
    part: Range<usize>,
) {
    if part.is_empty() {
        return;
    }
    let params = O::params(s, table, columns::<S>(part.start, part.len()));
    for row in 0..ROWS {
        let part = row * tile.pitch + part.start..row * tile.pitch + part.end;
        let result = O::apply(s, O::load_part(s, &src[part.clone()]), &params);
        O::store_part(s, result, &mut dst[part]);
    }
}

#[inline(always)]
fn one_row<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    at: usize,
    dst: &mut [O::Dst],
) {
    let n = src.len();
    if n < S::STEP {
        let params = O::params(s, table, columns::<S>(at, n));
        return O::store_part(s, O::apply(s, O::load_part(s, src), &params), dst);
    }
    for step in 0..n.div_ceil(S::STEP) {
        let i = (step * S::STEP).min(n - S::STEP);
        let params = O::params(s, table, columns::<S>(at + i, S::STEP));
        O::store(s, O::apply(s, O::load(s, &src[i..]), &params), &mut dst[i..]);
    }
}
