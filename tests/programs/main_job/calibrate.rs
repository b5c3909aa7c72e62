//! The example `calibrate`.

use std::fs;
use std::process::{Command, Output, Stdio};

use super::model::*;
use crate::program::Scratch;

fn run(argument: &str) -> Output {
    Command::new(calibrate()).arg(argument).output().expect("the example starts")
}

fn assert_refused(argument: &str, says: &str) {
    let output = run(argument);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(output.stdout.is_empty() && message.starts_with("calibrate: "), "{message}");
    assert!(message.contains(says), "{argument} should say {says:?}: {message}");
}

fn raw(x: &[f32]) -> Vec<u8> {
    x.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn every_choice_has_a_line() {
    let scratch = Scratch::new("calibrate");
    let output = run(&scratch.write("raw", &raw(&numbers(1000))));
    assert!(output.status.success() && output.stderr.is_empty());
    let lines = stdout(&output);
    // The names of the columns are for terminals.
    assert_eq!(lines.lines().count(), 4 * 7);
    assert!(lines.lines().all(|line| line.split('\t').count() == 6), "{lines}");
    let help = stdout(&run("--help"));
    assert!(help.contains("little-endian") && help.contains("zero_point"));
}

#[test]
fn what_is_no_raw_data_is_refused() {
    let scratch = Scratch::new("not-raw");
    let model = safetensors(&[f32s("w", &[4], &numbers(4))], 0);
    assert_refused(&scratch.write("model", &model), "a safetensors file, not raw f32");
    let nan = raw(&[1.0, 2.0, f32::NAN]);
    assert_refused(&scratch.write("nan", &nan), "nan: element 2 is NaN");
    assert_refused(&scratch.write("cut", &nan[..7]), "7 bytes are no whole number of f32");
    assert_refused(&scratch.write("empty", b""), "empty");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let scratch = Scratch::new("calibrate-pipe");
    let pipe = scratch.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // The program waits for its input until nobody reads its output.
    let mut command = Command::new(calibrate());
    command.arg(&pipe).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the example starts");
    drop(child.stdout.take());
    fs::write(&pipe, raw(&numbers(100))).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
}
