"""What the functions return that return several things."""

from typing import Any, NamedTuple


class MinMax(NamedTuple):
    """The range of an array, or arrays of the ranges of its slices."""

    min: Any
    """The least number, or inf: a NumPy scalar, or an array."""
    max: Any
    """The greatest number, or -inf: a NumPy scalar, or an array."""
    has_nan: Any
    """Whether there is a NaN: a `bool`, or an array of them."""


class Params(NamedTuple):
    """What a range becomes: the second and third argument of `quantize`."""

    scale: Any
    """The distance between two codes: a NumPy scalar, or an array."""
    zero_point: Any
    """The code of 0, int32: a NumPy scalar, or an array."""


class QuantizationError(NamedTuple):
    """How far numbers and their quantized form are apart."""

    mse: float
    """The mean squared error."""
    max_abs: float
    """The greatest error."""
    sqnr_db: float
    """The signal to quantization noise ratio in decibel."""
    clipped: int
    """How many numbers fell outside the codes."""
