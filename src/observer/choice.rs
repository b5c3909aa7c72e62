//! The choice of the part of the observed range that the codes cover.

use crate::bins::{Bins, MANTISSA, ROW, bin_at, bin_of, edge, greatest_bin};
use crate::element::Compute;
use crate::error::Error;
use crate::observer::cumulative::{Sides, Unit, bias};
use crate::observer::{entropy, least_error};
use crate::range::Range;
use crate::scheme::Scheme;

/// Which part of the observed range the codes cover: how an [observer of a histogram] chooses.
///
/// Elements outside of the range are clipped to the outermost codes. A range ends at the outer edge of a
/// bin, or where the data end. Equal histograms lead to equal choices on every machine: the arithmetic is
/// `+ - * /` in a fixed order and one logarithm in software. Exact zeros always have a code, unless the
/// scheme has a raw range and there are no zeros. A range is never empty.
///
/// | choice | outliers | a million normal numbers of deviation 0.25, two of 2600 among them: 8 bits, symmetric |
/// |---|---|---|
/// | [`Percentile`](Self::Percentile) | no effect, if fewer than the elements left out | 99.99 %: ±0.977, 40.6 dB without the two |
/// | [`Entropy`](Self::Entropy) | hardly any effect | ±1.06, 40.3 dB |
/// | [`LeastError`](Self::LeastError) | dominate: an outlier's error is squared | ±2600, all others become 0 |
///
/// [`LeastError`](Self::LeastError) and [`Entropy`](Self::Entropy) first compare all ranges `[-t, t]`,
/// as far as the data go. For an asymmetric scheme, they then move the upper end to its best place, then
/// the lower end, and so on until neither gains. Of equal ranges, the widest is chosen. A choice takes
/// about a millisecond. The worst data, with elements in every bin of the type, take 0.1 s (8 bits) to 0.3 s (16 bits)
/// as `f32` and 1 to 2 s as `f64`, by entropy.
///
/// [observer of a histogram]: crate::observer::HistogramObserver
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// The range keeps at least so many per cent of the elements, above 0 and at most 100.
    ///
    /// For a symmetric scheme these are the least magnitudes. For an asymmetric scheme, half of the elements
    /// left out may be on each side. 100 is the range from the least to the greatest element.
    ///
    /// Each end is the outer edge of the bin in which the exact percentile of the data lies. It is beyond this
    /// percentile by at most 2⁻⁷ of it, 0.8 %. (Subnormal numbers: by at most 2⁻⁷ of the least normal number.)
    Percentile(f64),
    /// The range has the least expected squared error, if the elements of each bin lie evenly in it, except for
    /// the least and the greatest element, which are known.
    ///
    /// ```text
    /// Σ over bins  count · mean over the bin of (x - x̂)²
    /// ```
    ///
    /// The mean is an integral in closed form, and includes the errors of clipped elements. More than 256 codes
    /// from 0, where codes are closer to each other than the edges of a bin, it is S² / 12 for a scale S.
    ///
    /// A few outliers decide this choice, by its definition: two elements of 2600 among a million below 2, clipped
    /// to 2, have 200 times the squared error of all others as zeros. If outliers are to be clipped, use
    /// [`Percentile`](Self::Percentile) or [`Entropy`](Self::Entropy).
    LeastError,
    /// The range loses the least information, measured by the Kullback-Leibler divergence.
    ///
    /// ```text
    /// Σ over bins  p · ln(p / q)
    ///     p   the bins within the range; the elements beyond it are added to the bins of the outermost
    ///         codes, in proportion to their counts
    ///     q   the bins within the range; the elements of one code are spread evenly over its bins
    /// ```
    ///
    /// p and q each have the sum 1. A bin has the code of its middle; empty bins have no share. If an outermost
    /// code has no elements within the range, its q counts as 10⁻⁴ elements. Zeros, which are represented
    /// exactly, are left out, and so are subnormal numbers.
    ///
    /// Candidates are the whole range and every range that keeps at least half of the elements and is cut
    /// beside a bin with elements. Bins tell no more than 9 bits apart: for finer codes, the range is the one for 256
    /// codes on each side of 0.
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

/// The bins from edge `lower` to edge `upper`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub(super) lower: i32,
    pub(super) upper: i32,
}

/// The scaled numbers of all codes: `n · step` for the integers n from `least` to `greatest`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) step: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

impl Grid {
    /// Returns the grid of the negated numbers.
    pub(super) fn negated(&self) -> Self {
        Self { least: -self.greatest, greatest: -self.least, ..*self }
    }

    /// Returns the integer n of the code that `x` gets.
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

/// The limit of the number of times that both ends are moved, so that every search ends.
const ROUNDS: usize = 32;

/// A window end that is so many edges nearer to 0 than the other end has code 0, whatever the scheme.
const APART: i32 = (u16::BITS as usize * ROW) as i32;

/// The windows that may be chosen.
pub(super) struct Search<'a, T> {
    bins: &'a Bins,
    /// The bounds of the data.
    whole: Range<T>,
    /// The edges around them.
    limits: Window,
    symmetric: bool,
    /// Says that windows must reach as near to 0 as the limits.
    keeps_zero: bool,
}

impl<'a, T: Compute> Search<'a, T> {
    pub(super) fn new(bins: &'a Bins, whole: Range<T>, scheme: Scheme) -> Self {
        let (least, greatest) = (bin_of(whole.min()), bin_of(whole.max()));
        let limits = Window {
            lower: least - i32::from(least > 0),
            upper: greatest + i32::from(greatest < 0),
        };
        let keeps_zero = !scheme.is_raw() || bins.get::<T>(0) > 0;
        Self { bins, whole, limits, symmetric: scheme.is_symmetric(), keeps_zero }
    }

    /// Returns the range of a window. It does not extend beyond the data.
    pub(super) fn range_of(&self, window: Window) -> Result<Range<T>, Error> {
        let Window { lower, upper } = self.limits;
        Range::new(
            if window.lower <= lower { self.whole.min() } else { edge(window.lower) },
            if window.upper >= upper { self.whole.max() } else { edge(window.upper) },
        )
    }

    /// Returns the window that `clip` chooses. `grid` returns the scheme's codes for a window, multiplied by a unit, if
    /// there are such parameters.
    pub(super) fn choose(&self, clip: Clip, grid: &dyn Fn(Window, f64) -> Option<Grid>) -> Window {
        // The exponent field of the greatest magnitude.
        let octave = self.magnitude() >> MANTISSA;
        match clip {
            Clip::Percentile(percentile) => self.percentile(percentile),
            // Subnormal numbers have code 0, as zeros have.
            _ if octave == 0 => self.limits,
            Clip::LeastError => {
                // Scaled magnitudes are below 4, so the sums of their squares are finite.
                let unit = Unit::new::<T>(octave, (octave - bias::<T>()).min(1022));
                let scaled = |x: T| x.to_f64() * unit.scale;
                let ends = (scaled(self.whole.min()), scaled(self.whole.max()));
                let sides = Sides::new(self.bins, unit, ends, least_error::sums);
                self.minimum(&|_| true, &mut |window, most| {
                    least_error::cost(&sides, &grid(window, unit.scale)?, most)
                })
            }
            Clip::Entropy => {
                // Scaled magnitudes have finite sums, and are at least 2⁻² of the data's.
                let unit = Unit::new::<T>(octave, 2);
                let ends = (f64::NEG_INFINITY, f64::INFINITY);
                let sides = Sides::new(self.bins, unit, ends, entropy::sums);
                self.minimum(&|k| self.count_at(k) > 0, &mut |window, most| {
                    entropy::cost(&sides, window, &grid(window, unit.scale)?, most)
                })
            }
        }
    }

    /// Returns the number of elements between edges `k` and `k + 1`.
    fn count_at(&self, k: i32) -> u64 {
        self.bins.get::<T>(bin_at(k))
    }

    /// Returns the least upper edge beside a lower one.
    fn least_upper(&self, lower: i32) -> i32 {
        let least = if self.keeps_zero { self.limits.upper.min(0) } else { -greatest_bin::<T>() };
        least.max(lower + 1)
    }

    /// Returns the greatest lower edge beside an upper one.
    fn greatest_lower(&self, upper: i32) -> i32 {
        let greatest = if self.keeps_zero { self.limits.lower.max(0) } else { greatest_bin::<T>() };
        greatest.min(upper - 1)
    }

    /// Returns the limits, cut at a magnitude.
    fn cut(&self, magnitude: i32) -> Window {
        Window { lower: self.limits.lower.max(-magnitude), upper: self.limits.upper.min(magnitude) }
    }

    /// The least magnitude at which `cut` cuts nothing off.
    fn magnitude(&self) -> i32 {
        self.limits.upper.max(-self.limits.lower)
    }

    fn percentile(&self, percentile: f64) -> Window {
        let total: u128 = self.bins.occupied().map(|(_, count)| u128::from(count)).sum();
        let kept = percentile * total as f64 / 100.0;
        let below = kept as u128;
        let mut dropped = total - (below + u128::from(kept > below as f64)).min(total);
        let count_at = |k| u128::from(self.count_at(k));
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
