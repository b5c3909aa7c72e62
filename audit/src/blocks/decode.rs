//! The rules by which blocks become numbers, and the formula under any of them.
//!
//! The product of a code of 4 or 5 bits and a scale in `f16` is exact in `f32`. So it makes no difference whether a compiler
//! contracts it with the sum, or whether 8 is subtracted from the code or 8·d from the product.

use std::sync::Arc;

use half::f16;

use super::format::Format;
use super::rules::{FifthBits, Places};
use crate::contract::{Contract, text_of_rules_that_matter};
use crate::dequantize::{from_ordered, ordered};
use crate::quantize::float_text;
use crate::rule::{contract, rules};

rules! {
    /// The places of codes of 4 bits, as [`Places`] of an encoder.
    DecodeOrder "nibbles" {
        Halves = "takes code j from the low and code j + 16 from the high half of byte j",
        HalvesSwapped = "takes code j from the high and code j + 16 from the low half of byte j",
        Neighbours = "takes neighbouring codes from a byte, the first from its low half",
        NeighboursSwapped = "takes neighbouring codes from a byte, the first from its high half",
    }
    /// The places of fifth bits.
    FifthOrder "fifth bits" {
        Codes = "takes the fifth bits in the order of the codes",
        Bytes = "takes the fifth bits of codes j and j + 16 side by side",
    }
    /// The sign of codes of 8 bits.
    Signs "signs" {
        Signed = "takes bytes as signed codes",
        Unsigned = "takes bytes as codes from 0 to 255",
    }
    /// The precision of products and sums.
    Precision "precision" {
        F32 = "multiplies and adds in f32",
        F16 = "multiplies and adds in f16",
        RoundedOnce = "rounds the result to f16",
    }
    /// Scales in `f16` that are not normal numbers.
    HalfScales "f16" {
        Kept = "reads every f16",
        Flushed = "reads subnormal f16 as 0",
        Numbers = "reads infinite and NaN f16 as numbers from 65536 on",
    }
    /// Subnormal results.
    Small "subnormal" {
        Kept = "keeps subnormal numbers",
        Flushed = "flushes subnormal numbers to 0",
    }
}

contract! {
    /// A formula from the bytes of a block to its numbers.
    Decode {
        places: DecodeOrder,
        fifth_bits: FifthOrder,
        signs: Signs,
        precision: Precision,
        scales: HalfScales,
        subnormal: Small,
    }
}

/// An element of a stored block.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The format of the block.
    pub format: Format,
    /// The bytes of the block.
    pub bytes: Arc<[u8]>,
    /// The number of the element.
    pub at: usize,
}

impl Decode {
    /// Returns an element of a block.
    pub(crate) fn number(self, format: Format, bytes: &[u8], at: usize) -> f32 {
        let flush = |x: f32| match self.subnormal {
            Small::Flushed if x.is_subnormal() => 0.0_f32.copysign(x),
            _ => x,
        };
        let (d, m) = if format == Format::Q8K {
            (f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]), 0.0)
        } else {
            let half = |at: usize| self.half(f16::from_le_bytes([bytes[at], bytes[at + 1]]));
            (half(0), if format.has_least() { half(2) } else { 0.0 })
        };
        let q = self.code(format, bytes, at);
        let product = flush(q * flush(d));
        let half = |x: f32| f16::from_f32(x).to_f32();
        match (self.precision, format.has_least()) {
            (Precision::F32, false) => product,
            (Precision::F32, true) => product + m,
            (Precision::F16, true) => half(half(product) + m),
            (Precision::F16 | Precision::RoundedOnce, false) => half(product),
            (Precision::RoundedOnce, true) => half(product + m),
        }
    }

    fn half(self, x: f16) -> f32 {
        let bits = x.to_bits();
        match self.scales {
            HalfScales::Flushed if bits & 0x7c00 == 0 => 0.0_f32.copysign(x.to_f32()),
            HalfScales::Numbers if bits & 0x7c00 == 0x7c00 => {
                (65536.0 * (1.0 + f32::from(bits & 0x3ff) / 1024.0)).copysign(x.to_f32())
            }
            _ => x.to_f32(),
        }
    }

    fn code(self, format: Format, bytes: &[u8], at: usize) -> f32 {
        let heads = if format == Format::Q8K { 4 } else { 2 * format.heads() };
        if format.bits() == 8 {
            let byte = bytes[heads + at];
            return match self.signs {
                Signs::Signed => (byte as i8).into(),
                Signs::Unsigned => byte.into(),
            };
        }
        let places = match self.places {
            DecodeOrder::Halves => Places::Halves,
            DecodeOrder::HalvesSwapped => Places::HalvesSwapped,
            DecodeOrder::Neighbours => Places::Neighbours,
            DecodeOrder::NeighboursSwapped => Places::NeighboursSwapped,
        };
        let fifths = match self.fifth_bits {
            FifthOrder::Codes => FifthBits::Codes,
            FifthOrder::Bytes => FifthBits::Bytes,
        };
        // The place of an element is where its code is, which is the other way round than for an encoder.
        let place = |element: &dyn Fn(usize) -> usize| (0..32).find(|&j| element(j) == at);
        let (Some(j), Some(bit)) = (place(&|j| places.element(j)), place(&|j| fifths.element(j)))
        else {
            return f32::NAN;
        };
        let nibble = bytes[bytes.len() - 16 + j % 16] >> (4 * (j / 16)) & 15;
        let fifth = match format.bits() {
            5 => bytes[heads + bit / 8] >> (bit % 8) & 1,
            _ => 0,
        };
        let middle = match format {
            Format::Q4_0 => 8.0,
            Format::Q5_0 => 16.0,
            _ => 0.0,
        };
        f32::from(nibble | fifth << 4) - middle
    }
}

impl Contract for Decode {
    type Params = ();
    type Input = Stored;
    type Codes = Format;

    fn codes_name(format: Format) -> &'static str {
        format.name()
    }

    fn whole(format: Format) -> Option<usize> {
        Some(format.elements())
    }

    fn output(self, format: Format, (): (), stored: Stored) -> i64 {
        let x = self.number(format, &stored.bytes, stored.at);
        ordered(if x.is_nan() { f32::NAN } else { x })
    }

    fn outputs(self, format: Format, (): (), inputs: &[Stored]) -> Vec<i64> {
        if self != Self::REFERENCE {
            return inputs.iter().map(|s| self.output(format, (), s.clone())).collect();
        }
        let mut outputs = Vec::with_capacity(inputs.len());
        for of_block in inputs.chunk_by(|a, b| Arc::ptr_eq(&a.bytes, &b.bytes)) {
            let numbers = format.decoded(&of_block[0].bytes).expect("the bytes are a whole block");
            outputs.extend(of_block.iter().map(|s| ordered(numbers[s.at])));
        }
        outputs
    }

    fn call_text((): (), inputs: &[Stored]) -> String {
        let first = &inputs[0];
        let element =
            if inputs.len() == 1 { format!("element {}", first.at) } else { "elements".into() };
        let mut bytes: Vec<u8> = Vec::new();
        for of_block in inputs.chunk_by(|a, b| Arc::ptr_eq(&a.bytes, &b.bytes)) {
            bytes.extend(of_block[0].bytes.iter());
        }
        format!("{element} of decode(\"{}\", &{bytes:?})", first.format.name())
    }

    fn text_for(self, format: Format) -> String {
        text_of_rules_that_matter(self, format)
    }

    fn output_text(output: i64) -> String {
        float_text(from_ordered(output))
    }

    fn is_canonical(self, format: Format) -> bool {
        let bits = format.bits();
        (bits < 8 || self.places == DecodeOrder::Halves)
            && (bits == 5 || self.fifth_bits == FifthOrder::Codes)
            && (bits == 8 || self.signs == Signs::Signed)
            && (format.has_least() || self.precision != Precision::RoundedOnce)
            && (format != Format::Q8K || self.scales == HalfScales::Kept)
            // The least product of a scale in `f16` is a normal `f32`.
            && (format == Format::Q8K && self.precision == Precision::F32
                || self.subnormal == Small::Kept)
    }
}
