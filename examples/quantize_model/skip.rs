//! Says which tensors are left as they are, for reasons that are known before the work begins.

use std::collections::{BTreeMap, HashMap};

use safetensors::Dtype;

use crate::format;
use crate::model::{Model, READ, Tensor};
use crate::output::OURS;

/// A tensor is skipped for one of these reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skip {
    /// The type of the tensor is not quantized.
    Type,
    /// The tensor has blocks that the crate does not decode.
    Undecoded,
    /// The tensor has scales or zero points of codes that are in the model already.
    Parameter,
    /// The tensor is in a file that this program wrote.
    Written,
    /// The tensor has one axis or none; files of blocks hold it as it is.
    Vector,
    /// The rows of the tensor are no whole number of blocks.
    Rows,
    /// Blocks are not encoded from the type of the tensor.
    Double,
}

impl Skip {
    /// Says why this one tensor is skipped.
    pub(crate) fn reason(self, tensor: &Tensor) -> String {
        match self {
            Self::Type => format!("{}, not one of {READ}", tensor.type_name()),
            Self::Undecoded => format!("{}, whose blocks are not decoded", tensor.type_name()),
            Self::Parameter => "a scale or zero point of codes beside it".into(),
            Self::Written => "of a file that quantize_model wrote".into(),
            Self::Vector => "a vector, which --format keeps as it is".into(),
            Self::Rows => {
                format!("rows that are no whole number of blocks of {}", format::ELEMENTS)
            }
            Self::Double => "F64, which blocks are not encoded from".into(),
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
    // A scale is for one code at least, so there are no more scales than codes.
    let mut codes: HashMap<&str, Vec<(&str, Codes, usize)>> = HashMap::new();
    let mut parameters = Vec::new();
    for (i, tensor) in model.tensors.iter().enumerate() {
        let module = module(&tensor.name);
        if let Some(kind) = tensor.dtype().and_then(Codes::of) {
            codes.entry(module).or_default().push((&tensor.name, kind, tensor.elements()));
        } else if let Some(stem) = stem(&tensor.name) {
            parameters.push((i, module, stem, tensor.elements()));
        }
    }
    let of = |module: &str| codes.get(module).into_iter().flatten();
    let is_parameter = |&&(_, in_module, stem, len): &&(usize, &str, &str, usize)| {
        let belongs = |(name, kind, codes): &(&str, Codes, usize)| {
            len <= *codes && belongs(in_module, stem, name, *kind)
        };
        // `l.weight.scale` belongs to `l.weight`, which is in the module `l`.
        of(in_module).chain(of(module(in_module))).any(belongs)
    };
    let parameters: Vec<usize> = parameters.iter().filter(is_parameter).map(|p| p.0).collect();
    for tensor in model.tensors.iter_mut().filter(|t| t.skip.is_none()) {
        if !tensor.is_read() {
            tensor.skip = Some(tensor.dtype().map_or(Skip::Undecoded, |_| Skip::Type));
        }
    }
    for i in parameters {
        model.tensors[i].skip.get_or_insert(Skip::Parameter);
    }
}

/// Marks every tensor that cannot be encoded as blocks, so that all choices are compared on the same tensors.
pub(crate) fn mark_for_blocks(model: &mut Model) {
    for tensor in model.tensors.iter_mut().filter(|t| t.skip.is_none()) {
        tensor.skip = match tensor.shape[..] {
            [_, .., row] if !row.is_multiple_of(format::ELEMENTS) => Some(Skip::Rows),
            [_, _, ..] if tensor.dtype() == Some(Dtype::F64) => Some(Skip::Double),
            [_, _, ..] => None,
            _ => Some(Skip::Vector),
        };
    }
}

/// A type of which codes may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codes {
    /// A code is 8 bits long, or shorter.
    Narrow,
    /// A code may be longer, or several are packed into one integer: but often it is no code.
    Wide,
}

impl Codes {
    fn of(dtype: Dtype) -> Option<Self> {
        use Dtype as D;
        match dtype {
            D::F64 | D::F32 | D::F16 | D::BF16 | D::C64 | D::BOOL | D::I64 | D::U64 => None,
            D::I32 | D::U32 | D::I16 | D::U16 => Some(Self::Wide),
            _ => Some(Self::Narrow),
        }
    }
}

/// Returns whether the parameter of a module belongs to the codes of that `name`: `stem` is what the
/// parameter's own name has before it says scale or zero point.
fn belongs(in_module: &str, stem: &str, name: &str, kind: Codes) -> bool {
    // `l.weight.scale` and `l.weight`.
    if name == in_module {
        return true;
    }
    let last = last(name);
    if module(name) != in_module {
        return false;
    }
    // `l.w_scale_inv` and `l.w`, `W_scale` and `W_quantized`.
    if !stem.is_empty()
        && let Some(rest) = last.strip_prefix(stem)
        && (rest.is_empty() || (kind == Codes::Narrow && rest.starts_with(['_', '-'])))
    {
        return true;
    }
    // `l.scales` and `l.qweight`, `l.input_scale` and `l.weight`.
    let words = |text| str::split(text, |c: char| !c.is_alphanumeric());
    let of_weight = |word: &str| matches!(word, "" | "weight" | "qweight");
    let of_module = |word: &str| matches!(word, "input" | "output" | "activation" | "act");
    words(last).any(|word| matches!(word, "weight" | "qweight"))
        && words(stem).all(|word| of_weight(word) || of_module(word))
}

/// Returns the name without its last part: `layers.0` of `layers.0.weight`.
fn module(name: &str) -> &str {
    name.rfind(['.', '/', ':']).map_or("", |at| &name[..at])
}

/// Returns the last part of a name.
fn last(name: &str) -> &str {
    let module = module(name);
    name[module.len()..].trim_start_matches(['.', '/', ':'])
}

/// If the last part of the name says scale or zero point, as `weight_scale_inv`, `scales` and
/// `input_zero_point` do, and `absmax` and `SCB` of bitsandbytes, returns what it says before that.
fn stem(name: &str) -> Option<&str> {
    let last = last(name);
    let mut at = 0;
    for word in last.split(|c: char| !c.is_alphanumeric()) {
        let parameter = matches!(
            &word.to_lowercase()[..],
            "scale"
                | "scales"
                | "zero"
                | "zeros"
                | "qzeros"
                | "zp"
                | "zeropoint"
                | "absmax"
                | "scb"
        );
        if parameter {
            return Some(last[..at].trim_end_matches(|c: char| !c.is_alphanumeric()));
        }
        at += word.len();
        at += last[at..].chars().next().map_or(0, char::len_utf8);
    }
    None
}

/// Returns a line for each reason, with the number of tensors.
pub(crate) fn notices(tensors: &[Tensor]) -> Vec<String> {
    let count = |skip| tensors.iter().filter(|t| t.skip == Some(skip)).count();
    let mut lines = Vec::new();
    for (skip, what) in [
        (Skip::Type, format!("tensors of other types than {READ}")),
        (Skip::Undecoded, "tensors of blocks that are not decoded".into()),
    ] {
        let mut types = BTreeMap::new();
        for tensor in tensors.iter().filter(|t| t.skip == Some(skip)) {
            *types.entry(tensor.type_name()).or_insert(0) += 1;
        }
        if !types.is_empty() {
            let types: Vec<_> = types.iter().map(|(name, n)| format!("{n} of {name}")).collect();
            lines.push(format!("{what}: {}", types.join(", ")));
        }
    }
    for (skip, what) in [
        (Skip::Parameter, "scales and zero points of codes that the model has already"),
        (Skip::Written, "tensors of files that quantize_model wrote"),
        (Skip::Vector, "vectors, which --format keeps as they are"),
        (Skip::Rows, "tensors with rows that are no whole number of blocks"),
        (Skip::Double, "tensors of F64, which blocks are not encoded from"),
    ] {
        if count(skip) > 0 {
            lines.push(format!("{what}: {}", count(skip)));
        }
    }
    lines
}
