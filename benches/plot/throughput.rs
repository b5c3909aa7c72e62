//! `throughput-OPERATION-TYPES.svg`: elements in a second against length, and the limit above them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::results::{Contenders, Results};
use crate::{BLACK, BLUE, GREEN, GREY, ORANGE, Outcome, PALE, RED, short, title};

/// Who is drawn, the slowest last.
const DRAWN: [(&str, RGBColor); 5] =
    [("avx512", BLUE), ("avx2", GREEN), ("neon", BLUE), ("portable", ORANGE), ("plain", RED)];

const WIDTH: u32 = 800;
const HEIGHT: u32 = 400;
/// What the legend takes of the width.
const LEGEND: u32 = 150;

/// A name, a colour, and points of log₂ length and Gelem/s.
struct Curve {
    name: String,
    colour: RGBColor,
    dashed: bool,
    points: Vec<(f64, f64)>,
}

impl Curve {
    fn new(name: &str, colour: RGBColor, dashed: bool, medians: &BTreeMap<u64, f64>) -> Self {
        let point = |(&len, &ns): (&u64, &f64)| ((len as f64).log2(), len as f64 / ns);
        Self { name: name.into(), colour, dashed, points: medians.iter().map(point).collect() }
    }
}

/// Draws every operation of which two lengths or more were measured.
pub(crate) fn draw(results: &Results, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (id, contenders) in results {
        let curves = curves(contenders);
        if curves.iter().any(|curve| curve.points.len() > 1) {
            let file = folder.join(format!("throughput-{}.svg", id.replace('/', "-")));
            draw_one(id, &curves, &file)?;
            written.push(file);
        }
    }
    Ok(written)
}

fn curves(contenders: &Contenders) -> Vec<Curve> {
    let backends = DRAWN
        .iter()
        .filter_map(|&(name, colour)| Some(Curve::new(name, colour, false, contenders.get(name)?)));
    let mut limit = BTreeMap::new();
    for (_, medians) in contenders.iter().filter(|(name, _)| name.starts_with("limit_")) {
        for (&len, &ns) in medians {
            let least = limit.entry(len).or_insert(f64::INFINITY);
            *least = least.min(ns);
        }
    }
    // Its loops over single elements make it no limit there.
    limit.retain(|&len, _| len >= 64);
    let limit = Curve::new("limit: bytes only", GREY, true, &limit);
    std::iter::once(limit).chain(backends).filter(|curve| !curve.points.is_empty()).collect()
}

fn draw_one(id: &str, curves: &[Curve], file: &Path) -> Outcome<()> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let least = points().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let most = points().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    let highest = points().map(|p| p.1).fold(0.0, f64::max);

    let root = SVGBackend::new(file, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(WIDTH - LEGEND);
    let mut chart = ChartBuilder::on(&left)
        .caption(title(id), ("sans-serif", 19))
        .margin(12)
        .x_label_area_size(46)
        .y_label_area_size(58)
        .build_cartesian_2d(least.floor()..most.ceil(), 0.0..highest * 1.08)?;
    chart
        .configure_mesh()
        .x_labels(most as usize)
        .x_label_formatter(&|x| if x % 2.0 == 0.0 { short(1 << *x as u32) } else { String::new() })
        .y_label_formatter(&|y| format!("{y}"))
        .x_desc("elements, one call, one thread")
        .y_desc("10⁹ elements per second")
        .bold_line_style(PALE)
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .label_style(("sans-serif", 14))
        .draw()?;
    for curve in curves {
        let style = curve.colour.stroke_width(2);
        let path = curve.points.clone();
        if curve.dashed {
            chart.draw_series([DashedPathElement::new(path, 7, 5, style)])?;
        } else {
            chart.draw_series(path.iter().map(|&at| Circle::new(at, 3, curve.colour.filled())))?;
            chart.draw_series([PathElement::new(path, style)])?;
        }
    }
    draw_legend(curves, &right)?;
    root.present()?;
    Ok(())
}

/// Beside the curves: within them it would cover some.
fn draw_legend(curves: &[Curve], area: &DrawingArea<SVGBackend, Shift>) -> Outcome<()> {
    for (curve, y) in curves.iter().zip((70..).step_by(24)) {
        let style = curve.colour.stroke_width(2);
        let ends = [(0, y), (24, y)];
        if curve.dashed {
            area.draw(&DashedPathElement::new(ends, 7, 5, style))?;
        } else {
            area.draw(&PathElement::new(ends, style))?;
        }
        let font = ("sans-serif", 14).into_font().color(&BLACK);
        let font = font.pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(curve.name.clone(), (32, y), font))?;
    }
    Ok(())
}
