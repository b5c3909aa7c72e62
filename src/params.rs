//! Quantization parameters: a scale, a zero point, and the range of codes.

use core::fmt;
use core::marker::PhantomData;

use crate::element::{Code, CodeType, Compute};
use crate::error::Error;

/// The greatest magnitude of a zero point. Every integer within ±2²⁴ is an `f32`.
pub(crate) const ZERO_POINT_LIMIT: i32 = 1 << 24;

/// The limit of zero points for [`ExactFor::Bits8`]. The two-term quotient of `f32` is proved at least for |rint(x /
/// S)| ≤ 3255. With codes of at most 8 bits and a zero point within this limit, every threshold is within 3255.
const NEAR_ZERO_POINT_LIMIT: i32 = 3000;

/// The limit of zero points for [`ExactFor::Bits16`]. Markstein's quotient of `f32` and the two-term quotient of `f64`
/// are proved below 2²¹. With codes of at most 16 bits and this limit, every threshold is below 2²¹.
const FAR_ZERO_POINT_LIMIT: i32 = 1 << 20;

/// The mapping of numbers of the computation type `T` to codes `Q`.
///
/// ```text
/// quantize      q = clamp(rint(x / scale) + zero_point, qmin, qmax)
/// dequantize    x = T(q - zero_point) * scale
/// ```
///
/// A [`Scheme`](crate::Scheme) computes it from a range. The parameters contain numbers that are precomputed for the
/// kernels, so compute them once and use them often.
#[derive(Clone, Copy, PartialEq)]
pub struct QParams<T, Q> {
    affine: Affine<T>,
    code: PhantomData<Q>,
}

/// The numbers of a [`QParams`], without its code type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine<T> {
    pub(crate) scale: T,
    pub(crate) zero_point: i32,
    pub(crate) qmin: i32,
    pub(crate) qmax: i32,
    pub(crate) reciprocal: Reciprocal<T>,
    pub(crate) proved: ExactFor,
}

/// The factor `1 / scale` of the division-free kernels, as `high + low` (`kernel/divide.rs`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reciprocal<T> {
    pub(crate) high: T,
    pub(crate) low: T,
    /// Says that the proofs hold for the scale.
    pub(crate) guarded: bool,
}

/// The proofs that quotients by the reciprocal round as the division does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExactFor {
    /// No quotient is proved, so kernels divide.
    None,
    /// The quotients for integers below 2²¹ are proved.
    Bits16,
    /// The quotients for integers up to 3255 are proved, too.
    Bits8,
}

/// Says whether `−limit ≤ z ≤ limit`, without branches, so that the compiler vectorizes a loop over many z.
#[inline(always)]
pub(crate) fn is_within(z: i32, limit: i32) -> bool {
    (-limit <= z) & (z <= limit)
}

/// Says whether `−limit ≤ z ≤ limit` for all z, fast, since short slices have many parameters. A z beyond a limit has a
/// negative distance to the limit, even if it wraps, so the sign of all distances together is enough.
pub(crate) fn are_within(all: &[i32], limit: i32) -> bool {
    let mut left = 0;
    for &z in all {
        left |= z.wrapping_add(limit) | limit.wrapping_sub(z);
    }
    left >= 0
}

/// Returns an error if a zero point is beyond [`ZERO_POINT_LIMIT`].
pub(crate) fn check_zero_point(zero_point: i32) -> Result<(), Error> {
    if !is_within(zero_point, ZERO_POINT_LIMIT) {
        return Err(Error::ZeroPointOutOfRange { zero_point: f64::from(zero_point) });
    }
    Ok(())
}

impl ExactFor {
    /// Says whether the proof of [`Bits8`](Self::Bits8) covers all thresholds between two codes.
    #[inline(always)]
    pub(crate) fn is_near(zero_point: i32, (qmin, qmax): (i32, i32)) -> bool {
        is_within(zero_point, NEAR_ZERO_POINT_LIMIT) & (qmin >= -128) & (qmax <= 255)
    }

    /// Says whether the proof of [`Bits16`](Self::Bits16) covers all thresholds between two codes.
    #[inline(always)]
    pub(crate) fn is_far(zero_point: i32, (qmin, qmax): (i32, i32)) -> bool {
        is_within(zero_point, FAR_ZERO_POINT_LIMIT)
            & (qmin >= i16::MIN.into())
            & (qmax <= u16::MAX.into())
    }
}

impl<T: Compute> Affine<T> {
    /// Returns parameters that are known to be valid.
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
    /// Returns parameters for all codes of `Q`.
    ///
    /// The zero point need not be a code: for a raw range far from 0, it lies outside of the codes. A zero point for
    /// another code type is therefore not refused: the usual 128 of `u8` makes `i8` codes that clip every positive
    /// number. A caller with zero points from elsewhere checks that they are from [`qmin`](Self::qmin) to
    /// [`qmax`](Self::qmax).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidScale`] if `scale` is not finite or is below the least positive normal number (0 and negative
    /// scales are); [`Error::ZeroPointOutOfRange`] beyond ±2²⁴.
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

    /// Returns parameters for the codes `qmin..=qmax`.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new), and [`Error::CodeRange`] if `qmin > qmax` or if one of the two is outside `Q`.
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

    /// Returns the scale S, the distance between the numbers of two codes.
    #[inline]
    pub fn scale(&self) -> T {
        self.affine.scale
    }

    /// Returns the zero point Z, the code of the number 0 if it is a code.
    #[inline]
    pub fn zero_point(&self) -> i32 {
        self.affine.zero_point
    }

    /// Returns the least code.
    #[inline]
    pub fn qmin(&self) -> i32 {
        self.affine.qmin
    }

    /// Returns the greatest code.
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
    /// Returns scale 1 and zero point 0 for all codes, to fill an array before
    /// [`Backend::params`](crate::Backend::params) writes it.
    fn default() -> Self {
        Self::of(Affine::new(T::ONE, 0, Q::MIN, Q::MAX))
    }
}
