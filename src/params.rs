//! Quantization parameters: a scale, a zero point, and the codes they are for.

use core::fmt;
use core::marker::PhantomData;

use crate::element::{Code, Compute};
use crate::error::Error;

/// Zero points lie within ±2²⁴, where every integer is an `f32`.
pub(crate) const ZERO_POINT_LIMIT: i32 = 1 << 24;

/// The two-term quotient is proved for |rint(x / S)| ≤ 3255 at least; with 8-bit codes and a zero
/// point within this, no threshold between two codes lies beyond.
const RECIPROCAL_ZERO_POINT_LIMIT: i32 = 3000;

/// How numbers of the computation type `T` map to codes `Q`.
///
/// ```text
/// quantize      q = clamp(rint(x / scale) + zero_point, qmin, qmax)
/// dequantize    x = T(q - zero_point) * scale
/// ```
///
/// Usually made by a [`Scheme`](crate::Scheme) from a range. It carries what the kernels need
/// precomputed, so make it once and use it often.
#[derive(Clone, Copy, PartialEq)]
pub struct QParams<T, Q> {
    scale: T,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    reciprocal: Reciprocal<T>,
    code: PhantomData<Q>,
}

/// `1 / scale` as `high + low`: what the division-free kernel multiplies by (`kernel/divide.rs`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reciprocal<T> {
    pub(crate) high: T,
    pub(crate) low: T,
    /// Whether the quotient that is made of it is proved to round as the division does.
    pub(crate) exact: bool,
}

impl<T: Compute, Q: Code> QParams<T, Q> {
    /// Parameters over all codes of `Q`.
    ///
    /// The zero point need not be a code: that of a range far from 0 lies outside.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidScale`] if `scale` is not finite or is below the least positive normal
    /// number (so 0 and negative scales too); [`Error::ZeroPointOutOfRange`] beyond ±2²⁴.
    ///
    /// ```
    /// use zeropoint::QParams;
    /// let p = QParams::<f32, u8>::new(0.5, 128)?;
    /// assert_eq!((p.qmin(), p.qmax()), (0, 255));
    /// assert!(QParams::<f32, u8>::new(0.0, 128).is_err());
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[inline]
    pub fn new(scale: T, zero_point: i32) -> Result<Self, Error> {
        Self::with_codes(scale, zero_point, Q::MIN, Q::MAX)
    }

    /// Parameters over the codes `qmin..=qmax`.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), and [`Error::CodeRange`] if `qmin > qmax` or one of them is
    /// outside `Q`.
    ///
    /// ```
    /// let p = zeropoint::QParams::<f32, i8>::with_codes(0.5, 0, -127, 127)?;
    /// let mut q = [0];
    /// zeropoint::quantize(&[-1e9_f32], &p, &mut q)?;
    /// assert_eq!(q, [-127]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn with_codes(scale: T, zero_point: i32, qmin: i32, qmax: i32) -> Result<Self, Error> {
        if !scale.is_finite() || scale < T::MIN_POSITIVE {
            let least = T::MIN_POSITIVE.to_f64();
            return Err(Error::InvalidScale { scale: scale.to_f64(), least });
        }
        if !(-ZERO_POINT_LIMIT..=ZERO_POINT_LIMIT).contains(&zero_point) {
            return Err(Error::ZeroPointOutOfRange { zero_point: f64::from(zero_point) });
        }
        if qmin > qmax || qmin < Q::MIN || qmax > Q::MAX {
            return Err(Error::CodeRange { qmin, qmax, least: Q::MIN, most: Q::MAX });
        }
        Ok(Self::from_valid(scale, zero_point, qmin, qmax))
    }

    /// Parameters whose validity is known.
    fn from_valid(scale: T, zero_point: i32, qmin: i32, qmax: i32) -> Self {
        let mut reciprocal = scale.reciprocal();
        reciprocal.exact &= zero_point.abs() <= RECIPROCAL_ZERO_POINT_LIMIT;
        Self { scale, zero_point, qmin, qmax, reciprocal, code: PhantomData }
    }

    /// The scale S: the distance between two codes.
    #[inline]
    pub fn scale(&self) -> T {
        self.scale
    }

    /// The zero point Z: the code of the real number 0, if it is a code.
    #[inline]
    pub fn zero_point(&self) -> i32 {
        self.zero_point
    }

    /// The least code.
    #[inline]
    pub fn qmin(&self) -> i32 {
        self.qmin
    }

    /// The greatest code.
    #[inline]
    pub fn qmax(&self) -> i32 {
        self.qmax
    }

    #[inline]
    pub(crate) fn reciprocal(&self) -> Reciprocal<T> {
        self.reciprocal
    }
}

impl<T: fmt::Debug, Q> fmt::Debug for QParams<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QParams")
            .field("scale", &self.scale)
            .field("zero_point", &self.zero_point)
            .field("qmin", &self.qmin)
            .field("qmax", &self.qmax)
            .finish()
    }
}

impl<T: Compute, Q: Code> Default for QParams<T, Q> {
    /// Scale 1, zero point 0, all codes: something to fill an array with before
    /// [`Backend::params`](crate::Backend::params) writes it.
    fn default() -> Self {
        Self::from_valid(T::ONE, 0, Q::MIN, Q::MAX)
    }
}
