//! The range: the least and the greatest element, and whether there is a NaN.
//!
//! There are three ways to accumulate, the third in `by_both.rs`. A zero bound of either sign becomes `+0.0` at the end.
//!
//! # By comparison
//!
//! `min_number` and `max_number` keep the accumulator where the element is NaN. Comparing two
//! elements with each other finds a NaN in either of them.
//!
//! # By bits
//!
//! Most CPUs compare at least as many integers in a cycle as floats, and integers show a NaN at no cost. `f32`, `f16`
//! and `bf16` are therefore reduced by their bits. Without widening, a register holds twice as many 16-bit floats.
//!
//! Read as signed integers, non-negative floats are in order, and negative floats are below them in reverse. Read as
//! unsigned integers, every negative float is above the others, and the least float is the greatest integer. The
//! greatest and the least signed integer and the greatest unsigned one, three instructions a register, are enough:
//!
//! ```text
//! max = greatest signed,    if its sign is +;  otherwise all are negative, and it is the least signed
//! min = greatest unsigned,  if its sign is −;  otherwise none is negative, and it is the least signed
//! ```
//!
//! After both signs have been seen, the least signed integer is not needed, and two instructions are enough.
//!
//! A NaN is beyond infinity in both readings: the slice has one if and only if the greatest signed integer is above
//! `+inf` or the greatest unsigned one is above `−inf`. The NaN has then replaced a bound, so this piece of the slice
//! is reduced again by comparison.

use super::choice::Algorithms;
use super::hints::Loads;
use super::reduction::{Reduction, reduce};
use crate::cpu::compares_many_integers;
use crate::element::{Compute, Number, Real};
use crate::range::MinMax;
use crate::reference;
use crate::simd::{Elements, FloatBits, FloatOps, FromBits, Kernel, MOST_LANES, Store};

/// The number of elements that are reduced together, and again if one of them is NaN. It is so large that the reduction
/// of a register to a number costs next to nothing.
const PIECE: usize = 16 * 1024;

/// The range of the elements of `src`.
pub(crate) struct MinMaxOf<'a, T> {
    pub(crate) src: &'a [T],
    pub(crate) loads: Loads,
}

impl<S: Algorithms<T>, T: Real> Kernel<S> for MinMaxOf<'_, T> {
    type Output = MinMax<T::Compute>;

    #[inline(always)]
    fn run(self, s: S) -> MinMax<T::Compute> {
        if S::HAS_BY_INTEGERS && compares_many_integers() {
            in_pieces::<S, T, S::ByIntegers>(s, self)
        } else {
            in_pieces::<S, T, S::Extremes>(s, self)
        }
    }
}

/// Reduces by `R`, and again by comparison if `R` is by bits and there is a NaN.
#[inline(always)]
fn in_pieces<S: Elements<T>, T: Real, R>(s: S, of: MinMaxOf<'_, T>) -> MinMax<T::Compute>
where
    R: Reduction<S, T, Output = MinMax<T::Compute>>,
{
    let mut all = MinMax::EMPTY;
    for piece in of.src.chunks(PIECE) {
        let mut seen = reduce::<S, T, R>(s, piece, of.loads);
        if R::BY_BITS && seen.has_nan {
            seen = reduce::<S, T, ByComparison<S, T::Compute>>(s, piece, Loads::Cached);
        }
        all = all.merge_observed(seen);
    }
    all
}

/// Accumulates `min` and `max` of floats.
pub(crate) struct ByComparison<S: FloatOps<T>, T: Compute> {
    min: [S::V; 4],
    max: [S::V; 4],
    nan: [S::Flag; 2],
}

impl<S: FloatOps<T>, T: Compute> ByComparison<S, T> {
    /// The number of registers in use for each bound: two if the CPU would have to keep four in memory.
    const ACCUMULATORS: usize = {
        let registers = size_of::<S::V>() / size_of::<S::I32>();
        if 2 * 4 * registers < S::REGISTERS { 4 } else { 2 }
    };
}

impl<S: Elements<T>, T: Real> Reduction<S, T> for ByComparison<S, T::Compute> {
    type Output = MinMax<T::Compute>;
    type Register = S::V;

    #[inline(always)]
    fn none(s: S) -> Self {
        Self {
            min: [s.splat(T::Compute::INFINITY); 4],
            max: [s.splat(T::Compute::NEG_INFINITY); 4],
            nan: [s.no_flag(); 2],
        }
    }

    #[inline(always)]
    fn take(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            let at = group % Self::ACCUMULATORS;
            self.min[at] = s.min_number(x[group], self.min[at]);
            self.max[at] = s.max_number(x[group], self.max[at]);
        }
        self.nan[0] = s.flag_nan(self.nan[0], x[0], x[1]);
        self.nan[1] = s.flag_nan(self.nan[1], x[2], x[3]);
    }

    #[inline(always)]
    fn finish(self, s: S) -> MinMax<T::Compute> {
        let (mut min, mut max) = (self.min[0], self.max[0]);
        for group in 1..4 {
            min = s.min(min, self.min[group]);
            max = s.max(max, self.max[group]);
        }
        // `min` and `max` are reduced separately: if all elements are NaN, the lanes of `min` are above those of `max`.
        let mut lanes = [T::Compute::ZERO; MOST_LANES];
        Store::<_, T::Compute>::store(min, s, &mut lanes);
        let min = reference::min_max(&lanes[..S::LANES]).min;
        Store::<_, T::Compute>::store(max, s, &mut lanes);
        let max = reference::min_max(&lanes[..S::LANES]).max;
        MinMax { min, max, has_nan: s.any_flag(self.nan[0]) | s.any_flag(self.nan[1]) }
    }
}

/// Accumulates `min` and `max` of the bits, as integers.
pub(crate) struct ByBits<S: FloatBits<T>, T: FromBits> {
    signed_min: [S::Ints; 4],
    signed_max: [S::Ints; 4],
    unsigned_max: [S::Ints; 4],
}

impl<S: FloatBits<T>, T: FromBits> Reduction<S, T> for ByBits<S, T> {
    type Output = MinMax<T::Compute>;
    type Register = S::Ints;
    const BY_BITS: bool = true;

    #[inline(always)]
    fn none(s: S) -> Self {
        Self {
            signed_min: [s.bits_splat(T::SIGN_BIT - 1); 4],
            signed_max: [s.bits_splat(T::SIGN_BIT); 4],
            unsigned_max: [s.bits_splat(0); 4],
        }
    }

    #[inline(always)]
    fn take(&mut self, s: S, bits: [S::Ints; 4]) {
        for group in 0..4 {
            self.signed_min[group] = s.signed_min(self.signed_min[group], bits[group]);
        }
        self.take_settled(s, bits);
    }

    #[inline(always)]
    fn is_settled(&self, s: S) -> bool {
        s.any_negative(s.bits_not(self.greatest(s))) && s.any_negative(self.unsigned_greatest(s))
    }

    #[inline(always)]
    fn take_settled(&mut self, s: S, bits: [S::Ints; 4]) {
        for group in 0..4 {
            self.signed_max[group] = s.signed_max(self.signed_max[group], bits[group]);
            self.unsigned_max[group] = s.unsigned_max(self.unsigned_max[group], bits[group]);
        }
    }

    #[inline(always)]
    fn finish(self, s: S) -> MinMax<T::Compute> {
        let [a, b, c, d] = self.signed_min;
        let least = s.signed_min(s.signed_min(a, b), s.signed_min(c, d));
        let (signed_min, signed_max) = (s.signed_least(least), s.signed_greatest(self.greatest(s)));
        let unsigned_max = s.unsigned_greatest(self.unsigned_greatest(s));

        let max = if signed_max >= 0 { signed_max } else { signed_min };
        let min = if unsigned_max & T::SIGN_BIT != 0 { unsigned_max } else { signed_min as u32 };
        reference::with_positive_zeros(MinMax {
            min: T::from_low_bits(min),
            max: T::from_low_bits(max as u32),
            has_nan: signed_max > T::INFINITY_BITS as i32
                || unsigned_max > T::INFINITY_BITS | T::SIGN_BIT,
        })
    }
}

impl<S: FloatBits<T>, T: FromBits> ByBits<S, T> {
    /// Returns the greatest integers of the four registers, read as signed, lane by lane.
    #[inline(always)]
    fn greatest(&self, s: S) -> S::Ints {
        let [a, b, c, d] = self.signed_max;
        s.signed_max(s.signed_max(a, b), s.signed_max(c, d))
    }
    /// Returns the greatest integers of the four registers, read as unsigned, lane by lane.
    #[inline(always)]
    fn unsigned_greatest(&self, s: S) -> S::Ints {
        let [a, b, c, d] = self.unsigned_max;
        s.unsigned_max(s.unsigned_max(a, b), s.unsigned_max(c, d))
    }
}
