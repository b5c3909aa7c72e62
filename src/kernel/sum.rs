//! Sum of codes: exact.
//!
//! Lanes of 32 bits take the codes of whole steps; before one can overflow, all are added up in 64
//! bits. What is left is a step that is filled up with codes 0, which add nothing.

use crate::element::Code;
use crate::simd::{AddCodes, Kernel, LONGEST_STEP, MOST_LANES};

/// The sum of all codes, whose type holds one an element.
pub(crate) struct SumOf<'a, Q> {
    pub(crate) src: &'a [Q],
}

/// Steps whose codes of 8 bits a lane holds: it gets at most four of each.
const STEPS: usize = 1 << 20;

impl<S: AddCodes<Q>, Q: Code> Kernel<S> for SumOf<'_, Q> {
    type Output = i64;

    #[inline(always)]
    fn run(self, s: S) -> i64 {
        let mut sum = 0;
        for part in self.src.chunks(STEPS * S::STEP) {
            let mut lanes = [s.i32_splat(0); 2];
            let mut pairs = part.chunks_exact(2 * S::STEP);
            for pair in &mut pairs {
                lanes[0] = s.add_codes(lanes[0], &pair[..S::STEP]);
                lanes[1] = s.add_codes(lanes[1], &pair[S::STEP..]);
            }
            let mut rest = pairs.remainder();
            if rest.len() >= S::STEP {
                lanes[0] = s.add_codes(lanes[0], rest);
                rest = &rest[S::STEP..];
            }
            let mut step = [Q::zeroed(); LONGEST_STEP];
            step[..rest.len()].copy_from_slice(rest);
            lanes[1] = s.add_codes(lanes[1], &step);
            for group in 0..2 {
                let mut stored = [0; MOST_LANES];
                s.i32_store(lanes[group], &mut stored);
                for lane in 0..S::LANES {
                    sum += i64::from(stored[lane]);
                }
            }
        }
        sum
    }
}
