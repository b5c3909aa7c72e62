//! The parameters of a requantization, from integer accumulators to codes.

use core::fmt;
use core::marker::PhantomData;

use crate::element::{Code, CodeType};
use crate::error::Error;
use crate::params::check_zero_point;

/// The mapping of accumulators of 32 bits to codes `Q`: a multiplier and a zero point.
///
/// The multiplier is usually `s_x · s_w / s_y`, from the scales of the inputs and the result of a product. It is a
/// float, or a fixed-point number for hardware and engines that compute with integers only.
///
/// ```text
/// float         q = clamp(rint(f32(acc) * m) + zero_point, qmin, qmax)
/// fixed point   n = srdhm(sat32(acc * 2^max(s, 0)), M)
///               q = clamp(rdbpot(n, max(-s, 0)) + zero_point, qmin, qmax)
/// ```
///
/// `f32(acc)` and `rint` round to nearest, ties to even. In fixed point the multiplier is `M · 2ˢ⁻³¹`, and there are
/// two roundings, as in gemmlowp and TFLite: `srdhm(a, M)` is `a · M / 2³¹` to the nearest integer, ties up; `rdbpot(x,
/// e)` is `x / 2ᵉ` to the nearest integer, ties away from 0. The shift to the left saturates.
#[derive(Clone, Copy, PartialEq)]
pub struct Requantize<Q> {
    rescale: Rescale,
    code: PhantomData<Q>,
}

/// The numbers of a [`Requantize`], without its code type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rescale {
    pub(crate) multiplier: Multiplier,
    pub(crate) zero_point: i32,
    pub(crate) qmin: i32,
    pub(crate) qmax: i32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Multiplier {
    Float(f32),
    /// A fixed-point number, `multiplier · 2^(shift − 31)`.
    Fixed {
        multiplier: i32,
        shift: i32,
    },
}

impl Multiplier {
    /// Says whether all floats are finite and have the sign of +0, which is enough to be multipliers. (−0 is one, too.)
    pub(crate) fn are_plain_floats(all: &[f32]) -> bool {
        // The sum wraps to a negative number for infinity and NaN.
        const LEFT: i32 = i32::MAX - f32::MAX.to_bits() as i32;
        let mut signs = 0;
        for m in all {
            let bits = m.to_bits() as i32;
            signs |= bits | bits.wrapping_add(LEFT);
        }
        signs >= 0
    }

    /// Says whether all integers are fixed-point multipliers other than 0, and all shifts in range. (0 is one, too.)
    pub(crate) fn are_plain_integers(all: &[i32], shifts: &[i32]) -> bool {
        let mut left = 0;
        for (&m, &shift) in all.iter().zip(shifts) {
            left |= m | m.wrapping_sub(1 << 30);
            left |= shift.wrapping_add(31) | 30_i32.wrapping_sub(shift);
        }
        left >= 0
    }

    /// Returns the bits of a float, or the integer of a fixed-point multiplier. Both are at the same place in memory,
    /// so that copying many does not branch.
    #[inline]
    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Float(multiplier) => multiplier.to_bits(),
            Self::Fixed { multiplier, .. } => multiplier as u32,
        }
    }

    /// Returns the shift of a fixed-point multiplier, and 0 for a float.
    #[inline]
    pub(crate) fn shift(self) -> i32 {
        match self {
            Self::Float(_) => 0,
            Self::Fixed { shift, .. } => shift,
        }
    }
}

impl<Q: Code> Requantize<Q> {
    /// Returns the mapping by a float multiplier to all codes of `Q`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidMultiplier`] if the multiplier is negative, infinite or NaN; [`Error::ZeroPointOutOfRange`]
    /// beyond ±2²⁴.
    ///
    /// ```
    /// use zeropoint::{Backend, Requantize, Scalar};
    /// let r = Requantize::<i8>::float(0.01, -10)?;
    /// let mut q = [0; 4];
    /// Scalar.requantize(&[0, 150, -4000, i32::MAX], &r, &mut q)?;
    /// assert_eq!(q, [-10, -8, -50, 127]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn float(multiplier: f32, zero_point: i32) -> Result<Self, Error> {
        if !(0.0..=f32::MAX).contains(&multiplier) {
            return Err(Error::InvalidMultiplier { multiplier: f64::from(multiplier) });
        }
        Self::new(Multiplier::Float(multiplier), zero_point)
    }

    /// Returns the mapping by the fixed-point multiplier `multiplier · 2^(shift − 31)` to all codes of `Q`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidMultiplier`] if `multiplier` is neither 0 nor from 2³⁰ to 2³¹ − 1; [`Error::ShiftOutOfRange`]
    /// outside −31..=30; [`Error::ZeroPointOutOfRange`] beyond ±2²⁴.
    ///
    /// ```
    /// use zeropoint::{Backend, Requantize, Scalar};
    /// // ½ · 2⁻³
    /// let r = Requantize::<u8>::fixed(1 << 30, -3, 5)?;
    /// let mut q = [0; 3];
    /// Scalar.requantize(&[16, 40, -1000], &r, &mut q)?;
    /// assert_eq!(q, [6, 8, 0]); // 2.5 goes away from 0
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn fixed(multiplier: i32, shift: i32, zero_point: i32) -> Result<Self, Error> {
        if multiplier != 0 && multiplier < 1 << 30 {
            return Err(Error::InvalidMultiplier { multiplier: f64::from(multiplier) });
        }
        if !(-31..=30).contains(&shift) {
            return Err(Error::ShiftOutOfRange { shift });
        }
        Self::new(Multiplier::Fixed { multiplier, shift }, zero_point)
    }

    /// Returns the mapping by the fixed-point multiplier nearest to a real one, to all codes of `Q`.
    ///
    /// ```text
    /// real = f · 2ˢ, ½ <= f < 1        M = round(f · 2³¹), ties up
    /// ```
    ///
    /// If M rounds to 2³¹, it is halved and s is incremented. A multiplier with an s below −31 becomes 0.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidMultiplier`] if the multiplier is negative, infinite or NaN, or rounds to 2³⁰ or more;
    /// [`Error::ZeroPointOutOfRange`] beyond ±2²⁴.
    ///
    /// ```
    /// let r = zeropoint::Requantize::<u8>::fixed_from_real(0.75 / 16.0, 0)?;
    /// assert_eq!(r, zeropoint::Requantize::fixed(3 << 29, -4, 0)?);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn fixed_from_real(multiplier: f64, zero_point: i32) -> Result<Self, Error> {
        const FRACTION: u64 = (1 << 52) - 1;
        if !(0.0..=f64::MAX).contains(&multiplier) {
            return Err(Error::InvalidMultiplier { multiplier });
        }
        let magnitude = multiplier.abs().to_bits();
        // A subnormal number has a shift far below −31, and becomes 0.
        let mut shift = (magnitude >> 52) as i32 - 1022;
        // f is 2⁻⁵³ times an integer of 53 bits, which is rounded to 31 bits.
        let mut fixed = ((magnitude & FRACTION | 1 << 52) + (1 << 21)) >> 22;
        if fixed == 1 << 31 {
            fixed >>= 1;
            shift += 1;
        }
        if shift > 30 {
            return Err(Error::InvalidMultiplier { multiplier });
        }
        if shift < -31 {
            return Self::fixed(0, 0, zero_point);
        }
        Self::fixed(fixed as i32, shift, zero_point)
    }

    fn new(multiplier: Multiplier, zero_point: i32) -> Result<Self, Error> {
        check_zero_point(zero_point)?;
        let rescale = Rescale { multiplier, zero_point, qmin: Q::MIN, qmax: Q::MAX };
        Ok(Self { rescale, code: PhantomData })
    }

    /// Restricts the codes to `qmin..=qmax`, as a clipping activation does.
    ///
    /// # Errors
    ///
    /// [`Error::CodeRange`] if `qmin > qmax` or if one of the two is outside `Q`.
    pub fn with_codes(self, qmin: i32, qmax: i32) -> Result<Self, Error> {
        CodeType::of::<Q>().check_codes(qmin, qmax)?;
        let rescale = Rescale { qmin, qmax, ..self.rescale };
        Ok(Self { rescale, ..self })
    }

    /// Returns the fixed-point multiplier M and its shift s, or `None` if the multiplier is a float.
    #[must_use]
    pub fn multiplier_and_shift(&self) -> Option<(i32, i32)> {
        match self.rescale.multiplier {
            Multiplier::Float(_) => None,
            Multiplier::Fixed { multiplier, shift } => Some((multiplier, shift)),
        }
    }

    #[inline]
    pub(crate) fn rescale(&self) -> &Rescale {
        &self.rescale
    }
}

impl<Q> fmt::Debug for Requantize<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requantize")
            .field("multiplier", &self.rescale.multiplier)
            .field("zero_point", &self.rescale.zero_point)
            .field("qmin", &self.rescale.qmin)
            .field("qmax", &self.rescale.qmax)
            .finish()
    }
}
