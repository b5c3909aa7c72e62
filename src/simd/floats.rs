//! Floats in registers: their arithmetic, and how they come from memory.

use super::{MOST_LANES, Simd, part};
use crate::element::{Compute, Real};
use crate::kernel::{ByMagnitude, Divide, Extremes, Magnitudes};
use crate::reference;

/// N lanes of `T`, and their arithmetic: the IEEE-754 operations, to nearest, ties to even.
pub(crate) trait Floats<T: Compute>: Simd {
    /// N lanes of `T`.
    type V: Copy;

    /// Which of the NaN tests held.
    type Flag: Copy;

    /// The exact quotient's form where the reciprocal is proved, see `kernel/divide.rs`.
    type Divide: Divide<Self, T>;

    /// Its form where only `Proved::Far` is, or more, see `kernel/divide_far.rs`.
    type DivideFar: Divide<Self, T>;

    /// The fastest way to the extremes, see `kernel/min_max.rs`.
    type Extremes: Extremes<Self, T>;

    /// Reads N elements from the front of `src`.
    fn load(self, src: &[T]) -> Self::V;
    /// Writes N elements to the front of `dst`.
    fn store(self, v: Self::V, dst: &mut [T]);
    fn splat(self, x: T) -> Self::V;

    /// Reads a step from the front of `src`.
    #[inline(always)]
    fn load_step(self, src: &[T]) -> [Self::V; 4] {
        let n = Self::LANES;
        let src = &src[..Self::STEP];
        [self.load(src), self.load(&src[n..]), self.load(&src[2 * n..]), self.load(&src[3 * n..])]
    }
    /// Writes a step to the front of `dst`.
    #[inline(always)]
    fn store_step(self, v: [Self::V; 4], dst: &mut [T]) {
        let dst = &mut dst[..Self::STEP];
        for group in 0..4 {
            self.store(v[group], &mut dst[group * Self::LANES..]);
        }
    }
    /// `store_step` past the caches, if there is such an instruction; `dst` starts at a cache line, or a whole
    /// number of steps from one.
    #[inline(always)]
    fn stream_step(self, v: [Self::V; 4], dst: &mut [T]) {
        self.store_step(v, dst);
    }
    /// Reads all of `src`, shorter than a step, in the places of [`part`]; other lanes are `fill`.
    #[inline(always)]
    fn load_part(self, src: &[T], fill: T) -> [Self::V; 4] {
        let mut v = [self.splat(fill); 4];
        if src.len() < Self::LANES {
            let mut lanes = [fill; MOST_LANES];
            lanes[..src.len()].copy_from_slice(src);
            v[0] = self.load(&lanes);
        } else {
            for group in 0..4 {
                v[group] = self.load(&src[part(src.len(), group, Self::LANES)..]);
            }
        }
        v
    }
    /// Writes as many elements as `dst` has, fewer than a step, from the places of [`part`].
    #[inline(always)]
    fn store_part(self, v: [Self::V; 4], dst: &mut [T]) {
        if dst.len() < Self::LANES {
            let mut lanes = [T::ZERO; MOST_LANES];
            self.store(v[0], &mut lanes);
            dst.copy_from_slice(&lanes[..dst.len()]);
        } else {
            for group in 0..4 {
                let at = part(dst.len(), group, Self::LANES);
                self.store(v[group], &mut dst[at..]);
            }
        }
    }

    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn abs(self, a: Self::V) -> Self::V;

    /// `a + b²`, where b² is a number of the type, so that it does not matter whether it is rounded.
    #[inline(always)]
    fn add_exact_square(self, a: Self::V, b: Self::V) -> Self::V {
        self.add(a, self.mul(b, b))
    }
    /// The greater of `a`, which is not negative, and `|b|`; neither is NaN.
    #[inline(always)]
    fn max_abs(self, a: Self::V, b: Self::V) -> Self::V {
        self.max(self.abs(b), a)
    }

    /// `a` where `a < b`, otherwise `b`: so `b` where one of them is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a` where `a > b`, otherwise `b`: so `b` where one of them is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;

    /// The lesser; `acc`, which is no NaN, where `x` is one, signalling or quiet.
    ///
    /// Not simply `min(x, acc)` where that is made of a comparison and a choice: having seen that
    /// `acc` is never NaN, the compiler may replace the two by an instruction that does the same for
    /// quiet NaNs only.
    #[inline(always)]
    fn min_number(self, x: Self::V, acc: Self::V) -> Self::V {
        self.min(x, acc)
    }
    /// The greater; otherwise as `min_number`.
    #[inline(always)]
    fn max_number(self, x: Self::V, acc: Self::V) -> Self::V {
        self.max(x, acc)
    }

    /// The greater of `acc`, a magnitude, and `|x|`; a NaN is above infinity. So a NaN that is in
    /// `acc` or in `x` remains a NaN, whichever.
    fn max_magnitude(self, acc: Self::V, x: Self::V) -> Self::V;
    /// Whether a NaN may give way to a number in `max_magnitudes`, or become a negative one.
    const NANS_GIVE_WAY: bool = false;
    /// The greater of `|a|` and `|b|`. Where one is a NaN, so is the result, unless `NANS_GIVE_WAY`.
    #[inline(always)]
    fn max_magnitudes(self, a: Self::V, b: Self::V) -> Self::V {
        self.max_magnitude(self.abs(a), b)
    }
    /// The greatest lane of magnitudes, in the same order.
    #[inline(always)]
    fn greatest_lane(self, v: Self::V) -> T {
        let mut lanes = [T::ZERO; MOST_LANES];
        self.store(v, &mut lanes);
        reference::abs_max_of(&lanes[..Self::LANES])
    }

    /// In lane i the greatest lane of register i: of N registers of magnitudes, without NaN or in the
    /// order of `max_magnitude`.
    #[inline(always)]
    fn greatest_lanes(self, v: [Self::V; MOST_LANES]) -> Self::V {
        let mut greatest = [T::ZERO; MOST_LANES];
        for i in 0..Self::LANES {
            greatest[i] = self.greatest_lane(v[i]);
        }
        self.load(&greatest)
    }

    fn no_flag(self) -> Self::Flag;
    /// `flag`, and set where `a` or `b` is NaN.
    fn flag_nan(self, flag: Self::Flag, a: Self::V, b: Self::V) -> Self::Flag;
    fn any_flag(self, flag: Self::Flag) -> bool;

    /// The nearest integers, ties to even.
    ///
    /// Every lane is below 2³¹, or NaN; +inf only where [`Fused::OVERFLOW_IS_LOW`]. What is below
    /// `lo`, NaN, and that +inf become some integer that is not above `lo`: the cheapest, since
    /// converters differ.
    fn round_above(self, v: Self::V, lo: Self::V) -> Self::I32;

    /// The nearest number to every integer.
    fn i32_to_real(self, n: Self::I32) -> Self::V;

    /// The nearest numbers, ties to even; none is beyond the type's greatest.
    fn f64_to_real(self, v: <Self as Floats<f64>>::V) -> <Self as Floats<T>>::V
    where
        Self: Floats<f64>;

    /// The same numbers in `f64`.
    fn to_f64(self, v: <Self as Floats<T>>::V) -> <Self as Floats<f64>>::V
    where
        Self: Floats<f64>;
}

/// Numbers as they are in memory, in registers of the type that they are computed in.
pub(crate) trait Elements<T: Real>: Floats<T::Compute> {
    /// The fastest way to the extremes, see `kernel/min_max.rs`.
    type Extremes: Extremes<Self, T>;
    /// The fastest way to the greatest magnitude, see `kernel/abs_max.rs`.
    type Magnitudes: Magnitudes<Self, T>;

    /// Reads N elements from the front of `src`.
    fn load(self, src: &[T]) -> Self::V;
    /// Reads a step from the front of `src`.
    fn load_step(self, src: &[T]) -> [Self::V; 4];
    /// As [`Floats::load_part`].
    fn load_part(self, src: &[T], fill: T) -> [Self::V; 4];
    /// Writes a step, each number rounded to the nearest of the type; no NaN is among them.
    fn store_step(self, v: [Self::V; 4], dst: &mut [T]);
    /// As [`Floats::store_part`].
    fn store_part(self, v: [Self::V; 4], dst: &mut [T]);
    /// As [`Floats::stream_step`].
    fn stream_step(self, v: [Self::V; 4], dst: &mut [T]);
}

impl<S: Floats<T>, T: Compute> Elements<T> for S {
    type Extremes = <S as Floats<T>>::Extremes;
    type Magnitudes = ByMagnitude<S, T>;

    instructions! {
        fn load(self, src: &[T]) -> S::V = Floats::<T>::load(self, src);
        fn load_step(self, src: &[T]) -> [S::V; 4] = Floats::<T>::load_step(self, src);
        fn load_part(self, src: &[T], fill: T) -> [S::V; 4] =
            Floats::<T>::load_part(self, src, fill);
        fn store_step(self, v: [S::V; 4], dst: &mut [T]) = Floats::<T>::store_step(self, v, dst);
        fn store_part(self, v: [S::V; 4], dst: &mut [T]) = Floats::<T>::store_part(self, v, dst);
        fn stream_step(self, v: [S::V; 4], dst: &mut [T]) = Floats::<T>::stream_step(self, v, dst);
    }
}

/// Fused arithmetic: what the reciprocal's exactness rests on.
pub(crate) trait Fused<T: Compute>: Floats<T> {
    /// Whether [`round_above`](Floats::round_above) makes a low integer of what is above 2³¹ too.
    const OVERFLOW_IS_LOW: bool;

    /// `a · b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;

    /// `a · inverse`, corrected by its own remainder: `a ⊘ b` or next to it, where the inverse is `1 ⊘ b`.
    #[inline(always)]
    fn corrected_quotient(self, a: Self::V, minus_b: Self::V, inverse: Self::V) -> Self::V {
        let first = self.mul(a, inverse);
        let remainder = self.mul_add(first, minus_b, a);
        self.mul_add(remainder, inverse, first)
    }

    /// `a ⊘ b`, given `1 ⊘ b`.
    ///
    /// A division keeps its unit for five times as long as a corrected quotient of `f32` takes. That comes to the
    /// same for what tables divide, of which every mantissa is tested (`kernel/table.rs`). `f64`, which has too
    /// many mantissas to test, divides.
    #[inline(always)]
    fn div_by(self, a: Self::V, b: Self::V, inverse: Self::V) -> Self::V {
        if T::HALF_THE_DIGITS {
            self.corrected_quotient(a, self.sub(self.splat(T::ZERO), b), inverse)
        } else {
            self.div(a, b)
        }
    }
}
