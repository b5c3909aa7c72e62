//! The greatest and the least elements of N blocks, each in its lane.

use super::super::loops::slice::{CACHE_LINE, elements_past_line};
use crate::blocks::{Extremes, Format};
use crate::simd::{BlockOps, Choice, FloatOps, Load, MOST_LANES};

/// The whole cache lines that hold the elements of N blocks.
///
/// A register of AVX-512 is as long as a line, so that every load that is not aligned reads two lines. If blocks begin
/// inside a line, the first line of a block ends with its first elements, and the line behind it begins with its last
/// ones; `lanes_from` joins the two to one register. The order of elements changes, and their extremes do not. (With data
/// 16 bytes behind a line, Q8_0 takes .91 of the time on Zen 5.)
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    lines: &'a [f32],
    /// The number of elements before the first block, from 1 to N − 1.
    past: usize,
}

impl<'a> Lines<'a> {
    /// Returns the number of elements in the line of the first one before it; or 0 if a register is shorter than
    /// a line.
    #[inline(always)]
    pub(super) fn past<S: BlockOps>(src: &[f32]) -> usize {
        if size_of::<f32>() * S::LANES == CACHE_LINE { elements_past_line(src) } else { 0 }
    }

    /// Returns the lines of a group of N blocks, if there are elements of `src` on both sides of it.
    #[inline(always)]
    pub(super) fn of_group<S: BlockOps, B: Format>(
        src: &'a [f32],
        group: usize,
        past: usize,
    ) -> Option<Self> {
        let (first, len) = (group * S::LANES * B::ELEMENTS, (B::ELEMENTS + 1) * S::LANES);
        if past == 0 || first < past || src.len() - (first - past) < len {
            return None;
        }
        Some(Self { lines: &src[first - past..][..len], past })
    }
}

/// Returns whether NaN is found by its code. With AVX-512, it is not among the greatest magnitudes, and each comparison
/// for a record would wait for the one before it. NaN has the code −128 there, and no number of a regular block has it.
#[inline(always)]
pub(super) const fn by_codes<S: BlockOps>() -> bool {
    <S as FloatOps<f32>>::MAX_MAY_DROP_NAN
}

/// Returns the greatest and the least elements of the blocks of `src`, at most N, or their greatest magnitudes. Returns
/// `None` if there is a NaN that neither magnitudes nor codes show.
#[inline(always)]
pub(super) fn find_extremes<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    lines: Option<Lines<'_>>,
) -> Option<[S::V; 2]> {
    // The loop over a whole group has a constant length, and its registers stay registers.
    if let Some(Lines { lines, past }) = lines {
        extremes_of_blocks::<S, B>(s, lines, S::LANES, past)
    } else if src.len() == S::LANES * B::ELEMENTS {
        extremes_of_blocks::<S, B>(s, src, S::LANES, 0)
    } else {
        extremes_of_blocks::<S, B>(s, src, src.len() / B::ELEMENTS, 0)
    }
}

#[inline(always)]
fn extremes_of_blocks<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    blocks: usize,
    past: usize,
) -> Option<[S::V; 2]> {
    let [most, least] = choices::<B>();
    let mut pairs = [[s.splat(0.0); MOST_LANES / 2]; 2];
    let mut nan = s.no_flag();
    let src = &src[..blocks * B::ELEMENTS + if past == 0 { 0 } else { S::LANES }];
    for pair in 0..blocks.div_ceil(2).min(MOST_LANES / 2) {
        // An odd block is its own neighbour.
        let (first, second) = (2 * pair, (2 * pair + 1).min(blocks - 1));
        let a = extremes_of::<S, B>(s, &src[first * B::ELEMENTS..], past, &mut nan);
        let b = extremes_of::<S, B>(s, &src[second * B::ELEMENTS..], past, &mut nan);
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

/// Returns the extremes of each lane of a block, which begins `past` elements behind the start of `src`. If `past` is not
/// 0, the first and the last elements of the block are joined to one register.
#[inline(always)]
fn extremes_of<S: BlockOps, B: Format>(
    s: S,
    src: &[f32],
    past: usize,
    nan: &mut S::Flag,
) -> [S::V; 2] {
    let [most, least] = choices::<B>();
    let mut all = [s.splat(0.0); 2];
    for pair in 0..B::ELEMENTS / S::LANES / 2 {
        let mut a: S::V = Load::load(s, &src[2 * pair * S::LANES..]);
        let b: S::V = Load::load(s, &src[(2 * pair + 1) * S::LANES..]);
        if pair == 0 && past != 0 {
            a = s.lanes_from(past, a, Load::load(s, &src[B::ELEMENTS..]));
        }
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
