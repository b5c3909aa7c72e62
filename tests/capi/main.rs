//! The C ABI: its header, its checks, and the bits of the scalar reference.
#![cfg(feature = "capi")]

#[path = "../common/mod.rs"]
mod common;
mod header;
