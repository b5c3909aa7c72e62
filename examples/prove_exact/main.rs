//! Shows that quantizing by the two-term reciprocal returns the codes of the division, for every
//! scale there is.
//!
//! ```text
//! cargo run --release --example prove_exact              # everything: minutes
//! cargo run --release --example prove_exact -- --quick   # every 1021st scale: seconds
//! ```
//!
//! What is checked are the crate's own kernels, called as a user calls them, on every backend of
//! this CPU. Why it is enough to look at the scales from 1 to 2, and at five numbers around each
//! threshold between two codes, is said in `src/kernel/divide.rs`. In short: division and kernel are
//! both monotone in x, so they agree everywhere if they change at the same numbers; and a power of
//! two in the scale changes nothing but exponents.
//!
//! * `every_scale.rs`: all 2²³ mantissas of the scale, all thresholds of 8-bit codes with |Z| ≤ 255.
//! * `residues.rs`: all pairs of a number and a scale that could possibly differ, for every
//!   threshold of every Z that the reciprocal is used for. A few thousand, found by arithmetic.
//! * `around.rs`: the limits: of the scale, of Z, of the numbers.

mod around;
mod every_scale;
mod residues;

use std::process::ExitCode;
use std::time::Instant;

use zeropoint::{Auto, Backend, QParams};

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
    pub(crate) fn of(
        backend: Auto,
        x: &[f32],
        p: &QParams<f32, u8>,
        expected: &[u8],
        codes: &mut [u8],
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
pub(crate) fn by_division(x: f32, scale: f32, zero_point: i32) -> u8 {
    if x.is_nan() {
        return 0;
    }
    ((x / scale).round_ties_even() as i64).saturating_add(zero_point.into()).clamp(0, 255) as u8
}

/// Says what differs, the first few times.
fn report(backend: Auto, x: f32, p: &QParams<f32, u8>, got: u8, expected: u8) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static SAID: AtomicU32 = AtomicU32::new(0);
    if SAID.fetch_add(1, Ordering::Relaxed) < 20 {
        let (name, scale, z) = (backend.name(), p.scale(), p.zero_point());
        eprintln!("{name}: x {x:e}, S {scale:e}, Z {z}: code {got} instead of {expected}");
    }
}

fn main() -> ExitCode {
    let quick = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [only] if only == "--quick" => true,
        _ => {
            eprintln!("prove_exact: the only argument there is: --quick");
            return ExitCode::from(2);
        }
    };
    let mut total = Count::default();
    for backend in Auto::available().filter(|backend| backend.name() != "scalar") {
        // The portable backend divides: it is here so that the proof itself is checked.
        let quick = quick || backend.name() == "portable";
        for (what, count) in [
            ("every scale", every_scale::run as fn(Auto, bool) -> Count),
            ("residues", residues::run),
            ("limits", around::run),
        ] {
            let clock = Instant::now();
            let count = count(backend, quick);
            println!(
                "{:9} {what:12} {:>15} compared, {} different, {:.1} s{}",
                backend.name(),
                count.compared,
                count.different,
                clock.elapsed().as_secs_f64(),
                if quick && what == "every scale" { " (quick)" } else { "" },
            );
            total = total.add(count);
        }
    }
    println!("{} comparisons, {} differences", total.compared, total.different);
    if total.different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
