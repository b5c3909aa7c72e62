//! The table: a line for every tensor.

use std::io::{self, Write};

use crate::job::{Outcome, Side};
use crate::model::Tensor;

/// Names longer than this are elided.
const NAME_WIDTH: usize = 50;

pub(crate) fn print(
    out: &mut impl Write,
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> io::Result<()> {
    let rows: Vec<_> = tensors.iter().map(|t| (t.label(NAME_WIDTH), shape(&t.shape))).collect();
    let widest = |cell: fn(&(String, String)) -> &str, title: &str| {
        rows.iter().map(|row| cell(row).chars().count()).chain([title.len()]).max().unwrap_or(0)
    };
    let (w, v) = (widest(|row| &row.0, "tensor"), widest(|row| &row.1, "shape"));

    let columns = format!("{:>10} {:>7} {:>8} {:>7}", "scale", "zero pt", "MSE", "SQNR dB");
    let title = |name: &str| format!("{name:-^width$}", width = columns.len());
    let (asymmetric, symmetric) = (title(" asymmetric, u8 "), title(" symmetric, i8 "));
    writeln!(out, "{:w$}  {:v$}  {asymmetric}   {symmetric}", "", "")?;
    writeln!(out, "{:w$}  {:v$}  {columns}   {columns}", "tensor", "shape")?;

    for (((name, shape), tensor), outcome) in rows.iter().zip(tensors).zip(outcomes) {
        write!(out, "{name:w$}  {shape:v$}  ")?;
        match outcome {
            Outcome::Quantized(q) => {
                writeln!(out, "{}   {}", side(&q.asymmetric), side(&q.symmetric))?;
            }
            Outcome::Skipped => writeln!(out, "skipped: {}, not F32", tensor.dtype())?,
            Outcome::Refused(error) => writeln!(out, "refused: {error}")?,
        }
    }
    Ok(())
}

fn shape(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".into();
    }
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

fn side(side: &Side) -> String {
    let (scale, mse) = (side.scale, side.error.mse());
    let mse = if mse == 0.0 { "0".into() } else { format!("{mse:.2e}") };
    let sqnr = decibel(side.error.sqnr_db());
    format!("{scale:>10.4e} {:>7} {mse:>8} {sqnr:>7}", side.zero_point)
}

/// A tensor of zeros has neither signal nor noise, and so no ratio.
pub(crate) fn decibel(db: f64) -> String {
    if db.is_nan() { "-".into() } else { format!("{db:.2}") }
}
