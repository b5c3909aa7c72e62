//! The loop over short slices that have a parameter each.
//!
//! The start of a kernel and the inversion of a scale take as long as 100 to 200 elements. Here a kernel starts once
//! for all slices of a table, whose scales are inverted in lanes. Blocks of a power of two are processed in steps of
//! one or two blocks, each with its own parameters. Slices of other lengths use the loop of a whole slice in turn.

use super::super::operation::{Io, IoOf, Operation, Slice, StepParams, TableOf};
use super::super::table::{Parameter, ParameterTable};
use super::Loop;
use super::slice::{elements_past_line, for_each_step};
use crate::granularity::{Group, Run};
use crate::simd::{Load, Simd, Store};

/// The most slices in a table: a whole number of registers on any instruction set.
pub(crate) const SLICES: usize = 64;

/// The longest block that is processed in steps of blocks. A longer one is worth a loop of its own.
const LONGEST_BLOCK: usize = 1024;

/// The slices of a group, with the parameters of a table.
pub(crate) struct OnSlices<'a, P: Parameter> {
    pub(crate) table: &'a mut P::Table<SLICES>,
    pub(crate) group: &'a Group,
    /// Memory for an adapter of the loop.
    pub(crate) scratch: &'a mut [u8],
}

impl<P: Parameter> Loop<P> for &mut OnSlices<'_, P> {
    const IS_OF_SLICES: bool = true;

    #[inline(always)]
    fn summary(&mut self, s: impl Simd) -> P::Summary {
        self.table.summary(s)
    }

    #[inline(always)]
    fn is_shifted(&self) -> bool {
        self.table.is_shifted()
    }

    #[inline(always)]
    fn run<S: Simd, O: Operation<S, Parameter = P>>(self, s: S, io: IoOf<'_, S, O>) {
        let OnSlices { table, group, .. } = self;
        O::prepare(s, table);
        let as_blocks = is_of_blocks(s, group);
        apply::<S, O>(s, io, table, (group, as_blocks), &mut ());
    }
}

/// Additional work for each step of blocks.
///
/// `Q` is the type of the elements that are written: two element types may share one type of step.
pub(crate) trait Beside<S, Step, Q> {
    /// Runs before the step that begins at element `at`.
    #[inline(always)]
    fn before(&mut self, _s: S, _at: usize) {}

    /// Receives the result of each step.
    #[inline(always)]
    fn after(&mut self, _s: S, _step: &Step) {}
}

impl<S, Step, Q> Beside<S, Step, Q> for () {}

/// Applies `O` to the slices of a prepared table, by steps of blocks if `as_blocks` is true.
#[inline(always)]
pub(crate) fn apply<S: Simd, O: Operation<S>>(
    s: S,
    io: IoOf<'_, S, O>,
    table: &TableOf<S, O, SLICES>,
    (group, as_blocks): (&Group, bool),
    beside: &mut impl Beside<S, O::Out, O::Dst>,
) {
    let Io { src, dst, stores } = io;
    let (mut runs, mut left, mut i) = (group.runs, group.len, 0);
    if as_blocks {
        let (block, Run { src: from, dst: to, .. }) = (group.same(), group.start());
        let (src, dst) = (&src[from..from + left], &mut dst[to..to + left]);
        let streams = S::STREAMS && O::STREAMS && stores.is_streamed();
        let is_aligned = elements_past_line(dst) == 0;
        let done = match (block == 2 * S::LANES, streams && is_aligned) {
            (true, true) => steps_of_blocks::<S, O, true, true>(s, src, dst, block, table, beside),
            (true, false) => {
                steps_of_blocks::<S, O, true, false>(s, src, dst, block, table, beside)
            }
            (false, true) => {
                steps_of_blocks::<S, O, false, true>(s, src, dst, block, table, beside)
            }
            (false, false) => {
                steps_of_blocks::<S, O, false, false>(s, src, dst, block, table, beside)
            }
        };
        i = done >> block.trailing_zeros();
        left -= runs.skip(done).len;
    }
    while left > 0 {
        let op = StepParams::<S, O>::new(s, table, [Slice(i); 4]);
        let Run { src: from, dst: to, len } = runs.next_of(left);
        let (src, dst) = (&src[from..from + len], &mut dst[to..to + len]);
        for_each_step(s, &op, Io { src, dst, stores });
        (left, i) = (left - len, i + 1);
    }
}

/// Says whether the slices are whole blocks, so that each step belongs to one or two blocks.
#[inline(always)]
pub(crate) fn is_of_blocks<S: Simd>(_: S, group: &Group) -> bool {
    let block = group.same();
    block.is_power_of_two() && (2 * S::LANES..=LONGEST_BLOCK).contains(&block) && group.is_whole
}

/// Applies `O` to whole steps, with two blocks in each step or with one or more steps for each block. Returns the
/// number of elements in the steps.
#[inline(always)]
fn steps_of_blocks<S: Simd, O: Operation<S>, const TWO: bool, const STREAM: bool>(
    s: S,
    src: &[O::Src],
    dst: &mut [O::Dst],
    block: usize,
    table: &TableOf<S, O, SLICES>,
    beside: &mut impl Beside<S, O::Out, O::Dst>,
) -> usize {
    let shift = block.trailing_zeros();
    let limits = O::limits(s, table, [Slice(0); 4]);
    let (mut at, mut steps) = (0, dst.chunks_exact_mut(S::STEP));
    for src in src.chunks_exact(S::STEP) {
        let Some(dst) = steps.next() else { break };
        beside.before(s, at);
        let first = Slice(at >> shift);
        let second = if TWO { Slice(first.0 + 1) } else { first };
        at += S::STEP;
        let params = O::params(s, table, [first, first, second, second]);
        let q = O::finish(s, O::begin(s, O::In::load_step(s, src), &params), &params, &limits);
        beside.after(s, &q);
        if STREAM {
            q.stream(s, dst);
        } else {
            q.store(s, dst);
        }
    }
    at
}
