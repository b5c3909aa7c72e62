//! The operations on tensors: tiles are walked, parameters brought to tables, and kernels called.
//!
//! A generic function is compiled in the crate that calls it, under that crate's profile: kernels
//! must not be. So the generic methods of [`Backend`](crate::Backend) call [`Operations`], whose functions are of
//! concrete types, compiled here, and never inlined elsewhere.

mod dynamic;
mod elementwise;
mod operations;
mod packed;
mod reduce;
mod walk;

pub(crate) use operations::{CodeOperations, Compiled, Operations, RealOperations};

use core::ops::Range;

use crate::granularity::{Granularity, Run};
use crate::kernel::{Io, Stores};

/// Some elements of a tensor, the parameters of its slices, and how results are stored.
#[derive(Debug)]
pub struct Piece<'a, P: ?Sized> {
    pub(crate) granularity: &'a Granularity,
    pub(crate) elements: Range<usize>,
    pub(crate) params: &'a P,
    pub(crate) stores: Stores,
}

/// Returns the elements that hold `len` codes, `per` in each, and the place of the first code in the first one.
#[inline]
fn elements_of(per: usize, from: usize, len: usize) -> (Range<usize>, usize) {
    (from / per..(from + len).div_ceil(per), from % per)
}

/// Returns a run of the elements, which hold `per.0` codes or numbers each in the input and `per.1` in the output, and
/// the place of the first code in its element. At most one of both is packed.
#[inline(always)]
fn part<'a, A, B>(
    io: &'a mut Io<'_, A, B>,
    run: &Run,
    per: (usize, usize),
) -> (Io<'a, A, B>, usize) {
    let (from, src_at) = elements_of(per.0, run.src, run.len);
    let (to, dst_at) = elements_of(per.1, run.dst, run.len);
    (Io { src: &io.src[from], dst: &mut io.dst[to], stores: io.stores }, src_at + dst_at)
}
