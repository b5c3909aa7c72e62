//! Shows that quantizing by the reciprocal returns the codes of the division, for every scale of `f32`
//! and of `f64` data, and for codes of 8 and of 16 bits.
//!
//! ```text
//! cargo run --release --example prove_exact              # everything: minutes
//! cargo run --release --example prove_exact -- --quick   # every 1021st f32 scale: seconds
//! ```
//!
//! What is checked are the crate's own kernels, called as a user calls them, on every backend of
//! this CPU. Why it is enough to look at the scales from 1 to 2, and near each threshold between two
//! codes, is said in `src/kernel/divide.rs` and `divide_far.rs`. In short: division and kernel are so near each other
//! that they can differ only there; and a power of two in the scale changes nothing but exponents.
//!
//! * `every_scale.rs`: all 2²³ mantissas of an f32 scale, all thresholds of 8-bit codes with
//!   |Z| ≤ 255.
//! * `residues.rs`: all pairs of a number and a scale that could possibly differ, for every
//!   threshold of every Z that the reciprocal is used for. Some thousands, found by arithmetic; for
//!   f64, whose scales nobody can go through, they are the proof.
//! * `far.rs`: the same for 16-bit codes, whose quotient of f32 is another one. Millions.
//! * `around.rs`: the limits: of the scale, of Z, of the numbers.
//! * `teeth.rs`: the list and its bound, held against what they must find.

mod around;
mod every_scale;
mod far;
mod float;
mod int;
#[path = "../common/pool.rs"]
mod pool;
mod residues;
mod teeth;

use std::process::ExitCode;
use std::time::Instant;

use zeropoint::{Auto, Backend, Code, QParams};

use crate::float::Float;
use crate::int::Int;

/// Comparisons made, and how many of them were differences.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) compared: u64,
    pub(crate) different: u64,
}

impl Count {
    pub(crate) fn add(self, other: Self) -> Self {
        Self {
            compared: self.compared + other.compared,
            different: self.different + other.different,
        }
    }

    /// Quantizes `x` and compares the codes with `expected`.
    pub(crate) fn of<T: Float, Q: Code>(
        backend: Auto,
        x: &[T],
        p: &QParams<T, Q>,
        expected: &[Q],
        codes: &mut [Q],
    ) -> Self {
        backend.quantize(x, p, codes).expect("the slices have one length");
        if codes == expected {
            return Self { compared: x.len() as u64, different: 0 };
        }
        let mut count = Self { compared: x.len() as u64, different: 0 };
        for i in 0..x.len() {
            if codes[i] != expected[i] {
                count.different += 1;
                report(backend, x[i], p, codes[i], expected[i]);
            }
        }
        count
    }
}

/// The code by IEEE division, as the definition has it.
pub(crate) fn by_division<T: Float, Q: Int>(x: T, scale: T, zero_point: i32) -> Q {
    // Every f32 is an f64: the one rounding is the division's.
    let quotient: f64 = (x / scale).into();
    if x.into().is_nan() {
        return Q::of(Q::MIN);
    }
    let n = (quotient.round_ties_even() as i64).saturating_add(zero_point.into());
    Q::of(n.clamp(Q::MIN.into(), Q::MAX.into()) as i32)
}

/// Says what differs, the first few times.
fn report<T: Float, Q: Code>(backend: Auto, x: T, p: &QParams<T, Q>, got: Q, expected: Q) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SAID: AtomicU32 = AtomicU32::new(0);
    if SAID.fetch_add(1, Ordering::Relaxed) < 20 {
        let (name, scale, z) = (backend.name(), p.scale(), p.zero_point());
        eprintln!("{name}: x {x:?}, S {scale:?}, Z {z}: code {got:?} instead of {expected:?}");
    }
}

/// The parts that `--quick` shortens.
const SAMPLED: [&str; 3] = ["every scale", "16 bits", "16 bits f64"];

fn main() -> ExitCode {
    let quick = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [only] if only == "--quick" => true,
        _ => {
            eprintln!("prove_exact: the only argument there is: --quick");
            return ExitCode::from(2);
        }
    };
    pool::in_pool(|threads| {
        if let Err(why) = threads {
            eprintln!("prove_exact: on one thread: no other can be started ({why})");
        }
        prove(quick)
    })
}

fn prove(quick: bool) -> ExitCode {
    teeth::check();
    let mut total = Count::default();
    for backend in Auto::available().filter(|backend| backend.name() != "scalar") {
        // The portable backend divides: it is here so that the proof itself is checked.
        let quick = quick || backend.name() == "portable";
        for (what, count) in [
            ("every scale", every_scale::run as fn(Auto, bool) -> Count),
            ("residues", residues::run::<f32>),
            ("limits", around::run::<f32>),
            ("residues f64", residues::run::<f64>),
            ("limits f64", around::run::<f64>),
            ("16 bits", far::run::<f32>),
            ("16 bits f64", far::run::<f64>),
        ] {
            let clock = Instant::now();
            let count = count(backend, quick);
            println!(
                "{:9} {what:12} {:>15} compared, {} different, {:.1} s{}",
                backend.name(),
                count.compared,
                count.different,
                clock.elapsed().as_secs_f64(),
                if quick && SAMPLED.contains(&what) { " (quick)" } else { "" },
            );
            total = total.add(count);
        }
    }
    println!("{} comparisons, {} differences", total.compared, total.different);
    if total.different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
