//! Encodes N blocks at a time, with a lane for each block.
//!
//! The extremes of N blocks are transposed into lanes, so that one instruction divides for all of them. Elements are read
//! twice; the second time they are in the first cache.
//!
//! Codes are computed by the formulas of the reference, operation by operation, so they are exact. Some things are
//! different:
//!
//! * If elements of both signs have the greatest magnitude, the registers do not know which one is first. If the least
//!   element is 0, they do not know the sign of the first zero. Scalar code then looks for it.
//! * Numbers that are not finite, that cannot be stored, or whose products go beyond the codes are found by the scale:
//!   it is then neither 0 nor a normal number that can be stored. The reference encodes such blocks.
//! * To round ties away from 0, the product with twice the inverse is truncated, and the integer is halved. Twice a
//!   product that is no subnormal number is exact, and a subnormal one becomes 0 in any case.
//! * A code of a range is not compared with the greatest one. With a normal scale, (max − min) · id is STEPS but for four
//!   roundings, so ½ more is below STEPS + 1.

use half::f16;

use super::super::loops::slice::prefetch_ahead;
use super::extremes::{Lines, by_codes, find_extremes};
use crate::blocks::{Extremes, Format, Numbers, Rounding};
use crate::error::Error;
use crate::reference::blocks::{self, LONGEST};
use crate::simd::{BlockOps, Kernel, LONGEST_STEP, Load, MOST_LANES, Store};

/// Encodes `src` as `dst`.
pub(crate) struct Encode<'a, B> {
    pub(crate) src: &'a [f32],
    pub(crate) dst: &'a mut [B],
    /// Says that `src` is in memory, and is to be prefetched.
    pub(crate) is_ahead: bool,
}

/// A place for each of N blocks.
type Lanes = [f32; MOST_LANES];

/// The numbers of N blocks.
struct Scales {
    d: Lanes,
    /// The numbers by which elements are multiplied.
    factor: Lanes,
    least: Lanes,
    /// The scales as they are stored, or the scales and the least elements ([`in_pairs`]).
    halves: [f16; 2 * MOST_LANES],
    /// The least elements as they are stored, if they are not in pairs.
    second: [f16; MOST_LANES],
}

impl Scales {
    const NONE: Self = Self {
        d: [0.0; MOST_LANES],
        factor: [0.0; MOST_LANES],
        least: [0.0; MOST_LANES],
        halves: [f16::ZERO; 2 * MOST_LANES],
        second: [f16::ZERO; MOST_LANES],
    };

    /// Rounds the scales and the least elements.
    #[inline(always)]
    fn round<S: BlockOps, B: Format>(&mut self, s: S, d: S::V, least: S::V) {
        d.store(s, &mut self.halves);
        if B::NUMBERS == Numbers::ScaleAndLeast {
            least.store(s, &mut self.second);
        }
        if in_pairs::<S, B>() {
            let first = self.halves;
            for lane in 0..MOST_LANES {
                self.halves[2 * lane] = first[lane];
                self.halves[2 * lane + 1] = self.second[lane];
            }
        }
    }

    #[inline(always)]
    fn put<S: BlockOps, B: Format>(&self, lane: usize, dst: &mut B) {
        let lane = lane % MOST_LANES;
        let halves = if in_pairs::<S, B>() {
            [self.halves[2 * lane], self.halves[2 * lane + 1]]
        } else {
            [self.halves[lane], self.second[lane]]
        };
        dst.put_numbers(self.d[lane], halves);
    }
}

/// Says whether a scale and a least element are side by side, and are copied to their block at once. With 16 lanes
/// this saves a twentieth of the time of Q4_1; with 8 lanes it saves nothing.
#[inline(always)]
const fn in_pairs<S: BlockOps, B: Format>() -> bool {
    matches!(B::NUMBERS, Numbers::ScaleAndLeast) && S::LANES == MOST_LANES
}

/// The sums of the codes of N blocks times their scales, if blocks store them, and the lowest codes so far.
struct Found<S: BlockOps> {
    sums: Lanes,
    lowest: S::Packed,
}

impl<S: BlockOps> Found<S> {
    /// Says whether a code of −128 shows a NaN. It is looked for once, since it takes as long as two blocks.
    #[inline(always)]
    fn is_nan(&self, s: S) -> bool {
        by_codes::<S>() && s.lowest_code(self.lowest) == i8::MIN.into()
    }
}

impl<S: BlockOps, B: Format> Kernel<S> for Encode<'_, B> {
    type Output = Result<(), Error>;

    // The scales of a group are computed before the codes of the group before it, so that nothing waits for divisions.
    #[inline(always)]
    fn run(self, s: S) -> Result<(), Error> {
        let Self { src, dst, is_ahead } = self;
        let groups = dst.len().div_ceil(S::LANES);
        let past = Lines::past::<S>(src);
        let (mut scales, mut is_regular) = ([Scales::NONE; 2], [false; 2]);
        let mut found = Found { sums: [0.0; MOST_LANES], lowest: s.splat_code(0) };
        let mut result = Ok(());
        for group in 0..=groups {
            if group < groups {
                let some = elements::<S, B>(src, group);
                if is_ahead {
                    prefetch_ahead(s, some);
                }
                let lines = Lines::of_group::<S, B>(src, group, past);
                is_regular[group % 2] = find_scales::<S, B>(s, some, lines, &mut scales[group % 2]);
            }
            if group == 0 {
                continue;
            }
            let (slot, first) = ((group - 1) % 2, (group - 1) * S::LANES);
            let some = elements::<S, B>(src, group - 1);
            let to = &mut dst[first..][..some.len() / B::ELEMENTS];
            if !(is_regular[slot] && encode_group(s, some, to, &scales[slot], &mut found)) {
                result = encode_as_reference(some, to, first);
                if result.is_err() {
                    break;
                }
            }
        }
        // A NaN before an error is the first error.
        if found.is_nan(s) { encode_as_reference(src, dst, 0) } else { result }
    }
}

/// Returns the elements of a group of N blocks. The last group may have fewer.
#[inline(always)]
fn elements<S: BlockOps, B: Format>(src: &[f32], group: usize) -> &[f32] {
    let len = S::LANES * B::ELEMENTS;
    let src = &src[group * len..];
    &src[..len.min(src.len())]
}

#[cold]
#[inline(never)]
fn encode_as_reference<B: Format>(src: &[f32], dst: &mut [B], first: usize) -> Result<(), Error> {
    blocks::encode(src, dst).map_err(|error| error.moved(first * B::ELEMENTS, first))
}

/// Encodes at most N blocks, whose scales are regular. Returns `false` if there is a sum that cannot be stored.
#[inline(always)]
fn encode_group<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    dst: &mut [B],
    scales: &Scales,
    found: &mut Found<S>,
) -> bool {
    // Constant bounds save a tenth of the time of Q8_0 with 16 lanes.
    if src.len() == S::LANES * B::ELEMENTS {
        let (src, dst) = (&src[..S::LANES * B::ELEMENTS], &mut dst[..S::LANES]);
        let blocks = unit::<S, B>() / B::ELEMENTS;
        for lane in (0..S::LANES).step_by(blocks) {
            let src = &src[lane * B::ELEMENTS..][..unit::<S, B>()];
            encode_unit(s, src, &mut dst[lane..][..blocks], scales, lane, found);
        }
    } else {
        encode_part(s, src, dst, scales, found);
    }
    if B::NUMBERS != Numbers::ScaleAndSum {
        return true;
    }
    let sums: S::V = Load::load(s, &found.sums);
    let mut halves = [f16::ZERO; MOST_LANES];
    sums.store(s, &mut halves);
    for (lane, dst) in dst.iter_mut().enumerate() {
        let lane = lane % MOST_LANES;
        dst.put_numbers(scales.d[lane], [scales.halves[lane], halves[lane]]);
    }
    s.are_below(sums, B::TOO_GREAT)
}

/// Encodes at most N blocks.
#[inline(always)]
fn encode_part<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    dst: &mut [B],
    scales: &Scales,
    found: &mut Found<S>,
) {
    let units = src.chunks_exact(unit::<S, B>());
    let rest = units.remainder();
    let mut blocks = dst.chunks_exact_mut(unit::<S, B>() / B::ELEMENTS);
    let mut lane = 0;
    for src in units {
        let Some(dst) = blocks.next() else { break };
        encode_unit(s, src, dst, scales, lane, found);
        lane += dst.len();
    }
    if !rest.is_empty() {
        let mut padded = [0.0; LONGEST_STEP];
        padded[..rest.len()].copy_from_slice(rest);
        encode_unit(s, &padded[..S::STEP], blocks.into_remainder(), scales, lane, found);
    }
}

/// Returns the number of elements whose codes are computed together: a block, or the step of AVX-512, which has the
/// elements of two short blocks.
#[inline(always)]
const fn unit<S: BlockOps, B: Format>() -> usize {
    if B::ELEMENTS < S::STEP { S::STEP } else { B::ELEMENTS }
}

/// Encodes the blocks of a unit. The first one's numbers are in lane `lane`.
#[inline(always)]
fn encode_unit<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    dst: &mut [B],
    scales: &Scales,
    lane: usize,
    found: &mut Found<S>,
) {
    let src = &src[..unit::<S, B>()];
    let mut codes = [0; LONGEST];
    for at in (0..unit::<S, B>()).step_by(S::STEP) {
        let q = codes_of::<S, B>(s, Load::load_step(s, &src[at..]), scales, lane);
        if by_codes::<S>() {
            found.lowest = s.min_code(found.lowest, q);
        }
        q.store(s, &mut codes[at..]);
    }
    let mut halves = [0; LONGEST / 2];
    if B::MOST <= 31 {
        s.join_halves(&codes[..unit::<S, B>()], &mut halves);
    }
    for (i, dst) in dst.iter_mut().enumerate() {
        let codes = &codes[i * B::ELEMENTS..][..B::ELEMENTS];
        if B::NUMBERS == Numbers::ScaleAndSum {
            let lane = (lane + i) % MOST_LANES;
            found.sums[lane] = s.sum_codes(codes) as f32 * scales.d[lane];
        } else {
            scales.put::<S, B>(lane + i, dst);
        }
        let fifths = if B::FIFTHS.is_some() { s.fifth_bits(codes) } else { 0 };
        if B::MOST > 31 {
            dst.put_codes(codes, fifths);
        } else {
            dst.put_halves(&halves[i * B::ELEMENTS / 2..], fifths);
        }
    }
}

/// Returns the codes of a step, whose first block has the number `block`.
#[inline(always)]
fn codes_of<S: BlockOps, B: Format>(
    s: S,
    x: [S::V; 4],
    scales: &Scales,
    block: usize,
) -> S::Packed {
    let mut n = [s.i32_splat(0); 4];
    for group in 0..4 {
        let lane = (block + group * S::LANES / B::ELEMENTS) % MOST_LANES;
        let mut v = x[group];
        if B::EXTREMES == Extremes::Range {
            v = s.sub(v, s.splat(scales.least[lane]));
        }
        v = s.mul(v, s.splat(scales.factor[lane]));
        n[group] = match B::ROUNDING {
            Rounding::Away => s.to_i32_truncated(v),
            Rounding::Even => s.to_i32_nearest(v, s.splat(i8::MIN as f32)),
            Rounding::Truncate(more) => s.to_i32_truncated(s.add(v, s.splat(more))),
        };
    }
    let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
    if B::ROUNDING == Rounding::Away {
        words = [s.halve_away(words[0]), s.halve_away(words[1])];
    }
    let q = s.pack(words);
    let is_limited = B::MOST == i8::MAX || B::EXTREMES == Extremes::Range;
    if is_limited { q } else { s.min_code(q, s.splat_code(B::MOST.into())) }
}

/// Computes the scales of at most N blocks. Returns `false` if there is a block that the reference must encode.
#[inline(always)]
fn find_scales<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    lines: Option<Lines<'_>>,
    scales: &mut Scales,
) -> bool {
    let Some([most, least]) = find_extremes::<S, B>(s, src, lines) else { return false };
    let zero = s.splat(0.0);
    let (mut is_regular, mut second) = (true, zero);
    // Lanes are corrected in memory, but in the usual case nothing is loaded again.
    let extreme = match B::EXTREMES {
        Extremes::Magnitude => most,
        Extremes::Signed => {
            let (up, down) = (s.max(most, zero), s.min(least, zero));
            // The sum has the sign of the greater magnitude. It is 0 only if they are equal.
            let sum = s.add(up, down);
            let mut vmax = s.with_sign(s.max(up, s.sub(zero, down)), sum);
            if s.any_zero(sum, vmax) {
                let mut lanes = s.to_lanes(vmax);
                choose_first::<B>(src, &mut lanes);
                vmax = Load::load(s, &lanes);
            }
            vmax
        }
        Extremes::Range => {
            // The difference of two zeros may be −0.
            let width = s.abs(s.sub(most, least));
            let mut least = least;
            if s.any_zero(least, s.splat(1.0)) {
                let mut lanes = s.to_lanes(least);
                sign_zeros::<B>(src, &mut lanes);
                least = Load::load(s, &lanes);
            }
            scales.least = s.to_lanes(least);
            is_regular = s.are_below(least, B::TOO_GREAT);
            second = least;
            width
        }
    };
    let [d, factor] = scales_of::<S, B>(s, extreme);
    scales.d = s.to_lanes(d);
    scales.round::<S, B>(s, d, second);
    let twice = if B::ROUNDING == Rounding::Away { s.add(factor, factor) } else { factor };
    scales.factor = s.to_lanes(twice);
    is_regular & s.are_regular(d, factor, B::TOO_GREAT)
}

/// Returns what [`Format::scale`] returns, in lanes.
#[inline(always)]
fn scales_of<S: BlockOps, B: Format>(s: S, extreme: S::V) -> [S::V; 2] {
    let (steps, one) = (s.splat(B::STEPS), s.splat(1.0));
    if B::NUMBERS == Numbers::LongScale {
        let factor = s.div(steps, extreme);
        return [s.or_zero(s.div(one, factor), extreme), s.or_zero(factor, extreme)];
    }
    let d = s.div(extreme, steps);
    [d, s.or_zero(s.div(one, d), d)]
}

/// Makes each `vmax` the first element of its magnitude.
#[cold]
#[inline(never)]
fn choose_first<B: Format>(src: &[f32], vmax: &mut Lanes) {
    for (block, vmax) in src.chunks_exact(B::ELEMENTS).zip(vmax) {
        if *vmax != 0.0
            && let Some(first) = block.iter().find(|x| x.abs() == vmax.abs())
        {
            *vmax = *first;
        }
    }
}

/// Makes each least element of 0 the first zero of its block.
#[cold]
#[inline(never)]
fn sign_zeros<B: Format>(src: &[f32], least: &mut Lanes) {
    for (block, least) in src.chunks_exact(B::ELEMENTS).zip(least) {
        if *least == 0.0
            && let Some(first) = block.iter().find(|x| **x == 0.0)
        {
            *least = *first;
        }
    }
}
