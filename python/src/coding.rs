//! The arguments about codes: which codes exist, their type, and whether they are packed.

use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use zeropoint::{QParams, Range, Scheme};

use crate::arrays::{self, Tuple, value_error};
use crate::types::{Coded, Codes, Packed};

/// Says which codes exist: a scheme, and their type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coding {
    pub(crate) scheme: Scheme,
    pub(crate) codes: Codes,
    is_raw: bool,
}

impl Coding {
    /// Reads the arguments `scheme`, `bits`, `dtype` and `packed`. The type of `out` counts if neither `dtype` nor
    /// `packed` is given.
    pub(crate) fn new(
        scheme: &str,
        bits: Option<i64>,
        dtype: Option<&Bound<'_, PyAny>>,
        packed: Option<&str>,
        out: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let name = scheme;
        let scheme = scheme_named(name)?;
        let named = match (dtype, packed) {
            (Some(dtype), _) => Some(arrays::dtype_argument(dtype)?),
            (None, Some(_)) => None,
            (None, None) => arrays::dtype_of_out(out),
        };
        let codes = match (named, packed) {
            (Some(dtype), Some(packed)) => {
                return Err(value_error(format!("dtype is {dtype}, but packed is {packed:?}")));
            }
            (None, Some(packed)) => Codes::Packed(packed_named(packed)?),
            (Some(name), None) => match Codes::named(&name) {
                Some(codes) if codes != Codes::Int32 => codes,
                _ => {
                    let names = Codes::NAMES;
                    let whose = if dtype.is_none() { "out has" } else { "codes of" };
                    return Err(PyTypeError::new_err(format!(
                        "{whose} dtype {name}, one of {names} is needed"
                    )));
                }
            },
            (None, None) => match (name.starts_with("symmetric"), bits.unwrap_or(8) > 8) {
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
        Ok(Self { scheme, codes, is_raw: name == RAW })
    }

    /// Returns the codes that parameters are checked against.
    pub(crate) fn limits<Q: Coded>(&self) -> PyResult<Limits> {
        // The codes are the same for every range.
        let range = Range::new(0.0_f32, 1.0).map_err(value_error)?;
        let p: QParams<f32, Q> = self.scheme.params(range).map_err(value_error)?;
        let (qmin, qmax) = (p.qmin(), p.qmax());
        Ok(Limits { name: self.codes.name(), qmin, qmax, is_raw: self.is_raw })
    }
}

/// The scheme whose zero points may lie outside the codes.
const RAW: &str = "asymmetric_raw";

fn scheme_named(name: &str) -> PyResult<Scheme> {
    Ok(match name {
        "asymmetric" => Scheme::asymmetric(),
        RAW => Scheme::asymmetric().raw_range(),
        "symmetric" => Scheme::symmetric(),
        "symmetric_full" => Scheme::symmetric().full_range(),
        _ => {
            return Err(value_error(format!(
                "scheme {name:?}, one of \"asymmetric\", \"asymmetric_raw\", \"symmetric\", \
                 \"symmetric_full\" is needed"
            )));
        }
    })
}

fn packed_named(name: &str) -> PyResult<Packed> {
    Packed::named(name).ok_or_else(|| {
        let names = Packed::NAMES;
        value_error(format!("packed is {name:?}, one of {names} is needed"))
    })
}

/// Holds the codes that parameters are checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    name: &'static str,
    qmin: i32,
    qmax: i32,
    /// True if a zero point may lie outside the codes.
    is_raw: bool,
}

impl Limits {
    /// Returns all codes of a type. The argument `scheme` says whether a zero point may lie outside them.
    pub(crate) fn of_type<Q: Coded>(codes: Codes, scheme: &str) -> PyResult<Self> {
        scheme_named(scheme)?;
        Ok(Self { name: codes.name(), qmin: Q::MIN, qmax: Q::MAX, is_raw: scheme == RAW })
    }

    /// Returns the least and the greatest code.
    pub(crate) fn codes(&self) -> (i32, i32) {
        (self.qmin, self.qmax)
    }

    /// Refuses a zero point that is no code: it would belong to another type than the codes, and shift or clip the
    /// numbers.
    pub(crate) fn check(&self, zero_point: i32) -> Result<(), String> {
        let Self { name, qmin, qmax, is_raw } = *self;
        if is_raw || (qmin..=qmax).contains(&zero_point) {
            return Ok(());
        }
        Err(format!(
            "zero point {zero_point} is outside the {name} codes, {qmin} to {qmax} \
             (allowed with scheme=\"{RAW}\" only)"
        ))
    }
}

/// Returns the type of the codes in `q`, and the shape of their tensor, by the arguments `packed` and `shape`.
pub(crate) fn codes_in(
    q: &Bound<'_, PyUntypedArray>,
    packed: Option<&str>,
    shape: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Codes, Vec<usize>)> {
    let dtype = arrays::dtype_name(&q.dtype())?;
    let shape = shape.map(shape_argument).transpose()?;
    let (name, shape) = match (packed, shape) {
        (Some(name), Some(shape)) => (name, shape),
        (Some(name), None) => {
            return Err(value_error(format!("packed is {name:?}, but shape is None")));
        }
        (None, Some(shape)) => {
            let shape = Tuple(&shape);
            return Err(value_error(format!("shape is {shape}, but packed is None")));
        }
        (None, None) => {
            let codes = Codes::named(&dtype).ok_or_else(|| {
                let names = Codes::NAMES;
                PyTypeError::new_err(format!(
                    "q has dtype {dtype}, one of {names}, int32 is needed"
                ))
            })?;
            return Ok((codes, q.shape().to_vec()));
        }
    };
    let packed = packed_named(name)?;
    if dtype != "uint8" {
        return Err(PyTypeError::new_err(format!("q has dtype {dtype}, uint8 is needed")));
    }
    let count = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n)).ok_or_else(|| {
        value_error(format!("shape {} has more than {} elements", Tuple(&shape), usize::MAX))
    })?;
    let bytes = count.div_ceil(packed.per_byte());
    if q.shape() != [bytes] {
        let (found, needed, all) = (Tuple(q.shape()), Tuple(&[bytes]), Tuple(&shape));
        return Err(value_error(format!(
            "q has shape {found}, {needed} is needed for {count} {name} codes of shape {all}"
        )));
    }
    Ok((Codes::Packed(packed), shape))
}

/// Reads the argument `shape`: an integer, or a sequence of integers.
fn shape_argument(shape: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
    let given: Vec<i64> = match shape.extract() {
        Ok(one) => vec![one],
        Err(_) => shape.extract().map_err(|_| {
            let repr =
                shape.repr().map_or_else(|_| "not printable".into(), |text| text.to_string());
            PyTypeError::new_err(format!("shape is {repr}, integers are needed"))
        })?,
    };
    let shape: Option<Vec<usize>> = given.iter().map(|&n| usize::try_from(n).ok()).collect();
    shape.ok_or_else(|| {
        let given = Tuple(&given);
        value_error(format!("shape is {given}, dimensions of at least 0 are needed"))
    })
}
