//! The examples `quantize_model` and `calibrate` as their user meets them: what they print and write, how
//! they fail.

#[cfg(feature = "alloc")]
mod calibrate;
mod choices;
mod files;
#[cfg(feature = "ggml")]
mod formats;
#[cfg(feature = "ggml")]
mod gguf;
#[cfg(unix)]
mod host;
mod model;
mod odd;
mod skipped;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::Scratch;
use model::*;
use safetensors::tensor::{Dtype, SafeTensors};
use zeropoint::{Code, QParams, Range, Scheme};

/// A model with every kind of tensor: good ones, one of another type, and three without a range.
fn mixed_model(shift: usize) -> Vec<u8> {
    let entries = [
        f32s("layer.weight", &[30, 41], &numbers(1230)),
        f32s("layer.bias", &[3], &[0.5, -0.25, 0.125]),
        ("half", "F16", vec![2], vec![0, 60, 0, 188]),
        ("integer", "I32", vec![1], vec![1, 2, 3, 4]),
        f32s("nothing", &[0, 4], &[]),
        f32s("broken", &[4], &[1.0, 2.0, f32::NAN, f32::INFINITY]),
        f32s("zeros", &[2, 2], &[0.0; 4]),
        f32s("one", &[], &[-3.5]),
    ];
    safetensors(&entries, shift)
}

#[test]
fn wrong_command_lines_are_refused() {
    assert_fails(&["--frobnicate"], 2, "unknown option '--frobnicate'");
    assert_fails(&["-x"], 2, "unknown option '-x'");
    assert_fails(&["--help=yes"], 2, "unknown option '--help=yes'");
    assert_fails(&["--against", "pytorch"], 2, "--manifest-path audit/Cargo.toml -- model MODEL");
    assert_fails(&["-o"], 2, "-o needs a value");
    assert_fails(&["--plot="], 2, "--plot needs a value");
    assert_fails(&["--plot", "a", "--plot=b"], 2, "--plot is given twice");
    assert_fails(&["-o", "a", "--write", "both"], 2, "not 'both'");
    assert_fails(&["--write", "symmetric"], 2, "--write means nothing");
    assert_fails(&["-o", "a", "--plot", "a"], 2, "the same file");
    assert_fails(&[""], 2, "empty");
    for (option, wrong, takes) in [
        ("--scheme", "both", "takes asymmetric or symmetric, not 'both'"),
        ("--scheme", "asymmetric,", "not ''"),
        ("--bits", "3", "takes 8, 4 or 2, not '3'"),
        ("--bits", "8,16", "not '16'"),
        ("--bits", "4,4", "--bits has 4 twice"),
        ("--granularity", "row", "takes tensor, channel or block:N with N from 1, not 'row'"),
        ("--granularity", "block", "not 'block'"),
        ("--granularity", "block:", "not 'block:'"),
        ("--granularity", "block:0", "not 'block:0'"),
        ("--granularity", "block:+8", "not 'block:+8'"),
        ("--granularity", "block:99999999999999999999", "not 'block:9"),
        ("--granularity", "block:8,channel,block:08", "--granularity has block:08 twice"),
    ] {
        assert_fails(&[option, wrong], 2, takes);
    }
    assert_fails(&["--bits"], 2, "--bits needs a value");
    assert_fails(&["--bits", "4", "--bits=4"], 2, "--bits has 4 twice");
    assert_fails(&["-o", "a", "--bits", "8,4"], 2, "--output takes one of --bits");
    assert_fails(&["-o", "a", "--granularity", "tensor,channel"], 2, "--output takes one of");
    let other = ["-o", "a", "--write", "symmetric", "--scheme", "asymmetric"];
    assert_fails(&other, 2, "--write symmetric is not among --scheme");
}

/// The blocks are a feature of the crate.
#[cfg(not(feature = "ggml"))]
#[test]
fn formats_need_their_feature() {
    let needed = "needs the feature ggml: cargo run --release --features ggml";
    assert_fails(&["--format", "q8_0"], 2, needed);
    let scratch = Scratch::new("no-feature");
    assert_fails(&[&scratch.write("model", b"GGUF")], 1, needed);
}

#[test]
fn help_is_printed() {
    for option in ["-h", "--help"] {
        let output = run(&[option]);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(stdout(&output).contains("usage: quantize_model"));
    }
}

#[test]
fn files_that_are_no_models_are_refused() {
    let scratch = Scratch::new("no-models");
    assert_fails(&[&scratch.path("missing")], 1, "missing: ");
    assert_fails(&["--", "--missing"], 1, "--missing: ");
    assert_fails(&[&scratch.path("")], 1, "is a directory");
    assert_fails(&[&scratch.write("empty", b"")], 1, "not a safetensors file");
    let garbage: Vec<u8> = (0..4096_u32).map(|i| (i * 167 + i / 7) as u8).collect();
    assert_fails(&[&scratch.write("garbage", &garbage)], 1, "not a safetensors file");
    let text = b"\x10\0\0\0\0\0\0\0no JSON in here!";
    assert_fails(&[&scratch.write("text", text)], 1, "not a safetensors file");

    let model = mixed_model(0);
    assert_fails(&[&scratch.write("cut-length", &model[..5])], 1, "cut short");
    assert_fails(&[&scratch.write("cut-header", &model[..60])], 1, "cut short");
    assert_fails(&[&scratch.write("cut-data", &model[..model.len() - 1])], 1, "damaged");
    let overlapping = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#;
    let mut file = (overlapping.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(overlapping);
    file.extend([0; 4]);
    assert_fails(&[&scratch.write("wrong-shape", &file)], 1, "damaged");
}

#[test]
fn a_model_that_is_made_up_leads_to_ones_own() {
    let scratch = Scratch::new("next");
    let model = scratch.write("model", &mixed_model(0));
    let (made_up, own) = (run(&["--scheme", "symmetric"]), run(&[&model]));
    assert!(made_up.status.success() && own.status.success());
    assert!(stdout(&made_up).trim_end().lines().last().unwrap().contains("MODEL.safetensors"));
    assert!(!stdout(&own).contains("MODEL.safetensors"));
}

#[test]
fn every_tensor_has_its_row() {
    let scratch = Scratch::new("rows");
    let x = numbers(1230);
    let range = Range::of(&x).unwrap();
    let asymmetric: QParams<f32, u8> = Scheme::asymmetric().params(range).unwrap();
    let symmetric: QParams<f32, i8> = Scheme::symmetric().params(range).unwrap();
    let mut expected = vec!["layer.weight".to_string(), "30×41".to_string()];
    expected.extend(columns(&x, &asymmetric));
    expected.extend(columns(&x, &symmetric));

    // The data begins at a multiple of 4 or not: the numbers are the same.
    for shift in [0, 1, 2, 4, 7] {
        let output = run(&[&scratch.write("model", &mixed_model(shift))]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "no progress bar where there is no terminal");
        let table = stdout(&output);
        assert_eq!(row(&table, "layer.weight"), expected);
        assert_eq!(row(&table, "half")[1..4], ["2", "7.8431e-3", "127"]);
        assert_eq!(row(&table, "integer")[1..4], ["1", "skipped:", "I32,"]);
        assert_eq!(row(&table, "nothing")[1..4], ["0×4", "refused:", "empty"]);
        assert_eq!(
            row(&table, "broken")[1..],
            "4 refused: NaN or infinity at element 2".split(' ').collect::<Vec<_>>()
        );
        let zeros = row(&table, "zeros");
        assert_eq!(zeros[2..6], ["1.0000e0", "0", "0", "-"]);
        assert_eq!(row(&table, "one")[1], "scalar");
        assert!(table.contains("5 quantized, 1 skipped, 2 refused"), "{table}");
        assert!(table.contains("1,240 quantized"), "{table}");
    }
}

/// Scale, zero point, MSE and SQNR as the table has them.
fn columns<Q: Code>(x: &[f32], p: &QParams<f32, Q>) -> [String; 4] {
    let error = zeropoint::quantization_error(x, p).unwrap();
    [
        format!("{:.4e}", p.scale()),
        p.zero_point().to_string(),
        format!("{:.2e}", error.mse()),
        format!("{:.2}", error.sqnr_db()),
    ]
}

fn scalar<const N: usize>(file: &SafeTensors, name: &str, dtype: Dtype) -> [u8; N] {
    let view = file.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!((view.dtype(), view.shape()), (dtype, &[][..]), "{name}");
    view.data().try_into().unwrap()
}

/// What an output file says that a tensor was.
fn decode(file: &SafeTensors, name: &str) -> Vec<f32> {
    let scale = f32::from_le_bytes(scalar(file, &format!("{name}.scale"), Dtype::F32));
    let codes = file.tensor(name).unwrap();
    let signed = codes.dtype() == Dtype::I8;
    let [zero_point] = match signed {
        true => [0],
        false => scalar(file, &format!("{name}.zero_point"), Dtype::U8).map(i32::from),
    };
    let code = |&q: &u8| if signed { i32::from(q as i8) } else { i32::from(q) };
    codes.data().iter().map(|q| (code(q) - zero_point) as f32 * scale).collect()
}

#[test]
fn the_output_dequantizes_to_the_model() {
    let scratch = Scratch::new("output");
    let model = scratch.write("model", &mixed_model(1));
    let out = scratch.path("out");
    let x = numbers(1230);
    for (scheme, dtype) in [("asymmetric", Dtype::U8), ("symmetric", Dtype::I8)] {
        let output = run(&[&model, "-o", &out, "--write", scheme]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = fs::read(&out).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(header.metadata().as_ref().unwrap()["zeropoint.scheme"], scheme);
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.len(), 8 + 5 * if scheme == "asymmetric" { 2 } else { 1 });
        let codes = file.tensor("layer.weight").unwrap();
        assert_eq!((codes.dtype(), codes.shape()), (dtype, &[30, 41][..]));

        // Half a step, and the rounding of a division and a product.
        let y = decode(&file, "layer.weight");
        let scale = f32::from_le_bytes(scalar(&file, "layer.weight.scale", Dtype::F32));
        let far = x.iter().zip(&y).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
        assert!(far <= 0.5001 * scale && far > 0.4 * scale, "{far} with a step of {scale}");
        // The table's error is that of these codes.
        let e = |(x, y): (&f32, &f32)| (f64::from(*x) - f64::from(*y)).powi(2);
        let mse = x.iter().zip(&y).map(e).sum::<f64>() / 1230.0;
        let column = if scheme == "asymmetric" { 4 } else { 8 };
        assert_eq!(row(&stdout(&output), "layer.weight")[column], format!("{mse:.2e}"));
        assert_eq!(decode(&file, "zeros"), [0.0; 4]);

        // What was not quantized is as it was.
        assert_eq!(file.tensor("integer").unwrap().data(), [1, 2, 3, 4]);
        assert_eq!(file.tensor("nothing").unwrap().shape(), [0, 4]);
        assert_eq!(file.tensor("broken").unwrap().data()[..4], 1.0_f32.to_le_bytes());
        assert!(file.tensor("broken.scale").is_err());

        // The same model gives the same file.
        run(&[&model, "-o", &out, "--write", scheme]);
        assert_eq!(fs::read(&out).unwrap(), bytes);
    }
    assert_eq!(files(&scratch), ["model", "out"]);
}

#[test]
fn outputs_that_cannot_be_written_leave_nothing() {
    let scratch = Scratch::new("no-output");
    let model = scratch.write("model", &mixed_model(0));
    let nowhere = Path::new("missing").join("out");
    let nowhere = scratch.path(nowhere.to_str().unwrap());
    for option in ["-o", "--plot"] {
        assert_fails(&[&model, option, &nowhere], 1, "cannot write");
        assert_fails(&[&model, option, &scratch.path("")], 1, "is a directory");
        assert_fails(&[&model, option, &model], 1, "is the model that is read");
    }
    let (one, other) = (scratch.path("both"), scratch.path("./both"));
    assert_fails(&[&model, "-o", &one, "--plot", &other], 2, "name the same file");
    assert_eq!(files(&scratch), ["model"]);
}

#[test]
fn the_plot_is_a_picture() {
    let scratch = Scratch::new("plot");
    let (model, picture) = (scratch.write("model", &mixed_model(0)), scratch.path("error.svg"));
    let output = run(&[&model, "--plot", &picture]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let svg = fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    for text in ["layer.weight", "layer.bias", "asymmetric, u8", "symmetric, i8", "SQNR in dB"] {
        assert!(svg.contains(text), "{text} is not in the picture");
    }
    // After the legend's, a mark for each tensor that has an error: not `zeros`, nor `one`, whose
    // code is exact.
    let circles: Vec<f64> = attributes(&svg, "<circle", "cy").iter().map(|y| number(y)).collect();
    let triangles = attributes(&svg, "<polygon", "points");
    let triangles: Vec<f64> = triangles.iter().map(|corners| middle(corners)).collect();
    // `half` is exact in symmetric codes.
    assert_eq!((circles.len(), triangles.len()), (4, 3));
    // Two marks give the axis, the other two must fit it (they stand on whole pixels).
    let table = stdout(&output);
    let decibels =
        |column: usize| ["layer.weight", "layer.bias"].map(|t| number(row(&table, t)[column]));
    let (asymmetric, symmetric) = (decibels(5), decibels(9));
    let slope = (circles[2] - circles[1]) / (asymmetric[1] - asymmetric[0]);
    for (y, db) in triangles[1..3].iter().zip(symmetric) {
        let expected = circles[1] + slope * (db - asymmetric[0]);
        assert!((y - expected).abs() <= 2.5, "{db} dB drawn at {y}, not at {expected}");
    }
    assert!((triangles[1] - circles[1]).abs() > 5.0, "the two schemes are told apart");
    assert_eq!(files(&scratch), ["error.svg", "model"]);
}

// Without `std` the environment is not read.
#[cfg(feature = "std")]
#[test]
fn a_wrong_backend_is_refused() {
    let mut command = Command::new(program());
    let output = command.env("ZEROPOINT_BACKEND", "abacus").output().expect("the example starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("abacus"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let scratch = Scratch::new("pipe");
    let names: Vec<String> = (0..3000).map(|i| format!("tensor.{i}")).collect();
    let mut entries: Vec<Entry> = names.iter().map(|name| f32s(name, &[1], &[1.5])).collect();
    // A line about this one comes before the work.
    entries.push(("integer", "I32", vec![1], vec![0; 4]));
    let model = scratch.write("model", &safetensors(&entries, 0));
    let out = scratch.path("out");
    let mut child = Command::new(program())
        .args([&model, "-o", &out])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the example starts");
    // The table is longer than a pipe holds, so the program meets the closed end.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(read(&out).tensors.len(), 3000 * 3 + 1);
}
