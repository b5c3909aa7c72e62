//! The counts of a histogram: those of Rust, and a state again after an all-reduce.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ptr::null_mut;

use half::{bf16, f16};
use zeropoint::capi::{CClip, CObserverKind, Observer, Status, Type};
use zeropoint::observer::HistogramObserver;
use zeropoint::{Compute, ComputedIn, Real};

use crate::common::abi::{call, type_of};
use crate::observer::{Owned, from_bytes, made};
use crate::others::last_message;

const OK: Status = Status(0);
const BEFORE: u64 = 7 << 60;
const F32_BINS: usize = 65_279;
const F64_BINS: usize = 524_031;

fn histogram(of: Type) -> Owned {
    made(CObserverKind::HISTOGRAM, of, 0.0).unwrap()
}

/// Asks for `n` counts. A call that fails has written none.
fn counts(observer: &Owned, n: usize) -> Result<Vec<u64>, Status> {
    let mut counts = vec![BEFORE; n];
    let status = call!("zp_observer_counts", observer.0.cast_const() => *const Observer,
        counts.as_mut_ptr() => *mut u64, n => usize);
    assert!(status == OK || counts.iter().all(|count| *count == BEFORE));
    if status == OK { Ok(counts) } else { Err(status) }
}

/// Numbers of both signs and of many octaves, zeros, subnormal numbers, and what is not finite.
fn data() -> Vec<f64> {
    let x = |i: i32| f64::from(i % 23 - 11) * 1.37_f64.powi(i % 300 - 150);
    let rest = [0.0, -0.0, 1e-40, -1e-40, 3e38, -3e38, f64::NAN, f64::INFINITY];
    (0..4000).map(x).chain(rest).collect()
}

#[test]
fn counts_are_those_of_rust() {
    fn check<X>(src: &[X], bins: usize)
    where
        X: Real + ComputedIn<X::Compute>,
        X::Compute: Compute,
    {
        let observer = histogram(type_of::<X>());
        assert!(counts(&observer, bins) == Ok(vec![0; bins]), "no elements have counts");
        let mut expected = HistogramObserver::<X::Compute>::new();
        for part in src.chunks(1500) {
            assert_eq!(observer.observe(part, type_of::<X>()), OK);
            expected.observe(part);
            assert!(counts(&observer, bins) == Ok(expected.counts()));
        }
        assert!(expected.counts().iter().filter(|count| **count > 0).count() > 100);
    }
    let src: Vec<f32> = data().into_iter().map(|x| x as f32).collect();
    check(&src, F32_BINS);
    check(&src.iter().map(|x| f16::from_f32(*x)).collect::<Vec<_>>(), F32_BINS);
    check(&src.iter().map(|x| bf16::from_f32(*x)).collect::<Vec<_>>(), F32_BINS);
    check(&data(), F64_BINS);
}

#[test]
fn bins_are_in_the_order_of_their_numbers() {
    let observer = histogram(Type::F32);
    let src = [-f32::MAX, -1.0, -0.0, 0.0, 1e-45, 1.0, 1.0, f32::MAX, f32::INFINITY];
    assert_eq!(observer.observe(&src, Type::F32), OK);
    let counts = counts(&observer, F32_BINS).unwrap();
    let found: Vec<(usize, u64)> =
        counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
    let (zero, one) = (F32_BINS / 2, 127 << 7);
    assert_eq!(found, [(0, 1), (zero - one, 1), (zero, 3), (zero + one, 2), (F32_BINS - 1, 1)]);
}

/// Returns the fields of a state before its bins: the number of NaNs and infinities, min and max.
fn bounds(state: &[u8]) -> (u64, f64, f64) {
    let field = |at: usize| u64::from_le_bytes(state[at..at + 8].try_into().unwrap());
    (field(8), f64::from_bits(field(16)), f64::from_bits(field(24)))
}

/// Adds counts and bounds as an all-reduce does, and makes a state of them as the header says.
fn state_of(parts: &[Owned], bins: usize) -> Vec<u8> {
    let mut sums = vec![0; bins];
    let (mut not_finite, mut min, mut max) = (0, f64::INFINITY, f64::NEG_INFINITY);
    for part in parts {
        let counts = counts(part, bins).unwrap();
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        let (other, least, greatest) = bounds(&part.to_bytes());
        (not_finite, min, max) = (not_finite + other, min.min(least), max.max(greatest));
    }
    let mut state = parts[0].to_bytes()[..8].to_vec();
    state.extend(not_finite.to_le_bytes());
    state.extend([min, max].map(f64::to_le_bytes).concat());
    for (i, sum) in sums.into_iter().enumerate().filter(|(_, sum)| *sum > 0) {
        state.extend((i as i32 - (bins / 2) as i32).to_le_bytes());
        state.extend(sum.to_le_bytes());
    }
    state
}

#[test]
fn sums_are_the_state_of_all_data() {
    fn check<X: Copy>(src: &[X], bins: usize) {
        let of = type_of::<X>();
        // The last part has no elements.
        for parts in [1, 2, 3, 7] {
            let whole = histogram(of);
            let parts: Vec<Owned> = (0..=parts)
                .map(|i| {
                    let part: Vec<X> =
                        src.iter().skip(i).step_by(parts).copied().filter(|_| i < parts).collect();
                    let observer = histogram(of);
                    assert_eq!(observer.observe(&part, of), OK);
                    assert_eq!(whole.observe(&part, of), OK);
                    observer
                })
                .collect();
            let again = from_bytes(&state_of(&parts, bins)).unwrap();
            assert!(again.to_bytes() == whole.to_bytes());
            assert!(counts(&again, bins) == counts(&whole, bins));
            for (clip, percentile) in [
                (CClip::NONE, 0.0),
                (CClip::PERCENTILE, 99.0),
                (CClip::LEAST_ERROR, 0.0),
                (CClip::ENTROPY, 0.0),
            ] {
                let params = again.params(clip, percentile, Type::I8);
                assert_eq!(params, whole.params(clip, percentile, Type::I8));
                assert!(params.is_ok());
            }
        }
    }
    let finite: Vec<f64> = data().into_iter().filter(|x| x.is_finite()).collect();
    check(&finite, F64_BINS);
    check(&finite.iter().map(|x| *x as f32).collect::<Vec<_>>(), F32_BINS);
}

#[test]
fn no_element_and_nan_are_reduced_too() {
    let parts = [histogram(Type::F32), histogram(Type::F32)];
    assert_eq!(state_of(&parts, F32_BINS), parts[0].to_bytes());
    assert_eq!(parts[1].observe(&[f32::NAN, 2.0, f32::INFINITY], Type::F32), OK);
    let again = from_bytes(&state_of(&parts, F32_BINS)).unwrap();
    assert_eq!(again.to_bytes(), parts[1].to_bytes());
    assert_eq!(again.params(CClip::NONE, 0.0, Type::I8), Err(Status(21)));
}

#[test]
fn mistakes_have_a_status() {
    let f32s = histogram(Type::F32);
    assert_eq!(f32s.observe(&[1.0_f32, -3.0], Type::F32), OK);
    let before = f32s.to_bytes();
    for n in [0, 1, F32_BINS - 1, F32_BINS + 1, F64_BINS] {
        assert_eq!(counts(&f32s, n), Err(Status(51)));
        let message = format!("the histogram has 65279 bins, not {n}");
        assert_eq!(last_message(), message);
    }
    assert_eq!(counts(&histogram(Type::F64), F32_BINS), Err(Status(51)));
    assert_eq!(last_message(), "the histogram has 524031 bins, not 65279");
    for kind in [CObserverKind::MIN_MAX, CObserverKind::MOVING_AVERAGE, CObserverKind::MIN_MAX_PER]
    {
        for of in [Type::F32, Type::F64] {
            let other = made(kind, of, 0.5).unwrap();
            assert_eq!(counts(&other, F32_BINS), Err(Status(12)));
            assert_eq!(last_message(), "the observer has no histogram, so it has no counts");
            assert_eq!(counts(&other, 0), Err(Status(12)));
        }
    }
    let mut room = vec![BEFORE; F32_BINS + 1];
    let start = room.as_mut_ptr();
    for (observer, counts, n, status) in [
        (null_mut(), start, F32_BINS, 1),
        (null_mut(), null_mut(), 0, 1),
        (f32s.0, null_mut(), F32_BINS, 1),
        (f32s.0, null_mut(), 0, 51),
        (f32s.0, start.wrapping_byte_add(1), F32_BINS, 2),
        (f32s.0, null_mut(), F64_BINS, 51),
        (f32s.0, start, usize::MAX, 51),
    ] {
        let given = call!("zp_observer_counts", observer.cast_const() => *const Observer,
            counts => *mut u64, n => usize);
        assert_eq!(given, Status(status));
    }
    assert!(room.iter().all(|count| *count == BEFORE) && f32s.to_bytes() == before);
}
