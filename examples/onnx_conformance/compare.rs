//! Two tensors bit by bit.

use crate::tensor::Tensor;

/// The first thing in which `found` is not `expected`.
pub(crate) fn difference(expected: &Tensor, found: &Tensor) -> Option<String> {
    if found.element != expected.element {
        let (found, expected) = (found.element.name(), expected.element.name());
        return Some(format!("{found} where {expected} is expected"));
    }
    if found.shape != expected.shape {
        return Some(format!("shape {:?} where {:?} is expected", found.shape, expected.shape));
    }
    if found.bytes == expected.bytes {
        return None;
    }
    let differs = |&index: &usize| found.bits(index) != expected.bits(index);
    match (0..expected.len()).find(differs) {
        Some(index) => Some(format!(
            "element {index} is {} where {} is expected",
            found.text(index),
            expected.text(index)
        )),
        // Packed elements need not fill their last byte.
        None => Some("the bits after the last element are not 0".into()),
    }
}
