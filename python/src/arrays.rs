//! Arrays from the caller and arrays that are returned.
//!
//! A kernel takes a slice: elements that are contiguous, aligned, and in the machine's byte order. Any other input is
//! copied. Any other output is refused.

use std::borrow::Cow;
use std::fmt::{self, Display};

use numpy::ndarray::Dimension;
use numpy::{
    BorrowError, Element, PyArray, PyArray1, PyArrayDescr, PyArrayDescrMethods, PyArrayDyn,
    PyArrayMethods, PyReadonlyArray1, PyReadwriteArray1, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::types::{Numbers, Scale};

/// Returns the crate's message as the exception that Python has for a wrong value.
pub(crate) fn value_error(message: impl Display) -> PyErr {
    PyValueError::new_err(message.to_string())
}

/// Returns a function of NumPy, which is looked up once.
macro_rules! numpy {
    ($py:expr, $name:literal) => {{
        static FUNCTION: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        FUNCTION.import($py, "numpy", $name)
    }};
}

/// Returns an argument as an array, whatever its layout. `numpy.asarray` converts lists.
pub(crate) fn array<'py>(
    argument: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let Ok(array) = argument.cast::<PyUntypedArray>() else {
        return Ok(numpy!(argument.py(), "asarray")?.call1((argument,))?.cast_into()?);
    };
    refuse_mask(array, name)?;
    Ok(array.clone())
}

/// Refuses an array that masks some of its elements.
pub(crate) fn refuse_mask(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if !array.is_exact_instance_of::<PyUntypedArray>()
        && array.is_instance(MASKED.import(array.py(), "numpy.ma", "MaskedArray")?)?
    {
        return Err(PyTypeError::new_err(format!(
            "{name} is a masked array: fill it or compress it first"
        )));
    }
    Ok(())
}

/// Returns the name of a type, without its byte order: `float32`.
pub(crate) fn dtype_name(dtype: &Bound<'_, PyArrayDescr>) -> PyResult<Cow<'static, str>> {
    // NumPy takes longer to build the name than a kernel takes for a thousand numbers.
    let known = match (dtype.char(), dtype.itemsize()) {
        _ if dtype.num() >= FIRST_NUMBER_OF_OTHERS => "",
        (b'e', 2) => "float16",
        (b'f', 4) => "float32",
        (b'd', 8) => "float64",
        (b'b', 1) => "int8",
        (b'B', 1) => "uint8",
        (b'h', 2) => "int16",
        (b'H', 2) => "uint16",
        (b'i' | b'l', 4) => "int32",
        _ => "",
    };
    if known.is_empty() {
        return dtype.getattr("name")?.extract().map(Cow::Owned);
    }
    Ok(known.into())
}

/// The first number of types from other packages, whose letters may be letters of NumPy's own types.
const FIRST_NUMBER_OF_OTHERS: i32 = 256;

/// Returns the type of an array of numbers.
pub(crate) fn numbers(array: &Bound<'_, PyUntypedArray>, name: &str) -> PyResult<Numbers> {
    let dtype = dtype_name(&array.dtype())?;
    Numbers::named(array.py(), &dtype)?.ok_or_else(|| {
        let names = Numbers::NAMES;
        PyTypeError::new_err(format!("{name} has dtype {dtype}, one of {names} is needed"))
    })
}

/// Returns the name of the type that a `dtype` argument gives: a NumPy type, a scalar type, or a name.
pub(crate) fn dtype_argument(dtype: &Bound<'_, PyAny>) -> PyResult<Cow<'static, str>> {
    dtype_name(&PyArrayDescr::new(dtype.py(), dtype.clone())?)
}

/// Returns the type of an array or of a NumPy scalar, and `None` for anything else.
pub(crate) fn dtype_of<'py>(
    argument: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyArrayDescr>>> {
    Ok(argument.getattr_opt("dtype")?.and_then(|dtype| dtype.cast_into().ok()))
}

/// Returns the type of an `out` argument, if it is an array.
pub(crate) fn dtype_of_out(out: Option<&Bound<'_, PyAny>>) -> Option<Cow<'static, str>> {
    dtype_name(&out?.cast::<PyUntypedArray>().ok()?.dtype()).ok()
}

/// Returns the elements of an array, which is copied unless it is a slice of `T`; other types are converted.
pub(crate) fn read<'py, T: Element>(
    array: &Bound<'py, PyUntypedArray>,
    name: &str,
) -> PyResult<PyReadonlyArray1<'py, T>> {
    let plain = match array.cast::<PyArrayDyn<T>>() {
        Ok(array) if array.is_c_contiguous() && array.data().is_aligned() => array.clone(),
        _ => {
            let py = array.py();
            let options = PyDict::new(py);
            options.set_item("order", "C")?;
            let copy = numpy!(py, "array")?.call((array, T::get_dtype(py)), Some(&options))?;
            copy.cast_into()?
        }
    };
    own_view(&plain)?.try_into_readonly().map_err(|e| borrow_error(&e, name))
}

/// Returns a view of a C-contiguous array that no other code has.
///
/// During the call, another thread may give another shape to the caller's array object; the claim on the elements is
/// released by the shape of the view.
fn own_view<'py, T: Element>(
    array: &Bound<'py, PyArrayDyn<T>>,
) -> PyResult<Bound<'py, PyArray1<T>>> {
    if array.is_exact_instance_of::<PyUntypedArray>() {
        return array.reshape([array.len()]);
    }
    // A subclass may override shapes: a matrix stays a matrix.
    let plain = numpy!(array.py(), "asarray")?.call1((array,))?;
    plain.cast::<PyArrayDyn<T>>()?.reshape([array.len()])
}

/// Returns the array to write to: the caller's `out`, if it fits, or a new one.
pub(crate) fn output<'py, T: Element>(
    py: Python<'py>,
    out: Option<&Bound<'py, PyAny>>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let dtype = T::get_dtype(py);
    let Some(out) = out else {
        let array = numpy!(py, "empty")?.call1((PyTuple::new(py, shape)?, dtype))?;
        return Ok(array.cast_into()?);
    };
    let Ok(out) = out.cast::<PyUntypedArray>() else {
        let name = out.get_type().name()?;
        return Err(PyTypeError::new_err(format!("out is a {name}, a NumPy array is needed")));
    };
    refuse_mask(out, "out")?;
    let found = out.dtype();
    if !found.is_equiv_to(&dtype) {
        return Err(PyTypeError::new_err(format!("out has dtype {found}, {dtype} is needed")));
    }
    if out.shape() != shape {
        let (found, needed) = (Tuple(out.shape()), Tuple(shape));
        return Err(value_error(format!("out has shape {found}, {needed} is needed")));
    }
    if !out.is_c_contiguous() {
        let needed = c_strides(shape, size_of::<T>());
        let (found, needed) = (Tuple(out.strides()), Tuple(&needed));
        return Err(value_error(format!(
            "out is not C-contiguous: it has strides {found}, {needed} are needed"
        )));
    }
    let out = out.cast::<PyArrayDyn<T>>()?;
    if !out.data().is_aligned() {
        let (at, needed) = (out.data().addr(), align_of::<T>());
        return Err(value_error(format!(
            "out is not aligned: its address is {at:#x}, a multiple of {needed} is needed"
        )));
    }
    Ok(out.clone())
}

/// Claims an array for writing.
pub(crate) fn write<'py, T: Element>(
    array: &Bound<'py, PyArrayDyn<T>>,
) -> PyResult<PyReadwriteArray1<'py, T>> {
    own_view(array)?.try_into_readwrite().map_err(|e| borrow_error(&e, "out"))
}

fn borrow_error(error: &BorrowError, name: &str) -> PyErr {
    match error {
        BorrowError::NotWriteable => value_error(format!("{name} is read-only")),
        _ => value_error(format!("{name} is in use by another call at this moment")),
    }
}

/// Refuses an output that shares memory with an input.
pub(crate) fn refuse_overlap<T: Element, Q: Element>(
    x: &Bound<'_, PyArray1<T>>,
    out: &Bound<'_, PyArrayDyn<Q>>,
) -> PyResult<()> {
    let (x, out) = (bytes(x), bytes(out));
    if x.start < out.end && out.start < x.end {
        return Err(value_error(format!(
            "out overlaps the input: their memory is {:#x}..{:#x} and {:#x}..{:#x}",
            out.start, out.end, x.start, x.end
        )));
    }
    Ok(())
}

/// Returns the addresses of a contiguous array.
fn bytes<T: Element, D: Dimension>(array: &Bound<'_, PyArray<T, D>>) -> std::ops::Range<usize> {
    let start = array.data().addr();
    start..start + array.len() * size_of::<T>()
}

/// Says whether two arrays are the same elements in the same memory.
pub(crate) fn are_same<T: Element>(
    x: &Bound<'_, PyUntypedArray>,
    out: &Bound<'_, PyArrayDyn<T>>,
) -> bool {
    x.cast::<PyArrayDyn<T>>().is_ok_and(|x| x.is_c_contiguous() && bytes(x) == bytes(out))
}

/// Returns a NumPy scalar of a type of scales.
pub(crate) fn scalar<'py, S: Scale>(py: Python<'py>, x: S) -> PyResult<Bound<'py, PyAny>> {
    S::get_dtype(py).typeobj().call1((x.as_f64(),))
}

/// Returns a NumPy scalar of an integer type.
pub(crate) fn integer<'py, I: Element + IntoPyObject<'py>>(
    py: Python<'py>,
    x: I,
) -> PyResult<Bound<'py, PyAny>> {
    I::get_dtype(py).typeobj().call1((x,))
}

/// Returns a vector of `count` numbers, or raises `MemoryError`.
pub(crate) fn room<T: Clone>(count: usize, value: T) -> PyResult<Vec<T>> {
    let mut room = Vec::new();
    reserve(&mut room, count)?;
    room.resize(count, value);
    Ok(room)
}

/// Reserves memory for `count` numbers in a vector.
pub(crate) fn reserve<T>(room: &mut Vec<T>, count: usize) -> PyResult<()> {
    room.try_reserve_exact(count).map_err(|_| {
        PyMemoryError::new_err(format!("no memory for {count} numbers of {} bytes", size_of::<T>()))
    })
}

/// Returns a new array that takes the vector's memory.
pub(crate) fn from_vec<'py, T: Element>(
    py: Python<'py>,
    elements: Vec<T>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyArray1::from_vec(py, elements).reshape(shape)?.into_any())
}

/// Returns the strides of a contiguous array, in bytes.
fn c_strides(shape: &[usize], element: usize) -> Vec<usize> {
    let mut strides = vec![element; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// Formats numbers as Python writes a tuple of them.
pub(crate) struct Tuple<'a, T>(pub(crate) &'a [T]);

impl<T: Display> Display for Tuple<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [one] => write!(f, "({one},)"),
            all => {
                let all: Vec<String> = all.iter().map(T::to_string).collect();
                write!(f, "({})", all.join(", "))
            }
        }
    }
}
