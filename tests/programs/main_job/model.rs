//! The program, and what it reads and writes.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Once;

use safetensors::Dtype;
use safetensors::tensor::{SafeTensors, TensorView};
use serde_json::{Map, Value, json};

use crate::program::{self, Scratch};

pub(crate) fn program() -> PathBuf {
    static BUILD: Once = Once::new();
    BUILD.call_once(|| build("quantize_model"));
    program::example("quantize_model")
}

#[cfg(feature = "alloc")]
pub(crate) fn calibrate() -> PathBuf {
    static BUILD: Once = Once::new();
    BUILD.call_once(|| build("calibrate"));
    program::example("calibrate")
}

/// Builds an example if it is missing: `cargo test --test programs` does not. It is built as a plain `cargo test` does, where that can be told from the path of the test.
fn build(example: &str) {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("a test lies in target/PROFILE/deps");
    let program = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    let target = profile.parent().expect("a test lies in target/PROFILE/deps");
    // In a test compiled for another machine, PROFILE is in a directory of that machine's.
    let native = target.join("CACHEDIR.TAG").exists();
    if profile.join("examples").join(program).is_file() || !native {
        return;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["build", "--quiet", "--example", example, "--target-dir"]).arg(target);
    match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") => cargo.args(["--profile", "test"]),
        Some("release") => cargo.args(["--profile", "bench"]),
        _ => return,
    };
    let on = [
        ("std", cfg!(feature = "std")),
        ("rayon", cfg!(feature = "rayon")),
        ("half", cfg!(feature = "half")),
        ("serde", cfg!(feature = "serde")),
        ("alloc", cfg!(feature = "alloc")),
        ("capi", cfg!(feature = "capi")),
        ("ggml", cfg!(feature = "ggml")),
    ];
    let features: Vec<&str> = on.into_iter().filter(|f| f.1).map(|f| f.0).collect();
    if !(cfg!(feature = "std") && cfg!(feature = "rayon")) {
        cargo.arg("--no-default-features");
    }
    cargo.args(["--features", &features.join(",")]);
    // If it fails, cargo has said why, and the tests say what is missing.
    let _ = cargo.status();
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().expect("the example starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the table is UTF-8")
}

/// Asserts the exit status, silence on standard output, and one line on standard error.
pub(crate) fn assert_fails(arguments: &[&str], status: i32, says: &str) {
    let output = run(arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed {}", stdout(&output));
    assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
    assert!(message.starts_with("quantize_model: "), "{message}");
    assert!(message.contains(says), "{arguments:?} should say {says:?}: {message}");
}

/// The names of what it holds.
pub(crate) fn files(scratch: &Scratch) -> Vec<String> {
    names_in(&scratch.path(""))
}

pub(crate) fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the directory is there");
    let name = |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

pub(crate) type Entry<'a> = (&'a str, &'a str, Vec<usize>, Vec<u8>);

pub(crate) fn f32s<'a>(name: &'a str, shape: &[usize], values: &[f32]) -> Entry<'a> {
    (name, "F32", shape.to_vec(), values.iter().flat_map(|x| x.to_le_bytes()).collect())
}

/// A safetensors file. The format lets the header have any length, so the data may begin anywhere:
/// `shift` is that beginning modulo 8.
pub(crate) fn safetensors(entries: &[Entry], shift: usize) -> Vec<u8> {
    with_metadata(Value::Null, entries, shift)
}

/// The same, with what the header says of the whole file, if it says anything.
pub(crate) fn with_metadata(metadata: Value, entries: &[Entry], shift: usize) -> Vec<u8> {
    let mut header = Map::new();
    if !metadata.is_null() {
        header.insert("__metadata__".into(), metadata);
    }
    let mut data = Vec::new();
    for (name, dtype, shape, bytes) in entries {
        let start = data.len();
        data.extend_from_slice(bytes);
        let info = json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, data.len()] });
        header.insert((*name).into(), info);
    }
    let mut header = Value::Object(header).to_string();
    while header.len() % 8 != shift {
        header.push(' ');
    }
    with_header(&header, &data)
}

pub(crate) fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// The contents of a file: the metadata, and the tensors by name.
pub(crate) struct File {
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
    /// The bytes behind the header.
    pub(crate) data: usize,
}

pub(crate) fn read(path: &str) -> File {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let (header, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap().tensors().into_iter();
    let tensor = |t: TensorView| (t.dtype(), t.shape().to_vec(), t.data().to_vec());
    File {
        metadata: metadata.metadata().clone().unwrap_or_default(),
        tensors: tensors.map(|(name, view)| (name, tensor(view))).collect(),
        data: bytes.len() - 8 - header,
    }
}

/// Asserts success, and returns the table.
pub(crate) fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {message}");
    assert!(message.is_empty(), "{arguments:?}: {message}");
    stdout(&output)
}

/// Numbers in -1.3 ..= 1.9 without a pattern.
pub(crate) fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 7919 % 10_007) as f32 / 10_007.0 * 3.2 - 1.3).collect()
}

/// The line of the table that begins with a tensor's name.
pub(crate) fn row<'a>(table: &'a str, name: &str) -> Vec<&'a str> {
    let is_it = |line: &&str| line.split_whitespace().next() == Some(name);
    let line = table.lines().find(is_it).unwrap_or_else(|| panic!("no row of {name} in:\n{table}"));
    line.split_whitespace().collect()
}

/// The values of an attribute in all elements that begin so.
pub(crate) fn attributes<'a>(svg: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let value = |element: &'a str| element.split_once(&start)?.1.split('"').next();
    svg.split(element).skip(1).filter_map(value).collect()
}

pub(crate) fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// The height of the middle of a polygon.
pub(crate) fn middle(corners: &str) -> f64 {
    let y: Vec<f64> =
        corners.split_whitespace().map(|at| number(at.split(',').nth(1).unwrap())).collect();
    y.iter().sum::<f64>() / y.len() as f64
}
