//! Checks of lengths against a granularity, and the division of tensors among threads.

use core::convert::Infallible;

use super::schedule::{Schedule, WorkUnits};
use crate::drive::Piece;
use crate::element::Code;
use crate::engine::Isa;
use crate::error::Error;
use crate::granularity::{Granularity, Run};
use crate::kernel::{Io, Loads, Stores};

/// Says which side of an operation has codes, and how many codes an element of this side holds. A number is an element.
#[derive(Clone, Copy)]
pub(super) enum CodesIn {
    Src(usize),
    Dst(usize),
}

/// Returns an error if the input and the output differ in length.
pub(super) fn check_lengths(src: usize, dst: usize, codes: CodesIn) -> Result<(), Error> {
    let fit = match codes {
        CodesIn::Src(per) => src == dst.div_ceil(per),
        CodesIn::Dst(per) => src.div_ceil(per) == dst,
    };
    if fit { Ok(()) } else { Err(Error::LengthMismatch { src, dst }) }
}

/// Returns an error if the input, the parameters of slices, or the output do not fit the granularity.
pub(super) fn check_per(
    granularity: &Granularity,
    src: usize,
    params: usize,
    dst: usize,
    codes: CodesIn,
) -> Result<(), Error> {
    match codes {
        CodesIn::Src(_) => granularity.check_dst(dst, 1)?,
        CodesIn::Dst(_) => granularity.check_src(src, 1)?,
    }
    granularity.check_params(params)?;
    match codes {
        _ if !granularity.is_pitched() => check_lengths(src, dst, codes),
        CodesIn::Src(per) => granularity.check_src(src, per),
        CodesIn::Dst(per) => granularity.check_dst(dst, per),
    }
}

/// Returns an error if the number of codes does not fit the granularity.
pub(super) fn check_codes<Q: Code>(granularity: &Granularity, src: usize) -> Result<(), Error> {
    if granularity.is_pitched() {
        granularity.check_src(src, Q::PER_ELEMENT)
    } else {
        check_lengths(src, granularity.len(), CodesIn::Src(Q::PER_ELEMENT))
    }
}

impl WorkUnits {
    /// Divides a tensor without gaps into `count` elements of codes.
    #[inline]
    pub(super) fn flat(count: usize, codes: CodesIn, bytes: usize) -> Self {
        let (len, src, dst) = match codes {
            CodesIn::Src(per) => (per, 1, per),
            CodesIn::Dst(per) => (per, per, 1),
        };
        Self { count, len, bytes, src, slices: 0, dst }
    }

    /// Divides a tensor into elements of codes, or into rows if there is a pitch.
    #[inline]
    fn numbers(granularity: &Granularity, codes: CodesIn, bytes: usize) -> Self {
        let (CodesIn::Src(per) | CodesIn::Dst(per)) = codes;
        let Some((count, len, src, dst)) = granularity.rows() else {
            return Self::flat(granularity.len().div_ceil(per), codes, bytes);
        };
        let (src, dst) = match codes {
            CodesIn::Src(_) => (src / per, dst),
            CodesIn::Dst(_) => (src, dst / per),
        };
        Self { count, len, bytes, src, slices: 0, dst }
    }

    /// Divides a tensor that is not empty, and whose slices are contiguous, between slices. A unit has `per` equal
    /// parts of the tensor, so that it begins with an element of `per` codes.
    pub(super) fn parts(granularity: &Granularity, per: usize, bytes: usize) -> Self {
        let (len, slices) = granularity.part();
        let (count, slices) = ((granularity.len() / len).div_ceil(per), slices * per);
        let (src, dst) = match granularity.rows() {
            None => (len * per, len),
            Some((_, _, src, dst)) => (src.saturating_mul(per), dst),
        };
        Self { count, len: len * per, bytes, src, slices, dst }
    }

    /// Divides the slices of a tensor into units of `together` slices. The input of every unit is the whole tensor.
    pub(super) fn slices(granularity: &Granularity, together: usize, bytes: usize) -> Self {
        let count = granularity.slices().div_ceil(together);
        let len = granularity.len().div_ceil(count.max(1));
        Self { count, len, bytes, src: 0, slices: together, dst: 0 }
    }
}

/// Calls `work` with `p` and pieces that together are `src` and `dst`. Returns an error if the lengths differ.
#[inline]
pub(super) fn map<A: Sync, B: Send, P: Sync>(
    backend: &impl Schedule,
    (src, dst): (&[A], &mut [B]),
    codes: CodesIn,
    p: &P,
    work: impl Fn(Isa, &mut Io<'_, A, B>, &P) + Sync,
) -> Result<(), Error> {
    check_lengths(src.len(), dst.len(), codes)?;
    let isa = backend.isa();
    let count = match codes {
        CodesIn::Src(_) => src.len(),
        CodesIn::Dst(_) => dst.len(),
    };
    let units = WorkUnits::flat(count, codes, size_of::<A>() + size_of::<B>());
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|_, src, (), dst| {
        work(isa, &mut Io { src, dst, stores }, p);
        isa.fence(stores);
        Ok(())
    })
}

/// Calls `work` with pieces of `x` that together are the whole.
#[inline]
pub(super) fn map_in_place<A: Send>(
    backend: &impl Schedule,
    x: &mut [A],
    work: &(impl Fn(&mut [A]) + Sync),
) {
    let units =
        WorkUnits { src: 0, ..WorkUnits::flat(x.len(), CodesIn::Dst(1), 2 * size_of::<A>()) };
    let Ok(()) = backend.map::<(), _, _, Infallible>(&units, &[], (), x, &|_, _, (), x| {
        work(x);
        Ok(())
    });
}

/// Calls `work`, which takes as long as `passes` reads, with pieces of `src`, and joins the results in order.
#[inline]
pub(super) fn reduce<A: Sync, R: Send>(
    backend: &impl Schedule,
    src: &[A],
    passes: usize,
    work: impl Fn(Isa, &[A], Loads) -> R + Sync,
    join: impl Fn(R, R) -> R + Sync,
) -> R {
    let (isa, loads) = (backend.isa(), Loads::of_bytes(size_of_val(src)));
    let units = WorkUnits::flat(src.len(), CodesIn::Dst(1), passes * size_of::<A>());
    backend.reduce(&units, &|at| work(isa, &src[at], loads), &join)
}

/// Calls `work` with pieces that together are the whole tensor. Returns an error if a length does not fit, or `params`,
/// the checked number of parameters.
#[inline]
pub(super) fn map_per<A: Sync, B: Send, P: Sync + ?Sized>(
    backend: &impl Schedule,
    granularity: &Granularity,
    (src, dst): (&[A], &mut [B]),
    codes: CodesIn,
    (params, count): (&P, usize),
    work: impl Fn(Isa, &Piece<'_, P>, &[A], &mut [B]) + Sync,
) -> Result<(), Error> {
    check_per(granularity, src.len(), count, dst.len(), codes)?;
    let isa = backend.isa();
    let units = WorkUnits::numbers(granularity, codes, size_of::<A>() + size_of::<B>());
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(&units, src, (), dst, &|at, src, (), dst| {
        let elements = units.elements(&at, granularity.len());
        work(isa, &Piece { granularity, elements, params, stores }, src, dst);
        isa.fence(stores);
        Ok(())
    })
}

/// Does the work of [`map_per`] in place.
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
    let units = WorkUnits::numbers(granularity, CodesIn::Dst(1), 2 * size_of::<A>());
    let units = WorkUnits { src: 0, dst: units.src, ..units };
    backend.map(&units, &[(); 0], (), x, &|at, _, (), x| {
        let elements = units.elements(&at, granularity.len());
        work(isa, &Piece { granularity, elements, params, stores: Stores::Cached }, x);
        Ok(())
    })
}

/// Says whether each slice is a run of memory that threads share, for a work of `bytes` bytes for each number.
pub(super) fn are_shared(backend: &impl Schedule, granularity: &Granularity, bytes: usize) -> bool {
    let len = granularity.len();
    len > 0 && granularity.is_contiguous() && backend.shares(len / granularity.slices(), bytes)
}

/// Returns the slices of a tensor, if there is only one or if threads share each, for a work of `bytes` bytes for each
/// number.
pub(super) fn long_slices<'a, A>(
    backend: &impl Schedule,
    granularity: &Granularity,
    src: &'a [A],
    bytes: usize,
) -> Option<impl Fn(usize) -> &'a [A]> {
    (granularity.is_one_run() || are_shared(backend, granularity, bytes)).then_some(move |slice| {
        let Run { src: at, len, .. } = granularity.run_of(slice);
        &src[at..at + len]
    })
}
