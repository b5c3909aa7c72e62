//! The tests that every instruction set and every target is held to: kernels against the scalar reference, and the
//! reference against the contract.

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod blocks;
mod differential;
mod edges;
mod golden;
mod granularity;
#[cfg(feature = "ggml")]
mod stored;
