//! The status that a call returns, and the message of its failure.

use core::cell::Cell;
use core::ffi::c_char;
use core::fmt;
use std::io::{Cursor, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::types::Type;
use crate::error::Error;

/// The result of an operation, which becomes a [`Status`].
pub(super) type Outcome = Result<(), Failure>;

/// Declares [`Failure`]: each variant with its message.
macro_rules! failures {
    ($(
        $(#[$note:meta])*
        $Failure:ident$(($($field:ident: $Field:ty),+))? => $message:literal $(, $argument:expr)*;
    )+) => {
        /// The reason why a call failed.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Failure {
            $($(#[$note])* $Failure$(($($Field),+))?,)+
        }

        impl fmt::Display for Failure {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$Failure$(($($field),+))? => write!(f, $message $(, $argument)*),)+
                }
            }
        }
    };
}

failures! {
    Refused(error: Error) => "{error}";
    /// A check refuses the parameters of a slice.
    OfSlice(slice: usize, error: Error) => "slice {slice}: {error}";
    Null(argument: &'static str) => "{argument} is NULL";
    Misaligned(argument: &'static str, address: usize, align: usize)
        => "{argument} = {address:#x} is not a multiple of {align}";
    Overlap(output: &'static str, other: &'static str) => "{output} overlaps {other}";
    LengthOverflow(argument: &'static str, len: usize, size: usize)
        => "{argument}: {len} elements of {size} bytes are more than memory can be";
    Granularity(kind: u64) => "no granularity is of kind {kind}";
    Scheme(scheme: i32) => "there is no scheme {scheme}";
    Observer(kind: i32) => "there is no observer of kind {kind}";
    /// Only an observer of slices takes a granularity.
    OneRange => "the observer has one range, so granularity has to be NULL";
    Clip(clip: i32) => "there is no choice {clip} of a range";
    /// Only a histogram can choose a part of the observed range.
    NoHistogram => "the observer has no histogram to choose a range by";
    NoCounts => "the observer has no histogram, so it has no counts";
    Merge => "observers of two kinds or types, or moving averages, cannot be merged";
    Ranges(observer: usize, params: usize)
        => "the number of the observer's ranges is {observer}, there is room for {params} parameters";
    Room(given: usize, needed: usize) => "there is room for {given} bytes, the state has {needed}";
    /// A function does not take the type; `takes` names the types that it takes, each after a comma.
    Type(argument: &'static str, given: Type, takes: &'static str)
        => "{argument} = {given}, which is none of {}", takes.trim_start_matches(", ");
    NotAFloat(argument: &'static str, x: f64)
        => "{argument} = {x:e} is no float; the nearest is {:e}", f64::from(x as f32);
    Memory(bytes: usize) => "{bytes} bytes cannot be allocated";
    Threads(threads: usize) => "{threads} threads cannot be started";
    /// The pool was made before a fork, by this process.
    Forked(process: u32) => "the threads of the pool are those of process {process}";
    /// There is no room for zero points that are not 0.
    Unsigned => "zero_points is NULL, but those of a symmetric scheme on unsigned codes are not 0";
    /// A callback returned a status, and no failure is known that led to it.
    Callback(status: Status) => "the callback returned {}", status.0;
    Panic => "{}", message(Status::PANIC).trim_end_matches('\0');
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The C type `zp_status`. It is a number, since C may hold any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
#[must_use]
pub struct Status(pub i32);

/// Declares the statuses: constant, number, the failures that it stands for, and message.
macro_rules! statuses {
    ($($name:ident = $number:literal, $failure:pat => $message:literal;)+) => {
        /// Returns the name, the number and the message of every status but `ZP_OK`.
        #[must_use]
        pub const fn statuses() -> &'static [(&'static str, i32, &'static str)] {
            &[$((stringify!($name), $number, $message)),+]
        }

        /// Returns the message, with the byte that ends a string of C.
        pub(super) fn message(status: Status) -> &'static str {
            match status.0 {
                0 => "success\0",
                $($number => concat!($message, "\0"),)+
                _ => "not a status of this library\0",
            }
        }

        impl Failure {
            pub(super) fn status(&self) -> Status {
                use Error::*;
                use Failure::*;
                match self {
                    Callback(status) => return *status,
                    OfSlice(_, error) => return Refused(*error).status(),
                    _ => {}
                }
                Status(match self {
                    $($failure => $number,)+
                    // The functions with these errors are not in the C ABI.
                    Refused(_) | OfSlice(..) | Callback(_) => Status::PANIC.0,
                })
            }
        }
    };
}

// A number never changes its meaning; new ones are added at the end of their group.
statuses! {
    ZP_NULL_POINTER = 1, Null(_) => "a pointer is NULL";
    ZP_MISALIGNED = 2, Misaligned(..) => "a pointer is not aligned for its type";
    ZP_OVERLAP = 3, Overlap(..) => "an output overlaps another buffer";
    ZP_LENGTH_OVERFLOW = 4, LengthOverflow(..) => "a buffer is longer than memory can be";
    ZP_INVALID_GRANULARITY = 5, Granularity(_) => "a zp_granularity that no function of this library made";
    ZP_INVALID_SCHEME = 6, Scheme(_) => "a zp_scheme that does not exist";
    ZP_OUT_OF_MEMORY = 7, Memory(_) => "memory cannot be allocated";
    ZP_THREADS_UNAVAILABLE = 8, Threads(_) | Forked(_) => "threads cannot be started, or are another process's";
    ZP_PANIC = 9, Panic => "a fault of the library";
    ZP_UNSUPPORTED_TYPE = 10, Type(..) => "a zp_type that the function does not take, or that does not exist";
    ZP_NOT_A_FLOAT = 11, NotAFloat(..) => "a double that no float is equal to, for data that are computed with as float";
    ZP_INVALID_OBSERVER = 12, Observer(_) | OneRange | NoCounts => "a zp_observer_kind that does not exist, or that the call is not for";
    ZP_INVALID_CLIP = 13, Clip(_) | NoHistogram => "a zp_clip that does not exist, or that needs a histogram";
    ZP_NOT_MERGEABLE = 14, Merge => "observers that have no common result";
    ZP_EMPTY = 20, Refused(Empty) => "empty input where a range or an error is taken";
    ZP_NOT_FINITE = 21, Refused(NotFinite { .. }) => "NaN or infinity where only finite numbers have a meaning";
    ZP_LENGTH_MISMATCH = 22, Refused(LengthMismatch { .. }) => "input and output differ in length";
    ZP_SHAPE_MISMATCH = 23, Refused(ShapeMismatch { .. }) => "the shape has another number of elements than the buffer";
    ZP_SHAPE_OVERFLOW = 24, Refused(ShapeOverflow) => "the shape has more elements than memory can hold";
    ZP_AXIS_OUT_OF_RANGE = 25, Refused(AxisOutOfRange { .. }) => "the shape has no such axis";
    ZP_EMPTY_BLOCK = 26, Refused(EmptyBlock) => "blocks of 0 elements";
    ZP_PITCH_TOO_SHORT = 27, Refused(PitchTooShort { .. }) => "rows overlap: the pitch is less than their length";
    ZP_PITCH_OVERFLOW = 28, Refused(PitchOverflow { .. }) => "rows with this pitch are more than memory can hold";
    ZP_PITCH_INSIDE_ELEMENT = 29, Refused(PitchInsideElement { .. }) => "rows of packed codes would not all begin a byte";
    ZP_PITCHED_LENGTH = 30, Refused(PitchedLength { .. }) => "the buffer has another length than rows with this pitch";
    ZP_PARAMS_MISMATCH = 31, Refused(ParamsMismatch { .. }) | Ranges(..) => "another number of parameters or results than of slices";
    ZP_INVALID_PARAMS = 32, Refused(InvalidParams { .. }) => "a scale or a zero point of an array is invalid";
    ZP_INVALID_MULTIPLIER = 33, Refused(InvalidMultiplier { .. }) => "the multiplier is out of range";
    ZP_SHIFT_OUT_OF_RANGE = 34, Refused(ShiftOutOfRange { .. }) => "the shift is outside -31..=30";
    ZP_INVERTED_RANGE = 35, Refused(InvertedRange { .. }) => "the minimum is above the maximum";
    ZP_ZERO_WIDTH = 36, Refused(ZeroWidth { .. }) => "a raw range of one point has no scale";
    ZP_NEGATIVE_ALPHA = 37, Refused(NegativeAlpha { .. }) => "the largest magnitude is negative";
    ZP_INVALID_SCALE = 38, Refused(InvalidScale { .. }) => "the scale is not a finite, positive, normal number";
    ZP_ZERO_POINT_OUT_OF_RANGE = 39, Refused(ZeroPointOutOfRange { .. }) => "the zero point is outside -16777216..=16777216";
    ZP_INVALID_BITS = 40, Refused(Bits { .. }) => "the type has no codes of so many bits";
    ZP_INVALID_CODE_RANGE = 41, Refused(CodeRange { .. }) => "qmin..=qmax is empty or outside the type";
    ZP_INVALID_SCHEME_OPTION = 42, Refused(SchemeOption { .. }) => "not for this scheme";
    ZP_ZERO_POINTS_OMITTED = 43, Refused(ZeroPointsOmitted) | Unsigned => "zero points other than 0 are written, and there is no room";
    ZP_INVALID_PERCENTILE = 44, Refused(Percentile { .. }) => "the percentile is not above 0 and at most 100";
    ZP_INVALID_AVERAGING_CONSTANT = 45, Refused(AveragingConstant { .. }) => "the averaging constant is not above 0 and at most 1";
    ZP_INVALID_STATE = 46, Refused(InvalidState { .. }) => "the bytes are not the state of an observer";
    ZP_TOO_LITTLE_ROOM = 47, Room(..) => "there is too little room for the result";
    ZP_PARTIAL_BLOCK = 48, Refused(PartialBlock { .. }) => "the numbers are no whole blocks";
    ZP_BLOCK_RANGE = 49, Refused(BlockRange { .. }) => "a number of a block is beyond the numbers of a half";
    ZP_SLICES_MISMATCH = 50, Refused(SlicesMismatch { .. }) => "the observer has seen another number of slices";
    ZP_COUNTS_MISMATCH = 51, Refused(CountsMismatch { .. }) => "the histogram has another number of bins";
    ZP_UNKNOWN_BACKEND = 60, Refused(UnknownBackend { .. }) => "ZEROPOINT_BACKEND names no backend";
    ZP_UNAVAILABLE_BACKEND = 61, Refused(UnavailableBackend { .. }) => "ZEROPOINT_BACKEND names a backend that is not available";
}

impl Status {
    pub const OK: Self = Self(0);
    const PANIC: Self = Self(9);
}

thread_local! {
    /// The last failure on this thread, which no result depends on.
    pub(super) static LAST: Cell<Option<Failure>> = const { Cell::new(None) };
}

/// Returns the last failure, if it is one of the crate's own errors. This is for tests.
pub fn last_error() -> Option<Error> {
    match LAST.get() {
        Some(Failure::Refused(error) | Failure::OfSlice(_, error)) => Some(error),
        _ => None,
    }
}

/// Runs a call and returns its status. A panic becomes a status, and does not unwind.
#[inline(never)]
pub(super) fn of(call: impl FnOnce() -> Outcome) -> Status {
    let call = || match call() {
        Ok(()) => Status::OK,
        Err(failure) => failure.into(),
    };
    // A call keeps no state, so a panic leaves no broken state behind.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Failure::Panic.into())
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Err(failure)
    }
}

impl From<Failure> for Status {
    /// Records the failure as the last one.
    #[cold]
    fn from(failure: Failure) -> Self {
        LAST.set(Some(failure));
        failure.status()
    }
}

/// Writes the message of the last failure on this thread, cut to `size` bytes.
///
/// # Safety
///
/// `buffer` is NULL, or `size` bytes may be written there.
pub(super) unsafe fn last_error_message(buffer: *mut c_char, size: usize) -> usize {
    // Only a message with the value of an environment variable may be longer, and is cut off.
    let mut text = Cursor::new([0_u8; 512]);
    if let Some(failure) = LAST.get() {
        let _ = write!(text, "{failure}");
    }
    let (text, len) = (text.get_ref(), text.position() as usize);
    if !buffer.is_null() && size > 0 {
        let kept = len.min(size - 1);
        // SAFETY: the message and the byte that ends the string have at most `size` bytes.
        unsafe {
            buffer.copy_from(text.as_ptr().cast(), kept);
            buffer.add(kept).write(0);
        }
    }
    len
}

#[cfg(test)]
mod tests {
    use super::{Failure, Status, of};

    #[test]
    fn a_panic_is_a_status() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| ()));
        let status = of(|| panic!("of a test"));
        std::panic::set_hook(before);
        assert_eq!(status, Status::PANIC);
        assert!(matches!(super::LAST.get(), Some(Failure::Panic)));
        assert_eq!(of(|| Ok(())), Status::OK);
    }
}
