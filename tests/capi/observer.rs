//! Observers: what C gets from them is what Rust gets.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use half::{bf16, f16};
use zeropoint::capi::{
    CClip, CGranularity, CObserverKind, CParams, CScheme, Observer, Status, Type,
};
use zeropoint::observer::{
    Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{Granularity, QParams, Scheme};

use crate::common::abi::{call, call_for, outcome};
use crate::others::last_message;

const OK: Status = Status(0);
const KINDS: [CObserverKind; 3] =
    [CObserverKind::MIN_MAX, CObserverKind::MOVING_AVERAGE, CObserverKind::HISTOGRAM];
const UNTOUCHED: CParams = CParams { scale: 7.0, zero_point: 7, qmin: 7, qmax: 7 };

/// An observer that is freed.
pub(crate) struct Owned(pub(crate) *mut Observer);

impl Drop for Owned {
    fn drop(&mut self) {
        call_for!((), "zp_observer_free", self.0 => *mut Observer);
    }
}

pub(crate) fn made(kind: CObserverKind, of: Type, constant: f64) -> Result<Owned, Status> {
    let mut observer = null_mut();
    let slot = &raw mut observer;
    let status = call!("zp_observer_new", kind => CObserverKind, of => Type, constant => f64,
        slot => *mut *mut Observer);
    if status == OK { Ok(Owned(observer)) } else { Err(status) }
}

impl Owned {
    pub(crate) fn observe<T>(&self, src: &[T], of: Type) -> Status {
        self.observe_by(src, of, null())
    }

    fn observe_by<T>(&self, src: &[T], of: Type, granularity: *const CGranularity) -> Status {
        let pointer = src.as_ptr().cast();
        call!("zp_observer_observe", self.0 => *mut Observer, pointer => *const c_void, of => Type,
            src.len() => usize, granularity => *const CGranularity)
    }

    fn merge(&self, other: &Self) -> Status {
        call!("zp_observer_merge", self.0 => *mut Observer, other.0.cast_const() => *const Observer)
    }

    pub(crate) fn params(
        &self,
        clip: CClip,
        percentile: f64,
        dst: Type,
    ) -> Result<CParams, Status> {
        self.all_params(1, (clip, percentile), dst).map(|all| all[0])
    }

    fn all_params(
        &self,
        slices: usize,
        (clip, percentile): (CClip, f64),
        dst: Type,
    ) -> Result<Vec<CParams>, Status> {
        let mut params = vec![UNTOUCHED; slices];
        let slot = params.as_mut_ptr();
        let status = call!("zp_observer_params", self.0.cast_const() => *const Observer,
            clip => CClip, percentile => f64, CScheme::SYMMETRIC => CScheme, 0 => u32,
            dst => Type, slot => *mut CParams, slices => usize);
        assert!(status == OK || params.iter().all(|params| *params == UNTOUCHED));
        if status == OK { Ok(params) } else { Err(status) }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
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

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Owned, Status> {
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

/// A granularity of rows, for Rust and for C.
fn row(rows: usize, len: usize) -> (Granularity, CGranularity) {
    (
        Granularity::row(rows, len).unwrap(),
        in_c_by(
            |c| call!("zp_granularity_row", rows => usize, len => usize, c => *mut CGranularity),
        ),
    )
}

/// A granularity of channels, for Rust and for C.
fn channel(shape: &[usize], axis: usize) -> (Granularity, CGranularity) {
    (
        Granularity::channel(shape, axis).unwrap(),
        in_c_by(|c| {
            call!("zp_granularity_channel", shape.as_ptr() => *const usize, shape.len() => usize,
            axis => usize, c => *mut CGranularity)
        }),
    )
}

fn in_c_by(make: impl Fn(*mut CGranularity) -> Status) -> CGranularity {
    let mut c = CGranularity { kind: 0, shape: [0; 4], block: 0, src_pitch: 0, dst_pitch: 0 };
    outcome(make(&raw mut c)).unwrap();
    c
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

/// Shows an array of whole rows of 64 to an observer of each kind, and then again with a NaN.
pub(crate) fn all_kinds_observe(src: &[f32]) {
    let rows = row(src.len() / 64, 64).1;
    let with_nan = [&src[1..], &[f32::NAN]].concat();
    for kind in KINDS.into_iter().chain([CObserverKind::MIN_MAX_PER]) {
        let observer = made(kind, Type::F32, 0.5).unwrap();
        let is_per = kind == CObserverKind::MIN_MAX_PER;
        let granularity = if is_per { &raw const rows } else { null() };
        for src in [src, &with_nan] {
            assert_eq!(observer.observe_by(src, Type::F32, granularity), OK);
        }
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
    assert_eq!(code(made(CObserverKind(5), Type::F32, 0.0)), Some(12));
    assert_eq!(last_message(), "there is no observer of kind 5");
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
            Type::F32 => Type, 1 => usize, null() => *const CGranularity);
        assert_eq!(observed, Status(1));
        let before = observer.to_bytes();
        assert_eq!(observer.observe_by(&[9.0_f32], Type::F32, &row(1, 1).1), Status(12));
        assert_eq!(last_message(), "the observer has one range, so granularity has to be NULL");
        assert_eq!(observer.to_bytes(), before);
        for slices in [0, 2] {
            let params = observer.all_params(slices, (CClip::NONE, 0.0), Type::I8);
            assert_eq!(params, Err(Status(31)));
        }
        let ranges = "the number of the observer's ranges is 1, there is room for 2 parameters";
        assert_eq!(last_message(), ranges);
    }
    assert_eq!(range.params(CClip::ENTROPY, 0.0, Type::I8), Err(Status(13)));
    assert_eq!(last_message(), "the observer has no histogram to choose a range by");
    assert_eq!(histogram.params(CClip::PERCENTILE, 0.0, Type::I8), Err(Status(44)));
    call_for!((), "zp_observer_free", null_mut() => *mut Observer);
}

#[test]
fn other_bytes_are_refused() {
    assert_eq!(from_bytes(&[]).err(), Some(Status(46)));
    for kind in KINDS.into_iter().chain([CObserverKind::MIN_MAX_PER]) {
        let observer = made(kind, Type::F32, 0.5).unwrap();
        let rows = row(2, 2500).1;
        let is_per = kind == CObserverKind::MIN_MAX_PER;
        let granularity = if is_per { &raw const rows } else { null() };
        assert_eq!(observer.observe_by(&data().0, Type::F32, granularity), OK);
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

/// A slice of numbers whose channels are on each axis of a shape, in Rust and in C.
#[test]
fn states_of_slices_are_those_of_rust() {
    let src: Vec<f32> = data().0[..3 * 4 * 10].to_vec();
    for axis in 0..3 {
        let (granularity, c) = channel(&[3, 4, 10], axis);
        let observer = made(CObserverKind::MIN_MAX_PER, Type::F32, f64::NAN).unwrap();
        let mut expected = PerChannelMinMaxObserver::<f32>::new();
        assert_eq!(observer.to_bytes(), expected.to_bytes());
        let none = observer.all_params(0, (CClip::NONE, 0.0), Type::I8);
        assert_eq!(none, Err(Status(20)));

        assert_eq!(observer.observe_by(&src, Type::F32, &c), OK);
        expected.observe(granularity, &src).unwrap();
        assert_eq!(observer.to_bytes(), expected.to_bytes());
        let params: Vec<CParams> = expected
            .observers()
            .iter()
            .map(|slice| in_c(slice.params(Scheme::symmetric()).unwrap()))
            .collect();
        let found = observer.all_params(params.len(), (CClip::NONE, 0.0), Type::I8);
        assert_eq!(found, Ok(params));

        // Halves, and another machine's shard.
        let shard = made(CObserverKind::MIN_MAX_PER, Type::F32, 0.0).unwrap();
        let halves: Vec<f16> = src.iter().map(|x| f16::from_f32(-1.5 * x)).collect();
        assert_eq!(shard.observe_by(&halves, Type::F16, &c), OK);
        assert_eq!(observer.merge(&from_bytes(&shard.to_bytes()).unwrap()), OK);
        expected.observe(granularity, &halves).unwrap();
        assert_eq!(observer.to_bytes(), expected.to_bytes());

        // A NaN in the last slice.
        let mut wrong = src.clone();
        wrong[3 * 4 * 10 - 1] = f32::NAN;
        assert_eq!(observer.observe_by(&wrong, Type::F32, &c), OK);
        expected.observe(granularity, &wrong).unwrap();
        assert_eq!(observer.to_bytes(), expected.to_bytes());
        let slices = expected.observers().len();
        let refused = observer.all_params(slices, (CClip::NONE, 0.0), Type::I8);
        assert_eq!(refused, Err(Status(21)));
        assert!(last_message().starts_with(&format!("slice {}: ", slices - 1)));
    }
}

#[test]
fn mistakes_about_slices_have_a_status() {
    let observer = made(CObserverKind::MIN_MAX_PER, Type::F32, 0.0).unwrap();
    assert_eq!(observer.observe_by(&[1.0_f32, 2.0], Type::F32, null()), Status(1));
    assert_eq!(last_message(), "granularity is NULL");
    assert_eq!(observer.observe_by(&[1.0_f32, 2.0], Type::F32, &row(2, 1).1), OK);
    let before = observer.to_bytes();
    let garbage = CGranularity { kind: 77, ..row(2, 1).1 };
    let misaligned = (&raw const garbage).wrapping_byte_add(4);
    for (src, of, granularity, status) in [
        (&[1.0_f32, 2.0][..], Type::F32, &row(1, 2).1 as *const _, 50),
        (&[1.0, 2.0], Type::F32, &row(2, 2).1, 23),
        (&[1.0, 2.0], Type::F32, &garbage, 5),
        (&[1.0, 2.0], Type::F32, misaligned, 2),
        (&[1.0, 2.0], Type::F64, &row(2, 1).1, 10),
    ] {
        assert_eq!(observer.observe_by(src, of, granularity), Status(status), "{status}");
    }
    let one = made(CObserverKind::MIN_MAX_PER, Type::F32, 0.0).unwrap();
    assert_eq!(one.observe_by(&[9.0_f32], Type::F32, &row(1, 1).1), OK);
    assert_eq!(observer.merge(&one), Status(50));
    assert_eq!(last_message(), "the observer has 2 slices, the data have 1");
    let whole = made(CObserverKind::MIN_MAX, Type::F32, 0.0).unwrap();
    let double = made(CObserverKind::MIN_MAX_PER, Type::F64, 0.0).unwrap();
    for other in [&whole, &double] {
        assert_eq!(observer.merge(other), Status(14));
    }
    assert_eq!(observer.to_bytes(), before);

    let none = (CClip::NONE, 0.0);
    assert_eq!(observer.all_params(3, none, Type::I8), Err(Status(31)));
    let ranges = "the number of the observer's ranges is 2, there is room for 3 parameters";
    assert_eq!(last_message(), ranges);
    assert_eq!(observer.all_params(2, (CClip::ENTROPY, 0.0), Type::I8), Err(Status(13)));
    assert_eq!(observer.all_params(2, none, Type::F32), Err(Status(10)));
    for params in [null_mut(), std::ptr::dangling_mut::<CParams>().wrapping_byte_add(4)] {
        let status = call!("zp_observer_params", observer.0.cast_const() => *const Observer,
            CClip::NONE => CClip, 0.0 => f64, CScheme::SYMMETRIC => CScheme, 0 => u32,
            Type::I8 => Type, params => *mut CParams, 2 => usize);
        assert_eq!(status, Status(if params.is_null() { 1 } else { 2 }));
    }
    // An empty shape has slices, but no elements.
    assert_eq!(observer.observe_by::<f32>(&[], Type::F32, &channel(&[0, 9], 1).1), OK);
    assert_eq!(observer.to_bytes(), before);
}
