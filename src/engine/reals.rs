//! The kernels that depend on no code type.

use super::{Exact, Far, Isa, Near, PORTABLE, leaf};
use crate::element::Real;
use crate::kernel::{
    AbsMaxOf, Algorithms, ErrorOfBlock, FakeQuantize, Io, Loads, Loop, LoopInPlace, MinMaxOf,
    MinMaxOfColumns,
};
use crate::params::{Affine, ExactFor};
#[cfg(feature = "alloc")]
use crate::range::Finite;
use crate::range::MinMax;
use crate::reference;
use crate::simd::{Elements, FloatOps, Portable, Simd};
use crate::stats::{self, Sums};

/// The kernels of a real type. Callers have checked all lengths.
pub(crate) trait RealKernels: Real {
    fn min_max(isa: Isa, src: &[Self], loads: Loads) -> MinMax<Self::Compute>;

    /// Extends the ranges `dst` by the columns of `src`, whose rows are `stride` apart. `dst` has an element for each
    /// column, from one to [`TILE`](crate::kernel::TILE). The last row ends with `src`.
    fn min_max_columns(isa: Isa, src: &[Self], stride: usize, dst: &mut [MinMax<Self::Compute>]);

    /// Extends the results `dst`, of the finite elements alone, as `min_max_columns` extends ranges. One instruction set has a
    /// kernel, since few data have a NaN.
    #[cfg(feature = "alloc")]
    fn finite_columns(isa: Isa, src: &[Self], stride: usize, dst: &mut [Finite<Self::Compute>]);

    /// Returns the greatest magnitude: 0 for an empty slice, and NaN, which counts as greater than infinity, if there
    /// is one. The results of pieces are joined by [`greater_magnitude`](crate::range::greater_magnitude).
    fn abs_max(isa: Isa, src: &[Self], loads: Loads) -> Self::Compute;

    /// Returns the sums of errors. `src` is a whole tensor, or a run that the summation tree gives to one thread.
    fn error_sums(isa: Isa, src: &[Self], p: &Affine<Self::Compute>, loads: Loads) -> Sums;

    /// Fake-quantizes, or returns `false` without a kernel for these parameters. A single parameter has a kernel.
    fn fake_quantize<L: Loop<Affine<Self::Compute>>>(
        isa: Isa,
        io: &mut Io<'_, Self, Self>,
        on: L,
    ) -> bool;

    /// Works in place, and otherwise as [`fake_quantize`](Self::fake_quantize) does.
    fn fake_quantize_in_place<L: LoopInPlace<Affine<Self::Compute>>>(
        isa: Isa,
        x: &mut [Self],
        on: L,
    ) -> bool;
}

/// Says whether the codes have at most 16 bits, for which the kernels' integers leave room.
fn in_sixteen_bits<T>(p: &Affine<T>) -> bool {
    p.qmin >= i32::from(i16::MIN) && p.qmax <= i32::from(u16::MAX)
}

fn error_sums<S, T>(s: S, src: &[T], p: &Affine<T::Compute>, loads: Loads) -> Sums
where
    S: Algorithms<T> + FloatOps<f64>,
    Portable: Elements<T>,
    T: Real,
{
    if !in_sixteen_bits(p) {
        return reference::error_sums(src, p);
    }
    match p.proved {
        ExactFor::Bits8 => stats::over_blocks(src, &|block| {
            s.vectorize(ErrorOfBlock::<_, Near<S, T>>::new(block, p, loads))
        }),
        ExactFor::Bits16 => stats::over_blocks(src, &|block| {
            s.vectorize(ErrorOfBlock::<_, Far<S, T>>::new(block, p, loads))
        }),
        ExactFor::None => stats::over_blocks(src, &|block| {
            PORTABLE.vectorize(ErrorOfBlock::<_, Exact<T>>::new(block, p, loads))
        }),
    }
}

/// Fake-quantizes by the instruction set `s`. Codes of 16 bits are rare here, and use the true division as well.
fn fake_quantize<S, T, L>(s: S, io: &mut Io<'_, T, T>, mut on: L) -> bool
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
    L: Loop<Affine<T::Compute>>,
{
    if let Some((p, _)) = on.one()
        && !in_sixteen_bits(p)
    {
        reference::fake_quantize(io.src, p, io.dst);
    } else if on.summary(s).proved == ExactFor::Bits8 {
        on.apply::<S, FakeQuantize<T, Near<S, T>>>(s, io);
    } else {
        on.apply::<_, FakeQuantize<T, Exact<T>>>(PORTABLE, io);
    }
    true
}

fn fake_quantize_in_place<S, T, L>(s: S, x: &mut [T], mut on: L) -> bool
where
    S: Algorithms<T>,
    Portable: Elements<T>,
    T: Real,
    L: LoopInPlace<Affine<T::Compute>>,
{
    if let Some((p, _)) = on.one()
        && !in_sixteen_bits(p)
    {
        reference::fake_quantize_in_place(x, p);
    } else if on.summary(s).proved == ExactFor::Bits8 {
        on.apply_in_place::<S, T, FakeQuantize<T, Near<S, T>>>(s, x);
    } else {
        on.apply_in_place::<_, T, FakeQuantize<T, Exact<T>>>(PORTABLE, x);
    }
    true
}

/// Implements the kernels of a real type. `$columns` chooses the instruction set for columns.
macro_rules! reals {
    ($($T:ty, $columns:ident;)+) => {$(
        impl RealKernels for $T {
            fn min_max(isa: Isa, src: &[$T], loads: Loads) -> MinMax<<$T as Real>::Compute> {
                leaf!(isa, s => s.vectorize(MinMaxOf { src, loads }), reference::min_max(src))
            }

            fn min_max_columns(
                isa: Isa,
                src: &[$T],
                stride: usize,
                dst: &mut [MinMax<<$T as Real>::Compute>],
            ) {
                leaf!(
                    isa,
                    s => s.$columns().vectorize(MinMaxOfColumns { src, stride, dst }),
                    reference::min_max_columns(src, stride, dst),
                );
            }

            #[cfg(feature = "alloc")]
            fn finite_columns(
                isa: Isa,
                src: &[$T],
                stride: usize,
                dst: &mut [Finite<<$T as Real>::Compute>],
            ) {
                leaf!(
                    isa,
                    _s => PORTABLE.vectorize(MinMaxOfColumns { src, stride, dst }),
                    reference::finite_columns(src, stride, dst),
                );
            }

            fn abs_max(isa: Isa, src: &[$T], loads: Loads) -> <$T as Real>::Compute {
                leaf!(isa, s => s.vectorize(AbsMaxOf { src, loads }), reference::abs_max_of(src))
            }

            fn error_sums(
                isa: Isa,
                src: &[$T],
                p: &Affine<<$T as Real>::Compute>,
                loads: Loads,
            ) -> Sums {
                leaf!(isa, s => error_sums(s, src, p, loads), reference::error_sums(src, p))
            }

            fn fake_quantize<L: Loop<Affine<<$T as Real>::Compute>>>(
                isa: Isa,
                io: &mut Io<'_, $T, $T>,
                on: L,
            ) -> bool {
                leaf!(isa, s => if L::IS_OF_COLUMNS {
                    fake_quantize(s.$columns(), io, on)
                } else {
                    fake_quantize(s, io, on)
                }, {
                    let Some((p, _)) = on.one() else { return false };
                    reference::fake_quantize(io.src, p, io.dst);
                    true
                })
            }

            fn fake_quantize_in_place<L: LoopInPlace<Affine<<$T as Real>::Compute>>>(
                isa: Isa,
                x: &mut [$T],
                on: L,
            ) -> bool {
                leaf!(isa, s => if L::IS_OF_COLUMNS {
                    fake_quantize_in_place(s.common(), x, on)
                } else {
                    fake_quantize_in_place(s, x, on)
                }, {
                    let Some((p, _)) = on.one() else { return false };
                    reference::fake_quantize_in_place(x, p);
                    true
                })
            }
        }
    )+};
}

reals! {
    f32, itself;
}
#[cfg(feature = "f64")]
reals! {
    f64, common;
}
#[cfg(feature = "half")]
reals! {
    half::f16, common;
    half::bf16, common;
}
