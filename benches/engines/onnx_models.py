"""ONNX models of one operation, and ONNX Runtime sessions for them: one thread, outputs kept."""

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from . import tensors

# NumPy has no types of 4 and 2 bits: beside the model they are bytes, and it converts them itself.
CODES = {
    "u8": (TensorProto.UINT8, TensorProto.UINT8),
    "i8": (TensorProto.INT8, TensorProto.INT8),
    "u16": (TensorProto.UINT16, TensorProto.UINT16),
    "i16": (TensorProto.INT16, TensorProto.INT16),
    "i32": (TensorProto.INT32, TensorProto.INT32),
    "u4": (TensorProto.UINT4, TensorProto.UINT8),
    "i4": (TensorProto.INT4, TensorProto.INT8),
    "u2": (TensorProto.UINT2, TensorProto.UINT8),
    "i2": (TensorProto.INT2, TensorProto.INT8),
}
REALS = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16}
# The first versions of the operators that have blocks, and 2 bits. From 23 on data of 16 bits are
# divided in 16 bits unless the node says otherwise.
OPSET, OPSET_OF_TWO_BITS, IR_VERSION = 21, 25, 10
FIRST_OPSET_WITH_PRECISION = 23


def quantize(code, scale, zero_point):
    """Of a list of f32, with one scale for all."""
    return linear("quantize", "f32", code, ["n"], ("tensor",), *_scalars(scale, zero_point))


def dequantize(code, scale, zero_point):
    return linear("dequantize", "f32", code, ["n"], ("tensor",), *_scalars(scale, zero_point))


def linear(operation, real, code, shape, extent, scales, zero_points):
    """A session with the parameters in it, in the shape that they have for the extent."""
    kind, outside = CODES[code]
    opset = OPSET_OF_TWO_BITS if code in ("u2", "i2") else OPSET
    attributes = {}
    if extent[0] != "tensor":
        attributes["axis"] = extent[1]
    if extent[0] == "block":
        attributes["block_size"] = extent[2]
    params = [numpy_helper.from_array(scales.astype(tensors.REALS[real]), "scale")]
    # An i32 has none: it is a sum, of which 0 is 0.
    if code != "i32":
        params.append(_zero_points(code, kind, zero_points))
    names = [param.name for param in params]
    cast = kind != outside
    if operation == "quantize":
        if opset >= FIRST_OPSET_WITH_PRECISION:
            attributes["precision"] = TensorProto.FLOAT
        nodes = [helper.make_node("QuantizeLinear", ["src", *names], ["dst0"], **attributes)]
        reads, writes = REALS[real], outside
        if cast:
            nodes[0].output[0] = "codes"
            nodes.append(helper.make_node("Cast", ["codes"], ["dst0"], to=outside))
    else:
        nodes = [helper.make_node("DequantizeLinear", ["src", *names], ["dst0"], **attributes)]
        reads, writes = outside, REALS[real]
        if cast:
            nodes[0].input[0] = "codes"
            nodes.insert(0, helper.make_node("Cast", ["src"], ["codes"], to=kind))
    return _session(nodes, (reads, shape), [(writes, shape)], params, opset)


def dynamic():
    node = helper.make_node("DynamicQuantizeLinear", ["src"], ["dst0", "dst1", "dst2"])
    outputs = [(TensorProto.UINT8, ["n"]), (TensorProto.FLOAT, []), (TensorProto.UINT8, [])]
    return _session([node], (TensorProto.FLOAT, ["n"]), outputs, [], OPSET)


def bind(session, src, outputs):
    """A call that reads `src` and writes the arrays `outputs`, without any copy."""
    binding = session.io_binding()
    kept = [ort.OrtValue.ortvalue_from_numpy(array) for array in [src, *outputs]]
    binding.bind_ortvalue_input("src", kept[0])
    for index, value in enumerate(kept[1:]):
        binding.bind_ortvalue_output(f"dst{index}", value)
    return lambda: session.run_with_iobinding(binding), kept


def _scalars(scale, zero_point):
    return np.array(scale, np.float32), np.array(zero_point, np.int32)


def _zero_points(code, kind, zero_points):
    values = zero_points.astype(tensors.CODES[code].dtype)
    raw = tensors.pack(code, values).tobytes()
    return helper.make_tensor("zero_point", kind, values.shape, raw, raw=True)


def _session(nodes, reads, writes, params, opset):
    graph = helper.make_graph(
        nodes,
        nodes[0].op_type,
        [helper.make_tensor_value_info("src", *reads)],
        [helper.make_tensor_value_info(f"dst{i}", *each) for i, each in enumerate(writes)],
        params,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
