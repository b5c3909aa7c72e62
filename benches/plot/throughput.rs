//! `throughput-OPERATION-TYPES.svg`: elements in a second against length, and the limit above them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plotters::style::RGBColor;

use crate::Outcome;
use crate::layout::{BLUE, Chart, Curve, GREEN, GREY, ORANGE, RED, XAxis, title};
use crate::numbers::short;
use crate::results::{Contenders, Results};

/// Who is drawn, the slowest last.
const DRAWN: [(&str, RGBColor); 5] =
    [("avx512", BLUE), ("avx2", GREEN), ("neon", BLUE), ("portable", ORANGE), ("plain", RED)];

/// Points of log₂ length and Gelem/s.
fn curve(name: &str, colour: RGBColor, dashed: bool, medians: &BTreeMap<u64, f64>) -> Curve {
    let point = |(&len, &ns): (&u64, &f64)| ((len as f64).log2(), len as f64 / ns);
    Curve { name: name.into(), colour, dashed, points: medians.iter().map(point).collect() }
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
        .filter_map(|&(name, colour)| Some(curve(name, colour, false, contenders.get(name)?)));
    let mut limit = BTreeMap::new();
    for (_, medians) in contenders.iter().filter(|(name, _)| name.starts_with("limit_")) {
        for (&len, &ns) in medians {
            let least = limit.entry(len).or_insert(f64::INFINITY);
            *least = least.min(ns);
        }
    }
    // Its loops over single elements make it no limit there.
    limit.retain(|&len, _| len >= 64);
    let limit = curve("limit: bytes only", GREY, true, &limit);
    std::iter::once(limit).chain(backends).filter(|curve| !curve.points.is_empty()).collect()
}

fn draw_one(id: &str, curves: &[Curve], file: &Path) -> Outcome<()> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let least = points().map(|p| p.0).fold(f64::INFINITY, f64::min).floor();
    let most = points().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max).ceil();
    let highest = points().map(|p| p.1).fold(0.0, f64::max);
    let chart = Chart {
        title: title(id),
        x: XAxis {
            range: least..most,
            lines: (least as i32..=most as i32).map(f64::from).collect(),
            label: |x| if x % 2.0 == 0.0 { short(1 << x as u32) } else { String::new() },
        },
        y: 0.0..highest * 1.08,
        x_name: "elements, one call, one thread",
        y_name: "10⁹ elements per second",
        dot: 3,
    };
    chart.draw(curves, file)
}
