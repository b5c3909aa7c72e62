//! Exact sums of codes.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use zeropoint::{Backend, Granularity};

use crate::arrays::{self, value_error};
use crate::coding::{Coding, codes_in};
use crate::given::Slices;
use crate::quantize::{Call, Quantized, quantize_as};
use crate::types::{Coded, for_codes, for_numbers};

type Summed<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Returns the exact sum of codes, or of the codes of each slice.
///
/// An integer matrix product needs the sums to correct for the zero point
/// of its other operand.
///
/// Parameters
/// ----------
/// q : array of int8, uint8, int16, uint16, or int32
///     Any shape and layout, as for `quantize`.
/// axis, block_size : int
///     Each index of this axis, or each block along it, has a sum, as for
///     `quantize`. So `sum_codes(q, axis=0)` is `q.sum(axis=1)` of a
///     matrix: `axis` is the axis that stays.
/// packed, shape
///     As for `dequantize`, for packed codes.
///
/// Returns
/// -------
/// NumPy scalar of int64; with `axis`, an array of a scale's shape
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type.
///
/// Examples
/// --------
/// >>> q = np.array([[1, 2, 3], [-4, -5, 100]], np.int8)
/// >>> zeropoint.sum_codes(q, axis=0)
/// array([ 6, 91])
#[pyfunction]
#[pyo3(signature = (q, *, axis=None, block_size=None, packed=None, shape=None))]
pub(crate) fn sum_codes<'py>(
    q: &Bound<'py, PyAny>,
    axis: Option<i64>,
    block_size: Option<i64>,
    packed: Option<&str>,
    shape: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let q = arrays::array(q, "q")?;
    let (codes, shape) = codes_in(&q, packed, shape)?;
    let slices = Slices::new(&shape, axis, block_size)?;
    let granularity = granularity(&shape, slices.as_ref());
    let mut sums = arrays::room(granularity.slices(), 0)?;
    for_codes!(codes, Q => sum_as::<Q>(&q, granularity, &mut sums))?;
    sums_out(q.py(), sums, slices.as_ref())
}

fn sum_as<Q: Coded>(
    q: &Bound<'_, PyUntypedArray>,
    granularity: Granularity,
    sums: &mut [i64],
) -> PyResult<()> {
    let src = arrays::read::<Q::Stored>(q, "q")?;
    let (src, backend) = (Q::codes(src.as_slice()?), crate::backend()?);
    q.py().detach(|| backend.sum_per(granularity, src, sums)).map_err(value_error)
}

/// Returns the division of a tensor into slices, or into one slice if there are no `slices`.
fn granularity(shape: &[usize], slices: Option<&Slices>) -> Granularity {
    slices.map_or(Granularity::tensor(shape.iter().product()), |slices| slices.granularity)
}

fn sums_out<'py>(
    py: Python<'py>,
    sums: Vec<i64>,
    slices: Option<&Slices>,
) -> PyResult<Bound<'py, PyAny>> {
    match slices {
        None => arrays::integer(py, sums[0]),
        Some(slices) => arrays::from_vec(py, sums, &slices.shape),
    }
}

/// Turns numbers into codes as `quantize` does, and sums the codes exactly.
///
/// If the scale is given and each slice is contiguous, codes are summed
/// while they are in the caches. Otherwise the sums are a second pass, as
/// by `sum_codes`.
///
/// Parameters
/// ----------
/// x, scale, zero_point, scheme, bits, dtype, axis, block_size, packed, out
///     As for `quantize`.
///
/// Returns
/// -------
/// q, scale, zero_point
///     As from `quantize`.
/// sums : NumPy scalar of int64; with `axis`, an array of `scale`'s shape
///     The sum of the codes that the scale belongs to.
///
/// Raises
/// ------
/// ValueError, TypeError
///     As `quantize`.
///
/// Examples
/// --------
/// >>> x = np.array([[1.0, -1.0], [2.0, 1000.0]], np.float32)
/// >>> zeropoint.quantize_with_sums(x, [0.5, 0.5], [10, 10], axis=0)[3]
/// array([ 20, 269])
#[pyfunction]
#[pyo3(signature = (x, scale=None, zero_point=None, *, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, packed=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn quantize_with_sums<'py>(
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
) -> PyResult<Summed<'py>> {
    let x = arrays::array(x, "x")?;
    let numbers = arrays::numbers(&x, "x")?;
    let coding = Coding::new(scheme, bits, dtype, packed, out)?;
    let shape = x.shape().to_vec();
    let slices = Slices::new(&shape, axis, block_size)?;
    let mut sums = arrays::room(granularity(&shape, slices.as_ref()).slices(), 0)?;
    let call = Call { scale, zero_point, shape, slices, out };
    let (q, scale, zero_point): Quantized<'py> = for_numbers!(numbers, T => for_codes!(coding.codes, Q => {
        quantize_as::<T, Q>(&x, coding, &call, Some(&mut sums))
    }))?;
    Ok((q, scale, zero_point, sums_out(x.py(), sums, call.slices.as_ref())?))
}
