//! `lengths-OPERATION-TYPES.svg`: the time of a call on every short length, from the file that
//! `cargo bench --bench ratios -- lengths` writes.

use std::path::{Path, PathBuf};

use plotters::style::RGBColor;

use crate::Outcome;
use crate::layout::{BLUE, Chart, Curve, GREEN, RED, XAxis, title};

/// The curves of each operation.
pub(crate) type Times = Vec<(String, Vec<Curve>)>;

const COLOURS: [RGBColor; 3] = [BLUE, GREEN, RED];

/// Nothing where there is no such file.
pub(crate) fn read(file: &Path) -> Outcome<Times> {
    if !file.is_file() {
        return Ok(Times::new());
    }
    let text = std::fs::read_to_string(file)?;
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let wrong = || format!("{}: not what the bench ratios writes", file.display());
    let names = lines.next().filter(|names| names.len() == 2 + COLOURS.len()).ok_or_else(wrong)?;
    let mut times = Times::new();
    for fields in lines {
        let [id, len, ref measured @ ..] = fields[..] else { return Err(wrong().into()) };
        if times.last().is_none_or(|(last, _)| last != id) {
            times.push((id.to_owned(), curves(&names[2..])));
        }
        if let Some((_, curves)) = times.last_mut() {
            for (curve, ns) in curves.iter_mut().zip(measured) {
                curve.points.push((len.parse()?, ns.parse()?));
            }
        }
    }
    Ok(times)
}

fn curves(names: &[&str]) -> Vec<Curve> {
    let called = |name: &str| match name {
        "free" => "free function".into(),
        "plain" => "plain loop".into(),
        backend => backend.into(),
    };
    let curve =
        |(&name, colour)| Curve { name: called(name), colour, dashed: false, points: Vec::new() };
    names.iter().zip(COLOURS).map(curve).collect()
}

pub(crate) fn draw(times: &Times, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (id, curves) in times {
        let file = folder.join(format!("lengths-{}.svg", id.replace('/', "-")));
        draw_one(id, curves, &file)?;
        written.push(file);
    }
    Ok(written)
}

/// Our curves fill the height; the plain loop soon leaves at the top.
fn draw_one(id: &str, curves: &[Curve], file: &Path) -> Outcome<()> {
    let ours = || curves.iter().take(2).flat_map(|curve| &curve.points);
    let top = 1.15 * ours().map(|point| point.1).fold(1.0, f64::max);
    let longest = ours().map(|point| point.0).fold(1.0, f64::max);
    let visible = |curve: &Curve| {
        let points = curve.points.iter().copied().take_while(|point| point.1 <= top).collect();
        Curve { name: curve.name.clone(), points, ..*curve }
    };
    let curves: Vec<_> = curves.iter().map(visible).collect();
    let chart = Chart {
        title: title(id),
        x: XAxis {
            range: 0.0..longest,
            lines: (0..=longest as i32).step_by(16).map(f64::from).collect(),
            label: |x| if x % 32.0 == 0.0 { format!("{x}") } else { String::new() },
        },
        y: 0.0..top,
        x_name: "elements, one thread",
        y_name: "nanoseconds a call",
        dot: 2,
    };
    chart.draw(&curves, file)
}
