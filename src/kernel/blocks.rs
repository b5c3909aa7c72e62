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
use super::steps::elements_past_line;
use crate::element::{Code, Compute, Real};
use crate::engine::Stores;
use crate::params::NEAR_ZERO_POINT_LIMIT;
use crate::scheme::Spread;
use crate::simd::{Codes, Elements, Floats, Fused, Kernel, MOST_LANES, Stored};

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
    low: [T; MOST_BLOCKS],
    /// `(qmax − Z) ⊗ S`, and `qmin − Z − 1`, a real number and times S.
    hi: [T; MOST_BLOCKS],
    lo: [T; MOST_BLOCKS],
    below: [T; MOST_BLOCKS],
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

/// Finds the parameters of blocks of `block` elements, and quantizes them.
///
/// Returns whether it has: where one of them has a surprise, none of the codes is written.
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
    type Output = bool;

    #[inline(always)]
    fn run(self, s: S) -> bool {
        self.blocks.qmin.fill(self.spread.qmin);
        self.blocks.qmax.fill(self.spread.qmax);
        if self.spread.symmetric { self.passes::<S, true>(s) } else { self.passes::<S, false>(s) }
    }
}

impl<T: Real, Q: Code> QuantizeDynamicBlocks<'_, T, Q> {
    /// One pass over all blocks after the other: so what some have to wait for, the work on others fills.
    /// (A loop that finds the parameters of the next blocks and makes the codes of the last ones takes a
    /// tenth longer with AVX-512, a third with AVX2.)
    #[inline(always)]
    fn passes<S: Elements<T> + Codes<Q>, const SYMMETRIC: bool>(self, s: S) -> bool {
        let Self { src, block, spread, blocks, dst, stores } = self;
        let batches = src.chunks_exact(S::LANES * block);
        blocks.count = S::LANES * batches.len();
        if SYMMETRIC {
            for (batch, src) in batches.enumerate() {
                let greatest = greatest_of_blocks::<S, T>(s, src, block);
                s.store(greatest, &mut blocks.scale[batch * S::LANES..]);
            }
        } else if !widths_of_blocks::<S, T>(s, src, block, blocks) {
            return false;
        }
        let mut outside = s.splat(T::Compute::ZERO);
        for at in (0..blocks.count).step_by(S::LANES) {
            outside = scales(s, &spread, blocks, at, outside);
        }
        if s.greatest_lane(outside) != T::Compute::ZERO {
            return false;
        }
        for at in (0..blocks.count).step_by(S::LANES) {
            if SYMMETRIC {
                s.i32_store(s.i32_splat(spread.zero_point), &mut blocks.zero_point[at..]);
            } else {
                zero_points(s, &spread, blocks, at);
            }
            Within::<S, T::Compute>::prepare(s, blocks, at);
        }
        let stream = is_streamed(stores, dst);
        let step = BlockStep::<S, T, Q> { s, blocks, block, stream, data: PhantomData };
        step.quantize_within::<Within<S, T::Compute>, SYMMETRIC>(&spread, src, dst);
        true
    }
}

/// The greatest magnitude of each of N blocks, in its lane.
#[inline(always)]
fn greatest_of_blocks<S: Elements<T>, T: Real>(s: S, src: &[T], block: usize) -> S::V {
    // Blocks of 32 and 64 elements: a loop over each would cost as much as what is in it.
    match block / S::LANES {
        2 if T::COMMON => greatest_of_short::<S, T, 2>(s, src),
        4 if T::COMMON => greatest_of_short::<S, T, 4>(s, src),
        8 if T::COMMON => greatest_of_short::<S, T, 8>(s, src),
        _ => {
            let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
            for (greatest, block) in greatest.iter_mut().zip(src.chunks_exact(block)) {
                for x in block.chunks_exact(S::LANES) {
                    *greatest = s.max_magnitude(*greatest, Elements::<T>::load(s, x));
                }
            }
            s.greatest_lanes(greatest)
        }
    }
}

/// The same of blocks of so many registers.
#[inline(always)]
fn greatest_of_short<S: Elements<T>, T: Real, const REGISTERS: usize>(s: S, src: &[T]) -> S::V {
    let src = &src[..S::LANES * S::LANES * REGISTERS];
    let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
    for block in 0..S::LANES {
        for register in 0..REGISTERS {
            let x = Elements::<T>::load(s, &src[(block * REGISTERS + register) * S::LANES..]);
            greatest[block] = s.max_magnitude(greatest[block], x);
        }
    }
    s.greatest_lanes(greatest)
}

/// How far each block goes below 0, to `low`, and how wide it is, to `scale`; `false` if there is a NaN.
#[inline(always)]
fn widths_of_blocks<S: Elements<T>, T: Real>(
    s: S,
    src: &[T],
    block: usize,
    blocks: &mut Blocks<T::Compute>,
) -> bool {
    let zero = s.splat(T::Compute::ZERO);
    let mut nan = s.no_flag();
    for (batch, src) in src.chunks_exact(S::LANES * block).enumerate() {
        let (mut down, mut up) = ([zero; MOST_LANES], [zero; MOST_LANES]);
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
        let (down, up) = (s.greatest_lanes(down), s.greatest_lanes(up));
        // β is `−down`, and `α − (−down)` is `α + down`.
        s.store(down, &mut blocks.low[batch * S::LANES..]);
        s.store(s.add(up, down), &mut blocks.scale[batch * S::LANES..]);
    }
    !s.any_flag(nan)
}

/// `Z = clamp(rint(qmin − β / S), qmin, qmax)`, for N blocks.
#[inline(always)]
fn zero_points<S: Floats<T>, T: Compute>(s: S, spread: &Spread, blocks: &mut Blocks<T>, at: usize) {
    let down = Floats::<T>::load(s, &blocks.low[at..]);
    let scale = Floats::<T>::load(s, &blocks.scale[at..]);
    let z = s.add(s.splat(T::from_i32(spread.qmin)), s.div(down, scale));
    let z = s.round_above(z, s.splat(T::from_i32(spread.qmin - 1)));
    let z = s.i32_min(s.i32_max(z, s.i32_splat(spread.qmin)), s.i32_splat(spread.qmax));
    s.i32_store(z, &mut blocks.zero_point[at..]);
}

/// `width / n`, 1 where there is no width, for N blocks whose widths are in the place of their scales. In
/// `outside`, more than 0 or NaN once one of them is not in the guard.
#[inline(always)]
fn scales<S: Floats<T>, T: Compute>(
    s: S,
    spread: &Spread,
    blocks: &mut Blocks<T>,
    at: usize,
    outside: S::V,
) -> S::V {
    let width = Floats::<T>::load(s, &blocks.scale[at..]);
    let one = s.splat(T::ONE);
    // 0 where there is no width, otherwise 1: also of the least number there is.
    let great = s.splat(T::ONE / T::MIN_POSITIVE);
    let filled = s.min(s.mul(s.mul(width, great), great), one);
    let scale = s.add(s.div(width, s.splat(T::from_i32(spread.steps))), s.sub(one, filled));
    s.store(scale, &mut blocks.scale[at..]);
    let (least, most) = (s.splat(*T::GUARDED.start()), s.splat(*T::GUARDED.end()));
    s.max_magnitude(outside, s.sub(scale, s.max(s.min(scale, most), least)))
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
        let stream = is_streamed(stores, dst);
        for at in (0..src.len() / block).step_by(S::LANES) {
            D::prepare(s, blocks, at);
        }
        let step = BlockStep::<S, T, Q> { s, blocks, block, stream, data: PhantomData };
        step.quantize::<D>(src, dst);
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
        let stream = is_streamed(stores, dst);
        let step = BlockStep::<S, T, Q> { s, blocks, block, stream, data: PhantomData };
        step.dequantize(src, dst);
    }
}

/// Whether to store past the caches: what is asked for, in pieces, and where every register is aligned.
#[inline(always)]
fn is_streamed<D>(stores: Stores, dst: &[D]) -> bool {
    stores.is_streamed() && elements_past_line(dst) == 0
}

/// The steps over the elements of blocks.
struct BlockStep<'a, S, T: Real, Q> {
    s: S,
    blocks: &'a Blocks<T::Compute>,
    /// The length of each.
    block: usize,
    stream: bool,
    data: PhantomData<Q>,
}

impl<S: Elements<T>, T: Real, Q: Code> BlockStep<'_, S, T, Q> {
    /// The block of register `group` of a step. Blocks are as long as two registers at least; where they
    /// are as long as a step, its registers are of one block.
    #[inline(always)]
    fn block<const TWO: bool>(&self, step: usize, group: usize) -> usize {
        let block = if TWO {
            2 * step + group / 2
        } else {
            (step * S::STEP) >> self.block.trailing_zeros()
        };
        // It is below anyway: the compiler need not look.
        block % MOST_BLOCKS
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

    /// Whether a step is of two blocks.
    #[inline(always)]
    fn is_of_two(&self) -> bool {
        self.block == 2 * S::LANES
    }

    /// Elements in the ranges that the parameters were made for.
    #[inline(always)]
    fn quantize_within<D: DivideBlocks<S, T::Compute>, const SYMMETRIC: bool>(
        &self,
        spread: &Spread,
        src: &[T],
        dst: &mut [Q],
    ) where
        S: Codes<Q>,
    {
        if self.is_of_two() {
            self.quantize_steps_within::<D, SYMMETRIC, true>(spread, src, dst);
        } else {
            self.quantize_steps_within::<D, SYMMETRIC, false>(spread, src, dst);
        }
    }

    #[inline(always)]
    fn quantize_steps_within<
        D: DivideBlocks<S, T::Compute>,
        const SYMMETRIC: bool,
        const TWO: bool,
    >(
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
                let block = self.block::<TWO>(step, group);
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
    fn quantize<D: DivideBlocks<S, T::Compute>>(&self, src: &[T], dst: &mut [Q])
    where
        S: Codes<Q>,
    {
        if self.is_of_two() {
            self.quantize_steps::<D, true>(src, dst);
        } else {
            self.quantize_steps::<D, false>(src, dst);
        }
    }

    #[inline(always)]
    fn quantize_steps<D: DivideBlocks<S, T::Compute>, const TWO: bool>(
        &self,
        src: &[T],
        dst: &mut [Q],
    ) where
        S: Codes<Q>,
    {
        let (s, blocks) = (self.s, self.blocks);
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            let x = Elements::<T>::load_step(s, src);
            let mut n = [s.i32_splat(0); 4];
            for group in 0..4 {
                let block = self.block::<TWO>(step, group);
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
    fn dequantize(&self, src: &[Q], dst: &mut [T])
    where
        S: Stored<Q>,
    {
        if self.is_of_two() {
            self.dequantize_steps::<true>(src, dst);
        } else {
            self.dequantize_steps::<false>(src, dst);
        }
    }

    #[inline(always)]
    fn dequantize_steps<const TWO: bool>(&self, src: &[Q], dst: &mut [T])
    where
        S: Stored<Q>,
    {
        let (s, blocks) = (self.s, self.blocks);
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            let q = s.load_codes(src);
            let mut x = [s.splat(T::Compute::ZERO); 4];
            for group in 0..4 {
                let block = self.block::<TWO>(step, group);
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
