//! The squared error that a grid of codes has on a histogram, whose bins are filled evenly.
//!
//! The mean of `(x - x̂)²` over the bin from a to b is an integral over the codes' cells in it. In
//! the cell of code n the remainder `r = x - n·S` grows evenly, and the mean of r² from r to r' is
//! `(r² + r·r' + r'²) / 3`: a sum of squares, so nothing is lost to cancellation, however narrow the
//! part. The outermost cells have no outer end, so this is the error of clipping too.

use crate::observer::bins::{Counts, ZERO};
use crate::observer::choice::{Grid, Limits, slot_at};

/// The expected error, or a number from `most` on if it is not less.
pub(super) fn of(counts: &Counts, limits: &Limits, grid: &Grid, most: f64) -> f64 {
    let mut sum = counts[ZERO] as f64 * mean_square(0.0, 0.0, grid);
    for k in limits.window.lower..limits.window.upper {
        let count = counts[slot_at(k)];
        if count == 0 {
            continue;
        }
        // The data begin and end within their outermost bins.
        let a = f64::max(f64::from(k), limits.min);
        let b = f64::min(f64::from(k + 1), limits.max);
        sum += count as f64 * mean_square(a, b, grid);
        if sum >= most {
            break;
        }
    }
    sum
}

/// The mean of the squared error between `a` and `b`.
#[inline(always)]
fn mean_square(a: f64, b: f64, grid: &Grid) -> f64 {
    let (first, last) = (grid.code_of(a), grid.code_of(b));
    let (from, to) = (a - first * grid.step, b - last * grid.step);
    if first == last {
        return mean_of_squares(from, to);
    }
    let half = 0.5 * grid.step;
    let between = (last - first - 1.0) * grid.step * (half * half / 3.0);
    let sum = (half - from) * mean_of_squares(from, half)
        + between
        + (to + half) * mean_of_squares(-half, to);
    sum / (b - a)
}

/// The mean of r² for r that grows evenly.
#[inline(always)]
fn mean_of_squares(from: f64, to: f64) -> f64 {
    (from * from + from * to + to * to) / 3.0
}
