//! The parameters of neighbouring slices, and the numbers that the division needs.
//!
//! A [`Table`] has an array for each number that the kernels need. Scale, zero point and the limits of the codes are
//! given. The reciprocals and the bounds of x are computed in lanes, as many at a time as a register has, since a table
//! often serves only some dozen elements of each slice. The table of multipliers is in `requantize.rs`.

use core::ops::Range;

use super::divide::Divide;
use crate::element::Compute;
use crate::params::{Affine, ExactFor, Reciprocal};
use crate::scheme::CodeGrid;
use crate::simd::{FloatOps, Kernel, Simd};
use crate::slices::ParamArrays;

/// The parameter of a slice, of a type that has tables.
pub(crate) trait Parameter: Copy {
    /// The parameters of at most N neighbouring slices.
    type Table<const N: usize>: ParameterTable<Summary = Self::Summary>;
    /// The properties of some slices by which a kernel is chosen.
    type Summary: Copy;

    fn table(&self) -> Self::Table<1>;

    /// Says whether the zero point differs from 0.
    fn is_shifted(&self) -> bool {
        true
    }

    fn summary(&self) -> Self::Summary;
}

/// A table with the parameters of neighbouring slices.
pub(crate) trait ParameterTable {
    type Summary;

    /// Copies the parameters of the `period` slices from `from` on, over and over, up to slice `to`.
    fn repeat(&mut self, from: usize, period: usize, to: usize);

    /// Records that the parameters of the first `count` slices have been replaced.
    fn replaced(&mut self, count: usize);

    /// Says whether a zero point may differ from 0.
    fn is_shifted(&self) -> bool {
        true
    }

    /// Returns the properties that all slices have in common.
    fn summary(&mut self, s: impl Simd) -> Self::Summary;
}

/// The properties of the parameters of some slices, by which a kernel is chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    /// The proof that covers the quotients of all slices.
    pub(crate) proved: ExactFor,
    /// Says whether any zero point is not 0.
    pub(crate) is_shifted: bool,
    /// Says whether all slices have the same `qmin` and `qmax`.
    pub(crate) has_common_codes: bool,
}

/// The parameters of at most N neighbouring slices. A register that is loaded from a multiple of its length crosses no
/// cache line.
///
/// The order of the fields matters: see [`Table::with_scales`].
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Table<T, const N: usize> {
    pub(crate) zero_point: [i32; N],
    pub(crate) qmin: [i32; N],
    pub(crate) qmax: [i32; N],
    /// The reciprocals `1 ⊘ S`.
    pub(super) recip: [T; N],
    pub(crate) scale: [T; N],
    /// The second terms of the reciprocals, `fma(−S, recip, 1) ⊘ S`.
    pub(super) recip_err: [T; N],
    /// The greatest x that matters, `(qmax − Z) ⊗ S`.
    pub(super) x_max: [T; N],
    /// The integer below which no result matters, `qmin − Z − 1`.
    pub(super) code_floor: [T; N],
    /// The least x that matters, `code_floor ⊗ S`.
    pub(super) x_min: [T; N],
    /// The number of slices.
    pub(crate) count: usize,
    /// Says whether a zero point may differ from 0.
    pub(crate) is_shifted: bool,
    /// The summary, once it has been computed.
    summary: Option<Summary>,
    /// Says whether the fields for the division have been computed.
    is_prepared: bool,
    /// Says whether `recip` and `recip_err` have been computed.
    is_inverted: bool,
}

impl<T: Compute, const N: usize> Table<T, N> {
    /// Returns an empty table whose scales are all `scale`: 0, or 1 in a small table.
    ///
    /// The value changes no result, only how fast the table is cleared. Clearing memory is faster than filling it, but
    /// for more than 2 KiB a C library uses an instruction that takes 20 ns to begin. Ones among the zeros halve the
    /// longest run of zeros, and the compiler clears half of the table by its own instructions.
    #[inline(always)]
    pub(crate) fn with_scales(scale: T) -> Self {
        let (zeros, none) = ([T::ZERO; N], [0; N]);
        Self {
            zero_point: none,
            qmin: none,
            qmax: none,
            recip: zeros,
            scale: [scale; N],
            recip_err: zeros,
            x_max: zeros,
            code_floor: zeros,
            x_min: zeros,
            count: 0,
            is_shifted: true,
            summary: None,
            is_prepared: false,
            is_inverted: false,
        }
    }

    /// Returns an empty table with the code limits of a scheme.
    #[inline(always)]
    pub(crate) fn with_codes(code_grid: &CodeGrid) -> Self {
        let mut table = Self::with_scales(T::ONE);
        table.qmin.fill(code_grid.qmin);
        table.qmax.fill(code_grid.qmax);
        table
    }

    /// Returns the arrays of the given parameters of some slices; `qmin` and `qmax` are included if `codes` is true.
    pub(crate) fn given_mut(&mut self, slices: Range<usize>, codes: bool) -> ParamArrays<'_, T> {
        let of_codes = if codes { slices.clone() } else { 0..0 };
        ParamArrays {
            scale: &mut self.scale[slices.clone()],
            zero_point: &mut self.zero_point[slices],
            qmin: &mut self.qmin[of_codes.clone()],
            qmax: &mut self.qmax[of_codes],
        }
    }

    /// Calls [`Divide::prepare`] for all slices, unless the table is prepared.
    #[inline(always)]
    pub(super) fn prepare<S: FloatOps<T>, D: Divide<S, T>>(&mut self, s: S) {
        if !self.is_prepared {
            for at in (0..self.count).step_by(S::LANES) {
                D::prepare(s, self, at);
            }
            (self.is_prepared, self.is_inverted) = (true, D::INVERTS);
        }
    }

    /// Returns the parameters of slice `i`. If the table has reciprocals, they are proved for codes of 8 bits.
    #[inline]
    pub(crate) fn affine(&self, i: usize) -> Affine<T> {
        let (scale, zero_point) = (self.scale[i], self.zero_point[i]);
        let (qmin, qmax) = (self.qmin[i], self.qmax[i]);
        if !self.is_inverted {
            return Affine::new(scale, zero_point, qmin, qmax);
        }
        let (high, low) = (self.recip[i], self.recip_err[i]);
        let reciprocal = Reciprocal { high, low, guarded: true };
        Affine { scale, zero_point, qmin, qmax, reciprocal, proved: ExactFor::Bits8 }
    }
}

impl<T: Compute, const N: usize> ParameterTable for Table<T, N> {
    type Summary = Summary;

    fn repeat(&mut self, from: usize, period: usize, to: usize) {
        repeat(&mut self.scale, from, period, to);
        for array in [&mut self.zero_point, &mut self.qmin, &mut self.qmax] {
            repeat(array, from, period, to);
        }
    }

    #[inline(always)]
    fn replaced(&mut self, count: usize) {
        (self.count, self.summary) = (count, None);
        (self.is_prepared, self.is_inverted) = (false, false);
    }

    fn is_shifted(&self) -> bool {
        self.is_shifted
    }

    #[inline]
    fn summary(&mut self, s: impl Simd) -> Summary {
        let summary = self.summary.unwrap_or_else(|| s.vectorize(Summarize(self)));
        self.summary = Some(summary);
        summary
    }
}

impl<T: Compute> Parameter for Affine<T> {
    type Table<const N: usize> = Table<T, N>;
    type Summary = Summary;

    #[inline(always)]
    fn table(&self) -> Table<T, 1> {
        // The bounds of 32-bit codes may wrap, since no kernel makes 32-bit codes.
        let most = self.qmax.wrapping_sub(self.zero_point);
        let floor = T::from_i32(self.qmin.wrapping_sub(self.zero_point).wrapping_sub(1));
        Table {
            zero_point: [self.zero_point],
            qmin: [self.qmin],
            qmax: [self.qmax],
            recip: [self.reciprocal.high],
            scale: [self.scale],
            recip_err: [self.reciprocal.low],
            x_max: [T::from_i32(most) * self.scale],
            code_floor: [floor],
            x_min: [floor * self.scale],
            count: 1,
            is_shifted: self.is_shifted(),
            summary: Some(self.summary()),
            is_prepared: true,
            is_inverted: self.proved == ExactFor::Bits8,
        }
    }

    #[inline(always)]
    fn is_shifted(&self) -> bool {
        self.zero_point != 0
    }

    #[inline(always)]
    fn summary(&self) -> Summary {
        let is_shifted = self.is_shifted();
        Summary { proved: self.proved, is_shifted, has_common_codes: true }
    }
}

/// Copies the `period` elements from `from` on, over and over, up to element `to`.
pub(super) fn repeat<T: Copy>(array: &mut [T], from: usize, period: usize, to: usize) {
    let mut end = from + period;
    while end < to {
        // The part of the array that is already filled is a whole number of periods.
        let next = to.min(end + (end - from));
        array.copy_within(from..from + (next - end), end);
        end = next;
    }
}

/// Summarizes the parameters of a table.
struct Summarize<'a, T, const N: usize>(&'a Table<T, N>);

impl<S, T: Compute, const N: usize> Kernel<S> for Summarize<'_, T, N> {
    type Output = Summary;

    /// Summarizes without an early exit, so that the compiler compares as many slices as a register has lanes.
    #[inline(always)]
    fn run(self, _: S) -> Summary {
        let table = self.0;
        let (mut guarded, mut near, mut far) = (true, true, true);
        let (mut shifts, mut differences) = (0, 0);
        for i in 0..table.count.min(N) {
            let (scale, z) = (table.scale[i], table.zero_point[i]);
            let (qmin, qmax) = (table.qmin[i], table.qmax[i]);
            guarded &= (*T::GUARDED.start() <= scale) & (scale <= *T::GUARDED.end());
            near &= ExactFor::is_near(z, (qmin, qmax));
            far &= ExactFor::is_far(z, (qmin, qmax));
            shifts |= z;
            differences |= (qmin ^ table.qmin[0]) | (qmax ^ table.qmax[0]);
        }
        let proved = match (guarded, near, far) {
            (true, true, _) => ExactFor::Bits8,
            (true, false, true) => ExactFor::Bits16,
            _ => ExactFor::None,
        };
        Summary { proved, is_shifted: shifts != 0, has_common_codes: differences == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::divide::{ByReciprocal, Divide};
    use super::Table;
    use crate::simd::{FmaOps, Kernel, Load, MOST_LANES, Store};

    /// Tests all mantissas: the reciprocals of all scales, and the scales of all widths.
    struct EveryMantissa;

    impl<S: FmaOps<f32>> Kernel<S> for EveryMantissa {
        type Output = ();

        #[inline(always)]
        fn run(self, s: S) {
            let mut table = Table::<f32, MOST_LANES>::with_scales(0.0);
            let ones = f32::to_bits(1.0)..f32::to_bits(2.0);
            for first in ones.step_by(MOST_LANES) {
                for at in (0..MOST_LANES).step_by(S::LANES) {
                    for i in at..at + S::LANES {
                        table.scale[i] = f32::from_bits(first + i as u32);
                    }
                    <ByReciprocal<S, f32> as Divide<S, f32>>::prepare(s, &mut table, at);
                }
                for i in 0..MOST_LANES {
                    let scale = table.scale[i];
                    let high = 1.0 / scale;
                    // The remainder is exact in `f64`, and has fewer digits than an `f32`.
                    let left = (1.0 - f64::from(scale) * f64::from(high)) as f32;
                    assert_eq!(
                        (table.recip[i], table.recip_err[i]),
                        (high, left / scale),
                        "{scale:e}"
                    );
                }
                for bits in 1..=8 {
                    let n = ((1 << bits) - 1) as f32;
                    let mut scale = [0.0; MOST_LANES];
                    for at in (0..MOST_LANES).step_by(S::LANES) {
                        let width = Load::load(s, &table.scale[at..]);
                        let found = <ByReciprocal<S, f32> as Divide<S, f32>>::scale(s, width, n);
                        found.store(s, &mut scale[at..]);
                    }
                    for i in 0..MOST_LANES {
                        assert_eq!(scale[i], table.scale[i] / n, "{:e} / {n}", table.scale[i]);
                    }
                }
            }
        }
    }

    #[test]
    fn every_mantissa_is_divided_exactly() {
        #[cfg(target_arch = "x86_64")]
        {
            use crate::simd::Simd;
            if let Some(avx2) = crate::Avx2::detect() {
                avx2.vectorize(EveryMantissa);
            }
            if let Some(avx512) = crate::Avx512::detect() {
                avx512.vectorize(EveryMantissa);
            }
        }
        #[cfg(target_arch = "aarch64")]
        crate::simd::Simd::vectorize(crate::Neon::detect().unwrap(), EveryMantissa);
    }
}
