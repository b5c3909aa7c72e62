//! The compiled half of the Python package `zeropoint`: the crate's operations on NumPy arrays.
//!
//! A call determines the types of its arrays (`types`), makes slices of the arrays (`arrays`), reads the other
//! arguments (`coding`, `given`), and releases the interpreter while the kernels run.

mod arrays;
mod audit;
mod blocks;
mod coding;
mod dequantize;
mod given;
mod observe;
mod observers;
mod quantize;
mod requantize;
mod sums;
mod types;

use pyo3::prelude::*;
use zeropoint::{Auto, Backend, Parallel};

use crate::arrays::value_error;

/// Returns the backend of the crate's free functions: the best instructions of this CPU, and threads.
fn backend() -> PyResult<Parallel<Auto>> {
    Auto::detect().map(Parallel::new).map_err(value_error)
}

/// Returns the name of the CPU instructions that the kernels use.
///
/// It is "scalar", "portable", "avx2", "avx512" or "neon". The best
/// instructions that the CPU has are used, unless the environment variable
/// `ZEROPOINT_BACKEND` named others when the first call was made. The
/// results do not depend on them.
///
/// Raises
/// ------
/// ValueError
///     For a name that is unknown or not available. Every other function
///     then raises it too.
#[pyfunction(name = "backend")]
fn backend_name() -> PyResult<&'static str> {
    Ok(backend()?.name())
}

// Interpreters without a lock are not tested.
#[pymodule(gil_used = true)]
mod _zeropoint {
    #[pymodule_export]
    use super::audit::audit_function;
    #[pymodule_export]
    use super::backend_name;
    #[pymodule_export]
    use super::blocks::{decode, encode};
    #[pymodule_export]
    use super::dequantize::{dequantize, fake_quantize};
    #[pymodule_export]
    use super::observe::{abs_max, min_max, params, quantization_error};
    #[pymodule_export]
    use super::observers::ObserverState;
    #[pymodule_export]
    use super::quantize::quantize;
    #[pymodule_export]
    use super::requantize::{fixed_multiplier, requantize};
    #[pymodule_export]
    use super::sums::{quantize_with_sums, sum_codes};

    /// The version of the package, which is the version of the crate in it.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
