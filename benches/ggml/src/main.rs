//! Blocks by ggml, by candle and by zeropoint, in turn, on one thread.
//!
//! ```text
//! cargo run --release -- scorecard               # ggml's formats, as the rows of the scorecard in benches/ratios
//! cargo run --release -- scorecard Q4_0          # rows that contain this
//! cargo run --release -- model MODEL.safetensors # the seconds that a whole model takes
//! cargo run --release -- arrays                  # blocks whose codes and scales are arrays
//! ```
//!
//! With `--features candle`, candle is among the rivals.

mod arrays;
mod candle;
#[path = "../../ratios/machine.rs"]
mod machine;
mod model;
mod scorecard;
mod stored;

use std::error::Error;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

use zeropoint::{Auto, Backend};

const ROUNDS: usize = 31;

/// Returns `len` elements that begin `offset` bytes after a cache line.
fn at<T: Clone>(offset: usize, len: usize, fill: T) -> (Vec<T>, Range<usize>) {
    let all = vec![fill; len + 128 / size_of::<T>()];
    let first = (64 - all.as_ptr() as usize % 64 + offset) / size_of::<T>();
    (all, first..first + len)
}

/// Fills with numbers from −4 to 4.
fn random(x: &mut [f32]) {
    for (i, x) in x.iter_mut().enumerate() {
        let random = (i as u32).wrapping_mul(0x9e37_79b1) >> 8;
        *x = (random as f32 / (1 << 24) as f32 - 0.5) * 8.0;
    }
}

/// Returns the median nanoseconds an element of each work, which are called in turn and take `len` elements.
fn medians(len: usize, works: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let calls = (250_000 / len).max(1);
    let mut times = vec![Vec::new(); works.len()];
    for _ in 0..ROUNDS {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            times.push(start.elapsed().as_secs_f64() * 1e9 / (calls * len) as f64);
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    };
    times.into_iter().map(median).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Err(error) = run(&arguments) {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let backend = Auto::detect()?;
    println!("{}\n", machine::line());
    println!("* Caches: {}. CPU features: {}.", machine::caches(), machine::features());
    println!(
        "* Measured, on one thread: **{}**; ggml is compiled for {}.",
        backend.name(),
        env!("MARCH")
    );
    println!(
        "* candle: {}.\n",
        if cfg!(feature = "candle") { "0.11.1" } else { "needs `--features candle`" }
    );
    match arguments {
        ["scorecard"] => scorecard::print(backend, ""),
        ["scorecard", filter] => scorecard::print(backend, filter),
        ["arrays"] => arrays::print(backend, ""),
        ["arrays", filter] => arrays::print(backend, filter),
        ["model", path] => model::print(backend, path),
        _ => Err("usage: scorecard [FILTER], arrays [FILTER] or model MODEL.safetensors".into()),
    }
}
