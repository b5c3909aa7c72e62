//! The states of observers. `zeropoint._observers` makes the classes of them.

use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeropoint::observer::{
    Clip, HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{ComputedIn, Error, Granularity, MinMax, QParams, Scheme};

use crate::arrays::{self, Tuple, value_error};
use crate::coding::Coding;
use crate::given::{self, Slices};
use crate::quantize::many_out;
use crate::types::{Coded, Number, Scale, for_codes, for_numbers};

/// Holds an observer of a type of computation.
#[derive(Clone, Debug)]
pub(crate) enum Kind<T: Scale> {
    MinMax(MinMaxObserver<T>),
    PerChannel(PerChannelMinMaxObserver<T>),
    MovingAverage(MovingAverageObserver<T>),
    Histogram(HistogramObserver<T>),
}

/// The scale and the zero point of each slice, or the first error, with its slice if there are many.
type Found<T> = Result<Vec<(T, i32)>, String>;

impl<T: Scale> Kind<T> {
    fn new(kind: &str, constant: f64) -> Result<Self, Error> {
        Ok(match kind {
            "min_max" => Self::MinMax(MinMaxObserver::new()),
            "per_channel" => Self::PerChannel(PerChannelMinMaxObserver::new()),
            "moving_average" => {
                Self::MovingAverage(MovingAverageObserver::new(T::nearest(constant))?)
            }
            _ => Self::Histogram(HistogramObserver::new()),
        })
    }

    fn from_bytes(kind: &str, bytes: &[u8]) -> Result<Self, Error> {
        Ok(match kind {
            "min_max" => Self::MinMax(MinMaxObserver::from_bytes(bytes)?),
            "per_channel" => Self::PerChannel(PerChannelMinMaxObserver::from_bytes(bytes)?),
            "moving_average" => Self::MovingAverage(MovingAverageObserver::from_bytes(bytes)?),
            _ => Self::Histogram(HistogramObserver::from_bytes(bytes)?),
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::MinMax(observer) => observer.to_bytes(),
            Self::PerChannel(observer) => observer.to_bytes(),
            Self::MovingAverage(observer) => observer.to_bytes(),
            Self::Histogram(observer) => observer.to_bytes(),
        }
    }

    fn observe<X>(&mut self, src: &[X], granularity: Option<Granularity>) -> Result<(), Error>
    where
        X: Number<Compute = T> + ComputedIn<T>,
    {
        match self {
            Self::MinMax(observer) => observer.observe(src),
            Self::PerChannel(observer) => {
                let all = Granularity::tensor(src.len());
                observer.observe(granularity.unwrap_or(all), src)?;
            }
            Self::MovingAverage(observer) => observer.observe(src),
            Self::Histogram(observer) => observer.observe(src),
        }
        Ok(())
    }

    /// Adds the elements of another state. The classes let only one kind meet itself, and no moving averages.
    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        match (self, other) {
            (Self::MinMax(observer), Self::MinMax(other)) => observer.merge(other),
            (Self::PerChannel(observer), Self::PerChannel(other)) => observer.merge(other)?,
            (Self::Histogram(observer), Self::Histogram(other)) => observer.merge(other),
            _ => {}
        }
        Ok(())
    }

    /// Returns the bounds of each slice.
    fn bounds(&self) -> Vec<MinMaxObserver<T>> {
        match self {
            Self::MinMax(observer) => vec![*observer],
            Self::PerChannel(observer) => observer.observers().to_vec(),
            Self::MovingAverage(observer) => vec![observer.bounds()],
            Self::Histogram(observer) => vec![observer.bounds()],
        }
    }

    fn params<Q: Coded>(&self, scheme: Scheme, clip: Clip) -> Found<T> {
        let fields = |p: QParams<T, Q>| (p.scale(), p.zero_point());
        let one = match self {
            Self::MinMax(observer) => observer.params(scheme),
            Self::MovingAverage(observer) => observer.params(scheme),
            Self::Histogram(observer) => observer.params(scheme, clip),
            Self::PerChannel(observer) => {
                let slices = observer.observers().iter().enumerate();
                let found: Vec<_> = slices
                    .map(|(i, slice)| {
                        let p = slice.params(scheme).map_err(|e| format!("slice {i}: {e}"))?;
                        Ok(fields(p))
                    })
                    .collect::<Result<_, String>>()?;
                return if found.is_empty() { Err(Error::Empty.to_string()) } else { Ok(found) };
            }
        };
        Ok(vec![fields(one.map_err(|e| e.to_string())?)])
    }
}

/// Holds an observer of any type of computation.
#[derive(Clone, Debug)]
pub(crate) enum State {
    F32(Kind<f32>),
    F64(Kind<f64>),
}

/// Finds the observer in a state, if it has this type of computation.
pub(crate) trait Held: Scale {
    fn kind(state: &mut State) -> Option<&mut Kind<Self>>;
}

impl Held for f32 {
    fn kind(state: &mut State) -> Option<&mut Kind<Self>> {
        if let State::F32(kind) = state { Some(kind) } else { None }
    }
}

impl Held for f64 {
    fn kind(state: &mut State) -> Option<&mut Kind<Self>> {
        if let State::F64(kind) = state { Some(kind) } else { None }
    }
}

/// Evaluates an expression for the observer in a state.
macro_rules! for_kind {
    ($state:expr, $kind:ident => $body:expr) => {
        match $state {
            State::F32($kind) => $body,
            State::F64($kind) => $body,
        }
    };
}

/// Makes a state of an expression of the type `T`.
macro_rules! state {
    ($is_f64:expr, $T:ident => $kind:expr) => {
        if $is_f64 {
            type $T = f64;
            $kind.map(State::F64)
        } else {
            type $T = f32;
            $kind.map(State::F32)
        }
    };
}

/// The state of an observer.
///
/// The lock is taken only while the interpreter is released, so that no thread waits for one and holds the other.
#[pyclass(frozen, module = "zeropoint._zeropoint")]
pub(crate) struct ObserverState(Mutex<State>);

impl ObserverState {
    fn of(state: State) -> Self {
        Self(Mutex::new(state))
    }

    fn with<R: Send>(&self, py: Python<'_>, work: impl Send + FnOnce(&mut State) -> R) -> R {
        py.detach(|| work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn observe_as<T>(
        &self,
        x: &Bound<'_, numpy::PyUntypedArray>,
        slices: Option<Slices>,
    ) -> PyResult<()>
    where
        T: Number<Compute: Held> + ComputedIn<T::Compute>,
    {
        let py = x.py();
        if !self.with(py, |state| T::Compute::kind(state).is_some()) {
            let (found, own) = (arrays::dtype_name(&x.dtype())?, self.dtype(py));
            return Err(PyTypeError::new_err(format!(
                "x has dtype {found}, but the observer has dtype {own}"
            )));
        }
        let src = arrays::read::<T>(x, "x")?;
        let (src, granularity) = (src.as_slice()?, slices.map(|slices| slices.granularity));
        let observed = self.with(py, |state| match T::Compute::kind(state) {
            Some(kind) => kind.observe(src, granularity),
            None => Ok(()),
        });
        observed.map_err(|e| value_error(format!("x: {e}")))
    }
}

#[pymethods]
impl ObserverState {
    #[new]
    fn new(kind: &str, dtype: &Bound<'_, PyAny>, constant: f64) -> PyResult<Self> {
        let state = state!(is_f64(dtype)?, T => Kind::<T>::new(kind, constant));
        Ok(Self::of(state.map_err(value_error)?))
    }

    #[staticmethod]
    fn from_bytes(py: Python<'_>, kind: &str, state: &[u8]) -> PyResult<Self> {
        let is_f64 = state.get(6) == Some(&8);
        let read = py.detach(|| state!(is_f64, T => Kind::<T>::from_bytes(kind, state)));
        Ok(Self::of(read.map_err(|e| value_error(format!("state: {e}")))?))
    }

    #[staticmethod]
    fn from_counts(
        counts: &Bound<'_, PyAny>,
        min: &Bound<'_, PyAny>,
        max: &Bound<'_, PyAny>,
        not_finite: &Bound<'_, PyAny>,
        dtype: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let array = arrays::array(counts, "counts")?;
        let dtype_of_counts = arrays::dtype_name(&array.dtype())?;
        if dtype_of_counts != "uint64" {
            return Err(PyTypeError::new_err(format!(
                "counts has dtype {dtype_of_counts}, uint64 is needed"
            )));
        }
        if array.ndim() != 1 {
            let shape = Tuple(array.shape());
            return Err(value_error(format!("counts has shape {shape}, one dimension is needed")));
        }
        let counts = given::elements::<u64>(&array, "counts", array.shape())?;
        let not_finite = not_finite.extract().map_err(|_| {
            value_error(format!("not_finite is {not_finite}, 0 to 2**64 - 1 is needed"))
        })?;
        let (min, max) = (given::one_number(min, "min")?, given::one_number(max, "max")?);
        let state = state!(is_f64(dtype)?, T => histogram::<T>(&counts, (min, max), not_finite));
        Ok(Self::of(state?))
    }

    fn observe(&self, x: &Bound<'_, PyAny>, axis: Option<i64>) -> PyResult<()> {
        let x = arrays::array(x, "x")?;
        let slices = Slices::new(x.shape(), axis, None)?;
        for_numbers!(arrays::numbers(&x, "x")?, T => self.observe_as::<T>(&x, slices))
    }

    fn merge(&self, py: Python<'_>, other: &Self) -> PyResult<()> {
        // One lock at a time: two observers may be merged into each other at once.
        let (own, found) = (self.dtype(py), other.dtype(py));
        if own != found {
            return Err(PyTypeError::new_err(format!(
                "other has dtype {found}, but the observer has dtype {own}"
            )));
        }
        let other = other.with(py, |state| state.clone());
        let merged = self.with(py, |state| match (state, &other) {
            (State::F32(kind), State::F32(other)) => kind.merge(other),
            (State::F64(kind), State::F64(other)) => kind.merge(other),
            _ => Ok(()),
        });
        merged.map_err(|e| value_error(format!("other: {e}")))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.with(py, |state| for_kind!(state, kind => kind.to_bytes())))
    }

    fn copy(&self, py: Python<'_>) -> Self {
        Self::of(self.with(py, |state| state.clone()))
    }

    #[getter]
    fn dtype(&self, py: Python<'_>) -> &'static str {
        self.with(py, |state| match state {
            State::F32(_) => "float32",
            State::F64(_) => "float64",
        })
    }

    /// Returns arrays of the slices' minima, maxima, and numbers of NaNs and infinities.
    fn bounds<'py>(&self, py: Python<'py>) -> PyResult<[Bound<'py, PyAny>; 3]> {
        match self.with(py, |state| state.clone()) {
            State::F32(kind) => bounds(py, &kind.bounds()),
            State::F64(kind) => bounds(py, &kind.bounds()),
        }
    }

    /// Returns the counts of a histogram.
    fn counts<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let counts = self.with(py, |state| {
            for_kind!(state, kind => match kind {
                Kind::Histogram(observer) => observer.counts(),
                _ => Vec::new(),
            })
        });
        PyArray1::from_vec(py, counts).into_any()
    }

    /// Returns the scale and the zero point of each slice, as arrays.
    fn params<'py>(
        &self,
        py: Python<'py>,
        scheme: &str,
        bits: Option<i64>,
        dtype: Option<&Bound<'py, PyAny>>,
        packed: Option<&str>,
        clip: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let coding = Coding::new(scheme, bits, dtype, packed, None)?;
        let clip = clip_of(clip)?;
        for_codes!(coding.codes, Q => {
            let (f32s, f64s) = self.with(py, |state| match state {
                State::F32(kind) => (Some(kind.params::<Q>(coding.scheme, clip)), None),
                State::F64(kind) => (None, Some(kind.params::<Q>(coding.scheme, clip))),
            });
            match (f32s, f64s) {
                (Some(found), _) => given_out(py, found),
                (_, found) => given_out(py, found.unwrap_or(Ok(Vec::new()))),
            }
        })
    }
}

/// Reads the argument `dtype` of an observer.
fn is_f64(dtype: &Bound<'_, PyAny>) -> PyResult<bool> {
    match &*arrays::dtype_argument(dtype)? {
        "float32" => Ok(false),
        "float64" => Ok(true),
        name => Err(PyTypeError::new_err(format!(
            "dtype is {name}, float32 (for float16 and bfloat16 too) or float64 is needed"
        ))),
    }
}

/// Reads the argument `clip`.
fn clip_of(clip: &Bound<'_, PyAny>) -> PyResult<Clip> {
    match clip.extract::<&str>() {
        Ok("least_error") => Ok(Clip::LeastError),
        Ok("entropy") => Ok(Clip::Entropy),
        Ok(name) => Err(value_error(format!(
            "clip is {name:?}, a percentage, \"least_error\" or \"entropy\" is needed"
        ))),
        Err(_) => given::one_number(clip, "clip").map(Clip::Percentile),
    }
}

/// Makes a histogram of its counts and its bounds.
fn histogram<T: Scale>(
    counts: &[u64],
    (min, max): (f64, f64),
    not_finite: u64,
) -> PyResult<Kind<T>> {
    let exact = |name: &str, x: f64| {
        let rounded = T::nearest(x);
        if rounded.as_f64() == x {
            return Ok(rounded);
        }
        Err(value_error(format!("{name} is {x:?}, a number of the observer's dtype is needed")))
    };
    let seen = MinMax { min: exact("min", min)?, max: exact("max", max)?, has_nan: false };
    let bounds = MinMaxObserver::from_parts(seen, not_finite)
        .map_err(|e| value_error(format!("min is {min:?}, max is {max:?}: {e}")))?;
    let observer = HistogramObserver::from_counts(bounds, counts)
        .map_err(|e| value_error(format!("counts: {e}")))?;
    Ok(Kind::Histogram(observer))
}

/// Returns the fields of observers as arrays.
fn bounds<'py, T: Scale>(
    py: Python<'py>,
    all: &[MinMaxObserver<T>],
) -> PyResult<[Bound<'py, PyAny>; 3]> {
    let min: Vec<T> = all.iter().map(|one| one.seen().min).collect();
    let max: Vec<T> = all.iter().map(|one| one.seen().max).collect();
    let not_finite: Vec<u64> = all.iter().map(MinMaxObserver::not_finite).collect();
    let shape = [all.len()];
    let (min, max) = (arrays::from_vec(py, min, &shape)?, arrays::from_vec(py, max, &shape)?);
    Ok([min, max, arrays::from_vec(py, not_finite, &shape)?])
}

/// Returns parameters as NumPy's arrays.
fn given_out<'py, T: Scale>(
    py: Python<'py>,
    found: Found<T>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let found = found.map_err(value_error)?;
    let shape = [found.len()];
    let (scales, zero_points) = found.into_iter().unzip();
    many_out(py, scales, zero_points, &shape)
}
