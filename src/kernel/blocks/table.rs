//! The numbers of neighbouring blocks, and the division by a scale for each.

use super::super::divide::{ByDivision, ByReciprocal, Divide};
use crate::element::Compute;
use crate::params::NEAR_ZERO_POINT_LIMIT;
use crate::simd::{Floats, Fused};

/// The most blocks in a table: a whole number of registers on any instruction set.
pub(crate) const MOST_BLOCKS: usize = 64;

/// The parameters of neighbouring blocks. A register that is loaded from it crosses no cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Blocks<T> {
    pub(crate) scale: [T; MOST_BLOCKS],
    pub(crate) zero_point: [i32; MOST_BLOCKS],
    pub(crate) qmin: [i32; MOST_BLOCKS],
    pub(crate) qmax: [i32; MOST_BLOCKS],
    high: [T; MOST_BLOCKS],
    pub(super) low: [T; MOST_BLOCKS],
    /// `(qmax − Z) ⊗ S`
    hi: [T; MOST_BLOCKS],
    /// `qmin − Z − 1`
    below: [T; MOST_BLOCKS],
    /// `below ⊗ S`
    lo: [T; MOST_BLOCKS],
    /// How many there are.
    pub(crate) count: usize,
}

impl<T: Compute> Blocks<T> {
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            scale: [T::ONE; MOST_BLOCKS],
            zero_point: [0; MOST_BLOCKS],
            qmin: [0; MOST_BLOCKS],
            qmax: [0; MOST_BLOCKS],
            high: [T::ONE; MOST_BLOCKS],
            low: [T::ZERO; MOST_BLOCKS],
            hi: [T::ZERO; MOST_BLOCKS],
            lo: [T::ZERO; MOST_BLOCKS],
            below: [T::ZERO; MOST_BLOCKS],
        }
    }

    /// Whether the reciprocal is proved for every block.
    #[inline(always)]
    pub(crate) fn is_near(&self) -> bool {
        let mut near = true;
        for i in 0..self.count {
            near &= T::GUARDED.contains(&self.scale[i]);
            near &= self.zero_point[i].unsigned_abs() <= NEAR_ZERO_POINT_LIMIT.unsigned_abs();
        }
        near
    }
}

/// A [`Divide`] with numbers of its own for each block.
pub(crate) trait DivideBlocks<S: Floats<T>, T: Compute>: Divide<S, T> {
    /// The same for numbers that are known to lie in the ranges that the parameters were made for.
    type WithinBlocks: DivideBlocks<S, T>;

    /// Makes what [`of_block`](Self::of_block) needs, for N blocks from `at` on, whose parameters are
    /// there.
    fn prepare(s: S, blocks: &mut Blocks<T>, at: usize);

    /// For one block.
    fn of_block(s: S, blocks: &Blocks<T>, at: usize) -> Self;
}

impl<S: Fused<T>, T: Compute, const WITHIN: bool> DivideBlocks<S, T>
    for ByReciprocal<S, T, WITHIN>
{
    type WithinBlocks = ByReciprocal<S, T, true>;

    #[inline(always)]
    fn prepare(s: S, blocks: &mut Blocks<T>, at: usize) {
        let scale = Floats::<T>::load(s, &blocks.scale[at..]);
        let one = s.splat(T::ONE);
        let high = s.div(one, scale);
        let left = s.mul_add(s.sub(s.splat(T::ZERO), scale), high, one);
        s.store(high, &mut blocks.high[at..]);
        s.store(s.div(left, scale), &mut blocks.low[at..]);
        if !(WITHIN && S::OVERFLOW_IS_LOW) {
            let z = s.i32_load(&blocks.zero_point[at..]);
            let most = s.i32_sub(s.i32_load(&blocks.qmax[at..]), z);
            let below = s.i32_sub(s.i32_load(&blocks.qmin[at..]), z);
            let below = s.i32_to_real(s.i32_sub(below, s.i32_splat(1)));
            s.store(s.mul(s.i32_to_real(most), scale), &mut blocks.hi[at..]);
            s.store(s.mul(below, scale), &mut blocks.lo[at..]);
            s.store(below, &mut blocks.below[at..]);
        }
    }

    #[inline(always)]
    fn of_block(s: S, blocks: &Blocks<T>, at: usize) -> Self {
        let below = s.splat(blocks.below[at]);
        Self {
            high: s.splat(blocks.high[at]),
            low: s.splat(blocks.low[at]),
            hi: if WITHIN { below } else { s.splat(blocks.hi[at]) },
            lo: if WITHIN || S::OVERFLOW_IS_LOW { below } else { s.splat(blocks.lo[at]) },
            below,
        }
    }
}

impl<S: Floats<T>, T: Compute> DivideBlocks<S, T> for ByDivision<S, T> {
    type WithinBlocks = Self;

    #[inline(always)]
    fn prepare(_: S, _: &mut Blocks<T>, _: usize) {}

    #[inline(always)]
    fn of_block(s: S, blocks: &Blocks<T>, at: usize) -> Self {
        Self::by(s, s.splat(blocks.scale[at]))
    }
}
