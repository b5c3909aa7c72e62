//! Models of one operator, to compare and to time it alone.

use std::sync::Arc;

use tract_onnx::Onnx;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto};
use tract_onnx::pb::{TensorProto, TypeProto, ValueInfoProto, tensor_shape_proto, type_proto};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::bail;

/// One operator of ONNX, its first input open, the others fixed, as tract will run it.
#[derive(Clone, Debug)]
pub struct OneNode {
    plan: Arc<TypedSimplePlan>,
}

impl OneNode {
    /// Makes a model of one node of `op_type` for inputs like `x`, with the operators that `onnx`
    /// has. `axis` is the attribute of that name.
    pub fn new(
        onnx: &Onnx,
        op_type: &str,
        axis: Option<i64>,
        x: &Tensor,
        params: &[Tensor],
    ) -> TractResult<Self> {
        let proto = proto(op_type, axis, x, params)?;
        let plan = onnx.model_for_proto_model(&proto)?.into_optimized()?.into_runnable()?;
        Ok(Self { plan })
    }

    pub fn run(&self, x: &TValue) -> TractResult<TVec<TValue>> {
        self.plan.run(tvec![x.clone()])
    }
}

fn proto(
    op_type: &str,
    axis: Option<i64>,
    x: &Tensor,
    params: &[Tensor],
) -> TractResult<ModelProto> {
    let outputs = if op_type == "DynamicQuantizeLinear" { 3 } else { 1 };
    let outputs: Vec<String> = (0..outputs).map(|i| format!("output{i}")).collect();
    let initializer = params.iter().enumerate().map(|(i, p)| constant(format!("param{i}"), p));
    let initializer = initializer.collect::<TractResult<Vec<_>>>()?;
    let attribute =
        axis.map(|i| AttributeProto { name: "axis".into(), r#type: 2, i, ..Default::default() });
    let node = NodeProto {
        input: [String::from("x")]
            .into_iter()
            .chain(initializer.iter().map(|p| p.name.clone()))
            .collect(),
        output: outputs.clone(),
        name: "node".into(),
        op_type: op_type.into(),
        attribute: attribute.into_iter().collect(),
        ..Default::default()
    };
    let named = |name| ValueInfoProto { name, ..Default::default() };
    let graph = GraphProto {
        node: vec![node],
        initializer,
        input: vec![ValueInfoProto { r#type: Some(type_of(x)?), ..named("x".into()) }],
        output: outputs.into_iter().map(named).collect(),
        ..Default::default()
    };
    Ok(ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
        graph: Some(graph),
        ..Default::default()
    })
}

fn constant(name: String, t: &Tensor) -> TractResult<TensorProto> {
    Ok(TensorProto {
        name,
        dims: t.shape().iter().map(|&d| d as i64).collect(),
        data_type: number_of(t.datum_type())?,
        raw_data: t.as_bytes().to_vec(),
        ..Default::default()
    })
}

fn type_of(t: &Tensor) -> TractResult<TypeProto> {
    use tensor_shape_proto::{Dimension, dimension};
    let dim = |&d: &usize| Dimension {
        value: Some(dimension::Value::DimValue(d as i64)),
        ..Default::default()
    };
    let shape = tract_onnx::pb::TensorShapeProto { dim: t.shape().iter().map(dim).collect() };
    let tensor = type_proto::Tensor { elem_type: number_of(t.datum_type())?, shape: Some(shape) };
    Ok(TypeProto { value: Some(Value::TensorType(tensor)), ..Default::default() })
}

/// `TensorProto.DataType` of onnx.proto.
fn number_of(t: DatumType) -> TractResult<i32> {
    Ok(match t {
        DatumType::F32 => 1,
        DatumType::U8 => 2,
        DatumType::I8 => 3,
        DatumType::U16 => 4,
        DatumType::I16 => 5,
        DatumType::I32 => 6,
        other => bail!("no quantization operator takes {other:?}"),
    })
}
