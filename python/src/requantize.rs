//! The operations from integer accumulators to codes.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use zeropoint::{Backend, Granularity, Requantize};

use crate::arrays::{self, value_error};
use crate::coding::{Coding, Limits};
use crate::given::{Slices, converted, elements, one_number, whole};
use crate::quantize::Call;
use crate::types::{Coded, Scale, for_codes};

/// Turns accumulators, such as an integer matrix product has, into codes.
///
///     q = clip(rint(float32(acc) * multiplier) + zero_point, qmin, qmax)
///
/// With `shift`, the multiplier is the fixed-point number `multiplier *
/// 2**(shift - 31)`, and only integers are computed with, as in gemmlowp
/// and TFLite:
///
///     n = round_up(int32(acc * 2**max(shift, 0)) * multiplier / 2**31)
///     q = clip(round_away(n / 2**max(-shift, 0)) + zero_point, qmin, qmax)
///
/// `rint` takes ties to even, `round_up` takes them up, and `round_away`
/// takes them away from 0. `int32` saturates. Nothing wraps: a result that
/// is too great becomes qmax.
///
/// Parameters
/// ----------
/// acc : array of int32
///     Any shape and layout, as for `quantize`.
/// multiplier, zero_point : numbers, or arrays of them with `axis`
///     Usually `scale_x * scale_w / scale_y`, of the inputs and of the
///     result of a product. It is at least 0, and is rounded to float32.
///     With `shift` it is 0 or an integer from 2**30 to 2**31 - 1. The
///     default zero point is 0. A zero point outside the codes is refused,
///     except in "asymmetric_raw".
/// shift : integer, or an array of them with `axis`
///     From -31 to 30. `fixed_multiplier` returns the multiplier and the
///     shift for a real number.
/// scheme, bits, dtype, axis, block_size, packed
///     As for `quantize`: the scheme says only which codes exist.
/// out : array
///     Receives the codes: in C order, of the right type and shape, sharing
///     no memory with `acc`.
///
/// Returns
/// -------
/// array of `acc`'s shape; of uint8 and one dimension if `packed` is given
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type; nothing is written then.
///
/// Examples
/// --------
/// >>> acc = np.array([0, 150, -4000, 2**31 - 1], np.int32)
/// >>> zeropoint.requantize(acc, 0.01, -10, dtype="int8")
/// array([-10,  -8, -50, 127], dtype=int8)
/// >>> zeropoint.requantize(acc, 2**30, 5, shift=-3)    # by 1 / 16
/// array([  5,  14,   0, 255], dtype=uint8)
#[pyfunction]
#[pyo3(signature = (acc, multiplier, zero_point=None, *, shift=None, scheme="asymmetric", bits=None, dtype=None, axis=None, block_size=None, packed=None, out=None))]
#[expect(clippy::too_many_arguments, reason = "Python's have names")]
pub(crate) fn requantize<'py>(
    acc: &Bound<'py, PyAny>,
    multiplier: &Bound<'py, PyAny>,
    zero_point: Option<&Bound<'py, PyAny>>,
    shift: Option<&Bound<'py, PyAny>>,
    scheme: &str,
    bits: Option<i64>,
    dtype: Option<&Bound<'py, PyAny>>,
    axis: Option<i64>,
    block_size: Option<i64>,
    packed: Option<&str>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let acc = arrays::array(acc, "acc")?;
    let found = arrays::dtype_name(&acc.dtype())?;
    if found != "int32" {
        return Err(PyTypeError::new_err(format!("acc has dtype {found}, int32 is needed")));
    }
    let coding = Coding::new(scheme, bits, dtype, packed, out)?;
    let shape = acc.shape().to_vec();
    let slices = Slices::new(&shape, axis, block_size)?;
    let call = Call { scale: None, zero_point, shape, slices, out };
    for_codes!(coding.codes, Q => {
        let limits = coding.limits::<Q>()?;
        let params = Multipliers::<Q>::new(multiplier, shift, limits, &call)?;
        requantize_as::<Q>(&acc, &params, &call)
    })
}

fn requantize_as<'py, Q: Coded>(
    acc: &Bound<'py, PyUntypedArray>,
    params: &Multipliers<Q>,
    call: &Call<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = acc.py();
    let src = arrays::read::<i32>(acc, "acc")?;
    let q = arrays::output::<Q::Stored>(py, call.out, &Q::stored_shape(&call.shape))?;
    arrays::refuse_overlap(&src, &q)?;
    let mut dst = arrays::write(&q)?;
    let (src, dst) = (src.as_slice()?, Q::codes_mut(dst.as_slice_mut()?));
    let backend = crate::backend()?;
    py.detach(|| match params {
        Multipliers::One(p) => backend.requantize(src, p, dst),
        Multipliers::Many(slices, p) => backend.requantize_per(*slices, src, p, dst),
    })
    .map_err(value_error)?;
    Ok(q.into_any())
}

/// Holds the caller's multipliers and zero points.
enum Multipliers<Q> {
    /// One multiplier is for a whole array.
    One(Requantize<Q>),
    /// Every slice of an array has a multiplier.
    Many(Granularity, Vec<Requantize<Q>>),
}

impl<Q: Coded> Multipliers<Q> {
    fn new(
        multiplier: &Bound<'_, PyAny>,
        shift: Option<&Bound<'_, PyAny>>,
        limits: Limits,
        call: &Call<'_, '_>,
    ) -> PyResult<Self> {
        let Some(slices) = &call.slices else {
            let zero_point = match call.zero_point {
                Some(z) => whole(one_number(z, "zero_point")?).map_err(value_error)?,
                None => 0,
            };
            let multiplier = one_number(multiplier, "multiplier")?;
            let rescale = match shift {
                None => float(multiplier).map(Rescale::Float),
                Some(shift) => {
                    let shift = one_number(shift, "shift")?;
                    whole_multiplier(multiplier)
                        .and_then(|m| Ok(Rescale::Fixed(m, whole_shift(shift)?)))
                }
            };
            let p = rescale.and_then(|rescale| rescale.with(zero_point, limits));
            return p.map(Self::One).map_err(value_error);
        };
        let shape = &slices.shape;
        let array = |argument, name| arrays::array(argument, name);
        let multiplier = array(multiplier, "multiplier")?;
        let rescales = match shift {
            None => {
                let floats = converted(&multiplier, "multiplier", shape, float)?;
                Rescales::Float(floats)
            }
            Some(shift) => {
                let shift = array(shift, "shift")?;
                let fixed = converted(&multiplier, "multiplier", shape, whole_multiplier)?;
                Rescales::Fixed(fixed, converted(&shift, "shift", shape, whole_shift)?)
            }
        };
        let zero_points = match call.zero_point {
            None => None,
            Some(z) => Some(converted(&array(z, "zero_point")?, "zero_point", shape, whole)?),
        };
        let count = slices.granularity.slices();
        let mut all = Vec::new();
        arrays::reserve(&mut all, count)?;
        for i in 0..count {
            let zero_point = zero_points.as_ref().map_or(0, |z| z[i]);
            let p = rescales.at(i).with(zero_point, limits);
            all.push(p.map_err(|e| value_error(format!("parameters {i}: {e}")))?);
        }
        Ok(Self::Many(slices.granularity, all))
    }
}

/// Holds a multiplier, and a shift if it is in fixed point.
#[derive(Clone, Copy)]
enum Rescale {
    Float(f32),
    Fixed(i32, i32),
}

impl Rescale {
    /// Returns the parameters, and checks them, since an array of the right type was not converted.
    fn with<Q: Coded>(self, zero_point: i32, limits: Limits) -> Result<Requantize<Q>, String> {
        limits.check(zero_point)?;
        let p = match self {
            Self::Float(m) => Requantize::float(float(m.into())?, zero_point),
            Self::Fixed(m, s) => {
                Requantize::fixed(whole_multiplier(m.into())?, whole_shift(s.into())?, zero_point)
            }
        };
        let (qmin, qmax) = limits.codes();
        p.and_then(|p| p.with_codes(qmin, qmax)).map_err(|e| e.to_string())
    }
}

/// Holds a multiplier for every slice.
enum Rescales {
    Float(Vec<f32>),
    Fixed(Vec<i32>, Vec<i32>),
}

impl Rescales {
    fn at(&self, i: usize) -> Rescale {
        match self {
            Self::Float(multipliers) => Rescale::Float(multipliers[i]),
            Self::Fixed(multipliers, shifts) => Rescale::Fixed(multipliers[i], shifts[i]),
        }
    }
}

/// Returns a multiplier in `float32`, the type of the product.
fn float(multiplier: f64) -> Result<f32, String> {
    let nearest = f32::nearest(multiplier);
    if !(multiplier >= 0.0 && nearest.is_finite()) {
        let greatest = f32::MAX;
        return Err(format!("multiplier {multiplier:e} is not within 0..={greatest:e}"));
    }
    Ok(nearest)
}

/// Returns a multiplier in fixed point.
fn whole_multiplier(multiplier: f64) -> Result<i32, String> {
    let (least, greatest) = (1 << 30, i32::MAX);
    let is_within = (f64::from(least)..=f64::from(greatest)).contains(&multiplier);
    if multiplier != 0.0 && !(is_within && multiplier.fract() == 0.0) {
        return Err(format!(
            "multiplier {multiplier:?} with a shift is neither 0 nor an integer within {least}..={greatest}"
        ));
    }
    Ok(multiplier as i32)
}

/// Returns a shift.
fn whole_shift(shift: f64) -> Result<i32, String> {
    if shift.fract() != 0.0 || !(-31.0..=30.0).contains(&shift) {
        return Err(format!("shift {shift:?} is not an integer within -31..=30"));
    }
    Ok(shift as i32)
}

/// Returns the fixed-point multiplier nearest to a real one.
///
/// `requantize` takes the multiplier with its shift.
///
///     multiplier = f * 2**shift, 0.5 <= f < 1
///     M = floor(f * 2**31 + 0.5)
///
/// If M is 2**31, it is halved and the shift is one more. A multiplier with
/// a shift below -31 becomes 0.
///
/// Parameters
/// ----------
/// multiplier : number, or array of them
///     At least 0, and less than 2**30 when rounded.
///
/// Returns
/// -------
/// FixedMultiplier(multiplier, shift)
///     NumPy scalars of int32, or arrays of them of the same shape.
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type.
///
/// Examples
/// --------
/// >>> m = zeropoint.fixed_multiplier(0.75 / 16)
/// >>> m
/// FixedMultiplier(multiplier=np.int32(1610612736), shift=np.int32(-4))
/// >>> acc = np.array([160], np.int32)
/// >>> zeropoint.requantize(acc, m.multiplier, shift=m.shift)
/// array([8], dtype=uint8)
#[pyfunction]
pub(crate) fn fixed_multiplier<'py>(multiplier: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = multiplier.py();
    let result = TYPE.import(py, "zeropoint._results", "FixedMultiplier")?;
    let given = arrays::array(multiplier, "multiplier")?;
    let shape = &given.shape().to_vec();
    let reals: Vec<f64> = elements(&given, "multiplier", shape)?;
    if shape.is_empty() {
        let (m, s) = fixed_from_real(reals[0]).map_err(value_error)?;
        return result.call1((arrays::integer(py, m)?, arrays::integer(py, s)?));
    }
    let (mut multipliers, mut shifts) =
        (arrays::room(reals.len(), 0)?, arrays::room(reals.len(), 0)?);
    for (i, &real) in reals.iter().enumerate() {
        (multipliers[i], shifts[i]) =
            fixed_from_real(real).map_err(|e| value_error(format!("parameters {i}: {e}")))?;
    }
    let shifts = arrays::from_vec(py, shifts, shape)?;
    result.call1((arrays::from_vec(py, multipliers, shape)?, shifts))
}

fn fixed_from_real(multiplier: f64) -> Result<(i32, i32), String> {
    let p = Requantize::<i8>::fixed_from_real(multiplier, 0);
    p.ok().and_then(|p| p.multiplier_and_shift()).ok_or_else(|| {
        let most = 1 << 30;
        format!("multiplier {multiplier:e} is not at least 0 and, rounded, below {most}")
    })
}
