//! ONNX's quantization operators for [tract](https://crates.io/crates/tract-onnx), by the kernels of zeropoint.
//!
//! tract finds an operator by its name in a table, which anybody may change before a model is loaded:
//!
//! ```no_run
//! let mut onnx = tract_onnx::onnx();
//! zeropoint_in_tract::register(&mut onnx);
//! ```

pub mod compare;
pub mod one_node;
mod ops;
pub mod recorded;

pub use ops::register;
