use proptest::prelude::{Strategy, any};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};
use zeropoint::observer::{
    HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{Granularity, Scheme};

use super::{CLIPS, any_data, histogram_of};
use crate::common::floats::Float;
use crate::common::{for_random, same};

fn shards_merge_as_one<T>()
where
    T: Float + serde::Serialize + for<'de> serde::Deserialize<'de>,
{
    for_random(200, (any_data::<T>(), any::<usize>()), |(src, at)| {
        let mut range = MinMaxObserver::new();
        range.observe(&src);
        let (a, b) = src.split_at(at % (src.len() + 1));
        let (mut merged, mut merged_range) =
            (HistogramObserver::<T>::new(), MinMaxObserver::<T>::new());
        let mut average = MovingAverageObserver::new(T::of(0.25)).unwrap();
        for shard in [a, b] {
            let text = to_string(&histogram_of(shard)).unwrap();
            merged.merge(&from_str(&text).map_err(|e| format!("{text}: {e}"))?);
            let mut range = MinMaxObserver::new();
            range.observe(shard);
            merged_range.merge(&from_str(&to_string(&range).unwrap()).unwrap());
            average.observe(shard);
            same("average", from_str(&to_string(&average).unwrap()).unwrap(), average)?;
        }
        same("histogram", merged == histogram_of(&src), true)?;
        same("range", merged_range, range)
    });
}

#[test]
fn shards_merge_as_one_f32() {
    shards_merge_as_one::<f32>();
}

#[test]
fn shards_merge_as_one_f64() {
    shards_merge_as_one::<f64>();
}

#[test]
fn the_form_is_this() {
    let stored = to_value(histogram_of(&[-1.0_f32, 0.0, 0.0, 1536.0])).unwrap();
    let expected = json!({
        "version": 2, "min": -1.0, "max": 1536.0, "not_finite": 0,
        "counts": [[-16256, 1], [0, 2], [17600, 1]],
    });
    assert_eq!(stored, expected);
    // The numbers of bins: the leading 16 bits.
    assert_eq!([1.0, 1536.0].map(|x: f32| x.to_bits() >> 16), [16256, 17600]);
    let stored = to_value(histogram_of(&[-1.0_f64, 1.0])).unwrap();
    assert_eq!(stored["counts"], json!([[-130_944, 1], [130_944, 1]]));
    let mut observer = MinMaxObserver::new();
    observer.observe(&[f32::NAN, f32::INFINITY]);
    let stored = to_value(observer).unwrap();
    let no_number = json!({ "min": null, "max": null, "not_finite": 2 });
    assert_eq!(stored, no_number);
    let mut columns = PerChannelMinMaxObserver::new();
    let x = [1.0_f32, f32::NAN, 2.0, f32::INFINITY];
    columns.observe(Granularity::channel(&[2, 2], 1).unwrap(), &x).unwrap();
    let stored = to_value(&columns).unwrap();
    assert_eq!(stored, json!([{ "min": 1.0, "max": 2.0, "not_finite": 0 }, no_number]));
    assert_eq!(from_value::<PerChannelMinMaxObserver<f32>>(stored).unwrap(), columns);
    let none = json!([{ "min": null, "max": null, "not_finite": 0 }]);
    let error = from_value::<PerChannelMinMaxObserver<f32>>(none).unwrap_err();
    assert_eq!(error.to_string(), "a channel without elements");
}

/// Whatever has been read must be safe to work with.
fn use_it(mut observer: HistogramObserver<f32>) {
    observer.observe(&[3.0_f32, -1.0, 0.0]);
    let other = observer.clone();
    observer.merge(&other);
    observer.observe(&[1e30_f32]);
    for clip in CLIPS {
        let _ = observer.range::<u8>(Scheme::asymmetric(), clip);
        let _ = other.range::<i8>(Scheme::symmetric().bits(4), clip);
    }
    assert!(observer.bins().count() > 0);
}

#[test]
fn hostile_histograms_are_refused() {
    let good = to_value(histogram_of(&[-1.0_f32, 0.0, 0.0, 1536.0])).unwrap();
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        bad
    };
    use_it(from_value(good.clone()).unwrap());
    let bad = [
        with("version", json!(1)),
        with("version", json!(3)),
        with("version", json!(null)),
        with("exponent", json!(0)),
        with("min", json!(null)),
        with("max", json!(null)),
        with("min", json!(2000.0)),
        with("min", json!(-2.5)),
        with("min", json!(0.0)),
        with("max", json!(1e39)),
        with("max", json!(1544.0)),
        with("max", json!(f32::MAX)),
        with("not_finite", json!(-1)),
        with("counts", json!([])),
        with("counts", json!([[-16256, 1], [0, 2]])),
        with("counts", json!([[-16256, 1], [0, 0], [17600, 1]])),
        with("counts", json!([[-16256, 1], [17600, 1], [0, 2]])),
        with("counts", json!([[-16256, 1], [-16256, 1], [17600, 1]])),
        with("counts", json!([[-16256, 1], [17600, 1], [17601, 1]])),
        with("counts", json!([[-16256, 1], [17600, 1], [32640, 1]])),
        with("counts", json!([[-32640, 1], [17600, 1]])),
        with("counts", json!([[i32::MIN, 1], [17600, 1]])),
        with("counts", json!([[-16256, 1], [17600, 1], [i32::MAX, 1]])),
        with("counts", json!([[-16256, -1], [17600, 1]])),
        with("counts", json!({ "-16256": 1 })),
        with("unknown", json!(0)),
        json!({ "version": 2, "min": null, "max": null, "not_finite": 0, "counts": [[0, 1]] }),
        json!({ "version": 2, "min": 0.0, "max": 0.0, "not_finite": 0, "counts": [] }),
        json!({ "exponent": 0, "min": -1.0, "max": 1.0, "not_finite": 0, "counts": [[-2, 1], [2, 1]] }),
        to_value(histogram_of(&[1.0_f64])).unwrap(),
        json!({}),
        json!(null),
    ];
    for bad in bad {
        assert!(from_value::<HistogramObserver<f32>>(bad.clone()).is_err(), "{bad}");
    }
    let empty = json!({ "version": 2, "min": null, "max": null, "not_finite": 0, "counts": [] });
    let empty = from_value::<HistogramObserver<f32>>(empty).unwrap();
    assert!(empty == HistogramObserver::new());
}

#[test]
fn hostile_ranges_are_refused() {
    for bad in [
        json!({ "min": 1.0, "max": 0.5, "not_finite": 0 }),
        json!({ "min": 1.0, "max": null, "not_finite": 0 }),
        json!({ "min": null, "max": 1.0, "not_finite": 0 }),
        json!({ "min": -1e39, "max": 1.0, "not_finite": 0 }),
        json!({ "min": 0.0, "max": 1.0 }),
    ] {
        assert!(from_value::<MinMaxObserver<f32>>(bad.clone()).is_err(), "{bad}");
        let mut average = bad.clone();
        average["constant"] = json!(0.5);
        assert!(from_value::<MovingAverageObserver<f32>>(average).is_err(), "{bad}");
    }
    for constant in [json!(0.0), json!(-1.0), json!(1.5), json!(null)] {
        let bad = json!({ "constant": constant, "min": 0.0, "max": 1.0, "not_finite": 0 });
        assert!(from_value::<MovingAverageObserver<f32>>(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn counts_saturate() {
    let most = u64::MAX;
    let stored = json!({
        "version": 2, "min": -1.0, "max": 1536.0, "not_finite": most,
        "counts": [[-16256, most], [-16255, most], [-1, most], [0, most], [1, most], [17600, most]],
    });
    use_it(from_value(stored.clone()).unwrap());
    let mut finite = stored;
    finite["not_finite"] = json!(0);
    let observer: HistogramObserver<f32> = from_value(finite).unwrap();
    use_it(observer.clone());
    let mut more = observer.clone();
    more.merge(&observer);
    assert!(more.bins().all(|(_, count)| count == most));
}

/// A histogram with some of its numbers changed: refused, or as good as any.
#[test]
fn changed_histograms_do_no_harm() {
    let number = proptest::prelude::prop_oneof![
        (-33_000..33_000_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        proptest::prelude::Just(Value::Null),
    ];
    let change = (0..8_usize, any::<u16>(), 0..2_usize, number);
    let changes = proptest::collection::vec(change, 1..4);
    for_random(300, (any_data::<f32>(), changes), |(src, changes)| {
        let mut stored = to_value(histogram_of(&src)).unwrap();
        for (field, at, part, number) in changes {
            let counts = stored["counts"].as_array().map_or(0, Vec::len);
            match field {
                0 => stored["version"] = number,
                1 => stored["min"] = number,
                2 => stored["max"] = number,
                3 => stored["not_finite"] = number,
                _ if counts > 0 => stored["counts"][at as usize % counts][part] = number,
                _ => {}
            }
        }
        if let Ok(observer) = from_value::<HistogramObserver<f32>>(stored) {
            use_it(observer);
        }
        Ok(())
    });
}
