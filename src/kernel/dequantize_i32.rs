//! Dequantize accumulators: `x̂ = T(q − Z) ⊗ S`, with q of 32 bits.
//!
//! `q − Z` may not fit 32 bits. It is computed in `f64`, in which q, Z and their difference, an integer of 33 bits, are
//! exact; the conversion to T rounds once, as for an integer. If Z is 0, q is converted, which rounds once, too.

use core::marker::PhantomData;

use super::operation::{Operation, Place};
use super::table::Table;
use crate::element::Real;
use crate::params::Affine;
use crate::simd::{Elements, FloatOps, I32Ops};

/// Computes `dst[i] = dequantize(src[i])`, from codes of 32 bits. Without `SHIFT`, every Z is 0.
pub(crate) struct DequantizeI32<T, const SHIFT: bool>(PhantomData<T>);

/// A register of the type that `T` is computed in.
type V<S, T> = <S as FloatOps<<T as Real>::Compute>>::V;

impl<S, T, const SHIFT: bool> Operation<S> for DequantizeI32<T, SHIFT>
where
    S: Elements<T> + FloatOps<f64> + I32Ops,
    T: Real,
{
    type Src = i32;
    type In = S::I32;
    type Dst = T;
    type Out = [V<S, T>; 4];
    type Parameter = Affine<T::Compute>;
    /// The zero points Z, in `f64`, and the scales S of a step.
    type Params = ([<S as FloatOps<f64>>::V; 4], [V<S, T>; 4]);
    type Limits = ();
    type Begun = [V<S, T>; 4];

    #[inline(always)]
    fn params<const N: usize>(
        s: S,
        table: &Table<T::Compute, N>,
        at: [impl Place<S>; 4],
    ) -> Self::Params {
        let mut z = [FloatOps::<f64>::splat(s, 0.0); 4];
        let mut scale = [Place::floats::<T::Compute, N>(at[0], s, &table.scale); 4];
        for group in 0..4 {
            z[group] = FloatOps::<f64>::i32_to_real(s, at[group].ints(s, &table.zero_point));
            scale[group] = Place::floats::<T::Compute, N>(at[group], s, &table.scale);
        }
        (z, scale)
    }

    #[inline(always)]
    fn limits<const N: usize>(_: S, _: &Table<T::Compute, N>, _: [impl Place<S>; 4]) {}

    #[inline(always)]
    fn begin(s: S, q: [S::I32; 4], (z, scale): &Self::Params) -> [V<S, T>; 4] {
        let mut x = *scale;
        for group in 0..4 {
            x[group] = if SHIFT {
                let exact = FloatOps::<f64>::i32_to_real(s, q[group]);
                FloatOps::<T::Compute>::f64_to_real(s, FloatOps::<f64>::sub(s, exact, z[group]))
            } else {
                FloatOps::<T::Compute>::i32_to_real(s, q[group])
            };
        }
        x
    }

    #[inline(always)]
    fn finish(s: S, mut x: [V<S, T>; 4], (_, scale): &Self::Params, (): &()) -> [V<S, T>; 4] {
        for group in 0..4 {
            x[group] = FloatOps::<T::Compute>::mul(s, x[group], scale[group]);
        }
        x
    }
}
