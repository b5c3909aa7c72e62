//! The ways through the tiles of a tensor: by runs, by groups of short slices, by tables of columns.
//!
//! Each way calls its work through a pointer, once for hundreds of elements. The ways are therefore compiled once, and
//! not for every pair of types.

use core::ops::Range;

use crate::granularity::{Granularity, Run, Tile};
use crate::kernel::{CACHE_LINE, ParameterTable, ROWS, TILE, elements_to_line};
use crate::simd::LONGEST_STEP;

/// The longest slice that is grouped. For rows of 4096, dynamic quantization takes as long with groups as without.
const LONGEST_SLICE: usize = 2048;

/// The way through a tensor, by how neighbouring elements share parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Slices that are each worth a call.
    Runs,
    /// Short slices, of which a call takes many.
    Slices,
    /// Slices that are no runs of memory, or that have fewer than eight elements.
    Columns,
}

impl Way {
    pub(super) fn through(granularity: &Granularity) -> Self {
        if granularity.has_columns() {
            return Self::Columns;
        }
        let len = granularity.slice_len();
        let is_short = (2..=LONGEST_SLICE).contains(&len);
        if is_short && granularity.is_contiguous() && len < granularity.len() {
            Self::Slices
        } else {
            Self::Runs
        }
    }
}

/// Calls `work` with every run of the elements, and with its slice.
pub(super) fn for_each_run(
    granularity: &Granularity,
    elements: Range<usize>,
    work: &mut dyn FnMut(usize, &Run),
) {
    for tile in granularity.tiles(elements) {
        tile.for_each_run(&mut *work);
    }
}

/// A function that copies the parameters of slices from a number on to the given places of a table.
pub(super) type Fill<'a, C> = &'a dyn Fn(&mut C, usize, Range<usize>);

/// The number of rows that are processed before the next columns of the same rows. All rows of a tall matrix are so
/// many pages of memory that the CPU would have to look up each page again for the next columns, which takes longer
/// than the work on them; with too few rows, the tables would take too long.
const ROWS_PER_CALL: usize = 8 * ROWS;

/// The fewest rows that are worth a table.
const ROWS_A_TABLE: usize = 32;

/// The offset of cache lines from the start of the input or of the output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    to_line: usize,
    line: usize,
    in_dst: bool,
}

impl Lead {
    pub(super) fn of<T>(memory: &[T], in_dst: bool) -> Self {
        Self { to_line: elements_to_line(memory), line: CACHE_LINE / size_of::<T>(), in_dst }
    }

    /// Returns the number of columns from the start of a tile to the next start of a line.
    fn columns(self, tile: &Tile) -> usize {
        let at = if self.in_dst { tile.dst } else { tile.src };
        ((self.line + self.to_line - at % self.line) % self.line).min(tile.columns)
    }
}

/// Calls `work` with tiles of at most as many columns as a table has room for, and with a table of the parameters of
/// these columns. Tiles begin at the cache lines of the memory that `lead` describes.
pub(super) fn for_each_table<C: ParameterTable>(
    granularity: &Granularity,
    elements: Range<usize>,
    lead: Lead,
    table: &mut C,
    fill: Fill<'_, C>,
    work: &mut dyn FnMut(&mut C, &Tile),
) {
    for tile in granularity.tiles(elements) {
        if tile.slices > 0 {
            for row in 0..tile.rows {
                let tile = tile.rows_between(row, row + 1);
                for_each_part(&tile, TILE, 0, &mut |tile| {
                    fill_table(table, tile, fill);
                    work(table, tile);
                });
            }
            continue;
        }
        if tile.columns <= TILE / 2 {
            // A longer row has fewer steps that are not full, but its table should serve several rows.
            let elements = tile.rows * tile.columns;
            let most = TILE.min((elements / ROWS_A_TABLE).max(2 * LONGEST_STEP));
            let (longer, rest) = tile.with_longer_rows(most);
            fill_table(table, &longer, fill);
            work(table, &longer);
            if let Some(rest) = rest {
                work(table, &rest);
            }
            continue;
        }
        // The tiles are whole steps, except for the columns before the first line and behind the last step of a row.
        let lead = lead.columns(&tile);
        for row in (0..tile.rows).step_by(ROWS_PER_CALL) {
            let some = tile.rows_between(row, tile.rows.min(row + ROWS_PER_CALL));
            for_each_part(&some, TILE, lead, &mut |tile| {
                fill_table(table, tile, fill);
                work(table, tile);
            });
        }
    }
}

/// Cuts a tile into parts of about `most` columns. The first part begins with the first `lead` columns; apart from
/// them, all parts have about as many whole steps.
pub(super) fn for_each_part(tile: &Tile, most: usize, lead: usize, work: &mut dyn FnMut(&Tile)) {
    let width = tile.columns;
    let steps = (width - lead).div_ceil(LONGEST_STEP);
    let parts = (width - lead).div_ceil(most).max(1);
    let some_columns = steps.div_ceil(parts) * LONGEST_STEP;
    let mut column = 0;
    while column < width {
        let lead = if column == 0 { lead } else { 0 };
        let mut end = (column + lead + some_columns).min(width);
        if width - end < LONGEST_STEP {
            end = width;
        }
        work(&tile.between(column, end));
        column = end;
    }
}

/// Copies the parameters of a tile's columns into a table.
fn fill_table<C: ParameterTable>(table: &mut C, tile: &Tile, fill: Fill<'_, C>) {
    let Tile { columns, period, same, .. } = *tile;
    let once = columns.min(period);
    let mut at = 0;
    while at < once {
        let column = (tile.phase + at) % period;
        let slice = tile.slice_of(at);
        if same == 1 {
            let n = (period - column).min(once - at);
            fill(table, slice, at..at + n);
            at += n;
        } else {
            let n = (same - column % same).min(once - at);
            fill(table, slice, at..at + 1);
            table.repeat(at, 1, at + n);
            at += n;
        }
    }
    table.repeat(0, period, columns);
    table.replaced(columns);
}
