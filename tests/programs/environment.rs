//! `ZEROPOINT_BACKEND`: read once in a process, so every value is tried in a process of its own,
//! this program started again.

use std::process::Command;

use zeropoint::{Auto, Backend, Error, QParams, Scheme};

const BACKEND: &str = "ZEROPOINT_BACKEND";
/// Tells this program that it is the second one.
const AGAIN: &str = "ZEROPOINT_TEST_AGAIN";
/// Every name that is known, whether or not this CPU has it.
const KNOWN: [&str; 5] = ["scalar", "portable", "avx2", "avx512", "neon"];
/// What the second program says when it is through.
const DONE: &str = "the environment was obeyed";

/// This program again; under the emulator that cargo runs tests by, if it does.
fn again() -> Command {
    let program = std::env::current_exe().unwrap();
    let target = zeropoint::version().split(['(', ')']).nth(1).unwrap();
    let target = target.to_uppercase().replace('-', "_");
    let runner = std::env::var(format!("CARGO_TARGET_{target}_RUNNER")).unwrap_or_default();
    let mut words = runner.split_whitespace();
    let mut command = match words.next() {
        None => Command::new(program),
        Some(runner) => {
            let mut command = Command::new(runner);
            command.args(words).arg(program);
            command
        }
    };
    command.args(["--exact", "--nocapture", "environment::second_program"]).env(AGAIN, "1");
    command
}

#[track_caller]
fn assert_obeyed(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains(DONE),
        "{command:?}\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_known_name_is_taken_or_refused() {
    for name in KNOWN {
        assert_obeyed(again().env(BACKEND, name));
    }
}

#[test]
fn unknown_names_are_refused() {
    for name in ["sse9", "", "AVX2", "avx2 ", "auto"] {
        assert_obeyed(again().env(BACKEND, name));
    }
}

#[test]
fn without_a_name_the_best_is_taken() {
    assert_obeyed(again().env_remove(BACKEND));
}

/// The second program's part: what the environment asks for against what is had.
#[test]
fn second_program() {
    if std::env::var_os(AGAIN).is_none() {
        return;
    }
    let available: Vec<_> = Auto::available().map(|backend| backend.name()).collect();
    match std::env::var(BACKEND).ok() {
        None => {
            assert_eq!(Auto::detect(), Ok(Auto::best()));
            assert_eq!(Auto::best().name(), *available.last().unwrap());
            assert_works();
        }
        Some(name) if available.contains(&name.as_str()) => {
            assert_eq!(Auto::detect().unwrap().name(), name);
            assert_works();
        }
        Some(name) => {
            let error = Auto::detect().unwrap_err();
            if KNOWN.contains(&name.as_str()) {
                assert!(matches!(error, Error::UnavailableBackend { name: n, .. } if n == name));
            } else {
                assert!(matches!(error, Error::UnknownBackend { name: n, .. } if n == name));
            }
            assert!(error.to_string().contains(&format!("{BACKEND}={name:?}")), "{error}");
            assert_refuses(error);
        }
    }
    // No backend changes these bits, so this one never fails.
    let seen = zeropoint::min_max(&[2.0_f32, -1.0]);
    assert_eq!((seen.min, seen.max), (-1.0, 2.0));
    println!("{DONE}");
}

fn assert_works() {
    let p = QParams::<f32, u8>::new(0.5, 10).unwrap();
    let mut q = [0; 2];
    assert_eq!(zeropoint::quantize(&[1.0_f32, -1.0], &p, &mut q), Ok(()));
    assert_eq!(q, [12, 8]);
    assert_eq!(zeropoint::abs_max(&[1.0_f32, -2.0]), Ok(2.0));
}

fn assert_refuses(error: Error) {
    let p = QParams::<f32, u8>::new(0.5, 10).unwrap();
    let (x, mut q, mut x_hat) = ([1.0_f32, -1.0], [77_u8; 2], [7.0_f32; 2]);
    assert_eq!(zeropoint::quantize(&x, &p, &mut q), Err(error));
    assert_eq!(zeropoint::dequantize(&q, &p, &mut x_hat), Err(error));
    let dynamic = zeropoint::quantize_dynamic::<f32, u8, _>(&x, Scheme::asymmetric(), &mut q);
    assert_eq!(dynamic.unwrap_err(), error);
    assert_eq!(zeropoint::quantization_error(&x, &p).unwrap_err(), error);
    assert_eq!(zeropoint::abs_max(&x), Err(error));
    assert_eq!((q, x_hat), ([77; 2], [7.0; 2]), "written in spite of the error");
}
