//! Where the elements of one slice stand, or of neighbouring slices together.

use core::ops::Range;

use super::{Granularity, rows::Pitch};

/// Neighbouring columns of memory, each of which belongs to one slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// The place of the first column's first element.
    pub(crate) at: usize,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// From an element to the one below.
    pub(crate) stride: usize,
    /// The first column's number in its row of the tensor, of so many columns.
    column: usize,
    width: usize,
    /// The slice of the row's first column, and how many columns belong to each.
    slice: usize,
    same: usize,
}

impl Columns {
    /// The slice of a column.
    pub(crate) const fn slice(&self, column: usize) -> usize {
        self.slice + (self.column + column) % self.width / self.same
    }

    /// The slices, and the columns of each.
    pub(crate) fn slices(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let Self { same, columns, column, .. } = *self;
        let first = same - column % same;
        let mut from = 0;
        core::iter::from_fn(move || {
            let to = columns.min(if from == 0 { first } else { from + same });
            let part = (self.slice(from), from..to);
            from = to;
            if part.1.is_empty() { None } else { Some(part) }
        })
    }
}

impl Granularity {
    /// Whether each slice is one run of memory.
    pub(crate) const fn is_contiguous(&self) -> bool {
        // With a pitch, of one row too: beyond the last axis there are gaps.
        let room = if self.pitch.is_some() { self.row } else { usize::MAX };
        match self.block {
            None => self.outer == 1 && self.inner <= room,
            Some(_) => self.inner == 1 && self.axis <= room,
        }
    }

    /// The fewest neighbouring slices that a thread should have: of those that are no runs of memory, as
    /// many as are a cache line or two of it.
    pub(crate) const fn least_together(&self) -> usize {
        const NEIGHBOURS: usize = 32;
        match self.inner {
            _ if self.is_contiguous() => 1,
            0 => NEIGHBOURS,
            inner if self.block.is_none() => NEIGHBOURS.div_ceil(inner),
            _ => NEIGHBOURS,
        }
    }

    /// The elements of a slice in the input, where each slice is one run of memory.
    pub(crate) const fn slice_in_src(&self, slice: usize) -> Range<usize> {
        let (first, len) = self.run_of(slice);
        let at = self.place_in_src(first);
        at..at + len
    }

    /// The same in the output.
    pub(crate) const fn slice_in_dst(&self, slice: usize) -> Range<usize> {
        let (first, len) = self.run_of(slice);
        let at = match self.pitch {
            None => first,
            Some(Pitch { dst, .. }) => self.place(first, Some(dst)),
        };
        at..at + len
    }

    /// The number of a slice's first element, and how many there are.
    const fn run_of(&self, slice: usize) -> (usize, usize) {
        let Some(block) = self.block else {
            return (slice * self.inner, self.inner);
        };
        let blocks = self.axis.div_ceil(block);
        let (row, first) = (slice / blocks * self.axis, slice % blocks * block);
        (row + first, self.block_at(first, block))
    }

    /// The length of the block that begins at index `first` of the axis.
    const fn block_at(&self, first: usize, block: usize) -> usize {
        if block < self.axis - first { block } else { self.axis - first }
    }

    /// The number of elements of a slice, of any shape.
    pub(crate) const fn slice_len(&self, slice: usize) -> usize {
        match self.block {
            None => self.outer * self.inner,
            Some(block) => {
                let first = slice / self.inner % self.axis.div_ceil(block) * block;
                self.block_at(first, block)
            }
        }
    }

    /// Calls `work` with the runs of the input that elements `from..to` of a slice consist of, in the
    /// order of their indices.
    pub(crate) fn for_each_run_of(
        &self,
        slice: usize,
        Range { start: mut from, end: to }: Range<usize>,
        mut work: impl FnMut(Range<usize>),
    ) {
        let Self { axis, inner, row, .. } = *self;
        while from < to {
            let (element, len) = match self.block {
                None => {
                    ((from / inner * axis + slice) * inner + from % inner, inner - from % inner)
                }
                Some(block) => {
                    let (band, blocks) = (slice / inner, axis.div_ceil(block));
                    let index = band % blocks * block + from;
                    let element = (band / blocks * axis + index) * inner + slice % inner;
                    (element, if inner == 1 { to - from } else { 1 })
                }
            };
            let in_row = if self.pitch.is_some() { row - element % row } else { usize::MAX };
            let len = len.min(to - from).min(in_row);
            let at = self.place_in_src(element);
            work(at..at + len);
            from += len;
        }
    }

    /// Calls `work` with every run of the input that belongs to one of the slices `slices`, none of which
    /// is empty: in the order of memory, of channels.
    pub(crate) fn for_each_run_of_all(
        &self,
        slices: Range<usize>,
        mut work: impl FnMut(usize, Range<usize>),
    ) {
        let (times, len) = match self.block {
            None => (self.outer, self.inner),
            Some(_) => (1, usize::MAX),
        };
        for time in 0..times {
            for slice in slices.clone() {
                let to = self.slice_len(slice).min((time + 1).saturating_mul(len));
                self.for_each_run_of(slice, time * len..to, |run| work(slice, run));
            }
        }
    }

    /// Calls `work` with all elements of the slices `slices`, none of which is empty, as columns of the
    /// input, at most `most` at a time.
    pub(crate) fn for_each_columns(
        &self,
        slices: Range<usize>,
        most: usize,
        mut work: impl FnMut(Columns),
    ) {
        let Self { outer, axis, inner, .. } = *self;
        let Some(block) = self.block else {
            let (width, columns) = (axis * inner, slices.start * inner..slices.end * inner);
            let grid = Grid { first: 0, width, rows: outer, slice: 0, same: inner };
            return self.for_each_columns_of(&grid, columns, most, &mut work);
        };
        let blocks = axis.div_ceil(block);
        let mut from = slices.start;
        while from < slices.end {
            let band = from / inner;
            let to = slices.end.min((band + 1) * inner);
            let index = band % blocks * block;
            let first = (band / blocks * axis + index) * inner;
            let rows = self.block_at(index, block);
            let grid = Grid { first, width: inner, rows, slice: band * inner, same: 1 };
            let columns = from - band * inner..to - band * inner;
            self.for_each_columns_of(&grid, columns, most, &mut work);
            from = to;
        }
    }

    fn for_each_columns_of(
        &self,
        grid: &Grid,
        Range { start: mut column, end }: Range<usize>,
        most: usize,
        work: &mut impl FnMut(Columns),
    ) {
        let &Grid { mut first, width, mut rows, slice, same } = grid;
        let is_pitched = self.pitch.is_some();
        let several = most / width;
        if several > 1 && rows >= several && end - column == width && !is_pitched {
            // Several rows make a longer one.
            let (columns, at, stride) = (several * width, first, several * width);
            let longer = rows / several;
            work(Columns { at, columns, rows: longer, stride, column, width, slice, same });
            first += longer * stride;
            rows %= several;
        }
        while column < end && rows > 0 {
            let element = first + column;
            let in_row = if is_pitched { self.row - element % self.row } else { usize::MAX };
            let columns = (end - column).min(most).min(in_row);
            let (at, stride) = (self.place_in_src(element), self.place_in_src(width));
            work(Columns { at, columns, rows, stride, column, width, slice, same });
            column += columns;
        }
    }
}

/// Rows of elements, the columns of which belong to slices.
struct Grid {
    /// The number of the first element.
    first: usize,
    width: usize,
    rows: usize,
    /// The slice of column 0, and how many columns belong to each.
    slice: usize,
    same: usize,
}
