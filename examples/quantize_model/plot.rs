//! The picture: the error of every tensor under both schemes.

use std::error::Error;
use std::ops::Range;

use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::job::{Outcome, Quantized};
use crate::model::Tensor;

/// Two colours that a colour-blind eye tells apart too; the marks differ besides.
const ASYMMETRIC: RGBColor = RGBColor(0, 114, 178);
const SYMMETRIC: RGBColor = RGBColor(213, 94, 0);

/// More tensors than this are numbered; up to here there is room for their names.
const MOST_NAMED: usize = 160;

/// What is drawn of a tensor. A ratio that is not finite (no error, or no signal) has no point.
struct Column {
    label: String,
    asymmetric: Option<f64>,
    symmetric: Option<f64>,
}

pub(crate) fn svg(tensors: &[Tensor], outcomes: &[Outcome]) -> Result<String, Box<dyn Error>> {
    let columns: Vec<Column> = tensors
        .iter()
        .zip(outcomes)
        .filter_map(|(t, o)| if let Outcome::Quantized(q) = o { Some(column(t, q)) } else { None })
        .collect();
    let named = columns.len() <= MOST_NAMED;
    let width = if named { 200 + 15 * columns.len() as u32 } else { 1600 };
    let mut svg = String::new();
    draw(&mut svg, (width.max(760), if named { 700 } else { 520 }), &columns, named)?;
    Ok(svg)
}

fn column(tensor: &Tensor, q: &Quantized) -> Column {
    let finite = |db: f64| Some(db).filter(|db| db.is_finite());
    Column {
        label: tensor.label(34),
        asymmetric: finite(q.asymmetric.error.sqnr_db()),
        symmetric: finite(q.symmetric.error.sqnr_db()),
    }
}

fn draw(
    svg: &mut String,
    size: (u32, u32),
    columns: &[Column],
    named: bool,
) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Signal to quantization noise of every tensor, 8 bits", ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(if named { 240 } else { 48 })
        .y_label_area_size(60)
        .build_cartesian_2d(-1..columns.len() as i32, bounds(columns))?;

    let upwards = ("sans-serif", 11)
        .into_font()
        .transform(FontTransform::Rotate270)
        .color(&BLACK)
        .pos(Pos::new(HPos::Right, VPos::Center));
    let name = |i: &i32| usize::try_from(*i).ok().and_then(|i| columns.get(i)).map(|c| &c.label);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .bold_line_style(RGBColor(215, 215, 215))
        .light_line_style(RGBColor(242, 242, 242))
        .label_style(("sans-serif", 13))
        .y_desc("SQNR, dB (more is better)")
        .axis_desc_style(("sans-serif", 14));
    let by_name = |i: &i32| name(i).cloned().unwrap_or_default();
    if named {
        mesh.x_labels(columns.len() + 2).x_label_style(upwards).x_label_formatter(&by_name);
    }
    mesh.x_desc("tensor, in the order of the file").draw()?;

    let both = |(i, c): (usize, &Column)| Some((i as i32, c.asymmetric?, c.symmetric?));
    chart.draw_series(
        columns
            .iter()
            .enumerate()
            .filter_map(both)
            .map(|(i, a, s)| PathElement::new(vec![(i, a), (i, s)], RGBColor(190, 190, 190))),
    )?;
    let points = |of: fn(&Column) -> Option<f64>| {
        columns.iter().enumerate().filter_map(move |(i, c)| Some((i as i32, of(c)?)))
    };
    chart
        .draw_series(points(|c| c.asymmetric).map(|at| Circle::new(at, 4, ASYMMETRIC.filled())))?
        .label("asymmetric, u8")
        .legend(|(x, y)| Circle::new((x + 8, y), 4, ASYMMETRIC.filled()));
    chart
        .draw_series(
            points(|c| c.symmetric).map(|at| TriangleMarker::new(at, 5, SYMMETRIC.filled())),
        )?
        .label("symmetric, i8")
        .legend(|(x, y)| TriangleMarker::new((x + 8, y), 5, SYMMETRIC.filled()));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 13))
        .background_style(WHITE)
        .border_style(RGBColor(190, 190, 190))
        .draw()?;
    root.present()?;
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
    let air = (0.08 * (high - low)).max(1.0);
    low - air..high + air
}
