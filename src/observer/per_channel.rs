//! The observer of the least and the greatest element of each slice.

#[cfg(feature = "serde")]
mod stored;

use alloc::alloc::handle_alloc_error;
use alloc::vec::Vec;
use core::alloc::Layout;

use crate::backend::{self, Backend};
use crate::element::{Compute, ComputedIn, Real};
use crate::error::Error;
use crate::free;
use crate::granularity::Granularity;
use crate::observer::MinMaxObserver;
use crate::range::{Finite, MinMax};

/// Observes the least and the greatest number of each slice, for example of each column of embeddings.
///
/// Slice `i` of all data has the observer `observers()[i]`, which would be the same had it seen this slice alone. The
/// state therefore depends neither on the order of the data, nor on how the data are split among observers that are
/// [merged](Self::merge) afterwards. The first data that are not empty set the number of slices. Each slice takes 24
/// bytes for `f32` and 32 for `f64`.
///
/// A [`HistogramObserver`](super::HistogramObserver) for each column would take some 25 to 50 KiB a column, and 8 to 43
/// KB of each state that travels (a thousand and a million normal numbers). A program that has the memory keeps a list
/// of them.
///
/// ```
/// use zeropoint::{Granularity, QParams, Scheme, observer::PerChannelMinMaxObserver};
/// let (mut here, mut there) = (PerChannelMinMaxObserver::new(), PerChannelMinMaxObserver::new());
/// here.observe(Granularity::channel(&[2, 3], 1)?, &[0.0_f32, 1.0, -1.0, 2.55, 0.0, 0.0])?;
/// there.observe(Granularity::channel(&[1, 3], 1)?, &[0.0_f32, 10.2, 1.55])?;
/// here.merge(&there)?;
/// let params: Vec<QParams<f32, u8>> =
///     here.observers().iter().map(|o| o.params(Scheme::asymmetric())).collect::<Result<_, _>>()?;
/// assert_eq!(params[1].scale(), 0.04);
/// assert_eq!((params[2].scale(), params[2].zero_point()), (0.01, 100));
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PerChannelMinMaxObserver<T: Compute> {
    slices: Vec<MinMaxObserver<T>>,
}

impl<T: Compute> PerChannelMinMaxObserver<T> {
    /// Returns an observer without elements, and without slices so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { slices: Vec::new() }
    }

    /// Returns the observer with these slices, if some data lead to them: each slice has seen an element.
    pub(super) fn of(slices: Vec<MinMaxObserver<T>>) -> Option<Self> {
        let is_seen = |slice: &MinMaxObserver<T>| !slice.is_empty() || slice.not_finite > 0;
        slices.iter().all(is_seen).then_some(Self { slices })
    }

    /// Adds the elements of each slice of `src`, by the best backend of this CPU. Empty data change nothing.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`] (for rows with a pitch, [`Error::PitchedLength`]); [`Error::SlicesMismatch`] if earlier
    /// data had another number of slices. Nothing is added then.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(
        &mut self,
        granularity: Granularity,
        src: &[X],
    ) -> Result<(), Error> {
        match self.observe_by(&free::best(), granularity, src) {
            Ok(()) => Ok(()),
            Err(Obstacle::Refused(error)) => Err(error),
            Err(Obstacle::NoMemory(layout)) => handle_alloc_error(layout),
        }
    }

    /// Adds the elements of each slice of `src`, by `backend`. Nothing is added if memory is short.
    pub(crate) fn observe_by<X: Real<Compute = T> + ComputedIn<T>>(
        &mut self,
        backend: &impl Backend,
        granularity: Granularity,
        src: &[X],
    ) -> Result<(), Obstacle> {
        granularity.check_src(src.len(), 1)?;
        if granularity.len() == 0 {
            // An empty shape may have more slices than there is memory for, and gaps between its rows.
            return Ok(());
        }
        let slices = granularity.slices();
        self.check_slices(slices)?;
        let mut ranges = filled(slices, MinMax::EMPTY)?;
        backend.min_max_per(granularity, src, &mut ranges)?;
        if self.slices.is_empty() {
            self.slices = filled(slices, MinMaxObserver::new())?;
        }
        let mut are_finite = true;
        for seen in &ranges {
            // Without a branch for each range, narrow slices take a quarter less time.
            are_finite &= !seen.has_nan & seen.min.is_finite() & seen.max.is_finite();
        }
        if are_finite {
            for (slice, seen) in self.slices.iter_mut().zip(&ranges) {
                slice.seen = slice.seen.merge_observed(*seen);
            }
            return Ok(());
        }
        // With a NaN or an infinity, a slower pass leaves out and counts what is not finite.
        let mut seen = filled(slices, Finite::NONE)?;
        backend::finite_per(backend, &granularity, src, &mut seen);
        for (slice, Finite { seen, not_finite }) in self.slices.iter_mut().zip(seen) {
            slice.merge(&MinMaxObserver { seen, not_finite });
        }
        Ok(())
    }

    fn check_slices(&self, data: usize) -> Result<(), Error> {
        let observer = self.slices.len();
        if observer != data && observer > 0 && data > 0 {
            return Err(Error::SlicesMismatch { observer, data });
        }
        Ok(())
    }

    /// Adds the elements that `other` has seen. An observer without elements changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::SlicesMismatch`] if the numbers of slices differ; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.check_slices(other.slices.len())?;
        if self.slices.is_empty() {
            self.slices.clone_from(&other.slices);
            return Ok(());
        }
        for (slice, other) in self.slices.iter_mut().zip(&other.slices) {
            slice.merge(other);
        }
        Ok(())
    }

    /// Returns the observer of each slice, in the order of [`Granularity`]'s parameters; none before the first element.
    #[must_use]
    pub fn observers(&self) -> &[MinMaxObserver<T>] {
        &self.slices
    }
}

/// The reason why elements were not added.
#[derive(Debug)]
pub(crate) enum Obstacle {
    Refused(Error),
    NoMemory(Layout),
}

impl From<Error> for Obstacle {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Allocates `count` values.
fn filled<X: Clone>(count: usize, value: X) -> Result<Vec<X>, Obstacle> {
    let mut all = Vec::new();
    if all.try_reserve_exact(count).is_err() {
        return Err(Obstacle::NoMemory(Layout::array::<X>(count).unwrap_or(Layout::new::<X>())));
    }
    all.resize(count, value);
    Ok(all)
}

impl<T: Compute> Default for PerChannelMinMaxObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}
