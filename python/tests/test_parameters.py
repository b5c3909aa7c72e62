"""Scales and zero points that a caller gives: which are taken, and which are refused, never in silence."""

import numpy as np
import pytest
import zeropoint

CODES = {
    "uint8": ({"dtype": "uint8"}, [-1, 256, 300], "0 to 255"),
    "int8": ({"dtype": "int8"}, [-129, 128], "-128 to 127"),
    "uint16": ({"dtype": "uint16"}, [-1, 65536], "0 to 65535"),
    "int16": ({"dtype": "int16"}, [-32769, 32768], "-32768 to 32767"),
    "uint8, 4 bits": ({"bits": 4}, [-1, 16, 128], "0 to 15"),
    "int8, symmetric": ({"scheme": "symmetric"}, [-128, 128], "-127 to 127"),
    "uint8, symmetric": ({"scheme": "symmetric", "dtype": "uint8"}, [None, 0, 256], "1 to 255"),
}


@pytest.mark.parametrize("name", CODES)
def test_a_zero_point_that_is_no_code(name):
    coding, zero_points, codes = CODES[name]
    codes = f"is outside the {name.split(',')[0]} codes, {codes} "
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    for call in [zeropoint.quantize, zeropoint.fake_quantize, zeropoint.quantization_error]:
        for z in zero_points:
            with pytest.raises(ValueError, match=f"^zero point {z or 0} {codes}"):
                call(x, 0.5, z, **coding)
            if z is None:
                continue
            # Per axis and per block, of every type that holds it.
            for given in [[1, z, 1], *(np.array([1, z, 1], dtype) for dtype in ["i4", "i8", "f4"])]:
                with pytest.raises(ValueError, match=f"^parameters 1: zero point {z} {codes}"):
                    call(x, [0.5] * 3, given, axis=0, **coding)
            with pytest.raises(ValueError, match=f"^parameters 5: zero point {z} {codes}"):
                call(x, np.ones((3, 2)), np.array([[1, 1], [1, 1], [1, z]]), axis=1, block_size=2, **coding)


@pytest.mark.parametrize("dtype, z", [("uint8", 300), ("uint8", -1), ("int8", 128), ("int16", 2**15)])
def test_a_zero_point_of_other_codes_than_are_dequantized(dtype, z):
    q = np.ones(3, dtype)
    with pytest.raises(ValueError, match=f"^zero point {z} is outside the {dtype} codes, "):
        zeropoint.dequantize(q, 0.5, z)
    with pytest.raises(ValueError, match=f"^parameters 2: zero point {z} is outside the {dtype} codes, "):
        zeropoint.dequantize(q, [0.5] * 3, [0, 0, z], axis=0)
    assert zeropoint.dequantize(q, 0.5, z, scheme="asymmetric_raw")[0] == (1 - z) * 0.5
    # Every zero point is an int32.
    assert zeropoint.dequantize(q.astype(np.int32), 0.5, z)[0] == (1 - z) * 0.5
    with pytest.raises(ValueError, match='^scheme "raw", one of'):
        zeropoint.dequantize(q, 0.5, scheme="raw")


def test_a_raw_zero_point_goes_through_every_call():
    x = np.array([10.0, 10.5, 11.0], np.float32)
    raw = {"scheme": "asymmetric_raw"}
    q, scale, zero_point = zeropoint.quantize(x, **raw)
    assert zero_point == -2550
    assert (zeropoint.quantize(x, scale, zero_point, **raw)[0] == q).all()
    y = zeropoint.dequantize(q, scale, zero_point, **raw)
    assert np.abs(x - y).max() < 0.003
    assert (zeropoint.fake_quantize(x, scale, zero_point, **raw) == y).all()
    assert zeropoint.quantization_error(x, scale, zero_point, **raw).clipped == 0
    for call in [zeropoint.quantize, zeropoint.fake_quantize, zeropoint.quantization_error]:
        with pytest.raises(ValueError, match="^zero point -2550 is outside the uint8 codes, 0 to 255 .*asymmetric_raw"):
            call(x, scale, zero_point)


NO_NUMBERS = [True, np.True_, np.array(True), 1j, np.complex64(1), np.array(1j), "1", np.str_("1"), np.array("1"), b"1"]
NO_NUMBERS += [np.array(1, object), np.timedelta64(1), np.ones((), "f4,i4"), np.ma.array(1.0, mask=True), np.ma.masked, None]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: f"{type(value).__name__}, {value!r}")
def test_parameters_that_are_no_numbers(value):
    """As scalars and as arrays, for every call: Python would make a number of most of them."""
    x = np.ones(3, np.float32)
    q = np.ones(3, np.uint8)
    for call in [zeropoint.quantize, zeropoint.fake_quantize, zeropoint.quantization_error, zeropoint.dequantize]:
        numbers = q if call is zeropoint.dequantize else x
        # None is no scale given, and no zero point.
        if value is not None:
            with pytest.raises(TypeError, match="^zero_point (is a|has dtype) .*"):
                call(numbers, 0.5, value)
            with pytest.raises(TypeError, match="^scale (is a|has dtype) .*"):
                call(numbers, value)
        if not isinstance(value, np.ma.MaskedArray):
            with pytest.raises(TypeError, match="^scale has dtype .*, numbers are needed"):
                call(numbers, [value] * 3, axis=0)
            with pytest.raises(TypeError, match="^zero_point has dtype .*, numbers are needed"):
                call(numbers, [0.5] * 3, [value] * 3, axis=0)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", ">i2", "i4", ">i4", "u4", "i8", ">u8", "f2", "f4", ">f4", "f8", ">f8", "g"])
def test_zero_points_of_every_type_of_numbers(dtype):
    x = np.linspace(-2, 2, 3, dtype=np.float32)
    z = np.array([100, 3, 7], dtype)
    expected = zeropoint.quantize(x, [0.5] * 3, [100, 3, 7], axis=0)
    for ours, theirs in zip(zeropoint.quantize(x, [0.5] * 3, z, axis=0), expected):
        assert ours.tolist() == theirs.tolist()
    for scalar in [z[0], z[:1].reshape(())]:
        assert zeropoint.quantize(x, 0.5, scalar)[2] == 100


def test_a_zero_point_never_wraps():
    x = np.ones(3, np.float32)
    for z in [2**31, 2**32 + 100, np.int64(2**32 + 100), np.uint64(2**64 - 1), np.float64(2**40), 2**70]:
        with pytest.raises(ValueError, match="^zero point .* is not an integer within"):
            zeropoint.quantize(x, 0.5, z)
        # No array holds this one.
        if z != 2**70:
            with pytest.raises(ValueError, match="^parameters 0: zero point .* is not an integer within"):
                zeropoint.quantize(x, [0.5] * 3, np.array([z, 0, 0], np.asarray(z).dtype), axis=0)
    with pytest.raises(TypeError, match="^zero_point has dtype object, numbers are needed$"):
        zeropoint.quantize(x, [0.5] * 3, [2**70, 0, 0], axis=0)
    with pytest.raises(OverflowError):
        zeropoint.quantize(x, 0.5, 2**2000)
