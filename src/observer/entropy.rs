//! The divergence between a clipped histogram and its quantized form.
//!
//! By cells, a cell being the bins whose middles have one code:
//!
//! ```text
//! N · Σ p ln(p / q) = Σ over cells  P · (D + ln(P / Q)) + N ln(N' / N)
//!     P   the elements of a cell, in the outermost with those beyond;  N in all
//!     Q   the elements within the range;  N' in all
//!     D   the divergence in the cell: (Σ over its bins  n ln(n / w)) / Q - ln(Q / Σ w)
//! ```
//!
//! n elements are in a bin of width w, and Σ w is the width of the bins with elements.

use core::ops::Range;

use crate::element::Compute;
use crate::observer::bins::{Bins, bin_at};
use crate::observer::choice::{Grid, Window};
use crate::observer::cumulative::{Side, Sides, Sums, Unit};
use crate::observer::least_error::COARSE;

/// Q of an outermost cell, if only elements beyond the range have its code: the divergence would be
/// infinite, for a single outlier. (MXNet's figure, which ONNX Runtime takes too.)
const NEXT_TO_NOTHING: f64 = 1e-4;

/// A histogram without its zeros.
pub(super) struct Entropy {
    sides: Sides,
    /// All elements.
    total: f64,
}

/// The bins of one code.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// Elements, the sum of n ln(n / w), and the width of bins with elements.
    within: Sums,
    /// Elements beyond the range.
    beyond: f64,
}

impl Cell {
    /// `P · (D + ln(P / Q))`
    fn divergence(&self) -> f64 {
        let [q, information, width] = self.within;
        let loss = clipping(q, self.beyond);
        if q == 0.0 {
            return loss;
        }
        let inside = f64::max(information - q * libm::log(q / width), 0.0);
        (q + self.beyond) / q * inside + loss
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.within.iter_mut().zip(other.within) {
            *sum += more;
        }
        self.beyond += other.beyond;
    }
}

/// `P · ln(P / Q)` of a cell.
fn clipping(q: f64, beyond: f64) -> f64 {
    let p = q + beyond;
    if beyond == 0.0 {
        0.0
    } else {
        p * libm::log(p / if q == 0.0 { NEXT_TO_NOTHING } else { q })
    }
}

impl Entropy {
    pub(super) fn new<T: Compute>(bins: &Bins, unit: Unit) -> Self {
        let unlimited = (f64::NEG_INFINITY, f64::INFINITY);
        let sides = Sides::new::<T>(bins, unit, unlimited, |a, b, count| {
            [count, count * libm::log(count / (b - a)), b - a]
        });
        let total = sides.positive.total()[0] + sides.negative.total()[0];
        Self { sides, total }
    }

    /// The divergence times the number of elements, or a number from `most` on if it is not less.
    /// `None` if half of the elements are beyond the window.
    pub(super) fn of(
        &self,
        Window { lower, upper }: Window,
        grid: &Grid,
        most: f64,
    ) -> Option<f64> {
        let Sides { positive, negative } = &self.sides;
        let grid = &coarse(grid);
        // The bins of each side that are in the window.
        let above_0 = bin_at(lower.max(0))..bin_at(upper.max(0));
        let below_0 = bin_at((-upper).max(0))..bin_at((-lower).max(0));
        let above = positive.beyond(above_0.end) + negative.before(below_0.start)[0];
        let below = negative.beyond(below_0.end) + positive.before(above_0.start)[0];
        let within = self.total - below - above;
        if within < 0.5 * self.total {
            return None;
        }
        let (inner, outer) = if lower < 0 { (0.0, above) } else { (below, above) };
        let positive = Part { side: positive, bins: above_0, grid: *grid, inner, outer };
        let (inner, outer) = if upper > 0 { (0.0, below) } else { (above, below) };
        let negative = Part { side: negative, bins: below_0, grid: grid.negated(), inner, outer };

        let mut sum = self.total * libm::log(within / self.total);
        let clipped = sum + positive.least() + negative.least();
        if clipped >= most {
            return Some(clipped);
        }
        let mut zero = Cell::default();
        if upper > 0 {
            sum += positive.divergence(&mut zero);
        }
        if lower < 0 {
            sum += negative.divergence(&mut zero);
        }
        Some(sum + zero.divergence())
    }
}

/// The grid with no more than [`COARSE`] steps from 0 on: bins cannot tell the codes of others apart.
fn coarse(grid: &Grid) -> Grid {
    let factor = f64::max(f64::max(grid.greatest, -grid.least) / COARSE, 1.0);
    Grid {
        step: grid.step * factor,
        least: (grid.least / factor).rint(),
        greatest: (grid.greatest / factor).rint(),
    }
}

/// The bins of a side that are in a window, and how many elements beyond the window are in the cells of
/// the innermost and the outermost bin.
struct Part<'a> {
    side: &'a Side,
    bins: Range<i32>,
    grid: Grid,
    inner: f64,
    outer: f64,
}

impl Part<'_> {
    /// What the elements beyond the outermost bin add at least.
    fn least(&self) -> f64 {
        let Self { side, bins, grid, outer, .. } = self;
        let code = grid.code_of(side.middle(bins.end - 1));
        if code <= 0.0 || *outer == 0.0 {
            return 0.0;
        }
        let from = side.bin_from((code - 0.5) * grid.step).clamp(bins.start, bins.end);
        clipping(side.beyond(from) - outer, *outer)
    }

    /// The sum over all cells but that of code 0, which is added to `zero`.
    fn divergence(&self, zero: &mut Cell) -> f64 {
        let Self { side, bins, grid, .. } = self;
        let (mut bin, mut code) = (bins.start, grid.code_of(side.middle(bins.start)));
        let (mut beyond, mut sum) = (self.inner, 0.0);
        let total = side.before(bins.end)[0];
        loop {
            let next = if code < grid.greatest {
                side.bin_from((code + 0.5) * grid.step).clamp(bin, bins.end)
            } else {
                bins.end
            };
            if next == bins.end {
                beyond += self.outer;
            }
            let (from, to) = (side.before(bin), side.before(next));
            let within = core::array::from_fn(|i| to[i] - from[i]);
            let cell = Cell { within, beyond };
            if code == 0.0 {
                zero.add(&cell);
            } else {
                sum += cell.divergence();
            }
            if next == bins.end {
                return sum;
            }
            // If only elements beyond the window are left, they have the outermost code.
            code = if to[0] == total { grid.greatest } else { code + 1.0 };
            (bin, beyond) = (next, 0.0);
        }
    }
}
