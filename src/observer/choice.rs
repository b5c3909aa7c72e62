//! Which part of the observed range the codes shall cover.

use crate::element::Compute;
use crate::error::Error;
use crate::observer::bins::{Bins, ROW, bin_at, greatest_bin};
use crate::observer::cumulative::Unit;
use crate::observer::entropy::Entropy;
use crate::observer::least_error::LeastError;

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
    /// The mean is an integral in closed form, clipped parts included. Zeros have no error.
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

/// The bins from edge `lower` to edge `upper`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) lower: i32,
    pub(super) upper: i32,
}

/// Where the data end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) window: Window,
    /// The least and the greatest element, scaled.
    pub(super) ends: (f64, f64),
    /// `None` if there are but zeros and subnormal numbers, of which nothing is cut.
    pub(super) unit: Option<Unit>,
}

/// The scaled numbers that codes stand for: `n · step` for the integers from `least` to `greatest`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) step: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

impl Grid {
    /// The grid of the numbers' negatives.
    pub(super) fn negated(&self) -> Self {
        Self { least: -self.greatest, greatest: -self.least, ..*self }
    }

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

/// The window that `clip` chooses. `kind` is whether the scheme is symmetric, and raw; `grid` is the
/// codes that it has for a window, if there are such parameters.
pub(super) fn choose<T: Compute>(
    bins: &Bins,
    limits: &Limits,
    (symmetric, raw): (bool, bool),
    clip: Clip,
    grid: &dyn Fn(Window, Unit) -> Option<Grid>,
) -> Window {
    let keeps_zero = !raw || bins.get::<T>(0) > 0;
    let farthest = greatest_bin::<T>();
    let search = Search { limits: limits.window, symmetric, keeps_zero, farthest };
    match (clip, limits.unit) {
        (Clip::Percentile(percentile), _) => search.percentile::<T>(bins, percentile),
        (_, None) => limits.window,
        (Clip::LeastError, Some(unit)) => {
            let errors = LeastError::new::<T>(bins, unit, limits.ends);
            let anywhere = |_| true;
            search.minimum(&anywhere, &mut |window, most| errors.of(&grid(window, unit)?, most))
        }
        (Clip::Entropy, Some(unit)) => {
            let entropy = Entropy::new::<T>(bins, unit);
            let is_occupied = |k| bins.get::<T>(bin_at(k)) > 0;
            search.minimum(&is_occupied, &mut |window, most| {
                entropy.of(window, &grid(window, unit)?, most)
            })
        }
    }
}

/// How often both ends are moved at most, so that no data take for ever.
const ROUNDS: usize = 32;

/// An end that is so many edges nearer to 0 than the other has no code but that of 0.
const APART: i32 = (u16::BITS as usize * ROW) as i32;

/// The windows that may be chosen.
struct Search {
    limits: Window,
    symmetric: bool,
    /// Whether windows must reach as near to 0 as the limits.
    keeps_zero: bool,
    /// An edge that no data are beyond.
    farthest: i32,
}

impl Search {
    /// The least upper edge beside a lower one.
    fn least_upper(&self, lower: i32) -> i32 {
        let least = if self.keeps_zero { self.limits.upper.min(0) } else { -self.farthest };
        least.max(lower + 1)
    }

    /// The greatest lower edge beside an upper one.
    fn greatest_lower(&self, upper: i32) -> i32 {
        let greatest = if self.keeps_zero { self.limits.lower.max(0) } else { self.farthest };
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

    fn percentile<T: Compute>(&self, bins: &Bins, percentile: f64) -> Window {
        let total: u128 = bins.occupied::<T>().map(|(_, count)| u128::from(count)).sum();
        let kept = percentile * total as f64 / 100.0;
        let below = kept as u128;
        let mut dropped = total - (below + u128::from(kept > below as f64)).min(total);
        let count_at = |k| u128::from(bins.get::<T>(bin_at(k)));
        if self.symmetric {
            let mut magnitude = self.magnitude();
            loop {
                let Window { lower, upper } = self.cut(magnitude - 1);
                let outer = count_at(magnitude - 1) + count_at(-magnitude);
                if lower >= upper || outer > dropped {
                    return self.cut(magnitude);
                }
                dropped -= outer;
                magnitude -= 1;
            }
        }
        let Window { mut lower, mut upper } = self.limits;
        let mut left = dropped / 2;
        while lower < self.greatest_lower(upper) && count_at(lower) <= left {
            left -= count_at(lower);
            lower += 1;
        }
        let mut left = dropped / 2;
        while upper > self.least_upper(lower) && count_at(upper - 1) <= left {
            left -= count_at(upper - 1);
            upper -= 1;
        }
        Window { lower, upper }
    }

    /// Returns the window with the least cost, among those whose cut ends are beyond bins for which
    /// `ends_at` is true. The arguments of `cost` are a window and the least cost so far; it returns `None`
    /// if neither this window nor one within it can cost less.
    fn minimum(
        &self,
        ends_at: &dyn Fn(i32) -> bool,
        cost: &mut dyn FnMut(Window, f64) -> Option<f64>,
    ) -> Window {
        let mut best = (self.limits, cost(self.limits, f64::INFINITY).unwrap_or(f64::INFINITY));
        let mut try_all = |windows: &mut dyn Iterator<Item = Window>, best: &mut (Window, f64)| {
            for window in windows {
                match cost(window, best.1) {
                    Some(found) if found < best.1 => *best = (window, found),
                    Some(_) => {}
                    None => break,
                }
            }
        };
        let cuts = (1..self.magnitude()).rev().filter(|&m| ends_at(m - 1) || ends_at(-m));
        let cuts = cuts.map(|magnitude| self.cut(magnitude));
        try_all(&mut cuts.take_while(|window| window.lower < window.upper), &mut best);
        let rounds = if self.symmetric { 0 } else { ROUNDS };
        for _ in 0..rounds {
            let Window { lower, upper } = best.0;
            let nearest = self.least_upper(lower);
            let uppers = (nearest..=self.limits.upper)
                .rev()
                .filter(|&upper| upper == nearest || upper >= -lower - APART && ends_at(upper - 1));
            try_all(&mut uppers.map(|upper| Window { lower, upper }), &mut best);
            let between = best.0.upper;
            let nearest = self.greatest_lower(between);
            let lowers = (self.limits.lower..=nearest)
                .filter(|&lower| lower == nearest || -lower >= between - APART && ends_at(lower));
            try_all(&mut lowers.map(|lower| Window { lower, upper: between }), &mut best);
            if best.0 == (Window { lower, upper }) {
                break;
            }
        }
        best.0
    }
}
