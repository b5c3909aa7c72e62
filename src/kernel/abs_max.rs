//! The absolute maximum `max |x|`, which is NaN if an element is NaN.
//!
//! Without its sign bit, a float is ordered as its bits are, and a NaN is above infinity. One accumulator is therefore
//! enough: it holds the greatest magnitude, or a NaN that nothing replaces. `max_magnitude` is this step on every
//! instruction set, by the fewest instructions. Floats of 16 bits are not widened: they are integers until the end.

use super::choice::Algorithms;
use super::hints::Loads;
use super::reduction::{Reduction, reduce};
use crate::element::{Compute, Real};
#[cfg(feature = "half")]
use crate::simd::{FloatBits, ShortFloat};
use crate::simd::{FloatOps, Kernel};

/// The absolute maximum of `src`, or 0 if `src` is empty.
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
    type Register = S::V;

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
pub(crate) struct ByShorts<S: FloatBits<T>, T: ShortFloat>([S::Ints; 4]);

#[cfg(feature = "half")]
impl<S: FloatBits<T>, T: ShortFloat> Reduction<S, T> for ByShorts<S, T> {
    type Output = T::Compute;
    type Register = S::Ints;

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
