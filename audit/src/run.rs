//! Runs a kernel, and draws the conclusion.

use crate::audit::Audit;
use crate::contract::Contract;
use crate::diagnose::{self, Split};
use crate::generators::{Call, Generator};
use crate::observe::{Case, Domain, Kernel, Observed, Outcome, Plan, observe};
use crate::report::{Class, Counterexample, Report, Verdict};

impl Audit<'_> {
    pub(crate) fn run<C: Contract>(
        self,
        operation: &'static str,
        codes: C::Codes,
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
            codes: C::codes_name(codes),
            unit: C::UNIT,
            contract: contract.text_for(codes),
            seed,
            cases: seen.cases.len(),
            differing: seen.cases.iter().filter(|c| c.differs()).count(),
            classes: classes(generators, &seen),
            pieces: seen.pieces,
            verdict,
            counterexample,
        }
    }
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
        Verdict::Unknown { nearest: nearest.text_for(codes), unexplained }
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
    let expected = |case: &Case<C>| contract.output(codes, case.params, case.input.clone());
    let mut differing: Vec<_> = cases
        .iter()
        .filter(|case| expected(case) != case.output)
        .map(|case| (C::call_text(case.params, std::slice::from_ref(&case.input)), *case))
        .collect();
    differing.sort_by_key(|(text, case)| (text.len(), case.call, case.index));
    for (text, case) in differing.iter().take(300) {
        let alone = Call {
            params: case.params,
            inputs: vec![case.input.clone()],
            offset: 0,
            is_repeated: false,
        };
        let wanted = expected(case);
        if let Outcome::Outputs(outputs) = kernel(&alone, 0x5a)
            && outputs[0] != wanted
        {
            return Some(Counterexample {
                call: text.clone(),
                unit: C::UNIT,
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
    let inputs: Vec<_> = of_call.map(|case| case.input.clone()).collect();
    Some(Counterexample {
        call: C::call_text(shortest.params, &inputs),
        unit: C::UNIT,
        index: shortest.index as usize,
        len: shortest.len as usize,
        got: C::output_text(shortest.output),
        expected: C::output_text(expected(shortest)),
    })
}
