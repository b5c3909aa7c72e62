//! The program, with a small library in C.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The library, compiled once.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("libquantizers.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/quantizers.c");
    // Without contraction, a product and a sum are rounded twice, as they are written.
    let flags = ["-std=c99", "-O2", "-ffp-contract=off", "-shared", "-fPIC", "-o"];
    let status = Command::new("cc").args(flags).arg(&library).args([source, "-lm"]).status();
    assert!(status.expect("a C compiler, cc").success());
    library
});

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zeropoint-audit")).args(arguments).output().unwrap()
}

/// A reader that closes the pipe at once, as `zeropoint-audit --list | true`, is no reason to panic.
#[test]
fn readers_that_go_away() {
    for (arguments, status) in [(&["--list"][..], 0), (&[], 2)] {
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        let mut program = Command::new(env!("CARGO_BIN_EXE_zeropoint-audit"));
        let program = program.args(arguments).stderr(write.try_clone().unwrap()).stdout(write);
        assert_eq!(program.status().unwrap().code(), Some(status), "{arguments:?}");
    }
}

/// Audits a function of blocks.
fn audit_blocks(symbol: &str, signature: &str, format: &str) -> (Option<i32>, serde_json::Value) {
    audit_with(symbol, signature, &["--format", format])
}

/// Audits a function, and returns the exit status and the report.
fn audit(symbol: &str, signature: &str, codes: &str) -> (Option<i32>, serde_json::Value) {
    audit_with(symbol, signature, &["--codes", codes])
}

fn audit_with(symbol: &str, signature: &str, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let library = LIBRARY.to_str().unwrap();
    let arguments = ["--library", library, "--symbol", symbol, "--signature", signature, "--json"];
    let output = program(&[&arguments[..], more].concat());
    let json = serde_json::from_slice(&output.stdout);
    (output.status.code(), json.unwrap_or_else(|e| panic!("{e}: {output:?}")))
}

#[test]
fn kernels_that_agree() {
    for (symbol, signature, codes) in [
        ("divides", "x-q-n-scale-zero", "u8"),
        ("inputs_first", "x-n-scale-zero-q", "u16"),
        ("fbgemm", "x-q-n-struct", "i16"),
        ("symmetric_only", "x-q-n-scale-zero-status", "i8"),
        ("back", "q-x-n-scale-zero", "u8"),
        ("back_mlas", "q-x-n-scale-code", "i8"),
        ("requantizes", "acc-q-n-multiplier-zero", "i8"),
        ("to_u4", "x-q-n-scale-zero", "u4"),
    ] {
        let (status, report) = audit(symbol, signature, codes);
        assert_eq!((status, &report["differing"]), (Some(0), &0.into()), "{report:#}");
        assert!(report["cases"].as_u64().unwrap() > 500, "{report:#}");
        assert_eq!(report["verdict"]["finding"]["is_reference"], true, "{report:#}");
    }
}

#[test]
fn kernels_that_differ() {
    for (symbol, signature, codes, text) in [
        ("multiplies", "x-q-n-scale-zero", "u8", "multiplies by 1/S in f32"),
        ("given_the_inverse", "x-q-n-inverse-zero", "u8", "multiplies by 1/S in f32"),
        ("mlas", "x-q-n-scale-code", "i8", "rounds ties away from 0"),
        (
            "to_i4",
            "x-q-n-scale-code",
            "i4",
            "does not use the least signed code; puts the first code into the high half of a byte",
        ),
    ] {
        let (status, report) = audit(symbol, signature, codes);
        assert_eq!(status, Some(1));
        assert_eq!(report["verdict"]["finding"]["text"], text, "{report:#}");
        assert!(report["counterexample"]["call"].as_str().unwrap().starts_with("quantize(&["));
    }
    for symbol in ["writes_too_much", "writes_too_early"] {
        let (status, report) = audit(symbol, "x-q-n-scale-zero", "u8");
        assert_eq!((status, &report["verdict"]["fault"]), (Some(1), &"out-of-bounds".into()));
    }
}

#[test]
fn blocks() {
    let (status, report) = audit_blocks("encode_q8_0", "x-blocks-n", "q8_0");
    assert_eq!(status, Some(1));
    assert_eq!(report["verdict"]["finding"]["text"], "rounds ties to even", "{report:#}");
    assert_eq!(report["codes"], "q8_0");
    let (status, report) = audit_blocks("decode_q8_k", "blocks-x-n", "q8_k");
    assert_eq!((status, &report["differing"]), (Some(0), &0.into()), "{report:#}");
}

#[test]
fn threads() {
    for (threads, status, kind) in [("1", 0, "one"), ("4", 1, "faulty")] {
        let (code, report) =
            audit_with("static_scratch", "x-q-n-scale-zero", &["--threads", threads]);
        assert_eq!((code, &report["verdict"]["kind"]), (Some(status), &kind.into()), "{report:#}");
        assert!(report["pieces"]["differing"] == 0, "{report:#}");
    }
}

#[test]
fn the_text_of_a_report() {
    let library = LIBRARY.to_str().unwrap();
    let arguments =
        ["--library", library, "--symbol", "multiplies", "--signature", "x-q-n-scale-zero"];
    let output = program(&[&arguments[..], &["--seed", "7", "--seconds", "1"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let all = text.lines().find(|line| line.starts_with("all ")).unwrap();
    let [cases, differing] = [1, 2].map(|at| all.split_whitespace().nth(at).unwrap());
    let sentence =
        format!("The kernel differs from the contract in {differing} of {cases} cases: ");
    assert!(text.contains(&sentence) && differing.parse::<u32>().unwrap() > 1000, "{text}");
    assert!(
        text.contains("quantize, u8, seed 7\ncontract: divides by S; ")
            && text.contains("Smallest counterexample: quantize(&["),
        "{text}"
    );
}

#[test]
fn mistakes() {
    let library = LIBRARY.to_str().unwrap();
    for (arguments, message) in [
        (vec!["--library", library], "--library, --symbol and --signature are needed"),
        (
            vec!["--library", "/nowhere.so", "--symbol", "f", "--signature", "x-q-n-struct"],
            "/nowhere.so: cannot be loaded",
        ),
        (vec!["--library", library, "--symbol", "f", "--signature", "x-q-n-struct"], "has no f"),
        (vec!["--signature", "guess"], "possible values"),
        (vec!["--threads", "0"], "0 is not in 1..=64"),
        (
            vec!["--library", library, "--symbol", "encode_q8_0", "--signature", "x-blocks-n"],
            "--format goes with the signatures",
        ),
        (
            vec![
                "--library",
                library,
                "--symbol",
                "back",
                "--signature",
                "q-x-n-scale-zero",
                "--codes",
                "i4",
            ],
            "codes of 4 bits are quantized only",
        ),
    ] {
        let output = program(&arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn the_list() {
    let output = program(&["--list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for word in ["reciprocal", "NaN becomes qmax", "dequantize: ", "requantize: "] {
        assert!(text.contains(word), "{text}");
    }
    // The section of an operation has the rules that occur for one of its types of codes, and no other.
    let (whole, packed) = text.split_once("quantize to 4 bits: ").unwrap();
    let of_half_a_byte = "saturates to 8 bits, and keeps the low 4";
    assert!(!whole.contains(of_half_a_byte) && packed.contains(of_half_a_byte), "{text}");
    let blocks = packed.split("encode blocks: ").nth(1).unwrap();
    assert!(blocks.contains("stores the fifth bits of codes j and j + 16 side by side"), "{text}");
    assert!(text.starts_with("quantize: contracts for i8: 9863, u8: "), "{text}");
}
