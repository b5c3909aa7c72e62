"""The notebook's code beside the package, on the same data."""

import notebook
import numpy as np
import pytest
import zeropoint

GOLDEN = {
    "asymmetric": [255, 0, 151, 147, 137, 147, 130, 210, 107, 102, 182, 188, 44, 178, 133, 124, 205, 143, 126, 145],
    "code": [127, -128, 0, -5, -17, -4, -26, 73, -54, -60, 37, 46, -128, 33, -22, -33, 67, -10, -31, -8],
    "text": [87, -127, 0, -4, -12, -3, -17, 50, -37, -41, 26, 31, -90, 23, -15, -23, 46, -7, -21, -5],
}


def same(ours, theirs):
    """Bit for bit, NaNs and zeros too."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tobytes() == theirs.tobytes()


def grid(scale, dtype):
    """All halves of a step about 0, where a rounded reciprocal goes wrong."""
    return (np.arange(-700, 700) / 2).astype(dtype) * dtype(scale)


def data(dtype, n=10_000):
    return np.random.default_rng(7).normal(0.3, 2, n).astype(dtype)


def test_worked_example_asymmetric():
    x = notebook.DATA
    q, scale, zero_point = zeropoint.quantize(x, scheme="asymmetric", bits=8)
    assert q.tolist() == GOLDEN["asymmetric"]
    assert q.dtype == np.uint8
    assert (scale, zero_point) == (0.022588235294117645, 151)
    assert (type(scale), type(zero_point)) == (np.float64, np.int32)
    same(zeropoint.dequantize(q, scale, zero_point), notebook.dequantize(q, scale, zero_point))
    error = zeropoint.quantization_error(x, scale, zero_point)
    assert error.mse == pytest.approx(4.1563321799308393e-05, rel=1e-12)
    assert error.clipped == 0


def test_worked_example_symmetric_as_its_text():
    x = notebook.DATA
    q, scale, zero_point = zeropoint.quantize(x, scheme="symmetric")
    assert (q.tolist(), q.dtype) == (GOLDEN["text"], np.int8)
    assert (scale, zero_point) == (0.026929133858267715, 0)
    error = zeropoint.quantization_error(x, scale, scheme="symmetric")
    assert error.mse == pytest.approx(4.243381486762969e-05, rel=1e-12)


def test_worked_example_symmetric_as_its_code():
    x = notebook.DATA
    # It takes the maximum for the greatest magnitude.
    p = zeropoint.params(0, x.max(), scheme="symmetric_full")
    assert p.scale == 0.0184251968503937
    q, _, _ = zeropoint.quantize(x, *p, scheme="symmetric_full")
    assert q.tolist() == GOLDEN["code"]
    error = zeropoint.quantization_error(x, *p, scheme="symmetric_full")
    assert error.mse == pytest.approx(0.05656446493892984, rel=1e-12)
    assert error.clipped == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bits", range(2, 17))
def test_every_scheme_and_number_of_bits(dtype, bits):
    x = data(dtype)
    codes = np.uint8 if bits <= 8 else np.uint16
    scale, zero_point = notebook.asymmetric_parameters(x, bits)
    for scheme in ["asymmetric", "asymmetric_raw"]:
        q, s, z = zeropoint.quantize(x, scheme=scheme, bits=bits)
        assert (s, z, s.dtype) == (scale, zero_point, dtype)
        same(q, notebook.asymmetric_quantize(x, scale, zero_point, bits, codes))
    y = zeropoint.dequantize(q, s, z)
    same(y, notebook.dequantize(q, scale, zero_point))
    same(zeropoint.fake_quantize(x, s, z, bits=bits), y)
    error = zeropoint.quantization_error(x, s, z, bits=bits)
    assert error.mse == pytest.approx(notebook.mean_squared_error(x, y), rel=1e-9)

    codes = np.int8 if bits <= 8 else np.int16
    scale = notebook.symmetric_scale(np.max(np.abs(x)), bits)
    assert zeropoint.abs_max(x) == np.max(np.abs(x))
    q, s, z = zeropoint.quantize(x, scheme="symmetric", bits=bits)
    assert (s, z, s.dtype) == (scale, 0, dtype)
    same(q, notebook.symmetric_quantize(x, scale, bits, codes))
    # A scale that does not suffice. (NumPy 1 goes on in float64 where a float32 is divided by an integer.)
    scale, full = scale / dtype(4), {"scheme": "symmetric_full", "bits": bits}
    q, _, _ = zeropoint.quantize(x, scale, **full)
    same(q, notebook.symmetric_quantize_full(x, scale, bits, codes))
    y = notebook.dequantize(q, scale)
    same(zeropoint.fake_quantize(x, scale, **full), y)
    error = zeropoint.quantization_error(x, scale, **full)
    assert error.mse == pytest.approx(notebook.mean_squared_error(x, y), rel=1e-9)
    steps = np.rint(x / scale)
    assert error.clipped == np.count_nonzero((steps < -(2 ** (bits - 1))) | (steps >= 2 ** (bits - 1))) > 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [0.1, 1 / 3, 0.022588235294117645, 1.0, 7e-5])
def test_half_steps_are_divided_and_taken_to_even(dtype, scale):
    scale = dtype(scale)
    x = grid(scale, dtype)
    for zero_point in [0, 3, 128]:
        q, s, z = zeropoint.quantize(x, scale, zero_point)
        same(q, notebook.asymmetric_quantize(x, scale, zero_point, 8))
        assert (s, z) == (scale, zero_point)


def test_codes_of_another_sign():
    x = data(np.float32)
    q, _, z = zeropoint.quantize(x, scheme="symmetric", dtype="uint8")
    p, _, _ = zeropoint.quantize(x, scheme="symmetric")
    assert z == 128
    assert (q.astype(int) - 128 == p).all()
    q, _, z = zeropoint.quantize(x, dtype=np.int16)
    assert (q.min(), q.max(), q.dtype) == (-(2**15), 2**15 - 1, np.int16)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_sixteen_bit_floats(name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = np.float16 if name == "float16" else ml_dtypes.bfloat16
    x = data(np.float32).astype(dtype)
    wide = x.astype(np.float32)
    q, scale, zero_point = zeropoint.quantize(x)
    q_wide, scale_wide, zero_point_wide = zeropoint.quantize(wide)
    same(q, q_wide)
    assert (scale, zero_point, scale.dtype) == (scale_wide, zero_point_wide, np.float32)
    y = zeropoint.dequantize(q, scale, zero_point, dtype=dtype)
    same(y, notebook.dequantize(q, scale, zero_point).astype(dtype))
    same(zeropoint.fake_quantize(x, scale, zero_point), y)
    assert zeropoint.min_max(x) == zeropoint.min_max(wide)


def test_ranges_with_arrays_of_them():
    x = data(np.float32, 600).reshape(20, 30)
    m = zeropoint.min_max(x, axis=0)
    p = zeropoint.params(m.min, m.max, scheme="symmetric")
    q, scale, zero_point = zeropoint.quantize(x, scheme="symmetric", axis=0)
    same(p.scale, scale)
    same(p.zero_point, zero_point)
    same(zeropoint.quantize(x, *p, scheme="symmetric", axis=0)[0], q)


def test_accumulators_are_dequantized():
    q = np.array([-(2**31), -7, 2**31 - 1], np.int32)
    same(zeropoint.dequantize(q, np.float32(0.5)), q.astype(np.float32) * np.float32(0.5))
