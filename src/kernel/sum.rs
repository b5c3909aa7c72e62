//! The exact sum of codes.
//!
//! Lanes of 16 bits add up the codes of some steps. Before a lane can overflow, its sum is added to lanes of 32 bits,
//! and these are added to 64 bits. The last step is filled up with codes 0, which add nothing.

use crate::element::Code;
use crate::simd::{ByteOps, Kernel, LONGEST_STEP, MOST_LANES, STEPS_IN_16_BITS, Store};

/// The sum of all codes of `src`, which are not packed.
pub(crate) struct SumOf<'a, Q> {
    pub(crate) src: &'a [Q],
}

/// The number of steps whose 8-bit codes a lane of 32 bits can add up, at most four codes of each step.
const STEPS: usize = 1 << 20;

impl<S: ByteOps<Q>, Q: Code> Kernel<S> for SumOf<'_, Q> {
    type Output = i64;

    #[inline(always)]
    fn run(self, s: S) -> i64 {
        let mut sum = 0;
        for part in self.src.chunks(STEPS * S::STEP) {
            let mut lanes = s.i32_splat(0);
            for run in part.chunks(STEPS_IN_16_BITS * S::STEP) {
                let (whole, rest) = run.split_at(run.len() / S::STEP * S::STEP);
                lanes = s.add_codes(lanes, whole);
                if !rest.is_empty() {
                    let mut step = [Q::zeroed(); LONGEST_STEP];
                    step[..rest.len()].copy_from_slice(rest);
                    lanes = s.add_codes(lanes, &step[..S::STEP]);
                }
            }
            let mut stored = [0; MOST_LANES];
            lanes.store(s, &mut stored);
            sum += stored.into_iter().map(i64::from).sum::<i64>();
        }
        sum
    }
}
