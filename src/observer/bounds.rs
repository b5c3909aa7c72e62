//! What every observer keeps of its data: the bounds, and how many elements were not numbers.

use crate::element::{Compute, Number, Real};
use crate::error::Error;
use crate::range::{MinMax, Range};

/// The least and the greatest finite number seen, and how many elements were NaN or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::StoredBounds<T>", into = "super::stored::StoredBounds<T>")
)]
pub(crate) struct Bounds<T: Compute> {
    /// `+inf` where there is none.
    pub(super) min: T,
    /// `-inf` where there is none.
    pub(super) max: T,
    pub(super) not_finite: u64,
}

impl<T: Compute> Bounds<T> {
    pub(super) const EMPTY: Self = Self { min: T::INFINITY, max: T::NEG_INFINITY, not_finite: 0 };

    pub(super) fn is_empty(&self) -> bool {
        self.min > self.max
    }

    /// `src`, whose min/max reduction is `seen`.
    pub(super) fn of<X: Real<Compute = T>>(src: &[X], seen: MinMax<T>) -> Self {
        let mut bounds = Self::EMPTY;
        bounds.not_finite = for_each_finite_run(src, seen, &mut |_, run| bounds.include(run));
        bounds
    }

    /// Takes finite bounds in.
    pub(super) fn include(&mut self, seen: MinMax<T>) {
        if seen.min < self.min {
            self.min = seen.min;
        }
        if seen.max > self.max {
            self.max = seen.max;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.include(MinMax { min: other.min, max: other.max, has_nan: false });
        self.not_finite = self.not_finite.saturating_add(other.not_finite);
    }

    pub(super) fn range(&self) -> Result<Range<T>, Error> {
        if self.not_finite > 0 {
            return Err(Error::NotFinite { index: None });
        }
        if self.is_empty() {
            return Err(Error::Empty);
        }
        Range::new(self.min, self.max)
    }
}

/// Finite elements that are gathered before they are handed on.
const GATHERED: usize = 256;

/// Calls `each` on runs of the finite elements of `src` and their bounds: on `src` itself where all
/// are finite, as `seen`, its min/max reduction, tells. Returns how many are not.
pub(super) fn for_each_finite_run<X: Real>(
    src: &[X],
    seen: MinMax<X::Compute>,
    each: &mut impl FnMut(&[X], MinMax<X::Compute>),
) -> u64 {
    if src.is_empty() {
        return 0;
    }
    if !seen.has_nan && seen.min.is_finite() && seen.max.is_finite() {
        each(src, seen);
        return 0;
    }
    let mut others = 0;
    let mut finite = [X::zeroed(); GATHERED];
    for piece in src.chunks(GATHERED) {
        let mut len = 0;
        for &x in piece {
            finite[len] = x;
            len += usize::from(x.widen().is_finite());
        }
        others += (piece.len() - len) as u64;
        if len > 0 {
            let run = &finite[..len];
            each(run, crate::reference::min_max(run));
        }
    }
    others
}
