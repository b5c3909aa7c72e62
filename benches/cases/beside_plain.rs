//! Operations of the list beside the loops and the kernels that one would write instead.
#![expect(clippy::extra_unused_type_parameters, reason = "the list names an input and an output")]

use zeropoint::{Compute, Range, Scheme};

use super::operations::{
    FINE, all_abs_max, all_dequantize, all_min_max, all_quantization_error, all_quantize,
    all_quantize_dynamic, numbers, params,
};
use super::variant::Variant;
use super::{Datum, Grade, Prepared, Written};
use crate::rivals::{self, Cast, Plain};

pub(super) fn min_max_beside_plain<T: Compute + Datum + Plain, U>(
    len: usize,
    _: Variant,
) -> Box<dyn Prepared> {
    let lineup = all_min_max::<T>().plain(Grade::Exact, T::min_max);
    lineup.at(len, Written::Some(2))
}

/// Returns the case of min/max, with rten among the contenders.
pub(super) fn min_max_beside_crate<T, U>(len: usize, _: Variant) -> Box<dyn Prepared> {
    let lineup = all_min_max::<f32>().plain(Grade::Exact, f32::min_max);
    lineup.with(rivals::crates_min_max()).at(len, Written::Some(2))
}

pub(super) fn abs_max_beside_plain<T: Compute + Datum + Plain, U>(
    len: usize,
    _: Variant,
) -> Box<dyn Prepared> {
    all_abs_max::<T>().plain(Grade::Exact, T::abs_max).at(len, Written::Some(1))
}

pub(super) fn quantize_beside_plain<T, Q>(len: usize, variant: Variant) -> Box<dyn Prepared>
where
    T: Compute + Datum + Plain + From<f32>,
    Q: Cast<T> + Datum,
{
    let p = params::<T, Q>(variant.scheme());
    let plain = move |src: &[T], dst: &mut [Q]| T::quantize(src, &p, dst);
    all_quantize(p).plain(Grade::Exact, plain).at(len, Written::Each)
}

/// Returns the case of quantization, with rten among the contenders for `u8`, its only codes.
pub(super) fn quantize_beside_crate<T, U>(len: usize, variant: Variant) -> Box<dyn Prepared> {
    let p = params::<f32, u8>(variant.scheme());
    let plain = move |src: &[f32], dst: &mut [u8]| f32::quantize(src, &p, dst);
    let lineup = all_quantize(p).plain(Grade::Exact, plain).with(rivals::crates_quantize(p));
    lineup.at(len, Written::Each)
}

pub(super) fn dequantize_beside_plain<Q, T>(len: usize, _: Variant) -> Box<dyn Prepared>
where
    T: Compute + Datum + Plain + From<f32>,
    Q: Cast<T> + Datum,
{
    let p = numbers::<T, Q>();
    let plain = move |src: &[Q], dst: &mut [T]| T::dequantize(src, &p, dst);
    all_dequantize(p).plain(Grade::Exact, plain).at(len, Written::Each)
}

pub(super) fn quantize_dynamic_beside_plain<T, Q>(len: usize, _: Variant) -> Box<dyn Prepared>
where
    T: Compute + Datum + Plain,
    Q: Cast<T> + Datum,
{
    let scheme = Scheme::asymmetric();
    let plain = move |src: &[T], dst: &mut [Q]| {
        let mut bounds = [src[0]; 2];
        T::min_max(src, &mut bounds);
        let range = Range::new(bounds[0], bounds[1]).expect(FINE);
        let p = scheme.params(range).expect(FINE);
        T::quantize(src, &p, dst);
    };
    all_quantize_dynamic(scheme).plain(Grade::Exact, plain).at(len, Written::Each)
}

pub(super) fn quantization_error_beside_plain<T, Q>(
    len: usize,
    variant: Variant,
) -> Box<dyn Prepared>
where
    T: Compute + Datum + Plain + From<f32>,
    Q: Cast<T> + Datum,
{
    let p = params::<T, Q>(variant.scheme());
    let plain = move |src: &[T], dst: &mut [f64]| T::error(src, &p, dst);
    // Sums of another order.
    let lineup = all_quantization_error(p).plain(Grade::Within(1e-9), plain);
    lineup.at(len, Written::Some(2))
}
