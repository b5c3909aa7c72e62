//! The picture of a comparison: error against bits per weight, a mark for every choice.

use std::error::Error;
use std::ops::Range;

use plotters::prelude::*;

use crate::choice::{Choice, Sharing, Which};
use crate::job::Outcome;
use crate::plot::{Area, GRID, LINK};
use crate::summary::Total;

const SIZE: (u32, u32) = (980, 560);
const HEADING: u32 = 52;

/// The width of the key in pixels. The next constant is the height of a line.
const KEY: u32 = 210;
const KEY_LINE: i32 = 22;

/// Colours that a colour-blind eye tells apart; a granularity beyond them takes the first again.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// The choices that differ in their bits only, from the fewest.
struct Series {
    /// None for the formats of blocks.
    scheme: Option<Which>,
    name: &'static str,
    sharing: Sharing,
    colour: RGBColor,
    /// Bits per weight, and decibels.
    points: Vec<(f64, f64)>,
}

pub(crate) fn svg(choices: &[Choice], outcomes: &[Outcome]) -> Result<String, Box<dyn Error>> {
    let series = series(choices, outcomes);
    let drawn: usize = series.iter().map(|s| s.points.len()).sum();
    let least = 100 + series.len() as u32 * KEY_LINE as u32;

    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (SIZE.0, SIZE.1.max(least)));
    let root = root.into_drawing_area();
    root.fill(&WHITE)?;
    let text = |text: String, at: (i32, i32), size: i32| {
        root.draw(&Text::new(text, at, ("sans-serif", size)))
    };
    text("Error against size: signal to quantization noise of all tensors".into(), (20, 14), 19)?;
    if drawn < choices.len() {
        let note = format!(
            "without error or without signal, so not drawn: {} of {}",
            choices.len() - drawn,
            choices.len()
        );
        text(note, (20, 38), 13)?;
    }
    draw_chart(&root, &series)?;
    draw_key(&root, &series)?;
    root.present()?;
    drop(root);
    Ok(svg)
}

fn series(choices: &[Choice], outcomes: &[Outcome]) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut sharings: Vec<Sharing> = Vec::new();
    for (i, choice) in choices.iter().enumerate() {
        let (scheme, sharing) = (choice.scheme(), choice.sharing());
        let total = Total::of(i, outcomes);
        let point = (total.bits_per_weight(), total.sqnr_db());
        let known = sharings.iter().position(|s| *s == sharing);
        let colour = COLOURS[known.unwrap_or(sharings.len()) % COLOURS.len()];
        if known.is_none() {
            sharings.push(sharing);
        }
        let at = all.iter().position(|s| (s.scheme, s.sharing) == (scheme, sharing));
        let at = at.unwrap_or_else(|| {
            all.push(Series {
                scheme,
                name: choice.scheme_name(),
                sharing,
                colour,
                points: Vec::new(),
            });
            all.len() - 1
        });
        if point.0.is_finite() && point.1.is_finite() {
            all[at].points.push(point);
        }
    }
    for series in &mut all {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    all
}

fn draw_chart(root: &Area, series: &[Series]) -> Result<(), Box<dyn Error>> {
    let points = || series.iter().flat_map(|s| s.points.iter().copied());
    let (bits, decibels) = (bounds(points().map(|p| p.0), 0.4), bounds(points().map(|p| p.1), 1.0));
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .margin_top(HEADING + 8)
        .margin_right(KEY)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(bits, decibels)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|bits| format!("{bits:.0}"))
        .x_labels(9)
        .y_label_formatter(&|db| format!("{db:.0}"))
        .label_style(("sans-serif", 13))
        .axis_style(LINK)
        .axis_desc_style(("sans-serif", 14))
        .x_desc("bits per weight: codes, scales and zero points; less is better")
        .y_desc("SQNR in dB, more is better")
        .draw()?;
    for Series { scheme, colour, points, .. } in series {
        let points = || points.iter().copied();
        chart.draw_series([PathElement::new(points().collect::<Vec<_>>(), colour.mix(0.5))])?;
        match scheme {
            Some(Which::Asymmetric) => {
                chart.draw_series(points().map(|p| Circle::new(p, 5, colour.filled())))?;
            }
            Some(Which::Symmetric) => {
                chart.draw_series(points().map(|p| TriangleMarker::new(p, 6, colour.filled())))?;
            }
            None => {
                chart.draw_series(points().map(|p| Cross::new(p, 5, colour.stroke_width(2))))?;
            }
        }
    }
    Ok(())
}

/// Beside the chart, where no point can be hidden.
fn draw_key(root: &Area, series: &[Series]) -> Result<(), Box<dyn Error>> {
    let left = (SIZE.0 - KEY) as i32 + 14;
    for (i, Series { scheme, name, sharing, colour, .. }) in series.iter().enumerate() {
        let y = HEADING as i32 + 24 + KEY_LINE * i as i32;
        match scheme {
            Some(Which::Asymmetric) => root.draw(&Circle::new((left, y), 5, colour.filled()))?,
            Some(Which::Symmetric) => {
                root.draw(&TriangleMarker::new((left, y), 6, colour.filled()))?
            }
            None => root.draw(&Cross::new((left, y), 5, colour.stroke_width(2)))?,
        }
        let text = format!("{sharing}, {name}");
        root.draw(&Text::new(text, (left + 12, y - 6), ("sans-serif", 13)))?;
    }
    Ok(())
}

/// Returns the range from the least value to the greatest, with some room on both sides.
fn bounds(values: impl Iterator<Item = f64>, least_air: f64) -> Range<f64> {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    if low > high {
        return 0.0..10.0;
    }
    let air = (0.06 * (high - low)).max(least_air);
    low - air..high + air
}
