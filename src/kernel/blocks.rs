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
//! NaN is greater than any magnitude; the two extremes of an asymmetric range pass over it, and it is
//! looked for by itself. Where one scale lies elsewhere, these blocks are left to the caller.
//!
//! `h = 1 ⊘ S` and `l = fma(−S, h, 1) ⊘ S` are the numbers that `element.rs` finds for a scale alone.
//!
//! # Codes
//!
//! As in `quantize.rs`, by a quotient that needs no clamp where x is in the range that S was made for.
//! A symmetric range ends at the greatest code: α ⊘ (α ⊘ n) is n but for two roundings. An asymmetric
//! one may end half a code beyond either end, so the codes are clamped.

use core::marker::PhantomData;

use super::divide::{ByDivision, ByReciprocal, Divide};
use crate::element::{Code, Compute, Real};
use crate::engine::Stores;
use crate::params::NEAR_ZERO_POINT_LIMIT;
use crate::scheme::Spread;
use crate::simd::{Codes, Elements, Floats, Fused, Kernel, MOST_LANES, Simd, Stored};

/// The most blocks in a table: a whole number of registers on any instruction set.
pub(crate) const MOST_BLOCKS: usize = 64;

/// The parameters of neighbouring blocks.
#[derive(Debug)]
pub(crate) struct Blocks<T> {
    /// How many there are.
    pub(crate) count: usize,
    pub(crate) scale: [T; MOST_BLOCKS],
    pub(crate) zero_point: [i32; MOST_BLOCKS],
    pub(crate) qmin: [i32; MOST_BLOCKS],
    pub(crate) qmax: [i32; MOST_BLOCKS],
    high: [T; MOST_BLOCKS],
    low: [T; MOST_BLOCKS],
    /// `(qmax − Z) ⊗ S`, and `qmin − Z − 1`, a real number and times S.
    hi: [T; MOST_BLOCKS],
    lo: [T; MOST_BLOCKS],
    below: [T; MOST_BLOCKS],
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

/// Finds the parameters of blocks of `block` elements, and quantizes them.
///
/// Stops before the first N blocks that one with a surprise is among; returns how many it has done.
pub(crate) struct QuantizeDynamicBlocks<'a, T: Real, Q> {
    pub(crate) src: &'a [T],
    pub(crate) block: usize,
    pub(crate) spread: Spread,
    pub(crate) blocks: &'a mut Blocks<T::Compute>,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
}

/// The division for elements in the ranges of their blocks.
type Within<S, T> = <<S as Floats<T>>::Divide as DivideBlocks<S, T>>::WithinBlocks;

impl<S, T, Q> Kernel<S> for QuantizeDynamicBlocks<'_, T, Q>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    type Output = usize;

    #[inline(always)]
    fn run(self, s: S) -> usize {
        if self.spread.symmetric { self.steps::<S, true>(s) } else { self.steps::<S, false>(s) }
    }
}

impl<T: Real, Q: Code> QuantizeDynamicBlocks<'_, T, Q> {
    #[inline(always)]
    fn steps<S: Elements<T> + Codes<Q>, const SYMMETRIC: bool>(self, s: S) -> usize {
        let Self { src, block, spread, blocks, dst, stores } = self;
        let stream = is_streamed::<S, Q>(stores, dst);
        let batch = S::LANES * block;
        blocks.qmin.fill(spread.qmin);
        blocks.qmax.fill(spread.qmax);
        let mut at = 0;
        for (src, dst) in src.chunks_exact(batch).zip(dst.chunks_exact_mut(batch)) {
            let usual = if SYMMETRIC {
                let greatest = greatest_of_blocks::<S, T>(s, src, block);
                symmetric(s, greatest, &spread, blocks, at)
            } else {
                match extremes_of_blocks::<S, T>(s, src, block) {
                    Some(extremes) => asymmetric(s, extremes, &spread, blocks, at),
                    None => false,
                }
            };
            if !usual {
                return at;
            }
            Within::<S, T::Compute>::prepare(s, blocks, at);
            let step =
                BlockStep::<S, T, Q> { s, blocks, first: at, block, stream, data: PhantomData };
            step.quantize_all::<Within<S, T::Compute>, SYMMETRIC>(&spread, src, dst);
            at += S::LANES;
        }
        if stream {
            s.fence();
        }
        at
    }
}

/// The greatest magnitude of each of N blocks, in its lane.
#[inline(always)]
fn greatest_of_blocks<S: Elements<T>, T: Real>(s: S, src: &[T], block: usize) -> S::V {
    // Blocks of 32 elements, whose loop would cost as much as what is in it.
    if T::COMMON && block == 2 * S::LANES {
        return greatest_of_short::<S, T, 2>(s, src);
    }
    if T::COMMON && block == 4 * S::LANES {
        return greatest_of_short::<S, T, 4>(s, src);
    }
    let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
    for (greatest, block) in greatest.iter_mut().zip(src.chunks_exact(block)) {
        for x in block.chunks_exact(S::LANES) {
            *greatest = s.max_magnitude(*greatest, Elements::<T>::load(s, x));
        }
    }
    s.greatest_lanes(greatest)
}

/// The same of blocks of so many registers.
#[inline(always)]
fn greatest_of_short<S: Elements<T>, T: Real, const REGISTERS: usize>(s: S, src: &[T]) -> S::V {
    let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
    let blocks = src.chunks_exact(REGISTERS * S::LANES);
    for (greatest, block) in greatest.iter_mut().zip(blocks) {
        for register in 0..REGISTERS {
            let x = Elements::<T>::load(s, &block[register * S::LANES..]);
            *greatest = s.max_magnitude(*greatest, x);
        }
    }
    s.greatest_lanes(greatest)
}

/// How far each of N blocks goes below and above 0, in its lane; `None` if there is a NaN.
#[inline(always)]
fn extremes_of_blocks<S: Elements<T>, T: Real>(s: S, src: &[T], block: usize) -> Option<[S::V; 2]> {
    let zero = s.splat(T::Compute::ZERO);
    let (mut down, mut up) = ([zero; MOST_LANES], [zero; MOST_LANES]);
    let mut nan = s.no_flag();
    for (i, block) in src.chunks_exact(block).enumerate() {
        let (mut least, mut most) = (zero, zero);
        for x in block.chunks_exact(S::LANES) {
            let x = Elements::<T>::load(s, x);
            nan = s.flag_nan(nan, x, x);
            least = s.min_number(x, least);
            most = s.max_number(x, most);
        }
        down[i % MOST_LANES] = s.sub(zero, least);
        up[i % MOST_LANES] = most;
    }
    if s.any_flag(nan) {
        return None;
    }
    Some([s.greatest_lanes(down), s.greatest_lanes(up)])
}

/// `S = α / n`, and Z, for N blocks; whether all are usual.
#[inline(always)]
fn symmetric<S: Floats<T>, T: Compute>(
    s: S,
    greatest: S::V,
    spread: &Spread,
    blocks: &mut Blocks<T>,
    at: usize,
) -> bool {
    let steps = T::from_i32(spread.steps);
    let mut alpha = [T::ZERO; MOST_LANES];
    s.store(greatest, &mut alpha);
    let mut usual = true;
    let scales = &mut blocks.scale[at..at + S::LANES];
    for (scale, &alpha) in scales.iter_mut().zip(&alpha) {
        *scale = if alpha == T::ZERO { T::ONE } else { alpha / steps };
        usual &= T::GUARDED.contains(scale);
    }
    blocks.zero_point[at..at + S::LANES].fill(spread.zero_point);
    usual
}

/// `S = (α − β) / n` and `Z = clamp(rint(qmin − β / S), qmin, qmax)`, for N blocks; whether all are
/// usual.
#[inline(always)]
fn asymmetric<S: Floats<T>, T: Compute>(
    s: S,
    [down, up]: [S::V; 2],
    spread: &Spread,
    blocks: &mut Blocks<T>,
    at: usize,
) -> bool {
    let steps = T::from_i32(spread.steps);
    let (mut below, mut above) = ([T::ZERO; MOST_LANES], [T::ZERO; MOST_LANES]);
    s.store(down, &mut below);
    s.store(up, &mut above);
    let mut usual = true;
    for i in 0..S::LANES {
        // β is `−below`, and `a − (−b)` is `a + b`.
        let width = above[i] + below[i];
        let scale = if width == T::ZERO { T::ONE } else { width / steps };
        usual &= T::GUARDED.contains(&scale);
        blocks.scale[at + i] = scale;
    }
    if !usual {
        return false;
    }
    // Neither NaN nor far from the codes.
    let scale = Floats::<T>::load(s, &blocks.scale[at..]);
    let z = s.add(s.splat(T::from_i32(spread.qmin)), s.div(down, scale));
    let z = s.round_above(z, s.splat(T::from_i32(spread.qmin - 1)));
    let z = s.i32_min(s.i32_max(z, s.i32_splat(spread.qmin)), s.i32_splat(spread.qmax));
    s.i32_store(z, &mut blocks.zero_point[at..]);
    true
}

/// Quantizes blocks of `block` elements with the parameters that the table has.
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
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, block, blocks, dst, stores, .. } = self;
        let stream = is_streamed::<S, Q>(stores, dst);
        for at in (0..src.len() / block).step_by(S::LANES) {
            D::prepare(s, blocks, at);
        }
        let step = BlockStep::<S, T, Q> { s, blocks, first: 0, block, stream, data: PhantomData };
        step.quantize_each::<D>(src, dst);
        if stream {
            s.fence();
        }
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
        let stream = is_streamed::<S, T>(stores, dst);
        let step = BlockStep::<S, T, Q> { s, blocks, first: 0, block, stream, data: PhantomData };
        step.dequantize_each(src, dst);
        if stream {
            s.fence();
        }
    }
}

/// Whether to store past the caches: what is asked for, and where every register is aligned.
#[inline(always)]
fn is_streamed<S: Simd, D>(stores: Stores, dst: &[D]) -> bool {
    stores == Stores::Streamed && (dst.as_ptr() as usize).is_multiple_of(S::STEP * size_of::<D>())
}

/// The steps over the elements of blocks.
struct BlockStep<'a, S, T: Real, Q> {
    s: S,
    blocks: &'a Blocks<T::Compute>,
    /// The block of the first element.
    first: usize,
    /// Its length.
    block: usize,
    stream: bool,
    data: PhantomData<Q>,
}

impl<S: Elements<T>, T: Real, Q: Code> BlockStep<'_, S, T, Q> {
    /// The block of register `group` of a step.
    #[inline(always)]
    fn block(&self, step: usize, group: usize) -> usize {
        let element = step * S::STEP + group * S::LANES;
        // It is below; the compiler need not know.
        (self.first + (element >> self.block.trailing_zeros())) % MOST_BLOCKS
    }

    #[inline(always)]
    fn put(&self, q: S::Packed, dst: &mut [Q])
    where
        S: Codes<Q>,
    {
        if self.stream {
            self.s.stream_codes(q, dst);
        } else {
            self.s.store_codes(q, dst);
        }
    }

    /// Elements in the ranges that the parameters were made for.
    #[inline(always)]
    fn quantize_all<D: DivideBlocks<S, T::Compute>, const SYMMETRIC: bool>(
        &self,
        spread: &Spread,
        src: &[T],
        dst: &mut [Q],
    ) where
        S: Codes<Q>,
    {
        let s = self.s;
        let z = s.i16_splat(spread.zero_point as i16);
        let (least, most) = (s.splat_code(spread.qmin), s.splat_code(spread.qmax));
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            let x = Elements::<T>::load_step(s, src);
            let mut n = [s.i32_splat(0); 4];
            for group in 0..4 {
                let block = self.block(step, group);
                let divide = D::of_block(s, self.blocks, block);
                n[group] = divide.round(s, divide.quotient(s, x[group]));
                if !SYMMETRIC {
                    n[group] = s.i32_add(n[group], s.i32_splat(self.blocks.zero_point[block]));
                }
            }
            let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
            if SYMMETRIC {
                words = [s.i16_add(words[0], z), s.i16_add(words[1], z)];
            }
            let mut q = s.pack(words);
            if !SYMMETRIC {
                q = s.min_code(s.max_code(q, least), most);
            }
            self.put(q, dst);
        }
    }

    /// Any elements.
    #[inline(always)]
    fn quantize_each<D: DivideBlocks<S, T::Compute>>(&self, src: &[T], dst: &mut [Q])
    where
        S: Codes<Q>,
    {
        let (s, blocks) = (self.s, self.blocks);
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            let x = Elements::<T>::load_step(s, src);
            let mut n = [s.i32_splat(0); 4];
            for group in 0..4 {
                let block = self.block(step, group);
                let divide = D::of_block(s, blocks, block);
                let rounded = divide.round(s, divide.quotient(s, x[group]));
                let z = s.i32_splat(blocks.zero_point[block]);
                // Far below is the least integer, which would wrap.
                let least = s.i32_splat(blocks.qmin[block] - blocks.zero_point[block]);
                n[group] = s.i32_add(s.i32_max(rounded, least), z);
                if !D::CAPPED {
                    n[group] = s.i32_min(n[group], s.i32_splat(blocks.qmax[block]));
                }
            }
            let words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
            self.put(s.pack(words), dst);
        }
    }

    #[inline(always)]
    fn dequantize_each(&self, src: &[Q], dst: &mut [T])
    where
        S: Stored<Q>,
    {
        let (s, blocks) = (self.s, self.blocks);
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            let q = s.load_codes(src);
            let mut x = [s.splat(T::Compute::ZERO); 4];
            for group in 0..4 {
                let block = self.block(step, group);
                let n = s.i32_sub(q[group], s.i32_splat(blocks.zero_point[block]));
                x[group] = s.mul(s.i32_to_real(n), s.splat(blocks.scale[block]));
            }
            if self.stream {
                Elements::<T>::stream_step(s, x, dst);
            } else {
                Elements::<T>::store_step(s, x, dst);
            }
        }
    }
}
