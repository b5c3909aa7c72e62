//! What the caller says about codes, slices and parameters.

use std::marker::PhantomData;

use numpy::{PyArrayDescrMethods, PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use zeropoint::{Granularity, Params, QParams, Range, Scheme, ZeroPoints};

use crate::arrays::{self, Tuple, value_error};
use crate::types::{Coded, Codes, Scale};

/// A scheme, and the type of its codes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coding {
    pub(crate) scheme: Scheme,
    pub(crate) codes: Codes,
}

impl Coding {
    /// From the arguments `scheme`, `bits` and `dtype`; `out` has a type too, if there is no `dtype`.
    pub(crate) fn new(
        scheme: &str,
        bits: Option<i64>,
        dtype: Option<&Bound<'_, PyAny>>,
        out: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (scheme, signed) = match scheme {
            "asymmetric" => (Scheme::asymmetric(), false),
            "asymmetric_raw" => (Scheme::asymmetric().raw_range(), false),
            "symmetric" => (Scheme::symmetric(), true),
            "symmetric_full" => (Scheme::symmetric().full_range(), true),
            _ => {
                return Err(value_error(format!(
                    "scheme {scheme:?}, one of \"asymmetric\", \"asymmetric_raw\", \"symmetric\", \
                     \"symmetric_full\" is needed"
                )));
            }
        };
        let named = match dtype {
            Some(dtype) => Some(arrays::dtype_argument(dtype)?),
            None => arrays::dtype_of_out(out),
        };
        let codes = match named {
            Some(name) => match Codes::named(&name) {
                Some(codes) if codes != Codes::Int32 => codes,
                _ => {
                    let names = Codes::NAMES;
                    let whose = if dtype.is_none() { "out has" } else { "codes of" };
                    return Err(PyTypeError::new_err(format!(
                        "{whose} dtype {name}, one of {names} is needed"
                    )));
                }
            },
            None => match (signed, bits.unwrap_or(8) > 8) {
                (true, false) => Codes::Int8,
                (false, false) => Codes::UInt8,
                (true, true) => Codes::Int16,
                (false, true) => Codes::UInt16,
            },
        };
        let scheme = match bits {
            None => scheme,
            Some(bits) => match u32::try_from(bits) {
                Ok(bits) if (2..=codes.bits()).contains(&bits) => scheme.bits(bits),
                _ => {
                    let (codes, most) = (codes.name(), codes.bits());
                    return Err(value_error(format!(
                        "bits is {bits}, codes of dtype {codes} have 2 to {most}"
                    )));
                }
            },
        };
        Ok(Self { scheme, codes })
    }

    /// Its least and its greatest code.
    pub(crate) fn bounds<Q: Coded>(&self) -> PyResult<(i32, i32)> {
        // They are the same for every range.
        let range = Range::new(0.0_f32, 1.0).map_err(value_error)?;
        let p: QParams<f32, Q> = self.scheme.params(range).map_err(value_error)?;
        Ok((p.qmin(), p.qmax()))
    }
}

/// How an array is divided into slices that have parameters of their own.
#[derive(Debug)]
pub(crate) struct Slices {
    pub(crate) granularity: Granularity,
    /// The shape of their scales.
    pub(crate) shape: Vec<usize>,
}

impl Slices {
    /// From the arguments `axis` and `block_size`; `None` for one scale for all.
    pub(crate) fn new(
        shape: &[usize],
        axis: Option<i64>,
        block_size: Option<i64>,
    ) -> PyResult<Option<Self>> {
        let Some(given) = axis else {
            return match block_size {
                None => Ok(None),
                Some(n) => Err(value_error(format!("block_size is {n}, but axis is None"))),
            };
        };
        let dimensions = shape.len();
        let from_front = if given < 0 { given + dimensions as i64 } else { given };
        let axis = match usize::try_from(from_front) {
            Ok(axis) if axis < dimensions => axis,
            _ => {
                return Err(value_error(format!(
                    "axis {given} of an array of {dimensions} dimensions"
                )));
            }
        };
        let Some(block) = block_size else {
            let granularity = Granularity::channel(shape, axis).map_err(value_error)?;
            return Ok(Some(Self { granularity, shape: vec![shape[axis]] }));
        };
        let Some(block) = usize::try_from(block).ok().filter(|n| *n > 0) else {
            return Err(value_error(format!("block_size is {block}, at least 1 is needed")));
        };
        let granularity = Granularity::block(shape, axis, block).map_err(value_error)?;
        let mut shape = shape.to_vec();
        shape[axis] = shape[axis].div_ceil(block);
        Ok(Some(Self { granularity, shape }))
    }
}

/// The caller's parameters.
///
/// They are read before anything is written, so that it does not matter where they stand.
#[derive(Debug)]
pub(crate) enum Given<S, Q> {
    /// For a whole array.
    One(QParams<S, Q>),
    /// For every slice of it.
    Many(Granularity, Many<S, Q>),
}

impl<S: Scale, Q: Coded> Given<S, Q> {
    /// From the arguments `scale` and `zero_point`, for codes between two bounds.
    pub(crate) fn new(
        scale: &Bound<'_, PyAny>,
        zero_point: Option<&Bound<'_, PyAny>>,
        slices: Option<&Slices>,
        bounds: (i32, i32),
    ) -> PyResult<Self> {
        Ok(match slices {
            None => Self::One(one(scale, zero_point, bounds)?),
            Some(slices) => {
                let many = Many::new(scale, zero_point, &slices.shape, bounds)?;
                Self::Many(slices.granularity, many)
            }
        })
    }
}

/// A scale and a zero point for a whole array.
fn one<S: Scale, Q: Coded>(
    scale: &Bound<'_, PyAny>,
    zero_point: Option<&Bound<'_, PyAny>>,
    (qmin, qmax): (i32, i32),
) -> PyResult<QParams<S, Q>> {
    let scale = rounded(one_number(scale, "scale")?).map_err(value_error)?;
    let zero_point = match zero_point {
        Some(z) => whole(one_number(z, "zero_point")?).map_err(value_error)?,
        None => 0,
    };
    QParams::with_codes(scale, zero_point, qmin, qmax).map_err(value_error)
}

/// A Python or NumPy number, or an array without dimensions.
fn one_number(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<f64> {
    if let Ok(array) = argument.cast::<PyUntypedArray>()
        && array.ndim() > 0
    {
        let shape = Tuple(array.shape());
        return Err(value_error(format!(
            "{name} has shape {shape}, but axis is None: a single number is needed"
        )));
    }
    argument.extract().map_err(|error: PyErr| {
        if !error.is_instance_of::<PyTypeError>(argument.py()) {
            return error;
        }
        match argument.get_type().name() {
            Ok(found) => PyTypeError::new_err(format!("{name} is a {found}, a number is needed")),
            Err(error) => error,
        }
    })
}

/// A scale in the type of computation.
fn rounded<S: Scale>(scale: f64) -> Result<S, String> {
    let nearest = S::nearest(scale);
    // Here, because later it would be an infinity that the caller has not given.
    if scale.is_finite() && !nearest.as_f64().is_finite() {
        let greatest = f32::MAX;
        return Err(format!("scale {scale:e} is beyond float32, which ends at {greatest:e}"));
    }
    // And here, because later it would be another number, or 0.
    if scale > 0.0 && nearest.as_f64() < S::MIN_POSITIVE.to_f64() {
        let least = S::MIN_POSITIVE.to_f64();
        return Err(format!("scale {scale:e} is not a finite number of at least {least:e}"));
    }
    Ok(nearest)
}

/// A zero point, which NumPy's `round` may have left in a type of floats.
fn whole(z: f64) -> Result<i32, String> {
    // What is beyond an `i32` is refused, as what lies beyond ±2²⁴ is.
    if z.fract() != 0.0 || !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&z) {
        return Err(format!("zero point {z:?} is not an integer within -16777216..=16777216"));
    }
    Ok(z as i32)
}

/// Scales and zero points for every slice of an array.
#[derive(Debug)]
pub(crate) struct Many<S, Q> {
    pub(crate) scales: Vec<S>,
    pub(crate) zero_points: Vec<i32>,
    /// That of the caller's arrays.
    pub(crate) shape: Vec<usize>,
    codes: (i32, i32),
    of: PhantomData<Q>,
}

impl<S: Scale, Q: Coded> Many<S, Q> {
    fn new(
        scale: &Bound<'_, PyAny>,
        zero_point: Option<&Bound<'_, PyAny>>,
        shape: &[usize],
        codes: (i32, i32),
    ) -> PyResult<Self> {
        let scales = converted(&arrays::array(scale, "scale")?, "scale", shape, rounded::<S>)?;
        let zero_points = match zero_point {
            None => arrays::room(scales.len(), 0)?,
            Some(z) => converted(&arrays::array(z, "zero_point")?, "zero_point", shape, whole)?,
        };
        Ok(Self { scales, zero_points, shape: shape.to_vec(), codes, of: PhantomData })
    }

    pub(crate) fn params(&self) -> Params<'_, S, Q> {
        let zero_points = ZeroPoints::Integers(&self.zero_points);
        Params::arrays_with_codes(&self.scales, zero_points, self.codes.0, self.codes.1)
    }
}

/// The elements of an array of parameters, in C order; of another type than `T`, by way of float64.
fn converted<T: numpy::Element + Copy>(
    array: &Bound<'_, PyUntypedArray>,
    name: &str,
    shape: &[usize],
    from: fn(f64) -> Result<T, String>,
) -> PyResult<Vec<T>> {
    if array.cast::<PyArrayDyn<T>>().is_ok() {
        return elements(array, name, shape);
    }
    let wide: Vec<f64> = elements(array, name, shape)?;
    let mut all = Vec::new();
    arrays::reserve(&mut all, wide.len())?;
    for (i, x) in wide.into_iter().enumerate() {
        all.push(from(x).map_err(|e| value_error(format!("parameters {i}: {e}")))?);
    }
    Ok(all)
}

/// The elements of an array of numbers, in C order: a copy, since another thread may write to the caller's.
pub(crate) fn elements<T: numpy::Element + Copy>(
    array: &Bound<'_, PyUntypedArray>,
    name: &str,
    shape: &[usize],
) -> PyResult<Vec<T>> {
    let dtype = array.dtype();
    // `V` may be bfloat16.
    let is_number = match dtype.kind() {
        b'f' | b'i' | b'u' => true,
        _ => arrays::numbers(array, name).is_ok(),
    };
    if !is_number {
        return Err(PyTypeError::new_err(format!("{name} has dtype {dtype}, numbers are needed")));
    }
    if array.shape() != shape {
        let (found, needed) = (Tuple(array.shape()), Tuple(shape));
        return Err(value_error(format!("{name} has shape {found}, {needed} is needed")));
    }
    let read = arrays::read::<T>(array, name)?;
    let read = read.as_slice()?;
    let mut all = Vec::new();
    arrays::reserve(&mut all, read.len())?;
    all.extend_from_slice(read);
    Ok(all)
}
