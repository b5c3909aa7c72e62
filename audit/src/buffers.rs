//! Memory around a kernel, which shows what it writes.

use crate::code::Element;
use crate::observe::{Fault, Outcome};

/// The result type of a kernel: `()`, or a `Result` that says whether the kernel took the call.
pub trait Answer {
    /// Says whether the kernel refused the call, so that its output is not to be looked at.
    fn is_refusal(&self) -> bool;

    /// Says whether the kernel had the same results beside other calls, if there were any at the same time.
    fn is_reentrant(&self) -> bool {
        true
    }
}

impl Answer for () {
    fn is_refusal(&self) -> bool {
        false
    }
}

impl<E> Answer for Result<(), E> {
    fn is_refusal(&self) -> bool {
        self.is_err()
    }
}

/// The number of elements before and behind an output that a call must leave alone, and behind an input.
const GUARD: usize = 64;

/// Calls a kernel with copies of the elements, which begin at an offset, as the output of `len` elements does.
pub(crate) fn with_buffers<S: Element, D: Element, A: Answer>(
    elements: &[S],
    len: usize,
    offsets: [usize; 2],
    pattern: u8,
    kernel: impl FnOnce(&[S], &mut [D]) -> A,
) -> Outcome {
    let mut src = vec![S::pattern(pattern); offsets[0]];
    src.extend(elements);
    // For kernels in C that read beyond their input.
    src.resize(src.len() + GUARD, S::pattern(pattern));
    let start = GUARD + offsets[1];
    let mut dst = vec![D::pattern(pattern); start + len + GUARD];
    let src = &src[offsets[0]..offsets[0] + elements.len()];
    let answer = kernel(src, &mut dst[start..start + len]);
    if answer.is_refusal() {
        return Outcome::Refused;
    }
    if !answer.is_reentrant() {
        return Outcome::Faulty(Fault::NotReentrant);
    }
    let guard = D::pattern(pattern).output();
    let is_intact = |guards: &[D]| guards.iter().all(|&q| q.output() == guard);
    if !is_intact(&dst[..start]) || !is_intact(&dst[start + len..]) {
        return Outcome::Faulty(Fault::OutOfBounds);
    }
    Outcome::Outputs(dst[start..start + len].iter().map(|&q| q.output()).collect())
}
