"""zeropoint's codes against ONNX Runtime's: every backend, every element, not one may differ."""

import itertools
import os
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime as ort

from . import onnx_models

PACKAGE = Path(__file__).resolve().parent.parent / "rivals_codes"
ZERO_POINTS = {"u8": [0, 1, 77, 128, 255], "i8": [-128, -31, 0, 5, 127]}
SHOWN = 5


def compare(quick):
    """Prints what was compared; returns how many elements differ."""
    program = _build()
    names = subprocess.run([program, "backends"], check=True, capture_output=True, text=True)
    backends = names.stdout.split()
    print(f"\ncodes: zeropoint ({', '.join(backends)}) against onnxruntime {ort.__version__}")
    tallies = [
        _compare_quantize(program, backends, quick),
        _compare_dequantize(program, backends, quick),
        _compare_dynamic(program, backends, quick),
    ]
    elements, differences = (sum(column) for column in zip(*tallies))
    print(f"{elements} elements, {differences} differences")
    return differences


def _build():
    manifest = PACKAGE / "Cargo.toml"
    subprocess.run(["cargo", "build", "--quiet", "--release", "--manifest-path", manifest], check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", PACKAGE / "target"))
    return target / "release" / ("rivals_codes.exe" if os.name == "nt" else "rivals_codes")


def _ours(program, backend, arguments, src):
    environment = {**os.environ, "ZEROPOINT_BACKEND": backend}
    run = subprocess.run(
        [program, *arguments], input=src.tobytes(), stdout=subprocess.PIPE, env=environment, check=True
    )
    return run.stdout


def _count(what, src, theirs, ours):
    """How many elements differ in any bit; prints the first of them."""
    if theirs.size != ours.size:
        raise SystemExit(f"rivals.py: {what}: {ours.size} elements for {theirs.size}")
    bits = f"u{theirs.itemsize}"
    differ = np.flatnonzero(theirs.view(bits) != ours.view(bits))
    for index in differ[:SHOWN]:
        x, a, b = src[index], theirs[index], ours[index]
        print(f"{what}: {x!r} gives {b!r}, ONNX Runtime {a!r} (element {index})")
    return differ.size


def _scales(rng, quick):
    """Round ones, ones of full mantissa, and ends of what is sensible."""
    chosen = [1.0, 0.5, 0.1, 8 / 255, 1e-30, 1e30]
    chosen += list(np.exp2(rng.uniform(-20, 10, 2 if quick else 10)))
    return [float(np.float32(scale)) for scale in chosen]


def _numbers(rng, scale, quick):
    """Random data, every half-integer of the grid with its neighbours, and what lies far beyond."""
    count = 10_000 if quick else 1_000_000
    scale = np.float32(scale)
    spread = (rng.uniform(-300, 300, count).astype(np.float32)) * scale
    bits = rng.integers(0, 1 << 32, count, dtype=np.uint32).view(np.float32)
    any_bits = bits[~np.isnan(bits)]
    ties = (np.arange(-600, 600, dtype=np.float32) + np.float32(0.5)) * scale
    near = [ties]
    for towards in (np.float32(-np.inf), np.float32(np.inf)):
        stepped = ties
        for _ in range(2):
            stepped = np.nextafter(stepped, towards)
            near.append(stepped)
    ends = np.array([0.0, -0.0, np.inf, -np.inf, 1e38, -1e38, 1e9, -1e9], np.float32)
    return np.concatenate([spread, any_bits, *near, ends])


def _compare_quantize(program, backends, quick):
    rng = np.random.default_rng(3)

    def data(_code, scale):
        return _numbers(rng, scale, quick)

    scales = _scales(rng, quick)
    return _compare_linear(program, backends, "quantize", onnx_models.quantize, scales, data)


def _compare_dequantize(program, backends, quick):
    def data(code, _scale):
        # Every code, often enough for whole steps and a rest.
        return np.resize(np.arange(256).astype(np.uint8), 1000).view(onnx_models.CODES[code][0])

    scales = _scales(np.random.default_rng(5), quick)
    return _compare_linear(program, backends, "dequantize", onnx_models.dequantize, scales, data)


def _compare_linear(program, backends, operation, model, scales, data):
    """An operation with given parameters, for every combination of them."""
    elements = differences = 0
    for code, zero_points in ZERO_POINTS.items():
        for scale, zero_point in itertools.product(scales, zero_points):
            src = data(code, scale)
            theirs = model(code, scale, zero_point).run(None, {"src": src})[0]
            arguments = [operation, code, repr(scale), str(zero_point)]
            for backend in backends:
                ours = np.frombuffer(_ours(program, backend, arguments, src), theirs.dtype)
                differences += _count(f"{backend}, {' '.join(arguments)}", src, theirs, ours)
                elements += src.size
    print(f"  {operation}: {elements} elements, {differences} differences")
    return elements, differences


def _compare_dynamic(program, backends, quick):
    """The codes, and the scale and the zero point that the data lead to."""
    rng = np.random.default_rng(7)
    session = onnx_models.dynamic()
    elements = differences = 0
    for _ in range(10 if quick else 300):
        low, high = np.sort(rng.normal(0, np.exp2(rng.uniform(-20, 20)), 2))
        src = rng.uniform(low, high, rng.integers(1, 20_000)).astype(np.float32)
        codes, scale, zero_point = session.run(None, {"src": src})
        theirs = np.frombuffer(scale.tobytes() + zero_point.tobytes() + codes.tobytes(), np.uint8)
        for backend in backends:
            ours = np.frombuffer(_ours(program, backend, ["dynamic"], src), np.uint8)
            shown = np.concatenate([np.full(5, np.nan, np.float32), src])
            differences += _count(f"{backend}, dynamic", shown, theirs, ours)
            elements += src.size
    print(f"  dynamic quantize: {elements} elements, {differences} differences")
    return elements, differences
