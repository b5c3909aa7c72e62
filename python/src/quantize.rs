//! From numbers to codes, and back.

use std::borrow::Cow;

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use zeropoint::{Backend, ParamsMut, QParams, Scheme, ZeroPointsMut};

use crate::arrays::{self, value_error};
use crate::given::{Coding, Given, Limits, Slices};
use crate::types::{Coded, Codes, Number, Numbers, Scale, for_codes, for_numbers};

type Parameters<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);
type Quantized<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Holds the arguments besides numbers or codes, and the types.
struct Call<'a, 'py> {
    scale: Option<&'a Bound<'py, PyAny>>,
    zero_point: Option<&'a Bound<'py, PyAny>>,
    slices: Option<Slices>,
    out: Option<&'a Bound<'py, PyAny>>,
}

/// Turns numbers into codes, and returns them with their scale and zero point.
///
///     q = clip(rint(x / scale) + zero_point, qmin, qmax)
///
/// Without `scale`, the parameters come from the range of `x`, beta = min(x) to alpha = max(x), or from
/// the range of each slice:
///
///     asymmetric   scale = (alpha - beta) / (qmax - qmin)        zero_point = rint(qmin - beta / scale)
///     symmetric    scale = max(|alpha|, |beta|) / (2**(n-1) - 1)   zero_point = 0, or 2**(n-1) if unsigned
///
/// The division is a true one, `rint` takes ties to even, and the zero point is added to the rounded
/// integer. float64 is computed in float64, every other type in float32. The codes are the same on every CPU
/// and with any number of threads.
///
/// Parameters
/// ----------
/// x : array of float16, float32, float64, or bfloat16 (of `ml_dtypes`)
///     Any shape. An array in C order is read in place; others (Fortran order, strides, negative ones too,
///     another byte order, misaligned) are copied first. `numpy.asarray` converts lists. Integers are
///     refused: convert them to the type in which they are to be divided.
/// scale, zero_point : numbers, or arrays of them with `axis`
///     Parameters to use instead of those of the range. The scale is rounded to the type of computation. The
///     default zero point is 0. A zero point outside the codes is refused, except in "asymmetric_raw".
/// scheme : str
///     "asymmetric": codes 0 to 2**n - 1 (signed: -2**(n-1) to 2**(n-1) - 1); the range is first widened to
///     contain 0. "asymmetric_raw": the range is not widened, so 0 may have no code.
///     "symmetric": codes -(2**(n-1) - 1) to 2**(n-1) - 1. "symmetric_full": -2**(n-1) too.
///     With a given scale, the scheme says only which codes exist.
/// bits : int
///     n, from 2 to the bits of `dtype`. The default is the bits of `dtype`, or 8. Below 8, a code still takes
///     a byte.
/// dtype : "int8", "uint8", "int16" or "uint16"
///     The default is the type of `out`; without `out`, int8 for symmetric codes and uint8 for asymmetric ones,
///     and int16 and uint16 for more than 8 bits.
/// axis : int
///     Each index of this axis has a scale and a zero point, over all other axes. (It is the axis that stays,
///     not the one that is reduced.)
/// block_size : int
///     Each block of so many elements along `axis` has a scale and a zero point, at every place of the other
///     axes, as in ONNX. The last block may be shorter.
/// out : array
///     Receives the codes: in C order, of the right type and shape, sharing no memory with `x`.
///
/// Returns
/// -------
/// q : array of `x`'s shape
/// scale : NumPy scalar, float64 for float64 and float32 otherwise; with `axis`, an array of shape
///     `(x.shape[axis],)`; with `block_size` of `x`'s shape, but `axis` as long as there are blocks
/// zero_point : int32, of the same shape
///
/// Raises
/// ------
/// ValueError
///     For a wrong value; if parameters come from data, for a NaN, an infinity, or no data.
/// TypeError
///     For a wrong type.
///
/// Notes
/// -----
/// With given parameters, NaN becomes qmin, inf qmax, -inf qmin. An empty array gives an empty one. If all
/// elements are zero, the scale is 1. A refused call writes nothing to `out`, except that with `axis` or
/// `block_size` and no scale `out` may be written in part.
///
/// The interpreter's lock is released while the kernels run, and threads share long arrays (as many threads
/// as `RAYON_NUM_THREADS` says, or as there are CPUs). Other calls of this package that would write to an
/// array in use are refused. Other code that writes to `x` or `out` meanwhile is a data race: the codes are
/// then unspecified, and the language that the kernels are written in promises nothing.
///
/// Examples
/// --------
/// >>> x = np.array([-1.0, 0.0, 0.5, 1.55], np.float32)
/// >>> q, scale, zero_point = zeropoint.quantize(x)
/// >>> q
/// array([  0, 100, 150, 255], dtype=uint8)
/// >>> zero_point
/// np.int32(100)
#[pyfunction]
#[pyo3(signature = (x, scale=None, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn quantize<'py>(
    x: &Bound<'py, PyAny>,
    scale: Option<&Bound<'py, PyAny>>,
    zero_point: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    bits: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    axis: Option<i64>,
    block_size: Option<i64>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Quantized<'py>> {
    let x = arrays::array(x, "x")?;
    let numbers = arrays::numbers(&x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, out)?;
    let slices = Slices::new(x.shape(), axis, block_size)?;
    let call = Call { scale, zero_point, slices, out };
    for_numbers!(numbers, T => for_codes!(coding.codes, Q => quantize_as::<T, Q>(&x, coding, &call)))
}

fn quantize_as<'py, T: Number, Q: Coded>(
    x: &Bound<'py, PyUntypedArray>,
    coding: Coding,
    call: &Call<'_, 'py>,
) -> PyResult<Quantized<'py>> {
    let py = x.py();
    let given = match call.scale {
        Some(scale) => {
            Some(Given::new(scale, call.zero_point, call.slices.as_ref(), coding.limits::<Q>()?)?)
        }
        None if call.zero_point.is_some() => {
            return Err(value_error("zero_point is given, but scale is None"));
        }
        None => None,
    };
    let src = arrays::read::<T>(x, "x")?;
    let q = arrays::output::<Q>(py, call.out, x.shape())?;
    arrays::refuse_overlap(&src, &q)?;
    let mut dst = arrays::write(&q)?;
    let (src, dst) = (src.as_slice()?, dst.as_slice_mut()?);
    let (scale, zero_point) = match (given, &call.slices) {
        (Some(given), _) => quantize_static(py, src, given, dst)?,
        (None, Some(slices)) => quantize_slices(py, src, coding.scheme, slices, dst)?,
        (None, None) => {
            let (backend, scheme) = (crate::backend()?, coding.scheme);
            let p: QParams<T::Compute, Q> =
                py.detach(|| backend.quantize_dynamic(src, scheme, dst)).map_err(value_error)?;
            one_out(py, &p)?
        }
    };
    Ok((q.into_any(), scale, zero_point))
}

/// Quantizes with given parameters, and returns those that were used.
fn quantize_static<'py, T: Number, Q: Coded>(
    py: Python<'py>,
    src: &[T],
    given: Given<T::Compute, Q>,
    dst: &mut [Q],
) -> PyResult<Parameters<'py>> {
    let backend = crate::backend()?;
    match given {
        Given::One(p) => {
            py.detach(|| backend.quantize(src, &p, dst)).map_err(value_error)?;
            one_out(py, &p)
        }
        Given::Many(slices, p) => {
            py.detach(|| backend.quantize_per(slices, src, p.params(), dst))
                .map_err(value_error)?;
            many_out(py, p.scales, p.zero_points, &p.shape)
        }
    }
}

/// Quantizes with parameters from the range of every slice.
fn quantize_slices<'py, T: Number, Q: Coded>(
    py: Python<'py>,
    src: &[T],
    scheme: Scheme,
    slices: &Slices,
    dst: &mut [Q],
) -> PyResult<Parameters<'py>> {
    let (backend, granularity) = (crate::backend()?, slices.granularity);
    let mut scales = arrays::room(granularity.slices(), <T::Compute>::nearest(0.0))?;
    let mut zero_points = arrays::room(granularity.slices(), 0)?;
    py.detach(|| {
        let params = ParamsMut::arrays(&mut scales, ZeroPointsMut::Integers(&mut zero_points));
        backend.quantize_dynamic_per(granularity, src, scheme, params, dst)
    })
    .map_err(value_error)?;
    many_out(py, scales, zero_points, &slices.shape)
}

fn one_out<'py, S: Scale, Q: Coded>(
    py: Python<'py>,
    p: &QParams<S, Q>,
) -> PyResult<Parameters<'py>> {
    Ok((arrays::scalar(py, p.scale())?, arrays::int32(py, p.zero_point())?))
}

pub(crate) fn many_out<'py, S: Scale>(
    py: Python<'py>,
    scales: Vec<S>,
    zero_points: Vec<i32>,
    shape: &[usize],
) -> PyResult<Parameters<'py>> {
    Ok((arrays::from_vec(py, scales, shape)?, arrays::from_vec(py, zero_points, shape)?))
}

/// Turns codes back into numbers.
///
///     x = (q - zero_point) * scale
///
/// The difference is an exact integer. Its product with the scale is rounded once, for float16 and bfloat16
/// a second time. A number beyond the type becomes an infinity.
///
/// Parameters
/// ----------
/// q : array of int8, uint8, int16, uint16, or int32 (accumulators, biases)
///     Any shape and layout, as for `quantize`.
/// scale, zero_point : numbers, or arrays of them with `axis`
///     The shapes are those that `quantize` returns. The default zero point is 0.
/// scheme : str
///     With "asymmetric_raw", a zero point may lie outside the codes of `q`'s type. Every other scheme of
///     `quantize` refuses it.
/// axis, block_size : int
///     As for `quantize`.
/// dtype : "float32", "float64", "float16" or "bfloat16"
///     The type of the result. The default is the type of `out`; without `out`, float64 if the scale is NumPy's
///     float64, and float32 otherwise. The scale is rounded to float64 or float32, in which the product is
///     computed.
/// out : array
///     Receives the numbers: in C order, of the right type and shape, sharing no memory with `q`.
///
/// Returns
/// -------
/// array of `q`'s shape
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type; nothing is written then.
///
/// Examples
/// --------
/// >>> zeropoint.dequantize(np.array([0, 10, 13], np.uint8), 0.5, 10)
/// array([-5. ,  0. ,  1.5], dtype=float32)
#[pyfunction]
#[pyo3(signature = (q, scale, zero_point=None, *, scheme="asymmetric", axis=None, block_size=None, dtype=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn dequantize<'py>(
    q: &Bound<'py, PyAny>,
    scale: &Bound<'py, PyAny>,
    zero_point: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    axis: Option<i64>,
    block_size: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let q = arrays::array(q, "q")?;
    let name = arrays::dtype_name(&q.dtype())?;
    let codes = Codes::named(&name).ok_or_else(|| {
        let names = Codes::NAMES;
        PyTypeError::new_err(format!("q has dtype {name}, one of {names}, int32 is needed"))
    })?;
    let name = match dtype {
        Some(dtype) => arrays::dtype_argument(dtype)?,
        None => arrays::dtype_of_out(out).map_or_else(|| dtype_of_scale(scale), Ok)?,
    };
    let numbers = Numbers::named(q.py(), &name)?.ok_or_else(|| {
        let names = Numbers::NAMES;
        PyTypeError::new_err(format!("numbers of dtype {name}, one of {names} is needed"))
    })?;
    let slices = Slices::new(q.shape(), axis, block_size)?;
    let call = Call { scale: None, zero_point, slices, out };
    for_numbers!(numbers, T => for_codes!(codes, Q => {
        dequantize_as::<T, Q>(&q, scale, Limits::of_type::<Q>(codes, scheme)?, &call)
    }))
}

/// Returns the type of numbers that a scale suggests.
fn dtype_of_scale(scale: &Bound<'_, PyAny>) -> PyResult<Cow<'static, str>> {
    let is_double = match arrays::dtype_of(scale)? {
        Some(dtype) => arrays::dtype_name(&dtype)? == "float64",
        None => false,
    };
    Ok(if is_double { "float64" } else { "float32" }.into())
}

fn dequantize_as<'py, T: Number, Q: Coded>(
    q: &Bound<'py, PyUntypedArray>,
    scale: &Bound<'py, PyAny>,
    limits: Limits,
    call: &Call<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = q.py();
    let slices = call.slices.as_ref();
    let given = Given::<T::Compute, Q>::new(scale, call.zero_point, slices, limits)?;
    let src = arrays::read::<Q>(q, "q")?;
    let x = arrays::output::<T>(py, call.out, q.shape())?;
    arrays::refuse_overlap(&src, &x)?;
    let mut dst = arrays::write(&x)?;
    let (src, dst) = (src.as_slice()?, dst.as_slice_mut()?);
    let backend = crate::backend()?;
    py.detach(|| match &given {
        Given::One(p) => backend.dequantize(src, p, dst),
        Given::Many(slices, p) => backend.dequantize_per(*slices, src, p.params(), dst),
    })
    .map_err(value_error)?;
    Ok(x.into_any())
}

/// Rounds numbers to those that have a code: `quantize` with given parameters and then `dequantize`, in one
/// pass.
///
///     y = (clip(rint(x / scale) + zero_point, qmin, qmax) - zero_point) * scale
///
/// Parameters
/// ----------
/// x, scale, zero_point, scheme, bits, dtype, axis, block_size
///     As for `quantize`, with `scale` given. A scale does not tell which codes exist: pass the scheme, bits
///     and dtype (the type that the codes would have) that it was made for.
/// out : array
///     Receives the numbers: in C order, of `x`'s type and shape. It may be `x` itself, and otherwise shares no
///     memory with it.
///
/// Returns
/// -------
/// array of `x`'s type and shape
///     NaN and -inf become the number of qmin, inf becomes that of qmax.
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type; nothing is written then.
///
/// Examples
/// --------
/// >>> zeropoint.fake_quantize(np.array([0.3, -0.75, -1e9, 1e9], np.float32), 0.5, 10)
/// array([  0.5,  -1. ,  -5. , 122.5], dtype=float32)
#[pyfunction]
#[pyo3(signature = (x, scale, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn fake_quantize<'py>(
    x: &Bound<'py, PyAny>,
    scale: &Bound<'py, PyAny>,
    zero_point: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    bits: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    axis: Option<i64>,
    block_size: Option<i64>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    let numbers = arrays::numbers(&x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, None)?;
    let slices = Slices::new(x.shape(), axis, block_size)?;
    let call = Call { scale: Some(scale), zero_point, slices, out };
    for_numbers!(numbers, T => for_codes!(coding.codes, Q => {
        fake_quantize_as::<T, Q>(&x, scale, coding.limits::<Q>()?, &call)
    }))
}

fn fake_quantize_as<'py, T: Number, Q: Coded>(
    x: &Bound<'py, PyUntypedArray>,
    scale: &Bound<'py, PyAny>,
    limits: Limits,
    call: &Call<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = x.py();
    let slices = call.slices.as_ref();
    let given = Given::<T::Compute, Q>::new(scale, call.zero_point, slices, limits)?;
    let y = arrays::output::<T>(py, call.out, x.shape())?;
    // `None` where the numbers stand in the output already.
    let src = if arrays::are_same(x, &y) { None } else { Some(arrays::read::<T>(x, "x")?) };
    if let Some(src) = &src {
        arrays::refuse_overlap(src, &y)?;
    }
    let mut dst = arrays::write(&y)?;
    let dst = dst.as_slice_mut()?;
    let src = src.as_ref().map(|src| src.as_slice()).transpose()?;
    let backend = crate::backend()?;
    py.detach(|| match (&given, src) {
        (Given::One(p), Some(src)) => backend.fake_quantize(src, p, dst),
        (Given::One(p), None) => {
            backend.fake_quantize_in_place(dst, p);
            Ok(())
        }
        (Given::Many(slices, p), Some(src)) => {
            backend.fake_quantize_per(*slices, src, p.params(), dst)
        }
        (Given::Many(slices, p), None) => {
            backend.fake_quantize_in_place_per(*slices, dst, p.params())
        }
    })
    .map_err(value_error)?;
    Ok(y.into_any())
}
