//! Short slices of any length, each with parameters of its own: one after another, in one kernel.
//!
//! To start a kernel and to invert a scale takes as long as a hundred elements or two. Here a kernel is started once for
//! all slices of a table, whose scales are inverted in lanes (`table.rs`). The loop over the elements of a slice is that
//! of a whole tensor.

use core::marker::PhantomData;

use super::blocks::{Blocks, MOST_BLOCKS, params_of_widths};
use super::dequantize::DequantizeStep;
use super::min_max::MinMaxOf;
use super::quantize::QuantizeStep;
use super::steps::for_each_step;
use super::table::DivideBlocks;
use crate::blocks::Cut;
use crate::element::{Code, Compute, Real};
use crate::engine::{Loads, Stores};
use crate::scheme::Spread;
use crate::simd::{Codes, Elements, Floats, Kernel, Stored};

/// Quantizes slices with the parameters that the table has, proved near.
pub(crate) struct QuantizeSlices<'a, T: Real, Q, D> {
    pub(crate) src: &'a [T],
    pub(crate) cut: Cut,
    pub(crate) table: &'a mut Blocks<T::Compute>,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
    pub(crate) divide: PhantomData<D>,
}

impl<S, T, Q, D> Kernel<S> for QuantizeSlices<'_, T, Q, D>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideBlocks<S, T::Compute>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, cut, table, dst, stores, .. } = self;
        for at in (0..table.count).step_by(S::LANES) {
            D::prepare(s, table, at);
        }
        quantize_each::<S, T, Q, D>(s, src, cut, table, dst, stores);
    }
}

#[inline(always)]
fn quantize_each<S, T, Q, D>(
    s: S,
    mut src: &[T],
    mut cut: Cut,
    table: &Blocks<T::Compute>,
    mut dst: &mut [Q],
    stores: Stores,
) where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideBlocks<S, T::Compute>,
{
    for i in 0..table.count {
        let step = QuantizeStep::<S, T, Q, D, true, true>::of_slice(s, table, i);
        let n = cut.next(src.len());
        let (slice, rest) = src.split_at(n);
        let (codes, behind) = dst.split_at_mut(n);
        for_each_step(s, &step, slice, codes, stores);
        (src, dst) = (rest, behind);
    }
}

/// The elements whose parameters are found before the first of them is quantized, about: the first cache still has them.
const READ_TWICE: usize = 8192;

/// Returns how many slices of `block` elements are taken together where their parameters are found.
pub(crate) fn slices_in_table(block: usize) -> usize {
    (READ_TWICE / block).clamp(1, MOST_BLOCKS)
}

/// Finds the parameters of `table.count` slices, and quantizes them.
///
/// Returns `false` where there is a NaN, or a scale outside the guard of the reciprocal: the codes mean nothing then.
pub(crate) struct QuantizeDynamicSlices<'a, T: Real, Q> {
    pub(crate) src: &'a [T],
    pub(crate) cut: Cut,
    pub(crate) spread: Spread,
    /// Has the codes' limits.
    pub(crate) table: &'a mut Blocks<T::Compute>,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
}

/// The division for elements in the ranges of their slices.
type Within<S, T> = <<S as Floats<T>>::Divide as DivideBlocks<S, T>>::WithinBlocks;

impl<S, T, Q> Kernel<S> for QuantizeDynamicSlices<'_, T, Q>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    type Output = bool;

    #[inline(always)]
    fn run(self, s: S) -> bool {
        let Self { src, cut, spread, table, dst, stores } = self;
        if !widths(s, src, cut, &spread, stores.loads(), table)
            || !params_of_widths::<S, T::Compute, Within<S, T::Compute>>(s, &spread, table)
        {
            return false;
        }
        quantize_each::<S, T, Q, Within<S, T::Compute>>(s, src, cut, table, dst, stores);
        true
    }
}

/// Stores how far each slice goes below 0 in `low`, and how wide it is in `scale`: a symmetric range as wide as its
/// greater half. Returns `false` if there is a NaN.
#[inline(always)]
fn widths<S: Elements<T>, T: Real>(
    s: S,
    mut src: &[T],
    mut cut: Cut,
    spread: &Spread,
    loads: Loads,
    table: &mut Blocks<T::Compute>,
) -> bool {
    let zero = T::Compute::ZERO;
    let mut has_nan = false;
    for i in 0..table.count {
        let (slice, rest) = src.split_at(cut.next(src.len()));
        let seen = MinMaxOf { src: slice, loads }.run(s);
        has_nan |= seen.has_nan;
        let down = if seen.min < zero { zero - seen.min } else { zero };
        let up = if seen.max > zero { seen.max } else { zero };
        table.low[i] = down;
        table.scale[i] = match spread.symmetric {
            true if up > down => up,
            true => down,
            false => up + down,
        };
        src = rest;
    }
    !has_nan
}

/// The reverse of [`QuantizeSlices`].
pub(crate) struct DequantizeSlices<'a, T: Real, Q> {
    pub(crate) src: &'a [Q],
    pub(crate) cut: Cut,
    pub(crate) table: &'a Blocks<T::Compute>,
    pub(crate) dst: &'a mut [T],
    pub(crate) stores: Stores,
}

impl<S, T, Q> Kernel<S> for DequantizeSlices<'_, T, Q>
where
    S: Elements<T> + Stored<Q>,
    T: Real,
    Q: Code,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { mut src, mut cut, table, mut dst, stores } = self;
        for i in 0..table.count {
            let step = DequantizeStep::<S, T, Q>::of(s, table.scale[i], table.zero_point[i]);
            let n = cut.next(src.len());
            let (slice, rest) = src.split_at(n);
            let (numbers, behind) = dst.split_at_mut(n);
            for_each_step(s, &step, slice, numbers, stores);
            (src, dst) = (rest, behind);
        }
    }
}
