//! The tables `lengths/operation/in_out`: what a call takes on every length up to 256, for the
//! `plot` bench to draw.

use std::fmt::Write;
use std::path::Path;

use zeropoint::{Auto, Backend};

use crate::rounds::Effort;
use crate::{Request, cases, small};

const CASES: [&str; 4] =
    ["min_max/f32_f32", "abs_max/f32_f32", "quantize/f32_u8", "dequantize/u8_f32"];
const LENGTHS: std::ops::RangeInclusive<usize> = 1..=256;
/// The number of sweeps over all lengths. The least median of a length counts, so that another
/// program's work during one sweep does not look like a step of the curve.
const SWEEPS: usize = 5;

/// Measures what is wanted, and writes `lengths.csv` into cargo's target folder; returns how many
/// tables there were.
///
/// A table is long, so there is none unless the filter begins with its name.
pub(crate) fn print(request: &Request) -> usize {
    if !request.filter.starts_with("lengths") && request.effort == Effort::Full {
        return 0;
    }
    let wanted: Vec<_> =
        CASES.into_iter().filter(|id| request.wants(&format!("lengths/{id}"))).collect();
    let mut csv = format!("operation,len,{},free,plain\n", Auto::best().name());
    for id in &wanted {
        measure(id, request.effort, &mut csv);
    }
    // A single run measures nothing.
    if request.effort == Effort::Full && !wanted.is_empty() {
        save("lengths.csv", &csv, "nanoseconds a call");
    }
    wanted.len()
}

/// Writes a file into cargo's target folder, for the `plot` bench.
pub(crate) fn save(name: &str, csv: &str, unit: &str) {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let file = Path::new(&target).join(name);
    match std::fs::write(&file, csv) {
        Ok(()) => println!("{}: {unit}", file.display()),
        Err(wrong) => {
            eprintln!("ratios: {}: {wrong}", file.display());
            std::process::exit(1);
        }
    }
}

/// Adds a row for each length: the best backend, the free function, the plain loop.
fn measure(id: &str, effort: Effort, csv: &mut String) {
    let cases = cases::all();
    let case = cases.iter().find(|case| case.id() == id).expect("an operation that is benchmarked");
    let (effort, sweeps) = match effort {
        Effort::Once => (Effort::Once, 1),
        _ => (Effort::Little, SWEEPS),
    };
    let mut least = vec![[f64::INFINITY; 3]; LENGTHS.count()];
    for sweep in 0..sweeps {
        for (len, least) in LENGTHS.zip(&mut least) {
            for (least, time) in least.iter_mut().zip(small::medians(case, len, effort)) {
                *least = least.min(time);
            }
        }
        eprintln!("{id}: sweep {} of {sweeps}", sweep + 1);
    }
    for (len, [best, free, plain]) in LENGTHS.zip(least) {
        writeln!(csv, "{id},{len},{best:.3},{free:.3},{plain:.3}").expect("a string takes it");
    }
}
