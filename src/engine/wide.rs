//! The engine of 16-bit codes.

use super::vector::{Exact, PORTABLE};
use super::{CodeEngine, Engine, Stores, rows};
use crate::element::{Code, Compute, Real};
use crate::kernel::{Dequantize, Divide, QuantizeWide};
use crate::params::{Affine, Proved};
use crate::simd::{Elements, Floats, Portable, Simd, Words};
use crate::slices::{self, Mapped};

/// The division that is proved as far as 16-bit codes are, see `kernel/divide_far.rs`.
pub(super) type Far<S, T> = <S as Floats<<T as Real>::Compute>>::DivideFar;

/// The same for numbers in a known range, see `vector.rs`.
type Within<S, T> = <Far<S, T> as Divide<S, <T as Real>::Compute>>::Within;

/// The kernels on the instruction set `S` for codes of 16 bits.
///
/// A type of its own beside [`Vector`](super::Vector), since a code type has one kernel or the other
/// and the compiler could not know which.
#[derive(Debug)]
pub(crate) struct Wide<S>(pub(crate) S);

impl<S, T, Q> Engine<T, Q> for Wide<S>
where
    S: Elements<T> + Words<Q>,
    Portable: Elements<T> + Words<Q>,
    T: Real,
    Q: Code,
{
    fn erased(&self) -> &dyn Engine<T, Q> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }

    fn quantize(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        _at: usize,
        stores: Stores,
    ) {
        if p.proved == Proved::None {
            PORTABLE.vectorize(QuantizeWide::<_, _, Exact<T>>::new(src, p, dst, stores));
        } else {
            self.0.vectorize(QuantizeWide::<_, _, Far<S, T>>::new(src, p, dst, stores));
        }
    }

    fn quantize_within(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [Q],
        at: usize,
        stores: Stores,
    ) {
        if p.proved != Proved::None && T::Compute::HALF_THE_DIGITS {
            self.0.vectorize(QuantizeWide::<_, _, Within<S, T>>::new(src, p, dst, stores));
        } else {
            self.quantize(src, p, dst, at, stores);
        }
    }

    fn dequantize(
        &self,
        src: &[Q],
        _at: usize,
        p: &Affine<T::Compute>,
        dst: &mut [T],
        stores: Stores,
    ) {
        self.0.vectorize(Dequantize { src, p, dst, stores });
    }

    fn quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [Q]) {
        if !of.granularity.is_banded() {
            return slices::quantize(self, of, src, dst);
        }
        rows::quantize_wide(self.0, of, src, dst);
    }

    fn dequantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[Q], dst: &mut [T]) {
        if !of.granularity.is_banded() {
            return slices::dequantize(self, of, src, dst);
        }
        rows::dequantize(self.0, of, src, dst);
    }
}

impl<S: Words<Q>, Q: Code> CodeEngine<Q> for Wide<S> {
    fn erased(&self) -> &dyn CodeEngine<Q> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }
}
