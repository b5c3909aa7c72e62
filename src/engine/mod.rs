//! The kernels of every pair of types, by instruction set.
//!
//! A function here takes an [`Isa`] and runs the kernel of this instruction set for its types, or the reference if
//! there is none. Granularities are the concern of `drive/`.

#[macro_use]
mod isa;
mod accumulators;
#[cfg(feature = "ggml")]
mod blocks;
mod bytes;
mod codes;
mod packed;
mod reals;
mod words;

#[cfg(feature = "ggml")]
pub(crate) use blocks::{BlockKernels, ConvertKernels};
pub(crate) use codes::CodeKernels;
pub(crate) use isa::{Isa, with_instruction_sets};
pub(crate) use packed::{ByBytes, CHUNK, pack, unpack};
pub(crate) use reals::RealKernels;

use bytemuck::Pod;

use crate::element::{Code, Real};
use crate::kernel::{Algorithms, ByDivision, Io, OnSlices};
use crate::params::Affine;
use crate::reference;
use crate::scheme::CodeGrid;
use crate::simd::{Portable, Simd};

/// The kernels of a code type with numbers `T`. Callers have checked all lengths.
///
/// A function returns `false` if it has no kernel for these parameters; the caller then overwrites the output. A single
/// parameter always has a kernel.
pub(crate) trait Kernels<T: Real>: CodeKernels {
    /// Says whether there are kernels that quantize columns.
    const QUANTIZES_COLUMNS: bool;
    /// Says whether there are kernels that dequantize columns.
    const DEQUANTIZES_COLUMNS: bool;
    /// Says whether there are kernels for short slices.
    const HAS_SLICES: bool = false;

    /// The most elements that the short slices of one call may have together.
    const LONGEST_GROUP: usize = usize::MAX;

    /// The elements of the memory that kernels for short slices need. Its contents do not matter.
    type Scratch: Pod;

    /// Quantizes elements. If `IN_RANGE`, they lie in the range from which their parameter was computed.
    fn quantize<L: ByBytes<T::Compute>, const IN_RANGE: bool>(
        isa: Isa,
        io: &mut Io<'_, T, Self>,
        on: L,
    ) -> bool;

    fn dequantize<L: ByBytes<T::Compute>>(isa: Isa, io: &mut Io<'_, Self, T>, on: L) -> bool;

    /// Finds the parameters of slices and quantizes the slices. The table has `qmin` and `qmax` before the call, and
    /// all parameters afterwards.
    fn quantize_dynamic(
        _isa: Isa,
        _io: &mut Io<'_, T, Self>,
        _code_grid: &CodeGrid,
        _on: &mut OnSlices<'_, Affine<T::Compute>>,
    ) -> bool {
        false
    }
}

/// Evaluates an expression with the token of the chosen instruction set, or another expression for the reference.
macro_rules! leaf {
    ($isa:expr, $s:ident => $vector:expr, $reference:expr $(,)?) => {
        select!($isa, $s => $vector, {
            $crate::engine::fallback::note();
            $reference
        })
    };
}
pub(crate) use leaf;

/// Implements the kernels of pairs of types: the one list of pairs. A line names the module of the code type; the
/// methods that choose the instruction sets for columns; and whether there are kernels for short slices.
macro_rules! kernels {
    ($($T:ty => $Q:ty: $codes:ident, $quantize:ident, $dequantize:ident $(, $slices:ident)?;)+) => {$(
        impl Kernels<$T> for $Q {
            const QUANTIZES_COLUMNS: bool = $codes::QUANTIZES_COLUMNS;
            const DEQUANTIZES_COLUMNS: bool = true;
            type Scratch = [u8; 0];

            fn quantize<L: ByBytes<<$T as Real>::Compute>, const IN_RANGE: bool>(
                isa: Isa,
                io: &mut Io<'_, $T, $Q>,
                on: L,
            ) -> bool {
                select!(isa, s => if L::IS_OF_COLUMNS {
                    $codes::quantize::<_, _, _, _, IN_RANGE>(s.$quantize(), io, on)
                } else {
                    $codes::quantize::<_, _, _, _, IN_RANGE>(s, io, on)
                }, quantize_as_reference(io, on.one()))
            }

            fn dequantize<L: ByBytes<<$T as Real>::Compute>>(
                isa: Isa,
                io: &mut Io<'_, $Q, $T>,
                on: L,
            ) -> bool {
                select!(isa, s => if L::IS_OF_COLUMNS {
                    $codes::dequantize(s.$dequantize(), io, on)
                } else {
                    $codes::dequantize(s, io, on)
                }, dequantize_as_reference(io, on.one()))
            }

            $(kernels!(@$slices $T => $Q);)?
        }
    )+};
    (@slices $T:ty => $Q:ty) => {
        const HAS_SLICES: bool = true;

        fn quantize_dynamic(
            isa: Isa,
            io: &mut Io<'_, $T, $Q>,
            code_grid: &CodeGrid,
            on: &mut OnSlices<'_, Affine<<$T as Real>::Compute>>,
        ) -> bool {
            leaf!(isa, s => bytes::quantize_dynamic(s, io, code_grid, on), false)
        }
    };
}

kernels! {
    f32 => i8: bytes, itself, itself, slices;
    f32 => u8: bytes, itself, itself, slices;
    f32 => i16: words, itself, common;
    f32 => u16: words, itself, common;
    f32 => i32: accumulators, itself, itself;
}
#[cfg(feature = "f64")]
kernels! {
    f64 => i8: bytes, common, common;
    f64 => u8: bytes, common, common;
    f64 => i16: words, common, common;
    f64 => u16: words, common, common;
    f64 => i32: accumulators, common, common;
}
#[cfg(feature = "half")]
kernels! {
    half::f16 => i8: bytes, itself, itself, slices;
    half::f16 => u8: bytes, itself, itself, slices;
    half::f16 => i16: words, common, common;
    half::f16 => u16: words, common, common;
    half::f16 => i32: accumulators, itself, itself;
    half::bf16 => i8: bytes, itself, itself, slices;
    half::bf16 => u8: bytes, itself, itself, slices;
    half::bf16 => i16: words, common, common;
    half::bf16 => u16: words, common, common;
    half::bf16 => i32: accumulators, itself, itself;
}

/// Quantizes by the reference if there is one parameter, and otherwise returns `false`. It is not inlined: each instruction set
/// would have a copy.
#[inline(never)]
fn quantize_as_reference<T: Real, Q: Code>(
    io: &mut Io<'_, T, Q>,
    one: Option<(&Affine<T::Compute>, usize)>,
) -> bool {
    fallback::note();
    let Some((p, at)) = one else { return false };
    reference::quantize(io.src, p, io.dst, at);
    true
}

/// Dequantizes by the reference if there is one parameter, and otherwise returns `false`. It is not inlined: each instruction set
/// would have a copy.
#[inline(never)]
fn dequantize_as_reference<T: Real, Q: Code>(
    io: &mut Io<'_, Q, T>,
    one: Option<(&Affine<T::Compute>, usize)>,
) -> bool {
    fallback::note();
    let Some((p, at)) = one else { return false };
    reference::dequantize(io.src, at, p, io.dst);
    true
}

/// The division that is exact where the reciprocal is proved (`kernel/divide.rs`).
type Near<S, T> = <S as Algorithms<T>>::Near;

/// The division that is proved exact as far as codes of 16 bits (`kernel/divide_far.rs`).
type Far<S, T> = <S as Algorithms<T>>::Far;

/// The true division, for parameters without a proof: a scale beyond the guard of the reciprocal, or a zero point far
/// from the codes. Such parameters are so rare that they use the portable kernels: a division on every instruction set
/// would be a sixth more code to compile.
type Exact<T> = ByDivision<Portable, <T as Real>::Compute>;

/// The token for [`Exact`].
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
