//! The counts of a histogram. The leading bits of a float are the number of its bin.
//!
//! ```text
//! bin of x     sign of x · (exponent field of x, first 7 bits of its mantissa)
//! ```
//!
//! Each octave, from 2ⁿ to 2ⁿ⁺¹, has 128 bins on each side of 0, whatever the data are. The counts are therefore a
//! function of the set of elements, and merging adds them. Saturation does not depend on the order of additions either.
//!
//! Bin 0 holds the zeros of both signs and the subnormal numbers next to 0. Edges are numbered from 0 outward: bin n >
//! 0 lies between edges n − 1 and n, bin −n between edges −n and 1 − n. Edge 0 is the number 0.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::element::{Compute, Real};

/// The number of mantissa bits in the number of a bin.
pub(crate) const MANTISSA: u32 = 7;

/// The number of bins in an octave of one sign.
pub(crate) const ROW: usize = 1 << MANTISSA;

/// The counts of an octave, or `None` if it has no elements.
pub(crate) type Octave = Option<Box<[u64; ROW]>>;

/// The counts of each octave: first the positive octaves, then the negative ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bins {
    octaves: Vec<Octave>,
}

/// Returns the bin of a finite number.
pub(crate) fn bin_of<T: Compute>(x: T) -> i32 {
    let slot = slot_of(x);
    if slot < sign::<T>() { slot as i32 } else { sign::<T>() as i32 - slot as i32 }
}

/// Returns the leading bits of a number; 0 for all numbers in bin 0.
#[inline(always)]
fn slot_of<T: Compute>(x: T) -> u32 {
    let slot = x.leading_bits();
    if slot == sign::<T>() { 0 } else { slot }
}

/// Returns the leading bits of a negative zero.
#[inline(always)]
fn sign<T: Compute>() -> u32 {
    T::EXPONENT_FIELDS << MANTISSA
}

/// Returns the leading bits of the numbers in a bin.
fn slot<T: Compute>(bin: i32) -> u32 {
    let sign = if bin < 0 { sign::<T>() } else { 0 };
    sign + bin.unsigned_abs()
}

/// Returns the bin of the greatest finite number.
pub(crate) fn greatest_bin<T: Compute>() -> i32 {
    // Infinities and NaN have the last exponent.
    sign::<T>() as i32 - ROW as i32 - 1
}

/// Returns edge `k`, which is infinite beyond the greatest bin.
pub(crate) fn edge<T: Compute>(k: i32) -> T {
    if k == 0 { T::ZERO } else { T::from_leading_bits(slot::<T>(k) + 1, false) }
}

/// Returns the middle of a bin.
pub(crate) fn middle<T: Compute>(bin: i32) -> T {
    if bin == 0 { T::ZERO } else { T::from_leading_bits(slot::<T>(bin), true) }
}

/// The number of elements whose leading bits are gathered before they are counted, in a loop that vectorizes.
const RUN: usize = 256;

impl Bins {
    pub(crate) fn new<T: Compute>() -> Self {
        Self { octaves: alloc::vec![None; 2 * T::EXPONENT_FIELDS as usize] }
    }

    /// Counts the elements of `src`, all of which are finite.
    pub(crate) fn count<X: Real>(&mut self, src: &[X]) {
        let mut slots = [0; RUN];
        for run in src.chunks(RUN) {
            for (slot, x) in slots.iter_mut().zip(run) {
                *slot = slot_of(x.widen());
            }
            for &slot in &slots[..run.len()] {
                let count = self.slot_mut(slot);
                *count = count.saturating_add(1);
            }
        }
    }

    #[inline(always)]
    fn slot_mut(&mut self, slot: u32) -> &mut u64 {
        let slot = slot as usize;
        let row = self.octaves[slot / ROW].get_or_insert_with(new_row);
        &mut row[slot % ROW]
    }

    /// Adds the counts of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (row, more) in self.octaves.iter_mut().zip(&other.octaves) {
            let Some(more) = more else { continue };
            let row = row.get_or_insert_with(new_row);
            for (count, more) in row.iter_mut().zip(more.iter()) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// Returns the count of a bin.
    pub(crate) fn get<T: Compute>(&self, bin: i32) -> u64 {
        let slot = slot::<T>(bin) as usize;
        self.octaves[slot / ROW].as_ref().map_or(0, |row| row[slot % ROW])
    }

    /// Returns the counts of the octaves of each sign.
    pub(crate) fn sides(&self) -> (&[Octave], &[Octave]) {
        self.octaves.split_at(self.octaves.len() / 2)
    }

    /// Sets the count of a bin. A count of 0 would allocate an empty row, which no data lead to.
    pub(crate) fn set<T: Compute>(&mut self, bin: i32, count: u64) {
        *self.slot_mut(slot::<T>(bin)) = count;
    }

    /// Returns the bins that have elements and their counts, in ascending order.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = (i32, u64)> {
        let (positive, negative) = self.sides();
        let negative = numbered(negative).rev().map(|(bin, count)| (-bin, count));
        negative.chain(numbered(positive)).filter(|(_, count)| *count > 0)
    }
}

/// Returns the bins of one sign and their counts, from 0 outward.
fn numbered(octaves: &[Octave]) -> impl DoubleEndedIterator<Item = (i32, u64)> {
    octaves.iter().enumerate().flat_map(|(octave, row)| {
        let counts = row.iter().flat_map(|row| row.iter().enumerate());
        counts.map(move |(i, &count)| ((octave * ROW + i) as i32, count))
    })
}

#[cold]
fn new_row() -> Box<[u64; ROW]> {
    Box::new([0; ROW])
}
