//! The kernels that involve codes alone.

use super::{Isa, PORTABLE, fallback, leaf};
use crate::element::Code;
use crate::kernel::{ByFixed, ByFixedRight, ByFloat, Io, Loop, MultiplierKind, Requantize, SumOf};
use crate::packed::Packed;
use crate::reference;
use crate::requantize::Rescale;
use crate::simd::{ByteOps, FloatOps, I32Ops, Portable, Simd};

/// The kernels of a code type. Callers have checked all lengths.
pub(crate) trait CodeKernels: Code {
    /// Says whether there are kernels for columns.
    const HAS_COLUMNS: bool = false;

    /// Requantizes, or returns `false` without a kernel for these multipliers. A single multiplier has a kernel.
    fn requantize<L: Loop<Rescale>>(_isa: Isa, io: &mut Io<'_, i32, Self>, on: L) -> bool {
        fallback::note();
        requantize_as_reference(io, on.one())
    }

    /// Returns the sum of `n` codes, from number `at` on.
    fn sum(_isa: Isa, src: &[Self], at: usize, n: usize) -> i64 {
        fallback::note();
        reference::sum(src, at, n)
    }
}

/// Requantizes as the reference does, if there is one multiplier. Each instruction set would have a copy, were it inlined.
#[inline(never)]
fn requantize_as_reference<Q: Code>(
    io: &mut Io<'_, i32, Q>,
    one: Option<(&Rescale, usize)>,
) -> bool {
    let Some((p, at)) = one else { return false };
    reference::requantize(io.src, p, io.dst, at);
    true
}

/// Requantizes by the instruction set `s`. A clamp to fewer codes than the type has costs instructions, so the
/// commonest case, a float below 1, has a loop without it. A fixed-point multiplier of ½ or more uses the portable
/// kernel.
fn requantize<S, Q, L>(s: S, io: &mut Io<'_, i32, Q>, mut on: L) -> bool
where
    S: ByteOps<Q> + I32Ops + FloatOps<f32>,
    Portable: ByteOps<Q>,
    Q: Code,
    L: Loop<Rescale>,
{
    let summary = on.summary(s);
    match summary.multipliers {
        MultiplierKind::Wide => return requantize_as_reference(io, on.one()),
        MultiplierKind::BelowOne
            if summary.common_codes == (Q::MIN, Q::MAX)
                && !(S::IS_FALLBACK && L::IS_OF_COLUMNS) =>
        {
            on.apply::<S, Requantize<Q, ByFloat<S, true>, false>>(s, io);
        }
        MultiplierKind::BelowOne | MultiplierKind::Floats => {
            on.apply::<S, Requantize<Q, ByFloat<S, false>>>(s, io);
        }
        MultiplierKind::FixedRight if !S::IS_FALLBACK => {
            on.apply::<S, Requantize<Q, ByFixedRight<S>>>(s, io);
        }
        MultiplierKind::FixedRight | MultiplierKind::Fixed => {
            on.apply::<_, Requantize<Q, ByFixed<Portable>>>(PORTABLE, io);
        }
    }
    true
}

macro_rules! bytes {
    ($($Q:ty),+) => {$(
        impl CodeKernels for $Q {
            const HAS_COLUMNS: bool = true;

            fn requantize<L: Loop<Rescale>>(isa: Isa, io: &mut Io<'_, i32, $Q>, on: L) -> bool {
                leaf!(isa, s => requantize(s, io, on), requantize_as_reference(io, on.one()))
            }

            fn sum(isa: Isa, src: &[$Q], at: usize, n: usize) -> i64 {
                leaf!(
                    isa,
                    s => s.vectorize(SumOf { src: &src[at..at + n] }),
                    reference::sum(src, at, n),
                )
            }
        }
    )+};
}

bytes!(i8, u8);
impl CodeKernels for i16 {}
impl CodeKernels for u16 {}
impl CodeKernels for i32 {}
impl<P: Packed> CodeKernels for P {}
