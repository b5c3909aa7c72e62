//! The distribution of everything seen.

use core::fmt;

use crate::auto::Auto;
use crate::backend::{Backend, Isa, Scalar};
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::observer::bins::{self, Bins, HALF, ZERO};
use crate::observer::bounds::{Bounds, for_each_finite_run};
use crate::observer::choice::{Clip, Grid, Limits, Window, choose};
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;

/// Elements whose bounds are found before they are counted: they are still in the first cache then.
const PIECE: usize = 4096;

/// Observes how often numbers occur, and chooses the range that suits the codes.
///
/// ```text
/// bin m of a sign     m·w <= |x| < (m + 1)·w,    w = 2ᵉ,  m < 2048;  zeros are counted apart
/// ```
///
/// e is the least exponent for which all data fit, but 2ᵉ is at least the least positive normal number.
/// When data outgrow the bins, pairs of bins are merged. So the outermost element is beyond half of
/// the 2048 bins of its sign, and the counts are exact: they do not depend on the order of the data,
/// nor on how they are split among observers that are [merged](Self::merge) afterwards, on as many
/// machines. The least and the greatest element are kept exactly.
///
/// NaNs and infinities are counted apart, and refused when a range is asked for. Counts saturate at
/// 2⁶⁴ − 1. Which range is chosen, [`Clip`] says.
///
/// It is 32 KiB of plain memory without an allocation, so that `no_std` programs need no allocator:
/// keep it in a `Vec` or a `Box`.
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
    serde(try_from = "super::stored::Histogram<T>", into = "super::stored::Histogram<T>")
)]
pub struct HistogramObserver<T: Compute> {
    pub(super) bounds: Bounds<T>,
    pub(super) bins: Bins,
}

impl<T: Compute> HistogramObserver<T> {
    /// An observer that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { bounds: Bounds::EMPTY, bins: Bins::new(bins::least_exponent::<T>()) }
    }

    /// Counts the elements of `src`, on the calling thread.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        // No backend changes the result, so a wrong wish for one is not an error here.
        let backend = Auto::detect().unwrap_or(Auto::best());
        let engine = X::real_engine(Isa::Scalar(Scalar));
        for piece in src.chunks(PIECE) {
            let seen = backend.min_max(piece);
            let others = for_each_finite_run(piece, seen, &mut |run: &[X], seen| {
                self.make_room(seen);
                let per_width = T::power_of_two(-self.bins.exponent);
                engine.count(run, per_width, &mut self.bins.counts);
            });
            self.bounds.not_finite = self.bounds.not_finite.saturating_add(others);
        }
    }

    /// Takes finite bounds in, and raises the exponent as they need.
    fn make_room(&mut self, seen: MinMax<T>) {
        self.bounds.include(seen);
        let magnitude = crate::reference::abs_max(seen.min, seen.max);
        self.bins.raise(bins::exponent_for(magnitude));
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.bounds.merge(&other.bounds);
        self.bins.merge(&other.bins);
    }

    /// The width of the bins, a power of two.
    #[must_use]
    pub fn bin_width(&self) -> T {
        T::power_of_two(self.bins.exponent)
    }

    /// The bins in which there is anything, from the least to the greatest: middle and count.
    ///
    /// The zeros come between the negative and the positive bins, as a bin of middle 0.
    ///
    /// ```
    /// let mut observer = zeropoint::observer::HistogramObserver::new();
    /// observer.observe(&[-1.0_f32, 0.0, 0.0, 1536.0]);
    /// assert_eq!(observer.bin_width(), 1.0);
    /// assert!(observer.bins().eq([(-1.5, 1), (0.0, 2), (1536.5, 1)]));
    /// ```
    pub fn bins(&self) -> impl Iterator<Item = (T, u64)> {
        // Halved first: the product is the middle, and never overflows.
        let middle = |halves: i32| T::from_i32(halves) / T::from_i32(2) * self.bin_width();
        self.bins.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(
            move |(slot, &count)| {
                let signed = slot as i32 - ZERO as i32;
                (middle(2 * signed - signed.signum()), count)
            },
        )
    }

    /// The range that `clip` chooses for codes `Q` of a scheme.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was,
    /// [`Error::Percentile`]; what [`Scheme::params`] refuses.
    pub fn range<Q: Code>(&self, scheme: Scheme, clip: Clip) -> Result<Range<T>, Error> {
        clip.check()?;
        let whole = self.bounds.range()?;
        // What is wrong with the scheme shows itself here, not in the middle of a search.
        scheme.params::<T, Q>(whole)?;
        let limits = self.limits(whole);
        let kind = (scheme.is_symmetric(), scheme.is_raw());
        let grid = |window| {
            let p: QParams<T, Q> = scheme.params(self.range_of(window, &limits).ok()?).ok()?;
            Some(Grid {
                step: p.scale().to_f64() / self.bin_width().to_f64(),
                least: f64::from(p.qmin() - p.zero_point()),
                greatest: f64::from(p.qmax() - p.zero_point()),
            })
        };
        self.range_of(choose(&self.bins.counts, &limits, kind, clip, &grid), &limits)
    }

    /// The parameters for the range that `clip` chooses.
    ///
    /// # Errors
    ///
    /// Those of [`range`](Self::range).
    pub fn params<Q: Code>(&self, scheme: Scheme, clip: Clip) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range::<Q>(scheme, clip)?)
    }

    /// The bounds in units of the width, and the bins that they lie in.
    fn limits(&self, whole: Range<T>) -> Limits {
        let per_width = T::power_of_two(-self.bins.exponent);
        let edge = |x: T| bins::slot_of(x, per_width) as i32 - ZERO as i32;
        // The bin k on the positive side is k - 1..k, on the negative side k..k + 1; the zeros are 0.
        let (least, greatest) = (edge(whole.min()), edge(whole.max()));
        Limits {
            window: Window {
                lower: least - i32::from(least > 0),
                upper: greatest + i32::from(greatest < 0),
            },
            min: (whole.min() * per_width).to_f64(),
            max: (whole.max() * per_width).to_f64(),
        }
    }

    /// The range of a window; where it reaches as far as the data, as far as they do.
    fn range_of(&self, window: Window, limits: &Limits) -> Result<Range<T>, Error> {
        let edge = |k: i32| T::from_i32(k) * self.bin_width();
        let Window { lower, upper } = limits.window;
        Range::new(
            if window.lower <= lower { self.bounds.min } else { edge(window.lower) },
            if window.upper >= upper { self.bounds.max } else { edge(window.upper) },
        )
    }
}

impl<T: Compute> Default for HistogramObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Compute> fmt::Debug for HistogramObserver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let occupied = self.bins.counts.iter().filter(|count| **count > 0).count();
        f.debug_struct("HistogramObserver")
            .field("bounds", &self.bounds)
            .field("bin_width", &self.bin_width())
            .field("occupied_bins", &format_args!("{occupied} of {}", 2 * HALF + 1))
            .finish()
    }
}
