//! The C ABI: `include/zeropoint.h` is its documentation.
//!
//! `list.rs` is the one list of what is exported. A function of it checks its pointers (`pointers.rs`),
//! calls the crate, and returns a [`Status`]; none unwinds (`status.rs`). What stands in the header is
//! rendered from the list by `tests/capi`, which also calls all of it.
#![allow(unsafe_code, reason = "for pointers and lengths from C only its caller vouches")]
#![allow(missing_docs, reason = "the header is the documentation; nothing is for users of Rust")]

mod granularity;
mod list;
mod per_slice;
mod per_tensor;
mod pointers;
mod pool;
mod requantize;
mod scheme;
mod status;
mod types;
mod version;

use crate::auto::Auto;
use crate::parallel::Parallel;

pub use granularity::CGranularity;
pub use list::exports;
pub use pool::{Callback, NewPool, Pool};
pub use scheme::CScheme;
pub use status::{Status, last_error, statuses};
pub use types::{Argument, CType, Char, Export, Flag, Pointer, Stats, Void, error_stats};

/// What every call computes with: the calling thread alone, or the threads of the pool that it runs in.
fn backend() -> Result<Parallel<Auto>, status::Failure> {
    Ok(Parallel::inside_pools(Auto::detect()?))
}
