//! A contract is a combination of rules, and a formula that follows them.

use std::fmt::Debug;
use std::hash::Hash;

/// One rule of a contract, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Named {
    /// The step of the formula.
    pub rule: &'static str,
    /// The way in which a contract does the step.
    pub text: &'static str,
    /// Says whether zeropoint's contract does it in this way.
    pub is_reference: bool,
}

/// The combination of rules that a contract is. The macro `contract!` implements it.
pub trait Rules: Copy + Eq + Hash + Debug + serde::Serialize {
    /// The contract of zeropoint.
    const REFERENCE: Self;

    /// Returns every contract that differs from this one by one rule.
    fn with_one_rule_changed(self) -> Vec<Self>;

    /// Returns every combination of rules, the reference among them.
    fn all() -> Vec<Self>;

    /// Returns the rules in words.
    fn rules(self) -> Vec<Named>;

    /// Returns the number of rules that differ from those of another contract.
    fn distance(self, other: Self) -> usize {
        self.rules().iter().zip(other.rules()).filter(|(a, b)| **a != *b).count()
    }

    /// Describes the contract by all rules, or, if it is not the reference, by the rules that differ from it.
    fn text(self) -> String {
        let rules = self.rules();
        let differs = rules.iter().any(|r| !r.is_reference);
        let texts: Vec<_> =
            rules.iter().filter(|r| !differs || !r.is_reference).map(|r| r.text).collect();
        texts.join("; ")
    }
}

/// A formula that can be evaluated under any combination of its rules.
///
/// `Params` are the numbers that a whole call is given, and `Input` is one case: an element, two elements that share a byte, or
/// a field of a block. The output is an integer: a code, or the bits of a float.
pub trait Contract: Rules + 'static {
    /// The parameters of a call.
    type Params: Copy + Debug;
    /// One case.
    type Input: Clone + Debug;
    /// The type of codes.
    type Codes: Copy + Debug;

    /// Returns the name of the type of codes.
    fn codes_name(codes: Self::Codes) -> &'static str;

    /// The word for the things that a slice is made of.
    const UNIT: &'static str = "element";

    /// Returns the number of neighbouring cases that are in one piece when a slice is cut, or `None` if none is cut.
    fn whole(_codes: Self::Codes) -> Option<usize> {
        Some(1)
    }

    /// Returns the number of units before a case of a call.
    fn place(_codes: Self::Codes, index: usize) -> usize {
        index
    }

    /// Returns the number of units in a call.
    fn len(_codes: Self::Codes, inputs: &[Self::Input]) -> usize {
        inputs.len()
    }

    /// Evaluates the formula.
    fn output(self, codes: Self::Codes, params: Self::Params, input: Self::Input) -> i64;

    /// Evaluates the formula for every element of a call.
    fn outputs(self, codes: Self::Codes, params: Self::Params, inputs: &[Self::Input]) -> Vec<i64> {
        inputs.iter().map(|input| self.output(codes, params, input.clone())).collect()
    }

    /// Writes a call as Rust.
    fn call_text(params: Self::Params, inputs: &[Self::Input]) -> String;

    /// Writes an output as Rust.
    fn output_text(output: i64) -> String {
        output.to_string()
    }

    /// Returns how far two outputs are apart.
    fn difference(a: i64, b: i64) -> u64 {
        a.abs_diff(b)
    }

    /// Says whether no contract with fewer changed rules is the same function. A rule that another rule leaves without
    /// effect makes a contract redundant, and redundant contracts are not among the candidates.
    fn is_canonical(self, codes: Self::Codes) -> bool;

    /// Describes the contract, for a type of codes.
    fn text_for(self, _codes: Self::Codes) -> String {
        self.text()
    }

    /// Returns every candidate, those with the fewest changed rules first.
    fn candidates(codes: Self::Codes) -> Vec<Self> {
        let mut all: Vec<_> = Self::all().into_iter().filter(|c| c.is_canonical(codes)).collect();
        all.sort_by_key(|c| c.distance(Self::REFERENCE));
        all
    }
}

/// Describes a contract, the reference by the rules of which there is another way for the type of codes.
pub(crate) fn text_of_rules_that_matter<C: Contract>(contract: C, codes: C::Codes) -> String {
    if contract != C::REFERENCE {
        return contract.text();
    }
    let rules = contract.rules();
    let others = contract.with_one_rule_changed().into_iter().filter(|c| c.is_canonical(codes));
    let others: Vec<_> = others.map(C::rules).collect();
    let matters = |at: &usize| others.iter().any(|other| other[*at] != rules[*at]);
    let texts: Vec<_> = (0..rules.len()).filter(matters).map(|at| rules[at].text).collect();
    texts.join("; ")
}
