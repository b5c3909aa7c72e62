//! Absolute maximum: `max |x|`, and NaN where there is one.
//!
//! Without its sign bit a float is in the order of its bits, and a NaN is above infinity. So one
//! accumulator tells all: it holds the greatest magnitude, or a NaN that nothing replaces.
//! `max_magnitude` is that step on every instruction set, by whichever instructions are fewest. Those of
//! 16 bits are not widened: they are integers until the end.
//!
//! The result does not depend on order, nor on how often an element is seen: four accumulators hide
//! the latency, the first and the last step overlap the others, and a slice shorter than a step is
//! loaded in part, lanes without an element being 0. The steps between start at cache lines: a load
//! from two lines takes twice the time.

use super::choice::Algorithms;
use super::hints::Loads;
use super::loops::slice::{ask_ahead, elements_past_line};
use crate::element::{Compute, Real};
#[cfg(feature = "half")]
use crate::simd::{FloatBits, ShortFloat};
use crate::simd::{FloatOps, Kernel, Load, Simd};

/// The absolute maximum of `src`: 0 where it is empty.
pub(crate) struct AbsMaxOf<'a, T> {
    pub(crate) src: &'a [T],
    pub(crate) loads: Loads,
}

impl<S: Algorithms<T>, T: Real> Kernel<S> for AbsMaxOf<'_, T> {
    type Output = T::Compute;

    #[inline(always)]
    fn run(self, s: S) -> T::Compute {
        of_slice::<S, T, S::Magnitudes>(s, self.src, self.loads)
    }
}

#[inline(always)]
fn of_slice<S: Simd, T: Real, M: Magnitudes<S, T>>(s: S, src: &[T], loads: Loads) -> T::Compute {
    let n = src.len();
    let mut greatest = M::none(s);
    if n < M::STEP {
        greatest.take(s, M::load_part(s, src));
    } else {
        greatest.take(s, M::load_step(s, src));
        let steps = src[M::STEP - elements_past_line(src) % M::STEP..].chunks_exact(M::STEP);
        let whole = steps.remainder().is_empty();
        if loads.is_ahead() {
            for step in steps {
                ask_ahead(s, step);
                greatest.take(s, M::load_step(s, step));
            }
        } else {
            for step in steps {
                greatest.take(s, M::load_step(s, step));
            }
        }
        if !whole {
            greatest.take(s, M::load_step(s, &src[n - M::STEP..]));
        }
    }
    greatest.finish(s)
}

/// A way to accumulate the greatest magnitude.
pub(crate) trait Magnitudes<S, T: Real> {
    /// The elements of a step.
    const STEP: usize;

    /// Four registers of elements.
    type Step: Copy;

    /// Reads a step from the front of `src`.
    fn load_step(s: S, src: &[T]) -> Self::Step;

    /// Reads all of `src`, shorter than a step; other lanes are 0.
    fn load_part(s: S, src: &[T]) -> Self::Step;

    /// Of no elements.
    fn none(s: S) -> Self;

    /// Takes in one step.
    fn take(&mut self, s: S, x: Self::Step);

    fn finish(self, s: S) -> T::Compute;
}

/// By `max_magnitude`, of the type that is computed in.
pub(crate) struct ByMagnitude<S: FloatOps<T>, T: Compute>([S::V; 4]);

impl<S: FloatOps<T>, T: Compute> Magnitudes<S, T> for ByMagnitude<S, T> {
    const STEP: usize = S::STEP;
    type Step = [S::V; 4];

    #[inline(always)]
    fn load_step(s: S, src: &[T]) -> [S::V; 4] {
        Load::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        Load::load_part(s, src, T::ZERO)
    }
    #[inline(always)]
    fn none(s: S) -> Self {
        Self([s.splat(T::ZERO); 4])
    }
    #[inline(always)]
    fn take(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            self.0[group] = s.max_magnitude(self.0[group], x[group]);
        }
    }
    #[inline(always)]
    fn finish(self, s: S) -> T {
        let [a, b, c, d] = self.0;
        s.greatest_lane(s.max_magnitude(s.max_magnitude(a, b), s.max_magnitude(c, d)))
    }
}

/// Of 16-bit floats, by their bits.
#[cfg(feature = "half")]
pub(crate) struct ByShorts<S: FloatBits<T>, T: ShortFloat>([S::Ints; 4]);

#[cfg(feature = "half")]
impl<S: FloatBits<T>, T: ShortFloat> Magnitudes<S, T> for ByShorts<S, T> {
    const STEP: usize = 4 * S::INTS;
    type Step = [S::Ints; 4];

    #[inline(always)]
    fn load_step(s: S, src: &[T]) -> [S::Ints; 4] {
        Load::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::Ints; 4] {
        Load::load_part(s, src, T::zeroed())
    }
    #[inline(always)]
    fn none(s: S) -> Self {
        Self([s.bits_splat(0); 4])
    }
    #[inline(always)]
    fn take(&mut self, s: S, bits: [S::Ints; 4]) {
        let magnitude = s.bits_splat(T::SIGN_BIT - 1);
        for group in 0..4 {
            let bits = s.bits_and(bits[group], magnitude);
            self.0[group] = s.signed_max(self.0[group], bits);
        }
    }
    #[inline(always)]
    fn finish(self, s: S) -> T::Compute {
        let [a, b, c, d] = self.0;
        let greatest = s.signed_greatest(s.signed_max(s.signed_max(a, b), s.signed_max(c, d)));
        T::from_low_bits(greatest as u32)
    }
}
