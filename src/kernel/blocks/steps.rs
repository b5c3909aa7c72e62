//! The steps over the elements of blocks.

use core::marker::PhantomData;

use super::super::steps::{ask_for, ask_for_in_first, elements_past_line};
use super::super::table::DivideBlocks;
use super::{Blocks, MOST_BLOCKS};
use crate::element::{Code, Compute, Real};
use crate::engine::{Loads, Stores};
use crate::simd::{Codes, Elements, Floats, Stored};

/// Blocks of one length, and their parameters.
pub(super) struct BlockStep<'a, S, T: Real, Q> {
    s: S,
    blocks: &'a Blocks<T::Compute>,
    /// The length of each.
    block: usize,
    stream: bool,
    data: PhantomData<Q>,
}

impl<'a, S: Elements<T>, T: Real, Q: Code> BlockStep<'a, S, T, Q> {
    /// Past the caches, if that is asked for, where `dst` is aligned for every register.
    #[inline(always)]
    pub(super) fn new<D>(
        s: S,
        blocks: &'a Blocks<T::Compute>,
        block: usize,
        stores: Stores,
        dst: &[D],
    ) -> Self {
        let stream = S::STREAMS && stores.is_streamed() && elements_past_line(dst) == 0;
        Self { s, blocks, block, stream, data: PhantomData }
    }

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

    /// Z is added in 16 bits, as in `../quantize.rs`. Where not `EACH` block has a zero point of its own, the
    /// parameters are symmetric ones, made for these elements: then nothing is clamped.
    ///
    /// Asks for `asked` on the way. Returns the lowest code of each lane, where not `EACH` and `NANS_GIVE_WAY`;
    /// otherwise nothing to go by.
    #[inline(always)]
    pub(super) fn quantize<D: DivideBlocks<S, T::Compute>, const EACH: bool>(
        &self,
        src: &[T],
        dst: &mut [Q],
        asked: &[T],
        loads: Loads,
    ) -> S::Packed
    where
        S: Codes<Q>,
    {
        if self.is_of_two() {
            self.quantize_steps::<D, EACH, true>(src, dst, asked, loads)
        } else {
            self.quantize_steps::<D, EACH, false>(src, dst, asked, loads)
        }
    }

    #[inline(always)]
    fn quantize_steps<D: DivideBlocks<S, T::Compute>, const EACH: bool, const TWO: bool>(
        &self,
        src: &[T],
        dst: &mut [Q],
        asked: &[T],
        loads: Loads,
    ) -> S::Packed
    where
        S: Codes<Q>,
    {
        let (s, blocks) = (self.s, self.blocks);
        let z = s.i16_splat(blocks.zero_point[0] as i16);
        // Symmetric parameters of signed codes: Z is 0.
        let shifted = EACH || Q::MIN == 0;
        let (least, most) = (s.splat_code(blocks.qmin[0]), s.splat_code(blocks.qmax[0]));
        let mut lowest = s.splat_code(Q::MAX);
        let steps = src.chunks_exact(S::STEP).zip(dst.chunks_exact_mut(S::STEP));
        for (step, (src, dst)) in steps.enumerate() {
            if step * S::STEP < asked.len() {
                // These elements are in the first cache by now: it is free to bring the next ones. From memory
                // they had better come to the second: more reads can be on their way there.
                let next = asked.as_ptr().wrapping_add(step * S::STEP).cast();
                let bytes = S::STEP * size_of::<T>();
                if loads.is_ahead() {
                    ask_for(s, next, bytes);
                } else {
                    ask_for_in_first(s, next, bytes);
                }
            }
            let x = Elements::<T>::load_step(s, src);
            let mut n = [s.i32_splat(0); 4];
            for group in 0..4 {
                let divide = D::of_block(s, blocks, self.block::<TWO>(step, group));
                n[group] = divide.round(s, divide.quotient(s, x[group]));
            }
            let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
            for half in 0..2 {
                if !shifted {
                    break;
                }
                let mut z = z;
                if EACH {
                    let block = self.block::<TWO>(step, 2 * half);
                    z = s.i16_splat(blocks.zero_point[block] as i16);
                }
                words[half] = if D::WITHIN {
                    s.i16_add(words[half], z)
                } else {
                    s.i16_add_saturating(words[half], z)
                };
            }
            let mut q = s.pack(words);
            if EACH {
                q = s.max_code(q, least);
                if !D::CAPPED {
                    q = s.min_code(q, most);
                }
            } else if <S as Floats<T::Compute>>::NANS_GIVE_WAY {
                lowest = s.min_code(lowest, q);
            }
            self.put(q, dst);
        }
        lowest
    }

    #[inline(always)]
    pub(super) fn dequantize(&self, src: &[Q], dst: &mut [T])
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
