"""Ranges: zeropoint's observers, PyTorch's observers, ONNX Runtime's calibrators."""

import contextlib
import io
import subprocess
import warnings

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization.calibrate import HistogramCollector
from torch.ao.quantization import observer as observers

BATCHES = 10
ASYMMETRIC = {"asymmetric_u8": (0, 255), "asymmetric_u4": (0, 15)}
SYMMETRIC = {"symmetric_i8": (-127, 127), "symmetric_i4": (-7, 7)}
PERCENTILES = (99.9, 99.99, 99.999)


def compare(program, quick):
    """Prints the ranges; returns how many differ that must not."""
    print(f"torch {torch.__version__}, onnxruntime {onnxruntime.__version__}")
    print("ranges, and 1e6 · mean squared error / variance\n")
    print("| data | scheme | choice | zeropoint | | other | | |")
    print("|---|---|---|---|--:|---|---|--:|")
    differences = 0
    for name, x in _data(2_000 if quick else 20_000):
        ours = _ours(program, x)
        for scheme, codes in {**ASYMMETRIC, **SYMMETRIC}.items():
            if quick and scheme.endswith("4"):
                continue
            differences += _check(name, x, ours[scheme], scheme, codes)
            if scheme in SYMMETRIC:
                differences += _check_percentiles(name, x, ours[scheme])
            for choice, other, theirs in _others(x, scheme, codes):
                cells = []
                for least, greatest in (ours[scheme][choice], theirs):
                    error = 1e6 * _error(x, least, greatest, codes) / x.var(dtype=np.float64)
                    cells.append((f"{least:.4g} … {greatest:.4g}", f"{error:.1f}"))
                (range_a, error_a), (range_b, error_b) = cells
                print(f"| {name} | {scheme} | {choice} | {range_a} | {error_a} | {other} | {range_b} | {error_b} |")
    print(f"\nmin/max and moving average in bits, percentiles within 2**-7: {differences} differences")
    return differences


def _data(length):
    rng = np.random.default_rng(2026)
    normal = rng.standard_normal(BATCHES * length)
    outlier = normal.copy()
    outlier[length + 7] = 60.0
    two, one = 0.25 * normal, 0.25 * normal
    two[[1000, 2 * length]] = 2600.0
    one[7] = 1e5
    gelu = normal * 0.5 * (1 + np.tanh(0.7978845608 * (normal + 0.044715 * normal**3)))
    data = {
        "normal": normal,
        "normal, one outlier": outlier,
        "normal / 4, two of 2600": two,
        "normal / 4, one of 1e5": one,
        "Laplace": rng.laplace(size=normal.size),
        "Student t, 3": rng.standard_t(3, normal.size),
        "ReLU of normal": np.maximum(normal, 0),
        "GELU of normal": gelu,
        "growing batches": normal * np.repeat(np.linspace(1, 4, BATCHES), length),
        "uniform 100 to 101": 100 + rng.random(normal.size),
    }
    return [(name, x.astype(np.float32)) for name, x in data.items()]


def _ours(program, x):
    batch = str(x.size // BATCHES)
    run = subprocess.run([program, "-", batch], input=x.tobytes(), stdout=subprocess.PIPE, check=True)
    found = {}
    for line in run.stdout.decode().splitlines():
        scheme, choice, least, greatest, _, _ = line.split("\t")
        found.setdefault(scheme, {})[choice] = (np.float32(least), np.float32(greatest))
    return found


def _check(name, x, ours, scheme, codes):
    """How many of the ranges differ that are defined without a histogram."""
    differences = 0
    for choice, kind in [
        ("min_max", observers.MinMaxObserver),
        ("moving_average", observers.MovingAverageMinMaxObserver),
    ]:
        observer = _observed(kind, x, scheme, codes)
        theirs = (observer.min_val.numpy(), observer.max_val.numpy())
        if any(np.float32(a).tobytes() != np.float32(b).tobytes() for a, b in zip(ours[choice], theirs)):
            differences += 1
            print(f"{name}, {scheme}, {choice}: {ours[choice]}, PyTorch {theirs}")
    return differences


def _check_percentiles(name, x, ours):
    """How many percentiles are below NumPy's quantile of the magnitudes, or above it by more than 2**-7 of it."""
    differences = 0
    for percentile in PERCENTILES:
        exact = np.quantile(np.abs(x), percentile / 100, method="inverted_cdf")
        end = np.abs(ours[f"percentile_{percentile}"]).max()
        if not exact <= end <= exact * (1 + 2**-7):
            differences += 1
            print(f"{name}, percentile {percentile}: {end}, NumPy {exact}")
    return differences


def _observed(kind, x, scheme, codes):
    symmetric = scheme in SYMMETRIC
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observer = kind(
            dtype=torch.qint8 if symmetric else torch.quint8,
            qscheme=torch.per_tensor_symmetric if symmetric else torch.per_tensor_affine,
            quant_min=codes[0],
            quant_max=codes[1],
        )
    for batch in np.split(x, BATCHES):
        observer(torch.from_numpy(batch))
    return observer


def _others(x, scheme, codes):
    """What PyTorch and ONNX Runtime choose, by their defaults."""
    histogram = _observed(observers.HistogramObserver, x, scheme, codes)
    least, greatest = histogram._non_linear_param_search()
    yield "least_error", "PyTorch", (least.item(), greatest.item())
    symmetric = scheme in SYMMETRIC
    for percentile in (99.9, 99.999):
        found = _collected(x, "percentile", symmetric, 2048, 128, percentile)
        yield f"percentile_{percentile}", "ONNX Runtime", found
    yield "entropy", "ONNX Runtime", _collected(x, "entropy", symmetric, 128, 128, None)


def _collected(x, method, symmetric, bins, levels, percentile):
    """ONNX Runtime's range; NaN if it raises an error (for an outlier it may need more bins than NumPy makes)."""
    collector = HistogramCollector(method, symmetric, bins, levels, percentile, "same")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for batch in np.split(x, BATCHES):
                collector.collect({"x": batch})
            least, greatest = collector.compute_collection_result()["x"][:2]
    except (IndexError, MemoryError, ValueError):
        return float("nan"), float("nan")
    return float(least), float(greatest)


def _error(x, least, greatest, codes):
    """The mean squared error of the data, quantized with a range."""
    if codes[0] < 0:
        scale, zero_point = max(abs(least), abs(greatest)) / codes[1], 0
    else:
        least, greatest = min(least, 0.0), max(greatest, 0.0)
        scale = (greatest - least) / codes[1]
        zero_point = np.rint(-least / scale)
    q = np.clip(np.rint(x.astype(np.float64) / scale) + zero_point, *codes)
    return np.mean((x - (q - zero_point) * scale) ** 2)
