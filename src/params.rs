//! Quantization parameters: a scale, a zero point, and the codes they are for.

use core::fmt;
use core::marker::PhantomData;

use crate::element::{Code, CodeType, Compute};
use crate::error::Error;

/// Zero points lie within ±2²⁴, where every integer is an `f32`.
pub(crate) const ZERO_POINT_LIMIT: i32 = 1 << 24;

/// The two-term quotient of `f32` is proved for |rint(x / S)| ≤ 3255 at least: with codes of at most 8
/// bits and a zero point within this, no threshold between two codes lies beyond.
const NEAR_ZERO_POINT_LIMIT: i32 = 3000;

/// Markstein's quotient of `f32`, and the two-term one of `f64`, are proved below 2²¹: with codes of at
/// most 16 bits and a zero point within this, no threshold lies beyond.
const FAR_ZERO_POINT_LIMIT: i32 = 1 << 20;

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
    affine: Affine<T>,
    code: PhantomData<Q>,
}

/// The numbers of a [`QParams`], whatever its code type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine<T> {
    pub(crate) scale: T,
    pub(crate) zero_point: i32,
    pub(crate) qmin: i32,
    pub(crate) qmax: i32,
    pub(crate) reciprocal: Reciprocal<T>,
    pub(crate) proved: ExactFor,
}

/// `1 / scale` as `high + low`: what the division-free kernels multiply by (`kernel/divide.rs`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reciprocal<T> {
    pub(crate) high: T,
    pub(crate) low: T,
    /// Whether the scale is where the proofs hold.
    pub(crate) guarded: bool,
}

/// Which quotients made of the reciprocal are proved to round as the division does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExactFor {
    /// None: divide.
    None,
    /// Those for integers below 2²¹.
    Bits16,
    /// Those for integers up to 3255 too.
    Bits8,
}

/// Whether `−limit ≤ z ≤ limit`; of many z, at the speed of vectors, for which `contains` has too many
/// ways out.
#[inline(always)]
pub(crate) fn is_within(z: i32, limit: i32) -> bool {
    (-limit <= z) & (z <= limit)
}

/// Whether all of them are. The sign of what is left to either limit tells, whatever wraps, and no lane
/// waits for a comparison: parameters are many where slices are short.
pub(crate) fn are_within(all: &[i32], limit: i32) -> bool {
    let mut left = 0;
    for &z in all {
        left |= z.wrapping_add(limit) | limit.wrapping_sub(z);
    }
    left >= 0
}

/// Refuses a zero point beyond [`ZERO_POINT_LIMIT`].
pub(crate) fn check_zero_point(zero_point: i32) -> Result<(), Error> {
    if !is_within(zero_point, ZERO_POINT_LIMIT) {
        return Err(Error::ZeroPointOutOfRange { zero_point: f64::from(zero_point) });
    }
    Ok(())
}

impl ExactFor {
    /// Whether no threshold between two codes lies where only more distant integers are proved.
    #[inline(always)]
    pub(crate) fn is_near(zero_point: i32, (qmin, qmax): (i32, i32)) -> bool {
        is_within(zero_point, NEAR_ZERO_POINT_LIMIT) & (qmin >= -128) & (qmax <= 255)
    }

    /// Whether none lies where nothing is proved.
    #[inline(always)]
    pub(crate) fn is_far(zero_point: i32, (qmin, qmax): (i32, i32)) -> bool {
        is_within(zero_point, FAR_ZERO_POINT_LIMIT)
            & (qmin >= i16::MIN.into())
            & (qmax <= u16::MAX.into())
    }
}

impl<T: Compute> Affine<T> {
    /// Parameters whose validity is known.
    #[inline]
    pub(crate) fn new(scale: T, zero_point: i32, qmin: i32, qmax: i32) -> Self {
        let reciprocal = scale.reciprocal();
        let codes = (qmin, qmax);
        let proved = if !reciprocal.guarded || !ExactFor::is_far(zero_point, codes) {
            ExactFor::None
        } else if ExactFor::is_near(zero_point, codes) {
            ExactFor::Bits8
        } else {
            ExactFor::Bits16
        };
        Self { scale, zero_point, qmin, qmax, reciprocal, proved }
    }
}

impl<T: Compute, Q: Code> QParams<T, Q> {
    /// Parameters over all codes of `Q`.
    ///
    /// The zero point need not be a code: that of a raw range far from 0 lies outside. So the zero point of
    /// another code type is not refused. 128, which is usual for `u8`, makes `i8` codes that clip every
    /// positive number. A caller whose zero points come from elsewhere checks that they are within
    /// [`qmin`](Self::qmin) and [`qmax`](Self::qmax).
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
    /// The errors of [`new`](Self::new), and [`Error::CodeRange`] if `qmin > qmax` or one of them is
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
        check_zero_point(zero_point)?;
        CodeType::of::<Q>().check_codes(qmin, qmax)?;
        Ok(Self::of(Affine::new(scale, zero_point, qmin, qmax)))
    }

    #[inline]
    pub(crate) fn of(affine: Affine<T>) -> Self {
        Self { affine, code: PhantomData }
    }

    /// The scale S: the distance between two codes.
    #[inline]
    pub fn scale(&self) -> T {
        self.affine.scale
    }

    /// The zero point Z: the code of the real number 0, if it is a code.
    #[inline]
    pub fn zero_point(&self) -> i32 {
        self.affine.zero_point
    }

    /// The least code.
    #[inline]
    pub fn qmin(&self) -> i32 {
        self.affine.qmin
    }

    /// The greatest code.
    #[inline]
    pub fn qmax(&self) -> i32 {
        self.affine.qmax
    }

    #[inline]
    pub(crate) fn affine(&self) -> &Affine<T> {
        &self.affine
    }
}

impl<T: fmt::Debug, Q> fmt::Debug for QParams<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QParams")
            .field("scale", &self.affine.scale)
            .field("zero_point", &self.affine.zero_point)
            .field("qmin", &self.affine.qmin)
            .field("qmax", &self.affine.qmax)
            .finish()
    }
}

impl<T: Compute, Q: Code> Default for QParams<T, Q> {
    /// Scale 1, zero point 0, all codes: something to fill an array with before
    /// [`Backend::params`](crate::Backend::params) writes it.
    fn default() -> Self {
        Self { affine: Affine::new(T::ONE, 0, Q::MIN, Q::MAX), code: PhantomData }
    }
}
