//! The range of a tensor: [`MinMax`] is observed, [`Range`] is checked.

use crate::element::{Compute, Number};
use crate::error::Error;

/// The least and the greatest number seen, and whether a NaN was seen.
///
/// A NaN is never a bound. A zero bound is `+0.0`. Infinities are ordinary numbers. If no number was seen, `min` is
/// `+inf` and `max` is `-inf`, so that [`merge`](Self::merge) needs no special case: a tensor can be observed in
/// pieces, in any order, on any number of machines.
///
/// A caller may set the fields to bounds from elsewhere, under the same rules; [`Range`] checks them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax<T> {
    /// The least number, or `+inf`.
    pub min: T,
    /// The greatest number, or `-inf`.
    pub max: T,
    /// Says that at least one element was a NaN.
    pub has_nan: bool,
}

impl<T: Compute> MinMax<T> {
    /// The value for an empty slice, the identity of [`merge`](Self::merge).
    pub const EMPTY: Self = Self { min: T::INFINITY, max: T::NEG_INFINITY, has_nan: false };

    /// Returns the value for one number.
    pub(crate) fn of_one(x: T) -> Self {
        Self { min: x, max: x, has_nan: false }.without_nan()
    }

    /// Returns a value whose greatest magnitude is `alpha`, or is NaN as `alpha` is.
    pub(crate) fn of_magnitude(alpha: T) -> Self {
        let has_nan = alpha.partial_cmp(&alpha).is_none();
        Self { min: T::ZERO, max: alpha, has_nan }
    }

    /// Returns the range of both sets of elements together.
    ///
    /// ```
    /// let (a, b) = ([1.0_f32, 5.0], [-2.0_f32, 3.0]);
    /// let both = zeropoint::min_max(&a).merge(zeropoint::min_max(&b));
    /// assert_eq!((both.min, both.max), (-2.0, 5.0));
    /// ```
    #[inline]
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        self.without_nan().merge_observed(other.without_nan())
    }

    /// Merges as [`merge`](Self::merge) does, for values from this crate: no bound is NaN or −0.
    #[inline]
    pub(crate) fn merge_observed(self, other: Self) -> Self {
        Self {
            min: if other.min < self.min { other.min } else { self.min },
            max: if other.max > self.max { other.max } else { self.max },
            has_nan: self.has_nan | other.has_nan,
        }
    }

    /// Replaces bounds that a caller has set to NaN or −0, so that the order of merging never matters.
    fn without_nan(self) -> Self {
        let nan = |x: T| x.partial_cmp(&x).is_none();
        Self {
            min: if nan(self.min) { T::INFINITY } else { self.min + T::ZERO },
            max: if nan(self.max) { T::NEG_INFINITY } else { self.max + T::ZERO },
            has_nan: self.has_nan | nan(self.min) | nan(self.max),
        }
    }
}

impl<T: Compute> Default for MinMax<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// The bounds of the finite elements of a slice, and the number of NaNs and infinities.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finite<T> {
    pub(crate) seen: MinMax<T>,
    pub(crate) not_finite: u64,
}

#[cfg(feature = "alloc")]
impl<T: Compute> Finite<T> {
    pub(crate) const NONE: Self = Self { seen: MinMax::EMPTY, not_finite: 0 };

    pub(crate) fn of_one(x: T) -> Self {
        if x.is_finite() {
            Self { seen: MinMax::of_one(x), not_finite: 0 }
        } else {
            Self { not_finite: 1, ..Self::NONE }
        }
    }

    /// Returns the value for both sets of elements together. Their number saturates.
    #[inline]
    pub(crate) fn merge(self, other: Self) -> Self {
        let not_finite = self.not_finite.saturating_add(other.not_finite);
        Self { seen: self.seen.merge_observed(other.seen), not_finite }
    }
}

/// A finite range `[min, max]`, from which a scale and a zero point are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range<T> {
    min: T,
    max: T,
}

impl<T: Compute> Range<T> {
    /// Returns the range with these bounds.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a bound is NaN or infinite, [`Error::InvertedRange`] if `min > max`.
    ///
    /// ```
    /// use zeropoint::Range;
    /// assert!(Range::new(-1.0_f32, 2.0).is_ok());
    /// assert!(Range::new(2.0_f32, -1.0).is_err());
    /// ```
    pub fn new(min: T, max: T) -> Result<Self, Error> {
        if !min.is_finite() || !max.is_finite() {
            return Err(Error::NotFinite { index: None });
        }
        if min > max {
            return Err(Error::InvertedRange { min: min.to_f64(), max: max.to_f64() });
        }
        // Adding +0 turns −0 into +0.
        Ok(Self { min: min + T::ZERO, max: max + T::ZERO })
    }

    /// Returns the lower bound, β in the formulas.
    #[inline]
    pub fn min(&self) -> T {
        self.min
    }

    /// Returns the upper bound, α in the formulas.
    #[inline]
    pub fn max(&self) -> T {
        self.max
    }
}

impl<T: Compute> TryFrom<MinMax<T>> for Range<T> {
    type Error = Error;

    /// Returns the range, [`Error::NotFinite`] if a NaN or an infinity was seen, or [`Error::Empty`] without any
    /// number.
    fn try_from(seen: MinMax<T>) -> Result<Self, Error> {
        if seen.has_nan {
            return Err(Error::NotFinite { index: None });
        }
        if seen == MinMax::EMPTY {
            return Err(Error::Empty);
        }
        Self::new(seen.min, seen.max)
    }
}

/// Returns the greater of two magnitudes. NaN counts as greater than infinity.
#[inline(always)]
pub(crate) fn greater_magnitude<T: Number>(a: T, b: T) -> T {
    if b <= a || a.partial_cmp(&a).is_none() { a } else { b }
}
