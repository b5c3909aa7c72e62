"""Parameters per axis and per block: a slice is treated as an array of its own."""

import numpy as np
import pytest
import zeropoint
from test_notebook import same

SCHEMES = ["asymmetric", "asymmetric_raw", "symmetric", "symmetric_full"]
SHAPE = (5, 6, 7)


def data(dtype=np.float32, shape=SHAPE):
    return np.random.default_rng(3).normal(0.3, 2, shape).astype(dtype)


def axis_slices(x, axis):
    """The index of a parameter, and the elements that it is for."""
    for i in range(x.shape[axis]):
        at = [slice(None)] * x.ndim
        at[axis] = i
        yield (i,), tuple(at)


def block_slices(x, axis, block):
    for place in np.ndindex(*(n for i, n in enumerate(x.shape) if i != axis)):
        for b in range(-(-x.shape[axis] // block)):
            at = list(place)
            at.insert(axis, slice(b * block, (b + 1) * block))
            parameter = list(place)
            parameter.insert(axis, b)
            yield tuple(parameter), tuple(at)


def check(x, slices, parameter_shape, scheme, bits, **granularity):
    """Every function on all of `x`, and on each slice alone."""
    coding = {"scheme": scheme, "bits": bits}
    q, scale, zero_point = zeropoint.quantize(x, **coding, **granularity)
    assert scale.shape == zero_point.shape == parameter_shape
    static, s, z = zeropoint.quantize(x, scale, zero_point, **coding, **granularity)
    same(static, q)
    same(s, scale)
    same(z, zero_point)
    y = zeropoint.dequantize(q, scale, zero_point, scheme=scheme, dtype=x.dtype, **granularity)
    same(zeropoint.fake_quantize(x, scale, zero_point, **coding, **granularity), y)
    m = zeropoint.min_max(x, **granularity)
    total, squares = 0.0, 0
    for p, at in slices:
        alone, s, z = zeropoint.quantize(x[at], **coding)
        assert (s, z) == (scale[p], zero_point[p])
        same(q[at].copy(), alone)
        same(y[at].copy(), zeropoint.dequantize(alone, s, z, scheme=scheme, dtype=x.dtype))
        assert (m.min[p], m.max[p], m.has_nan[p]) == (x[at].min(), x[at].max(), False)
        total += zeropoint.quantization_error(x[at], s, z, **coding).mse * x[at].size
        squares += x[at].size
    assert squares == x.size
    error = zeropoint.quantization_error(x, scale, zero_point, **coding, **granularity)
    assert error.mse == pytest.approx(total / x.size, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("bits", [3, 8, 16])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_axes(dtype, scheme, bits, axis):
    x = data(dtype)
    check(x, axis_slices(x, axis), (SHAPE[axis],), scheme, bits, axis=axis)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("bits", [3, 8])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("block", [2, 3, 4, 100])
def test_blocks(scheme, bits, axis, block):
    x = data()
    shape = list(SHAPE)
    shape[axis] = -(-shape[axis] // block)
    if scheme == "asymmetric_raw" and SHAPE[axis] % block == 1:
        with pytest.raises(ValueError, match="no width"):
            zeropoint.quantize(x, scheme=scheme, bits=bits, axis=axis, block_size=block)
        return
    check(x, block_slices(x, axis, block), tuple(shape), scheme, bits, axis=axis, block_size=block)


def test_a_vector_and_its_blocks():
    x = np.array([1.0, -1.27, 0.0, 0.5, 127.0, 0.0, 2.54])
    q, scale, _ = zeropoint.quantize(x, scheme="symmetric", axis=0, block_size=3)
    assert scale.tolist() == [0.01, 1.0, 0.02]
    assert q.tolist() == [100, -127, 0, 0, 127, 0, 127]


def test_a_slice_with_a_nan_is_named():
    x = data()
    x[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match=f"NaN or infinity at element {1 * 42 + 2 * 7 + 3}$"):
        zeropoint.quantize(x, axis=0)
    assert zeropoint.min_max(x, axis=1).has_nan.tolist() == [False, False, True, False, False, False]


def test_parameters_in_any_layout():
    x = data(shape=(8, 4))
    q, scale, zero_point = zeropoint.quantize(x, axis=0)
    twice = np.repeat(scale, 2)[::2]
    assert not twice.flags.c_contiguous
    same(zeropoint.quantize(x, twice, zero_point.astype(">i8"), axis=0)[0], q)
    same(zeropoint.quantize(x, scale.tolist(), zero_point.tolist(), axis=0)[0], q)
    same(zeropoint.quantize(x, scale.astype(np.float64), zero_point.astype(np.uint8), axis=0)[0], q)


def test_refusals():
    x = data()
    refused = [
        ({"axis": 3}, "axis 3 of an array of 3 dimensions"),
        ({"axis": -4}, "axis -4 of an array of 3 dimensions"),
        ({"block_size": 2}, "block_size is 2, but axis is None"),
        ({"axis": 0, "block_size": 0}, "block_size is 0, at least 1 is needed"),
        ({"axis": 0, "block_size": -1}, "block_size is -1, at least 1 is needed"),
        ({"scale": [1, 1]}, r"scale has shape (2,), but axis is None: a single number is needed"),
        ({"scale": 1, "axis": 0}, "scale has shape (), (5,) is needed"),
        ({"scale": np.ones(6), "axis": 0}, "scale has shape (6,), (5,) is needed"),
        ({"scale": np.ones((5, 1)), "axis": 0}, "scale has shape (5, 1), (5,) is needed"),
        ({"scale": np.ones(5), "axis": 0, "block_size": 2}, "scale has shape (5,), (3, 6, 7) is needed"),
        ({"scale": np.ones(5), "zero_point": 1, "axis": 0}, "zero_point has shape (), (5,) is needed"),
        ({"zero_point": 1}, "zero_point is given, but scale is None"),
    ]
    for arguments, message in refused:
        with pytest.raises(ValueError) as error:
            if isinstance(arguments.get("scale"), list):
                arguments["scale"] = np.array(arguments["scale"])
            zeropoint.quantize(x, **arguments)
        assert str(error.value) == message
    with pytest.raises(ValueError, match="axis 0 of an array of 0 dimensions"):
        zeropoint.quantize(1.5, axis=0)
