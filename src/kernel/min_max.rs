//! Range: the least and the greatest element, and whether there is a NaN.
//!
//! Neither depends on order, nor on how often an element is seen: several accumulators hide the
//! latency, the first and the last step overlap the others, which start at cache lines, and a slice
//! shorter than a step is loaded in part, lanes without an element being its first one. There are two
//! ways to accumulate. A zero bound of either sign becomes `+0.0` at the end.
//!
//! # By comparison
//!
//! `min_number` and `max_number` leave the accumulator where the other operand is NaN; so a NaN is
//! passed over wherever it stands. A comparison of two elements with each other
//! finds a NaN in either.
//!
//! # By bits
//!
//! CPUs compare more integers in a cycle than floats, so an `f32` is reduced by its bits. Read as a
//! signed integer, a float has its own sign; non-negative floats are in order, negative ones in
//! reverse, below them. Read as an unsigned integer, every negative float is above the others, and
//! the least float is the greatest integer. So the greatest and the least signed integer and the
//! greatest unsigned one, three instructions a register, tell all:
//!
//! ```text
//! max = greatest signed,    if its sign is +;  otherwise all are negative, and it is the least signed
//! min = greatest unsigned,  if its sign is −;  otherwise none is negative, and it is the least signed
//! ```
//!
//! Once both signs have been seen, the least signed integer decides nothing, and two instructions do.
//!
//! A NaN is beyond infinity in both readings: there is one if and only if the greatest signed
//! integer is above `+inf` or the greatest unsigned one is above `−inf`. It costs nothing to see,
//! but has then taken a bound's place, so that piece of the slice is done again by comparison.

use super::steps::elements_past_line;
use crate::element::{Compute, Real};
use crate::range::MinMax;
use crate::reference;
use crate::simd::{Bits, Elements, Floats, Kernel, MOST_LANES};

/// Elements that are reduced together, and done again where there is a NaN among them: so many that
/// the reduction of a register to a number does not count.
const PIECE: usize = 16 * 1024;

/// The range of `src`.
pub(crate) struct MinMaxOf<'a, T> {
    pub(crate) src: &'a [T],
}

impl<S: Elements<T>, T: Real> Kernel<S> for MinMaxOf<'_, T> {
    type Output = MinMax<T::Compute>;

    #[inline(always)]
    fn run(self, s: S) -> MinMax<T::Compute> {
        let mut all = MinMax::EMPTY;
        for piece in self.src.chunks(PIECE) {
            let mut seen = of_piece::<S, T, S::Extremes>(s, piece);
            if S::Extremes::SPOILT_BY_NAN && seen.has_nan {
                seen = of_piece::<S, T, ByComparison<S, T::Compute>>(s, piece);
            }
            all = all.merge_observed(seen);
        }
        all
    }
}

/// The range of a slice that is not empty.
#[inline(always)]
fn of_piece<S, T, E>(s: S, src: &[T]) -> MinMax<T::Compute>
where
    S: Elements<T>,
    T: Real,
    E: Extremes<S, T::Compute>,
{
    let n = src.len();
    let mut seen = E::none(s);
    if n < S::STEP {
        seen.take(s, Elements::<T>::load_part(s, src, src[0]));
        return seen.finish(s);
    }
    // The others start at cache lines: a load from two lines takes twice the time.
    seen.take(s, Elements::<T>::load_step(s, src));
    let aligned = &src[S::STEP - elements_past_line(src) % S::STEP..];
    let mut steps = aligned.chunks_exact(S::STEP);
    let whole = steps.remainder().is_empty();
    // Both signs are looked for after 1, 2, 4, 8, … steps.
    let (mut taken, mut look) = (1_usize, 1);
    for step in steps.by_ref() {
        if taken == look {
            if seen.both_signs(s) {
                seen.take_of_both_signs(s, Elements::<T>::load_step(s, step));
                break;
            }
            look *= 2;
        }
        seen.take(s, Elements::<T>::load_step(s, step));
        taken += 1;
    }
    for step in steps {
        seen.take_of_both_signs(s, Elements::<T>::load_step(s, step));
    }
    if !whole {
        seen.take(s, Elements::<T>::load_step(s, &src[n - S::STEP..]));
    }
    seen.finish(s)
}

/// A way to accumulate the extremes.
pub(crate) trait Extremes<S: Floats<T>, T: Compute> {
    /// Whether the bounds are wrong where `has_nan` is set.
    const SPOILT_BY_NAN: bool;

    /// Of no elements.
    fn none(s: S) -> Self;

    /// Takes in one step.
    fn take(&mut self, s: S, x: [S::V; 4]);

    /// Whether elements of both signs were seen, and that makes [`take`](Self::take) simpler. Cheap.
    #[inline(always)]
    fn both_signs(&self, _s: S) -> bool {
        false
    }

    /// Takes in one step after `both_signs`.
    #[inline(always)]
    fn take_of_both_signs(&mut self, s: S, x: [S::V; 4]) {
        self.take(s, x);
    }

    fn finish(self, s: S) -> MinMax<T>;
}

/// `min` and `max` of floats.
pub(crate) struct ByComparison<S: Floats<T>, T: Compute> {
    min: [S::V; 4],
    max: [S::V; 4],
    nan: [S::Flag; 2],
}

impl<S: Floats<T>, T: Compute> ByComparison<S, T> {
    /// How many of each bound are in use: four, or two where the CPU has not the registers for four
    /// and would keep them in memory.
    const ACCUMULATORS: usize = {
        let registers = size_of::<S::V>() / size_of::<S::I32>();
        if 2 * 4 * registers < S::REGISTERS { 4 } else { 2 }
    };
}

impl<S: Floats<T>, T: Compute> Extremes<S, T> for ByComparison<S, T> {
    const SPOILT_BY_NAN: bool = false;

    #[inline(always)]
    fn none(s: S) -> Self {
        Self {
            min: [s.splat(T::INFINITY); 4],
            max: [s.splat(T::NEG_INFINITY); 4],
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
    fn finish(self, s: S) -> MinMax<T> {
        let (mut min, mut max) = (self.min[0], self.max[0]);
        for group in 1..4 {
            min = s.min(min, self.min[group]);
            max = s.max(max, self.max[group]);
        }
        // Apart: where all is NaN, the lanes of `min` are above those of `max`.
        let mut lanes = [T::ZERO; MOST_LANES];
        s.store(min, &mut lanes);
        let min = reference::min_max(&lanes[..S::LANES]).min;
        s.store(max, &mut lanes);
        let max = reference::min_max(&lanes[..S::LANES]).max;
        MinMax { min, max, has_nan: s.any_flag(self.nan[0]) | s.any_flag(self.nan[1]) }
    }
}

/// `min` and `max` of the bits of `f32`, as integers.
pub(crate) struct ByBits<S: Bits> {
    signed_min: [S::I32; 4],
    signed_max: [S::I32; 4],
    unsigned_max: [S::I32; 4],
}

impl<S: Bits> Extremes<S, f32> for ByBits<S> {
    const SPOILT_BY_NAN: bool = true;

    #[inline(always)]
    fn none(s: S) -> Self {
        Self {
            signed_min: [s.i32_splat(i32::MAX); 4],
            signed_max: [s.i32_splat(i32::MIN); 4],
            unsigned_max: [s.i32_splat(0); 4],
        }
    }

    #[inline(always)]
    fn take(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            let bits = s.to_bits(x[group]);
            self.signed_min[group] = s.i32_min(self.signed_min[group], bits);
            self.signed_max[group] = s.i32_max(self.signed_max[group], bits);
            self.unsigned_max[group] = s.u32_max(self.unsigned_max[group], bits);
        }
    }

    #[inline(always)]
    fn both_signs(&self, s: S) -> bool {
        // −1 − n is negative where n is not.
        let not_negative = s.i32_sub(s.i32_splat(-1), self.signed_max(s));
        s.i32_any_negative(not_negative) && s.i32_any_negative(self.unsigned_max(s))
    }

    #[inline(always)]
    fn take_of_both_signs(&mut self, s: S, x: [S::V; 4]) {
        for group in 0..4 {
            let bits = s.to_bits(x[group]);
            self.signed_max[group] = s.i32_max(self.signed_max[group], bits);
            self.unsigned_max[group] = s.u32_max(self.unsigned_max[group], bits);
        }
    }

    #[inline(always)]
    fn finish(self, s: S) -> MinMax<f32> {
        let [a, b, c, d] = self.signed_min;
        let least = s.i32_min(s.i32_min(a, b), s.i32_min(c, d));
        let (signed_min, signed_max) = (s.i32_least(least), s.i32_greatest(self.signed_max(s)));
        let unsigned_max = s.u32_greatest(self.unsigned_max(s));

        let max = if signed_max >= 0 { signed_max } else { signed_min };
        let min = if unsigned_max >> 31 == 1 { unsigned_max } else { signed_min as u32 };
        reference::with_positive_zeros(MinMax {
            min: f32::from_bits(min),
            max: f32::from_bits(max as u32),
            has_nan: signed_max > f32::INFINITY.to_bits() as i32
                || unsigned_max > f32::NEG_INFINITY.to_bits(),
        })
    }
}

impl<S: Bits> ByBits<S> {
    /// Of the four registers, lane by lane.
    #[inline(always)]
    fn signed_max(&self, s: S) -> S::I32 {
        let [a, b, c, d] = self.signed_max;
        s.i32_max(s.i32_max(a, b), s.i32_max(c, d))
    }
    /// Of the four registers, lane by lane.
    #[inline(always)]
    fn unsigned_max(&self, s: S) -> S::I32 {
        let [a, b, c, d] = self.unsigned_max;
        s.u32_max(s.u32_max(a, b), s.u32_max(c, d))
    }
}
