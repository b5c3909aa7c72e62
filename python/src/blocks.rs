//! Blocks as GGUF files store them.

use numpy::{Element, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use zeropoint::Backend;
use zeropoint::ggml::{self, Block, Float};

use crate::arrays::{self, Tuple, value_error};
use crate::types::Numbers;

/// Evaluates an expression for the blocks that a name stands for.
macro_rules! for_blocks {
    ($name:expr, $B:ident => $body:expr) => {
        zeropoint::with_formats!(for_blocks! @ $name, $B => $body;)
    };
    (@ $name:expr, $B:ident => $body:expr; $($NAME:ident $ggml:ident $Block:ident = $number:literal;)+) => {
        match $name {
            $(name if name.eq_ignore_ascii_case(ggml::$Block::NAME) => {
                type $B = ggml::$Block;
                $body
            })+
            name => {
                let mut names = [$(ggml::$Block::NAME),+];
                names.sort_unstable();
                let names = names.join(", ").to_lowercase();
                Err(value_error(format!("format is {name:?}, one of {names} is needed")))
            }
        }
    };
}

/// Evaluates an expression for a type of numbers that blocks are made of.
macro_rules! for_floats {
    ($numbers:expr, $what:literal, $T:ident => $body:expr) => {
        match $numbers {
            Numbers::Float32 => {
                type $T = f32;
                $body
            }
            Numbers::Float16 => {
                type $T = half::f16;
                $body
            }
            Numbers::BFloat16 => {
                type $T = half::bf16;
                $body
            }
            Numbers::Float64 => Err(PyTypeError::new_err(concat!(
                $what,
                " has dtype float64, one of float16, bfloat16, float32 is needed"
            ))),
        }
    };
}

/// Encodes numbers as blocks.
///
/// The bytes are those of ggml's reference quantizer, on every CPU.
///
/// Parameters
/// ----------
/// x : array of float16, bfloat16, or float32
///     Any layout. The last axis is divided into blocks, of 32 numbers
///     (of 256 in q8_k), and has a whole number of them.
/// format : str
///     "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q8_1", or "q8_k".
///
/// Returns
/// -------
/// array of uint8
///     The shape of `x`, but for the last axis, which counts bytes.
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type; for NaN or infinity; and for a
///     scale beyond float16, in which blocks store it.
///
/// Examples
/// --------
/// >>> zeropoint.ggml.encode(np.ones((2, 64), np.float32), "q8_0").shape
/// (2, 68)
#[pyfunction]
pub(crate) fn encode<'py>(x: &Bound<'py, PyAny>, format: &str) -> PyResult<Bound<'py, PyAny>> {
    let x = arrays::array(x, "x")?;
    for_floats!(arrays::numbers(&x, "x")?, "x", T => {
        for_blocks!(format, B => encode_as::<T, B>(&x))
    })
}

fn encode_as<'py, T: Float + Element, B: Block>(
    x: &Bound<'py, PyUntypedArray>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = x.py();
    let shape = with_last(x.shape(), B::ELEMENTS, size_of::<B>(), "x", "numbers")?;
    let src = arrays::read::<T>(x, "x")?;
    let out = arrays::output::<u8>(py, None, &shape)?;
    let mut dst = arrays::write(&out)?;
    let (src, dst) = (src.as_slice()?, ggml::blocks_mut::<B>(dst.as_slice_mut()?));
    let (dst, backend) = (dst.map_err(value_error)?, crate::backend()?);
    py.detach(|| backend.encode(src, dst)).map_err(value_error)?;
    Ok(out.into_any())
}

/// Decodes blocks to numbers.
///
/// Parameters
/// ----------
/// blocks : array of uint8
///     Any layout. The last axis is a whole number of blocks. Any bytes
///     decode.
/// format : str
///     As for `encode`.
/// dtype : dtype
///     float16, bfloat16, or float32.
///
/// Returns
/// -------
/// array of `dtype`
///     The shape of `blocks`, but for the last axis, which counts numbers.
///
/// Raises
/// ------
/// ValueError, TypeError
///     For a wrong value or a wrong type.
///
/// Examples
/// --------
/// >>> x = np.arange(32, dtype=np.float32)
/// >>> y = zeropoint.ggml.decode(zeropoint.ggml.encode(x, "q4_1"), "q4_1")
/// >>> bool(abs(x - y).max() < 1.1)  # half of a step of 31 / 15
/// True
#[pyfunction]
#[pyo3(signature = (blocks, format, dtype=None))]
pub(crate) fn decode<'py>(
    blocks: &Bound<'py, PyAny>,
    format: &str,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let blocks = arrays::array(blocks, "blocks")?;
    let found = arrays::dtype_name(&blocks.dtype())?;
    if found != "uint8" {
        return Err(PyTypeError::new_err(format!("blocks has dtype {found}, uint8 is needed")));
    }
    let name = dtype.map_or_else(|| Ok("float32".into()), arrays::dtype_argument)?;
    let numbers = Numbers::named(blocks.py(), &name)?.ok_or_else(|| {
        PyTypeError::new_err(format!(
            "dtype is {name}, one of float16, bfloat16, float32 is needed"
        ))
    })?;
    for_floats!(numbers, "dtype", T => {
        for_blocks!(format, B => decode_as::<T, B>(&blocks))
    })
}

fn decode_as<'py, T: Float + Element, B: Block>(
    blocks: &Bound<'py, PyUntypedArray>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = blocks.py();
    let shape = with_last(blocks.shape(), size_of::<B>(), B::ELEMENTS, "blocks", "bytes")?;
    let src = arrays::read::<u8>(blocks, "blocks")?;
    let out = arrays::output::<T>(py, None, &shape)?;
    let mut dst = arrays::write(&out)?;
    let (src, dst) = (ggml::blocks::<B>(src.as_slice()?), dst.as_slice_mut()?);
    let (src, backend) = (src.map_err(value_error)?, crate::backend()?);
    py.detach(|| backend.decode(src, dst)).map_err(value_error)?;
    Ok(out.into_any())
}

/// Returns the shape with `to` elements in the last axis for each `from` elements.
fn with_last(
    shape: &[usize],
    from: usize,
    to: usize,
    name: &str,
    what: &str,
) -> PyResult<Vec<usize>> {
    let mut of = shape.to_vec();
    match of.last_mut() {
        Some(last) if last.is_multiple_of(from) => *last = *last / from * to,
        _ => {
            let shape = Tuple(shape);
            return Err(value_error(format!(
                "{name} has shape {shape}, a last axis of a multiple of {from} {what} is needed"
            )));
        }
    }
    Ok(of)
}
