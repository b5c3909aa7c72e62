//! The loop that reduces a slice to its extremes.
//!
//! An extreme does not depend on the order of the elements, nor on how often an element is seen. So the first and the
//! last step overlap the others, which start at cache lines: a load from two lines takes twice the time. A slice that
//! is shorter than a step is loaded in part.

use super::hints::Loads;
use super::loops::slice::{ask_ahead, elements_past_line};
use crate::simd::Simd;

/// Accumulators of what a slice is reduced to. There are four of each kind, one for each register of a step, which hides
/// the latency of the operation.
pub(crate) trait Reduction<S, T> {
    type Output;

    /// Four registers of elements, and the number of elements.
    type Step: Copy;
    const STEP: usize;

    /// Says that the result is found by bits, as `min_max.rs` explains: a NaN may have replaced a bound, and once both
    /// signs were seen, [`take_settled`](Self::take_settled) is enough.
    const BY_BITS: bool = false;

    /// Reads a step from the front of `src`.
    fn load_step(s: S, src: &[T]) -> Self::Step;

    /// Reads all of `src`, which is shorter than a step. Elements in other lanes do not change the result.
    fn load_part(s: S, src: &[T]) -> Self::Step;

    /// Returns accumulators that have seen no element.
    fn none(s: S) -> Self;

    /// Takes in one step.
    fn take(&mut self, s: S, x: Self::Step);

    /// Says whether both signs were seen.
    #[inline(always)]
    fn is_settled(&self, _s: S) -> bool {
        false
    }

    /// Takes in one step after both signs were seen.
    #[inline(always)]
    fn take_settled(&mut self, s: S, x: Self::Step) {
        self.take(s, x);
    }

    fn finish(self, s: S) -> Self::Output;
}

/// Reduces `src` by `R`.
#[inline(always)]
pub(super) fn reduce<S: Simd, T, R: Reduction<S, T>>(s: S, src: &[T], loads: Loads) -> R::Output {
    let mut seen = R::none(s);
    if src.len() < R::STEP {
        seen.take(s, R::load_part(s, src));
    } else {
        take_steps(s, src, loads, &mut seen);
    }
    seen.finish(s)
}

#[inline(always)]
fn take_steps<S: Simd, T, R: Reduction<S, T>>(s: S, src: &[T], loads: Loads, seen: &mut R) {
    seen.take(s, R::load_step(s, src));
    let mut steps = src[R::STEP - elements_past_line(src) % R::STEP..].chunks_exact(R::STEP);
    let has_rest = !steps.remainder().is_empty();
    if R::BY_BITS {
        // Signs are looked for after 1, 2, 4, 8, … steps.
        let (mut taken, mut look) = (1_usize, 1);
        for x in steps.by_ref() {
            if loads.is_ahead() {
                ask_ahead(s, x);
            }
            if taken == look {
                if seen.is_settled(s) {
                    seen.take_settled(s, R::load_step(s, x));
                    break;
                }
                look *= 2;
            }
            seen.take(s, R::load_step(s, x));
            taken += 1;
        }
    }
    if loads.is_ahead() {
        for x in steps {
            ask_ahead(s, x);
            seen.take_settled(s, R::load_step(s, x));
        }
    } else {
        for x in steps {
            seen.take_settled(s, R::load_step(s, x));
        }
    }
    if has_rest {
        seen.take(s, R::load_step(s, &src[src.len() - R::STEP..]));
    }
}
