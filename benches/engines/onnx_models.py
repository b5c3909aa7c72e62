"""ONNX models of one node, and ONNX Runtime sessions for them: one thread, outputs kept."""

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

CODES = {"u8": (np.uint8, TensorProto.UINT8), "i8": (np.int8, TensorProto.INT8)}
OPSET = 21


def quantize(code, scale, zero_point):
    kind = CODES[code][1]
    return _session("QuantizeLinear", TensorProto.FLOAT, [kind], _params(code, scale, zero_point))


def dequantize(code, scale, zero_point):
    kind = CODES[code][1]
    return _session("DequantizeLinear", kind, [TensorProto.FLOAT], _params(code, scale, zero_point))


def dynamic():
    outputs = [TensorProto.UINT8, TensorProto.FLOAT, TensorProto.UINT8]
    return _session("DynamicQuantizeLinear", TensorProto.FLOAT, outputs, {})


def bind(session, src, outputs):
    """A call that reads `src` and writes the arrays `outputs`, without any copy."""
    binding = session.io_binding()
    kept = [ort.OrtValue.ortvalue_from_numpy(array) for array in [src, *outputs]]
    binding.bind_ortvalue_input("src", kept[0])
    for index, value in enumerate(kept[1:]):
        binding.bind_ortvalue_output(f"dst{index}", value)
    return lambda: session.run_with_iobinding(binding), kept


def _params(code, scale, zero_point):
    return {
        "scale": np.array(scale, np.float32),
        "zero_point": np.array(zero_point, CODES[code][0]),
    }


def _session(operator, reads, writes, params):
    names = [f"dst{index}" for index in range(len(writes))]
    shapes = [["n"]] + [[]] * (len(writes) - 1)
    graph = helper.make_graph(
        [helper.make_node(operator, ["src", *params], names)],
        operator,
        [helper.make_tensor_value_info("src", reads, ["n"])],
        [helper.make_tensor_value_info(*output) for output in zip(names, writes, shapes)],
        [numpy_helper.from_array(value, name) for name, value in params.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
