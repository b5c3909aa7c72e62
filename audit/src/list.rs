//! The list of generators and rules.

use std::fmt::Write;

use zeropoint_audit::{
    Codes, Contract, DEQUANTIZE_GENERATORS, Dequantize, FindParams, Generator, PARAMS_GENERATORS,
    QUANTIZE_GENERATORS, Quantize, REQUANTIZE_GENERATORS, Requantize,
};

/// Describes every operation.
pub(crate) fn everything() -> String {
    let mut text = String::new();
    operation("quantize", QUANTIZE_GENERATORS, Quantize::REFERENCE, &mut text);
    operation("dequantize", DEQUANTIZE_GENERATORS, Dequantize::REFERENCE, &mut text);
    operation("params", PARAMS_GENERATORS, FindParams::REFERENCE, &mut text);
    operation("requantize", REQUANTIZE_GENERATORS, Requantize::REFERENCE, &mut text);
    text
}

fn operation<C: Contract<Codes = Codes>>(
    name: &str,
    generators: &[Generator<C>],
    reference: C,
    text: &mut String,
) {
    let candidates = C::candidates(Codes::of::<i8>()).len();
    let _ = writeln!(text, "{name}: {candidates} contracts for i8\n\n  generators");
    for g in generators {
        let _ = writeln!(text, "    {:<14}{}", g.name, g.about);
    }
    let _ = writeln!(text, "\n  rules, the contract's first");
    let changed = reference.with_one_rule_changed();
    for (at, rule) in reference.rules().into_iter().enumerate() {
        let _ = writeln!(text, "    {:<14}{}", rule.rule, rule.text);
        for other in changed.iter().map(|c| c.rules()[at]).filter(|other| *other != rule) {
            let _ = writeln!(text, "    {:<14}{}", "", other.text);
        }
    }
    text.push('\n');
}
