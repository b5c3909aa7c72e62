//! Tensors in which neighbours have parameters of their own: the tables that the kernels of
//! `kernel/lanes` take, and which elements each is for.

use core::ops::Range;

use crate::granularity::{Band, Granularity, Line, Lines};
use crate::kernel::{CACHE_LINE, Columns, ROWS, TILE, Tile, elements_to_line};
use crate::simd::LONGEST_STEP;

/// How many rows are gone through before the next columns of the same rows. All rows of a tall matrix at
/// once would be so many pages of memory that the CPU has to look each of them up again for the next
/// columns, which takes longer than the work on them; of too few rows, the tables would take too long.
const TOGETHER: usize = 8 * ROWS;

/// Where lines begin in memory: so many elements from the first one on, and then every `line`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    to_line: usize,
    line: usize,
}

impl Lead {
    pub(crate) fn of<T>(memory: &[T]) -> Self {
        Self { to_line: elements_to_line(memory), line: CACHE_LINE / size_of::<T>() }
    }

    /// The columns before the first line of a row, in the band whose first element is number `at`.
    fn of_band(self, band: &Band, at: usize) -> usize {
        let to_line = self.line + self.to_line - at % self.line;
        (to_line + band.column) % self.line
    }
}

/// What brings the parameters of neighbouring slices, from one number on, to places of a table.
type Fill<'a, C> = &'a dyn Fn(&mut C, usize, Range<usize>);

/// What is done with the parameters of some columns, where those stand in two ranges of elements.
type Work<'a, C> = &'a mut dyn FnMut(&mut C, Tile, Range<usize>, Range<usize>);

/// Calls `work` for all of the elements that `lines` has: with the parameters of some columns, where
/// those stand in two ranges of elements, and these, of the input and of the output.
///
/// Both functions are called through pointers, once for hundreds of elements: otherwise this file would
/// be compiled for every pair of types and every instruction set, and take an eighth of all code.
pub(crate) fn for_each_tile<C: Columns>(
    granularity: &Granularity,
    lines: Lines,
    lead: Lead,
    of_slices: Fill<'_, C>,
    work: Work<'_, C>,
) {
    let mut table = C::new();
    if granularity.is_pitched() {
        return for_each_tile_of_rows(granularity, lines, of_slices, &mut table, work);
    }
    for Line { first, len, .. } in lines {
        let mut at = 0;
        while at < len {
            let band = granularity.band_at(first + at);
            let end = len.min(at + band.len);
            let lead = lead.of_band(&band, at);
            for_each_tile_of(&band, end - at, lead, of_slices, &mut table, |table, tile, part| {
                let part = at + part.start..at + part.end;
                work(table, tile, part.clone(), part);
            });
            at = end;
        }
    }
}

/// The same where the lines are rows with gaps between them: a table is of columns of one row, and serves
/// all rows of the band in which the same columns of the band stand.
fn for_each_tile_of_rows<C: Columns>(
    granularity: &Granularity,
    mut lines: Lines,
    of_slices: Fill<'_, C>,
    table: &mut C,
    work: Work<'_, C>,
) {
    while let Some(Line { first, len, .. }) = lines.clone().next() {
        let band = granularity.band_at(first);
        let (rows, period) = (band.len / len, band.width / len);
        let of_band = lines.clone().take(rows);
        for turn in 0..period {
            let mut same = of_band.clone().skip(turn).step_by(period).peekable();
            if same.peek().is_none() {
                break;
            }
            let columns = len.div_ceil(len.div_ceil(TILE));
            for column in (0..len).step_by(columns) {
                let columns = columns.min(len - column);
                let of_band = (band.column + turn * len + column) % band.width;
                fill(table, &band, of_band, columns, of_slices);
                let tile = Tile { pitch: columns, column: 0, columns, skip: 0 };
                for Line { src, dst, .. } in same.clone() {
                    let (src, dst) = (src + column, dst + column);
                    work(table, tile, src..src + columns, dst..dst + columns);
                }
            }
        }
        lines.by_ref().take(rows).for_each(drop);
    }
}

/// The same of the first `len` elements of a band.
fn for_each_tile_of<C: Columns>(
    band: &Band,
    len: usize,
    lead: usize,
    of_slices: Fill<'_, C>,
    table: &mut C,
    mut work: impl FnMut(&mut C, Tile, Range<usize>),
) {
    let width = band.width;
    if width <= TILE / 2 {
        // Several rows make a longer one.
        let pitch = (TILE / width * width).min(len);
        fill(table, band, band.column, pitch, of_slices);
        return work(table, Tile { pitch, column: 0, columns: pitch, skip: 0 }, 0..len);
    }
    // Tiles of whole steps, but for what is before the first line and behind the last step of a row.
    let steps = (width - lead).div_ceil(LONGEST_STEP);
    let tiles = (width - lead).div_ceil(TILE);
    let some_columns = steps.div_ceil(tiles) * LONGEST_STEP;
    let mut from = 0;
    while from < len {
        // The first row may begin at any column.
        let skip = if from == 0 { band.column } else { 0 };
        let to = len.min(from.saturating_add(TOGETHER.saturating_mul(width) - skip));
        let mut column = 0;
        while column < width {
            let lead = if column == 0 { lead } else { 0 };
            let mut columns = (lead + some_columns).min(width - column);
            if width - column - columns < LONGEST_STEP {
                columns = width - column;
            }
            let tile = Tile { pitch: width, column, columns, skip };
            column += columns;
            // Of less than a row, the first and the last columns may be all.
            let is_empty = |row| {
                let (from, to, _) = tile.row(row, to - from);
                from >= to
            };
            if to - from < width && (0..tile.rows(to - from)).all(is_empty) {
                continue;
            }
            fill(table, band, tile.column, columns, of_slices);
            work(table, tile, from..to);
        }
        from = to;
    }
}

/// The parameters of `count` columns from `column` on, behind the last of which the first follows.
fn fill<C: Columns>(
    table: &mut C,
    band: &Band,
    mut column: usize,
    count: usize,
    of_slices: Fill<'_, C>,
) {
    let Band { width, slice, same, .. } = *band;
    let mut at = 0;
    let once = count.min(width);
    while at < once {
        let slice = slice + column / same;
        let n = if same == 1 {
            let n = (width - column).min(once - at);
            of_slices(table, slice, at..at + n);
            n
        } else {
            let n = (same - column % same).min(once - at);
            of_slices(table, slice, at..at + 1);
            table.repeat(at, 1, at + n);
            n
        };
        column = (column + n) % width;
        at += n;
    }
    table.repeat(0, width, count);
    table.finish(once, count);
}
