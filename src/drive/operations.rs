//! The operations of concrete types, which are compiled here: other crates call them and cannot inline them.

use core::marker::PhantomData;
use core::ops::Range;

use super::{Piece, dynamic, elementwise, packed, reduce};
#[cfg(feature = "alloc")]
use crate::bins::Bins;
use crate::element::{Code, CodeType, Real};
use crate::engine::{CodeKernels, Isa, Kernels, RealKernels};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::kernel::{Io, Loads, OnSlice};
use crate::packed::{I2x4, I4x2, U2x4, U4x2};
use crate::params::Affine;
#[cfg(feature = "alloc")]
use crate::range::Finite;
use crate::range::{MinMax, Range as Bounds};
use crate::requantize::Rescale;
use crate::scheme::Scheme;
use crate::slices::{AnyMultipliers, AnyParams, ParamsMut};
use crate::stats::Sums;

/// The type that implements the operations on `T` and `Q`, or on one of them and `()`.
#[derive(Debug)]
pub struct Compiled<T, Q>(PhantomData<(T, Q)>);

/// The type that `T` is computed in.
type C<T> = <T as Real>::Compute;

/// Passes the operations on numbers and codes to a macro.
macro_rules! of_pairs {
    ($then:ident $($given:tt)*) => { $then! { { $($given)* }
        fn quantize(isa: Isa, io: &mut Io<'_, T, Q>, p: &Affine<C<T>>) = {
            Q::quantize::<_, false>(isa, io, OnSlice { p, at: 0 });
        };

        /// Quantizes elements that lie in the range from which `p` was computed.
        fn quantize_in_range(isa: Isa, io: &mut Io<'_, T, Q>, p: &Affine<C<T>>) = {
            Q::quantize::<_, true>(isa, io, OnSlice { p, at: 0 });
        };

        fn dequantize(isa: Isa, io: &mut Io<'_, Q, T>, p: &Affine<C<T>>) = {
            Q::dequantize(isa, io, OnSlice { p, at: 0 });
        };

        fn quantize_per(
            isa: Isa,
            of: &Piece<'_, dyn AnyParams<C<T>> + '_>,
            src: &[T],
            dst: &mut [Q],
        ) = family::quantize(isa, of, src, dst, None);

        fn dequantize_per(
            isa: Isa,
            of: &Piece<'_, dyn AnyParams<C<T>> + '_>,
            src: &[Q],
            dst: &mut [T],
        ) = family::dequantize(isa, of, src, dst);

        /// Quantizes whole slices and sums their codes. The first slice belongs to the first of `sums`.
        fn quantize_with_sums(
            isa: Isa,
            of: &Piece<'_, dyn AnyParams<C<T>> + '_>,
            src: &[T],
            dst: &mut [Q],
            sums: &mut [i64],
        ) = family::quantize(isa, of, src, dst, Some(sums));

        /// Quantizes whole slices with parameters from their own ranges. The first slice belongs to the first of
        /// `params`. No error names a place in `src`.
        fn quantize_dynamic(
            isa: Isa,
            of: &Piece<'_, Scheme>,
            src: &[T],
            params: ParamsMut<'_, C<T>, Q>,
            dst: &mut [Q],
        ) -> Result<(), Error> = dynamic::quantize_dynamic(isa, of, src, params, dst);

        /// Computes the parameters of the slices from number `first` on; `src` is the whole tensor.
        fn params_per(
            isa: Isa,
            granularity: &Granularity,
            src: &[T],
            scheme: Scheme,
            first: usize,
            dst: ParamsMut<'_, C<T>, Q>,
        ) -> Result<(), Error> = {
            let mut dst = dst;
            let (of, slices) = (CodeType::of::<Q>(), (first, dst.count()));
            let set = &mut |i, p| dst.set(i, p);
            dynamic::params(isa, (granularity, src), (scheme, of), slices, set)
        };

        fn params(range: Bounds<C<T>>, scheme: Scheme) -> Result<Affine<C<T>>, Error> =
            scheme.params_of(range, CodeType::of::<Q>());
    } };
}

/// Passes the operations on numbers alone to a macro.
macro_rules! of_reals {
    ($then:ident $($given:tt)*) => { $then! { { $($given)* }
        fn min_max(isa: Isa, src: &[T], loads: Loads) -> MinMax<C<T>> = T::min_max(isa, src, loads);

        /// Returns the greatest magnitude, as [`RealKernels::abs_max`] does.
        fn abs_max(isa: Isa, src: &[T], loads: Loads) -> C<T> = T::abs_max(isa, src, loads);

        fn error_sums(isa: Isa, src: &[T], p: &Affine<C<T>>, loads: Loads) -> Sums =
            T::error_sums(isa, src, p, loads);

        fn fake_quantize(isa: Isa, io: &mut Io<'_, T, T>, p: &Affine<C<T>>) = {
            T::fake_quantize(isa, io, OnSlice { p, at: 0 });
        };

        fn fake_quantize_in_place(isa: Isa, x: &mut [T], p: &Affine<C<T>>) = {
            T::fake_quantize_in_place(isa, x, OnSlice { p, at: 0 });
        };

        fn fake_quantize_per(
            isa: Isa,
            of: &Piece<'_, dyn AnyParams<C<T>> + '_>,
            src: &[T],
            dst: &mut [T],
        ) = elementwise::fake_quantize(isa, of, src, dst);

        fn fake_quantize_in_place_per(
            isa: Isa,
            of: &Piece<'_, dyn AnyParams<C<T>> + '_>,
            x: &mut [T],
        ) = elementwise::fake_quantize_in_place(isa, of, x);

        /// Finds the ranges of the slices from number `first` on; `src` is the whole tensor.
        fn min_max_per(
            isa: Isa,
            granularity: &Granularity,
            src: &[T],
            first: usize,
            dst: &mut [MinMax<C<T>>],
        ) = reduce::of_slices(isa, granularity, src, first, dst);

        /// Finds the bounds of the finite elements of the slices from number `first` on; `src` is the whole tensor.
        #[cfg(feature = "alloc")]
        fn finite_per(
            isa: Isa,
            granularity: &Granularity,
            src: &[T],
            first: usize,
            dst: &mut [Finite<C<T>>],
        ) = reduce::of_slices(isa, granularity, src, first, dst);

        /// Returns the sums over the slices `slices`, at least one; `src` is the whole tensor.
        fn error_sums_per(
            isa: Isa,
            granularity: &Granularity,
            src: &[T],
            slices: Range<usize>,
            params: &(dyn AnyParams<C<T>> + '_),
        ) -> Sums = reduce::error_sums(isa, granularity, src, slices, params);

        /// Returns the place of the first NaN or infinity in a whole tensor.
        fn first_not_finite(granularity: &Granularity, src: &[T]) -> Option<usize> =
            reduce::first_not_finite(granularity, src);

        /// Adds finite elements to the bins of a histogram.
        #[cfg(feature = "alloc")]
        fn count(src: &[T], bins: &mut Bins) = bins.count(src);
    } };
}

/// Passes the operations on codes alone to a macro.
macro_rules! of_codes {
    ($then:ident $($given:tt)*) => { $then! { { $($given)* }
        fn requantize(isa: Isa, io: &mut Io<'_, i32, Q>, p: &Rescale) = {
            Q::requantize(isa, io, OnSlice { p, at: 0 });
        };

        fn requantize_per(
            isa: Isa,
            of: &Piece<'_, dyn AnyMultipliers + '_>,
            src: &[i32],
            dst: &mut [Q],
        ) = elementwise::requantize(isa, of, src, dst);

        fn sum(isa: Isa, src: &[Q]) -> i64 = Q::sum(isa, src, 0, src.len() * Q::PER_ELEMENT);

        /// Computes the sums of the slices from number `first` on; `src` is the whole tensor.
        fn sum_per(
            isa: Isa,
            granularity: &Granularity,
            src: &[Q],
            first: usize,
            sums: &mut [i64],
        ) = reduce::sum(isa, granularity, src, first, sums);
    } };
}

macro_rules! declare {
    (
        { $(#[$doc:meta])* $Trait:ident<$($G:ident: $Bound:ident),+> }
        $(
            $(#[$note:meta])*
            fn $name:ident($($arg:ident: $Arg:ty),* $(,)?) $(-> $Ret:ty)? = $body:expr;
        )+
    ) => {
        $(#[$doc])*
        pub trait $Trait<$($G: $Bound),+> {
            $(
                $(#[$note])*
                fn $name($($arg: $Arg),*) $(-> $Ret)?;
            )+
        }
    };
}

of_pairs!(declare
    /// The operations on numbers `T` and codes `Q`. Callers have checked all lengths.
    Operations<T: Real, Q: Code>);
of_reals!(declare
    /// The operations that depend on no code type.
    RealOperations<T: Real>);
of_codes!(declare
    /// The operations that involve codes alone.
    CodeOperations<Q: Code>);

macro_rules! implement {
    (
        { $Trait:ident for $($G:ident = $Type:ty),+; $family:ident }
        $(
            $(#[$note:meta])*
            fn $name:ident($($arg:ident: $Arg:ty),* $(,)?) $(-> $Ret:ty)? = $body:expr;
        )+
    ) => {
        const _: () = {
            #[allow(unused_imports, reason = "not all operations differ for packed codes")]
            use $family as family;
            $(type $G = $Type;)+
            impl $Trait<$($G),+> for implement!(@pair $Trait) {
                $(
                    $(#[$note])*
                    #[inline(never)]
                    fn $name($($arg: $Arg),*) $(-> $Ret)? {
                        $body
                    }
                )+
            }
        };
    };
    (@pair Operations) => { Compiled<T, Q> };
    (@pair RealOperations) => { Compiled<T, ()> };
    (@pair CodeOperations) => { Compiled<(), Q> };
}

/// Implements the operations of a real type with every code type: the one list of pairs.
macro_rules! reals {
    ($($(#[$cfg:meta])* $T:ty;)+) => {$(
        $(#[$cfg])*
        const _: () = {
            of_reals!(implement RealOperations for T = $T; elementwise);
            of_pairs!(implement Operations for T = $T, Q = i8; elementwise);
            of_pairs!(implement Operations for T = $T, Q = u8; elementwise);
            of_pairs!(implement Operations for T = $T, Q = i16; elementwise);
            of_pairs!(implement Operations for T = $T, Q = u16; elementwise);
            of_pairs!(implement Operations for T = $T, Q = i32; elementwise);
            of_pairs!(implement Operations for T = $T, Q = I4x2; packed);
            of_pairs!(implement Operations for T = $T, Q = U4x2; packed);
            of_pairs!(implement Operations for T = $T, Q = I2x4; packed);
            of_pairs!(implement Operations for T = $T, Q = U2x4; packed);
        };
    )+};
}

reals! {
    f32;
    #[cfg(feature = "f64")]
    f64;
    #[cfg(feature = "half")]
    half::f16;
    #[cfg(feature = "half")]
    half::bf16;
}

macro_rules! codes {
    ($($Q:ty),+) => {$(
        of_codes!(implement CodeOperations for Q = $Q; elementwise);
    )+};
}

codes!(i8, u8, i16, u16, i32, I4x2, U4x2, I2x4, U2x4);
