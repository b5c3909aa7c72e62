//! Every file of the corpora, once, by whatever compiler there is and without libFuzzer.

use std::fs;
use std::path::{Path, PathBuf};

use crate::seeds;

/// The seeds of a target, for a test of the crate above, or of this package.
fn folder(target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fuzz = if root.join("fuzz_targets").is_dir() { root.to_owned() } else { root.join("fuzz") };
    fuzz.join("seeds").join(target)
}

pub(crate) fn seed(target: &str, name: &str) -> Vec<u8> {
    fs::read(folder(target).join(name)).expect("a seed can be read")
}

fn replay(target: &str, seeds: Vec<(String, Vec<u8>)>, run: fn(&[u8])) {
    let corpus = folder(target);
    if std::env::var_os("ZEROPOINT_BLESS").is_some() {
        fs::create_dir_all(&corpus).expect("a directory can be made");
        for (name, bytes) in &seeds {
            fs::write(corpus.join(name), bytes).expect("a seed can be written");
        }
    }
    let mut files: Vec<_> = fs::read_dir(&corpus)
        .unwrap_or_else(|e| panic!("{}: {e}", corpus.display()))
        .map(|file| file.expect("a directory can be read").path())
        .collect();
    files.sort();
    assert!(files.len() >= seeds.len(), "{target}: {} seeds", files.len());
    for file in files {
        let bytes = fs::read(&file).expect("a seed can be read");
        // The test harness shows this where the run panics.
        println!("{}", file.display());
        run(&bytes);
    }
}

#[test]
fn capi() {
    replay("capi", seeds::capi(), crate::capi);
}

#[test]
fn blocks() {
    replay("blocks", seeds::blocks(), crate::blocks);
}

#[test]
fn observers() {
    replay("observers", seeds::observers(), crate::observers);
}

#[test]
fn packed() {
    replay("packed", seeds::packed(), crate::packed);
}

#[test]
fn differential() {
    replay("differential", seeds::differential(), crate::differential);
}

#[test]
fn safetensors() {
    replay("safetensors", seeds::safetensors(), crate::safetensors);
}
