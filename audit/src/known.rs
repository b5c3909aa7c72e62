//! Contracts of libraries, and the difference that one of them makes to a tensor.

use std::ops::AddAssign;

use crate::code::Codes;
use crate::quantize::{Addition, Affine, Conversion, Nan, Quantize, Rounding, Scaling, Subnormal};

/// A contract that an audit found in a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name on a command line.
    pub name: &'static str,
    /// The library's function, and its version.
    pub about: &'static str,
    /// The formula.
    pub contract: Quantize,
    /// Says whether the library has no zero point, so that the formula is for Z = 0 only.
    pub is_symmetric: bool,
}

const BY_RECIPROCAL: Quantize = Quantize { scaling: Scaling::Reciprocal, ..Quantize::REFERENCE };

/// A product by 1/S and a sum that wraps, after a conversion that saturates.
const BY_RECIPROCAL_WRAPPING: Quantize =
    Quantize { addition: Addition::Wrapping, nan: Nan::ZeroBeforeZ, ..BY_RECIPROCAL };

/// The contracts of libraries, as the table of the README has them.
pub static KNOWN: &[Known] = &[
    Known {
        name: "onnxruntime",
        about: "ONNX Runtime 1.32.0, QuantizeLinear: the contract of zeropoint",
        contract: Quantize::REFERENCE,
        is_symmetric: false,
    },
    Known {
        name: "pytorch",
        about: "PyTorch 1.13, quantize_per_tensor on x86-64",
        contract: Quantize { conversion: Conversion::LeastLong, ..BY_RECIPROCAL },
        is_symmetric: false,
    },
    Known {
        name: "xnnpack",
        about: "XNNPACK of 2022-02-16, convert_nc_f32",
        contract: Quantize { nan: Nan::Greatest, subnormal: Subnormal::Flushed, ..BY_RECIPROCAL },
        is_symmetric: false,
    },
    Known {
        name: "rten",
        about: "rten-vecmath 0.27.0, the body of Quantize with AVX-512",
        contract: Quantize {
            conversion: Conversion::LeastInteger,
            nan: Nan::Least,
            ..BY_RECIPROCAL_WRAPPING
        },
        is_symmetric: false,
    },
    Known {
        name: "tract",
        about: "tract-core 0.23.9, quantize_linear_f32_u8 and quantize_linear_f32_i8",
        contract: BY_RECIPROCAL_WRAPPING,
        is_symmetric: false,
    },
    Known {
        name: "candle",
        about: "candle-core 0.11.1, codes of BlockQ8_0: for Z = 0",
        contract: Quantize { rounding: Rounding::TiesAway, ..BY_RECIPROCAL },
        is_symmetric: true,
    },
    Known {
        name: "numpy-round-last",
        about: "NumPy, np.round(x / scale + zero_point)",
        contract: Quantize {
            addition: Addition::BeforeRounding,
            nan: Nan::ZeroBeforeZ,
            ..Quantize::REFERENCE
        },
        is_symmetric: false,
    },
];

impl Known {
    /// Returns the contract of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|known| known.name == name)
    }
}

/// The difference between the codes of two contracts, and the error of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Change {
    /// The number of elements.
    pub elements: usize,
    /// The number of elements with different codes.
    pub differing: usize,
    /// The greatest difference of two codes.
    pub greatest: u64,
    /// The sums of squared errors, of zeropoint's contract and of the other one.
    pub squared_errors: [f64; 2],
}

impl Change {
    /// Quantizes numbers by zeropoint's contract and by another one.
    pub fn of(other: Quantize, codes: Codes, p: Affine, x: &[f32]) -> Self {
        let mut change = Self { elements: x.len(), ..Self::default() };
        for &x in x {
            let both = [Quantize::REFERENCE, other].map(|c| c.code(codes, p, x));
            change.differing += usize::from(both[0] != both[1]);
            change.greatest = change.greatest.max(both[0].abs_diff(both[1]));
            for (sum, q) in change.squared_errors.iter_mut().zip(both) {
                let decoded = (q - i64::from(p.zero_point)) as f32 * p.scale;
                *sum += (f64::from(x) - f64::from(decoded)).powi(2);
            }
        }
        change
    }

    /// Returns the mean squared errors, of zeropoint's contract and of the other one.
    pub fn mean_squared_errors(&self) -> [f64; 2] {
        self.squared_errors.map(|sum| sum / self.elements as f64)
    }
}

impl AddAssign for Change {
    fn add_assign(&mut self, other: Self) {
        self.elements += other.elements;
        self.differing += other.differing;
        self.greatest = self.greatest.max(other.greatest);
        for (sum, other) in self.squared_errors.iter_mut().zip(other.squared_errors) {
            *sum += other;
        }
    }
}
