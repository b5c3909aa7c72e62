//! Tensors with a granularity: whether slices fit it, and how threads share them.

use super::schedule::{Each, NOTHING, Part, Schedule};
use crate::element::Code;
use crate::error::Error;
use crate::granularity::Granularity;

pub(super) fn same_length<A, B>(src: &[A], dst: &[B]) -> Result<(), Error> {
    if src.len() == dst.len() {
        Ok(())
    } else {
        Err(Error::LengthMismatch { src: src.len(), dst: dst.len() })
    }
}

/// Refuses codes of another number than `len`.
pub(super) fn same_codes<Q: Code>(len: usize, codes: usize) -> Result<(), Error> {
    if len.div_ceil(Q::PER_ELEMENT) == codes {
        Ok(())
    } else {
        Err(Error::LengthMismatch { src: len, dst: codes })
    }
}

/// The same where the codes are the source.
pub(super) fn codes_for<Q: Code>(codes: usize, len: usize) -> Result<(), Error> {
    same_codes::<Q>(len, codes).map_err(|_| Error::LengthMismatch { src: codes, dst: len })
}

/// Refuses numbers, parameters or results of slices, and codes, that do not fit.
pub(super) fn check_to_codes<Q: Code>(
    granularity: &Granularity,
    src: usize,
    params: usize,
    dst: usize,
) -> Result<(), Error> {
    granularity.check_src(src, 1)?;
    granularity.check_params(params)?;
    if granularity.is_pitched() {
        granularity.check_dst(dst, Q::PER_ELEMENT)
    } else {
        same_codes::<Q>(src, dst)
    }
}

/// Refuses codes, parameters and numbers that do not fit.
pub(super) fn check_from_codes<Q: Code>(
    granularity: &Granularity,
    src: usize,
    params: usize,
    dst: usize,
) -> Result<(), Error> {
    granularity.check_dst(dst, 1)?;
    granularity.check_params(params)?;
    check_codes::<Q>(granularity, src)
}

/// Refuses codes that do not fit.
pub(super) fn check_codes<Q: Code>(granularity: &Granularity, src: usize) -> Result<(), Error> {
    if granularity.is_pitched() {
        granularity.check_src(src, Q::PER_ELEMENT)
    } else {
        codes_for::<Q>(src, granularity.len())
    }
}

/// How many numbers or codes an element of each side holds.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub(super) src: usize,
    pub(super) dst: usize,
}

impl Held {
    pub(super) const ONE: Self = Self { src: 1, dst: 1 };
}

/// [`Schedule::map`], of whole rows where those have a pitch.
#[inline]
pub(super) fn map_rows<S: Sync, D: Send>(
    backend: &impl Schedule,
    granularity: &Granularity,
    src: &[S],
    dst: &mut [D],
    held: Held,
    work: &(impl Fn(usize, &[S], &mut [D]) + Sync),
) -> Result<(), Error> {
    let Some((rows, len, src_pitch, dst_pitch)) = granularity.rows() else {
        backend.map(src, dst, work);
        return Ok(());
    };
    if granularity.len() == 0 {
        return Ok(());
    }
    let part = Part { len, src: src_pitch / held.src, slices: 1, dst: dst_pitch, codes: held.dst };
    backend.map_parts(src, part, &mut { NOTHING }[..rows], dst, &|row, src: &[S], _, dst| {
        work(row * len, src, dst);
        Ok(())
    })
}

/// [`Schedule::map_in_place`], of whole rows where those have a pitch.
#[inline]
pub(super) fn map_rows_in_place<A: Send>(
    backend: &impl Schedule,
    granularity: &Granularity,
    data: &mut [A],
    work: &(impl Fn(usize, &mut [A]) + Sync),
) -> Result<(), Error> {
    let Some((rows, len, pitch, _)) = granularity.rows() else {
        backend.map_in_place(data, work);
        return Ok(());
    };
    if granularity.len() == 0 {
        return Ok(());
    }
    let part = Part { len, src: 1, slices: 1, dst: pitch, codes: 1 };
    let (rows_of_nothing, none) = (&NOTHING[..rows], &mut { NOTHING }[..rows]);
    backend.map_parts(rows_of_nothing, part, none, data, &|row, _: &[()], _, data| {
        work(row * len, data);
        Ok(())
    })
}

/// The parts of a tensor that has elements and whose slices are contiguous.
pub(super) fn parts_of<Q: Code>(granularity: &Granularity) -> Part {
    let (len, slices) = granularity.part();
    let (src, dst) = match granularity.rows() {
        None => (len, len),
        Some((_, _, src, dst)) => (src, dst),
    };
    Part { len, src, slices, dst, codes: Q::PER_ELEMENT }
}

/// The work on every slice, of so many bytes a number.
pub(super) fn each_slice(granularity: &Granularity, bytes: usize) -> Each {
    Each { len: granularity.len(), bytes, least: granularity.least_together() }
}

/// Whether each slice is one run of memory so long that threads share it.
pub(super) fn has_long_slices(
    backend: &impl Schedule,
    granularity: &Granularity,
    bytes: usize,
) -> bool {
    let len = granularity.len();
    len > 0 && granularity.is_contiguous() && backend.shares(len / granularity.slices(), bytes)
}
