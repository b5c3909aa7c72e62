//! Tensors with a granularity: whether slices fit it, and how threads share them.

use core::convert::Infallible;

use super::schedule::{Schedule, WorkUnits};
use crate::drive::Piece;
use crate::element::Code;
use crate::engine::Isa;
use crate::error::Error;
use crate::granularity::{Granularity, Run};
use crate::kernel::{Io, Loads, Stores};

/// Refuses an input and an output that are not equally long. Their elements hold `held.0` and `held.1` numbers or codes.
pub(super) fn check_lengths(src: usize, dst: usize, held: (usize, usize)) -> Result<(), Error> {
    if src.div_ceil(held.1) == dst.div_ceil(held.0) {
        Ok(())
    } else {
        Err(Error::LengthMismatch { src, dst })
    }
}

/// Refuses an input, parameters of slices, and an output that do not fit.
pub(super) fn check_per(
    granularity: &Granularity,
    src: usize,
    params: usize,
    dst: usize,
    held: (usize, usize),
) -> Result<(), Error> {
    if held.0 == 1 { granularity.check_src(src, 1) } else { granularity.check_dst(dst, 1) }?;
    granularity.check_params(params)?;
    if granularity.is_pitched() {
        granularity.check_src(src, held.0)?;
        granularity.check_dst(dst, held.1)
    } else {
        check_lengths(src, dst, held)
    }
}

/// Refuses codes that do not fit.
pub(super) fn check_codes<Q: Code>(granularity: &Granularity, src: usize) -> Result<(), Error> {
    if granularity.is_pitched() {
        granularity.check_src(src, Q::PER_ELEMENT)
    } else {
        check_lengths(src, granularity.len(), (Q::PER_ELEMENT, 1))
    }
}

impl WorkUnits {
    /// The numbers of a tensor without gaps: `count` times as many as fill elements of the input and of the output, of
    /// which each holds so many.
    #[inline]
    pub(super) fn flat(count: usize, held: (usize, usize), bytes: usize) -> Self {
        let len = held.0.max(held.1);
        Self { count, len, bytes, src: len / held.0, slices: 0, dst: len / held.1 }
    }

    /// The numbers of a tensor, or its rows if they have a pitch.
    #[inline]
    fn numbers(granularity: &Granularity, held: (usize, usize), bytes: usize) -> Self {
        match granularity.rows() {
            None => Self::flat(granularity.len().div_ceil(held.0.max(held.1)), held, bytes),
            Some((count, len, src, dst)) => {
                Self { count, len, bytes, src: src / held.0, slices: 0, dst: dst / held.1 }
            }
        }
    }

    /// Whole slices of a tensor that has elements and whose slices are contiguous, at least so many equal parts of the
    /// tensor as begin with an element of `codes` codes.
    pub(super) fn parts(granularity: &Granularity, codes: usize, bytes: usize) -> Self {
        let (len, slices) = granularity.part();
        let count = (granularity.len() / len).div_ceil(codes);
        let (len, slices) = (len * codes, slices * codes);
        match granularity.rows() {
            None => Self { count, len, bytes, src: len, slices, dst: len / codes },
            Some((_, _, src, dst)) => {
                Self { count, len, bytes, src: src.saturating_mul(codes), slices, dst }
            }
        }
    }

    /// The slices of a tensor, some together. Their input is the whole tensor.
    pub(super) fn slices(granularity: &Granularity, together: usize, bytes: usize) -> Self {
        let count = granularity.slices().div_ceil(together);
        let len = granularity.len().div_ceil(count.max(1));
        Self { count, len, bytes, src: 0, slices: together, dst: 0 }
    }
}

/// Calls `work` with pieces of `src` and `dst`, which together are the whole, and with `p`; refuses other lengths. Their
/// elements hold `held.0` and `held.1` numbers or codes.
#[inline]
pub(super) fn map<A: Sync, B: Send, P: Sync>(
    backend: &impl Schedule,
    (src, dst): (&[A], &mut [B]),
    held: (usize, usize),
    p: &P,
    work: impl Fn(Isa, &mut Io<'_, A, B>, &P) + Sync,
) -> Result<(), Error> {
    check_lengths(src.len(), dst.len(), held)?;
    let isa = backend.isa();
    let units = WorkUnits::flat(src.len().min(dst.len()), held, size_of::<A>() + size_of::<B>());
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|_, src, (), dst| {
        work(isa, &mut Io { src, dst, stores }, p);
        Ok(())
    })
}

/// Calls `work` with pieces of `x`, which together are the whole.
#[inline]
pub(super) fn map_in_place<A: Send>(
    backend: &impl Schedule,
    x: &mut [A],
    work: &(impl Fn(&mut [A]) + Sync),
) {
    let units = WorkUnits { src: 0, ..WorkUnits::flat(x.len(), (1, 1), 2 * size_of::<A>()) };
    let Ok(()) = backend.map::<(), _, _, Infallible>(&units, &[], (), x, &|_, _, (), x| {
        work(x);
        Ok(())
    });
}

/// Calls `work` with pieces of `src`, and joins the results in order. It takes about as long as to read `src` so many
/// times.
#[inline]
pub(super) fn reduce<A: Sync, R: Send>(
    backend: &impl Schedule,
    src: &[A],
    passes: usize,
    work: impl Fn(Isa, &[A], Loads) -> R + Sync,
    join: impl Fn(R, R) -> R + Sync,
) -> R {
    let (isa, loads) = (backend.isa(), Loads::of_bytes(size_of_val(src)));
    let units = WorkUnits::flat(src.len(), (1, 1), passes * size_of::<A>());
    backend.reduce(&units, &|at| work(isa, &src[at], loads), &join)
}

/// Calls `work` with pieces of a tensor, which together are the whole; refuses lengths that do not fit, of which that of
/// the parameters is given. Elements of `src` and `dst` hold `held.0` and `held.1` numbers or codes.
#[inline]
pub(super) fn map_per<A: Sync, B: Send, P: Sync + ?Sized>(
    backend: &impl Schedule,
    granularity: &Granularity,
    (src, dst): (&[A], &mut [B]),
    held: (usize, usize),
    (params, count): (&P, usize),
    work: impl Fn(Isa, &Piece<'_, P>, &[A], &mut [B]) + Sync,
) -> Result<(), Error> {
    check_per(granularity, src.len(), count, dst.len(), held)?;
    let isa = backend.isa();
    let units = WorkUnits::numbers(granularity, held, size_of::<A>() + size_of::<B>());
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|at, src, (), dst| {
        let elements = units.elements(&at, granularity.len());
        work(isa, &Piece { granularity, elements, params, stores }, src, dst);
        Ok(())
    })
}

/// [`map_per`] in place.
#[inline]
pub(super) fn map_per_in_place<A: Send, P: Sync + ?Sized>(
    backend: &impl Schedule,
    granularity: &Granularity,
    x: &mut [A],
    (params, count): (&P, usize),
    work: impl Fn(Isa, &Piece<'_, P>, &mut [A]) + Sync,
) -> Result<(), Error> {
    granularity.check_src(x.len(), 1)?;
    granularity.check_params(count)?;
    let isa = backend.isa();
    let units = WorkUnits::numbers(granularity, (1, 1), 2 * size_of::<A>());
    let units = WorkUnits { src: 0, dst: units.src, ..units };
    backend.map(&units, &[(); 0], (), x, &|at, _, (), x| {
        let elements = units.elements(&at, granularity.len());
        work(isa, &Piece { granularity, elements, params, stores: Stores::Cached }, x);
        Ok(())
    })
}

/// Returns the slices of a tensor, if each is one run of memory so long that threads share it, with a work of `bytes`
/// for each number.
pub(super) fn long_slices<'a, A>(
    backend: &impl Schedule,
    granularity: &Granularity,
    src: &'a [A],
    bytes: usize,
) -> Option<impl Fn(usize) -> &'a [A]> {
    let len = granularity.len();
    let are_long =
        len > 0 && granularity.is_contiguous() && backend.shares(len / granularity.slices(), bytes);
    are_long.then_some(move |slice| {
        let Run { src: at, len, .. } = granularity.run_of(slice);
        &src[at..at + len]
    })
}
