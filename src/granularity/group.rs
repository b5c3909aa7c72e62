//! Neighbouring short slices, which share a kernel.

use core::ops::Range;

use super::tiles::Tiles;
use super::{Granularity, Run, Runs};

/// Neighbouring slices, each of which is one run of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) slices: Range<usize>,
    pub(crate) runs: Runs,
    /// The number of elements in the group.
    pub(crate) len: usize,
    /// The place behind the last element.
    pub(crate) end: Run,
    /// Says whether the slices are whole, without gaps between them.
    pub(crate) is_whole: bool,
}

/// The groups of short slices that a range of elements consists of.
pub(crate) struct Groups<'a> {
    tiles: Tiles<'a>,
    /// The greatest number of slices in a group.
    most: usize,
    /// The runs behind the group, and the number of the tile's elements in them.
    runs: Runs,
    left: usize,
    group: Group,
}

impl Granularity {
    /// Returns the groups that the elements `elements` of the tensor consist of, of at most `most` slices each.
    pub(crate) fn groups(&self, elements: Range<usize>, most: usize) -> Groups<'_> {
        let (runs, group) = (Runs::default(), Group::default());
        Groups { tiles: self.tiles(elements), most, runs, left: 0, group }
    }
}

impl Groups<'_> {
    /// Returns the next group. `Groups` is no iterator, since a group is as long as three cache lines, and copying one
    /// would wait for the stores.
    pub(crate) fn next(&mut self) -> Option<&Group> {
        let (mut runs, mut left) = (self.runs, self.left);
        if left == 0 {
            let tile = self.tiles.next()?;
            (runs, left) = (tile.runs(), tile.rows * tile.columns);
            self.group.slices.end = tile.slice_of(0);
        }
        self.group.follow(&mut runs, self.most, left);
        (self.runs, self.left) = (runs, left - self.group.len);
        Some(&self.group)
    }
}

impl Group {
    /// The fewest whole slices of a row that make a group of their own: such a group has faster kernels than one with a
    /// rest, but to start a kernel takes as long as some slices.
    const WHOLE: usize = 16;

    /// Becomes the group behind the present one, of at most `most` runs and at most `left` elements.
    #[inline(always)]
    fn follow(&mut self, runs: &mut Runs, most: usize, left: usize) {
        let (row, is_whole) = (runs.left, runs.next.len == runs.same);
        self.slices.start = self.slices.end;
        (self.runs, self.len, self.is_whole) = (*runs, 0, is_whole);
        // A division counts the whole slices, which is faster than one by one.
        if is_whole {
            let (same, in_row) = (runs.same, row.min(left));
            let whole = if most * same <= in_row { most } else { in_row / same };
            if whole > 0 {
                self.take(runs, whole, whole * same);
            }
            if whole >= Self::WHOLE {
                return;
            }
        }
        while self.slices.len() < most && self.len < left {
            let len = runs.next.len.min(left - self.len);
            self.take(runs, 1, len);
            self.is_whole &= len == runs.same && self.len <= row;
        }
    }

    /// Appends `slices` slices of the row, which have `len` elements together.
    #[inline(always)]
    fn take(&mut self, runs: &mut Runs, slices: usize, len: usize) {
        let run = runs.skip(len);
        self.len += len;
        self.slices.end += slices;
        self.end = Run { src: run.src + len, dst: run.dst + len, len: 0 };
    }

    /// Returns the number of elements of a slice, unless a row ends before.
    #[inline(always)]
    pub(crate) fn same(&self) -> usize {
        self.runs.same
    }

    /// Returns the place of the first element.
    #[inline(always)]
    pub(crate) fn start(&self) -> Run {
        self.runs.next
    }

    /// Returns the group, moved so that its first element is at `src` in the input and at `dst` in the output.
    pub(crate) fn placed_at(&self, src: usize, dst: usize) -> Self {
        let (mut group, start) = (self.clone(), self.start());
        (group.runs.next.src, group.runs.next.dst) = (src, dst);
        group.end.src = group.end.src - start.src + src;
        group.end.dst = group.end.dst - start.dst + dst;
        group
    }

    /// Says whether the elements are contiguous in the input and in the output.
    #[inline(always)]
    pub(crate) fn has_no_gaps(&self) -> bool {
        let start = self.start();
        self.end.src - start.src == self.len && self.end.dst - start.dst == self.len
    }

    /// Calls `work` with every run and its slice.
    pub(crate) fn for_each_run(&self, work: &mut dyn FnMut(usize, &Run)) {
        let (mut runs, mut left) = (self.runs, self.len);
        for slice in self.slices.clone() {
            let run = runs.next_of(left);
            left -= run.len;
            work(slice, &run);
        }
    }
}
