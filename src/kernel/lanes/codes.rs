//! Quantize to 8 and to 16 bits, and dequantize, each column with parameters of its own.

use core::marker::PhantomData;

use super::super::table::DivideEach;
use super::{Affines, RowOperation, RowStep};
use crate::element::{Code, Compute, Real};
use crate::simd::{Codes, Elements, Floats, Stored, Words};

/// `dst[i] = quantize(src[i])`, to codes of 8 bits, by the division `D`
pub(crate) struct QuantizeRows<T, Q, D>(PhantomData<(T, Q, D)>);

/// The same to codes of 16 bits.
pub(crate) struct QuantizeWideRows<T, Q, D>(PhantomData<(T, Q, D)>);

/// The parameters of a step's columns.
#[derive(Clone, Copy)]
pub(crate) struct ParamsOfStep<I, D> {
    pub(super) divide: [D; 4],
    /// `qmin − Z`
    pub(super) least: [I; 4],
    /// `qmax − Z`
    pub(super) most: [I; 4],
    zero_point: [I; 4],
}

#[inline(always)]
pub(super) fn params_of_step<S, T, D>(
    s: S,
    columns: &Affines<T::Compute>,
    at: [usize; 4],
) -> ParamsOfStep<S::I32, D>
where
    S: Elements<T>,
    T: Real,
    D: DivideEach<S, T::Compute>,
{
    let table = &columns.table;
    let mut params = ParamsOfStep {
        divide: [D::of_lanes(s, table, at[0]); 4],
        least: [s.i32_splat(0); 4],
        most: [s.i32_splat(0); 4],
        zero_point: [s.i32_splat(0); 4],
    };
    for group in 0..4 {
        let at = at[group];
        let z = s.i32_load(&table.zero_point[at..]);
        params.divide[group] = D::of_lanes(s, table, at);
        params.least[group] = s.i32_sub(s.i32_load(&table.qmin[at..]), z);
        params.most[group] = s.i32_sub(s.i32_load(&table.qmax[at..]), z);
        params.zero_point[group] = z;
    }
    params
}

/// The codes of a step, as integers.
#[inline(always)]
fn integers<S, T, D>(s: S, x: [S::V; 4], params: &ParamsOfStep<S::I32, D>) -> [S::I32; 4]
where
    S: Elements<T>,
    T: Real,
    D: DivideEach<S, T::Compute>,
{
    let mut n = [s.i32_splat(0); 4];
    for group in 0..4 {
        let divide = params.divide[group];
        n[group] = divide.round(s, divide.quotient(s, x[group]));
        n[group] = s.i32_max(n[group], params.least[group]);
        if !D::CAPPED {
            n[group] = s.i32_min(n[group], params.most[group]);
        }
        n[group] = s.i32_add(n[group], params.zero_point[group]);
    }
    n
}

/// The parameters of a step's columns, for codes of 8 bits.
#[derive(Clone, Copy)]
pub(crate) struct ParamsOfCodes<S: Codes<Q>, Q: Code, D> {
    of_step: ParamsOfStep<S::I32, D>,
    /// Z and `qmin`, where Z is added in 16 bits.
    z16: [S::I16; 2],
    least: S::Packed,
}

#[inline(always)]
fn params_of_codes<S, T, Q, D>(
    s: S,
    columns: &Affines<T::Compute>,
    at: [usize; 4],
) -> ParamsOfCodes<S, Q, D>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideEach<S, T::Compute>,
{
    let of_step = params_of_step::<S, T, D>(s, columns, at);
    let z = of_step.zero_point;
    let mut least = z;
    for group in 0..4 {
        least[group] = s.i32_load(&columns.table.qmin[at[group]..]);
    }
    let least = [s.i16_from_i32(least[0], least[1]), s.i16_from_i32(least[2], least[3])];
    ParamsOfCodes {
        of_step,
        z16: [s.i16_from_i32(z[0], z[1]), s.i16_from_i32(z[2], z[3])],
        least: s.pack(least),
    }
}

/// The codes of a step.
#[inline(always)]
fn codes<S, T, Q, D>(s: S, x: [S::V; 4], params: &ParamsOfCodes<S, Q, D>) -> S::Packed
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: DivideEach<S, T::Compute>,
{
    if !D::NARROW {
        let n = integers::<S, T, D>(s, x, &params.of_step);
        return s.pack([s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])]);
    }
    // As in `../quantize.rs`: four registers become one before they are shifted and clamped.
    let mut n = [s.i32_splat(0); 4];
    for group in 0..4 {
        let divide = params.of_step.divide[group];
        n[group] = divide.round(s, divide.quotient(s, x[group]));
    }
    let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
    for half in 0..2 {
        words[half] = s.i16_add_saturating(words[half], params.z16[half]);
    }
    s.max_code(s.pack(words), params.least)
}

#[inline(always)]
fn params_of_words<S, T, Q, D>(
    s: S,
    columns: &Affines<T::Compute>,
    at: [usize; 4],
) -> ParamsOfStep<S::I32, D>
where
    S: Elements<T> + Words<Q>,
    T: Real,
    Q: Code,
    D: DivideEach<S, T::Compute>,
{
    params_of_step::<S, T, D>(s, columns, at)
}

/// The codes of a step.
#[inline(always)]
fn words<S, T, Q, D>(s: S, x: [S::V; 4], params: &ParamsOfStep<S::I32, D>) -> S::Packed
where
    S: Elements<T> + Words<Q>,
    T: Real,
    Q: Code,
    D: DivideEach<S, T::Compute>,
{
    s.pack_words(integers::<S, T, D>(s, x, params))
}

macro_rules! quantize_rows {
    ($Operation:ident, $Codes:ident, $Params:ty, $params:ident, $codes:ident) => {
        impl<T: Real, Q: Code, D> RowOperation for $Operation<T, Q, D> {
            type Columns = Affines<T::Compute>;
            type Src = T;
            type Dst = Q;
        }

        impl<S, T, Q, D> RowStep<S> for $Operation<T, Q, D>
        where
            S: Elements<T> + $Codes<Q>,
            T: Real,
            Q: Code,
            D: DivideEach<S, T::Compute>,
        {
            type Loaded = [S::V; 4];
            type Params = $Params;
            type Result = S::Packed;

            #[inline(always)]
            fn prepare(s: S, columns: &mut Affines<T::Compute>) {
                columns.prepare::<S, D>(s);
            }
            #[inline(always)]
            fn load(s: S, src: &[T]) -> [S::V; 4] {
                Elements::<T>::load_step(s, src)
            }
            #[inline(always)]
            fn load_part(s: S, src: &[T]) -> [S::V; 4] {
                Elements::<T>::load_part(s, src, T::zeroed())
            }
            #[inline(always)]
            fn params(s: S, columns: &Affines<T::Compute>, at: [usize; 4]) -> Self::Params {
                $params::<S, T, Q, D>(s, columns, at)
            }
            #[inline(always)]
            fn apply(s: S, x: [S::V; 4], params: &Self::Params) -> S::Packed {
                $codes::<S, T, Q, D>(s, x, params)
            }
            #[inline(always)]
            fn store(s: S, q: S::Packed, dst: &mut [Q]) {
                s.store_codes(q, dst);
            }
            #[inline(always)]
            fn store_part(s: S, q: S::Packed, dst: &mut [Q]) {
                s.store_codes_part(q, dst);
            }
            #[inline(always)]
            fn stream(s: S, q: S::Packed, dst: &mut [Q]) {
                s.stream_codes(q, dst);
            }
        }
    };
}

quantize_rows!(QuantizeRows, Codes, ParamsOfCodes<S, Q, D>, params_of_codes, codes);
quantize_rows!(QuantizeWideRows, Words, ParamsOfStep<S::I32, D>, params_of_words, words);

/// `dst[i] = dequantize(src[i])`
pub(crate) struct DequantizeRows<T, Q>(PhantomData<(T, Q)>);

impl<T: Real, Q: Code> RowOperation for DequantizeRows<T, Q> {
    type Columns = Affines<T::Compute>;
    type Src = Q;
    type Dst = T;
}

impl<S: Elements<T> + Stored<Q>, T: Real, Q: Code> RowStep<S> for DequantizeRows<T, Q> {
    type Loaded = [S::I32; 4];
    type Params = ([S::I32; 4], [S::V; 4]);
    type Result = [S::V; 4];

    #[inline(always)]
    fn prepare(_: S, _: &mut Affines<T::Compute>) {}
    #[inline(always)]
    fn load(s: S, src: &[Q]) -> [S::I32; 4] {
        s.load_codes(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[Q]) -> [S::I32; 4] {
        s.load_codes_part(src)
    }
    #[inline(always)]
    fn params(s: S, columns: &Affines<T::Compute>, at: [usize; 4]) -> Self::Params {
        let mut params = ([s.i32_splat(0); 4], [s.splat(T::Compute::ZERO); 4]);
        for group in 0..4 {
            params.0[group] = s.i32_load(&columns.table.zero_point[at[group]..]);
            params.1[group] = Floats::<T::Compute>::load(s, &columns.table.scale[at[group]..]);
        }
        params
    }
    #[inline(always)]
    fn apply(s: S, q: [S::I32; 4], (zero_point, scale): &Self::Params) -> [S::V; 4] {
        let mut x = *scale;
        for group in 0..4 {
            let n = s.i32_sub(q[group], zero_point[group]);
            x[group] = s.mul(s.i32_to_real(n), scale[group]);
        }
        x
    }
    #[inline(always)]
    fn store(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::store_step(s, x, dst);
    }
    #[inline(always)]
    fn store_part(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::store_part(s, x, dst);
    }
    #[inline(always)]
    fn stream(s: S, x: [S::V; 4], dst: &mut [T]) {
        Elements::<T>::stream_step(s, x, dst);
    }
}
