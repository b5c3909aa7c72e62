//! The example `onnx_conformance` on cases made here: what passes, what fails and how it says so.

#[path = "../../examples/onnx_conformance/proto.rs"]
mod proto;

use std::process::{Command, Output};

use prost::Message;

use crate::program::{self, Scratch};

const FLOAT: i32 = 1;
const UINT8: i32 = 2;
const INT8: i32 = 3;
const FLOAT16: i32 = 10;
const INT4: i32 = 22;

fn run(arguments: &[&str]) -> Output {
    let program = program::example("onnx_conformance");
    Command::new(program).args(arguments).output().expect("the example starts")
}

/// Asserts the exit status, a line of standard output, and the last one.
fn assert_says(scratch: &Scratch, status: i32, line: &str, counts: &str) {
    let output = run(&[&scratch.path("")]);
    let text = String::from_utf8(output.stdout).expect("the lines are UTF-8");
    assert!(text.lines().any(|l| l.contains(line)), "there should be {line:?}:\n{text}");
    assert_eq!(text.lines().last(), Some(counts), "{text}");
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn tensor(data_type: i32, dims: &[i64], raw_data: &[u8]) -> proto::Tensor {
    proto::Tensor { data_type, dims: dims.into(), raw_data: raw_data.into(), ..Default::default() }
}

fn floats(dims: &[i64], values: &[f32]) -> proto::Tensor {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    tensor(FLOAT, dims, &bytes)
}

/// A case whose model has one node.
struct Case {
    operator: &'static str,
    opset: i64,
    attributes: &'static [(&'static str, i64)],
    inputs: Vec<proto::Tensor>,
    outputs: Vec<proto::Tensor>,
}

impl Case {
    fn new(operator: &'static str, inputs: &[proto::Tensor], output: proto::Tensor) -> Self {
        let (inputs, outputs) = (inputs.to_vec(), vec![output]);
        Self { operator, opset: 21, attributes: &[], inputs, outputs }
    }

    fn model(&self) -> proto::Model {
        let value = |name: &String| proto::Value { name: name.clone() };
        let attribute = |&(name, i): &(&str, i64)| proto::Attribute { name: name.into(), i };
        let inputs: Vec<String> = (0..self.inputs.len()).map(|i| format!("in{i}")).collect();
        let outputs: Vec<String> = (0..self.outputs.len()).map(|i| format!("out{i}")).collect();
        let graph = proto::Graph {
            input: inputs.iter().map(value).collect(),
            output: outputs.iter().map(value).collect(),
            node: vec![proto::Node {
                input: inputs,
                output: outputs,
                op_type: self.operator.into(),
                attribute: self.attributes.iter().map(attribute).collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let opset = proto::Opset { version: self.opset, ..Default::default() };
        proto::Model { graph: Some(graph), opset_import: vec![opset] }
    }

    fn write(&self, scratch: &Scratch, name: &str) {
        self.write_with(scratch, name, &self.model());
    }

    fn write_with(&self, scratch: &Scratch, name: &str, model: &proto::Model) {
        scratch.write(&format!("{name}/model.onnx"), &model.encode_to_vec());
        for (kind, tensors) in [("input", &self.inputs), ("output", &self.outputs)] {
            for (i, tensor) in tensors.iter().enumerate() {
                let file = format!("{name}/test_data_set_0/{kind}_{i}.pb");
                scratch.write(&file, &tensor.encode_to_vec());
            }
        }
    }
}

/// Columns with scales 1 and 2 and zero points 0 and 10.
fn columns() -> Case {
    let inputs = [
        floats(&[2, 2], &[1.0, 2.0, 2.5, -300.0]),
        floats(&[2], &[1.0, 2.0]),
        tensor(UINT8, &[2], &[0, 10]),
    ];
    let mut case = Case::new("QuantizeLinear", &inputs, tensor(UINT8, &[2, 2], &[1, 11, 2, 0]));
    case.attributes = &[("axis", -1)];
    case
}

#[test]
fn a_channel_passes_and_other_directories_are_left_alone() {
    let scratch = Scratch::new("onnx-channel");
    columns().write(&scratch, "test_quantizelinear_columns");
    columns().write(&scratch, "test_relu");
    let line = "test_quantizelinear_columns  pass: float to uint8, per channel on axis 1";
    assert_says(&scratch, 0, line, "1 passed, 0 failed, 0 not covered");
}

#[test]
fn the_first_difference_is_shown() {
    let scratch = Scratch::new("onnx-difference");
    let mut case = columns();
    case.outputs[0].raw_data = vec![1, 11, 3, 4];
    case.write(&scratch, "test_quantizelinear_wrong");
    columns().write(&scratch, "test_quantizelinear_right");
    let line = "FAIL: test_data_set_0, scalar, output out0: element 2 is 2 where 3 is expected";
    assert_says(&scratch, 1, line, "1 passed, 1 failed, 0 not covered");
}

#[test]
fn one_bit_of_a_float_is_a_difference() {
    let scratch = Scratch::new("onnx-bit");
    let inputs = [tensor(INT8, &[1], &[0x80]), floats(&[], &[0.0])];
    let mut case = Case::new("DequantizeLinear", &inputs, floats(&[1], &[-12.8]));
    case.inputs[1] = floats(&[], &[0.1]);
    case.write(&scratch, "test_dequantizelinear_right");
    case.outputs[0] = floats(&[1], &[f32::from_bits(12.8_f32.to_bits() + 1)]);
    case.write(&scratch, "test_dequantizelinear_wrong");
    assert_says(&scratch, 1, "element 0 is -1.28e1", "1 passed, 1 failed, 0 not covered");
}

#[test]
fn packed_codes_come_in_blocks_with_a_short_last_one() {
    let scratch = Scratch::new("onnx-packed");
    // Scales 1, 2 and a zero point for each: −1 and 3, packed. A list of numbers holds the codes' bytes.
    let mut codes = tensor(INT4, &[3], &[]);
    codes.int32_data = vec![0x8f, 0x07];
    let inputs = [codes, floats(&[2], &[1.0, 2.0]), tensor(INT4, &[2], &[0x3f])];
    let mut case = Case::new("DequantizeLinear", &inputs, floats(&[3], &[0.0, -7.0, 8.0]));
    case.attributes = &[("axis", 0), ("block_size", 2)];
    case.write(&scratch, "test_dequantizelinear_packed");
    let mut back = Case::new("QuantizeLinear", &case.inputs, tensor(INT4, &[3], &[0x8f, 0x07]));
    back.inputs[0] = case.outputs[0].clone();
    back.attributes = case.attributes;
    back.write(&scratch, "test_quantizelinear_packed");
    // A bit behind the last of them.
    back.outputs[0].raw_data[1] |= 0x10;
    back.write(&scratch, "test_quantizelinear_padding");
    assert_says(
        &scratch,
        1,
        "the bits after the last element",
        "2 passed, 1 failed, 0 not covered",
    );
}

#[test]
fn constants_and_omitted_zero_points() {
    let scratch = Scratch::new("onnx-constants");
    let inputs = [floats(&[3], &[-1.0, 0.5, 9.0]), floats(&[], &[0.25])];
    let case = Case::new("QuantizeLinear", &inputs, tensor(UINT8, &[3], &[0, 2, 36]));
    let mut model = case.model();
    let graph = model.graph.as_mut().unwrap();
    let name = graph.input.pop().unwrap().name;
    graph.initializer = vec![proto::Tensor { name, ..case.inputs[1].clone() }];
    graph.node[0].input.push(String::new());
    // The scale is in the model: no file has it.
    Case { inputs: vec![case.inputs[0].clone()], ..case }.write_with(
        &scratch,
        "test_quantizelinear_constants",
        &model,
    );
    assert_says(&scratch, 0, "per tensor", "1 passed, 0 failed, 0 not covered");
}

#[test]
fn what_is_not_covered_is_no_failure() {
    let scratch = Scratch::new("onnx-not-covered");
    for (data_type, name) in [(17, "float8"), (23, "float4")] {
        let inputs = [tensor(data_type, &[2], &[0, 0]), floats(&[], &[1.0])];
        let case = Case::new("DequantizeLinear", &inputs, floats(&[2], &[0.0, 0.0]));
        case.write(&scratch, &format!("test_dequantizelinear_{name}"));
        assert_says(
            &scratch,
            0,
            &format!("not covered: {name}"),
            "0 passed, 0 failed, 1 not covered",
        );
        std::fs::remove_dir_all(scratch.0.join(format!("test_dequantizelinear_{name}"))).unwrap();
    }
    let mut expanded = columns().model();
    let nodes = &mut expanded.graph.as_mut().unwrap().node;
    nodes.push(nodes[0].clone());
    columns().write_with(&scratch, "test_quantizelinear_expanded", &expanded);
    let line = "not covered: expanded function";
    assert_says(&scratch, 0, line, "0 passed, 0 failed, 1 not covered");
}

/// 16-bit data are divided in `float`, unless the operators' version says otherwise.
#[test]
fn sixteen_bits() {
    let scratch = Scratch::new("onnx-sixteen-bits");
    // 1.5, 2.5, −65504 and NaN, by 1.
    let data = [0x00, 0x3e, 0x00, 0x41, 0xff, 0xfb, 0x00, 0x7e];
    let inputs = [tensor(FLOAT16, &[4], &data), tensor(FLOAT16, &[], &[0x00, 0x3c])];
    let mut case = Case::new("QuantizeLinear", &inputs, tensor(INT8, &[4], &[2, 2, 0x80, 0x80]));
    case.attributes = &[("output_dtype", INT8 as i64)];
    case.write(&scratch, "test_quantizelinear_float16");
    case.opset = 23;
    case.write(&scratch, "test_quantizelinear_float16_divided");
    case.attributes = &[("output_dtype", INT8 as i64), ("precision", FLOAT as i64)];
    case.write(&scratch, "test_quantizelinear_float16_precision");
    let counts = match cfg!(feature = "half") {
        true => "2 passed, 0 failed, 1 not covered",
        false => "0 passed, 0 failed, 3 not covered",
    };
    assert_says(&scratch, 0, "not covered: division in 16 bits", counts);
}

#[test]
fn damage_fails_its_case_alone() {
    let scratch = Scratch::new("onnx-damage");
    let model = scratch.0.join("test_quantizelinear_1/model.onnx");
    columns().write(&scratch, "test_quantizelinear_1");
    let bytes = std::fs::read(&model).unwrap();
    std::fs::write(&model, &bytes[..bytes.len() - 3]).unwrap();
    let mut damaged: Vec<Case> = (2..10).map(|_| columns()).collect();
    damaged[0].inputs[0].raw_data.pop();
    damaged[1].inputs[0].dims[0] = -2;
    damaged[2].inputs[0].dims = vec![i64::MAX, 4];
    damaged[3].inputs[2].raw_data.pop();
    damaged[3].inputs[2].dims[0] = 1;
    damaged[4].attributes = &[("axis", 2)];
    damaged[5].attributes = &[("axis", 1), ("block_size", 1)];
    damaged[6].operator = "Relu";
    damaged[7].inputs.clear();
    for (case, number) in damaged.iter().zip(2..) {
        case.write(&scratch, &format!("test_quantizelinear_{number}"));
    }
    scratch.write("test_quantizelinear_no_data/model.onnx", &columns().model().encode_to_vec());
    columns().write(&scratch, "test_quantizelinear_sound");
    for line in [
        "no_data  FAIL: there is no test_data_set_N",
        "1        FAIL: model.onnx: ",
        "2        FAIL: test_data_set_0: input_0.pb: 15 bytes for shape [2, 2] of float, which has 16",
        "3        FAIL: test_data_set_0: input_0.pb: [-2, 2] is no shape",
        "4        FAIL: test_data_set_0: input_0.pb: shape [9223372036854775807, 4] has too many",
        "5        FAIL: test_data_set_0, scalar: 1 zero points for 2 scales",
        "6        FAIL: test_data_set_0, scalar: axis 2 of a tensor with 2 dimensions",
        "7        FAIL: test_data_set_0, scalar: scales of shape [2] where [2, 2] is needed",
        "8        FAIL: the operator is \"Relu\"",
        "9        FAIL: test_data_set_0, scalar: 0 inputs where 2 or 3 are needed",
    ] {
        assert_says(&scratch, 1, line, "1 passed, 10 failed, 0 not covered");
    }
}

#[test]
fn a_directory_without_cases_is_refused() {
    let scratch = Scratch::new("onnx-none");
    columns().write(&scratch, "test_relu");
    let missing = scratch.path("missing");
    for (arguments, status, says) in [
        (&[scratch.path("").as_str()] as &[&str], 1, "holds no case"),
        (&[&missing], 1, "missing"),
        (&[], 2, "one directory"),
        (&["a", "b"], 2, "one directory"),
        (&["--verbose"], 2, "one directory"),
    ] {
        let output = run(arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {message}");
        assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
        assert!(message.starts_with("onnx_conformance: ") && message.contains(says), "{message}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
