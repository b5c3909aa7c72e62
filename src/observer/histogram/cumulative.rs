//! Cumulative sums over the bins of each sign, from 0 outward.
//!
//! A sum over the elements of one code is the difference of two cumulative sums. The cost of a range
//! therefore takes time in proportion to the number of codes, not of bins.

use alloc::vec::Vec;

use crate::bins::{Bins, MANTISSA, Octave, ROW};
use crate::element::{Compute, power_of_two};

/// The number of mantissa bits of an `f64` that are not in the number of its bin.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA;

/// The indices of the two sides of 0, in the cumulative sums and in a window.
pub(super) const NEGATIVE: usize = 0;
pub(super) const POSITIVE: usize = 1;

/// Three sums over the elements of some bins; the first is the number of elements.
pub(super) type Sums = [f64; 3];

/// Returns the exponent field of 1.
pub(super) fn bias<T: Compute>() -> i32 {
    T::EXPONENT_FIELDS as i32 / 2 - 1
}

/// The scaling of the numbers of a histogram, by a power of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// The factor, 2⁻ⁿ.
    pub(super) scale: f64,
    /// The leading bits of a scaled number minus its bin.
    offset: i32,
    /// The first bin of normal numbers whose scaled width is a normal number. Bins nearer to 0 are ignored.
    first: i32,
    /// The first bin of the octave beyond the greatest magnitude.
    end: i32,
}

impl Unit {
    /// Returns the scaling by 2⁻ⁿ, for data whose greatest magnitude has the exponent field `greatest`.
    pub(super) fn new<T: Compute>(greatest: i32, n: i32) -> Self {
        const BIAS: i32 = 1023;
        let bias = bias::<T>();
        Self {
            scale: power_of_two(-n),
            offset: (BIAS - bias - n) << MANTISSA,
            first: 1.max(bias + n - BIAS + 2 + MANTISSA as i32) << MANTISSA,
            end: (greatest + 1) << MANTISSA,
        }
    }

    /// Returns the bin of a scaled positive number.
    pub(super) fn bin(&self, x: f64) -> i32 {
        (x.to_bits() >> SHIFT) as i32 - self.offset
    }

    /// Returns the scaled inner edge of a bin; 0 for an ignored bin.
    fn start(&self, bin: i32) -> f64 {
        if bin < self.first {
            return 0.0;
        }
        f64::from_bits(((bin.min(self.end) + self.offset) as u64) << SHIFT)
    }
}

/// The cumulative sums over the bins of one sign.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) unit: Unit,
    /// For each octave, the index of its first bin in `sums` and a mask for the indices of its bins: 127,
    /// or 0 if the octave is empty and all of its bins share one entry.
    octaves: Vec<(usize, usize)>,
    /// For each bin, the sums over all bins nearer to 0; then the sums over all bins.
    sums: Vec<Sums>,
    /// No element of this sign has a magnitude below `least` or above `greatest`.
    least: f64,
    greatest: f64,
}

/// Returns the cumulative sums of both sides, in which negative elements count by their magnitudes.
///
/// They add up the results of `sums` for each bin, whose arguments are the bin's two ends and its count. The scaled
/// bounds of the data, counted away from 0 on each side, replace the edges that are beyond them.
pub(super) fn sides(
    bins: &Bins,
    unit: Unit,
    bounds: [f64; 2],
    sums: impl Fn(f64, f64, f64) -> Sums + Copy,
) -> [Side; 2] {
    let (positive, negative) = bins.sides();
    [(NEGATIVE, negative), (POSITIVE, positive)]
        .map(|(side, octaves)| Side::new(unit, (-bounds[1 - side], bounds[side]), octaves, sums))
}

impl Side {
    fn new(
        unit: Unit,
        (least, greatest): (f64, f64),
        octaves: &[Octave],
        sums: impl Fn(f64, f64, f64) -> Sums,
    ) -> Self {
        let mut side = Self { unit, octaves: Vec::new(), sums: Vec::new(), least, greatest };
        let mut total = [0.0; 3];
        for first in (unit.first..unit.end).step_by(ROW) {
            let row = octaves[first as usize / ROW].as_deref();
            side.octaves.push((side.sums.len(), if row.is_some() { ROW - 1 } else { 0 }));
            for (bin, &count) in (first..).zip(row.into_iter().flatten()) {
                side.sums.push(total);
                let (a, b) = side.ends(bin);
                let at_end = if count > 0 { side.elements_at(b) } else { 0.0 };
                let parts = [(a, count as f64 - at_end), (b, at_end)];
                for (a, count) in parts.into_iter().filter(|part| part.1 > 0.0) {
                    for (total, of_part) in total.iter_mut().zip(sums(a, b, count)) {
                        *total += of_part;
                    }
                }
            }
        }
        side.sums.push(total);
        side
    }

    /// Returns the ends of a bin, which are not beyond the bounds of the data.
    pub(super) fn ends(&self, bin: i32) -> (f64, f64) {
        let (a, b) = (self.unit.start(bin), self.unit.start(bin + 1));
        (a.max(self.least), b.min(self.greatest))
    }

    /// Returns the number of elements known to be at the outer end of a bin: 1 for the greatest element, otherwise 0.
    pub(super) fn elements_at(&self, end: f64) -> f64 {
        if end == self.greatest { 1.0 } else { 0.0 }
    }

    /// Returns the first bin whose middle is not below a scaled positive number.
    pub(super) fn bin_from(&self, x: f64) -> i32 {
        let bin = self.unit.bin(x);
        bin + i32::from(self.middle(bin) < x)
    }

    /// Returns the scaled middle of a bin.
    pub(super) fn middle(&self, bin: i32) -> f64 {
        0.5 * (self.unit.start(bin) + self.unit.start(bin + 1))
    }

    /// Returns the sums over all bins nearer to 0 than `bin`.
    pub(super) fn before(&self, bin: i32) -> Sums {
        if bin < self.unit.first {
            return [0.0; 3];
        }
        let from_first = (bin - self.unit.first) as usize;
        match self.octaves.get(from_first / ROW) {
            Some(&(start, mask)) => self.sums[start + (from_first & mask)],
            None => self.total(),
        }
    }

    /// Returns the start of the first octave with elements, from the octave of `x` outward.
    pub(super) fn next(&self, x: f64) -> f64 {
        let octave = ((self.unit.bin(x) - self.unit.first) >> MANTISSA).max(0) as usize;
        let empty = self.octaves.iter().skip(octave).take_while(|(_, mask)| *mask == 0).count();
        self.unit.start(self.unit.first + ((octave + empty) * ROW) as i32)
    }

    /// Returns the number of elements in `bin` and in all bins farther from 0.
    pub(super) fn beyond(&self, bin: i32) -> f64 {
        self.total()[0] - self.before(bin)[0]
    }

    /// Returns the sums over all bins.
    pub(super) fn total(&self) -> Sums {
        self.sums.last().copied().unwrap_or_default()
    }
}
