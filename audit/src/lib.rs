//! Finds out which formula a quantizer computes.
//!
//! A kernel is given to [`quantize()`] as a closure. Generators call it with numbers that tell formulas apart: exact ties, numbers
//! at which a division and a product by the reciprocal round to different integers, NaN at every position, numbers beyond
//! `i32`, every length to 300. The result is a [`Report`]: how many cases differ from a contract, and which combination of
//! known rules explains every output.
//!
//! ```
//! use zeropoint_audit::{Quantize, quantize};
//!
//! let report = quantize(Quantize::REFERENCE, |x: &[f32], scale, zero_point, dst: &mut [u8]| {
//!     for (x, q) in x.iter().zip(dst) {
//!         *q = ((x * (1.0 / scale)).round_ties_even() + zero_point as f32).clamp(0.0, 255.0) as u8;
//!     }
//! });
//! assert!(!report.agrees());
//! assert!(report.sentence().contains("multiplies by 1/S in f32"));
//! ```

mod audit;
pub mod blocks;
mod buffers;
mod code;
mod contract;
mod dequantize;
mod diagnose;
mod generators;
mod known;
mod observe;
mod packed;
mod params;
mod pieces;
mod quantize;
mod random;
mod report;
mod requantize;
mod rule;
mod run;
#[cfg(test)]
mod tests;
mod threads;

pub use audit::{Audit, dequantize, params, quantize, quantize_packed, requantize};
pub use blocks::{Format, decode, encode};
pub use buffers::Answer;
pub use code::{AuditedCode, Codes, Element};
pub use contract::{Contract, Named, Rules};
pub use dequantize::{Dequantize, Difference, Order, SubnormalResult};
pub use diagnose::{Border, Evidence, Finding};
pub use generators::Generator;
pub use generators::decode::GENERATORS as DECODE_GENERATORS;
pub use generators::dequantize::GENERATORS as DEQUANTIZE_GENERATORS;
pub use generators::encode::GENERATORS as ENCODE_GENERATORS;
pub use generators::packed::GENERATORS as PACKED_GENERATORS;
pub use generators::params::GENERATORS as PARAMS_GENERATORS;
pub use generators::quantize::GENERATORS as QUANTIZE_GENERATORS;
pub use generators::requantize::GENERATORS as REQUANTIZE_GENERATORS;
pub use known::{Change, KNOWN, Known};
pub use observe::Fault;
pub use packed::{Nibbles, Packed, Packing, Padding, Pair, QuantizePacked, SignedBits};
pub use params::{Data, FindParams, Least, NanData, Offset, Range, Step, Width};
pub use pieces::{Cut, Pieces};
pub use quantize::{
    Addition, Affine, Conversion, Limits, Nan, Narrowing, Quantize, Rounding, Scaling, Subnormal,
};
pub use report::{Class, Counterexample, Report, Verdict};
pub use requantize::{Overflow, Product, ProductRounding, Requantize, Rescale, Sum};
pub use rule::Rule;
pub use threads::{OnThreads, blocks_on_threads, on_threads};
