//! The observer of the moving average of ranges.

use crate::backend::Backend;
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::free;
use crate::observer::MinMaxObserver;
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;

/// Observes the moving average of the batches' minima and maxima.
///
/// ```text
/// min = min + constant · (min of the batch - min)        max likewise
/// ```
///
/// The first batch sets both averages. Every call of [`observe`](Self::observe) is a batch, so the order and the split
/// of the data matter, and there is no `merge`. An empty batch changes nothing. After a NaN or an infinity, every
/// request for a range is refused. If the difference overflows, `min = (1 - constant) · min + constant · (min of the
/// batch)`.
///
/// ```
/// use zeropoint::observer::MovingAverageObserver;
/// let mut observer = MovingAverageObserver::new(0.25_f32)?;
/// observer.observe(&[-1.0_f32, 1.0]);
/// observer.observe(&[-1.0_f32, 9.0]); // an outlier counts for a quarter
/// assert_eq!(observer.range()?, zeropoint::Range::new(-1.0, 3.0)?);
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::MovingAverage<T>", into = "super::stored::MovingAverage<T>")
)]
pub struct MovingAverageObserver<T: Compute> {
    pub(super) constant: T,
    pub(super) bounds: MinMaxObserver<T>,
}

impl<T: Compute> MovingAverageObserver<T> {
    /// Returns an observer in which a new batch has the weight `constant`. PyTorch's default is 0.01.
    ///
    /// # Errors
    ///
    /// [`Error::AveragingConstant`] unless `0 < constant <= 1`.
    pub fn new(constant: T) -> Result<Self, Error> {
        if constant > T::ZERO && constant <= T::ONE {
            Ok(Self { constant, bounds: MinMaxObserver::new() })
        } else {
            Err(Error::AveragingConstant { constant: constant.to_f64() })
        }
    }

    /// Adds `src` as one batch, by the best backend of this CPU.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        self.observe_by(&free::best(), src);
    }

    /// Adds `src` as one batch, by `backend`.
    pub(crate) fn observe_by<X: Real<Compute = T> + ComputedIn<T>>(
        &mut self,
        backend: &impl Backend,
        src: &[X],
    ) {
        let mut batch = MinMaxObserver::new();
        batch.observe_by(backend, src);
        if !self.bounds.is_empty() && !batch.is_empty() {
            let min = self.moved(self.bounds.seen.min, batch.seen.min);
            let max = self.moved(self.bounds.seen.max, batch.seen.max);
            // Rounding may reverse the order of bounds that are next to each other.
            let max = if max < min { min } else { max };
            batch.seen = MinMax { min, max, has_nan: false };
            self.bounds.seen = batch.seen;
        }
        self.bounds.merge(&batch);
    }

    fn moved(&self, average: T, new: T) -> T {
        let step = new - average;
        if step.is_finite() {
            average + self.constant * step
        } else {
            (T::ONE - self.constant) * average + self.constant * new
        }
    }

    /// Returns the averages, and the number of NaNs and infinities, as the state of an observer of bounds.
    #[must_use]
    pub fn bounds(&self) -> MinMaxObserver<T> {
        self.bounds
    }

    /// Returns the range from the average minimum to the average maximum.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was seen.
    pub fn range(&self) -> Result<Range<T>, Error> {
        self.bounds.range()
    }

    /// Returns the parameters for the range of the averages.
    ///
    /// # Errors
    ///
    /// The errors of [`range`](Self::range) and of [`Scheme::params`].
    pub fn params<Q: Code>(&self, scheme: Scheme) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range()?)
    }
}
