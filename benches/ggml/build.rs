//! Compiles what quantizes blocks in ggml, out of the sources of the crate `llama-cpp-sys-2`, and the limit.

use std::path::PathBuf;
use std::process::Command;

/// Returns the folder where cargo keeps the sources of ggml.
fn sources() -> PathBuf {
    let output = Command::new(std::env::var_os("CARGO").unwrap())
        .args(["metadata", "--format-version=1", "--locked"])
        .output()
        .unwrap();
    let metadata = String::from_utf8(output.stdout).unwrap();
    let manifest = metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|path| path.contains("llama-cpp-sys-2-"))
        .expect("cargo has the crate llama-cpp-sys-2");
    PathBuf::from(manifest).parent().unwrap().join("llama.cpp/ggml")
}

fn main() {
    let ggml = sources();
    let src = ggml.join("src");
    // What is compiled for a CPU with AVX-512 is no measure of our AVX2.
    println!("cargo:rerun-if-env-changed=GGML_MARCH");
    let march = std::env::var("GGML_MARCH").unwrap_or_else(|_| "native".into());
    println!("cargo:rustc-env=MARCH={march}");
    cc::Build::new()
        .files([src.join("ggml-quants.c"), src.join("ggml-cpu/arch/x86/quants.c")])
        .includes([ggml.join("include"), src.clone(), src.join("ggml-cpu")])
        .define("_GNU_SOURCE", None)
        .define("NDEBUG", None)
        .define("GGML_VERSION", "\"\"")
        .define("GGML_COMMIT", "\"\"")
        .opt_level(3)
        .flag(format!("-march={march}"))
        .flag("-ffunction-sections")
        .warnings(false)
        .compile("ggml-blocks");
    println!("cargo:rerun-if-changed=src/limit.c");
    cc::Build::new()
        .file("src/limit.c")
        .opt_level(3)
        .flag(format!("-march={march}"))
        .compile("limit");
    for flag in ["-Wl,--gc-sections", "-Wl,--unresolved-symbols=ignore-all", "-lm"] {
        println!("cargo:rustc-link-arg={flag}");
    }
}
