//! The choices of a quantization: the scheme, the bits of a code, which elements share a scale, or a format of blocks.

use std::fmt;
use std::str::FromStr;

use zeropoint::{Error, Granularity, Scheme};

use crate::format::{self, Format};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Asymmetric,
    Symmetric,
}

/// The bits of a code. Below 8, a byte holds several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bits {
    Eight,
    Four,
    Two,
}

/// Which elements share a scale and a zero point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// All of a tensor.
    Tensor,
    /// The elements with the same index on the first axis.
    Channel,
    /// So many neighbours among those with one index on the first axis.
    Block(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Arrays(Arrays),
    Blocks(Format),
}

/// Codes, scales and zero points are stored as arrays of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrays {
    pub(crate) scheme: Which,
    pub(crate) bits: Bits,
    pub(crate) sharing: Sharing,
}

/// A type of values that an option takes, with the names that users write.
pub(crate) trait Values: FromStr + PartialEq + Copy {
    const TAKES: &str;
}

impl Values for Which {
    const TAKES: &str = "asymmetric or symmetric";
}

impl Values for Bits {
    const TAKES: &str = "8, 4 or 2";
}

impl Values for Sharing {
    const TAKES: &str = "tensor, channel or block:N with N from 1";
}

/// The text is no value of its option.
#[derive(Debug)]
pub(crate) struct NoValue;

impl FromStr for Which {
    type Err = NoValue;

    fn from_str(text: &str) -> Result<Self, NoValue> {
        match text {
            "asymmetric" => Ok(Self::Asymmetric),
            "symmetric" => Ok(Self::Symmetric),
            _ => Err(NoValue),
        }
    }
}

impl FromStr for Bits {
    type Err = NoValue;

    fn from_str(text: &str) -> Result<Self, NoValue> {
        match text {
            "8" => Ok(Self::Eight),
            "4" => Ok(Self::Four),
            "2" => Ok(Self::Two),
            _ => Err(NoValue),
        }
    }
}

impl FromStr for Sharing {
    type Err = NoValue;

    fn from_str(text: &str) -> Result<Self, NoValue> {
        match (text, text.strip_prefix("block:")) {
            ("tensor", _) => Ok(Self::Tensor),
            ("channel", _) => Ok(Self::Channel),
            (_, Some(n)) if n.bytes().all(|b| b.is_ascii_digit()) => match n.parse() {
                Ok(n) if n > 0 => Ok(Self::Block(n)),
                _ => Err(NoValue),
            },
            _ => Err(NoValue),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor => f.pad("tensor"),
            Self::Channel => f.pad("channel"),
            Self::Block(n) => f.pad(&format!("block:{n}")),
        }
    }
}

impl Which {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Asymmetric => "asymmetric",
            Self::Symmetric => "symmetric",
        }
    }

    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::Asymmetric => Scheme::asymmetric(),
            Self::Symmetric => Scheme::symmetric(),
        }
    }
}

impl Bits {
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Eight => 8,
            Self::Four => 4,
            Self::Two => 2,
        }
    }
}

impl Sharing {
    /// The division of a tensor, and the shape of its parameters.
    ///
    /// A scale for every number of a vector would be no quantization: without a second axis, a channel
    /// is the whole. Blocks run over all axes but the first, as if these were one: the last axis of a
    /// convolution's weight is often shorter than a block.
    pub(crate) fn divide(self, shape: &[usize]) -> Result<(Granularity, Vec<usize>), Error> {
        match (self, shape) {
            (Self::Channel, [channels, _, ..]) => {
                Ok((Granularity::channel(shape, 0)?, vec![*channels]))
            }
            (Self::Block(n), &[len]) => {
                Ok((Granularity::block(shape, 0, n)?, vec![len.div_ceil(n)]))
            }
            (Self::Block(n), &[channels, ref of_channel @ ..]) => {
                let len = of_channel.iter().product::<usize>();
                Ok((Granularity::block(&[channels, len], 1, n)?, vec![channels, len.div_ceil(n)]))
            }
            _ => Ok((Granularity::tensor(shape.iter().product()), Vec::new())),
        }
    }
}

impl Choice {
    /// Returns the scheme, which formats of blocks do not have.
    pub(crate) fn scheme(self) -> Option<Which> {
        match self {
            Self::Arrays(arrays) => Some(arrays.scheme),
            Self::Blocks(_) => None,
        }
    }

    /// Returns the name of the scheme, or of the library that defines the format.
    pub(crate) fn scheme_name(self) -> &'static str {
        self.scheme().map_or("ggml", Which::name)
    }

    /// Returns the type of a code, or the format.
    pub(crate) fn code(self) -> String {
        match self {
            Self::Arrays(arrays) => arrays.code(),
            Self::Blocks(format) => format.to_string(),
        }
    }

    pub(crate) fn sharing(self) -> Sharing {
        match self {
            Self::Arrays(arrays) => arrays.sharing,
            Self::Blocks(_) => Sharing::Block(format::ELEMENTS),
        }
    }
}

impl Arrays {
    /// The type of a code: `u8`, `i4`.
    pub(crate) fn code(self) -> String {
        let sign = match self.scheme {
            Which::Asymmetric => 'u',
            Which::Symmetric => 'i',
        };
        format!("{sign}{}", self.bits.count())
    }
}
