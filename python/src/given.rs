//! The arguments about slices and their parameters.

use std::marker::PhantomData;

use numpy::{PyArrayDescr, PyArrayDescrMethods, PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt};
use zeropoint::{Granularity, Params, QParams, ZeroPoints};

use crate::arrays::{self, Tuple, value_error};
use crate::coding::Limits;
use crate::types::{Coded, Numbers, Scale};

/// The division of an array into slices that have parameters of their own.
#[derive(Debug)]
pub(crate) struct Slices {
    pub(crate) granularity: Granularity,
    /// The shape of the slices' scales.
    pub(crate) shape: Vec<usize>,
}

impl Slices {
    /// Reads the arguments `axis` and `block_size`; returns `None` for one scale for all.
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
/// They are read before an output is written, so that they may share its memory.
#[derive(Debug)]
pub(crate) enum Given<S, Q> {
    /// One scale and one zero point for a whole array.
    One(QParams<S, Q>),
    /// A scale and a zero point for every slice of an array.
    Many(Granularity, Many<S, Q>),
}

impl<S: Scale, Q: Coded> Given<S, Q> {
    /// Reads the arguments `scale` and `zero_point`.
    pub(crate) fn new(
        scale: &Bound<'_, PyAny>,
        zero_point: Option<&Bound<'_, PyAny>>,
        slices: Option<&Slices>,
        limits: Limits,
    ) -> PyResult<Self> {
        Ok(match slices {
            None => Self::One(one(scale, zero_point, limits)?),
            Some(slices) => {
                let many = Many::new(scale, zero_point, &slices.shape, limits)?;
                Self::Many(slices.granularity, many)
            }
        })
    }
}

/// Reads a scale and a zero point for a whole array.
fn one<S: Scale, Q: Coded>(
    scale: &Bound<'_, PyAny>,
    zero_point: Option<&Bound<'_, PyAny>>,
    limits: Limits,
) -> PyResult<QParams<S, Q>> {
    let scale = rounded(one_number(scale, "scale")?).map_err(value_error)?;
    let zero_point = match zero_point {
        Some(z) => whole(one_number(z, "zero_point")?).map_err(value_error)?,
        None => 0,
    };
    limits.check(zero_point).map_err(value_error)?;
    let (qmin, qmax) = limits.codes();
    QParams::with_codes(scale, zero_point, qmin, qmax).map_err(value_error)
}

/// Reads a Python or NumPy number, or an array without dimensions.
pub(crate) fn one_number(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<f64> {
    // Python's own numbers come first, since the checks below take longer than a short call.
    if argument.is_exact_instance_of::<PyFloat>() || argument.is_exact_instance_of::<PyInt>() {
        return argument.extract();
    }
    if let Ok(array) = argument.cast::<PyUntypedArray>() {
        arrays::refuse_mask(array, name)?;
        if array.ndim() > 0 {
            let shape = Tuple(array.shape());
            return Err(value_error(format!(
                "{name} has shape {shape}, but axis is None: a single number is needed"
            )));
        }
    }
    // Python would convert NumPy's strings and bools to numbers, and drop an imaginary part.
    if let Some(dtype) = arrays::dtype_of(argument)? {
        refuse_others(&dtype, name)?;
    }
    let refused = || match argument.get_type().name() {
        Ok(found) => PyTypeError::new_err(format!("{name} is a {found}, a number is needed")),
        Err(error) => error,
    };
    if argument.is_instance_of::<PyBool>() {
        return Err(refused());
    }
    argument.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyTypeError>(argument.py()) { refused() } else { error }
    })
}

/// Refuses a type whose elements are not real numbers.
fn refuse_others(dtype: &Bound<'_, PyArrayDescr>, name: &str) -> PyResult<()> {
    // `V` may be bfloat16.
    let is_number = match dtype.kind() {
        b'f' | b'i' | b'u' => true,
        _ => Numbers::named(dtype.py(), &arrays::dtype_name(dtype)?)?.is_some(),
    };
    if !is_number {
        return Err(PyTypeError::new_err(format!("{name} has dtype {dtype}, numbers are needed")));
    }
    Ok(())
}

/// Rounds a scale to the type of computation.
fn rounded<S: Scale>(scale: f64) -> Result<S, String> {
    let nearest = S::nearest(scale);
    // A later check would report an infinity, which the caller has not given.
    if scale.is_finite() && !nearest.as_f64().is_finite() {
        let greatest = f32::MAX;
        return Err(format!("scale {scale:e} is beyond float32, which ends at {greatest:e}"));
    }
    // A later check would report another number, or 0.
    if scale > 0.0 && nearest.as_f64() < S::MIN_POSITIVE.to_f64() {
        let least = S::MIN_POSITIVE.to_f64();
        return Err(format!("scale {scale:e} is not a finite number of at least {least:e}"));
    }
    Ok(nearest)
}

/// Converts a zero point, which NumPy's `round` may have left in a type of floats.
pub(crate) fn whole(z: f64) -> Result<i32, String> {
    // A zero point beyond `i32` is refused like a zero point beyond ±2²⁴.
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
    /// The shape of the caller's arrays.
    pub(crate) shape: Vec<usize>,
    limits: Limits,
    of: PhantomData<Q>,
}

impl<S: Scale, Q: Coded> Many<S, Q> {
    fn new(
        scale: &Bound<'_, PyAny>,
        zero_point: Option<&Bound<'_, PyAny>>,
        shape: &[usize],
        limits: Limits,
    ) -> PyResult<Self> {
        let scales = converted(&arrays::array(scale, "scale")?, "scale", shape, rounded::<S>)?;
        let zero_points = match zero_point {
            None => arrays::room(scales.len(), 0)?,
            Some(z) => converted(&arrays::array(z, "zero_point")?, "zero_point", shape, whole)?,
        };
        for (i, &z) in zero_points.iter().enumerate() {
            limits.check(z).map_err(|e| value_error(format!("parameters {i}: {e}")))?;
        }
        Ok(Self { scales, zero_points, shape: shape.to_vec(), limits, of: PhantomData })
    }

    pub(crate) fn params(&self) -> Params<'_, S, Q> {
        let zero_points = ZeroPoints::Integers(&self.zero_points);
        let (qmin, qmax) = self.limits.codes();
        Params::arrays_with_codes(&self.scales, zero_points, qmin, qmax)
    }
}

/// Returns the elements of an array of parameters, in C order; other types than `T` are converted by way of float64.
pub(crate) fn converted<T: numpy::Element + Copy>(
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

/// Returns a copy of the elements of an array of numbers, in C order, since another thread may write to the caller's
/// array.
pub(crate) fn elements<T: numpy::Element + Copy>(
    array: &Bound<'_, PyUntypedArray>,
    name: &str,
    shape: &[usize],
) -> PyResult<Vec<T>> {
    refuse_others(&array.dtype(), name)?;
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
