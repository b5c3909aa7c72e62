//! The loop of every element-wise operation: whole steps, and no scalar tail.
//!
//! ```text
//! src   |----first----|                    (unaligned)
//!            |------|------|------|        (starts at a cache line of the larger side)
//!                              |----last----|   (unaligned)
//! ```
//!
//! The steps overlap: an element that is in two of them gets the same result twice, since `src` and
//! `dst` are different memory. A slice shorter than a step is loaded and stored in part. So every
//! element, wherever it stands, takes the same instructions, and nothing outside the slices is read.
//!
//! Where the whole is too large for the caches, the middle is stored past them ([`Stores`]): a store
//! through the cache first reads the line that it then overwrites.

use crate::engine::Stores;
use crate::simd::Simd;

const CACHE_LINE: usize = 64;

/// An element-wise operation on one step, in registers; how they are loaded and stored.
pub(super) trait Step<S> {
    type Src;
    type Dst;
    type Loaded;
    type Result;

    fn load(s: S, src: &[Self::Src]) -> Self::Loaded;
    fn load_part(s: S, src: &[Self::Src]) -> Self::Loaded;
    fn apply(&self, s: S, loaded: Self::Loaded) -> Self::Result;
    fn store(s: S, result: Self::Result, dst: &mut [Self::Dst]);
    fn store_part(s: S, result: Self::Result, dst: &mut [Self::Dst]);
    /// `dst` starts at a cache line, or a whole number of registers behind one.
    fn stream(s: S, result: Self::Result, dst: &mut [Self::Dst]);
}

/// Applies `op` to all of `src`.
#[inline(always)]
pub(super) fn for_each_step<S: Simd, O: Step<S>>(
    s: S,
    op: &O,
    src: &[O::Src],
    dst: &mut [O::Dst],
    stores: Stores,
) {
    let n = src.len();
    debug_assert_eq!(n, dst.len());
    if n < S::STEP {
        return O::store_part(s, op.apply(s, O::load_part(s, src)), dst);
    }
    one_step(s, op, &src[..S::STEP], &mut dst[..S::STEP]);
    if stores == Stores::Streamed {
        let mut at = elements_to_line(dst) % S::STEP;
        while at + S::STEP <= n {
            let result = op.apply(s, O::load(s, &src[at..at + S::STEP]));
            O::stream(s, result, &mut dst[at..at + S::STEP]);
            at += S::STEP;
        }
        s.fence();
        return one_step(s, op, &src[n - S::STEP..], &mut dst[n - S::STEP..]);
    }
    let mut at = if size_of::<O::Src>() > size_of::<O::Dst>() {
        elements_to_line(src).min(S::STEP)
    } else {
        elements_to_line(dst).min(S::STEP)
    };
    while at + S::STEP <= n {
        one_step(s, op, &src[at..at + S::STEP], &mut dst[at..at + S::STEP]);
        at += S::STEP;
    }
    if at < n {
        one_step(s, op, &src[n - S::STEP..], &mut dst[n - S::STEP..]);
    }
}

#[inline(always)]
fn one_step<S: Copy, O: Step<S>>(s: S, op: &O, src: &[O::Src], dst: &mut [O::Dst]) {
    O::store(s, op.apply(s, O::load(s, src)), dst);
}

/// Elements from the start of the slice to the next start of a cache line: at least one, at most a
/// line's worth, all of which the first step has done.
#[inline(always)]
fn elements_to_line<T>(slice: &[T]) -> usize {
    CACHE_LINE / size_of::<T>() - elements_past_line(slice)
}

/// Elements from the last start of a cache line to the start of the slice.
#[inline(always)]
pub(super) fn elements_past_line<T>(slice: &[T]) -> usize {
    slice.as_ptr() as usize % CACHE_LINE / size_of::<T>()
}
