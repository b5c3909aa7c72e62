"""The types of the compiled functions, which have their documentation."""

from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._results import MinMax, Params, QuantizationError

# NumPy has no type for the scalars of bfloat16.
_Scalar: TypeAlias = Any
_Numbers: TypeAlias = NDArray[Any]
_Codes: TypeAlias = NDArray[np.integer[Any]]
_Scheme: TypeAlias = Literal["asymmetric", "asymmetric_raw", "symmetric", "symmetric_full"]

__all__ = [
    "__version__",
    "abs_max",
    "backend",
    "dequantize",
    "fake_quantize",
    "min_max",
    "params",
    "quantization_error",
    "quantize",
]

__version__: str

@overload
def quantize(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: None = None,
    block_size: None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, np.floating[Any], np.int32]: ...
@overload
def quantize(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int,
    block_size: int | None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, NDArray[np.floating[Any]], NDArray[np.int32]]: ...
@overload
def quantize(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int | None = None,
    block_size: int | None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, Any, Any]: ...
def dequantize(
    q: ArrayLike,
    scale: ArrayLike,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    axis: int | None = None,
    block_size: int | None = None,
    dtype: DTypeLike | None = None,
    out: _Numbers | None = None,
) -> _Numbers: ...
def fake_quantize(
    x: ArrayLike,
    scale: ArrayLike,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int | None = None,
    block_size: int | None = None,
    out: _Numbers | None = None,
) -> _Numbers: ...
def min_max(
    x: ArrayLike, *, axis: int | None = None, block_size: int | None = None
) -> MinMax: ...
def abs_max(x: ArrayLike) -> _Scalar: ...
def params(
    min: ArrayLike,
    max: ArrayLike,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
) -> Params: ...
def quantization_error(
    x: ArrayLike,
    scale: ArrayLike,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int | None = None,
    block_size: int | None = None,
) -> QuantizationError: ...
def backend() -> str: ...
