//! The operations on tensors: they walk tiles, copy parameters to tables, and call kernels.
//!
//! A generic function is compiled in the crate that calls it, under the profile of that crate, which may be too slow
//! for kernels. The generic methods of [`Backend`](crate::Backend) therefore call [`Operations`], whose functions have
//! concrete types, are compiled here, and are never inlined elsewhere.

#[cfg(feature = "ggml")]
mod blocks;
mod dynamic;
mod elementwise;
mod operations;
mod packed;
mod reduce;
mod walk;

#[cfg(feature = "ggml")]
pub(crate) use blocks::{
    BlockOperations, Conversions, decode as decode_blocks, encode as encode_blocks,
};
pub(crate) use operations::{CodeOperations, Compiled, Operations, RealOperations};

use core::ops::Range;

use crate::granularity::{Granularity, Run};
use crate::kernel::{Io, Stores};

/// A range of a tensor's elements, the parameters of its slices, and how results are stored.
#[derive(Debug)]
pub struct Piece<'a, P: ?Sized> {
    pub(crate) granularity: &'a Granularity,
    pub(crate) elements: Range<usize>,
    pub(crate) params: &'a P,
    pub(crate) stores: Stores,
}

/// Returns the elements that hold `len` codes, `per` in each, and the index of the first code within its element.
#[inline]
fn elements_of(per: usize, from: usize, len: usize) -> (Range<usize>, usize) {
    (from / per..(from + len).div_ceil(per), from % per)
}

/// Returns a run of the elements, which hold `per.0` codes or numbers each in the input and `per.1` in the output, and
/// the index of the first code within its element. At most one side is packed.
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
