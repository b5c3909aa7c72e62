//! The integer of a quantization, before Z is added: `clamp(rint(x ⊘ S), qmin − Z, qmax − Z)`.

use super::divide::Divide;
use super::operation::Place;
use super::table::Table;
use crate::element::Compute;
use crate::simd::{FloatOps, Simd};

/// The parameters of one register.
#[derive(Clone, Copy)]
pub(crate) struct Integer<S: Simd, D> {
    pub(super) divide: D,
    /// `qmin − Z`
    pub(super) least: S::I32,
    /// `qmax − Z`
    pub(super) most: S::I32,
}

impl<S: Simd, D> Integer<S, D> {
    #[inline(always)]
    pub(super) fn of<T: Compute, const N: usize>(
        s: S,
        table: &Table<T, N>,
        at: impl Place<S>,
    ) -> Self
    where
        S: FloatOps<T>,
        D: Divide<S, T>,
    {
        let z = at.ints(s, &table.zero_point);
        Self {
            divide: D::of(s, table, at),
            least: s.i32_sub(at.ints(s, &table.qmin), z),
            most: s.i32_sub(at.ints(s, &table.qmax), z),
        }
    }

    #[inline(always)]
    pub(super) fn of_step<T: Compute, const N: usize>(
        s: S,
        table: &Table<T, N>,
        at: [impl Place<S>; 4],
    ) -> [Self; 4]
    where
        S: FloatOps<T>,
        D: Divide<S, T>,
    {
        let [a, b, c, d] = at;
        [Self::of(s, table, a), Self::of(s, table, b), Self::of(s, table, c), Self::of(s, table, d)]
    }

    #[inline(always)]
    pub(super) fn clamped<T: Compute>(&self, s: S, quotient: S::V) -> S::I32
    where
        S: FloatOps<T>,
        D: Divide<S, T>,
    {
        let r = s.i32_max(self.divide.round(s, quotient), self.least);
        if D::CAPPED { r } else { s.i32_min(r, self.most) }
    }
}
