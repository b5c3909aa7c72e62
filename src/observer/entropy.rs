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
        let p = q + self.beyond;
        if p == 0.0 {
            return 0.0;
        }
        if q == 0.0 {
            return p * libm::log(p / NEXT_TO_NOTHING);
        }
        let inside = f64::max(information - q * libm::log(q / width), 0.0);
        if p == q { inside } else { p / q * inside + p * libm::log(p / q) }
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.within.iter_mut().zip(other.within) {
            *sum += more;
        }
        self.beyond += other.beyond;
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

    /// The divergence times the number of elements; `None` if half of them are beyond the window.
    pub(super) fn of(&self, Window { lower, upper }: Window, grid: &Grid) -> Option<f64> {
        let Sides { positive, negative } = &self.sides;
        // The bins of each side that are in the window.
        let above_0 = bin_at(lower.max(0))..bin_at(upper.max(0));
        let below_0 = bin_at((-upper).max(0))..bin_at((-lower).max(0));
        let above = positive.beyond(above_0.end) + negative.before(below_0.start)[0];
        let below = negative.beyond(below_0.end) + positive.before(above_0.start)[0];
        let within = self.total - below - above;
        if within < 0.5 * self.total {
            return None;
        }
        let mut zero = Cell::default();
        let mut sum = self.total * libm::log(within / self.total);
        if upper > 0 {
            let inner = if lower < 0 { 0.0 } else { below };
            sum += of_part(positive, above_0, grid, (inner, above), &mut zero);
        }
        if lower < 0 {
            let inner = if upper > 0 { 0.0 } else { above };
            sum += of_part(negative, below_0, &grid.negated(), (inner, below), &mut zero);
        }
        Some(sum + zero.divergence())
    }
}

/// The sum over all cells of some bins but that of code 0, which is added to `zero`. The innermost and
/// the outermost cell have so many elements from beyond the window.
fn of_part(
    side: &Side,
    bins: Range<i32>,
    grid: &Grid,
    (inner, outer): (f64, f64),
    zero: &mut Cell,
) -> f64 {
    let (mut bin, mut code) = (bins.start, grid.code_of(side.middle(bins.start)));
    let (mut beyond, mut sum) = (inner, 0.0);
    let total = side.before(bins.end)[0];
    loop {
        let next = if code < grid.greatest {
            side.bin_from((code + 0.5) * grid.step).clamp(bin, bins.end)
        } else {
            bins.end
        };
        let (from, to) = (side.before(bin), side.before(next));
        let within = core::array::from_fn(|i| to[i] - from[i]);
        let cell = Cell { within, beyond: beyond + if next == bins.end { outer } else { 0.0 } };
        if code == 0.0 {
            zero.add(&cell);
        } else {
            sum += cell.divergence();
        }
        if next == bins.end {
            return sum;
        }
        (bin, code, beyond) = (next, code + 1.0, 0.0);
        if to[0] == total {
            // Only elements beyond the window are left.
            code = grid.greatest;
        } else if code > COARSE {
            // A bin that alone has its code is without divergence. The last may have more elements.
            (bin, code) = (bins.end - 1, grid.greatest);
        }
    }
}
