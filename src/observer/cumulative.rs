//! Cumulative sums over the bins of one sign, outward from 0.
//!
//! With these, a sum over the elements of one code is the difference of two table entries, so the cost
//! of a range takes time in proportion to its codes, not to its bins. Numbers are scaled by a power of
//! two, exactly, so that the greatest magnitude is from 1 to 4 and no square overflows.

use alloc::vec::Vec;

use crate::element::Compute;
use crate::observer::bins::{Bins, MANTISSA, ROW, Row, bin_of};
use crate::range::Range;

/// Mantissa bits of `f64` that do not tell bins apart.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - MANTISSA;

/// Three sums of the elements of some bins; the first is their number.
pub(super) type Sums = [f64; 3];

/// How the numbers of a histogram become those of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// The factor.
    pub(super) scale: f64,
    /// The leading bits of a scaled number, less the number of its bin.
    offset: i32,
    /// The first bin of normal numbers whose scaled values are normal; those nearer to 0 count as zeros.
    first: i32,
    /// The first bin of the octave beyond the greatest magnitude.
    end: i32,
}

impl Unit {
    /// The unit for data of a range; `None` if they have no normal number.
    pub(super) fn of<T: Compute>(whole: Range<T>) -> Option<Self> {
        const BIAS: i32 = 1023;
        let bias = T::EXPONENTS as i32 / 2 - 1;
        let greatest = bin_of(whole.min()).abs().max(bin_of(whole.max()).abs()) >> MANTISSA;
        // 2ⁿ is the greatest magnitude's octave; 2⁻ⁿ has to be a normal f64.
        let n = (greatest - bias).min(BIAS - 1);
        (greatest > 0).then(|| Self {
            scale: f64::power_of_two(-n),
            offset: (BIAS - bias - n) << MANTISSA,
            first: 1.max(bias + n - BIAS + 1) << MANTISSA,
            end: (greatest + 1) << MANTISSA,
        })
    }

    /// The bin of a scaled positive number.
    fn bin(&self, x: f64) -> i32 {
        (x.to_bits() >> SHIFT) as i32 - self.offset
    }

    /// The number with the leading bits of a bin from `first` to `end`, and 0 for a bin nearer to 0.
    fn start(&self, bin: i32) -> f64 {
        if bin < self.first {
            return 0.0;
        }
        f64::from_bits(((bin.min(self.end) + self.offset) as u64) << SHIFT)
    }
}

/// The bins of one sign.
#[derive(Debug)]
pub(super) struct Side {
    unit: Unit,
    /// For each octave the entry of its first bin, and the entries that it has less 1: none if empty.
    octaves: Vec<(usize, usize)>,
    /// What the bins before each bin of the octaves with elements sum to; then the sum of all.
    sums: Vec<Sums>,
    /// Between which magnitudes all elements are.
    least: f64,
    greatest: f64,
}

/// The positive and the negative bins; of the latter, the magnitudes.
pub(super) struct Sides {
    pub(super) positive: Side,
    pub(super) negative: Side,
}

impl Sides {
    /// `sums` makes the sums of a bin from its two ends and the number of its elements. Outermost bins
    /// end at the scaled limits, if these are nearer to 0 than the bins' edges.
    pub(super) fn new<T: Compute>(
        bins: &Bins,
        unit: Unit,
        (min, max): (f64, f64),
        sums: impl Fn(f64, f64, f64) -> Sums + Copy,
    ) -> Self {
        let row = |octave| bins.row::<T>(octave, false);
        let positive = Side::new(unit, (min, max), row, sums);
        let row = |octave| bins.row::<T>(octave, true);
        Self { positive, negative: Side::new(unit, (-max, -min), row, sums) }
    }
}

impl Side {
    fn new<'a>(
        unit: Unit,
        (least, greatest): (f64, f64),
        row: impl Fn(usize) -> Option<&'a Row>,
        sums: impl Fn(f64, f64, f64) -> Sums,
    ) -> Self {
        let mut side = Self { unit, octaves: Vec::new(), sums: Vec::new(), least, greatest };
        let mut total = [0.0; 3];
        for first in (unit.first..unit.end).step_by(ROW) {
            let row = row(first as usize / ROW);
            side.octaves.push((side.sums.len(), if row.is_some() { ROW - 1 } else { 0 }));
            for (bin, &count) in (first..).zip(row.into_iter().flatten()) {
                side.sums.push(total);
                if count > 0 {
                    let (a, b) = side.ends(bin);
                    let of_bin = sums(a, b, count as f64);
                    for (total, of_bin) in total.iter_mut().zip(of_bin) {
                        *total += of_bin;
                    }
                }
            }
        }
        side.sums.push(total);
        side
    }

    /// Where the elements of a bin can be: the outermost bins end where the data do.
    pub(super) fn ends(&self, bin: i32) -> (f64, f64) {
        let (a, b) = (self.unit.start(bin), self.unit.start(bin + 1));
        (a.max(self.least), b.min(self.greatest))
    }

    /// The bin that a scaled positive number is in.
    pub(super) fn bin(&self, x: f64) -> i32 {
        self.unit.bin(x)
    }

    /// The first bin whose middle is not below a scaled positive number.
    pub(super) fn bin_from(&self, x: f64) -> i32 {
        let bin = self.unit.bin(x);
        bin + i32::from(self.middle(bin) < x)
    }

    pub(super) fn middle(&self, bin: i32) -> f64 {
        0.5 * (self.unit.start(bin) + self.unit.start(bin + 1))
    }

    /// The sums of all bins before one.
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

    /// Where the first octave with elements begins that is not nearer to 0 than a number's own.
    pub(super) fn next(&self, x: f64) -> f64 {
        let octave = ((self.unit.bin(x) - self.unit.first) >> MANTISSA).max(0) as usize;
        let empty = self.octaves.iter().skip(octave).take_while(|(_, mask)| *mask == 0).count();
        self.unit.start(self.unit.first + ((octave + empty) * ROW) as i32)
    }

    /// How many elements are in a bin and beyond.
    pub(super) fn beyond(&self, bin: i32) -> f64 {
        self.total()[0] - self.before(bin)[0]
    }

    pub(super) fn total(&self) -> Sums {
        self.sums.last().copied().unwrap_or_default()
    }
}
