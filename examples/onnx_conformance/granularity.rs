//! The elements that share a scale: the tensor, a channel of it, or a block.

use std::fmt;

use crate::node::Node;
use crate::tensor::Tensor;
use crate::verdict::{Obstacle, fail};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Tensor,
    Channel { axis: usize },
    Block { axis: usize, length: usize },
}

impl Extent {
    /// Returns the granularity that ONNX defines by the shapes: one scale is the tensor's, a list
    /// of scales is the axis's, and for a node with a block size the scales have the tensor's rank.
    pub(crate) fn of(node: &Node, data: &Tensor, scale: &Tensor) -> Result<Self, Obstacle> {
        if node.block_size == 0 && scale.shape.len() <= 1 && scale.len() == 1 {
            return Ok(Self::Tensor);
        }
        let axis = axis(node.axis, data.shape.len())?;
        let (extent, expected) = if node.block_size == 0 {
            (Self::Channel { axis }, vec![data.shape[axis]])
        } else {
            let length = match usize::try_from(node.block_size) {
                Ok(length) if length > 0 => length,
                _ => return fail(format!("the block size is {}", node.block_size)),
            };
            let mut blocks = data.shape.clone();
            blocks[axis] = blocks[axis].div_ceil(length);
            (Self::Block { axis, length }, blocks)
        };
        if scale.shape == expected {
            Ok(extent)
        } else {
            fail(format!("scales of shape {:?} where {expected:?} is needed", scale.shape))
        }
    }
}

/// An axis that may count from the end.
fn axis(axis: i64, rank: usize) -> Result<usize, Obstacle> {
    let from_start = if axis < 0 { i64::try_from(rank).ok().map(|n| n + axis) } else { Some(axis) };
    match from_start.and_then(|axis| usize::try_from(axis).ok()) {
        Some(axis) if axis < rank => Ok(axis),
        _ => fail(format!("axis {axis} of a tensor with {rank} dimensions")),
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor => f.write_str("per tensor"),
            Self::Channel { axis } => write!(f, "per channel on axis {axis}"),
            Self::Block { axis, length } => write!(f, "per block of {length} on axis {axis}"),
        }
    }
}
