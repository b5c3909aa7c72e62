//! Tiles are rectangles of memory. They alone say which elements share a parameter.

use core::ops::Range;

use super::{Granularity, Pitch};

/// A rectangle of memory. Column `c` of row `r` belongs to slice
///
/// ```text
/// slice + r * slices + (phase + c) % period / same
/// ```
///
/// A tensor with one parameter is one row. Contiguous rows and contiguous blocks of the last axis are one row, too. A
/// channel of another axis is some columns of all rows, and a block of another axis is some rows of all columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// The places of the first element in the input and in the output.
    pub(crate) src: usize,
    pub(crate) dst: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The distance from one row's start to the next one's, in the input and in the output.
    pub(crate) src_pitch: usize,
    pub(crate) dst_pitch: usize,
    pub(crate) slice: usize,
    pub(crate) slices: usize,
    pub(crate) phase: usize,
    pub(crate) period: usize,
    pub(crate) same: usize,
}

/// Neighbouring elements of one slice.
///
/// A run is passed by reference: its fields are stored one by one, and a copy by wider loads would wait for the stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) src: usize,
    pub(crate) dst: usize,
    pub(crate) len: usize,
}

impl Granularity {
    /// Returns the tiles of elements `elements` of the tensor, in order. Places are counted from the first element.
    pub(crate) fn tiles(&self, elements: Range<usize>) -> Tiles<'_> {
        Tiles { of: self, first: elements.start, at: elements.start, end: elements.end }
    }

    /// Returns the tiles that the slices `slices` consist of, without empty ones. Places are places in the whole
    /// tensor. The elements of each slice are in order.
    pub(crate) fn tiles_of(&self, slices: Range<usize>) -> impl Iterator<Item = Tile> {
        let (of, elements) = (self, self.elements_around(&slices));
        // The tiles count places from element 0, so that their places are places in the whole tensor.
        let tiles = Tiles { of, first: 0, at: elements.start, end: elements.end };
        tiles.filter_map(move |tile| tile.of_slices(&slices))
    }

    /// Returns the run of slice `slice`, where each slice is one run of memory. Places are places in the whole tensor.
    pub(crate) fn run_of(&self, slice: usize) -> Run {
        let Range { start, end } = self.elements_around(&(slice..slice + 1));
        Run { src: self.place_in_src(start), dst: self.place_in_dst(start), len: end - start }
    }

    /// Returns a range that contains the slices `slices`, and no other elements if each slice is one run of memory.
    fn elements_around(&self, slices: &Range<usize>) -> Range<usize> {
        let Self { axis, inner, .. } = *self;
        match self.block {
            None if self.outer == 1 => slices.start * inner..slices.end * inner,
            None => 0..self.len(),
            Some(block) => {
                // Each index of the outer axes has as many slices as blocks times `inner`.
                let blocks = axis.div_ceil(block);
                let start = |slice: usize| {
                    let band = slice / inner;
                    (band / blocks * axis + band % blocks * block) * inner
                };
                let last = (slices.end - 1) / inner * inner;
                let rows = self.block_at(last / inner % blocks * block, block);
                start(slices.start)..start(last) + rows * inner
            }
        }
    }

    /// Returns the tile that begins at element `at`, and contains no element from `end` on.
    fn tile_at(&self, at: usize, end: usize) -> Tile {
        let Self { axis, inner, row, .. } = *self;
        // There are no gaps within `width` elements of a row. The other variables are the greatest number of rows, and
        // the numbers of the slices.
        let width = match (self.pitch, self.block) {
            (Some(_), _) => row,
            (None, None) => axis * inner,
            (None, Some(block)) if inner == 1 && self.outer > 1 && axis.is_multiple_of(block) => {
                self.len()
            }
            (None, Some(_)) if inner == 1 => axis,
            (None, Some(_)) => inner,
        };
        // A division takes as long as some dozen elements, so the first row does without.
        let (line, column) = if at < width { (0, at) } else { (at / width, at % width) };
        let (mut rows, mut slice, mut slices, mut phase, mut same) =
            (usize::MAX, 0, 0, column, inner);
        let mut period = width;
        // With a pitch, only the last axis is within a row of memory.
        let is_in_row = self.pitch.is_none() || (inner == 1 && axis == row);
        match self.block {
            None if !is_in_row => {
                // A slice consists of whole rows.
                let of_slice = inner / row;
                let all = if of_slice == 1 { axis } else { of_slice };
                rows = all - line % all;
                slice = line / of_slice % axis;
                (slices, same) = (usize::from(of_slice == 1), row);
            }
            None => {}
            Some(block) if inner == 1 && is_in_row => {
                same = block;
                // In all other cases the blocks follow each other: all blocks are whole, or there is one row.
                if width == axis && self.outer > 1 {
                    slices = axis.div_ceil(block);
                    slice = line * slices;
                }
            }
            Some(block) => {
                // One index of the axis has `inner / width` rows of memory.
                let parts = inner / width;
                let (a, o) = (line / parts % axis, line / parts / axis);
                let first = a / block * block;
                rows = if parts == 1 { first + self.block_at(first, block) - a } else { 1 };
                slice = (o * axis.div_ceil(block) + a / block) * inner;
                (phase, period, same) = (line % parts * width + column, inner, 1);
            }
        }
        let left = end - at;
        let (rows, columns) = if column == 0 && left >= width {
            (if left < 2 * width { 1 } else { rows.min(left / width) }, width)
        } else {
            (1, left.min(width - column))
        };
        let (src_pitch, dst_pitch) = match self.pitch {
            None => (width, width),
            Some(Pitch { src, dst }) => (src, dst),
        };
        Tile {
            src: line * src_pitch + column,
            dst: line * dst_pitch + column,
            rows,
            columns,
            src_pitch,
            dst_pitch,
            slice,
            slices,
            phase,
            period,
            same,
        }
    }
}

/// The tiles of a range of elements, see [`Granularity::tiles`].
#[derive(Clone, Debug)]
pub(crate) struct Tiles<'a> {
    of: &'a Granularity,
    /// The element from which places are counted.
    first: usize,
    at: usize,
    end: usize,
}

impl Iterator for Tiles<'_> {
    type Item = Tile;

    #[inline]
    fn next(&mut self) -> Option<Tile> {
        if self.at >= self.end {
            return None;
        }
        let mut tile = self.of.tile_at(self.at, self.end);
        self.at += tile.rows * tile.columns;
        tile.src -= self.of.place_in_src(self.first);
        tile.dst -= self.of.place_in_dst(self.first);
        Some(tile)
    }
}

impl Tile {
    /// Returns the slice of a column of the first row.
    pub(crate) fn slice_of(&self, column: usize) -> usize {
        let column = self.phase + column;
        let column = if column < self.period { column } else { column % self.period };
        self.slice + if column < self.same { 0 } else { column / self.same }
    }

    /// Says whether each column is a slice of its own, in order.
    pub(crate) fn has_a_slice_a_column(&self) -> bool {
        self.slices == 0 && self.same == 1 && self.phase % self.period + self.columns <= self.period
    }

    /// Returns the part of the tile that belongs to the slices `slices`.
    fn of_slices(self, slices: &Range<usize>) -> Option<Self> {
        if self.slices == 0 {
            let (first, end) = (self.slice_of(0), self.slice_of(self.columns - 1) + 1);
            let (from, to) = (slices.start.max(first), slices.end.min(end));
            if from >= to {
                return None;
            }
            let place = |slice: usize| (slice - self.slice) * self.same;
            let from = place(from).saturating_sub(self.phase);
            let to = (place(to) - self.phase).min(self.columns);
            return Some(self.between(from, to));
        }
        // Every row has its own slices.
        let (first, last) = (self.slice_of(0), self.slice + self.rows * self.slices);
        let (from, to) = (slices.start.max(first), slices.end.min(last));
        if from >= to {
            return None;
        }
        if self.rows == 1 || self.slices > 1 {
            // The elements of the tile belong to these slices only.
            return Some(self);
        }
        let row = from - self.slice;
        Some(Self {
            src: self.src + row * self.src_pitch,
            dst: self.dst + row * self.dst_pitch,
            rows: to - from,
            slice: from,
            ..self
        })
    }

    /// Joins contiguous rows into rows of at most `most` columns; returns their tile, and the rest as one row.
    pub(crate) fn with_longer_rows(self, most: usize) -> (Self, Option<Self>) {
        let has_gaps = self.src_pitch != self.columns || self.dst_pitch != self.columns;
        let several = if has_gaps { 1 } else { (most / self.columns).clamp(1, self.rows) };
        let (rows, columns) = (self.rows / several, several * self.columns);
        if several == 1 {
            return (self, None);
        }
        let longer = Self { rows, columns, src_pitch: columns, dst_pitch: columns, ..self };
        let rest = self.rows_between(rows * several, self.rows);
        let columns = rest.rows * rest.columns;
        let rest = Self { rows: 1, columns, src_pitch: columns, dst_pitch: columns, ..rest };
        (longer, if columns > 0 { Some(rest) } else { None })
    }

    /// Returns the tile's columns `from..to`.
    pub(crate) fn between(self, from: usize, to: usize) -> Self {
        let (src, dst, phase) = (self.src + from, self.dst + from, self.phase + from);
        Self { src, dst, columns: to - from, phase, ..self }
    }

    /// Returns the tile's rows `from..to`.
    pub(crate) fn rows_between(self, from: usize, to: usize) -> Self {
        Self {
            src: self.src + from * self.src_pitch,
            dst: self.dst + from * self.dst_pitch,
            rows: to - from,
            slice: self.slice + from * self.slices,
            ..self
        }
    }

    /// Returns the runs of the tile's elements, in order.
    pub(crate) fn runs(&self) -> Runs {
        let Self { src, dst, columns, src_pitch, dst_pitch, same, .. } = *self;
        let begun = if self.phase < same { self.phase } else { self.phase % same };
        let left_of_slice = (same - begun).min(columns);
        Runs {
            next: Run { src, dst, len: left_of_slice },
            first: left_of_slice,
            same,
            columns,
            left: columns,
            src_gap: src_pitch.wrapping_sub(columns),
            dst_gap: dst_pitch.wrapping_sub(columns),
        }
    }

    /// Calls `work` with every run and its slice.
    #[inline]
    pub(crate) fn for_each_run(&self, mut work: impl FnMut(usize, &Run)) {
        let (mut runs, first) = (self.runs(), self.slice_of(0));
        let to_period = self.period - self.phase % self.period;
        for row in 0..self.rows {
            let (mut left, mut slice) = (self.columns, first + row * self.slices);
            // The number of elements before the column at which slices start again from the first one.
            let mut before = to_period;
            while left > 0 {
                let run = runs.next_of(left);
                work(slice, &run);
                (left, slice, before) = (left - run.len, slice + 1, before - run.len);
                if before == 0 {
                    (slice, before) = (self.slice + row * self.slices, self.period);
                }
            }
        }
    }
}

/// The runs of a tile, one after another, without an end: the caller knows the number of elements.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Runs {
    pub(super) next: Run,
    /// The length of the first run of each row, which may begin inside a slice.
    first: usize,
    pub(super) same: usize,
    columns: usize,
    /// The number of the row's elements from the next run on.
    pub(super) left: usize,
    src_gap: usize,
    dst_gap: usize,
}

impl Runs {
    /// Returns the next run, of `most` elements or fewer.
    #[inline(always)]
    pub(crate) fn next_of(&mut self, most: usize) -> Run {
        self.skip(self.next.len.min(most))
    }

    /// Returns the next `len` elements, which do not go beyond the row.
    #[inline(always)]
    pub(crate) fn skip(&mut self, len: usize) -> Run {
        let run = Run { len, ..self.next };
        self.next.src += run.len;
        self.next.dst += run.len;
        self.left -= run.len;
        if self.left == 0 {
            self.left = self.columns;
            self.next.src = self.next.src.wrapping_add(self.src_gap);
            self.next.dst = self.next.dst.wrapping_add(self.dst_gap);
            self.next.len = self.first;
        } else {
            self.next.len = self.same.min(self.left);
        }
        run
    }
}
