//! The rules by which a scale and a zero point are found from data, and the formula under any of them.

use crate::code::Codes;
use crate::contract::Contract;
use crate::dequantize::{from_ordered, ordered};
use crate::quantize::float_text;
use crate::rule::{contract, rules};

rules! {
    /// The range of the data.
    Range "range" {
        Widened = "widens the range to contain 0",
        Raw = "takes the range as it is",
    }
    /// The quotient of the width and the number of steps.
    Step "scale" {
        Divide = "divides the width by qmax - qmin in f32",
        Product = "multiplies the width by 1 / (qmax - qmin) in f32",
        F64 = "divides the width by qmax - qmin in f64, and rounds to f32 at the end",
    }
    /// The zero point.
    Offset "zero point" {
        TiesEven = "takes rint(qmin - min / S) in f32",
        TiesAway = "rounds qmin - min / S with ties away from 0",
        BetterEnd = "computes Z in f64 from the end of the range that has the smaller error",
    }
    /// The scale where the width is 0, or so small that the scale is.
    Least "small width" {
        One = "takes 1 for a width of 0, and at least the least normal scale",
        OneForZero = "takes 1 for a width of 0, and subnormal scales as they are",
        Epsilon = "takes at least 2^-23",
        Tenth = "takes 0.1 if 1 / S is infinite",
        Unguarded = "does not look at the width",
    }
    /// The width where it is beyond `f32`.
    Width "great width" {
        Finite = "finds a finite scale if the width overflows",
        Infinite = "lets the width overflow",
    }
    /// Data with a NaN.
    NanData "NaN" {
        Refused = "refuses data with a NaN",
        Ignored = "ignores NaN",
        Spread = "finds a NaN",
    }
}

contract! {
    /// A formula from data to a scale and a zero point, for asymmetric codes.
    FindParams {
        range: Range,
        step: Step,
        offset: Offset,
        least: Least,
        width: Width,
        nan: NanData,
    }
}

/// Data of one call: `len` elements that are `min`, but for `max` at one place and, perhaps, a NaN at another.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Data {
    /// The least number.
    pub min: f32,
    /// The greatest number, which may be the least too.
    pub max: f32,
    /// The number of elements.
    pub len: u32,
    /// The place of the greatest number.
    pub max_at: u32,
    /// The place of a NaN, if there is one.
    pub nan_at: Option<u32>,
}

impl Data {
    /// Returns the elements.
    pub fn elements(self) -> Vec<f32> {
        let mut elements = vec![self.min; self.len as usize];
        elements[self.max_at as usize] = self.max;
        if let Some(at) = self.nan_at {
            elements[at as usize] = f32::NAN;
        }
        elements
    }

    /// Returns the extremes, and whether there is a NaN.
    fn seen(self) -> (f32, f32, bool) {
        let numbers = || self.elements().into_iter().filter(|x| !x.is_nan());
        let min = numbers().fold(f32::INFINITY, f32::min);
        let max = numbers().fold(f32::NEG_INFINITY, f32::max);
        // A zero of either sign is +0.
        (min + 0.0, max + 0.0, self.nan_at.is_some())
    }
}

/// The output of a call that is refused.
const REFUSED: i64 = i64::MIN;

/// Zero points within ±2²⁵ and the bits of a scale fit 64 bits.
const ZERO_POINTS: i64 = 1 << 26;

/// Packs a scale and a zero point, which says nothing beside a NaN.
pub(crate) fn output(found: Option<(f32, i32)>) -> i64 {
    match found {
        None => REFUSED,
        Some((scale, _)) if scale.is_nan() => ordered(f32::NAN) * ZERO_POINTS,
        Some((scale, zero_point)) => {
            ordered(scale) * ZERO_POINTS + i64::from(zero_point.clamp(-(1 << 25), (1 << 25) - 1))
        }
    }
}

fn unpacked(output: i64) -> (i64, i64) {
    let scale = (output + ZERO_POINTS / 2).div_euclid(ZERO_POINTS);
    (scale, output - scale * ZERO_POINTS)
}

impl FindParams {
    /// Returns the scale and the zero point, or `None` for data that are refused.
    pub fn find(self, codes: Codes, data: Data) -> Option<(f32, i32)> {
        let (min, max, has_nan) = data.seen();
        match self.nan {
            NanData::Refused if has_nan => return None,
            NanData::Spread if has_nan => return Some((f32::NAN, 0)),
            _ => {}
        }
        let (min, max) = match self.range {
            Range::Widened => (min.min(0.0), max.max(0.0)),
            Range::Raw => (min, max),
        };
        let scale = self.guarded(self.scale(codes, min, max), max - min);
        Some((scale, self.zero_point(codes, min, max, scale)))
    }

    fn scale(self, codes: Codes, min: f32, max: f32) -> f32 {
        let steps = (codes.max - codes.min) as f32;
        let width = max - min;
        if width.is_infinite() && self.width == Width::Finite {
            return max / steps - min / steps;
        }
        match self.step {
            Step::Divide => width / steps,
            Step::Product => width * (1.0 / steps),
            Step::F64 => ((f64::from(max) - f64::from(min)) / f64::from(steps)) as f32,
        }
    }

    fn guarded(self, scale: f32, width: f32) -> f32 {
        match self.least {
            Least::One | Least::OneForZero if width == 0.0 => 1.0,
            Least::One => scale.max(f32::MIN_POSITIVE),
            Least::Epsilon => scale.max(f32::EPSILON),
            Least::Tenth if (1.0 / scale).is_infinite() => 0.1,
            Least::Tenth | Least::OneForZero | Least::Unguarded => scale,
        }
    }

    fn zero_point(self, codes: Codes, min: f32, max: f32, scale: f32) -> i32 {
        let (qmin, qmax) = (codes.min as f32, codes.max as f32);
        let z = match self.offset {
            Offset::TiesEven => (qmin - min / scale).round_ties_even(),
            Offset::TiesAway => (qmin - min / scale).round(),
            Offset::BetterEnd => return better_end(codes, min, max, scale),
        };
        match self.range {
            Range::Widened => z.clamp(qmin, qmax) as i32,
            Range::Raw => z as i32,
        }
    }
}

/// Returns the zero point as PyTorch finds it.
fn better_end(codes: Codes, min: f32, max: f32, scale: f32) -> i32 {
    let (qmin, qmax) = (f64::from(codes.min), f64::from(codes.max));
    let (low, high) = (f64::from(min) / f64::from(scale), f64::from(max) / f64::from(scale));
    let from_min = qmin.abs() + low.abs() < qmax.abs() + high.abs();
    let z = if from_min { qmin - low } else { qmax - high };
    z.round_ties_even().clamp(qmin, qmax) as i32
}

impl Contract for FindParams {
    type Params = ();
    type Input = Data;
    type Codes = Codes;

    fn codes_name(codes: Codes) -> &'static str {
        codes.name
    }

    fn output(self, codes: Codes, _params: (), data: Data) -> i64 {
        output(self.find(codes, data))
    }

    fn outputs(self, codes: Codes, _params: (), inputs: &[Data]) -> Vec<i64> {
        inputs
            .iter()
            .map(|&data| match self == Self::REFERENCE {
                true => output(codes.found(&data.elements())),
                false => self.output(codes, (), data),
            })
            .collect()
    }

    fn call_text(_params: (), inputs: &[Data]) -> String {
        let data = inputs[0];
        match data.len {
            0..=4 => {
                let texts: Vec<_> = data.elements().into_iter().map(float_text).collect();
                format!("params(&[{}])", texts.join(", "))
            }
            _ => format!("params(&{data:?}.elements())"),
        }
    }

    fn output_text(output: i64) -> String {
        match unpacked(output) {
            _ if output == REFUSED => "a refusal".into(),
            (scale, z) => format!("({}, {z})", float_text(from_ordered(scale))),
        }
    }

    fn difference(a: i64, b: i64) -> u64 {
        let ((scale_a, z_a), (scale_b, z_b)) = (unpacked(a), unpacked(b));
        scale_a.abs_diff(scale_b).max(z_a.abs_diff(z_b))
    }

    fn is_canonical(self, _codes: Codes) -> bool {
        // In f64, no width overflows.
        self.step != Step::F64 || self.width == Width::Finite
    }
}
