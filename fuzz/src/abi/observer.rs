//! Observers of C beside those of Rust: any data, states and mistakes, from the first call to the last.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use arbitrary::{Result, Unstructured};
use zeropoint::capi::{
    CClip, CGranularity, CObserverKind, CParams, CScheme, Observer, Status, Type,
};
use zeropoint::observer::{
    Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{Compute, ComputedIn, Error, Granularity, QParams, Real};

use super::granularity::{garbage, made};
use super::others::failed;
use crate::common::abi::{call, call_for, type_of};
use crate::input::{self, Shape};

type Outcome<T> = std::result::Result<T, Error>;

/// The model, which sees what the observer in C sees.
enum Model<T: Compute> {
    MinMax(MinMaxObserver<T>),
    MovingAverage(MovingAverageObserver<T>),
    Histogram(HistogramObserver<T>),
    PerChannel(PerChannelMinMaxObserver<T>),
}

impl<T: Compute + Real<Compute = T> + ComputedIn<T>> Model<T> {
    fn new(kind: i32, constant: T) -> Option<Self> {
        Some(match kind {
            1 => Self::MinMax(MinMaxObserver::new()),
            2 => Self::MovingAverage(MovingAverageObserver::new(constant).ok()?),
            3 => Self::Histogram(HistogramObserver::new()),
            4 => Self::PerChannel(PerChannelMinMaxObserver::new()),
            _ => return None,
        })
    }

    fn is_per_slice(&self) -> bool {
        matches!(self, Self::PerChannel(_))
    }

    fn observe(&mut self, granularity: Granularity, src: &[T]) -> Outcome<()> {
        match self {
            Self::MinMax(observer) => observer.observe(src),
            Self::MovingAverage(observer) => observer.observe(src),
            Self::Histogram(observer) => observer.observe(src),
            Self::PerChannel(observer) => return observer.observe(granularity, src),
        }
        Ok(())
    }

    /// Adds a state that C reads too. Returns `None` for the state of another kind.
    fn merge(&mut self, state: &[u8]) -> Option<Outcome<()>> {
        match self {
            Self::MinMax(observer) => observer.merge(&MinMaxObserver::from_bytes(state).ok()?),
            Self::MovingAverage(_) => return None,
            Self::Histogram(observer) => {
                observer.merge(&HistogramObserver::from_bytes(state).ok()?);
            }
            Self::PerChannel(observer) => {
                return Some(observer.merge(&PerChannelMinMaxObserver::from_bytes(state).ok()?));
            }
        }
        Some(Ok(()))
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::MinMax(observer) => observer.to_bytes(),
            Self::MovingAverage(observer) => observer.to_bytes(),
            Self::Histogram(observer) => observer.to_bytes(),
            Self::PerChannel(observer) => observer.to_bytes(),
        }
    }

    fn params(&self, scheme: zeropoint::Scheme) -> Outcome<Vec<QParams<T, i8>>> {
        Ok(vec![match self {
            Self::MinMax(observer) => observer.params(scheme)?,
            Self::MovingAverage(observer) => observer.params(scheme)?,
            Self::Histogram(observer) => observer.params(scheme, Clip::Percentile(100.0))?,
            Self::PerChannel(observer) => {
                return observer.observers().iter().map(|slice| slice.params(scheme)).collect();
            }
        }])
    }
}

/// An observer of C, which is freed.
struct Owned(*mut Observer);

impl Drop for Owned {
    fn drop(&mut self) {
        call_for!((), "zp_observer_free", self.0 => *mut Observer);
    }
}

impl Owned {
    fn new<T>(kind: i32, constant: f64) -> Option<Self> {
        let mut observer = null_mut();
        let status = call!("zp_observer_new", CObserverKind(kind) => CObserverKind,
            type_of::<T>() => Type, constant => f64, &raw mut observer => *mut *mut Observer);
        assert_eq!(status == Status::OK, !observer.is_null());
        if status != Status::OK {
            failed(status);
            return None;
        }
        Some(Self(observer))
    }

    fn observe<T>(&self, src: &[T], of: Type, granularity: *const CGranularity) -> Status {
        call!("zp_observer_observe", self.0 => *mut Observer, src.as_ptr().cast() => *const c_void,
            of => Type, src.len() => usize, granularity => *const CGranularity)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut observer = null_mut();
        let status = call!("zp_observer_from_bytes", bytes.as_ptr().cast() => *const c_void,
            bytes.len() => usize, &raw mut observer => *mut *mut Observer);
        if status != Status::OK {
            failed(status);
            assert!(observer.is_null());
            return None;
        }
        Some(Self(observer))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (mut used, mut bytes) = (0, Vec::<u8>::new());
        for _ in 0..2 {
            let pointer = bytes.as_mut_ptr().cast();
            let status = call!("zp_observer_to_bytes", self.0.cast_const() => *const Observer,
                pointer => *mut c_void, bytes.len() => usize, &raw mut used => *mut usize);
            assert_eq!(status, Status::OK);
            bytes.resize(used, 0xA5);
        }
        bytes
    }
}

pub(super) fn run(u: &mut Unstructured) -> Result<()> {
    if u.arbitrary()? { of::<f32>(u) } else { of::<f64>(u) }
}

fn of<T: Compute + Real<Compute = T> + ComputedIn<T>>(u: &mut Unstructured) -> Result<()> {
    let kind = u.int_in_range(0..=5)?;
    let eighths = u.int_in_range(-1..=9_i8)?;
    let constant = f64::from(eighths) / 8.0;
    let model = Model::new(kind, crate::common::abi::narrowed::<T>(constant));
    let observer = Owned::new::<T>(kind, constant);
    assert_eq!(observer.is_some(), model.is_some(), "kind {kind}, {constant}");
    let (Some(observer), Some(mut model)) = (observer, model) else {
        return Ok(());
    };
    for _ in 0..6 {
        if u.is_empty() {
            break;
        }
        match u.int_in_range(0..=4_u8)? {
            0 | 1 => observe(u, &observer, &mut model)?,
            2 => merge(u, &observer, &mut model)?,
            3 => params(u, &observer, &model)?,
            _ => counts(u, &observer, &model)?,
        }
        assert_eq!(observer.to_bytes(), model.to_bytes(), "kind {kind}");
    }
    Ok(())
}

/// Adds numbers of any bits, by a granularity that may be missing, garbage, or of another length.
fn observe<T: Compute + Real<Compute = T> + ComputedIn<T>>(
    u: &mut Unstructured,
    observer: &Owned,
    model: &mut Model<T>,
) -> Result<()> {
    let shape = Shape::new(u)?;
    let Ok((granularity, c)) = made(&shape) else { return Ok(()) };
    let choice = u.arbitrary()?;
    let len = shape.buffer(shape.pitch.map(|(src, _)| src), choice, 2000);
    let mut src: Box<[T]> = vec![T::zeroed(); len].into();
    input::cycle(u, bytemuck::cast_slice_mut(&mut src))?;
    let how = u.arbitrary::<u8>()?;
    let is_garbage = how < 8;
    let c = if is_garbage { garbage(u, c)? } else { c };
    let is_given = (how < 200) == model.is_per_slice();
    let of = if how > 250 { Type(u.arbitrary()?) } else { type_of::<T>() };
    let pointer = if is_given { &raw const c } else { null() };
    let status = observer.observe(&src, of, pointer);
    if status != Status::OK {
        failed(status);
    }
    if is_garbage && is_given && model.is_per_slice() {
        // It may be another granularity that exists: the state is then C's.
        let state = PerChannelMinMaxObserver::from_bytes(&observer.to_bytes());
        *model = Model::PerChannel(state.expect("a state of slices"));
        return Ok(());
    }
    let may = of == type_of::<T>() && is_given == model.is_per_slice();
    let observed = may.then(|| model.observe(granularity, &src));
    assert_eq!(status == Status::OK, observed == Some(Ok(())), "{shape:?}: {status:?}");
    Ok(())
}

/// Adds the observer's own state, with a byte changed or not.
fn merge<T: Compute + Real<Compute = T> + ComputedIn<T>>(
    u: &mut Unstructured,
    observer: &Owned,
    model: &mut Model<T>,
) -> Result<()> {
    let mut state = observer.to_bytes();
    if u.arbitrary()? {
        let at = u.choose_index(state.len())?;
        state[at] = u.arbitrary()?;
    }
    if u.arbitrary::<u8>()? < 16 {
        state.truncate(u.choose_index(state.len())?);
    }
    let Some(other) = Owned::read(&state) else {
        assert!(model.merge(&state).is_none());
        return Ok(());
    };
    assert_eq!(other.to_bytes(), state);
    let status = call!("zp_observer_merge", observer.0 => *mut Observer,
        other.0.cast_const() => *const Observer);
    if status != Status::OK {
        failed(status);
    }
    assert_eq!(status == Status::OK, model.merge(&state) == Some(Ok(())), "{status:?}");
    Ok(())
}

/// Asks for the parameters of as many slices as there are, or of others.
fn params<T: Compute + Real<Compute = T> + ComputedIn<T>>(
    u: &mut Unstructured,
    observer: &Owned,
    model: &Model<T>,
) -> Result<()> {
    const BEFORE: CParams = CParams { scale: 7.0, zero_point: 7, qmin: 7, qmax: 7 };
    let (scheme, c_scheme, bits) = input::scheme(u)?;
    let expected = model.params(scheme);
    let slices = match (&expected, u.arbitrary::<u8>()?) {
        (Ok(params), 16..) => params.len(),
        (_, other) => usize::from(other % 16),
    };
    let mut found = vec![BEFORE; slices].into_boxed_slice();
    let status = call!("zp_observer_params", observer.0.cast_const() => *const Observer,
        CClip::NONE => CClip, 0.0 => f64, CScheme(i32::from(c_scheme)) => CScheme, bits => u32,
        type_of::<i8>() => Type, found.as_mut_ptr() => *mut CParams, slices => usize);
    let fits = expected.ok().filter(|params| params.len() == slices && slices > 0);
    assert_eq!(status == Status::OK, fits.is_some(), "{slices}: {status:?}");
    let Some(params) = fits else {
        failed(status);
        assert!(found.iter().all(|found| *found == BEFORE));
        return Ok(());
    };
    for (found, p) in found.iter().zip(params) {
        let scale = crate::common::abi::widened(p.scale());
        let (zero_point, qmin, qmax) = (p.zero_point(), p.qmin(), p.qmax());
        assert_eq!(*found, CParams { scale, zero_point, qmin, qmax });
    }
    Ok(())
}

/// Asks for the counts of a histogram, or of another observer, and of all bins, or of others.
fn counts<T: Compute + Real<Compute = T> + ComputedIn<T>>(
    u: &mut Unstructured,
    observer: &Owned,
    model: &Model<T>,
) -> Result<()> {
    const BEFORE: u64 = 7 << 60;
    let bins = HistogramObserver::<T>::BINS;
    let n = match u.arbitrary::<u8>()? {
        16.. => bins,
        other @ 8.. => bins + usize::from(other) - 12,
        other => usize::from(other),
    };
    let mut found = vec![BEFORE; n].into_boxed_slice();
    let status = call!("zp_observer_counts", observer.0.cast_const() => *const Observer,
        found.as_mut_ptr() => *mut u64, n => usize);
    let expected = match model {
        Model::Histogram(observer) if n == bins => Some(observer.counts()),
        _ => None,
    };
    assert_eq!(status == Status::OK, expected.is_some(), "{n}: {status:?}");
    match expected {
        Some(expected) => assert!(*found == *expected, "other counts than Rust's"),
        None => {
            failed(status);
            assert!(found.iter().all(|found| *found == BEFORE));
        }
    }
    Ok(())
}

/// The bins that have counts, as a state has them.
#[cfg(test)]
fn counted<T: Compute>(observer: &Owned) -> Vec<u8> {
    let mut counts = vec![7_u64; HistogramObserver::<T>::BINS];
    let status = call!("zp_observer_counts", observer.0.cast_const() => *const Observer,
        counts.as_mut_ptr() => *mut u64, counts.len() => usize);
    assert_eq!(status, Status::OK);
    let zero = counts.len() as i32 / 2;
    let occupied = (-zero..).zip(counts).filter(|(_, count)| *count > 0);
    occupied
        .flat_map(|(bin, count)| [&bin.to_le_bytes()[..], &count.to_le_bytes()].concat())
        .collect()
}

/// The files are the states that Rust writes; the tests of Python read them too.
#[cfg(test)]
#[test]
fn states_are_those_of_the_files() {
    use super::granularity::NONE;

    fn check<T: Compute>(name: &str, x: &[T]) {
        for kind in 1..=4 {
            let observer = Owned::new::<T>(kind, 1.0).expect("a kind");
            for (i, x) in [&x[..0], x].into_iter().enumerate() {
                let mut rows = NONE;
                let g = &raw mut rows;
                let status = call!("zp_granularity_row", x.len() => usize, 1 => usize,
                    g => *mut CGranularity);
                assert_eq!(status, Status::OK);
                let granularity = if kind == 4 { &raw const rows } else { null() };
                assert_eq!(observer.observe(x, type_of::<T>(), granularity), Status::OK);
                let file = format!("{name}-{}-{i}", kind - 1);
                let state = crate::corpus::seed("observers", &file);
                assert_eq!(observer.to_bytes(), state, "{file}");
                if kind == 3 {
                    assert_eq!(counted::<T>(&observer), state[32..], "{file}");
                }
            }
        }
    }
    check("f32", &[-2.5_f32, 0.0, 1e-40, 7.0, 7.0, f32::MAX, f32::NAN]);
    check("f64", &[-2.5_f64, 0.0, 1e-310, 7.0, 7.0, f64::MAX, f64::INFINITY]);
}
