//! Short slices of any length, each with parameters of its own: one after another, in one kernel.
//!
//! To start a kernel and to invert a scale takes as long as a hundred elements or two. Here a kernel is started once for
//! all slices of a table, whose scales are inverted in lanes (`table.rs`). The loop over the elements of a slice is that
//! of a whole tensor.

use core::marker::PhantomData;

use super::blocks::{Blocks, FIRST_CACHE, MOST_BLOCKS, Within, params_of_widths};
use super::dequantize::DequantizeStep;
use super::min_max::MinMaxOf;
use super::quantize::QuantizeStep;
use super::steps::for_each_step;
use super::table::DivideBlocks;
use crate::blocks::Cut;
use crate::element::{Code, Compute, Real};
use crate::engine::{Loads, Stores};
use crate::scheme::Spread;
use crate::simd::{Codes, Elements, Kernel, Stored};

/// Quantizes slices with the parameters in the table, all of which are [`Proved::Near`](crate::params::Proved::Near).
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
        quantize_each::<S, T, Q, D, true>(s, src, cut, table, dst, stores);
    }
}

#[inline(always)]
fn quantize_each<S, T, Q, D, const CLAMP: bool>(
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
        let step = QuantizeStep::<S, T, Q, D, true, CLAMP>::of_slice(s, table, i);
        let n = cut.next(src.len());
        let (slice, rest) = src.split_at(n);
        let (codes, behind) = dst.split_at_mut(n);
        for_each_step(s, &step, slice, codes, stores);
        (src, dst) = (rest, behind);
    }
}

/// Returns how many slices of `block` elements have their parameters found together: those that half of the first cache
/// holds, since each is read once more to be quantized.
#[inline(always)]
pub(crate) fn slices_in_table<T>(block: usize) -> usize {
    (FIRST_CACHE / 2 / size_of::<T>() / block).clamp(1, MOST_BLOCKS)
}

/// Finds the parameters of `table.count` slices, and quantizes them.
///
/// Returns `false` where there is a NaN, or a scale outside the guard of the reciprocal: the codes mean nothing then.
pub(crate) struct QuantizeDynamicSlices<'a, T: Real, Q> {
    pub(crate) src: &'a [T],
    pub(crate) cut: Cut,
    pub(crate) spread: Spread,
    /// Has `qmin` and `qmax`; everything else is computed here.
    pub(crate) table: &'a mut Blocks<T::Compute>,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
}

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
        // The reason is that of `blocks`: a symmetric range ends at the last code, and an asymmetric one less than a code beyond it, which
        // saturation takes care of where the type has no more codes.
        let clamps = !spread.symmetric && (spread.qmin != Q::MIN || spread.qmax != Q::MAX);
        if clamps || !T::COMMON {
            quantize_each::<S, T, Q, Within<S, T::Compute>, true>(s, src, cut, table, dst, stores);
        } else {
            quantize_each::<S, T, Q, Within<S, T::Compute>, false>(s, src, cut, table, dst, stores);
        }
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

/// Dequantizes slices with the parameters in the table.
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

#[cfg(test)]
mod tests {
    use super::{Blocks, Cut, QuantizeDynamicSlices};
    use crate::blocks::Layout;
    use crate::engine::Stores;
    use crate::simd::{Codes, Floats, Simd};
    use crate::{Granularity, Scheme};

    /// One table serves all slices of a tensor, also where they are fewer than a register has lanes.
    fn a_table_serves_again_and_again<S: Simd + Floats<f32> + Codes<u8>>(s: S) {
        let layout = Layout::of_any(&Granularity::row(2, 50).unwrap()).unwrap();
        let x: Vec<f32> = (0..100).map(|i| i as f32 - 30.0).collect();
        for scheme in [Scheme::asymmetric(), Scheme::symmetric()] {
            let spread = scheme.spread::<u8>().unwrap();
            let mut table = Blocks::of_codes(&spread);
            for call in 0..300 {
                table.count = 2;
                let mut q = [0_u8; 100];
                let (src, cut) = (&x[..], Cut::from(&layout, 0));
                let (table, dst, stores) = (&mut table, &mut q[..], Stores::Cached);
                let kernel = QuantizeDynamicSlices { src, cut, spread, table, dst, stores };
                assert!(s.vectorize(kernel), "{s:?}: call {call}");
            }
        }
    }

    #[test]
    fn a_table_serves_again_and_again_on_every_instruction_set() {
        a_table_serves_again_and_again(crate::Portable::detect());
        #[cfg(target_arch = "x86_64")]
        {
            crate::Avx2::detect().into_iter().for_each(a_table_serves_again_and_again);
            crate::Avx512::detect().into_iter().for_each(a_table_serves_again_and_again);
        }
        #[cfg(target_arch = "aarch64")]
        crate::Neon::detect().into_iter().for_each(a_table_serves_again_and_again);
    }
}
