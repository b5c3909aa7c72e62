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


def packed(x: NDArray[np.float32]) -> tuple[NDArray[Any], np.int64]:
    q, scale, zero_point = zeropoint.quantize(x, packed="int4", axis=0, block_size=32)
    s: NDArray[np.floating[Any]] = scale
    total: np.int64 = zeropoint.sum_codes(q, packed="int4", shape=x.shape)
    y = zeropoint.dequantize(q, s, zero_point, packed="int4", shape=x.shape, axis=0, block_size=32)
    zeropoint.dequantize(q[:1], 0.5, packed="int4", shape=2, dtype="float64")
    zeropoint.fake_quantize(x, 0.5, packed="uint2", out=x)
    zeropoint.quantization_error(x, 0.5, bits=4)
    zeropoint.params(-1.0, 1.0, packed="int2")
    return y, total


def product(acc: NDArray[np.int32], x: NDArray[np.float32]) -> NDArray[np.integer[Any]]:
    m: zeropoint.FixedMultiplier = zeropoint.fixed_multiplier(0.01)
    zeropoint.requantize(acc, [0.1, 0.2], [1, 2], dtype=np.int8, axis=0)
    zeropoint.requantize(acc, 0.1, packed="uint4", out=np.empty(3, np.uint8))
    _, scale, zero_point, sums = zeropoint.quantize_with_sums(x, axis=0)
    by_row: NDArray[np.int64] = sums
    of_all: np.int64 = zeropoint.quantize_with_sums(x, 0.1, 3, scheme="symmetric")[3]
    again: NDArray[np.int64] = zeropoint.sum_codes(acc, axis=1)
    alpha: np.floating[Any] = zeropoint.abs_max(x)
    print(by_row, of_all, again, alpha, scale.dtype, zero_point.shape, zeropoint.__version__)
    return zeropoint.requantize(acc, m.multiplier, 3, shift=m.shift)


def observers(x: NDArray[np.float32], state: bytes, foreign: Any) -> tuple[Any, NDArray[np.uint64]]:
    columns = zeropoint.MinMaxObserver(axis=1)
    columns.observe(zeropoint.from_arrow(foreign, nulls="skip"))
    both: zeropoint.MinMaxObserver = columns + zeropoint.MinMaxObserver.from_bytes(state, axis=1)
    both += columns
    histogram = zeropoint.HistogramObserver(dtype=np.float64)
    histogram.merge(zeropoint.HistogramObserver.from_bytes(histogram.to_bytes()))
    counts: NDArray[np.uint64] = histogram.counts()
    again = zeropoint.HistogramObserver.from_counts(counts, histogram.min, 2.0, 1)
    average = zeropoint.MovingAverageObserver(0.5)
    average.observe(x)
    print(again == histogram, average.params(bits=4).scale, both.axis, both.dtype, both.not_finite)
    return histogram.params(scheme="symmetric", clip="entropy").scale, counts


def wrong_observers(a: zeropoint.MinMaxObserver, b: zeropoint.HistogramObserver) -> None:
    a.merge(b)  # type: ignore[arg-type]
    a + b  # type: ignore[operator]
    a.params(clip=99.9)  # type: ignore[call-arg]
    b.params(clip="most")  # type: ignore[arg-type]
    b.observe([1.0], nulls="drop")  # type: ignore[arg-type]
    zeropoint.MovingAverageObserver() + zeropoint.MovingAverageObserver()  # type: ignore[operator]


def wrong(x: NDArray[np.float32]) -> None:
    zeropoint.quantize(x, scheme="affine")  # type: ignore[call-overload]
    zeropoint.quantize(x, packed="int3")  # type: ignore[call-overload]
    zeropoint.dequantize(x, 1.0, packed=True)  # type: ignore[arg-type]
    zeropoint.sum_codes(x, shape="3")  # type: ignore[arg-type]
    zeropoint.requantize(x, 1.0, 0, 3)  # type: ignore[call-arg]
    zeropoint.min_max(x).minimum  # type: ignore[attr-defined]


def wherever(x: NDArray[np.float32], axis: int | None, block_size: int | None) -> NDArray[Any]:
    q, scale, zero_point = zeropoint.quantize(x, axis=axis, block_size=block_size)
    sums = zeropoint.quantize_with_sums(x, axis=axis, block_size=block_size)[3]
    print(sums - zeropoint.sum_codes(q, axis=axis, block_size=block_size))
    return zeropoint.dequantize(q, scale, zero_point, axis=axis, block_size=block_size)


def blocks(x: NDArray[np.float16]) -> NDArray[np.float32]:
    stored: NDArray[np.uint8] = zeropoint.ggml.encode(x, "q5_1")
    zeropoint.ggml.decode(stored, "q5_1", np.float16)
    return zeropoint.ggml.decode(stored, "q5_1")
