//! The types of the ABI, and their names in C.

use core::ffi::{c_char, c_int, c_void};

use bytemuck::{AnyBitPattern, Zeroable};
use half::{bf16, f16};

use super::status::Status;
use crate::packed::{I2x4, I4x2, U2x4, U4x2};
use crate::stats::{ErrorStats, Sums};

/// A function of the ABI, as the header and the tests need it.
#[derive(Debug)]
pub struct Export {
    /// The operation, under which the header describes it.
    pub group: &'static str,
    pub name: &'static str,
    pub returns: Argument,
    pub arguments: &'static [Argument],
    pub address: *const (),
}

/// An argument and its type in C.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    pub name: &'static str,
    pub pointer: Pointer,
    /// The type, or what is pointed to.
    pub base: &'static str,
    /// The size of `base`.
    pub size: usize,
}

impl Argument {
    pub const fn new<A: CType>(name: &'static str) -> Self {
        Self { name, pointer: A::POINTER, base: A::BASE, size: A::SIZE }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    No,
    ToConst,
    ToMut,
}

/// A type that C has a name for.
pub trait CType {
    const POINTER: Pointer = Pointer::No;
    const BASE: &'static str;
    const SIZE: usize;
}

macro_rules! c_types {
    ($($T:ty = $name:literal),+ $(,)?) => {$(
        impl CType for $T {
            const BASE: &'static str = $name;
            const SIZE: usize = size_of::<$T>();
        }
    )+};
}
c_types! {
    f32 = "float", f64 = "double", f16 = "zp_f16", bf16 = "zp_bf16",
    i8 = "int8_t", u8 = "uint8_t", i16 = "int16_t", u16 = "uint16_t", i32 = "int32_t", i64 = "int64_t",
    I4x2 = "uint8_t", U4x2 = "uint8_t", I2x4 = "uint8_t", U2x4 = "uint8_t",
    u32 = "uint32_t", usize = "size_t", Flag = "int", Status = "zp_status", Stats = "zp_error_stats",
    super::CGranularity = "zp_granularity", super::CScheme = "zp_scheme",
    super::Callback = "zp_callback", super::Pool = "zp_pool", super::NewPool = "zp_pool *",
    Char = "char", Void = "void",
}

impl<T: CType> CType for *const T {
    const POINTER: Pointer = Pointer::ToConst;
    const BASE: &'static str = T::BASE;
    const SIZE: usize = T::SIZE;
}

impl<T: CType> CType for *mut T {
    const POINTER: Pointer = Pointer::ToMut;
    const BASE: &'static str = T::BASE;
    const SIZE: usize = T::SIZE;
}

/// A character of C, which is neither `i8` nor `u8`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Char(c_char);

/// What a callback is given, of whatever type.
#[derive(Debug)]
#[repr(transparent)]
pub struct Void(c_void);

/// A truth of C: 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Flag(pub c_int);

/// [`ErrorStats`], as a structure of C.
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

impl CType for () {
    const BASE: &'static str = "void";
    const SIZE: usize = 0;
}

/// The statistics that these fields are of: for tests.
#[must_use]
pub fn error_stats(stats: &Stats) -> ErrorStats {
    let Stats {
        max_abs, sum_squared_error: squared_error, sum_squares: squares, clipped, len, ..
    } = *stats;
    let sums = Sums { squared_error, squares, max_abs, clipped };
    ErrorStats::new(len as usize, sums, || None).expect("no index of an infinity is given")
}

// SAFETY: zeros are numbers.
unsafe impl Zeroable for Stats {}
// SAFETY: so are all other bytes.
unsafe impl AnyBitPattern for Stats {}
// SAFETY: as above.
unsafe impl Zeroable for super::CGranularity {}
// SAFETY: as above.
unsafe impl AnyBitPattern for super::CGranularity {}
