//! The operations of the list, each with everyone who does it.
#![expect(clippy::extra_unused_type_parameters, reason = "the list names an input and an output")]

use std::sync::Arc;

use zeropoint::{
    Backend, Code, Compute, Granularity, MinMax, Multipliers, Params, ParamsMut, QParams, Range,
    Real, Requantize, Scheme, ZeroPoints, ZeroPointsMut,
};

use super::lineup::{Lineup, Use, call};
use super::variant::Variant;
use super::{Datum, Prepared, Written};
use crate::rivals;

/// The message of a panic that cannot happen: these buffers have nothing that the crate refuses.
pub(super) const FINE: &str = "lengths are equal and numbers finite";

fn real<T: Real>(x: f32) -> T
where
    T::Compute: From<f32>,
{
    T::narrow(x.into())
}

pub(super) fn params<T: Compute + From<f32>, Q: Code>(scheme: Scheme) -> QParams<T, Q> {
    let range = Range::new(T::from(-3.0), T::from(5.0)).expect(FINE);
    scheme.params(range).expect(FINE)
}

/// Parameters that differ from slice to slice.
fn slices_params<T: Compute + From<f32>, Q: Code>(g: &Granularity) -> Arc<[QParams<T, Q>]> {
    let half = (Q::MAX.min(255) - Q::MIN.max(-255)) / 2;
    let made = |i: usize| {
        let scale = (4 + i % 9) as f32 * 0.5 / half as f32;
        QParams::new(scale.into(), Q::MIN.max(-255) + half * 3 / 4 + i as i32 % 3).expect(FINE)
    };
    (0..g.slices()).map(made).collect()
}

/// Returns the parameters as two arrays, as engines hold them.
fn arrays<T: Compute, Q: Code>(p: &[QParams<T, Q>]) -> (Arc<[T]>, Arc<[i32]>) {
    (p.iter().map(QParams::scale).collect(), p.iter().map(QParams::zero_point).collect())
}

/// Returns numbers at which a quantization goes wrong first: beyond the codes, at ties, and NaN.
fn edges<T: Real, Q: Code>(p: &QParams<T::Compute, Q>) -> [Vec<T>; 2]
where
    T::Compute: From<f32>,
{
    let beyond = [1e9, -1e9, 3e38, -3e38, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-40];
    let codes = p.qmin().max(-300)..=p.qmax().min(300);
    let ties = codes.map(|q| T::Compute::from((q - p.zero_point()) as f32 + 0.5) * p.scale());
    let exact = beyond.into_iter().map(real).chain(ties.map(T::narrow));
    [exact.collect(), vec![real(f32::NAN), real(-f32::NAN)]]
}

pub(super) fn min_max<T, U>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: Datum,
    U: Datum,
{
    if !variant.is_sliced() {
        return all_min_max::<T>().at(len, Written::Some(2));
    }
    let g = variant.granularity(len);
    let slices = g.slices();
    let room = vec![MinMax::EMPTY; slices];
    let on = move |seen: &mut Vec<_>, through: Use, src: &[T], _: &mut [T::Compute]| {
        call!(per through, min_max_per(g, src, seen)).expect(FINE);
    };
    let read = |seen: &Vec<MinMax<_>>, dst: &mut [T::Compute]| {
        for (bounds, seen) in dst.chunks_exact_mut(2).zip(seen) {
            bounds.copy_from_slice(&[seen.min, seen.max]);
        }
    };
    let lineup = Lineup::backends_in_room(room, on, read).with(rivals::reads());
    lineup.at(len, Written::Some(2 * slices))
}

pub(super) fn all_min_max<T>() -> Lineup<T, T::Compute>
where
    T: Real + Datum,
    T::Compute: Datum,
{
    let on = |through: Use, src: &[T], dst: &mut [T::Compute]| {
        let MinMax { min, max, .. } = call!(through, min_max(src));
        dst.copy_from_slice(&[min, max]);
    };
    Lineup::all(on).with(rivals::reads()).with(rivals::ranges())
}

#[cfg(feature = "half")]
pub(super) fn abs_max<T, U>(len: usize, _: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: Datum,
    U: Datum,
{
    all_abs_max::<T>().at(len, Written::Some(1))
}

pub(super) fn all_abs_max<T>() -> Lineup<T, T::Compute>
where
    T: Real + Datum,
    T::Compute: Datum,
{
    let on = |through: Use, src: &[T], dst: &mut [T::Compute]| {
        dst[0] = call!(through, abs_max(src)).expect(FINE);
    };
    Lineup::all(on).with(rivals::reads()).with(rivals::abs_maxima())
}

pub(super) fn quantize<T, Q>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32> + Datum,
    Q: Code + Datum,
{
    if !variant.is_sliced() {
        // Biases have no scheme.
        let of_scheme = <Q as Code>::BITS <= 16;
        let p = if of_scheme { params(variant.scheme()) } else { numbers::<T::Compute, Q>() };
        return all_quantize::<T, Q>(p).at(len, Written::Each);
    }
    let g = variant.granularity(len);
    let p = slices_params::<T::Compute, Q>(&g);
    let edges = p.first().map(edges).unwrap_or_default();
    let (scales, zero_points) = arrays(&p);
    let on = move |through: Use, src: &[T], dst: &mut [Q]| {
        let p = Params::arrays(&scales, ZeroPoints::Integers(&zero_points));
        call!(per through, quantize_per(g, src, p, dst)).expect(FINE);
    };
    let rivals = rivals::quantizes_rows(&p, variant.row(len));
    let lineup = Lineup::backends(on).with(rivals::moves()).with(rivals);
    lineup.edges(edges).at(len, Written::Each)
}

pub(super) fn all_quantize<T, Q>(p: QParams<T::Compute, Q>) -> Lineup<T, Q>
where
    T: Real + Datum,
    T::Compute: From<f32> + Datum,
    Q: Code + Datum,
{
    let on = move |through: Use, src: &[T], dst: &mut [Q]| {
        call!(through, quantize(src, &p, dst)).expect(FINE);
    };
    Lineup::all(on).with(rivals::moves()).with(rivals::quantizes(&p)).edges(edges(&p))
}

pub(super) fn dequantize<Q, T>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32> + Datum,
    Q: Code + Datum,
{
    if !variant.is_sliced() {
        return all_dequantize::<Q, T>(numbers()).at(len, Written::Each);
    }
    let g = variant.granularity(len);
    let p = slices_params::<T::Compute, Q>(&g);
    let (scales, zero_points) = arrays(&p);
    let blocks = match variant {
        Variant::BlocksWithoutZero(n) if n == rivals::BLOCK => rivals::dequantizes_blocks(&scales),
        _ => Vec::new(),
    };
    let on = move |through: Use, src: &[Q], dst: &mut [T]| {
        let zero_points = match variant {
            Variant::BlocksWithoutZero(_) => ZeroPoints::Zero,
            _ => ZeroPoints::Integers(&zero_points),
        };
        let p = Params::arrays(&scales, zero_points);
        call!(per through, dequantize_per(g, src, p, dst)).expect(FINE);
    };
    Lineup::backends(on).with(rivals::moves()).with(blocks).at(len, Written::Each)
}

/// Parameters for any codes.
pub(super) fn numbers<T: Compute + From<f32>, Q: Code>() -> QParams<T, Q> {
    QParams::new((8.0 / 255.0_f32).into(), Q::MAX.min(96)).expect(FINE)
}

pub(super) fn all_dequantize<Q, T>(p: QParams<T::Compute, Q>) -> Lineup<Q, T>
where
    T: Real + Datum,
    T::Compute: Datum,
    Q: Code + Datum,
{
    let on = move |through: Use, src: &[Q], dst: &mut [T]| {
        call!(through, dequantize(src, &p, dst)).expect(FINE);
    };
    Lineup::all(on).with(rivals::moves()).with(rivals::dequantizes(&p))
}

pub(super) fn fake_quantize<T, U>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32> + Datum,
    U: Datum,
{
    if !variant.is_sliced() {
        let p = params::<T::Compute, u8>(variant.scheme());
        let on = move |through: Use, src: &[T], dst: &mut [T]| {
            call!(through, fake_quantize(src, &p, dst)).expect(FINE);
        };
        let lineup = Lineup::all(on).with(rivals::moves()).with(rivals::fake_quantizes(&p));
        return lineup.edges(edges(&p)).at(len, Written::Each);
    }
    let g = variant.granularity(len);
    let p = slices_params::<T::Compute, u8>(&g);
    let edges = p.first().map(edges).unwrap_or_default();
    let on = move |through: Use, src: &[T], dst: &mut [T]| {
        call!(per through, fake_quantize_per(g, src, &p[..], dst)).expect(FINE);
    };
    Lineup::backends(on).with(rivals::moves()).edges(edges).at(len, Written::Each)
}

pub(super) fn quantize_dynamic<T, Q>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32>,
    Q: Code + Datum,
{
    let scheme = variant.scheme();
    if !variant.is_sliced() {
        return all_quantize_dynamic::<T, Q>(scheme).at(len, Written::Each);
    }
    let g = variant.granularity(len);
    let room = (vec![real::<T::Compute>(0.0); g.slices()], vec![0_i32; g.slices()]);
    let on = move |(scales, zero_points): &mut (Vec<_>, Vec<_>),
                   through: Use,
                   src: &[T],
                   dst: &mut [Q]| {
        let zero_points = match variant {
            Variant::Blocks(_) => ZeroPointsMut::Omitted,
            _ => ZeroPointsMut::Integers(zero_points),
        };
        let params = ParamsMut::arrays(scales, zero_points);
        call!(per through, quantize_dynamic_per(g, src, scheme, params, dst)).expect(FINE);
    };
    let rivals = variant.row(len).map_or_else(Vec::new, rivals::quantizes_dynamic);
    Lineup::backends_in_room(room, on, |_, _| ())
        .with(rivals::moves())
        .with(rivals)
        .at(len, Written::Each)
}

pub(super) fn all_quantize_dynamic<T, Q>(scheme: Scheme) -> Lineup<T, Q>
where
    T: Real + Datum,
    Q: Code + Datum,
{
    let on = move |through: Use, src: &[T], dst: &mut [Q]| {
        call!(through, quantize_dynamic(src, scheme, dst)).expect(FINE);
    };
    // The parameters of whole tensors are asymmetric, as those of rows are.
    Lineup::all(on).with(rivals::reads_then_moves()).with(rivals::quantizes_dynamic(usize::MAX))
}

pub(super) fn quantization_error<T, Q>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32>,
    Q: Code + Datum,
{
    if !variant.is_sliced() {
        let p = params::<T::Compute, Q>(variant.scheme());
        return all_quantization_error::<T, Q>(p).at(len, Written::Some(2));
    }
    let g = variant.granularity(len);
    let p = slices_params::<T::Compute, Q>(&g);
    let on = move |through: Use, src: &[T], dst: &mut [f64]| {
        let error = call!(per through, quantization_error_per(g, src, &p[..])).expect(FINE);
        dst.copy_from_slice(&[error.sum_squared_error(), error.max_abs()]);
    };
    Lineup::backends(on).with(rivals::reads()).at(len, Written::Some(2))
}

pub(super) fn all_quantization_error<T, Q>(p: QParams<T::Compute, Q>) -> Lineup<T, f64>
where
    T: Real + Datum,
    Q: Code + Datum,
{
    let on = move |through: Use, src: &[T], dst: &mut [f64]| {
        let error = call!(through, quantization_error(src, &p)).expect(FINE);
        dst.copy_from_slice(&[error.sum_squared_error(), error.max_abs()]);
    };
    Lineup::all(on).with(rivals::reads())
}

pub(super) fn requantize<A, Q: Code + Datum>(len: usize, variant: Variant) -> Box<dyn Prepared> {
    // Of accumulators, most of which become a code of 8 bits.
    let real = |i: usize| (0.9 + i as f64 % 5.0 / 50.0) * 2.0_f64.powi(-24);
    let (g, z) = (variant.granularity(len), Q::MAX.min(96));
    let made = |i| Requantize::<Q>::fixed_from_real(real(i), z).expect(FINE);
    let is_fixed = matches!(variant, Variant::Fixed | Variant::FixedColumns);
    let factors: Arc<[_]> = (0..g.slices()).map(|i| real(i) as f32).collect();
    // Rivals are written for the floats of a tensor or of columns.
    let is_rivaled = matches!(variant, Variant::Tensor | Variant::Columns);
    let rivals = rivals::requantizes(if is_rivaled { &factors[..] } else { &[] }, z);
    if !variant.is_sliced() {
        let r = if is_fixed { made(0) } else { Requantize::float(factors[0], z).expect(FINE) };
        let on = move |through: Use, src: &[i32], dst: &mut [Q]| {
            call!(through, requantize(src, &r, dst)).expect(FINE);
        };
        let lineup = Lineup::all(on).with(rivals::moves()).with(rivals);
        return lineup.at(len, Written::Each);
    }
    let fixed = (0..g.slices()).map(|i| made(i).multiplier_and_shift().expect(FINE));
    let (fixed, shifts): (Vec<_>, Vec<_>) = fixed.unzip();
    let (fixed, shifts): (Arc<[_]>, Arc<[_]>) = (fixed.into(), shifts.into());
    let on = move |through: Use, src: &[i32], dst: &mut [Q]| {
        let z = ZeroPoints::All(z);
        let r = if is_fixed {
            Multipliers::fixed(&fixed, &shifts, z)
        } else {
            Multipliers::floats(&factors, z)
        };
        call!(per through, requantize_per(g, src, r, dst)).expect(FINE);
    };
    Lineup::backends(on).with(rivals::moves()).with(rivals).at(len, Written::Each)
}

pub(super) fn quantize_with_sums<T, Q>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Real + Datum,
    T::Compute: From<f32> + Datum,
    Q: Code + Datum,
{
    let g = variant.granularity(len);
    let p = slices_params::<T::Compute, Q>(&g);
    let rivals = rivals::quantizes_with_sums(&p, variant.row(len));
    let room = vec![0; g.slices()];
    let on = move |sums: &mut Vec<_>, through: Use, src: &[T], dst: &mut [Q]| {
        call!(per through, quantize_with_sums(g, src, &p[..], dst, sums)).expect(FINE);
    };
    let lineup = Lineup::backends_in_room(room, on, |_, _| ());
    lineup.with(rivals::moves()).with(rivals).at(len, Written::Each)
}

pub(super) fn sum<Q: Code + Datum, U>(len: usize, variant: Variant) -> Box<dyn Prepared> {
    let g = variant.granularity(len);
    let on = move |through: Use, src: &[Q], dst: &mut [i64]| {
        call!(per through, sum_per(g, src, dst)).expect(FINE);
    };
    let lineup = Lineup::backends(on).with(rivals::reads()).with(rivals::sums(variant.row(len)));
    lineup.at(len, Written::Some(g.slices()))
}
