//! Reads what ONNX Runtime computed with a model: the file that model.py writes.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{anyhow, bail};

/// One run of a model.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The inputs by name.
    pub inputs: BTreeMap<String, TValue>,
    pub outputs: TVec<TValue>,
    /// The operators by the names of their nodes.
    pub operators: BTreeMap<String, Operator>,
}

/// One operator in it.
#[derive(Debug, Default)]
pub struct Operator {
    pub op_type: String,
    pub inputs: TVec<TValue>,
    pub outputs: TVec<TValue>,
}

impl Recorded {
    /// Tensors are called `input|NAME`, `output|I`, `OP_TYPE|NODE|input|I` and `OP_TYPE|NODE|output|I`.
    pub fn read(path: &Path) -> TractResult<Self> {
        let bytes = std::fs::read(path).map_err(|e| anyhow!("{}: {e}", path.display()))?;
        let file = SafeTensors::deserialize(&bytes)?;
        let mut recorded = Self::default();
        let mut names = file.names();
        // Of an operator's tensors, input 0 comes before input 1.
        names.sort_unstable();
        for name in names {
            let value = tensor(&file.tensor(name)?)?.into_tvalue();
            match name.split('|').collect::<Vec<_>>()[..] {
                ["input", input] => drop(recorded.inputs.insert(input.into(), value)),
                ["output", _] => recorded.outputs.push(value),
                [op_type, node, which, _] => {
                    let operator = recorded.operators.entry(node.into()).or_default();
                    operator.op_type = op_type.into();
                    let values =
                        if which == "input" { &mut operator.inputs } else { &mut operator.outputs };
                    values.push(value);
                }
                _ => bail!("{}: not a name that model.py writes: {name}", path.display()),
            }
        }
        Ok(recorded)
    }
}

fn tensor(view: &TensorView<'_>) -> TractResult<Tensor> {
    let (shape, bytes) = (view.shape(), view.data());
    Ok(match view.dtype() {
        Dtype::F32 => Tensor::from_shape(shape, &numbers(bytes, f32::from_le_bytes))?,
        Dtype::I64 => Tensor::from_shape(shape, &numbers(bytes, i64::from_le_bytes))?,
        Dtype::U8 => Tensor::from_shape(shape, bytes)?,
        Dtype::I8 => Tensor::from_shape(shape, &numbers(bytes, i8::from_le_bytes))?,
        other => bail!("no tensors of type {other:?} here"),
    })
}

fn numbers<T, const N: usize>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|&chunk| number(chunk)).collect()
}
