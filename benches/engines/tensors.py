"""The types that are compared, how packed ones are packed, and the numbers that are quantized."""

from typing import NamedTuple

import numpy as np


class Code(NamedTuple):
    """A type of codes; below 8 bits, `dtype` holds one of them alone."""

    dtype: type
    bits: int

    @property
    def least(self):
        return -(1 << self.bits - 1) if np.issubdtype(self.dtype, np.signedinteger) else 0

    @property
    def most(self):
        return self.least + (1 << self.bits) - 1


CODES = {
    "u8": Code(np.uint8, 8),
    "i8": Code(np.int8, 8),
    "u16": Code(np.uint16, 16),
    "i16": Code(np.int16, 16),
    "i32": Code(np.int32, 32),
    "u4": Code(np.uint8, 4),
    "i4": Code(np.int8, 4),
    "u2": Code(np.uint8, 2),
    "i2": Code(np.int8, 2),
}
REALS = {"f32": np.float32, "f16": np.float16}
KINDS = ["random", "half-grid", "edges"]


def pack(code, values):
    """Codes as a tensor in memory has them: below 8 bits several in a byte, the first lowest."""
    bits = CODES[code].bits
    flat = values.reshape(-1)
    if bits >= 8:
        return flat
    each = 8 // bits
    padded = np.zeros(-(-flat.size // each) * each, np.uint8)
    padded[: flat.size] = flat.view(np.uint8) & ((1 << bits) - 1)
    shifted = padded.reshape(-1, each) << (np.arange(each, dtype=np.uint8) * bits)
    return np.bitwise_or.reduce(shifted, axis=1).astype(np.uint8)


def unpack(code, packed, count):
    """The codes of a tensor in memory, each in an element of its own."""
    dtype, bits = CODES[code]
    if bits >= 8:
        return np.frombuffer(packed, dtype)
    each = 8 // bits
    codes = np.frombuffer(packed, np.uint8).repeat(each) >> np.tile(
        np.arange(each, dtype=np.uint8) * bits, len(packed)
    )
    # To the top of the byte, and down with the sign.
    codes = (codes << (8 - bits)).astype(np.uint8).view(dtype) >> (8 - bits)
    if codes[count:].any():
        raise SystemExit(f"rivals.py: {code}: the bits after the last code are not 0")
    return codes[:count]


def spread(shape, extent, params):
    """Every element's parameter, of those that the slices have."""
    match extent:
        case ("tensor",):
            return np.broadcast_to(params, shape)
        case ("channel", axis):
            ones = [-1 if i == axis else 1 for i in range(len(shape))]
            return np.broadcast_to(params.reshape(ones), shape)
        case ("block", axis, length):
            return np.repeat(params, length, axis).take(range(shape[axis]), axis)


def shape_of_params(shape, extent):
    match extent:
        case ("tensor",):
            return []
        case ("channel", axis):
            return [shape[axis]]
        case ("block", axis, length):
            return [-(-n // length) if i == axis else n for i, n in enumerate(shape)]


def codes(rng, code, shape):
    """Any codes, the least and the greatest among them."""
    dtype, _ = CODES[code]
    least, most = CODES[code].least, CODES[code].most
    values = rng.integers(least, most, shape, dtype=np.int64, endpoint=True).astype(dtype)
    values.flat[:2] = least, most
    return values


def numbers(rng, kind, real, code, scales, zero_points):
    """Numbers to quantize, each with its own scale and zero point, in the shape of these."""
    with np.errstate(all="ignore"):
        dtype = REALS[real]
        if kind == "edges":
            return _edges(rng, dtype, scales.shape)
        # To either side of what has a code, by a quarter and by some steps.
        beyond = 8 + (CODES[code].most - CODES[code].least) // 4
        low = CODES[code].least - beyond - zero_points.astype(np.int64)
        high = CODES[code].most + beyond - zero_points.astype(np.int64)
        scales = scales.astype(np.float64)
        if kind == "random":
            return (rng.uniform(low, high) * scales).astype(dtype)
        ties = ((rng.integers(low, high) + 0.5) * scales).astype(dtype)
        return _near(rng, ties)


def _near(rng, numbers):
    """Each number itself, or a neighbour of it, at most the second."""
    steps = rng.integers(-2, 2, numbers.shape, endpoint=True)
    for _ in range(2):
        towards = np.where(steps < 0, -np.inf, np.inf).astype(numbers.dtype)
        numbers = np.where(steps == 0, numbers, np.nextafter(numbers, towards))
        steps -= np.sign(steps)
    return numbers


def _edges(rng, dtype, shape):
    """What is no number, huge, tiny or zero; and any bits."""
    info = np.finfo(dtype)
    listed = [np.nan, np.inf, info.max, info.max / 2, info.tiny, info.smallest_subnormal]
    listed += [info.tiny - info.smallest_subnormal, 0.0, 2.0**15, 1e4]
    if info.bits == 32:
        listed += [2.0**31, 2.0**32, 1e9, 1e30]
    listed = np.array(listed, dtype)
    listed = np.concatenate([listed, -listed])
    bits = rng.integers(0, 1 << info.bits, shape, dtype=np.uint64)
    any_bits = bits.astype(f"u{info.bits // 8}").view(dtype)
    return np.where(rng.random(shape) < 0.5, rng.choice(listed, shape), any_bits)
