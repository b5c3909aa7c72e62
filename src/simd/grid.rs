//! Rows of memory at one distance, whose bounds are checked once for all.
#![expect(unsafe_code, reason = "a check of every row takes a third of the time of a kernel")]

/// Rows of a slice.
pub(crate) struct Grid<'a, T> {
    slice: &'a [T],
    rows: usize,
    columns: usize,
    pitch: usize,
}

/// Rows of a slice, to write to.
pub(crate) struct GridMut<'a, T> {
    slice: &'a mut [T],
    rows: usize,
    columns: usize,
    pitch: usize,
}

/// The number of elements from the first to the end of the last row.
#[inline(always)]
fn span(rows: usize, columns: usize, pitch: usize) -> usize {
    // Fails for no row, and for rows that no memory holds.
    let last = rows.checked_sub(1).and_then(|row| row.checked_mul(pitch));
    last.and_then(|at| at.checked_add(columns)).expect("rows in memory")
}

impl<'a, T> Grid<'a, T> {
    /// At least one row of `columns` elements, `pitch` apart, from the front of `slice` on, which must hold them.
    #[inline(always)]
    pub(crate) fn new(slice: &'a [T], rows: usize, columns: usize, pitch: usize) -> Self {
        let slice = &slice[..span(rows, columns, pitch)];
        Self { slice, rows, columns, pitch }
    }

    #[inline(always)]
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }
    #[inline(always)]
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
    #[inline(always)]
    pub(crate) fn pitch(&self) -> usize {
        self.pitch
    }

    /// Elements `from..from + len` of a row.
    #[inline(always)]
    pub(crate) fn part(&self, row: usize, from: usize, len: usize) -> &[T] {
        assert!(row < self.rows && from <= self.columns && len <= self.columns - from);
        let at = row * self.pitch + from;
        // SAFETY: at + len ≤ (rows − 1) · pitch + columns, the length of the slice.
        unsafe { self.slice.get_unchecked(at..at + len) }
    }

    /// All rows.
    #[inline(always)]
    pub(crate) fn front(&self) -> &[T] {
        self.slice
    }
}

impl<'a, T> GridMut<'a, T> {
    /// Does what [`Grid::new`] does.
    #[inline(always)]
    pub(crate) fn new(slice: &'a mut [T], rows: usize, columns: usize, pitch: usize) -> Self {
        let slice = &mut slice[..span(rows, columns, pitch)];
        Self { slice, rows, columns, pitch }
    }

    /// Does what [`Grid::part`] does.
    #[inline(always)]
    pub(crate) fn part(&mut self, row: usize, from: usize, len: usize) -> &mut [T] {
        assert!(row < self.rows && from <= self.columns && len <= self.columns - from);
        let at = row * self.pitch + from;
        // SAFETY: at + len ≤ (rows − 1) · pitch + columns, the length of the slice.
        unsafe { self.slice.get_unchecked_mut(at..at + len) }
    }

    /// All rows.
    #[inline(always)]
    pub(crate) fn front(&self) -> &[T] {
        self.slice
    }
}
