//! The rules of quantization to codes of 4 bits, two in a byte, and the formula under any of them.

use crate::code::Codes;
use crate::contract::{Contract, Named, Rules};
use crate::quantize::{Affine, Quantize};
use crate::rule::{contract, rules};

rules! {
    /// The order of two codes in a byte.
    Nibbles "nibbles" {
        LowFirst = "puts the first code into the low half of a byte",
        HighFirst = "puts the first code into the high half of a byte",
    }
    /// The four bits of a signed code.
    SignedBits "signed bits" {
        TwosComplement = "stores signed codes in two's complement",
        PlusEight = "stores signed codes plus 8",
    }
    /// The half of a byte that is left over if the number of codes is odd.
    Padding "odd end" {
        Zero = "pads an odd end with zero bits",
        ZeroPoint = "pads an odd end with Z",
    }
}

contract! {
    /// The rules by which codes of 4 bits become bytes.
    Packing {
        nibbles: Nibbles,
        bits: SignedBits,
        padding: Padding,
    }
}

/// A formula from two numbers, a scale and a zero point to a byte with two codes of 4 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct QuantizePacked {
    /// The formula from a number to a code.
    #[serde(flatten)]
    pub formula: Quantize,
    /// The rules by which codes become bytes.
    #[serde(flatten)]
    pub packing: Packing,
}

/// The types of codes that are packed, two in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// Codes from 0 to 15.
    U4,
    /// Codes from -8 to 7.
    I4,
}

impl Packed {
    /// Returns the limits of the codes.
    pub fn codes(self) -> Codes {
        match self {
            Self::U4 => Codes { name: "u4", min: 0, max: 15 },
            Self::I4 => Codes { name: "i4", min: -8, max: 7 },
        }
    }
}

/// Two numbers whose codes share a byte. At an odd end there is no second one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The first number.
    pub first: f32,
    /// The second number.
    pub second: Option<f32>,
}

impl Pair {
    pub(crate) fn all(x: &[f32]) -> Vec<Self> {
        x.chunks(2).map(|x| Self { first: x[0], second: x.get(1).copied() }).collect()
    }

    pub(crate) fn numbers(pairs: &[Self]) -> Vec<f32> {
        pairs.iter().flat_map(|pair| [pair.first].into_iter().chain(pair.second)).collect()
    }
}

impl QuantizePacked {
    /// The contract of zeropoint.
    pub const REFERENCE: Self = Self { formula: Quantize::REFERENCE, packing: Packing::REFERENCE };

    /// Returns the byte of two numbers, or of one at an odd end.
    pub fn byte(self, codes: Codes, p: Affine, pair: Pair) -> u8 {
        let bits = |code: i64| match self.packing.bits {
            SignedBits::PlusEight => (code + 8) as u8 & 15,
            SignedBits::TwosComplement => code as u8 & 15,
        };
        let code = |x: f32| bits(self.formula.code(codes, p, x));
        let first = code(pair.first);
        let second = match (pair.second, self.packing.padding) {
            (Some(x), _) => code(x),
            (None, Padding::Zero) => 0,
            (None, Padding::ZeroPoint) => bits(p.zero_point.into()),
        };
        match self.packing.nibbles {
            Nibbles::LowFirst => first | second << 4,
            Nibbles::HighFirst => first << 4 | second,
        }
    }
}

impl Rules for QuantizePacked {
    const REFERENCE: Self = Self::REFERENCE;

    fn with_one_rule_changed(self) -> Vec<Self> {
        let formulas = self.formula.with_one_rule_changed().into_iter();
        let packings = self.packing.with_one_rule_changed().into_iter();
        formulas
            .map(|formula| Self { formula, ..self })
            .chain(packings.map(|packing| Self { packing, ..self }))
            .collect()
    }

    fn all() -> Vec<Self> {
        let packings = Packing::all();
        let with = |formula| packings.iter().map(move |&packing| Self { formula, packing });
        Quantize::all().into_iter().flat_map(with).collect()
    }

    fn rules(self) -> Vec<Named> {
        [self.formula.rules(), self.packing.rules()].concat()
    }
}

impl Contract for QuantizePacked {
    type Params = Affine;
    type Input = Pair;
    type Codes = Codes;

    fn codes_name(codes: Codes) -> &'static str {
        codes.name
    }

    fn place(_codes: Codes, index: usize) -> usize {
        2 * index
    }

    fn len(_codes: Codes, pairs: &[Pair]) -> usize {
        pairs.iter().map(|pair| 1 + usize::from(pair.second.is_some())).sum()
    }

    fn output(self, codes: Codes, p: Affine, pair: Pair) -> i64 {
        self.byte(codes, p, pair).into()
    }

    fn outputs(self, codes: Codes, p: Affine, pairs: &[Pair]) -> Vec<i64> {
        let by_formula = || pairs.iter().map(|&pair| self.output(codes, p, pair)).collect();
        if self == Self::REFERENCE {
            codes.packed(p, &Pair::numbers(pairs)).unwrap_or_else(by_formula)
        } else {
            by_formula()
        }
    }

    fn call_text(p: Affine, pairs: &[Pair]) -> String {
        Quantize::call_text(p, &Pair::numbers(pairs))
    }

    fn output_text(output: i64) -> String {
        format!("{output:#04x}")
    }

    /// Returns the greater difference of both halves, as numbers from 0 to 15.
    fn difference(a: i64, b: i64) -> u64 {
        (a & 15).abs_diff(b & 15).max((a >> 4).abs_diff(b >> 4))
    }

    fn is_canonical(self, codes: Codes) -> bool {
        let bits = self.packing.bits == SignedBits::TwosComplement || codes.is_signed();
        bits && self.formula.is_canonical(codes)
    }
}
