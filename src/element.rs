//! The element types: [`Real`] numbers that are quantized, [`Code`]s that they become.
//!
//! Both traits are sealed. Their hidden methods are of two kinds: the little arithmetic that the
//! reference is written in, and the *doors* to the kernels (see `engine.rs`).

use core::fmt::{Debug, Display};
use core::ops::{Add, Div, Mul, Sub};

use bytemuck::Pod;

use crate::backend::Isa;
use crate::engine::{Engine, RealEngine, door};
use crate::params::Reciprocal;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A type of data to quantize: `f32` or `f64`.
pub trait Real: Sealed + Pod + PartialEq + PartialOrd + Debug + Send + Sync {
    /// The type that the arithmetic is done in, and the type of scales.
    type Compute: Compute;

    /// The same number in the type of computation, exactly.
    #[doc(hidden)]
    fn widen(self) -> Self::Compute;

    /// The nearest number of this type, ties to even.
    #[doc(hidden)]
    fn narrow(x: Self::Compute) -> Self;

    #[doc(hidden)]
    fn engine<Q: Code>(isa: Isa) -> &'static dyn Engine<Self, Q>;

    #[doc(hidden)]
    fn real_engine(isa: Isa) -> &'static dyn RealEngine<Self>;
}

/// A type of computation, and so of scales: `f32` or `f64`.
///
/// `+ - * /` are the IEEE-754 operations, rounded to nearest, ties to even.
pub trait Compute:
    Real<Compute = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Display
    + 'static
{
    #[doc(hidden)]
    const ZERO: Self;
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    const INFINITY: Self;
    #[doc(hidden)]
    const NEG_INFINITY: Self;
    /// The least positive normal number.
    #[doc(hidden)]
    const MIN_POSITIVE: Self;

    /// Whether the square of any number is an `f64`.
    #[doc(hidden)]
    const HALF_THE_DIGITS: bool;

    /// The nearest integer, ties to even.
    #[doc(hidden)]
    fn rint(self) -> Self;

    #[doc(hidden)]
    fn abs(self) -> Self;

    #[doc(hidden)]
    fn is_finite(self) -> bool;

    /// The integer part; what lies beyond `i64` becomes its nearest end, and NaN becomes 0.
    #[doc(hidden)]
    fn to_i64(self) -> i64;

    #[doc(hidden)]
    fn to_f64(self) -> f64;

    /// The nearest number, ties to even.
    #[doc(hidden)]
    fn from_i32(n: i32) -> Self;

    /// `1 / self` as the unevaluated sum of two numbers, see `kernel/divide.rs`.
    #[doc(hidden)]
    fn reciprocal(self) -> Reciprocal<Self>;
}

/// A type of quantized values: `i8` or `u8`.
pub trait Code: Sealed + Pod + Eq + Ord + Debug + Send + Sync {
    /// The least code of the type.
    const MIN: i32;
    /// The greatest code of the type.
    const MAX: i32;
    /// The most bits that a scheme may ask of this type; the fewest are 2.
    const BITS: u32;

    /// The code of value `n`, which lies within `MIN..=MAX`.
    #[doc(hidden)]
    fn from_i32(n: i32) -> Self;

    #[doc(hidden)]
    fn to_i32(self) -> i32;

    #[doc(hidden)]
    fn engine_f32(isa: Isa) -> &'static dyn Engine<f32, Self>;

    #[doc(hidden)]
    fn engine_f64(isa: Isa) -> &'static dyn Engine<f64, Self>;
}

macro_rules! compute {
    ($T:ident, $engine:ident, $rint:path, $reciprocal:path) => {
        impl Sealed for $T {}

        impl Real for $T {
            type Compute = $T;

            #[inline]
            fn widen(self) -> $T {
                self
            }
            #[inline]
            fn narrow(x: $T) -> $T {
                x
            }
            fn engine<Q: Code>(isa: Isa) -> &'static dyn Engine<$T, Q> {
                Q::$engine(isa)
            }
            #[inline(never)]
            fn real_engine(isa: Isa) -> &'static dyn RealEngine<$T> {
                door!(isa)
            }
        }

        impl Compute for $T {
            const ZERO: $T = 0.0;
            const ONE: $T = 1.0;
            const INFINITY: $T = $T::INFINITY;
            const NEG_INFINITY: $T = $T::NEG_INFINITY;
            const MIN_POSITIVE: $T = $T::MIN_POSITIVE;
            const HALF_THE_DIGITS: bool = 2 * $T::MANTISSA_DIGITS <= f64::MANTISSA_DIGITS;

            #[inline]
            fn rint(self) -> $T {
                #[cfg(feature = "std")]
                return self.round_ties_even();
                #[cfg(not(feature = "std"))]
                return $rint(self);
            }
            #[inline]
            fn abs(self) -> $T {
                self.abs()
            }
            #[inline]
            fn is_finite(self) -> bool {
                self.is_finite()
            }
            #[inline]
            fn to_i64(self) -> i64 {
                self as i64
            }
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn from_i32(n: i32) -> $T {
                n as $T
            }
            #[inline]
            fn reciprocal(self) -> Reciprocal<$T> {
                $reciprocal(self)
            }
        }
    };
}

/// The scales between which every intermediate result of the two-term quotient is a normal number
/// wherever it matters, so that neither the exponent nor flush-to-zero changes anything.
const GUARD: core::ops::RangeInclusive<f32> =
    f32::from_bits((127 - 64) << 23)..=f32::from_bits((127 + 64) << 23);

/// One division in f64, which has more than twice the digits.
#[inline]
fn reciprocal_f32(scale: f32) -> Reciprocal<f32> {
    let reciprocal = 1.0 / f64::from(scale);
    let high = reciprocal as f32;
    let low = (reciprocal - f64::from(high)) as f32;
    Reciprocal { high, low, exact: GUARD.contains(&scale) }
}

/// f64 data is divided.
#[inline]
fn reciprocal_f64(_scale: f64) -> Reciprocal<f64> {
    Reciprocal { high: 0.0, low: 0.0, exact: false }
}

macro_rules! code {
    ($Q:ident) => {
        impl Sealed for $Q {}

        impl Code for $Q {
            const MIN: i32 = $Q::MIN as i32;
            const MAX: i32 = $Q::MAX as i32;
            const BITS: u32 = $Q::BITS;

            #[inline]
            fn from_i32(n: i32) -> $Q {
                debug_assert!((<$Q as Code>::MIN..=<$Q as Code>::MAX).contains(&n));
                n as $Q
            }
            #[inline]
            fn to_i32(self) -> i32 {
                i32::from(self)
            }
            #[inline(never)]
            fn engine_f32(isa: Isa) -> &'static dyn Engine<f32, $Q> {
                door!(isa)
            }
            #[inline(never)]
            fn engine_f64(isa: Isa) -> &'static dyn Engine<f64, $Q> {
                door!(isa)
            }
        }
    };
}

compute!(f32, engine_f32, libm::rintf, reciprocal_f32);
compute!(f64, engine_f64, libm::rint, reciprocal_f64);
code!(i8);
code!(u8);
