//! The loop that reduces a slice to its extremes.
//!
//! An extreme does not depend on the order of the elements, nor on how often an element is seen. The first and the last
//! step therefore overlap the middle steps, which start at cache lines: a load from two lines takes twice the time. A
//! slice that is shorter than a step is loaded in part, and filled up with its first element.

use bytemuck::Pod;

use super::hints::Loads;
use super::loops::slice::{elements_past_line, prefetch_ahead};
use crate::simd::{Load, Simd};

/// The accumulators of a reduction: four of each kind, one for each register of a step, to hide the latency.
pub(crate) trait Reduction<S: Simd, T: Pod> {
    type Output;

    /// One of the four registers of a step.
    type Register: Load<S, T>;

    /// Says that the result is found by bits, as `min_max.rs` explains: a NaN may have replaced a bound, and once both
    /// signs were seen, [`take_settled`](Self::take_settled) is enough.
    const BY_BITS: bool = false;

    /// Returns accumulators that have seen no element.
    fn none(s: S) -> Self;

    /// Accumulates one step.
    fn take(&mut self, s: S, x: [Self::Register; 4]);

    /// Says whether both signs were seen.
    #[inline(always)]
    fn is_settled(&self, _s: S) -> bool {
        false
    }

    /// Accumulates one step after both signs were seen.
    #[inline(always)]
    fn take_settled(&mut self, s: S, x: [Self::Register; 4]) {
        self.take(s, x);
    }

    /// Combines the accumulators to the result.
    fn finish(self, s: S) -> Self::Output;
}

/// Reduces `src` by the reduction `R`.
#[inline(always)]
pub(super) fn reduce<S: Simd, T: Pod, R: Reduction<S, T>>(
    s: S,
    src: &[T],
    loads: Loads,
) -> R::Output {
    let mut seen = R::none(s);
    if src.len() >= 4 * R::Register::LANES {
        take_steps(s, src, loads, &mut seen);
    } else if let Some(&first) = src.first() {
        seen.take(s, R::Register::load_part(s, src, first));
    }
    seen.finish(s)
}

#[inline(always)]
fn take_steps<S: Simd, T: Pod, R: Reduction<S, T>>(s: S, src: &[T], loads: Loads, seen: &mut R) {
    let step = const { 4 * R::Register::LANES };
    seen.take(s, R::Register::load_step(s, src));
    let mut steps = src[step - elements_past_line(src) % step..].chunks_exact(step);
    let has_rest = !steps.remainder().is_empty();
    if R::BY_BITS {
        // The signs are checked after 1, 2, 4, 8, … steps.
        let (mut taken, mut look) = (1_usize, 1);
        for x in steps.by_ref() {
            if loads.is_ahead() {
                prefetch_ahead(s, x);
            }
            if taken == look {
                if seen.is_settled(s) {
                    seen.take_settled(s, R::Register::load_step(s, x));
                    break;
                }
                look *= 2;
            }
            seen.take(s, R::Register::load_step(s, x));
            taken += 1;
        }
    }
    if loads.is_ahead() {
        for x in steps {
            prefetch_ahead(s, x);
            seen.take_settled(s, R::Register::load_step(s, x));
        }
    } else {
        for x in steps {
            seen.take_settled(s, R::Register::load_step(s, x));
        }
    }
    if has_rest {
        seen.take(s, R::Register::load_step(s, &src[src.len() - step..]));
    }
}
