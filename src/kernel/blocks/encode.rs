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
use crate::blocks::{Extremes, Format, Numbers, Rounding};
use crate::error::Error;
use crate::reference::blocks::{self, LONGEST};
use crate::simd::{BlockOps, Choice, FloatOps, Kernel, LONGEST_STEP, Load, MOST_LANES, Store};

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
    /// The scales and the second numbers, as they are stored.
    halves: [[f16; MOST_LANES]; 2],
}

impl Scales {
    const NONE: Self = Self {
        d: [0.0; MOST_LANES],
        factor: [0.0; MOST_LANES],
        least: [0.0; MOST_LANES],
        halves: [[f16::ZERO; MOST_LANES]; 2],
    };

    #[inline(always)]
    fn put<B: Format>(&self, lane: usize, dst: &mut B) {
        let lane = lane % MOST_LANES;
        dst.put_numbers(self.d[lane], [self.halves[0][lane], self.halves[1][lane]]);
    }
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
        let (mut scales, mut is_regular) = ([Scales::NONE; 2], [false; 2]);
        let mut found = Found { sums: [0.0; MOST_LANES], lowest: s.splat_code(0) };
        for group in 0..=groups {
            if group < groups {
                let some = elements::<S, B>(src, group);
                if is_ahead {
                    prefetch_ahead(s, some);
                }
                is_regular[group % 2] = find_scales::<S, B>(s, some, &mut scales[group % 2]);
            }
            if group == 0 {
                continue;
            }
            let (slot, first) = ((group - 1) % 2, (group - 1) * S::LANES);
            let some = elements::<S, B>(src, group - 1);
            let to = &mut dst[first..][..some.len() / B::ELEMENTS];
            if !(is_regular[slot] && encode_group(s, some, to, &mut scales[slot], &mut found)) {
                // A NaN before this group is the first error.
                if found.is_nan(s) {
                    break;
                }
                encode_as_reference(some, to, first)?;
            }
        }
        if found.is_nan(s) { encode_as_reference(src, dst, 0) } else { Ok(()) }
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
    scales: &mut Scales,
    found: &mut Found<S>,
) -> bool {
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
    if B::NUMBERS != Numbers::ScaleAndSum {
        return true;
    }
    scales.halves[1] = to_halves(s, &found.sums);
    for (lane, dst) in dst.iter_mut().enumerate() {
        scales.put(lane, dst);
    }
    are_small::<S, B>(&found.sums)
}

/// Returns whether all N numbers can be stored.
#[inline(always)]
fn are_small<S: BlockOps, B: Format>(numbers: &Lanes) -> bool {
    let mut are_small = true;
    for lane in 0..S::LANES {
        are_small &= numbers[lane].abs() < B::TOO_GREAT;
    }
    are_small
}

/// Rounds N numbers.
#[inline(always)]
fn to_halves<S: BlockOps>(s: S, numbers: &Lanes) -> [f16; MOST_LANES] {
    let mut halves = [f16::ZERO; MOST_LANES];
    let v: S::V = Load::load(s, numbers);
    v.store(s, &mut halves);
    halves
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
    for (i, dst) in dst.iter_mut().enumerate() {
        let codes = &codes[i * B::ELEMENTS..][..B::ELEMENTS];
        if B::NUMBERS == Numbers::ScaleAndSum {
            let lane = (lane + i) % MOST_LANES;
            found.sums[lane] = s.sum_codes(codes) as f32 * scales.d[lane];
        } else {
            scales.put(lane + i, dst);
        }
        dst.put_codes(codes, if B::FIFTHS.is_some() { s.fifth_bits(codes) } else { 0 });
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
fn find_scales<S: BlockOps, B: Format>(s: S, src: &[f32], scales: &mut Scales) -> bool {
    // The loop over a whole group has a constant length, and its registers stay registers.
    let found = if src.len() == S::LANES * B::ELEMENTS {
        extremes::<S, B>(s, src, S::LANES)
    } else {
        extremes::<S, B>(s, src, src.len() / B::ELEMENTS)
    };
    let Some([most, least]) = found else { return false };
    let zero = s.splat(0.0);
    let extreme = match B::EXTREMES {
        Extremes::Magnitude => to_lanes(s, most),
        Extremes::Signed => {
            let (up, down) = (s.max(most, zero), s.min(least, zero));
            // The sum has the sign of the greater magnitude. It is 0 only if they are equal.
            let sum = s.add(up, down);
            let vmax = s.with_sign(s.max(up, s.sub(zero, down)), sum);
            let (mut vmax, sum) = (to_lanes(s, vmax), to_lanes(s, sum));
            let mut is_tied = false;
            for lane in 0..S::LANES {
                is_tied |= sum[lane] == 0.0 && vmax[lane] != 0.0;
            }
            if is_tied {
                choose_first::<B>(src, &mut vmax);
            }
            vmax
        }
        Extremes::Range => {
            // The difference of two zeros may be −0.
            let width = s.abs(s.sub(most, least));
            scales.least = to_lanes(s, least);
            let mut is_zero = false;
            for lane in 0..S::LANES {
                is_zero |= scales.least[lane] == 0.0;
            }
            if is_zero {
                sign_zeros::<B>(src, &mut scales.least);
            }
            scales.halves[1] = to_halves(s, &scales.least);
            to_lanes(s, width)
        }
    };
    let mut is_regular = B::EXTREMES != Extremes::Range || are_small::<S, B>(&scales.least);
    for lane in 0..S::LANES {
        let (d, id) = B::scale(extreme[lane]);
        let is_normal = d.abs() >= f32::MIN_POSITIVE && d.abs() < B::TOO_GREAT;
        is_regular &= is_normal | (d == 0.0 && id == 0.0);
        scales.d[lane] = d;
        scales.factor[lane] = if B::ROUNDING == Rounding::Away { 2.0 * id } else { id };
    }
    scales.halves[0] = to_halves(s, &scales.d);
    is_regular
}

#[inline(always)]
fn to_lanes<S: BlockOps>(s: S, v: S::V) -> Lanes {
    let mut lanes = [0.0; MOST_LANES];
    Store::<S, f32>::store(v, s, &mut lanes);
    lanes
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

/// Returns whether NaN is found by its code. With AVX-512, it is not among the greatest magnitudes, and each comparison
/// for a record would wait for the one before it. NaN has the code −128 there, and no number of a regular block has it.
#[inline(always)]
const fn by_codes<S: BlockOps>() -> bool {
    <S as FloatOps<f32>>::MAX_MAY_DROP_NAN
}

/// Returns the greatest and the least elements of `blocks` blocks, at most N, or twice their greatest magnitudes. Returns
/// `None` if there is a NaN that neither magnitudes nor codes show.
#[inline(always)]
fn extremes<S: BlockOps, B: Format>(s: S, src: &[f32], blocks: usize) -> Option<[S::V; 2]> {
    let [most, least] = choices::<B>();
    let mut pairs = [[s.splat(0.0); MOST_LANES / 2]; 2];
    let mut nan = s.no_flag();
    let src = &src[..blocks * B::ELEMENTS];
    for pair in 0..blocks.div_ceil(2).min(MOST_LANES / 2) {
        // An odd block is its own neighbour.
        let (first, second) = (2 * pair, (2 * pair + 1).min(blocks - 1));
        let a = extremes_of::<S, B>(s, &src[first * B::ELEMENTS..][..B::ELEMENTS], &mut nan);
        let b = extremes_of::<S, B>(s, &src[second * B::ELEMENTS..][..B::ELEMENTS], &mut nan);
        pairs[0][pair] = s.choose_neighbours(a[0], b[0], most);
        pairs[1][pair] = s.choose_neighbours(a[1], b[1], least);
    }
    if s.any_flag(nan) {
        return None;
    }
    Some([s.choose_lanes(pairs[0], most), s.choose_lanes(pairs[1], least)])
}

#[inline(always)]
const fn choices<B: Format>() -> [Choice; 2] {
    match B::EXTREMES {
        Extremes::Magnitude => [Choice::Magnitude; 2],
        Extremes::Signed | Extremes::Range => [Choice::Greater, Choice::Lesser],
    }
}

/// Returns the extremes of each lane of a block.
#[inline(always)]
fn extremes_of<S: BlockOps, B: Format>(s: S, src: &[f32], nan: &mut S::Flag) -> [S::V; 2] {
    let [most, least] = choices::<B>();
    let mut all = [s.splat(0.0); 2];
    for pair in 0..B::ELEMENTS / S::LANES / 2 {
        let a: S::V = Load::load(s, &src[2 * pair * S::LANES..]);
        let b: S::V = Load::load(s, &src[(2 * pair + 1) * S::LANES..]);
        let of_two = if B::EXTREMES == Extremes::Magnitude {
            [s.max_magnitudes(a, b); 2]
        } else {
            if !by_codes::<S>() {
                *nan = s.flag_nan(*nan, a, b);
            }
            [s.max(a, b), s.min(a, b)]
        };
        all = if pair == 0 {
            of_two
        } else {
            [s.choose(of_two[0], all[0], most), s.choose(of_two[1], all[1], least)]
        };
    }
    all
}
