//! Rows whose results take the place of what they are made from.
//!
//! No two steps may overlap, since an element in both would be taken twice: whole steps from the first column
//! on, then what is left in part.

use super::{RowOperation, RowStep, Tile, columns};
use crate::simd::{Kernel, Simd};

/// Applies an operation to the columns of the tile in all of the rows, in place.
pub(crate) struct OnRowsInPlace<'a, O: RowOperation> {
    x: &'a mut [O::Dst],
    table: &'a mut O::Columns,
    tile: Tile,
}

impl<'a, O: RowOperation> OnRowsInPlace<'a, O> {
    pub(crate) fn new(x: &'a mut [O::Dst], table: &'a mut O::Columns, tile: Tile) -> Self {
        Self { x, table, tile }
    }
}

impl<S: Simd, T, O: RowStep<S, Src = T, Dst = T>> Kernel<S> for OnRowsInPlace<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { x, table, tile } = self;
        O::prepare(s, table);
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
