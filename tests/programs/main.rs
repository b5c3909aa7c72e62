//! The tests that start programs: the examples, and this program again in another environment.

#[cfg(feature = "std")]
mod environment;
mod main_job;
mod onnx_conformance;
mod program;
