//! Quantization kernels for inference engines: float tensors to small integers and back. Every result is
//! exactly the one that ONNX's formula gives, with the same bits on every CPU.
//!
//! ```text
//! q = clamp(rint(x / scale) + zero_point, qmin, qmax)        x̂ = (q - zero_point) · scale
//! ```
//!
//! The crate finds the range of a tensor, turns the range into a scale and a zero point, makes codes,
//! goes back, and measures the error. It also requantizes accumulators, fake-quantizes, sums codes, and
//! calibrates over many batches ([`observer`]).
//!
//! # When to use it
//!
//! * You write an inference engine, and want quantization operators that agree with ONNX's reference on
//!   every element, in the body and in the tail of a tensor, on one thread and on many.
//! * You quantize the weights of a model, and want codes that do not depend on the machine.
//! * You write kernels of your own, and want a reference to compare them with ([`Scalar`]).
//!
//! The crate has no matrix products, no graph, and no file formats.
//!
//! # Example
//!
//! ```
//! use zeropoint::{QParams, Range, Scheme};
//!
//! let x: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.1).sin() + 0.3).collect();
//! let (mut q, mut y) = (vec![0u8; x.len()], vec![0f32; x.len()]);
//!
//! let p: QParams<f32, u8> = Scheme::asymmetric().params(Range::of(&x)?)?;
//! zeropoint::quantize(&x, &p, &mut q)?;
//! zeropoint::dequantize(&q, &p, &mut y)?;
//! assert!(zeropoint::quantization_error(&x, &p)?.sqnr_db() > 40.0);
//!
//! // Range, parameters and codes in one call.
//! let found: QParams<f32, u8> = zeropoint::quantize_dynamic(&x, Scheme::asymmetric(), &mut q)?;
//! assert_eq!((found.scale(), found.zero_point()), (p.scale(), p.zero_point()));
//! # Ok::<(), zeropoint::Error>(())
//! ```
//!
//! An engine keeps a [`Backend`], and passes a [`Granularity`] where each row, channel or block has a scale
//! of its own:
//!
//! ```
//! use zeropoint::{Auto, Backend, Granularity, QParams, Scheme};
//!
//! let backend = Auto::detect()?; // the fastest one of this CPU, on the calling thread
//! let tokens = Granularity::row(64, 100)?; // 64 rows of 100 elements
//! let x = vec![0.5_f32; tokens.len()];
//! let (mut p, mut q) = (vec![QParams::default(); tokens.slices()], vec![0u8; x.len()]);
//! backend.quantize_dynamic_per(tokens, &x, Scheme::asymmetric(), &mut p, &mut q)?;
//! # Ok::<(), zeropoint::Error>(())
//! ```
//!
//! # Which call
//!
//! | job | call |
//! |---|---|
//! | quantize activations, range unknown | [`quantize_dynamic`], [`Backend::quantize_dynamic_per`] |
//! | quantize with known parameters | [`quantize`], [`Backend::quantize_per`] |
//! | back to floats | [`dequantize`], [`Backend::dequantize_per`] |
//! | accumulators of an integer product to codes | [`requantize()`], [`Backend::requantize_per`] |
//! | codes and the sums that an integer product needs | [`Backend::quantize_with_sums`] |
//! | a range, and its parameters | [`Range::of`], [`abs_max`], [`Scheme::params`] |
//! | a range over many batches | [`observer`] |
//! | training with quantization noise | [`fake_quantize`], [`Backend::fake_quantize_per`] |
//! | weights to the blocks of GGUF files, and back | `ggml::encode`, `ggml::decode` (feature `ggml`) |
//! | how much is lost | [`quantization_error`], [`Backend::quantization_error_per`] |
//!
//! [`which_call`] has the whole table, the types that each operation takes, and the names that ONNX, PyTorch
//! and TFLite use. Free functions take the best backend of the CPU and, for long slices, rayon's threads.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | detection of the CPU at run time, `ZEROPOINT_BACKEND`; without it the crate is `no_std` |
//! | `rayon` | yes | `Parallel`, and threads in the free functions |
//! | `f64` | yes | `f64` as a type of data and of scales; without it a third less is compiled |
//! | `alloc` | by `std` | `HistogramObserver` and `PerChannelMinMaxObserver`, which need an allocator |
//! | `half` | no | `half::f16` and `half::bf16` as types of data |
//! | `ggml` | no | the blocks that GGUF files store: Q8_0, Q4_0 and so on; includes `half` |
//! | `serde` | no | `Serialize` and `Deserialize` for the observers |
//! | `capi` | no | the C library |
//!
//! The crate needs Rust 1.89 or later. [`building`] has the CPUs, targets, cargo profiles and dependencies.
//!
//! # Guarantees
//!
//! * **The same bits.** Every backend returns what [`Scalar`] returns, for every input, length, alignment and
//!   number of threads. A division is a division: where kernels multiply by a reciprocal, it is proved to
//!   round as the division does.
//! * **Every edge has an answer**, listed in [`edge_cases`]: NaN, infinities, ties, empty and constant data.
//! * **No panics on data.** A call that a caller can get wrong returns an [`Error`] with the numbers
//!   involved, and has written nothing unless its documentation says otherwise. Nothing is read or written
//!   outside the slices.
//! * **No allocation** in an operation, except some hundred bytes when threads share a call. Observers of histograms and
//!   channels allocate their state.
//! * **Stable results.** No patch release changes a bit of any result.
#![cfg_attr(not(any(feature = "std", test)), no_std)]

// The results would differ in the last bit from the results of every other target.
#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!(
    "zeropoint needs SSE2 on 32-bit x86 (an i686 target): the registers of the x87 round twice"
);

#[cfg(all(test, not(feature = "f64")))]
compile_error!("the tests need the feature f64");

#[cfg(feature = "alloc")]
extern crate alloc;

mod auto;
mod backend;
#[cfg(feature = "alloc")]
mod bins;
#[cfg(feature = "ggml")]
mod blocks;
#[cfg(feature = "capi")]
#[doc(hidden)]
pub mod capi;
mod cpu;
mod drive;
mod element;
mod engine;
mod error;
#[cfg(feature = "rayon")]
mod float_mode;
mod free;
mod granularity;
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, unused_imports, reason = "kernels that need fused multiply-add")
)]
mod kernel;
pub mod observer;
mod packed;
#[cfg(feature = "rayon")]
mod parallel;
mod params;
mod range;
mod reference;
mod requantize;
mod scheme;
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, unused_imports, reason = "kernels that need fused multiply-add")
)]
mod simd;
mod slices;
mod stats;
#[cfg(feature = "rayon")]
mod team;

#[doc = include_str!("building.md")]
pub mod building {}
#[doc = include_str!("edge_cases.md")]
pub mod edge_cases {}
#[cfg(feature = "ggml")]
#[doc = include_str!("ggml.md")]
pub mod ggml {
    pub use crate::blocks::formats::*;
    pub use crate::blocks::{Block, Float, blocks, blocks_mut};
    pub use crate::free::blocks::{decode, encode};
}
#[doc = include_str!("which_call.md")]
pub mod which_call {}

// The README's examples run with the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use auto::Auto;
pub use backend::{Backend, Scalar};
pub use element::{Code, Compute, ComputedIn, Number, Real};
pub use error::Error;
pub use free::{
    abs_max, dequantize, fake_quantize, fake_quantize_in_place, min_max, quantization_error,
    quantize, quantize_dynamic, requantize, version,
};
pub use granularity::Granularity;
pub use packed::{I2x4, I4x2, U2x4, U4x2};
#[cfg(feature = "rayon")]
pub use parallel::Parallel;
pub use params::QParams;
pub use range::{MinMax, Range};
pub use requantize::Requantize;
pub use scheme::Scheme;
#[cfg(target_arch = "aarch64")]
pub use simd::Neon;
pub use simd::Portable;
#[cfg(target_arch = "x86_64")]
pub use simd::{Avx2, Avx512};
pub use slices::{Multipliers, Params, ParamsMut, ZeroPoints, ZeroPointsMut};
pub use stats::ErrorStats;
