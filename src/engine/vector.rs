//! The engine of 8-bit codes, and of what involves no codes.

use core::marker::PhantomData;

use super::{CodeEngine, Engine, Loads, RealEngine, Stores, rows, wide};
use crate::blocks::{self, Layout};
use crate::element::{Code, Compute, Real};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::kernel::{
    AbsMaxOf, Blocks, ByDivision, Dequantize, DequantizeBlocks, DequantizeSlices, Divide,
    ErrorOfBlock, FakeQuantize, FakeQuantizeInPlace, MinMaxOf, MinMaxOfColumns, ProvedOf, Quantize,
    QuantizeBlocks, QuantizeDynamicBlocks, QuantizeDynamicSlices, QuantizeSlices, RequantizeTo,
    SumOf, is_narrow, slices_in_table,
};
use crate::params::{Affine, Proved};
use crate::range::MinMax;
use crate::reference;
use crate::requantize::{Requantize, Rescale};
use crate::scheme::Scheme;
use crate::simd::{AddCodes, Codes, Elements, Floats, Integers, Portable, Simd, Stored};
use crate::slices::{self, Mapped, ParamsMut, Sliced};
use crate::stats::{self, Sums};

/// The division that is proved where the reciprocal is, see `kernel/divide.rs`.
pub(super) type Fast<S, T> = <S as Floats<<T as Real>::Compute>>::Divide;

/// The same for numbers in a known range. Not for `f64`, of which few are quantized by a range of their
/// own: there the loops that clamp do.
type Within<S, T> = <Fast<S, T> as Divide<S, <T as Real>::Compute>>::Within;

/// The division itself, which parameters without a proof need: a scale beyond the guard of the
/// reciprocal, or a zero point far from the codes. Such data are so rare that they go to the portable
/// kernels: with division on every instruction set there would be a sixth more code to compile.
pub(super) type Exact<T> = ByDivision<Portable, <T as Real>::Compute>;

/// See [`Exact`].
pub(super) const PORTABLE: Portable = Portable::detect();

/// The length from which on the asymmetric ranges of blocks are found as those of slices of any length. (`ratios -- slices`,
/// one way over the other on Zen 5: blocks of 128 take .94 of the time with AVX-512 and 1.23 with AVX2, of 256 .66 and .95.)
const LONG_BLOCK: usize = 256;

/// The kernels on the instruction set `S`.
#[derive(Debug)]
pub(crate) struct Vector<S>(pub(crate) S);

impl<S, T, Q> Engine<T, Q> for Vector<S>
where
    S: Elements<T> + Codes<Q>,
    Portable: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
{
    fn erased(&self) -> &dyn Engine<T, Q> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }

    fn quantize(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        _at: usize,
        stores: Stores,
    ) {
        if p.proved == Proved::Near {
            self.0.vectorize(Quantize::<_, _, Fast<S, T>>::new(src, p, dst, stores));
        } else {
            PORTABLE.vectorize(Quantize::<_, _, Exact<T>>::new(src, p, dst, stores));
        }
    }

    fn quantize_within(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        at: usize,
        stores: Stores,
    ) {
        if p.proved == Proved::Near && T::Compute::HALF_THE_DIGITS {
            self.0.vectorize(Quantize::<_, _, Within<S, T>>::new(src, p, dst, stores));
        } else {
            self.quantize(src, p, dst, at, stores);
        }
    }

    fn dequantize(
        &self,
        src: &[Q],
        _at: usize,
        p: &Affine<T::Compute>,
        dst: &mut [T],
        stores: Stores,
    ) {
        self.0.vectorize(Dequantize { src, p, dst, stores });
    }

    fn quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [Q]) {
        if let Some(layout) = Layout::of(of.granularity, S::LANES) {
            return self.quantize_blocks(layout, of, src, dst);
        }
        if let Some(layout) = Layout::of_any(of.granularity) {
            return self.quantize_short_slices(layout, of, src, dst);
        }
        if !of.granularity.is_banded() {
            return slices::quantize(self, of, src, dst);
        }
        rows::quantize(self.0, of, src, dst);
    }

    fn dequantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[Q], dst: &mut [T]) {
        let Some(layout) = Layout::of(of.granularity, S::LANES) else {
            if let Some(layout) = Layout::of_any(of.granularity) {
                return self.dequantize_short_slices(layout, of, src, dst);
            }
            if of.granularity.is_banded() {
                return rows::dequantize(self.0, of, src, dst);
            }
            return slices::dequantize(self, of, src, dst);
        };
        of.in_pieces(
            || self.0.fence(),
            |of| {
                let (block, stores) = (layout.block, of.stores);
                blocks::for_each_table(&layout, S::LANES, of, dst.len(), |part, blocks| {
                    let (src, dst, first) =
                        (&src[part.clone()], &mut dst[part.clone()], part.start);
                    let Some(blocks) = blocks else {
                        return slices::dequantize(self, of.behind(first), src, dst);
                    };
                    self.0.vectorize(DequantizeBlocks { src, block, blocks, dst, stores });
                });
            },
        );
    }

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
        let order = || self.0.fence();
        // Finds the parameters of one slice after another: for long slices, and for ranges that no table takes.
        let one_by_one = |slices, params: &mut _, dst: &mut _, stores| {
            slices::quantize_dynamic(
                self,
                reals,
                granularity,
                slices,
                src,
                scheme,
                params,
                dst,
                stores,
            )
        };
        let (Some(any), Some(spread)) = (Layout::of_any(granularity), scheme.spread::<Q>()) else {
            return one_by_one(0..granularity.slices(), &mut params, dst, stores);
        };
        // The extremes of a long block are found faster one after another, by their bits.
        let in_lanes = |layout: &Layout| spread.symmetric || layout.block < LONG_BLOCK;
        let Some(layout) = Layout::of(granularity, S::LANES).filter(in_lanes) else {
            let mut table = Blocks::of_codes(&spread);
            let most = slices_in_table::<T>(any.block);
            return stores.in_pieces(order, |stores| {
                any.for_each_group(0, src.len(), most, |part, slices, cut| {
                    table.count = slices.len();
                    let (src, table, codes) = (&src[part.clone()], &mut table, &mut dst[part]);
                    let kernel =
                        QuantizeDynamicSlices { src, cut, spread, table, dst: codes, stores };
                    if !self.0.vectorize(kernel) {
                        return one_by_one(slices, &mut params, dst, stores);
                    }
                    params.set_blocks(slices.start, table);
                    Ok(())
                })
            });
        };
        stores.in_pieces(order, |stores| {
            let (block, loads) = (layout.block, stores.loads());
            let kernel = |src: &[T], found: &mut dyn FnMut(usize, &_), dst: &mut [Q]| {
                let kernel =
                    QuantizeDynamicBlocks { src, block, spread, found, dst, loads, stores };
                self.0.vectorize(kernel)
            };
            blocks::quantize_dynamic(
                self,
                reals,
                granularity,
                &layout,
                src,
                scheme,
                params,
                dst,
                stores,
                S::LANES,
                kernel,
            )
        })
    }
}

impl<S> Vector<S> {
    fn quantize_blocks<T, Q>(
        &self,
        layout: Layout,
        of: Mapped<'_, T::Compute>,
        src: &[T],
        dst: &mut [Q],
    ) where
        S: Elements<T> + Codes<Q>,
        Portable: Elements<T> + Codes<Q>,
        T: Real,
        Q: Code,
    {
        of.in_pieces(
            || self.0.fence(),
            |of| {
                let (block, stores) = (layout.block, of.stores);
                blocks::for_each_table(&layout, S::LANES, of, src.len(), |part, blocks| {
                    let (src, dst, first) =
                        (&src[part.clone()], &mut dst[part.clone()], part.start);
                    if let Some(blocks) = blocks
                        && self.0.vectorize(ProvedOf(blocks)) == Proved::Near
                    {
                        let (divide, dst) = (PhantomData::<Fast<S, T>>, &mut *dst);
                        let kernel = QuantizeBlocks { src, block, blocks, dst, stores, divide };
                        if self.0.vectorize(kernel) {
                            return;
                        }
                    }
                    slices::quantize(self, of.behind(first), src, dst);
                });
            },
        );
    }

    fn quantize_short_slices<T, Q>(
        &self,
        layout: Layout,
        of: Mapped<'_, T::Compute>,
        src: &[T],
        dst: &mut [Q],
    ) where
        S: Elements<T> + Codes<Q>,
        Portable: Elements<T> + Codes<Q>,
        T: Real,
        Q: Code,
    {
        of.in_pieces(
            || self.0.fence(),
            |of| {
                blocks::for_each_table_of_slices(&layout, of, src.len(), |part, table, cut| {
                    let (src, dst, first) =
                        (&src[part.clone()], &mut dst[part.clone()], part.start);
                    if self.0.vectorize(ProvedOf(table)) != Proved::Near {
                        return slices::quantize(self, of.behind(first), src, dst);
                    }
                    let (stores, divide) = (of.stores, PhantomData::<Fast<S, T>>);
                    self.0.vectorize(QuantizeSlices { src, cut, table, dst, stores, divide });
                });
            },
        );
    }

    fn dequantize_short_slices<T, Q>(
        &self,
        layout: Layout,
        of: Mapped<'_, T::Compute>,
        src: &[Q],
        dst: &mut [T],
    ) where
        S: Elements<T> + Stored<Q>,
        T: Real,
        Q: Code,
    {
        of.in_pieces(
            || self.0.fence(),
            |of| {
                let stores = of.stores;
                blocks::for_each_table_of_slices(&layout, of, dst.len(), |part, table, cut| {
                    let (src, dst) = (&src[part.clone()], &mut dst[part]);
                    self.0.vectorize(DequantizeSlices { src, cut, table, dst, stores });
                });
            },
        );
    }
}

impl<S, T> RealEngine<T> for Vector<S>
where
    S: Elements<T> + Floats<f64>,
    Portable: Elements<T>,
    T: Real,
{
    fn order(&self) {
        self.0.fence();
    }

    fn min_max(&self, src: &[T], loads: Loads) -> MinMax<T::Compute> {
        self.0.vectorize(MinMaxOf { src, loads })
    }

    fn min_max_columns(&self, src: &[T], stride: usize, dst: &mut [MinMax<T::Compute>]) {
        self.0.vectorize(MinMaxOfColumns { src, stride, dst });
    }

    fn abs_max(&self, src: &[T], loads: Loads) -> T::Compute {
        self.0.vectorize(AbsMaxOf { src, loads })
    }

    fn error_sums(&self, src: &[T], p: &Affine<T::Compute>, loads: Loads) -> Sums {
        if !in_sixteen_bits(p) {
            return reference::error_sums(src, p);
        }
        match p.proved {
            Proved::Near => stats::over_blocks(src, &|block| {
                self.0.vectorize(ErrorOfBlock::<_, Fast<S, T>>::new(block, p, loads))
            }),
            Proved::Far => stats::over_blocks(src, &|block| {
                self.0.vectorize(ErrorOfBlock::<_, wide::Far<S, T>>::new(block, p, loads))
            }),
            Proved::None => stats::over_blocks(src, &|block| {
                PORTABLE.vectorize(ErrorOfBlock::<_, Exact<T>>::new(block, p, loads))
            }),
        }
    }

    fn fake_quantize(&self, src: &[T], p: &Affine<T::Compute>, dst: &mut [T], stores: Stores) {
        if !in_sixteen_bits(p) {
            return reference::fake_quantize(src, p, dst);
        }
        match p.proved {
            Proved::Near => {
                self.0.vectorize(FakeQuantize::<_, Fast<S, T>>::new(src, p, dst, stores));
            }
            Proved::Far => {
                self.0.vectorize(FakeQuantize::<_, wide::Far<S, T>>::new(src, p, dst, stores));
            }
            Proved::None => {
                PORTABLE.vectorize(FakeQuantize::<_, Exact<T>>::new(src, p, dst, stores));
            }
        }
    }

    fn fake_quantize_in_place(&self, x: &mut [T], p: &Affine<T::Compute>) {
        if !in_sixteen_bits(p) {
            return reference::fake_quantize_in_place(x, p);
        }
        match p.proved {
            Proved::Near => self.0.vectorize(FakeQuantizeInPlace::<_, Fast<S, T>>::new(x, p)),
            Proved::Far => self.0.vectorize(FakeQuantizeInPlace::<_, wide::Far<S, T>>::new(x, p)),
            Proved::None => PORTABLE.vectorize(FakeQuantizeInPlace::<_, Exact<T>>::new(x, p)),
        }
    }

    fn fake_quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [T]) {
        if !of.granularity.is_banded() || of.params.bits() > 16 {
            return slices::fake_quantize(self, of, src, dst);
        }
        rows::fake_quantize(self.0, of, src, dst);
    }

    fn fake_quantize_in_place_slices(&self, of: Mapped<'_, T::Compute>, x: &mut [T]) {
        if !of.granularity.is_banded() || of.params.bits() > 16 {
            return slices::fake_quantize_in_place(self, of, x);
        }
        rows::fake_quantize_in_place(self.0, of, x);
    }
}

/// Whether the codes have at most 16 bits, for which the kernels' integers leave room.
fn in_sixteen_bits<T>(p: &Affine<T>) -> bool {
    p.qmin >= i32::from(i16::MIN) && p.qmax <= i32::from(u16::MAX)
}

impl<S, Q> CodeEngine<Q> for Vector<S>
where
    S: AddCodes<Q> + Integers + Floats<f32>,
    Q: Code,
{
    fn erased(&self) -> &dyn CodeEngine<Q> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }

    fn sum(&self, src: &[Q], at: usize, n: usize) -> i64 {
        self.0.vectorize(SumOf { src: &src[at..at + n] })
    }

    fn requantize(&self, src: &[i32], p: &Rescale, dst: &mut [Q], _at: usize, stores: Stores) {
        if is_narrow(p) {
            self.0.vectorize(RequantizeTo { src, p, dst, stores });
        } else {
            reference::requantize(src, p, dst, 0);
        }
    }

    fn requantize_slices(&self, of: Sliced<'_, [Requantize<Q>]>, src: &[i32], dst: &mut [Q]) {
        if !of.granularity.is_banded() || !rows::are_of_one_kind(of.params) {
            return slices::requantize(self, of, src, dst);
        }
        rows::requantize(self.0, of, src, dst);
    }
}
