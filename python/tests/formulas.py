"""Formulas in NumPy and in Python's integers, for given parameters of whole arrays, axes and blocks.

Nothing of the package is used.
"""

import numpy as np

PACKED = {"int4": (-8, 7), "uint4": (0, 15), "int2": (-2, 1), "uint2": (0, 3)}
"""The types of packed codes, with the least and the greatest code."""

TYPES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1)}

SHAPES = [(), (0,), (1,), (2,), (3,), (7,), (1003,), (3, 5), (5, 0, 3), (4, 3, 6), (2, 70, 9)]
"""Even and odd numbers of codes, within and beyond a register."""


def granularities(shape):
    """All axes of a shape with and without blocks, and none."""
    yield {}
    for axis in range(len(shape)):
        yield {"axis": axis}
        for block_size in [1, 2, 3, 32]:
            yield {"axis": axis, "block_size": block_size}


def parameter_shape(shape, axis=None, block_size=None):
    if axis is None:
        return ()
    if block_size is None:
        return (shape[axis],)
    return tuple(-(-n // block_size) if i == axis else n for i, n in enumerate(shape))


def of_type(dtype, p):
    """An array, or a scalar if it has no dimensions. (NumPy 1 makes scalars of arrays with one element too.)"""
    return np.asarray(p).astype(dtype)[()]


def spread(p, shape, axis=None, block_size=None):
    """Parameters in a shape that broadcasts to that of the data."""
    if axis is None:
        return p
    if block_size is None:
        return p.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return np.repeat(p, block_size, axis).take(range(shape[axis]), axis)


def sums(codes, axis=None, block_size=None):
    codes = codes.astype(np.int64)
    if axis is None:
        return codes.sum()
    if block_size is None:
        return codes.sum(axis=tuple(i for i in range(codes.ndim) if i != axis))
    blocks = range(0, codes.shape[axis], block_size)
    empty = np.zeros(parameter_shape(codes.shape, axis, block_size), np.int64)
    for b, first in enumerate(blocks):
        at, to = [slice(None)] * codes.ndim, [slice(None)] * codes.ndim
        at[axis], to[axis] = slice(first, first + block_size), b
        empty[tuple(to)] = codes[tuple(at)].sum(axis=axis)
    return empty


def clip(steps, zero_point, qmin, qmax):
    """From rounded quotients to codes; NaN becomes qmin."""
    codes = np.clip(steps.astype(np.float64) + zero_point, qmin, qmax)
    return np.where(np.isnan(codes), qmin, codes).astype(np.int64)


def quantize(x, scale, zero_point, qmin, qmax):
    with np.errstate(all="ignore"):
        return clip(np.rint(x / scale), zero_point, qmin, qmax)


def dequantize(codes, scale, zero_point):
    return (codes - zero_point).astype(scale.dtype) * scale


def requantize(acc, multiplier, zero_point, qmin, qmax):
    assert multiplier.dtype == np.float32
    return clip(np.rint(acc.astype(np.float32) * multiplier), zero_point, qmin, qmax)


def requantize_fixed(acc, multiplier, shift, zero_point, qmin, qmax):
    """One accumulator, in integers that do not end."""
    acc = min(max(acc << max(shift, 0), -(2**31)), 2**31 - 1)
    n = (acc * multiplier + 2**30) >> 31
    half = (1 << max(-shift, 0)) // 2
    magnitude = (abs(n) + half) >> max(-shift, 0)
    return min(max((magnitude if n >= 0 else -magnitude) + zero_point, qmin), qmax)


def pack(codes, packed):
    """The first code in the lowest bits, zeros after the last."""
    bits = 4 if packed.endswith("4") else 2
    codes = codes.reshape(-1)
    padded = np.zeros(-(-codes.size * bits // 8) * 8 // bits, np.uint8)
    padded[: codes.size] = codes.astype(np.int64) & (2**bits - 1)
    packed = np.zeros(padded.size * bits // 8, np.uint8)
    for i in range(8 // bits):
        packed |= padded[i :: 8 // bits] << np.uint8(bits * i)
    return packed


def numbers(rng, shape, dtype, scale):
    """Ties, every kind of float by its bits, and ordinary numbers."""
    count = int(np.prod(shape, dtype=int))
    bits = {2: np.uint16, 4: np.uint32, 8: np.uint64}[np.dtype(dtype).itemsize]
    with np.errstate(all="ignore"):
        ties = (rng.integers(-40, 40, count) / 2).astype(dtype) * dtype(scale)
        kinds = rng.integers(0, np.iinfo(bits).max, count, bits, endpoint=True).view(dtype)
        ordinary = rng.normal(0, 4 * scale, count).astype(dtype)
        x = np.choose(rng.integers(0, 3, count), [ties, kinds, ordinary]).astype(dtype)
    x[rng.random(count) < 0.05] = rng.choice(np.array([np.nan, np.inf, -np.inf, -0.0], dtype))
    return x.reshape(shape)
