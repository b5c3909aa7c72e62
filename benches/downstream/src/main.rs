//! Times two operations as a user's crate calls them. `cargo run` and `cargo run --release` should
//! differ little: the kernels are compiled in zeropoint, under the profile that is set for it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use zeropoint::{Auto, Backend, Error, QParams, Range, Scheme};

const ROUNDS: usize = 101;
const MOMENT: Duration = Duration::from_millis(1);

fn main() -> Result<(), Error> {
    let backend = Auto::detect()?;
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("zeropoint {}, {}, this crate in {profile}", zeropoint::version(), backend.name());
    println!("{:<16} {:>6} {:>8}", "operation", "len", "ns/elem");
    for len in [4 << 10, 64 << 10] {
        let src: Vec<f32> = (0..len).map(|i| (i * 7919 % 8191) as f32 / 1024.0 - 3.0).collect();
        let mut dst = vec![0; len];
        let p: QParams<f32, u8> = Scheme::asymmetric().params(Range::of(&src)?)?;
        let quantize = time(|| {
            backend.quantize(black_box(&src), &p, black_box(&mut dst)).expect("equal lengths");
        });
        let min_max = time(|| {
            black_box(backend.min_max(black_box(&src)));
        });
        for (operation, time) in [("quantize f32→u8", quantize), ("min_max f32", min_max)] {
            println!("{operation:<16} {len:>6} {:>8.4}", time / len as f64);
        }
    }
    Ok(())
}

/// The median time of a call, in nanoseconds.
fn time(mut call: impl FnMut()) -> f64 {
    let mut run = |times: u32| {
        let start = Instant::now();
        for _ in 0..times {
            call();
        }
        start.elapsed()
    };
    let mut times = 1;
    while run(times) < MOMENT {
        times *= 2;
    }
    let mut measured = [Duration::ZERO; ROUNDS];
    measured.fill_with(|| run(times));
    measured.sort();
    measured[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(times)
}
