//! The choice of the part of the observed range that the codes cover.

use super::cumulative::{NEGATIVE, POSITIVE, Unit, bias, sides};
use super::{entropy, least_error};
use crate::bins::{Bins, MANTISSA, ROW, bin_of, edge, greatest_bin};
use crate::element::Compute;
use crate::error::Error;
use crate::range::Range;
use crate::scheme::Scheme;

/// The rule by which a [`HistogramObserver`](crate::observer::HistogramObserver) chooses the part of the observed range
/// that the codes cover.
///
/// Elements outside of the range are clipped to the outermost codes. A range ends at the outer edge of a bin, or where
/// the data end. Equal histograms lead to equal choices on every machine: the arithmetic is `+ - * /` in a fixed order
/// and one logarithm in software. Exact zeros always have a code, unless the scheme has a raw range and there are no
/// zeros. A range is never empty.
///
/// | choice | outliers | a million normal numbers of deviation 0.25, two of 2600 among them: 8 bits, symmetric |
/// |---|---|---|
/// | [`Percentile`](Self::Percentile) | no effect, if fewer than the elements left out | 99.99 %: ±0.977, 40.6 dB without the two |
/// | [`Entropy`](Self::Entropy) | hardly any effect | ±1.06, 40.3 dB |
/// | [`LeastError`](Self::LeastError) | dominate: an outlier's error is squared | ±2600, all others become 0 |
///
/// [`LeastError`](Self::LeastError) and [`Entropy`](Self::Entropy) first compare all ranges `[-t, t]`,
/// as far as the data go. For an asymmetric scheme, they then move the upper end to its best place, then
/// the lower end, and so on until neither gains. Of ranges with equal costs, the widest is chosen. A choice takes
/// about a millisecond. The worst data, with elements in every bin of the type, take 0.1 s (8 bits) to 0.3 s (16 bits)
/// as `f32` and 1 to 2 s as `f64`, by entropy.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// The range keeps at least this percentage of the elements, above 0 and at most 100.
    ///
    /// For a symmetric scheme, the kept elements are the ones with the least magnitudes. For an asymmetric scheme, half
    /// of the elements left out may be on each side. 100 is the range from the least to the greatest element.
    ///
    /// Each end is the outer edge of the bin in which the exact percentile of the data lies. The edge is beyond the
    /// percentile by at most 2⁻⁷ of it, 0.8 %. (Subnormal numbers: by at most 2⁻⁷ of the least normal number.)
    Percentile(f64),
    /// The range has the least expected squared error, if the elements of each bin lie evenly in it, except for
    /// the least and the greatest element, which are known.
    ///
    /// ```text
    /// Σ over bins  count · mean over the bin of (x - x̂)²
    /// ```
    ///
    /// The mean is an integral in closed form, and includes the errors of clipped elements. More than 256 codes from 0,
    /// where codes are closer to each other than the edges of a bin, the mean is S² / 12 for a scale S.
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
    /// p and q each have the sum 1. A bin has the code of its middle; empty bins have no share. If an outermost code
    /// has no elements within the range, its q counts as 10⁻⁴ elements. Zeros, which are represented exactly, are left
    /// out; subnormal numbers are left out, too.
    ///
    /// Candidates are the whole range and every range that keeps at least half of the elements and is cut beside a bin
    /// with elements. Bins distinguish no more than 9 bits: for finer codes, the range is computed for 256 codes on
    /// each side of 0.
    Entropy,
}

/// The bins from edge `-w[NEGATIVE]` to edge `w[POSITIVE]`: each end of a window is an edge counted away from 0.
pub(super) type Window = [i32; 2];

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

    /// Returns the integer n of the code that represents `x`.
    #[inline(always)]
    pub(super) fn code_of(&self, x: f64) -> f64 {
        /// A number below 2⁵¹ plus this constant has no fraction left; ties go to even.
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

/// The distance in edges at which the end of a window nearer to 0 always has code 0, whatever the scheme.
const APART: i32 = (u16::BITS as usize * ROW) as i32;

/// The windows that may be chosen.
pub(super) struct Search<'a, T> {
    bins: &'a Bins,
    /// The range of the data.
    whole: Range<T>,
    /// The edges around the data, which windows do not exceed.
    limits: Window,
    symmetric: bool,
    /// Says that windows must reach as near to 0 as the limits.
    keeps_zero: bool,
}

impl<'a, T: Compute> Search<'a, T> {
    pub(super) fn new(bins: &'a Bins, whole: Range<T>, scheme: Scheme) -> Self {
        let outer_bins = [-bin_of(whole.min()), bin_of(whole.max())];
        let limits = outer_bins.map(|bin| bin + i32::from(bin < 0));
        let keeps_zero = !scheme.is_raw() || bins.get::<T>(0) > 0;
        Self { bins, whole, limits, symmetric: scheme.is_symmetric(), keeps_zero }
    }

    /// Returns the range of a window. It does not extend beyond the data.
    pub(super) fn range_of(&self, window: Window) -> Result<Range<T>, Error> {
        let is_whole = |side| window[side] >= self.limits[side];
        Range::new(
            if is_whole(NEGATIVE) { self.whole.min() } else { edge(-window[NEGATIVE]) },
            if is_whole(POSITIVE) { self.whole.max() } else { edge(window[POSITIVE]) },
        )
    }

    /// Returns the window that `clip` chooses. `grid` returns the scheme's codes for a window, multiplied by a unit, or
    /// `None` if the scheme has no parameters for the window.
    pub(super) fn choose(&self, clip: Clip, grid: &dyn Fn(Window, f64) -> Option<Grid>) -> Window {
        // The exponent field of the greatest magnitude determines the unit.
        let octave = self.magnitude() >> MANTISSA;
        match clip {
            Clip::Percentile(percentile) => self.percentile(percentile),
            // Subnormal numbers have code 0, as zeros do.
            _ if octave == 0 => self.limits,
            Clip::LeastError => {
                // Scaled magnitudes are below 4, so the sums of their squares are finite.
                let unit = Unit::new::<T>(octave, (octave - bias::<T>()).min(1022));
                let scaled = |x: T| x.to_f64() * unit.scale;
                let ends = [-scaled(self.whole.min()), scaled(self.whole.max())];
                let sides = sides(self.bins, unit, ends, least_error::sums);
                self.minimum(&|_, _| true, &mut |window, most| {
                    least_error::cost(&sides, &grid(window, unit.scale)?, most)
                })
            }
            Clip::Entropy => {
                // Scaled magnitudes have finite sums, and are at least 2⁻² of the data's magnitudes.
                let unit = Unit::new::<T>(octave, 2);
                let sides = sides(self.bins, unit, [f64::INFINITY; 2], entropy::sums);
                self.minimum(&|side, end| self.outermost(side, end) > 0, &mut |window, most| {
                    entropy::cost(&sides, window, &grid(window, unit.scale)?, most)
                })
            }
        }
    }

    /// Returns the number of elements in the outermost bin of a side that ends at `end`.
    fn outermost(&self, side: usize, end: i32) -> u64 {
        let bin = end - i32::from(end <= 0);
        self.bins.get::<T>(if side == NEGATIVE { -bin } else { bin })
    }

    /// Returns the least end of a side, if the opposite end is `opposite`.
    fn least_end(&self, side: usize, opposite: i32) -> i32 {
        let least = if self.keeps_zero { self.limits[side].min(0) } else { -greatest_bin::<T>() };
        least.max(1 - opposite)
    }

    /// Returns the limits, cut at a magnitude.
    fn cut(&self, magnitude: i32) -> Window {
        self.limits.map(|end| end.min(magnitude))
    }

    /// Returns the least magnitude at which `cut` cuts nothing off.
    fn magnitude(&self) -> i32 {
        self.limits[NEGATIVE].max(self.limits[POSITIVE])
    }

    fn percentile(&self, percentile: f64) -> Window {
        let total: u128 = self.bins.occupied().map(|(_, count)| u128::from(count)).sum();
        let kept = percentile * total as f64 / 100.0;
        let below = kept as u128;
        let mut dropped = total - (below + u128::from(kept > below as f64)).min(total);
        let outermost = |side, end| u128::from(self.outermost(side, end));
        if self.symmetric {
            let mut magnitude = self.magnitude();
            loop {
                let outer = outermost(NEGATIVE, magnitude) + outermost(POSITIVE, magnitude);
                if is_empty(self.cut(magnitude - 1)) || outer > dropped {
                    return self.cut(magnitude);
                }
                dropped -= outer;
                magnitude -= 1;
            }
        }
        let mut window = self.limits;
        for side in [NEGATIVE, POSITIVE] {
            let least = self.least_end(side, window[1 - side]);
            let mut left = dropped / 2;
            while window[side] > least && outermost(side, window[side]) <= left {
                left -= outermost(side, window[side]);
                window[side] -= 1;
            }
        }
        window
    }

    /// Returns the window with the least cost. An end is cut only where `ends_at(side, end)` is true. `cost` gets a
    /// window and the least cost so far, and returns `None` if neither the window nor one within it can cost less.
    fn minimum(
        &self,
        ends_at: &dyn Fn(usize, i32) -> bool,
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
        let magnitudes = (1..self.magnitude()).rev();
        let cuts = magnitudes.filter(|&m| ends_at(POSITIVE, m) || ends_at(NEGATIVE, m));
        let cuts = cuts.map(|magnitude| self.cut(magnitude));
        try_all(&mut cuts.take_while(|window| !is_empty(*window)), &mut best);
        let rounds = if self.symmetric { 0 } else { ROUNDS };
        for _ in 0..rounds {
            let before = best.0;
            for side in [POSITIVE, NEGATIVE] {
                let window = best.0;
                let opposite = window[1 - side];
                let least = self.least_end(side, opposite);
                let ends = (least..=self.limits[side])
                    .rev()
                    .filter(|&end| end == least || end >= opposite - APART && ends_at(side, end));
                let mut windows = ends.map(|end| {
                    let mut moved = window;
                    moved[side] = end;
                    moved
                });
                try_all(&mut windows, &mut best);
            }
            if best.0 == before {
                break;
            }
        }
        best.0
    }
}

/// Says that a window has no bins.
fn is_empty(window: Window) -> bool {
    window[NEGATIVE] + window[POSITIVE] <= 0
}
