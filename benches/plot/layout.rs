//! The colours and words of all pictures, and curves beside their legend.

use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Outcome;

/// Black and grey, and colours that the colour-blind can tell apart.
pub(crate) const BLACK: RGBColor = RGBColor(0, 0, 0);
pub(crate) const GREY: RGBColor = RGBColor(130, 130, 130);
pub(crate) const PALE: RGBColor = RGBColor(225, 225, 225);
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const RED: RGBColor = RGBColor(213, 94, 0);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);

/// Sizes of letters.
pub(crate) const HEADING: i32 = 19;
pub(crate) const LABEL: i32 = 14;
pub(crate) const SMALL: i32 = 13;

/// A picture of curves.
const WIDTH: u32 = 800;
const HEIGHT: u32 = 400;
/// The width of the legend.
const LEGEND: u32 = 150;

/// `operation/in_out_more` in words.
pub(crate) fn title(id: &str) -> String {
    let (operation, types) = id.split_once('/').unwrap_or((id, ""));
    let types: Vec<_> = types.split('_').collect();
    let types = match types[..] {
        [read, written, ref more @ ..] if read != written => {
            format!("{read} → {written} {}", more.join(" "))
        }
        _ => types[0].to_owned(),
    };
    format!("{} {types}", operation.replace('_', " ")).trim_end().to_owned()
}

/// Words that begin, end or have their middle at a point.
pub(crate) fn text(
    root: &DrawingArea<SVGBackend, Shift>,
    words: &str,
    at: (i32, i32),
    size: i32,
    colour: RGBColor,
    side: HPos,
) -> Outcome<()> {
    let style = ("sans-serif", size).into_font().color(&colour);
    let style = style.pos(Pos::new(side, VPos::Center));
    root.draw(&Text::new(words.to_owned(), at, style))?;
    Ok(())
}

/// A name, a colour, and points.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) colour: RGBColor,
    pub(crate) dashed: bool,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A picture of curves, apart from them.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: XAxis,
    pub(crate) y: Range<f64>,
    pub(crate) x_name: &'static str,
    pub(crate) y_name: &'static str,
    /// The size of the dots on a curve.
    pub(crate) dot: i32,
}

/// A horizontal axis that is told where its lines are, which are not round numbers in decimals.
pub(crate) struct XAxis {
    pub(crate) range: Range<f64>,
    /// The places of vertical lines.
    pub(crate) lines: Vec<f64>,
    pub(crate) label: fn(f64) -> String,
}

impl Ranged for XAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, x: &f64, (left, right): (i32, i32)) -> i32 {
        let part = (x - self.range.start) / (self.range.end - self.range.start);
        left + (part * f64::from(right - left)).round() as i32
    }
    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.lines.clone()
    }
    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for XAxis {
    fn format_ext(&self, x: &f64) -> String {
        (self.label)(*x)
    }
}

impl Chart {
    pub(crate) fn draw(self, curves: &[Curve], file: &Path) -> Outcome<()> {
        let root = SVGBackend::new(file, (WIDTH, HEIGHT)).into_drawing_area();
        root.fill(&WHITE)?;
        let (left, right) = root.split_horizontally(WIDTH - LEGEND);
        let mut chart = ChartBuilder::on(&left)
            .caption(self.title, ("sans-serif", HEADING))
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(58)
            .build_cartesian_2d(self.x, self.y)?;
        chart
            .configure_mesh()
            .y_label_formatter(&|y| format!("{}", (y * 1000.0).round() / 1000.0))
            .x_desc(self.x_name)
            .y_desc(self.y_name)
            .bold_line_style(PALE)
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .label_style(("sans-serif", LABEL))
            .draw()?;
        for curve in curves {
            let style = curve.colour.stroke_width(2);
            let path = curve.points.clone();
            if curve.dashed {
                chart.draw_series([DashedPathElement::new(path, 7, 5, style)])?;
            } else {
                let dot = |&at: &_| Circle::new(at, self.dot, curve.colour.filled());
                chart.draw_series(path.iter().map(dot))?;
                chart.draw_series([PathElement::new(path, style)])?;
            }
        }
        draw_legend(curves, &right)?;
        root.present()?;
        Ok(())
    }
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
        text(area, &curve.name, (32, y), LABEL, BLACK, HPos::Left)?;
    }
    Ok(())
}
