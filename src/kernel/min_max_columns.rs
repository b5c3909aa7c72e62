//! Range of every column: the least and the greatest of the elements that stand one below the other, and
//! whether there is a NaN among them.
//!
//! A strip of neighbouring columns keeps its bounds in registers while some rows pass, a lane a column;
//! then the next strip of these rows, which the first cache holds meanwhile. `min_number` and
//! `max_number` pass over a NaN, as in `min_max.rs`; that there was one remains in the greatest
//! magnitude, where a NaN stays once it is there. A zero bound of either sign becomes `+0.0` at the end.
//!
//! The last strip ends with the row and overlaps, since it does not matter how often an element is seen;
//! rows shorter than a register are copied to one.

use super::loops::columns::TILE;
use crate::element::{Number, Real};
use crate::range::MinMax;
use crate::simd::{Elements, Kernel, Load, MOST_LANES, Store};

/// The ranges of the columns of `src`, of which there are as many as `dst` has elements, at least one
/// and at most [`TILE`]: rows are `stride` apart, and the last one ends with `src`.
pub(crate) struct MinMaxOfColumns<'a, T: Real> {
    pub(crate) src: &'a [T],
    pub(crate) stride: usize,
    pub(crate) dst: &'a mut [MinMax<T::Compute>],
}

/// Rows of a tile that stay in the first cache: 16 KiB of `f32`.
const IN_CHAINS: usize = 16;

/// The bounds of the columns seen so far.
struct Seen<T> {
    min: [T; TILE],
    max: [T; TILE],
    magnitude: [T; TILE],
}

impl<S: Elements<T>, T: Real> Kernel<S> for MinMaxOfColumns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, stride, dst } = self;
        let columns = dst.len();
        let mut seen = Seen {
            min: [T::Compute::INFINITY; TILE],
            max: [T::Compute::NEG_INFINITY; TILE],
            magnitude: [T::Compute::ZERO; TILE],
        };
        let rows = (src.len() - columns) / stride + 1;
        let mut row = 0;
        while row < rows {
            let some = IN_CHAINS.min(rows - row);
            of_rows::<S, T>(s, &src[row * stride..], stride, some, columns, &mut seen);
            row += some;
        }
        for column in 0..columns {
            let magnitude = seen.magnitude[column];
            dst[column] = MinMax {
                min: seen.min[column] + T::Compute::ZERO,
                max: seen.max[column] + T::Compute::ZERO,
                has_nan: magnitude.partial_cmp(&magnitude).is_none(),
            };
        }
    }
}

#[inline(always)]
fn of_rows<S: Elements<T>, T: Real>(
    s: S,
    src: &[T],
    stride: usize,
    rows: usize,
    columns: usize,
    seen: &mut Seen<T::Compute>,
) {
    if columns < S::LANES {
        return of_narrow_rows::<S, T>(s, src, stride, rows, columns, seen);
    }
    let mut at = 0;
    // Three registers of each group are bounds; of `f64` each is two of the CPU's, or more.
    if size_of::<S::V>() == size_of::<S::I32>() {
        while at + S::STEP <= columns {
            strip::<S, T, 4>(s, src, stride, rows, at, seen);
            at += S::STEP;
        }
    }
    while at < columns {
        at = at.min(columns - S::LANES);
        strip::<S, T, 1>(s, src, stride, rows, at, seen);
        at += S::LANES;
    }
}

/// Rows shorter than a register: what is behind them counts as 0, and is left out of what is seen.
#[inline(always)]
fn of_narrow_rows<S: Elements<T>, T: Real>(
    s: S,
    src: &[T],
    stride: usize,
    rows: usize,
    columns: usize,
    seen: &mut Seen<T::Compute>,
) {
    let mut lanes = [T::zeroed(); MOST_LANES];
    for row in 0..rows {
        let at = row * stride;
        lanes[..columns].copy_from_slice(&src[at..at + columns]);
        strip::<S, T, 1>(s, &lanes, 0, 1, 0, seen);
    }
}

/// Some rows of the columns of `GROUPS` registers from `at` on.
#[inline(always)]
fn strip<S: Elements<T>, T: Real, const GROUPS: usize>(
    s: S,
    src: &[T],
    stride: usize,
    rows: usize,
    at: usize,
    seen: &mut Seen<T::Compute>,
) {
    let mut min = [s.splat(T::Compute::INFINITY); GROUPS];
    let mut max = [s.splat(T::Compute::NEG_INFINITY); GROUPS];
    let mut magnitude = [s.splat(T::Compute::ZERO); GROUPS];
    for group in 0..GROUPS {
        let at = at + group * S::LANES;
        min[group] = Load::load(s, &seen.min[at..]);
        max[group] = Load::load(s, &seen.max[at..]);
        magnitude[group] = Load::load(s, &seen.magnitude[at..]);
    }
    for row in 0..rows {
        let start = row * stride + at;
        let src = &src[start..start + GROUPS * S::LANES];
        for group in 0..GROUPS {
            let x = Load::load(s, &src[group * S::LANES..]);
            min[group] = s.min_number(x, min[group]);
            max[group] = s.max_number(x, max[group]);
            magnitude[group] = s.max_magnitude(magnitude[group], x);
        }
    }
    for group in 0..GROUPS {
        let at = at + group * S::LANES;
        Store::<_, T::Compute>::store(min[group], s, &mut seen.min[at..]);
        Store::<_, T::Compute>::store(max[group], s, &mut seen.max[at..]);
        Store::<_, T::Compute>::store(magnitude[group], s, &mut seen.magnitude[at..]);
    }
}
