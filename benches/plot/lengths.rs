//! `lengths-OPERATION-TYPES.svg`, the time of a call on every short length, and `slices-KIND-TYPES.svg`, the time of an
//! element in slices of every short length, from the files that `cargo bench --bench ratios -- lengths` and
//! `-- slices` write.

use std::path::{Path, PathBuf};

use plotters::style::RGBColor;

use crate::Outcome;
use crate::layout::{BLUE, Chart, Curve, GREEN, ORANGE, PURPLE, RED, XAxis, title};

/// The curves of each operation.
pub(crate) type Times = Vec<(String, Vec<Curve>)>;

const COLOURS: [RGBColor; 5] = [BLUE, GREEN, RED, ORANGE, PURPLE];

/// A file of measured times.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nanoseconds a call; the plain loop soon leaves at the top.
    Lengths,
    /// Nanoseconds an element; the shortest slices leave at the top.
    Slices,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Lengths => "lengths",
            Self::Slices => "slices",
        }
    }

    /// Reads the file; returns no times if cargo's target folder has no such file.
    pub(crate) fn read(self, target: &Path) -> Outcome<Times> {
        let file = target.join(self.name()).with_extension("csv");
        if !file.is_file() {
            return Ok(Times::new());
        }
        let text = std::fs::read_to_string(&file)?;
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let wrong = || format!("{}: not what the bench ratios writes", file.display());
        let names = lines.next().filter(|names| (3..=2 + COLOURS.len()).contains(&names.len()));
        let names = names.ok_or_else(wrong)?;
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

    pub(crate) fn draw(self, times: &Times, folder: &Path) -> Outcome<Vec<PathBuf>> {
        let mut written = Vec::new();
        for (id, curves) in times {
            let file = folder.join(format!("{}-{}.svg", self.name(), id.replace('/', "-")));
            self.draw_one(id, curves, &file)?;
            written.push(file);
        }
        Ok(written)
    }

    /// The points that fill the height.
    fn fills(self, curve: usize, point: &(f64, f64)) -> bool {
        match self {
            Self::Lengths => curve < 2,
            Self::Slices => point.0 >= 16.0,
        }
    }

    fn draw_one(self, id: &str, curves: &[Curve], file: &Path) -> Outcome<()> {
        let points =
            || curves.iter().enumerate().flat_map(|(i, c)| c.points.iter().map(move |p| (i, p)));
        let filling = points().filter(|(i, point)| self.fills(*i, point));
        let top = 1.15 * filling.map(|(_, point)| point.1).fold(0.0, f64::max);
        let longest = points().map(|(_, point)| point.0).fold(1.0, f64::max);
        let visible = |curve: &Curve| {
            let points = curve.points.iter().copied().filter(|point| point.1 <= top).collect();
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
            x_name: match self {
                Self::Lengths => "elements, one thread",
                Self::Slices => "elements of a slice, one thread, tensor in the second cache",
            },
            y_name: match self {
                Self::Lengths => "nanoseconds a call",
                Self::Slices => "nanoseconds an element",
            },
            dot: 2,
        };
        chart.draw(&curves, file)
    }
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
