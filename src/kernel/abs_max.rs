//! Absolute maximum: `max |x|`, and NaN where there is one.
//!
//! Without its sign bit a float is in the order of its bits, and a NaN is above infinity. So one
//! accumulator tells all: it holds the greatest magnitude, or a NaN that nothing replaces.
//! `max_magnitude` is that step on every instruction set, by whichever instructions are fewest.
//!
//! The result does not depend on order, nor on how often an element is seen: four accumulators hide
//! the latency, the first and the last step overlap the others, and a slice shorter than a step is
//! loaded in part, lanes without an element being 0. The steps between start at cache lines: a load
//! from two lines takes twice the time.

use super::steps::elements_past_line;
use crate::element::{Compute, Real};
use crate::simd::{Elements, Floats, Kernel};

/// The absolute maximum of `src`: 0 where it is empty.
pub(crate) struct AbsMaxOf<'a, T> {
    pub(crate) src: &'a [T],
}

impl<S: Elements<T>, T: Real> Kernel<S> for AbsMaxOf<'_, T> {
    type Output = T::Compute;

    #[inline(always)]
    fn run(self, s: S) -> T::Compute {
        let src = self.src;
        let n = src.len();
        let mut greatest = [s.splat(T::Compute::ZERO); 4];
        if n < S::STEP {
            take(s, &mut greatest, Elements::<T>::load_part(s, src, T::zeroed()));
        } else {
            take(s, &mut greatest, Elements::<T>::load_step(s, src));
            let steps = src[S::STEP - elements_past_line(src) % S::STEP..].chunks_exact(S::STEP);
            let whole = steps.remainder().is_empty();
            for step in steps {
                take(s, &mut greatest, Elements::<T>::load_step(s, step));
            }
            if !whole {
                take(s, &mut greatest, Elements::<T>::load_step(s, &src[n - S::STEP..]));
            }
        }
        let low = s.max_magnitude(greatest[0], greatest[1]);
        let high = s.max_magnitude(greatest[2], greatest[3]);
        s.greatest_lane(s.max_magnitude(low, high))
    }
}

/// Takes in one step.
#[inline(always)]
fn take<S: Floats<T>, T: Compute>(s: S, greatest: &mut [S::V; 4], x: [S::V; 4]) {
    for group in 0..4 {
        greatest[group] = s.max_magnitude(greatest[group], x[group]);
    }
}
