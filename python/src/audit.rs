//! Audits of functions in Python.

use std::time::Duration;

use numpy::{Element, PyArray1, PyReadonlyArray1};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use zeropoint_audit::{
    Audit, AuditedCode, Dequantize, FindParams, Format, Packed, Quantize, QuantizePacked, Report,
    Requantize, Verdict,
};

use crate::arrays::value_error;

/// The function under test, and the exceptions that it raised.
struct Function<'py> {
    function: Bound<'py, PyAny>,
    /// The first `ValueError`, which is a refusal.
    refusal: Option<PyErr>,
    /// The first other exception, after which nothing is called.
    failure: Option<PyErr>,
}

impl<'py> Function<'py> {
    /// Calls the function with an array and its parameters, and copies the result to `dst`.
    fn call<T: Element + Copy, Q: Element + Copy>(
        &mut self,
        src: &[T],
        scale: f32,
        zero_point: i32,
        dst: &mut [Q],
    ) -> Result<(), ()> {
        let array = PyArray1::from_slice(self.function.py(), src);
        self.copy((array, scale, zero_point), dst)
    }

    /// Calls the function with numbers or with the bytes of blocks, and copies the result to `dst`.
    fn convert<T: Element + Copy, Q: Element + Copy>(
        &mut self,
        src: &[T],
        dst: &mut [Q],
    ) -> Result<(), ()> {
        let array = PyArray1::from_slice(self.function.py(), src);
        self.copy((array,), dst)
    }

    /// Calls the function, unless it failed before, and copies the result to `dst`.
    fn copy<Q: Element + Copy>(
        &mut self,
        arguments: impl PyCallArgs<'py>,
        dst: &mut [Q],
    ) -> Result<(), ()> {
        if self.failure.is_some() {
            return Err(());
        }
        let copied = self.function.call1(arguments).and_then(|result| {
            let result: PyReadonlyArray1<'py, Q> = result.extract()?;
            dst.copy_from_slice(result.as_slice()?);
            Ok(())
        });
        copied.map_err(|error| self.keep(error))
    }

    /// Calls the function with data, and returns the scale and the zero point, or `None` if it refused.
    fn find(&mut self, x: &[f32]) -> Option<(f32, i32)> {
        if self.failure.is_some() {
            return None;
        }
        let array = PyArray1::from_slice(self.function.py(), x);
        let found = self.function.call1((array,)).and_then(|found| found.extract::<(f64, i32)>());
        found.map(|(scale, zero_point)| (scale as f32, zero_point)).map_err(|e| self.keep(e)).ok()
    }

    /// Keeps the first exception of its kind.
    fn keep(&mut self, error: PyErr) {
        let is_refusal = error.is_instance_of::<PyValueError>(self.function.py());
        let first = if is_refusal { &mut self.refusal } else { &mut self.failure };
        first.get_or_insert(error);
    }

    fn audit_packed(&mut self, audit: Audit<'_>, codes: Packed) -> Report {
        audit.quantize_packed(codes, QuantizePacked::REFERENCE, |x, s, z, bytes| {
            self.call(x, s, z, bytes)
        })
    }

    fn audit_blocks(&mut self, audit: Audit<'_>, operation: &str, name: &str) -> PyResult<Report> {
        let format = Format::named(name).ok_or_else(|| {
            let names = Format::ALL.map(Format::name).join(", ");
            value_error(format!("format is {name}, not one of {names}"))
        })?;
        Ok(match operation {
            "encode" => audit.encode(format, |x, blocks| self.convert(x, blocks)),
            _ => audit.decode(format, |blocks, x| self.convert(blocks, x)),
        })
    }

    fn audit<Q: AuditedCode + Element>(&mut self, audit: Audit<'_>, operation: &str) -> Report {
        match operation {
            "quantize" => audit.quantize(Quantize::REFERENCE, |x: &[f32], s, z, q: &mut [Q]| {
                self.call(x, s, z, q)
            }),
            "dequantize" => audit
                .dequantize(Dequantize::REFERENCE, |q: &[Q], s, z, x: &mut [f32]| {
                    self.call(q, s, z, x)
                }),
            "params" => audit.params::<Q>(FindParams::REFERENCE, |x| self.find(x)),
            _ => audit.requantize(Requantize::REFERENCE, |acc: &[i32], m, z, q: &mut [Q]| {
                self.call(acc, m, z, q)
            }),
        }
    }
}

/// Audits a function, and returns the report as JSON, as text, and in a sentence.
///
/// `zeropoint.audit` calls it: the function takes an array, a float and an
/// int, or an array alone if it encodes or decodes blocks, and returns a
/// contiguous array of one dimension and the right type.
#[pyfunction]
pub(crate) fn audit_function(
    operation: &str,
    dtype: &str,
    function: Bound<'_, PyAny>,
    seed: u64,
    seconds: f64,
) -> PyResult<(String, String, String)> {
    let time = Duration::try_from_secs_f64(seconds).map_err(value_error)?;
    let audit = Audit::default().seed(seed).time(time);
    let mut function = Function { function, refusal: None, failure: None };
    let report = match dtype {
        _ if matches!(operation, "encode" | "decode") => {
            function.audit_blocks(audit, operation, dtype)?
        }
        "int4" => function.audit_packed(audit, Packed::I4),
        "uint4" => function.audit_packed(audit, Packed::U4),
        "uint8" => function.audit::<u8>(audit, operation),
        "int8" => function.audit::<i8>(audit, operation),
        "uint16" => function.audit::<u16>(audit, operation),
        "int16" => function.audit::<i16>(audit, operation),
        _ => {
            return Err(value_error(format!("dtype is {dtype}, not int8, uint8, int16 or uint16")));
        }
    };
    match (function.failure, function.refusal, &report.verdict) {
        (Some(error), ..) | (None, Some(error), Verdict::NothingSeen) => Err(error),
        _ => Ok((report.to_json(), report.to_string(), report.sentence())),
    }
}
