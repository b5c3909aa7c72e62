//! What an operation on a tensor needs to know of its slices.

use super::Mappings;
use crate::engine::Stores;
use crate::granularity::{Granularity, Lines};

/// A tensor from element `first` on, which parameters its slices have, and where results go.
#[derive(Debug)]
pub struct Sliced<'a, P: ?Sized> {
    pub(crate) granularity: &'a Granularity,
    pub(crate) first: usize,
    pub(crate) params: &'a P,
    pub(crate) stores: Stores,
}

/// Of reals and codes, whatever the code type.
pub(crate) type Mapped<'a, T> = Sliced<'a, dyn Mappings<T> + 'a>;

impl<P: ?Sized> Clone for Sliced<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P: ?Sized> Copy for Sliced<'_, P> {}

impl<P: ?Sized> Sliced<'_, P> {
    /// The same from `elements` further on.
    pub(crate) fn behind(self, elements: usize) -> Self {
        Self { first: self.first + elements, ..self }
    }

    /// The runs of memory that an input of `len` elements is, and the output that belongs to it.
    pub(crate) fn lines(&self, len: usize) -> Lines {
        self.granularity.lines_of_src(self.first, len)
    }

    /// Does work that stores its results in pieces, see [`Stores::in_pieces`].
    #[inline]
    pub(crate) fn in_pieces<R>(self, order: impl FnOnce(), work: impl FnOnce(Self) -> R) -> R {
        self.stores.in_pieces(order, |stores| work(Self { stores, ..self }))
    }
}
