//! Encodes N blocks at a time, with a lane for each block.
//!
//! The extremes of N blocks are transposed into lanes, so that one instruction divides for all of them. Elements are read
//! twice; the second time they are in the first cache.
//!
//! Codes are computed by the formulas of the reference, operation by operation, so they are exact. Three things are
//! different, and are left to scalar code where they matter:
//!
//! * If elements of both signs have the greatest magnitude, the registers do not know which one is first.
//! * If the least element is 0, they do not know the sign of the first zero.
//! * Numbers that are not finite, that cannot be stored, or whose products go beyond the codes are found by the scale:
//!   it is then neither 0 nor a normal number that can be stored. The reference encodes such blocks.

use half::f16;

use super::super::loops::slice::prefetch_ahead;
use super::{Extremes, Format, Rounding};
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
    /// The scales as they are stored.
    halves: [f16; MOST_LANES],
    id: Lanes,
    least: Lanes,
    /// The second numbers that blocks store.
    second: Lanes,
}

impl Scales {
    const NONE: Self = Self {
        d: [0.0; MOST_LANES],
        halves: [f16::ZERO; MOST_LANES],
        id: [0.0; MOST_LANES],
        least: [0.0; MOST_LANES],
        second: [0.0; MOST_LANES],
    };
}

impl<S: BlockOps, B: Format> Kernel<S> for Encode<'_, B> {
    type Output = Result<(), Error>;

    // The scales of a group are computed before the codes of the group before it, so that nothing waits for divisions.
    #[inline(always)]
    fn run(self, s: S) -> Result<(), Error> {
        let Self { src, dst, is_ahead } = self;
        let groups = dst.len().div_ceil(S::LANES);
        let (mut scales, mut is_regular) = ([Scales::NONE; 2], [false; 2]);
        for group in 0..=groups {
            if group < groups {
                let src = elements::<S, B>(src, group);
                if is_ahead {
                    prefetch_ahead(s, src);
                }
                is_regular[group % 2] = find_scales::<S, B>(s, src, &mut scales[group % 2]);
            }
            if group == 0 {
                continue;
            }
            let (slot, first) = ((group - 1) % 2, (group - 1) * S::LANES);
            let src = elements::<S, B>(src, group - 1);
            let dst = &mut dst[first..][..src.len() / B::ELEMENTS];
            if !(is_regular[slot] && encode_group(s, src, dst, &mut scales[slot])) {
                encode_as_reference(src, dst, first)?;
            }
        }
        Ok(())
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

/// Encodes at most N blocks, whose scales are regular. Returns `false` if a second number cannot be stored.
#[inline(always)]
fn encode_group<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    dst: &mut [B],
    scales: &mut Scales,
) -> bool {
    let units = src.chunks_exact(unit::<S, B>());
    let rest = units.remainder();
    let mut blocks = dst.chunks_exact_mut(unit::<S, B>() / B::ELEMENTS);
    let mut lane = 0;
    for src in units {
        let Some(dst) = blocks.next() else { break };
        encode_unit(s, src, dst, scales, lane);
        lane += dst.len();
    }
    if !rest.is_empty() {
        let mut padded = [0.0; LONGEST_STEP];
        padded[..rest.len()].copy_from_slice(rest);
        encode_unit(s, &padded[..S::STEP], blocks.into_remainder(), scales, lane);
    }
    if !B::HAS_SECOND {
        return true;
    }
    let mut too_great = false;
    for lane in 0..S::LANES {
        too_great |= scales.second[lane].abs() >= B::TOO_GREAT;
    }
    let second = to_halves(s, &scales.second);
    for (block, dst) in dst.iter_mut().enumerate() {
        dst.put_second(second[block % MOST_LANES]);
    }
    !too_great
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
    scales: &mut Scales,
    lane: usize,
) {
    let src = &src[..unit::<S, B>()];
    let mut codes = [0; LONGEST];
    for at in (0..unit::<S, B>()).step_by(S::STEP) {
        codes_of::<S, B>(s, &src[at..], scales, lane).store(s, &mut codes[at..]);
    }
    for (i, dst) in dst.iter_mut().enumerate() {
        let codes = &codes[i * B::ELEMENTS..][..B::ELEMENTS];
        let lane = (lane + i) % MOST_LANES;
        if B::HAS_SECOND {
            let sum = if B::SUMS { s.sum_codes(codes) } else { 0 };
            scales.second[lane] = B::second(sum, scales.d[lane], scales.least[lane]);
        }
        dst.put(codes, scales.d[lane], scales.halves[lane]);
        if B::HAS_FIFTHS {
            dst.put_fifths(s.fifth_bits(codes));
        }
    }
}

/// Returns the codes of the first step of `src`, whose first block has the number `block`.
#[inline(always)]
fn codes_of<S: BlockOps, B: Format>(s: S, src: &[f32], scales: &Scales, block: usize) -> S::Packed {
    let x: [S::V; 4] = Load::load_step(s, src);
    let mut n = [s.i32_splat(0); 4];
    for group in 0..4 {
        let lane = (block + group * S::LANES / B::ELEMENTS) % MOST_LANES;
        let mut v = x[group];
        if B::EXTREMES == Extremes::Range {
            v = s.sub(v, s.splat(scales.least[lane]));
        }
        v = s.mul(v, s.splat(scales.id[lane]));
        n[group] = match B::ROUNDING {
            Rounding::Away => s.to_i32_away(v),
            Rounding::Even => s.to_i32_nearest(v, s.splat(i8::MIN as f32)),
            Rounding::Truncate(more) => s.to_i32_truncated(s.add(v, s.splat(more))),
        };
    }
    let q = s.pack([s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])]);
    if B::MOST < i8::MAX.into() { s.min_code(q, s.splat_code(B::MOST)) } else { q }
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
    let Some([mut extreme, mut least]) = found else { return false };
    match B::EXTREMES {
        Extremes::Magnitude => {}
        Extremes::Signed => {
            let mut is_tied = false;
            for lane in 0..S::LANES {
                let (up, down) = (extreme[lane], least[lane]);
                is_tied |= up == down;
                extreme[lane] = if down > up { -down } else { up };
            }
            if is_tied {
                choose_first::<B>(src, &mut extreme);
            }
        }
        Extremes::Range => {
            let mut is_zero = false;
            for lane in 0..S::LANES {
                is_zero |= least[lane] == 0.0;
                // The difference of two zeros may be −0.
                extreme[lane] = (extreme[lane] - least[lane]).abs();
            }
            if is_zero {
                sign_zeros::<B>(src, &mut least);
            }
        }
    }
    let mut is_regular = true;
    for lane in 0..S::LANES {
        let (d, id) = B::scale_and_inverse(extreme[lane]);
        let is_normal = d.abs() >= f32::MIN_POSITIVE && d.abs() < B::TOO_GREAT;
        is_regular &= is_normal | (d == 0.0 && id == 0.0);
        (scales.d[lane], scales.id[lane]) = (d, id);
    }
    scales.least = least;
    scales.halves = to_halves(s, &scales.d);
    is_regular
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

/// Returns the greatest magnitudes of `blocks` blocks, at most N; or their greatest elements and how far each goes below 0, at
/// least 0; or their greatest and their least elements. Returns `None` if there is a NaN, unless all are magnitudes.
#[inline(always)]
fn extremes<S: BlockOps, B: Format>(s: S, src: &[f32], blocks: usize) -> Option<[Lanes; 2]> {
    let zero = s.splat(0.0);
    let (mut most, mut least) = ([zero; MOST_LANES], [zero; MOST_LANES]);
    let mut nan = s.no_flag();
    let src = &src[..blocks * B::ELEMENTS];
    for block in 0..blocks.min(MOST_LANES) {
        let src = &src[block * B::ELEMENTS..][..B::ELEMENTS];
        for pair in 0..B::ELEMENTS / S::LANES / 2 {
            let a: S::V = Load::load(s, &src[2 * pair * S::LANES..]);
            let b: S::V = Load::load(s, &src[(2 * pair + 1) * S::LANES..]);
            if B::EXTREMES == Extremes::Magnitude {
                most[block] = s.max_magnitude(s.max_magnitude(most[block], a), b);
            } else {
                nan = s.flag_nan(nan, a, b);
                let (up, down) = (s.max(a, b), s.min(a, b));
                most[block] = if pair == 0 { up } else { s.max(up, most[block]) };
                least[block] = if pair == 0 { down } else { s.min(down, least[block]) };
            }
        }
    }
    if s.any_flag(nan) {
        return None;
    }
    let (most, least) = match B::EXTREMES {
        Extremes::Magnitude => (s.greatest_lanes(most), zero),
        Extremes::Signed => {
            let down = s.max_lanes(negated(s, least));
            (s.max(s.max_lanes(most), zero), s.max(down, zero))
        }
        Extremes::Range => (s.max_lanes(most), s.sub(zero, s.max_lanes(negated(s, least)))),
    };
    let mut lanes = [[0.0; MOST_LANES]; 2];
    Store::<S, f32>::store(most, s, &mut lanes[0]);
    Store::<S, f32>::store(least, s, &mut lanes[1]);
    Some(lanes)
}

#[inline(always)]
fn negated<S: BlockOps>(s: S, mut v: [S::V; MOST_LANES]) -> [S::V; MOST_LANES] {
    for lane in 0..S::LANES {
        v[lane] = s.sub(s.splat(0.0), v[lane]);
    }
    v
}
