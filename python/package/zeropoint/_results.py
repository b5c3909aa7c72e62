"""The named tuples that functions return."""

from typing import Any, NamedTuple


class MinMax(NamedTuple):
    """The range of an array, or arrays of the ranges of its slices.

    min: the least number, or inf if there is none.
    max: the greatest number, or -inf if there is none.
    has_nan: True if there is a NaN.

    They are two NumPy scalars and a `bool`, or three arrays.
    """

    min: Any
    max: Any
    has_nan: Any


class Params(NamedTuple):
    """The parameters for a range: two arguments of `quantize`.

    scale: the distance between two codes.
    zero_point: the code of 0, int32.

    They are NumPy scalars, or arrays.
    """

    scale: Any
    zero_point: Any


class FixedMultiplier(NamedTuple):
    """A multiplier in fixed point, `multiplier * 2**(shift - 31)`.

    Both fields are arguments of `requantize`.

    multiplier: 0, or from 2**30 to 2**31 - 1, int32.
    shift: from -31 to 30, int32.

    They are NumPy scalars, or arrays.
    """

    multiplier: Any
    shift: Any


class QuantizationError(NamedTuple):
    """The difference between numbers and their quantized form.

    mse: the mean squared error.
    max_abs: the greatest error.
    sqnr_db: the signal to quantization noise ratio in decibel.
    clipped: the count of numbers that fell outside the codes.
    """

    mse: float
    max_abs: float
    sqnr_db: float
    clipped: int
