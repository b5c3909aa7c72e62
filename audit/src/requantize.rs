//! The rules of requantization by a float, and its formula under any of them.

use crate::code::Codes;
use crate::contract::Contract;
use crate::quantize::float_text;
use crate::rule::{contract, rules};

rules! {
    /// The product of an accumulator and the multiplier.
    Product "product" {
        F32 = "rounds the accumulator to f32 and multiplies in f32",
        F64 = "multiplies in f64",
        Fixed = "multiplies by a multiplier of 31 bits and a shift, with rounding doublings",
        ExactHalfUp = "multiplies exactly, in 64 bits or in f64, and rounds by floor(v + 0.5)",
    }
    /// Rounding to an integer.
    ProductRounding "rounding" {
        TiesEven = "rounds ties to even",
        TiesAway = "rounds ties away from 0",
        HalfUp = "rounds by floor(v + 0.5)",
        TowardZero = "truncates toward 0",
    }
    /// The addition of the zero point Z.
    Sum "zero point" {
        AfterRounding = "adds Z to the rounded integer",
        BeforeRounding = "adds Z before it rounds",
    }
    /// The conversion of a product beyond `i32`.
    Overflow "conversion" {
        Saturate = "saturates",
        LeastInteger = "converts products beyond i32 to i32::MIN",
        Wrap = "keeps the low bits of the integer",
    }
}

contract! {
    /// A formula from an accumulator, a multiplier and a zero point to a code.
    Requantize {
        product: Product,
        rounding: ProductRounding,
        sum: Sum,
        overflow: Overflow,
    }
}

/// The multiplier and the zero point of a call.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Rescale {
    /// The multiplier.
    pub multiplier: f32,
    /// The zero point Z.
    pub zero_point: i32,
}

impl Requantize {
    /// Returns the code of an accumulator.
    pub fn code(self, codes: Codes, p: Rescale, acc: i32) -> i64 {
        let z = i64::from(p.zero_point);
        let integer = match self.product {
            Product::F32 => self.round((acc as f32 * p.multiplier).into(), true, p.zero_point),
            Product::F64 => {
                self.round(f64::from(acc) * f64::from(p.multiplier), false, p.zero_point)
            }
            Product::Fixed => fixed(acc, p.multiplier) + z,
            Product::ExactHalfUp => exact_half_up(acc, p.multiplier) + z,
        };
        match self.overflow {
            Overflow::Wrap => codes.wrap(integer),
            _ => codes.clamp(integer),
        }
    }

    fn round(self, v: f64, is_f32: bool, zero_point: i32) -> i64 {
        let narrow = |v: f64| if is_f32 { f64::from(v as f32) } else { v };
        let (v, z) = match self.sum {
            Sum::BeforeRounding => (narrow(v + f64::from(zero_point)), 0),
            Sum::AfterRounding => (v, i64::from(zero_point)),
        };
        let rounded = match self.rounding {
            ProductRounding::TiesEven => v.round_ties_even(),
            ProductRounding::TiesAway => v.round(),
            ProductRounding::HalfUp => narrow(v + 0.5).floor(),
            ProductRounding::TowardZero => v.trunc(),
        };
        let is_i32 = (-2_147_483_648.0..2_147_483_648.0).contains(&rounded);
        let integer = if self.overflow == Overflow::LeastInteger && !is_i32 {
            i32::MIN
        } else {
            rounded as i32
        };
        i64::from(integer) + z
    }
}

/// Returns the multiplier as an integer from 2³⁰ and the shift to the left.
fn as_fixed(multiplier: f32) -> (i64, i32) {
    if multiplier == 0.0 {
        return (0, 0);
    }
    let exponent = (multiplier.to_bits() >> 23) as i32 - 127;
    let fraction = f64::from(multiplier) / 2.0_f64.powi(exponent + 1);
    ((fraction * 2.0_f64.powi(31)) as i64, exponent + 1)
}

/// Multiplies as gemmlowp does: a rounding doubling high product, then a rounding shift.
fn fixed(acc: i32, multiplier: f32) -> i64 {
    let (m, shift) = as_fixed(multiplier);
    let left = (i64::from(acc) << shift.clamp(0, 31)).clamp(i32::MIN.into(), i32::MAX.into());
    let product = left * m;
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    let high = (product + nudge) / (1 << 31);
    let right = (-shift).clamp(0, 31);
    let mask = (1_i64 << right) - 1;
    let threshold = (mask >> 1) + i64::from(high < 0);
    (high >> right) + i64::from(high & mask > threshold)
}

/// Multiplies in 64 bits, adds half of the last place and shifts.
fn exact_half_up(acc: i32, multiplier: f32) -> i64 {
    let (m, shift) = as_fixed(multiplier);
    let right = (31 - shift).clamp(1, 62);
    (i64::from(acc) * m + (1_i64 << (right - 1))) >> right
}

impl Contract for Requantize {
    type Params = Rescale;
    type Input = i32;
    type Codes = Codes;

    fn codes_name(codes: Codes) -> &'static str {
        codes.name
    }

    fn output(self, codes: Codes, params: Rescale, input: i32) -> i64 {
        self.code(codes, params, input)
    }

    fn outputs(self, codes: Codes, p: Rescale, inputs: &[i32]) -> Vec<i64> {
        let by_formula = || inputs.iter().map(|&acc| self.code(codes, p, acc)).collect();
        if self == Self::REFERENCE {
            codes.requantized(p, inputs).unwrap_or_else(by_formula)
        } else {
            by_formula()
        }
    }

    fn call_text(p: Rescale, inputs: &[i32]) -> String {
        format!("requantize(&{inputs:?}, {}, {})", float_text(p.multiplier), p.zero_point)
    }

    fn is_canonical(self, codes: Codes) -> bool {
        let (wraps, adds_first) =
            (self.overflow == Overflow::Wrap, self.sum == Sum::BeforeRounding);
        match (self.product, self.rounding) {
            // They have a rounding of their own, and are never beyond `i64`.
            (Product::Fixed | Product::ExactHalfUp, rounding) => {
                rounding == ProductRounding::TiesEven
                    && !adds_first
                    && self.overflow != Overflow::LeastInteger
            }
            // The exact product and sum.
            (Product::F64, ProductRounding::HalfUp) if !wraps => {
                !adds_first && self.overflow != Overflow::Saturate
            }
            // Every negative number becomes 0.
            (_, ProductRounding::TiesAway) => wraps || !adds_first || codes.is_signed(),
            _ => true,
        }
    }
}
