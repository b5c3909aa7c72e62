//! The report: what was compared, what differs, and which contract explains it.

use std::fmt;

use serde::Serialize;

use crate::diagnose::{Border, Finding};
use crate::observe::Fault;
use crate::pieces::{Cut, Pieces};

/// One class of cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    /// The name of the generator.
    pub name: &'static str,
    /// The number of compared elements.
    pub cases: usize,
    /// The number of cases that differ from the expected contract.
    pub differing: usize,
    /// The greatest difference of two codes; for floats, in units in the last place.
    pub greatest: u64,
    /// The number of calls that the kernel refused.
    pub refused: usize,
}

/// The conclusion.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing was compared: the kernel refused every call.
    NothingSeen,
    /// One contract explains every output.
    One {
        /// The contract.
        finding: Finding,
    },
    /// Two contracts explain every output.
    Two {
        /// Says which elements the second contract explains.
        border: Border,
        /// Other borders that explain every output too.
        also: Vec<Border>,
        /// The contract of most elements.
        body: Finding,
        /// The contract of the other elements.
        rest: Finding,
    },
    /// No combination of the known rules explains the outputs.
    Unknown {
        /// The contract that explains most.
        nearest: String,
        /// The number of cases that it does not explain.
        unexplained: usize,
    },
    /// The outputs do not follow from the inputs.
    Faulty {
        /// The fault.
        fault: Fault,
        /// The class of calls in which it showed.
        class: &'static str,
    },
}

/// A case that differs from a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterexample {
    /// The call as a line of Rust.
    pub call: String,
    /// The word for the things that a slice is made of.
    pub unit: &'static str,
    /// The number of the element, or other unit, that differs.
    pub index: usize,
    /// The number of elements, or other units, of the call.
    pub len: usize,
    /// The output of the kernel.
    pub got: String,
    /// The output of the contract.
    pub expected: String,
}

/// Everything that an audit found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The operation.
    pub operation: &'static str,
    /// The name of the type of codes, or of the format of blocks.
    pub codes: &'static str,
    /// The word for the things that a slice is made of.
    pub unit: &'static str,
    /// The expected contract, in words.
    pub contract: String,
    /// The seed of the generators.
    pub seed: u64,
    /// The number of compared elements.
    pub cases: usize,
    /// The number of elements that differ from the expected contract.
    pub differing: usize,
    /// The classes of cases.
    pub classes: Vec<Class>,
    /// The calls that were made whole and in pieces.
    pub pieces: Pieces,
    /// The conclusion.
    pub verdict: Verdict,
    /// The smallest case that differs from the expected contract, or, if nothing explains the outputs, from the nearest
    /// contract.
    pub counterexample: Option<Counterexample>,
}

impl Report {
    /// Says whether the kernel agrees with the expected contract in every case, of which there is at least one, and has
    /// the same results in pieces.
    pub fn agrees(&self) -> bool {
        let is_faulty = matches!(self.verdict, Verdict::Faulty { .. });
        self.differing == 0 && self.cases > 0 && !is_faulty && self.pieces.differing == 0
    }

    /// Returns the report as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and integers can be written")
    }

    /// Returns the verdict in a sentence.
    pub fn sentence(&self) -> String {
        let Self { cases, differing, .. } = self;
        let result = if *differing == 0 {
            format!("agrees with the contract in all {cases} cases")
        } else {
            format!("differs from the contract in {differing} of {cases} cases")
        };
        let verdict = match &self.verdict {
            Verdict::NothingSeen => "refused every call, so nothing is known.".into(),
            Verdict::One { finding } => format!("{result}: {}.", finding.words()),
            Verdict::Two { border, also, body, rest } => {
                let also: String =
                    also.iter().map(|b| format!(" (or {})", b.rest(self.unit))).collect();
                let border = border.rest(self.unit) + &also;
                format!("{result}: {}. But {border}: {}.", body.words(), rest.words())
            }
            Verdict::Unknown { nearest, unexplained } => format!(
                "{result}, and no known contract explains every output. The nearest leaves {unexplained} cases \
                 unexplained: {nearest}."
            ),
            Verdict::Faulty { fault: Fault::NotReproducible, .. } => {
                "returns different results for the same call, or leaves elements unwritten.".into()
            }
            Verdict::Faulty { fault: Fault::OutOfBounds, .. } => {
                "writes outside its output.".into()
            }
            Verdict::Faulty { fault: Fault::NotReentrant, .. } => {
                "is not reentrant: called from several threads at once, it has other results than alone.".into()
            }
        };
        match self.pieces {
            Pieces { differing: 0, .. } => verdict,
            Pieces { calls, differing, .. } => format!(
                "{verdict} It depends on how a tensor is cut: {differing} of {calls} calls have other results in pieces."
            ),
        }
    }
}

impl Finding {
    fn words(&self) -> String {
        let mut words = self.text.clone();
        for also in &self.also {
            words += " (or: ";
            words += also;
            words += ")";
        }
        words
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, {}, seed {}\ncontract: {}\n",
            self.operation, self.codes, self.seed, self.contract
        )?;
        writeln!(
            f,
            "{:<14}{:>10}{:>11}{:>12}{:>9}",
            "class", "cases", "differing", "greatest", "refused"
        )?;
        for c in &self.classes {
            writeln!(
                f,
                "{:<14}{:>10}{:>11}{:>12}{:>9}",
                c.name, c.cases, c.differing, c.greatest, c.refused
            )?;
        }
        writeln!(f, "{:<14}{:>10}{:>11}\n", "all", self.cases, self.differing)?;
        writeln!(f, "The kernel {}", self.sentence())?;
        match &self.verdict {
            Verdict::One { finding } => evidence(f, &format!("every {}", self.unit), finding)?,
            Verdict::Two { border, body, rest, .. } => {
                evidence(f, &format!("most {}s", self.unit), body)?;
                evidence(f, &border.rest(self.unit), rest)?;
            }
            _ => {}
        }
        if let Some(Cut { len, at, index, whole, in_pieces }) = &self.pieces.example {
            writeln!(
                f,
                "\nShortest call that depends on the cut: of {len} {unit}s, cut before {at:?}, {unit} {index} is {whole}, \
                 and in pieces {in_pieces}.",
                unit = self.unit
            )?;
        }
        if let Some(example) = &self.counterexample {
            write!(f, "\nSmallest counterexample: {example}")?;
        }
        Ok(())
    }
}

/// Says how many cases speak for each rule.
fn evidence(f: &mut fmt::Formatter<'_>, part: &str, finding: &Finding) -> fmt::Result {
    writeln!(f, "\nEvidence from {} cases, {part}:", finding.cases)?;
    for e in &finding.evidence {
        match e.cases {
            0 => writeln!(
                f,
                "  {}: {}, or {}: no case tells",
                e.found.rule, e.found.text, e.next_best
            )?,
            n => writeln!(
                f,
                "  {}: {} ({n} cases rule out: {})",
                e.found.rule, e.found.text, e.next_best
            )?,
        }
    }
    if finding.more > 0 {
        writeln!(
            f,
            "  {} contracts with more changed rules agree in all cases too.",
            finding.more
        )?;
    }
    Ok(())
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, unit, index, len, got, expected } = self;
        match len {
            1 => writeln!(f, "{call} // returned [{got}], expected [{expected}]"),
            _ => writeln!(f, "{call} // {unit} {index} of {len} was {got}, expected {expected}"),
        }
    }
}
