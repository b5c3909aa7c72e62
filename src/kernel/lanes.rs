//! Quantize and dequantize where neighbours have parameters of their own: rows of memory with the same
//! parameters in the same columns.
//!
//! ```text
//! q = clamp(rint(x ⊘ S[c]) + Z[c], qmin[c], qmax[c])        x̂ = T(q − Z[c]) ⊗ S[c]
//! ```
//!
//! The parameters of up to [`TILE`] columns become a [`Table`], an array for each number that the
//! kernels need, which stays in the first cache while all rows pass. The quotient is the one of
//! `divide.rs`, each lane with numbers of its own; the proofs there are of one element and hold lane by
//! lane. The integer is clamped to `qmin − Z` and `qmax − Z` before Z is added, in 32 bits: it is
//! within ±2²⁵ then, or the least integer of all, and nothing wraps.
//!
//! Whole steps, then one more that ends with the row and overlaps; a part of a row that is shorter than
//! a step is loaded and stored in part.

use core::marker::PhantomData;

use super::divide::{ByDivision, ByReciprocal, Divide};
use crate::element::{Code, Compute, Real};
use crate::params::{Affine, Proved};
use crate::simd::{Codes, Elements, Floats, Fused, Kernel, LONGEST_STEP, Simd, part};

/// The most columns in a table.
pub(crate) const TILE: usize = 256;

/// What is loaded from a table may begin at any of its columns and be a step.
const LEN: usize = TILE + LONGEST_STEP;

/// The parameters of neighbouring columns.
#[derive(Debug)]
pub(crate) struct Table<T> {
    high: [T; LEN],
    low: [T; LEN],
    /// `most ⊗ S`
    hi: [T; LEN],
    scale: [T; LEN],
    /// `qmin − Z`
    least: [i32; LEN],
    /// `qmax − Z`
    most: [i32; LEN],
    zero_point: [i32; LEN],
    near: bool,
}

impl<T: Compute> Table<T> {
    pub(crate) fn new() -> Self {
        Self {
            high: [T::ONE; LEN],
            low: [T::ZERO; LEN],
            hi: [T::ZERO; LEN],
            scale: [T::ONE; LEN],
            least: [0; LEN],
            most: [0; LEN],
            zero_point: [0; LEN],
            near: true,
        }
    }

    /// Forgets that any column needs the division.
    pub(crate) fn clear(&mut self) {
        self.near = true;
    }

    /// Whether the reciprocal is proved for every column since it was cleared.
    pub(crate) fn is_near(&self) -> bool {
        self.near
    }

    pub(crate) fn set(&mut self, column: usize, p: &Affine<T>) {
        let (least, most) = (p.qmin - p.zero_point, p.qmax - p.zero_point);
        self.high[column] = p.reciprocal.high;
        self.low[column] = p.reciprocal.low;
        self.hi[column] = T::from_i32(most) * p.scale;
        self.scale[column] = p.scale;
        self.least[column] = least;
        self.most[column] = most;
        self.zero_point[column] = p.zero_point;
        self.near &= p.proved == Proved::Near;
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

impl<S: Floats<T>, T: Compute> DivideLanes<S, T> for ByDivision<S, T> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Table<T>, at: usize) -> Self {
        Self::by(s, Floats::<T>::load(s, &table.scale[at..]))
    }
}

/// The places of a step's registers in `len` elements, as `load_part` and its kin have them.
#[inline(always)]
fn places<S: Simd>(len: usize) -> [usize; 4] {
    let mut places = [0; 4];
    for group in 0..4 {
        places[group] = if S::MASKS || len < S::LANES || len >= S::STEP {
            group * S::LANES
        } else {
            part(len, group, S::LANES)
        };
    }
    places
}

/// Quantizes the columns of a tile in all rows of `src`.
pub(crate) struct QuantizeLanes<'a, T: Real, Q, D> {
    src: &'a [T],
    table: &'a Table<T::Compute>,
    tile: Tile,
    dst: &'a mut [Q],
    divide: PhantomData<D>,
}

impl<'a, T: Real, Q, D> QuantizeLanes<'a, T, Q, D> {
    pub(crate) fn new(
        src: &'a [T],
        table: &'a Table<T::Compute>,
        tile: Tile,
        dst: &'a mut [Q],
    ) -> Self {
        Self { src, table, tile, dst, divide: PhantomData }
    }
}

impl<S, T, Q, D> Kernel<S> for QuantizeLanes<'_, T, Q, D>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideLanes<S, T::Compute>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, table, tile, dst, .. } = self;
        for row in 0..tile.rows(src.len()) {
            let (from, to, at) = tile.row(row, src.len());
            if from < to {
                quantize_row::<S, T, Q, D>(s, &src[from..to], table, at, &mut dst[from..to]);
            }
        }
    }
}

#[inline(always)]
fn quantize_row<S, T, Q, D>(s: S, src: &[T], table: &Table<T::Compute>, at: usize, dst: &mut [Q])
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideLanes<S, T::Compute>,
{
    let n = src.len();
    if n < S::STEP {
        let x = Elements::<T>::load_part(s, src, T::zeroed());
        let q = quantize_step::<S, T, Q, D>(s, x, table, at, places::<S>(n));
        return s.store_codes_part(q, dst);
    }
    let whole = places::<S>(S::STEP);
    for step in 0..n.div_ceil(S::STEP) {
        let i = (step * S::STEP).min(n - S::STEP);
        let x = Elements::<T>::load_step(s, &src[i..]);
        let q = quantize_step::<S, T, Q, D>(s, x, table, at + i, whole);
        s.store_codes(q, &mut dst[i..]);
    }
}

#[inline(always)]
fn quantize_step<S, T, Q, D>(
    s: S,
    x: [S::V; 4],
    table: &Table<T::Compute>,
    at: usize,
    places: [usize; 4],
) -> S::Packed
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideLanes<S, T::Compute>,
{
    let mut n = [s.i32_splat(0); 4];
    for group in 0..4 {
        let at = at + places[group];
        let divide = D::of_lanes(s, table, at);
        let rounded = divide.round(s, divide.quotient(s, x[group]));
        n[group] = s.i32_max(rounded, s.i32_load(&table.least[at..]));
        if !D::CAPPED {
            n[group] = s.i32_min(n[group], s.i32_load(&table.most[at..]));
        }
        n[group] = s.i32_add(n[group], s.i32_load(&table.zero_point[at..]));
    }
    s.pack([s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])])
}

/// Dequantizes the columns of a tile in all rows of `src`.
pub(crate) struct DequantizeLanes<'a, T: Real, Q> {
    pub(crate) src: &'a [Q],
    pub(crate) table: &'a Table<T::Compute>,
    pub(crate) tile: Tile,
    pub(crate) dst: &'a mut [T],
}

impl<S, T, Q> Kernel<S> for DequantizeLanes<'_, T, Q>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, table, tile, dst } = self;
        for row in 0..tile.rows(src.len()) {
            let (from, to, at) = tile.row(row, src.len());
            if from < to {
                dequantize_row::<S, T, Q>(s, &src[from..to], table, at, &mut dst[from..to]);
            }
        }
    }
}

#[inline(always)]
fn dequantize_row<S, T, Q>(s: S, src: &[Q], table: &Table<T::Compute>, at: usize, dst: &mut [T])
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    let n = src.len();
    if n < S::STEP {
        let q = s.load_codes_part(src);
        let x = dequantize_step::<S, T>(s, q, table, at, places::<S>(n));
        return Elements::<T>::store_part(s, x, dst);
    }
    let whole = places::<S>(S::STEP);
    for step in 0..n.div_ceil(S::STEP) {
        let i = (step * S::STEP).min(n - S::STEP);
        let q = s.load_codes(&src[i..]);
        let x = dequantize_step::<S, T>(s, q, table, at + i, whole);
        Elements::<T>::store_step(s, x, &mut dst[i..]);
    }
}

#[inline(always)]
fn dequantize_step<S, T>(
    s: S,
    q: [S::I32; 4],
    table: &Table<T::Compute>,
    at: usize,
    places: [usize; 4],
) -> [S::V; 4]
where
    S: Elements<T>,
    T: Real,
{
    let mut x = [s.splat(T::Compute::ZERO); 4];
    for group in 0..4 {
        let at = at + places[group];
        let n = s.i32_sub(q[group], s.i32_load(&table.zero_point[at..]));
        let scale = Floats::<T::Compute>::load(s, &table.scale[at..]);
        x[group] = s.mul(s.i32_to_real(n), scale);
    }
    x
}
