//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Parser, Subcommand, ValueEnum};
use zeropoint_audit::{Codes, Format, KNOWN, Packed};

/// Finds out which formula a quantizer of a shared library computes.
///
/// The function is called some thousand times: with ties, with numbers at which a division and a product by the
/// reciprocal round to different integers, with NaN, infinities, every length. The report says how many codes differ from
/// the contract of zeropoint, and which combination of known rules explains all of them.
///
/// Exit status: 0 if no code differs, 1 if codes differ, 2 if the function cannot be called.
///
/// The function runs in this process, so a wrong signature may end it.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The shared library, as a path.
    #[arg(long, value_name = "FILE")]
    pub(crate) library: Option<PathBuf>,

    /// The name of the function, as `nm -D` shows it.
    #[arg(long, value_name = "NAME")]
    pub(crate) symbol: Option<String>,

    /// The arguments that the function takes.
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) signature: Option<Signature>,

    /// The type of the codes, T. Codes of 4 bits are quantized only.
    #[arg(long, value_enum, default_value = "u8")]
    pub(crate) codes: Type,

    /// The format of blocks, for signatures that encode or decode them.
    #[arg(long, value_name = "NAME", value_parser = formats())]
    pub(crate) format: Option<String>,

    /// Repeat each call on so many threads at once, each with other numbers.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) threads: u8,

    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// List the generators of cases and the rules of contracts, and end.
    #[arg(long)]
    pub(crate) list: bool,

    /// Go on with other seeds for so many seconds, or until there are 4 million cases.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seconds: u64,

    /// The seed of the generators.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// Another thing to do than to audit a function.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Counts the codes of a model that another library's formula would change.
    Model(ModelArgs),
}

/// Counts the codes of a model that another library's formula would change.
///
/// The parameters of a tensor are those that zeropoint finds for its range. Its numbers are then quantized twice: by
/// zeropoint's contract, and by the one that an audit found in the other library. The table says how many codes differ,
/// by how much at most, and the mean squared error of both.
///
/// Exit status: 0 if no code differs, 1 if codes differ, 2 if there is nothing to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    /// Files in the format safetensors. Tensors of F32, F16 and BF16 are compared, the others are listed.
    #[arg(required = true, value_name = "MODEL.safetensors")]
    pub(crate) models: Vec<PathBuf>,

    /// The contract beside zeropoint's.
    #[arg(long, value_name = "NAME", value_parser = known())]
    pub(crate) against: String,

    /// The type of the codes.
    #[arg(long, value_enum, default_value = "u8")]
    pub(crate) codes: Type,

    /// The scheme of the scale and the zero point.
    #[arg(long, value_enum, default_value = "asymmetric")]
    pub(crate) scheme: SchemeName,

    /// The elements that share a scale and a zero point.
    #[arg(long, value_enum, default_value = "tensor")]
    pub(crate) granularity: Sharing,

    /// Print the table as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn formats() -> PossibleValuesParser {
    Format::ALL.map(Format::name).into()
}

fn known() -> PossibleValuesParser {
    KNOWN.iter().map(|k| PossibleValue::new(k.name).help(k.about)).into()
}

/// The schemes of zeropoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeName {
    /// The range from the least to the greatest number
    Asymmetric,
    /// The range of the greatest magnitude, of both signs
    Symmetric,
}

/// The elements that share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sharing {
    /// All elements of a tensor
    Tensor,
    /// The elements of an index of the first axis
    Channel,
}

/// The signatures of functions in C. `scale` is a float, and `zero_point` an `int32_t` unless it is a T. A result is
/// ignored, except where it says that the call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signature {
    /// quantize: void f(const float *x, T *q, size_t n, float scale, int32_t zero_point)
    #[value(name = "x-q-n-scale-zero")]
    Plain,
    /// quantize: void f(const float *x, T *q, size_t n, float scale, T zero_point), as MLAS
    #[value(name = "x-q-n-scale-code")]
    Mlas,
    /// quantize: void f(const float *x, T *q, size_t n, float inverse_scale, int32_t zero_point)
    #[value(name = "x-q-n-inverse-zero")]
    Inverse,
    /// quantize: void f(const float *x, size_t n, float scale, int32_t zero_point, T *q)
    #[value(name = "x-n-scale-zero-q")]
    InputsFirst,
    /// quantize: void f(const float *x, T *q, int64_t n, const struct { float scale; int32_t zero_point; int precision; } *), as FBGEMM
    #[value(name = "x-q-n-struct")]
    Fbgemm,
    /// quantize: int f(const float *x, T *q, size_t n, float scale, int32_t zero_point), where a result other than 0 is a refusal
    #[value(name = "x-q-n-scale-zero-status")]
    Status,
    /// dequantize: void f(const T *q, float *x, size_t n, float scale, int32_t zero_point)
    #[value(name = "q-x-n-scale-zero")]
    Dequantize,
    /// dequantize: void f(const T *q, float *x, size_t n, float scale, T zero_point), as MLAS
    #[value(name = "q-x-n-scale-code")]
    DequantizeMlas,
    /// requantize: void f(const int32_t *acc, T *q, size_t n, float multiplier, int32_t zero_point)
    #[value(name = "acc-q-n-multiplier-zero")]
    Requantize,
    /// encode: void f(const float *x, void *blocks, int64_t n), as ggml, for n numbers
    #[value(name = "x-blocks-n")]
    Encode,
    /// decode: void f(const void *blocks, float *x, int64_t n), as ggml, for n numbers
    #[value(name = "blocks-x-n")]
    Decode,
}

/// The types of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Type {
    /// uint8_t
    U8,
    /// int8_t
    I8,
    /// uint16_t
    U16,
    /// int16_t
    I16,
    /// uint8_t, with two codes from 0 to 15: q has (n + 1) / 2 of them
    U4,
    /// int8_t, with two codes from -8 to 7: q has (n + 1) / 2 of them
    I4,
}

impl Signature {
    /// Says whether the function takes or makes blocks.
    fn has_blocks(self) -> bool {
        matches!(self, Self::Encode | Self::Decode)
    }

    /// Says whether the function turns numbers into codes.
    fn quantizes(self) -> bool {
        let others = [Self::Dequantize, Self::DequantizeMlas, Self::Requantize];
        !others.contains(&self) && !self.has_blocks()
    }
}

impl Args {
    /// Checks that the options fit the signature.
    pub(crate) fn check(&self, signature: Signature) -> Result<(), String> {
        if signature.has_blocks() != self.format.is_some() {
            return Err(
                "--format goes with the signatures x-blocks-n and blocks-x-n, and they with it"
                    .into(),
            );
        }
        if matches!(self.codes, Type::U4 | Type::I4) && !signature.quantizes() {
            return Err(
                "codes of 4 bits are quantized only: --signature must be one that quantizes".into(),
            );
        }
        Ok(())
    }
}

impl Type {
    pub(crate) fn codes(self) -> Codes {
        match self {
            Self::U8 => Codes::of::<u8>(),
            Self::I8 => Codes::of::<i8>(),
            Self::U16 => Codes::of::<u16>(),
            Self::I16 => Codes::of::<i16>(),
            Self::U4 => Packed::U4.codes(),
            Self::I4 => Packed::I4.codes(),
        }
    }
}
