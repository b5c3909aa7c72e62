//! Neighbouring short slices, which share a kernel.

use core::ops::Range;

use super::{Run, Runs};

/// Neighbouring slices, each of which is one run.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) slices: Range<usize>,
    pub(crate) runs: Runs,
    /// The number of elements.
    pub(crate) len: usize,
    /// The place behind the last element.
    pub(crate) end: Run,
    /// Says whether the slices are whole, and stand without a gap.
    pub(crate) is_whole: bool,
}

impl Group {
    /// The fewest whole slices of a row that make a group of their own: it has faster kernels than one with a rest, but
    /// to start one takes as long as some slices.
    const WHOLE: usize = 16;

    /// Takes `most` runs or fewer, of `left` elements or fewer, the first of which is of slice `slice`.
    pub(crate) fn next(runs: &mut Runs, slice: usize, most: usize, left: usize) -> Self {
        let (row, is_whole) = (runs.left, runs.next.len == runs.same);
        let mut group =
            Self { slices: slice..slice, runs: *runs, len: 0, end: runs.next, is_whole };
        // Whole slices are not counted one by one.
        if is_whole {
            let (same, in_row) = (runs.same, row.min(left));
            let whole = if most * same <= in_row { most } else { in_row / same };
            if whole > 0 {
                group.take(runs, whole, whole * same);
            }
            if whole >= Self::WHOLE {
                return group;
            }
        }
        while group.slices.len() < most && group.len < left {
            let len = runs.next.len.min(left - group.len);
            group.take(runs, 1, len);
            group.is_whole &= len == runs.same && group.len <= row;
        }
        group
    }

    /// Appends some slices of the row, of `len` elements.
    #[inline(always)]
    fn take(&mut self, runs: &mut Runs, slices: usize, len: usize) {
        let run = runs.skip(len);
        self.len += len;
        self.slices.end += slices;
        self.end = Run { src: run.src + len, dst: run.dst + len, len: 0 };
    }

    /// The number of elements of a slice, unless a row ends before.
    #[inline(always)]
    pub(crate) fn same(&self) -> usize {
        self.runs.same
    }

    /// The place of the first element.
    #[inline(always)]
    pub(crate) fn start(&self) -> Run {
        self.runs.next
    }

    /// Returns the group, moved so that its first element stands at `src` and at `dst`.
    pub(crate) fn placed_at(&self, src: usize, dst: usize) -> Self {
        let (mut group, start) = (self.clone(), self.start());
        (group.runs.next.src, group.runs.next.dst) = (src, dst);
        group.end.src = group.end.src - start.src + src;
        group.end.dst = group.end.dst - start.dst + dst;
        group
    }

    /// Says whether the elements stand without a gap, in the input and in the output.
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
