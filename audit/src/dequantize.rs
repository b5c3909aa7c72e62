//! The rules of dequantization, and its formula under any of them.

use crate::code::Codes;
use crate::contract::Contract;
use crate::quantize::{Affine, float_text};
use crate::rule::{contract, rules};

rules! {
    /// The order of the product and the difference. (In `f64` the order makes no difference: both products and their
    /// difference are exact, so the result is that of the contract.)
    Order "order" {
        DifferenceFirst = "multiplies q - Z by S in f32",
        ProductsFirst = "subtracts Z * S from q * S, each rounded to f32",
        Fused = "computes q * S - Z * S in one fma, with Z * S rounded to f32",
    }
    /// The difference of a code and the zero point.
    Difference "difference" {
        Exact = "subtracts without overflow",
        Wrapping = "subtracts in the type of the codes, and wraps",
        Saturating = "subtracts in the type of the codes, and saturates",
    }
    /// Subnormal results and scales.
    SubnormalResult "subnormal" {
        Kept = "keeps subnormal numbers",
        Flushed = "flushes subnormal numbers to 0",
    }
}

contract! {
    /// A formula from a code, a scale and a zero point to a number.
    Dequantize {
        order: Order,
        difference: Difference,
        subnormal: SubnormalResult,
    }
}

/// Returns an integer that grows with the number, so that neighbouring floats are 1 apart. −0 has the integer −1.
pub(crate) fn ordered(x: f32) -> i64 {
    let bits = x.to_bits() as i32;
    i64::from(if bits < 0 { !(bits & i32::MAX) } else { bits })
}

pub(crate) fn from_ordered(output: i64) -> f32 {
    let bits = output as i32;
    f32::from_bits(if bits < 0 { (!bits) as u32 | 0x8000_0000 } else { bits as u32 })
}

impl Dequantize {
    /// Returns the number of a code.
    pub fn number(self, codes: Codes, p: Affine, q: i32) -> f32 {
        let flush = |x: f32| {
            let is_flushed = self.subnormal == SubnormalResult::Flushed && x.is_subnormal();
            if is_flushed { 0.0_f32.copysign(x) } else { x }
        };
        let scale = flush(p.scale);
        let (q, z) = (i64::from(q), i64::from(p.zero_point));
        let difference = match self.difference {
            Difference::Exact => q - z,
            Difference::Wrapping => codes.wrap(q - z),
            Difference::Saturating => codes.clamp(q - z),
        };
        let offset = flush(z as f32 * scale);
        flush(match self.order {
            Order::DifferenceFirst => difference as f32 * scale,
            Order::ProductsFirst => flush(q as f32 * scale) - offset,
            Order::Fused => (q as f32).mul_add(scale, -offset),
        })
    }
}

impl Contract for Dequantize {
    type Params = Affine;
    type Input = i32;
    type Codes = Codes;

    fn codes_name(codes: Codes) -> &'static str {
        codes.name
    }

    fn output(self, codes: Codes, params: Affine, input: i32) -> i64 {
        let x = self.number(codes, params, input);
        ordered(if x.is_nan() { f32::NAN } else { x })
    }

    fn outputs(self, codes: Codes, p: Affine, inputs: &[i32]) -> Vec<i64> {
        let by_formula = || inputs.iter().map(|&q| self.output(codes, p, q)).collect();
        if self == Self::REFERENCE {
            codes.dequantized(p, inputs).unwrap_or_else(by_formula)
        } else {
            by_formula()
        }
    }

    fn call_text(p: Affine, inputs: &[i32]) -> String {
        format!("dequantize(&{inputs:?}, {}, {})", float_text(p.scale), p.zero_point)
    }

    fn output_text(output: i64) -> String {
        float_text(from_ordered(output))
    }

    fn is_canonical(self, _codes: Codes) -> bool {
        // Only the first order has a difference of integers.
        self.difference == Difference::Exact || self.order == Order::DifferenceFirst
    }
}
