//! Observers, whose types C chooses at run time.

use core::ffi::c_void;

use super::params::{CParams, exact};
use super::pointers::Buffers;
use super::status::{Failure, Outcome};
use super::types::Type;
use super::{CGranularity, backend};
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::observer::{
    Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver, Obstacle,
    PerChannelMinMaxObserver,
};
use crate::scheme::Scheme;

/// The C type `zp_observer_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CObserverKind(pub i32);

impl CObserverKind {
    pub const MIN_MAX: Self = Self(1);
    pub const MOVING_AVERAGE: Self = Self(2);
    pub const HISTOGRAM: Self = Self(3);
    pub const MIN_MAX_PER: Self = Self(4);
}

/// The C type `zp_clip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CClip(pub i32);

impl CClip {
    pub const NONE: Self = Self(0);
    pub const PERCENTILE: Self = Self(1);
    pub const LEAST_ERROR: Self = Self(2);
    pub const ENTROPY: Self = Self(3);
}

/// The C type `zp_observer`, which C knows only by its address.
#[derive(Debug)]
pub enum Observer {
    F32(Kind<f32>),
    F64(Kind<f64>),
}

/// An observer with its type of computation.
#[derive(Debug)]
pub enum Kind<T: Compute> {
    MinMax(MinMaxObserver<T>),
    MovingAverage(MovingAverageObserver<T>),
    Histogram(HistogramObserver<T>),
    PerChannel(PerChannelMinMaxObserver<T>),
}

impl<T: Compute> Kind<T> {
    fn new(kind: CObserverKind, constant: f64) -> Result<Self, Failure> {
        Ok(match kind {
            CObserverKind::MIN_MAX => Self::MinMax(MinMaxObserver::new()),
            CObserverKind::MOVING_AVERAGE => {
                Self::MovingAverage(MovingAverageObserver::new(exact("constant", constant)?)?)
            }
            CObserverKind::HISTOGRAM => Self::Histogram(HistogramObserver::new()),
            CObserverKind::MIN_MAX_PER => Self::PerChannel(PerChannelMinMaxObserver::new()),
            CObserverKind(kind) => return Err(Failure::Observer(kind)),
        })
    }

    fn from_bytes(kind: u8, bytes: &[u8]) -> Result<Self, Failure> {
        Ok(match kind {
            2 => Self::MovingAverage(MovingAverageObserver::from_bytes(bytes)?),
            3 => Self::Histogram(HistogramObserver::from_bytes(bytes)?),
            4 => Self::PerChannel(PerChannelMinMaxObserver::from_bytes(bytes)?),
            // `MinMaxObserver` refuses all other bytes.
            _ => Self::MinMax(MinMaxObserver::from_bytes(bytes)?),
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::MinMax(observer) => observer.to_bytes(),
            Self::MovingAverage(observer) => observer.to_bytes(),
            Self::Histogram(observer) => observer.to_bytes(),
            Self::PerChannel(observer) => observer.to_bytes(),
        }
    }

    /// Adds the elements of `src`. Only the observer of slices takes a granularity.
    fn observe<X>(&mut self, src: &[X], granularity: Option<&CGranularity>) -> Outcome
    where
        X: Real<Compute = T> + ComputedIn<T>,
    {
        let backend = backend()?;
        match (self, granularity) {
            (Self::PerChannel(observer), Some(granularity)) => {
                let granularity = granularity.checked()?;
                observer.observe_by(&backend, granularity, src).map_err(
                    |obstacle| match obstacle {
                        Obstacle::Refused(error) => Failure::Refused(error),
                        Obstacle::NoMemory(layout) => Failure::Memory(layout.size()),
                    },
                )?;
            }
            (Self::PerChannel(_), None) => return Err(Failure::Null("granularity")),
            (_, Some(_)) => return Err(Failure::OneRange),
            (Self::MinMax(observer), _) => observer.observe_by(&backend, src),
            (Self::MovingAverage(observer), _) => observer.observe_by(&backend, src),
            (Self::Histogram(observer), _) => observer.observe(src),
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Outcome {
        match (self, other) {
            (Self::MinMax(observer), Self::MinMax(other)) => observer.merge(other),
            (Self::Histogram(observer), Self::Histogram(other)) => observer.merge(other),
            (Self::PerChannel(observer), Self::PerChannel(other)) => observer.merge(other)?,
            _ => return Err(Failure::Merge),
        }
        Ok(())
    }

    fn params<Q: Code>(
        &self,
        scheme: Scheme,
        (clip, percentile): (CClip, f64),
        params: &mut [CParams],
    ) -> Outcome {
        let clip = match clip {
            CClip::NONE => Clip::Percentile(100.0),
            CClip::PERCENTILE => Clip::Percentile(percentile),
            CClip::LEAST_ERROR => Clip::LeastError,
            CClip::ENTROPY => Clip::Entropy,
            CClip(clip) => return Err(Failure::Clip(clip)),
        };
        let found = match self {
            Self::Histogram(observer) => observer.params::<Q>(scheme, clip),
            _ if clip != Clip::Percentile(100.0) => return Err(Failure::NoHistogram),
            Self::MinMax(observer) => observer.params::<Q>(scheme),
            Self::MovingAverage(observer) => observer.params::<Q>(scheme),
            Self::PerChannel(observer) => {
                return params_of_slices::<T, Q>(observer.observers(), scheme, params);
            }
        };
        let [params] = params else { return Err(Failure::Ranges(1, params.len())) };
        params.set(&found?);
        Ok(())
    }

    /// Writes the counts of all bins into an array, which is not looked at unless it has `n` elements, one for each bin.
    fn counts<'a>(
        &self,
        n: usize,
        counts: impl FnOnce() -> Result<&'a mut [u64], Failure>,
    ) -> Outcome {
        let Self::Histogram(observer) = self else { return Err(Failure::NoCounts) };
        HistogramObserver::<T>::check_counts(n)?;
        observer.put_counts(counts()?);
        Ok(())
    }
}

/// Writes the parameters of each slice. Nothing is written if a slice has none.
fn params_of_slices<T: Compute, Q: Code>(
    slices: &[MinMaxObserver<T>],
    scheme: Scheme,
    params: &mut [CParams],
) -> Outcome {
    if slices.is_empty() {
        return Err(Error::Empty.into());
    }
    if slices.len() != params.len() {
        return Err(Failure::Ranges(slices.len(), params.len()));
    }
    for (i, slice) in slices.iter().enumerate() {
        slice.params::<Q>(scheme).map_err(|error| Failure::OfSlice(i, error))?;
    }
    for (slice, params) in slices.iter().zip(params) {
        params.set(&slice.params::<Q>(scheme)?);
    }
    Ok(())
}

/// Writes the address of an observer, as an integer.
fn put(observer: Observer, slot: &mut usize) -> Outcome {
    *slot = Box::into_raw(Box::new(observer)).expose_provenance();
    Ok(())
}

pub(super) fn new(kind: CObserverKind, of: Type, constant: f64, observer: &mut usize) -> Outcome {
    let made = match of {
        Type::F64 => Observer::F64(Kind::new(kind, constant)?),
        Type::F32 | Type::F16 | Type::BF16 => Observer::F32(Kind::new(kind, constant)?),
        other => return Err(Failure::Type("src_type", other, TAKES)),
    };
    put(made, observer)
}

const TAKES: &str = ", ZP_F32, ZP_F64, ZP_F16, ZP_BF16";

/// Adds the elements of an array to an observer.
///
/// # Safety
///
/// The array is valid for [`Buffers::input`], and so is one granularity, unless the pointer is NULL.
pub(super) unsafe fn observe(
    observer: &mut Observer,
    buffers: &Buffers,
    (src, of, n): (*const c_void, Type, usize),
    granularity: *const CGranularity,
) -> Outcome {
    let given = usize::from(!granularity.is_null());
    // SAFETY: the caller upholds the safety contract of this function.
    let granularity = unsafe { buffers.input("granularity", granularity.cast(), given)?.first() };
    /// Observes the elements as numbers of type `$X`.
    macro_rules! observe {
        ($kind:expr, $X:ty) => {
            // SAFETY: the caller upholds the safety contract of this function.
            $kind.observe(unsafe { buffers.input::<$X>("src", src, n)? }, granularity)
        };
    }
    match (observer, of) {
        (Observer::F32(kind), Type::F32) => observe!(kind, f32),
        (Observer::F32(kind), Type::F16) => observe!(kind, half::f16),
        (Observer::F32(kind), Type::BF16) => observe!(kind, half::bf16),
        (Observer::F64(kind), Type::F64) => observe!(kind, f64),
        (Observer::F32(_), other) => {
            Err(Failure::Type("src_type", other, ", ZP_F32, ZP_F16, ZP_BF16"))
        }
        (Observer::F64(_), other) => Err(Failure::Type("src_type", other, ", ZP_F64")),
    }
}

pub(super) fn merge(observer: &mut Observer, other: &Observer) -> Outcome {
    match (observer, other) {
        (Observer::F32(kind), Observer::F32(other)) => kind.merge(other),
        (Observer::F64(kind), Observer::F64(other)) => kind.merge(other),
        _ => Err(Failure::Merge),
    }
}

pub(super) fn params<Q: Code>(
    observer: &Observer,
    scheme: Scheme,
    clip: (CClip, f64),
    params: &mut [CParams],
) -> Outcome {
    match observer {
        Observer::F32(kind) => kind.params::<Q>(scheme, clip, params),
        Observer::F64(kind) => kind.params::<Q>(scheme, clip, params),
    }
}

pub(super) fn counts<'a>(
    observer: &Observer,
    n: usize,
    counts: impl FnOnce() -> Result<&'a mut [u64], Failure>,
) -> Outcome {
    match observer {
        Observer::F32(kind) => kind.counts(n, counts),
        Observer::F64(kind) => kind.counts(n, counts),
    }
}

/// Returns the state as bytes.
pub(super) fn to_bytes(observer: &Observer) -> Vec<u8> {
    match observer {
        Observer::F32(kind) => kind.to_bytes(),
        Observer::F64(kind) => kind.to_bytes(),
    }
}

/// Copies a state to `bytes`, if there is room for it, or if there are no bytes; `used` becomes its length.
pub(super) fn copy(state: &[u8], bytes: &mut [u8], used: &mut usize) -> Outcome {
    *used = state.len();
    if bytes.is_empty() {
        return Ok(());
    }
    let room = bytes.len();
    let bytes = bytes.get_mut(..state.len()).ok_or(Failure::Room(room, state.len()))?;
    bytes.copy_from_slice(state);
    Ok(())
}

/// Makes an observer from a state, and writes its address.
pub(super) fn from_bytes(bytes: &[u8], observer: &mut usize) -> Outcome {
    let (kind, size) = (bytes.get(5).copied().unwrap_or(0), bytes.get(6));
    put(
        match size {
            Some(8) => Observer::F64(Kind::from_bytes(kind, bytes)?),
            _ => Observer::F32(Kind::from_bytes(kind, bytes)?),
        },
        observer,
    )
}

/// Returns the observer at an address that C holds.
///
/// # Safety
///
/// The pointer is NULL or from [`new`] or [`from_bytes`], and nothing else uses the observer until the call returns.
pub(super) unsafe fn given<'a>(
    argument: &'static str,
    observer: *mut Observer,
) -> Result<&'a mut Observer, Failure> {
    // SAFETY: the caller upholds the safety contract of this function.
    unsafe { observer.as_mut() }.ok_or(Failure::Null(argument))
}

/// Returns the observer at an address that C holds, to be read.
///
/// # Safety
///
/// The pointer is NULL or from [`new`] or [`from_bytes`], and nothing changes the observer until the call returns.
pub(super) unsafe fn read<'a>(
    argument: &'static str,
    observer: *const Observer,
) -> Result<&'a Observer, Failure> {
    // SAFETY: the caller upholds the safety contract of this function.
    unsafe { observer.as_ref() }.ok_or(Failure::Null(argument))
}

/// Frees an observer.
///
/// # Safety
///
/// The pointer is NULL or from [`new`] or [`from_bytes`], and not used again.
pub(super) unsafe fn free(observer: *mut Observer) {
    if !observer.is_null() {
        // SAFETY: the pointer is from `Box::into_raw`, and the caller does not use it again.
        drop(unsafe { Box::from_raw(observer) });
    }
}
