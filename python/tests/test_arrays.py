"""What comes in and goes out: layouts, `out`, refusals, each by its message."""

import re

import numpy as np
import pytest
import zeropoint
from test_notebook import same


def data(n=4 * 1024, dtype=np.float32):
    return np.random.default_rng(11).normal(0, 1, n).astype(dtype)


def misaligned(x):
    """The same numbers an odd byte further."""
    memory = np.empty(x.nbytes + 1, np.uint8)
    y = memory[1:].view(x.dtype).reshape(x.shape)
    y[...] = x
    assert not y.flags.aligned
    return y


LAYOUTS = {
    "fortran": np.asfortranarray,
    "transposed": lambda x: x.T,
    "reversed": lambda x: x[::-1, ::-1],
    "strided": lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
    "column": lambda x: x[:, 3],
    "broadcast": lambda x: np.broadcast_to(x[0], (7, x.shape[1])),
    "swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "misaligned": misaligned,
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "list": lambda x: x.tolist(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_layout_gives_the_codes_of_its_copy(layout, dtype):
    x = LAYOUTS[layout](data(dtype=dtype).reshape(64, 64))
    plain = np.array(x, np.float64 if layout == "list" else dtype, order="C")
    q, scale, zero_point = zeropoint.quantize(plain)
    for ours, theirs in zip(zeropoint.quantize(x), (q, scale, zero_point)):
        same(ours, theirs)
    assert q.flags.c_contiguous
    assert zeropoint.min_max(x) == zeropoint.min_max(plain)
    same(zeropoint.fake_quantize(x, scale), zeropoint.fake_quantize(plain, scale))
    assert zeropoint.quantization_error(x, scale) == zeropoint.quantization_error(plain, scale)
    if plain.ndim == 2:
        for ours, theirs in zip(zeropoint.quantize(x, axis=1), zeropoint.quantize(plain, axis=1)):
            same(ours, theirs)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "list"])
def test_codes_of_every_layout(layout):
    q = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    odd = LAYOUTS[layout](q)
    same(zeropoint.dequantize(odd, 0.5, 3), zeropoint.dequantize(np.array(odd, np.uint16, order="C"), 0.5, 3))


def test_a_subclass_is_read_and_a_mask_refused():
    x = data(16).reshape(4, 4)
    q = zeropoint.quantize(x)[0]
    out = np.zeros((4, 4), np.uint8).view(np.matrix)
    assert zeropoint.quantize(x.view(np.matrix), out=out)[0] is out
    same(out, q)
    same(zeropoint.quantize(x.view(np.matrix))[0], q)
    assert type(zeropoint.quantize(x.view(np.matrix))[0]) is np.ndarray
    with pytest.raises(TypeError, match="x is a masked array"):
        zeropoint.quantize(np.ma.masked_greater(x, 0))
    with pytest.raises(TypeError, match="out is a masked array"):
        zeropoint.quantize(x, out=np.ma.zeros(x.shape, np.uint8))
    with pytest.raises(TypeError, match="scale is a masked array"):
        zeropoint.quantize(x, np.ma.ones(4), axis=0)


def test_a_file_in_memory_is_written(tmp_path):
    x = data(64)
    out = np.memmap(tmp_path / "codes", np.uint8, "w+", shape=x.shape)
    assert zeropoint.quantize(x, out=out)[0] is out
    same(np.fromfile(tmp_path / "codes", np.uint8), zeropoint.quantize(x)[0])


@pytest.mark.parametrize("dimensions", [32, 33, 64])
def test_as_many_dimensions_as_numpy_has(dimensions):
    try:
        x = np.full((1,) * dimensions, 2.55, np.float32)
    except ValueError:
        pytest.skip("beyond this NumPy")
    q, scale, zero_point = zeropoint.quantize(x, axis=dimensions - 1)
    assert (q.shape, q.item(), scale.shape) == (x.shape, 255, (1,))
    assert zeropoint.dequantize(q, scale, zero_point, axis=-1).shape == x.shape


def test_out_is_written_and_returned():
    x = data()
    q, scale, zero_point = zeropoint.quantize(x)
    out = np.full_like(q, 7)
    assert zeropoint.quantize(x, out=out)[0] is out
    same(out, q)
    out[:] = 7
    assert zeropoint.quantize(x, scale, zero_point, out=out)[0] is out
    same(out, q)
    rows = zeropoint.quantize(x.reshape(64, 64), axis=0)[0]
    out = np.empty((64, 64), np.uint8)
    assert zeropoint.quantize(x.reshape(64, 64), axis=0, out=out)[0] is out
    same(out, rows)
    y = np.empty_like(x)
    assert zeropoint.dequantize(q, scale, zero_point, out=y) is y
    same(y, zeropoint.dequantize(q, scale, zero_point))
    # The type of codes is that of `out`.
    out = np.empty(x.shape, np.int16)
    same(zeropoint.quantize(x, out=out)[0], zeropoint.quantize(x, dtype="int16")[0])
    # A part of an array is an array.
    whole = np.full(3 * x.size, 7, np.uint8)
    zeropoint.quantize(x, scale, zero_point, out=whole[x.size : 2 * x.size])
    assert (whole[: x.size] == 7).all() and (whole[2 * x.size :] == 7).all()
    same(whole[x.size : 2 * x.size], q)


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_fake_quantize_where_the_numbers_stand(axis):
    x = data().reshape(64, 64)
    _, scale, zero_point = zeropoint.quantize(x, axis=axis)
    y = zeropoint.fake_quantize(x, scale, zero_point, axis=axis)
    out = np.empty_like(x)
    assert zeropoint.fake_quantize(x, scale, zero_point, axis=axis, out=out) is out
    same(out, y)
    # The order of the copy that a reversed array needs is no one else's.
    out = x.copy()
    zeropoint.fake_quantize(out[::-1], scale, zero_point, axis=axis, out=out)
    same(out, zeropoint.fake_quantize(x[::-1], scale, zero_point, axis=axis))
    assert zeropoint.fake_quantize(x, scale, zero_point, axis=axis, out=x) is x
    same(x, y)


def refused(kind, message, call, *arguments, **options):
    with pytest.raises(kind, match=f"^{message}$"):
        call(*arguments, **options)


def test_outs_that_do_not_fit():
    x = data(12).reshape(3, 4)
    out = np.zeros((3, 4), np.uint8)
    call, escape = zeropoint.quantize, re.escape
    refused(TypeError, "out is a list, a NumPy array is needed", call, x, out=[0])
    refused(TypeError, "out has dtype float32, one of int8, .* is needed", call, x, out=x.copy())
    refused(TypeError, "out has dtype int8, uint8 is needed", call, x, dtype="uint8", out=out.view(np.int8))
    refused(TypeError, "out has dtype >u2, uint16 is needed", call, x, out=np.zeros((3, 4), ">u2"))
    refused(ValueError, escape("out has shape (12,), (3, 4) is needed"), call, x, out=out.reshape(12))
    refused(
        ValueError,
        escape("out is not C-contiguous: it has strides (1, 3), (4, 1) are needed"),
        call, x, out=np.asfortranarray(out),
    )  # fmt: skip
    refused(ValueError, "out is not aligned: .*, a multiple of 2 is needed", call, x, out=misaligned(out.astype(np.int16)))
    frozen = out.copy()
    frozen.flags.writeable = False
    refused(ValueError, "out is read-only", call, x, out=frozen)
    refused(TypeError, "out has dtype float64, float32 is needed", zeropoint.fake_quantize, x, 1.0, out=np.zeros((3, 4)))
    assert (out == 0).all()


def test_outs_that_overlap():
    memory = np.zeros(4096, np.float32)
    x = memory[:1024]
    for out in [memory.view(np.uint8)[:1024], memory.view(np.uint8)[4095 : 4095 + 1024]]:
        refused(ValueError, "out overlaps the input: .*", zeropoint.quantize, x, out=out)
    refused(ValueError, "out overlaps the input: .*", zeropoint.fake_quantize, x, 1.0, out=memory[1:1025])
    # Not the same object, not even the same base, but the same memory.
    raw = bytearray(4096)
    x, y = np.frombuffer(raw, np.float32), np.frombuffer(raw, np.uint8)[:1024]
    refused(ValueError, "out overlaps the input: .*", zeropoint.quantize, x, out=y)
    assert zeropoint.fake_quantize(x, 1.0, out=np.frombuffer(raw, np.float32)).shape == (1024,)
    # Neighbours do not.
    zeropoint.quantize(memory[:1024], 1.0, out=memory.view(np.uint8)[4096:5120])
    # Parameters are read first.
    scale = np.full(4, 0.5, np.float32)
    q, used, _ = zeropoint.quantize(np.ones((4, 4), np.float32), scale, axis=0, out=scale.view(np.uint8).reshape(4, 4))
    assert (q == 2).all() and (used == 0.5).all()


def test_types_that_are_refused():
    call = zeropoint.quantize
    for x in [np.arange(3), [1, 2, 3], np.ones(3, bool), np.ones(3, complex), np.array(["a"]), np.ones(3, object), np.ones(3, "f4,i4")]:
        name = np.asarray(x).dtype.name
        refused(TypeError, f"x has dtype {name}, one of float16, bfloat16, float32, float64 is needed", call, x)
    if np.longdouble(1).dtype != np.float64:
        refused(TypeError, "x has dtype .*, one of .* is needed", call, np.ones(3, np.longdouble))
    x = data(3)
    refused(TypeError, "codes of dtype float32, one of int8, uint8, int16, uint16 is needed", call, x, dtype="float32")
    refused(TypeError, "codes of dtype int32, one of int8, uint8, int16, uint16 is needed", call, x, dtype=np.int32)
    refused(TypeError, "scale is a str, a number is needed", call, x, "1")
    refused(TypeError, "scale has dtype <U1, numbers are needed", call, x, np.array(["1"] * 3), axis=0)
    refused(TypeError, "q has dtype float32, one of int8, .*, int32 is needed", zeropoint.dequantize, x, 1.0)
    refused(TypeError, "numbers of dtype int8, one of .* is needed", zeropoint.dequantize, np.ones(3, np.int8), 1.0, dtype="int8")


def test_schemes_and_bits_that_are_refused():
    x = data(3)
    refused(ValueError, 'scheme "affine", one of "asymmetric", .* is needed', zeropoint.quantize, x, scheme="affine")
    for bits, dtype in [(1, "uint8"), (-3, "uint8"), (9, "int8"), (17, "uint16"), (0, "uint16")]:
        message = f"bits is {bits}, codes of dtype {dtype} have 2 to {8 * np.dtype(dtype).itemsize}"
        refused(ValueError, message, zeropoint.quantize, x, bits=bits, dtype=dtype)
    refused(ValueError, "bits is 17, codes of dtype int16 .*", zeropoint.quantize, x, scheme="symmetric", bits=17)
    refused(ValueError, "range minimum 2 is above its maximum 1", zeropoint.params, 2, 1)
    refused(ValueError, "range 1: NaN or infinity in a range or an alpha", zeropoint.params, [0.0, 0.0], [1.0, np.inf])
    refused(ValueError, re.escape("max has shape (2,), (3,) is needed"), zeropoint.params, np.zeros(3), np.ones(2))
