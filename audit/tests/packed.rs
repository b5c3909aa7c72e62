//! Quantizers to codes of 4 bits, two in a byte, with rules broken on purpose: the audit must name what is broken.

use zeropoint_audit::{Packed, QuantizePacked, Report, Verdict, quantize_packed};

/// Audits a kernel that makes a code of a number and a byte of two codes. An odd end has the code `None`.
fn audit(
    packed: Packed,
    code: impl Fn(f32, f32, i32) -> i32,
    byte: impl Fn(i32, Option<i32>, i32) -> u8,
) -> Report {
    quantize_packed(packed, QuantizePacked::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        for (x, q) in x.chunks(2).zip(dst) {
            *q = byte(code(x[0], s, z), x.get(1).map(|&x| code(x, s, z)), z);
        }
    })
}

fn u4(x: f32, s: f32, z: i32) -> i32 {
    saturated((x / s).round_ties_even(), z, 0, 15)
}

fn i4(x: f32, s: f32, z: i32) -> i32 {
    saturated((x / s).round_ties_even(), z, -8, 7)
}

fn saturated(rounded: f32, z: i32, min: i32, max: i32) -> i32 {
    match rounded.is_nan() {
        true => min,
        false => (f64::from(rounded) + f64::from(z)).clamp(min.into(), max.into()) as i32,
    }
}

fn low_first(a: i32, b: Option<i32>, _z: i32) -> u8 {
    a as u8 & 15 | (b.unwrap_or(0) as u8) << 4
}

fn high_first(a: i32, b: Option<i32>, _z: i32) -> u8 {
    (a as u8) << 4 | b.unwrap_or(0) as u8 & 15
}

#[track_caller]
fn expect(report: &Report, rules: &[&str]) {
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert_eq!(finding.text, rules.join("; "), "{report}");
    assert!(finding.also.is_empty() && !report.agrees() && report.differing > 0, "{report}");
    assert!(report.counterexample.is_some(), "{report}");
    assert!(finding.evidence.iter().all(|e| e.cases > 0), "{report}");
}

const HIGH_FIRST: &str = "puts the first code into the high half of a byte";

#[test]
fn correct_kernels_agree() {
    for report in [audit(Packed::U4, u4, low_first), audit(Packed::I4, i4, low_first)] {
        assert!(report.agrees() && report.cases > 100_000, "{report}");
        let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
        assert!(finding.is_reference && finding.also.is_empty(), "{report}");
        assert!(finding.evidence.iter().all(|e| e.cases > 0), "{report}");
    }
}

#[test]
fn orders_of_nibbles() {
    let report = audit(Packed::U4, u4, high_first);
    expect(&report, &[HIGH_FIRST]);
    let example = report.counterexample.unwrap();
    assert!(example.call.starts_with("quantize(&[") && example.got.starts_with("0x"), "{example}");
    expect(&audit(Packed::I4, i4, high_first), &[HIGH_FIRST]);
}

#[test]
fn bits_of_signed_codes() {
    let plus_8 = |a: i32, b: Option<i32>, _| low_first(a + 8, b.map(|b| b + 8), 0);
    expect(&audit(Packed::I4, i4, plus_8), &["stores signed codes plus 8"]);
}

#[test]
fn odd_ends() {
    let padded = |a: i32, b: Option<i32>, z: i32| low_first(a, b.or(Some(z)), 0);
    expect(&audit(Packed::U4, u4, padded), &["pads an odd end with Z"]);
    expect(&audit(Packed::I4, i4, padded), &["pads an odd end with Z"]);
    // The half byte is left as it was.
    let report = quantize_packed(
        Packed::U4,
        QuantizePacked::REFERENCE,
        |x: &[f32], s, z, dst: &mut [u8]| {
            for (i, x) in x.iter().enumerate() {
                let shift = 4 * (i % 2);
                dst[i / 2] = dst[i / 2] & !(15 << shift) | (u4(*x, s, z) as u8) << shift;
            }
        },
    );
    assert!(matches!(report.verdict, Verdict::Faulty { .. }), "{report}");
}

#[test]
fn saturations() {
    let restricted = |x, s, z| i4(x, s, z).max(-7);
    expect(&audit(Packed::I4, restricted, low_first), &["does not use the least signed code"]);
    let wraps = |x: f32, s: f32, z: i32| match (x / s).round_ties_even() {
        v if v.is_nan() => 0,
        v => (v as i32).wrapping_add(z) & 15,
    };
    expect(&audit(Packed::U4, wraps, low_first), &["keeps the low bits of the integer"]);
    let byte = |x: f32, s: f32, z: i32| match (x / s).round_ties_even() {
        v if v.is_nan() => -8,
        v => saturated(v, z, -128, 127),
    };
    expect(&audit(Packed::I4, byte, low_first), &["saturates to 8 bits, and keeps the low 4"]);
    let byte = |x: f32, s: f32, z: i32| saturated((x / s).round_ties_even(), z, 0, 255);
    expect(&audit(Packed::U4, byte, low_first), &["saturates to 8 bits, and keeps the low 4"]);
}

#[test]
fn several_rules() {
    let by_reciprocal = |x: f32, s: f32, z| saturated((x * (1.0 / s)).round_ties_even(), z, 0, 15);
    let report = audit(Packed::U4, by_reciprocal, high_first);
    expect(&report, &["multiplies by 1/S in f32", HIGH_FIRST]);
    let away = |x: f32, s: f32, z| saturated((x / s).round(), z, -8, 7).max(-7);
    let report = audit(Packed::I4, away, low_first);
    expect(&report, &["rounds ties away from 0", "does not use the least signed code"]);
    let z_first =
        |x: f32, s: f32, z: i32| saturated((x / s + z as f32).round_ties_even(), 0, 0, 15);
    expect(&audit(Packed::U4, z_first, high_first), &["adds Z before it rounds", HIGH_FIRST]);
    let nan = |x: f32, s: f32, z: i32| if x.is_nan() { 7 } else { i4(x, s, z) };
    let plus_8 = |a: i32, b: Option<i32>, _| high_first(a + 8, b.map(|b| b + 8), 0);
    let report = audit(Packed::I4, nan, plus_8);
    expect(&report, &["NaN becomes qmax", HIGH_FIRST, "stores signed codes plus 8"]);
}

/// A body in whole registers, with the nibbles of each in another order than the tail's.
#[test]
fn a_body_with_other_nibbles_is_found() {
    let kernel = |x: &[f32], s: f32, z: i32, dst: &mut [u8]| {
        let body = x.len() - x.len() % 16;
        for (i, (x, q)) in x.chunks(2).zip(dst).enumerate() {
            let (a, b) = (u4(x[0], s, z), x.get(1).map(|&x| u4(x, s, z)));
            *q = if 2 * i < body { high_first(a, b, z) } else { low_first(a, b, z) };
        }
    };
    let report = quantize_packed(Packed::U4, QuantizePacked::REFERENCE, kernel);
    assert!(report.sentence().contains(HIGH_FIRST), "{report}");
    assert!(report.sentence().contains("elements beyond the last multiple of 16"), "{report}");
}
