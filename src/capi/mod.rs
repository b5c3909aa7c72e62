//! The C ABI, which `include/zeropoint.h` documents.
//!
//! `list.rs` is the one list of the exported functions. Each one turns the numbers of types into Rust's types
//! (`types.rs`), checks its pointers (`pointers.rs`), calls the crate, and returns a [`Status`]; none unwinds
//! (`status.rs`). `tests/capi` renders the header from the list, and calls every function.
#![allow(unsafe_code, reason = "only the caller in C vouches for its pointers and lengths")]
#![allow(missing_docs, reason = "the header is the documentation; no item is for users of Rust")]

mod granularity;
mod list;
mod observer;
mod operations;
mod params;
mod pointers;
mod pool;
mod requantize;
mod status;
mod types;

use core::ffi::c_char;

use crate::auto::Auto;
use crate::backend::Backend;
use crate::engine::with_instruction_sets;
use crate::parallel::Parallel;

pub use granularity::CGranularity;
pub use list::{Export, exports};
pub use observer::{CClip, CObserverKind, Observer};
pub use params::{CParams, CScheme, CSliceParams};
pub use pool::{Callback, Pool};
pub use requantize::{CFixedParams, CFixedSliceParams};
pub use status::{Status, last_error, statuses};
pub use types::{Stats, Type, error_stats, types};

/// Returns the backend of every call: the calling thread alone, or the threads of the pool in which it runs.
fn backend() -> Result<Parallel<Auto>, status::Failure> {
    Ok(Parallel::inside_pools(Auto::detect()?))
}

macro_rules! names {
    ({} $($Set:ident $name:literal [$cfg:meta],)+) => {
        [c"scalar".to_bytes_with_nul(), $(concat!($name, "\0").as_bytes()),+]
    };
}

/// Returns the name of the backend, or NULL if `ZEROPOINT_BACKEND` names one that is not available.
fn backend_name() -> *const c_char {
    const NAMES: &[&[u8]] = &with_instruction_sets!(names);
    match Auto::detect() {
        Ok(auto) => {
            let is_its = |name: &&&[u8]| name.strip_suffix(b"\0") == Some(auto.name().as_bytes());
            NAMES.iter().find(is_its).map_or(core::ptr::null(), |name| name.as_ptr().cast())
        }
        Err(error) => {
            let _ = Status::from(status::Failure::from(error));
            core::ptr::null()
        }
    }
}
