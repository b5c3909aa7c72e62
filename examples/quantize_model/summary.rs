//! The summary: all tensors together.

use std::io::{self, Write};
use std::time::Duration;

use zeropoint::ErrorStats;

use crate::job::{Outcome, Quantized};
use crate::model::Tensor;
use crate::table::decibel;

/// The bytes of a scale and a zero point.
const PARAMETER_BYTES: usize = 4 + 4;

pub(crate) fn print(
    out: &mut impl Write,
    tensors: &[Tensor],
    outcomes: &[Outcome],
    backend: &str,
) -> io::Result<()> {
    let quantized: Vec<&Quantized> = outcomes
        .iter()
        .filter_map(|o| if let Outcome::Quantized(q) = o { Some(q) } else { None })
        .collect();
    let skipped = outcomes.iter().filter(|o| matches!(o, Outcome::Skipped)).count();
    let refused = outcomes.len() - quantized.len() - skipped;
    let elements: usize = quantized.iter().map(|q| q.elements).sum();
    let time: Duration = quantized.iter().map(|q| q.time).sum();
    let before: usize = tensors.iter().map(Tensor::byte_len).sum();
    let after = before - 4 * elements + elements + PARAMETER_BYTES * quantized.len();

    let n = quantized.len();
    writeln!(out, "tensors      {n} quantized, {skipped} skipped (not F32), {refused} refused")?;
    writeln!(out, "parameters   {} quantized", grouped(elements))?;
    writeln!(
        out,
        "bytes        {} -> {}{}",
        grouped(before),
        grouped(after),
        share(after, before)
    )?;
    writeln!(out, "speed        {}", speed(elements, time))?;
    writeln!(out, "backend      {backend}")?;
    let asymmetric = total_sqnr(quantized.iter().map(|q| &q.asymmetric.error));
    let symmetric = total_sqnr(quantized.iter().map(|q| &q.symmetric.error));
    writeln!(out, "total SQNR   asymmetric {asymmetric}, symmetric {symmetric}")
}

/// Every element was quantized twice, its range taken once.
fn speed(elements: usize, time: Duration) -> String {
    if elements == 0 {
        return "-".into();
    }
    let rate = 2.0 * elements as f64 / time.as_secs_f64().max(1e-9);
    let milliseconds = time.as_secs_f64() * 1e3;
    let (rate, unit) = if rate >= 1e9 { (rate / 1e9, "billion") } else { (rate / 1e6, "million") };
    format!(
        "{rate:.2} {unit} elements/s: 2 schemes × {} in {milliseconds:.2} ms (min/max, scales, codes)",
        grouped(elements)
    )
}

/// The ratio of all signal to all noise, as if the tensors were one.
fn total_sqnr<'a>(errors: impl Iterator<Item = &'a ErrorStats>) -> String {
    let (signal, noise) = errors.fold((0.0, 0.0), |(signal, noise), e| {
        (signal + e.sum_squares(), noise + e.sum_squared_error())
    });
    format!("{} dB", decibel(10.0 * (signal / noise).log10()))
}

fn share(after: usize, before: usize) -> String {
    if before == 0 {
        return String::new();
    }
    format!(" ({:.1} %)", 100.0 * after as f64 / before as f64)
}

/// `1234567` as `1,234,567`.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
