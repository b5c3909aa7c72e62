//! The differences between backends: their instructions, and how they share work among threads.

use core::fmt::Debug;
use core::ops::Range;

use crate::element::{Code, Compute};
use crate::engine::{Isa, with_instruction_sets};
use crate::simd;
use crate::slices::ParamsMut;

/// Describes work that threads may share. It consists of indivisible units; the last unit may be shorter.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "rayon"), allow(dead_code, reason = "threads share units"))]
pub struct WorkUnits {
    /// The number of units.
    pub(crate) count: usize,
    /// The numbers in a unit, and the work on one number, measured in bytes that are moved in the same time.
    pub(crate) len: usize,
    pub(crate) bytes: usize,
    /// The distance from one unit's start to the next one's, in the input, the parameters and the output.
    pub(crate) src: usize,
    pub(crate) slices: usize,
    pub(crate) dst: usize,
}

impl WorkUnits {
    /// Returns the elements of the units `units`, in a tensor of `len` elements.
    pub(crate) fn elements(&self, units: &Range<usize>, len: usize) -> Range<usize> {
        units.start * self.len..len.min(units.end * self.len)
    }
}

/// The parameters or the results of slices, which threads share.
pub trait Split: Sized + Send {
    /// Splits `self` before slice `slice`.
    fn split_at(self, slice: usize) -> (Self, Self);
}

impl Split for () {
    fn split_at(self, _: usize) -> ((), ()) {
        ((), ())
    }
}

impl<A: Send> Split for &mut [A] {
    fn split_at(self, slice: usize) -> (Self, Self) {
        self.split_at_mut(slice)
    }
}

impl<T: Compute, Q: Code> Split for ParamsMut<'_, T, Q> {
    fn split_at(self, slice: usize) -> (Self, Self) {
        self.split_at(slice)
    }
}

/// The methods in which backends differ: their instructions, and how they share work among threads.
///
/// The default methods are for one thread.
pub trait Schedule: Copy + Debug + Send + Sync {
    fn isa(&self) -> Isa;

    /// Says whether threads would share `len` numbers with a work of `bytes` bytes each.
    fn shares(&self, len: usize, bytes: usize) -> bool {
        let _ = (len, bytes);
        false
    }

    /// Calls `work` on runs of units that together are all units, with their input, parameters and output. Returns the
    /// error of the first run that has one.
    fn map<A: Sync, P: Split, B: Send, E: Send>(
        &self,
        units: &WorkUnits,
        src: &[A],
        params: P,
        dst: &mut [B],
        work: &(impl Fn(Range<usize>, &[A], P, &mut [B]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        work(0..units.count, src, params, dst)
    }

    /// Calls `work` on runs of units that together are all units, and joins the results along the tree of `stats.rs`.
    fn reduce<R: Send>(
        &self,
        units: &WorkUnits,
        work: &(impl Fn(Range<usize>) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        let _ = join;
        work(0..units.count)
    }
}

/// The scalar reference: every formula as it is defined, one element at a time.
///
/// The other backends are tested against this one, which is not meant to be fast.
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
