"""Medians of NumPy, ONNX Runtime and PyTorch, in nanoseconds for an element, as markdown."""

import platform
import statistics
import time
import warnings

import numpy as np
import onnxruntime as ort

from . import onnx_models

LENGTHS = [1 << 10, 4 << 10, 64 << 10, 1 << 20, 64 << 20]
LONGEST_QUICK = 64 << 10
MOMENT = 2e-3
SCALE, ZERO_POINT = float(np.float32(8 / 255)), 96
# For i8 the zero point lies as far from the least code.
SIGNED_ZERO_POINT = ZERO_POINT - 128


def measure(quick, with_torch):
    lengths = [length for length in LENGTHS if not quick or length <= LONGEST_QUICK]
    engines = f"numpy {np.__version__}, onnxruntime {ort.__version__}"
    if with_torch:
        import torch

        torch.set_num_threads(1)
        engines += f", torch {torch.__version__}"
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}; {_processor()}; {engines}; one thread")
    if quick:
        print("little is measured: the figures mean nothing")
    print("\n| operation | contender |" + "".join(f" {_short(n)} |" for n in lengths))
    print("|---|---|" + "--:|" * len(lengths))
    columns = [_column(length, with_torch, 1 if quick else 31) for length in lengths]
    operations = list(dict.fromkeys(operation for operation, _ in columns[0]))
    for operation, contender in sorted(columns[0], key=lambda row: operations.index(row[0])):
        figures = [column[operation, contender] for column in columns]
        print(f"| {operation} | {contender} |" + "".join(f" {ns:.4f} |" for ns in figures))
    print("\nns/element, median; each call's overhead from Python is in it, some microseconds.")


def _column(length, with_torch, rounds):
    """Everything at one length, in turn, so that a drift of the machine meets all alike."""
    calls = {**_numpy(length), **_onnx(length)}
    if with_torch:
        calls.update(_torch(length))
    repeats = {name: _repeats(call) for name, call in calls.items()}
    if length > 1 << 20:
        rounds = min(rounds, 11)
    measured = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            elapsed = time.perf_counter() - start
            measured[name].append(elapsed / repeats[name])
    return {name: statistics.median(each) * 1e9 / length for name, each in measured.items()}


def _repeats(call):
    """How many calls fill a moment; what is made on first use is made."""
    call()
    start = time.perf_counter()
    call()
    return max(1, int(MOMENT / (time.perf_counter() - start)))


def _data(length):
    src = np.random.default_rng(1).uniform(-3, 5, length).astype(np.float32)
    codes = np.random.default_rng(2).integers(0, 256, length, dtype=np.uint8)
    return src, codes


def _numpy(length):
    """The formulas as a notebook has them: every step makes an array."""
    src, codes = _data(length)
    signed = codes.view(np.int8)
    scale = np.float32(SCALE)

    def quantize(x, s, z, qmin, qmax, code):
        return np.clip(np.round(x / s) + z, qmin, qmax).astype(code)

    def dequantize(q, s, z):
        return (q.astype(np.float32) - z) * s

    def dynamic():
        low, high = np.minimum(src.min(), 0), np.maximum(src.max(), 0)
        s = (high - low) / np.float32(255)
        return quantize(src, s, np.round(-low / s), 0, 255, np.uint8)

    def error():
        back = dequantize(quantize(src, scale, ZERO_POINT, 0, 255, np.uint8), scale, ZERO_POINT)
        return np.mean((src - back) ** 2)

    signed_zero_point = np.float32(SIGNED_ZERO_POINT)
    return {
        ("min_max f32", "numpy"): lambda: (src.min(), src.max()),
        ("quantize f32→u8", "numpy"): lambda: quantize(src, scale, ZERO_POINT, 0, 255, np.uint8),
        ("quantize f32→i8", "numpy"): lambda: quantize(
            src, scale, SIGNED_ZERO_POINT, -128, 127, np.int8
        ),
        ("dequantize u8→f32", "numpy"): lambda: dequantize(codes, scale, np.float32(ZERO_POINT)),
        ("dequantize i8→f32", "numpy"): lambda: dequantize(signed, scale, signed_zero_point),
        ("quantize_dynamic f32→u8", "numpy"): dynamic,
        ("quantization_error f32, u8", "numpy"): error,
    }


def _onnx(length):
    src, codes = _data(length)
    signed = codes.view(np.int8)
    name = "onnxruntime"

    def bound(session, reads, *writes):
        call, _kept = onnx_models.bind(session, reads, writes)
        return lambda: call() if _kept else None

    quantize, dequantize = onnx_models.quantize, onnx_models.dequantize
    scalars = np.empty((), np.float32), np.empty((), np.uint8)
    unsigned, minus = ("u8", SCALE, ZERO_POINT), ("i8", SCALE, SIGNED_ZERO_POINT)
    return {
        ("quantize f32→u8", name): bound(quantize(*unsigned), src, np.empty_like(codes)),
        ("quantize f32→i8", name): bound(quantize(*minus), src, np.empty_like(signed)),
        ("dequantize u8→f32", name): bound(dequantize(*unsigned), codes, np.empty_like(src)),
        ("dequantize i8→f32", name): bound(dequantize(*minus), signed, np.empty_like(src)),
        ("quantize_dynamic f32→u8", name): bound(
            onnx_models.dynamic(), src, np.empty_like(codes), *scalars
        ),
    }


def _torch(length):
    import torch

    # It announces that these functions will go; today they are what a user finds.
    warnings.filterwarnings("ignore", message=".*deprecated", category=UserWarning)
    src, codes = map(torch.from_numpy, _data(length))
    name = "torch"
    signed_src = torch.quantize_per_tensor(src, SCALE, SIGNED_ZERO_POINT, torch.qint8)
    unsigned_src = torch.quantize_per_tensor(src, SCALE, ZERO_POINT, torch.quint8)
    return {
        ("min_max f32", name): lambda: torch.aminmax(src),
        ("quantize f32→u8", name): lambda: torch.quantize_per_tensor(
            src, SCALE, ZERO_POINT, torch.quint8
        ),
        ("quantize f32→i8", name): lambda: torch.quantize_per_tensor(
            src, SCALE, SIGNED_ZERO_POINT, torch.qint8
        ),
        ("dequantize u8→f32", name): unsigned_src.dequantize,
        ("dequantize i8→f32", name): signed_src.dequantize,
        ("quantize_dynamic f32→u8", name): lambda: torch.quantize_per_tensor_dynamic(
            src, torch.quint8, False
        ),
    }


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            return next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def _short(length):
    return f"{length >> 20} Mi" if length >= 1 << 20 else f"{length >> 10} Ki"
