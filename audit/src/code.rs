//! The types of codes.

use std::fmt::Debug;

use zeropoint::{Backend, Code, I4x2, QParams, Scalar, Scheme, U4x2};

use crate::dequantize::ordered;
use crate::quantize::Affine;
use crate::requantize::Rescale;

/// The least and the greatest integer of a type of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Codes {
    /// The name of the type.
    pub name: &'static str,
    /// The least code.
    pub min: i32,
    /// The greatest code.
    pub max: i32,
}

/// Evaluates an expression with `$q` as the type of the codes.
macro_rules! with_type {
    ($codes:expr, $q:ident => $body:expr) => {
        match ($codes.is_signed(), $codes.max) {
            (false, 255) => {
                type $q = u8;
                $body
            }
            (true, 127) => {
                type $q = i8;
                $body
            }
            (false, _) => {
                type $q = u16;
                $body
            }
            (true, _) => {
                type $q = i16;
                $body
            }
        }
    };
}

impl Codes {
    /// Returns the limits of a type of codes.
    pub fn of<Q: AuditedCode>() -> Self {
        Q::CODES
    }

    /// Returns the codes with the least one of the type, which may not be in use.
    pub(crate) fn full(self) -> Self {
        Self { min: if self.is_signed() { -self.max - 1 } else { 0 }, ..self }
    }

    /// Returns the limits of a byte of the same sign.
    pub(crate) fn of_a_byte(self) -> Self {
        let (min, max) = if self.is_signed() { (-128, 127) } else { (0, 255) };
        Self { min, max, ..self }
    }

    pub(crate) fn is_half_a_byte(self) -> bool {
        self.max - self.min < 16
    }

    /// Returns the integer of the same lowest bits that the type can hold.
    pub(crate) fn wrap(self, integer: i64) -> i64 {
        let count = i128::from(self.max) - i128::from(self.min) + 1;
        ((i128::from(integer) - i128::from(self.min)).rem_euclid(count) + i128::from(self.min))
            as i64
    }

    pub(crate) fn clamp(self, integer: i64) -> i64 {
        integer.clamp(self.min.into(), self.max.into())
    }

    /// Quantizes by zeropoint's definition of the operation, or returns `None` for parameters that it refuses.
    pub(crate) fn quantized(self, p: Affine, x: &[f32]) -> Option<Vec<i64>> {
        with_type!(self, Q => {
            let params = QParams::<f32, Q>::new(p.scale, p.zero_point).ok()?;
            let mut codes = vec![Q::default(); x.len()];
            Scalar.quantize(x, &params, &mut codes).ok()?;
            Some(codes.into_iter().map(|q| q.into()).collect())
        })
    }

    /// Quantizes to bytes of two codes of 4 bits, by zeropoint's definition of the operation.
    pub(crate) fn packed(self, p: Affine, x: &[f32]) -> Option<Vec<i64>> {
        fn by<Q: Code + Default>(p: Affine, x: &[f32], byte: fn(Q) -> u8) -> Option<Vec<i64>> {
            let params = QParams::<f32, Q>::new(p.scale, p.zero_point).ok()?;
            let mut bytes = vec![Q::default(); x.len().div_ceil(2)];
            Scalar.quantize(x, &params, &mut bytes).ok()?;
            Some(bytes.into_iter().map(|q| byte(q).into()).collect())
        }
        match self.is_signed() {
            true => by::<I4x2>(p, x, |q| {
                let [a, b] = q.unpack();
                a as u8 & 15 | (b as u8) << 4
            }),
            false => by::<U4x2>(p, x, |q| {
                let [a, b] = q.unpack();
                a | b << 4
            }),
        }
    }

    /// Dequantizes by zeropoint's definition; the results are as [`ordered`] returns them.
    pub(crate) fn dequantized(self, p: Affine, codes: &[i32]) -> Option<Vec<i64>> {
        with_type!(self, Q => {
            let params = QParams::<f32, Q>::new(p.scale, p.zero_point).ok()?;
            let codes: Vec<_> = codes.iter().map(|&q| q as Q).collect();
            let mut numbers = vec![0.0; codes.len()];
            Scalar.dequantize(&codes, &params, &mut numbers).ok()?;
            Some(numbers.into_iter().map(ordered).collect())
        })
    }

    /// Finds parameters by zeropoint's definition, which refuses some data.
    pub(crate) fn found(self, x: &[f32]) -> Option<(f32, i32)> {
        let found = self.params(Scheme::asymmetric(), x).ok()?;
        Some((found.scale, found.zero_point))
    }

    /// Finds parameters of a scheme for some numbers.
    ///
    /// # Errors
    ///
    /// It returns the errors of [`Range::of`](zeropoint::Range::of) and of [`Scheme::params`].
    pub fn params(self, scheme: Scheme, x: &[f32]) -> Result<Affine, zeropoint::Error> {
        let range = zeropoint::Range::of(x)?;
        with_type!(self, Q => {
            let params: QParams<f32, Q> = scheme.params(range)?;
            Ok(Affine { scale: params.scale(), zero_point: params.zero_point() })
        })
    }

    /// Requantizes by zeropoint's definition.
    pub(crate) fn requantized(self, p: Rescale, accumulators: &[i32]) -> Option<Vec<i64>> {
        with_type!(self, Q => {
            let params = zeropoint::Requantize::float(p.multiplier, p.zero_point).ok()?;
            let mut codes = vec![Q::default(); accumulators.len()];
            Scalar.requantize(accumulators, &params, &mut codes).ok()?;
            Some(codes.into_iter().map(|q| q.into()).collect())
        })
    }

    pub(crate) fn is_signed(self) -> bool {
        self.min < 0
    }
}

/// An element of an input or an output.
pub trait Element: Copy + Debug + 'static {
    /// Returns an element with a pattern of bits, which is in the output before a call.
    fn pattern(bits: u8) -> Self;

    /// Returns an integer that determines the element, and grows with it.
    fn output(self) -> i64;
}

impl Element for f32 {
    fn pattern(bits: u8) -> Self {
        Self::from_ne_bytes([bits; 4])
    }

    fn output(self) -> i64 {
        ordered(if self.is_nan() { Self::NAN } else { self })
    }
}

/// A type of codes that a kernel under test reads or writes: `u8`, `i8`, `u16` or `i16`.
pub trait AuditedCode: Code + Element + Default {
    /// The limits of the type.
    const CODES: Codes;

    /// Returns the code with an integer's lowest bits.
    fn from_integer(integer: i32) -> Self;
}

macro_rules! integers {
    ($($integer:ident)+) => {$(
        impl Element for $integer {
            fn pattern(bits: u8) -> Self {
                $integer::from_ne_bytes([bits; size_of::<$integer>()])
            }

            fn output(self) -> i64 {
                self.into()
            }
        }
    )+};
}

integers!(u8 i8 u16 i16 i32);

macro_rules! audited {
    ($($code:ident)+) => {$(
        impl AuditedCode for $code {
            const CODES: Codes = Codes {
                name: stringify!($code),
                min: $code::MIN as i32,
                max: $code::MAX as i32,
            };

            fn from_integer(integer: i32) -> Self {
                integer as $code
            }
        }
    )+};
}

audited!(u8 i8 u16 i16);
