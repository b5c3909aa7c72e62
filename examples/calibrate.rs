//! The ranges that the observers choose for your data: raw `f32`, little-endian, from a file or `-`.
//!
//! ```text
//! cargo run --release --example calibrate -- FILE [LENGTH OF A BATCH]
//! ```
//!
//! A line for every choice: scheme, observer, least and greatest number, scale, zero point.

#[path = "common/printable.rs"]
mod printable;

use std::io::{Read, Write};
use std::process::ExitCode;

use zeropoint::observer::{Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver};
use zeropoint::{Code, QParams, Range, Scheme};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [file] => read(file).and_then(|x| calibrate(&x, 1 << 16)),
        [file, batch] => match batch.parse() {
            Ok(batch) if batch > 0 => read(file).and_then(|x| calibrate(&x, batch)),
            _ => Err(format!("{batch}: not a number of elements").into()),
        },
        _ => Err("usage: calibrate FILE [LENGTH OF A BATCH]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("calibrate: {}", printable::printable(&failure.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn read(file: &str) -> Result<Vec<f32>, Failure> {
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    }
    if !bytes.len().is_multiple_of(4) {
        return Err(format!("{file}: {} bytes are no whole number of f32", bytes.len()).into());
    }
    Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

/// What has seen the data.
struct Observers {
    min_max: MinMaxObserver<f32>,
    average: MovingAverageObserver<f32>,
    histogram: HistogramObserver<f32>,
}

fn calibrate(x: &[f32], batch: usize) -> Result<(), Failure> {
    let mut seen = Observers {
        min_max: MinMaxObserver::new(),
        average: MovingAverageObserver::new(0.01)?,
        histogram: HistogramObserver::new(),
    };
    for batch in x.chunks(batch) {
        seen.min_max.observe(batch);
        seen.average.observe(batch);
        seen.histogram.observe(batch);
    }
    print_ranges::<u8>(&seen, "asymmetric_u8", Scheme::asymmetric())?;
    print_ranges::<i8>(&seen, "symmetric_i8", Scheme::symmetric())?;
    print_ranges::<u8>(&seen, "asymmetric_u4", Scheme::asymmetric().bits(4))?;
    print_ranges::<i8>(&seen, "symmetric_i4", Scheme::symmetric().bits(4))?;
    Ok(())
}

fn print_ranges<Q: Code>(seen: &Observers, name: &str, scheme: Scheme) -> Result<(), Failure> {
    let print = |choice: &str, range: Range<f32>| -> Result<(), Failure> {
        let p: QParams<f32, Q> = scheme.params(range)?;
        let (min, max) = (range.min(), range.max());
        let (scale, zero_point) = (p.scale(), p.zero_point());
        let line = format!("{name}\t{choice}\t{min:e}\t{max:e}\t{scale:e}\t{zero_point}");
        Ok(writeln!(std::io::stdout(), "{line}")?)
    };
    print("min_max", seen.min_max.range()?)?;
    print("moving_average", seen.average.range()?)?;
    for (choice, clip) in [
        ("percentile_99.9", Clip::Percentile(99.9)),
        ("percentile_99.99", Clip::Percentile(99.99)),
        ("percentile_99.999", Clip::Percentile(99.999)),
        ("entropy", Clip::Entropy),
        ("least_error", Clip::LeastError),
    ] {
        print(choice, seen.histogram.range::<Q>(scheme, clip)?)?;
    }
    Ok(())
}
