//! The list of generators and rules.

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
    let i8 = Codes::of::<i8>();
    operation("quantize", QUANTIZE_GENERATORS, Quantize::REFERENCE, i8, &mut text);
    let (packed, codes) = (QuantizePacked::REFERENCE, Packed::I4.codes());
    operation("quantize to 4 bits", PACKED_GENERATORS, packed, codes, &mut text);
    operation("dequantize", DEQUANTIZE_GENERATORS, Dequantize::REFERENCE, i8, &mut text);
    operation("params", PARAMS_GENERATORS, FindParams::REFERENCE, i8, &mut text);
    operation("encode blocks", ENCODE_GENERATORS, Encode::REFERENCE, Format::Q4_0, &mut text);
    operation("decode blocks", DECODE_GENERATORS, Decode::REFERENCE, Format::Q4_0, &mut text);
    operation("requantize", REQUANTIZE_GENERATORS, Requantize::REFERENCE, i8, &mut text);
    text.truncate(text.trim_end().len());
    text
}

fn operation<C: Contract>(
    name: &str,
    generators: &[Generator<C>],
    reference: C,
    codes: C::Codes,
    text: &mut String,
) {
    let candidates = C::candidates(codes);
    let _ = writeln!(
        text,
        "{name}: {} contracts for {}\n\n  generators",
        candidates.len(),
        C::codes_name(codes)
    );
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
