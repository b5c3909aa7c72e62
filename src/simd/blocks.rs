//! Operations that only stored blocks need.

use half::f16;

use super::{ByteOps, FloatOps, Load, MOST_LANES, Store};

/// Roundings of numbers within ±2²³, and extremes of numbers of any sign.
pub(crate) trait BlockOps:
    ByteOps<i8> + FloatOps<f32, V: Load<Self, f16> + Store<Self, f16>>
{
    /// Returns the integer parts. No lane is NaN.
    fn to_i32_truncated(self, v: Self::V) -> Self::I32;

    /// Returns the nearest integers, ties away from 0. No lane is NaN.
    ///
    /// Where there is no such instruction: the integer part of the number, moved away from 0 by the greatest number below
    /// ½. The sum is rounded up to an integer only for a number that is nearer to it, or a tie (a test compares every
    /// number of the kind).
    fn to_i32_away(self, v: Self::V) -> Self::I32;

    /// Returns a register with a number in every lane, exactly.
    fn splat_half(self, x: f16) -> Self::V;

    instructions! { safe
        /// Returns in lane i the greatest lane of register i. There are N registers, without NaN.
        fn max_lanes(self, v: [Self::V; MOST_LANES]) -> Self::V = {
            let mut greatest = [0.0_f32; MOST_LANES];
            for i in 0..Self::LANES {
                let mut lanes = [0.0_f32; MOST_LANES];
                Store::<Self, f32>::store(v[i], self, &mut lanes);
                greatest[i] = lanes[0];
                for lane in 1..Self::LANES {
                    if lanes[lane] > greatest[i] {
                        greatest[i] = lanes[lane];
                    }
                }
            }
            Load::load(self, &greatest)
        };
    }
}

/// The greatest number below ½.
pub(super) const BELOW_HALF: f32 = 0.499_999_97;
