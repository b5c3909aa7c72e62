"""The notebook's formulas in NumPy: what the tests hold the package to, and what the benchmark times.

A division, `rint`, the zero point, `clip`, a cast; nothing of the package is used. They compute in the type of
their arguments: NumPy 1 would take a float32 divided by an integer for a float64, hence `dtype.type`.
"""

import numpy as np


def asymmetric_parameters(x, bits):
    alpha, beta = np.max(x), np.min(x)
    scale = x.dtype.type((alpha - beta) / (2**bits - 1))
    return scale, int(np.rint(-beta / scale))


def asymmetric_quantize(x, scale, zero_point, bits, dtype=np.uint8):
    return np.clip(np.rint(x / scale) + zero_point, 0, 2**bits - 1).astype(dtype)


def symmetric_scale(alpha, bits):
    return alpha.dtype.type(alpha / (2 ** (bits - 1) - 1))


def symmetric_quantize(x, scale, bits, dtype=np.int8):
    """As the notebook's text has it, without the least code."""
    bound = 2 ** (bits - 1) - 1
    return np.clip(np.rint(x / scale), -bound, bound).astype(dtype)


def symmetric_quantize_full(x, scale, bits, dtype=np.int8):
    """As the notebook's code has it, with the least code."""
    bound = 2 ** (bits - 1) - 1
    return np.clip(np.rint(x / scale), -bound - 1, bound).astype(dtype)


def dequantize(q, scale, zero_point=0):
    return (q.astype(np.int32) - zero_point).astype(scale.dtype) * scale


def mean_squared_error(x, y):
    return np.mean((x.astype(np.float64) - y.astype(np.float64)) ** 2)


DATA = np.array([
    2.34, -3.42, 0.0, -0.1, -0.32, -0.08, -0.47, 1.34, -1.0, -1.11,
    0.69, 0.84, -2.42, 0.61, -0.4, -0.61, 1.23, -0.18, -0.57, -0.14,
])  # fmt: skip
"""Its worked example."""
