//! Tensors in which neighbours have parameters of their own: the tables that the kernels of
//! `kernel/lanes.rs` take, and which elements each is for.

use core::ops::Range;

use crate::granularity::{Band, Granularity};
use crate::kernel::{Columns, TILE, Tile};

/// Calls `work` for all of the elements `first..first + len` of a tensor: with the parameters of some
/// columns, where those stand in a range of the elements, and that range, counted from `first`.
pub(crate) fn for_each_tile<C: Columns>(
    granularity: &Granularity,
    first: usize,
    len: usize,
    of_slice: impl Fn(usize) -> C::Params,
    mut work: impl FnMut(&C, Tile, Range<usize>),
) {
    let mut table = C::new();
    let mut at = 0;
    while at < len {
        let band = granularity.band_at(first + at);
        let end = len.min(at + band.len);
        for_each_tile_of(&band, end - at, &of_slice, &mut table, |table, tile| {
            work(table, tile, at..end);
        });
        at = end;
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
