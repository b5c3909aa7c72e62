//! The range of every column: the least and the greatest of its elements, and whether one of them is NaN.
//!
//! The bounds of neighbouring columns, a lane for each column, stay in registers for some rows; then the same rows are
//! read again from the first cache for the next columns. `min_number` and `max_number` pass over a NaN, as in
//! `min_max.rs`, but a NaN remains in the greatest magnitude. A zero bound of either sign becomes `+0.0` at the end.
//!
//! The last strip of columns ends with the row and overlaps the strip before it, since it does not matter how often an
//! element is seen. Rows shorter than a register are copied to one.

use super::loops::columns::TILE;
use crate::element::{Number, Real};
use crate::range::MinMax;
use crate::simd::{Elements, Kernel, Load, MOST_LANES, Store};

/// Extends the ranges `dst` by the columns of `src`. `dst` has an element for each column, from one to [`TILE`]. Rows
/// are `stride` apart, and the last row ends with `src`.
pub(crate) struct MinMaxOfColumns<'a, T: Real> {
    pub(crate) src: &'a [T],
    pub(crate) stride: usize,
    pub(crate) dst: &'a mut [MinMax<T::Compute>],
}

/// The number of rows of a tile that stay in the first cache: 16 KiB of `f32`.
const CACHED_ROWS: usize = 16;

/// The least and the greatest number and the greatest magnitude of each column.
type Seen<T> = [[T; TILE]; 3];

impl<S: Elements<T>, T: Real> Kernel<S> for MinMaxOfColumns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, stride, dst } = self;
        let mut seen = [
            [T::Compute::INFINITY; TILE],
            [T::Compute::NEG_INFINITY; TILE],
            [T::Compute::ZERO; TILE],
        ];
        for rows in src.chunks(stride.saturating_mul(CACHED_ROWS)) {
            of_rows::<S, T>(s, rows, stride, dst.len(), &mut seen);
        }
        let [min, max, magnitude] = seen;
        for column in 0..dst.len() {
            dst[column] = dst[column].merge_observed(MinMax {
                min: min[column] + T::Compute::ZERO,
                max: max[column] + T::Compute::ZERO,
                has_nan: magnitude[column].partial_cmp(&magnitude[column]).is_none(),
            });
        }
    }
}

#[inline(always)]
fn of_rows<S: Elements<T>, T: Real>(
    s: S,
    rows: &[T],
    stride: usize,
    columns: usize,
    seen: &mut Seen<T::Compute>,
) {
    if columns < S::LANES {
        // Lanes beyond the row hold 0, and do not enter the result.
        let mut lanes = [T::zeroed(); MOST_LANES];
        for row in rows.chunks(stride) {
            lanes[..columns].copy_from_slice(&row[..columns]);
            strip::<S, T, 1>(s, &lanes, MOST_LANES, 0, seen);
        }
        return;
    }
    let mut at = 0;
    // Each group of columns needs three registers for its bounds. For `f64` one register is two of the CPU's, or more.
    if size_of::<S::V>() == size_of::<S::I32>() {
        while at + S::STEP <= columns {
            strip::<S, T, 4>(s, rows, stride, at, seen);
            at += S::STEP;
        }
    }
    while at < columns {
        at = at.min(columns - S::LANES);
        strip::<S, T, 1>(s, rows, stride, at, seen);
        at += S::LANES;
    }
}

/// Extends the bounds of `GROUPS` registers of columns from `at` on.
#[inline(always)]
fn strip<S: Elements<T>, T: Real, const GROUPS: usize>(
    s: S,
    rows: &[T],
    stride: usize,
    at: usize,
    seen: &mut Seen<T::Compute>,
) {
    let mut registers = [[s.splat(T::Compute::ZERO); GROUPS]; 3];
    for bound in 0..3 {
        for group in 0..GROUPS {
            let of_group = &seen[bound][at + group * S::LANES..];
            registers[bound][group] = Load::load(s, of_group);
        }
    }
    let [mut min, mut max, mut magnitude] = registers;
    for start in (at..rows.len()).step_by(stride) {
        let row = &rows[start..start + GROUPS * S::LANES];
        for group in 0..GROUPS {
            let x = Load::load(s, &row[group * S::LANES..]);
            min[group] = s.min_number(x, min[group]);
            max[group] = s.max_number(x, max[group]);
            magnitude[group] = s.max_magnitude(magnitude[group], x);
        }
    }
    registers = [min, max, magnitude];
    for bound in 0..3 {
        for group in 0..GROUPS {
            let of_group = &mut seen[bound][at + group * S::LANES..];
            Store::<_, T::Compute>::store(registers[bound][group], s, of_group);
        }
    }
}
