//! The picture: the error of every tensor under one scheme or both.

use std::error::Error;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::{RangedCoordf64, RangedCoordi32};
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::choice::{Arrays, Sharing, Which};
use crate::job::{Outcome, Quantized};
use crate::model::Tensor;
use crate::text;

/// Two colours that a colour-blind eye tells apart too; the marks differ besides.
pub(crate) const ASYMMETRIC: RGBColor = RGBColor(0, 114, 178);
pub(crate) const SYMMETRIC: RGBColor = RGBColor(213, 94, 0);
pub(crate) const GRID: RGBColor = RGBColor(222, 222, 222);
pub(crate) const LINK: RGBColor = RGBColor(150, 150, 150);

/// More tensors than this are numbered; up to here there is room for their names.
const MOST_NAMED: usize = 200;
const LONGEST_NAME: usize = 50;

/// The height of the picture without its names, in pixels. The next constants are the heading, and
/// the room of a tensor and of a letter.
const HEIGHT: u32 = 480;
const HEADING: u32 = 64;
const TENSOR: u32 = 15;
const LETTER: f64 = 5.2;

pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordi32, RangedCoordf64>>;

/// The points of a tensor. A ratio that is not finite (no error, or no signal) has no point, nor
/// has a scheme that was not chosen.
struct Column {
    name: String,
    asymmetric: Option<f64>,
    symmetric: Option<f64>,
    whole: bool,
}

/// Draws `choices`, which differ in their scheme only.
pub(crate) fn svg(
    choices: &[Arrays],
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> Result<String, Box<dyn Error>> {
    let columns: Vec<Column> = tensors
        .iter()
        .zip(outcomes)
        .filter_map(|(t, o)| match o {
            Outcome::Quantized(q) => Some(column(choices, t, q)),
            _ => None,
        })
        .collect();
    let named = columns.len() <= MOST_NAMED;
    let longest = columns.iter().map(|c| text::width(&c.name)).max().unwrap_or(0);
    let names = if named { (LETTER * longest as f64) as u32 + 12 } else { 24 };
    let width = if named { 120 + TENSOR * columns.len() as u32 } else { 1600 };

    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (width.max(800), HEIGHT + names));
    let root = root.into_drawing_area();
    root.fill(&WHITE)?;
    draw_heading(&root, choices, &columns)?;
    draw_chart(&root, &columns, named, names)?;
    root.present()?;
    drop(root);
    Ok(svg)
}

fn column(choices: &[Arrays], tensor: &Tensor, q: &Quantized) -> Column {
    let of = |scheme| {
        let i = choices.iter().position(|c| c.scheme == scheme)?;
        Some(q.sides[i].error.sqnr_db()).filter(|db| db.is_finite())
    };
    let (asymmetric, symmetric) = (of(Which::Asymmetric), of(Which::Symmetric));
    let whole = asymmetric.iter().chain(&symmetric).count() == choices.len();
    Column { name: tensor.label(LONGEST_NAME), asymmetric, symmetric, whole }
}

/// The title, and below it what the marks mean: above the chart, where no point can be hidden.
fn draw_heading(root: &Area, choices: &[Arrays], columns: &[Column]) -> Result<(), Box<dyn Error>> {
    let text = |text: String, at: (i32, i32), size: i32| {
        root.draw(&Text::new(text, at, ("sans-serif", size)))
    };
    let (bits, sharing) =
        choices.first().map_or((0, Sharing::Tensor), |c| (c.bits.count(), c.sharing));
    let title = match sharing {
        Sharing::Tensor => format!("Quantization to {bits} bits"),
        other => format!("Quantization to {bits} bits, {other}"),
    };
    text(format!("{title}: signal to quantization noise of every tensor"), (20, 14), 19)?;
    let row = 46;
    let mut left = 20;
    for choice in choices {
        match choice.scheme {
            Which::Asymmetric => {
                root.draw(&Circle::new((left + 6, row + 6), 4, ASYMMETRIC.filled()))?;
            }
            Which::Symmetric => {
                root.draw(&TriangleMarker::new((left + 6, row + 6), 5, SYMMETRIC.filled()))?;
            }
        }
        text(format!("{}, {}", choice.scheme, choice.code()), (left + 16, row), 13)?;
        left += 130;
    }
    let missing = columns.iter().filter(|c| !c.whole).count();
    if missing > 0 {
        let note = format!("without error or without signal, so not drawn: {missing}");
        text(note, (left, row), 13)?;
    }
    Ok(())
}

fn draw_chart(
    root: &Area,
    columns: &[Column],
    named: bool,
    names: u32,
) -> Result<(), Box<dyn Error>> {
    let decibels = bounds(columns);
    let low = decibels.start;
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .margin_top(HEADING + 8)
        .x_label_area_size(names + 24)
        .y_label_area_size(56)
        .build_cartesian_2d(-1..columns.len().max(1) as i32, decibels)?;
    let nothing = |_: &i32| String::new();
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .y_label_formatter(&|db| format!("{db:.0}"))
        .label_style(("sans-serif", 13))
        .axis_style(LINK)
        .axis_desc_style(("sans-serif", 14))
        .y_desc("SQNR in dB, more is better")
        .x_desc("tensor, in the order of the file");
    if named {
        // No numbers where the names will stand. (Plotters panics if it is to make none.)
        mesh.x_label_formatter(&nothing).set_tick_mark_size(LabelAreaPosition::Bottom, 0);
    }
    mesh.draw()?;
    draw_marks(&mut chart, columns, low, named)?;
    if named {
        draw_names(root, &chart, columns, low)?;
    }
    Ok(())
}

fn draw_marks(
    chart: &mut Chart,
    columns: &[Column],
    low: f64,
    named: bool,
) -> Result<(), Box<dyn Error>> {
    let at = |i: usize, db: f64| (i as i32, db);
    for (i, c) in columns.iter().enumerate() {
        // One scheme alone has its thread too.
        let (Some(a), Some(s)) = (c.asymmetric.or(c.symmetric), c.symmetric.or(c.asymmetric))
        else {
            continue;
        };
        let thread = PathElement::new(vec![at(i, low), at(i, a.min(s))], GRID);
        chart.draw_series([thread].into_iter().filter(|_| named))?;
        chart.draw_series([PathElement::new(vec![at(i, a), at(i, s)], LINK)])?;
    }
    let points = |of: fn(&Column) -> Option<f64>| {
        columns.iter().enumerate().filter_map(move |(i, c)| Some(at(i, of(c)?)))
    };
    chart.draw_series(points(|c| c.asymmetric).map(|p| Circle::new(p, 4, ASYMMETRIC.filled())))?;
    chart.draw_series(
        points(|c| c.symmetric).map(|p| TriangleMarker::new(p, 5, SYMMETRIC.filled())),
    )?;
    Ok(())
}

/// Each name under its marks; plotters puts the turned labels of an axis beside their place.
fn draw_names(
    root: &Area,
    chart: &Chart,
    columns: &[Column],
    low: f64,
) -> Result<(), Box<dyn Error>> {
    let upwards = ("sans-serif", 11).into_font().transform(FontTransform::Rotate270).color(&BLACK);
    let upwards = upwards.pos(Pos::new(HPos::Right, VPos::Center));
    for (i, column) in columns.iter().enumerate() {
        let (x, y) = chart.backend_coord(&(i as i32, low));
        root.draw(&Text::new(column.name.as_str(), (x, y + 6), upwards.clone()))?;
    }
    Ok(())
}

/// The decibels from the least to the greatest point, with some air.
fn bounds(columns: &[Column]) -> Range<f64> {
    let all = || columns.iter().flat_map(|c| [c.asymmetric, c.symmetric]).flatten();
    let (low, high) =
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return 0.0..60.0;
    }
    let air = (0.06 * (high - low)).max(1.0);
    low - air..high + air
}
