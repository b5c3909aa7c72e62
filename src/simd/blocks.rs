//! Operations that only stored blocks need.

use half::f16;

use super::{ByteOps, FloatOps, Load, MOST_LANES, Store};

/// The ways in which an extreme is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The greater of magnitudes. A NaN counts as greater than infinity.
    Magnitude,
    /// The greater number. There is no NaN.
    Greater,
    /// The lesser number. There is no NaN.
    Lesser,
}

/// Roundings and extremes of numbers.
pub(crate) trait BlockOps:
    ByteOps<i8> + FloatOps<f32, V: Load<Self, f16> + Store<Self, f16>>
{
    /// Returns the integer parts of numbers within ±2²³. No lane is NaN.
    fn to_i32_truncated(self, v: Self::V) -> Self::I32;

    /// Returns the halves of numbers within ±2¹³, rounded to the nearest integer, ties away from 0.
    ///
    /// This is the product with [`ABOVE_HALF`] over 2¹⁵, rounded to the nearest integer. The product is farther from 0 than
    /// the half by less than ½, so that a tie is rounded away from 0, and an integer stays what it is.
    fn halve_away(self, n: Self::I16) -> Self::I16;

    /// Returns magnitudes with the signs of other numbers.
    fn with_sign(self, magnitude: Self::V, sign: Self::V) -> Self::V;

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
        /// Returns one of each lane of `a` and `b`.
        fn choose(self, a: Self::V, b: Self::V, choice: Choice) -> Self::V = match choice {
            Choice::Magnitude => self.max_magnitude(a, b),
            Choice::Greater => self.max(a, b),
            Choice::Lesser => self.min(a, b),
        };
        /// Returns in lane i the choice of all lanes of register i. There are N registers, and `pairs` has what
        /// `choose_neighbours` returns for registers 2·i and 2·i + 1.
        fn choose_lanes(self, pairs: [Self::V; MOST_LANES / 2], choice: Choice) -> Self::V = {
            const { assert!(Self::LANES == 4) };
            self.choose_neighbours(pairs[0], pairs[1], choice)
        };
    }

    /// Chooses one of each two neighbouring lanes of `a`, and of `b`. Returns the choices of `a` and then those of `b`,
    /// in both halves of 256 bits or in each 128 bits of 512.
    fn choose_neighbours(self, a: Self::V, b: Self::V, choice: Choice) -> Self::V;
}

/// The factor of [`BlockOps::halve_away`].
pub(super) const ABOVE_HALF: i16 = 0x4001;
