//! Rows of memory at a constant distance, whose bounds are checked once for all rows.
#![expect(unsafe_code, reason = "a check of every row takes a third of the time of a kernel")]

/// Rows of a slice, to read from.
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

/// Returns the number of elements from the start of the first row to the end of the last row.
#[inline(always)]
fn span(rows: usize, columns: usize, pitch: usize) -> usize {
    // `None` if there is no row, or if the end overflows.
    let last = rows.checked_sub(1).and_then(|row| row.checked_mul(pitch));
    last.and_then(|at| at.checked_add(columns)).expect("rows in memory")
}

impl<'a, T> Grid<'a, T> {
    /// Returns `rows` rows of `columns` elements, `pitch` apart, from the front of `slice`; panics if it is shorter.
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

    /// Returns elements `from..from + len` of a row.
    #[inline(always)]
    pub(crate) fn part(&self, row: usize, from: usize, len: usize) -> &[T] {
        assert!(row < self.rows && from <= self.columns && len <= self.columns - from);
        let at = row * self.pitch + from;
        // SAFETY: at + len ≤ (rows − 1) · pitch + columns, the length of the slice.
        unsafe { self.slice.get_unchecked(at..at + len) }
    }

    /// Returns the slice from the first row to the end of the last row.
    #[inline(always)]
    pub(crate) fn front(&self) -> &[T] {
        self.slice
    }
}

impl<'a, T> GridMut<'a, T> {
    /// Returns the rows of a mutable slice, as [`Grid::new`] does.
    #[inline(always)]
    pub(crate) fn new(slice: &'a mut [T], rows: usize, columns: usize, pitch: usize) -> Self {
        let slice = &mut slice[..span(rows, columns, pitch)];
        Self { slice, rows, columns, pitch }
    }

    /// Returns elements `from..from + len` of a row, to write to.
    #[inline(always)]
    pub(crate) fn part(&mut self, row: usize, from: usize, len: usize) -> &mut [T] {
        assert!(row < self.rows && from <= self.columns && len <= self.columns - from);
        let at = row * self.pitch + from;
        // SAFETY: at + len ≤ (rows − 1) · pitch + columns, the length of the slice.
        unsafe { self.slice.get_unchecked_mut(at..at + len) }
    }

    /// Returns the slice from the first row to the end of the last row.
    #[inline(always)]
    pub(crate) fn front(&self) -> &[T] {
        self.slice
    }
}
