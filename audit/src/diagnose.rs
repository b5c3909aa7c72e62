//! The diagnosis: which contracts explain what was seen.

use crate::contract::Contract;
use crate::contract::Named;
use crate::observe::Case;

/// A rule of the contract that was found, and the number of cases that speak for it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// The rule that was found.
    #[serde(flatten)]
    pub found: Named,
    /// The way of doing the same step that is hardest to tell from the one that was found.
    pub next_best: &'static str,
    /// The number of cases that rule the next best way out. If it is 0, the two agree on everything that was seen.
    pub cases: usize,
}

/// A contract that agrees with all outputs of a part.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Finding {
    /// The contract in words: the rules that differ from zeropoint's, or all rules if none differs.
    pub text: String,
    /// Says whether the contract is zeropoint's.
    pub is_reference: bool,
    /// The number of cases that it was compared with.
    pub cases: usize,
    /// The rules, with the number of cases that speak for each.
    pub evidence: Vec<Evidence>,
    /// Contracts with as few changed rules that agree with all outputs too, in words.
    pub also: Vec<String>,
    /// The number of contracts with more changed rules that agree with all outputs too.
    pub more: usize,
}

/// Orders the cases so that a wrong contract is soon refuted: those that differ first, and neighbours far apart.
fn by_use<'a, C: Contract>(cases: &[&'a Case<C>]) -> Vec<&'a Case<C>> {
    const STRIDE: usize = 1013;
    let differing = cases.iter().filter(|c| c.differs());
    let mut ordered: Vec<_> = differing.step_by(1 + cases.len() / 20_000).copied().collect();
    for start in 0..STRIDE.min(cases.len()) {
        ordered.extend(cases[start..].iter().step_by(STRIDE).copied());
    }
    ordered
}

fn agrees<C: Contract>(contract: C, codes: C::Codes, case: &Case<C>) -> bool {
    contract.output(codes, case.params, case.input.clone()) == case.output
}

/// Returns the candidates that agree with every case. The order of the candidates is kept.
pub(crate) fn survivors<C: Contract>(
    candidates: &[C],
    codes: C::Codes,
    cases: &[&Case<C>],
) -> Vec<C> {
    let ordered = by_use(cases);
    let agree = |c: &C| ordered.iter().all(|case| agrees(*c, codes, case));
    candidates.iter().copied().filter(agree).collect()
}

/// Describes the survivors, of which there is at least one, by the one that is nearest to the reference.
pub(crate) fn finding<C: Contract>(
    survivors: &[C],
    codes: C::Codes,
    cases: &[&Case<C>],
) -> Finding {
    let found = survivors[0];
    let distance = found.distance(C::REFERENCE);
    let as_near = survivors.iter().filter(|c| c.distance(C::REFERENCE) == distance).count();
    Finding {
        text: found.text_for(codes),
        is_reference: found == C::REFERENCE,
        cases: cases.len(),
        evidence: evidence(found, codes, cases),
        also: survivors[1..as_near].iter().map(|c| c.text_for(codes)).collect(),
        more: survivors.len() - as_near,
    }
}

/// Compares a contract that agrees with every case with those that differ from it by one rule.
fn evidence<C: Contract>(found: C, codes: C::Codes, cases: &[&Case<C>]) -> Vec<Evidence> {
    let rules = found.rules();
    let mut evidence: Vec<Option<Evidence>> = vec![None; rules.len()];
    for other in found.with_one_rule_changed() {
        if !other.is_canonical(codes) {
            continue;
        }
        let Some(at) = other.rules().iter().zip(&rules).position(|(a, b)| a != b) else { continue };
        let refuted = cases.iter().filter(|case| !agrees(other, codes, case)).count();
        if evidence[at].as_ref().is_none_or(|e| refuted < e.cases) {
            let next_best = other.rules()[at].text;
            evidence[at] = Some(Evidence { found: rules[at], next_best, cases: refuted });
        }
    }
    evidence.into_iter().flatten().collect()
}

/// The elements that one half of a kernel computes, if it has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Border {
    /// Elements beyond the last multiple of so many are computed otherwise.
    Multiple(u32),
    /// Slices shorter than this are computed otherwise.
    Length(u32),
}

impl Border {
    fn is_rest<C: Contract>(self, case: &Case<C>) -> bool {
        match self {
            Self::Multiple(n) => case.index >= case.len - case.len % n,
            Self::Length(n) => case.len < n,
        }
    }

    /// Returns the words for the elements, or other units, that are computed otherwise.
    pub(crate) fn rest(self, unit: &str) -> String {
        match self {
            Self::Multiple(n) => format!("{unit}s beyond the last multiple of {n}"),
            Self::Length(n) => format!("slices of fewer than {n} {unit}s"),
        }
    }

    fn all() -> Vec<Self> {
        let multiples = [2, 4, 8, 16, 32, 64, 128, 256, 3, 6, 12, 24, 48].map(Self::Multiple);
        multiples.into_iter().chain((2..=130).chain([256, 257]).map(Self::Length)).collect()
    }
}

/// Two contracts that together agree with all outputs.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) border: Border,
    /// Other borders with which two contracts of as few changed rules agree too.
    pub(crate) also: Vec<Border>,
    pub(crate) body: Finding,
    pub(crate) rest: Finding,
}

/// Looks for two contracts, one for most elements and one for the rest.
pub(crate) fn split<C: Contract>(
    candidates: &[C],
    codes: C::Codes,
    cases: &[&Case<C>],
) -> Option<Split> {
    let mut least = usize::MAX;
    let (mut borders, mut contracts) = (Vec::new(), (Vec::new(), Vec::new()));
    for border in Border::all() {
        let (rest, body): (Vec<&Case<C>>, Vec<_>) =
            cases.iter().copied().partition(|case| border.is_rest(case));
        if rest.is_empty() || body.is_empty() {
            continue;
        }
        let of_rest = survivors(candidates, codes, &rest);
        if of_rest.is_empty() {
            continue;
        }
        let of_body = survivors(candidates, codes, &body);
        if of_body.is_empty() {
            continue;
        }
        let distance = of_rest[0].distance(C::REFERENCE) + of_body[0].distance(C::REFERENCE);
        if distance < least {
            (least, contracts) = (distance, (of_body, of_rest));
            borders.clear();
        }
        if distance == least {
            borders.push(border);
        }
    }
    let border = *borders.first()?;
    let (of_body, of_rest) = contracts;
    let (rest, body): (Vec<&Case<C>>, Vec<_>) =
        cases.iter().copied().partition(|case| border.is_rest(case));
    let (body, rest) = (finding(&of_body, codes, &body), finding(&of_rest, codes, &rest));
    Some(Split { border, also: borders[1..].to_vec(), body, rest })
}

/// Returns the candidate that disagrees with the fewest cases, by a sample of them, and how many disagree in all.
pub(crate) fn nearest<C: Contract>(
    candidates: &[C],
    codes: C::Codes,
    cases: &[&Case<C>],
) -> Option<(C, usize)> {
    const SAMPLE: usize = 2_000;
    let step = 1 + cases.len() / SAMPLE;
    let differing: Vec<_> = cases.iter().filter(|c| c.differs()).collect();
    let of_differing = differing.iter().step_by(1 + differing.len() / SAMPLE).map(|c| **c);
    let sample: Vec<_> = cases.iter().step_by(step).copied().chain(of_differing).collect();
    // A candidate that is no better than the best one so far need not be counted to the end.
    let wrong = |c: C, cases: &[&Case<C>], most: usize| {
        cases.iter().filter(|case| !agrees(c, codes, case)).take(most).count()
    };
    let (mut best, mut least) = (*candidates.first()?, usize::MAX);
    for &candidate in candidates {
        let count = wrong(candidate, &sample, least);
        if count < least {
            (best, least) = (candidate, count);
        }
    }
    Some((best, wrong(best, cases, usize::MAX)))
}
