"""Audits quantizers that have a Python interface, and prints each report as a line of JSON.

usage: field.py numpy|onnxruntime|torch
"""

import json
import platform
import sys

import numpy as np
from zeropoint import audit


def show(kernel, version, report):
    line = {"kernel": kernel, "version": version, "sentence": report.sentence, "report": report.data}
    print(json.dumps(line), flush=True)


def with_numpy():
    version = f"{np.__version__}, {platform.machine()}"

    def cell(x, s, z):
        """The cell of notebooks on quantization, with the data type at its end."""
        return np.clip(np.rint(x / s) + z, 0, 255).astype(np.uint8)

    show("NumPy: np.clip(np.rint(x / s) + z, 0, 255).astype(np.uint8)", version, audit.quantize(cell))

    def rounded_last(x, s, z):
        return np.clip(np.round(x / s + z), -128, 127).astype(np.int8)

    show("NumPy: np.clip(np.round(x / s + z), -128, 127).astype(np.int8)", version, audit.quantize(rounded_last, "int8"))


def with_onnxruntime():
    import onnx.parser
    import onnxruntime

    def session(text):
        model = onnx.parser.parse_model('<ir_version: 10, opset_import: ["": 21]> ' + text)
        return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

    for dtype in ["uint8", "int8", "uint16", "int16"]:
        there = session(f"g (float[n] x, float s, {dtype} z) => ({dtype}[n] q) {{ q = QuantizeLinear(x, s, z) }}")
        back = session(f"g ({dtype}[n] x, float s, {dtype} z) => (float[n] q) {{ q = DequantizeLinear(x, s, z) }}")

        def run(session):
            return lambda x, s, z: session.run(None, {"x": x, "s": np.array(s), "z": np.array(z, dtype)})[0]

        version = onnxruntime.__version__
        show(f"ONNX Runtime: QuantizeLinear, {dtype}", version, audit.quantize(run(there), dtype))
        show(f"ONNX Runtime: DequantizeLinear, {dtype}", version, audit.dequantize(run(back), dtype))

    dynamic = session("g (float[n] x) => (uint8[n] q, float s, uint8 z) { q, s, z = DynamicQuantizeLinear(x) }")
    report = audit.params(lambda x: dynamic.run(["s", "z"], {"x": x}))
    show("ONNX Runtime: DynamicQuantizeLinear, its parameters", onnxruntime.__version__, report)


def with_torch():
    import torch

    for dtype, name in [(torch.quint8, "uint8"), (torch.qint8, "int8")]:

        def run(x, s, z):
            tensor = torch.quantize_per_tensor(torch.from_numpy(x), float(s), z, dtype)
            return tensor.int_repr().numpy()

        show(f"PyTorch: quantize_per_tensor, {torch.backends.quantized.engine}, {name}", torch.__version__, audit.quantize(run, name))


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        {"numpy": with_numpy, "onnxruntime": with_onnxruntime, "torch": with_torch}[sys.argv[1]]()
