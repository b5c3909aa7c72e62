//! Records what `zeropoint::version()` reports: the crate's version and the target it was built for.

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET for build scripts");
    let version = std::env::var("CARGO_PKG_VERSION").expect("cargo sets CARGO_PKG_VERSION");
    println!("cargo::rustc-env=ZEROPOINT_VERSION={version} ({target})");
    println!("cargo::rerun-if-changed=build.rs");
}
