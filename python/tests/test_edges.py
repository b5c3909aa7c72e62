"""The edges, by name: what the package's README promises of them."""

import numpy as np
import pytest
import zeropoint

TINY = np.finfo(np.float32).tiny


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_has_no_code_of_its_own(dtype):
    x = np.array([np.nan, -np.nan, np.inf, -np.inf, 6e4, -6e4, -0.0], dtype)
    assert zeropoint.quantize(x, 0.1, 100)[0].tolist() == [0, 0, 255, 0, 255, 0, 100]
    q = zeropoint.quantize(x, 0.1, scheme="symmetric")[0]
    assert q.tolist() == [-127, -127, 127, -127, 127, -127, 0]


@pytest.mark.parametrize("at", range(70))
def test_a_nan_is_never_a_bound(at):
    x = np.arange(70, dtype=np.float32)
    x[at] = np.nan
    least, greatest, has_nan = zeropoint.min_max(x)
    assert (least, greatest, has_nan) == (1 if at == 0 else 0, 68 if at == 69 else 69, True)
    for call in [zeropoint.quantize, zeropoint.abs_max]:
        with pytest.raises(ValueError, match=f"NaN or infinity at element {at}$"):
            call(x)
    with pytest.raises(ValueError, match=f"NaN or infinity at element {at}$"):
        zeropoint.quantization_error(x, 1.0)


def test_nothing():
    x = np.empty((3, 0), np.float32)
    q, scale, zero_point = zeropoint.quantize(x, 0.5, 3)
    assert (q.shape, q.dtype, scale, zero_point) == ((3, 0), np.uint8, 0.5, 3)
    assert zeropoint.dequantize(q, 0.5).shape == (3, 0)
    assert zeropoint.fake_quantize(x, 0.5).shape == (3, 0)
    assert zeropoint.min_max(x) == (np.inf, -np.inf, False)
    with pytest.raises(ValueError, match="empty input"):
        zeropoint.quantize(x)
    with pytest.raises(ValueError, match="empty input"):
        zeropoint.quantize(x, axis=0)
    with pytest.raises(ValueError, match="empty input"):
        zeropoint.quantization_error(x, 1.0)
    with pytest.raises(ValueError, match="empty input"):
        zeropoint.abs_max(x)


def test_a_number_alone():
    q, scale, zero_point = zeropoint.quantize(np.float32(2.55))
    assert (q.shape, q[()], scale, zero_point) == ((), 255, np.float32(2.55) / np.float32(255), 0)
    assert zeropoint.dequantize(q, 0.5)[()] == 127.5
    assert zeropoint.min_max(1.5) == (1.5, 1.5, False)


def test_lists_are_arrays():
    q, scale, _ = zeropoint.quantize([[-1.0, 0.0], [0.5, 1.55]])
    assert (q.tolist(), scale.dtype) == ([[0, 100], [150, 255]], np.float64)
    assert zeropoint.dequantize(np.array([1, 2], np.int8), [0.5, 2], [0, 1], axis=0).tolist() == [0.5, 2]


def test_zeros_have_the_scale_one():
    for scheme in ["asymmetric", "symmetric"]:
        q, scale, zero_point = zeropoint.quantize(np.zeros(9, np.float32), scheme=scheme)
        assert (q.tolist(), scale, zero_point) == ([0] * 9, 1, 0)


def test_a_range_without_zero_is_widened_or_taken_raw():
    x = np.array([10.0, 10.5, 11.0], np.float32)
    _, scale, zero_point = zeropoint.quantize(x)
    assert (scale, zero_point) == (np.float32(11) / np.float32(255), 0)
    q, _, zero_point = zeropoint.quantize(x, scheme="asymmetric_raw")
    assert (zero_point, q[0], q[2]) == (-2550, 0, 255)
    with pytest.raises(ValueError, match="no width"):
        zeropoint.quantize(np.ones(3), scheme="asymmetric_raw")


def test_a_width_beyond_the_type():
    x = np.array([-3e38, 3e38], np.float32)
    q, scale, _ = zeropoint.quantize(x)
    assert np.isfinite(scale)
    assert q.tolist() == [0, 255]


def test_subnormal_numbers():
    x = np.array([0, TINY / 2, TINY], np.float32)
    _, scale, _ = zeropoint.quantize(x)
    assert scale == TINY
    with pytest.raises(ValueError, match="is not a finite number of at least"):
        zeropoint.quantize(x, TINY / 2)


@pytest.mark.parametrize("scale", [0, -1.0, np.nan, np.inf, 1e-39])
def test_scales_that_are_none(scale):
    with pytest.raises(ValueError, match="is not a finite number of at least"):
        zeropoint.quantize(np.ones(3, np.float32), scale)
    for bits in [4, 8]:
        for dtype in [np.float32, np.float64]:
            with pytest.raises(ValueError, match=r"parameters 1: .*scale"):
                scales = np.array([1, scale, 1], dtype)
                zeropoint.quantize(np.ones(3, np.float32), scales, axis=0, bits=bits)


def test_a_scale_beyond_the_type():
    x = np.ones(3, np.float32)
    with pytest.raises(ValueError, match="^scale 1e39 is beyond float32, which ends at 3.4028235e38$"):
        zeropoint.quantize(x, 1e39)
    with pytest.raises(ValueError, match="^parameters 1: scale 1e39 is beyond float32"):
        zeropoint.quantize(x, [1, 1e39, 1], axis=0)
    with pytest.raises(OverflowError):
        zeropoint.quantize(x, 2**2000)
    assert zeropoint.quantize(x.astype(np.float64), 1e39)[1] == 1e39


def test_what_an_error_is():
    e = zeropoint.quantization_error(np.array([1.0, 2.5, 300.0], np.float32), 1.0)
    assert e == (e.mse, e.max_abs, e.sqnr_db, e.clipped)
    assert (e.mse, e.max_abs, e.clipped) == ((0.25 + 45.0**2) / 3, 45, 1)
    assert zeropoint.quantization_error(np.ones(3), 1.0).sqnr_db == np.inf
    assert np.isnan(zeropoint.quantization_error(np.zeros(3), 1.0).sqnr_db)


def test_zero_points_may_come_from_rounding():
    x = np.array([0.5, -2.0])
    assert zeropoint.quantize(x, 0.5, np.round(10.2))[0].tolist() == [11, 6]
    for z in [0.5, np.nan, 1e10]:
        with pytest.raises(ValueError, match="is not an integer within"):
            zeropoint.quantize(x, 0.5, z)
        with pytest.raises(ValueError, match="^parameters 1: zero point .* is not an integer within"):
            zeropoint.quantize(x, [0.5, 0.5], [0, z], axis=0)
    with pytest.raises(ValueError, match=r"zero point 16777217 is outside .*16777216"):
        zeropoint.quantize(x, 0.5, 2**24 + 1, scheme="asymmetric_raw")


def test_what_a_dequantized_number_is_in():
    q = np.array([3], np.uint8)
    assert zeropoint.dequantize(q, 0.5).dtype == np.float32
    assert zeropoint.dequantize(q, np.float32(0.5)).dtype == np.float32
    assert zeropoint.dequantize(q, np.float64(0.5)).dtype == np.float64
    assert zeropoint.dequantize(q, np.array([0.5]), axis=0).dtype == np.float64
    assert zeropoint.dequantize(q, np.float64(0.5), dtype="float16").dtype == np.float16
    assert zeropoint.dequantize(q, 0.5, out=np.empty(1)).dtype == np.float64
    assert zeropoint.dequantize(q, np.float32(6e4), dtype=np.float16)[0] == np.inf


def test_slices_that_no_memory_has_room_for():
    x = np.empty((0, 2**45), np.float32)
    for call in [zeropoint.min_max, zeropoint.quantize]:
        with pytest.raises(MemoryError, match="no memory for 35184372088832 numbers"):
            call(x, axis=1)


def test_the_message_says_what_was_given():
    x = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="^scale 1e-46 is not a finite number of at least 1.17"):
        zeropoint.quantize(x, 1e-46)
    with pytest.raises(TypeError, match="^out has dtype float32, one of"):
        zeropoint.quantize(x, out=np.empty(3, np.float32))
    with pytest.raises(ValueError, match="^zero point 1e300 is not"):
        zeropoint.quantize(x, 0.5, 1e300)
