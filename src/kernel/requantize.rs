//! Requantize: accumulators times a multiplier, rounded, plus Z, clamped to codes.
//!
//! # A float multiplier: `q = clamp(rint(f32(acc) ⊗ m) + Z, qmin, qmax)`
//!
//! The product is no NaN. It is clamped to 2²⁵, which is beyond every code whatever Z is; a number below −2²⁵ becomes
//! an integer that is below −2²⁵, too. If m is below 1, the product is at most 2³¹·(1 − 2⁻²⁴) in magnitude, which every
//! converter converts: then nothing is clamped from above.
//!
//! # A fixed-point multiplier: `q = clamp(rdbpot(srdhm(sat32(acc · 2^max(s, 0)), M), max(−s, 0)) + Z, qmin, qmax)`
//!
//! * Instead of saturating the left shift, acc is clamped to the range in which the shift does not overflow. If the
//!   clamp changes acc, the shifted number is at least 2³⁰ in magnitude; times M, which is at least 2³⁰, and without a
//!   right shift, 2²⁹ or more is left. This is beyond every code of at most 16 bits, as the saturated number would be.
//!   (M = 0 makes 0 of both.)
//! * M is not negative. `srdhm(a, M)`, which truncates `a·M` plus a nudge with the sign of the product, is therefore
//!   `⌊(a·M + 2³⁰) / 2³¹⌋`, and a = b = −2³¹ does not occur. The result is above −2³¹.
//! * `rdbpot(x, e)` rounds to the nearest, ties away from 0. For e > 0 and `y = x − [x < 0]`, which does not overflow,
//!   the result is `⌊y / 2ᵉ⌋` plus bit e − 1 of y, the half: `⌊(⌊y / 2ᵉ⁻¹⌋ + 1) / 2⌋`. The sum does not overflow
//!   either, since x is at most 2³¹ − 2.
//! * For e > 0 both steps are one shift in 64 bits. `⌊(⌊P / m⌋ + k) / n⌋` is `⌊(P + k·m) / (m·n)⌋`, so with P = a·M +
//!   2³⁰, m = 2³¹, n = 2ᵉ and k = 2ᵉ⁻¹ − \[x < 0\] the result is `⌊(a·M + 2³⁰ + 2³⁰⁺ᵉ − 2³¹·[a < 0]) / 2³¹⁺ᵉ⌋`. (If a <
//!   0, but x is 0, a·M + 2³⁰ is from 0 to 2³⁰: with the 2³¹ and without, the sum is from 0 to below 2³¹⁺ᵉ.) With h for
//!   the upper 32 bits of the sum, the result is `⌊h / 2ᵉ⁻¹⌋`.
//!
//! # Codes
//!
//! A Z within [`NARROW`] is added in 16 bits with saturation, as in `quantize.rs`. The reference requantizes with a
//! larger Z, which no framework makes.
//!
//! # A multiplier for each column
//!
//! A fixed-point multiplier has a left or a right shift. Unless all columns shift to the right, as multipliers below ½
//! do, each lane makes both shifts, one of them by 0; a right shift by 0 rounds nothing.

use core::marker::PhantomData;
use core::ops::Range;

use super::operation::{Operation, Place};
use super::table::{Parameter, ParameterTable, repeat};
use crate::element::Code;
use crate::params::is_within;
use crate::requantize::{Multiplier, Rescale};
use crate::simd::{ByteOps, FloatOps, I32Ops, Kernel, Simd};
use crate::slices::RescaleArrays;

/// The greatest |Z| with which an integer that saturates at 16 bits is still beyond every 8-bit code.
const NARROW: i32 = 30_000;

/// The multipliers of some slices, as the kernels distinguish them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MultiplierKind {
    /// Float multipliers, all of them below 1.
    BelowOne,
    Floats,
    /// Fixed-point multipliers, all of them with a right shift: below ½.
    FixedRight,
    Fixed,
    /// Multipliers with a zero point beyond [`NARROW`], which the reference requantizes.
    Wide,
}

/// The properties of the parameters of some slices, by which a kernel is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) multipliers: MultiplierKind,
    /// The codes that all slices allow: from the greatest `qmin` to the least `qmax`.
    pub(crate) common_codes: (i32, i32),
}

/// The parameters of at most N neighbouring slices, whose multipliers are all floats or all in fixed point.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Rescales<const N: usize> {
    /// The bits of each float multiplier, or each fixed-point multiplier.
    multiplier: [i32; N],
    /// The left shift of each fixed-point multiplier; a negative number is a right shift.
    shift: [i32; N],
    codes: Codes<N>,
    are_floats: bool,
    /// The number of slices.
    count: usize,
    /// The summary, once it has been computed.
    summary: Option<Summary>,
}

/// An array whose registers cross no cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Array<const N: usize>([i32; N]);

/// The zero points and the codes of the slices of a table. What all slices have in common is no array: filling arrays
/// would take longer than the work on a few rows.
#[derive(Debug)]
enum Codes<const N: usize> {
    Common { zero_point: i32, qmin: i32, qmax: i32 },
    Each { zero_point: Array<N>, qmin: Array<N>, qmax: Array<N> },
}

impl<const N: usize> Rescales<N> {
    /// Returns an empty table for multipliers that are all floats, or all in fixed point, and for the zero point and the
    /// codes that all slices have in common.
    pub(crate) fn new(are_floats: bool, common: Option<(i32, (i32, i32))>) -> Self {
        let (zero_point, (qmin, qmax)) = common.unwrap_or_default();
        let mut table = Self {
            multiplier: [0; N],
            shift: [0; N],
            codes: Codes::Common { zero_point, qmin, qmax },
            are_floats,
            count: 0,
            summary: None,
        };
        if common.is_none() {
            // For a common zero point, these arrays are not even cleared.
            let none = || Array([0; N]);
            table.codes = Codes::Each { zero_point: none(), qmin: none(), qmax: none() };
        }
        table
    }

    /// Returns the arrays of some slices.
    pub(crate) fn arrays_mut(&mut self, slices: Range<usize>) -> RescaleArrays<'_> {
        let (zero_point, qmin, qmax): (&mut [i32], &mut [i32], &mut [i32]) = match &mut self.codes {
            Codes::Common { .. } => (&mut [], &mut [], &mut []),
            Codes::Each { zero_point: z, qmin, qmax } => {
                let [z, qmin, qmax] = [z, qmin, qmax].map(|array| &mut array.0[slices.clone()]);
                (z, qmin, qmax)
            }
        };
        let shift = &mut self.shift[if self.are_floats { 0..0 } else { slices.clone() }];
        RescaleArrays { multiplier: &mut self.multiplier[slices], shift, zero_point, qmin, qmax }
    }
}

impl<const N: usize> ParameterTable for Rescales<N> {
    type Summary = Summary;

    fn repeat(&mut self, from: usize, period: usize, to: usize) {
        repeat(&mut self.multiplier, from, period, to);
        if !self.are_floats {
            repeat(&mut self.shift, from, period, to);
        }
        if let Codes::Each { zero_point, qmin, qmax } = &mut self.codes {
            for array in [zero_point, qmin, qmax] {
                repeat(&mut array.0, from, period, to);
            }
        }
    }

    fn replaced(&mut self, count: usize) {
        (self.count, self.summary) = (count, None);
    }

    #[inline]
    fn summary(&mut self, s: impl Simd) -> Summary {
        let summary = self.summary.unwrap_or_else(|| s.vectorize(Summarize(self)));
        self.summary = Some(summary);
        summary
    }
}

impl Parameter for Rescale {
    type Table<const N: usize> = Rescales<N>;
    type Summary = Summary;

    #[inline(always)]
    fn table(&self) -> Rescales<1> {
        let Self { multiplier, zero_point, qmin, qmax } = *self;
        Rescales {
            multiplier: [multiplier.bits() as i32],
            shift: [multiplier.shift()],
            codes: Codes::Common { zero_point, qmin, qmax },
            are_floats: matches!(multiplier, Multiplier::Float(_)),
            count: 1,
            summary: Some(self.summary()),
        }
    }

    #[inline(always)]
    fn summary(&self) -> Summary {
        let multipliers = match self.multiplier {
            _ if !is_within(self.zero_point, NARROW) => MultiplierKind::Wide,
            Multiplier::Float(m) if m < 1.0 => MultiplierKind::BelowOne,
            Multiplier::Float(_) => MultiplierKind::Floats,
            Multiplier::Fixed { shift, .. } if shift < 0 => MultiplierKind::FixedRight,
            Multiplier::Fixed { .. } => MultiplierKind::Fixed,
        };
        Summary { multipliers, common_codes: (self.qmin, self.qmax) }
    }
}

/// Summarizes the parameters of a table.
struct Summarize<'a, const N: usize>(&'a Rescales<N>);

impl<S, const N: usize> Kernel<S> for Summarize<'_, N> {
    type Output = Summary;

    /// Summarizes without an early exit, so that the compiler compares as many slices as a register has lanes.
    #[inline(always)]
    fn run(self, _: S) -> Summary {
        const ONE: i32 = 1.0_f32.to_bits() as i32;
        let table = self.0;
        let count = table.count.min(N);
        let (mut is_narrow, mut common_codes) = (true, (i32::MIN, i32::MAX));
        match &table.codes {
            Codes::Common { zero_point, qmin, qmax } => {
                (is_narrow, common_codes) = (is_within(*zero_point, NARROW), (*qmin, *qmax));
            }
            Codes::Each { zero_point, qmin, qmax } => {
                for i in 0..count {
                    is_narrow &= is_within(zero_point.0[i], NARROW);
                    common_codes.0 = common_codes.0.max(qmin.0[i]);
                    common_codes.1 = common_codes.1.min(qmax.0[i]);
                }
            }
        }
        // This is negative if all floats are below 1, or if all shifts are to the right.
        let mut all = -1;
        if table.are_floats {
            for i in 0..count {
                // Positive floats are in the order of their bits. −0 counts as great.
                all &= table.multiplier[i].wrapping_sub(ONE);
            }
        } else {
            for i in 0..count {
                all &= table.shift[i];
            }
        }
        let multipliers = match (table.are_floats, all < 0) {
            _ if !is_narrow => MultiplierKind::Wide,
            (true, true) => MultiplierKind::BelowOne,
            (true, false) => MultiplierKind::Floats,
            (false, true) => MultiplierKind::FixedRight,
            (false, false) => MultiplierKind::Fixed,
        };
        Summary { multipliers, common_codes }
    }
}

/// A way to compute the rounded product of accumulators and multipliers.
pub(crate) trait Multiply<S: I32Ops>: Copy {
    fn of<const N: usize>(s: S, table: &Rescales<N>, at: impl Place<S>) -> Self;

    /// Returns the product, if Z brings it to a code; otherwise returns an integer beyond the same end of the codes.
    fn product(&self, s: S, acc: S::I32) -> S::I32;
}

/// Multiplies by floats, which are all below 1 if `BELOW_ONE`.
#[derive(Clone, Copy)]
pub(crate) struct ByFloat<S: FloatOps<f32>, const BELOW_ONE: bool> {
    multiplier: S::V,
    low: S::V,
    high: S::V,
}

impl<S: I32Ops + FloatOps<f32>, const BELOW_ONE: bool> Multiply<S> for ByFloat<S, BELOW_ONE> {
    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Rescales<N>, at: impl Place<S>) -> Self {
        const BEYOND: f32 = (1 << 25) as f32;
        let multiplier: &[f32; N] = bytemuck::cast_ref(&table.multiplier);
        let multiplier = at.floats(s, multiplier);
        Self { multiplier, low: s.splat(-BEYOND), high: s.splat(BEYOND) }
    }

    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        let mut x = s.mul(s.i32_to_real(acc), self.multiplier);
        if !BELOW_ONE {
            x = s.min(x, self.high);
        }
        s.to_i32_nearest(x, self.low)
    }
}

/// Multiplies in fixed point with a right shift of at least 1.
#[derive(Clone, Copy)]
pub(crate) struct ByFixedRight<S: I32Ops> {
    multiplier: S::I32,
    shift: S::I32,
}

impl<S: I32Ops> Multiply<S> for ByFixedRight<S> {
    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Rescales<N>, at: impl Place<S>) -> Self {
        let zero = s.i32_splat(0);
        // Behind the last column, the table may hold numbers from an earlier use.
        let shift = s.i32_max(s.i32_sub(zero, at.ints(s, &table.shift)), zero);
        Self { multiplier: at.ints(s, &table.multiplier), shift }
    }

    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        s.i32_mul_shift(acc, self.multiplier, self.shift)
    }
}

/// Multiplies in fixed point with any shift.
#[derive(Clone, Copy)]
pub(crate) struct ByFixed<S: I32Ops> {
    multiplier: S::I32,
    left: S::I32,
    right: S::I32,
}

impl<S: I32Ops> Multiply<S> for ByFixed<S> {
    #[inline(always)]
    fn of<const N: usize>(s: S, table: &Rescales<N>, at: impl Place<S>) -> Self {
        let (zero, shift) = (s.i32_splat(0), at.ints(s, &table.shift));
        Self {
            multiplier: at.ints(s, &table.multiplier),
            left: s.i32_max(shift, zero),
            right: s.i32_max(s.i32_sub(zero, shift), zero),
        }
    }

    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        let low = s.i32_shift_right_by(s.i32_splat(i32::MIN), self.left);
        let high = s.i32_shift_right_by(s.i32_splat(i32::MAX), self.left);
        let acc = s.i32_max(s.i32_min(acc, high), low);
        let x = s.i32_mul_high(s.i32_shift_left_by(acc, self.left), self.multiplier);
        // `rounds` is −1 where there is a right shift, otherwise 0.
        let rounds = s.i32_shift_right(s.i32_sub(s.i32_splat(0), self.right), 31);
        let y = s.i32_add(x, s.i32_and(s.i32_shift_right(x, 31), rounds));
        let one_less = s.i32_add(self.right, rounds);
        let half = s.i32_and(s.i32_shift_right_by(y, one_less), s.i32_sub(s.i32_splat(0), rounds));
        s.i32_add(s.i32_shift_right_by(y, self.right), half)
    }
}

/// Computes `dst[i] = requantize(src[i])`, to codes of 8 bits, by the multipliers `M`, with every Z within [`NARROW`].
///
/// Without `CLAMP` every code of the type is allowed.
pub(crate) struct Requantize<Q, M, const CLAMP: bool = true>(PhantomData<(Q, M)>);

impl<S, Q, M, const CLAMP: bool> Operation<S> for Requantize<Q, M, CLAMP>
where
    S: ByteOps<Q> + I32Ops,
    Q: Code,
    M: Multiply<S>,
{
    type Src = i32;
    type In = S::I32;
    type Dst = Q;
    type Out = S::Packed;
    type Parameter = Rescale;
    /// The multipliers, and Z in 16 bits.
    type Params = ([M; 4], [S::I16; 2]);
    /// The registers of `qmin` and `qmax`.
    type Limits = [S::Packed; 2];
    type Begun = [S::I32; 4];

    #[inline(always)]
    fn params<const N: usize>(s: S, table: &Rescales<N>, at: [impl Place<S>; 4]) -> Self::Params {
        let [a, b, c, d] = at;
        let multiply =
            [M::of(s, table, a), M::of(s, table, b), M::of(s, table, c), M::of(s, table, d)];
        let z = match &table.codes {
            Codes::Common { zero_point, .. } => [s.i16_splat(*zero_point as i16); 2],
            Codes::Each { zero_point: Array(z), .. } => {
                [Place::shorts([a, b], s, z), Place::shorts([c, d], s, z)]
            }
        };
        (multiply, z)
    }

    #[inline(always)]
    fn limits<const N: usize>(s: S, table: &Rescales<N>, at: [impl Place<S>; 4]) -> [S::Packed; 2] {
        match &table.codes {
            Codes::Common { qmin, qmax, .. } => [s.splat_code(*qmin), s.splat_code(*qmax)],
            Codes::Each { qmin, qmax, .. } => {
                [Place::codes(at, s, &qmin.0), Place::codes(at, s, &qmax.0)]
            }
        }
    }

    #[inline(always)]
    fn begin(s: S, mut n: [S::I32; 4], (multiply, _): &Self::Params) -> [S::I32; 4] {
        for group in 0..4 {
            n[group] = multiply[group].product(s, n[group]);
        }
        n
    }

    #[inline(always)]
    fn finish(
        s: S,
        n: [S::I32; 4],
        (_, z): &Self::Params,
        [least, most]: &[S::Packed; 2],
    ) -> S::Packed {
        let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
        for half in 0..2 {
            words[half] = s.i16_add_saturating(words[half], z[half]);
        }
        let q = s.pack(words);
        if CLAMP { s.min_code(s.max_code(q, *least), *most) } else { q }
    }
}
