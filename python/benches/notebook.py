#!/usr/bin/env python3
"""The notebook's NumPy and zeropoint, in turn, on the same float32 data.

    taskset -c 1 python python/benches/notebook.py     one CPU
    python python/benches/notebook.py                  all of them

Prints a table of medians in microseconds, and how many times as long NumPy takes. A call makes its result anew on
both sides, as a notebook's cell does. `--quick` measures nothing and compares the results.
"""

import argparse
import datetime
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import zeropoint

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import notebook

SIZES = {"1 Ki": 1 << 10, "64 Ki": 1 << 16, "1 Mi": 1 << 20, "16 Mi": 1 << 24}


def numpy_dynamic(x):
    scale, zero_point = notebook.asymmetric_parameters(x, 8)
    return notebook.asymmetric_quantize(x, scale, zero_point, 8)


def numpy_symmetric(x):
    return notebook.symmetric_quantize(x, notebook.symmetric_scale(np.max(np.abs(x)), 8), 8)


def numpy_rows(x):
    """Vectorised: the notebook has no rows, so this is its formula along an axis."""
    alpha, beta = x.max(axis=1, keepdims=True), x.min(axis=1, keepdims=True)
    scale = (alpha - beta) / 255
    return np.clip(np.rint(x / scale) + np.rint(-beta / scale), 0, 255).astype(np.uint8)


def cases(x):
    """Name, the notebook's call, ours, and how to compare what they return."""
    q, scale, zero_point = zeropoint.quantize(x)
    # To NumPy an int32 is no reason to compute in float32; Python's integer is.
    zero_point = int(zero_point)
    rows = x.reshape(-1, 256)
    exact = np.array_equal
    close = lambda a, b: np.allclose(a, b, rtol=1e-9, atol=0)
    return [
        ("`quantize`, asymmetric", lambda: numpy_dynamic(x), lambda: zeropoint.quantize(x)[0], exact),
        ("`quantize`, symmetric", lambda: numpy_symmetric(x), lambda: zeropoint.quantize(x, scheme="symmetric")[0], exact),
        ("`quantize`, given parameters", lambda: notebook.asymmetric_quantize(x, scale, zero_point, 8), lambda: zeropoint.quantize(x, scale, zero_point)[0], exact),
        ("`quantize`, rows of 256", lambda: numpy_rows(rows), lambda: zeropoint.quantize(rows, axis=0)[0], exact),
        ("`dequantize`", lambda: notebook.dequantize(q, scale, zero_point), lambda: zeropoint.dequantize(q, scale, zero_point), exact),
        ("`min_max`", lambda: (x.min(), x.max()), lambda: zeropoint.min_max(x)[:2], exact),
        (
            "`quantization_error`",
            lambda: notebook.mean_squared_error(x, notebook.dequantize(notebook.asymmetric_quantize(x, scale, zero_point, 8), scale, zero_point)),
            lambda: zeropoint.quantization_error(x, scale, zero_point).mse,
            close,
        ),
    ]  # fmt: skip


def seconds(call, times):
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def medians(theirs, ours, budget):
    """Both in turn, each the median of several measurements."""
    once = max(seconds(theirs, 1), seconds(ours, 1))
    times = max(1, int(0.002 / once))
    rounds = int(min(51, max(7, budget / (once * times * 2))))
    pairs = [(seconds(theirs, times), seconds(ours, times)) for _ in range(rounds)]
    return tuple(statistics.median(side) for side in zip(*pairs))


def microseconds(time):
    """Three digits, and no exponent."""
    return f"{float(f'{time * 1e6:.3g}'):g}"


def cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="compare results at 64 Ki, measure nothing")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds a case, about")
    arguments = parser.parse_args()
    sizes = {"64 Ki": 1 << 16} if arguments.quick else SIZES

    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{cpu()}, {cpus} CPU, {zeropoint.backend()}, Python {platform.python_version()}, "
          f"NumPy {np.__version__}, {datetime.date.today()}\n")  # fmt: skip
    table = {}
    for size, n in sizes.items():
        x = np.random.default_rng(0).normal(0.1, 1, n).astype(np.float32)
        for name, theirs, ours, equal in cases(x):
            if not equal(theirs(), ours()):
                sys.exit(f"{name}, {size}: the results differ")
            if not arguments.quick:
                table.setdefault(name, []).append(medians(theirs, ours, arguments.budget))
    if arguments.quick:
        print("the results are equal")
        return
    print("| µs: NumPy / zeropoint | " + " | ".join(sizes) + " |")
    print("|---" + "|--:" * len(sizes) + "|")
    for name, row in table.items():
        cells = [f"{microseconds(t)} / {microseconds(o)}: **{t / o:.3g} ×**" for t, o in row]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
