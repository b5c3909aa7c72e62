//! What the machine and its user do to a run: signals, files left by others, no threads.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::model::*;
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

fn wait_for(part: &str) {
    let begun = Instant::now();
    while !fs::exists(part).unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{part} is not there");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal once the unfinished file is there, and returns the one that ended the program.
fn end_by(child: &mut Child, signal: &str, part: &str) -> i32 {
    wait_for(part);
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
    for (signal, number) in [("-INT", 2), ("-TERM", 15)] {
        let mut child = start(&[&model, "-o", &out, "--plot", &plot]);
        assert_eq!(end_by(&mut child, signal, &format!("{plot}.zeropoint.part")), number);
        assert_eq!(files(&scratch), ["model.safetensors"]);
    }
    // So does one that writes a folder.
    let mut child = start(&[&scratch.path(""), "-o", &out]);
    let part = format!("{out}/model.safetensors.zeropoint.part");
    assert_eq!(end_by(&mut child, "-TERM", &part), 15);
    assert_eq!(files(&scratch), ["model.safetensors"]);
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next() {
    let scratch = Scratch::new("killed");
    let (model, out) = (big_model(&scratch), scratch.path("out"));
    let part = format!("{out}.zeropoint.part");
    let mut child = start(&[&model, "-o", &out]);
    assert_eq!(end_by(&mut child, "-KILL", &part), 9);
    assert_eq!(files(&scratch), ["model.safetensors", "out.zeropoint.part"]);
    let small = scratch.write("small", &safetensors(&[f32s("w", &[1], &[1.0])], 0));
    succeed(&[&small, "-o", &out]);
    assert_eq!(files(&scratch), ["model.safetensors", "out", "small"]);
}

#[test]
fn two_runs_do_not_write_one_file() {
    let scratch = Scratch::new("two-runs");
    let (model, out) = (big_model(&scratch), scratch.path("out"));
    let part = format!("{out}.zeropoint.part");
    let mut first = start(&[&model, "-o", &out]);
    wait_for(&part);
    let small = scratch.write("small", &safetensors(&[f32s("w", &[1], &[1.0])], 0));
    assert_fails(
        &[&small, "-o", &out],
        1,
        "out.zeropoint.part is being written by another program",
    );
    assert_eq!(end_by(&mut first, "-TERM", &part), 15);
    succeed(&[&small, "-o", &out]);
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
