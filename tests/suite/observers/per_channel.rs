use proptest::prelude::any;
use zeropoint::observer::{HistogramObserver, MinMaxObserver, PerChannelMinMaxObserver};
use zeropoint::{Error, Granularity};

use super::{any_data, histogram_of};
use crate::common::floats::Float;
use crate::common::{for_random, same};

fn of_columns<T: Float>(columns: usize, src: &[T]) -> PerChannelMinMaxObserver<T> {
    let mut observer = PerChannelMinMaxObserver::new();
    let shape = [src.len() / columns, columns];
    observer.observe(Granularity::channel(&shape, 1).unwrap(), src).unwrap();
    observer
}

/// Merges the states as bytes, two neighbours at a time, until one is left; `turns` says which two, and in which order.
fn merged<S>(mut states: Vec<S>, mut turns: u64, merge: impl Fn(&S, &S) -> S) -> S {
    while states.len() > 1 {
        let at = (turns >> 1) as usize % (states.len() - 1);
        let (a, b) = (states.remove(at), states.remove(at));
        states.insert(at, if turns & 1 == 0 { merge(&a, &b) } else { merge(&b, &a) });
        turns = turns.rotate_right(7) ^ 0x9e37_79b9;
    }
    states.remove(0)
}

/// Cuts the rows at places that `cuts` chooses.
fn parts<T>(src: &[T], columns: usize, cuts: [usize; 4]) -> Vec<&[T]> {
    let rows = src.len() / columns;
    let mut ends: Vec<usize> = cuts.iter().map(|at| at % (rows + 1)).collect();
    ends.extend([0, rows]);
    ends.sort_unstable();
    ends.windows(2).map(|w| &src[w[0] * columns..w[1] * columns]).collect()
}

fn any_partition_and_any_tree_lead_to_the_same_bytes<T: Float>() {
    let input = (any_data::<T>(), 1..9_usize, any::<[usize; 4]>(), any::<u64>());
    for_random(300, input, |(src, columns, cuts, turns)| {
        let src = &src[..src.len() / columns * columns];
        let parts = parts(src, columns, cuts);
        let states = parts.iter().map(|part| of_columns(columns, part).to_bytes()).collect();
        let state = merged(states, turns, |a, b| {
            let mut a = PerChannelMinMaxObserver::<T>::from_bytes(a).unwrap();
            a.merge(&PerChannelMinMaxObserver::from_bytes(b).unwrap()).unwrap();
            a.to_bytes()
        });
        same("columns", &state, &of_columns(columns, src).to_bytes())?;
        let states = parts.iter().map(|part| histogram_of(part).to_bytes()).collect();
        let state = merged(states, turns, |a, b| {
            let mut a = HistogramObserver::<T>::from_bytes(a).unwrap();
            a.merge(&HistogramObserver::from_bytes(b).unwrap());
            a.to_bytes()
        });
        same("histogram", &state, &histogram_of(src).to_bytes())
    });
}

#[test]
fn any_partition_and_any_tree_lead_to_the_same_bytes_f32() {
    any_partition_and_any_tree_lead_to_the_same_bytes::<f32>();
}

#[test]
fn any_partition_and_any_tree_lead_to_the_same_bytes_f64() {
    any_partition_and_any_tree_lead_to_the_same_bytes::<f64>();
}

/// The axis is any of three; NaN and infinities are among the data.
fn each_channel_is_as_if_alone<T: Float>() {
    let input = (any_data::<T>(), 1..6_usize, 1..6_usize, 0..3_usize);
    for_random(300, input, |(src, inner, middle, axis)| {
        let shape = [src.len() / (inner * middle), middle, inner];
        let src = &src[..shape.iter().product()];
        let mut observer = PerChannelMinMaxObserver::new();
        observer.observe(Granularity::channel(&shape, axis).unwrap(), src).unwrap();
        let behind: usize = shape[axis + 1..].iter().product();
        let alone: Vec<MinMaxObserver<T>> = (0..if src.is_empty() { 0 } else { shape[axis] })
            .map(|channel| {
                let of_it = |i: &usize| i / behind % shape[axis] == channel;
                let x: Vec<T> = (0..src.len()).filter(of_it).map(|i| src[i]).collect();
                let mut alone = MinMaxObserver::new();
                alone.observe(&x);
                alone
            })
            .collect();
        same("channels", observer.observers(), &alone[..])
    });
}

#[test]
fn each_channel_is_as_if_alone_f32() {
    each_channel_is_as_if_alone::<f32>();
}

#[test]
fn each_channel_is_as_if_alone_f64() {
    each_channel_is_as_if_alone::<f64>();
}

#[test]
fn other_numbers_of_slices_are_refused() {
    let mut observer = of_columns(2, &[1.0_f32, 2.0]);
    let before = observer.clone();
    let error = observer.merge(&of_columns(3, &[0.0, 9.0, 9.0])).unwrap_err();
    assert_eq!(error.to_string(), "the observer has 2 slices, the data have 3");
    let columns = |n| Granularity::channel(&[1, n], 1).unwrap();
    let error = observer.observe(columns(3), &[0.0_f32, 9.0, 9.0]).unwrap_err();
    assert_eq!(error.to_string(), "the observer has 2 slices, the data have 3");
    let error = observer.observe(columns(2), &[9.0_f32]).unwrap_err();
    assert!(matches!(error, Error::ShapeMismatch { shape: 2, len: 1, .. }));
    // An empty shape may have more slices than there is memory for.
    let none = Granularity::channel(&[0, 1 << 40], 1).unwrap();
    observer.observe::<f32>(none, &[]).unwrap();
    let gaps = Granularity::row(3, 0).unwrap().with_pitch(2, 2).unwrap();
    observer.observe(gaps, &[9.0_f32; 5]).unwrap();
    let mut new = PerChannelMinMaxObserver::new();
    new.observe(gaps, &[9.0_f32; 5]).unwrap();
    assert_eq!(new, PerChannelMinMaxObserver::<f32>::new());
    observer.merge(&PerChannelMinMaxObserver::new()).unwrap();
    assert_eq!(observer, before);
    let far = Granularity::channel(&[1 << 40], 0).unwrap();
    assert!(PerChannelMinMaxObserver::new().observe(far, &[1.0_f32]).is_err());
}

/// The form is for files: it never changes under this version.
#[test]
fn the_bytes_are_these() {
    let empty = PerChannelMinMaxObserver::<f64>::new().to_bytes();
    assert_eq!(empty, [&b"zpob\x01\x04\x08\0"[..], &[0; 8]].concat());
    let state = of_columns(2, &[-0.0_f32, f32::NAN, 1.5, f32::INFINITY]).to_bytes();
    let first = [&[0; 8][..], &[0; 8], &1.5_f64.to_le_bytes()].concat();
    let none = [f64::INFINITY.to_le_bytes(), f64::NEG_INFINITY.to_le_bytes()].concat();
    let prefix = [&b"zpob\x01\x04\x04\0\x02"[..], &[0; 7]].concat();
    assert_eq!(state, [&prefix[..], &first, &[2, 0, 0, 0, 0, 0, 0, 0], &none].concat());
}

#[test]
fn other_bytes_are_refused() {
    type Observer = PerChannelMinMaxObserver<f32>;
    let refused = |bytes: &[u8]| match Observer::from_bytes(bytes) {
        Err(Error::InvalidState { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let state = of_columns(2, &[-1.0_f32, 2.0, 1.5, 3.0]).to_bytes();
    let changed = |at: usize, new: &[u8]| {
        let mut state = state.clone();
        state[at..at + new.len()].copy_from_slice(new);
        refused(&state)
    };
    assert_eq!(refused(&state[..15]), "fewer than 16 bytes");
    assert_eq!(changed(0, b"Z"), "no state of an observer");
    assert_eq!(changed(4, &[2]), "the state has another version");
    assert_eq!(changed(5, &[1]), "the state is another observer's");
    assert_eq!(changed(6, &[8]), "the state has another type of computation");
    let bounds = "min is above max, or one of them is not finite";
    assert_eq!(changed(24, &9.0_f64.to_le_bytes()), bounds);
    let unknown = "no data lead to this state";
    for at in 16..state.len() {
        assert_eq!(refused(&state[..at]), unknown, "{at} bytes");
    }
    assert_eq!(refused(&[&state[..], &[0]].concat()), unknown);
    assert_eq!(changed(7, &[1]), unknown);
    for slices in [0, 1, 3, u64::MAX] {
        assert_eq!(changed(8, &slices.to_le_bytes()), unknown);
    }
    // No data lead to a bound that is no f32, nor to a channel without elements.
    assert_eq!(changed(24, &(-1.000_000_001_f64).to_le_bytes()), unknown);
    let none = [f64::INFINITY.to_le_bytes(), f64::NEG_INFINITY.to_le_bytes()].concat();
    assert_eq!(changed(24, &none), unknown);
}

fn counts_lead_back<T: Float>() {
    for_random(60, (any_data::<T>(), any::<usize>()), |(src, at)| {
        let (a, b) = src.split_at(at % (src.len() + 1));
        let (a, b) = (histogram_of(a), histogram_of(b));
        let sums: Vec<u64> = a.counts().iter().zip(b.counts()).map(|(a, b)| a + b).collect();
        let mut bounds = MinMaxObserver::from_parts(a.bounds().seen(), a.bounds().not_finite());
        bounds.as_mut().unwrap().merge(&b.bounds());
        let summed = HistogramObserver::from_counts(bounds.unwrap(), &sums).unwrap();
        same("bytes", summed.to_bytes(), histogram_of(&src).to_bytes())
    });
}

#[test]
fn counts_lead_back_f32() {
    assert_eq!(HistogramObserver::<f32>::BINS, 65_279);
    counts_lead_back::<f32>();
}

#[test]
fn counts_lead_back_f64() {
    assert_eq!(HistogramObserver::<f64>::BINS, 524_031);
    counts_lead_back::<f64>();
}

#[test]
fn wrong_counts_are_refused() {
    let observer = histogram_of(&[-1.0_f32, 0.0, 1536.0]);
    let (bounds, mut counts) = (observer.bounds(), observer.counts());
    let zeros = counts.len() / 2;
    assert_eq!((counts[zeros], counts[zeros - 16256], counts.iter().sum::<u64>()), (1, 1, 3));
    let error = HistogramObserver::from_counts(bounds, &counts[1..]).unwrap_err();
    assert_eq!(error.to_string(), "the histogram has 65279 bins, not 65278");
    counts[zeros + 20_000] = 1;
    let error = HistogramObserver::from_counts(bounds, &counts).unwrap_err();
    assert!(matches!(error, Error::InvalidState { .. }));
    let refused = [(1.0, 0.5), (f32::NAN, 1.0), (0.0, f32::INFINITY), (f32::INFINITY, 1.0)];
    for (min, max) in refused {
        let seen = zeropoint::MinMax { min, max, has_nan: false };
        assert!(MinMaxObserver::from_parts(seen, 0).is_err());
    }
}

/// The lengths are shared inside of a pool; slices are columns, many rows, or few rows that threads share.
#[cfg(feature = "rayon")]
#[test]
fn threads_change_nothing() {
    let number = |i: usize| match i.wrapping_mul(0x9e37_79b9) >> 9 & 0xffff {
        0 => f32::NAN,
        1 => f32::INFINITY,
        n => n as f32 - 30_000.0,
    };
    let src: Vec<f32> = (0..600_000).map(number).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    for shape in [[6000, 100], [100, 6000], [3, 200_000], [200_000, 3], [1, 600_000]] {
        for axis in [0, 1] {
            let channels = Granularity::channel(&shape, axis).unwrap();
            let observed = || {
                let mut observer = PerChannelMinMaxObserver::<f32>::new();
                observer.observe(channels, &src).unwrap();
                observer.to_bytes()
            };
            assert!(pool.install(observed) == observed(), "{shape:?}, axis {axis}");
        }
    }
}
