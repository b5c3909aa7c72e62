//! The division of a tensor into slices that share a scale and a zero point, and their places in memory.

mod group;
mod rows;
mod tiles;

pub(crate) use group::Group;
pub(crate) use tiles::{Run, Runs, Tile};

use crate::error::Error;
use rows::Pitch;

/// The division of a row-major tensor into *slices* that have a scale and a zero point each.
///
/// A slice is treated exactly as a tensor of its own. Parameters are in the order that ONNX gives to the scales;
/// [`slices`](Self::slices) returns their number.
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
/// The elements are contiguous, unless [`with_pitch`](Self::with_pitch) adds gaps between rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Granularity {
    /// The product of the dimensions before the axis.
    outer: usize,
    axis: usize,
    /// The product of the dimensions behind the axis.
    inner: usize,
    /// The length of a block; `None` if a slice is a channel.
    block: Option<usize>,
    /// The last dimension, and the product of all dimensions before it.
    row: usize,
    rows: usize,
    /// The distances between rows; `None` if the rows have no gaps between them.
    pitch: Option<Pitch>,
}

impl Granularity {
    /// Returns one slice: `len` elements in one tensor.
    #[must_use]
    pub const fn tensor(len: usize) -> Self {
        Self { outer: 1, axis: 1, inner: len, block: None, row: len, rows: 1, pitch: None }
    }

    /// Returns a slice for each index of an axis, over all other axes. The parameters are in the order of the index.
    ///
    /// # Errors
    ///
    /// [`Error::AxisOutOfRange`]; [`Error::ShapeOverflow`].
    pub fn channel(shape: &[usize], axis: usize) -> Result<Self, Error> {
        Self::new(shape, axis, None)
    }

    /// Returns blocks of `block` elements along an axis, separate at every index of the other axes. The last block is
    /// shorter if the axis ends before. The parameters are a row-major tensor of the same shape, except that the axis
    /// has as many indices as blocks.
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

    /// Returns a slice for each of `rows` rows of `len` elements: for each token, for example.
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
        // The dimensions of an empty tensor must not overflow either, so a 0 counts as 1 here.
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

    /// Returns the number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "of a shape, not of a collection")]
    pub const fn len(&self) -> usize {
        self.outer * self.axis * self.inner
    }

    /// Returns the number of slices, which is the number of parameters.
    #[must_use]
    pub const fn slices(&self) -> usize {
        match self.block {
            None => self.axis,
            Some(block) => self.outer * self.axis.div_ceil(block) * self.inner,
        }
    }

    /// Returns an error if the number of parameters, or of results, is not the number of slices.
    pub(crate) fn check_params(&self, params: usize) -> Result<(), Error> {
        if params != self.slices() {
            return Err(Error::ParamsMismatch { slices: self.slices(), params });
        }
        Ok(())
    }

    /// Returns the numbers of elements and of slices in a part of the tensor. The tensor consists of equal parts, if
    /// each slice is one run of memory. With a pitch, a part is a row.
    pub(crate) const fn part(&self) -> (usize, usize) {
        match self.block {
            // A slice is here a whole row or a single element.
            None if self.pitch.is_some() && self.inner == 1 => (self.row, self.row),
            None => (self.inner, 1),
            Some(block) if self.pitch.is_none() && self.axis.is_multiple_of(block) => (block, 1),
            Some(block) => (self.axis, self.axis.div_ceil(block)),
        }
    }

    /// Says whether columns are worth a table, because slices are no runs of memory or have only a few elements.
    pub(crate) const fn has_columns(&self) -> bool {
        match self.block {
            Some(_) => self.inner > 1,
            // A table for columns of one row is used once, which is worth it only if slices have less than 8 elements.
            None if self.outer == 1 => self.axis > 1 && self.inner < 8,
            None => self.inner < 64,
        }
    }

    /// Says whether each slice is one run of memory.
    pub(crate) const fn is_contiguous(&self) -> bool {
        // With a pitch, there are gaps beyond the last axis, even if there is only one row.
        let room = if self.pitch.is_some() { self.row } else { usize::MAX };
        match self.block {
            None => self.outer == 1 && self.inner <= room,
            Some(_) => self.inner == 1 && self.axis <= room,
        }
    }

    /// Says whether the tensor is one slice with elements, which are one run of memory.
    pub(crate) const fn is_one_run(&self) -> bool {
        self.slices() == 1 && self.len() > 0 && self.is_contiguous()
    }

    /// Returns the fewest neighbouring slices that a thread should have: 1 if they are runs of memory, and otherwise as
    /// many as fill a cache line or two in each row.
    pub(crate) const fn least_together(&self) -> usize {
        const NEIGHBOURS: usize = 32;
        match self.inner {
            _ if self.is_contiguous() => 1,
            0 => NEIGHBOURS,
            inner if self.block.is_none() => NEIGHBOURS.div_ceil(inner),
            _ => NEIGHBOURS,
        }
    }

    /// Returns the length of the block that begins at index `first` of the axis.
    const fn block_at(&self, first: usize, block: usize) -> usize {
        if block < self.axis - first { block } else { self.axis - first }
    }

    /// Returns the length of the longest slice, if each slice is one run of memory.
    pub(crate) fn slice_len(&self) -> usize {
        self.block.map_or(self.inner, |block| block.min(self.axis))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
