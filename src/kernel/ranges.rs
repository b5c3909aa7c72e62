//! The ranges of neighbouring slices, and the parameters computed from them, with a lane for each slice.
//!
//! The formulas are the formulas of `reference.rs` for scales within the guard of the reciprocal. For these scales no
//! width overflowed, no scale had to be raised to a normal number, and there was no infinity. A NaN is greater than any
//! magnitude, so a symmetric scale shows it, unless `MAX_MAY_DROP_NAN`: then the lowest code shows it. The extremes of
//! an asymmetric range pass over a NaN, which is therefore looked for separately. If a scale is outside the guard, the
//! caller processes the slices.

use super::abs_max::AbsMaxOf;
use super::choice::Algorithms;
use super::divide::Divide;
use super::hints::Loads;
use super::loops::slices::SLICES;
use super::min_max::MinMaxOf;
use super::table::{ParameterTable, Table};
use crate::element::{Compute, Number, Real};
use crate::granularity::{Group, Run};
use crate::scheme::CodeGrid;
use crate::simd::{Elements, FloatOps, Kernel, Load, MOST_LANES, Store};

/// Returns the greatest magnitude of each of N blocks or fewer, in its lane, and 0 in the other lanes.
#[inline(always)]
pub(super) fn greatest_of_blocks<S: Elements<T>, T: Real>(s: S, src: &[T], block: usize) -> S::V {
    // Loops over blocks of 32 and 64 elements would cost as much as their bodies, so these blocks are unrolled.
    match block / S::LANES {
        _ if src.len() < S::LANES * block => greatest_of_some(s, src, block),
        2 if T::SPECIALIZED => greatest_of_short::<S, T, 2>(s, src),
        4 if T::SPECIALIZED => greatest_of_short::<S, T, 4>(s, src),
        8 if T::SPECIALIZED => greatest_of_short::<S, T, 8>(s, src),
        _ => greatest_of_some(s, src, block),
    }
}

#[inline(always)]
fn greatest_of_some<S: Elements<T>, T: Real>(s: S, src: &[T], block: usize) -> S::V {
    let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
    for (greatest, block) in greatest.iter_mut().zip(src.chunks_exact(block)) {
        for x in block.chunks_exact(S::LANES) {
            *greatest = s.max_magnitude(*greatest, Load::load(s, x));
        }
    }
    s.greatest_lanes(greatest)
}

/// Returns the greatest magnitudes of N blocks of `REGISTERS` registers each.
#[inline(always)]
fn greatest_of_short<S: Elements<T>, T: Real, const REGISTERS: usize>(s: S, src: &[T]) -> S::V {
    let src = &src[..S::LANES * S::LANES * REGISTERS];
    let mut greatest = [s.splat(T::Compute::ZERO); MOST_LANES];
    for block in 0..S::LANES {
        for pair in 0..REGISTERS / 2 {
            let first = (block * REGISTERS + 2 * pair) * S::LANES;
            let a = Load::load(s, &src[first..]);
            let b = Load::load(s, &src[first + S::LANES..]);
            let pairs = s.max_magnitudes(a, b);
            greatest[block] =
                if pair == 0 { pairs } else { s.max_magnitude(greatest[block], pairs) };
        }
    }
    s.greatest_lanes(greatest)
}

/// Stores each block's width in `scale`, and how far it goes below 0 in `recip_err`. Returns `false` for a NaN.
#[inline(always)]
pub(super) fn widths_of_blocks<S: Elements<T>, T: Real>(
    s: S,
    src: &[T],
    block: usize,
    table: &mut Table<T::Compute, SLICES>,
) -> bool {
    let zero = s.splat(T::Compute::ZERO);
    let mut nan = s.no_flag();
    for (batch, src) in src.chunks(S::LANES * block).enumerate() {
        let (mut down, mut up) = ([zero; MOST_LANES], [zero; MOST_LANES]);
        for (i, block) in src.chunks_exact(block).enumerate() {
            let (mut least, mut most) = (zero, zero);
            for x in block.chunks_exact(S::LANES) {
                let x = Load::load(s, x);
                nan = s.flag_nan(nan, x, x);
                least = s.min_number(x, least);
                most = s.max_number(x, most);
            }
            down[i % MOST_LANES] = s.sub(zero, least);
            up[i % MOST_LANES] = most;
        }
        let (down, up) = (s.greatest_lanes(down), s.greatest_lanes(up));
        // Since β is `−down`, `α − β` is `α + down`.
        Store::<_, T::Compute>::store(down, s, &mut table.recip_err[batch * S::LANES..]);
        Store::<_, T::Compute>::store(s.add(up, down), s, &mut table.scale[batch * S::LANES..]);
    }
    !s.any_flag(nan)
}

/// Computes `Z = clamp(rint(qmin − β / S), qmin, qmax)` for N slices.
#[inline(always)]
fn zero_points<S: FloatOps<T>, T: Compute>(
    s: S,
    code_grid: &CodeGrid,
    table: &mut Table<T, SLICES>,
    at: usize,
) {
    let down = Load::load(s, &table.recip_err[at..]);
    let scale = Load::load(s, &table.scale[at..]);
    let z = s.add(s.splat(T::from_i32(code_grid.qmin)), s.div(down, scale));
    let z = s.to_i32_nearest(z, s.splat(T::from_i32(code_grid.qmin - 1)));
    let z = s.i32_min(s.i32_max(z, s.i32_splat(code_grid.qmin)), s.i32_splat(code_grid.qmax));
    z.store(s, &mut table.zero_point[at..]);
}

/// Computes the scales of N slices, whose widths are in the field `scale`: `width / n`, or 1 if the width is 0. Returns
/// `outside`, made greater than 0 or NaN where a scale is not in the guard.
#[inline(always)]
fn scales<S: FloatOps<T>, T: Compute, D: Divide<S, T>>(
    s: S,
    code_grid: &CodeGrid,
    table: &mut Table<T, SLICES>,
    at: usize,
    outside: S::V,
) -> S::V {
    let width = Load::load(s, &table.scale[at..]);
    let one = s.splat(T::ONE);
    // `filled` is 0 if the width is 0, and otherwise 1, even for the least subnormal number.
    let great = s.splat(T::ONE / T::MIN_POSITIVE);
    let filled = s.min(s.mul(s.mul(width, great), great), one);
    let scale = D::scale(s, width, T::from_i32(code_grid.steps));
    let scale = s.add(scale, s.sub(one, filled));
    scale.store(s, &mut table.scale[at..]);
    let (least, most) = (s.splat(*T::GUARDED.start()), s.splat(*T::GUARDED.end()));
    s.max_magnitude(outside, s.sub(scale, s.max(s.min(scale, most), least)))
}

/// Stores the distance of each slice's minimum below 0 in `recip_err`, and its width in `scale`; a symmetric range has
/// the width of its greater half. Returns `false` if there is a NaN in an asymmetric range.
#[inline(always)]
pub(super) fn widths_of_slices<S: Algorithms<T>, T: Real>(
    s: S,
    src: &[T],
    group: &Group,
    symmetric: bool,
    loads: Loads,
    table: &mut Table<T::Compute, SLICES>,
) -> bool {
    let zero = T::Compute::ZERO;
    let (mut runs, mut left, mut has_nan) = (group.runs, group.len, false);
    for i in 0..table.count {
        let Run { src: from, len, .. } = runs.next_of(left);
        let src = &src[from..from + len];
        left -= len;
        if symmetric {
            table.scale[i] = AbsMaxOf { src, loads }.run(s);
            continue;
        }
        let seen = MinMaxOf { src, loads }.run(s);
        has_nan |= seen.has_nan;
        let down = if seen.min < zero { zero - seen.min } else { zero };
        let up = if seen.max > zero { seen.max } else { zero };
        table.recip_err[i] = down;
        table.scale[i] = up + down;
    }
    !has_nan
}

/// Computes the parameters of all slices of a table. Before the call, `scale` has the widths of their ranges and
/// `recip_err` the distances of their minima below 0; afterwards `scale` has the scales. Returns `false` where a scale
/// is outside the guard of the reciprocal: the table then has no valid parameters.
#[inline(always)]
pub(super) fn params_of_widths<S, T, D>(
    s: S,
    code_grid: &CodeGrid,
    table: &mut Table<T, SLICES>,
) -> bool
where
    S: FloatOps<T>,
    T: Compute,
    D: Divide<S, T>,
{
    // The lanes behind the last slice are divided, too: an old number there could be outside the guard.
    table.scale[table.count..].fill(T::ONE);
    let mut outside = s.splat(T::ZERO);
    for at in (0..table.count).step_by(S::LANES) {
        outside = scales::<_, _, D>(s, code_grid, table, at, outside);
    }
    if s.greatest_lane(outside) != T::ZERO {
        return false;
    }
    for at in (0..table.count).step_by(S::LANES) {
        if code_grid.symmetric {
            s.i32_splat(code_grid.zero_point).store(s, &mut table.zero_point[at..]);
        } else {
            zero_points(s, code_grid, table, at);
        }
    }
    table.replaced(table.count);
    table.prepare::<S, D>(s);
    true
}
