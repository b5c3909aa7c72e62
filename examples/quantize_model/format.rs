//! Names the formats of blocks that GGUF files store, and calls the crate for them.

use std::fmt;
use std::str::FromStr;

use crate::choice::{NoValue, Values};

/// A format of blocks that the crate reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Q8_0,
    Q8_1,
    #[expect(non_camel_case_types, reason = "this is the name of the format")]
    Q8_K,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
}

/// The elements of a block of each format that is written.
pub(crate) const ELEMENTS: usize = 32;

/// The command that compiles this program with the formats.
pub(crate) const NEEDED: &str =
    "needs the feature ggml: cargo run --release --features ggml --example quantize_model";

impl Values for Format {
    const TAKES: &str = "q8_0, q4_0, q4_1, q5_0 or q5_1";
}

impl FromStr for Format {
    type Err = NoValue;

    /// Parses a format that files have weights in. Engines make blocks of Q8_1 and Q8_K of activations.
    fn from_str(text: &str) -> Result<Self, NoValue> {
        match text {
            "q8_0" => Ok(Self::Q8_0),
            "q4_0" => Ok(Self::Q4_0),
            "q4_1" => Ok(Self::Q4_1),
            "q5_0" => Ok(Self::Q5_0),
            "q5_1" => Ok(Self::Q5_1),
            _ => Err(NoValue),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Q8_0 => "q8_0",
            Self::Q8_1 => "q8_1",
            Self::Q8_K => "q8_K",
            Self::Q4_0 => "q4_0",
            Self::Q4_1 => "q4_1",
            Self::Q5_0 => "q5_0",
            Self::Q5_1 => "q5_1",
        })
    }
}

#[cfg(feature = "ggml")]
mod compiled {
    use zeropoint::ggml::{self, Block as _};
    use zeropoint::{Backend, Error};

    use super::Format;

    /// Evaluates an expression with `$Block` as the type of the format's blocks.
    macro_rules! with_block {
        ($format:expr, $Block:ident => $then:expr) => {
            zeropoint::with_formats!(with_block! $format, $Block => $then;)
        };
        ($format:expr, $Block:ident => $then:expr; $($NAME:ident $name:ident $Type:ident = $number:literal;)+) => {
            match $format {
                $(Format::$NAME => {
                    type $Block = ggml::$Type;
                    $then
                })+
            }
        };
    }

    impl Format {
        /// Returns the number of a model in this format in GGUF's `general.file_type`. If no models are in the format,
        /// it is the number at which engines look at the tensors.
        pub(crate) fn file_type(self) -> u32 {
            with_block!(self, Block => Block::FILE_TYPE.unwrap_or(1024))
        }

        /// Returns the bytes of a block.
        pub(crate) fn bytes(self) -> usize {
            with_block!(self, Block => size_of::<Block>())
        }

        /// Encodes numbers as blocks that fill `bytes`.
        pub(crate) fn encode(
            self,
            backend: &impl Backend,
            x: &[f32],
            bytes: &mut [u8],
        ) -> Result<(), Error> {
            with_block!(self, Block => backend.encode(x, ggml::blocks_mut::<Block>(bytes)?))
        }

        /// Decodes the blocks that `bytes` hold.
        pub(crate) fn decode(
            self,
            backend: &impl Backend,
            bytes: &[u8],
            x: &mut [f32],
        ) -> Result<(), Error> {
            with_block!(self, Block => backend.decode(ggml::blocks::<Block>(bytes)?, x))
        }
    }
}

/// No value of the type is made without the feature: the command line and the reader of GGUF
/// refuse.
#[cfg(not(feature = "ggml"))]
mod compiled {
    use zeropoint::{Backend, Error};

    use super::Format;

    impl Format {
        pub(crate) fn file_type(self) -> u32 {
            unreachable!("{self} {}", super::NEEDED)
        }

        pub(crate) fn bytes(self) -> usize {
            unreachable!("{self} {}", super::NEEDED)
        }

        pub(crate) fn encode(self, _: &impl Backend, _: &[f32], _: &mut [u8]) -> Result<(), Error> {
            unreachable!("{self} {}", super::NEEDED)
        }

        pub(crate) fn decode(self, _: &impl Backend, _: &[u8], _: &mut [f32]) -> Result<(), Error> {
            unreachable!("{self} {}", super::NEEDED)
        }
    }
}
