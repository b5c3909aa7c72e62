//! The counts of a histogram, in bins that do not depend on the order of the data.
//!
//! ```text
//! bin m of a sign     m·2ᵉ <= |x| < (m + 1)·2ᵉ,    m < 2048
//! ```
//!
//! Zeros have a slot of their own. e is the least exponent for which all data fit, and not less than
//! that of the least normal number. When it is raised by one, bins 2m and 2m + 1 become bin m; that
//! is where their elements would have been counted. So the counts are a function of the set of
//! elements alone. They saturate, which is as independent of order as the sum is.

use crate::element::{Compute, Real};

/// Bins on each side of 0.
pub(crate) const HALF: usize = 2048;

/// The slot of the zeros.
pub(super) const ZERO: usize = HALF;

/// The negative bins, the outermost first; the zeros; the positive bins.
pub(crate) type Counts = [u64; 2 * HALF + 1];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bins {
    /// e: a bin is 2ᵉ wide.
    pub(super) exponent: i32,
    pub(super) counts: Counts,
}

/// The exponent of the widest power of two within a number, or −1023 of what is not normal.
fn exponent_of(magnitude: f64) -> i32 {
    (magnitude.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

/// The least exponent of bins for numbers of type `T`.
pub(super) fn least_exponent<T: Compute>() -> i32 {
    exponent_of(T::MIN_POSITIVE.to_f64())
}

/// The exponent of bins for numbers up to a magnitude.
pub(super) fn exponent_for<T: Compute>(magnitude: T) -> i32 {
    // 2ⁿ <= magnitude < 2ⁿ⁺¹ = 2048·2ᵉ.
    let n = exponent_of(magnitude.to_f64());
    (n + 1 - HALF.ilog2() as i32).max(least_exponent::<T>())
}

/// The slot of a finite number in bins of width one over `per_width`, which hold it.
///
/// The product is exact, except where it is below the normal numbers: in bin 0 all the same.
#[inline(always)]
pub(super) fn slot_of<T: Compute>(x: T, per_width: T) -> u32 {
    let outward = 1 + (x.abs() * per_width).to_i32();
    let signed = if x > T::ZERO {
        outward
    } else if x < T::ZERO {
        -outward
    } else {
        0
    };
    (ZERO as i32 + signed) as u32
}

/// Slots that are found before they are counted, so that finding them is a loop of vectors.
const RUN: usize = 256;

/// Counts finite elements, all of which the bins hold.
pub(crate) fn count<X: Real>(src: &[X], per_width: X::Compute, counts: &mut Counts) {
    let mut slots = [0; RUN];
    for run in src.chunks(RUN) {
        for (slot, x) in slots.iter_mut().zip(run) {
            *slot = slot_of(x.widen(), per_width);
        }
        for &slot in &slots[..run.len()] {
            debug_assert!((slot as usize) < counts.len());
            if let Some(count) = counts.get_mut(slot as usize) {
                *count = count.saturating_add(1);
            }
        }
    }
}

impl Bins {
    pub(super) const fn new(exponent: i32) -> Self {
        Self { exponent, counts: [0; 2 * HALF + 1] }
    }

    /// Makes the bins at least `2^exponent` wide.
    pub(super) fn raise(&mut self, exponent: i32) {
        if exponent <= self.exponent {
            return;
        }
        let halvings = halvings(exponent, self.exponent);
        self.exponent = exponent;
        // Inner bins first: none is added to before it has been moved.
        for m in 0..HALF {
            for (from, to) in both_sides(m, m >> halvings) {
                let count = core::mem::take(&mut self.counts[from]);
                self.counts[to] = self.counts[to].saturating_add(count);
            }
        }
    }

    /// Adds the counts of other bins.
    pub(super) fn merge(&mut self, other: &Self) {
        self.raise(other.exponent);
        let halvings = halvings(self.exponent, other.exponent);
        for m in 0..HALF {
            for (from, to) in both_sides(m, m >> halvings) {
                self.counts[to] = self.counts[to].saturating_add(other.counts[from]);
            }
        }
        self.counts[ZERO] = self.counts[ZERO].saturating_add(other.counts[ZERO]);
    }
}

/// How often an exponent is raised; more than the bins can be halved makes no difference.
fn halvings(to: i32, from: i32) -> u32 {
    to.abs_diff(from).min(HALF.ilog2())
}

/// The slots of bin `from` and bin `to`, of the negative and of the positive side.
fn both_sides(from: usize, to: usize) -> [(usize, usize); 2] {
    [(ZERO - 1 - from, ZERO - 1 - to), (ZERO + 1 + from, ZERO + 1 + to)]
}
