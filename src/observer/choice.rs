//! Which part of the observed range the codes shall cover.

use crate::error::Error;
use crate::observer::bins::{Counts, HALF, ZERO};
use crate::observer::{entropy, least_error};

/// Which part of the observed range the codes cover: how an [observer of a histogram] chooses.
///
/// What lies outside is clipped to the outermost codes. A range ends at the outer edge of a bin, or
/// where the data end. Equal histograms have equal choices on every machine: the arithmetic is
/// `+ - * /` in a fixed order and one logarithm in software. Exact zeros always have a code, unless the
/// scheme is of a raw range and there are none; the range is never cut to nothing.
///
/// [`LeastError`](Self::LeastError) and [`Entropy`](Self::Entropy) first compare all ranges that are
/// cut at one magnitude, `[-t, t]` as far as the data go. For an asymmetric scheme, they then move
/// the upper end to its best place, then the lower, and so on until neither gains. Of equals, the
/// widest range is chosen.
///
/// [observer of a histogram]: crate::observer::HistogramObserver
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// At least so many per cent of the elements, above 0 and at most 100.
    ///
    /// Symmetric: of the magnitudes. Asymmetric: as many elements may be left out on one side as on
    /// the other, half of the rest each. 100 is the range from the least element to the greatest.
    Percentile(f64),
    /// The least expected squared error, if the elements of each bin lie evenly in it.
    ///
    /// ```text
    /// Σ over bins  count · mean over the bin of (x - x̂)²
    /// ```
    ///
    /// The mean is an integral in closed form, clipped parts included; zeros are points.
    LeastError,
    /// The least loss of information, by the divergence of Kullback and Leibler.
    ///
    /// ```text
    /// Σ over bins  p · ln(p / q)
    ///     p   the bins within the range, the outermost two with the elements beyond them
    ///     q   the bins within the range, those of one code sharing their elements evenly
    /// ```
    ///
    /// p and q each have the sum 1, and empty bins have no share. A q of 0 beside a p that is not counts
    /// as 10⁻⁴ elements. Zeros, which are represented exactly, are left out. With the whole range are
    /// compared those which keep half of the elements, and in which the distance between codes is at
    /// least that between bins: for codes of more than about 11 bits there is none.
    Entropy,
}

impl Clip {
    pub(super) fn check(self) -> Result<(), Error> {
        match self {
            Self::Percentile(percentile) if !(percentile > 0.0 && percentile <= 100.0) => {
                Err(Error::Percentile { percentile })
            }
            _ => Ok(()),
        }
    }
}

/// The bins from edge `lower` to edge `upper`, in widths from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) lower: i32,
    pub(super) upper: i32,
}

/// Where the data end, in widths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) window: Window,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// The numbers that codes stand for, in widths: `n · step` for the integers from `least` to
/// `greatest`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) step: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

impl Grid {
    /// The integer n of the code that `x` gets.
    #[inline(always)]
    pub(super) fn code_of(&self, x: f64) -> f64 {
        /// Adding it leaves no fraction of numbers below 2⁵¹; ties go to even.
        const NO_FRACTION: f64 = 1.5 / f64::EPSILON;
        let t = x / self.step;
        if t <= self.least {
            self.least
        } else if t >= self.greatest {
            self.greatest
        } else {
            (t + NO_FRACTION) - NO_FRACTION
        }
    }
}

/// The slot of the bin from edge `k` to edge `k + 1`.
pub(super) fn slot_at(k: i32) -> usize {
    (ZERO as i32 + k + i32::from(k >= 0)) as usize
}

/// How many elements the bin from edge `k` to edge `k + 1` has.
fn count_at(counts: &Counts, k: i32) -> u64 {
    counts.get(slot_at(k)).copied().unwrap_or(0)
}

/// The window that `clip` chooses. `kind` is whether the scheme is symmetric, and raw; `grid` is the
/// codes that it has for a window, if there are such parameters.
pub(super) fn choose(
    counts: &Counts,
    limits: &Limits,
    (symmetric, raw): (bool, bool),
    clip: Clip,
    grid: &dyn Fn(Window) -> Option<Grid>,
) -> Window {
    let search = Search { limits: limits.window, symmetric, keeps_zero: !raw || counts[ZERO] > 0 };
    match clip {
        Clip::Percentile(percentile) => search.percentile(counts, percentile),
        Clip::LeastError => search.minimum(&mut |window, most| {
            grid(window).map(|grid| least_error::of(counts, limits, &grid, most))
        }),
        Clip::Entropy => {
            let entropy = entropy::Entropy::new(counts);
            search.minimum(&mut |window, _| {
                let whole = window == limits.window;
                grid(window).filter(|g| whole || g.step >= 1.0).map(|g| entropy.of(window, &g))
            })
        }
    }
}

/// How often both ends are moved at most, so that no data take for ever.
const ROUNDS: usize = 32;

/// The windows that may be chosen.
struct Search {
    limits: Window,
    symmetric: bool,
    /// Whether windows must reach as near to 0 as the limits.
    keeps_zero: bool,
}

impl Search {
    /// The least upper edge beside a lower one.
    fn least_upper(&self, lower: i32) -> i32 {
        let least = if self.keeps_zero { self.limits.upper.min(0) } else { -(HALF as i32) };
        least.max(lower + 1)
    }

    /// The greatest lower edge beside an upper one.
    fn greatest_lower(&self, upper: i32) -> i32 {
        let greatest = if self.keeps_zero { self.limits.lower.max(0) } else { HALF as i32 };
        greatest.min(upper - 1)
    }

    /// The window cut at a magnitude.
    fn cut(&self, magnitude: i32) -> Window {
        Window { lower: self.limits.lower.max(-magnitude), upper: self.limits.upper.min(magnitude) }
    }

    /// Where `cut` leaves the whole.
    fn magnitude(&self) -> i32 {
        self.limits.upper.max(-self.limits.lower)
    }

    fn percentile(&self, counts: &Counts, percentile: f64) -> Window {
        let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
        let kept = percentile * total as f64 / 100.0;
        let below = kept as u128;
        let mut dropped = total - (below + u128::from(kept > below as f64)).min(total);
        if self.symmetric {
            let mut magnitude = self.magnitude();
            loop {
                let Window { lower, upper } = self.cut(magnitude - 1);
                let outer = u128::from(count_at(counts, magnitude - 1))
                    + u128::from(count_at(counts, -magnitude));
                if lower >= upper || outer > dropped {
                    return self.cut(magnitude);
                }
                dropped -= outer;
                magnitude -= 1;
            }
        }
        let Window { mut lower, mut upper } = self.limits;
        let mut left = dropped / 2;
        while lower < self.greatest_lower(upper) && u128::from(count_at(counts, lower)) <= left {
            left -= u128::from(count_at(counts, lower));
            lower += 1;
        }
        let mut left = dropped / 2;
        while upper > self.least_upper(lower) && u128::from(count_at(counts, upper - 1)) <= left {
            left -= u128::from(count_at(counts, upper - 1));
            upper -= 1;
        }
        Window { lower, upper }
    }

    /// The window of the least cost. Costs of `most`, their second argument, or more may be any
    /// number from `most` on.
    fn minimum(&self, cost: &mut dyn FnMut(Window, f64) -> Option<f64>) -> Window {
        let mut best = (self.limits, cost(self.limits, f64::INFINITY).unwrap_or(f64::INFINITY));
        let mut try_window = |window, best: &mut (Window, f64)| {
            if let Some(found) = cost(window, best.1)
                && found < best.1
            {
                *best = (window, found);
            }
        };
        for magnitude in (1..self.magnitude()).rev() {
            let window = self.cut(magnitude);
            if window.lower >= window.upper {
                break;
            }
            try_window(window, &mut best);
        }
        let rounds = if self.symmetric { 0 } else { ROUNDS };
        for _ in 0..rounds {
            let before = best.0;
            for upper in (self.least_upper(before.lower)..=self.limits.upper).rev() {
                try_window(Window { upper, ..before }, &mut best);
            }
            let between = best.0;
            for lower in self.limits.lower..=self.greatest_lower(between.upper) {
                try_window(Window { lower, ..between }, &mut best);
            }
            if best.0 == before {
                break;
            }
        }
        best.0
    }
}
