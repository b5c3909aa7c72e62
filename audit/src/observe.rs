//! Runs the generators, and keeps every case: what went into a kernel, and what came out.

use std::time::{Duration, Instant};

use crate::contract::Contract;
use crate::generators::{Call, Generator};
use crate::pieces::Pieces;

/// The most cases that are kept for the diagnosis.
const MOST_CASES: usize = 4_000_000;

/// The outcome of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The output of every element.
    Outputs(Vec<i64>),
    /// The kernel refused the call.
    Refused,
    /// The kernel has a fault, so that the outputs say nothing.
    Faulty(Fault),
}

impl Outcome {
    /// Converts the outputs, if there are any.
    pub(crate) fn map(self, convert: impl FnOnce(Vec<i64>) -> Vec<i64>) -> Self {
        match self {
            Self::Outputs(outputs) => Self::Outputs(convert(outputs)),
            other => other,
        }
    }
}

/// One element of a call, and its output.
#[derive(Clone, Debug)]
pub(crate) struct Case<C: Contract> {
    pub(crate) params: C::Params,
    pub(crate) input: C::Input,
    pub(crate) output: i64,
    /// The output of the expected contract.
    pub(crate) expected: i64,
    /// The number of the generator.
    pub(crate) class: u32,
    /// The number of the call among all of them.
    pub(crate) call: u32,
    /// The number of units before the case in the call.
    pub(crate) index: u32,
    /// The number of units in the call.
    pub(crate) len: u32,
}

impl<C: Contract> Case<C> {
    pub(crate) fn differs(&self) -> bool {
        self.output != self.expected
    }
}

/// A fault that has nothing to do with a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Two calls with the same arguments had different results, or left elements unwritten.
    NotReproducible,
    /// A call wrote outside its output.
    OutOfBounds,
    /// Calls at the same time had other results than the same calls one after the other.
    NotReentrant,
}

/// Everything that was seen.
#[derive(Debug)]
pub(crate) struct Observed<C: Contract> {
    pub(crate) cases: Vec<Case<C>>,
    /// The number of calls, by class.
    pub(crate) calls: Vec<usize>,
    /// The number of refused calls, by class.
    pub(crate) refused: Vec<usize>,
    /// The calls that were made whole and in pieces.
    pub(crate) pieces: Pieces,
    /// The first fault, and the class in which it showed.
    pub(crate) fault: Option<(Fault, usize)>,
}

/// The kernel under test, behind an adapter for its operation.
pub(crate) type Kernel<'a, C> = dyn FnMut(&Call<C>, u8) -> Outcome + 'a;

/// Says which elements a kernel is for; the others are left out of every call.
pub(crate) type Domain<'a, C> =
    dyn Fn(<C as Contract>::Params, <C as Contract>::Input) -> bool + 'a;

/// A function that is told how much of a run is done, from 0 to 1.
pub(crate) type Progress<'a> = dyn FnMut(f64) + 'a;

/// The settings of a run.
pub(crate) struct Plan<'a, C: Contract + 'static> {
    pub(crate) contract: C,
    pub(crate) codes: C::Codes,
    pub(crate) generators: &'static [Generator<C>],
    pub(crate) seed: u64,
    pub(crate) time: Duration,
    pub(crate) progress: Option<&'a mut Progress<'a>>,
}

/// The bytes that an output holds before a call, and before its repetition.
const PATTERNS: [u8; 2] = [0x5a, 0xa6];

pub(crate) fn observe<C: Contract>(
    plan: &mut Plan<'_, C>,
    domain: &Domain<'_, C>,
    kernel: &mut Kernel<'_, C>,
) -> Observed<C> {
    let classes = plan.generators.len();
    let mut seen = Observed {
        cases: Vec::new(),
        calls: vec![0; classes],
        refused: vec![0; classes],
        pieces: Pieces::default(),
        fault: None,
    };
    let began = Instant::now();
    let mut round = 0;
    loop {
        for (class, generator) in plan.generators.iter().enumerate() {
            for mut call in generator.calls(plan.codes, plan.seed.wrapping_add(round)) {
                let is_empty = call.inputs.is_empty();
                call.inputs.retain(|input| domain(call.params, input.clone()));
                if is_empty || !call.inputs.is_empty() {
                    observe_call(plan, class, &call, kernel, &mut seen);
                }
            }
            if let Some(progress) = &mut plan.progress {
                let of_round = (class + 1) as f64 / classes as f64;
                let of_time = began.elapsed().as_secs_f64() / plan.time.as_secs_f64().max(1e-9);
                progress(if round == 0 {
                    of_round.min(of_time.max(0.01))
                } else {
                    of_time.min(1.0)
                });
            }
        }
        round += 1;
        if began.elapsed() >= plan.time || seen.cases.len() >= MOST_CASES || seen.fault.is_some() {
            return seen;
        }
    }
}

fn observe_call<C: Contract>(
    plan: &Plan<'_, C>,
    class: usize,
    call: &Call<C>,
    kernel: &mut Kernel<'_, C>,
    seen: &mut Observed<C>,
) {
    let number = seen.calls.iter().sum::<usize>() as u32;
    seen.calls[class] += 1;
    let outputs = match kernel(call, PATTERNS[0]) {
        Outcome::Outputs(outputs) => outputs,
        Outcome::Refused => {
            seen.refused[class] += 1;
            return;
        }
        Outcome::Faulty(fault) => {
            seen.fault.get_or_insert((fault, class));
            return;
        }
    };
    if call.is_repeated {
        match kernel(call, PATTERNS[1]) {
            Outcome::Outputs(again) if again == outputs => {}
            _ => {
                seen.fault.get_or_insert((Fault::NotReproducible, class));
            }
        }
    }
    if let Some(fault) = seen.pieces.compare(plan.codes, call, number as usize, &outputs, kernel) {
        seen.fault.get_or_insert((fault, class));
    }
    let expected = plan.contract.outputs(plan.codes, call.params, &call.inputs);
    let len = C::len(plan.codes, &call.inputs) as u32;
    for (index, (input, (&output, &expected))) in
        call.inputs.iter().zip(outputs.iter().zip(&expected)).enumerate()
    {
        seen.cases.push(Case {
            params: call.params,
            input: input.clone(),
            output,
            expected,
            class: class as u32,
            call: number,
            index: C::place(plan.codes, index) as u32,
            len,
        });
    }
}
