//! Steps of codes.

use super::{LONGEST_STEP, Simd, part};
use crate::element::Code;

/// A step of codes `Q`, between registers and memory.
pub(crate) trait Stored<Q: Code>: Simd {
    /// A step of codes.
    type Packed: Copy;

    /// Writes a step of codes to the front of `dst`.
    fn store_codes(self, q: Self::Packed, dst: &mut [Q]);
    /// Reads a step of codes from the front of `src`, as integers.
    fn load_codes(self, src: &[Q]) -> [Self::I32; 4];
    /// `store_codes` past the caches, if there is such an instruction; `dst` starts at a multiple of a
    /// register.
    #[inline(always)]
    fn stream_codes(self, q: Self::Packed, dst: &mut [Q]) {
        self.store_codes(q, dst);
    }
    /// Writes as many codes as `dst` has, fewer than a step, from the places of [`part`].
    #[inline(always)]
    fn store_codes_part(self, q: Self::Packed, dst: &mut [Q]) {
        let mut step = [Q::zeroed(); LONGEST_STEP];
        self.store_codes(q, &mut step);
        if dst.len() < Self::LANES {
            dst.copy_from_slice(&step[..dst.len()]);
        } else {
            for group in 0..4 {
                let at = part(dst.len(), group, Self::LANES);
                dst[at..at + Self::LANES]
                    .copy_from_slice(&step[group * Self::LANES..(group + 1) * Self::LANES]);
            }
        }
    }
    /// Reads all of `src`, shorter than a step, as integers in the places of [`part`]; other lanes are
    /// whatever.
    #[inline(always)]
    fn load_codes_part(self, src: &[Q]) -> [Self::I32; 4] {
        let mut step = [Q::zeroed(); LONGEST_STEP];
        if src.len() < Self::LANES {
            step[..src.len()].copy_from_slice(src);
        } else {
            for group in 0..4 {
                let at = part(src.len(), group, Self::LANES);
                step[group * Self::LANES..(group + 1) * Self::LANES]
                    .copy_from_slice(&src[at..at + Self::LANES]);
            }
        }
        self.load_codes(&step)
    }
}

/// A step of 8-bit codes `Q`, and what is done with them.
pub(crate) trait Codes<Q: Code>: Stored<Q> {
    /// The codes of both halves of a step, saturated, in the order of the elements.
    fn pack(self, n: [Self::I16; 2]) -> Self::Packed;

    fn splat_code(self, q: i32) -> Self::Packed;
    fn min_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;
    fn max_code(self, a: Self::Packed, b: Self::Packed) -> Self::Packed;
    /// The lowest of a step of codes.
    #[inline(always)]
    fn lowest_code(self, q: Self::Packed) -> i32 {
        let mut step = [Q::zeroed(); LONGEST_STEP];
        self.store_codes(q, &mut step);
        step[..Self::STEP].iter().fold(Q::MAX, |lowest, q| lowest.min(q.get(0)))
    }
}

/// A step of 16-bit codes `Q`, and what is done with them.
pub(crate) trait Words<Q: Code>: Stored<Q> {
    /// The codes of a step, saturated, in the order of the elements.
    fn pack_words(self, n: [Self::I32; 4]) -> Self::Packed;
}
