"""The types of the compiled functions, which have their documentation."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, final, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._results import FixedMultiplier, MinMax, Params, QuantizationError

# NumPy has no type for the scalars of bfloat16.
_Scalar: TypeAlias = Any
_Numbers: TypeAlias = NDArray[Any]
_Codes: TypeAlias = NDArray[np.integer[Any]]
_Packed: TypeAlias = Literal["int4", "uint4", "int2", "uint2"]
_Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Scheme: TypeAlias = Literal["asymmetric", "asymmetric_raw", "symmetric", "symmetric_full"]

__all__ = [
    "ObserverState",
    "__version__",
    "abs_max",
    "audit_function",
    "backend",
    "decode",
    "dequantize",
    "encode",
    "fake_quantize",
    "fixed_multiplier",
    "min_max",
    "params",
    "quantization_error",
    "quantize",
    "quantize_with_sums",
    "requantize",
    "sum_codes",
]

__version__: str

@final
class ObserverState:
    """The state of an observer: the classes of `_observers` have the documentation."""

    def __new__(cls, kind: str, dtype: DTypeLike, constant: float) -> ObserverState: ...
    @staticmethod
    def from_bytes(kind: str, state: bytes) -> ObserverState: ...
    @staticmethod
    def from_counts(
        counts: NDArray[np.uint64],
        min: float | np.floating[Any],
        max: float | np.floating[Any],
        not_finite: int | np.integer[Any],
        dtype: DTypeLike,
    ) -> ObserverState: ...
    def observe(self, x: ArrayLike, axis: int | None) -> None: ...
    def merge(self, other: ObserverState) -> None: ...
    def copy(self) -> ObserverState: ...
    def to_bytes(self) -> bytes: ...
    @property
    def dtype(self) -> str: ...
    def bounds(self) -> list[NDArray[Any]]: ...
    def counts(self) -> NDArray[np.uint64]: ...
    def params(
        self,
        scheme: str,
        bits: int | None,
        dtype: DTypeLike | None,
        packed: str | None,
        clip: str | float,
    ) -> tuple[Any, Any]: ...

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
    packed: _Packed | None = None,
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
    packed: _Packed | None = None,
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
    packed: _Packed | None = None,
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
    packed: _Packed | None = None,
    shape: _Shape | None = None,
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
    packed: _Packed | None = None,
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
    packed: _Packed | None = None,
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
    packed: _Packed | None = None,
) -> QuantizationError: ...
def requantize(
    acc: ArrayLike,
    multiplier: ArrayLike,
    zero_point: ArrayLike | None = None,
    *,
    shift: ArrayLike | None = None,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int | None = None,
    block_size: int | None = None,
    packed: _Packed | None = None,
    out: _Codes | None = None,
) -> _Codes: ...
def fixed_multiplier(multiplier: ArrayLike) -> FixedMultiplier: ...
@overload
def sum_codes(
    q: ArrayLike,
    *,
    axis: None = None,
    block_size: None = None,
    packed: _Packed | None = None,
    shape: _Shape | None = None,
) -> np.int64: ...
@overload
def sum_codes(
    q: ArrayLike,
    *,
    axis: int,
    block_size: int | None = None,
    packed: _Packed | None = None,
    shape: _Shape | None = None,
) -> NDArray[np.int64]: ...
@overload
def sum_codes(
    q: ArrayLike,
    *,
    axis: int | None = None,
    block_size: int | None = None,
    packed: _Packed | None = None,
    shape: _Shape | None = None,
) -> Any: ...
@overload
def quantize_with_sums(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: None = None,
    block_size: None = None,
    packed: _Packed | None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, np.floating[Any], np.int32, np.int64]: ...
@overload
def quantize_with_sums(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int,
    block_size: int | None = None,
    packed: _Packed | None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, NDArray[np.floating[Any]], NDArray[np.int32], NDArray[np.int64]]: ...
@overload
def quantize_with_sums(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    zero_point: ArrayLike | None = None,
    *,
    scheme: _Scheme = "asymmetric",
    bits: int | None = None,
    dtype: DTypeLike | None = None,
    axis: int | None = None,
    block_size: int | None = None,
    packed: _Packed | None = None,
    out: _Codes | None = None,
) -> tuple[_Codes, Any, Any, Any]: ...
def encode(x: ArrayLike, format: str) -> NDArray[np.uint8]: ...
@overload
def decode(blocks: ArrayLike, format: str) -> NDArray[np.float32]: ...
@overload
def decode(blocks: ArrayLike, format: str, dtype: DTypeLike | None) -> NDArray[Any]: ...
def backend() -> str: ...

def audit_function(
    operation: str, dtype: str, function: Any, seed: int, seconds: float
) -> tuple[str, str, str]: ...
