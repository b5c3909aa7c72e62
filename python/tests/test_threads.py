"""Python's threads and ours, processes, and the choice of instructions."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import zeropoint
from test_notebook import same


def test_four_threads_at_once():
    x = np.random.default_rng(5).normal(0, 1, (1024, 1024)).astype(np.float32)

    def work(_):
        q, scale, zero_point = zeropoint.quantize(x)
        rows = zeropoint.quantize(x, axis=0)[0]
        y = zeropoint.dequantize(q, scale, zero_point)
        return q, scale, rows, y, zeropoint.quantization_error(x, scale, zero_point), zeropoint.min_max(x)

    q, scale, rows, y, error, range_ = work(0)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(work, range(16)):
            same(result[0], q)
            assert result[1] == scale
            same(result[2], rows)
            same(result[3], y)
            assert result[4:] == (error, range_)


LONG = np.ones(1 << 22)
CALLS = {
    "quantize": lambda: zeropoint.quantize(LONG),
    "quantize, given": lambda: zeropoint.quantize(LONG, 0.1),
    "quantize, given rows": lambda: zeropoint.quantize(LONG.reshape(4, -1), np.ones(4), axis=0),
    "quantize, rows": lambda: zeropoint.quantize(LONG.reshape(4, -1), axis=0),
    "dequantize": lambda: zeropoint.dequantize(LONG.view(np.uint8), 0.1),
    "fake_quantize": lambda: zeropoint.fake_quantize(LONG, 0.1),
    "min_max": lambda: zeropoint.min_max(LONG),
    "min_max, rows": lambda: zeropoint.min_max(LONG.reshape(4, -1), axis=0),
    "abs_max": lambda: zeropoint.abs_max(LONG),
    "quantization_error": lambda: zeropoint.quantization_error(LONG, 0.1),
    "quantize, packed": lambda: zeropoint.quantize(LONG, packed="uint4"),
    "dequantize, packed": lambda: zeropoint.dequantize(LONG.view(np.uint8), 0.1, packed="int2", shape=4 * LONG.nbytes),
    "requantize": lambda: zeropoint.requantize(LONG.view(np.int32), 0.1),
    "sum_codes": lambda: zeropoint.sum_codes(LONG.view(np.uint8)),
    "quantize_with_sums": lambda: zeropoint.quantize_with_sums(LONG, 0.1),
    "MinMaxObserver": lambda: zeropoint.MinMaxObserver(dtype=float).observe(LONG),
    "MinMaxObserver, rows": lambda: zeropoint.MinMaxObserver(dtype=float, axis=0).observe(LONG.reshape(4, -1)),
    "HistogramObserver": lambda: zeropoint.HistogramObserver(dtype=float).observe(LONG),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_lock_is_released(name):
    """Another thread counts on while a long call runs."""
    done, counted = threading.Event(), []

    def count():
        while not done.is_set():
            counted.append(time.perf_counter())
            time.sleep(0)

    interval = sys.getswitchinterval()
    # No thread is asked to give way: who runs meanwhile does so because the lock is free.
    sys.setswitchinterval(60)
    counter = threading.Thread(target=count)
    try:
        counter.start()
        # A busy machine may not run it at once.
        for _ in range(50):
            began = time.perf_counter()
            CALLS[name]()
            ended = time.perf_counter()
            if any(began < at < ended for at in counted):
                return
    finally:
        done.set()
        counter.join()
        sys.setswitchinterval(interval)
    pytest.fail("no other thread ran")


def test_an_array_that_is_being_written_is_refused():
    x = np.ones(1 << 23, np.float32)
    out = np.empty(x.shape, np.uint8)
    refused, messages, done = [], set(), threading.Event()

    def disturb():
        while not done.is_set():
            try:
                zeropoint.quantize(x[:16], 0.1, out=out[:16])
            except ValueError as error:
                refused.append(error)
                messages.add(str(error))

    other = threading.Thread(target=disturb)
    other.start()
    try:
        for _ in range(100):
            try:
                zeropoint.quantize(x, 0.1, out=out)
            except ValueError as error:
                messages.add(str(error))
            if refused:
                break
    finally:
        done.set()
        other.join()
    assert messages == {"out is in use by another call at this moment"}


@pytest.mark.parametrize("change", ["x.dtype = numpy.int16", "x.strides = (0,)"])
def test_an_array_object_that_changes_during_a_call(change):
    """The claim of `x` is given back in the shape in which it was made: a process that finds it gone would end here.

    The call asks `out` for its class while it holds `x`, so the change comes in that moment, on every machine.
    """
    program = """
import warnings, numpy, zeropoint
warnings.simplefilter("ignore")
memory = numpy.ones(1 << 10, numpy.float32)
x = memory[:]
class Out(numpy.ndarray):
    @property
    def __class__(self):
        try:
            zeropoint.fake_quantize(memory, 0.5, out=memory)
        except ValueError as error:
            print(error)
            CHANGE
        return Out
out = numpy.empty(x.shape, numpy.uint8).view(Out)
q = zeropoint.quantize(x, 0.5, out=out)[0]
assert (x.shape, x.strides) != (memory.shape, memory.strides)
assert q is out and (numpy.asarray(out) == 2).all()
# Both are free again.
zeropoint.fake_quantize(memory, 0.5, out=memory)
zeropoint.quantize(memory, 0.5, out=numpy.asarray(out))
"""
    assert in_process(program.replace("CHANGE", change)) == "out is in use by another call at this moment"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_computes():
    program = """
import os, numpy, zeropoint
x = numpy.random.default_rng(1).normal(0, 1, 1 << 22).astype(numpy.float32)
q = zeropoint.quantize(x)[0]
child = os.fork()
if child == 0:
    os._exit(0 if (zeropoint.quantize(x)[0] == q).all() else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)


def in_process(program, **environment):
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


LONG_CALLS = """
import hashlib, os, resource, threading, numpy, zeropoint
x = numpy.linspace(-1, 1, 1 << 21, dtype=numpy.float32).reshape(1024, 2048)
q, y, scales, zero_points = numpy.empty(x.shape, numpy.uint8), numpy.empty_like(x), numpy.full(2048, 0.01), numpy.full(2048, 100)
LIMIT
digest = hashlib.sha256()
for axis in [None, 0, 1, None]:
    s, z = (0.01, 100) if axis is None else (scales[: x.shape[axis]], zero_points[: x.shape[axis]])
    results = [
        *zeropoint.quantize(x, axis=axis, out=q), *zeropoint.quantize(x, s, z, axis=axis, out=q),
        zeropoint.dequantize(q, s, z, axis=axis, out=y), zeropoint.fake_quantize(x, s, z, axis=axis, out=y),
        *zeropoint.min_max(x, axis=axis), *zeropoint.quantization_error(x, s, z, axis=axis), zeropoint.abs_max(x),
    ]
    for result in results:
        digest.update(memoryview(numpy.asarray(result).reshape(-1)).cast("B"))
print(digest.hexdigest())
"""
NO_THREAD_STARTS = """
try:
    threading.Thread(target=print).start()
    raise SystemExit("a thread was started")
except RuntimeError:
    pass
"""
NO_THREADS = {
    # The limit is of all programs of a user, and root is not bound by it.
    "none allowed": """
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.geteuid() == 0:
    os.setuid(65534)
""",
    "no memory for a stack": """
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + (2 << 20)
resource.setrlimit(resource.RLIMIT_AS, (size, size))
""",
}


@pytest.mark.parametrize("limit", NO_THREADS)
def test_long_calls_need_no_threads(limit):
    """Where none can be started, each call is computed on its own thread, with the same results."""
    limited = in_process(LONG_CALLS.replace("LIMIT", NO_THREADS[limit] + NO_THREAD_STARTS))
    assert limited == in_process(LONG_CALLS.replace("LIMIT", ""))


def test_backends_give_the_same_codes():
    program = """
import hashlib, numpy, zeropoint
x = numpy.random.default_rng(1).normal(0, 1, (37, 1001)).astype(numpy.float32)
h = hashlib.sha256()
for axis in [None, 0, 1]:
    q, s, z = zeropoint.quantize(x, axis=axis)
    e = zeropoint.quantization_error(x, s, z, axis=axis)
    for part in [q, s, z, zeropoint.dequantize(q, s, z, axis=axis), numpy.array(e)]:
        h.update(part.tobytes())
    for part in zeropoint.quantize_with_sums(x, axis=axis, packed="int4"):
        h.update(part.tobytes())
    h.update(zeropoint.requantize((x * 1e5).astype("i4"), 2.5e-3, 9).tobytes())
print(zeropoint.backend(), h.hexdigest())
"""
    here = in_process(program).split()
    assert here[0] == zeropoint.backend()
    for name in ["scalar", "portable"]:
        assert in_process(program, ZEROPOINT_BACKEND=name).split() == [name, here[1]]


def test_a_backend_that_is_none():
    program = """
import zeropoint
for call in [zeropoint.backend, lambda: zeropoint.min_max([0.5])]:
    try:
        call()
    except ValueError as error:
        print(error)
"""
    lines = in_process(program, ZEROPOINT_BACKEND="sse9").splitlines()
    assert len(lines) == 2
    assert all(line.startswith('ZEROPOINT_BACKEND="sse9": unknown') for line in lines)
