//! What the fuzz targets do with their bytes: a function for each target. `fuzz_targets/` hands them to
//! libFuzzer; as the test target `fuzz` of the crate, this file runs all of `seeds/` without it.
//!
//! A target panics where the library is wrong: another status or other bytes than the scalar reference's, a
//! byte written outside the outputs, a fault. What only the sanitizer sees, it sees because every buffer that
//! nothing else requires to lie elsewhere is an allocation of its own, of its exact length.

mod abi;
mod blocks;
mod differential;
mod input;
mod numbers;
mod observers;
mod packed;
mod rust;
mod safetensors;

// The list of operations that the tests of the C ABI have: a function is not exported without a line there.
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/capi/all.rs"]
mod all;
#[allow(dead_code, reason = "the tests use the rest")]
mod common;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/capi/operation.rs"]
mod operation;
#[path = "../../tests/capi/per_slice.rs"]
mod per_slice;
#[path = "../../tests/capi/per_tensor.rs"]
mod per_tensor;
#[path = "../../tests/capi/requantize.rs"]
mod requantize;
#[path = "../../tests/capi/slots.rs"]
mod slots;
#[path = "../../tests/capi/stored.rs"]
mod stored;

// The example, but for its command: what is read, computed and written.
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../examples/quantize_model/args.rs"]
mod args;
#[path = "../../examples/quantize_model/choice.rs"]
mod choice;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../examples/quantize_model/files.rs"]
mod files;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../examples/quantize_model/format.rs"]
mod format;
#[path = "../../examples/quantize_model/gguf.rs"]
mod gguf;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../examples/quantize_model/interrupt.rs"]
mod interrupt;
#[path = "../../examples/quantize_model/job.rs"]
mod job;
#[path = "../../examples/quantize_model/kind.rs"]
mod kind;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../examples/quantize_model/model.rs"]
mod model;
#[path = "../../examples/quantize_model/output.rs"]
mod output;
#[path = "../../examples/quantize_model/pending.rs"]
mod pending;
#[path = "../../examples/quantize_model/plot.rs"]
mod plot;
#[path = "../../examples/common/printable.rs"]
mod printable;
#[path = "../../examples/quantize_model/skip.rs"]
mod skip;
#[path = "../../examples/quantize_model/summary.rs"]
mod summary;
#[path = "../../examples/quantize_model/table.rs"]
mod table;
#[path = "../../examples/quantize_model/text.rs"]
mod text;
#[path = "../../examples/quantize_model/tradeoff.rs"]
mod tradeoff;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod seeds;

pub use abi::run as capi;
pub use blocks::run as blocks;
pub use differential::run as differential;
pub use observers::run as observers;
pub use packed::run as packed;
pub use safetensors::run as safetensors;
