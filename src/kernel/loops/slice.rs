//! The loop over one slice with one parameter. It has whole steps and no scalar tail.
//!
//! ```text
//! src   |----first----|                    (unaligned)
//!            |------|------|------|        (aligned)
//!                              |----last----|   (unaligned)
//! ```
//!
//! The aligned steps start at a cache line of the larger side and, if possible, at a whole register of the smaller.
//!
//! The steps overlap: an element that is in two of them gets the same result twice, since `src` and `dst` are different
//! memory. A slice shorter than a step is loaded and stored in part. Every element, wherever it is, therefore takes the
//! same instructions, and nothing outside the slices is read.
//!
//! If the tensor exceeds the caches, the middle is stored past them ([`Stores`](super::super::Stores)): a cached store
//! first reads the line that it overwrites. The input is prefetched, unless it is smaller than the output.
//!
//! The loop begins a step before it finishes the one before, which saves up to a tenth of the time.

use bytemuck::Pod;

use super::super::operation::{Io, IoOf, Operation, Slice, StepParams};
use super::super::table::Parameter;
use super::{Loop, LoopInPlace, row_in_place};
use crate::simd::{Load, Simd, Store};

pub(crate) const CACHE_LINE: usize = 64;

/// The fewest bytes that are worth streaming. The lines at both ends of a slice are stored in part past the caches and in
/// part to them, which makes the CPU write each of them twice. (With AVX2 on Zen 5, rows of 256 `u8` that begin 16 bytes
/// after a line take 4 times as long streamed as cached, rows of 1024 half as long again, rows of 4096 as long.) Tests
/// stream short slices.
const SHORTEST_STREAM: usize = if cfg!(test) { 1 } else { 4096 };

/// The prefetch distance in bytes. CPUs prefetch by themselves, but some stop at the end of every page: an Intel Xeon
/// of 2023 reads up to a third faster with these prefetches (`benches/HISTORY.md`; 1 KiB gains little, 2 KiB most of
/// it, 4 to 16 KiB are alike). Data in a cache gain nothing.
const AHEAD: usize = 4096;

/// Prefetches as much memory as `src` takes, [`AHEAD`] bytes behind the start of `src`.
#[inline(always)]
pub(crate) fn prefetch_ahead<S: Simd, T>(s: S, src: &[T]) {
    prefetch_range(s, src.as_ptr().cast::<u8>().wrapping_add(AHEAD), size_of_val(src));
}

/// Prefetches `bytes` of memory. The addresses may be invalid.
#[inline(always)]
pub(crate) fn prefetch_range<S: Simd>(s: S, memory: *const u8, bytes: usize) {
    for byte in (0..bytes).step_by(CACHE_LINE) {
        s.prefetch(memory.wrapping_add(byte));
    }
}

/// Prefetches `bytes` of memory into the first cache. The addresses may be invalid.
#[inline(always)]
pub(crate) fn prefetch_into_first<S: Simd>(s: S, memory: *const u8, bytes: usize) {
    for byte in (0..bytes).step_by(CACHE_LINE) {
        s.prefetch_first(memory.wrapping_add(byte));
    }
}

/// A slice with one parameter. `at` is the index of its first code within an element: 0, unless codes are packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnSlice<'a, P> {
    pub(crate) p: &'a P,
    pub(crate) at: usize,
}

impl<P: Parameter> Loop<P> for OnSlice<'_, P> {
    const IS_OF_ONE: bool = true;

    #[inline(always)]
    fn summary(&mut self, _: impl Simd) -> P::Summary {
        self.p.summary()
    }
    #[inline(always)]
    fn is_shifted(&self) -> bool {
        self.p.is_shifted()
    }
    #[inline(always)]
    fn one(&self) -> Option<(&P, usize)> {
        Some((self.p, self.at))
    }
    #[inline(always)]
    fn run<S: Simd, O: Operation<S, Parameter = P>>(self, s: S, io: IoOf<'_, S, O>) {
        let step = StepParams::<S, O>::new(s, &self.p.table(), [Slice(0); 4]);
        for_each_step(s, &step, io);
    }
}

impl<P: Parameter> LoopInPlace<P> for OnSlice<'_, P> {
    #[inline(always)]
    fn run_in_place<S: Simd, T: Pod, O>(self, s: S, x: &mut [T])
    where
        O: Operation<S, Parameter = P, Src = T, Dst = T>,
    {
        row_in_place::<S, T, O, Slice, 1>(s, x, &self.p.table());
    }
}

/// Applies an operation to all of `src`.
#[inline(always)]
pub(super) fn for_each_step<S: Simd, O: Operation<S>>(
    s: S,
    op: &StepParams<S, O>,
    Io { src, dst, stores }: IoOf<'_, S, O>,
) {
    let n = src.len();
    let dst = &mut dst[..n];
    if n < S::STEP {
        return op.apply_to_part(s, src, dst);
    }
    // A streamed store waits if its line is in a cache and has to be written back. The first step is therefore left out
    // if the middle begins at the start.
    let streams =
        S::STREAMS && O::STREAMS && stores.is_streamed() && size_of_val(dst) >= SHORTEST_STREAM;
    if !streams || elements_past_line(dst) != 0 {
        op.apply_to(s, src, dst);
    }
    let mut at = if streams {
        elements_to_line(dst) % S::STEP
    } else if size_of::<O::Src>() > size_of::<O::Dst>() {
        aligned_start::<S, _, _>(src, dst)
    } else {
        aligned_start::<S, _, _>(dst, src)
    };
    if streams {
        at += streamed_steps(s, op, &src[at..], &mut dst[at..]);
    } else {
        at += steps_from(s, op, &src[at..], &mut dst[at..]);
    }
    while at < n {
        let last = at.min(n - S::STEP);
        op.apply_to(s, &src[last..], &mut dst[last..]);
        at = last + S::STEP;
    }
}

/// Applies an operation to whole steps, and returns the number of their elements. One whole step may be left.
#[inline(always)]
fn steps_from<S: Simd, O: Operation<S>>(
    s: S,
    op: &StepParams<S, O>,
    src: &[O::Src],
    dst: &mut [O::Dst],
) -> usize {
    if src.len() < S::STEP {
        return 0;
    }
    let StepParams { params, limits } = op;
    let (first, rest) = src.split_at(S::STEP);
    let mut begun = O::begin(s, O::In::load_step(s, first), params);
    // The two parts of `dst` have the length of `rest`, so that one count serves both. The steps go in pairs, so that
    // the state of a step that is begun need not move to another register.
    let (before_last, _) = dst.split_at_mut(rest.len());
    let mut pairs = before_last.chunks_exact_mut(2 * S::STEP);
    for src in rest.chunks_exact(2 * S::STEP) {
        let Some(dst) = pairs.next() else { break };
        let next = O::begin(s, O::In::load_step(s, &src[..S::STEP]), params);
        O::finish(s, begun, params, limits).store(s, &mut dst[..S::STEP]);
        begun = O::begin(s, O::In::load_step(s, &src[S::STEP..]), params);
        O::finish(s, next, params, limits).store(s, &mut dst[S::STEP..]);
    }
    let at = rest.len() / (2 * S::STEP) * (2 * S::STEP);
    O::finish(s, begun, params, limits).store(s, &mut dst[at..]);
    at + S::STEP
}

/// Applies an operation to all whole steps, past the caches. Memory is slower than any order of instructions.
#[inline(always)]
fn streamed_steps<S: Simd, O: Operation<S>>(
    s: S,
    op: &StepParams<S, O>,
    src: &[O::Src],
    dst: &mut [O::Dst],
) -> usize {
    let mut steps = dst.chunks_exact_mut(S::STEP);
    for src in src.chunks_exact(S::STEP) {
        let Some(dst) = steps.next() else { break };
        if size_of::<O::Src>() >= size_of::<O::Dst>() {
            prefetch_ahead(s, src);
        }
        op.apply(s, O::In::load_step(s, src)).stream(s, dst);
    }
    src.len() / S::STEP * S::STEP
}

/// Returns the start of the aligned steps: at a cache line of `large`, and at a whole register of `small` if any such
/// line allows it. It is at least one element and at most a step from the front, all of which the first step covers.
#[inline(always)]
fn aligned_start<S: Simd, L, M>(large: &[L], small: &[M]) -> usize {
    let line = CACHE_LINE / size_of::<L>();
    let first_line = match elements_to_line(large) {
        0 => line,
        first_line => first_line,
    };
    if line >= S::STEP {
        return first_line.min(S::STEP);
    }
    let (register, on_a_line) = (S::STEP * size_of::<M>(), line * size_of::<M>());
    let past = (small.as_ptr() as usize + first_line * size_of::<M>()) % register;
    first_line + (register - past) / on_a_line % (S::STEP / line) * line
}

/// Returns the number of elements from the start of the slice to the next cache line; 0 if the slice starts at one.
#[inline(always)]
pub(crate) fn elements_to_line<T>(slice: &[T]) -> usize {
    match elements_past_line(slice) {
        0 => 0,
        past => CACHE_LINE / size_of::<T>() - past,
    }
}

/// Returns the number of elements from the last cache line to the start of the slice.
#[inline(always)]
pub(crate) fn elements_past_line<T>(slice: &[T]) -> usize {
    slice.as_ptr() as usize % CACHE_LINE / size_of::<T>()
}
