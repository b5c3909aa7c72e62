//! Operations that only stored blocks need.

use half::f16;

use super::{ByteOps, FloatOps, Load, MOST_LANES, Store};

/// The ways in which an extreme is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The greater of magnitudes, none of which has a sign. A NaN counts as greater than infinity; only a signalling NaN may
    /// have a sign, and is then dropped, as [`FloatOps::MAX_MAY_DROP_NAN`] allows.
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
        /// Joins the lower four bits of the codes of each block of 32: codes j and j + 16 to byte j. There are as many
        /// blocks as a step has, and at least one.
        fn join_halves(self, codes: &[i8], bytes: &mut [u8]) = {
            const { assert!(Self::STEP <= 32) };
            let (codes, bytes) = (&codes[..32], &mut bytes[..16]);
            for j in 0..16 {
                bytes[j] = codes[j] as u8 & 15 | (codes[j + 16] as u8) << 4;
            }
        };
        /// Returns the lanes of `a` from number `lane` on, and those of `b` before it.
        fn lanes_from(self, lane: usize, a: Self::V, b: Self::V) -> Self::V = {
            let [mut to, mut of] = [[0.0_f32; MOST_LANES]; 2];
            Store::<Self, f32>::store(b, self, &mut to);
            Store::<Self, f32>::store(a, self, &mut of);
            to[lane..Self::LANES].copy_from_slice(&of[lane..Self::LANES]);
            Load::load(self, &to)
        };
        /// Returns the lanes, and zeros behind them.
        fn to_lanes(self, v: Self::V) -> [f32; MOST_LANES] = {
            let mut lanes = [0.0; MOST_LANES];
            Store::<Self, f32>::store(v, self, &mut lanes);
            lanes
        };
        /// Returns `v`, and 0 in each lane where `by` is 0.
        fn or_zero(self, v: Self::V, by: Self::V) -> Self::V = {
            let (mut lanes, by) = (self.to_lanes(v), self.to_lanes(by));
            for lane in 0..Self::LANES {
                lanes[lane] = if by[lane] == 0.0 { 0.0 } else { lanes[lane] };
            }
            Load::load(self, &lanes)
        };
        /// Says whether a lane of `v` is 0 and that of `unless` is not.
        fn any_zero(self, v: Self::V, unless: Self::V) -> bool = {
            let (lanes, unless) = (self.to_lanes(v), self.to_lanes(unless));
            let mut any = false;
            for lane in 0..Self::LANES {
                any |= lanes[lane] == 0.0 && unless[lane] != 0.0;
            }
            any
        };
        /// Says whether the magnitudes of all lanes are less than `limit`. NaN is not.
        fn are_below(self, v: Self::V, limit: f32) -> bool = {
            let lanes = self.to_lanes(v);
            let mut all = true;
            for lane in 0..Self::LANES {
                all &= lanes[lane].abs() < limit;
            }
            all
        };
        /// Says whether every scale is a normal number whose magnitude is less than `limit`, or is 0 and has the factor 0.
        fn are_regular(self, scales: Self::V, factors: Self::V, limit: f32) -> bool = {
            let (scales, factors) = (self.to_lanes(scales), self.to_lanes(factors));
            let mut all = true;
            for lane in 0..Self::LANES {
                let magnitude = scales[lane].abs();
                all &= magnitude >= f32::MIN_POSITIVE && magnitude < limit
                    || magnitude == 0.0 && factors[lane] == 0.0;
            }
            all
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
