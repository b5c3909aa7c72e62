//! The squared error that a grid of codes has on a histogram, if each bin is evenly filled.
//!
//! The elements that a code stands for, its cell, have the error `Σ(x - c)² = Σx² - 2c·Σx + c²·Σ1`, where
//! c is the code's number. Each of the three sums is a difference of cumulative sums. The outermost
//! cells have no outer end, so their errors include the errors of clipping.

use super::choice::Grid;
use super::cumulative::{Side, Sums};

/// The number of steps from which on codes are closer to each other than the two edges of a bin.
pub(super) const COARSE: f64 = 256.0;

/// Returns the number, the sum and the sum of squares of elements that are spread evenly from `a` to `b`.
pub(super) fn sums(a: f64, b: f64, count: f64) -> Sums {
    [count, count * (0.5 * (a + b)), count * ((a * a + a * b + b * b) / 3.0)]
}

/// Returns the expected error, or `None` if neither this range nor a narrower one can have an error below `most`. Zeros
/// have no error and are left out.
pub(super) fn cost([negative, positive]: &[Side; 2], grid: &Grid, most: f64) -> Option<f64> {
    let negated = grid.negated();
    if beyond(positive, grid) + beyond(negative, &negated) >= most {
        return None;
    }
    Some(of_side(positive, grid) + of_side(negative, &negated))
}

/// Returns the sums over all elements with a magnitude below `x`.
fn sums_to(side: &Side, x: f64) -> Sums {
    if x <= 0.0 {
        return [0.0; 3];
    }
    let bin = side.unit.bin(x);
    let (before, after) = (side.before(bin), side.before(bin + 1));
    let ((a, b), count) = (side.ends(bin), after[0] - before[0]);
    if count == 0.0 || x <= a {
        before
    } else if x >= b {
        after
    } else {
        let spread = count - side.elements_at(b);
        let part = sums(a, x, spread * ((x - a) / (b - a)));
        core::array::from_fn(|i| before[i] + part[i])
    }
}

/// Returns `Σ(x - c)²`, given the moments before and after some elements.
fn around(c: f64, from: Sums, to: Sums) -> f64 {
    let [count, sum, squares] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    f64::max(squares - 2.0 * c * sum + c * c * count, 0.0)
}

/// Returns the squared distance of elements from the place two steps beyond the greatest code, if they are farther out.
/// No narrower range has codes in this place, so clipping costs such a range at least as much.
fn beyond(side: &Side, grid: &Grid) -> f64 {
    let end = f64::max((grid.greatest + 2.0) * grid.step, 0.0);
    around(end, sums_to(side, end), side.total())
}

/// Returns the error of the elements of one sign.
fn of_side(side: &Side, grid: &Grid) -> f64 {
    let Grid { step, least, greatest } = *grid;
    let total = side.total();
    let mut code = f64::min(f64::max(least, 0.0), greatest);
    let (mut from, mut sum) = ([0.0; 3], 0.0);
    while code < greatest && from[0] < total[0] {
        let to = sums_to(side, (code + 0.5) * step);
        sum += around(code * step, from, to);
        if to[0] == from[0] {
            // The search skips octaves without elements.
            code = f64::max(code, grid.code_of(side.next((code + 0.5) * step)) - 1.0);
        }
        (from, code) = (to, code + 1.0);
        if code > COARSE && code < greatest {
            // The elements of a bin may be anywhere in the cells of several codes.
            let to = sums_to(side, (greatest - 0.5) * step);
            sum += (to[0] - from[0]) * (step * step / 12.0);
            (from, code) = (to, greatest);
        }
    }
    sum + around(code * step, from, total)
}
