//! Schemes, which compute parameters from a range.

use crate::element::{Code, CodeType, Compute};
use crate::error::Error;
use crate::params::{Affine, QParams, ZERO_POINT_LIMIT};
use crate::range::Range;
use crate::reference;

/// A rule for computing a scale and a zero point from a range.
///
/// ```text
/// asymmetric   S = (max - min) / (qmax - qmin)    Z = rint(qmin - min / S)
/// symmetric    S = max(|min|, |max|) / (2ⁿ⁻¹ - 1)  Z = 0 (i8), 2ⁿ⁻¹ (u8)
/// ```
///
/// | n bits | codes of `i8` | codes of `u8` |
/// |---|---|---|
/// | asymmetric | −2ⁿ⁻¹ ..= 2ⁿ⁻¹ − 1 | 0 ..= 2ⁿ − 1 |
/// | symmetric | −(2ⁿ⁻¹ − 1) ..= 2ⁿ⁻¹ − 1 | 1 ..= 2ⁿ − 1 |
/// | symmetric, [`full_range`](Self::full_range) | −2ⁿ⁻¹ ..= 2ⁿ⁻¹ − 1 | 0 ..= 2ⁿ − 1 |
///
/// For an asymmetric scheme, the range is first widened to contain 0, so that the number 0 has a code, as in ONNX,
/// PyTorch and TFLite; [`raw_range`](Self::raw_range) does not widen the range.
///
/// The scale of the range `[0, 0]` is 1. If `max - min` overflows, `max` and `min` are divided first. A scale below the
/// least positive normal number becomes this number.
///
/// ```
/// use zeropoint::{QParams, Range, Scheme};
/// let range = Range::new(-1.0_f32, 3.0)?;
/// let p: QParams<f32, u8> = Scheme::asymmetric().params(range)?;
/// assert_eq!((p.scale(), p.zero_point()), (4.0 / 255.0, 64));
/// let p: QParams<f32, i8> = Scheme::symmetric().bits(4).params(range)?;
/// assert_eq!((p.scale(), p.qmin(), p.qmax()), (3.0 / 7.0, -7, 7));
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scheme {
    symmetric: bool,
    bits: Option<u32>,
    raw_range: bool,
    full_range: bool,
}

/// The greatest number of bits of a scheme.
const MOST_BITS: u32 = 16;

/// The integers of a scheme for one code type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeGrid {
    pub(crate) symmetric: bool,
    /// The width of the range, or for a symmetric scheme the largest magnitude, in units of the scale.
    pub(crate) steps: i32,
    pub(crate) qmin: i32,
    pub(crate) qmax: i32,
    /// The zero point of a symmetric scheme.
    pub(crate) zero_point: i32,
}

impl Scheme {
    const fn new(symmetric: bool) -> Self {
        Self { symmetric, bits: None, raw_range: false, full_range: false }
    }

    /// Returns the scheme whose codes spread from the minimum to the maximum.
    #[must_use]
    pub const fn asymmetric() -> Self {
        Self::new(false)
    }

    /// Returns the scheme whose codes are symmetric about 0 and reach to the largest magnitude.
    #[must_use]
    pub const fn symmetric() -> Self {
        Self::new(true)
    }

    /// Uses codes of `n` bits in place of all codes of the type.
    ///
    /// `params` refuses an `n` below 2, or above the bits of the code type (for `i32`, which is for accumulators and
    /// biases, above 16).
    #[must_use]
    pub const fn bits(self, n: u32) -> Self {
        Self { bits: Some(n), ..self }
    }

    /// Uses the range of an asymmetric scheme without widening, even if 0 lies outside.
    ///
    /// The zero point may then be far from every code: for `u8`, the range `[10, 11]` has −2550. `params` refuses a
    /// symmetric scheme with this option.
    #[must_use]
    pub const fn raw_range(self) -> Self {
        Self { raw_range: true, ..self }
    }

    /// Also uses the least code of a symmetric scheme, which has no counterpart. The scale does not change.
    ///
    /// `params` refuses an asymmetric scheme with this option.
    #[must_use]
    pub const fn full_range(self) -> Self {
        Self { full_range: true, ..self }
    }

    pub(crate) const fn is_symmetric(&self) -> bool {
        self.symmetric
    }

    /// Says whether a range is used without widening, even if 0 lies outside.
    pub(crate) const fn is_raw(&self) -> bool {
        self.raw_range
    }

    /// Returns the result of [`params`](Self::params). This function is compiled here, once for all code types.
    pub(crate) fn params_of<T: Compute>(
        self,
        range: Range<T>,
        of: CodeType,
    ) -> Result<Affine<T>, Error> {
        let CodeGrid { symmetric, steps, qmin, qmax, zero_point } = self.grid(of)?;
        // Every scale is valid: the reference returns at least the least one, and no quotient overflows.
        let (scale, zero_point) = if symmetric {
            (reference::symmetric(reference::abs_max(range.min(), range.max()), steps), zero_point)
        } else if self.raw_range {
            if range.min() == range.max() {
                return Err(Error::ZeroWidth { value: range.min().to_f64() });
            }
            let (scale, zero_point) = reference::asymmetric(range.min(), range.max(), qmin, qmax);
            // The zero point is not NaN: the range is finite and the scale is not 0.
            if zero_point.abs() > T::from_i32(ZERO_POINT_LIMIT) {
                return Err(Error::ZeroPointOutOfRange { zero_point: zero_point.to_f64() });
            }
            (scale, zero_point.to_i64() as i32)
        } else {
            let (min, max) = reference::widen_to_zero(range.min(), range.max());
            let (scale, zero_point) = reference::asymmetric(min, max, qmin, qmax);
            (scale, zero_point.to_i64().clamp(qmin.into(), qmax.into()) as i32)
        };
        Ok(Affine::new(scale, zero_point, qmin, qmax))
    }

    /// Returns the parameters of a symmetric scheme for the largest magnitude `alpha`.
    ///
    /// # Errors
    ///
    /// [`Error::NegativeAlpha`], [`Error::NotFinite`], [`Error::Bits`]; [`Error::SchemeOption`] for an asymmetric
    /// scheme.
    ///
    /// ```
    /// use zeropoint::{QParams, Scheme};
    /// let p: QParams<f32, i8> = Scheme::symmetric().params_from_alpha(6.35)?;
    /// assert_eq!((p.scale(), p.zero_point()), (0.05, 0));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn params_from_alpha<T: Compute, Q: Code>(&self, alpha: T) -> Result<QParams<T, Q>, Error> {
        self.grid(CodeType::of::<Q>())?;
        if !self.symmetric {
            return Err(Error::SchemeOption { option: "alpha", scheme: "asymmetric" });
        }
        if !alpha.is_finite() {
            return Err(Error::NotFinite { index: None });
        }
        if alpha < T::ZERO {
            return Err(Error::NegativeAlpha { alpha: alpha.to_f64() });
        }
        self.params(Range::new(T::ZERO, alpha)?)
    }

    /// Returns the integers of the scheme for a code type, or `None` if the scheme does not exist or takes raw ranges.
    pub(crate) fn code_grid(&self, of: CodeType) -> Option<CodeGrid> {
        if self.raw_range { None } else { self.grid(of).ok() }
    }

    /// Returns the integers of the scheme for a code type, or the reason why the scheme does not exist.
    fn grid(&self, of: CodeType) -> Result<CodeGrid, Error> {
        if self.symmetric && self.raw_range {
            return Err(Error::SchemeOption { option: "raw_range", scheme: "symmetric" });
        }
        if !self.symmetric && self.full_range {
            return Err(Error::SchemeOption { option: "full_range", scheme: "asymmetric" });
        }
        let bits = self.bits.unwrap_or(of.bits);
        let most = of.bits.min(MOST_BITS);
        if !(2..=most).contains(&bits) {
            return Err(Error::Bits { bits, least: 2, most });
        }
        let half = 1 << (bits - 1);
        let (least, qmax, zero_point) =
            if of.min < 0 { (-half, half - 1, 0) } else { (0, 2 * half - 1, half) };
        let qmin = least + i32::from(self.symmetric && !self.full_range);
        let steps = if self.symmetric { half - 1 } else { qmax - qmin };
        Ok(CodeGrid { symmetric: self.symmetric, steps, qmin, qmax, zero_point })
    }
}
