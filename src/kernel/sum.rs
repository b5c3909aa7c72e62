//! The exact sum of codes.
//!
//! Lanes of 16 bits add up the codes of some steps. Before a lane can overflow, its sum is added to lanes of 32 bits,
//! and these are added to 64 bits. The codes behind the last step are added to lanes of 32 bits.

use crate::element::Code;
use crate::simd::{ByteOps, Kernel, Load, MOST_LANES, STEPS_IN_16_BITS, Store};

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
                let mut registers = rest.chunks_exact(S::LANES);
                for codes in &mut registers {
                    lanes = s.i32_add(lanes, Load::load(s, codes));
                }
                let rest = registers.remainder();
                if !rest.is_empty() {
                    lanes = s.i32_add(lanes, Load::load_rest(s, rest, 0, Q::zeroed()));
                }
            }
            let mut stored = [0; MOST_LANES];
            lanes.store(s, &mut stored);
            sum += stored.into_iter().map(i64::from).sum::<i64>();
        }
        sum
    }
}
