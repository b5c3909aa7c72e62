use proptest::prelude::{Strategy, any};
use zeropoint::observer::{HistogramObserver, MinMaxObserver};
use zeropoint::{Error, Range};

use super::{any_data, finite_data, histogram_of};
use crate::common::floats::{Float, edges};
use crate::common::{for_random, same};

/// The middle of the bin that a number is in: its octave by trial.
fn middle_of<T: Float>(x: f64) -> f64 {
    let mut octave = T::LEAST_NORMAL.as_f64();
    while x.abs() >= 2.0 * octave {
        octave *= 2.0;
    }
    // Subnormal numbers are divided as the octave beyond them is. The bin next to 0 is on both sides.
    let width = octave / 128.0;
    let inner = (x.abs() / width).floor();
    if inner == 0.0 { 0.0 } else { ((inner + 0.5) * width).copysign(x) }
}

/// Middles and counts, ascending.
fn by_definition<T: Float>(src: &[T]) -> Vec<(f64, u64)> {
    let finite = src.iter().map(|x| x.as_f64()).filter(|x| x.is_finite());
    let mut middles: Vec<f64> = finite.map(middle_of::<T>).collect();
    middles.sort_by(f64::total_cmp);
    middles.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect()
}

fn counted<T: Float>(observer: &HistogramObserver<T>) -> Vec<(f64, u64)> {
    observer.bins().map(|(middle, count)| (middle.as_f64(), count)).collect()
}

fn counts_are_those_of_the_definition<T: Float>() {
    for_random(500, any_data::<T>(), |src| {
        same("bins", counted(&histogram_of(&src)), by_definition(&src))
    });
    let src: Vec<T> = edges::<T>();
    assert_eq!(counted(&histogram_of(&src)), by_definition(&src));
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
fn bins_are_closed_towards_zero() {
    let below = |x: f32| f32::from_bits(x.to_bits() - 1);
    let src = [-2.0_f32, below(2.0), 1.0, below(1.0 + 1.0 / 128.0), 0.0, -0.0, f32::MAX, -f32::MAX];
    let expected = [
        (-f32::from_bits(0x7f7f_8000), 1),
        (-2.0 - 1.0 / 128.0, 1),
        (0.0, 2),
        (1.0 + 1.0 / 256.0, 2),
        (2.0 - 1.0 / 256.0, 1),
        (f32::from_bits(0x7f7f_8000), 1),
    ];
    assert!(histogram_of(&src).bins().eq(expected));
    // Next to 0: subnormal numbers of either sign, up to an edge.
    let edge = f32::from_bits(1 << 16);
    let observer = histogram_of(&[below(edge), -below(edge), f32::from_bits(1), edge, -edge]);
    let middle = 1.5 * edge;
    assert!(observer.bins().eq([(-middle, 1), (0.0, 3), (middle, 1)]));
}

/// The documentation says so: a program can tell how much memory it needs.
#[test]
fn no_bin_is_wider_than_a_part_of_its_numbers() {
    for_random(300, any_data::<f64>(), |src| {
        for x in src.into_iter().filter(|x| x.is_finite() && x.abs() >= f64::MIN_POSITIVE) {
            let middle = histogram_of(&[x]).bins().next().map(|bin| bin.0);
            let distance = middle.map(|middle| (middle - x).abs());
            same(&format!("{x:e}"), distance <= Some(x.abs() / 256.0), true)?;
        }
        Ok(())
    });
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

#[cfg(feature = "half")]
#[test]
fn sixteen_bits_are_counted_as_what_they_widen_to() {
    fn same_as_f32<X: zeropoint::Real<Compute = f32> + Into<f32>>(of_bits: fn(u16) -> X) {
        let src: Vec<X> = (0..=u16::MAX).map(of_bits).collect();
        let widened: Vec<f32> = src.iter().map(|&x| x.into()).collect();
        let mut observers = (HistogramObserver::new(), MinMaxObserver::new());
        observers.0.observe(&src);
        observers.1.observe(&src);
        let mut range = MinMaxObserver::new();
        range.observe(&widened);
        assert!(observers.0 == histogram_of(&widened) && observers.1 == range);
    }
    same_as_f32(half::f16::from_bits);
    same_as_f32(half::bf16::from_bits);
}
