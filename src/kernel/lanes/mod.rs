//! Operations where neighbours have parameters of their own: rows of memory with the same parameters in
//! the same columns.
//!
//! ```text
//! q = clamp(rint(x ⊘ S[c]) + Z[c], qmin[c], qmax[c])        x̂ = T(q − Z[c]) ⊗ S[c]
//! ```
//!
//! The parameters of up to [`TILE`] columns become a [`Table`], an array for each number that the
//! kernels need, which stays in the first cache while all rows pass. The quotient is the one of
//! `divide.rs` or `divide_far.rs`, each lane with numbers of its own; the proofs there are of one element
//! and hold lane by lane. The integer is clamped to `qmin − Z` and `qmax − Z` before Z is added, in 32
//! bits: it is within ±2²⁵ then, or the least integer of all, and nothing wraps.
//!
//! Whole steps, then one more that ends with the row and overlaps; a part of a row that is shorter than
//! a step is loaded and stored in part. In place, where no step may overlap another, that part is what
//! whole steps leave.

mod codes;
mod fake_quantize;
mod requantize;

pub(crate) use codes::{DequantizeRows, QuantizeRows, QuantizeWideRows};
pub(crate) use fake_quantize::FakeQuantizeRows;
pub(crate) use requantize::{RequantizeRowsByFixed, RequantizeRowsByFloat, Rescales};

use super::divide::{ByDivision, ByReciprocal, Divide};
use super::divide_far::ByMarkstein;
use crate::element::Compute;
use crate::params::{Affine, Proved};
use crate::simd::{Floats, Fused, Kernel, LONGEST_STEP, Simd, part};

/// The most columns in a table.
pub(crate) const TILE: usize = 256;

/// What is loaded from a table may begin at any of its columns and be a step.
const LEN: usize = TILE + LONGEST_STEP;

/// The parameters of neighbouring columns.
pub(crate) trait Columns {
    type Params;

    fn new() -> Self;

    /// Forgets all columns.
    fn clear(&mut self);

    fn set(&mut self, column: usize, p: &Self::Params);
}

/// Those of reals and codes. A register that is loaded from it crosses no cache line, if it can be
/// helped.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Table<T> {
    high: [T; LEN],
    low: [T; LEN],
    /// `most ⊗ S`
    hi: [T; LEN],
    pub(super) scale: [T; LEN],
    /// `qmin − Z`
    least: [i32; LEN],
    /// `qmax − Z`
    most: [i32; LEN],
    pub(super) zero_point: [i32; LEN],
    /// Of all columns.
    proved: Proved,
    /// Whether any zero point is not 0.
    shifted: bool,
}

impl<T: Compute> Columns for Table<T> {
    type Params = Affine<T>;

    #[inline(always)]
    fn new() -> Self {
        Self {
            high: [T::ONE; LEN],
            low: [T::ZERO; LEN],
            hi: [T::ZERO; LEN],
            scale: [T::ONE; LEN],
            least: [0; LEN],
            most: [0; LEN],
            zero_point: [0; LEN],
            proved: Proved::Near,
            shifted: false,
        }
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.proved = Proved::Near;
        self.shifted = false;
    }

    #[inline(always)]
    fn set(&mut self, column: usize, p: &Affine<T>) {
        // Codes of 32 bits are not clamped: where this wraps, nothing looks at it.
        let least = p.qmin.wrapping_sub(p.zero_point);
        let most = p.qmax.wrapping_sub(p.zero_point);
        self.high[column] = p.reciprocal.high;
        self.low[column] = p.reciprocal.low;
        self.hi[column] = T::from_i32(most) * p.scale;
        self.scale[column] = p.scale;
        self.least[column] = least;
        self.most[column] = most;
        self.zero_point[column] = p.zero_point;
        self.proved = self.proved.min(p.proved);
        self.shifted |= p.zero_point != 0;
    }
}

impl<T> Table<T> {
    /// What is proved for every column.
    #[inline(always)]
    pub(crate) fn proved(&self) -> Proved {
        self.proved
    }

    /// Whether any column has a zero point that is not 0.
    #[inline(always)]
    pub(crate) fn is_shifted(&self) -> bool {
        self.shifted
    }
}

/// Where the columns of a table stand in rows of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tile {
    /// The columns of a row.
    pub(crate) pitch: usize,
    /// The column that is the table's first.
    pub(crate) column: usize,
    pub(crate) columns: usize,
    /// The columns of the first row that are missing.
    pub(crate) skip: usize,
}

impl Tile {
    /// How many rows there are in `len` elements.
    #[inline(always)]
    pub(crate) fn rows(self, len: usize) -> usize {
        (self.skip + len).div_ceil(self.pitch)
    }

    /// Whether all of its columns are in a row.
    #[inline(always)]
    fn is_whole(self, row: usize, len: usize) -> bool {
        let start = row * self.pitch + self.column;
        start >= self.skip && start + self.columns - self.skip <= len
    }

    /// Its part of a row, as the elements from the first to the second number, and the first one's
    /// place in the table.
    #[inline(always)]
    pub(crate) fn row(self, row: usize, len: usize) -> (usize, usize, usize) {
        let start = row * self.pitch + self.column;
        let from = start.saturating_sub(self.skip).min(len);
        let to = (start + self.columns).saturating_sub(self.skip).min(len);
        (from, to, (from + self.skip).saturating_sub(start))
    }
}

/// A [`Divide`] with numbers of its own for each lane.
pub(crate) trait DivideLanes<S: Floats<T>, T: Compute>: Divide<S, T> {
    /// For the N columns of a table from `at` on.
    fn of_lanes(s: S, table: &Table<T>, at: usize) -> Self;
}

impl<S: Fused<T>, T: Compute> DivideLanes<S, T> for ByReciprocal<S, T> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Table<T>, at: usize) -> Self {
        let hi = Floats::<T>::load(s, &table.hi[at..]);
        let least = s.i32_load(&table.least[at..]);
        let below = s.i32_to_real(s.i32_sub(least, s.i32_splat(1)));
        Self {
            high: Floats::<T>::load(s, &table.high[at..]),
            low: Floats::<T>::load(s, &table.low[at..]),
            hi,
            lo: if S::OVERFLOW_IS_LOW {
                hi
            } else {
                s.mul(below, Floats::<T>::load(s, &table.scale[at..]))
            },
            below,
        }
    }
}

impl<S: Fused<f32>> DivideLanes<S, f32> for ByMarkstein<S> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Table<f32>, at: usize) -> Self {
        let least = s.i32_load(&table.least[at..]);
        Self {
            reciprocal: Floats::<f32>::load(s, &table.high[at..]),
            minus_scale: s.sub(s.splat(0.0), Floats::<f32>::load(s, &table.scale[at..])),
            hi: Floats::<f32>::load(s, &table.hi[at..]),
            below: s.i32_to_real(s.i32_sub(least, s.i32_splat(1))),
        }
    }
}

impl<S: Floats<T>, T: Compute> DivideLanes<S, T> for ByDivision<S, T> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Table<T>, at: usize) -> Self {
        Self::by(s, Floats::<T>::load(s, &table.scale[at..]))
    }
}

/// The columns of a step's registers, of `len` elements from column `at` on, as `load_part` and its kin
/// have them.
#[inline(always)]
fn columns<S: Simd>(at: usize, len: usize) -> [usize; 4] {
    let mut columns = [at; 4];
    for group in 0..4 {
        columns[group] += if S::MASKS || len < S::LANES || len >= S::STEP {
            group * S::LANES
        } else {
            part(len, group, S::LANES)
        };
    }
    columns
}

/// An operation on rows, whatever the instruction set.
pub(crate) trait RowOperation {
    type Columns: Columns;
    type Src;
    type Dst;
}

/// The same on one step, in registers; how they are loaded and stored.
pub(crate) trait RowStep<S>: RowOperation {
    type Loaded;
    type Params: Copy;
    type Result;

    fn load(s: S, src: &[Self::Src]) -> Self::Loaded;
    fn load_part(s: S, src: &[Self::Src]) -> Self::Loaded;
    /// `at`: the column of each register's first lane.
    fn params(s: S, table: &Self::Columns, at: [usize; 4]) -> Self::Params;
    fn apply(s: S, loaded: Self::Loaded, params: &Self::Params) -> Self::Result;
    fn store(s: S, result: Self::Result, dst: &mut [Self::Dst]);
    fn store_part(s: S, result: Self::Result, dst: &mut [Self::Dst]);
}

/// Applies an operation to the columns of a tile in all rows of `src`.
pub(crate) struct OnRows<'a, O: RowOperation> {
    src: &'a [O::Src],
    table: &'a O::Columns,
    tile: Tile,
    dst: &'a mut [O::Dst],
}

impl<'a, O: RowOperation> OnRows<'a, O> {
    pub(crate) fn new(
        src: &'a [O::Src],
        table: &'a O::Columns,
        tile: Tile,
        dst: &'a mut [O::Dst],
    ) -> Self {
        Self { src, table, tile, dst }
    }
}

impl<S: Simd, O: RowStep<S>> Kernel<S> for OnRows<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, table, tile, dst } = self;
        let (rows, len) = (tile.rows(src.len()), src.len());
        let mut row = 0;
        while row < rows {
            let (from, to, at) = tile.row(row, len);
            let last = row + ROWS - 1;
            if tile.columns >= S::STEP && tile.is_whole(row, len) && tile.is_whole(last, len) {
                let end = tile.row(last, len).1;
                some_rows::<S, O>(s, &src[from..end], table, tile, &mut dst[from..end]);
                row += ROWS;
                continue;
            }
            if from < to {
                one_row::<S, O>(s, &src[from..to], table, at, &mut dst[from..to]);
            }
            row += 1;
        }
    }
}

/// How many rows are gone through together, step by step: then their columns' parameters are loaded for
/// all of them, and memory is read in as many places, none of which waits for another. A row alone is a
/// kilobyte here and another one a page or more later, too short for the CPU to see what comes next.
const ROWS: usize = 8;

/// As many whole rows of a tile, the first at the front of `src` and the last at its end.
#[inline(always)]
fn some_rows<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    tile: Tile,
    dst: &mut [O::Dst],
) {
    for step in 0..tile.columns.div_ceil(S::STEP) {
        let i = (step * S::STEP).min(tile.columns - S::STEP);
        let params = O::params(s, table, columns::<S>(i, S::STEP));
        for row in 0..ROWS {
            let i = row * tile.pitch + i;
            O::store(s, O::apply(s, O::load(s, &src[i..]), &params), &mut dst[i..]);
        }
    }
}

#[inline(always)]
fn one_row<S: Simd, O: RowStep<S>>(
    s: S,
    src: &[O::Src],
    table: &O::Columns,
    at: usize,
    dst: &mut [O::Dst],
) {
    let n = src.len();
    if n < S::STEP {
        let params = O::params(s, table, columns::<S>(at, n));
        return O::store_part(s, O::apply(s, O::load_part(s, src), &params), dst);
    }
    for step in 0..n.div_ceil(S::STEP) {
        let i = (step * S::STEP).min(n - S::STEP);
        let params = O::params(s, table, columns::<S>(at + i, S::STEP));
        O::store(s, O::apply(s, O::load(s, &src[i..]), &params), &mut dst[i..]);
    }
}

/// The same where the results take the place of what they are made from.
pub(crate) struct OnRowsInPlace<'a, O: RowOperation> {
    x: &'a mut [O::Dst],
    table: &'a O::Columns,
    tile: Tile,
}

impl<'a, O: RowOperation> OnRowsInPlace<'a, O> {
    pub(crate) fn new(x: &'a mut [O::Dst], table: &'a O::Columns, tile: Tile) -> Self {
        Self { x, table, tile }
    }
}

impl<S: Simd, T, O: RowStep<S, Src = T, Dst = T>> Kernel<S> for OnRowsInPlace<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { x, table, tile } = self;
        for row in 0..tile.rows(x.len()) {
            let (from, to, at) = tile.row(row, x.len());
            if from < to {
                one_row_in_place::<S, T, O>(s, &mut x[from..to], table, at);
            }
        }
    }
}

#[inline(always)]
fn one_row_in_place<S: Simd, T, O: RowStep<S, Src = T, Dst = T>>(
    s: S,
    x: &mut [T],
    table: &O::Columns,
    mut at: usize,
) {
    let mut steps = x.chunks_exact_mut(S::STEP);
    for step in &mut steps {
        let params = O::params(s, table, columns::<S>(at, S::STEP));
        O::store(s, O::apply(s, O::load(s, step), &params), step);
        at += S::STEP;
    }
    let rest = steps.into_remainder();
    if !rest.is_empty() {
        let params = O::params(s, table, columns::<S>(at, rest.len()));
        O::store_part(s, O::apply(s, O::load_part(s, rest), &params), rest);
    }
}
