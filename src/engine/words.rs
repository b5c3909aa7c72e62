//! The kernels of 16-bit codes.

pub(super) use super::bytes::dequantize;
use super::{Exact, Far, PORTABLE};
use crate::element::{Code, Real};
use crate::kernel::{Algorithms, Divide, Io, Loop, QuantizeWords};
use crate::params::{Affine, ExactFor};
use crate::simd::{Elements, Portable, WordOps};

pub(super) const QUANTIZES_COLUMNS: bool = true;

/// Quantizes numbers. Numbers in a known range are clamped, too, since few of them become codes of 16 bits.
pub(super) fn quantize<S, T, Q, L, const IN_RANGE: bool>(
    s: S,
    io: &mut Io<'_, T, Q>,
    mut on: L,
) -> bool
where
    S: Algorithms<T> + WordOps<Q>,
    Portable: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
    L: Loop<Affine<T::Compute>>,
{
    if on.summary(s).proved == ExactFor::None {
        divided_by::<_, _, _, Exact<T>, _>(PORTABLE, io, on);
    } else {
        divided_by::<_, _, _, Far<S, T>, _>(s, io, on);
    }
    true
}

/// Quantizes by the division `D`. Only the type of most data has a loop over one slice without the clamp.
fn divided_by<S, T, Q, D, L>(s: S, io: &mut Io<'_, T, Q>, on: L)
where
    S: Elements<T> + WordOps<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
    L: Loop<Affine<T::Compute>>,
{
    if L::IS_OF_ONE
        && T::SPECIALIZED
        && let Some((p, _)) = on.one()
        && p.zero_point >= 0
        && (p.qmin, p.qmax) == (Q::MIN, Q::MAX)
    {
        return on.apply::<S, QuantizeWords<T, Q, D, false>>(s, io);
    }
    on.apply::<S, QuantizeWords<T, Q, D>>(s, io);
}
