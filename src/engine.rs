//! From a generic call to a kernel compiled in this crate.
//!
//! A generic function is compiled in the crate that calls it, under that crate's profile: kernels
//! must not be. So a generic method of [`Backend`](crate::Backend) goes through a *door*, a
//! concrete method of the element type that is compiled here and never inlined elsewhere, and
//! receives a `&dyn Engine`, whose methods are the kernels of one instruction set for one pair of
//! types.
//!
//! The provided bodies of [`Engine`] and [`RealEngine`] are the reference. [`Scalar`] overrides
//! none of them; [`Vector`], once for every instruction set, overrides what has a kernel.

mod accumulators;
mod doors;
mod over_bytes;
mod rows;
mod stores;
mod vector;
mod wide;

pub(crate) use accumulators::Accumulators;
pub(crate) use doors::{accumulators_door, door, wide_door};
pub(crate) use over_bytes::{OverBytes, packed_door};
pub(crate) use stores::{Loads, Stores};
pub(crate) use vector::Vector;
pub(crate) use wide::Wide;

use crate::backend::Scalar;
use crate::element::{Code, Compute, Real};
use crate::error::Error;
use crate::granularity::Granularity;
#[cfg(feature = "alloc")]
use crate::observer::Bins;
use crate::params::{Affine, QParams};
use crate::range::{MinMax, Range};
use crate::reference;
use crate::requantize::{Requantize, Rescale};
use crate::scheme::Scheme;
use crate::slices::{self, Mapped, Mappings, ParamsMut, Sliced};
use crate::stats::Sums;

/// The operations on reals `T` and codes `Q`. Lengths have been checked.
///
/// Codes are those of a slice from number `at` on: of its first element, unless the type is packed.
pub trait Engine<T: Real, Q: Code>: Sync {
    /// Itself, for loops over slices: they are compiled once for a pair of types, instead of once more
    /// for each instruction set, and a slice is long beside one call through a table.
    fn erased(&self) -> &dyn Engine<T, Q>;

    /// Orders what was streamed in pieces, see [`Stores::in_pieces`].
    fn order(&self);

    fn quantize(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        at: usize,
        _stores: Stores,
    ) {
        fallback::note();
        reference::quantize(src, p, dst, at);
    }

    /// [`quantize`](Self::quantize) for numbers in the range that `p` was made for.
    fn quantize_within(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        at: usize,
        stores: Stores,
    ) {
        self.quantize(src, p, dst, at, stores);
    }

    fn params(
        &self,
        range: Range<T::Compute>,
        scheme: Scheme,
    ) -> Result<QParams<T::Compute, Q>, Error> {
        scheme.params_of(range)
    }

    fn dequantize(
        &self,
        src: &[Q],
        at: usize,
        p: &Affine<T::Compute>,
        dst: &mut [T],
        _stores: Stores,
    ) {
        fallback::note();
        reference::dequantize(src, at, p, dst);
    }

    fn quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [Q]) {
        fallback::note_columns(of.granularity);
        slices::quantize(self.erased(), of, src, dst);
    }

    /// Of slices that are contiguous, with parameters from number `first` on.
    #[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
    fn quantize_slices_with_sums(
        &self,
        codes: &dyn CodeEngine<Q>,
        granularity: &Granularity,
        src: &[T],
        params: &dyn Mappings<T::Compute>,
        first: usize,
        dst: &mut [Q],
        sums: &mut [i64],
    ) {
        slices::quantize_with_sums(
            self.erased(),
            codes,
            granularity,
            src,
            params,
            first,
            dst,
            sums,
        );
    }

    fn dequantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[Q], dst: &mut [T]) {
        fallback::note_columns(of.granularity);
        slices::dequantize(self.erased(), of, src, dst);
    }

    /// Parameters of the slices from number `first` on, from the ranges of those in `src`, the whole
    /// tensor.
    fn params_of_slices(
        &self,
        reals: &dyn RealEngine<T>,
        granularity: &Granularity,
        src: &[T],
        scheme: Scheme,
        first: usize,
        dst: ParamsMut<'_, T::Compute, Q>,
    ) -> Result<(), Error> {
        slices::params(self.erased(), reals, granularity, src, scheme, first, dst)
    }

    /// Of slices that are contiguous. No error names a place in `src`.
    #[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
    fn quantize_dynamic_slices(
        &self,
        reals: &dyn RealEngine<T>,
        granularity: &Granularity,
        src: &[T],
        scheme: Scheme,
        mut params: ParamsMut<'_, T::Compute, Q>,
        dst: &mut [Q],
        stores: Stores,
    ) -> Result<(), Error> {
        let all = 0..granularity.slices();
        let params = &mut params;
        slices::quantize_dynamic(
            self.erased(),
            reals,
            granularity,
            all,
            src,
            scheme,
            params,
            dst,
            stores,
        )
    }
}

/// The operations that depend on no code type.
pub trait RealEngine<T: Real>: Sync {
    /// As [`Engine::order`].
    fn order(&self);

    fn min_max(&self, src: &[T], _loads: Loads) -> MinMax<T::Compute> {
        fallback::note();
        reference::min_max(src)
    }

    /// The greatest magnitude, 0 of nothing; NaN, which counts as greater than infinity, where there
    /// is one. Pieces are joined by [`greater_magnitude`](crate::range::greater_magnitude).
    fn abs_max(&self, src: &[T], _loads: Loads) -> T::Compute {
        fallback::note();
        reference::abs_max_of(src)
    }

    /// `src` is a whole tensor, or a run that the summation tree gives to one thread.
    fn error_sums(&self, src: &[T], p: &Affine<T::Compute>, _loads: Loads) -> Sums {
        fallback::note();
        reference::error_sums(src, p)
    }

    fn fake_quantize(&self, src: &[T], p: &Affine<T::Compute>, dst: &mut [T], _stores: Stores) {
        fallback::note();
        reference::fake_quantize(src, p, dst);
    }

    fn fake_quantize_in_place(&self, x: &mut [T], p: &Affine<T::Compute>) {
        fallback::note();
        reference::fake_quantize_in_place(x, p);
    }

    fn fake_quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [T]) {
        fallback::note_columns(of.granularity);
        slices::fake_quantize(self, of, src, dst);
    }

    fn fake_quantize_in_place_slices(&self, of: Mapped<'_, T::Compute>, x: &mut [T]) {
        fallback::note_columns(of.granularity);
        slices::fake_quantize_in_place(self, of, x);
    }

    /// Of the slices from number `first` on; `src` is the whole tensor.
    fn min_max_slices(
        &self,
        granularity: &Granularity,
        src: &[T],
        first: usize,
        dst: &mut [MinMax<T::Compute>],
    ) {
        slices::min_max(self, granularity, src, first, dst);
    }

    /// Of every column of `src`, whose rows are `stride` apart and have as many elements as `dst`: at
    /// least one, at most [`TILE`](crate::kernel::TILE). The last row ends with `src`.
    fn min_max_columns(&self, src: &[T], stride: usize, dst: &mut [MinMax<T::Compute>]) {
        fallback::note();
        reference::min_max_columns(src, stride, dst);
    }

    /// Of the slices `slices`, at least one; `src` is the whole tensor.
    fn error_of_slices(
        &self,
        granularity: &Granularity,
        src: &[T],
        slices: core::ops::Range<usize>,
        params: &dyn Mappings<T::Compute>,
    ) -> Sums {
        slices::error_sums(self, granularity, src, slices, params)
    }

    /// Adds finite elements to the bins of a histogram.
    #[cfg(feature = "alloc")]
    fn count(&self, src: &[T], bins: &mut Bins) {
        bins.count(src);
    }

    /// For an error's message: nothing waits for it.
    fn first_not_finite(&self, src: &[T]) -> Option<usize> {
        src.iter().position(|x| !x.widen().is_finite())
    }

    /// The same of a tensor, its place in `src`.
    fn first_not_finite_in(&self, granularity: &Granularity, src: &[T]) -> Option<usize> {
        slices::first_not_finite(self, granularity, src)
    }
}

/// The operations that involve codes alone.
pub trait CodeEngine<Q: Code>: Sync {
    /// As [`Engine::erased`].
    fn erased(&self) -> &dyn CodeEngine<Q>;

    /// As [`Engine::order`].
    fn order(&self);

    fn requantize(&self, src: &[i32], p: &Rescale, dst: &mut [Q], at: usize, _stores: Stores) {
        fallback::note();
        reference::requantize(src, p, dst, at);
    }

    /// Of the slices from number `first` on; `src` is the whole tensor.
    fn sum_slices(&self, granularity: &Granularity, src: &[Q], first: usize, sums: &mut [i64]) {
        slices::sum(self.erased(), granularity, src, first, sums);
    }

    fn requantize_slices(&self, of: Sliced<'_, [Requantize<Q>]>, src: &[i32], dst: &mut [Q]) {
        fallback::note_columns(of.granularity);
        slices::requantize(self.erased(), of, src, dst);
    }

    /// The sum of `n` codes, from number `at` on.
    fn sum(&self, src: &[Q], at: usize, n: usize) -> i64 {
        fallback::note();
        reference::sum(src, at, n)
    }
}

impl<T: Real, Q: Code> Engine<T, Q> for Scalar {
    fn erased(&self) -> &dyn Engine<T, Q> {
        self
    }

    fn order(&self) {}
}
impl<T: Real> RealEngine<T> for Scalar {
    fn order(&self) {}
}
impl<Q: Code> CodeEngine<Q> for Scalar {
    fn erased(&self) -> &dyn CodeEngine<Q> {
        self
    }

    fn order(&self) {}
}

/// Counts, in unit tests only, how often an operation had no kernel and ran as the reference.
pub(crate) mod fallback {
    #[cfg(all(test, feature = "std"))]
    std::thread_local! {
        pub(crate) static COUNT: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    #[inline]
    pub(super) fn note() {
        #[cfg(all(test, feature = "std"))]
        COUNT.set(COUNT.get() + 1);
    }

    /// Where neighbours have parameters of their own, they are taken one by one.
    #[inline]
    pub(super) fn note_columns(granularity: &super::Granularity) {
        if granularity.is_banded() {
            note();
        }
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
