//! Blocks: neighbouring slices of one length, a power of two, each with parameters of its own.
//!
//! What is done once for a block, and not for each of its elements, is done for as many blocks at a time
//! as a register has lanes: their extremes are brought together in one register, a lane for each, and
//! their scales are divided, checked and inverted there. The numbers of each block stay in a [`Blocks`]
//! table, from which the steps over the elements spread them.
//!
//! # Parameters of a range, in lanes
//!
//! The formulas of `reference.rs` for ranges without surprises: every scale lies in the guard of the
//! reciprocal. Then no width overflowed, no scale had to be raised to a normal number, and there was
//! neither NaN nor infinity, since each of them makes the scale one that the guard does not contain. A
//! NaN is greater than any magnitude, but where `NANS_GIVE_WAY`: there the lowest code shows it. The two
//! extremes of an asymmetric range pass over it, and it is looked for by itself. Where one scale lies
//! elsewhere, these blocks are left to the caller.
//!
//! # Codes
//!
//! As in `quantize.rs`, by a quotient that needs no clamp where x is in the range that S was made for.
//! A symmetric range ends at the greatest code: α ⊘ (α ⊘ n) is n but for two roundings. An asymmetric
//! one may end half a code beyond either end, so the codes are clamped.

mod ranges;
mod steps;

use core::marker::PhantomData;

use super::table::{DivideBlocks, Table};
use crate::element::{Code, Compute, Real};
use crate::engine::{Loads, Stores};
use crate::scheme::Spread;
use crate::simd::{Codes, Elements, Floats, Kernel, Stored};
use ranges::{greatest_of_blocks, scales, widths_of_blocks, zero_points};
use steps::BlockStep;

/// The most blocks in a table: a whole number of registers on any instruction set.
pub(crate) const MOST_BLOCKS: usize = 64;

/// How many elements a table's blocks have, if that are blocks enough: they stay in the first cache.
const ELEMENTS: usize = 4096;

/// What the first cache holds, in bytes, of the CPUs that have the least.
pub(super) const FIRST_CACHE: usize = 32 << 10;

/// How many blocks of `block` elements, a power of two, a table takes.
#[inline(always)]
pub(crate) fn blocks_in_table(block: usize, lanes: usize) -> usize {
    MOST_BLOCKS.min(ELEMENTS >> block.trailing_zeros()).max(lanes)
}

/// The parameters of neighbouring blocks.
pub(crate) type Blocks<T> = Table<T, MOST_BLOCKS>;

impl<T: Compute> Blocks<T> {
    /// A table of no blocks, whose scales are 1.
    ///
    /// Nothing depends on it, but ones among the zeros halve the longest run of them. A C library clears more
    /// than 2 KiB by an instruction that takes 20 ns to begin; half of it, the compiler clears by itself.
    #[inline(always)]
    pub(crate) fn of_none() -> Self {
        Self::of_scales(T::ONE)
    }

    /// A table of no blocks yet, with the limits of their codes.
    #[inline(always)]
    pub(crate) fn of_codes(spread: &Spread) -> Self {
        let mut blocks = Self::of_none();
        blocks.qmin.fill(spread.qmin);
        blocks.qmax.fill(spread.qmax);
        blocks
    }
}

/// Finds the parameters of blocks of `block` elements, and quantizes them, a table of blocks after another.
///
/// Returns how many elements it has done. Where not all, the next table has a surprise: what was written of its
/// codes is nothing to go by.
pub(crate) struct QuantizeDynamicBlocks<'a, T: Real, Q> {
    /// Those that `dst` has room for, and what comes after them, which is asked for.
    pub(crate) src: &'a [T],
    pub(crate) block: usize,
    pub(crate) spread: Spread,
    /// Is told the parameters of each table, and how many blocks come before it. A type of its own for each
    /// caller would have all of this compiled three times: for bytes, and for the codes that they become.
    pub(crate) found: &'a mut dyn FnMut(usize, &Blocks<T::Compute>),
    pub(crate) dst: &'a mut [Q],
    pub(crate) loads: Loads,
    pub(crate) stores: Stores,
}

/// The division for elements in the ranges of their slices.
pub(super) type Within<S, T> = <<S as Floats<T>>::Divide as DivideBlocks<S, T>>::WithinBlocks;

impl<S, T, Q> Kernel<S> for QuantizeDynamicBlocks<'_, T, Q>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    type Output = usize;

    #[inline(always)]
    fn run(self, s: S) -> usize {
        if self.spread.symmetric { self.tables::<S, true>(s) } else { self.tables::<S, false>(s) }
    }
}

impl<T: Real, Q: Code> QuantizeDynamicBlocks<'_, T, Q> {
    #[inline(always)]
    fn tables<S: Elements<T> + Codes<Q>, const SYMMETRIC: bool>(self, s: S) -> usize {
        let Self { src, block, spread, found, dst, loads, stores } = self;
        let shift = block.trailing_zeros();
        let most = blocks_in_table(block, S::LANES) << shift;
        let mut blocks = Blocks::of_codes(&spread);
        // A tensor that the first cache holds is probably there already.
        let asks = size_of_val(src) > FIRST_CACHE;
        let mut done = 0;
        for dst in dst.chunks_mut(most) {
            let (src, next) = src[done..].split_at(dst.len());
            let asked = if asks { &next[..dst.len().min(next.len())] } else { &[] };
            let table = TableOf { src, asked, block, spread, dst, loads, stores };
            blocks.count = src.len() >> shift;
            if !table.quantize::<S, SYMMETRIC>(s, &mut blocks) {
                break;
            }
            found(done >> shift, &blocks);
            done += src.len();
        }
        done
    }
}

/// The blocks of a table.
struct TableOf<'a, T, Q> {
    src: &'a [T],
    /// What comes after it, as far as it is to be asked for.
    asked: &'a [T],
    block: usize,
    spread: Spread,
    dst: &'a mut [Q],
    loads: Loads,
    stores: Stores,
}

impl<T: Real, Q: Code> TableOf<'_, T, Q> {
    /// One pass over all blocks after the other: so what some have to wait for, the work on others fills.
    /// (A loop that finds the parameters of the next blocks and makes the codes of the last ones takes a
    /// tenth longer with AVX-512, a third with AVX2. So does one that divides between reading blocks.)
    #[inline(always)]
    fn quantize<S: Elements<T> + Codes<Q>, const SYMMETRIC: bool>(
        self,
        s: S,
        blocks: &mut Blocks<T::Compute>,
    ) -> bool {
        let Self { src, asked, block, spread, dst, loads, stores } = self;
        if SYMMETRIC {
            for (batch, src) in src.chunks(S::LANES * block).enumerate() {
                let greatest = greatest_of_blocks::<S, T>(s, src, block);
                s.store(greatest, &mut blocks.scale[batch * S::LANES..]);
            }
        } else if !widths_of_blocks::<S, T>(s, src, block, blocks) {
            return false;
        }
        if !params_of_widths::<S, T::Compute, Within<S, T::Compute>>(s, &spread, blocks) {
            return false;
        }
        let step = BlockStep::<S, T, Q>::new(s, blocks, block, stores, dst);
        if !SYMMETRIC {
            step.quantize::<Within<S, T::Compute>, true>(src, dst, asked, loads);
            return true;
        }
        let lowest = step.quantize::<Within<S, T::Compute>, false>(src, dst, asked, loads);
        // A NaN that no range has shown became a code below all others.
        !<S as Floats<T::Compute>>::NANS_GIVE_WAY
            || s.lowest_code(lowest) >= spread.zero_point - spread.steps
    }
}

/// Computes the parameters of all slices of a table: `scale` has the widths of their ranges before and their scales
/// after, `low` has how far they go below 0. Returns `false` where a scale is outside the guard of the reciprocal: the
/// table then has no valid parameters.
#[inline(always)]
pub(super) fn params_of_widths<S, T, D>(s: S, spread: &Spread, blocks: &mut Blocks<T>) -> bool
where
    S: Floats<T>,
    T: Compute,
    D: DivideBlocks<S, T>,
{
    // The lanes behind the last slice are divided too: what an earlier table left there would leave the guard.
    blocks.scale[blocks.count..].fill(T::ONE);
    let mut outside = s.splat(T::ZERO);
    for at in (0..blocks.count).step_by(S::LANES) {
        outside = scales::<_, _, D>(s, spread, blocks, at, outside);
    }
    if s.greatest_lane(outside) != T::ZERO {
        return false;
    }
    for at in (0..blocks.count).step_by(S::LANES) {
        if spread.symmetric {
            s.i32_store(s.i32_splat(spread.zero_point), &mut blocks.zero_point[at..]);
        } else {
            zero_points(s, spread, blocks, at);
        }
        D::prepare(s, blocks, at);
    }
    // The scales are in the guard, the zero points are codes of 8 bits.
    blocks.are_near = D::INVERTS;
    true
}

/// Quantizes blocks of `block` elements with the parameters that the table has, proved near.
///
/// Returns whether it has: where not all blocks have the same `qmin` and `qmax`, no code is written.
pub(crate) struct QuantizeBlocks<'a, T: Real, Q, D> {
    pub(crate) src: &'a [T],
    pub(crate) block: usize,
    pub(crate) blocks: &'a mut Blocks<T::Compute>,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
    pub(crate) divide: PhantomData<D>,
}

impl<S, T, Q, D> Kernel<S> for QuantizeBlocks<'_, T, Q, D>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideBlocks<S, T::Compute>,
{
    type Output = bool;

    #[inline(always)]
    fn run(self, s: S) -> bool {
        let Self { src, block, blocks, dst, stores, .. } = self;
        let mut differ = 0;
        for i in 0..blocks.count.min(MOST_BLOCKS) {
            differ |= (blocks.qmin[i] ^ blocks.qmin[0]) | (blocks.qmax[i] ^ blocks.qmax[0]);
        }
        if differ != 0 {
            return false;
        }
        for at in (0..src.len() / block).step_by(S::LANES) {
            D::prepare(s, blocks, at);
        }
        let step = BlockStep::<S, T, Q>::new(s, blocks, block, stores, dst);
        step.quantize::<D, true>(src, dst, &[], Loads::Cached);
        true
    }
}

/// The reverse of [`QuantizeBlocks`].
pub(crate) struct DequantizeBlocks<'a, T: Real, Q> {
    pub(crate) src: &'a [Q],
    pub(crate) block: usize,
    pub(crate) blocks: &'a Blocks<T::Compute>,
    pub(crate) dst: &'a mut [T],
    pub(crate) stores: Stores,
}

impl<S, T, Q> Kernel<S> for DequantizeBlocks<'_, T, Q>
where
    S: Elements<T> + Stored<Q>,
    T: Real,
    Q: Code,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, block, blocks, dst, stores } = self;
        let step = BlockStep::<S, T, Q>::new(s, blocks, block, stores, dst);
        step.dequantize(src, dst);
    }
}
