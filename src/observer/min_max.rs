//! The observer of the least and the greatest element. The others keep it as their bounds.

use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;
use crate::{free, reference};

/// The number of elements of which the finite ones are gathered at a time.
const GATHERED: usize = 256;

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
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::MinMax<T>", into = "super::stored::MinMax<T>")
)]
pub struct MinMaxObserver<T: Compute> {
    /// The bounds of the finite elements.
    pub(super) seen: MinMax<T>,
    /// The number of other elements.
    pub(super) not_finite: u64,
}

impl<T: Compute> MinMaxObserver<T> {
    /// An observer that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { seen: MinMax::EMPTY, not_finite: 0 }
    }

    /// Takes the elements of `src` in, by the best backend of this CPU.
    pub fn observe<X: Real<Compute = T> + ComputedIn<T>>(&mut self, src: &[X]) {
        self.observe_runs(src, free::min_max(src), |_| ());
    }

    /// Takes the elements of `src` in, whose range is `seen`. Calls `each` with runs of the finite ones: with `src`
    /// itself if all are finite.
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

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.seen = self.seen.merge_observed(other.seen);
        self.not_finite = self.not_finite.saturating_add(other.not_finite);
    }

    /// The range of what was seen.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] if a NaN or an infinity was seen, [`Error::Empty`] if nothing was.
    pub fn range(&self) -> Result<Range<T>, Error> {
        if self.not_finite > 0 {
            return Err(Error::NotFinite { index: None });
        }
        Range::try_from(self.seen)
    }

    /// The parameters for the range of what was seen.
    ///
    /// # Errors
    ///
    /// The errors of [`range`](Self::range), and what [`Scheme::params`] refuses.
    pub fn params<Q: Code>(&self, scheme: Scheme) -> Result<QParams<T, Q>, Error> {
        scheme.params(self.range()?)
    }
}

impl<T: Compute> Default for MinMaxObserver<T> {
    fn default() -> Self {
        Self::new()
    }
}
