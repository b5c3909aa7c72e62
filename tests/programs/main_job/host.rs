//! Tests of what the machine and its user do to a run: signals, files left by others, no threads.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::model::*;
use crate::program::Scratch;

/// A model of 2 GB that takes no room on the disk, and seconds to quantize.
fn big_model(scratch: &Scratch) -> String {
    const TENSOR: u64 = 64 << 20;
    let entry = |i: u64| {
        let (from, to) = (i * TENSOR, (i + 1) * TENSOR);
        format!(r#""w{i}":{{"dtype":"F32","shape":[4096,4096],"data_offsets":[{from},{to}]}}"#)
    };
    let header: Vec<String> = (0..32).map(entry).collect();
    let bytes = with_header(&format!("{{{}}}", header.join(",")), &[]);
    let path = scratch.write("model.safetensors", &bytes);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(bytes.len() as u64 + 32 * TENSOR).unwrap();
    path
}

/// Returns the name of the file that the program writes as long as `out` is unfinished.
fn part(child: &Child, out: &str) -> String {
    format!("{out}.{}.zeropoint.part", child.id())
}

/// Waits until the unfinished file is there.
fn wait_for(child: &Child, out: &str) {
    let (begun, part) = (Instant::now(), part(child, out));
    while !fs::exists(&part).unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{part} is not there");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal once the unfinished file is there, and returns the one that ended the program.
fn end_by(child: &mut Child, signal: &str, out: &str) -> i32 {
    wait_for(child, out);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    child.wait().unwrap().signal().expect("ended by the signal, before it was done")
}

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(program());
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the example starts")
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let scratch = Scratch::new("interrupted");
    let model = big_model(&scratch);
    let (out, plot) = (scratch.path("out"), scratch.path("plot"));
    let mut signals = vec![("-INT", 2), ("-TERM", 15)];
    if cfg!(target_os = "linux") {
        signals.push(("-HUP", 1));
    }
    // The program ignores what the tests were started to ignore.
    signals.retain(|(_, number)| !is_ignored("self", *number));
    for (signal, number) in signals {
        let mut child = start(&[&model, "-o", &out, "--plot", &plot]);
        assert_eq!(end_by(&mut child, signal, &plot), number);
        assert_eq!(files(&scratch), ["model.safetensors"]);
    }
    // So does one that writes a folder.
    let mut child = start(&[&scratch.path(""), "-o", &out]);
    assert_eq!(end_by(&mut child, "-TERM", &format!("{out}/model.safetensors")), 15);
    assert_eq!(files(&scratch), ["model.safetensors"]);
}

/// Returns whether a process ignores the signal, as far as the system says.
fn is_ignored(process: &str, number: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() >> (number - 1) & 1 == 1)
}

#[cfg(target_os = "linux")]
#[test]
fn ignored_signals_stay_ignored() {
    let scratch = Scratch::new("nohup");
    let (model, out) = (big_model(&scratch), scratch.path("out"));
    let mut command = Command::new("nohup");
    command.arg(program()).args([&model, "-o", &out]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for(&child, &out);
    std::thread::sleep(Duration::from_millis(50));
    assert!(is_ignored(&child.id().to_string(), 1));
    assert_eq!(end_by(&mut child, "-TERM", &out), 15);
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next() {
    let scratch = Scratch::new("killed");
    let (model, out) = (big_model(&scratch), scratch.path("out"));
    let mut child = start(&[&model, "-o", &out]);
    assert_eq!(end_by(&mut child, "-KILL", &out), 9);
    assert!(fs::exists(part(&child, &out)).unwrap());
    assert_eq!(files(&scratch).len(), 2);
    let small = scratch.write("small", &safetensors(&[f32s("w", &[1], &[1.0])], 0));
    succeed(&[&small, "-o", &out]);
    assert_eq!(files(&scratch), ["model.safetensors", "out", "small"]);
}

#[test]
fn two_runs_do_not_write_one_file() {
    let scratch = Scratch::new("two-runs");
    let (model, out) = (big_model(&scratch), scratch.path("out"));
    let mut first = start(&[&model, "-o", &out]);
    wait_for(&first, &out);
    // It locks its file right after it has made it.
    std::thread::sleep(Duration::from_millis(50));
    let small = scratch.write("small", &safetensors(&[f32s("w", &[1], &[1.0])], 0));
    assert_fails(&[&small, "-o", &out], 1, ".zeropoint.part is being written by another program");
    assert_eq!(end_by(&mut first, "-TERM", &out), 15);
    succeed(&[&small, "-o", &out]);
}

/// Nothing but the output and unfinished files of its own is replaced or removed.
#[test]
fn files_of_others_stay() {
    let scratch = Scratch::new("others");
    let bytes = safetensors(&[f32s("w", &[1], &[1.0])], 0);
    let out = scratch.path("g");
    // The models have names like those of unfinished files.
    for name in ["g.zeropoint.part", "g.1.zeropoint.part"] {
        let model = scratch.write(name, &bytes);
        succeed(&[&model, "-o", &out]);
        assert_eq!(fs::read(&model).unwrap(), bytes);
    }
    fs::remove_file(scratch.path("g.1.zeropoint.part")).unwrap();
    let model = scratch.path("g.zeropoint.part");
    let notes = scratch.write("h.zeropoint.part", b"notes");
    scratch.write("h.x.zeropoint.part", b"notes");
    let pipe = scratch.path("h.2.zeropoint.part");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Only this one is like a file that a killed run leaves.
    scratch.write("h.3.zeropoint.part", b"");
    succeed(&[&model, "-o", &scratch.path("h")]);
    assert_eq!(fs::read(notes).unwrap(), b"notes");
    let left = ["g", "g.zeropoint.part", "h", "h.2.zeropoint.part", "h.x.zeropoint.part"];
    assert_eq!(files(&scratch), [&left[..], &["h.zeropoint.part"]].concat());
}

#[test]
fn the_file_that_is_replaced_gives_its_place_and_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let scratch = Scratch::new("permissions");
    let model = scratch.write("model", &safetensors(&[f32s("w", &[1], &[1.0])], 0));
    let out = scratch.write("out", b"");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    succeed(&[&model, "-o", &out]);
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    // Links are followed, also to a file that is missing.
    symlink("second", scratch.path("first")).unwrap();
    symlink("target", scratch.path("second")).unwrap();
    for _ in 0..2 {
        succeed(&[&model, "-o", &scratch.path("first")]);
        assert!(fs::symlink_metadata(scratch.path("second")).unwrap().is_symlink());
        assert!(fs::symlink_metadata(scratch.path("target")).unwrap().is_file());
    }
    symlink("loop", scratch.path("loop")).unwrap();
    assert_fails(&[&model, "-o", &scratch.path("loop")], 1, "too many links");
}

/// No address space has room for these stacks, so the operating system starts no thread.
#[cfg(all(target_os = "linux", target_pointer_width = "64", feature = "rayon"))]
#[test]
fn who_may_start_no_thread_has_one() {
    let scratch = Scratch::new("no-threads");
    // Long enough to be shared among threads.
    let model =
        scratch.write("model", &safetensors(&[f32s("w", &[1500, 2000], &numbers(3_000_000))], 0));
    let (out, alone) = (scratch.path("out"), scratch.path("alone"));
    succeed(&[&model, "-o", &out]);
    let output = std::process::Command::new(program())
        .args([&model, "-o", &alone])
        .env("RUST_MIN_STACK", (1_u64 << 46).to_string())
        .output()
        .expect("the example starts");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && message.is_empty(), "{message}");
    let table = stdout(&output);
    assert!(table.contains(", 1 thread: no other can be started ("), "{table}");
    assert_eq!(fs::read(&out).unwrap(), fs::read(&alone).unwrap());
}
