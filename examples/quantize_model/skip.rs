//! Says which tensors are left as they are, for reasons that are known before the work begins.

use std::collections::{BTreeMap, HashMap};

use safetensors::Dtype;

use crate::model::{Model, READ, Tensor};
use crate::output::OURS;

/// A tensor is skipped for one of these reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skip {
    /// The type of the tensor is not quantized.
    Type(Dtype),
    /// The tensor has scales or zero points of codes that are in the model already.
    Parameter,
    /// The tensor is in a file that this program wrote.
    Written,
}

impl Skip {
    /// Says why this one tensor is skipped.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Type(dtype) => format!("{dtype}, not one of {READ}"),
            Self::Parameter => "a scale or zero point of codes beside it".into(),
            Self::Written => "of a file that quantize_model wrote".into(),
        }
    }
}

/// Marks every tensor that is left as it is.
pub(crate) fn mark(model: &mut Model) {
    for file in &model.files {
        if file.metadata.contains_key(OURS) {
            model.tensors[file.tensors.clone()]
                .iter_mut()
                .for_each(|t| t.skip = Some(Skip::Written));
        }
    }
    // By the name of a tensor and of a module: the number of codes in it, or in its largest tensor.
    let mut codes = HashMap::new();
    for tensor in model.tensors.iter().filter(|t| may_be_codes(t.dtype())) {
        for name in [&tensor.name[..], module(&tensor.name)] {
            let most = codes.entry(name.to_string()).or_insert(0);
            *most = tensor.elements().max(*most);
        }
    }
    for tensor in model.tensors.iter_mut().filter(|t| t.skip.is_none()) {
        let dtype = tensor.dtype();
        // A scale is for one code at least, so there are no more scales than codes.
        let has_codes = || codes.get(module(&tensor.name)).is_some_and(|n| tensor.elements() <= *n);
        if !matches!(dtype, Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16) {
            tensor.skip = Some(Skip::Type(dtype));
        } else if names_parameter(&tensor.name) && has_codes() {
            tensor.skip = Some(Skip::Parameter);
        }
    }
}

/// Returns whether codes are stored in the type: any integer, or a float of 8 bits or fewer.
fn may_be_codes(dtype: Dtype) -> bool {
    use Dtype as D;
    !matches!(dtype, D::F64 | D::F32 | D::F16 | D::BF16 | D::C64 | D::BOOL)
}

/// Returns the name without its last part: `layers.0` of `layers.0.weight`.
fn module(name: &str) -> &str {
    name.rfind(['.', '/', ':']).map_or("", |at| &name[..at])
}

/// Returns whether the last part of the name says scale or zero point, as `weight_scale_inv`, `scales` and
/// `input_zero_point` do, and `absmax` and `SCB` of bitsandbytes.
fn names_parameter(name: &str) -> bool {
    let last = name[module(name).len()..].to_lowercase();
    let mut words = last.split(|c: char| !c.is_alphanumeric());
    words.any(|word| {
        matches!(
            word,
            "scale"
                | "scales"
                | "zero"
                | "zeros"
                | "qzeros"
                | "zp"
                | "zeropoint"
                | "absmax"
                | "scb"
        )
    })
}

/// Returns a line for each reason, with the number of tensors.
pub(crate) fn notices(tensors: &[Tensor]) -> Vec<String> {
    let count = |skip| tensors.iter().filter(|t| t.skip == Some(skip)).count();
    let mut types = BTreeMap::new();
    for tensor in tensors {
        if let Some(Skip::Type(dtype)) = tensor.skip {
            *types.entry(dtype.to_string()).or_insert(0) += 1;
        }
    }
    let mut lines = Vec::new();
    if !types.is_empty() {
        let types: Vec<_> = types.iter().map(|(dtype, n)| format!("{n} of {dtype}")).collect();
        lines.push(format!("tensors of other types than {READ}: {}", types.join(", ")));
    }
    for (skip, what) in [
        (Skip::Parameter, "scales and zero points of codes that the model has already"),
        (Skip::Written, "tensors of files that quantize_model wrote"),
    ] {
        if count(skip) > 0 {
            lines.push(format!("{what}: {}", count(skip)));
        }
    }
    lines
}
