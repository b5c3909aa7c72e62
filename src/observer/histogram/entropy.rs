//! The divergence between a clipped histogram and its quantized form.
//!
//! The cell of a code is the set of bins whose middles have this code. The divergence is a sum over cells:
//!
//! ```text
//! N · Σ p ln(p / q) = Σ over cells  P · (D + ln(P / Q)) + N ln(N' / N)
//!     N, N'   the number of elements; of elements within the range
//!     Q       the number of elements of the cell that are within the range
//!     P       Q, and in an outermost cell also the elements beyond the range
//!     D       (Σ over the bins of the cell  n ln(n / w)) / Q - ln(Q / W):
//!             n elements are in a bin of width w, and W is the width of all bins with elements
//! ```

use core::ops::Range;

use super::choice::{Grid, Window};
use super::cumulative::{NEGATIVE, POSITIVE, Side, Sums};
use super::least_error::COARSE;
use crate::element::Number;

/// Replaces Q = 0 in an outermost cell, where a single outlier would make the divergence infinite. MXNet and ONNX
/// Runtime use the same number.
const NEXT_TO_NOTHING: f64 = 1e-4;

/// The sums over the cell of one code: the [`sums`] of its bins within the range, and the number of elements
/// beyond the range that have this code.
type Cell = (Sums, f64);

/// Returns `P · (D + ln(P / Q))`, which is not negative.
fn divergence(([q, information, width], beyond): Cell) -> f64 {
    let loss = clipping(q, beyond);
    if q == 0.0 {
        return loss;
    }
    let inside = f64::max(information - q * libm::log(q / width), 0.0);
    (q + beyond) / q * inside + loss
}

/// Returns `P · ln(P / Q)`.
fn clipping(q: f64, beyond: f64) -> f64 {
    let p = q + beyond;
    if beyond == 0.0 { 0.0 } else { p * libm::log(p / if q == 0.0 { NEXT_TO_NOTHING } else { q }) }
}

/// Returns the number of elements that are spread evenly from `a` to `b`, their `n ln(n / w)`, and their width w.
pub(super) fn sums(a: f64, b: f64, count: f64) -> Sums {
    [count, count * (libm::log(count) - libm::log(b - a)), b - a]
}

/// Returns the divergence times the number of elements. If this is at least `most`, the result may be any number of at
/// least `most`. Returns `None` if more than half of the elements are beyond the window. Zeros are left out.
pub(super) fn cost(sides: &[Side; 2], window: Window, grid: &Grid, most: f64) -> Option<f64> {
    let total = sides[NEGATIVE].total()[0] + sides[POSITIVE].total()[0];
    let grid = coarse(grid);
    // This returns the bins of a side that are in the window.
    let bins = |side: usize| 1 + (-window[1 - side]).max(0)..1 + window[side].max(0);
    // The elements beyond the end of a side may be of both signs.
    let outside = [NEGATIVE, POSITIVE].map(|side| {
        let opposite = sides[1 - side].before(bins(1 - side).start)[0];
        sides[side].beyond(bins(side).end) + opposite
    });
    let within = total - outside[NEGATIVE] - outside[POSITIVE];
    if within < 0.5 * total {
        return None;
    }
    let part = |side: usize, grid| Part {
        side: &sides[side],
        bins: bins(side),
        grid,
        inner: if window[1 - side] > 0 { 0.0 } else { outside[1 - side] },
        outer: outside[side],
    };
    let (mut positive, mut negative) = (part(POSITIVE, grid), part(NEGATIVE, grid.negated()));

    // Code 0 is a code of both signs.
    let (a, b) = (positive.take_zero(), negative.take_zero());
    let zero = divergence((core::array::from_fn(|i| a.0[i] + b.0[i]), a.1 + b.1));
    let mut sum = total * libm::log(within / total) + zero;
    let least = sum + positive.least() + negative.least();
    if least >= most {
        return Some(least);
    }
    sum += positive.divergence(most - sum);
    sum += negative.divergence(most - sum);
    Some(sum)
}

/// Returns the grid, with larger steps if a code is more than [`COARSE`] steps from 0: bins are no finer.
fn coarse(grid: &Grid) -> Grid {
    let factor = f64::max(f64::max(grid.greatest, -grid.least) / COARSE, 1.0);
    Grid {
        step: grid.step * factor,
        least: (grid.least / factor).rint(),
        greatest: (grid.greatest / factor).rint(),
    }
}

/// The bins of one sign that are within a window. `inner` elements beyond the window have the code of the
/// innermost bin, and `outer` elements have the code of the outermost bin.
struct Part<'a> {
    side: &'a Side,
    bins: Range<i32>,
    grid: Grid,
    inner: f64,
    outer: f64,
}

impl Part<'_> {
    /// Returns the cell of `code`, whose first bin is `bin`, and the first bin behind the cell.
    fn cell(&self, bin: i32, code: f64) -> (Cell, i32) {
        let Self { side, bins, grid, .. } = self;
        let next = if code < grid.greatest {
            side.bin_from((code + 0.5) * grid.step).clamp(bin, bins.end)
        } else {
            bins.end
        };
        let (from, to) = (side.before(bin), side.before(next));
        let inner = if bin == bins.start { self.inner } else { 0.0 };
        let outer = if next == bins.end { self.outer } else { 0.0 };
        ((core::array::from_fn(|i| to[i] - from[i]), inner + outer), next)
    }

    /// Removes the bins of code 0, and returns their cell.
    fn take_zero(&mut self) -> Cell {
        if self.bins.is_empty() || self.grid.code_of(self.side.middle(self.bins.start)) != 0.0 {
            return Cell::default();
        }
        let (cell, next) = self.cell(self.bins.start, 0.0);
        (self.bins.start, self.inner) = (next, 0.0);
        cell
    }

    /// Returns the divergence of clipping to the outermost code, a lower bound of the whole divergence.
    fn least(&self) -> f64 {
        let Self { side, bins, grid, outer, .. } = self;
        if bins.is_empty() {
            return 0.0;
        }
        let code = grid.code_of(side.middle(bins.end - 1));
        let from = side.bin_from((code - 0.5) * grid.step).clamp(bins.start, bins.end);
        clipping(side.beyond(from) - outer, *outer)
    }

    /// Returns the sum over all cells. If this is at least `most`, the result may be any number of at least `most`.
    fn divergence(&self, most: f64) -> f64 {
        let Self { side, bins, grid, .. } = self;
        if bins.is_empty() {
            return 0.0;
        }
        let (mut bin, mut code) = (bins.start, grid.code_of(side.middle(bins.start)));
        let total = side.before(bins.end)[0];
        let mut sum = 0.0;
        while bin < bins.end && sum < most {
            let (cell, next) = self.cell(bin, code);
            sum += divergence(cell);
            bin = next;
            // After the last element within the window, only the outermost code is left.
            code = if side.before(bin)[0] == total { grid.greatest } else { code + 1.0 };
        }
        sum
    }
}
