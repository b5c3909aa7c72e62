//! What the library is, and what it chose.

use super::status::refuse;
use super::types::Char;
use crate::auto::Auto;
use crate::backend::Backend;

pub(super) fn version() -> *const Char {
    concat!(env!("ZEROPOINT_VERSION"), "\0").as_ptr().cast()
}

/// NULL where `ZEROPOINT_BACKEND` cannot be had.
pub(super) fn backend_name() -> *const Char {
    let name = match Auto::detect() {
        Ok(auto) => match auto.name() {
            "scalar" => c"scalar",
            "portable" => c"portable",
            "avx2" => c"avx2",
            "avx512" => c"avx512",
            "neon" => c"neon",
            _ => c"unknown",
        },
        Err(error) => {
            let _ = refuse(error.into());
            return core::ptr::null();
        }
    };
    name.as_ptr().cast()
}
