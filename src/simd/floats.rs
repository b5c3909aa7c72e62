//! Floats in registers: their arithmetic, and how they come from memory.

use super::{Load, MOST_LANES, Simd, Store};
use crate::element::{Number, Real};
use crate::range;

/// N lanes of `T`, and their arithmetic: the IEEE-754 operations, to nearest, ties to even.
pub(crate) trait FloatOps<T: Number>: Simd {
    /// N lanes of `T`.
    type V: Load<Self, T> + Store<Self, T>;

    /// The record of the lanes in which a NaN was seen.
    type Flag: Copy;

    /// Says that in `max_magnitudes` a NaN may give way to a number, or become a negative one.
    const MAX_MAY_DROP_NAN: bool = false;

    fn splat(self, x: T) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn abs(self, a: Self::V) -> Self::V;

    /// Returns `a` where `a < b`, otherwise `b`: so `b` where one of them is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns `a` where `a > b`, otherwise `b`: so `b` where one of them is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns the greater of `acc`, a magnitude, and `|x|`. A NaN is above infinity here, so one that is in either of
    /// them remains a NaN.
    fn max_magnitude(self, acc: Self::V, x: Self::V) -> Self::V;

    instructions! { safe
        /// Returns `a + b²`, where b² is a number of the type: so it does not matter whether it is rounded.
        fn add_exact_square(self, a: Self::V, b: Self::V) -> Self::V = self.add(a, self.mul(b, b));
        /// Returns the greater of `a`, which is not negative, and `|b|`; neither is NaN.
        fn max_abs(self, a: Self::V, b: Self::V) -> Self::V = self.max(self.abs(b), a);
        /// Returns `x`, but `acc` where `x` is NaN; or `x`, if `min` and `max` are instructions.
        ///
        /// If they are made of a comparison and a choice, `min(x, acc)` is not enough: having seen that `acc` is never
        /// NaN, the compiler may replace the two by an instruction that does the same for quiet NaNs only.
        fn or_where_nan(self, x: Self::V, _acc: Self::V) -> Self::V = x;
        /// Returns the lesser; `acc`, which is no NaN, where `x` is one, signalling or quiet.
        fn min_number(self, x: Self::V, acc: Self::V) -> Self::V =
            self.min(self.or_where_nan(x, acc), acc);
        /// Returns the greater; for NaN it is as `min_number`.
        fn max_number(self, x: Self::V, acc: Self::V) -> Self::V =
            self.max(self.or_where_nan(x, acc), acc);
        /// Returns the greater of `|a|` and `|b|`. It is NaN where one of them is, unless `MAX_MAY_DROP_NAN`.
        fn max_magnitudes(self, a: Self::V, b: Self::V) -> Self::V =
            self.max_magnitude(self.abs(a), b);
        /// Returns the greatest lane of magnitudes, in the order of `max_magnitude`.
        fn greatest_lane(self, v: Self::V) -> T = {
            let mut lanes = [T::ZERO; MOST_LANES];
            v.store(self, &mut lanes);
            let mut greatest = T::ZERO;
            for &lane in &lanes[..Self::LANES] {
                greatest = range::greater_magnitude(greatest, lane);
            }
            greatest
        };
        /// Returns in lane i the greatest lane of register i. The registers, N of them, hold magnitudes, without NaN or
        /// in the order of `max_magnitude`.
        fn greatest_lanes(self, v: [Self::V; MOST_LANES]) -> Self::V = {
            let mut greatest = [T::ZERO; MOST_LANES];
            for i in 0..Self::LANES {
                greatest[i] = self.greatest_lane(v[i]);
            }
            Load::load(self, &greatest)
        };
    }

    fn no_flag(self) -> Self::Flag;
    /// Returns `flag`, and sets it where `a` or `b` is NaN.
    fn flag_nan(self, flag: Self::Flag, a: Self::V, b: Self::V) -> Self::Flag;
    fn any_flag(self, flag: Self::Flag) -> bool;

    /// Returns the nearest integers, ties to even.
    ///
    /// Every lane is below 2³¹, or NaN; it is +inf only where [`FmaOps::OVERFLOW_CONVERTS_TO_MIN`]. NaN, that +inf and numbers
    /// below `lo` become some integer that is not above `lo`: the cheapest, since converters differ.
    fn to_i32_nearest(self, v: Self::V, lo: Self::V) -> Self::I32;

    /// Returns the nearest number to every integer.
    fn i32_to_real(self, n: Self::I32) -> Self::V;

    /// Returns the nearest numbers, ties to even; none is beyond the type's greatest.
    fn f64_to_real(self, v: <Self as FloatOps<f64>>::V) -> <Self as FloatOps<T>>::V
    where
        Self: FloatOps<f64>;

    /// Returns the same numbers in `f64`.
    fn to_f64(self, v: <Self as FloatOps<T>>::V) -> <Self as FloatOps<f64>>::V
    where
        Self: FloatOps<f64>;
}

/// Numbers as they are in memory, in registers of the type that they are computed in. Stores round to the nearest
/// number of the type; no NaN is among the numbers that a conversion is made of.
pub(crate) trait Elements<T: Real>:
    FloatOps<T::Compute, V: Load<Self, T> + Store<Self, T>>
{
}

impl<S, T: Real> Elements<T> for S where S: FloatOps<T::Compute, V: Load<Self, T> + Store<Self, T>> {}

/// Fused arithmetic, which the reciprocal's exactness rests on.
pub(crate) trait FmaOps<T: Number>: FloatOps<T> {
    /// Says that [`to_i32_nearest`](FloatOps::to_i32_nearest) makes a low integer of a number above 2³¹ too.
    const OVERFLOW_CONVERTS_TO_MIN: bool;

    /// Returns `a · b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;

    instructions! { safe
        /// Returns `a · inverse`, corrected by its own remainder: `a ⊘ b` or next to it, where the inverse is `1 ⊘ b`.
        fn corrected_quotient(self, a: Self::V, minus_b: Self::V, inverse: Self::V) -> Self::V = {
            let first = self.mul(a, inverse);
            let remainder = self.mul_add(first, minus_b, a);
            self.mul_add(remainder, inverse, first)
        };
        /// Returns `a ⊘ b`, given `1 ⊘ b`.
        ///
        /// A division keeps its unit for five times as long as a corrected quotient of `f32` takes. That comes to the
        /// same for what tables divide, of which every mantissa is tested (`kernel/table.rs`). `f64`, which has too
        /// many mantissas to test, divides.
        fn div_by(self, a: Self::V, b: Self::V, inverse: Self::V) -> Self::V =
            if T::SQUARE_FITS_F64 {
                self.corrected_quotient(a, self.sub(self.splat(T::ZERO), b), inverse)
            } else {
                self.div(a, b)
            };
    }
}
