//! Operations on steps of codes, of 8 and of 16 bits.

use super::{LONGEST_STEP, Load, Simd, Store};
use crate::element::Code;

/// Arithmetic on 8-bit codes `Q`, which are loaded as integers.
pub(crate) trait ByteOps<Q: Code>: Simd<I32: Load<Self, Q>> {
    /// A register that holds a step of codes.
    type Packed: Store<Self, Q>;

    /// Returns the codes of both halves of a step, saturated, in the order of the elements.
    fn pack(self, n: [Self::I16; 2]) -> Self::Packed;

    fn splat_code(self, q: i32) -> Self::Packed;
    fn min_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;
    fn max_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;

    /// Adds every code of `step` to a lane of `sums`, two codes to each lane.
    fn add_step(self, sums: Self::I16, step: &[Q]) -> Self::I16;

    instructions! { safe
        /// Returns the lowest code of a step.
        fn lowest_code(self, q: Self::Packed) -> i32 = {
            let mut step = [Q::zeroed(); LONGEST_STEP];
            q.store(self, &mut step);
            step[..Self::STEP].iter().fold(Q::MAX, |lowest, q| lowest.min(q.get(0)))
        };
        /// Adds every code of `src` to a lane, at most four codes of a step to each lane. `src` has whole steps,
        /// [`STEPS_IN_16_BITS`] at most.
        fn add_codes(self, sums: Self::I32, src: &[Q]) -> Self::I32 = {
            // Neighbouring steps go to two registers, so that none waits for the one before it.
            let mut pairs = [self.i16_splat(0); 2];
            let mut two = src.chunks_exact(2 * Self::STEP);
            for two in &mut two {
                pairs[0] = self.add_step(pairs[0], &two[..Self::STEP]);
                pairs[1] = self.add_step(pairs[1], &two[Self::STEP..]);
            }
            if !two.remainder().is_empty() {
                pairs[0] = self.add_step(pairs[0], two.remainder());
            }
            self.i32_add_pairs(self.i32_add_pairs(sums, pairs[0]), pairs[1])
        };
    }
}

/// The most steps that `add_codes` takes. Each lane of its two registers gets two codes of every second step: 64 · 2 · 255
/// is below 2¹⁵.
pub(crate) const STEPS_IN_16_BITS: usize = 128;

/// Arithmetic on 16-bit codes `Q`, two registers a step, which are loaded as integers.
pub(crate) trait WordOps<Q: Code>: Simd<I32: Load<Self, Q>, I16: Store<Self, Q>> {
    /// Returns the codes of half a step, saturated, in the order of the elements.
    fn pack_half(self, a: Self::I32, b: Self::I32) -> Self::I16;

    instructions! { safe
        /// Returns the codes of a step, saturated, in the order of the elements.
        fn pack_words(self, n: [Self::I32; 4]) -> [Self::I16; 2] =
            [self.pack_half(n[0], n[1]), self.pack_half(n[2], n[3])];
    }
}
