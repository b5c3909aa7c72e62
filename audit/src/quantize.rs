//! The rules of quantization, and its formula under any of them.

use crate::code::{AuditedCode, Codes};
use crate::contract::Contract;
use crate::rule::{contract, rules};

rules! {
    /// The quotient of x and the scale S.
    Scaling "scaling" {
        Divide = "divides by S",
        Reciprocal = "multiplies by 1/S in f32",
        DivideF64 = "divides in f64, and does not round the quotient to f32",
        ReciprocalF64 = "multiplies by 1/S in f64, and does not round the product to f32",
        Fused = "multiplies by 1/S and adds Z in one fma, before it rounds",
    }
    /// Rounding to an integer.
    Rounding "rounding" {
        TiesEven = "rounds ties to even",
        TiesAway = "rounds ties away from 0",
        HalfUp = "rounds by floor(v + 0.5)",
        AddHalf = "rounds by truncating v + 0.5, or v - 0.5 below 0",
        TowardZero = "truncates toward 0",
        Floor = "rounds down",
    }
    /// The addition of the zero point Z.
    Addition "zero point" {
        Exact = "adds Z to the rounded integer without overflow",
        Wrapping = "adds Z in wrapping i32",
        AfterClamp = "clamps to the codes before it adds Z",
        BeforeRounding = "adds Z before it rounds",
    }
    /// The conversion of a rounded number beyond `i32`.
    Conversion "conversion" {
        Saturate = "saturates beyond i32",
        LeastInteger = "converts numbers beyond i32 to i32::MIN",
        GreatestF32 = "clamps to 2147483520 before it converts to i32",
        LeastLong = "converts to i64, and numbers beyond i64 to i64::MIN",
        Zero = "converts numbers beyond i32 to 0",
    }
    /// The step from `i32` to a code.
    Narrowing "narrowing" {
        Saturate = "saturates to the codes",
        Wrap = "keeps the low bits of the integer",
        Byte = "saturates to 8 bits, and keeps the low 4",
    }
    /// The code of NaN.
    Nan "NaN" {
        Least = "NaN becomes qmin",
        Greatest = "NaN becomes qmax",
        ZeroBeforeZ = "NaN becomes the integer 0 before Z is added",
        LeastInteger = "NaN becomes i32::MIN before Z is added",
        GreatestF32 = "NaN becomes 2147483520 before Z is added",
        CodeZero = "NaN becomes the code 0",
    }
    /// Subnormal numbers.
    Subnormal "subnormal" {
        Kept = "keeps subnormal numbers",
        Flushed = "flushes subnormal numbers to 0",
    }
    /// The least code of a signed type.
    Limits "codes" {
        Full = "uses every code",
        Restricted = "does not use the least signed code",
    }
}

contract! {
    /// A formula from a number, a scale and a zero point to a code.
    Quantize {
        scaling: Scaling,
        rounding: Rounding,
        addition: Addition,
        conversion: Conversion,
        narrowing: Narrowing,
        nan: Nan,
        subnormal: Subnormal,
        limits: Limits,
    }
}

/// The scale and the zero point of a call.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Affine {
    /// The scale S.
    pub scale: f32,
    /// The zero point Z.
    pub zero_point: i32,
}

/// A number before it is rounded, and the type in which it was computed.
#[derive(Clone, Copy)]
enum Scaled {
    F32(f32),
    F64(f64),
}

impl Scaled {
    fn plus(self, n: f64) -> Self {
        match self {
            Self::F32(v) => Self::F32(v + n as f32),
            Self::F64(v) => Self::F64(v + n),
        }
    }

    fn wide(self) -> f64 {
        match self {
            Self::F32(v) => v.into(),
            Self::F64(v) => v,
        }
    }
}

impl Quantize {
    /// Quantizes numbers by the formula, one at a time.
    ///
    /// # Errors
    ///
    /// A sentence with both lengths if they differ.
    pub fn quantize<Q: AuditedCode>(
        self,
        p: Affine,
        x: &[f32],
        dst: &mut [Q],
    ) -> Result<(), String> {
        if x.len() != dst.len() {
            return Err(format!("x has {} numbers, dst has {} codes", x.len(), dst.len()));
        }
        for (&x, q) in x.iter().zip(dst) {
            *q = Q::from_integer(self.code(Q::CODES, p, x) as i32);
        }
        Ok(())
    }

    /// Returns the code of x.
    pub fn code(self, codes: Codes, p: Affine, x: f32) -> i64 {
        let codes = match self.limits {
            Limits::Restricted => Codes { min: codes.min + 1, ..codes },
            Limits::Full => codes,
        };
        let mut v = self.scaled(self.flush(x), self.flush(p.scale), p.zero_point);
        if self.addition == Addition::BeforeRounding {
            v = v.plus(p.zero_point.into());
        }
        let integer = if v.wide().is_nan() {
            match self.nan {
                Nan::Least => return codes.min.into(),
                Nan::Greatest => return codes.max.into(),
                Nan::CodeZero => return 0,
                Nan::ZeroBeforeZ => 0,
                Nan::LeastInteger => i32::MIN.into(),
                Nan::GreatestF32 => 2_147_483_520,
            }
        } else {
            self.convert(self.round(v))
        };
        let integer = self.with_zero_point(integer, codes, p.zero_point);
        match self.narrowing {
            Narrowing::Saturate => codes.clamp(integer),
            Narrowing::Wrap => codes.full().wrap(integer),
            Narrowing::Byte => codes.full().wrap(codes.of_a_byte().clamp(integer)),
        }
    }

    fn flush(self, v: f32) -> f32 {
        if self.subnormal == Subnormal::Flushed && v.is_subnormal() { 0.0 } else { v }
    }

    fn scaled(self, x: f32, scale: f32, zero_point: i32) -> Scaled {
        let reciprocal = self.flush(1.0 / scale);
        match self.scaling {
            Scaling::Divide => Scaled::F32(self.flush(x / scale)),
            Scaling::Reciprocal => Scaled::F32(self.flush(x * reciprocal)),
            Scaling::DivideF64 => Scaled::F64(f64::from(x) / f64::from(scale)),
            Scaling::ReciprocalF64 => Scaled::F64(f64::from(x) * (1.0 / f64::from(scale))),
            Scaling::Fused => Scaled::F32(x.mul_add(reciprocal, zero_point as f32)),
        }
    }

    fn round(self, v: Scaled) -> f64 {
        let half = v.wide().signum() * 0.5;
        match self.rounding {
            Rounding::TiesEven => v.wide().round_ties_even(),
            Rounding::TiesAway => v.wide().round(),
            Rounding::HalfUp => v.plus(0.5).wide().floor(),
            Rounding::AddHalf => v.plus(half).wide().trunc(),
            Rounding::TowardZero => v.wide().trunc(),
            Rounding::Floor => v.wide().floor(),
        }
    }

    fn convert(self, rounded: f64) -> i64 {
        let is_i32 = (-2_147_483_648.0..2_147_483_648.0).contains(&rounded);
        let is_i64 = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded);
        match self.conversion {
            Conversion::LeastInteger if !is_i32 => i32::MIN.into(),
            Conversion::Zero if !is_i32 => 0,
            Conversion::LeastLong if !is_i64 => i64::MIN,
            Conversion::LeastLong => rounded as i64,
            Conversion::GreatestF32 => (rounded.min(2_147_483_520.0) as i32).into(),
            _ => (rounded as i32).into(),
        }
    }

    fn with_zero_point(self, integer: i64, codes: Codes, zero_point: i32) -> i64 {
        if self.scaling == Scaling::Fused {
            return integer;
        }
        let zero_point = i64::from(zero_point);
        match self.addition {
            Addition::Exact => integer.saturating_add(zero_point),
            Addition::Wrapping => (integer.wrapping_add(zero_point) as i32).into(),
            Addition::AfterClamp => codes.clamp(integer) + zero_point,
            Addition::BeforeRounding => integer,
        }
    }
}

impl Contract for Quantize {
    type Params = Affine;
    type Input = f32;
    type Codes = Codes;

    fn codes_name(codes: Codes) -> &'static str {
        codes.name
    }

    fn output(self, codes: Codes, params: Affine, input: f32) -> i64 {
        self.code(codes, params, input)
    }

    fn outputs(self, codes: Codes, p: Affine, inputs: &[f32]) -> Vec<i64> {
        let by_formula = || inputs.iter().map(|&x| self.code(codes, p, x)).collect();
        if self == Self::REFERENCE {
            codes.quantized(p, inputs).unwrap_or_else(by_formula)
        } else {
            by_formula()
        }
    }

    fn call_text(p: Affine, inputs: &[f32]) -> String {
        let inputs: Vec<_> = inputs.iter().map(|&x| float_text(x)).collect();
        format!("quantize(&[{}], {}, {})", inputs.join(", "), float_text(p.scale), p.zero_point)
    }

    fn is_canonical(self, codes: Codes) -> bool {
        self.half_a_byte_is_canonical(codes)
            && self.integers_are_canonical(codes)
            && self.nan_is_canonical(codes)
            && self.rounding_is_canonical(codes)
    }
}

/// Which rules are redundant beside others.
impl Quantize {
    fn adds_z_first(self) -> bool {
        self.scaling == Scaling::Fused || self.addition == Addition::BeforeRounding
    }

    fn is_f64(self) -> bool {
        matches!(self.scaling, Scaling::DivideF64 | Scaling::ReciprocalF64)
    }

    fn clamps_first(self) -> bool {
        self.addition == Addition::AfterClamp
    }

    fn wraps(self) -> bool {
        self.narrowing == Narrowing::Wrap
    }

    fn half_a_byte_is_canonical(self, codes: Codes) -> bool {
        if !codes.is_half_a_byte() {
            return self.narrowing != Narrowing::Byte;
        }
        // The sum of a clamped code and Z fits a byte, in which no code is left out. The low half of -128 is 0.
        let byte = self.narrowing != Narrowing::Byte
            || (!self.clamps_first()
                && self.limits == Limits::Full
                && !(self.adds_z_first() && self.conversion == Conversion::Zero));
        // Z is at most 15, which takes no sum beyond `i32` but that of the greatest integer.
        let addition = self.addition != Addition::Wrapping
            || codes.is_signed()
            || matches!(self.conversion, Conversion::Saturate | Conversion::LeastLong);
        // The low half bytes of `i32::MIN`, of 2147483520, and of 0 are the same.
        let wraps = self.wraps() && !self.clamps_first();
        let great = !wraps || self.conversion != Conversion::GreatestF32;
        byte && addition && great && !(wraps && self.nan == Nan::GreatestF32)
    }

    fn integers_are_canonical(self, codes: Codes) -> bool {
        let adds_in_i32 = self.addition == Addition::Wrapping;
        // The fma has added Z. The low 8 or 16 bits are the same before and after an addition wraps.
        let addition = !(adds_in_i32 && self.wraps())
            && (self.scaling != Scaling::Fused || self.addition == Addition::Exact);
        let conversion = match self.conversion {
            // Only a step that wraps tells this from saturation.
            Conversion::GreatestF32 => adds_in_i32 || (self.wraps() && !self.clamps_first()),
            // The low bits of `i32::MIN` are 0.
            Conversion::Zero if self.wraps() && !self.clamps_first() => false,
            // An `f32` beyond `i32` is a multiple of 256.
            Conversion::LeastLong if self.wraps() && !self.clamps_first() => {
                self.is_f64() || codes.max - codes.min > 255
            }
            Conversion::Zero => codes.is_signed() || !(self.adds_z_first() || self.clamps_first()),
            _ => true,
        };
        let limits = self.limits == Limits::Full
            || (codes.is_signed() && (!self.wraps() || self.clamps_first()));
        addition && conversion && limits
    }

    fn nan_is_canonical(self, codes: Codes) -> bool {
        let adds_in_i32 = self.addition == Addition::Wrapping;
        match self.nan {
            // Otherwise it ends as `qmin`, or as an integer 0 does.
            Nan::LeastInteger => codes.is_signed() && (self.clamps_first() || adds_in_i32),
            // Otherwise it ends as `qmax`.
            Nan::GreatestF32 if self.clamps_first() => codes.is_signed() || self.wraps(),
            // The low byte is -128.
            Nan::GreatestF32 if self.wraps() => !self.adds_z_first() || codes.min != -128,
            Nan::GreatestF32 => adds_in_i32 && codes.max > 127,
            Nan::ZeroBeforeZ => codes.is_signed() || !self.adds_z_first(),
            Nan::CodeZero => codes.is_signed() && !self.adds_z_first(),
            Nan::Least | Nan::Greatest => true,
        }
    }

    fn rounding_is_canonical(self, codes: Codes) -> bool {
        let is_f64 = self.is_f64();
        // Every negative number becomes the same code.
        let is_positive =
            !codes.is_signed() && (self.clamps_first() || (self.adds_z_first() && !self.wraps()));
        let rounding = match self.rounding {
            // No quotient of two `f32` is so near to a tie that a sum in `f64` would round.
            Rounding::AddHalf => !is_f64 && !is_positive,
            // `floor(v + 0.5) + Z` is `floor((v + Z) + 0.5)` if the sums are exact.
            Rounding::HalfUp if self.scaling == Scaling::DivideF64 && !self.wraps() => {
                self.addition != Addition::BeforeRounding && !is_positive
            }
            Rounding::HalfUp => !is_f64 || !is_positive,
            Rounding::Floor => !is_positive,
            // The sum with Z is exact, so this is `floor(v + 0.5)` before Z is added.
            Rounding::TiesAway => {
                !is_positive || self.clamps_first() || self.scaling != Scaling::DivideF64
            }
            Rounding::TiesEven | Rounding::TowardZero => true,
        };
        // A subnormal number divided by a normal one is less than 1.
        let subnormal = self.subnormal == Subnormal::Kept
            || self.rounding != Rounding::TowardZero
            || self.adds_z_first()
            || self.scaling == Scaling::Reciprocal;
        rounding && subnormal
    }
}

/// Writes a float as Rust, with as many digits as it needs.
pub(crate) fn float_text(x: f32) -> String {
    match x {
        _ if x.is_nan() => format!("f32::from_bits({:#010x})", x.to_bits()),
        f32::INFINITY => "f32::INFINITY".into(),
        f32::NEG_INFINITY => "f32::NEG_INFINITY".into(),
        _ => format!("{x:?}"),
    }
}
