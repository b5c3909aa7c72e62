//! What a caller can get wrong, with the numbers that show it.

use core::fmt;

/// Why a call was refused.
///
/// Nothing was written to any output, except where the operation's documentation says otherwise.
/// Every message names what is wrong and the values involved; floats are carried as `f64`, which
/// holds every supported type exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to take a range or an error of.
    Empty,
    /// A NaN or an infinity where only finite numbers have a meaning; `index` is the first one's
    /// position, where it came from a slice.
    #[non_exhaustive]
    NotFinite {
        /// Position of the first NaN or infinity, if the numbers came from a slice.
        index: Option<usize>,
    },
    /// `src` and `dst` must have one length.
    #[non_exhaustive]
    LengthMismatch {
        /// Elements in `src`.
        src: usize,
        /// Elements in `dst`.
        dst: usize,
    },
    /// A tensor of another size than its shape says.
    #[non_exhaustive]
    ShapeMismatch {
        /// Elements that the shape has.
        shape: usize,
        /// Elements in the slice of numbers.
        len: usize,
    },
    /// The product of a shape's dimensions is beyond the address space.
    ShapeOverflow,
    /// No such axis.
    #[non_exhaustive]
    AxisOutOfRange {
        /// The axis given.
        axis: usize,
        /// The number of dimensions.
        dimensions: usize,
    },
    /// A block has at least one element.
    EmptyBlock,
    /// Rows that overlap: their distance is less than their length.
    #[non_exhaustive]
    PitchTooShort {
        /// From one row's start to the next one's, in elements.
        pitch: usize,
        /// Elements of a row.
        row: usize,
    },
    /// Rows that end beyond the address space.
    #[non_exhaustive]
    PitchOverflow {
        /// The number of rows.
        rows: usize,
        /// From one row's start to the next one's, in elements.
        pitch: usize,
    },
    /// Rows of packed codes that would not all begin an element.
    #[non_exhaustive]
    PitchInsideElement {
        /// From one row's start to the next one's, in codes.
        pitch: usize,
        /// The codes that an element holds.
        codes: usize,
    },
    /// Another length than rows with a pitch can have.
    #[non_exhaustive]
    PitchedLength {
        /// The elements up to the last row's end.
        least: usize,
        /// Those with a whole pitch for every row.
        most: usize,
        /// Elements in the slice of numbers or codes.
        len: usize,
    },
    /// Another number of parameters than of slices that have parameters of their own.
    #[non_exhaustive]
    ParamsMismatch {
        /// Slices of the tensor.
        slices: usize,
        /// Parameters given.
        params: usize,
    },
    /// Parameter `index` is wrong, for the reason that its own check would give.
    #[non_exhaustive]
    InvalidParams {
        /// Which of the parameters.
        index: usize,
        /// The scale given.
        scale: f64,
        /// The zero point given.
        zero_point: i32,
    },
    /// The multiplier of a requantization is a finite number, not negative; in fixed point, 0 or from
    /// 2³⁰ to 2³¹ − 1.
    #[non_exhaustive]
    InvalidMultiplier {
        /// The value given.
        multiplier: f64,
    },
    /// The shift of a fixed-point multiplier is from −31 to 30.
    #[non_exhaustive]
    ShiftOutOfRange {
        /// The value given.
        shift: i32,
    },
    /// A range whose minimum is above its maximum.
    #[non_exhaustive]
    InvertedRange {
        /// The minimum given.
        min: f64,
        /// The maximum given.
        max: f64,
    },
    /// A raw range of width zero has no scale.
    #[non_exhaustive]
    ZeroWidth {
        /// Minimum and maximum at once.
        value: f64,
    },
    /// The largest magnitude of a symmetric range cannot be negative.
    #[non_exhaustive]
    NegativeAlpha {
        /// The value given.
        alpha: f64,
    },
    /// A scale is finite, and at least the least positive normal number of its type.
    #[non_exhaustive]
    InvalidScale {
        /// The value given.
        scale: f64,
        /// The least scale of the type.
        least: f64,
    },
    /// A zero point lies within ±2²⁴, where every integer is a float.
    #[non_exhaustive]
    ZeroPointOutOfRange {
        /// The value given or computed.
        zero_point: f64,
    },
    /// The code type has no codes of so many bits.
    #[non_exhaustive]
    Bits {
        /// The number of bits asked for.
        bits: u32,
        /// The fewest the type takes.
        least: u32,
        /// The most the type takes.
        most: u32,
    },
    /// `qmin..=qmax` is empty, or reaches outside the code type.
    #[non_exhaustive]
    CodeRange {
        /// The least code given.
        qmin: i32,
        /// The greatest code given.
        qmax: i32,
        /// The least code of the type.
        least: i32,
        /// The greatest code of the type.
        most: i32,
    },
    /// An option of one scheme was given to the other.
    #[non_exhaustive]
    SchemeOption {
        /// The option, as it is called in [`Scheme`](crate::Scheme).
        option: &'static str,
        /// The scheme it has no meaning for.
        scheme: &'static str,
    },
    /// Zero points are not written, though an asymmetric scheme has one for each slice.
    ZeroPointsOmitted,
    /// Zero points are to be codes, though those of a raw range need not be.
    ZeroPointsAsCodes,
    /// A percentile is above 0 and at most 100.
    #[non_exhaustive]
    Percentile {
        /// The value given.
        percentile: f64,
    },
    /// The weight of a new batch in a moving average is above 0 and at most 1.
    #[non_exhaustive]
    AveragingConstant {
        /// The value given.
        constant: f64,
    },
    /// `ZEROPOINT_BACKEND` names no backend.
    #[non_exhaustive]
    UnknownBackend {
        /// The name given.
        name: &'static str,
    },
    /// `ZEROPOINT_BACKEND` names a backend that this CPU, or this build, does not have.
    #[non_exhaustive]
    UnavailableBackend {
        /// The name given.
        name: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(f, "empty input: no element to take a range or an error of"),
            Self::NotFinite { index: Some(index) } => {
                write!(f, "NaN or infinity at element {index}")
            }
            Self::NotFinite { index: None } => write!(f, "NaN or infinity in a range or an alpha"),
            Self::LengthMismatch { src, dst } => {
                write!(f, "src has {src} elements, dst has {dst}")
            }
            Self::ShapeMismatch { shape, len } => {
                write!(f, "the shape has {shape} elements, the tensor {len}")
            }
            Self::ShapeOverflow => write!(f, "the shape has more elements than memory can hold"),
            Self::AxisOutOfRange { axis, dimensions } => {
                write!(f, "axis {axis} of a shape of {dimensions} dimensions")
            }
            Self::EmptyBlock => write!(f, "blocks of 0 elements"),
            Self::PitchTooShort { pitch, row } => {
                write!(f, "rows of {row} elements at a pitch of {pitch} overlap")
            }
            Self::PitchOverflow { rows, pitch } => {
                write!(
                    f,
                    "{rows} rows at a pitch of {pitch} elements are more than memory can hold"
                )
            }
            Self::PitchInsideElement { pitch, codes } => {
                write!(f, "a pitch of {pitch} codes, {codes} of which are an element")
            }
            Self::PitchedLength { least, most, len } => {
                write!(f, "rows with a pitch take {least} to {most} elements, the slice has {len}")
            }
            Self::ParamsMismatch { slices, params } => {
                write!(f, "{slices} slices with parameters of their own, {params} parameters")
            }
            Self::InvalidParams { index, scale, zero_point } => {
                write!(
                    f,
                    "parameters {index}: scale {scale:e}, zero point {zero_point} are invalid"
                )
            }
            Self::InvalidMultiplier { multiplier } => {
                write!(f, "multiplier {multiplier:e} is out of range")
            }
            Self::ShiftOutOfRange { shift } => write!(f, "shift {shift} is outside -31..=30"),
            Self::InvertedRange { min, max } => {
                write!(f, "range minimum {min} is above its maximum {max}")
            }
            Self::ZeroWidth { value } => {
                write!(f, "raw range [{value}, {value}] has no width, so no scale")
            }
            Self::NegativeAlpha { alpha } => write!(f, "alpha {alpha} is negative"),
            Self::InvalidScale { scale, least } => {
                write!(f, "scale {scale:e} is not a finite number of at least {least:e}")
            }
            Self::ZeroPointOutOfRange { zero_point } => {
                write!(f, "zero point {zero_point} is outside -16777216..=16777216")
            }
            Self::Bits { bits, least, most } => {
                write!(f, "{bits} bits: this code type takes {least}..={most}")
            }
            Self::CodeRange { qmin, qmax, least, most } => {
                write!(f, "codes {qmin}..={qmax} are empty or outside {least}..={most}")
            }
            Self::SchemeOption { option, scheme } => {
                write!(f, "{option} has no meaning for the {scheme} scheme")
            }
            Self::ZeroPointsOmitted => f.write_str(
                "zero points are omitted, but an asymmetric scheme has one for each slice",
            ),
            Self::ZeroPointsAsCodes => {
                f.write_str("zero points are to be codes, but those of a raw range need not be")
            }
            Self::Percentile { percentile } => {
                write!(f, "percentile {percentile} is not above 0 and at most 100")
            }
            Self::AveragingConstant { constant } => {
                write!(f, "averaging constant {constant} is not above 0 and at most 1")
            }
            Self::UnknownBackend { name } => write!(
                f,
                "ZEROPOINT_BACKEND={name:?}: unknown; known are scalar, portable, avx2, avx512, neon"
            ),
            Self::UnavailableBackend { name } => {
                write!(f, "ZEROPOINT_BACKEND={name:?}: not available on this CPU or in this build")
            }
        }
    }
}

impl core::error::Error for Error {}
