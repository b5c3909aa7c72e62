//! The C ABI: its header, its checks, and the bits of the scalar reference.
#![cfg(feature = "capi")]

mod all;
#[path = "../common/mod.rs"]
mod common;
mod counts;
mod header;
mod hostile;
mod in_place;
mod observer;
mod operation;
mod others;
mod per_slice;
mod per_tensor;
mod requantize;
mod results;
mod slots;
mod stored;
