//! The types of elements: their numbers in C, and the Rust types.

use core::fmt;

use bytemuck::{AnyBitPattern, Zeroable};

use crate::stats::{ErrorStats, Sums};
use crate::with_formats;

/// The C type `zp_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Type(pub i32);

macro_rules! types {
    (
        $($NAME:ident = $number:literal, $of:literal;)+
        [formats]
        $($FORMAT:ident $format:ident $Block:ident = $of_format:literal;)+
    ) => {
        impl Type {
            $(pub const $NAME: Self = Self($number);)+
            $(pub const $FORMAT: Self = Self($of_format);)+
        }

        /// Returns the name, the number and a description of every type.
        #[must_use]
        pub const fn types() -> &'static [(&'static str, i32, &'static str)] {
            &[
                $((concat!("ZP_", stringify!($NAME)), $number, $of),)+
                $((
                    concat!("ZP_", stringify!($FORMAT)),
                    $of_format,
                    concat!("block of ", stringify!($FORMAT)),
                ),)+
            ]
        }
    };
}

// A number never changes its meaning; new ones are added at the end of their group.
with_formats! { types!
    F32 = 1, "float";
    F64 = 2, "double";
    F16 = 3, "IEEE half, 16 bits";
    BF16 = 4, "bfloat16, 16 bits";
    I8 = 16, "int8_t";
    U8 = 17, "uint8_t";
    I16 = 18, "int16_t";
    U16 = 19, "uint16_t";
    I32 = 20, "int32_t: biases and accumulators";
    I4 = 21, "signed, two in each byte, the first in the low half";
    U4 = 22, "unsigned, likewise";
    I2 = 23, "signed, four in each byte, the first in the lowest two bits";
    U2 = 24, "unsigned, likewise";
    [formats]
}

impl fmt::Display for Type {
    /// Writes the name of the constant in C, or the number of a type that does not exist.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match types().iter().find(|(_, number, _)| *number == self.0) {
            Some((name, ..)) => f.write_str(name),
            None => self.0.fmt(f),
        }
    }
}

/// Evaluates an expression with `T`, `Q`, `F` and `B` as the types that arguments name, and refuses all other types: `T`
/// is a number, `Q` a code, `F` a number that blocks are made of, and `B` a block.
macro_rules! with_types {
    (T = $type:ident, $($rest:tt)+) => {
        with_types!(@ T = $type, [F32 f32, F64 f64, F16 half::f16, BF16 half::bf16], [$($rest)+])
    };
    (Q = $type:ident, $($rest:tt)+) => {
        with_types!(@ Q = $type, [
            I8 i8, U8 u8, I16 i16, U16 u16, I32 i32, I4 I4x2, U4 U4x2, I2 I2x4, U2 U2x4
        ], [$($rest)+])
    };
    (F = $type:ident, $($rest:tt)+) => {
        with_types!(@ F = $type, [F32 f32, F16 half::f16, BF16 half::bf16], [$($rest)+])
    };
    (B = $type:ident, $($rest:tt)+) => {
        $crate::with_formats!(with_types! @ B = $type, [$($rest)+];)
    };
    (@ B = $type:ident, $rest:tt; $($NAME:ident $name:ident $Block:ident = $number:literal;)+) => {
        with_types!(@ B = $type, [$($NAME ggml::$Block),+], $rest)
    };
    (@ $T:ident = $type:ident, [$($NAME:ident $X:ty),+], $rest:tt) => {
        match $type {
            $(Type::$NAME => {
                type $T = $X;
                with_types!(@ $rest)
            })+
            other => {
                const TAKES: &str = concat!($(", ZP_", stringify!($NAME)),+);
                status::Failure::Type(stringify!($type), other, TAKES).into()
            }
        }
    };
    (@ [$($rest:tt)+]) => { with_types!($($rest)+) };
    ($then:expr) => { $then };
}
pub(super) use with_types;

/// The C type `zp_error_stats`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Stats {
    pub mse: f64,
    pub max_abs: f64,
    pub sqnr_db: f64,
    pub sum_squared_error: f64,
    pub sum_squares: f64,
    pub clipped: u64,
    pub len: u64,
}

impl From<ErrorStats> for Stats {
    fn from(e: ErrorStats) -> Self {
        Self {
            mse: e.mse(),
            max_abs: e.max_abs(),
            sqnr_db: e.sqnr_db(),
            sum_squared_error: e.sum_squared_error(),
            sum_squares: e.sum_squares(),
            clipped: e.clipped(),
            len: e.len() as u64,
        }
    }
}

/// Returns the statistics with these fields. This is for tests.
#[must_use]
pub fn error_stats(stats: &Stats) -> ErrorStats {
    let Stats { max_abs, sum_squared_error, sum_squares, clipped, len, .. } = *stats;
    let sums = Sums { squared_error: sum_squared_error, squares: sum_squares, max_abs, clipped };
    ErrorStats::new(len as usize, sums, || None).expect("no index of an infinity is given")
}

macro_rules! any_bits {
    ($($T:ty),+) => {$(
        // SAFETY: all fields are numbers, which may be 0.
        unsafe impl Zeroable for $T {}
        // SAFETY: all fields are numbers, for which any bits are valid.
        unsafe impl AnyBitPattern for $T {}
    )+};
}
any_bits!(Stats, super::CParams, super::CGranularity);
