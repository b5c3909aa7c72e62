//! The element types: [`Real`] numbers, and the [`Code`]s to which they are quantized.
//!
//! The traits are sealed. Their hidden items are the arithmetic of the reference, and the types whose functions are the
//! operations (see `drive/`).

mod reciprocal;

use core::convert::identity;
use core::fmt::{Debug, Display};
use core::ops::{Add, Div, Mul, RangeInclusive, Sub};

use bytemuck::Pod;

use crate::drive::{CodeOperations, Compiled, Operations, RealOperations};
use crate::error::Error;
use crate::params::Reciprocal;
use reciprocal::{reciprocal_f32, reciprocal_f64};

pub(crate) mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A type of data to quantize: `f32`, `f64` (feature `f64`), `f16` and `bf16` (feature `half`).
///
/// 16-bit types are computed in `f32`, which holds all of their numbers.
pub trait Real:
    ComputedIn<<Self as Real>::Compute> + Sealed + Pod + PartialEq + PartialOrd + Debug + Send + Sync
{
    /// The type of the arithmetic and of scales.
    type Compute: Compute;

    /// Says that kernels are also compiled for special cases, such as a zero point of 0.
    #[doc(hidden)]
    const SPECIALIZED: bool = false;

    /// Returns the number in the type of computation, exactly.
    #[doc(hidden)]
    fn widen(self) -> Self::Compute;

    /// Returns the nearest number of this type, ties to even.
    #[doc(hidden)]
    fn narrow(x: Self::Compute) -> Self;

    #[doc(hidden)]
    type With<Q: Code>: Operations<Self, Q>;

    #[doc(hidden)]
    type Alone: RealOperations<Self>;
}

/// A type of data with the type of computation `S`: every [`Real`] type, for its [`Real::Compute`].
///
/// With this bound the compiler infers the type of a literal `0.5` from the parameters or the result. With only the
/// associated type of [`Real`], the literal would be `f64`.
pub trait ComputedIn<S>: Sealed {}

/// A type of computation and of scales: `f32` or, with the feature `f64`, `f64`.
///
/// `+ - * /` are the IEEE-754 operations, rounded to nearest, ties to even.
pub trait Compute: Real<Compute = Self> + Number {}

/// The arithmetic of the reference and of the kernels, for `f32` and `f64` with any features.
pub trait Number:
    Sealed
    + Pod
    + PartialEq
    + PartialOrd
    + Debug
    + Display
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
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

    /// The scales for which `kernel/divide.rs` proves the quotient.
    #[doc(hidden)]
    const GUARDED: RangeInclusive<Self>;

    /// Says that the square of every number is an `f64`.
    #[doc(hidden)]
    const SQUARE_FITS_F64: bool;

    /// The number of values of the exponent field. Infinities and NaN have the last one.
    #[doc(hidden)]
    const EXPONENT_FIELDS: u32;

    /// Returns the sign, the exponent field and the first 7 bits of the mantissa.
    #[doc(hidden)]
    fn leading_bits(self) -> u32;

    /// Returns the number nearest to 0 with these [`leading_bits`](Self::leading_bits), or, if `half` is true, the
    /// middle of all numbers with these bits.
    #[doc(hidden)]
    fn from_leading_bits(bits: u32, half: bool) -> Self;

    /// Says whether each number is finite, and at least the least positive normal number.
    #[doc(hidden)]
    fn are_scales(all: &[Self]) -> bool;

    /// Returns the nearest integer, ties to even.
    #[doc(hidden)]
    fn rint(self) -> Self;

    #[doc(hidden)]
    fn abs(self) -> Self;

    #[doc(hidden)]
    fn is_finite(self) -> bool;

    /// Returns the integer part. Numbers beyond `i64` become its nearest end, and NaN becomes 0.
    #[doc(hidden)]
    fn to_i64(self) -> i64;

    #[doc(hidden)]
    fn to_f64(self) -> f64;

    /// Returns the number nearest to `x`, ties to even.
    #[doc(hidden)]
    fn from_f64(x: f64) -> Self;

    /// Returns the number nearest to `n`, ties to even.
    #[doc(hidden)]
    fn from_i32(n: i32) -> Self;

    /// Returns the number nearest to `n`, ties to even.
    #[doc(hidden)]
    fn from_i64(n: i64) -> Self;

    /// Returns `1 / self` as the unevaluated sum of two numbers (`kernel/divide.rs`).
    #[doc(hidden)]
    fn reciprocal(self) -> Reciprocal<Self>;
}

/// A type of codes.
///
/// The types are `i8`, `u8`, `i16`, `u16`; the packed [`I4x2`](crate::I4x2), [`U4x2`](crate::U4x2),
/// [`I2x4`](crate::I2x4), [`U2x4`](crate::U2x4), whose elements hold several codes; and `i32`, for accumulators and
/// biases.
pub trait Code: Sealed + Pod + Eq + Debug + Send + Sync {
    /// The least code of the type.
    const MIN: i32;
    /// The greatest code of the type.
    const MAX: i32;
    /// The number of bits of a code.
    const BITS: u32;
    /// The number of codes in an element, the first in its lowest bits.
    const PER_ELEMENT: usize;

    /// Returns code `i` of the element, `i < PER_ELEMENT`.
    #[doc(hidden)]
    fn get(self, i: usize) -> i32;

    /// Changes code `i` of the element to `n`, which is within `MIN..=MAX`.
    #[doc(hidden)]
    fn set(&mut self, i: usize, n: i32);

    #[doc(hidden)]
    type Alone: CodeOperations<Self>;

    #[doc(hidden)]
    type WithF32: Operations<f32, Self>;

    #[cfg(feature = "f64")]
    #[doc(hidden)]
    type WithF64: Operations<f64, Self>;

    #[cfg(feature = "half")]
    #[doc(hidden)]
    type WithF16: Operations<half::f16, Self>;

    #[cfg(feature = "half")]
    #[doc(hidden)]
    type WithBf16: Operations<half::bf16, Self>;
}

/// The limits and the bits of a code type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeType {
    pub(crate) min: i32,
    pub(crate) max: i32,
    pub(crate) bits: u32,
}

impl CodeType {
    pub(crate) const fn of<Q: Code>() -> Self {
        Self { min: Q::MIN, max: Q::MAX, bits: Q::BITS }
    }

    /// Returns an error if the codes `qmin..=qmax` are empty, or if one of the two is outside the type.
    pub(crate) fn check_codes(self, qmin: i32, qmax: i32) -> Result<(), Error> {
        if qmin > qmax || qmin < self.min || qmax > self.max {
            return Err(Error::CodeRange { qmin, qmax, least: self.min, most: self.max });
        }
        Ok(())
    }
}

/// Returns code `i` of a slice.
#[inline]
pub(crate) fn code_at<Q: Code>(src: &[Q], i: usize) -> i32 {
    src[i / Q::PER_ELEMENT].get(i % Q::PER_ELEMENT)
}

/// Writes code `i` of a slice. The first code of an element clears its other codes, so if codes are written in
/// ascending order, the codes after the last one are 0.
#[inline]
pub(crate) fn put_code<Q: Code>(dst: &mut [Q], i: usize, n: i32) {
    let element = &mut dst[i / Q::PER_ELEMENT];
    if i.is_multiple_of(Q::PER_ELEMENT) {
        *element = Q::zeroed();
    }
    element.set(i % Q::PER_ELEMENT, n);
}

/// Declares inlined functions, each with one expression.
macro_rules! functions {
    ($(fn $name:ident($($argument:tt)*) -> $R:ty = $body:expr;)+) => {$(
        #[inline]
        fn $name($($argument)*) -> $R {
            $body
        }
    )+};
}

macro_rules! real {
    ($T:ty as $Compute:ident, $With:ident, specialized: $specialized:literal, $widen:expr, $narrow:expr) => {
        impl ComputedIn<$Compute> for $T {}

        impl Real for $T {
            type Compute = $Compute;
            type With<Q: Code> = Q::$With;
            type Alone = Compiled<$T, ()>;
            const SPECIALIZED: bool = $specialized;

            functions! {
                fn widen(self) -> $Compute = $widen(self);
                fn narrow(x: $Compute) -> $T = $narrow(x);
            }
        }
    };
}

macro_rules! number {
    ($T:ident, $bits:ident, guarded: $guarded:literal, $rint:path, $reciprocal:path) => {
        impl Sealed for $T {}

        impl Number for $T {
            const ZERO: $T = 0.0;
            const ONE: $T = 1.0;
            const INFINITY: $T = $T::INFINITY;
            const NEG_INFINITY: $T = $T::NEG_INFINITY;
            const MIN_POSITIVE: $T = $T::MIN_POSITIVE;
            const GUARDED: RangeInclusive<$T> =
                power_of_two(-$guarded) as $T..=power_of_two($guarded) as $T;
            const EXPONENT_FIELDS: u32 = 2 * $T::MAX_EXP as u32;
            const SQUARE_FITS_F64: bool = 2 * $T::MANTISSA_DIGITS <= f64::MANTISSA_DIGITS;

            #[inline(always)]
            fn leading_bits(self) -> u32 {
                (self.to_bits() >> ($T::MANTISSA_DIGITS - 8)) as u32
            }
            #[inline]
            fn from_leading_bits(bits: u32, half: bool) -> $T {
                let twice = (bits << 1 | u32::from(half)) as u64;
                $T::from_bits((twice << ($T::MANTISSA_DIGITS - 9)) as _)
            }

            fn are_scales(all: &[$T]) -> bool {
                // The bits of negative numbers are negative integers; the bits of other numbers are ordered as the
                // numbers are. The distance to an end is negative for a number beyond the end, even if it wraps.
                const LEAST: $bits = $T::MIN_POSITIVE.to_bits() as $bits;
                const MOST: $bits = $T::MAX.to_bits() as $bits;
                let mut left = 0;
                for scale in all {
                    let bits = scale.to_bits() as $bits;
                    left |= bits.wrapping_sub(LEAST) | MOST.wrapping_sub(bits);
                }
                left >= 0
            }

            #[inline]
            fn rint(self) -> $T {
                #[cfg(feature = "std")]
                return self.round_ties_even();
                #[cfg(not(feature = "std"))]
                return $rint(self);
            }

            functions! {
                fn abs(self) -> $T = self.abs();
                fn is_finite(self) -> bool = self.is_finite();
                fn to_i64(self) -> i64 = self as i64;
                fn to_f64(self) -> f64 = f64::from(self);
                fn from_f64(x: f64) -> $T = x as $T;
                fn from_i32(n: i32) -> $T = n as $T;
                fn from_i64(n: i64) -> $T = n as $T;
                fn reciprocal(self) -> Reciprocal<$T> = $reciprocal(self);
            }
        }
    };
}

/// Returns `2ⁿ`, a normal number.
pub(crate) const fn power_of_two(n: i32) -> f64 {
    debug_assert!(-1022 <= n && n <= 1023);
    f64::from_bits(((1023 + n) as u64) << 52)
}

/// Declares the types whose functions are the operations of a code type.
macro_rules! with_reals {
    ($Q:ty) => {
        type Alone = Compiled<(), $Q>;
        type WithF32 = Compiled<f32, $Q>;
        #[cfg(feature = "f64")]
        type WithF64 = Compiled<f64, $Q>;
        #[cfg(feature = "half")]
        type WithF16 = Compiled<half::f16, $Q>;
        #[cfg(feature = "half")]
        type WithBf16 = Compiled<half::bf16, $Q>;
    };
}
pub(crate) use with_reals;

macro_rules! code {
    ($Q:ident) => {
        impl Sealed for $Q {}

        impl Code for $Q {
            with_reals!($Q);
            const MIN: i32 = $Q::MIN as i32;
            const MAX: i32 = $Q::MAX as i32;
            const BITS: u32 = $Q::BITS;
            const PER_ELEMENT: usize = 1;

            #[inline]
            fn get(self, _i: usize) -> i32 {
                self as i32
            }
            #[inline]
            fn set(&mut self, _i: usize, n: i32) {
                debug_assert!((<$Q as Code>::MIN..=<$Q as Code>::MAX).contains(&n));
                *self = n as $Q;
            }
        }
    };
}

number!(f32, i32, guarded: 64, libm::rintf, reciprocal_f32);
number!(f64, i64, guarded: 256, libm::rint, reciprocal_f64);

impl Compute for f32 {}
real!(f32 as f32, WithF32, specialized: true, identity, identity);
#[cfg(feature = "f64")]
impl Compute for f64 {}
#[cfg(feature = "f64")]
real!(f64 as f64, WithF64, specialized: false, identity, identity);

#[cfg(feature = "half")]
mod halves {
    use super::{Code, Compiled, ComputedIn, Real, sealed::Sealed};
    use half::{bf16, f16};

    impl Sealed for f16 {}
    real!(f16 as f32, WithF16, specialized: false, f16::to_f32, f16::from_f32);
    impl Sealed for bf16 {}
    real!(bf16 as f32, WithBf16, specialized: false, bf16::to_f32, bf16::from_f32);
}

code!(i8);
code!(u8);
code!(i16);
code!(u16);
code!(i32);

#[cfg(all(test, feature = "std"))]
mod tests;
