//! The operations that return numbers: dequantize and fake-quantize.

use std::borrow::Cow;

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use zeropoint::Backend;

use crate::arrays::{self, value_error};
use crate::coding::{Coding, Limits, codes_in};
use crate::given::{Given, Slices};
use crate::quantize::Call;
use crate::types::{Coded, Number, Numbers, for_codes, for_numbers};

/// Turns codes back into numbers.
///
///     x = (q - zero_point) * scale
///
/// The difference is an exact integer. Its product with the scale is
/// rounded once, for float16 and bfloat16 a second time. A number beyond
/// the type becomes an infinity.
///
/// Parameters
/// ----------
/// q : array of int8, uint8, int16, uint16, or int32 (accumulators, biases)
///     Any shape and layout, as for `quantize`.
/// scale, zero_point : numbers, or arrays of them with `axis`
///     The shapes are those that `quantize` returns. The default zero point
///     is 0.
/// scheme : str
///     With "asymmetric_raw", a zero point may lie outside the codes of
///     `q`'s type. Every other scheme of `quantize` refuses it.
/// axis, block_size : int
///     As for `quantize`.
/// dtype : "float32", "float64", "float16" or "bfloat16"
///     The type of the result. The default is the type of `out`; without
///     `out`, float64 if the scale is NumPy's float64, and float32
///     otherwise. The scale is rounded to float64 or float32, in which the
///     product is computed.
/// packed : "int4", "uint4", "int2" or "uint2"
/// shape : integer, or a sequence of them
///     With `packed`, `q` is a vector of bytes, as `quantize` returns it
///     for the same `packed`, and `shape` is the shape of the numbers that
///     were quantized. Unused bits of the last byte are not read.
/// out : array
///     Receives the numbers: in C order, of the right type and shape,
///     sharing no memory with `q`.
///
/// Returns
/// -------
/// array of `q`'s shape, or of `shape`
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
/// >>> q = np.array([0x31, 0x04], np.uint8)
/// >>> zeropoint.dequantize(q, 0.5, 3, packed="uint4", shape=3)
/// array([-1. ,  0. ,  0.5], dtype=float32)
#[pyfunction]
#[pyo3(signature = (q, scale, zero_point=None, *, scheme="asymmetric", axis=None, block_size=None, dtype=None, packed=None, shape=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn dequantize<'py>(
    q: &Bound<'py, PyAny>,
    scale: &Bound<'py, PyAny>,
    zero_point: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    axis: Option<i64>,
    block_size: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    packed: Option<&str>,
    shape: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let q = arrays::array(q, "q")?;
    let (codes, shape) = codes_in(&q, packed, shape)?;
    let name = match dtype {
        Some(dtype) => arrays::dtype_argument(dtype)?,
        None => arrays::dtype_of_out(out).map_or_else(|| dtype_of_scale(scale), Ok)?,
    };
    let numbers = Numbers::named(q.py(), &name)?.ok_or_else(|| {
        let names = Numbers::NAMES;
        PyTypeError::new_err(format!("numbers of dtype {name}, one of {names} is needed"))
    })?;
    let slices = Slices::new(&shape, axis, block_size)?;
    let call = Call { scale: None, zero_point, shape, slices, out };
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
    let src = arrays::read::<Q::Stored>(q, "q")?;
    let x = arrays::output::<T>(py, call.out, &call.shape)?;
    arrays::refuse_overlap(&src, &x)?;
    let mut dst = arrays::write(&x)?;
    let (src, dst) = (Q::codes(src.as_slice()?), dst.as_slice_mut()?);
    let backend = crate::backend()?;
    py.detach(|| match &given {
        Given::One(p) => backend.dequantize(src, p, dst),
        Given::Many(slices, p) => backend.dequantize_per(*slices, src, p.params(), dst),
    })
    .map_err(value_error)?;
    Ok(x.into_any())
}

/// Rounds numbers to those that have a code.
///
/// The result is that of `quantize` with given parameters and then
/// `dequantize`, in one pass:
///
///     q = clip(rint(x / scale) + zero_point, qmin, qmax)
///     y = (q - zero_point) * scale
///
/// Parameters
/// ----------
/// x, scale, zero_point, scheme, bits, dtype, axis, block_size, packed
///     As for `quantize`, with `scale` given. A scale does not tell which
///     codes exist: pass the scheme, bits and dtype or packed (the type
///     that the codes would have) that it was made for.
/// out : array
///     Receives the numbers: in C order, of `x`'s type and shape. It may be
///     `x` itself, and otherwise shares no memory with it.
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
/// >>> x = np.array([0.3, -0.75, -1e9, 1e9], np.float32)
/// >>> zeropoint.fake_quantize(x, 0.5, 10)
/// array([  0.5,  -1. ,  -5. , 122.5], dtype=float32)
#[pyfunction]
#[pyo3(signature = (x, scale, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, packed=None, out=None))]
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
    packed: Option<&str>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    let numbers = arrays::numbers(&x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, packed, None)?;
    let shape = x.shape().to_vec();
    let slices = Slices::new(&shape, axis, block_size)?;
    let call = Call { scale: Some(scale), zero_point, shape, slices, out };
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
    let y = arrays::output::<T>(py, call.out, &call.shape)?;
    // `src` is `None` if the numbers are already in the output.
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
