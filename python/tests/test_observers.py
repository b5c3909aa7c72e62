"""Observers: the state is a function of the data, whatever the order, the partition and the tree of merges."""

import copy
import functools
import operator
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import zeropoint
from zeropoint import HistogramObserver, MinMaxObserver, MovingAverageObserver

# The tests of Rust write these files, for the data below.
STATES = Path(__file__).parent.parent.parent / "fuzz" / "seeds" / "observers"
DATA = {
    "f32": np.array([-2.5, 0.0, 1e-40, 7.0, 7.0, np.finfo("f4").max, np.nan], "f4"),
    "f64": np.array([-2.5, 0.0, 1e-310, 7.0, 7.0, np.finfo("f8").max, np.inf], "f8"),
}
AVERAGE, ROWS = functools.partial(MovingAverageObserver, 1), functools.partial(MinMaxObserver, axis=0)
MAKE = [MinMaxObserver, AVERAGE, HistogramObserver, ROWS]
MERGED = {
    "min_max": MinMaxObserver,
    "columns": functools.partial(MinMaxObserver, axis=1),
    "rows": functools.partial(MinMaxObserver, axis=-2),
    "histogram": HistogramObserver,
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("kind", range(4))
def test_the_bytes_are_those_of_rust(name, kind):
    observer = MAKE[kind](dtype=DATA[name].dtype)
    assert observer.to_bytes() == (STATES / f"{name}-{kind}-0").read_bytes()
    observer.observe(DATA[name])
    state = (STATES / f"{name}-{kind}-1").read_bytes()
    assert observer.to_bytes() == state
    axis = {"axis": 0} if kind == 3 else {}
    assert type(observer).from_bytes(state, **axis) == observer
    if kind == 2:
        # The test of C's counts reads them from the same file.
        counts, bins = observer.counts(), np.frombuffer(state[32:], [("bin", "<i4"), ("count", "<u8")])
        assert (np.flatnonzero(counts) - len(counts) // 2).tolist() == bins["bin"].tolist()
        assert counts[counts > 0].tolist() == bins["count"].tolist()
    with pytest.raises(ValueError, match="state: not a state of this observer"):
        type(observer).from_bytes((STATES / f"{name}-{kind}-1-cut").read_bytes(), **axis)


def observed(make, parts, dtype):
    for part in parts:
        observer = make(dtype=dtype)
        observer.observe(part)
        yield observer


def tree(observers, rng):
    """Merges any two, in either order, until one is left: by each of the ways to merge, and by way of bytes."""
    observers = list(observers)
    while len(observers) > 1:
        a, b = (observers.pop(rng.integers(len(observers))) for _ in range(2))
        way = rng.integers(4)
        if way == 0:
            a += b
        elif way == 1:
            a = a + b
        elif way == 2:
            a.merge(pickle.loads(pickle.dumps(b)))
        else:
            axis = {"axis": a.axis} if isinstance(a, MinMaxObserver) else {}
            a.merge(type(b).from_bytes(b.to_bytes(), **axis))
        observers.append(a)
    return observers[0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", MERGED)
def test_any_partition_order_and_tree_leads_to_the_same_bytes(name, dtype):
    make, of = MERGED[name], "float64" if dtype == np.float64 else "float32"
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = (rng.normal(0, 1, (rng.integers(1, 60), 5)) * 10.0 ** rng.integers(-3, 3)).astype(dtype)
        if seed % 4 == 0:
            x[rng.integers(len(x)), rng.integers(5)] = rng.choice([np.nan, np.inf, -np.inf, -0.0])
        (whole,) = observed(make, [x], of)
        axis = 1 if name == "rows" else 0
        parts = np.split(x, np.sort(rng.integers(0, x.shape[axis] + 1, 4)), axis)
        if name in ("min_max", "histogram"):
            parts = np.split(x.ravel(), np.sort(rng.integers(0, x.size + 1, 6)))
        rng.shuffle(parts)
        assert tree(observed(make, parts, of), rng).to_bytes() == whole.to_bytes()
        if "axis" in getattr(make, "keywords", {}):
            each = x.astype(of) if name == "columns" else x.astype(of).T
            finite = np.isfinite(each)
            assert whole.not_finite.tolist() == (~finite).sum(0).tolist()
            assert whole.min.tolist() == np.where(finite, each, np.inf).min(0).tolist()
            assert whole.max.tolist() == np.where(finite, each, -np.inf).max(0).tolist()


def test_parameters_are_those_of_the_array():
    x = np.random.default_rng(1).normal(0, [1, 5, 0.1], (100, 3)).astype(np.float32)
    everywhere, columns, histogram = MinMaxObserver(), MinMaxObserver(axis=1), HistogramObserver()
    for observer in [everywhere, columns, histogram]:
        observer.observe(x[:30])
        observer.observe(x[30:])
    for arguments in [{}, {"scheme": "symmetric", "bits": 4}, {"dtype": "int16"}, {"packed": "uint2"}]:
        q, scale, zero_point = zeropoint.quantize(x, **arguments)
        assert everywhere.params(**arguments) == (scale, zero_point) == histogram.params(**arguments)
        assert type(everywhere.params(**arguments).scale) is np.float32
        q, scale, zero_point = zeropoint.quantize(x, axis=1, **arguments)
        found = columns.params(**arguments)
        assert found.scale.tobytes() == scale.tobytes()
        assert found.zero_point.tobytes() == zero_point.tobytes()
    assert columns.min.dtype == np.float32 and columns.min.tolist() == x.min(0).tolist()
    assert (columns.axis, everywhere.axis, columns.dtype) == (1, None, "float32")
    clipped = histogram.params(scheme="symmetric", clip=90).scale
    assert clipped < histogram.params(scheme="symmetric", clip="entropy").scale <= everywhere.params(scheme="symmetric").scale
    assert histogram.params(clip="least_error").scale > 0


def test_counts_and_back():
    rng = np.random.default_rng(2)
    for dtype, bins in [("float32", 65279), ("float64", 524031)]:
        parts = [rng.standard_t(1, 100), np.array([np.nan, np.inf, 3e38, -0.0]), np.array([])]
        parts = [part.astype(dtype) for part in parts]
        observers = list(observed(HistogramObserver, parts, dtype))
        (whole,) = observed(HistogramObserver, [np.concatenate(parts)], dtype)
        counts = sum(observer.counts() for observer in observers)
        assert (counts.dtype, counts.shape, counts.sum()) == (np.uint64, (bins,), 102)
        assert counts[bins // 2] == 1
        fields = min(o.min for o in observers), max(o.max for o in observers), sum(o.not_finite for o in observers)
        again = HistogramObserver.from_counts(counts, *fields, dtype=dtype)
        assert again.to_bytes() == whole.to_bytes() and type(again.not_finite) is int
        none = HistogramObserver.from_counts(np.zeros(bins, np.uint64), np.inf, -np.inf, dtype=dtype)
        assert none == HistogramObserver(dtype=dtype)


COUNTS = np.zeros(65279, np.uint64)
COUNTS[65279 // 2] = 2
FROM_COUNTS = [
    ((COUNTS[1:], 0, 0), ValueError, "counts: the histogram has 65279 bins, not 65278"),
    ((COUNTS.astype(np.int64), 0, 0), TypeError, "counts has dtype int64, uint64 is needed"),
    ((COUNTS.reshape(1, -1), 0, 0), ValueError, "counts has shape (1, 65279), one dimension is needed"),
    ((COUNTS, 1, 2), ValueError, "counts: not a state of this observer: min or max is not in the outermost bin"),
    ((COUNTS, 2, 1), ValueError, "min is 2.0, max is 1.0: range minimum 2 is above its maximum 1"),
    ((COUNTS, 0, 0.1), ValueError, "max is 0.1, a number of the observer's dtype is needed"),
    ((COUNTS, np.nan, 0), ValueError, "min is NaN, a number of the observer's dtype is needed"),
    ((COUNTS, "0", 0), TypeError, "min is a str, a number is needed"),
    ((COUNTS, 0, 0, -1), ValueError, "not_finite is -1, 0 to 2**64 - 1 is needed"),
    ((COUNTS, 0, 0, 0.5), ValueError, "not_finite is 0.5, 0 to 2**64 - 1 is needed"),
]


@pytest.mark.parametrize("arguments, error, message", FROM_COUNTS)
def test_wrong_counts_are_refused(arguments, error, message):
    assert HistogramObserver.from_counts(COUNTS, 0, 0).counts().tolist() == COUNTS.tolist()
    with pytest.raises(error, match=re.escape(message)):
        HistogramObserver.from_counts(*arguments)


def row(n=2, dtype=np.float32):
    return np.ones((1, n), dtype)


def columns(n=2):
    observer = MinMaxObserver(axis=1)
    observer.observe(row(n))
    return observer


REFUSED = {
    "x has dtype float64, but the observer has dtype float32": (TypeError, lambda: MinMaxObserver().observe([1.0])),
    "x has dtype float16, but the observer has dtype float64": (
        TypeError, lambda: HistogramObserver(dtype=float).observe(row(dtype=np.float16))),
    "x has dtype int64, one of float16, bfloat16, float32, float64 is needed": (
        TypeError, lambda: MinMaxObserver().observe(np.ones(3, np.int64))),
    "x is a masked array": (TypeError, lambda: MinMaxObserver().observe(np.ma.array(row(), mask=True))),
    "axis 1 of an array of 1 dimensions": (ValueError, lambda: columns().observe(row()[0])),
    "x: the observer has 2 slices, the data have 3": (ValueError, lambda: columns().observe(row(3))),
    "other: the observer has 2 slices, the data have 3": (ValueError, lambda: columns().merge(columns(3))),
    "other has axis None, but the observer has axis 1": (ValueError, lambda: columns().merge(MinMaxObserver())),
    "other has dtype float64, but the observer has dtype float32": (
        TypeError, lambda: MinMaxObserver() + MinMaxObserver(dtype="f8")),
    "other is a HistogramObserver, a MinMaxObserver is needed": (
        TypeError, lambda: MinMaxObserver().merge(HistogramObserver())),
    "unsupported operand type(s) for +: 'MinMaxObserver' and 'HistogramObserver'": (
        TypeError, lambda: MinMaxObserver() + HistogramObserver()),
    "unsupported operand type(s) for +=: 'MinMaxObserver' and 'int'": (
        TypeError, lambda: operator.iadd(MinMaxObserver(), 1)),
    "unsupported operand type(s) for +": (TypeError, lambda: MovingAverageObserver() + MovingAverageObserver()),
    "has no attribute 'merge'": (AttributeError, lambda: MovingAverageObserver().merge(MovingAverageObserver())),
    "averaging constant 2 is not above 0 and at most 1": (ValueError, lambda: MovingAverageObserver(2)),
    "dtype is int8, float32 (for float16 and bfloat16 too) or float64 is needed": (
        TypeError, lambda: MinMaxObserver(dtype=np.int8)),
    "empty input": (ValueError, lambda: MinMaxObserver().params()),
    "empty input: no": (ValueError, lambda: MinMaxObserver(axis=0).params()),
    "scheme 'affine'": (ValueError, lambda: columns().params(scheme="affine")),
    "bits is 9, codes of dtype int8 have 2 to 8": (ValueError, lambda: columns().params(bits=9, dtype="int8")),
    "percentile 101 is not above 0 and at most 100": (ValueError, lambda: HistogramObserver().params(clip=101)),
    'clip is "most", a percentage, "least_error" or "entropy" is needed': (
        ValueError, lambda: HistogramObserver().params(clip="most")),
    "clip is a list, a number is needed": (TypeError, lambda: HistogramObserver().params(clip=[1])),
    "axis is None, but the state has a range for each index of an axis": (
        ValueError, lambda: MinMaxObserver.from_bytes(columns().to_bytes())),
    "axis is 1, but the state has one range": (
        ValueError, lambda: MinMaxObserver.from_bytes(MinMaxObserver().to_bytes(), axis=1)),
    "state: not a state of this observer: fewer than 32 bytes": (ValueError, lambda: MinMaxObserver.from_bytes(b"")),
    "state: not a state of this observer: the state is another observer's": (
        ValueError, lambda: HistogramObserver.from_bytes(MinMaxObserver().to_bytes())),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_wrong_is_named(message):
    error, call = REFUSED[message]
    with pytest.raises(error, match=re.escape(message.replace("'affine'", '"affine"'))):
        call()


def test_a_nan_is_counted_and_refused():
    observer = MinMaxObserver(axis=1)
    observer.observe(np.array([[1, np.nan], [3, -np.inf]], np.float32))
    assert (observer.min.tolist(), observer.max.tolist()) == ([1, np.inf], [3, -np.inf])
    assert observer.not_finite.tolist() == [0, 2]
    with pytest.raises(ValueError, match="slice 1: NaN or infinity"):
        observer.params()
    assert repr(observer) == "MinMaxObserver(axis=1, dtype='float32', slices=2, not_finite=2)"


def test_what_is_refused_adds_nothing():
    observer = columns()
    before = observer.to_bytes()
    for x in [row(3), row(dtype=np.float64), row()[0], np.ones(2, int)]:
        with pytest.raises((TypeError, ValueError)):
            observer.observe(x)
    with pytest.raises(ValueError):
        observer.merge(columns(3))
    # This shape has more slices than there is memory for.
    observer.observe(np.empty((0, 1 << 40), np.float32))
    assert observer.to_bytes() == before


@pytest.mark.parametrize("name", [*MERGED, "average"])
def test_copies_are_equal_and_separate(name):
    make = MERGED.get(name, MovingAverageObserver)
    (observer,) = observed(make, [np.array([[1, 2], [3, 5]], np.float32)], "float32")
    for same in [copy.copy(observer), copy.deepcopy(observer), pickle.loads(pickle.dumps(observer))]:
        assert same == observer and same is not observer and repr(same) == repr(observer)
        same.observe(np.full((2, 2), 9, np.float32))
        assert same != observer
    assert observer != "an observer" and observer != make()
    with pytest.raises(TypeError, match="unhashable"):
        hash(observer)
    if name != "average":
        (other,) = observed(make, [np.full((2, 2), 9, np.float32)], "float32")
        states = observer.to_bytes(), other.to_bytes()
        both = observer + other
        assert type(both) is type(observer) and (observer.to_bytes(), other.to_bytes()) == states
        before = observer
        observer += other
        assert observer is before and observer == both and other.to_bytes() == states[1]


def test_observers_of_different_axes_differ():
    x = np.ones((2, 2), np.float32)
    rows, both = MinMaxObserver(axis=0), columns()
    rows.observe(x)
    assert rows.to_bytes() == both.to_bytes() and rows != both


def test_threads_share_an_observer():
    x = np.random.default_rng(3).normal(0, 1, (64, 1000, 4)).astype(np.float32)
    for name in ["min_max", "columns", "histogram"]:
        shared, whole = MERGED[name](), MERGED[name]()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(shared.observe, x))
        whole.observe(x.reshape(-1, 4))
        assert shared == whole
        # Two observers are merged into each other at once.
        a, b = copy.copy(whole), copy.copy(whole)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda i: a.merge(b) if i % 2 else b.merge(a), range(100)))
        assert (a.min == whole.min).all()


def test_damaged_states_are_refused_or_canonical():
    rng = np.random.default_rng(4)
    for name in MERGED:
        make = MERGED[name]
        (observer,) = observed(make, [rng.normal(0, 1, (9, 3)).astype(np.float32)], "float32")
        axis = {"axis": observer.axis} if isinstance(observer, MinMaxObserver) else {}
        refused = 0
        for _ in range(2000):
            state = bytearray(observer.to_bytes())
            for _ in range(rng.integers(1, 3)):
                state[rng.integers(len(state))] = rng.integers(256)
            state = bytes(state[: rng.integers(len(state) + 1)] if rng.integers(2) else state)
            try:
                assert type(observer).from_bytes(state, **axis).to_bytes() == state
            except ValueError:
                refused += 1
        assert 0 < refused
