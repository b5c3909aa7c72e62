//! The squared error that a grid of codes has on a histogram, whose bins are filled evenly.
//!
//! The mean of `(x - x̂)²` over the bin from a to b is an integral over the codes' cells in it. In
//! the cell of code n the remainder `r = x - n·S` grows evenly, and the mean of r² from r to r' is
//! `(r² + r·r' + r'²) / 3`: a sum of squares, so nothing is lost to cancellation, however narrow the
//! part. The outermost cells have no outer end, so this is the error of clipping too.

use crate::observer::bins::Counts;
use crate::observer::choice::{Grid, Limits, slot_at};

/// The expected error, or a number from `most` on if it is not less.
pub(super) fn of(counts: &Counts, limits: &Limits, grid: &Grid, most: f64) -> f64 {
    // Zeros have none: every window that is tried has a code for them.
    let mut sum = 0.0;
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

#[cfg(test)]
mod tests {
    use super::{Grid, mean_square, of};
    use crate::observer::bins::HALF;
    use crate::observer::choice::{Limits, Window, slot_at};

    #[test]
    fn mean_square_is_the_mean_of_many_points() {
        for (least, greatest) in [(-1.0, 2.0), (-9.0, 9.0), (0.0, 1.0)] {
            for (a, b) in [(0.0, 1.0), (-3.0, -2.0), (0.2, 0.21), (-1.0, 0.0), (2.0, 3.0)] {
                let grid = Grid { step: 0.3, least, greatest };
                let mut sum = 0.0;
                for i in 0..100_000 {
                    let x = a + (b - a) * (f64::from(i) + 0.5) / 100_000.0;
                    let error = x - (x / 0.3_f64).round().clamp(least, greatest) * 0.3;
                    sum += error * error / 100_000.0;
                }
                let found = mean_square(a, b, &grid);
                assert!((found - sum).abs() <= 1e-6 * sum, "{a} {b} {grid:?}: {found}, not {sum}");
            }
        }
    }

    #[test]
    fn outermost_bins_end_where_the_data_do() {
        let mut counts = [0; 2 * HALF + 1];
        counts[slot_at(5)] = 10;
        let limits = Limits { window: Window { lower: 5, upper: 6 }, min: 5.0, max: 5.0 };
        let grid = Grid { step: 2.0, least: 0.0, greatest: 9.0 };
        // Ten times the number 5, which becomes 4.
        assert_eq!(of(&counts, &limits, &grid, f64::INFINITY), 10.0);
        assert!(of(&counts, &limits, &grid, 3.0) >= 3.0);
    }
}
