"""A program that the type checker reads and nothing runs: `mypy --strict`."""

from typing import Any

import numpy as np
import zeropoint
from numpy.typing import NDArray


def round_trip(x: NDArray[np.float32]) -> NDArray[Any]:
    q, scale, zero_point = zeropoint.quantize(x, scheme="symmetric", bits=4)
    z: np.int32 = zero_point
    return zeropoint.dequantize(q, scale, z)


def rows(x: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    q, scale, zero_point = zeropoint.quantize(x, axis=0, out=np.empty(x.shape, np.uint8))
    error: float = zeropoint.quantization_error(x, scale, zero_point, axis=0).mse
    print(error, zeropoint.min_max(x, axis=0).has_nan, zeropoint.backend())
    return scale, zero_point


def from_range(x: NDArray[np.float32]) -> NDArray[Any]:
    m = zeropoint.min_max(x)
    return zeropoint.fake_quantize(x, *zeropoint.params(m.min, m.max), out=x)


def wrong(x: NDArray[np.float32]) -> None:
    zeropoint.quantize(x, scheme="affine")  # type: ignore[call-overload]


def wherever(x: NDArray[np.float32], axis: int | None, block_size: int | None) -> NDArray[Any]:
    q, scale, zero_point = zeropoint.quantize(x, axis=axis, block_size=block_size)
    return zeropoint.dequantize(q, scale, zero_point, axis=axis, block_size=block_size)
