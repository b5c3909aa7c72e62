//! The node that a model consists of: which operation it is, and what its attributes ask for.

use crate::proto;
use crate::tensor::Type;
use crate::verdict::{Obstacle, fail};

/// The first version of the operators whose division is in the type that `precision` names, or else
/// in the type of the scales. Earlier versions divide in `float`.
const FIRST_WITH_PRECISION: i64 = 23;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Quantize,
    Dequantize,
    QuantizeDynamic,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) operation: Operation,
    /// The names of the inputs; empty for an optional one that is left out.
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    /// May count from the end, as negative.
    pub(crate) axis: i64,
    /// 0 where there are no blocks.
    pub(crate) block_size: i64,
    pub(crate) output_type: Option<Type>,
    precision: Option<Type>,
    opset: i64,
}

impl Node {
    /// The only node of a graph.
    pub(crate) fn of_graph(graph: &proto::Graph, opset: i64) -> Result<Self, Obstacle> {
        match graph.node.as_slice() {
            [node] => Self::from_proto(node, opset),
            [] => fail("the model has no node".into()),
            // The operation written out in simpler ones: there is no call of ours to compare.
            _ => Err(Obstacle::NotCovered("expanded function")),
        }
    }

    fn from_proto(node: &proto::Node, opset: i64) -> Result<Self, Obstacle> {
        if !["", "ai.onnx"].contains(&node.domain.as_str()) {
            return fail(format!("operators of the domain {:?} are not ONNX's", node.domain));
        }
        let operation = match node.op_type.as_str() {
            "QuantizeLinear" => Operation::Quantize,
            "DequantizeLinear" => Operation::Dequantize,
            "DynamicQuantizeLinear" => Operation::QuantizeDynamic,
            other => return fail(format!("the operator is {other:?}")),
        };
        let mut read = Self {
            operation,
            inputs: node.input.clone(),
            outputs: node.output.clone(),
            axis: 1,
            block_size: 0,
            output_type: None,
            precision: None,
            opset,
        };
        for attribute in &node.attribute {
            read.set(attribute)?;
        }
        Ok(read)
    }

    fn set(&mut self, attribute: &proto::Attribute) -> Result<(), Obstacle> {
        let value = attribute.i;
        // 0 is no type: the default, written down.
        let as_type = || (value != 0).then(|| Type::from_onnx(value)).transpose();
        match attribute.name.as_str() {
            "axis" => self.axis = value,
            "block_size" => self.block_size = value,
            "output_dtype" => self.output_type = as_type()?,
            "precision" => self.precision = as_type()?,
            // Codes of integers always saturate; the attribute is for float8.
            "saturate" => {}
            other => return fail(format!("the attribute {other:?} is unknown")),
        }
        Ok(())
    }

    /// The type that a quotient is rounded to, given the type of the scales.
    pub(crate) fn quotient_type(&self, scale: Type) -> Type {
        let default = if self.opset < FIRST_WITH_PRECISION { Type::Float } else { scale };
        self.precision.unwrap_or(default)
    }
}

/// The version of ONNX's own operators that a model asks for.
pub(crate) fn opset(model: &proto::Model) -> Result<i64, Obstacle> {
    let own = |set: &&proto::Opset| ["", "ai.onnx"].contains(&set.domain.as_str());
    match model.opset_import.iter().find(own) {
        Some(set) => Ok(set.version),
        None => fail("the model imports no version of ONNX's operators".into()),
    }
}
