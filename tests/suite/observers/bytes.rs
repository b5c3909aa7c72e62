use proptest::prelude::any;
use zeropoint::Error;
use zeropoint::observer::{HistogramObserver, MinMaxObserver, MovingAverageObserver};

use super::{any_data, histogram_of};
use crate::common::floats::Float;
use crate::common::{for_random, same};

fn shards_merge_to_the_same_bytes<T: Float>() {
    for_random(200, (any_data::<T>(), any::<usize>()), |(src, at)| {
        let (a, b) = src.split_at(at % (src.len() + 1));
        let (mut range, mut average) =
            (MinMaxObserver::new(), MovingAverageObserver::new(T::of(0.25)).unwrap());
        range.observe(&src);
        let whole = histogram_of(&src).to_bytes();
        let (mut ranges, mut merged) = (MinMaxObserver::<T>::new(), HistogramObserver::<T>::new());
        for shard in [b, a] {
            let mut of_shard = MinMaxObserver::new();
            of_shard.observe(shard);
            ranges.merge(&MinMaxObserver::from_bytes(&of_shard.to_bytes()).unwrap());
            let histogram = histogram_of(shard).to_bytes();
            merged.merge(&HistogramObserver::from_bytes(&histogram).unwrap());
            average.observe(shard);
        }
        same("histogram", merged.to_bytes(), whole)?;
        same("range", ranges.to_bytes(), range.to_bytes())?;
        let read = MovingAverageObserver::from_bytes(&average.to_bytes()).unwrap();
        same("average", read, average)
    });
}

#[test]
fn shards_merge_to_the_same_bytes_f32() {
    shards_merge_to_the_same_bytes::<f32>();
}

#[test]
fn shards_merge_to_the_same_bytes_f64() {
    shards_merge_to_the_same_bytes::<f64>();
}

/// The form is for files: it never changes under this version.
#[test]
fn the_bytes_are_these() {
    let mut range = MinMaxObserver::new();
    let empty = [
        &b"zpob\x01\x01\x08\0"[..],
        &[0; 8],
        &f64::INFINITY.to_le_bytes(),
        &f64::NEG_INFINITY.to_le_bytes(),
    ];
    assert_eq!(range.to_bytes(), empty.concat());
    range.observe(&[f64::NAN, 1.5, -0.0]);
    let state = [&b"zpob\x01\x01\x08\0\x01"[..], &[0; 7], &[0; 8], &1.5_f64.to_le_bytes()];
    assert_eq!(range.to_bytes(), state.concat());

    let bounds = [&[0; 8][..], &(-1.0_f64).to_le_bytes(), &1536.0_f64.to_le_bytes()].concat();
    let mut average = MovingAverageObserver::new(0.5_f32).unwrap();
    average.observe(&[-1.0_f32, 1536.0]);
    let state = [&b"zpob\x01\x02\x04\0"[..], &bounds, &0.5_f64.to_le_bytes()];
    assert_eq!(average.to_bytes(), state.concat());
    let mut state = [&b"zpob\x01\x03\x04\0"[..], &bounds].concat();
    for (bin, count) in [(-16256_i32, 1_u64), (0, 2), (17600, 1)] {
        state.extend(bin.to_le_bytes());
        state.extend(count.to_le_bytes());
    }
    assert_eq!(histogram_of(&[-1.0_f32, 0.0, 0.0, 1536.0]).to_bytes(), state);
}

#[test]
fn other_bytes_are_refused() {
    let refused = |bytes: &[u8]| match HistogramObserver::<f32>::from_bytes(bytes) {
        Err(Error::InvalidState { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let state = histogram_of(&[-1.0_f32, 0.0, 0.0, 1536.0]).to_bytes();
    assert_eq!(refused(&state[..31]), "fewer than 32 bytes");
    let changed = |at: usize, new: &[u8]| {
        let mut state = state.clone();
        state[at..at + new.len()].copy_from_slice(new);
        refused(&state)
    };
    assert_eq!(changed(0, b"Z"), "no state of an observer");
    assert_eq!(changed(4, &[2]), "the state has another version");
    assert_eq!(changed(5, &[1]), "the state is another observer's");
    assert_eq!(changed(6, &[8]), "the state has another type of computation");
    for bounds in [(1.0, 0.5), (f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::NEG_INFINITY, 1.0)] {
        let bytes = [bounds.0.to_le_bytes(), bounds.1.to_le_bytes()].concat();
        assert_eq!(changed(16, &bytes), "min is above max, or one of them is not finite");
    }
    let unknown = "no data lead to this state";
    // A reserved byte, a bound outside its bin, one that is no float, a bin out of order, one beyond all floats, an empty one.
    assert_eq!(changed(7, &[1]), unknown);
    assert_eq!(changed(24, &1.0_f64.to_le_bytes()), unknown);
    assert_eq!(changed(24, &1_536.000_000_1_f64.to_le_bytes()), unknown);
    assert_eq!(changed(32, &17_i32.to_le_bytes()), unknown);
    assert_eq!(changed(32, &i32::MIN.to_le_bytes()), unknown);
    assert_eq!(changed(48, &[0; 8]), unknown);
    assert_eq!(refused(&[&state[..], &[0]].concat()), unknown);
    // −0 is not a bound.
    let mut zeros = histogram_of(&[0.0_f32]).to_bytes();
    zeros[23] = 0x80;
    assert_eq!(refused(&zeros), unknown);
}
