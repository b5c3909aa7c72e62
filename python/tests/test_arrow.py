"""Arrow's arrays by the C data interface: views without copies, nulls, and arrays that contradict themselves."""

import gc
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import zeropoint

pa = pytest.importorskip("pyarrow")

ROWS = np.arange(24, dtype=np.float32).reshape(8, 3)


class Foreign:
    """Stands for an array of another library, which has the interface and nothing else."""

    def __init__(self, array):
        self.array = array

    def __arrow_c_array__(self, requested_schema=None):
        return self.array.__arrow_c_array__(requested_schema)


def lists(rows=ROWS):
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


@pytest.mark.parametrize("wrap", [lambda array: array, Foreign])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_views(dtype, wrap):
    x = ROWS.astype(dtype)
    for array, expected in [
        (pa.array(x.ravel()), x.ravel()),
        (pa.array(x.ravel())[5:9], x.ravel()[5:9]),
        (lists(x), x),
        (lists(x)[2:5], x[2:5]),
        (lists(x)[:0], x[:0]),
    ]:
        found = zeropoint.from_arrow(wrap(array))
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tolist() == expected.tolist()
        if found.size:
            values = array.flatten() if found.ndim == 2 else array
            at = values.buffers()[1].address + values.offset * x.itemsize
            assert not found.flags.owndata
            assert found.__array_interface__["data"] == (at, True)


def test_the_memory_outlives_the_array():
    gc.collect()
    before, size = pa.total_allocated_bytes(), 8 << 20
    found = zeropoint.from_arrow(Foreign(pa.concat_arrays([pa.array(np.full(1 << 19, 0.5))] * 2)))[::2]
    gc.collect()
    assert pa.total_allocated_bytes() - before >= size
    assert (found == 0.5).all()
    del found
    gc.collect()
    assert pa.total_allocated_bytes() - before < size


def test_observers_take_them():
    for nulls in ["refuse", "skip"]:
        a, b = zeropoint.MinMaxObserver(axis=1), zeropoint.MinMaxObserver(axis=1)
        a.observe(Foreign(lists()), nulls=nulls)
        b.observe(ROWS)
        assert a == b
    whole = zeropoint.HistogramObserver()
    whole.observe(pa.array([1, None, 2], pa.float32()), nulls="skip")
    assert (whole.min, whole.max, whole.counts().sum()) == (1, 2, 2)


def test_nulls():
    x = pa.array([0.5, None, 2.0, None])
    with pytest.raises(ValueError, match=re.escape('x has 2 nulls of 4: pass nulls="skip" to leave them out')):
        zeropoint.from_arrow(x)
    assert zeropoint.from_arrow(x, nulls="skip").tolist() == [0.5, 2.0]
    assert zeropoint.from_arrow(x[2:3]).tolist() == [2.0]
    observer = zeropoint.MinMaxObserver(dtype=float)
    with pytest.raises(ValueError, match="x has 2 nulls of 4"):
        observer.observe(x)
    assert observer == zeropoint.MinMaxObserver(dtype=float)
    pairs = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.float32(), 2))
    with pytest.raises(ValueError, match="x has 1 nulls of 3"):
        zeropoint.from_arrow(pairs)
    assert zeropoint.from_arrow(pairs, nulls="skip").tolist() == [[1, 2], [3, 4]]
    inside = pa.array([[1, None], [3, 4]], pa.list_(pa.float32(), 2))
    for nulls in ["refuse", "skip"]:
        with pytest.raises(ValueError, match="x has 1 nulls inside its lists"):
            zeropoint.from_arrow(inside, nulls=nulls)
    assert zeropoint.from_arrow(inside[1:]).tolist() == [[3, 4]]


def test_what_is_wrong_is_named():
    for array, name in [
        (pa.array([1, 2]), "l"),
        (pa.array(["a"]), "u"),
        (pa.array([[1.0]]), "+l"),
        (pa.array([[1]], pa.list_(pa.int8(), 1)), "+w:1 of c"),
        (pa.record_batch({"a": [1.0]}), "+s"),
        (pa.array([1.0]).dictionary_encode(), "i"),
    ]:
        with pytest.raises(TypeError, match=re.escape(f"x has Arrow format '{name}', floats or lists of floats")):
            zeropoint.from_arrow(array)
    with pytest.raises(TypeError, match="x is a ndarray, an object with __arrow_c_array__ is needed"):
        zeropoint.from_arrow(ROWS)
    with pytest.raises(ValueError, match="nulls is 'drop', \"refuse\" or \"skip\" is needed"):
        zeropoint.from_arrow(lists(), nulls="drop")


# `fields` are the 64-bit words of `struct ArrowArray`; `child` has the words of a list's child.
HOSTILE = """
import ctypes, json, os, sys, numpy as np, pyarrow as pa, zeropoint
LENGTH, NULL_COUNT, OFFSET, N_BUFFERS, N_CHILDREN, BUFFERS, CHILDREN, DICTIONARY, RELEASE = range(9)
pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
words = lambda address, n=9: (ctypes.c_int64 * n).from_address(address)
class Hostile:
    def __init__(self, is_list, change):
        self.is_list, self.change = is_list, change
    def __arrow_c_array__(self, requested_schema=None):
        x = pa.array([0.0, 1.0, None, 3.0], pa.float32(), mask=np.array([0, 0, 1, 0], bool))
        if self.is_list:
            x = pa.FixedSizeListArray.from_arrays(pa.array([0.0, 1.0, 2.0, 3.0]), 2)
        schema, array = x.__arrow_c_array__()
        fields = words(pointer(array, b"arrow_array"))
        child = words(words(fields[CHILDREN], 1)[0]) if self.is_list else None
        exec(self.change, globals(), {"schema": schema, "fields": fields, "child": child})
        return schema, array
for is_list, change in json.loads(sys.argv[1]):
    for nulls in ["refuse", "skip"]:
        # Each in a process of its own, which ends before the owner of these fields would release them.
        process = os.fork()
        if not process:
            try:
                zeropoint.from_arrow(Hostile(is_list, change), nulls=nulls)
            except ValueError:
                os._exit(3)
            os._exit(4)
        status = os.waitpid(process, 0)[1]
        if status != 3 << 8:
            print(change, nulls, status)
"""
CHANGES = [
    *((False, f"fields[{field}] = {value}") for field in ["LENGTH", "OFFSET"] for value in [-1, 2**62, -(2**63)]),
    (False, "fields[NULL_COUNT] = 99"),
    (False, "fields[NULL_COUNT] = 0"),
    (False, "fields[NULL_COUNT] = -9"),
    *((False, f"fields[N_BUFFERS] = {value}") for value in [0, 1, 3, -1]),
    *((False, f"fields[N_CHILDREN] = {value}") for value in [1, -1]),
    (False, "words(fields[BUFFERS], 2)[1] = 0"),
    (False, "words(fields[BUFFERS], 2)[0] = 0"),
    *((False, f"fields[{field}] = 0") for field in ["BUFFERS", "RELEASE"]),
    (False, "fields[DICTIONARY] = fields[BUFFERS]"),
    (True, "fields[CHILDREN] = 0"),
    (True, "words(fields[CHILDREN], 1)[0] = 0"),
    (True, "words(pointer(schema, b'arrow_schema'))[7] = 0"),
    *((True, f"{name}[OFFSET] = {2**62}") for name in ["fields", "child"]),
    (True, "fields[LENGTH] = 3"),
    (True, "fields[OFFSET] = 1"),
    (True, "fields[N_CHILDREN] = 0"),
    *((True, f"child[LENGTH] = {value}") for value in [3, -1, 0]),
    (True, "child[OFFSET] = -1"),
    (True, "child[N_BUFFERS] = 1"),
    (True, "words(child[BUFFERS], 2)[1] = 0"),
]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_arrays_that_contradict_themselves():
    command = [sys.executable, "-c", HOSTILE, json.dumps(CHANGES)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    # Exit code 3 says that `ValueError` was raised; all else, such as a fault of memory, is printed.
    assert ran.stdout == ""


SCHEMA, ARRAY = pa.array([0.5]).__arrow_c_array__()


@pytest.mark.parametrize("capsules", [None, (), (1, 2), ("a", "b", "c"), (ARRAY, SCHEMA), [SCHEMA, ARRAY]])
def test_no_capsules(capsules):
    class Wrong:
        def __arrow_c_array__(self, requested_schema=None):
            return capsules

    with pytest.raises(TypeError, match="__arrow_c_array__ of x returned no"):
        zeropoint.MinMaxObserver().observe(Wrong())
