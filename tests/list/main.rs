//! The list of what is measured, as a test: every operation on all of its types, and every backend's
//! output beside the scalar one's.
#![cfg(feature = "rayon")]

#[path = "../../benches/cases/mod.rs"]
#[expect(dead_code, unused_imports, reason = "nothing is timed here")]
mod cases;
mod rivals;

/// Around the steps of all instruction sets, rows and blocks of several kinds among them.
const LENGTHS: [usize; 24] = [
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    17,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    129,
    192,
    255,
    513,
    700,
    4096 + 77,
    3 * 4096,
    8 * 4096 + 64,
];

/// What is left of them where an emulator makes everything slow.
const FEW_LENGTHS: [usize; 5] = [1, 33, 65, 129, 700];

/// Enough for threads in a pool.
const SHARED: usize = 520 * 1024;

/// Returns whether everything is tried: `ZEROPOINT_TEST_EFFORT` is absent, or at least 100.
fn is_whole() -> bool {
    std::env::var("ZEROPOINT_TEST_EFFORT")
        .map_or(true, |effort| effort.parse::<f64>().is_ok_and(|percent| percent >= 100.0))
}

fn check(lengths: &[usize]) {
    for case in cases::all() {
        for len in lengths {
            if let Err(wrong) = case.prepare(*len).check() {
                panic!("{}: {wrong}", case.id());
            }
        }
    }
}

#[test]
fn every_backend_gives_the_scalar_bits() {
    check(if is_whole() { &LENGTHS } else { &FEW_LENGTHS });
}

#[test]
fn threads_give_the_scalar_bits() {
    if !is_whole() {
        return;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    pool.install(|| check(&[SHARED + 4096]));
}
