//! The C ABI: `include/zeropoint.h` is its documentation.
//!
//! `list.rs` is the one list of what is exported. A function of it turns the types that it is given as numbers into
//! Rust's (`types.rs`), checks its pointers (`pointers.rs`), calls the crate, and returns a [`Status`]; none unwinds
//! (`status.rs`). The header is rendered from the list by `tests/capi`, which also calls all of it.
#![allow(unsafe_code, reason = "for pointers and lengths from C only its caller vouches")]
#![allow(missing_docs, reason = "the header is the documentation; nothing is for users of Rust")]

mod granularity;
mod list;
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
pub use params::{CParams, CScheme, CSliceParams};
pub use pool::{Callback, Pool};
pub use requantize::{CFixedParams, CFixedSliceParams};
pub use status::{Status, last_error, statuses};
pub use types::{Stats, Type, error_stats, types};

/// Every call computes with this: the calling thread alone, or the threads of the pool that it runs in.
fn backend() -> Result<Parallel<Auto>, status::Failure> {
    Ok(Parallel::inside_pools(Auto::detect()?))
}

macro_rules! names {
    ({} $($Set:ident $name:literal [$cfg:meta],)+) => {
        [c"scalar".to_bytes_with_nul(), $(concat!($name, "\0").as_bytes()),+]
    };
}

/// The name of the backend; NULL if `ZEROPOINT_BACKEND` names one that is not available.
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
