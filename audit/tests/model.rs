//! The program's comparison of contracts on a model.

use std::path::PathBuf;
use std::process::{Command, Output};

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize_to_file};
use zeropoint_audit::{Affine, KNOWN, Known, Quantize};

/// Runs `model` on a file with these tensors.
fn model(file: &str, tensors: &[(&str, Dtype, &[usize], Vec<u8>)], arguments: &[&str]) -> Output {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (*name, TensorView::new(*dtype, shape.to_vec(), bytes).unwrap())
    });
    serialize_to_file(views, None, &path).unwrap();
    program(&[&["model", path.to_str().unwrap()], arguments].concat())
}

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zeropoint-audit")).args(arguments).output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

fn bytes(x: &[f32]) -> Vec<u8> {
    x.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// candle's contract is for symmetric and signed codes.
const CANDLE: [&str; 6] = ["--against", "candle", "--scheme", "symmetric", "--codes", "i8"];

/// Numbers of which 127 is the greatest, so that the scale of symmetric `i8` is 1. There are 127 ties.
fn halves() -> Vec<f32> {
    (0..=254).map(|k| k as f32 / 2.0).collect()
}

#[test]
fn ties_differ_by_tensor() {
    let (ties, whole) = (halves(), (0..=127).map(|k| k as f32).collect::<Vec<_>>());
    let integers = vec![0; 4];
    let tensors = [
        ("ties", Dtype::F32, &[255][..], bytes(&ties)),
        ("whole", Dtype::F32, &[8, 16], bytes(&whole)),
        ("integers", Dtype::U8, &[4], integers),
        ("nan", Dtype::F32, &[2], bytes(&[1.0, f32::NAN])),
    ];
    let output = model("ties.safetensors", &tensors, &[&CANDLE[..], &["--json"]].concat());
    let found = json(&output);
    assert_eq!(output.status.code(), Some(1));
    // Half of the ties, k + 1/2 for even k, become k under one rule and k + 1 under the other.
    let rows = &found["tensors"];
    assert_eq!((&rows[0]["name"], &rows[0]["differing"]), (&"ties".into(), &64.into()));
    assert_eq!((&rows[1]["name"], &rows[1]["differing"]), (&"whole".into(), &0.into()));
    assert_eq!(rows[0]["greatest"], 1);
    // 127 numbers are half a step from their code, whichever it is.
    assert_eq!(rows[0]["squared_errors"], serde_json::json!([31.75, 31.75]));
    assert_eq!((&found["all"]["elements"], &found["all"]["differing"]), (&383.into(), &64.into()));
    let skipped: Vec<_> = found["skipped"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert_eq!(skipped, ["integers", "nan"]);
    assert!(found["skipped"][1]["why"].as_str().unwrap().contains("NaN"), "{found:#}");

    let table = model("ties.safetensors", &tensors, &CANDLE);
    let text = String::from_utf8(table.stdout).unwrap();
    let all: Vec<_> =
        text.lines().find(|l| l.starts_with("all ")).unwrap().split_whitespace().collect();
    assert_eq!(all[..4], ["all", "383", "64", "16.7102"], "{text}");
    assert!(text.contains("skipped integers: U8, not F32, F16 or BF16"), "{text}");
}

/// One scale for two rows hides the ties of the first row but 32 and 96, of which 96 becomes 2 either way; a scale for each shows them. Halves of 16 bits are exact.
#[test]
fn channels_and_halves() {
    let mut x = halves();
    x.push(0.0);
    x.extend([127.0 * 64.0; 256]);
    let half = |x: &f32| half::f16::from_f32(*x).to_le_bytes();
    let tensors = [("w", Dtype::F16, &[2, 256][..], x.iter().flat_map(half).collect())];
    for (granularity, differing) in [("channel", 64), ("tensor", 1)] {
        let output = model(
            &format!("{granularity}.safetensors"),
            &tensors,
            &[&CANDLE[..], &["--granularity", granularity, "--json"]].concat(),
        );
        assert_eq!(json(&output)["all"]["differing"], differing);
    }
}

#[test]
fn the_contract_itself_differs_in_nothing() {
    let tensors = [("x", Dtype::F32, &[255][..], bytes(&halves()))];
    let output =
        model("same.safetensors", &tensors, &["--against", "onnxruntime", "--codes", "i8"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn mistakes() {
    let names: Vec<_> = KNOWN.iter().map(|known| known.name).collect();
    let unknown = program(&["model", "x.safetensors", "--against", "nobody"]);
    let error = String::from_utf8(unknown.stderr).unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(error.contains(&names.join(", ")), "{error}");
    let help = String::from_utf8(program(&["model", "--help"]).stdout).unwrap();
    assert!(names.iter().all(|name| help.contains(&format!("- {name}:"))), "{help}");

    let missing = program(&["model", "/nowhere.safetensors", "--against", "pytorch"]);
    let error = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(error.starts_with("/nowhere.safetensors: "), "{error}");
    let gguf = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("model.gguf");
    std::fs::write(&gguf, [&b"GGUF"[..], &[3; 60]].concat()).unwrap();
    for (path, what) in [(&*gguf, "GGUF file"), (gguf.parent().unwrap(), "directory")] {
        let other = program(&["model", path.to_str().unwrap(), "--against", "pytorch"]);
        let error = String::from_utf8(other.stderr).unwrap();
        let path = path.display();
        assert_eq!(other.status.code(), Some(2));
        assert_eq!(error, format!("{path}: is a {what}; this program reads .safetensors files\n"));
    }
    let none =
        model("none.safetensors", &[("n", Dtype::U8, &[1], vec![1])], &["--against", "rten"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("no tensor can be compared (n: U8"));
}

/// A contract for zero point 0 says nothing about asymmetric or unsigned codes.
#[test]
fn a_contract_without_a_zero_point_is_for_symmetric_signed_codes() {
    let tensors = [("x", Dtype::F32, &[255][..], bytes(&halves()))];
    for (scheme, codes) in [("asymmetric", "i8"), ("symmetric", "u8"), ("asymmetric", "u16")] {
        let arguments = ["--against", "candle", "--scheme", scheme, "--codes", codes];
        let output = model(&format!("{scheme}-{codes}.safetensors"), &tensors, &arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        let start = "--against candle needs --scheme symmetric and signed codes";
        assert!(error.starts_with(start), "{error}");
    }
    for codes in ["i4", "u4"] {
        let output =
            model("of-4-bits.safetensors", &tensors, &["--against", "pytorch", "--codes", codes]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("models are compared in codes of 8 and 16 bits"), "{error}");
    }
}

/// Every name of the list has the results that were seen in its library.
#[test]
fn known_contracts_quantize() {
    let p = Affine { scale: 1.0, zero_point: 1 };
    let x = [0.5, 1.5, 1e30, -1e30, f32::NAN];
    for (name, expected) in [
        ("onnxruntime", [1, 3, 255, 0, 0]),
        ("pytorch", [1, 3, 0, 0, 0]),
        ("xnnpack", [1, 3, 255, 0, 255]),
        ("rten", [1, 3, 0, 0, 0]),
        ("tract", [1, 3, 0, 0, 1]),
        ("candle", [2, 3, 255, 0, 0]),
        ("numpy-round-last", [2, 2, 255, 0, 0]),
    ] {
        let mut codes = [0_u8; 5];
        Known::named(name).unwrap().contract.quantize(p, &x, &mut codes).unwrap();
        assert_eq!(codes, expected, "{name}");
    }
    let wrong = Quantize::REFERENCE.quantize(p, &x, &mut [0_u8; 4]);
    assert_eq!(wrong, Err("x has 5 numbers, dst has 4 codes".into()));
}
