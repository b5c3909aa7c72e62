"""From accumulators to codes: beside NumPy's float32, and beside Python's integers."""

import math

import formulas
import numpy as np
import pytest
import zeropoint
from formulas import PACKED, SHAPES, TYPES
from test_arrays import LAYOUTS, misaligned, refused
from test_notebook import same

CODES = {**TYPES, **PACKED}
EDGES = [0, 1, -1, 2**31 - 1, -(2**31), 2**24 + 1, -(2**24) - 1, 2**30, -(2**30), 2**25 + 2]


def accumulators(rng, shape):
    count = int(np.prod(shape, dtype=int))
    magnitudes = 2.0 ** rng.uniform(0, 31, count)
    acc = np.clip(magnitudes * rng.choice([-1, 1], count), -(2**31), 2**31 - 1).astype(np.int32)
    acc[rng.random(count) < 0.2] = rng.choice(EDGES)
    small = rng.random(count) < 0.3
    acc[small] = rng.integers(-600, 600, small.sum())
    return acc.reshape(shape)


def coding(name):
    return {"packed": name} if name in PACKED else {"dtype": name}


def stored(codes, name):
    return formulas.pack(codes, name) if name in PACKED else codes.astype(name)


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_float_multipliers(name, shape):
    rng = np.random.default_rng([len(shape), *shape, *name.encode()])
    qmin, qmax = CODES[name]
    for granularity in formulas.granularities(shape):
        p = formulas.parameter_shape(shape, **granularity)
        # Powers of two make ties.
        multiplier = np.where(rng.random(p) < 0.5, 2.0 ** rng.integers(-12, 2, p), 10.0 ** rng.uniform(-9, 1, p))
        multiplier = formulas.of_type(np.float32, multiplier)
        zero_point = formulas.of_type(np.int32, rng.integers(qmin, qmax, p, endpoint=True))
        acc = accumulators(rng, shape)
        spread = [formulas.spread(p, shape, **granularity) for p in [multiplier, zero_point]]
        codes = formulas.requantize(acc, *spread, qmin, qmax)
        q = zeropoint.requantize(acc, multiplier, zero_point, **coding(name), **granularity)
        same(q, stored(codes, name))


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (71,), (3, 5), (5, 0, 3), (4, 3, 6)], ids=str)
def test_fixed_multipliers(name, shape):
    rng = np.random.default_rng([len(shape), *shape, *name.encode()])
    qmin, qmax = CODES[name]
    for granularity in formulas.granularities(shape):
        p = formulas.parameter_shape(shape, **granularity)
        multiplier = rng.integers(2**30, 2**31, p)
        multiplier = formulas.of_type(np.int32, np.where(rng.random(p) < 0.3, rng.choice([0, 2**30, 2**31 - 1], p), multiplier))
        shift = formulas.of_type(np.int32, rng.integers(-31, 31, p))
        zero_point = formulas.of_type(np.int32, rng.integers(qmin, qmax, p, endpoint=True))
        acc = accumulators(rng, shape)
        spread = (np.broadcast_to(formulas.spread(p, shape, **granularity), shape) for p in [multiplier, shift, zero_point])
        each = zip(acc.ravel().tolist(), *(p.ravel().tolist() for p in spread))
        codes = [formulas.requantize_fixed(a, m, s, z, qmin, qmax) for a, m, s, z in each]
        codes = np.array(codes, np.int64).reshape(shape)
        q = zeropoint.requantize(acc, multiplier, zero_point, shift=shift, **coding(name), **granularity)
        same(q, stored(codes, name))


def test_ties():
    acc = np.array([1, 3, 5, -1, -3, -5], np.int32)
    assert zeropoint.requantize(acc, 0.5, dtype="int8").tolist() == [0, 2, 2, 0, -2, -2]
    # Ties away from 0 where the shift divides, and up where the multiplier does.
    assert zeropoint.requantize(2 * acc, 2**30, shift=-1, dtype="int8").tolist() == [1, 2, 3, -1, -2, -3]
    assert zeropoint.requantize(acc, 2**30, shift=0, dtype="int8").tolist() == [1, 2, 3, 0, -1, -2]


def test_codes_of_schemes():
    acc = np.array([-(2**31), 2**31 - 1, 3], np.int32)
    assert zeropoint.requantize(acc, 1.0).dtype == np.uint8
    assert zeropoint.requantize(acc, 1.0, scheme="symmetric").tolist() == [-127, 127, 3]
    assert zeropoint.requantize(acc, 1.0, scheme="symmetric_full").tolist() == [-128, 127, 3]
    assert zeropoint.requantize(acc, 1.0, bits=4).tolist() == [0, 15, 3]
    assert zeropoint.requantize(acc, 1.0, bits=9).dtype == np.uint16
    assert zeropoint.requantize(acc, 0, 7).tolist() == [7, 7, 7]
    assert zeropoint.requantize(acc, 0.5, -300, scheme="asymmetric_raw").tolist() == [0, 255, 0]
    assert zeropoint.requantize(acc, 1e-46, 7).tolist() == [7, 7, 7]


def test_multipliers_are_rounded_to_float32():
    acc = np.arange(-500, 500, dtype=np.int32)
    for multiplier in [0.1, 1 / 3, 0.7071067811865476]:
        codes = zeropoint.requantize(acc, np.float32(multiplier), 100)
        same(zeropoint.requantize(acc, multiplier, 100), codes)
        same(zeropoint.requantize(acc, np.float64(multiplier), 100), codes)
        same(zeropoint.requantize(acc.reshape(1, -1), [multiplier], np.array([100], np.uint8), axis=0)[0], codes)


def test_out_and_layouts():
    acc = accumulators(np.random.default_rng(4), (64, 64))
    for name, layout in LAYOUTS.items():
        if name != "list":
            odd = layout(acc)
            same(zeropoint.requantize(odd, 0.01, 9), zeropoint.requantize(np.array(odd, np.int32, order="C"), 0.01, 9))
    q = zeropoint.requantize(acc, 0.01, 9, dtype="int16")
    out = np.empty(acc.shape, np.int16)
    assert zeropoint.requantize(acc, 0.01, 9, out=out) is out
    same(out, q)
    same(zeropoint.requantize(misaligned(acc), 0.01, 9, dtype="int16"), q)
    message = "out overlaps the input: .*"
    refused(ValueError, message, zeropoint.requantize, acc, 1.0, out=acc.view(np.uint8).reshape(-1)[:4096].reshape(64, 64))


def test_fixed_multipliers_of_real_ones():
    rng = np.random.default_rng(8)
    reals = 2.0 ** rng.uniform(-40, 30, 4000)
    edges = [0.0, 0.5, 1.0, 1 - 2**-53, 1 - 2**-32, 1 - 2**-33, 2.0**-32, 2.0**-33, 2.0**-32 * (1 - 2**-40), 5e-324]
    reals = np.concatenate([reals[reals < 2.0**30 - 1], edges])
    m = zeropoint.fixed_multiplier(reals)
    for real, multiplier, shift in zip(reals.tolist(), m.multiplier.tolist(), m.shift.tolist()):
        fraction, exponent = math.frexp(real)
        rounded = math.floor(fraction * 2**31 + 0.5)
        if rounded == 2**31:
            rounded, exponent = 2**30, exponent + 1
        assert (multiplier, shift) == ((rounded, exponent) if exponent >= -31 and real else (0, 0))
        alone = zeropoint.fixed_multiplier(real)
        assert (alone, type(alone.multiplier), type(alone.shift)) == ((multiplier, shift), np.int32, np.int32)
    table = zeropoint.fixed_multiplier(np.float32([[0.1, 0.2], [0.3, 0.4]]))
    assert (table.multiplier.shape, table.shift.dtype, table.multiplier.dtype) == ((2, 2), np.int32, np.int32)
    assert zeropoint.fixed_multiplier([]).shift.shape == (0,)
    acc = np.array([[3, 5], [7, 9]], np.int32)
    same(zeropoint.requantize(acc, *table[:1], shift=table.shift, axis=1, block_size=1), np.array([[0, 1], [2, 4]], np.uint8))
    for real in [-1.0, np.nan, np.inf, 2.0**30, 2.0**30 - 2.0**-3]:
        message = f"multiplier .* is not at least 0 and, rounded, below {2**30}"
        refused(ValueError, message, zeropoint.fixed_multiplier, real)
        refused(ValueError, "parameters 1: " + message, zeropoint.fixed_multiplier, [0.5, real])
    refused(TypeError, "multiplier has dtype .*, numbers are needed", zeropoint.fixed_multiplier, "0.5")


def test_refusals():
    acc, call = np.ones((2, 3), np.int32), zeropoint.requantize
    for other in [np.ones(3), np.ones(3, np.int64), [1, 2], np.ones(3, np.uint32)]:
        refused(TypeError, f"acc has dtype {np.asarray(other).dtype}, int32 is needed", call, other, 1.0)
    refused(TypeError, "acc is a masked array.*", call, np.ma.ones(3, np.int32), 1.0)
    for multiplier, text in [(-1.0, "-1e0"), (np.nan, "NaN"), (np.inf, "inf"), (1e39, "1e39"), (np.float32(-0.5), "-5e-1")]:
        message = rf"multiplier {text} is not within 0\.\.=3.4028235e38"
        refused(ValueError, message, call, acc, multiplier)
        for array in [[1.0, multiplier], np.array([1, multiplier], np.float64)]:
            refused(ValueError, "parameters 1: " + message, call, acc, array, axis=0)
    with np.errstate(over="ignore"):
        refused(ValueError, "parameters 0: multiplier inf is not .*", call, acc, np.float64([1e39, 1]).astype(np.float32), axis=0)
    for multiplier, text in [(1, "1.0"), (0.5, "0.5"), (2**31, "2147483648.0"), (2**30 - 1, "1073741823.0"), (2**30 + 0.5, r"1073741824\.5")]:
        message = rf"multiplier {text} with a shift is neither 0 nor an integer within 1073741824\.\.=2147483647"
        refused(ValueError, message, call, acc, multiplier, shift=0)
        refused(ValueError, "parameters 2: " + message, call, acc, [2**30, 0, multiplier], shift=[0, 0, 0], axis=1)
    # An array of the right type is not converted, but checked.
    refused(ValueError, "parameters 0: multiplier 7.0 with .*", call, acc, np.int32([7, 0]), shift=np.int32([0, 0]), axis=0)
    for shift in [-32, 31, 0.5, np.nan]:
        message = r"shift .* is not an integer within -31\.\.=30"
        refused(ValueError, message, call, acc, 2**30, shift=shift)
        refused(ValueError, "parameters 1: " + message, call, acc, [2**30, 0], shift=[3, shift], axis=0)
    refused(ValueError, "parameters 1: shift 31.0 is not .*", call, acc, np.int32([0, 0]), shift=np.int32([0, 31]), axis=0)
    refused(ValueError, r"multiplier has shape \(3,\), \(2,\) is needed", call, acc, [1.0] * 3, axis=0)
    refused(ValueError, r"multiplier has shape \(3,\), but axis is None: a single number is needed", call, acc, np.ones(3))
    refused(ValueError, r"shift has shape \(\), \(2,\) is needed", call, acc, [0, 0], shift=1, axis=0)
    refused(ValueError, r"zero_point has shape \(3,\), \(2,\) is needed", call, acc, [1.0] * 2, [1] * 3, axis=0)
    refused(ValueError, "zero point 256 is outside the uint8 codes, 0 to 255 .*", call, acc, 1.0, 256)
    refused(ValueError, "parameters 1: zero point -1 is outside the uint8 codes, 0 to 255 .*", call, acc, [1.0] * 2, [1, -1], axis=0)
    refused(ValueError, r"zero point 16777217 is outside -16777216\.\.=16777216", call, acc, 1.0, 2**24 + 1, scheme="asymmetric_raw")
    refused(TypeError, "multiplier is a str, a number is needed", call, acc, "1")
    refused(TypeError, "shift is a bool, a number is needed", call, acc, 2**30, shift=True)
    refused(TypeError, "out has dtype int32, one of .* is needed", call, acc, 1.0, out=acc.copy())
