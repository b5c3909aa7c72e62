//! The ranges that the observers choose for your data: raw `f32`, little-endian, from a file or `-`.
//!
//! ```text
//! cargo run --release --example calibrate -- FILE [LENGTH OF A BATCH]
//! ```
//!
//! It prints a line for every choice; `--help` says what is in its columns.

#[path = "common/printable.rs"]
mod printable;

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use zeropoint::observer::{Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver};
use zeropoint::{Code, QParams, Range, Scheme};

type Failure = Box<dyn std::error::Error>;

const HELP: &str = "\
Shows the ranges, scales and zero points that the observers choose for your data.

usage: calibrate FILE [LENGTH OF A BATCH]

FILE holds raw little-endian 32-bit floats without a header, as NumPy's x.astype('<f4').tofile(FILE)
writes them; - is standard input. A batch has 65536 numbers unless you give another length. The
moving average takes one step a batch.

Prints a line for every scheme and choice, with tabs between the columns:

  scheme      asymmetric_u8, symmetric_i8, asymmetric_u4 or symmetric_i4
  choice      min_max, moving_average, percentile_P, entropy or least_error
  min, max    the range
  scale, zero_point

On a terminal, a line with the names of the columns comes first.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [help] if help == "--help" || help == "-h" => print(HELP),
        [file] => read(file).and_then(|x| calibrate(&x, 1 << 16)),
        [file, batch] => match batch.parse() {
            Ok(batch) if batch > 0 => read(file).and_then(|x| calibrate(&x, batch)),
            _ => Err(format!("{batch}: not a number of elements").into()),
        },
        _ => Err("usage: calibrate FILE [LENGTH OF A BATCH] (try --help)".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads standard output any more.
        Err(failure) if is_closed_pipe(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("calibrate: {}", printable::printable(&failure.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

fn is_closed_pipe(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Returns whether the bytes begin as a safetensors file does: the length of the header, and the header.
fn is_safetensors(bytes: &[u8]) -> bool {
    let Some((len, rest)) = bytes.split_first_chunk() else { return false };
    u64::from_le_bytes(*len) <= rest.len() as u64 && rest.starts_with(b"{")
}

fn read(file: &str) -> Result<Vec<f32>, Failure> {
    let mut bytes = Vec::new();
    if file == "-" {
        io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    }
    if is_safetensors(&bytes) {
        let why = "a safetensors file, not raw f32; quantize_model reads it";
        return Err(format!("{file}: {why}").into());
    }
    if !bytes.len().is_multiple_of(4) {
        return Err(format!("{file}: {} bytes are no whole number of f32", bytes.len()).into());
    }
    let x: Vec<f32> = bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    match x.iter().position(|x| !x.is_finite()) {
        Some(i) => Err(format!("{file}: element {i} is {}", x[i]).into()),
        None if x.is_empty() => Err(format!("{file}: empty").into()),
        None => Ok(x),
    }
}

/// The observers that have seen the data.
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
    if io::stdout().is_terminal() {
        print("scheme\tchoice\tmin\tmax\tscale\tzero_point\n")?;
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
        self::print(&format!("{name}\t{choice}\t{min:e}\t{max:e}\t{scale:e}\t{zero_point}\n"))
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
