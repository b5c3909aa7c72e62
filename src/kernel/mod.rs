//! The kernels: one operation a file, written once for every instruction set.

mod abs_max;
mod dequantize;
mod divide;
mod divide_far;
mod error;
mod fake_quantize;
mod lanes;
mod min_max;
mod min_max_columns;
mod quantize;
mod quantize_wide;
mod requantize;
mod steps;
mod sum;

pub(crate) use abs_max::AbsMaxOf;
pub(crate) use dequantize::Dequantize;
pub(crate) use divide::{ByDivision, ByReciprocal, Divide};
pub(crate) use divide_far::ByMarkstein;
pub(crate) use error::ErrorOfBlock;
pub(crate) use fake_quantize::{FakeQuantize, FakeQuantizeInPlace};
pub(crate) use lanes::{DequantizeLanes, DivideLanes, QuantizeLanes, TILE, Table, Tile};
pub(crate) use min_max::{ByBits, ByComparison, Extremes, MinMaxOf};
pub(crate) use min_max_columns::MinMaxOfColumns;
pub(crate) use quantize::Quantize;
pub(crate) use quantize_wide::QuantizeWide;
pub(crate) use requantize::RequantizeTo;
pub(crate) use sum::SumOf;
