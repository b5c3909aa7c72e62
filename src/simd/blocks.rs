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
    /// Without such an instruction, this is the integer part of the number moved away from 0 by the greatest number below
    /// ½. The sum is rounded up to an integer only for a number that is nearer to it, or a tie (a test compares every
    /// number of the kind).
    fn to_i32_away(self, v: Self::V) -> Self::I32;

    /// Returns a register with a number in every lane, exactly.
    fn splat_half(self, x: f16) -> Self::V;

    instructions! { safe
        /// Returns the sum of 32 codes.
        fn sum_codes(self, codes: &[i8]) -> i32 = {
            let mut sum = 0;
            for q in &codes[..32] {
                sum += i16::from(*q);
            }
            sum.into()
        };
        /// Returns the fifth bits of 32 codes: bit j is the bit of code j.
        fn fifth_bits(self, codes: &[i8]) -> u32 = {
            let mut bits = 0;
            for (i, codes) in bytemuck::cast_slice(codes).as_chunks().0.iter().enumerate() {
                // Each step moves the upper half of the bits of a word next to the lower half.
                let mut word = u64::from_le_bytes(*codes) >> 4 & 0x0101_0101_0101_0101;
                word |= word >> 7;
                word |= word >> 14;
                word |= word >> 28;
                bits |= (word as u32 & 0xff) << (8 * i);
            }
            bits
        };
        /// Adds 16 to each of 32 codes whose bit is set. No sum leaves 8 bits.
        fn add_fifths(self, bits: u32, codes: &mut [i8]) = {
            for j in 0..32 {
                codes[j] += ((bits >> j & 1) << 4) as i8;
            }
        };
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
