//! The table: a line for every tensor.

use std::io::{self, Write};

use crate::choice::{Choice, Sharing};
use crate::job::{Outcome, Quantized, Side};
use crate::model::Tensor;
use crate::text::{elided, padded, width as columns};

/// Names of more columns are elided.
const NAME_WIDTH: usize = 50;

/// The greatest width of the column of shapes. A file may give a tensor any number of dimensions, so longer
/// shapes are cut.
const SHAPE_WIDTH: usize = 40;

/// More choices than this have their ratio only.
const MOST_IN_FULL: usize = 2;

pub(crate) fn print(
    out: &mut impl Write,
    choices: &[Choice],
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> io::Result<()> {
    let rows: Vec<_> = tensors.iter().map(|t| (t.label(NAME_WIDTH), shape(&t.shape))).collect();
    let widest = |cell: fn(&(String, String)) -> &str, title: &str| {
        rows.iter().map(|row| columns(cell(row))).chain([title.len()]).max().unwrap_or(0)
    };
    let (w, v) = (widest(|row| &row.0, "tensor"), widest(|row| &row.1, "shape"));
    let in_full = choices.len() <= MOST_IN_FULL;
    let heading = if in_full { full_heading(choices) } else { brief_heading(choices) };
    for line in &heading.above {
        writeln!(out, "{:w$}  {:v$}  {line}", "", "")?;
    }
    writeln!(out, "{:w$}  {:v$}  {}", "tensor", "shape", heading.columns)?;

    for (((name, shape), tensor), outcome) in rows.iter().zip(tensors).zip(outcomes) {
        write!(out, "{}  {}  ", padded(name, w), padded(shape, v))?;
        match outcome {
            Outcome::Quantized(q) if in_full => writeln!(out, "{}", full(choices, q))?,
            Outcome::Quantized(q) => writeln!(out, "{}", brief(choices, q))?,
            Outcome::Skipped => {
                let why = tensor.skip.map_or_else(String::new, |skip| skip.reason(tensor));
                writeln!(out, "skipped: {why}")?;
            }
            Outcome::Refused(error) => writeln!(out, "refused: {error}")?,
        }
    }
    Ok(())
}

fn shape(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".into();
    }
    let text = shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×");
    elided(&text, SHAPE_WIDTH)
}

/// Over the cells of the choices: the last line, and those above it.
struct Heading {
    above: Vec<String>,
    columns: String,
}

fn full_heading(choices: &[Choice]) -> Heading {
    let columns = |c: &Choice| match c.sharing() {
        Sharing::Tensor => {
            format!("{:>10} {:>7} {:>8} {:>7}", "scale", "zero pt", "MSE", "SQNR dB")
        }
        _ => format!("{:>8} {:>9} {:>8} {:>7}", "scales", "bytes", "MSE", "SQNR dB"),
    };
    let title = |c: &Choice| {
        let sharing = match c.sharing() {
            Sharing::Tensor => String::new(),
            other => format!(", {other}"),
        };
        let title = format!(" {}, {}{sharing} ", c.scheme_name(), c.code());
        format!("{title:-^width$}", width = columns(c).len())
    };
    Heading {
        above: vec![choices.iter().map(title).collect::<Vec<_>>().join("   ")],
        columns: choices.iter().map(columns).collect::<Vec<_>>().join("   "),
    }
}

fn full(choices: &[Choice], q: &Quantized) -> String {
    let cells = |(c, side): (&Choice, &Side)| {
        let mse = side.error.mse();
        let mse = if mse == 0.0 { "0".into() } else { format!("{mse:.2e}") };
        let sqnr = decibel(side.error.sqnr_db());
        let first = match c.sharing() {
            Sharing::Tensor => format!("{:>10.4e} {:>7}", side.scale, side.zero_point),
            _ => format!("{:>8} {:>9}", side.slices, side.bytes),
        };
        format!("{first} {mse:>8} {sqnr:>7}")
    };
    choices.iter().zip(&q.sides).map(cells).collect::<Vec<_>>().join("   ")
}

/// The codes, and under them the granularity, of every column.
fn brief_heading(choices: &[Choice]) -> Heading {
    let line = |of: fn(&Choice) -> String| {
        choices.iter().map(|c| format!("{:>w$}", of(c), w = width(c))).collect::<Vec<_>>().join(" ")
    };
    let codes = line(|c| c.code());
    let title = format!("{:-^width$}", " SQNR in dB ", width = codes.len());
    Heading { above: vec![title, codes], columns: line(|c| c.sharing().to_string()) }
}

fn brief(choices: &[Choice], q: &Quantized) -> String {
    let cell = |(c, side): (&Choice, &Side)| {
        format!("{:>w$}", decibel(side.error.sqnr_db()), w = width(c))
    };
    choices.iter().zip(&q.sides).map(cell).collect::<Vec<_>>().join(" ")
}

fn width(choice: &Choice) -> usize {
    choice.sharing().to_string().len().max(7)
}

/// A tensor of zeros has neither signal nor noise, and so no ratio.
pub(crate) fn decibel(db: f64) -> String {
    if db.is_nan() { "-".into() } else { format!("{db:.2}") }
}
