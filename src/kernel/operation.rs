//! An element-wise operation, written once, and the places of its elements and parameters.
//!
//! An [`Operation`] is the arithmetic on one step of four registers. Three loops apply it (`loops/`): to a slice with
//! one parameter, to columns with a parameter each, and to short slices with a parameter each. The loops differ in the
//! [`Place`] of a register's parameters in a table.

use bytemuck::{Pod, Zeroable};

use super::hints::Stores;
use super::table::Parameter;
use crate::element::{Code, Compute};
use crate::simd::{ByteOps, FloatOps, Load, Simd, Store, part};

/// The arithmetic on one step, in registers.
pub(crate) trait Operation<S: Simd> {
    /// The type of the elements that are read.
    type Src: Pod;
    /// One of the four registers of a step that is read.
    type In: Load<S, Self::Src>;
    /// The type of the elements that are written.
    type Dst: Pod;
    /// A step of results.
    type Out: Store<S, Self::Dst>;
    /// The parameter of a slice.
    type Parameter: Parameter;
    /// The parameters of a step.
    type Params: Copy;
    /// The limits of a step's codes, which the blocks of one table share.
    type Limits: Copy;
    /// The state between the two halves of the arithmetic, `begin` and `finish`.
    type Begun;

    /// Says whether there are loops that store past the caches. `f64` has none for codes: it is rarely quantized, and
    /// streaming would save a tenth of the bytes.
    const STREAMS: bool = true;

    /// Computes the fields that [`params`](Self::params) reads beside the given ones, unless the table has them.
    #[inline(always)]
    fn prepare<const N: usize>(_s: S, _table: &mut TableOf<S, Self, N>) {}

    fn params<const N: usize>(
        s: S,
        table: &TableOf<S, Self, N>,
        at: [impl Place<S>; 4],
    ) -> Self::Params;

    fn limits<const N: usize>(
        s: S,
        table: &TableOf<S, Self, N>,
        at: [impl Place<S>; 4],
    ) -> Self::Limits;

    fn begin(s: S, x: [Self::In; 4], p: &Self::Params) -> Self::Begun;

    fn finish(s: S, begun: Self::Begun, p: &Self::Params, limits: &Self::Limits) -> Self::Out;
}

/// The elements that an operation reads and writes.
#[derive(Debug)]
pub struct Io<'a, A, B> {
    pub(crate) src: &'a [A],
    pub(crate) dst: &'a mut [B],
    pub(crate) stores: Stores,
}

impl<A, B> Io<'_, A, B> {
    pub(crate) fn reborrow(&mut self) -> Io<'_, A, B> {
        Io { src: self.src, dst: self.dst, stores: self.stores }
    }
}

/// The elements that `O` reads and writes.
pub(crate) type IoOf<'a, S, O> = Io<'a, <O as Operation<S>>::Src, <O as Operation<S>>::Dst>;

/// The parameters of at most N slices.
pub(crate) type TableOf<S, O, const N: usize> =
    <<O as Operation<S>>::Parameter as Parameter>::Table<N>;

/// The parameters and the limits of a step.
#[derive(Clone, Copy)]
pub(crate) struct StepParams<S: Simd, O: Operation<S> + ?Sized> {
    pub(crate) params: O::Params,
    pub(crate) limits: O::Limits,
}

impl<S: Simd, O: Operation<S>> StepParams<S, O> {
    #[inline(always)]
    pub(crate) fn new<const N: usize>(
        s: S,
        table: &TableOf<S, O, N>,
        at: [impl Place<S>; 4],
    ) -> Self {
        Self { params: O::params(s, table, at), limits: O::limits(s, table, at) }
    }

    #[inline(always)]
    pub(crate) fn apply(&self, s: S, x: [O::In; 4]) -> O::Out {
        O::finish(s, O::begin(s, x, &self.params), &self.params, &self.limits)
    }

    /// Applies the operation to the first step of `src`, and writes the result to the front of `dst`.
    #[inline(always)]
    pub(crate) fn apply_to(&self, s: S, src: &[O::Src], dst: &mut [O::Dst]) {
        self.apply(s, O::In::load_step(s, src)).store(s, dst);
    }

    /// Applies the operation to all of `src`, which is shorter than a step.
    #[inline(always)]
    pub(crate) fn apply_to_part(&self, s: S, src: &[O::Src], dst: &mut [O::Dst]) {
        self.apply(s, O::In::load_part(s, src, O::Src::zeroed())).store_part(s, dst);
    }
}

/// The place of a register's parameters in the arrays of a table.
pub(crate) trait Place<S: Simd>: Copy {
    fn floats<T: Compute, const N: usize>(self, s: S, array: &[T; N]) -> S::V
    where
        S: FloatOps<T>;

    fn ints<const N: usize>(self, s: S, array: &[i32; N]) -> S::I32;

    /// Returns the integers of two registers, saturated to 16 bits, in the order of [`Simd::i16_from_i32`].
    #[inline(always)]
    fn shorts<const N: usize>(at: [Self; 2], s: S, array: &[i32; N]) -> S::I16 {
        s.i16_from_i32(at[0].ints(s, array), at[1].ints(s, array))
    }

    /// Returns the integers of a step as codes.
    #[inline(always)]
    fn codes<Q: Code, const N: usize>(at: [Self; 4], s: S, array: &[i32; N]) -> S::Packed
    where
        S: ByteOps<Q>,
    {
        let [a, b, c, d] = at;
        s.pack([Self::shorts([a, b], s, array), Self::shorts([c, d], s, array)])
    }
}

/// The places of the parameters of a row's elements.
pub(crate) trait PlaceInRow<S: Simd>: Place<S> {
    /// Returns the places of the registers of a step that begins at element `at` of the row and has `len` elements. The
    /// places match [`Load::load_part`].
    fn step(at: usize, len: usize) -> [Self; 4];
}

/// A place where each lane has its own parameter, from number `self.0` on.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(pub(crate) usize);

impl<S: Simd> Place<S> for Lanes {
    #[inline(always)]
    fn floats<T: Compute, const N: usize>(self, s: S, array: &[T; N]) -> S::V
    where
        S: FloatOps<T>,
    {
        Load::load(s, &array[self.0..])
    }
    #[inline(always)]
    fn ints<const N: usize>(self, s: S, array: &[i32; N]) -> S::I32 {
        Load::load(s, &array[self.0..])
    }
}

impl<S: Simd> PlaceInRow<S> for Lanes {
    #[inline(always)]
    fn step(at: usize, len: usize) -> [Self; 4] {
        let mut lanes = [Self(at); 4];
        for group in 0..4 {
            lanes[group].0 += if S::MASKS || len < S::LANES || len >= S::STEP {
                group * S::LANES
            } else {
                part(len, group, S::LANES)
            };
        }
        lanes
    }
}

/// A place where all lanes share the parameter of one slice. Each half of a step belongs to one slice.
#[derive(Clone, Copy)]
pub(crate) struct Slice(pub(crate) usize);

impl<S: Simd> Place<S> for Slice {
    // The remainder is the index itself, since N is a power of two; the compiler then needs no bounds check.
    #[inline(always)]
    fn floats<T: Compute, const N: usize>(self, s: S, array: &[T; N]) -> S::V
    where
        S: FloatOps<T>,
    {
        s.splat(array[self.0 % N])
    }
    #[inline(always)]
    fn ints<const N: usize>(self, s: S, array: &[i32; N]) -> S::I32 {
        s.i32_splat(array[self.0 % N])
    }
    #[inline(always)]
    fn shorts<const N: usize>(at: [Self; 2], s: S, array: &[i32; N]) -> S::I16 {
        s.i16_splat(array[at[0].0 % N] as i16)
    }
    #[inline(always)]
    fn codes<Q: Code, const N: usize>(at: [Self; 4], s: S, array: &[i32; N]) -> S::Packed
    where
        S: ByteOps<Q>,
    {
        s.splat_code(array[at[0].0 % N])
    }
}

impl<S: Simd> PlaceInRow<S> for Slice {
    #[inline(always)]
    fn step(_: usize, _: usize) -> [Self; 4] {
        [Self(0); 4]
    }
}
