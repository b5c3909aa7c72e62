//! The range of everything seen.

use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::free;
use crate::observer::bounds::Bounds;
use crate::params::QParams;
use crate::range::Range;
use crate::scheme::Scheme;

/// Observes the least and the greatest number.
///
/// ```text
/// min = min over all x,  max = max over all x
/// ```
///
/// The result does not depend on the order of the data, nor on how they are split among observers
/// that are [merged](Self::merge) afterwards. A NaN or an infinity is noted, and refused when
/// parameters are asked for. `T` is the type of computation: that of the data for `f32` and `f64`.
///
/// ```
/// use zeropoint::{QParams, Scheme, observer::MinMaxObserver};
/// let (mut here, mut there) = (MinMaxObserver::new(), MinMaxObserver::new());
/// here.observe(&[0.5_f32, -1.0]);
/// there.observe(&[1.55_f32]);
/// here.merge(&there);
/// let p: QParams<f32, u8> = here.params(Scheme::asymmetric())?;
/// assert_eq!((p.scale(), p.zero_point()), (0.01, 100));
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct MinMaxObserver<T: Compute> {
    bounds: Bounds<T>,
}

impl<T: Compute> MinMaxObserver<T> {
    /// An observer that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { bounds: Bounds::EMPTY }
    }

    /// Takes the elements of `src` in, by the best backend of this CPU.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        self.bounds.merge(&Bounds::of(src, free::min_max(src)));
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.bounds.merge(&other.bounds);
    }

    /// The range of what was seen.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was.
    pub fn range(&self) -> Result<Range<T>, Error> {
        self.bounds.range()
    }

    /// The parameters for the range of what was seen.
    ///
    /// # Errors
    ///
    /// Those of [`range`](Self::range), and what [`Scheme::params`] refuses.
    pub fn params<Q: Code>(&self, scheme: Scheme) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range()?)
    }
}

impl<T: Compute> Default for MinMaxObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}
