//! The kernels of every pair of types, by instruction set.
//!
//! A function here takes an [`Isa`] and runs the kernel that this instruction set has for its types; otherwise it is
//! the reference. It knows nothing of granularities: `drive/` does.

#[macro_use]
mod isa;
mod accumulators;
mod bytes;
mod codes;
mod packed;
mod reals;
mod words;

pub(crate) use codes::{CodeKernels, RescaleTable};
pub(crate) use isa::{Isa, with_instruction_sets};
pub(crate) use packed::{CHUNK, pack, unpack};
pub(crate) use reals::RealKernels;

use core::marker::PhantomData;

use bytemuck::Zeroable;

use crate::element::{Code, Real};
use crate::granularity::{Group, Tile};
use crate::kernel::{Algorithms, ByDivision, COLUMNS, Io, SLICES, Table};
use crate::params::Affine;
use crate::reference;
use crate::scheme::CodeGrid;
use crate::simd::Portable;

/// A pair of a real type and a code type.
#[derive(Debug)]
pub(crate) struct Pair<T, Q>(PhantomData<(T, Q)>);

/// The parameters of some columns.
pub(crate) type ColumnTable<T> = Table<<T as Real>::Compute, COLUMNS>;

/// The parameters of some short slices.
pub(crate) type SliceTable<T> = Table<<T as Real>::Compute, SLICES>;

/// The kernels of a pair of types. Lengths have been checked.
///
/// A function that returns a `bool` returns `false` if it has no kernel for these parameters: then nothing is
/// written, or nothing that counts.
pub(crate) trait Kernels<T: Real, Q: Code> {
    /// Says whether there are kernels for columns, and for short slices.
    const HAS_COLUMNS: bool = false;
    const HAS_SLICES: bool = false;
    /// Says whether [`quantize_dynamic`](Self::quantize_dynamic) is one.
    const HAS_DYNAMIC: bool = false;

    /// The most elements that short slices together may have.
    const LONGEST_GROUP: usize = usize::MAX;

    /// Memory that the kernels for short slices need, whatever is in it.
    type Scratch: Zeroable;

    /// Writes the codes from number `at` of `dst` on: 0, unless the type is packed. Elements that are
    /// `IN_RANGE` lie in the range that `p` was made for.
    fn quantize<const IN_RANGE: bool>(
        _isa: Isa,
        io: &mut Io<'_, T, Q>,
        p: &Affine<T::Compute>,
        at: usize,
    ) {
        fallback::note();
        reference::quantize(io.src, p, io.dst, at);
    }

    /// Reads the codes from number `at` of `src` on.
    fn dequantize(_isa: Isa, io: &mut Io<'_, Q, T>, p: &Affine<T::Compute>, at: usize) {
        fallback::note();
        reference::dequantize(io.src, at, p, io.dst);
    }

    fn quantize_columns(_: Isa, _: &mut Io<'_, T, Q>, _: &mut ColumnTable<T>, _: &Tile) -> bool {
        false
    }

    fn dequantize_columns(_: Isa, _: &mut Io<'_, Q, T>, _: &mut ColumnTable<T>, _: &Tile) -> bool {
        false
    }

    fn quantize_slices(
        _: Isa,
        _: &mut Io<'_, T, Q>,
        _: &mut SliceTable<T>,
        _: &Group,
        _: &mut Self::Scratch,
    ) -> bool {
        false
    }

    fn dequantize_slices(
        _: Isa,
        _: &mut Io<'_, Q, T>,
        _: &mut SliceTable<T>,
        _: &Group,
        _: &mut Self::Scratch,
    ) -> bool {
        false
    }

    /// Finds the parameters of the slices too, which are then in the table. It has `qmin` and `qmax` before.
    fn quantize_dynamic(
        _: Isa,
        _: &mut Io<'_, T, Q>,
        _: &CodeGrid,
        _: &mut SliceTable<T>,
        _: &Group,
        _: &mut Self::Scratch,
    ) -> bool {
        false
    }
}

/// Implements functions of kernels: by the instruction set that was chosen, or as the reference.
macro_rules! leaves {
    ($(
        fn $name:ident $(<const $C:ident: bool>)? ($($arg:ident: $Arg:ty),* $(,)?) $(-> $Ret:ty)? =
            $s:ident => $vector:expr, $scalar:expr;
    )+) => {$(
        fn $name $(<const $C: bool>)? (isa: $crate::engine::Isa, $($arg: $Arg),*) $(-> $Ret)? {
            select!(isa, $s => $vector, {
                $crate::engine::fallback::note();
                $scalar
            })
        }
    )+};
}
pub(crate) use leaves;

/// The division that is proved where the reciprocal is, see `kernel/divide.rs`.
type Near<S, T> = <S as Algorithms<T>>::Near;

/// The division that is proved as far as codes of 16 bits, see `kernel/divide_far.rs`.
type Far<S, T> = <S as Algorithms<T>>::Far;

/// The division itself, which parameters without a proof need: a scale beyond the guard of the
/// reciprocal, or a zero point far from the codes. Such data are so rare that they go to the portable
/// kernels: with division on every instruction set there would be a sixth more code to compile.
type Exact<T> = ByDivision<Portable, <T as Real>::Compute>;

/// See [`Exact`].
const PORTABLE: Portable = Portable::detect();

/// Counts, in unit tests only, how often an operation had no kernel and ran as the reference.
pub(crate) mod fallback {
    #[cfg(all(test, feature = "std"))]
    std::thread_local! {
        pub(crate) static COUNT: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    #[inline]
    pub(crate) fn note() {
        #[cfg(all(test, feature = "std"))]
        COUNT.set(COUNT.get() + 1);
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
