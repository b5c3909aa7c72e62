//! Steps of codes, of 8 and of 16 bits.

use super::{LONGEST_STEP, Load, Simd, Store, part};
use crate::element::Code;

/// A step of codes `Q`, between registers and memory. They are loaded as integers.
pub(crate) trait Stored<Q: Code>: Simd<I32: Load<Self, Q>> {
    /// A step of codes.
    type Packed: Store<Self, Q>;

    instructions! { safe
        /// Writes a step of codes to the front of `dst`.
        fn store_codes(self, q: Self::Packed, dst: &mut [Q]) = q.store(self, dst);
        /// Writes a step of codes past the caches, if there is such an instruction; `dst` starts at a multiple of a
        /// register.
        fn stream_codes(self, q: Self::Packed, dst: &mut [Q]) = q.stream(self, dst);
        /// Writes as many codes as `dst` has, fewer than a step, from the places of [`part`].
        fn store_codes_part(self, q: Self::Packed, dst: &mut [Q]) = {
            let (len, n) = (dst.len(), Self::LANES);
            if Self::MASKS || len < n {
                return q.store_rest(self, dst, 0);
            }
            let mut step = [Q::zeroed(); LONGEST_STEP];
            q.store(self, &mut step);
            for group in 0..4 {
                let at = part(len, group, n);
                dst[at..at + n].copy_from_slice(&step[group * n..group * n + n]);
            }
        };
        /// Reads a step of codes from the front of `src`.
        fn load_codes(self, src: &[Q]) -> [Self::I32; 4] = Load::load_step(self, src);
        /// Reads all of `src`, shorter than a step, in the places of [`part`]; other lanes are 0.
        fn load_codes_part(self, src: &[Q]) -> [Self::I32; 4] =
            Load::load_part(self, src, Q::zeroed());
    }
}

/// A step of 8-bit codes `Q`, and their arithmetic.
pub(crate) trait ByteOps<Q: Code>: Stored<Q> {
    /// Returns the codes of both halves of a step, saturated, in the order of the elements.
    fn pack(self, n: [Self::I16; 2]) -> Self::Packed;

    fn splat_code(self, q: i32) -> Self::Packed;
    fn min_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;
    fn max_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;

    instructions! { safe
        /// Returns the lowest of a step of codes.
        fn lowest_code(self, q: Self::Packed) -> i32 = {
            let mut step = [Q::zeroed(); LONGEST_STEP];
            self.store_codes(q, &mut step);
            step[..Self::STEP].iter().fold(Q::MAX, |lowest, q| lowest.min(q.get(0)))
        };
    }
}

/// The number of steps for which 16 bits hold the sum of two 8-bit codes of each, with either sign: 64 · 2 · 255 < 2¹⁵.
pub(crate) const STEPS_IN_16_BITS: usize = 64;

/// Sums of codes.
pub(crate) trait AddCodes<Q: Code>: ByteOps<Q> {
    instructions! { safe
        /// Adds every code of `src` to some lane, at most four codes of a step to each. `src` is whole steps,
        /// [`STEPS_IN_16_BITS`] at most.
        fn add_codes(self, sums: Self::I32, src: &[Q]) -> Self::I32 = {
            let mut sums = sums;
            for step in src.chunks_exact(Self::STEP) {
                let q = self.load_codes(step);
                let (low, high) = (self.i32_add(q[0], q[1]), self.i32_add(q[2], q[3]));
                sums = self.i32_add(sums, self.i32_add(low, high));
            }
            sums
        };
    }
}

/// A step of 16-bit codes `Q`.
pub(crate) trait WordOps<Q: Code>: Stored<Q> {
    /// Returns the codes of a step, saturated, in the order of the elements.
    fn pack_words(self, n: [Self::I32; 4]) -> Self::Packed;
}
