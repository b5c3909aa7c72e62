//! Tensors in which neighbours have parameters of their own: the tables that the kernels of
//! `kernel/lanes` take, and which elements each is for.

use core::ops::Range;

use crate::granularity::{Band, Granularity, Line, Lines};
use crate::kernel::{Columns, TILE, Tile};

/// Calls `work` for all of the elements that `lines` has: with the parameters of some columns, where
/// those stand in two ranges of elements, and these, of the input and of the output.
pub(crate) fn for_each_tile<C: Columns>(
    granularity: &Granularity,
    lines: Lines,
    of_slice: impl Fn(usize) -> C::Params,
    mut work: impl FnMut(&C, Tile, Range<usize>, Range<usize>),
) {
    let mut table = C::new();
    if granularity.is_pitched() {
        return for_each_tile_of_rows(granularity, lines, &of_slice, &mut table, &mut work);
    }
    for Line { first, len, .. } in lines {
        let mut at = 0;
        while at < len {
            let band = granularity.band_at(first + at);
            let end = len.min(at + band.len);
            for_each_tile_of(&band, end - at, &of_slice, &mut table, |table, tile| {
                work(table, tile, at..end, at..end);
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
    of_slice: &impl Fn(usize) -> C::Params,
    table: &mut C,
    work: &mut impl FnMut(&C, Tile, Range<usize>, Range<usize>),
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
                fill(table, &band, of_band, columns, of_slice);
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
    of_slice: &impl Fn(usize) -> C::Params,
    table: &mut C,
    mut work: impl FnMut(&C, Tile),
) {
    let width = band.width;
    if width <= TILE / 2 {
        // Several rows make a longer one.
        let pitch = (TILE / width * width).min(len);
        fill(table, band, band.column, pitch, of_slice);
        return work(table, Tile { pitch, column: 0, columns: pitch, skip: 0 });
    }
    let columns = width.div_ceil(width.div_ceil(TILE));
    for column in (0..width).step_by(columns) {
        let columns = columns.min(width - column);
        let tile = Tile { pitch: width, column, columns, skip: band.column };
        // Of less than a row, the first and the last columns may be all.
        let is_empty = |row| {
            let (from, to, _) = tile.row(row, len);
            from >= to
        };
        if len < width && (0..tile.rows(len)).all(is_empty) {
            continue;
        }
        fill(table, band, column, columns, of_slice);
        work(table, tile);
    }
}

/// The parameters of `count` columns from `column` on, behind the last of which the first follows.
fn fill<C: Columns>(
    table: &mut C,
    band: &Band,
    mut column: usize,
    count: usize,
    of_slice: &impl Fn(usize) -> C::Params,
) {
    table.clear();
    let mut at = 0;
    while at < count {
        let p = of_slice(band.slice + column / band.same);
        let end = count.min(at + band.same - column % band.same);
        column = (column + end - at) % band.width;
        for i in at..end {
            table.set(i, &p);
        }
        at = end;
    }
}
