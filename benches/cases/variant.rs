//! Which elements share parameters, and how those are chosen.

use zeropoint::{Granularity, Scheme};

/// Which elements share parameters, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// One scale and zero point for all.
    Tensor,
    /// The whole tensor, with a symmetric scheme.
    Symmetric,
    /// The whole tensor, with a multiplier in fixed point.
    Fixed,
    /// A matrix, its rows with their own parameters.
    Rows,
    /// Rows of so many elements.
    RowsOf(usize),
    /// A matrix, its columns with their own parameters.
    Columns,
    /// Columns, with multipliers in fixed point.
    FixedColumns,
    /// Blocks of so many elements.
    Blocks(usize),
    /// Blocks of so many elements, with scales and no zero points.
    BlocksWithoutZero(usize),
}

/// The columns of a matrix that is long enough.
const COLUMNS: usize = 4096;

impl Variant {
    /// Returns the end of the name.
    pub(crate) fn suffix(self) -> String {
        match self {
            Self::Tensor => String::new(),
            Self::Symmetric => "_symmetric".into(),
            Self::Fixed => "_fixed".into(),
            Self::Rows => "_rows".into(),
            Self::RowsOf(n) => format!("_rows_{n}"),
            Self::Columns => "_columns".into(),
            Self::FixedColumns => "_fixed_columns".into(),
            Self::Blocks(n) => format!("_blocks_{n}"),
            Self::BlocksWithoutZero(n) => format!("_blocks_{n}_symmetric"),
        }
    }

    /// Returns whether slices have parameters of their own.
    pub(crate) fn is_sliced(self) -> bool {
        !matches!(self, Self::Tensor | Self::Symmetric | Self::Fixed)
    }

    /// The scheme of dynamic parameters: blocks are symmetric, as the formats are that have them.
    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::Symmetric | Self::Blocks(_) | Self::BlocksWithoutZero(_) => Scheme::symmetric(),
            _ => Scheme::asymmetric(),
        }
    }

    /// Returns the number of columns of a matrix of `len` elements: 4096 or the number that is asked for if it
    /// divides, otherwise some divisor.
    pub(crate) fn columns(self, len: usize) -> usize {
        let wanted = if let Self::RowsOf(n) = self { n } else { COLUMNS };
        let columns = [wanted, 64, 11, 7, 3].into_iter().find(|n| len.is_multiple_of(*n));
        columns.unwrap_or(len)
    }

    /// The length of a row that has its own parameters.
    pub(crate) fn row(self, len: usize) -> Option<usize> {
        matches!(self, Self::Rows | Self::RowsOf(_)).then(|| self.columns(len))
    }

    /// The slices of `len` elements that share parameters.
    pub(crate) fn granularity(self, len: usize) -> Granularity {
        const FINE: &str = "the shape has these axes and so many elements";
        let columns = self.columns(len);
        let shape = [len / columns, columns];
        match self {
            Self::Tensor | Self::Symmetric | Self::Fixed => Granularity::tensor(len),
            Self::Rows | Self::RowsOf(_) => Granularity::channel(&shape, 0).expect(FINE),
            Self::Columns | Self::FixedColumns => Granularity::channel(&shape, 1).expect(FINE),
            Self::Blocks(n) | Self::BlocksWithoutZero(n) => {
                Granularity::block(&[len], 0, n).expect(FINE)
            }
        }
    }
}
