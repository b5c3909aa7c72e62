//! Ranges, parameters from ranges, and errors of quantization.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use zeropoint::{Backend, ErrorStats, MinMax, QParams, Range, Scheme};

use crate::arrays::{self, value_error};
use crate::coding::{Coding, Limits};
use crate::given::{self, Given, Slices};
use crate::quantize::many_out;
use crate::types::{Coded, Number, Numbers, Scale, for_codes, for_numbers};

/// Makes one of the named tuples of `zeropoint._results`.
macro_rules! result {
    ($py:expr, $name:literal, $fields:expr) => {{
        static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        TYPE.import($py, "zeropoint._results", $name)?.call1($fields)
    }};
}

/// Returns the least and the greatest number, and whether there is a NaN.
///
/// A NaN is never a bound, wherever it stands, unlike in `numpy.min`;
/// `has_nan` reports it. A zero bound is +0. Infinities are ordinary
/// numbers. If all elements are NaN, or there is none, `min` is inf and
/// `max` is -inf.
///
/// Parameters
/// ----------
/// x : array of float16, float32, float64, or bfloat16
///     Any shape and layout, as for `quantize`.
/// axis, block_size : int
///     Each index of this axis, or each block along it, has a result, as
///     for `quantize`. So `min_max(x, axis=0).min` is `x.min(axis=1)` of a
///     matrix: `axis` is the axis that stays.
///
/// Returns
/// -------
/// MinMax(min, max, has_nan)
///     NumPy scalars, float64 for float64 and float32 otherwise, and a
///     `bool`; with `axis`, arrays.
///
/// Examples
/// --------
/// >>> zeropoint.min_max(np.array([0.5, np.nan, -2.0]))
/// MinMax(min=np.float64(-2.0), max=np.float64(0.5), has_nan=True)
#[pyfunction]
#[pyo3(signature = (x, *, axis=None, block_size=None))]
pub(crate) fn min_max<'py>(
    x: &Bound<'py, PyAny>,
    axis: Option<i64>,
    block_size: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    let slices = Slices::new(x.shape(), axis, block_size)?;
    for_numbers!(arrays::numbers(&x, "x")?, T => min_max_as::<T>(&x, slices.as_ref()))
}

fn min_max_as<'py, T: Number>(
    x: &Bound<'py, PyUntypedArray>,
    slices: Option<&Slices>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = x.py();
    let src = arrays::read::<T>(x, "x")?;
    let (src, backend) = (src.as_slice()?, crate::backend()?);
    let Some(Slices { granularity, shape }) = slices else {
        let m = py.detach(|| backend.min_max(src));
        let fields = (arrays::scalar(py, m.min)?, arrays::scalar(py, m.max)?, m.has_nan);
        return result!(py, "MinMax", fields);
    };
    let count = granularity.slices();
    let mut all = arrays::room(count, MinMax::EMPTY)?;
    let (mut min, mut max) =
        (arrays::room(count, MinMax::EMPTY.min)?, arrays::room(count, MinMax::EMPTY.max)?);
    let mut has_nan = arrays::room(count, false)?;
    py.detach(|| backend.min_max_per(*granularity, src, &mut all)).map_err(value_error)?;
    for (i, m) in all.iter().enumerate() {
        (min[i], max[i], has_nan[i]) = (m.min, m.max, m.has_nan);
    }
    let (min, max) = (arrays::from_vec(py, min, shape)?, arrays::from_vec(py, max, shape)?);
    let has_nan = arrays::from_vec(py, has_nan, shape)?;
    result!(py, "MinMax", (min, max, has_nan))
}

/// Returns the greatest magnitude, `max |x|`.
///
/// It is enough for a symmetric scheme, and faster than the range.
///
/// Parameters
/// ----------
/// x : array of float16, float32, float64, or bfloat16
///     Any shape and layout, as for `quantize`.
///
/// Returns
/// -------
/// NumPy scalar
///     float64 for float64 and float32 otherwise. `params(-a, a,
///     scheme="symmetric")` takes it.
///
/// Raises
/// ------
/// ValueError
///     For a NaN, an infinity, or no data.
///
/// Examples
/// --------
/// >>> zeropoint.abs_max(np.array([0.5, -6.35, 2.0]))
/// np.float64(6.35)
#[pyfunction]
pub(crate) fn abs_max<'py>(x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    for_numbers!(arrays::numbers(&x, "x")?, T => {
        let src = arrays::read::<T>(&x, "x")?;
        let (src, backend) = (src.as_slice()?, crate::backend()?);
        let alpha = x.py().detach(|| backend.abs_max(src)).map_err(value_error)?;
        arrays::scalar(x.py(), alpha)
    })
}

/// Returns the scale and the zero point of a range, or of many ranges.
///
///     asymmetric   scale = (max - min) / (qmax - qmin)
///                  zero_point = rint(qmin - min / scale)
///     symmetric    scale = max(|min|, |max|) / (2**(n-1) - 1)
///                  zero_point = 0, or 2**(n-1) if unsigned
///
/// The asymmetric range is first widened to contain 0, and the zero point
/// is a code. In "asymmetric_raw" the range is not widened, and the zero
/// point may lie anywhere within 2**24 of 0. If `max - min` overflows,
/// `max` and `min` are divided first. A scale that would be subnormal is
/// the least normal number. A range of zeros has the scale 1.
///
/// Parameters
/// ----------
/// min, max : numbers, or arrays of one shape
///     The range, such as `min_max` returns. It is computed in float32 if
///     both are NumPy's float32 or smaller floats, otherwise in float64.
/// scheme, bits, dtype, packed
///     As for `quantize`.
///
/// Returns
/// -------
/// Params(scale, zero_point)
///     NumPy scalars, or arrays of the same shape; the zero point is int32.
///
/// Raises
/// ------
/// ValueError
///     For a NaN, an infinity, min > max; in "asymmetric_raw" for a range
///     without width, or so far from 0 that its zero point is beyond 2**24.
///
/// Examples
/// --------
/// >>> zeropoint.params(-5.0, 122.5)
/// Params(scale=np.float64(0.5), zero_point=np.int32(10))
#[pyfunction]
#[pyo3(signature = (min, max, *, scheme="asymmetric", bits=None, dtype=None, packed=None))]
pub(crate) fn params<'py>(
    min: &Bound<'py, PyAny>,
    max: &Bound<'py, PyAny>,
    scheme: &str,
    bits: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    packed: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let coding = Coding::new(scheme, bits, dtype, packed, None)?;
    let (min, max) = (arrays::array(min, "min")?, arrays::array(max, "max")?);
    let is_small = |bound, name| matches!(arrays::numbers(bound, name), Ok(numbers) if numbers != Numbers::Float64);
    if is_small(&min, "min") && is_small(&max, "max") {
        for_codes!(coding.codes, Q => params_as::<f32, Q>(&min, &max, coding.scheme))
    } else {
        for_codes!(coding.codes, Q => params_as::<f64, Q>(&min, &max, coding.scheme))
    }
}

fn params_as<'py, S: Scale, Q: Coded>(
    min: &Bound<'py, PyUntypedArray>,
    max: &Bound<'py, PyUntypedArray>,
    scheme: Scheme,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, shape) = (min.py(), &min.shape().to_vec());
    let mins: Vec<S> = given::elements(min, "min", shape)?;
    let maxs: Vec<S> = given::elements(max, "max", shape)?;
    let of_range = |min, max| scheme.params(Range::new(min, max)?);
    if let ([min], [max], []) = (&mins[..], &maxs[..], &shape[..]) {
        let p: QParams<S, Q> = of_range(*min, *max).map_err(value_error)?;
        let fields = (arrays::scalar(py, p.scale())?, arrays::integer(py, p.zero_point())?);
        return result!(py, "Params", fields);
    }
    let (mut scales, mut zero_points) = (Vec::new(), Vec::new());
    arrays::reserve(&mut scales, mins.len())?;
    arrays::reserve(&mut zero_points, mins.len())?;
    for (i, (&min, &max)) in mins.iter().zip(&maxs).enumerate() {
        let p: QParams<S, Q> =
            of_range(min, max).map_err(|e| value_error(format!("range {i}: {e}")))?;
        scales.push(p.scale());
        zero_points.push(p.zero_point());
    }
    result!(py, "Params", many_out(py, scales, zero_points, shape)?)
}

/// Returns how far numbers are from their quantized form.
///
///     e = x - dequantize(quantize(x))
///
/// Neither the codes nor the errors are stored.
///
/// Parameters
/// ----------
/// x, scale, zero_point, scheme, bits, dtype, axis, block_size, packed
///     As for `quantize`, with `scale` given. A scale does not tell which
///     codes exist: pass the scheme, bits and dtype or packed that the
///     codes were made with.
///
/// Returns
/// -------
/// QuantizationError(mse, max_abs, sqnr_db, clipped)
///     mse: the mean of e**2. max_abs: the greatest |e|. sqnr_db: 10
///     log10(sum x**2 / sum e**2), inf if there is no error, NaN if there
///     is no signal either. clipped: the count of numbers that fell outside
///     the codes. Errors are computed and summed in float64, in an order
///     that is the same on every CPU and for any number of threads; with
///     `axis`, over all slices together.
///
/// Raises
/// ------
/// ValueError
///     For a NaN or an infinity in `x`, for an empty `x`, and as
///     `quantize`.
/// TypeError
///     For a wrong type.
///
/// Examples
/// --------
/// >>> x = np.array([1.0, 2.5, 300.0])
/// >>> zeropoint.quantization_error(x, 1.0).clipped
/// 1
#[pyfunction]
#[pyo3(signature = (x, scale, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, packed=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn quantization_error<'py>(
    x: &Bound<'py, PyAny>,
    scale: &Bound<'py, PyAny>,
    zero_point: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    bits: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    axis: Option<i64>,
    block_size: Option<i64>,
    packed: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, packed, None)?;
    let slices = Slices::new(x.shape(), axis, block_size)?;
    let stats = for_numbers!(arrays::numbers(&x, "x")?, T => for_codes!(coding.codes, Q => {
        error_as::<T, Q>(&x, scale, zero_point, coding.limits::<Q>()?, slices.as_ref())
    }))?;
    let fields = (stats.mse(), stats.max_abs(), stats.sqnr_db(), stats.clipped());
    result!(x.py(), "QuantizationError", fields)
}

fn error_as<T: Number, Q: Coded>(
    x: &Bound<'_, PyUntypedArray>,
    scale: &Bound<'_, PyAny>,
    zero_point: Option<&Bound<'_, PyAny>>,
    limits: Limits,
    slices: Option<&Slices>,
) -> PyResult<ErrorStats> {
    let py = x.py();
    let given = Given::<T::Compute, Q>::new(scale, zero_point, slices, limits)?;
    let src = arrays::read::<T>(x, "x")?;
    let (src, backend) = (src.as_slice()?, crate::backend()?);
    py.detach(|| match &given {
        Given::One(p) => backend.quantization_error(src, p),
        Given::Many(slices, p) => backend.quantization_error_per(*slices, src, p.params()),
    })
    .map_err(value_error)
}
