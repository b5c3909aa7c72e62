//! Which elements share parameters, and how those are chosen.

use zeropoint::{Granularity, Scheme};

/// What of an operation is measured, beside its types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// One scale and zero point for all.
    Tensor,
    /// The same, in a symmetric scheme.
    Symmetric,
    /// The same, where numbers of fixed point are multiplied.
    Fixed,
    /// A matrix, its rows with their own parameters.
    Rows,
    /// A matrix, its columns with their own parameters.
    Columns,
    /// The same, where numbers of fixed point are multiplied.
    FixedColumns,
    /// Blocks of so many elements.
    Blocks(usize),
}

/// The columns of a matrix that is long enough.
const COLUMNS: usize = 4096;

impl Variant {
    /// What a name ends with.
    pub(crate) fn suffix(self) -> String {
        match self {
            Self::Tensor => String::new(),
            Self::Symmetric => "_symmetric".into(),
            Self::Fixed => "_fixed".into(),
            Self::Rows => "_rows".into(),
            Self::Columns => "_columns".into(),
            Self::FixedColumns => "_fixed_columns".into(),
            Self::Blocks(n) => format!("_blocks_{n}"),
        }
    }

    /// Whether slices have parameters of their own.
    pub(crate) fn is_sliced(self) -> bool {
        matches!(self, Self::Rows | Self::Columns | Self::FixedColumns | Self::Blocks(_))
    }

    /// The scheme of dynamic parameters: blocks are symmetric, as the formats are that have them.
    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::Symmetric | Self::Blocks(_) => Scheme::symmetric(),
            _ => Scheme::asymmetric(),
        }
    }

    /// Of `len` elements; a matrix has 4096 columns where that goes, otherwise some divisor.
    pub(crate) fn granularity(self, len: usize) -> Granularity {
        const FINE: &str = "the shape has these axes and so many elements";
        let columns = [COLUMNS, 64, 11, 7, 3].into_iter().find(|n| len.is_multiple_of(*n));
        let columns = columns.unwrap_or(len);
        let shape = [len / columns, columns];
        match self {
            Self::Tensor | Self::Symmetric | Self::Fixed => Granularity::tensor(len),
            Self::Rows => Granularity::channel(&shape, 0).expect(FINE),
            Self::Columns | Self::FixedColumns => Granularity::channel(&shape, 1).expect(FINE),
            Self::Blocks(n) => Granularity::block(&[len], 0, n).expect(FINE),
        }
    }
}
