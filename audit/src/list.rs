//! The list of generators and rules.

use std::collections::HashSet;
use std::fmt::Write;

use zeropoint_audit::blocks::{Decode, Encode};
use zeropoint_audit::{
    Codes, Contract, DECODE_GENERATORS, DEQUANTIZE_GENERATORS, Dequantize, ENCODE_GENERATORS,
    FindParams, Format, Generator, PACKED_GENERATORS, PARAMS_GENERATORS, Packed,
    QUANTIZE_GENERATORS, Quantize, QuantizePacked, REQUANTIZE_GENERATORS, Requantize,
};

/// Describes every operation. The last line has no end.
pub(crate) fn everything() -> String {
    let mut text = String::new();
    let (all, packed) = (
        [Codes::of::<i8>(), Codes::of::<u8>(), Codes::of::<i16>(), Codes::of::<u16>()],
        [Packed::I4, Packed::U4].map(Packed::codes),
    );
    operation::<Quantize>("quantize", QUANTIZE_GENERATORS, &all, &mut text);
    operation::<QuantizePacked>("quantize to 4 bits", PACKED_GENERATORS, &packed, &mut text);
    operation::<Dequantize>("dequantize", DEQUANTIZE_GENERATORS, &all, &mut text);
    operation::<FindParams>("params", PARAMS_GENERATORS, &all, &mut text);
    operation::<Encode>("encode blocks", ENCODE_GENERATORS, &Format::ALL, &mut text);
    operation::<Decode>("decode blocks", DECODE_GENERATORS, &Format::ALL, &mut text);
    operation::<Requantize>("requantize", REQUANTIZE_GENERATORS, &all, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// Describes an operation. Rules that no type of codes has are left out.
fn operation<C: Contract>(
    name: &str,
    generators: &[Generator<C>],
    types: &[C::Codes],
    text: &mut String,
) {
    let mut rules = HashSet::new();
    let mut counts = Vec::new();
    for &codes in types {
        let candidates = C::candidates(codes);
        counts.push(format!("{}: {}", C::codes_name(codes), candidates.len()));
        rules.extend(candidates.into_iter().flat_map(C::rules));
    }
    let _ = writeln!(text, "{name}: contracts for {}\n\n  generators", counts.join(", "));
    for g in generators {
        let _ = writeln!(text, "    {:<14}{}", g.name, g.about);
    }
    let _ = writeln!(text, "\n  rules, the contract's first");
    let changed = C::REFERENCE.with_one_rule_changed();
    for (at, rule) in C::REFERENCE.rules().into_iter().enumerate() {
        let _ = writeln!(text, "    {:<14}{}", rule.rule, rule.text);
        let others = changed.iter().map(|c| c.rules()[at]).filter(|other| *other != rule);
        for other in others.filter(|other| rules.contains(other)) {
            let _ = writeln!(text, "    {:<14}{}", "", other.text);
        }
    }
    text.push('\n');
}
