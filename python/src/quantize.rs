//! The operations that return codes and their parameters.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use zeropoint::{Backend, Granularity, ParamsMut, QParams, Scheme, ZeroPointsMut};

use crate::arrays::{self, value_error};
use crate::coding::Coding;
use crate::given::{Given, Slices};
use crate::types::{Coded, Number, Scale, for_codes, for_numbers};

type Parameters<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);
pub(crate) type Quantized<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Holds the arguments other than numbers or codes, and the types.
pub(crate) struct Call<'a, 'py> {
    pub(crate) scale: Option<&'a Bound<'py, PyAny>>,
    pub(crate) zero_point: Option<&'a Bound<'py, PyAny>>,
    /// The shape of the tensor, read once: the caller's array object may get another shape during the call.
    pub(crate) shape: Vec<usize>,
    pub(crate) slices: Option<Slices>,
    pub(crate) out: Option<&'a Bound<'py, PyAny>>,
}

/// Turns numbers into codes, and returns them with their parameters.
///
///     q = clip(rint(x / scale) + zero_point, qmin, qmax)
///
/// Without `scale`, the parameters come from the range of `x`, which is
/// beta = min(x) to alpha = max(x), or from the range of each slice:
///
///     asymmetric   scale = (alpha - beta) / (qmax - qmin)
///                  zero_point = rint(qmin - beta / scale)
///     symmetric    scale = max(|alpha|, |beta|) / (2**(n-1) - 1)
///                  zero_point = 0, or 2**(n-1) if unsigned
///
/// The division is a true one, `rint` takes ties to even, and the zero
/// point is added to the rounded integer. float64 is computed in float64,
/// every other type in float32. The codes are the same on every CPU and
/// with any number of threads.
///
/// Parameters
/// ----------
/// x : array of float16, float32, float64, or bfloat16 (of `ml_dtypes`)
///     Any shape. An array in C order is read in place; others (Fortran
///     order, strides, negative ones too, another byte order, misaligned)
///     are copied first. `numpy.asarray` converts lists. Integers are
///     refused: convert them to the type in which they are to be divided.
/// scale, zero_point : numbers, or arrays of them with `axis`
///     Parameters to use instead of those of the range. The scale is
///     rounded to the type of computation. The default zero point is 0. A
///     zero point outside the codes is refused, except in "asymmetric_raw".
/// scheme : str
///     "asymmetric": codes 0 to 2**n - 1, or -2**(n-1) to 2**(n-1) - 1 if
///     signed. The range is first widened to contain 0. "asymmetric_raw":
///     the same codes; the range is not widened, so 0 may have no code.
///     "symmetric": codes -(2**(n-1) - 1) to 2**(n-1) - 1.
///     "symmetric_full": codes -2**(n-1) to 2**(n-1) - 1. With a given
///     scale, the scheme says only which codes exist.
/// bits : int
///     n, from 2 to the bits of `dtype` or `packed`. The default is all of
///     them, or 8. Below 8, a code still takes a byte, unless `packed` is
///     given.
/// dtype : "int8", "uint8", "int16" or "uint16"
///     The default is the type of `out`; without `out`, int8 for symmetric
///     codes and uint8 for asymmetric ones, and int16 and uint16 for more
///     than 8 bits.
/// packed : "int4", "uint4", "int2" or "uint2"
///     The type of codes that share a byte, two or four, in place of
///     `dtype`. The first code is in the lowest bits, as in ONNX. `q` is
///     then a vector of `ceil(x.size / 2)` or `ceil(x.size / 4)` bytes, the
///     codes in C order. The unused bits of the last byte are 0.
///     `dequantize` unpacks them.
/// axis : int
///     Each index of this axis has a scale and a zero point, over all other
///     axes. (It is the axis that stays, not the one that is reduced.)
/// block_size : int
///     Each block of so many elements along `axis` has a scale and a zero
///     point, at every place of the other axes, as in ONNX. The last block
///     may be shorter.
/// out : array
///     Receives the codes: in C order, of the right type and shape, sharing
///     no memory with `x`.
///
/// Returns
/// -------
/// q : array
///     In the shape of `x`; with `packed`, of uint8 and one dimension.
/// scale : NumPy scalar, or an array with `axis`
///     float64 for float64 and float32 otherwise. With `axis`, its shape is
///     `(x.shape[axis],)`; with `block_size` that of `x`, but `axis` is as
///     long as there are blocks.
/// zero_point : NumPy scalar of int32, or an array of `scale`'s shape
///
/// Raises
/// ------
/// ValueError
///     For a wrong value; if parameters come from data, for a NaN, an
///     infinity, or no data.
/// TypeError
///     For a wrong type.
///
/// Notes
/// -----
/// With given parameters, NaN becomes qmin, inf qmax, -inf qmin. An empty
/// array gives an empty one. If all elements are zero, the scale is 1. A
/// refused call writes nothing to `out`, except that with `axis` or
/// `block_size` and no scale `out` may be written in part.
///
/// The interpreter's lock is released while the kernels run, and threads
/// share long arrays (as many threads as `RAYON_NUM_THREADS` says, or as
/// there are CPUs). Other calls of this package that would write to an
/// array in use are refused. Other code that writes to `x` or `out`
/// meanwhile is a data race: the codes are then unspecified, and the
/// language that the kernels are written in promises nothing.
///
/// Examples
/// --------
/// >>> x = np.array([-1.0, 0.0, 0.5, 1.55], np.float32)
/// >>> q, scale, zero_point = zeropoint.quantize(x)
/// >>> q
/// array([  0, 100, 150, 255], dtype=uint8)
/// >>> zero_point
/// np.int32(100)
/// >>> zeropoint.quantize(x, 0.5, 3, packed="uint4")[0]  # codes 1, 3, 4, 6
/// array([ 49, 100], dtype=uint8)
#[pyfunction]
#[pyo3(signature = (x, scale=None, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, packed=None, out=None))]
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
    packed: Option<&str>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Quantized<'py>> {
    let x = arrays::array(x, "x")?;
    let numbers = arrays::numbers(&x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, packed, out)?;
    let shape = x.shape().to_vec();
    let slices = Slices::new(&shape, axis, block_size)?;
    let call = Call { scale, zero_point, shape, slices, out };
    for_numbers!(numbers, T => for_codes!(coding.codes, Q => {
        quantize_as::<T, Q>(&x, coding, &call, None)
    }))
}

/// Quantizes, and, if there are `sums`, writes the sum of the codes of each slice.
pub(crate) fn quantize_as<'py, T: Number, Q: Coded>(
    x: &Bound<'py, PyUntypedArray>,
    coding: Coding,
    call: &Call<'_, 'py>,
    sums: Option<&mut [i64]>,
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
    let q = arrays::output::<Q::Stored>(py, call.out, &Q::stored_shape(&call.shape))?;
    arrays::refuse_overlap(&src, &q)?;
    let mut dst = arrays::write(&q)?;
    let (src, dst) = (src.as_slice()?, Q::codes_mut(dst.as_slice_mut()?));
    let granularity =
        call.slices.as_ref().map_or(Granularity::tensor(src.len()), |slices| slices.granularity);
    let (scale, zero_point) = match (given, &call.slices) {
        (Some(given), _) => quantize_static(py, src, given, dst, granularity, sums)?,
        (None, slices) => {
            let (scale, zero_point) = match slices {
                Some(slices) => quantize_slices(py, src, coding.scheme, slices, dst)?,
                None => quantize_range(py, src, coding.scheme, dst)?,
            };
            if let Some(sums) = sums {
                let backend = crate::backend()?;
                py.detach(|| backend.sum_per(granularity, dst, sums)).map_err(value_error)?;
            }
            (scale, zero_point)
        }
    };
    Ok((q.into_any(), scale, zero_point))
}

/// Quantizes with given parameters, and returns the parameters.
fn quantize_static<'py, T: Number, Q: Coded>(
    py: Python<'py>,
    src: &[T],
    given: Given<T::Compute, Q>,
    dst: &mut [Q],
    granularity: Granularity,
    sums: Option<&mut [i64]>,
) -> PyResult<Parameters<'py>> {
    let backend = crate::backend()?;
    py.detach(|| match (&given, sums) {
        (Given::One(p), None) => backend.quantize(src, p, dst),
        (Given::One(p), Some(sums)) => {
            backend.quantize_with_sums(granularity, src, &[*p], dst, sums)
        }
        (Given::Many(slices, p), None) => backend.quantize_per(*slices, src, p.params(), dst),
        (Given::Many(slices, p), Some(sums)) => {
            backend.quantize_with_sums(*slices, src, p.params(), dst, sums)
        }
    })
    .map_err(value_error)?;
    match given {
        Given::One(p) => one_out(py, &p),
        Given::Many(_, p) => many_out(py, p.scales, p.zero_points, &p.shape),
    }
}

/// Quantizes with parameters from the range of all numbers.
fn quantize_range<'py, T: Number, Q: Coded>(
    py: Python<'py>,
    src: &[T],
    scheme: Scheme,
    dst: &mut [Q],
) -> PyResult<Parameters<'py>> {
    let backend = crate::backend()?;
    let p: QParams<T::Compute, Q> =
        py.detach(|| backend.quantize_dynamic(src, scheme, dst)).map_err(value_error)?;
    one_out(py, &p)
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
    Ok((arrays::scalar(py, p.scale())?, arrays::integer(py, p.zero_point())?))
}

pub(crate) fn many_out<'py, S: Scale>(
    py: Python<'py>,
    scales: Vec<S>,
    zero_points: Vec<i32>,
    shape: &[usize],
) -> PyResult<Parameters<'py>> {
    Ok((arrays::from_vec(py, scales, shape)?, arrays::from_vec(py, zero_points, shape)?))
}
