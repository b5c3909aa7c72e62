//! The loop over columns that have a parameter each. A column has its parameter in every row.
//!
//! The parameters of up to [`TILE`] columns are in a table, which stays in a cache while some rows pass. The proofs of
//! the division are about one element, and hold lane by lane.
//!
//! Whole steps start at the first cache line of a row, and one step at either end overlaps them. A row that is shorter
//! than a step, and both ends of a streamed row, are loaded and stored in part. Steps must not overlap in place, so the
//! rest behind the whole steps is loaded in part there.

use core::ops::Range;

use bytemuck::Pod;

use super::super::operation::{Io, IoOf, Lanes, Operation, PlaceInRow, StepParams, TableOf};
use super::super::table::{Parameter, ParameterTable};
use super::slice::{CACHE_LINE, elements_to_line, prefetch_range};
use super::{Loop, LoopInPlace, row_in_place};
use crate::granularity::Tile;
use crate::simd::{Grid, GridMut, LONGEST_STEP, Load, Simd, Store};

/// The most columns in a table, without the columns before the first line of a row and behind its last step.
pub(crate) const TILE: usize = 512;

/// The most columns of a tile: less than a step before the first line, and less than a step behind the last one.
const WIDEST: usize = TILE + 2 * (LONGEST_STEP - 1);

/// The number of columns that a table has room for: a step may begin at any column and load whole registers.
pub(crate) const COLUMNS: usize = TILE + 3 * LONGEST_STEP;
const _: () = assert!(WIDEST + LONGEST_STEP <= COLUMNS);

/// The number of rows that are processed together, step by step. The parameters of their columns are loaded once for
/// all of these rows, and memory is read in as many places, none of which waits for another.
pub(crate) const ROWS: usize = 8;

/// The columns of a tile, with the parameters of a table.
pub(crate) struct OnColumns<'a, P: Parameter> {
    pub(crate) table: &'a mut P::Table<COLUMNS>,
    pub(crate) tile: &'a Tile,
}

impl<P: Parameter> Loop<P> for OnColumns<'_, P> {
    const IS_OF_COLUMNS: bool = true;

    #[inline(always)]
    fn summary(&mut self, s: impl Simd) -> P::Summary {
        self.table.summary(s)
    }

    #[inline(always)]
    fn run<S: Simd, O: Operation<S, Parameter = P>>(self, s: S, io: IoOf<'_, S, O>) {
        let Self { table, tile } = self;
        let Io { src, dst, stores } = io;
        O::prepare(s, table);
        let Tile { columns, src_pitch, dst_pitch, .. } = *tile;
        debug_assert!(columns <= WIDEST);
        let streams = S::STREAMS
            && O::STREAMS
            && stores.is_streamed()
            && columns >= 2 * LONGEST_STEP
            && dst_pitch.wrapping_mul(size_of::<O::Dst>()).is_multiple_of(CACHE_LINE);
        let mut row = 0;
        while row < tile.rows {
            let rows = ROWS.min(tile.rows - row);
            let (from, to) = (tile.src + row * src_pitch, tile.dst + row * dst_pitch);
            let src = Grid::new(&src[from..], rows, columns, src_pitch);
            let mut dst = GridMut::new(&mut dst[to..], rows, columns, dst_pitch);
            // Whole steps have processed `done` columns.
            let done = if columns < S::STEP {
                0..0
            } else if streams {
                stream_rows::<S, O>(s, &src, &mut dst, table)
            } else {
                whole_rows::<S, O>(s, &src, &mut dst, table)
            };
            for row in 0..rows {
                let mut from = 0;
                loop {
                    if done.contains(&from) {
                        from = done.end;
                    }
                    if from >= columns {
                        break;
                    }
                    let len = if from < done.start { done.start } else { columns } - from;
                    let (src, dst) = (src.part(row, from, len), dst.part(row, from, len));
                    part_of_row::<S, O>(s, src, table, from, dst);
                    from += len;
                }
            }
            row += rows;
        }
    }
}

impl<P: Parameter> LoopInPlace<P> for OnColumns<'_, P> {
    #[inline(always)]
    fn run_in_place<S: Simd, T: Pod, O>(self, s: S, x: &mut [T])
    where
        O: Operation<S, Parameter = P, Src = T, Dst = T>,
    {
        let Self { table, tile } = self;
        O::prepare(s, table);
        for row in 0..tile.rows {
            let from = tile.src + row * tile.src_pitch;
            row_in_place::<S, T, O, Lanes, COLUMNS>(s, &mut x[from..from + tile.columns], table);
        }
    }
}

/// Writes through the caches, and returns the range of columns that were written.
#[inline(always)]
fn whole_rows<S: Simd, O: Operation<S>>(
    s: S,
    src: &Grid<'_, O::Src>,
    dst: &mut GridMut<'_, O::Dst>,
    table: &TableOf<S, O, COLUMNS>,
) -> Range<usize> {
    let columns = src.columns();
    // If lines begin at the same columns of each row, steps begin at these columns.
    let aligned = src.pitch().wrapping_mul(size_of::<O::Src>()).is_multiple_of(CACHE_LINE);
    let first = if aligned { elements_to_line(src.front()) % S::STEP } else { 0 };
    let first = if columns < first + S::STEP { 0 } else { first };
    let mut column = 0;
    while column < columns {
        let at = column.min(columns - S::STEP);
        // One check here saves two for each register of parameters.
        assert!(at <= COLUMNS - S::STEP);
        let op = StepParams::<S, O>::new(s, table, <Lanes as PlaceInRow<S>>::step(at, S::STEP));
        for row in 0..src.rows() {
            let step = op.apply(s, O::In::load_step(s, src.part(row, at, S::STEP)));
            step.store(s, dst.part(row, at, S::STEP));
        }
        column = if column == 0 && first > 0 { first } else { at + S::STEP };
    }
    0..columns
}

/// Writes past the caches, and returns the range of columns written, which begins at a line or a step before one.
///
/// Rows that are in no cache are prefetched: the CPU does not predict the step from one row to the next.
#[inline(always)]
fn stream_rows<S: Simd, O: Operation<S>>(
    s: S,
    src: &Grid<'_, O::Src>,
    dst: &mut GridMut<'_, O::Dst>,
    table: &TableOf<S, O, COLUMNS>,
) -> Range<usize> {
    let columns = src.columns();
    let to_line = elements_to_line(dst.front());
    let first = to_line % S::STEP;
    // If steps wrote the first half of a line in all rows, and the second halves later, too many lines would be half
    // written; they would go to memory twice, in twice the time and more. Neighbouring steps of a row share a turn.
    let halves = S::STEP * size_of::<O::Dst>() == CACHE_LINE / 2;
    let mut column = first;
    while column + S::STEP <= columns {
        let at = [column, column + S::STEP];
        assert!(column <= COLUMNS - 2 * S::STEP);
        let steps = if halves && column >= to_line && at[1] + S::STEP <= columns { 2 } else { 1 };
        let ops = [
            StepParams::<S, O>::new(s, table, <Lanes as PlaceInRow<S>>::step(at[0], S::STEP)),
            StepParams::<S, O>::new(s, table, <Lanes as PlaceInRow<S>>::step(at[1], S::STEP)),
        ];
        for row in 0..src.rows() {
            for i in 0..steps {
                stream_step::<S, O>(s, &ops[i], src, dst, row, at[i]);
            }
        }
        column += steps * S::STEP;
    }
    first..column
}

#[inline(always)]
fn stream_step<S: Simd, O: Operation<S>>(
    s: S,
    op: &StepParams<S, O>,
    src: &Grid<'_, O::Src>,
    dst: &mut GridMut<'_, O::Dst>,
    row: usize,
    column: usize,
) {
    let src_step = src.part(row, column, S::STEP);
    let next = src_step.as_ptr().wrapping_add(src.pitch().wrapping_mul(2 * ROWS));
    prefetch_range(s, next.cast(), size_of_val(src_step));
    let step = op.apply(s, O::In::load_step(s, src_step));
    step.stream(s, dst.part(row, column, S::STEP));
}

/// Processes less than a step of one row, with the parameters from number `at` of the table on.
#[inline(always)]
fn part_of_row<S: Simd, O: Operation<S>>(
    s: S,
    src: &[O::Src],
    table: &TableOf<S, O, COLUMNS>,
    at: usize,
    dst: &mut [O::Dst],
) {
    assert!(at <= COLUMNS - S::STEP && src.len() < S::STEP);
    let op = StepParams::<S, O>::new(s, table, <Lanes as PlaceInRow<S>>::step(at, src.len()));
    op.apply_to_part(s, src, dst);
}
