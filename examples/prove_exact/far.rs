//! The thresholds of 16-bit codes: all pairs (x, S) that could differ, as in `residues.rs`.
//!
//! For f64 the quotient is the same as for 8-bit codes, and so is the bound of |r|. That of f32 is
//! corrected by its remainder; before its last rounding it is off by at most
//!
//! ```text
//! E = (2u + u²)²        4u²·(1 + u + u²/4)
//! ```
//!
//! of the quotient (`src/kernel/divide_far.rs`), so |r| < 2²ᵖ⁺¹·E, which is 8 and a trifle: |r| ≤ 8.
//!
//! With a zero point within ±2²⁰, no threshold lies beyond k = 2²⁰ + 65 535. Negative quotients have the
//! same magnitudes, since every rounding is symmetric; they are compared as well, as far as there are
//! codes.

use rayon::prelude::*;
use zeropoint::Auto;

use crate::Count;
use crate::around;
use crate::float::Float;
use crate::residues::{self, Pair};

const MOST_K: u64 = (1 << 20) + 65_535;

/// The thresholds of codes whose zero point is a code, or is near one.
const USUAL_K: u64 = 65_536 + 3000;

/// Beyond `USUAL_K`, `--quick` takes one k in so many: a prime, so that the sample does not follow
/// the bits.
const STRIDE: usize = 61;

/// For the limits of codes, one k in so many is enough.
const LIMITS_STRIDE: usize = 2003;

pub(crate) fn run<T: Float>(backend: Auto, quick: bool) -> Count {
    let stride = if quick { STRIDE } else { 1 };
    let steps: Vec<u64> = (0..=USUAL_K).chain((USUAL_K + 1..=MOST_K).step_by(stride)).collect();
    let count = steps
        .par_chunks(1 << 10)
        .map(|steps| residues::at_exponent::<T, u16>(backend, &list(steps.iter().copied()), 0))
        .reduce(Count::default, Count::add);
    let limits = list((0..=MOST_K).step_by(LIMITS_STRIDE));
    count
        .add(around::guard::<T, u16>(backend, &limits))
        .add(zero_points(backend, &limits))
        .add(around::far_numbers::<T, u16>(backend, &[0, 1 << 15, -(1 << 20), 1 << 20]))
        .add(sample::<T>(backend, if quick { 1 << 10 } else { 1 << 16 }))
}

/// The complete list for these k.
pub(crate) fn list<T: Float>(steps: impl Iterator<Item = u64>) -> Vec<Pair<T>> {
    steps.flat_map(|k| residues::at_step(k, T::FAR_RESIDUE)).collect()
}

/// |Z| up to 2²⁰ uses the reciprocal: zero points about there.
fn zero_points<T: Float>(backend: Auto, pairs: &[Pair<T>]) -> Count {
    let mut count = Count::default();
    for zero_point in [3000, 3001, 1 << 15, (1 << 20) - 1, 1 << 20, (1 << 20) + 1] {
        for zero_point in [zero_point, -zero_point] {
            for pair in pairs.iter().step_by(17) {
                let integers = [0, 1, 32_767, 32_768, 65_534, 65_535].map(|code| code - zero_point);
                let x = integers.map(|n| T::of(f64::from(n) + 0.5) * pair.scale);
                count = count.add(around::compare::<T, u16>(backend, &x, pair.scale, zero_point));
            }
        }
    }
    count
}

/// Scales from 1 to 2 by chance, and for each some thresholds by chance, two numbers on either side.
fn sample<T: Float>(backend: Auto, scales: u64) -> Count {
    let mut random = 1_u64;
    let mut next = || {
        random = random.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        random >> 12
    };
    let mut count = Count::default();
    let mut x = Vec::new();
    for _ in 0..scales {
        let scale = T::of(f64::from_bits(1.0_f64.to_bits() | next()));
        x.clear();
        for _ in 0..64 {
            let k = (next() % 65_536) as f64 - 0.5;
            let nearest = T::of(k) * scale;
            x.extend([nearest.next_down().next_down(), nearest.next_down(), nearest]);
            x.extend([nearest.next_up(), nearest.next_up().next_up()]);
        }
        count = count.add(around::compare::<T, u16>(backend, &x, scale, 0));
        for x in &mut x {
            *x = T::ZERO - *x;
        }
        count = count.add(around::compare::<T, u16>(backend, &x, scale, 65_535));
    }
    count
}
