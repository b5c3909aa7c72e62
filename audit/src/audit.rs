//! An audit: a kernel behind an adapter, the generators, the diagnosis, the report.

use std::fmt;
use std::time::Duration;

use crate::code::{AuditedCode, Codes, Element};
use crate::contract::Contract;
use crate::dequantize::Dequantize;
use crate::diagnose::{self, Split};
use crate::generators::{self, Call, Generator};
use crate::observe::{Case, Domain, Kernel, Observed, Outcome, Plan, Progress, observe};
use crate::params::{FindParams, output};
use crate::quantize::{Affine, Quantize};
use crate::report::{Class, Counterexample, Report, Verdict};
use crate::requantize::{Requantize, Rescale};

/// The result type of a kernel: `()`, or a `Result` that says whether the kernel took the call.
pub trait Answer {
    /// Says whether the kernel refused the call, so that its output is not to be looked at.
    fn is_refusal(&self) -> bool;
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

/// An audit with other settings than the default ones.
#[derive(Default)]
pub struct Audit<'a> {
    seed: u64,
    time: Duration,
    progress: Option<&'a mut Progress<'a>>,
}

impl fmt::Debug for Audit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("seed", &self.seed)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// Audits a quantizer with the default settings: one round of every generator, seed 0.
pub fn quantize<Q: AuditedCode, A: Answer>(
    contract: Quantize,
    kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
) -> Report {
    Audit::default().quantize(contract, kernel)
}

/// Audits a dequantizer with the default settings.
pub fn dequantize<Q: AuditedCode, A: Answer>(
    contract: Dequantize,
    kernel: impl FnMut(&[Q], f32, i32, &mut [f32]) -> A,
) -> Report {
    Audit::default().dequantize(contract, kernel)
}

/// Audits a function that finds parameters, with the default settings.
pub fn params<Q: AuditedCode>(
    contract: FindParams,
    find: impl FnMut(&[f32]) -> Option<(f32, i32)>,
) -> Report {
    Audit::default().params::<Q>(contract, find)
}

/// Audits a requantizer with the default settings.
pub fn requantize<Q: AuditedCode, A: Answer>(
    contract: Requantize,
    kernel: impl FnMut(&[i32], f32, i32, &mut [Q]) -> A,
) -> Report {
    Audit::default().requantize(contract, kernel)
}

impl<'a> Audit<'a> {
    /// Sets the seed of the generators, which is 0 otherwise.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Repeats the generators with other seeds until so much time has passed, or there are 4 million cases.
    pub fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Tells a closure how far the audit is, from 0 to 1.
    pub fn progress(self, progress: &'a mut Progress<'a>) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// Audits a quantizer against a contract.
    ///
    /// The kernel is called with numbers, a scale, a zero point and the output, which is as long as the numbers.
    pub fn quantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Quantize,
        kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        self.quantize_within(contract, |_, _| true, kernel)
    }

    /// Audits a quantizer that is for some numbers and parameters only. All others are left out, and the report says
    /// nothing about them.
    pub fn quantize_within<Q: AuditedCode, A: Answer>(
        self,
        contract: Quantize,
        domain: impl Fn(Affine, f32) -> bool,
        mut kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Quantize>, pattern: u8| {
            let Affine { scale, zero_point } = call.params;
            let kernel = |src: &[f32], dst: &mut [Q]| kernel(src, scale, zero_point, dst);
            with_buffers(call, pattern, |x| x, kernel)
        };
        let generators = generators::quantize::GENERATORS;
        self.run("quantize", Q::CODES, contract, generators, &domain, &mut run)
    }

    /// Audits a dequantizer against a contract.
    ///
    /// The kernel is called with codes, a scale, a zero point and the output.
    pub fn dequantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Dequantize,
        mut kernel: impl FnMut(&[Q], f32, i32, &mut [f32]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Dequantize>, pattern: u8| {
            let Affine { scale, zero_point } = call.params;
            let kernel = |src: &[Q], dst: &mut [f32]| kernel(src, scale, zero_point, dst);
            with_buffers(call, pattern, Q::from_integer, kernel)
        };
        let generators = generators::dequantize::GENERATORS;
        self.run("dequantize", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }

    /// Audits a function that finds a scale and a zero point for asymmetric codes of type `Q`, against a contract.
    ///
    /// The function is called with data, and returns `None` if it refuses them.
    pub fn params<Q: AuditedCode>(
        self,
        contract: FindParams,
        mut find: impl FnMut(&[f32]) -> Option<(f32, i32)>,
    ) -> Report {
        let mut run = |call: &Call<FindParams>, _pattern: u8| {
            let found = call.inputs.iter().map(|data| output(find(&data.elements())));
            Outcome::Outputs(found.collect())
        };
        let generators = generators::params::GENERATORS;
        self.run("params", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }

    /// Audits a requantizer against a contract.
    ///
    /// The kernel is called with accumulators, a multiplier, a zero point and the output.
    pub fn requantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Requantize,
        mut kernel: impl FnMut(&[i32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Requantize>, pattern: u8| {
            let Rescale { multiplier, zero_point } = call.params;
            let kernel = |src: &[i32], dst: &mut [Q]| kernel(src, multiplier, zero_point, dst);
            with_buffers(call, pattern, |acc| acc, kernel)
        };
        let generators = generators::requantize::GENERATORS;
        self.run("requantize", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }

    pub(crate) fn run<C: Contract<Codes = Codes>>(
        self,
        operation: &'static str,
        codes: Codes,
        contract: C,
        generators: &'static [Generator<C>],
        domain: &Domain<'_, C>,
        kernel: &mut Kernel<'_, C>,
    ) -> Report {
        let Self { seed, time, progress } = self;
        let mut plan = Plan { contract, codes, generators, seed, time, progress };
        let seen = observe(&mut plan, domain, kernel);
        let (verdict, counterexample) = conclude(contract, codes, generators, &seen, kernel);
        Report {
            operation,
            codes: codes.name,
            contract: contract.text(),
            seed,
            cases: seen.cases.len(),
            differing: seen.cases.iter().filter(|c| c.differs()).count(),
            classes: classes(generators, &seen),
            verdict,
            counterexample,
        }
    }
}

/// The number of elements before and behind an output that a call must leave alone, and behind an input.
const GUARD: usize = 64;

/// Calls a kernel with copies of the elements, which begin at the offset of the call.
fn with_buffers<C: Contract, S: Element, D: Element, A: Answer>(
    call: &Call<C>,
    pattern: u8,
    convert: impl Fn(C::Input) -> S,
    kernel: impl FnOnce(&[S], &mut [D]) -> A,
) -> Outcome {
    let len = call.inputs.len();
    let mut src = vec![S::pattern(pattern); call.offset];
    src.extend(call.inputs.iter().map(|&input| convert(input)));
    // For kernels in C that read beyond their input.
    src.resize(src.len() + GUARD, S::pattern(pattern));
    let start = GUARD + call.offset;
    let mut dst = vec![D::pattern(pattern); start + len + GUARD];
    if kernel(&src[call.offset..call.offset + len], &mut dst[start..start + len]).is_refusal() {
        return Outcome::Refused;
    }
    let guard = D::pattern(pattern).output();
    let is_intact = |guards: &[D]| guards.iter().all(|&q| q.output() == guard);
    if !is_intact(&dst[..start]) || !is_intact(&dst[start + len..]) {
        return Outcome::OutOfBounds;
    }
    Outcome::Outputs(dst[start..start + len].iter().map(|&q| q.output()).collect())
}

fn classes<C: Contract>(generators: &[Generator<C>], seen: &Observed<C>) -> Vec<Class> {
    let named = generators.iter().zip(&seen.refused);
    let mut classes: Vec<_> = named
        .map(|(g, &refused)| Class { name: g.name, cases: 0, differing: 0, greatest: 0, refused })
        .collect();
    for case in &seen.cases {
        let class = &mut classes[case.class as usize];
        class.cases += 1;
        class.differing += usize::from(case.differs());
        class.greatest = class.greatest.max(C::difference(case.output, case.expected));
    }
    classes
}

fn conclude<C: Contract>(
    contract: C,
    codes: C::Codes,
    generators: &[Generator<C>],
    seen: &Observed<C>,
    kernel: &mut Kernel<'_, C>,
) -> (Verdict, Option<Counterexample>) {
    if let Some((fault, class)) = seen.fault {
        return (Verdict::Faulty { fault, class: generators[class].name }, None);
    }
    if seen.cases.is_empty() {
        return (Verdict::NothingSeen, None);
    }
    let cases: Vec<_> = seen.cases.iter().collect();
    let candidates = C::candidates(codes);
    let found = diagnose::survivors(&candidates, codes, &cases);
    let mut against = contract;
    let verdict = if !found.is_empty() {
        Verdict::One { finding: diagnose::finding(&found, codes, &cases) }
    } else if let Some(Split { border, also, body, rest }) =
        diagnose::split(&candidates, codes, &cases)
    {
        Verdict::Two { border, also, body, rest }
    } else {
        let (nearest, unexplained) =
            diagnose::nearest(&candidates, codes, &cases).expect("the reference is a candidate");
        against = nearest;
        Verdict::Unknown { nearest: nearest.text(), unexplained }
    };
    (verdict, smallest(against, codes, &cases, kernel))
}

/// Returns a case that differs from the contract, if possible one that does so in a slice of its own.
fn smallest<C: Contract>(
    contract: C,
    codes: C::Codes,
    cases: &[&Case<C>],
    kernel: &mut Kernel<'_, C>,
) -> Option<Counterexample> {
    let expected = |case: &Case<C>| contract.output(codes, case.params, case.input);
    let mut differing: Vec<_> = cases
        .iter()
        .filter(|case| expected(case) != case.output)
        .map(|case| (C::call_text(case.params, &[case.input]), *case))
        .collect();
    differing.sort_by_key(|(text, case)| (text.len(), case.call, case.index));
    for (text, case) in differing.iter().take(300) {
        let alone =
            Call { params: case.params, inputs: vec![case.input], offset: 0, is_repeated: false };
        let wanted = expected(case);
        if let Outcome::Outputs(outputs) = kernel(&alone, 0x5a)
            && outputs[0] != wanted
        {
            return Some(Counterexample {
                call: text.clone(),
                index: 0,
                len: 1,
                got: C::output_text(outputs[0]),
                expected: C::output_text(wanted),
            });
        }
    }
    let shortest =
        differing.iter().map(|(_, case)| *case).min_by_key(|case| (case.len, case.call))?;
    let of_call = cases.iter().filter(|case| case.call == shortest.call);
    let inputs: Vec<_> = of_call.map(|case| case.input).collect();
    Some(Counterexample {
        call: C::call_text(shortest.params, &inputs),
        index: shortest.index as usize,
        len: shortest.len as usize,
        got: C::output_text(shortest.output),
        expected: C::output_text(expected(shortest)),
    })
}
