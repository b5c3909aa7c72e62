//! The rules by which numbers become blocks.

use crate::rule::{contract, rules};

rules! {
    /// The element from which a scale with a sign comes.
    Extreme "extreme" {
        First = "takes the first number of the greatest magnitude, with its sign",
        Last = "takes the last number of the greatest magnitude, with its sign",
        Positive = "takes the positive one of two numbers of the greatest magnitude",
        Negative = "takes the negative one of two numbers of the greatest magnitude",
        Magnitude = "takes the greatest magnitude without its sign, so that d is positive",
    }
    /// The scale d.
    Steps "scale" {
        Divide = "divides by the number of steps for d",
        Product = "multiplies by the inverse of the number of steps for d",
    }
    /// The number by which elements are multiplied.
    Inverse "inverse" {
        Format = "multiplies by the format's inverse of d",
        OfExtreme = "multiplies by the greatest code over the extreme, not by 1/d",
        OfD = "multiplies by 1/d, not by the greatest code over the extreme",
        Divides = "divides by d",
        OfStored = "multiplies by 1/d with d rounded to f16",
        DividesByStored = "divides by d rounded to f16",
    }
    /// Rounding to a code.
    Rounding "rounding" {
        Format = "rounds to codes as the format does",
        Even = "rounds ties to even",
        Away = "rounds ties away from 0",
        HalfUp = "rounds by floor(v + 0.5)",
        TowardZero = "truncates toward 0",
    }
    /// The product and the sum in front of a truncation, or in front of a sum that rounds.
    Contraction "contraction" {
        Rounded = "rounds the product before it adds to it",
        Fused = "computes the product and the sum in front of the rounding in one fma",
    }
    /// Codes beyond the greatest one.
    Clamp "clamp" {
        Saturates = "saturates to the greatest code",
        Wraps = "keeps the low bits of a code that is too great",
    }
    /// Floats of 16 bits.
    Halves "f16" {
        Even = "rounds to f16 with ties to even",
        Away = "rounds to f16 with ties away from 0",
        Truncated = "truncates to f16",
        Flushed = "flushes subnormal f16 to 0",
    }
    /// The sign of a d or m that is 0.
    Zeros "zeros" {
        Signed = "keeps the sign of a d or m of 0",
        Positive = "stores +0 for a d or m of 0",
    }
    /// The sum of a block.
    Sums "sum" {
        Codes = "multiplies the sum of the codes by d",
        Stored = "multiplies the sum of the codes by d rounded to f16",
        Halves = "multiplies the sum of the codes and d in f16",
        Numbers = "sums the numbers, not the codes",
    }
    /// The sums of a block of zeros.
    ZeroSums "sums of zeros" {
        Written = "writes the sums of a block of zeros",
        Unwritten = "leaves the sums of a block of zeros as they were",
    }
    /// The places of codes of 4 bits.
    Places "nibbles" {
        Halves = "puts code j into the low and code j + 16 into the high half of byte j",
        HalvesSwapped = "puts code j into the high and code j + 16 into the low half of byte j",
        Neighbours = "puts neighbouring codes into a byte, the first into its low half",
        NeighboursSwapped = "puts neighbouring codes into a byte, the first into its high half",
    }
    /// The places of fifth bits.
    FifthBits "fifth bits" {
        Codes = "stores the fifth bits in the order of the codes",
        Bytes = "stores the fifth bits of codes j and j + 16 side by side",
    }
}

contract! {
    /// A formula from the numbers of a block to its fields.
    Encode {
        extreme: Extreme,
        steps: Steps,
        inverse: Inverse,
        rounding: Rounding,
        contraction: Contraction,
        clamp: Clamp,
        halves: Halves,
        zeros: Zeros,
        sums: Sums,
        zero_sums: ZeroSums,
        places: Places,
        fifth_bits: FifthBits,
    }
}
