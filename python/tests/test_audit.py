"""Functions in Python whose rules are known: the audit must name them."""

import doctest

import numpy as np
import pytest
import zeropoint
from zeropoint import audit


def numpys_cell(x, scale, zero_point):
    """The notebook's formula; NaN, of which the notebook says nothing, becomes qmin."""
    q = np.clip(np.rint(x / scale) + np.float32(zero_point), 0, 255)
    return np.where(np.isnan(q), 0, q).astype(np.uint8)


def by_reciprocal(x, scale, zero_point):
    q = np.clip(np.rint(x * (np.float32(1) / scale)) + np.float32(zero_point), 0, 255)
    return np.where(np.isnan(q), 255, q).astype(np.uint8)


def test_the_notebooks_cell_agrees():
    report = audit.quantize(numpys_cell)
    assert report.agrees and report.differing == 0 and report.cases > 200_000
    assert report.sentence.startswith("The function agrees with the contract")


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16"])
def test_our_own_functions_agree(dtype):
    quantized = audit.quantize(lambda x, s, z: zeropoint.quantize(x, s, z, dtype=dtype)[0], dtype)
    assert quantized.agrees, quantized
    assert audit.dequantize(lambda q, s, z: zeropoint.dequantize(q, s, z), dtype).agrees
    assert audit.requantize(lambda acc, m, z: zeropoint.requantize(acc, m, z, dtype=dtype), dtype).agrees


def test_packed_codes():
    for packed in ["int4", "uint4"]:
        ours = audit.quantize(lambda x, s, z: zeropoint.quantize(x, s, z, packed=packed)[0], packed=packed)
        assert ours.agrees and ours.data["codes"] == {"int4": "i4", "uint4": "u4"}[packed], ours

    def high_half_first(x, scale, zero_point):
        q = np.clip(np.rint(x / scale) + np.float32(zero_point), 0, 15)
        q = np.where(np.isnan(q), 0, q).astype(np.uint8)
        q = np.append(q, np.zeros(q.size % 2, np.uint8))
        return q[0::2] << 4 | q[1::2]

    report = audit.quantize(high_half_first, packed="uint4")
    assert report.data["verdict"]["finding"]["text"] == "puts the first code into the high half of a byte", report


@pytest.mark.parametrize("format", ["q8_0", "q8_1", "q8_k", "q4_0", "q4_1", "q5_0", "q5_1"])
def test_our_own_blocks_agree(format):
    encoded = audit.encode(lambda x: zeropoint.ggml.encode(x, format), format)
    assert encoded.agrees and encoded.data["codes"] == format, encoded
    assert audit.decode(lambda blocks: zeropoint.ggml.decode(blocks, format), format).agrees


def test_rules_of_blocks_are_named():
    def even(x):
        x = x.reshape(-1, 32)
        d = np.abs(x).max(axis=1, keepdims=True) / np.float32(127)
        inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
        codes = np.rint(x * inverse).astype(np.int8)
        return np.concatenate([d.astype(np.float16).view(np.uint8), codes.view(np.uint8)], axis=1)

    report = audit.encode(even, "q8_0")
    assert report.data["verdict"]["finding"]["text"] == "rounds ties to even", report


def test_rules_are_named():
    report = audit.quantize(by_reciprocal, np.uint8, seed=3)
    assert not report.agrees and 0 < report.differing < report.cases
    assert "multiplies by 1/S in f32; NaN becomes qmax" in report.sentence
    assert report.data["seed"] == 3
    text = repr(report)
    assert "The function differs from the contract" in text and "Smallest counterexample: quantize(&[" in text
    table = report._repr_html_()
    assert table.count("<tr>") == len(report.data["classes"]) + 1
    assert "multiplies by 1/S in f32" in table and "quantize(&amp;[" in table


def test_cuts():
    def depends_on_the_size(x, scale, zero_point):
        return numpys_cell(x, scale, zero_point) ^ (x.size == 13)

    report = audit.quantize(depends_on_the_size)
    assert not report.agrees and report.data["pieces"]["differing"] > 0
    assert "It depends on how a tensor is cut" in report.sentence and "cut before" in repr(report)


def test_more_seeds():
    def never(x):
        raise ValueError("never")

    once = audit.params(never).cases
    assert audit.params(never, seconds=2.0).cases >= 2 * once > 0


def test_parameters():
    assert audit.params(lambda x: zeropoint.params(x.min(), x.max()), "uint8").agrees
    assert audit.params(lambda x: zeropoint.params(x.min(), x.max(), dtype="int8"), "int8").agrees

    def numpys(x):
        scale = (x.max() - x.min()) / np.float32(255)
        return scale, np.nan_to_num(np.rint(-x.min() / scale), posinf=0, neginf=0)

    report = audit.params(numpys)
    assert not report.agrees and "params(&[" in report.data["counterexample"]["call"]


def test_mistakes():
    with pytest.raises(TypeError, match="fn returned float32 of shape .*, not uint8 of shape"):
        audit.quantize(lambda x, s, z: x)
    with pytest.raises(ValueError, match="dtype is int32"):
        audit.quantize(numpys_cell, "int32")
    with pytest.raises(ValueError, match="packed is 'int2', not 'int4' or 'uint4'"):
        audit.quantize(numpys_cell, packed="int2")
    with pytest.raises(TypeError, match="fn returned uint8 of size .*, not uint8 of size"):
        audit.quantize(numpys_cell, packed="int4")
    with pytest.raises(ValueError, match="format is q9_0, not one of q8_0, "):
        audit.decode(lambda blocks: blocks, "q9_0")
    with pytest.raises(TypeError, match="fn returned float32 of size .*, not uint8 of size"):
        audit.encode(lambda x: x, "q4_1")
    with pytest.raises(ZeroDivisionError):
        audit.quantize(lambda x, s, z: 1 // 0)
    with pytest.raises(ValueError, match="never"):
        audit.quantize(refuses)
    with pytest.raises(ValueError):
        audit.quantize(numpys_cell, seconds=-1.0)


def refuses(x, scale, zero_point):
    raise ValueError("never")


def test_refusals_are_counted():
    def symmetric_only(x, scale, zero_point):
        if zero_point != 0:
            raise ValueError("symmetric only")
        return zeropoint.quantize(x, scale, 0, dtype="int8", scheme="symmetric_full")[0]

    report = audit.quantize(symmetric_only, "int8")
    assert report.agrees and sum(c["refused"] for c in report.data["classes"]) > 100
    assert "no case tells" in repr(report)


def test_documentation():
    results = doctest.testmod(audit, extraglobs={"np": np, "zeropoint": zeropoint})
    assert results.attempted >= 3 and results.failed == 0
