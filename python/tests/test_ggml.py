"""Blocks as GGUF files store them, beside their formulas in NumPy."""

import doctest

import numpy as np
import pytest
import zeropoint

SIZES = {"q8_0": 34, "q8_1": 36, "q4_0": 18, "q4_1": 20, "q5_0": 22, "q5_1": 24, "q8_k": 292}


def elements(name):
    return 256 if name == "q8_k" else 32


def numbers(count, dtype=np.float32):
    x = np.random.default_rng(7).standard_normal(count).astype(np.float32)
    # Blocks of zeros, of one number, and of two extremes with opposite signs.
    x[:64], x[64:128], x[-20], x[-10] = 0, 3, 9, -9
    return x.astype(dtype)


def away(x):
    return np.trunc(np.abs(x) + np.float32(0.49999997)) * np.sign(x)


def halves(codes):
    return codes[:, :16] | codes[:, 16:] << 4


def formula(x, name):
    """The bytes of blocks; `x` is one row of float32."""
    x = x.reshape(-1, 32)
    of_least = name.endswith("_1") and name != "q8_1"
    largest = {"q8_0": 127, "q8_1": 127, "q4_0": -8, "q5_0": -16, "q4_1": 15, "q5_1": 31}[name]
    least = x.min(1, keepdims=True)
    if of_least:
        d = (x.max(1, keepdims=True) - least) / np.float32(largest)
    elif largest == 127:
        d = np.abs(x).max(1, keepdims=True) / np.float32(127)
    else:
        d = np.take_along_axis(x, np.abs(x).argmax(1)[:, None], 1) / np.float32(largest)
    with np.errstate(divide="ignore"):
        inverse = np.where(d == 0, np.float32(0), np.float32(1) / d)
    if largest == 127:
        q = away(x * inverse)
    elif of_least:
        q = np.trunc((x - least) * inverse + np.float32(0.5))
    else:
        q = np.trunc(x * inverse + np.float32(0.5 - largest))
    q = q.clip(-127, 127 if largest == 127 else 31 if "5" in name else 15).astype(np.int8)
    scale = d.astype("<f2").view(np.uint8)
    if name == "q8_0":
        return np.hstack([scale, q.view(np.uint8)])
    if name == "q8_1":
        s = q.astype(np.float32).sum(1, keepdims=True) * d
        return np.hstack([scale, s.astype("<f2").view(np.uint8), q.view(np.uint8)])
    q = q.view(np.uint8)
    parts = [scale] + ([least.astype("<f2").view(np.uint8)] if of_least else [])
    if "5" in name:
        parts.append(np.packbits(q >> 4, axis=1, bitorder="little"))
    return np.hstack([*parts, halves(q & 15)])


@pytest.mark.parametrize("name", [name for name in SIZES if name != "q8_k"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_bytes_are_those_of_the_formula(name, dtype):
    x = numbers(32 * 300, dtype)
    expected = formula(x.astype(np.float32), name)
    assert np.array_equal(zeropoint.ggml.encode(x, name).reshape(expected.shape), expected)


@pytest.mark.parametrize("name", SIZES)
def test_shapes_layouts_and_dtypes(name):
    n = elements(name)
    x = numbers(6 * 2 * n).reshape(3, 2, 2 * n)
    blocks = zeropoint.ggml.encode(x, name)
    assert blocks.dtype == np.uint8 and blocks.shape == (3, 2, 2 * SIZES[name])
    assert np.array_equal(zeropoint.ggml.encode(x[::-1, :, :], name.upper()), blocks[::-1])
    y = zeropoint.ggml.decode(blocks, name)
    assert y.dtype == np.float32 and y.shape == x.shape
    step = np.abs(x).reshape(-1, n).max(1) / 7
    assert (np.abs(x - y).reshape(-1, n).max(1) <= step).all()
    short = zeropoint.ggml.decode(blocks[:, ::-1], name, "float16")
    assert short.dtype == np.float16
    assert np.array_equal(short, y[:, ::-1].astype(np.float16))


def test_any_bytes_decode():
    data = np.random.default_rng(3).integers(0, 256, 34 * 24 * 18 * 73, np.uint8)
    for name, size in SIZES.items():
        zeropoint.ggml.decode(data[: data.size // size * size], name)


def test_refusals():
    x = numbers(1024)
    for arguments, message in [
        ((x, "q3_0"), 'format is "q3_0", one of q4_0, q4_1, q5_0, q5_1, q8_0, q8_1, q8_k is needed'),
        ((x[:33], "q8_0"), r"x has shape \(33,\), a last axis of a multiple of 32 numbers is needed"),
        ((np.float32(1), "q8_0"), r"x has shape \(\), a last axis"),
        ((np.where(np.arange(1024) == 40, np.nan, x), "q8_0"), "NaN or infinity at element 40"),
        ((x * np.float32(1e30), "q4_0"), r"block 2: -3.75\d*e29 is beyond the numbers of f16"),
    ]:
        with pytest.raises(ValueError, match=message):
            zeropoint.ggml.encode(np.asarray(arguments[0], np.float32), arguments[1])
    with pytest.raises(TypeError, match="x has dtype float64, one of float16, bfloat16, float32 is needed"):
        zeropoint.ggml.encode(np.zeros(32), "q8_0")
    with pytest.raises(TypeError, match="blocks has dtype int8, uint8 is needed"):
        zeropoint.ggml.decode(np.zeros(34, np.int8), "q8_0")
    with pytest.raises(ValueError, match=r"blocks has shape \(33,\), a last axis of a multiple of 34 bytes"):
        zeropoint.ggml.decode(np.zeros(33, np.uint8), "q8_0")
    with pytest.raises(TypeError, match="dtype is int8, one of float16, bfloat16, float32 is needed"):
        zeropoint.ggml.decode(np.zeros(34, np.uint8), "q8_0", np.int8)


def test_examples():
    if int(np.__version__.split(".")[0]) < 2:
        pytest.skip("an older NumPy writes scalars without their type")
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    for function in [zeropoint.ggml.encode, zeropoint.ggml.decode]:
        for test in finder.find(function, globs={"np": np, "zeropoint": zeropoint}):
            assert runner.run(test).failed == 0
