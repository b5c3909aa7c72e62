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

use crate::granularity::Granularity;
use crate::kernel::Stores;

/// Some elements of a tensor, the parameters of its slices, and the way that results take.
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
