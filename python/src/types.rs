//! The types of numbers, of scales and of codes, with their names in NumPy.

use bytemuck::Pod;
use numpy::{Element, PyArrayDescr};
use pyo3::prelude::*;
use zeropoint::{Code, Compute, I2x4, I4x2, Real, U2x4, U4x2};

/// A type of scales.
pub(crate) trait Scale: Compute + Element {
    /// Returns the nearest number, ties to even, as NumPy's `astype` does.
    fn nearest(x: f64) -> Self;

    fn as_f64(self) -> f64;
}

impl Scale for f32 {
    fn nearest(x: f64) -> Self {
        x as f32
    }

    fn as_f64(self) -> f64 {
        self.into()
    }
}

impl Scale for f64 {
    fn nearest(x: f64) -> Self {
        x
    }

    fn as_f64(self) -> f64 {
        self
    }
}

/// A type of numbers.
pub(crate) trait Number: Real<Compute: Scale> + Element {}

impl<T: Real<Compute: Scale> + Element> Number for T {}

/// A type of codes in an array.
pub(crate) trait Coded: Code {
    /// The type of the elements of an array of codes: bytes if the codes are packed.
    type Stored: Element + Pod;

    /// Returns the elements of an array as codes.
    fn codes(stored: &[Self::Stored]) -> &[Self] {
        bytemuck::cast_slice(stored)
    }

    /// Returns the elements of an array as codes to write to.
    fn codes_mut(stored: &mut [Self::Stored]) -> &mut [Self] {
        bytemuck::cast_slice_mut(stored)
    }

    /// Returns the shape of the array that holds the codes of a tensor.
    fn stored_shape(shape: &[usize]) -> Vec<usize> {
        if Self::PER_ELEMENT == 1 {
            return shape.to_vec();
        }
        vec![shape.iter().product::<usize>().div_ceil(Self::PER_ELEMENT)]
    }
}

macro_rules! coded {
    ($($Q:ident in $Stored:ident),+) => { $(
        impl Coded for $Q {
            type Stored = $Stored;
        }
    )+ };
}

coded!(i8 in i8, u8 in u8, i16 in i16, u16 in u16, i32 in i32);
coded!(I4x2 in u8, U4x2 in u8, I2x4 in u8, U2x4 in u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    Float16,
    BFloat16,
    Float32,
    Float64,
}

impl Numbers {
    pub(crate) const NAMES: &str = "float16, bfloat16, float32, float64";

    pub(crate) fn named(py: Python<'_>, name: &str) -> PyResult<Option<Self>> {
        Ok(Some(match name {
            "float16" => Self::Float16,
            "bfloat16" => {
                // A caller with a bfloat16 array has the package, too; without it, `Element` would panic.
                PyArrayDescr::new(py, name)?;
                Self::BFloat16
            }
            "float32" => Self::Float32,
            "float64" => Self::Float64,
            _ => return Ok(None),
        }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codes {
    Int8,
    UInt8,
    Int16,
    UInt16,
    /// Accumulators and biases, which are dequantized; no scheme makes them.
    Int32,
    Packed(Packed),
}

/// Names a type of packed codes, several a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    Int4,
    UInt4,
    Int2,
    UInt2,
}

impl Packed {
    pub(crate) const NAMES: &str = r#""int4", "uint4", "int2", "uint2""#;

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int4" => Self::Int4,
            "uint4" => Self::UInt4,
            "int2" => Self::Int2,
            "uint2" => Self::UInt2,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Int4 => "int4",
            Self::UInt4 => "uint4",
            Self::Int2 => "int2",
            Self::UInt2 => "uint2",
        }
    }

    fn bits(self) -> u32 {
        match self {
            Self::Int4 | Self::UInt4 => 4,
            Self::Int2 | Self::UInt2 => 2,
        }
    }

    pub(crate) fn per_byte(self) -> usize {
        match self {
            Self::Int4 | Self::UInt4 => 2,
            Self::Int2 | Self::UInt2 => 4,
        }
    }
}

impl Codes {
    /// The names that messages list: the types of arrays that a scheme makes.
    pub(crate) const NAMES: &str = "int8, uint8, int16, uint16";

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int8" => Self::Int8,
            "uint8" => Self::UInt8,
            "int16" => Self::Int16,
            "uint16" => Self::UInt16,
            "int32" => Self::Int32,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::UInt8 => "uint8",
            Self::Int16 => "int16",
            Self::UInt16 => "uint16",
            Self::Int32 => "int32",
            Self::Packed(packed) => packed.name(),
        }
    }

    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Int8 | Self::UInt8 => 8,
            Self::Int16 | Self::UInt16 => 16,
            Self::Int32 => 32,
            Self::Packed(packed) => packed.bits(),
        }
    }
}

/// Evaluates an expression for the type that a [`Numbers`] stands for.
macro_rules! for_numbers {
    ($numbers:expr, $T:ident => $body:expr) => {
        match $numbers {
            $crate::types::Numbers::Float16 => {
                type $T = half::f16;
                $body
            }
            $crate::types::Numbers::BFloat16 => {
                type $T = half::bf16;
                $body
            }
            $crate::types::Numbers::Float32 => {
                type $T = f32;
                $body
            }
            $crate::types::Numbers::Float64 => {
                type $T = f64;
                $body
            }
        }
    };
}

/// Evaluates an expression for the type that a [`Codes`] stands for.
macro_rules! for_codes {
    ($codes:expr, $Q:ident => $body:expr) => {
        match $codes {
            $crate::types::Codes::Int8 => {
                type $Q = i8;
                $body
            }
            $crate::types::Codes::UInt8 => {
                type $Q = u8;
                $body
            }
            $crate::types::Codes::Int16 => {
                type $Q = i16;
                $body
            }
            $crate::types::Codes::UInt16 => {
                type $Q = u16;
                $body
            }
            $crate::types::Codes::Int32 => {
                type $Q = i32;
                $body
            }
            $crate::types::Codes::Packed($crate::types::Packed::Int4) => {
                type $Q = zeropoint::I4x2;
                $body
            }
            $crate::types::Codes::Packed($crate::types::Packed::UInt4) => {
                type $Q = zeropoint::U4x2;
                $body
            }
            $crate::types::Codes::Packed($crate::types::Packed::Int2) => {
                type $Q = zeropoint::I2x4;
                $body
            }
            $crate::types::Codes::Packed($crate::types::Packed::UInt2) => {
                type $Q = zeropoint::U2x4;
                $body
            }
        }
    };
}

pub(crate) use {for_codes, for_numbers};
