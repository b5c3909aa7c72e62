//! Which elements of a tensor share a scale and a zero point, and where they stand.

mod group;
mod rows;
mod tiles;

pub(crate) use group::Group;
pub(crate) use tiles::{Run, Runs, Tile};

use crate::error::Error;
use rows::Pitch;

/// How a row-major tensor is divided into *slices* that have a scale and a zero point of their own.
///
/// Each slice is treated exactly as a tensor of its own. Their parameters stand in the order that ONNX
/// gives to the scales: [`slices`](Self::slices) says how many there are.
///
/// ```
/// use zeropoint::Granularity;
/// let shape = [2, 3, 4];
/// assert_eq!(Granularity::tensor(24).slices(), 1);
/// assert_eq!(Granularity::channel(&shape, 1)?.slices(), 3);
/// // Two blocks of 3 and 1 elements in each of the 2 · 3 rows.
/// assert_eq!(Granularity::block(&shape, 2, 3)?.slices(), 2 * 3 * 2);
/// # Ok::<(), zeropoint::Error>(())
/// ```
///
/// The elements stand one behind the other, unless [`with_pitch`](Self::with_pitch) says that rows have
/// gaps between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Granularity {
    /// The product of the dimensions before the axis.
    outer: usize,
    axis: usize,
    /// The product of the dimensions behind it.
    inner: usize,
    /// `None`: a slice a channel.
    block: Option<usize>,
    /// The last dimension, and the product of all before it.
    row: usize,
    rows: usize,
    /// `None`: a row begins where the one before it ends.
    pitch: Option<Pitch>,
}

impl Granularity {
    /// One slice: `len` elements in one tensor.
    #[must_use]
    pub const fn tensor(len: usize) -> Self {
        Self { outer: 1, axis: 1, inner: len, block: None, row: len, rows: 1, pitch: None }
    }

    /// A slice for each index of an axis, over all other axes. The parameters are in the order of that
    /// index.
    ///
    /// # Errors
    ///
    /// [`Error::AxisOutOfRange`]; [`Error::ShapeOverflow`].
    pub fn channel(shape: &[usize], axis: usize) -> Result<Self, Error> {
        Self::new(shape, axis, None)
    }

    /// Along an axis, blocks of `block` elements, the last of them shorter where the axis ends; each for
    /// itself at every place of the other axes. The parameters are a row-major tensor of the same shape,
    /// but for the axis, which is as long as there are blocks along it.
    ///
    /// # Errors
    ///
    /// [`Error::AxisOutOfRange`]; [`Error::ShapeOverflow`]; [`Error::EmptyBlock`].
    pub fn block(shape: &[usize], axis: usize, block: usize) -> Result<Self, Error> {
        if block == 0 {
            return Err(Error::EmptyBlock);
        }
        Self::new(shape, axis, Some(block))
    }

    /// A slice for each of `rows` rows of `len` elements: one for each token, say.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeOverflow`].
    pub fn row(rows: usize, len: usize) -> Result<Self, Error> {
        Self::new(&[rows, len], 0, None)
    }

    fn new(shape: &[usize], axis: usize, block: Option<usize>) -> Result<Self, Error> {
        if axis >= shape.len() {
            return Err(Error::AxisOutOfRange { axis, dimensions: shape.len() });
        }
        // Of an empty tensor too, so that no product of its dimensions overflows.
        let mut all: usize = 1;
        for &n in shape {
            all = all.checked_mul(n.max(1)).ok_or(Error::ShapeOverflow)?;
        }
        let product = |shape: &[usize]| shape.iter().product();
        let (outer, inner) = (product(&shape[..axis]), product(&shape[axis + 1..]));
        let last = shape.len() - 1;
        let (row, rows) = (shape[last], product(&shape[..last]));
        Ok(Self { outer, axis: shape[axis], inner, block, row, rows, pitch: None })
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "of a shape, not of a collection")]
    pub const fn len(&self) -> usize {
        self.outer * self.axis * self.inner
    }

    /// The number of slices, and so of parameters.
    #[must_use]
    pub const fn slices(&self) -> usize {
        match self.block {
            None => self.axis,
            Some(block) => self.outer * self.axis.div_ceil(block) * self.inner,
        }
    }

    /// Refuses another number of parameters, or of results, than of slices.
    pub(crate) fn check_params(&self, params: usize) -> Result<(), Error> {
        if params != self.slices() {
            return Err(Error::ParamsMismatch { slices: self.slices(), params });
        }
        Ok(())
    }

    /// The elements and the slices of a part of the tensor, of which it has any number of equal ones, if each slice is
    /// one run of memory. With a pitch, a part is a row.
    pub(crate) const fn part(&self) -> (usize, usize) {
        match self.block {
            // The slices of a row are all of it, or its elements.
            None if self.pitch.is_some() && self.inner == 1 => (self.row, self.row),
            None => (self.inner, 1),
            Some(block) if self.pitch.is_none() && self.axis.is_multiple_of(block) => (block, 1),
            Some(block) => (self.axis, self.axis.div_ceil(block)),
        }
    }

    /// Says whether the columns of its tiles are worth a table of parameters: its slices are no runs of memory, or next to
    /// nothing.
    pub(crate) const fn has_columns(&self) -> bool {
        match self.block {
            Some(_) => self.inner > 1,
            // Columns that are used once are worth a table only where a slice is next to nothing.
            None if self.outer == 1 => self.axis > 1 && self.inner < 8,
            None => self.inner < 64,
        }
    }

    /// Says whether each slice is one run of memory.
    pub(crate) const fn is_contiguous(&self) -> bool {
        // With a pitch, of one row too: beyond the last axis there are gaps.
        let room = if self.pitch.is_some() { self.row } else { usize::MAX };
        match self.block {
            None => self.outer == 1 && self.inner <= room,
            Some(_) => self.inner == 1 && self.axis <= room,
        }
    }

    /// The fewest neighbouring slices that a thread should have: unless they are runs of memory, as
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

    /// The length of the block that begins at index `first` of the axis.
    const fn block_at(&self, first: usize, block: usize) -> usize {
        if block < self.axis - first { block } else { self.axis - first }
    }

    /// The length of the longest slice, if each slice is one run of memory.
    pub(crate) fn slice_len(&self) -> usize {
        self.block.map_or(self.inner, |block| block.min(self.axis))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
