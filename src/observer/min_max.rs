//! The observer of the least and the greatest element, which the other observers keep as their bounds.

use crate::backend::Backend;
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;
use crate::{free, reference};

/// The number of elements from which the finite ones are gathered at a time.
const GATHERED: usize = 256;

/// Observes the least and the greatest number.
///
/// ```text
/// min = min over all x,  max = max over all x
/// ```
///
/// The result depends neither on the order of the data, nor on how the data are split among observers that are
/// [merged](Self::merge) afterwards. After a NaN or an infinity, every request for a range or for parameters is
/// refused. `T` is the type of computation, [`Real::Compute`] of the data.
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
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::MinMax<T>", into = "super::stored::MinMax<T>")
)]
pub struct MinMaxObserver<T: Compute> {
    /// The bounds of the finite elements.
    pub(super) seen: MinMax<T>,
    /// The number of NaNs and infinities.
    pub(super) not_finite: u64,
}

impl<T: Compute> MinMaxObserver<T> {
    /// Returns an observer without elements.
    #[must_use]
    pub const fn new() -> Self {
        Self { seen: MinMax::EMPTY, not_finite: 0 }
    }

    /// Adds the elements of `src`, by the best backend of this CPU.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        self.observe_by(&free::best(), src);
    }

    /// Adds the elements of `src`, by `backend`.
    pub(crate) fn observe_by<X: Real<Compute = T> + ComputedIn<T>>(
        &mut self,
        backend: &impl Backend,
        src: &[X],
    ) {
        self.observe_runs(src, backend.min_max(src), |_| ());
    }

    /// Adds the elements of `src`, whose range is `seen`. Calls `each` with runs of the finite elements, or with `src`
    /// itself if all elements are finite.
    pub(super) fn observe_runs<X: Real<Compute = T>>(
        &mut self,
        src: &[X],
        seen: MinMax<T>,
        mut each: impl FnMut(&[X]),
    ) {
        if Range::try_from(seen).is_ok() {
            self.seen = self.seen.merge_observed(seen);
            return each(src);
        }
        let mut finite = [X::zeroed(); GATHERED];
        for piece in src.chunks(GATHERED) {
            let mut len = 0;
            for &x in piece {
                finite[len] = x;
                len += usize::from(x.widen().is_finite());
            }
            let run = &finite[..len];
            self.not_finite = self.not_finite.saturating_add((piece.len() - len) as u64);
            self.seen = self.seen.merge_observed(reference::min_max(run));
            each(run);
        }
    }

    /// Says whether no finite element was seen.
    pub(super) fn is_empty(&self) -> bool {
        self.seen == MinMax::EMPTY
    }

    /// Adds the elements that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.seen = self.seen.merge_observed(other.seen);
        self.not_finite = self.not_finite.saturating_add(other.not_finite);
    }

    /// Returns the bounds of the finite elements, [`MinMax::EMPTY`] if there is none.
    #[must_use]
    pub fn seen(&self) -> MinMax<T> {
        self.seen
    }

    /// Returns the number of NaNs and infinities, which saturates at 2⁶⁴ − 1.
    #[must_use]
    pub fn not_finite(&self) -> u64 {
        self.not_finite
    }

    /// Returns the observer that has seen finite elements with the bounds `seen`, and `not_finite` NaNs and infinities.
    ///
    /// A program that reduces the fields over many machines by itself makes an observer of the results:
    ///
    /// ```
    /// use zeropoint::{MinMax, observer::MinMaxObserver};
    /// let mut observer = MinMaxObserver::new();
    /// observer.observe(&[0.5_f32, -1.0, f32::NAN]);
    /// let again = MinMaxObserver::from_parts(observer.seen(), observer.not_finite())?;
    /// assert_eq!(again, observer);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Range::try_from`] for any bounds but [`MinMax::EMPTY`].
    pub fn from_parts(seen: MinMax<T>, not_finite: u64) -> Result<Self, Error> {
        if seen == MinMax::EMPTY {
            return Ok(Self { seen, not_finite });
        }
        let range = Range::try_from(seen)?;
        let seen = MinMax { min: range.min(), max: range.max(), has_nan: false };
        Ok(Self { seen, not_finite })
    }

    /// Returns the range of the elements.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was seen.
    pub fn range(&self) -> Result<Range<T>, Error> {
        if self.not_finite > 0 {
            return Err(Error::NotFinite { index: None });
        }
        Range::try_from(self.seen)
    }

    /// Returns the parameters for the range of the elements.
    ///
    /// # Errors
    ///
    /// The errors of [`range`](Self::range) and of [`Scheme::params`].
    pub fn params<Q: Code>(&self, scheme: Scheme) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range()?)
    }
}

impl<T: Compute> Default for MinMaxObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}
