#![doc = include_str!("../README.md")]
#![cfg_attr(not(any(feature = "std", test)), no_std)]

// Results would differ from those of every other target, in the last bit.
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
#[cfg(feature = "capi")]
#[doc(hidden)]
pub mod capi;
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

#[doc = include_str!("which_call.md")]
pub mod which_call {}

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
pub use slices::{Params, ParamsMut, ZeroPoints, ZeroPointsMut};
pub use stats::ErrorStats;
