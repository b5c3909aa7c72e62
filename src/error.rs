//! What a caller can get wrong, with the numbers that show it.

use core::fmt;

/// Declares [`Error`], each variant with its message.
macro_rules! errors {
    (
        $(#[$note:meta])+
        pub enum $Error:ident
        { $($(#[$unit_note:meta])+ $Unit:ident => $unit_message:literal;)+ }
        {
            $(
                $(#[$variant_note:meta])+
                $Variant:ident { $($(#[$field_note:meta])+ $field:ident: $Field:ty,)+ }
                    => $message:literal $(, $argument:expr)?;
            )+
        }
    ) => {
        $(#[$note])+
        pub enum $Error {
            $($(#[$unit_note])+ $Unit,)+
            $(
                $(#[$variant_note])+
                #[non_exhaustive]
                $Variant { $($(#[$field_note])+ $field: $Field,)+ },
            )+
        }

        impl fmt::Display for $Error {
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
    /// Why a call was refused.
    ///
    /// Nothing was written to any output, except where the operation's documentation says otherwise.
    /// Every message names what is wrong and the values involved; floats are carried as `f64`, which
    /// holds every supported type exactly.
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[non_exhaustive]
    pub enum Error
    {
        /// There is nothing to take a range or an error of.
        Empty => "empty input: no element to take a range or an error of";
        /// The product of a shape's dimensions is beyond the address space.
        ShapeOverflow => "the shape has more elements than memory can hold";
        /// A block has at least one element.
        EmptyBlock => "blocks of 0 elements";
        /// Zero points are not written, though an asymmetric scheme has one for each slice.
        ZeroPointsOmitted => "zero points are omitted, but an asymmetric scheme has one for each slice";
        /// Zero points are to be codes, though those of a raw range need not be.
        ZeroPointsAsCodes => "zero points are to be codes, but those of a raw range need not be";
    }
    {
        /// A NaN or an infinity where only finite numbers have a meaning; `index` is the first one's
        /// position, where it came from a slice.
        NotFinite {
            /// Position of the first NaN or infinity, if the numbers came from a slice.
            index: Option<usize>,
        } => "NaN or infinity {}", Place(index);
        /// `src` and `dst` must have one length.
        LengthMismatch {
            /// Elements in `src`.
            src: usize,
            /// Elements in `dst`.
            dst: usize,
        } => "src has {src} elements, dst has {dst}";
        /// A tensor of another size than its shape says.
        ShapeMismatch {
            /// Elements that the shape has.
            shape: usize,
            /// Elements in the slice of numbers.
            len: usize,
        } => "the shape has {shape} elements, the tensor {len}";
        /// No such axis.
        AxisOutOfRange {
            /// The axis given.
            axis: usize,
            /// The number of dimensions.
            dimensions: usize,
        } => "axis {axis} of a shape of {dimensions} dimensions";
        /// Rows that overlap: their distance is less than their length.
        PitchTooShort {
            /// From one row's start to the next one's, in elements.
            pitch: usize,
            /// Elements of a row.
            row: usize,
        } => "rows of {row} elements at a pitch of {pitch} overlap";
        /// Rows that end beyond the address space.
        PitchOverflow {
            /// The number of rows.
            rows: usize,
            /// From one row's start to the next one's, in elements.
            pitch: usize,
        } => "{rows} rows at a pitch of {pitch} elements are more than memory can hold";
        /// Rows of packed codes that would not all begin an element.
        PitchInsideElement {
            /// From one row's start to the next one's, in codes.
            pitch: usize,
            /// The codes that an element holds.
            codes: usize,
        } => "a pitch of {pitch} codes, {codes} of which are an element";
        /// Another length than rows with a pitch can have.
        PitchedLength {
            /// The elements up to the last row's end.
            least: usize,
            /// The elements if every row has a whole pitch.
            most: usize,
            /// Elements in the slice of numbers or codes.
            len: usize,
        } => "rows with a pitch take {least} to {most} elements, the slice has {len}";
        /// Another number of parameters than of slices that have parameters of their own.
        ParamsMismatch {
            /// Slices of the tensor.
            slices: usize,
            /// Parameters given.
            params: usize,
        } => "{slices} slices with parameters of their own, {params} parameters";
        /// Parameter `index` is wrong, for the reason that its own check would give.
        InvalidParams {
            /// Which of the parameters.
            index: usize,
            /// The scale given.
            scale: f64,
            /// The zero point given.
            zero_point: i32,
        } => "parameters {index}: scale {scale:e}, zero point {zero_point} are invalid";
        /// The multiplier of a requantization is a finite number, not negative; in fixed point, 0 or from
        /// 2³⁰ to 2³¹ − 1.
        InvalidMultiplier {
            /// The value given.
            multiplier: f64,
        } => "multiplier {multiplier:e} is out of range";
        /// The shift of a fixed-point multiplier is from −31 to 30.
        ShiftOutOfRange {
            /// The value given.
            shift: i32,
        } => "shift {shift} is outside -31..=30";
        /// A range whose minimum is above its maximum.
        InvertedRange {
            /// The minimum given.
            min: f64,
            /// The maximum given.
            max: f64,
        } => "range minimum {min} is above its maximum {max}";
        /// A raw range of width zero has no scale.
        ZeroWidth {
            /// Minimum and maximum at once.
            value: f64,
        } => "raw range [{value}, {value}] has no width, so no scale";
        /// The largest magnitude of a symmetric range cannot be negative.
        NegativeAlpha {
            /// The value given.
            alpha: f64,
        } => "alpha {alpha} is negative";
        /// A scale is finite, and at least the least positive normal number of its type.
        InvalidScale {
            /// The value given.
            scale: f64,
            /// The least scale of the type.
            least: f64,
        } => "scale {scale:e} is not a finite number of at least {least:e}";
        /// A zero point lies within ±2²⁴, where every integer is a float.
        ZeroPointOutOfRange {
            /// The value given or computed.
            zero_point: f64,
        } => "zero point {zero_point} is outside -16777216..=16777216";
        /// The code type has no codes of so many bits.
        Bits {
            /// The number of bits asked for.
            bits: u32,
            /// The fewest the type takes.
            least: u32,
            /// The most the type takes.
            most: u32,
        } => "{bits} bits: this code type takes {least}..={most}";
        /// `qmin..=qmax` is empty, or reaches outside the code type.
        CodeRange {
            /// The least code given.
            qmin: i32,
            /// The greatest code given.
            qmax: i32,
            /// The least code of the type.
            least: i32,
            /// The greatest code of the type.
            most: i32,
        } => "codes {qmin}..={qmax} are empty or outside {least}..={most}";
        /// An option of one scheme was given to the other.
        SchemeOption {
            /// The option, as it is called in [`Scheme`](crate::Scheme).
            option: &'static str,
            /// The scheme it has no meaning for.
            scheme: &'static str,
        } => "{option} has no meaning for the {scheme} scheme";
        /// A percentile is above 0 and at most 100.
        Percentile {
            /// The value given.
            percentile: f64,
        } => "percentile {percentile} is not above 0 and at most 100";
        /// The weight of a new batch in a moving average is above 0 and at most 1.
        AveragingConstant {
            /// The value given.
            constant: f64,
        } => "averaging constant {constant} is not above 0 and at most 1";
        /// `ZEROPOINT_BACKEND` names no backend.
        UnknownBackend {
            /// The name given.
            name: &'static str,
        } => "ZEROPOINT_BACKEND={name:?}: unknown; known are scalar, portable, avx2, avx512, neon";
        /// `ZEROPOINT_BACKEND` names a backend that this CPU, or this build, does not have.
        UnavailableBackend {
            /// The name given.
            name: &'static str,
        } => "ZEROPOINT_BACKEND={name:?}: not available on this CPU or in this build";
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
