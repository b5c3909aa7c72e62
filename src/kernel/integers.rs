//! The integer of a quantization, before Z is added: `clamp(rint(x ⊘ S), qmin − Z, qmax − Z)`.

use core::marker::PhantomData;

use super::divide::Divide;
use super::operation::Place;
use super::table::Table;
use crate::element::Compute;
use crate::simd::{FloatOps, Simd};

/// The parameters for the integers of one register.
#[derive(Clone, Copy)]
pub(crate) struct Integer<S: Simd, T, D> {
    pub(super) divide: D,
    /// The least integer, `qmin − Z`.
    least: S::I32,
    /// The greatest integer, `qmax − Z`.
    most: S::I32,
    data: PhantomData<T>,
}

impl<S: FloatOps<T>, T: Compute, D: Divide<S, T>> Integer<S, T, D> {
    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Table<T, N>, at: impl Place<S>) -> Self {
        let z = at.ints(s, &table.zero_point);
        Self {
            divide: D::of(s, table, at),
            least: s.i32_sub(at.ints(s, &table.qmin), z),
            most: s.i32_sub(at.ints(s, &table.qmax), z),
            data: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn of_step<const N: usize>(
        s: S,
        table: &Table<T, N>,
        [a, b, c, d]: [impl Place<S>; 4],
    ) -> [Self; 4] {
        [Self::of(s, table, a), Self::of(s, table, b), Self::of(s, table, c), Self::of(s, table, d)]
    }

    #[inline(always)]
    pub(super) fn clamped(&self, s: S, quotient: S::V) -> S::I32 {
        let r = s.i32_max(self.divide.round(s, quotient), self.least);
        if D::CAPPED { r } else { s.i32_min(r, self.most) }
    }
}
