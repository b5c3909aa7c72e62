//! The three loops over elements: with one parameter, with one for each column, and with one for each short slice.

pub(super) mod columns;
pub(super) mod slice;
pub(super) mod slices;

use core::marker::PhantomData;

use bytemuck::Pod;

use super::operation::{IoOf, Operation, PlaceInRow, StepParams, TableOf};
use super::table::Parameter;
use crate::simd::{Kernel, Load, Simd, Store};

/// The parameters of some elements, and the loop over these elements.
pub(crate) trait Loop<P: Parameter>: Sized {
    /// Says whether all elements have one parameter.
    const IS_OF_ONE: bool = false;
    /// Says whether each column has a parameter of its own.
    const IS_OF_COLUMNS: bool = false;
    /// Says whether each short slice has a parameter of its own. Kernels may then exist for some parameters only.
    const IS_OF_SLICES: bool = false;

    /// Returns the properties that the parameters have in common.
    fn summary(&mut self, s: impl Simd) -> P::Summary;

    /// Says whether a zero point may differ from 0, as far as that is known without looking at each.
    fn is_shifted(&self) -> bool {
        true
    }

    /// Returns the parameter if all elements share one, and the first code's index in its element: 0 if not packed.
    fn one(&self) -> Option<(&P, usize)> {
        None
    }

    fn run<S: Simd, O: Operation<S, Parameter = P>>(self, s: S, io: IoOf<'_, S, O>);

    /// Applies `O` to the elements of `io`.
    #[inline(always)]
    fn apply<S: Simd, O: Operation<S, Parameter = P>>(self, s: S, io: &mut IoOf<'_, S, O>) {
        s.vectorize(Apply::<S, O, Self> { on: self, io });
    }
}

/// Applies `O` by the loop `L`, compiled for `S`.
struct Apply<'a, 'b, S: Simd, O: Operation<S>, L> {
    on: L,
    io: &'a mut IoOf<'b, S, O>,
}

impl<S: Simd, O: Operation<S>, L: Loop<O::Parameter>> Kernel<S> for Apply<'_, '_, S, O, L> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        self.on.run::<S, O>(s, self.io.reborrow());
    }
}

/// A loop that can replace elements by their results.
pub(crate) trait LoopInPlace<P: Parameter>: Loop<P> {
    fn run_in_place<S: Simd, T: Pod, O>(self, s: S, x: &mut [T])
    where
        O: Operation<S, Parameter = P, Src = T, Dst = T>;

    /// Applies `O` to the elements of `x`, in place.
    #[inline(always)]
    fn apply_in_place<S: Simd, T: Pod, O>(self, s: S, x: &mut [T])
    where
        O: Operation<S, Parameter = P, Src = T, Dst = T>,
    {
        s.vectorize(ApplyInPlace { on: self, x, operation: PhantomData::<O> });
    }
}

/// Applies `O` in place by the loop `L`, compiled for `S`.
struct ApplyInPlace<'a, T, O, L> {
    on: L,
    x: &'a mut [T],
    operation: PhantomData<O>,
}

impl<S, T: Pod, O, L> Kernel<S> for ApplyInPlace<'_, T, O, L>
where
    S: Simd,
    O: Operation<S, Src = T, Dst = T>,
    L: LoopInPlace<O::Parameter>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        self.on.run_in_place::<S, T, O>(s, self.x);
    }
}

/// Applies `O` to a row, whose results replace the elements.
///
/// No two steps may overlap here, since an element in both would be converted twice. Whole steps begin at the start.
/// The rest is a slice shorter than a step, whose registers are all loaded before the first one is stored.
#[inline(always)]
fn row_in_place<S: Simd, T: Pod, O, A: PlaceInRow<S>, const N: usize>(
    s: S,
    row: &mut [T],
    table: &TableOf<S, O, N>,
) where
    O: Operation<S, Src = T, Dst = T>,
{
    let (mut at, mut steps) = (0, row.chunks_exact_mut(S::STEP));
    for step in &mut steps {
        let op = StepParams::<S, O>::new(s, table, A::step(at, S::STEP));
        op.apply(s, O::In::load_step(s, step)).store(s, step);
        at += S::STEP;
    }
    let rest = steps.into_remainder();
    if !rest.is_empty() {
        let op = StepParams::<S, O>::new(s, table, A::step(at, rest.len()));
        op.apply(s, O::In::load_part(s, rest, T::zeroed())).store_part(s, rest);
    }
}
