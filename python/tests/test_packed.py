"""Codes of 4 and 2 bits that share bytes, beside codes that take a byte each."""

import formulas
import numpy as np
import pytest
import zeropoint
from formulas import PACKED, SHAPES
from test_arrays import LAYOUTS, misaligned, refused
from test_notebook import same

COMPUTED = {np.float16: np.float32, np.float32: np.float32, np.float64: np.float64}
BYTES = {"int4": ("int8", 4), "uint4": ("uint8", 4), "int2": ("int8", 2), "uint2": ("uint8", 2)}


def given(rng, shape, dtype, packed):
    """Scales and zero points of a shape, as arrays or as scalars."""
    qmin, qmax = PACKED[packed]
    scale = rng.uniform(0.01, 3, shape)
    zero_point = rng.integers(qmin, qmax, shape, endpoint=True)
    return formulas.of_type(COMPUTED[dtype], scale), formulas.of_type(np.int32, zero_point)


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("dtype", COMPUTED)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_packed_codes_of_every_granularity(packed, dtype, shape):
    rng = np.random.default_rng([len(shape), *shape, *packed.encode()])
    for granularity in formulas.granularities(shape):
        p = formulas.parameter_shape(shape, **granularity)
        scale, zero_point = given(rng, p, dtype, packed)
        x = formulas.numbers(rng, shape, dtype, 0.5)
        s, z = (formulas.spread(p, shape, **granularity) for p in [scale, zero_point])
        codes = formulas.quantize(x.astype(COMPUTED[dtype]), s, z, *PACKED[packed])
        q, used, used_zero_point = zeropoint.quantize(x, scale, zero_point, packed=packed, **granularity)
        same(q, formulas.pack(codes, packed))
        same(used, scale)
        same(used_zero_point, zero_point)

        y = zeropoint.dequantize(q, scale, zero_point, packed=packed, shape=shape, dtype=dtype, **granularity)
        with np.errstate(over="ignore"):
            same(y, formulas.dequantize(codes, s, z).astype(dtype))
        same(zeropoint.fake_quantize(x, scale, zero_point, packed=packed, **granularity), y)
        sums = formulas.sums(codes, **granularity)
        same(zeropoint.sum_codes(q, packed=packed, shape=shape, **granularity), sums)
        for ours, theirs in zip(
            zeropoint.quantize_with_sums(x, scale, zero_point, packed=packed, **granularity), [q, scale, zero_point, sums]
        ):
            same(ours, theirs)


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("scheme", ["asymmetric", "asymmetric_raw", "symmetric", "symmetric_full"])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if 0 not in shape], ids=str)
def test_parameters_from_data_are_those_of_codes_in_bytes(packed, scheme, shape):
    """A range of one number has no width, so raw ranges need blocks that have two."""
    rng = np.random.default_rng(len(packed))
    x = rng.normal(0.2, 1, shape).astype(np.float32)
    dtype, bits = BYTES[packed]
    unpacked = {"scheme": scheme, "dtype": dtype, "bits": bits}
    for granularity in formulas.granularities(shape):
        try:
            q, scale, zero_point = zeropoint.quantize(x, **unpacked, **granularity)
        except ValueError as error:
            with pytest.raises(ValueError) as ours:
                zeropoint.quantize(x, scheme=scheme, packed=packed, **granularity)
            assert str(ours.value) == str(error)
            continue
        ours = zeropoint.quantize(x, scheme=scheme, packed=packed, **granularity)
        for one, other in zip(ours, [formulas.pack(q, packed), scale, zero_point]):
            same(one, other)
        sums = zeropoint.quantize_with_sums(x, scheme=scheme, packed=packed, **granularity)[3]
        same(sums, formulas.sums(q, **granularity))
        coding = {"scheme": scheme, "packed": packed}
        error = zeropoint.quantization_error(x, scale, zero_point, **coding, **granularity)
        assert error == zeropoint.quantization_error(x, scale, zero_point, **unpacked, **granularity)
        if granularity == {}:
            m = zeropoint.min_max(x)
            for one, other in zip(zeropoint.params(m.min, m.max, **coding), (scale, zero_point)):
                same(one, other)


def test_the_bytes_of_the_documentation():
    x = np.array([0.5, -1.0, 100.0], np.float32)
    assert zeropoint.quantize(x, 0.5, packed="int4")[0].tolist() == [0xE1, 0x07]
    assert zeropoint.quantize(x, 0.5, 3, packed="uint4")[0].tolist() == [0x14, 0x0F]
    assert zeropoint.quantize(x, 0.5, packed="int2")[0].tolist() == [0b01_10_01]
    assert zeropoint.quantize(x, 0.5, 2, packed="uint2")[0].tolist() == [0b11_00_11]


def test_fewer_bits_than_the_type_has():
    x = np.linspace(-2, 2, 11, dtype=np.float32)
    q, scale, _ = zeropoint.quantize(x, scheme="symmetric", bits=3, packed="int4")
    codes, same_scale, _ = zeropoint.quantize(x, scheme="symmetric", bits=3)
    same(q, formulas.pack(codes, "int4"))
    assert scale == same_scale


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout):
    x = LAYOUTS[layout](np.random.default_rng(2).normal(0, 1, (64, 64)).astype(np.float32))
    plain = np.array(x, np.float64 if layout == "list" else np.float32, order="C")
    for granularity in [{}, {"axis": 0}] + [{"axis": 1, "block_size": 32}] * (plain.ndim == 2):
        for ours, theirs in zip(
            zeropoint.quantize(x, packed="uint4", **granularity), zeropoint.quantize(plain, packed="uint4", **granularity)
        ):
            same(ours, theirs)


def test_bytes_in_every_layout():
    q = np.arange(64, dtype=np.uint8) * 3
    y = zeropoint.dequantize(q, 0.5, packed="int4", shape=(16, 8))
    backwards, frozen = q[::-1].copy()[::-1], q.copy()
    frozen.flags.writeable = False
    for odd in [backwards, np.repeat(q, 3)[::3], misaligned(q.view(np.uint16)).view(np.uint8), frozen, q.view(np.memmap)]:
        same(zeropoint.dequantize(odd, 0.5, packed="int4", shape=(16, 8)), y)
        same(zeropoint.sum_codes(odd, packed="int4", shape=[16, 8], axis=0), (y * 2).sum(axis=1).astype(np.int64))
    same(zeropoint.dequantize(q, 0.5, packed="int4", shape=np.int64(128)), y.reshape(-1))


@pytest.mark.parametrize("packed", PACKED)
def test_unused_bits_are_zero_and_are_not_read(packed):
    per_byte = 8 // BYTES[packed][1]
    for count in range(1, 3 * per_byte):
        x = np.full(count, -1e9 if packed[0] == "i" else 1e9, np.float32)
        out = np.full(-(-count // per_byte), 0xFF, np.uint8)
        assert zeropoint.quantize(x, 0.5, packed=packed, out=out)[0] is out
        unused = np.uint8(0xFF << (BYTES[packed][1] * ((count - 1) % per_byte + 1)) & 0xFF)
        assert out[-1] & unused == 0
        y = zeropoint.dequantize(out, 0.5, packed=packed, shape=count)
        total = zeropoint.sum_codes(out, packed=packed, shape=count)
        out[-1] |= unused
        same(zeropoint.dequantize(out, 0.5, packed=packed, shape=count), y)
        assert zeropoint.sum_codes(out, packed=packed, shape=count) == total


def test_refusals():
    x, q = np.ones((3, 5), np.float32), np.ones(8, np.uint8)
    names = '"int4", "uint4", "int2", "uint2"'
    quantize, dequantize = zeropoint.quantize, zeropoint.dequantize
    refused(ValueError, f'packed is "int8", one of {names} is needed', quantize, x, packed="int8")
    refused(ValueError, f'packed is "", one of {names} is needed', dequantize, q, 1.0, packed="", shape=3)
    refused(ValueError, 'dtype is int8, but packed is "int4"', quantize, x, dtype="int8", packed="int4")
    refused(ValueError, "bits is 8, codes of dtype uint4 have 2 to 4", quantize, x, bits=8, packed="uint4")
    refused(ValueError, "bits is 4, codes of dtype int2 have 2 to 2", quantize, x, bits=4, packed="int2")
    refused(ValueError, "zero point 16 is outside the uint4 codes, 0 to 15 .*", quantize, x, 1.0, 16, packed="uint4")
    refused(ValueError, "zero point 2 is outside the int2 codes, -2 to 1 .*", dequantize, q, 1.0, 2, packed="int2", shape=30)
    refused(TypeError, "out has dtype int8, uint8 is needed", quantize, x, packed="int4", out=q.view(np.int8))
    refused(ValueError, r"out has shape \(3, 5\), \(8,\) is needed", quantize, x, packed="int4", out=np.ones((3, 5), np.uint8))
    refused(ValueError, "out overlaps the input: .*", quantize, x, packed="int4", out=x.view(np.uint8).reshape(-1)[:8])

    refused(ValueError, 'packed is "int4", but shape is None', dequantize, q, 1.0, packed="int4")
    refused(ValueError, r"shape is \(8,\), but packed is None", dequantize, q, 1.0, shape=8)
    refused(TypeError, "q has dtype int8, uint8 is needed", dequantize, q.view(np.int8), 1.0, packed="int4", shape=16)
    for call, arguments in [(dequantize, (1.0,)), (zeropoint.sum_codes, ())]:
        for shape, needed in [((3, 6), 9), ((3, 3), 5), ((0, 2), 0), ((), 1)]:
            message = rf"q has shape \(8,\), \({needed},\) is needed for \d+ int4 codes of shape \(.*\)"
            refused(ValueError, message, call, q, *arguments, packed="int4", shape=shape)
        message = r"q has shape \(2, 4\), \(8,\) is needed for 15 uint4 codes of shape \(3, 5\)"
        refused(ValueError, message, call, q.reshape(2, 4), *arguments, packed="uint4", shape=(3, 5))
        refused(ValueError, r"shape is \(3, -1\), dimensions of at least 0 are needed", call, q, *arguments, packed="int4", shape=(3, -1))
        message = r"shape \(4294967296, 8589934592\) has more than \d+ elements"
        refused(ValueError, message, call, q, *arguments, packed="int4", shape=(2**32, 2**33))
        for shape in ["15", 1.5, (3, None), object]:
            refused(TypeError, "shape is .*, integers are needed", call, q, *arguments, packed="int4", shape=shape)
    for packed in [True, 4, b"int4", np.int8]:
        with pytest.raises(TypeError, match="packed"):
            quantize(x, packed=packed)
    assert (q == 1).all()
