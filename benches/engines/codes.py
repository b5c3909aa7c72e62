"""zeropoint's codes against ONNX Runtime's: every backend, every element, not one may differ."""

import os
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime as ort

from . import onnx_models, tensors

PACKAGE = Path(__file__).resolve().parent.parent / "rivals_codes"
SHOWN = 5

# All dimensions odd, so that blocks end short and channels begin inside a byte; and all even.
SHAPES = [(23, 33, 515), (8, 64, 256)]
SHAPES_QUICK = [(3, 5, 67)]
EXTENTS = [
    ("tensor",),
    ("channel", 0),
    ("channel", 1),
    ("channel", 2),
    ("block", 0, 5),
    ("block", 1, 7),
    ("block", 1, 32),
    ("block", 2, 1),
    ("block", 2, 16),
    ("block", 2, 32),
    ("block", 2, 100),
    ("block", 2, 256),
    ("block", 2, 4096),
]


class Ours:
    """The program that calls zeropoint, and the backends it has."""

    def __init__(self):
        manifest = PACKAGE / "Cargo.toml"
        build = ["cargo", "build", "--quiet", "--release", "--manifest-path", manifest]
        subprocess.run(build, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", PACKAGE / "target"))
        self.program = target / "release" / ("rivals_codes.exe" if os.name == "nt" else "rivals_codes")
        names = subprocess.run([self.program, "backends"], check=True, capture_output=True, text=True)
        self.backends = names.stdout.split()

    def run(self, backend, arguments, *arrays):
        """What it gives for the arrays' bytes."""
        environment = {**os.environ, "ZEROPOINT_BACKEND": backend}
        src = b"".join(array.tobytes() for array in arrays)
        run = subprocess.run(
            [self.program, *arguments], input=src, stdout=subprocess.PIPE, env=environment, check=True
        )
        return run.stdout


def compare(quick):
    """Prints what was compared; returns how many elements differ."""
    ours = Ours()
    print(f"\ncodes: zeropoint ({', '.join(ours.backends)}) against onnxruntime {ort.__version__}")
    total = np.zeros(2, np.int64)
    rng = np.random.default_rng(3)
    print("the elements compared, and for each extent of a scale how many of them differ\n")
    print(f"| operation | types | elements | {' | '.join(map(_name, EXTENTS))} |")
    print("|---|---|" + "--:|" * (1 + len(EXTENTS)))
    for operation in ["quantize", "dequantize"]:
        for real in tensors.REALS:
            for code in tensors.CODES:
                # Into i32 ONNX quantizes nothing.
                if operation == "quantize" and code == "i32":
                    continue
                total += _row(rng, ours, operation, real, code, quick)
    total += _compare_dynamic(ours, quick)
    elements, differences = map(int, total)
    print(f"{elements} elements, {differences} differences")
    return differences


def _row(rng, ours, operation, real, code, quick):
    """Every extent for one operation and two types: a line, as it is done."""
    types = f"{real}→{code}" if operation == "quantize" else f"{code}→{real}"
    counts = []
    for extent in EXTENTS:
        count = np.zeros(2, np.int64)
        for shape in SHAPES_QUICK if quick else SHAPES:
            # A tensor has one scale: others are other runs.
            for _ in range(1 if quick or extent != ("tensor",) else 6):
                count += _compare_linear(rng, ours, operation, real, code, shape, extent)
        counts.append(count)
    elements, differences = zip(*counts)
    cells = " | ".join(map(str, differences))
    print(f"| {operation} | {types} | {sum(elements)} | {cells} |", flush=True)
    return sum(counts)


def _name(extent):
    match extent:
        case ("channel", axis):
            return f"channel, axis {axis}"
        case ("block", axis, length):
            return f"blocks of {length}, axis {axis}"
    return extent[0]


def _compare_linear(rng, ours, operation, real, code, shape, extent):
    """An operation with given parameters, on every kind of data: elements, and differences."""
    scales, zero_points = _params(rng, real, code, shape, extent)
    session = onnx_models.linear(operation, real, code, shape, extent, scales, zero_points)
    size = int(np.prod(shape))
    arguments = [operation, real, code, "x".join(map(str, shape)), ":".join(map(str, extent))]
    elements = differences = 0
    for kind in tensors.KINDS if operation == "quantize" else ["codes"]:
        if operation == "quantize":
            each = (tensors.spread(shape, extent, params) for params in (scales, zero_points))
            src = tensors.numbers(rng, kind, real, code, *each)
            into = src
        else:
            src = tensors.codes(rng, code, shape)
            into = tensors.pack(code, src)
        theirs = session.run(None, {"src": src})[0].reshape(-1)
        for backend in ours.backends:
            out = ours.run(backend, arguments, scales, zero_points, into)
            if operation == "quantize":
                found = tensors.unpack(code, out, size)
            else:
                found = np.frombuffer(out, theirs.dtype)
            what = f"{backend}, {' '.join(arguments)}, {kind}"
            differences += _count(what, src.reshape(-1), theirs, found)
            elements += size
    return elements, differences


def _params(rng, real, code, shape, extent):
    """Scales from small to large, some of few digits; any zero points that are codes."""
    shape = tensors.shape_of_params(shape, extent)
    low, high = (-14, 3) if real == "f16" else rng.choice([(-20, 10), (-100, 100)])
    exponents = rng.uniform(low, high, shape)
    scales = np.exp2(np.where(rng.random(shape) < 0.1, np.rint(exponents), exponents))
    scales = scales.astype(tensors.REALS[real]).astype(np.float32)
    if code == "i32":
        return scales, np.zeros(shape, np.int32)
    least, most = tensors.CODES[code].least, tensors.CODES[code].most
    return scales, rng.integers(least, most, shape, np.int32, endpoint=True)


def _count(what, src, theirs, ours):
    """How many elements differ in any bit; prints the first of them."""
    if theirs.size != ours.size or theirs.dtype != ours.dtype:
        raise SystemExit(
            f"rivals.py: {what}: {ours.size} of {ours.dtype} for {theirs.size} of {theirs.dtype}"
        )
    bits = f"u{theirs.itemsize}"
    differ = np.flatnonzero(theirs.view(bits) != ours.view(bits))
    for index in differ[:SHOWN]:
        x, a, b = src[index], theirs[index], ours[index]
        print(f"{what}: {x!r} gives {b!r}, ONNX Runtime {a!r} (element {index})")
    return differ.size


def _compare_dynamic(ours, quick):
    """The codes, and the scale and the zero point that the data lead to."""
    rng = np.random.default_rng(7)
    session = onnx_models.dynamic()
    elements = differences = 0
    for _ in range(10 if quick else 300):
        low, high = np.sort(rng.normal(0, np.exp2(rng.uniform(-20, 20)), 2))
        src = rng.uniform(low, high, rng.integers(1, 20_000)).astype(np.float32)
        codes, scale, zero_point = session.run(None, {"src": src})
        theirs = np.frombuffer(scale.tobytes() + zero_point.tobytes() + codes.tobytes(), np.uint8)
        for backend in ours.backends:
            found = np.frombuffer(ours.run(backend, ["dynamic"], src), np.uint8)
            shown = np.concatenate([np.full(5, np.nan, np.float32), src])
            differences += _count(f"{backend}, dynamic", shown, theirs, found)
            elements += src.size
    print(f"\ndynamic quantize f32→u8: {elements} elements, {differences} differences")
    return elements, differences
