//! The range of every column: the least and the greatest of its elements, and whether one of them is NaN.
//!
//! The bounds of neighbouring columns, a lane for each column, stay in registers for some rows; then the same rows are
//! read again from the first cache for the next columns. `min_number` and `max_number` pass over a NaN, as in
//! `min_max.rs`, but a NaN remains in the greatest magnitude. A zero bound of either sign becomes `+0.0` at the end.
//!
//! The last strip of columns ends with the row and overlaps the strip before it, since it does not matter for a bound how
//! often an element is seen. Rows shorter than a register are copied to one.
//!
//! # Finite elements alone
//!
//! `x − x` is +0 if `x` is finite, and NaN otherwise. So `x + (x − x)` is a finite `x`, or a NaN, over which `min_number`
//! and `max_number` pass. The greater number of `x − x` and −1 is 0 for a finite `x` and −1 otherwise; its sum over some
//! rows, exact in any float, replaces the greatest magnitude. Columns that two strips overlap are counted by the first.

use super::loops::columns::TILE;
use crate::element::{Compute, Number, Real};
#[cfg(feature = "alloc")]
use crate::range::Finite;
use crate::range::MinMax;
use crate::simd::{Elements, Kernel, Load, MOST_LANES, Store};

/// Extends the ranges `dst` by the columns of `src`. `dst` has an element for each column, from one to [`TILE`]. Rows
/// are `stride` apart, and the last row ends with `src`.
pub(crate) struct MinMaxOfColumns<'a, T: Real, R> {
    pub(crate) src: &'a [T],
    pub(crate) stride: usize,
    pub(crate) dst: &'a mut [R],
}

/// A result for a column: [`MinMax`], or [`Finite`], which leaves out and counts the elements that are not finite.
pub(crate) trait OfColumn<T>: Copy {
    const IS_COUNTED: bool;

    /// Adds elements with these bounds. `third` is their greatest magnitude, or minus the number of those left out.
    fn extend(&mut self, min: T, max: T, third: T);
}

impl<T: Compute> OfColumn<T> for MinMax<T> {
    const IS_COUNTED: bool = false;

    #[inline(always)]
    fn extend(&mut self, min: T, max: T, third: T) {
        let has_nan = third.partial_cmp(&third).is_none();
        *self = self.merge_observed(Self { min, max, has_nan });
    }
}

#[cfg(feature = "alloc")]
impl<T: Compute> OfColumn<T> for Finite<T> {
    const IS_COUNTED: bool = true;

    #[inline(always)]
    fn extend(&mut self, min: T, max: T, third: T) {
        let seen = MinMax { min, max, has_nan: false };
        *self = self.merge(Self { seen, not_finite: -third.to_f64() as u64 });
    }
}

/// The number of rows of a tile that stay in the first cache: 16 KiB of `f32`.
const CACHED_ROWS: usize = 16;

/// The number of rows after which the counts are taken, long before they would be rounded.
const COUNTED_ROWS: usize = 256 * CACHED_ROWS;

/// The least and the greatest number of each column, and its greatest magnitude or minus the count.
type Seen<T> = [[T; TILE]; 3];

impl<S: Elements<T>, T: Real, R: OfColumn<T::Compute>> Kernel<S> for MinMaxOfColumns<'_, T, R> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, stride, dst } = self;
        let mut seen = [
            [T::Compute::INFINITY; TILE],
            [T::Compute::NEG_INFINITY; TILE],
            [T::Compute::ZERO; TILE],
        ];
        for rows in src.chunks(stride.saturating_mul(COUNTED_ROWS)) {
            for rows in rows.chunks(stride.saturating_mul(CACHED_ROWS)) {
                of_rows::<S, T, R>(s, rows, stride, dst.len(), &mut seen);
            }
            let [min, max, third] = &mut seen;
            for column in 0..dst.len() {
                let (min, max) = (min[column] + T::Compute::ZERO, max[column] + T::Compute::ZERO);
                dst[column].extend(min, max, third[column]);
                third[column] = T::Compute::ZERO;
            }
        }
    }
}

#[inline(always)]
fn of_rows<S: Elements<T>, T: Real, R: OfColumn<T::Compute>>(
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
            strip::<S, T, R, 1>(s, &lanes, MOST_LANES, 0, seen);
        }
        return;
    }
    let mut at = 0;
    // Each group of columns needs three registers for its bounds. For `f64` one register is two of the CPU's, or more.
    if size_of::<S::V>() == size_of::<S::I32>() {
        while at + S::STEP <= columns {
            strip::<S, T, R, 4>(s, rows, stride, at, seen);
            at += S::STEP;
        }
    }
    while at < columns {
        let counted_to = at;
        at = at.min(columns - S::LANES);
        let mut counted = [T::Compute::ZERO; MOST_LANES];
        if R::IS_COUNTED {
            counted[..counted_to - at].copy_from_slice(&seen[2][at..counted_to]);
        }
        strip::<S, T, R, 1>(s, rows, stride, at, seen);
        if R::IS_COUNTED {
            seen[2][at..counted_to].copy_from_slice(&counted[..counted_to - at]);
        }
        at += S::LANES;
    }
}

/// Extends the bounds of `GROUPS` registers of columns from `at` on.
#[inline(always)]
fn strip<S: Elements<T>, T: Real, R: OfColumn<T::Compute>, const GROUPS: usize>(
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
    let minus_one = s.splat(T::Compute::ZERO - T::Compute::ONE);
    let [mut min, mut max, mut third] = registers;
    for start in (at..rows.len()).step_by(stride) {
        let row = &rows[start..start + GROUPS * S::LANES];
        for group in 0..GROUPS {
            let mut x = Load::load(s, &row[group * S::LANES..]);
            if R::IS_COUNTED {
                let zero = s.sub(x, x);
                x = s.add(x, zero);
                third[group] = s.add(third[group], s.max_number(zero, minus_one));
            } else {
                third[group] = s.max_magnitude(third[group], x);
            }
            min[group] = s.min_number(x, min[group]);
            max[group] = s.max_number(x, max[group]);
        }
    }
    registers = [min, max, third];
    for bound in 0..3 {
        for group in 0..GROUPS {
            let of_group = &mut seen[bound][at + group * S::LANES..];
            Store::<_, T::Compute>::store(registers[bound][group], s, of_group);
        }
    }
}
