//! The observer of the distribution of the elements.

mod choice;
mod cumulative;
mod entropy;
mod least_error;
#[cfg(feature = "serde")]
mod stored;

use alloc::vec::Vec;
use core::fmt;

use crate::auto::Auto;
use crate::backend::Backend;
use crate::bins::{self, Bins};
use crate::drive::RealOperations;
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::observer::MinMaxObserver;
use crate::params::QParams;
use crate::range::Range;
use crate::scheme::Scheme;
use choice::{Grid, Search};

pub use choice::Clip;

/// The number of elements whose bounds are found before they are counted: as many as fit in the first cache.
const PIECE: usize = 4096;

/// Counts the elements in bins, and chooses a range by the counts.
///
/// ```text
/// bin of x     the sign, the exponent and the first 7 bits of the mantissa of x
/// ```
///
/// Every octave, from 2ⁿ to 2ⁿ⁺¹, has 128 bins of equal width on each side of 0. An outlier therefore costs no
/// resolution elsewhere: the width of a bin is at most 2⁻⁷ of its numbers, for every normal number of the
/// type. Zeros, and subnormal numbers below 2⁻⁷ of the least normal number, share one bin.
///
/// The counts are exact. They depend neither on the order of the data, nor on how the data are split among
/// observers that are [merged](Self::merge) afterwards, on as many machines. The least and the greatest
/// element are kept exactly. Counts saturate at 2⁶⁴ − 1. `f16` and `bf16` data are counted as `f32`.
///
/// After a NaN or an infinity, every request for a range is refused. [`Clip`] documents the choice of a range.
///
/// An observer allocates 1 KiB for each octave of each sign that has elements, and a table of these octaves:
/// 4 KiB for `f32`, 32 KiB for `f64`. A thousand normal numbers take 25 KiB as `f32`, a million 48 KiB;
/// no data take more than 514 KiB as `f32` and 4.1 MiB as `f64`. The choice of a range allocates, during the call,
/// 24 bytes for each bin of these octaves: up to 2 MiB for `f32` and 16 MiB for `f64`.
///
/// ```
/// use zeropoint::{QParams, Scheme, observer::{Clip, HistogramObserver}};
/// let mut observer = HistogramObserver::new();
/// for batch in 0..10 {
///     let x: Vec<f32> = (0..1000).map(|i| ((batch * 1000 + i) as f32).sin()).collect();
///     observer.observe(&x);
/// }
/// observer.observe(&[50.0_f32]); // an outlier
///
/// let clipped = observer.range::<i8>(Scheme::symmetric(), Clip::Percentile(99.9))?;
/// assert!(clipped.max() < 1.1);
/// let p: QParams<f32, i8> = observer.params(Scheme::symmetric(), Clip::LeastError)?;
/// assert!(p.scale() <= 50.0 / 127.0);
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::Histogram<T>", into = "stored::Histogram<T>")
)]
pub struct HistogramObserver<T: Compute> {
    pub(super) bounds: MinMaxObserver<T>,
    pub(super) bins: Bins,
}

impl<T: Compute> HistogramObserver<T> {
    /// Returns an observer without elements.
    #[must_use]
    pub fn new() -> Self {
        Self { bounds: MinMaxObserver::new(), bins: Bins::new::<T>() }
    }

    /// Returns the observer with these bounds and counts, if some data lead to them.
    pub(super) fn of(bounds: MinMaxObserver<T>, bins: Bins) -> Result<Self, &'static str> {
        let bin = |x| if bounds.is_empty() { None } else { Some(bins::bin_of(x)) };
        let mut occupied = bins.occupied().map(|(bin, _)| bin);
        let first = occupied.next();
        if first != bin(bounds.seen.min) || occupied.last().or(first) != bin(bounds.seen.max) {
            return Err("min or max is not in the outermost bin");
        }
        Ok(Self { bounds, bins })
    }

    /// Counts the elements of `src`, on the calling thread.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        // No backend changes the result, so a wrong `ZEROPOINT_BACKEND` is not an error here.
        let backend = Auto::detect().unwrap_or(Auto::best());
        for piece in src.chunks(PIECE) {
            let seen = backend.min_max(piece);
            self.bounds.observe_runs(piece, seen, |run| X::Alone::count(run, &mut self.bins));
        }
    }

    /// Adds the elements that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.bounds.merge(&other.bounds);
        self.bins.merge(&other.bins);
    }

    /// Returns the bounds of the elements, and the number of NaNs and infinities.
    #[must_use]
    pub fn bounds(&self) -> MinMaxObserver<T> {
        self.bounds
    }

    /// The number of bins, 65 279 for `f32` and 524 031 for `f64`: as many negative as positive ones, and the bin of
    /// zeros.
    pub const BINS: usize = 2 * ((T::EXPONENT_FIELDS as usize - 1) * bins::ROW - 1) + 1;

    /// Returns the counts of all [`BINS`](Self::BINS) bins, in ascending order of the numbers; the bin of zeros is in the
    /// middle.
    ///
    /// The array has one length for all data, so machines can add theirs by an all-reduce. Their bounds are reduced
    /// separately: [`from_counts`](Self::from_counts) takes both.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = alloc::vec![0; Self::BINS];
        self.put_counts(&mut counts);
        counts
    }

    /// Writes the [`counts`](Self::counts) into an array of [`BINS`](Self::BINS).
    pub(crate) fn put_counts(&self, counts: &mut [u64]) {
        counts.fill(0);
        for (bin, count) in self.bins.occupied() {
            counts[(bin + bins::greatest_bin::<T>()) as usize] = count;
        }
    }

    /// Returns an error unless `counts`, a number of counts, is that of all bins.
    pub(crate) fn check_counts(counts: usize) -> Result<(), Error> {
        let bins = Self::BINS;
        if counts == bins { Ok(()) } else { Err(Error::CountsMismatch { bins, counts }) }
    }

    /// Returns the observer with these bounds and [`counts`](Self::counts).
    ///
    /// ```
    /// use zeropoint::observer::HistogramObserver;
    /// let (mut here, mut there) = (HistogramObserver::new(), HistogramObserver::new());
    /// here.observe(&[0.5_f32, -1.0]);
    /// there.observe(&[1.55_f32, 0.5]);
    /// let sums: Vec<u64> = here.counts().iter().zip(there.counts()).map(|(a, b)| a + b).collect();
    /// let mut bounds = here.bounds();
    /// bounds.merge(&there.bounds());
    /// here.merge(&there);
    /// assert_eq!(HistogramObserver::from_counts(bounds, &sums)?, here);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::CountsMismatch`]; [`Error::InvalidState`] if a bound is not in the outermost bin that has elements.
    pub fn from_counts(bounds: MinMaxObserver<T>, counts: &[u64]) -> Result<Self, Error> {
        Self::check_counts(counts.len())?;
        let mut bins = Bins::new::<T>();
        for (bin, &count) in (-bins::greatest_bin::<T>()..).zip(counts) {
            if count > 0 {
                bins.set::<T>(bin, count);
            }
        }
        Self::of(bounds, bins).map_err(|reason| Error::InvalidState { reason })
    }

    /// Returns the middles and the counts of all bins with elements, from the least to the greatest.
    ///
    /// The middle of the bin of zeros is 0.
    ///
    /// ```
    /// let mut observer = zeropoint::observer::HistogramObserver::new();
    /// observer.observe(&[-1.0_f32, 0.0, 0.0, 1536.0]);
    /// // From -1 to -1 - 2⁻⁷, and from 1536 to 1536 + 2³.
    /// assert!(observer.bins().eq([(-1.00390625, 1), (0.0, 2), (1540.0, 1)]));
    /// ```
    pub fn bins(&self) -> impl Iterator<Item = (T, u64)> {
        self.bins.occupied().map(|(bin, count)| (bins::middle(bin), count))
    }

    /// Returns the range that `clip` chooses for codes `Q` of a scheme.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was seen,
    /// [`Error::Percentile`], and the errors of [`Scheme::params`].
    pub fn range<Q: Code>(&self, scheme: Scheme, clip: Clip) -> Result<Range<T>, Error> {
        if let Clip::Percentile(percentile) = clip
            && !(percentile > 0.0 && percentile <= 100.0)
        {
            return Err(Error::Percentile { percentile });
        }
        let whole = self.bounds.range()?;
        // A scheme that has no parameters is refused before the search.
        scheme.params::<T, Q>(whole)?;
        let search = Search::new(&self.bins, whole, scheme);
        let grid = |window, unit: f64| {
            let p: QParams<T, Q> = scheme.params(search.range_of(window).ok()?).ok()?;
            Some(Grid {
                step: p.scale().to_f64() * unit,
                least: f64::from(p.qmin() - p.zero_point()),
                greatest: f64::from(p.qmax() - p.zero_point()),
            })
        };
        search.range_of(search.choose(clip, &grid))
    }

    /// Returns the parameters for the range that `clip` chooses.
    ///
    /// # Errors
    ///
    /// The errors of [`range`](Self::range).
    pub fn params<Q: Code>(&self, scheme: Scheme, clip: Clip) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range::<Q>(scheme, clip)?)
    }
}

impl<T: Compute> Default for HistogramObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Compute> fmt::Debug for HistogramObserver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let occupied = self.bins.occupied().count();
        f.debug_struct("HistogramObserver")
            .field("bounds", &self.bounds)
            .field("occupied_bins", &occupied)
            .finish()
    }
}
