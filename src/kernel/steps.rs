//! The loop of every element-wise operation: whole steps, and no scalar tail.
//!
//! ```text
//! src   |----first----|                    (unaligned)
//!            |------|------|------|        (starts at a cache line of the larger side)
//!                              |----last----|   (unaligned)
//! ```
//!
//! The steps overlap: an element that is in two of them gets the same result twice, since `src` and
//! `dst` are different memory. A slice shorter than a step is padded. So every element, wherever it
//! stands, takes the same instructions, and nothing outside the slices is read.

use bytemuck::Zeroable;

use crate::simd::{LONGEST_STEP, Simd};

const CACHE_LINE: usize = 64;

/// An element-wise operation on one step.
pub(super) trait Step<S> {
    type Src: Copy + Zeroable;
    type Dst: Copy + Zeroable;

    /// Reads one step from the front of `src`, writes one to the front of `dst`.
    fn step(&self, s: S, src: &[Self::Src], dst: &mut [Self::Dst]);
}

/// Applies `op` to all of `src`.
#[inline(always)]
pub(super) fn for_each_step<S: Simd, O: Step<S>>(s: S, op: &O, src: &[O::Src], dst: &mut [O::Dst]) {
    let n = src.len();
    debug_assert_eq!(n, dst.len());
    if n < S::STEP {
        return padded_step(s, op, src, dst);
    }
    op.step(s, &src[..S::STEP], &mut dst[..S::STEP]);
    let mut at = if size_of::<O::Src>() > size_of::<O::Dst>() {
        elements_to_line(src).min(S::STEP)
    } else {
        elements_to_line(dst).min(S::STEP)
    };
    while at + S::STEP <= n {
        op.step(s, &src[at..at + S::STEP], &mut dst[at..at + S::STEP]);
        at += S::STEP;
    }
    if at < n {
        op.step(s, &src[n - S::STEP..], &mut dst[n - S::STEP..]);
    }
}

/// How many elements stand before the first whole cache line, at least one line's worth of which
/// the first step has done: 1 to a line.
#[inline(always)]
fn elements_to_line<T>(slice: &[T]) -> usize {
    let past_line = slice.as_ptr() as usize % CACHE_LINE;
    (CACHE_LINE - past_line) / size_of::<T>()
}

/// A slice shorter than a step, through buffers on the stack.
#[inline(always)]
fn padded_step<S: Simd, O: Step<S>>(s: S, op: &O, src: &[O::Src], dst: &mut [O::Dst]) {
    let mut from = [O::Src::zeroed(); LONGEST_STEP];
    let mut to = [O::Dst::zeroed(); LONGEST_STEP];
    from[..src.len()].copy_from_slice(src);
    op.step(s, &from[..S::STEP], &mut to[..S::STEP]);
    dst.copy_from_slice(&to[..dst.len()]);
}
