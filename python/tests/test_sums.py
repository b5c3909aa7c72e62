"""Sums of codes, beside those of int64."""

import formulas
import numpy as np
import pytest
import zeropoint
from formulas import SHAPES, TYPES
from test_arrays import LAYOUTS, refused
from test_notebook import same


@pytest.mark.parametrize("dtype", [*TYPES, "int32"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_of_every_granularity(dtype, shape):
    rng = np.random.default_rng([len(shape), *shape])
    limits = np.iinfo(dtype)
    for granularity in formulas.granularities(shape):
        q = np.array(rng.integers(limits.min, limits.max, shape, endpoint=True), dtype)
        same(zeropoint.sum_codes(q, **granularity), formulas.sums(q, **granularity))


@pytest.mark.parametrize("dtype", [*TYPES, "int32"])
def test_sums_do_not_wrap(dtype):
    for extreme in [np.iinfo(dtype).min, np.iinfo(dtype).max]:
        q = np.full((3, 1 << 18), extreme, dtype)
        assert zeropoint.sum_codes(q) == 3 * 2**18 * int(extreme)
        assert zeropoint.sum_codes(q, axis=0).tolist() == [2**18 * int(extreme)] * 3
        assert (zeropoint.sum_codes(q, axis=1) == 3 * int(extreme)).all()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("numbers", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_beside_codes(dtype, numbers, shape):
    rng = np.random.default_rng([len(shape), *shape])
    qmin, qmax = TYPES[dtype]
    computed = np.float64 if numbers == np.float64 else np.float32
    for granularity in formulas.granularities(shape):
        p = formulas.parameter_shape(shape, **granularity)
        scale = formulas.of_type(computed, rng.uniform(0.01, 3, p))
        zero_point = formulas.of_type(np.int32, rng.integers(qmin, qmax, p, endpoint=True))
        x = formulas.numbers(rng, shape, numbers, 0.5)
        spread = [formulas.spread(p, shape, **granularity) for p in [scale, zero_point]]
        codes = formulas.quantize(x.astype(computed), *spread, qmin, qmax)
        ours = zeropoint.quantize_with_sums(x, scale, zero_point, dtype=dtype, **granularity)
        for one, other in zip(ours, [codes.astype(dtype), scale, zero_point, formulas.sums(codes, **granularity)]):
            same(one, other)


@pytest.mark.parametrize("scheme", ["asymmetric", "symmetric"])
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_sums_of_codes_with_parameters_from_data(scheme, bits):
    x = np.random.default_rng(6).normal(0.3, 1, (6, 70)).astype(np.float32)
    for granularity in formulas.granularities(x.shape):
        coding = {"scheme": scheme, "bits": bits, **granularity}
        q, scale, zero_point = zeropoint.quantize(x, **coding)
        for one, other in zip(zeropoint.quantize_with_sums(x, **coding), [q, scale, zero_point, formulas.sums(q, **granularity)]):
            same(one, other)


def test_layouts_and_out():
    x = np.random.default_rng(9).normal(0, 1, (64, 64)).astype(np.float32)
    for name, layout in LAYOUTS.items():
        odd = layout(x)
        plain = np.array(odd, np.float64 if name == "list" else np.float32, order="C")
        q, _, _, sums = zeropoint.quantize_with_sums(odd, axis=0)
        same(q, zeropoint.quantize(plain, axis=0)[0])
        same(sums, formulas.sums(q, axis=0))
        if name != "list":
            codes = layout((x * 100).astype(np.int16))
            same(zeropoint.sum_codes(codes, axis=0), formulas.sums(codes, axis=0))
    out = np.empty(x.shape, np.int8)
    q, _, _, sums = zeropoint.quantize_with_sums(x, 0.1, axis=None, out=out)
    assert q is out
    assert (sums, type(sums)) == (out.sum(dtype=np.int64), np.int64)
    # The correction of a product for the zero point of its other operand.
    a, scale_a, zero_a, _ = zeropoint.quantize_with_sums(x)
    b, scale_b, _ = zeropoint.quantize(x, scheme="symmetric")
    exact = (a.astype(np.int64) - zero_a) @ b.astype(np.int64)
    columns = zeropoint.sum_codes(b, axis=1)
    same(a.astype(np.int64) @ b.astype(np.int64) - np.int64(zero_a) * columns, exact)


def test_refusals():
    q = np.ones((2, 3), np.int8)
    refused(TypeError, "q has dtype float64, one of int8, .*, int32 is needed", zeropoint.sum_codes, q * 1.0)
    refused(TypeError, "q has dtype int64, one of .*", zeropoint.sum_codes, [1, 2])
    refused(ValueError, "axis 2 of an array of 2 dimensions", zeropoint.sum_codes, q, axis=2)
    refused(ValueError, "block_size is 2, but axis is None", zeropoint.sum_codes, q, block_size=2)
    x, call = np.ones((2, 3), np.float32), zeropoint.quantize_with_sums
    refused(ValueError, r"scale has shape \(3,\), \(2,\) is needed", call, x, [1.0] * 3, axis=0)
    refused(ValueError, "zero_point is given, but scale is None", call, x, zero_point=1)
    refused(ValueError, "zero point 256 is outside the uint8 codes, 0 to 255 .*", call, x, 1.0, 256)
    refused(ValueError, "NaN or infinity at element 4", call, np.float32([1, 2, 3, 4, np.nan]))
    refused(ValueError, "empty input: .*", call, x[:0])
    refused(MemoryError, "no memory for 35184372088832 numbers .*", zeropoint.sum_codes, np.empty((0, 2**45), np.int8), axis=1)
