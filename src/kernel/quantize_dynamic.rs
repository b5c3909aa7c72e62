//! Quantizes slices with parameters from their own ranges.
//!
//! The work that is done once for each slice is done for as many slices at a time as a register has lanes: their
//! extremes are collected in one register, and their scales are divided, checked and inverted there (`ranges.rs`).
//!
//! The codes are the codes of `quantize.rs`, by a quotient that needs no clamp, since x is in the range from which S
//! was computed. A symmetric range ends at the greatest code: α ⊘ (α ⊘ n) is n up to two roundings. An asymmetric range
//! may end half a code beyond either end: saturation or, if not all codes of the type are allowed, a clamp removes it.

use super::choice::{Algorithms, InRange};
use super::hints::Loads;
use super::loops::slice::{prefetch_into_first, prefetch_range};
use super::loops::slices::{Beside, OnSlices, SLICES, apply, is_of_blocks};
use super::operation::Io;
use super::quantize::Quantize;
use super::ranges::{greatest_of_blocks, params_of_widths, widths_of_blocks, widths_of_slices};
use super::table::{ParameterTable, Table};
use crate::element::{Code, Real};
use crate::granularity::Group;
use crate::params::Affine;
use crate::scheme::CodeGrid;
use crate::simd::{ByteOps, Elements, FloatOps, Kernel, Store};

/// The length from which on the asymmetric ranges of blocks are found by the loop for slices of any length. (`ratios --
/// slices`, that loop compared with the loop of blocks on Zen 5: blocks of 128 take .94 of the time with AVX-512 and
/// 1.23 with AVX2, blocks of 256 take .66 and .95.)
const LONG_BLOCK: usize = 256;

/// The size in bytes of the smallest first cache of any CPU.
const FIRST_CACHE: usize = 32 << 10;

/// Returns how many slices of `len` elements have their parameters found together: as many as half of the first cache
/// holds, since each slice is read once more to be quantized.
#[inline(always)]
pub(crate) fn slices_in_table<T>(len: usize) -> usize {
    (FIRST_CACHE / 2 / size_of::<T>() / len).clamp(1, SLICES)
}

/// Finds the parameters of a group of slices, and quantizes the slices.
///
/// Returns `false` if there is a NaN, or a scale outside the guard of the reciprocal; then the codes are invalid.
pub(crate) struct QuantizeDynamic<'a, 'b, 'c, T: Real, Q> {
    pub(crate) io: &'a mut Io<'b, T, Q>,
    pub(crate) code_grid: &'a CodeGrid,
    /// The slices and their table. `qmin` and `qmax` of the table are given; all other fields are computed here.
    pub(crate) on: &'a mut OnSlices<'c, Affine<T::Compute>>,
}

impl<S, T, Q> Kernel<S> for QuantizeDynamic<'_, '_, '_, T, Q>
where
    S: Algorithms<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    type Output = bool;

    #[inline(always)]
    fn run(self, s: S) -> bool {
        let Self { io, code_grid, on: OnSlices { table, group, .. } } = self;
        let io = io.reborrow();
        let (symmetric, to) = (code_grid.symmetric, group.end.src);
        // A tensor that fits the first cache is probably in it already.
        let next = if size_of_val(io.src) > FIRST_CACHE {
            &io.src[to..io.src.len().min(to + group.len)]
        } else {
            &[]
        };
        let loads = io.stores.loads();
        let in_lanes = is_of_blocks(s, group) && (symmetric || group.same() < LONG_BLOCK);
        if !s.vectorize(Params { src: io.src, code_grid, group, loads, in_lanes, table }) {
            return false;
        }
        let mut watch = Watch { next, loads, lowest: s.splat_code(Q::MAX) };
        let clamps = !T::SPECIALIZED || code_grid.qmin != Q::MIN || code_grid.qmax != Q::MAX;
        // There are loops without a zero point, without a clamp, and with both.
        if symmetric && Q::MIN < 0 {
            apply::<S, Quantize<T, Q, InRange<S, T>, false, false>>(
                s,
                io,
                table,
                (group, in_lanes),
                &mut watch,
            );
        } else if symmetric || !clamps {
            apply::<S, Quantize<T, Q, InRange<S, T>, true, false>>(
                s,
                io,
                table,
                (group, in_lanes),
                &mut watch,
            );
        } else {
            apply::<S, Quantize<T, Q, InRange<S, T>, true, true>>(
                s,
                io,
                table,
                (group, in_lanes),
                &mut watch,
            );
        }
        // If the ranges do not show a NaN, its code does: it is below all other codes.
        !(symmetric && in_lanes && <S as FloatOps<T::Compute>>::MAX_MAY_DROP_NAN)
            || s.lowest_code(watch.lowest) >= code_grid.zero_point - code_grid.steps
    }
}

/// Finds the parameters of the slices of a group, whatever the type of the codes. Returns `false` if there is a NaN, as
/// far as ranges show it, or a scale outside the guard.
struct Params<'a, T: Real> {
    src: &'a [T],
    code_grid: &'a CodeGrid,
    group: &'a Group,
    loads: Loads,
    /// Says whether the ranges are found with a lane for each slice.
    in_lanes: bool,
    table: &'a mut Table<T::Compute, SLICES>,
}

impl<S: Algorithms<T>, T: Real> Kernel<S> for Params<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self, s: S) -> bool {
        let Self { src, code_grid, group, loads, in_lanes, table } = self;
        let (block, symmetric) = (group.same(), code_grid.symmetric);
        table.replaced(group.slices.len());
        let blocks = &src[group.start().src..group.end.src];
        let found = if !in_lanes {
            widths_of_slices(s, src, group, symmetric, loads, table)
        } else if symmetric {
            for (batch, src) in blocks.chunks(S::LANES * block).enumerate() {
                let greatest = greatest_of_blocks::<S, T>(s, src, block);
                Store::<_, T::Compute>::store(greatest, s, &mut table.scale[batch * S::LANES..]);
            }
            true
        } else {
            widths_of_blocks(s, blocks, block, table)
        };
        found && params_of_widths::<S, T::Compute, InRange<S, T>>(s, code_grid, table)
    }
}

/// Prefetches the elements of the next table, and looks for a NaN in the whole steps of blocks. This covers every
/// element: ranges that drop a NaN are found sixteen blocks at a time, so no last block is half a step.
struct Watch<'a, T, P> {
    next: &'a [T],
    loads: Loads,
    /// The lowest code in each lane.
    lowest: P,
}

impl<S, T, Q> Beside<S, S::Packed, Q> for Watch<'_, T, S::Packed>
where
    S: Elements<T> + ByteOps<Q>,
    T: Real,
    Q: Code,
{
    #[inline(always)]
    fn before(&mut self, s: S, at: usize) {
        if at < self.next.len() {
            // The elements of this table are in the first cache by now, which is free for the next ones. Elements in
            // memory are prefetched to the second cache, which can wait for more reads at a time.
            let next = self.next.as_ptr().wrapping_add(at).cast();
            let bytes = S::STEP * size_of::<T>();
            if self.loads.is_ahead() {
                prefetch_range(s, next, bytes);
            } else {
                prefetch_into_first(s, next, bytes);
            }
        }
    }

    #[inline(always)]
    fn after(&mut self, s: S, q: &S::Packed) {
        if <S as FloatOps<T::Compute>>::MAX_MAY_DROP_NAN {
            self.lowest = s.min_code(self.lowest, *q);
        }
    }
}
