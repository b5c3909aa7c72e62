//! Tensors with a granularity: whether slices fit it, and how threads share them.

use core::convert::Infallible;

use super::schedule::{Each, NOTHING, Part, Schedule};
use crate::drive::Piece;
use crate::element::Code;
use crate::error::Error;
use crate::granularity::Granularity;
use crate::kernel::{Io, Stores};

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

/// Calls `work` with pieces of `src` and `dst`, which together are the whole.
#[inline]
pub(super) fn map<A: Sync, B: Send>(
    backend: &impl Schedule,
    src: &[A],
    dst: &mut [B],
    work: &(impl Fn(&mut Io<'_, A, B>) + Sync),
) {
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend.map(src, dst, &|_, src: &[A], dst: &mut [B]| work(&mut Io { src, dst, stores }));
}

/// Calls `work` with pieces of a tensor, which together are the whole. An element of `src` holds `held.0` numbers or
/// codes, one of `dst` `held.1`.
#[inline]
pub(super) fn map_per<A: Sync, B: Send, P: Sync + ?Sized>(
    backend: &impl Schedule,
    (granularity, params): (&Granularity, &P),
    src: &[A],
    dst: &mut [B],
    held: (usize, usize),
    work: &(impl Fn(&Piece<'_, P>, &[A], &mut [B]) + Sync),
) {
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    let of = |elements| Piece { granularity, elements, params, stores };
    let Some((rows, len, src_pitch, dst_pitch)) = granularity.rows() else {
        backend.map(src, dst, &|first, src: &[A], dst: &mut [B]| {
            // Packed codes may be fewer than a whole number of elements holds.
            let end = first + (src.len() * held.0).max(dst.len() * held.1);
            work(&of(first..end.min(granularity.len())), src, dst);
        });
        return;
    };
    if granularity.len() == 0 {
        return;
    }
    let part = Part { len, src: src_pitch / held.0, slices: 1, dst: dst_pitch, codes: held.1 };
    let Ok(()) = backend.map_parts::<_, _, _, Infallible>(
        src,
        part,
        &mut { NOTHING }[..rows],
        dst,
        &|row, src: &[A], of_rows, dst| {
            work(&of(row * len..(row + of_rows.len()) * len), src, dst);
            Ok(())
        },
    );
}

/// Calls `work` with pieces of a tensor in place, which together are the whole.
#[inline]
pub(super) fn map_per_in_place<A: Send, P: Sync + ?Sized>(
    backend: &impl Schedule,
    (granularity, params): (&Granularity, &P),
    x: &mut [A],
    work: &(impl Fn(&Piece<'_, P>, &mut [A]) + Sync),
) {
    let of = |elements| Piece { granularity, elements, params, stores: Stores::Cached };
    let Some((rows, len, pitch, _)) = granularity.rows() else {
        return backend.map_in_place(x, &|first, x: &mut [A]| work(&of(first..first + x.len()), x));
    };
    if granularity.len() == 0 {
        return;
    }
    let part = Part { len, src: 1, slices: 1, dst: pitch, codes: 1 };
    let (rows_of_nothing, none) = (&NOTHING[..rows], &mut { NOTHING }[..rows]);
    let Ok(()) = backend.map_parts::<_, _, _, Infallible>(
        rows_of_nothing,
        part,
        none,
        x,
        &|row, of_rows: &[()], _, x| {
            work(&of(row * len..(row + of_rows.len()) * len), x);
            Ok(())
        },
    );
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
