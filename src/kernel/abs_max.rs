//! Absolute maximum: `max |x|`, and NaN where there is one.
//!
//! Without its sign bit a float is in the order of its bits, and a NaN is above infinity. So one accumulator is enough:
//! it holds the greatest magnitude, or a NaN that nothing replaces. `max_magnitude` is this step on every instruction
//! set, by whichever instructions are fewest. Floats of 16 bits are not widened: they are integers until the end.

use super::choice::Algorithms;
use super::hints::Loads;
#[cfg(feature = "half")]
use super::min_max::load_bits_step;
use super::reduction::{Reduction, reduce};
use crate::element::{Compute, Real};
use crate::simd::{FloatOps, Kernel};
#[cfg(feature = "half")]
use crate::simd::{I16Ops, ShortFloat};

/// The absolute maximum of `src`: 0 where it is empty.
pub(crate) struct AbsMaxOf<'a, T> {
    pub(crate) src: &'a [T],
    pub(crate) loads: Loads,
}

impl<S: Algorithms<T>, T: Real> Kernel<S> for AbsMaxOf<'_, T> {
    type Output = T::Compute;

    #[inline(always)]
    fn run(self, s: S) -> T::Compute {
        reduce::<S, T, S::Magnitudes>(s, self.src, self.loads)
    }
}

/// Accumulates by `max_magnitude`.
pub(crate) struct ByMagnitude<S: FloatOps<T>, T: Compute>([S::V; 4]);

impl<S: FloatOps<T>, T: Compute> Reduction<S, T> for ByMagnitude<S, T> {
    type Output = T;
    type Step = [S::V; 4];
    const STEP: usize = S::STEP;

    #[inline(always)]
    fn load_step(s: S, src: &[T]) -> [S::V; 4] {
        FloatOps::<T>::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        FloatOps::<T>::load_part(s, src, T::ZERO)
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

/// Accumulates by the bits of 16-bit floats.
#[cfg(feature = "half")]
pub(crate) struct ByShorts<S: I16Ops>([S::I16; 4]);

#[cfg(feature = "half")]
impl<S: I16Ops, T: ShortFloat> Reduction<S, T> for ByShorts<S> {
    type Output = T::Compute;
    type Step = [S::I16; 4];
    const STEP: usize = 8 * S::LANES;

    #[inline(always)]
    fn load_step(s: S, src: &[T]) -> [S::I16; 4] {
        load_bits_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::I16; 4] {
        s.load_shorts_part(src, T::zeroed())
    }
    #[inline(always)]
    fn none(s: S) -> Self {
        Self([s.i16_splat(0); 4])
    }
    #[inline(always)]
    fn take(&mut self, s: S, bits: [S::I16; 4]) {
        let magnitude = s.i16_splat(i16::MAX);
        for group in 0..4 {
            let bits = s.i16_and(bits[group], magnitude);
            self.0[group] = s.i16_max(self.0[group], bits);
        }
    }
    #[inline(always)]
    fn finish(self, s: S) -> T::Compute {
        let [a, b, c, d] = self.0;
        let greatest = s.i16_greatest(s.i16_max(s.i16_max(a, b), s.i16_max(c, d)));
        T::from_low_bits(greatest as u32)
    }
}
