//! The kernels: one operation a file, written once for every instruction set.

mod abs_max;
mod accumulators;
mod blocks;
#[cfg(target_arch = "x86_64")]
mod by_both;
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
mod slices;
mod steps;
mod sum;
mod table;

#[cfg(feature = "half")]
pub(crate) use abs_max::ByShorts;
pub(crate) use abs_max::{AbsMaxOf, ByMagnitude, Magnitudes};
pub(crate) use accumulators::{AccumulatorRows, DequantizeAccumulators};
pub(crate) use blocks::{
    Blocks, DequantizeBlocks, MOST_BLOCKS, QuantizeBlocks, QuantizeDynamicBlocks, blocks_in_table,
};
#[cfg(target_arch = "x86_64")]
pub(crate) use by_both::ByBoth;
pub(crate) use dequantize::Dequantize;
pub(crate) use divide::{ByDivision, ByReciprocal, Divide};
pub(crate) use divide_far::ByMarkstein;
pub(crate) use error::ErrorOfBlock;
pub(crate) use fake_quantize::{FakeQuantize, FakeQuantizeInPlace};
pub(crate) use lanes::{
    Affines, ByFixed, Columns, DequantizeRows, FakeQuantizeRows, OnRows, OnRowsInPlace,
    QuantizeRows, QuantizeWideRows, ROWS, RequantizeRows, Rescales, Rows, TILE, Tile,
};
pub(crate) use min_max::{ByBits, ByComparison, Extremes, MinMaxOf};
pub(crate) use min_max_columns::MinMaxOfColumns;
pub(crate) use quantize::Quantize;
pub(crate) use quantize_wide::QuantizeWide;
pub(crate) use requantize::{ByFixedRight, ByFloat, RequantizeTo, is_narrow};
pub(crate) use slices::{DequantizeSlices, QuantizeDynamicSlices, QuantizeSlices, slices_in_table};
pub(crate) use steps::{CACHE_LINE, ask_ahead, elements_to_line};
pub(crate) use sum::SumOf;
pub(crate) use table::{DivideBlocks, DivideEach, IsShifted, ProvedOf, Table};
