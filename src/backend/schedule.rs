//! What differs between backends: their instructions, and how they share a slice among threads.

use core::fmt::Debug;
use core::ops::Range;

use crate::element::{Code, Compute};
use crate::engine::{Isa, with_instruction_sets};
use crate::error::Error;
use crate::simd;
use crate::slices::ParamsMut;

/// Of what threads may take any number: a row, say.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "rayon"), allow(dead_code, reason = "threads take parts"))]
pub struct Part {
    /// Its numbers: the work on it.
    pub(crate) len: usize,
    /// From its start in the input to that of the next one.
    pub(crate) src: usize,
    /// The same in the parameters.
    pub(crate) slices: usize,
    /// The same in the output, in codes, and how many of them an element holds.
    pub(crate) dst: usize,
    pub(crate) codes: usize,
}

impl Part {
    /// The elements of the parts from number `first` on that have `slices` slices, in a tensor of `len` elements.
    pub(crate) fn elements(&self, first: usize, slices: usize, len: usize) -> Range<usize> {
        let end = first + slices.div_ceil(self.slices);
        first * self.len..len.min(end * self.len)
    }
}

/// The work on each of many results.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "rayon"), allow(dead_code, reason = "threads take pieces"))]
pub struct Each {
    /// The numbers that all of them are found from.
    pub(crate) len: usize,
    /// The work on a number, in bytes whose movement takes as long.
    pub(crate) bytes: usize,
    /// The fewest results that are worth a piece.
    pub(crate) least: usize,
}

/// What has no elements, as an input or an output of [`Schedule::map_parts`].
pub(crate) const NOTHING: [(); usize::MAX] = [(); usize::MAX];

/// What threads share: a slice, or several of one length.
pub trait Pieces: Sized + Send {
    /// A number of elements that are not parted.
    const SPLIT_MULTIPLE: usize = 1;

    fn len(&self) -> usize;

    fn split_at(self, at: usize) -> (Self, Self);
}

impl<A: Send> Pieces for &mut [A] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }
}

impl<T: Compute, Q: Code> Pieces for ParamsMut<'_, T, Q> {
    const SPLIT_MULTIPLE: usize = Q::PER_ELEMENT;

    fn len(&self) -> usize {
        self.count()
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        self.split_at(at)
    }
}

/// The part of a backend that differs: its instructions, and how a slice is shared among threads.
///
/// The provided bodies are one thread's: the whole slice at once.
pub trait Schedule: Copy + Debug + Send + Sync {
    fn isa(&self) -> Isa;

    /// Calls `work` on corresponding pieces of `src` and `dst` that together are the whole, and with the
    /// place of each piece's first element in the longer one. The other one may be packed, two or four
    /// of the longer one's elements in one.
    fn map<A: Sync, B: Send>(
        &self,
        src: &[A],
        dst: &mut [B],
        work: &(impl Fn(usize, &[A], &mut [B]) + Sync),
    ) {
        work(0, src, dst);
    }

    /// Calls `work` on pieces of `data` that together are the whole, and with the place of each piece's
    /// first element.
    fn map_in_place<A: Send>(&self, data: &mut [A], work: &(impl Fn(usize, &mut [A]) + Sync)) {
        work(0, data);
    }

    /// Calls `work` on pieces of `src`, of whole parts, with what belongs to them of `params` and `dst`,
    /// and with the number of each piece's first part. Returns the error of the first piece that has one.
    /// The last part may be shorter.
    fn map_parts<A: Sync, P: Pieces, B: Send, E: Send>(
        &self,
        src: &[A],
        part: Part,
        params: P,
        dst: &mut [B],
        work: &(impl Fn(usize, &[A], P, &mut [B]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let _ = part;
        work(0, src, params, dst)
    }

    /// Calls `work` on pieces of `data`, of `each.least` elements or more, and with the place of each
    /// piece's first element. Returns the error of the first piece that has one.
    fn map_each<P: Pieces>(
        &self,
        each: Each,
        data: P,
        work: &(impl Fn(usize, P) -> Result<(), Error> + Sync),
    ) -> Result<(), Error> {
        let _ = each;
        work(0, data)
    }

    /// Calls `work` on pieces of `0..count`, which is not empty, and joins the results in order, along
    /// the tree of `stats.rs`.
    fn reduce_each<R: Send>(
        &self,
        each: Each,
        count: usize,
        work: &(impl Fn(Range<usize>) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        let _ = (each, join);
        work(0..count)
    }

    /// Whether [`reduce`](Self::reduce) would share so many elements of so many bytes of work.
    fn shares(&self, len: usize, bytes: usize) -> bool {
        let _ = (len, bytes);
        false
    }

    /// Calls `work` on pieces of `src` and joins the results in order, along the tree of `stats.rs`.
    ///
    /// It takes about as long as to read `src` this many times.
    fn reduce<A: Sync, R: Send>(
        &self,
        src: &[A],
        passes: usize,
        work: &(impl Fn(&[A]) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        let _ = (passes, join);
        work(src)
    }
}

/// The scalar reference: every formula as it is written, one element at a time.
///
/// The other backends are tested against it. It is not meant to be fast.
///
/// ```
/// use zeropoint::{Backend, Scalar};
/// assert_eq!(Scalar.min_max(&[2.0_f32, -1.0]).min, -1.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scalar;

impl Schedule for Scalar {
    fn isa(&self) -> Isa {
        Isa::Scalar
    }
}

macro_rules! one_thread {
    ({} $($Set:ident $name:literal [$cfg:meta],)+) => {$(
        #[cfg($cfg)]
        impl Schedule for simd::$Set {
            fn isa(&self) -> Isa {
                Isa::$Set(*self)
            }
        }
    )+};
}
with_instruction_sets!(one_thread);
