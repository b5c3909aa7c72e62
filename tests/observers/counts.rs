use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any};
use zeropoint::observer::{HistogramObserver, MinMaxObserver};
use zeropoint::{Error, Range};

use super::common::floats::{Float, edges};
use super::common::{for_random, same};
use super::{any_data, finite_data, histogram_of};

/// Bins by twice their middle's distance in widths, from the definition: the exponent by trial.
fn by_definition<T: Float>(src: &[T]) -> (f64, BTreeMap<i64, u64>) {
    let finite = || src.iter().map(|x| x.as_f64()).filter(|x| x.is_finite());
    let greatest = finite().fold(0.0, |m: f64, x| m.max(x.abs()));
    let mut width = T::LEAST_NORMAL.as_f64();
    while greatest / 2048.0 >= width {
        width *= 2.0;
    }
    let mut bins = BTreeMap::new();
    for x in finite() {
        let halves = 2 * (x.abs() / width).floor() as i64 + 1;
        let key = if x == 0.0 { 0 } else { halves * x.signum() as i64 };
        *bins.entry(key).or_default() += 1;
    }
    (width, bins)
}

fn counted<T: Float>(observer: &HistogramObserver<T>) -> (f64, BTreeMap<i64, u64>) {
    let width = observer.bin_width().as_f64();
    let key = |middle: T| (middle.as_f64() / width * 2.0) as i64;
    (width, observer.bins().map(|(middle, count)| (key(middle), count)).collect())
}

fn counts_are_those_of_the_definition<T: Float>() {
    for_random(500, any_data::<T>(), |src| {
        same("bins", counted(&histogram_of(&src)), by_definition(&src))
    });
    let src: Vec<T> = edges::<T>();
    assert_eq!(counted(&histogram_of(&src)), by_definition(&src));
    // Each alone, where the exponent is its own.
    for x in edges::<T>() {
        assert_eq!(counted(&histogram_of(&[x])), by_definition(&[x]), "{x:?}");
    }
}

#[test]
fn counts_are_those_of_the_definition_f32() {
    counts_are_those_of_the_definition::<f32>();
}

#[test]
fn counts_are_those_of_the_definition_f64() {
    counts_are_those_of_the_definition::<f64>();
}

/// Any order, split into any pieces, given to any of some observers, merged in either direction.
fn order_split_and_merge_do_not_matter<T: Float>() {
    let deals = proptest::collection::vec((any::<u32>(), 0..4_usize), 1..40);
    for_random(300, (any_data::<T>(), deals, any::<bool>()), |(src, deals, backwards)| {
        let (whole, mut range) = (histogram_of(&src), MinMaxObserver::new());
        range.observe(&src);

        let mut shuffled = src.clone();
        for (i, (at, _)) in deals.iter().enumerate().filter(|_| !src.is_empty()) {
            shuffled.swap(i % src.len(), *at as usize % src.len());
        }
        let mut observers = vec![(HistogramObserver::new(), MinMaxObserver::new()); 4];
        for (piece, (_, to)) in shuffled.chunks(17).zip(deals.iter().cycle()) {
            observers[*to].0.observe(piece);
            observers[*to].1.observe(piece);
        }
        if backwards {
            observers.reverse();
        }
        let (mut merged, mut merged_range) = observers.pop().unwrap();
        for (histogram, range) in &observers {
            merged.merge(histogram);
            merged_range.merge(range);
        }
        same("histogram", merged == whole, true)?;
        same("min and max", merged_range, range)
    });
}

#[test]
fn order_split_and_merge_do_not_matter_f32() {
    order_split_and_merge_do_not_matter::<f32>();
}

#[test]
fn order_split_and_merge_do_not_matter_f64() {
    order_split_and_merge_do_not_matter::<f64>();
}

#[test]
fn long_slices_are_counted_whole() {
    for len in [255, 256, 257, 4095, 4096, 4097, 10_000] {
        let src: Vec<f32> = (0..len).map(|i| i as f32 - 3000.0).collect();
        assert_eq!(counted(&histogram_of(&src)), by_definition(&src), "{len}");
    }
}

#[test]
fn outgrown_bins_are_merged_in_pairs() {
    let mut observer = histogram_of(&[0.25_f32, 0.75, -0.25, 1000.0]);
    assert_eq!(observer.bin_width(), 0.5);
    assert_eq!(observer.bins().next(), Some((-0.25, 1)));
    observer.observe(&[1024.0_f32]);
    assert_eq!(observer.bin_width(), 1.0);
    let expected = [(-0.5, 1), (0.5, 2), (1000.5, 1), (1024.5, 1)];
    assert!(observer.bins().eq(expected));
}

#[test]
fn bins_are_closed_towards_zero() {
    let observer = histogram_of(&[-1.0_f32, 1.0, 0.0, -0.0, f32::from_bits(1), 2047.0]);
    assert_eq!(observer.bin_width(), 1.0);
    let expected = [(-1.5, 1), (0.0, 2), (0.5, 1), (1.5, 1), (2047.5, 1)];
    assert!(observer.bins().eq(expected));
}

#[test]
fn the_type_s_greatest_numbers_have_bins() {
    let observer = histogram_of(&[f32::MAX, -f32::MAX]);
    let middle = 2047.5 * observer.bin_width();
    assert!(middle.is_finite() && observer.bins().eq([(-middle, 1), (middle, 1)]));
    let observer = histogram_of(&[1e300_f64, f64::MAX]);
    assert!(observer.bins().all(|(middle, count)| middle.is_finite() && count == 1));
}

fn nan_and_infinity_are_refused<T: Float>() {
    for bad in T::nans().into_iter().chain([T::INF, T::INF.negated()]) {
        let mut src = vec![T::of(1.5); 5000];
        src[4321] = bad;
        let observer = histogram_of(&src);
        assert_eq!(observer.bins().map(|(_, count)| count).sum::<u64>(), 4999, "the others count");
        let mut range = MinMaxObserver::new();
        range.observe(&src);
        range.observe(&[T::of(2.0)]);
        let mut merged = MinMaxObserver::new();
        merged.merge(&range);
        for outcome in [range.range(), merged.range()] {
            assert!(matches!(outcome, Err(Error::NotFinite { index: None, .. })));
        }
        let mut merged = HistogramObserver::new();
        merged.merge(&observer);
        for observer in [observer, merged] {
            for clip in super::CLIPS {
                let outcome = observer.range::<i8>(zeropoint::Scheme::symmetric(), clip);
                assert!(matches!(outcome, Err(Error::NotFinite { index: None, .. })));
            }
        }
    }
}

#[test]
fn nan_and_infinity_are_refused_f32() {
    nan_and_infinity_are_refused::<f32>();
}

#[test]
fn nan_and_infinity_are_refused_f64() {
    nan_and_infinity_are_refused::<f64>();
}

#[test]
fn min_max_observes_the_range() {
    let some = finite_data::<f64>().prop_filter("not empty", |src| !src.is_empty());
    for_random(200, some, |src| {
        let mut observer = MinMaxObserver::new();
        src.chunks(7).for_each(|piece| observer.observe(piece));
        same("range", observer.range(), Range::of(&src))
    });
    assert_eq!(MinMaxObserver::<f32>::new().range(), Err(Error::Empty));
    let mut observer = MinMaxObserver::<f32>::default();
    observer.observe::<f32>(&[]);
    assert_eq!(observer.range(), Err(Error::Empty));
}
