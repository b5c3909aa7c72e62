//! Small models, made and recorded by `model.py --small`: what ONNX Runtime computed is what comes out here.

use std::path::{Path, PathBuf};

use tract_onnx::Onnx;
use tract_onnx::prelude::*;
use zeropoint_in_tract::compare::Differences;
use zeropoint_in_tract::one_node::OneNode;
use zeropoint_in_tract::recorded::Recorded;
use zeropoint_in_tract::register;

fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file)
}

fn with_zeropoint() -> Onnx {
    let mut onnx = tract_onnx::onnx();
    register(&mut onnx);
    onnx
}

/// All operators, each on what it had in ONNX Runtime.
fn operators(onnx: &Onnx, recorded: &Recorded) -> Differences {
    let mut all = Differences::default();
    for (name, operator) in &recorded.operators {
        let params: Vec<Tensor> =
            operator.inputs[1..].iter().map(|p| p.clone().into_tensor()).collect();
        let x = &operator.inputs[0];
        let node = OneNode::new(onnx, &operator.op_type, None, x, &params).unwrap();
        all.add(Differences::between(&node.run(x).unwrap(), &operator.outputs).expect(name));
    }
    all
}

fn output(onnx: &Onnx, model: &str, recorded: &Recorded) -> TVec<TValue> {
    let model = onnx
        .model_for_path(data(model))
        .unwrap()
        .into_optimized()
        .unwrap()
        .into_runnable()
        .unwrap();
    model.run(tvec![recorded.inputs["x"].clone()]).unwrap()
}

#[test]
fn dynamic_model_has_the_bits_of_onnx_runtime() {
    let recorded = Recorded::read(&data("dynamic.safetensors")).unwrap();
    assert_eq!(recorded.operators.len(), 2);
    let expected = Differences { elements: 16 * (32 + 24) + 4, ..Differences::default() };
    assert_eq!(operators(&with_zeropoint(), &recorded), expected);
    // The products are of integers: whoever computes them, nothing is rounded.
    let differences = Differences::between(
        &output(&with_zeropoint(), "dynamic.onnx", &recorded),
        &recorded.outputs,
    );
    assert_eq!(differences.unwrap(), Differences { elements: 16 * 8, ..Differences::default() });
}

#[test]
fn static_operators_have_the_bits_of_onnx_runtime() {
    let recorded = Recorded::read(&data("static.safetensors")).unwrap();
    assert_eq!(recorded.operators.len(), 8);
    let ours = operators(&with_zeropoint(), &recorded);
    assert_eq!(ours, Differences { elements: ours.elements, ..Differences::default() });
    assert!(ours.elements > 2000);
    // What the README says of tract 0.23.9; and without it, this test would not see anything.
    assert!(operators(&tract_onnx::onnx(), &recorded).different > 0);
}

#[test]
fn static_model_is_near_onnx_runtime() {
    let recorded = Recorded::read(&data("static.safetensors")).unwrap();
    let one = output(&with_zeropoint(), "static.onnx", &recorded);
    let (one, other) =
        (one[0].try_as_plain_ram().unwrap(), recorded.outputs[0].try_as_plain_ram().unwrap());
    let (one, other) = (one.as_slice::<f32>().unwrap(), other.as_slice::<f32>().unwrap());
    assert_eq!(one.len(), 16 * 8);
    // The products are of floats, in another order: a sum in the middle between two codes may take the other one.
    let step = other.iter().fold(0_f32, |most, y| most.max(y.abs())) * 2.0 / 255.0;
    for (a, b) in one.iter().zip(other) {
        assert!((a - b).abs() < 1.01 * step, "{a} {b}");
    }
}
