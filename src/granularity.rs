//! Which elements of a tensor share a scale and a zero point, and where they stand.

mod places;
mod rows;

pub(crate) use places::Columns;
pub(crate) use rows::{Line, Lines};

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

    /// Where each slice is one run of memory: the elements and the slices of a part of the tensor, of which
    /// it has any number of equal ones. With a pitch, a part is a row.
    pub(crate) const fn part(&self) -> (usize, usize) {
        match self.block {
            // The slices of a row are all of it, or its elements.
            None if self.pitch.is_some() && self.inner == 1 => (self.row, self.row),
            None => (self.inner, 1),
            Some(block) if self.has_whole_blocks(block) => (block, 1),
            Some(block) => (self.axis, self.axis.div_ceil(block)),
        }
    }

    /// Whether blocks of one length follow each other, across rows too.
    const fn has_whole_blocks(&self, block: usize) -> bool {
        self.pitch.is_none() && self.axis.is_multiple_of(block)
    }

    /// Where each slice is one run of memory: the elements of a row that blocks divide, how many blocks
    /// that are, and the elements of each but the last.
    pub(crate) fn blocks(&self) -> (usize, usize, usize) {
        match self.block {
            None => (self.axis * self.inner, self.axis, self.inner),
            Some(block) if self.has_whole_blocks(block) => {
                (self.outer * self.axis, self.outer * (self.axis / block), block)
            }
            Some(block) => (self.axis, self.axis.div_ceil(block), block),
        }
    }

    /// The granularity of so many of these parts.
    pub(crate) const fn of_parts(&self, count: usize) -> Self {
        let (_, slices) = self.part();
        match self.block {
            None => Self { axis: count * slices, ..*self },
            Some(block) if self.has_whole_blocks(block) => {
                Self { outer: 1, axis: count * block, ..*self }
            }
            Some(_) => Self { outer: count, ..*self },
        }
    }

    /// Whether the tensor is to be taken in [`Band`]s: its slices are no runs of memory, or short ones.
    pub(crate) const fn is_banded(&self) -> bool {
        match self.block {
            Some(_) => self.inner > 1,
            // Columns that are used once are worth a table only where a slice is next to nothing.
            None if self.outer == 1 => self.axis > 1 && self.inner < 8,
            None => self.inner < 64,
        }
    }

    /// The band that element `at` stands in, from there on.
    pub(crate) const fn band_at(&self, at: usize) -> Band {
        let Self { axis, inner, .. } = *self;
        let Some(block) = self.block else {
            let width = axis * inner;
            return Band { len: self.len() - at, column: at % width, width, slice: 0, same: inner };
        };
        let (o, a) = (at / inner / axis, at / inner % axis);
        let rows = if block < axis - a / block * block { block } else { axis - a / block * block };
        let end = (o * axis + a / block * block + rows) * inner;
        let slice = (o * axis.div_ceil(block) + a / block) * inner;
        Band { len: end - at, column: at % inner, width: inner, slice, same: 1 }
    }

    /// The runs that the elements `first..first + len` of the tensor consist of, in their order.
    pub(crate) const fn runs(&self, first: usize, len: usize) -> Runs {
        Runs { of: *self, first, at: first, end: first + len }
    }

    /// The run that begins at element `at`, to its end.
    fn run_at(&self, at: usize) -> Run {
        let Self { axis, inner, .. } = *self;
        let i = at % inner;
        let a = at / inner % axis;
        let (slice, len, each) = match self.block {
            // The last axis: neighbours differ.
            None if inner == 1 && axis > 1 => (a, axis - a, true),
            None => (a, inner - i, false),
            Some(block) => {
                let o = at / inner / axis;
                let slice = (o * axis.div_ceil(block) + a / block) * inner + i;
                if inner == 1 {
                    (slice, (block - a % block).min(axis - a), false)
                } else {
                    (slice, inner - i, true)
                }
            }
        };
        Run { at, len, slice, each }
    }
}

/// Rows of memory with the same slices in the same columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    /// The elements to its end.
    pub(crate) len: usize,
    /// The first element's column.
    pub(crate) column: usize,
    /// The columns of a row.
    pub(crate) width: usize,
    /// The slice of column 0.
    pub(crate) slice: usize,
    /// How many columns belong to each slice.
    pub(crate) same: usize,
}

/// Neighbouring elements: of one slice, or `each` of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first element, counted from where the [`Runs`] begin.
    pub(crate) at: usize,
    pub(crate) len: usize,
    /// The first element's slice.
    pub(crate) slice: usize,
    pub(crate) each: bool,
}

/// See [`Granularity::runs`].
#[derive(Debug)]
pub(crate) struct Runs {
    of: Granularity,
    first: usize,
    at: usize,
    end: usize,
}

impl Iterator for Runs {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if self.at >= self.end {
            return None;
        }
        let run = self.of.run_at(self.at);
        let len = run.len.min(self.end - self.at);
        self.at += len;
        Some(Run { at: run.at - self.first, len, ..run })
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::{Band, Granularity};

    /// The slice of every element, from the runs of pieces of `piece` elements.
    fn slices(g: &Granularity, piece: usize) -> Vec<usize> {
        let mut all = Vec::new();
        for first in (0..g.len()).step_by(piece) {
            let len = piece.min(g.len() - first);
            for run in g.runs(first, len) {
                assert_eq!(first + run.at, all.len());
                all.extend((0..run.len).map(|i| run.slice + if run.each { i } else { 0 }));
            }
        }
        all
    }

    #[test]
    fn runs_are_the_slices_of_the_shape() {
        let shapes: [&[usize]; 6] = [&[7], &[1, 5], &[3, 4], &[2, 3, 4], &[3, 1, 2, 5], &[2, 0, 3]];
        for shape in shapes {
            for axis in 0..shape.len() {
                for block in 0..7 {
                    let g = match block {
                        0 => Granularity::channel(shape, axis).unwrap(),
                        _ => Granularity::block(shape, axis, block).unwrap(),
                    };
                    let blocks = shape[axis].div_ceil(block.max(1));
                    let mut expected = Vec::new();
                    for e in 0..shape.iter().product() {
                        // The index on every axis, the last axis first; then the slice's.
                        let mut rest = e;
                        let mut index = vec![0; shape.len()];
                        for d in (0..shape.len()).rev() {
                            index[d] = rest % shape[d];
                            rest /= shape[d];
                        }
                        expected.push(if block == 0 {
                            index[axis]
                        } else {
                            (0..shape.len()).fold(0, |slice, d| match d == axis {
                                true => slice * blocks + index[d] / block,
                                false => slice * shape[d] + index[d],
                            })
                        });
                    }
                    for piece in [1, 2, 5, 1000] {
                        assert_eq!(slices(&g, piece), expected, "{shape:?} {axis} {block}");
                    }
                    assert!(expected.iter().all(|s| *s < g.slices()));
                    for at in 0..g.len() {
                        let Band { len, column, width, slice, same } = g.band_at(at);
                        let band = (column..column + len).map(|i| slice + i % width / same);
                        assert!(band.eq(expected[at..at + len].iter().copied()), "{g:?} at {at}");
                    }
                }
            }
        }
    }
}
