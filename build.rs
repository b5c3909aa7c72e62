//! What Cargo cannot: the text of `zeropoint::version()`, which is the crate's version and the target it was
//! built for; and the name that programs look for the C library by at run time.

use std::env::{self, VarError};

fn main() -> Result<(), VarError> {
    let (target, version) = (env::var("TARGET")?, env::var("CARGO_PKG_VERSION")?);
    println!("cargo::rustc-env=ZEROPOINT_VERSION={version} ({target})");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CAPI").is_some() && is_elf() {
        let major = env::var("CARGO_PKG_VERSION_MAJOR")?;
        let minor = env::var("CARGO_PKG_VERSION_MINOR")?;
        // Before 1.0 each minor version may break what is linked to it.
        let abi = if major == "0" { format!("0.{minor}") } else { major };
        // Of all that is linked, since Cargo does not know of a library that is asked for on its command line.
        // Linkers pass over it in programs.
        println!("cargo::rustc-link-arg=-Wl,-soname,libzeropoint.so.{abi}");
    }
    Ok(())
}

/// Whether the target's libraries have such a name. (Those of macOS are given theirs by `capi/install`.)
fn is_elf() -> bool {
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    matches!(system.as_str(), "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly")
}
