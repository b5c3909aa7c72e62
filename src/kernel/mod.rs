//! The kernels: one operation a file, written once for every instruction set.

mod abs_max;
mod dequantize;
mod divide;
mod error;
mod fake_quantize;
mod min_max;
mod quantize;
mod requantize;
mod steps;
mod sum;

pub(crate) use abs_max::AbsMaxOf;
pub(crate) use dequantize::Dequantize;
pub(crate) use divide::{ByDivision, ByReciprocal, Divide};
pub(crate) use error::ErrorOfBlock;
pub(crate) use fake_quantize::{FakeQuantize, FakeQuantizeInPlace};
pub(crate) use min_max::{ByBits, ByComparison, Extremes, MinMaxOf};
pub(crate) use quantize::Quantize;
pub(crate) use requantize::RequantizeTo;
pub(crate) use sum::SumOf;
