//! The kernels: one operation a file, written once for every instruction set.

mod abs_max;
#[cfg(feature = "ggml")]
mod blocks;
#[cfg(target_arch = "x86_64")]
mod by_both;
mod choice;
mod dequantize;
mod dequantize_i32;
mod divide;
mod divide_far;
mod error;
mod fake_quantize;
mod hints;
mod integers;
mod loops;
mod min_max;
mod min_max_columns;
mod operation;
mod quantize;
mod quantize_dynamic;
mod quantize_words;
mod ranges;
mod reduction;
mod requantize;
mod sum;
mod table;

pub(crate) use abs_max::AbsMaxOf;
#[cfg(feature = "ggml")]
pub(crate) use blocks::{Convert, Decode, Encode, GROUP, Stream};
pub(crate) use choice::{Algorithms, InRange};
pub(crate) use dequantize::Dequantize;
pub(crate) use dequantize_i32::DequantizeI32;
pub(crate) use divide::{ByDivision, Divide};
pub(crate) use error::ErrorOfBlock;
pub(crate) use fake_quantize::FakeQuantize;
pub(crate) use hints::{Loads, Stores};
pub(crate) use loops::columns::{COLUMNS, OnColumns, ROWS, TILE};
pub(crate) use loops::slice::{CACHE_LINE, OnSlice, elements_to_line, prefetch_ahead};
pub(crate) use loops::slices::{OnSlices, SLICES};
pub(crate) use loops::{Loop, LoopInPlace};
pub(crate) use min_max::MinMaxOf;
pub(crate) use min_max_columns::MinMaxOfColumns;
pub(crate) use operation::Io;
pub(crate) use quantize::Quantize;
pub(crate) use quantize_dynamic::{QuantizeDynamic, slices_in_table};
pub(crate) use quantize_words::QuantizeWords;
pub(crate) use requantize::{ByFixed, ByFixedRight, ByFloat, MultiplierKind, Requantize, Rescales};
pub(crate) use sum::SumOf;
pub(crate) use table::{ParameterTable, Table};
