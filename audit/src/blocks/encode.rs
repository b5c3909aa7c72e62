//! The formula from numbers to blocks, under any of its rules.

use std::sync::Arc;

use half::f16;

use super::format::{Format, field_text, float_output, half_output};
use super::rules::{
    Clamp, Contraction, Encode, Extreme, FifthBits, Halves, Inverse, Places, Rounding, Steps, Sums,
    ZeroSums, Zeros,
};
use crate::contract::{Contract, text_of_rules_that_matter};
use crate::quantize::float_text;

/// A field of a block, and the numbers of the block.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The format of the block.
    pub format: Format,
    /// The numbers.
    pub numbers: Arc<[f32]>,
    /// The number of the field: floats come first, then codes, then sums.
    pub at: usize,
}

/// The scale of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) d: f32,
    pub(crate) least: f32,
    /// The number by which elements are multiplied, or divided.
    by: f32,
    divides: bool,
}

impl Places {
    /// Returns the element whose code is where the format has code j.
    pub(crate) fn element(self, j: usize) -> usize {
        match self {
            Self::Halves => j,
            Self::HalvesSwapped => (j + 16) % 32,
            Self::Neighbours => 2 * (j % 16) + j / 16,
            Self::NeighboursSwapped => 2 * (j % 16) + 1 - j / 16,
        }
    }
}

impl FifthBits {
    /// Returns the element whose fifth bit is bit j.
    pub(crate) fn element(self, j: usize) -> usize {
        match self {
            Self::Codes => j,
            Self::Bytes => j / 2 + 16 * (j % 2),
        }
    }
}

impl Scale {
    /// Returns a number at some steps from 0, or from the least number.
    pub(crate) fn at_steps(self, n: f64) -> f32 {
        let by = f64::from(self.by);
        let steps = if self.divides { n * by } else { n / by };
        (f64::from(self.least) + steps) as f32
    }
}

impl Encode {
    pub(crate) fn scale(self, format: Format, x: &[f32]) -> Scale {
        let (extreme, steps, least) = self.extreme(format, x);
        let d = if format == Format::Q8K && self.inverse == Inverse::Format {
            if extreme == 0.0 { 0.0 } else { 1.0 / (steps / extreme) }
        } else if format == Format::Q8K && extreme == 0.0 {
            0.0
        } else {
            match self.steps {
                Steps::Divide => extreme / steps,
                Steps::Product => extreme * (1.0 / steps),
            }
        };
        let stored = self.half(d).to_f32();
        let inverse = |d: f32| if d == 0.0 { 0.0 } else { 1.0 / d };
        let direct = if extreme == 0.0 { 0.0 } else { steps / extreme };
        let (by, divides) = match self.inverse {
            Inverse::Format if format == Format::Q8K => (direct, false),
            Inverse::Format | Inverse::OfD => (inverse(d), false),
            Inverse::OfExtreme => (direct, false),
            Inverse::OfStored => (inverse(stored), false),
            Inverse::Divides if d != 0.0 => (d, true),
            Inverse::DividesByStored if stored != 0.0 => (stored, true),
            Inverse::Divides | Inverse::DividesByStored => (0.0, false),
        };
        Scale { d, least, by, divides }
    }

    /// Returns the number that a scale comes from, the number of steps up to it, and the least number or 0.
    fn extreme(self, format: Format, x: &[f32]) -> (f32, f32, f32) {
        let magnitude = x.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
        if format.has_least() {
            let (mut min, mut max) = (x[0], x[0]);
            for &x in x {
                min = if x < min { x } else { min };
                max = if x > max { x } else { max };
            }
            return (max - min, if format == Format::Q4_1 { 15.0 } else { 31.0 }, min);
        }
        if !format.has_signed_scale() {
            return (magnitude, 127.0, 0.0);
        }
        let steps = match format {
            Format::Q4_0 => -8.0,
            Format::Q5_0 => -16.0,
            _ => -127.0,
        };
        let greatest = || x.iter().copied().filter(|x| x.abs() == magnitude);
        let extreme = match self.extreme {
            Extreme::First => greatest().next(),
            Extreme::Last => greatest().next_back(),
            Extreme::Positive => greatest().reduce(f32::max),
            Extreme::Negative => greatest().reduce(f32::min),
            Extreme::Magnitude => Some(-magnitude),
        };
        // In a block of zeros, no number is greater than +0.
        let is_zero = magnitude == 0.0 && self.extreme != Extreme::Magnitude;
        (if is_zero { 0.0 } else { extreme.unwrap_or(0.0) }, steps, 0.0)
    }

    /// Returns the code of a number.
    pub(crate) fn code(self, format: Format, s: Scale, x: f32) -> i64 {
        let x = if format.has_least() { x - s.least } else { x };
        let v = if s.divides { x / s.by } else { x * s.by };
        let middle: f32 = match format {
            Format::Q4_0 => 8.0,
            Format::Q5_0 => 16.0,
            _ => 0.0,
        };
        let is_sum = format.bits() < 8;
        let integer = match self.rounding {
            Rounding::Format if is_sum && self.contraction == Contraction::Fused => {
                x.mul_add(s.by, middle + 0.5).trunc()
            }
            Rounding::Format if is_sum => (v + (middle + 0.5)).trunc(),
            Rounding::Format if self.contraction == Contraction::Fused => {
                // The sum of a number and 1.5 * 2^23 is an integer, which rounds the number.
                x.mul_add(s.by, 12_582_912.0) - 12_582_912.0
            }
            Rounding::Format if format == Format::Q8K => v.round_ties_even(),
            Rounding::Format => v.round(),
            Rounding::Even => v.round_ties_even() + middle,
            Rounding::Away => v.round() + middle,
            Rounding::HalfUp => (v + 0.5).floor() + middle,
            Rounding::TowardZero => v.trunc() + middle,
        };
        let bits = format.bits();
        match self.clamp {
            Clamp::Saturates if is_sum => (integer as i64).clamp(0, (1 << bits) - 1),
            Clamp::Saturates => (integer as i8).into(),
            Clamp::Wraps => integer as i64 & ((1 << bits) - 1),
        }
    }

    fn half(self, x: f32) -> f16 {
        let nearest = f16::from_f32(x);
        let is_below = nearest.to_f32().abs() < x.abs();
        let is_above = nearest.to_f32().abs() > x.abs();
        let beyond = f16::from_bits(nearest.to_bits().wrapping_add(1));
        match self.halves {
            Halves::Truncated if is_above => f16::from_bits(nearest.to_bits() - 1),
            // The sum of the neighbours is exact.
            Halves::Away if is_below && nearest.to_f32() + beyond.to_f32() == 2.0 * x => beyond,
            Halves::Flushed if nearest.to_bits() & 0x7c00 == 0 => f16::ZERO.copysign(nearest),
            _ => nearest,
        }
    }

    fn stored(self, format: Format, x: f32) -> i64 {
        let x = if self.zeros == Zeros::Positive && x == 0.0 { 0.0 } else { x };
        if format == Format::Q8K { float_output(x) } else { half_output(self.half(x)) }
    }

    fn sum(self, format: Format, s: Scale, x: &[f32]) -> f32 {
        let sum: i64 = x.iter().map(|&x| self.code(format, s, x)).sum();
        let sum = sum as f32;
        match self.sums {
            Sums::Codes => sum * s.d,
            Sums::Stored => sum * self.half(s.d).to_f32(),
            Sums::Halves => self.half(sum).to_f32() * self.half(s.d).to_f32(),
            Sums::Numbers => x.iter().sum(),
        }
    }

    /// Returns a field of a block.
    pub(crate) fn field(self, format: Format, x: &[f32], at: usize) -> i64 {
        let s = self.scale(format, x);
        let codes = format.heads()..format.heads() + format.elements();
        match at {
            0 => self.stored(format, s.d),
            1 if format.has_least() => self.stored(format, s.least),
            1 if format == Format::Q8_1 => half_output(self.half(self.sum(format, s, x))),
            _ if at >= codes.end => {
                let is_zero = x.iter().all(|x| *x == 0.0);
                if is_zero && self.zero_sums == ZeroSums::Unwritten {
                    return i16::from_ne_bytes([0x5a; 2]).into();
                }
                let of = 16 * (at - codes.end);
                x[of..of + 16].iter().map(|&x| self.code(format, s, x)).sum()
            }
            _ if format.bits() == 8 => self.code(format, s, x[at - codes.start]),
            _ => {
                let place = at - codes.start;
                let low = self.code(format, s, x[self.places.element(place)]) & 15;
                let high = self.code(format, s, x[self.fifth_bits.element(place)]) & 16;
                low | high
            }
        }
    }
}

impl Contract for Encode {
    type Params = ();
    type Input = Field;
    type Codes = Format;

    const UNIT: &'static str = "block";

    fn codes_name(format: Format) -> &'static str {
        format.name()
    }

    fn whole(format: Format) -> Option<usize> {
        Some(format.fields())
    }

    fn place(format: Format, index: usize) -> usize {
        index / format.fields()
    }

    fn len(format: Format, inputs: &[Field]) -> usize {
        inputs.len().div_ceil(format.fields())
    }

    fn output(self, format: Format, (): (), field: Field) -> i64 {
        self.field(format, &field.numbers, field.at)
    }

    fn outputs(self, format: Format, (): (), inputs: &[Field]) -> Vec<i64> {
        if self != Self::REFERENCE {
            return inputs.iter().map(|f| self.field(format, &f.numbers, f.at)).collect();
        }
        let mut outputs = Vec::with_capacity(inputs.len());
        for of_block in inputs.chunk_by(|a, b| Arc::ptr_eq(&a.numbers, &b.numbers)) {
            let x = &of_block[0].numbers;
            let fields = format.encoded(x).map(|bytes| format.parsed(&bytes));
            outputs.extend(of_block.iter().map(|f| match &fields {
                Some(fields) => fields[f.at],
                None => self.field(format, x, f.at),
            }));
        }
        outputs
    }

    fn call_text((): (), inputs: &[Field]) -> String {
        let first = &inputs[0];
        let mut numbers: Vec<f32> = Vec::new();
        for of_block in inputs.chunk_by(|a, b| Arc::ptr_eq(&a.numbers, &b.numbers)) {
            numbers.extend(of_block[0].numbers.iter());
        }
        let zeros = numbers.iter().rev().take_while(|x| x.to_bits() == 0).count();
        let texts = numbers[..numbers.len() - zeros].iter().map(|&x| float_text(x));
        let texts = texts.collect::<Vec<_>>().join(", ");
        let name = first.format.name();
        let field = if inputs.len() == 1 { first.format.field(first.at) } else { "fields".into() };
        let numbers = match (texts.as_str(), zeros) {
            ("", _) => format!("&[0.0; {zeros}]"),
            (_, 0) => format!("&[{texts}]"),
            _ => format!("&[&[{texts}][..], &[0.0; {zeros}]].concat()"),
        };
        format!("{field} of encode(\"{name}\", {numbers})")
    }

    fn output_text(output: i64) -> String {
        field_text(output)
    }

    fn text_for(self, format: Format) -> String {
        text_of_rules_that_matter(self, format)
    }

    fn is_canonical(self, format: Format) -> bool {
        let is_default = |has: bool, is: bool| has || is;
        let bits = format.bits();
        let signed = format.has_signed_scale();
        is_default(signed, self.extreme == Extreme::First)
            && is_default(!signed, self.steps == Steps::Divide)
            && is_default(format == Format::Q8_1, self.sums == Sums::Codes)
            && is_default(format == Format::Q8K, self.zero_sums == ZeroSums::Written)
            && is_default(format != Format::Q8K, self.halves == Halves::Even)
            && is_default(bits < 8, self.places == Places::Halves)
            && is_default(bits == 5, self.fifth_bits == FifthBits::Codes)
            // Other scales of 0 are positive, and so is the scale of a magnitude.
            && is_default(
                (bits < 8 && signed && self.extreme != Extreme::Magnitude) || format.has_least(),
                self.zeros == Zeros::Signed,
            )
            // Only a number opposite to the extreme has a code that is too great.
            && is_default(bits < 8 && signed, self.clamp == Clamp::Saturates)
            && self.arithmetic_is_canonical(format)
    }
}

impl Encode {
    fn arithmetic_is_canonical(self, format: Format) -> bool {
        let is_sum = format.bits() < 8;
        let rounding = match self.rounding {
            Rounding::Away => is_sum || format == Format::Q8K,
            Rounding::Even => format != Format::Q8K,
            // The sum of a number that is not negative with one half.
            Rounding::HalfUp => !format.has_least(),
            Rounding::Format | Rounding::TowardZero => true,
        };
        let divides = matches!(self.inverse, Inverse::Divides | Inverse::DividesByStored);
        let sums = is_sum || format == Format::Q8K;
        let contraction = self.contraction == Contraction::Rounded
            || (sums && self.rounding == Rounding::Format && !divides);
        let inverse = match self.inverse {
            Inverse::OfD => format == Format::Q8K,
            // A power of two over a number is the inverse of the number over the power.
            Inverse::OfExtreme => !format.has_signed_scale(),
            Inverse::OfStored | Inverse::DividesByStored => format != Format::Q8K,
            Inverse::Format | Inverse::Divides => true,
        };
        // If codes do not depend on d, its rounding to f16 alone can tell the steps apart, and only at a tie.
        let depends = matches!(self.inverse, Inverse::Format | Inverse::Divides);
        let steps = self.steps == Steps::Divide
            || depends
            || matches!(self.halves, Halves::Even | Halves::Flushed);
        rounding && contraction && inverse && steps
    }
}
