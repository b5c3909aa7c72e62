//! The summary: all tensors together, and a line for every choice.

use std::io::{self, Write};
use std::time::Duration;

use crate::choice::Choice;
use crate::job::{Outcome, Quantized};
use crate::model::Tensor;
use crate::table::decibel;

/// The cost of a choice over all tensors that were quantized.
#[derive(Debug, Default)]
pub(crate) struct Total {
    slices: usize,
    bytes: usize,
    elements: usize,
    signal: f64,
    noise: f64,
    max_abs: f64,
    time: Duration,
}

impl Total {
    /// Returns the total of choice number `choice`.
    pub(crate) fn of(choice: usize, outcomes: &[Outcome]) -> Self {
        let mut total = Self::default();
        for q in quantized(outcomes) {
            let side = &q.sides[choice];
            total.slices += side.slices;
            total.bytes += side.bytes;
            total.elements += q.elements;
            total.signal += side.error.signal;
            total.noise += side.error.noise;
            total.max_abs = total.max_abs.max(side.error.max_abs);
            total.time += side.time;
        }
        total
    }

    /// The ratio of all signal to all noise, as if the tensors were one.
    pub(crate) fn sqnr_db(&self) -> f64 {
        10.0 * (self.signal / self.noise).log10()
    }

    /// NaN where there is no weight.
    pub(crate) fn bits_per_weight(&self) -> f64 {
        8.0 * self.bytes as f64 / self.elements as f64
    }
}

fn quantized(outcomes: &[Outcome]) -> impl Iterator<Item = &Quantized> {
    outcomes.iter().filter_map(|o| if let Outcome::Quantized(q) = o { Some(q) } else { None })
}

pub(crate) fn print(
    out: &mut impl Write,
    choices: &[Choice],
    tensors: &[Tensor],
    outcomes: &[Outcome],
    backend: &str,
) -> io::Result<()> {
    let n = quantized(outcomes).count();
    let skipped = outcomes.iter().filter(|o| matches!(o, Outcome::Skipped)).count();
    let refused = outcomes.len() - n - skipped;
    let elements: usize = quantized(outcomes).map(|q| q.elements).sum();
    let before: usize = tensors.iter().map(Tensor::byte_len).sum();
    let as_they_are = |(t, o): (&Tensor, &Outcome)| match o {
        Outcome::Quantized(_) => 0,
        _ => t.byte_len(),
    };
    let rest: usize = tensors.iter().zip(outcomes).map(as_they_are).sum();
    let totals: Vec<Total> = (0..choices.len()).map(|i| Total::of(i, outcomes)).collect();
    let time = totals.iter().map(|t| t.time).sum();

    writeln!(out, "tensors      {n} quantized, {skipped} skipped, {refused} refused")?;
    writeln!(out, "parameters   {} quantized", grouped(elements))?;
    writeln!(out, "bytes        {} before", grouped(before))?;
    writeln!(out, "speed        {}", speed(elements, choices.len(), time))?;
    writeln!(out, "backend      {backend}")?;
    writeln!(out)?;
    writeln!(
        out,
        "{:10}  {:5}  {:11}  {:>9}  {:>13}  {:>7}  {:>11}  {:>8}  {:>9}  {:>8}",
        "scheme",
        "codes",
        "granularity",
        "scales",
        "bytes after",
        "share",
        "bits/weight",
        "SQNR dB",
        "max error",
        "time ms"
    )?;
    for (choice, total) in choices.iter().zip(&totals) {
        print_choice(out, *choice, total, rest, before)?;
    }
    Ok(())
}

fn print_choice(
    out: &mut impl Write,
    choice: Choice,
    total: &Total,
    rest: usize,
    before: usize,
) -> io::Result<()> {
    let after = rest + total.bytes;
    let known = |x: f64, text: String| if x.is_nan() { "-".into() } else { text };
    let share = 100.0 * after as f64 / before as f64;
    let share = known(share, format!("{share:.1} %"));
    let bits = total.bits_per_weight();
    let bits = known(bits, format!("{bits:.3}"));
    writeln!(
        out,
        "{:10}  {:5}  {:11}  {:>9}  {:>13}  {share:>7}  {bits:>11}  {:>8}  {:>9.3e}  {:>8.2}",
        choice.scheme_name(),
        choice.code(),
        choice.sharing(),
        grouped(total.slices),
        grouped(after),
        decibel(total.sqnr_db()),
        total.max_abs,
        total.time.as_secs_f64() * 1e3,
    )
}

fn speed(elements: usize, choices: usize, time: Duration) -> String {
    if elements == 0 {
        return "-".into();
    }
    let rate = choices as f64 * elements as f64 / time.as_secs_f64().max(1e-9);
    let milliseconds = time.as_secs_f64() * 1e3;
    let (rate, unit) = if rate >= 1e9 { (rate / 1e9, "billion") } else { (rate / 1e6, "million") };
    format!(
        "{rate:.2} {unit} elements/s: {choices} × {} in {milliseconds:.2} ms (min/max, scales, codes)",
        grouped(elements)
    )
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
