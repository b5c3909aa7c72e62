//! Arithmetic on floats in registers, and their conversions from and to memory.

use super::{Load, MOST_LANES, Simd, Store};
use crate::element::{Number, Real};
use crate::range;

/// IEEE-754 arithmetic on N lanes of `T`, to nearest, ties to even.
pub(crate) trait FloatOps<T: Number>: Simd {
    /// A register with N lanes of `T`.
    type V: Load<Self, T> + Store<Self, T>;

    /// The record of lanes that have seen a NaN.
    type Flag: Copy;

    /// Says that `max_magnitudes` may replace a NaN by a number or make it negative.
    const MAX_MAY_DROP_NAN: bool = false;

    fn splat(self, x: T) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn abs(self, a: Self::V) -> Self::V;

    /// Returns `a` where `a < b`, otherwise `b`; where an argument is NaN, the result is `b`.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns `a` where `a > b`, otherwise `b`; where an argument is NaN, the result is `b`.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// Returns the greater of `acc`, a magnitude, and `|x|`. A NaN counts as greater than infinity, so the result is
    /// NaN where either argument is NaN.
    fn max_magnitude(self, acc: Self::V, x: Self::V) -> Self::V;

    instructions! { safe
        /// Returns `a + b²`. The type holds b² exactly, so the product may be rounded or not.
        fn add_exact_square(self, a: Self::V, b: Self::V) -> Self::V = self.add(a, self.mul(b, b));
        /// Returns the greater of `a`, which is not negative, and `|b|`; neither is NaN.
        fn max_abs(self, a: Self::V, b: Self::V) -> Self::V = self.max(self.abs(b), a);
        /// Returns `x`, but `acc` where `x` is NaN; or `x`, which is enough if `min` and `max` are instructions.
        ///
        /// If `min` and `max` are a comparison and a choice, `min(x, acc)` is not enough: LLVM sees that `acc` is never
        /// NaN and may use an instruction that agrees for quiet NaNs only.
        fn or_where_nan(self, x: Self::V, _acc: Self::V) -> Self::V = x;
        /// Returns the lesser number, and `acc`, which is no NaN, where `x` is a quiet or signalling NaN.
        fn min_number(self, x: Self::V, acc: Self::V) -> Self::V =
            self.min(self.or_where_nan(x, acc), acc);
        /// Returns the greater number, and `acc`, which is no NaN, where `x` is a quiet or signalling NaN.
        fn max_number(self, x: Self::V, acc: Self::V) -> Self::V =
            self.max(self.or_where_nan(x, acc), acc);
        /// Returns the greater of `|a|` and `|b|`, and NaN where either is NaN, unless `MAX_MAY_DROP_NAN`.
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
        /// Returns in lane i the greatest lane of register i. There are N registers; they hold magnitudes, which are
        /// without NaN or in the order of `max_magnitude`.
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
    /// Every lane is below 2³¹, or NaN; a lane is +inf only where [`FmaOps::OVERFLOW_CONVERTS_TO_MIN`]. NaN, this +inf
    /// and numbers below `lo` become some integer up to `lo`: the cheapest, since converters differ.
    fn to_i32_nearest(self, v: Self::V, lo: Self::V) -> Self::I32;

    /// Returns the nearest number to every integer.
    fn i32_to_real(self, n: Self::I32) -> Self::V;

    /// Returns the nearest numbers, ties to even; no argument is greater than the type's greatest number.
    fn f64_to_real(self, v: <Self as FloatOps<f64>>::V) -> <Self as FloatOps<T>>::V
    where
        Self: FloatOps<f64>;

    /// Returns the lanes of `v` in `f64`, exactly.
    fn to_f64(self, v: <Self as FloatOps<T>>::V) -> <Self as FloatOps<f64>>::V
    where
        Self: FloatOps<f64>;
}

/// Elements in memory, loaded into registers of the type that computes them. Stores round to the nearest element;
/// callers convert no NaN.
pub(crate) trait Elements<T: Real>:
    FloatOps<T::Compute, V: Load<Self, T> + Store<Self, T>>
{
}

impl<S, T: Real> Elements<T> for S where S: FloatOps<T::Compute, V: Load<Self, T> + Store<Self, T>> {}

/// Fused multiply-add, on which the exactness of the reciprocal rests.
pub(crate) trait FmaOps<T: Number>: FloatOps<T> {
    /// Says that [`to_i32_nearest`](FloatOps::to_i32_nearest) converts numbers above 2³¹ to a low integer, too.
    const OVERFLOW_CONVERTS_TO_MIN: bool;

    /// Returns `a · b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;

    instructions! { safe
        /// Returns `a · inverse`, corrected by its own remainder: `a ⊘ b` or its neighbour if the inverse is `1 ⊘ b`.
        fn corrected_quotient(self, a: Self::V, minus_b: Self::V, inverse: Self::V) -> Self::V = {
            let first = self.mul(a, inverse);
            let remainder = self.mul_add(first, minus_b, a);
            self.mul_add(remainder, inverse, first)
        };
        /// Returns `a ⊘ b`, given `1 ⊘ b`.
        ///
        /// A division occupies its unit five times as long as a corrected quotient of `f32`. The corrected quotient
        /// equals the division for every number that a table divides: a test covers every mantissa (`kernel/table.rs`).
        /// `f64` has too many mantissas to test and divides.
        fn div_by(self, a: Self::V, b: Self::V, inverse: Self::V) -> Self::V =
            if T::SQUARE_FITS_F64 {
                self.corrected_quotient(a, self.sub(self.splat(T::ZERO), b), inverse)
            } else {
                self.div(a, b)
            };
    }
}
