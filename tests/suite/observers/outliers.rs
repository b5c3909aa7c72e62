//! Tests of each choice on data with outliers, and of percentiles beside the sorted data.

use proptest::prelude::any;
use zeropoint::observer::Clip;
use zeropoint::{QParams, Range, Scheme};

use super::{finite_data, histogram_of, uniform};
use crate::common::floats::Float;
use crate::common::{for_random, same};

const PERCENTILES: [f64; 5] = [50.0, 99.0, 99.9, 99.99, 99.999];

/// A million normal numbers of standard deviation 0.25.
fn normal() -> Vec<f32> {
    let mut uniform = uniform();
    let mut normal = || (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
    (0..1_000_000).map(|_| (0.25 * normal()) as f32).collect()
}

/// These with two of 2600, and with one of 10⁵.
fn with_outliers() -> [Vec<f32>; 3] {
    let clean = normal();
    let (mut two, mut one) = (clean.clone(), clean.clone());
    (two[1000], two[777_777], one[5000]) = (2600.0, 2600.0, 1e5);
    [clean, two, one]
}

/// The signal to noise ratio in decibels of the data without outliers.
fn sqnr_of_the_rest(src: &[f32], scheme: Scheme, range: Range<f32>) -> f64 {
    let rest: Vec<f32> = src.iter().copied().filter(|x| x.abs() < 100.0).collect();
    let p: QParams<f32, i8> = scheme.params(range).unwrap();
    zeropoint::quantization_error(&rest, &p).unwrap().sqnr_db()
}

/// Not below the number of this rank, and above it by at most 2⁻⁷ of it. (Or by the bins next to 0.)
fn is_end_for<T: Float>(end: f64, exact: f64) -> bool {
    let next_to_0 = T::LEAST_NORMAL.as_f64() / 64.0;
    exact <= end + next_to_0 && end <= exact + exact / 128.0 + next_to_0
}

/// The greatest number of elements that may be beyond a range.
fn dropped(percentile: f64, len: usize) -> usize {
    len - (percentile * len as f64 / 100.0).ceil() as usize
}

fn check_percentiles<T: Float>(src: &[T]) -> Result<(), String> {
    let (observer, whole) = (histogram_of(src), Range::of(src).unwrap());
    let (least, greatest) = (whole.min().as_f64(), whole.max().as_f64());
    let mut sorted: Vec<f64> = src.iter().map(|x| x.as_f64()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut magnitudes: Vec<f64> = sorted.iter().map(|x| x.abs()).collect();
    magnitudes.sort_by(f64::total_cmp);
    for percentile in PERCENTILES {
        let dropped = dropped(percentile, src.len());
        let exact = magnitudes[src.len() - 1 - dropped];
        let range = observer.range::<i8>(Scheme::symmetric(), Clip::Percentile(percentile));
        let range = range.map_err(|error| error.to_string())?;
        let end = range.max().as_f64().max(-range.min().as_f64());
        let what = format!("{percentile}: {range:?}, the data's are {exact:e}");
        same(&what, is_end_for::<T>(end, exact), true)?;

        // The range of an asymmetric scheme keeps 0, as far as the data go there.
        let range = observer.range::<u8>(Scheme::asymmetric(), Clip::Percentile(percentile));
        let range = range.map_err(|error| error.to_string())?;
        let lower = sorted[dropped / 2].min(least.max(0.0));
        let upper = sorted[src.len() - 1 - dropped / 2].max(greatest.min(0.0));
        let (low, high) = (range.min().as_f64(), range.max().as_f64());
        let end = |end: f64, exact: f64, negative: bool| {
            if (exact < 0.0) == negative {
                is_end_for::<T>(end.abs(), exact.abs())
            } else {
                is_end_for::<T>(exact.abs(), end.abs()) || is_end_for::<T>(end.abs(), exact.abs())
            }
        };
        let what = format!("{percentile}: {range:?}, the data's are {lower:e} and {upper:e}");
        same(&what, end(low, lower, true) && end(high, upper, false), true)?;
    }
    Ok(())
}

#[test]
fn percentiles_are_those_of_the_sorted_data() {
    for src in with_outliers() {
        check_percentiles(&src).unwrap();
        check_percentiles(&src.iter().map(|x| x.abs()).collect::<Vec<_>>()).unwrap();
        check_percentiles(&src.iter().map(|x| f64::from(*x) * 1e-200).collect::<Vec<_>>()).unwrap();
    }
    let mut uniform = uniform();
    let orders: Vec<f32> = (0..100_000)
        .map(|i| 10_f64.powf(30.0 * uniform() - 15.0) as f32 * if i % 3 == 0 { -1.0 } else { 1.0 })
        .collect();
    check_percentiles(&orders).unwrap();
    let subnormal: Vec<f32> = (0..10_000).map(|i| f32::from_bits(i * 800)).collect();
    check_percentiles(&subnormal).unwrap();
    check_percentiles(&[0.7_f32; 1000]).unwrap();
    check_percentiles(&[0.0_f32, -0.0]).unwrap();
    check_percentiles(&[-3.0_f64]).unwrap();
}

#[test]
fn percentiles_of_any_data_are_those_of_the_sorted() {
    for_random(300, finite_data::<f32>(), |src| {
        if src.is_empty() { Ok(()) } else { check_percentiles(&src) }
    });
    for_random(300, (finite_data::<f64>(), any::<bool>()), |(src, positive)| {
        let src: Vec<f64> = src.iter().map(|x| if positive { x.abs() } else { *x }).collect();
        if src.is_empty() { Ok(()) } else { check_percentiles(&src) }
    });
}

/// The SQNR with the best range of all, for the data without outliers.
fn best(src: &[f32], scheme: Scheme) -> f64 {
    let cut_at = |t: f32| sqnr_of_the_rest(src, scheme, Range::new(-t, t).unwrap());
    (15..=60).map(|i| cut_at(0.02 * i as f32)).fold(0.0, f64::max)
}

#[test]
fn entropy_and_percentiles_are_for_the_rest() {
    let data = with_outliers();
    for (bits, loss) in [(8, 1.2), (4, 1.2)] {
        for scheme in [Scheme::symmetric().bits(bits), Scheme::asymmetric().bits(bits)] {
            let best = best(&data[0], scheme);
            for src in &data {
                let of = |clip| {
                    let range = observer_range(src, scheme, clip);
                    (range, sqnr_of_the_rest(src, scheme, range))
                };
                let (range, found) = of(Clip::Entropy);
                assert!(found >= best - loss, "{bits} bits: {range:?} has {found} of {best} dB");
                // With 99.99 per cent, at 8 bits; at 4, with less.
                let (range, found) = of(Clip::Percentile(if bits == 8 { 99.99 } else { 99.0 }));
                assert!(found >= best - 0.3, "{bits} bits: {range:?} has {found} of {best} dB");
            }
        }
    }
}

fn observer_range(src: &[f32], scheme: Scheme, clip: Clip) -> Range<f32> {
    histogram_of(src).range::<i8>(scheme, clip).unwrap()
}

/// By its definition: clipping two of 2600 has a greater error than all the others have as zeros.
#[test]
fn least_error_follows_outliers() {
    let [clean, two, one] = with_outliers();
    for scheme in [Scheme::symmetric(), Scheme::asymmetric(), Scheme::symmetric().bits(4)] {
        let mse = |src: &[f32], range: Range<f32>| {
            let p: QParams<f32, i8> = scheme.params(range).unwrap();
            zeropoint::quantization_error(src, &p).unwrap().mse()
        };
        for (src, most) in [(&clean, 1.2), (&two, 2600.0), (&one, 1e5)] {
            let chosen = observer_range(src, scheme, Clip::LeastError);
            let least = (1..=40)
                .map(|i| most * i as f32 / 40.0)
                .chain([0.6, 0.8, 1.0, 1.2, 2.0, 10.0])
                .map(|t| mse(src, Range::new(-t, t).unwrap()))
                .fold(f64::INFINITY, f64::min);
            let found = mse(src, chosen);
            assert!(found <= 1.001 * least, "{chosen:?} has {found}, {least} is possible");
            assert!(chosen.max() <= most && chosen.max() > 0.45 * most, "{chosen:?}");
        }
    }
}
