//! Observers: what C gets from them is what Rust gets.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use half::{bf16, f16};
use zeropoint::capi::{CClip, CObserverKind, CParams, CScheme, Observer, Status, Type};
use zeropoint::observer::{Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver};
use zeropoint::{QParams, Scheme};

use crate::common::abi::{call, call_for};
use crate::others::last_message;

const OK: Status = Status(0);
const KINDS: [CObserverKind; 3] =
    [CObserverKind::MIN_MAX, CObserverKind::MOVING_AVERAGE, CObserverKind::HISTOGRAM];
const UNTOUCHED: CParams = CParams { scale: 7.0, zero_point: 7, qmin: 7, qmax: 7 };

/// An observer that is freed.
struct Owned(*mut Observer);

impl Drop for Owned {
    fn drop(&mut self) {
        call_for!((), "zp_observer_free", self.0 => *mut Observer);
    }
}

fn made(kind: CObserverKind, of: Type, constant: f64) -> Result<Owned, Status> {
    let mut observer = null_mut();
    let slot = &raw mut observer;
    let status = call!("zp_observer_new", kind => CObserverKind, of => Type, constant => f64,
        slot => *mut *mut Observer);
    if status == OK { Ok(Owned(observer)) } else { Err(status) }
}

impl Owned {
    fn observe<T>(&self, src: &[T], of: Type) -> Status {
        let pointer = src.as_ptr().cast();
        call!("zp_observer_observe", self.0 => *mut Observer, pointer => *const c_void, of => Type,
            src.len() => usize)
    }

    fn merge(&self, other: &Self) -> Status {
        call!("zp_observer_merge", self.0 => *mut Observer, other.0.cast_const() => *const Observer)
    }

    fn params(&self, clip: CClip, percentile: f64, dst: Type) -> Result<CParams, Status> {
        let mut params = UNTOUCHED;
        let slot = &raw mut params;
        let status = call!("zp_observer_params", self.0.cast_const() => *const Observer,
            clip => CClip, percentile => f64, CScheme::SYMMETRIC => CScheme, 0 => u32,
            dst => Type, slot => *mut CParams);
        assert!(status == OK || params == UNTOUCHED);
        if status == OK { Ok(params) } else { Err(status) }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (mut used, mut bytes) = (0, Vec::<u8>::new());
        for _ in 0..2 {
            let pointer = bytes.as_mut_ptr();
            let status = call!("zp_observer_to_bytes", self.0.cast_const() => *const Observer,
                pointer.cast() => *mut c_void, bytes.len() => usize, &raw mut used => *mut usize);
            assert_eq!(status, OK);
            bytes.resize(used, 0xA5);
        }
        bytes
    }
}

fn from_bytes(bytes: &[u8]) -> Result<Owned, Status> {
    let mut observer = null_mut();
    let slot = &raw mut observer;
    let status = call!("zp_observer_from_bytes", bytes.as_ptr().cast() => *const c_void,
        bytes.len() => usize, slot => *mut *mut Observer);
    assert_eq!(status == OK, !observer.is_null());
    if status == OK { Ok(Owned(observer)) } else { Err(status) }
}

fn in_c(p: QParams<f32, i8>) -> CParams {
    let scale = f64::from(p.scale());
    CParams { scale, zero_point: p.zero_point(), qmin: p.qmin(), qmax: p.qmax() }
}

fn data() -> (Vec<f32>, Vec<f32>) {
    let x = |i: u16| (f32::from(i) * 0.37).sin() * f32::from(i % 17);
    ((0..5000).map(x).collect(), (5000..9000).map(x).chain([40.0]).collect())
}

#[test]
fn parameters_and_states_are_those_of_rust() {
    let (a, b) = data();
    let scheme = Scheme::symmetric();
    let (mut range, mut histogram) = (MinMaxObserver::<f32>::new(), HistogramObserver::new());
    let mut average = MovingAverageObserver::new(0.25_f32).unwrap();
    for batch in [&a, &b] {
        range.observe(batch);
        histogram.observe(batch);
        average.observe(batch);
    }
    let states = [range.to_bytes(), average.to_bytes(), histogram.to_bytes()];
    let whole = [
        in_c(range.params(scheme).unwrap()),
        in_c(average.params(scheme).unwrap()),
        in_c(histogram.params(scheme, Clip::Percentile(100.0)).unwrap()),
    ];
    for (i, kind) in KINDS.into_iter().enumerate() {
        let observer = made(kind, Type::F32, 0.25).unwrap();
        assert_eq!(observer.params(CClip::NONE, 0.0, Type::I8).err(), Some(Status(20)));
        for batch in [&a, &b] {
            assert_eq!(observer.observe(batch, Type::F32), OK);
        }
        assert_eq!(observer.params(CClip::NONE, f64::NAN, Type::I8), Ok(whole[i]));
        assert_eq!(observer.to_bytes(), states[i]);
        let read = from_bytes(&states[i]).unwrap();
        assert_eq!(read.to_bytes(), states[i]);
        assert_eq!(read.params(CClip::NONE, 0.0, Type::I8), Ok(whole[i]));
        if kind != CObserverKind::MOVING_AVERAGE {
            let shards =
                [made(kind, Type::BF16, 0.0).unwrap(), made(kind, Type::F16, 0.0).unwrap()];
            assert_eq!(shards[0].observe(&b, Type::F32), OK);
            assert_eq!(shards[1].observe(&a, Type::F32), OK);
            assert_eq!(shards[0].merge(&shards[1]), OK);
            assert_eq!(shards[0].to_bytes(), states[i]);
        }
    }
    let observer = from_bytes(&states[2]).unwrap();
    for (clip, percentile, expected) in [
        (CClip::PERCENTILE, 99.0, Clip::Percentile(99.0)),
        (CClip::LEAST_ERROR, 0.0, Clip::LeastError),
        (CClip::ENTROPY, 0.0, Clip::Entropy),
    ] {
        let expected = in_c(histogram.params(scheme, expected).unwrap());
        assert_eq!(observer.params(clip, percentile, Type::I8), Ok(expected));
    }
}

#[test]
fn all_types_of_data_are_observed() {
    for kind in KINDS {
        let observer = made(kind, Type::F32, 0.5).unwrap();
        assert_eq!(observer.observe(&[f16::from_f32(-2.0)], Type::F16), OK);
        assert_eq!(observer.observe(&[bf16::from_f32(-2.0)], Type::BF16), OK);
        assert_eq!(observer.observe(&[-2.0_f32], Type::F32), OK);
        assert_eq!(
            observer.params(CClip::NONE, 0.0, Type::I8).unwrap().scale,
            (2.0_f32 / 127.0).into()
        );
        assert_eq!(observer.observe(&[1.0_f64], Type::F64), Status(10));
        assert_eq!(last_message(), "src_type = ZP_F64, which is none of ZP_F32, ZP_F16, ZP_BF16");
        let observer = made(kind, Type::F64, 0.5).unwrap();
        assert_eq!(observer.observe(&[1.0_f32], Type::F32), Status(10));
        assert_eq!(observer.observe(&[1.0_f64], Type::F64), OK);
        assert_eq!(observer.params(CClip::NONE, 0.0, Type::I8).unwrap().scale, 1.0 / 127.0);
        assert_eq!(observer.observe(&[f64::NAN], Type::F64), OK);
        assert_eq!(observer.params(CClip::NONE, 0.0, Type::I8), Err(Status(21)));
    }
}

#[test]
fn mistakes_have_a_status() {
    let code = |made: Result<Owned, Status>| made.err().map(|status| status.0);
    assert_eq!(code(made(CObserverKind(4), Type::F32, 0.0)), Some(12));
    assert_eq!(last_message(), "there is no observer of kind 4");
    assert_eq!(code(made(CObserverKind::MIN_MAX, Type::I8, 0.0)), Some(10));
    for constant in [0.0, -1.0, 1.5, f64::NAN] {
        assert_eq!(code(made(CObserverKind::MOVING_AVERAGE, Type::F32, constant)), Some(45));
    }
    assert_eq!(code(made(CObserverKind::MOVING_AVERAGE, Type::F32, 0.01)), Some(11));
    let none: *mut *mut Observer = null_mut();
    let to_nowhere = call!("zp_observer_new", CObserverKind::MIN_MAX => CObserverKind, Type::F32 => Type,
        0.0 => f64, none => *mut *mut Observer);
    assert_eq!(to_nowhere, Status(1));

    let [range, average, histogram] = KINDS.map(|kind| made(kind, Type::F32, 0.5).unwrap());
    let double = made(CObserverKind::MIN_MAX, Type::F64, 0.0).unwrap();
    for (a, b) in [(&range, &histogram), (&range, &double), (&average, &average)] {
        assert_eq!(a.merge(b), Status(if a.0 == b.0 { 3 } else { 14 }));
    }
    let other = made(CObserverKind::MOVING_AVERAGE, Type::F32, 0.5).unwrap();
    assert_eq!(average.merge(&other), Status(14));
    for (observer, other) in
        [(null_mut(), range.0), (range.0, null_mut()), (null_mut(), null_mut())]
    {
        let other = other.cast_const();
        let merged =
            call!("zp_observer_merge", observer => *mut Observer, other => *const Observer);
        assert_eq!(merged, Status(1));
    }
    for observer in [&range, &average, &histogram] {
        assert_eq!(observer.observe(&[1.0_f32], Type::F32), OK);
        assert_eq!(observer.params(CClip(4), 0.0, Type::I8), Err(Status(13)));
        assert_eq!(observer.params(CClip::NONE, 0.0, Type::F32), Err(Status(10)));
        let room = observer.to_bytes().len();
        let (mut used, mut bytes) = (0, vec![9; room - 1]);
        let pointer = bytes.as_mut_ptr().cast();
        let status = call!("zp_observer_to_bytes", observer.0.cast_const() => *const Observer,
            pointer => *mut c_void, room - 1 => usize, &raw mut used => *mut usize);
        assert_eq!((status, used, bytes), (Status(47), room, vec![9; room - 1]));
        let src: *const c_void = null();
        let observed = call!("zp_observer_observe", observer.0 => *mut Observer, src => *const c_void,
            Type::F32 => Type, 1 => usize);
        assert_eq!(observed, Status(1));
    }
    assert_eq!(range.params(CClip::ENTROPY, 0.0, Type::I8), Err(Status(13)));
    assert_eq!(last_message(), "the observer has no histogram to choose a range by");
    assert_eq!(histogram.params(CClip::PERCENTILE, 0.0, Type::I8), Err(Status(44)));
    call_for!((), "zp_observer_free", null_mut() => *mut Observer);
}

#[test]
fn other_bytes_are_refused() {
    assert_eq!(from_bytes(&[]).err(), Some(Status(46)));
    for kind in KINDS {
        let observer = made(kind, Type::F32, 0.5).unwrap();
        assert_eq!(observer.observe(&data().0, Type::F32), OK);
        let state = observer.to_bytes();
        for len in 0..state.len().min(60) {
            assert_eq!(from_bytes(&state[..len]).err(), Some(Status(46)), "{len} bytes");
        }
        // Nothing panics, and what is accepted is the one form of some state.
        for i in 0..state.len().min(300) {
            for bit in 0..8 {
                let mut other = state.clone();
                other[i] ^= 1 << bit;
                match from_bytes(&other) {
                    Ok(read) => assert_eq!(read.to_bytes(), other),
                    Err(status) => assert_eq!(status, Status(46)),
                }
            }
        }
    }
}
