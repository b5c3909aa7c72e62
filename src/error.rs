//! The error type: the mistakes that a caller can make, with the values that show them.

use core::fmt;

/// Declares [`Error`]: each variant with its message, and each field with its documentation.
macro_rules! errors {
    (
        { $($(#[$unit_note:meta])+ $Unit:ident => $unit_message:literal;)+ }
        {
            $(
                $(#[$variant_note:meta])+
                $Variant:ident { $($field:ident: $Field:ty = $field_note:literal),+ }
                    => $message:literal $(, $argument:expr)?;
            )+
        }
    ) => {
        /// The reason why a call was refused.
        ///
        /// Nothing was written to any output, except where the operation's documentation says otherwise. Every message
        /// names the fault and the values involved. Floats are `f64`, which holds every supported type exactly.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$unit_note])+ $Unit,)+
            $(
                $(#[$variant_note])+
                #[non_exhaustive]
                $Variant { $(#[doc = $field_note] $field: $Field,)+ },
            )+
        }

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$Unit => f.write_str($unit_message),)+
                    $(Self::$Variant { $($field),+ } => write!(f, $message $(, $argument)?),)+
                }
            }
        }
    };
}

errors! {
    {
        /// There is no element to take a range or an error of.
        Empty => "empty input: no element to take a range or an error of";
        /// The product of a shape's dimensions is beyond the address space.
        ShapeOverflow => "the shape has more elements than memory can hold";
        /// A block has no elements; it must have at least one.
        EmptyBlock => "blocks of 0 elements: a block has at least 1";
        /// Zero points are not written, though an asymmetric scheme has one for each slice.
        ZeroPointsOmitted => "zero points are omitted, but an asymmetric scheme has one for each slice";
        /// Zero points are to be codes, but the zero point of a raw range need not be one.
        ZeroPointsAsCodes => "zero points are to be stored as codes, but a raw range can have one that is no code";
    }
    {
        /// A NaN or an infinity was found where only finite numbers have a meaning.
        NotFinite { index: Option<usize> = "The index of the first NaN or infinity, if the numbers came from a slice." }
            => "NaN or infinity {}", Place(index);
        /// `src` and `dst` differ in length.
        LengthMismatch { src: usize = "The elements in `src`.", dst: usize = "The elements in `dst`." }
            => "src has {src} elements, dst has {dst}";
        /// Elements or bytes are no whole number of blocks.
        PartialBlock {
            len: usize = "The length given.",
            block: usize = "The elements, or the bytes, of a block."
        } => "a length of {len} is no multiple of {block}, the length of a block";
        /// A block stores a number as `f16`, whose greatest number is 65504, and the number would become infinite.
        BlockRange { block: usize = "The index of the block.", value: f64 = "The number." }
            => "block {block}: {value:e} is beyond the numbers of f16";
        /// The tensor has another number of elements than its shape.
        ShapeMismatch { shape: usize = "The elements that the shape has.", len: usize = "The elements in the slice." }
            => "the shape has {shape} elements, the tensor {len}";
        /// The shape has no such axis.
        AxisOutOfRange { axis: usize = "The axis given.", dimensions: usize = "The number of dimensions." }
            => "a shape of {dimensions} dimensions has no axis {axis}";
        /// Rows overlap: their distance is less than their length.
        PitchTooShort {
            pitch: usize = "The elements from one row's start to the next one's.",
            row: usize = "The elements of a row."
        } => "rows of {row} elements at a pitch of {pitch} overlap";
        /// Rows end beyond the address space.
        PitchOverflow {
            rows: usize = "The number of rows.",
            pitch: usize = "The elements from one row's start to the next one's."
        } => "{rows} rows at a pitch of {pitch} elements are more than memory can hold";
        /// Rows of packed codes would not all begin at the start of an element.
        PitchInsideElement {
            pitch: usize = "The codes from one row's start to the next one's.",
            codes: usize = "The codes that an element holds."
        } => "a pitch of {pitch} codes is no whole number of elements of {codes} codes";
        /// The slice has another length than rows with a pitch can have.
        PitchedLength {
            least: usize = "The elements up to the last row's end.",
            most: usize = "The elements if every row has a whole pitch.",
            len: usize = "The elements in the slice."
        } => "rows with a pitch take {least} to {most} elements, the slice has {len}";
        /// There are fewer or more parameters, or results, than slices.
        ParamsMismatch { slices: usize = "The slices of the tensor.", params: usize = "The parameters or results given." }
            => "the shape has {slices} slices, each with one parameter or result; {params} are given";
        /// One of many parameters is wrong, for the reason that its own check would give.
        InvalidParams {
            index: usize = "The index of these parameters.",
            scale: f64 = "The scale given.",
            zero_point: i32 = "The zero point given."
        } => "parameters {index}: scale {scale:e} is not a positive, normal number, or zero point {zero_point} is outside \
              -16777216..=16777216";
        /// The multiplier of a requantization is not a finite number, or is negative, or, in fixed point, is neither
        /// 0 nor from 2³⁰ to 2³¹ − 1.
        InvalidMultiplier { multiplier: f64 = "The value given." }
            => "multiplier {multiplier:e} is out of range: a float is finite and at least 0, a fixed-point one is 0 or \
                from 2^30 to 2^31 - 1";
        /// One of many multipliers is wrong, for the reason that its own check would give.
        InvalidMultipliers {
            index: usize = "The index of the multiplier.",
            multiplier: f64 = "The multiplier given.",
            shift: i32 = "The shift given, or 0 for a float.",
            zero_point: i32 = "The zero point given."
        } => "parameters {index}: multiplier {multiplier:e} (a float is finite and at least 0, a fixed-point one is 0 or \
              from 2^30 to 2^31 - 1), shift {shift} (-31..=30) or zero point {zero_point} (-16777216..=16777216) is out \
              of range";
        /// The shift of a fixed-point multiplier is not from −31 to 30.
        ShiftOutOfRange { shift: i32 = "The value given." } => "shift {shift} is outside -31..=30";
        /// The numbers of fixed-point multipliers and of shifts differ.
        ShiftsMismatch { multipliers: usize = "The multipliers given.", shifts: usize = "The shifts given." }
            => "{multipliers} multipliers are given, and {shifts} shifts";
        /// The minimum of a range is above its maximum.
        InvertedRange { min: f64 = "The minimum given.", max: f64 = "The maximum given." }
            => "range minimum {min} is above its maximum {max}";
        /// A raw range of width zero has no scale.
        ZeroWidth { value: f64 = "The minimum, which is the maximum." }
            => "raw range [{value}, {value}] has no width, so no scale";
        /// The largest magnitude of a symmetric range cannot be negative.
        NegativeAlpha { alpha: f64 = "The value given." } => "alpha {alpha} is negative";
        /// A scale is not finite, or is below the least positive normal number of its type.
        InvalidScale { scale: f64 = "The value given.", least: f64 = "The least scale of the type." }
            => "scale {scale:e} is not a finite number of at least {least:e}";
        /// A zero point is beyond ±2²⁴, within which every integer is a float.
        ZeroPointOutOfRange { zero_point: f64 = "The value given or computed." }
            => "zero point {zero_point} is outside -16777216..=16777216";
        /// The code type has no codes of so many bits.
        Bits {
            bits: u32 = "The number of bits asked for.",
            least: u32 = "The fewest bits that the type takes.",
            most: u32 = "The most bits that the type takes."
        } => "{bits} bits: this code type takes {least}..={most}";
        /// `qmin..=qmax` is empty, or reaches outside the code type.
        CodeRange {
            qmin: i32 = "The least code given.",
            qmax: i32 = "The greatest code given.",
            least: i32 = "The least code of the type.",
            most: i32 = "The greatest code of the type."
        } => "codes {qmin}..={qmax} are empty or outside {least}..={most}";
        /// An option of one [`Scheme`](crate::Scheme) was given to the other scheme.
        SchemeOption {
            option: &'static str = "The name of the option.",
            scheme: &'static str = "The scheme for which it has no meaning."
        } => "{option} has no meaning for the {scheme} scheme";
        /// A percentile is NaN, above 100, or not above 0.
        Percentile { percentile: f64 = "The value given." }
            => "percentile {percentile} is not above 0 and at most 100";
        /// The weight of a new batch in a moving average is NaN, above 1, or not above 0.
        AveragingConstant { constant: f64 = "The value given." }
            => "averaging constant {constant} is not above 0 and at most 1";
        /// An observer of slices meets data, or another observer, with another number of slices.
        SlicesMismatch { observer: usize = "The slices of the observer.", data: usize = "The slices of the data." }
            => "the observer has {observer} slices, the data have {data}";
        /// A histogram has another number of bins than there are counts.
        CountsMismatch { bins: usize = "The bins of the type of computation.", counts: usize = "The counts given." }
            => "the histogram has {bins} bins, not {counts}";
        /// Bytes are not the state of an observer of this kind.
        InvalidState { reason: &'static str = "What is wrong." } => "not a state of this observer: {reason}";
        /// `ZEROPOINT_BACKEND` names no backend.
        UnknownBackend { name: &'static str = "The name given." }
            => "ZEROPOINT_BACKEND={name:?}: unknown; known are scalar, portable, avx2, avx512, neon";
        /// `ZEROPOINT_BACKEND` names a backend that this CPU, or this build, does not have.
        UnavailableBackend { name: &'static str = "The name given." }
            => "ZEROPOINT_BACKEND={name:?}: not available on this CPU or in this build";
    }
}

#[cfg(feature = "ggml")]
impl Error {
    /// Returns the error with elements counted from `elements` earlier, and blocks from `blocks` earlier.
    pub(crate) fn moved(self, elements: usize, blocks: usize) -> Self {
        match self {
            Self::NotFinite { index: Some(i) } => Self::NotFinite { index: Some(elements + i) },
            Self::BlockRange { block, value } => Self::BlockRange { block: blocks + block, value },
            other => other,
        }
    }
}

/// Says where a NaN or an infinity is.
struct Place(Option<usize>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(index) => write!(f, "at element {index}"),
            None => f.write_str("in a range or an alpha"),
        }
    }
}

impl core::error::Error for Error {}
