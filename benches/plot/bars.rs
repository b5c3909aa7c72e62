//! `rivals-LEN.svg`: how many times as long as the best backend each rival takes.

use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::Outcome;
use crate::layout::{
    BLACK, BLUE, GREY, HEADING, LABEL, ORANGE, PALE, PURPLE, RED, SKY, SMALL, text, title,
};
use crate::numbers::short;
use crate::results::{Contenders, Results};

const LENGTHS: [u64; 4] = [4 << 10, 64 << 10, 1 << 20, 64 << 20];

/// The best first.
const BACKENDS: [&str; 4] = ["avx512", "avx2", "neon", "portable"];

/// The operations, in the order in which they are drawn.
const OPERATIONS: [&str; 8] = [
    "abs_max/f32_f32",
    "min_max/f32_f32",
    "quantize/f32_u8",
    "quantize/f32_i8",
    "quantize/f32_i8_symmetric",
    "dequantize/u8_f32",
    "quantize_dynamic/f32_u8",
    "quantization_error/f32_u8",
];

/// Names of contenders, without their instruction set, and what they are called.
const RIVALS: [(&str, &str, RGBColor); 6] = [
    ("limit", "limit, bytes only", GREY),
    ("reciprocal", "× 1/scale, inexact", SKY),
    ("divps", "division (divps)", BLUE),
    ("rten_one_unit", "rten, one codegen unit", PURPLE),
    ("rten", "rten", ORANGE),
    ("plain", "plain loop", RED),
];

const WIDTH: i32 = 820;
const ROW: i32 = 19;
/// Between two operations.
const GAP: i32 = 12;
const TOP: i32 = 62;
const BOTTOM: i32 = 34;
/// The pixel at which names end and bars begin.
const LEFT: i32 = 372;
const RIGHT: i32 = WIDTH - 62;

/// A rival's time over ours.
struct Bar {
    name: &'static str,
    colour: RGBColor,
    ratio: f64,
}

/// Draws every length of which anything was measured.
pub(crate) fn draw(results: &Results, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut written = Vec::new();
    for len in LENGTHS {
        let groups: Vec<_> = OPERATIONS
            .iter()
            .filter_map(|&id| Some((id, bars(results.get(id)?, len)?)))
            .filter(|(_, bars)| !bars.is_empty())
            .collect();
        if let Some(backend) = results.values().find_map(|contenders| best(contenders, len))
            && !groups.is_empty()
        {
            let file = folder.join(format!("rivals-{len}.svg"));
            draw_one(len, backend.0, &groups, &file)?;
            written.push(file);
        }
    }
    Ok(written)
}

/// The best backend that was measured, and its time.
fn best(contenders: &Contenders, len: u64) -> Option<(&'static str, f64)> {
    BACKENDS.into_iter().find_map(|name| Some((name, *contenders.get(name)?.get(&len)?)))
}

fn bars(contenders: &Contenders, len: u64) -> Option<Vec<Bar>> {
    let (backend, ours) = best(contenders, len)?;
    let fastest = |rival: &str| {
        let is = |name: &str| match name.strip_prefix(rival) {
            Some("") => true,
            // Limits also have variants, of which the fastest counts.
            Some(rest) => rest.starts_with('_') && rest.ends_with(&format!("_{backend}")),
            None => false,
        };
        let found = contenders.iter().filter(|(name, _)| is(name));
        found.filter_map(|(_, medians)| medians.get(&len).copied()).min_by(f64::total_cmp)
    };
    let bar = |&(rival, name, colour): &(&str, &'static str, RGBColor)| {
        Some(Bar { name, colour, ratio: fastest(rival)? / ours })
    };
    Some(RIVALS.iter().filter_map(bar).collect())
}

/// Bars begin at 1, our own time, on a logarithmic scale: what is faster goes to the left.
fn draw_one(len: u64, backend: &str, groups: &[(&str, Vec<Bar>)], file: &Path) -> Outcome<()> {
    let rows: i32 = groups.iter().map(|(_, bars)| bars.len() as i32 * ROW + GAP).sum();
    let height = TOP + rows + BOTTOM;
    let ratios = || groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.ratio);
    let least = ratios().fold(0.5, f64::min);
    let most = ratios().fold(2.0, f64::max);
    let at = |ratio: f64| {
        let part = (ratio / least).ln() / (most / least).ln();
        LEFT + (part * f64::from(RIGHT - LEFT)).round() as i32
    };

    let root = SVGBackend::new(file, (WIDTH as u32, height as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let heading = format!("time over that of zeropoint on {backend}, {} elements", short(len));
    text(&root, &heading, (WIDTH / 2, 20), HEADING, BLACK, HPos::Center)?;
    let bottom = TOP + rows;
    for tick in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0] {
        if (least..=most).contains(&tick) {
            let colour = if tick == 1.0 { BLACK } else { PALE };
            let line = [(at(tick), TOP - 8), (at(tick), bottom)];
            root.draw(&PathElement::new(line, colour))?;
            text(&root, &format!("{tick}×"), (at(tick), bottom + 14), SMALL, GREY, HPos::Center)?;
        }
    }
    text(&root, "← faster", (at(1.0) - 8, TOP - 18), SMALL, GREY, HPos::Right)?;
    text(&root, "slower →", (at(1.0) + 8, TOP - 18), SMALL, GREY, HPos::Left)?;
    let mut y = TOP;
    for (id, bars) in groups {
        let middle = y + bars.len() as i32 * ROW / 2;
        text(&root, &title(id), (12, middle), LABEL, BLACK, HPos::Left)?;
        for bar in bars {
            draw_bar(&root, bar, (at(1.0), at(bar.ratio)), y)?;
            y += ROW;
        }
        y += GAP;
    }
    root.present()?;
    Ok(())
}

fn draw_bar(
    root: &DrawingArea<SVGBackend, Shift>,
    bar: &Bar,
    (start, end): (i32, i32),
    y: i32,
) -> Outcome<()> {
    let middle = y + ROW / 2;
    text(root, bar.name, (LEFT - 44, middle), SMALL, BLACK, HPos::Right)?;
    let corners = [(start.min(end), y + 3), (start.max(end), y + ROW - 3)];
    root.draw(&Rectangle::new(corners, bar.colour.filled()))?;
    let figure = format!("{:.2}", bar.ratio);
    let (x, side) = if end < start { (end - 5, HPos::Right) } else { (end + 5, HPos::Left) };
    text(root, &figure, (x, middle), SMALL, BLACK, side)
}
