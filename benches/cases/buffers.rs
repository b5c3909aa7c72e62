//! Buffers on cache lines, and the random numbers in them.

use bytemuck::Pod;
use zeropoint::{Code, I2x4, I4x2, U2x4, U4x2};

/// An element of a buffer.
pub(crate) trait Datum: Pod + Send + Sync {
    const NAME: &'static str;

    /// How many numbers an element holds.
    const PER_ELEMENT: usize = 1;

    /// Bits of a number.
    const BITS: usize = 8 * size_of::<Self>() / Self::PER_ELEMENT;

    /// An element from 64 random bits: a real number in `-3.0..5.0`, or any code.
    fn from_bits(bits: u64) -> Self;

    /// Returns the element as a number; of a packed element, its first number.
    fn value(self) -> f64;
}

macro_rules! real {
    ($T:ident) => {
        impl Datum for $T {
            const NAME: &'static str = stringify!($T);

            fn from_bits(bits: u64) -> $T {
                (bits >> 40) as $T * (8.0 / (1 << 24) as $T) - 3.0
            }

            fn value(self) -> f64 {
                f64::from(self)
            }
        }
    };
}

#[cfg(feature = "half")]
macro_rules! half {
    ($T:ident) => {
        impl Datum for half::$T {
            const NAME: &'static str = stringify!($T);

            fn from_bits(bits: u64) -> half::$T {
                half::$T::from_f32(<f32 as Datum>::from_bits(bits))
            }

            fn value(self) -> f64 {
                f64::from(self)
            }
        }
    };
}

macro_rules! code {
    ($Q:ident) => {
        impl Datum for $Q {
            const NAME: &'static str = stringify!($Q);

            fn from_bits(bits: u64) -> $Q {
                (bits >> (64 - $Q::BITS)) as $Q
            }

            fn value(self) -> f64 {
                self as f64
            }
        }
    };
}

macro_rules! packed {
    ($Q:ident, $name:literal) => {
        impl Datum for $Q {
            const NAME: &'static str = $name;
            const PER_ELEMENT: usize = <$Q as Code>::PER_ELEMENT;

            fn from_bits(bits: u64) -> $Q {
                bytemuck::cast((bits >> 56) as u8)
            }

            fn value(self) -> f64 {
                f64::from(self.get(0))
            }
        }
    };
}

real!(f32);
real!(f64);
#[cfg(feature = "half")]
half!(f16);
#[cfg(feature = "half")]
half!(bf16);
code!(i8);
code!(u8);
code!(i16);
code!(u16);
code!(i32);
code!(i64);
packed!(I4x2, "i4");
packed!(U4x2, "u4");
packed!(I2x4, "i2");
packed!(U2x4, "u2");

/// Fills `dst` with random numbers, the same on every run (xorshift64*).
pub(crate) fn random<A: Datum>(dst: &mut [A]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for x in dst {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        *x = A::from_bits(state.wrapping_mul(0x2545_f491_4f6c_dd1d));
    }
}

const CACHE_LINE: usize = 64;

/// Names the environment variable with which buffers do not begin on a cache line.
const OFFSET: &str = "ZEROPOINT_BENCH_OFFSET";

/// Returns how many bytes after a cache line buffers begin: 0, or what the environment says. A
/// large `Vec` begins 16 bytes after one.
pub(crate) fn offset() -> Result<usize, String> {
    let Some(text) = std::env::var_os(OFFSET) else { return Ok(0) };
    let bytes = text.to_str().and_then(|text| text.parse().ok());
    let valid = bytes.filter(|bytes: &usize| bytes.is_multiple_of(8) && *bytes < CACHE_LINE);
    valid.ok_or_else(|| format!("{OFFSET} must be a multiple of 8 below {CACHE_LINE}"))
}

/// A slice that begins on a cache line, or `offset` bytes later.
pub(crate) struct Aligned<A> {
    vec: Vec<A>,
    start: usize,
    len: usize,
}

impl<A: Pod> Aligned<A> {
    pub(crate) fn new(len: usize) -> Self {
        let vec = vec![A::zeroed(); len + 2 * CACHE_LINE / size_of::<A>()];
        let offset = offset().expect("it was looked at before the first buffer was made");
        let start = vec.as_ptr().align_offset(CACHE_LINE) + offset / size_of::<A>();
        Self { vec, start, len }
    }

    pub(crate) fn slice(&self) -> &[A] {
        &self.vec[self.start..][..self.len]
    }

    pub(crate) fn slice_mut(&mut self) -> &mut [A] {
        &mut self.vec[self.start..][..self.len]
    }
}
