//! Kernels with one rule or several broken on purpose, written out by hand: the audit must name what is broken.

use zeropoint_audit::{Border, Quantize, Report, Verdict, quantize};

/// Audits a kernel that turns one number into a `u8`.
fn audit_u8(one: impl Fn(f32, f32, i32) -> u8) -> Report {
    quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        for (x, q) in x.iter().zip(dst) {
            *q = one(*x, s, z);
        }
    })
}

fn audit_i8(one: impl Fn(f32, f32, i32) -> i8) -> Report {
    quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [i8]| {
        for (x, q) in x.iter().zip(dst) {
            *q = one(*x, s, z);
        }
    })
}

/// Expects the audit to find exactly these rules, which are in the order of the formula.
#[track_caller]
fn expect(report: &Report, rules: &[&str]) {
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert_eq!(finding.text, rules.join("; "), "{report}");
    assert!(finding.also.is_empty(), "{report}");
    assert!(!report.agrees() && report.differing > 0, "{report}");
    assert!(report.counterexample.is_some(), "{report}");
    for e in &finding.evidence {
        assert!(e.cases > 0, "no case tells: {e:?}\n{report}");
    }
}

/// Adds Z and clamps, where NaN is the least code.
fn finish(rounded: f32, z: i32) -> u8 {
    if rounded.is_nan() { 0 } else { (f64::from(rounded) + f64::from(z)).clamp(0.0, 255.0) as u8 }
}

fn finish_i8(rounded: f32, z: i32) -> i8 {
    if rounded.is_nan() {
        -128
    } else {
        (f64::from(rounded) + f64::from(z)).clamp(-128.0, 127.0) as i8
    }
}

const IS_I32: std::ops::Range<f32> = -2_147_483_648.0..2_147_483_648.0;

/// x86's conversion: the least integer for whatever `i32` cannot hold, NaN too.
fn cvtps(v: f32) -> i32 {
    if IS_I32.contains(&v) { v as i32 } else { i32::MIN }
}

const BY_RECIPROCAL: &str = "multiplies by 1/S in f32";
const TO_MIN: &str = "converts numbers beyond i32 to i32::MIN";
const WRAPPING: &str = "adds Z in wrapping i32";
const Z_FIRST: &str = "adds Z before it rounds";
const AWAY: &str = "rounds ties away from 0";

#[test]
fn a_correct_kernel_agrees() {
    let u8_report = audit_u8(|x, s, z| finish((x / s).round_ties_even(), z));
    let i8_report = audit_i8(|x, s, z| finish_i8((x / s).round_ties_even(), z));
    for report in [u8_report, i8_report] {
        let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
        assert!(report.agrees() && finding.is_reference && finding.also.is_empty(), "{report}");
        assert!(report.cases > 200_000 && report.differing == 0 && finding.cases == report.cases);
        assert_eq!(report.counterexample, None);
    }
}

#[test]
fn scalings() {
    let report = audit_u8(|x, s, z| finish((x * (1.0 / s)).round_ties_even(), z));
    expect(&report, &[BY_RECIPROCAL]);
    let wide = |v: f64, z: i32| {
        if v.is_nan() { 0 } else { (v.round_ties_even() + f64::from(z)).clamp(0.0, 255.0) as u8 }
    };
    let report = audit_u8(|x, s, z| wide(f64::from(x) / f64::from(s), z));
    expect(&report, &["divides in f64, and does not round the quotient to f32"]);
    let report = audit_u8(|x, s, z| wide(f64::from(x) * (1.0 / f64::from(s)), z));
    expect(&report, &["multiplies by 1/S in f64, and does not round the product to f32"]);
    let report = audit_u8(|x, s, z| finish(x.mul_add(1.0 / s, z as f32).round_ties_even(), 0));
    expect(&report, &["multiplies by 1/S and adds Z in one fma, before it rounds"]);
}

/// In f64, a product rounded to f32 is the quotient rounded to f32, for all floats: nothing differs.
#[test]
fn a_product_in_f64_rounded_to_f32_agrees() {
    let report = audit_u8(|x, s, z| {
        finish(((f64::from(x) * (1.0 / f64::from(s))) as f32).round_ties_even(), z)
    });
    assert!(report.agrees(), "{report}");
}

#[test]
fn roundings() {
    let rounded = |round: fn(f32) -> f32| audit_u8(move |x, s, z| finish(round(x / s), z));
    expect(&rounded(f32::round), &[AWAY]);
    expect(&rounded(|v| (v + 0.5).floor()), &["rounds by floor(v + 0.5)"]);
    let add_half = |v: f32| (v + 0.5_f32.copysign(v)).trunc();
    expect(&rounded(add_half), &["rounds by truncating v + 0.5, or v - 0.5 below 0"]);
    expect(&rounded(f32::trunc), &["truncates toward 0"]);
    expect(&rounded(f32::floor), &["rounds down"]);
}

#[test]
fn additions() {
    let report = audit_u8(|x, s, z| {
        let v = (x / s).round_ties_even();
        if v.is_nan() { 0 } else { (v as i32).wrapping_add(z).clamp(0, 255) as u8 }
    });
    expect(&report, &[WRAPPING]);
    let report = audit_i8(|x, s, z| {
        let v = (x / s).round_ties_even();
        if v.is_nan() { -128 } else { (v.clamp(-128.0, 127.0) as i32 + z).clamp(-128, 127) as i8 }
    });
    expect(&report, &["clamps to the codes before it adds Z"]);
    let report = audit_u8(|x, s, z| finish((x / s + z as f32).round_ties_even(), 0));
    expect(&report, &[Z_FIRST]);
}

#[test]
fn conversions() {
    let report = audit_u8(|x, s, z| {
        let v = (x / s).round_ties_even();
        if v.is_nan() { 0 } else { (i64::from(cvtps(v)) + i64::from(z)).clamp(0, 255) as u8 }
    });
    expect(&report, &[TO_MIN]);
    let report = audit_u8(|x, s, z| {
        let v = (x / s).round_ties_even();
        if v.is_nan() { 0 } else { finish(if IS_I32.contains(&v) { v } else { 0.0 }, z) }
    });
    expect(&report, &["converts numbers beyond i32 to 0"]);
    // C's lrintf on x86-64.
    let report = audit_u8(|x, s, z| {
        let v = (x / s).round_ties_even();
        let limit = 9_223_372_036_854_775_808.0;
        let long = if (-limit..limit).contains(&v) { v as i64 } else { i64::MIN };
        long.saturating_add(z.into()).clamp(0, 255) as u8
    });
    expect(&report, &["converts to i64, and numbers beyond i64 to i64::MIN"]);
    let report = audit_u8(|x, s, z| {
        let v = (x / s).round_ties_even();
        if v.is_nan() { 0 } else { (v as i32).wrapping_add(z) as u8 }
    });
    expect(&report, &["keeps the low bits of the integer"]);
}

#[test]
fn nans() {
    let nan = |of_nan: fn(i32) -> u8| {
        audit_u8(
            move |x, s, z| {
                if x.is_nan() { of_nan(z) } else { finish((x / s).round_ties_even(), z) }
            },
        )
    };
    expect(&nan(|_| 255), &["NaN becomes qmax"]);
    expect(&nan(|z| z as u8), &["NaN becomes the integer 0 before Z is added"]);
    let report =
        audit_i8(|x, s, z| if x.is_nan() { 0 } else { finish_i8((x / s).round_ties_even(), z) });
    expect(&report, &["NaN becomes the code 0"]);
}

#[test]
fn subnormals_and_limits() {
    let flush = |v: f32| if v.is_subnormal() { 0.0 } else { v };
    let report = audit_u8(|x, s, z| finish(flush(flush(x) / flush(s)).round_ties_even(), z));
    expect(&report, &["flushes subnormal numbers to 0"]);
    let report = audit_i8(|x, s, z| finish_i8((x / s).round_ties_even(), z).max(-127));
    expect(&report, &["does not use the least signed code"]);
}

/// Two and more rules at once, among them those of libraries.
#[test]
fn several_rules() {
    let product = |x: f32, s: f32| x * (1.0 / s);
    expect(&audit_u8(|x, s, z| finish(product(x, s).round(), z)), &[BY_RECIPROCAL, AWAY]);
    let report = audit_u8(|x, s, z| finish((product(x, s) + z as f32).round(), 0));
    expect(&report, &[BY_RECIPROCAL, AWAY, Z_FIRST]);
    let report = audit_u8(|x, s, z| finish((x / s + z as f32).round(), 0));
    expect(&report, &[AWAY, Z_FIRST]);
    let report =
        audit_u8(
            |x, s, z| if x.is_nan() { 255 } else { finish(product(x, s).round_ties_even(), z) },
        );
    expect(&report, &[BY_RECIPROCAL, "NaN becomes qmax"]);
    let report = audit_u8(|x, s, z| if x.is_nan() { 255 } else { finish((x / s).round(), z) });
    expect(&report, &[AWAY, "NaN becomes qmax"]);
    let report = audit_i8(|x, s, z| finish_i8((x / s).round(), z).max(-127));
    expect(&report, &[AWAY, "does not use the least signed code"]);
    let report = audit_i8(|x, s, z| finish_i8(product(x, s).round_ties_even(), z).max(-127));
    expect(&report, &[BY_RECIPROCAL, "does not use the least signed code"]);
}

/// Conversions that look after nothing, as the instructions of CPUs and Rust's `as` do them.
#[test]
fn unguarded_conversions() {
    let product = |x: f32, s: f32| x * (1.0 / s);
    // Rust's `as` saturates, and makes 0 of NaN.
    let report = audit_u8(|x, s, z| {
        ((x / s).round_ties_even() as i32).saturating_add(z).clamp(0, 255) as u8
    });
    expect(&report, &["NaN becomes the integer 0 before Z is added"]);
    // Engines on x86: the conversion is not guarded, and NaN is whatever it makes of it.
    let report = audit_i8(|x, s, z| {
        cvtps(product(x, s).round_ties_even()).wrapping_add(z).clamp(-128, 127) as i8
    });
    expect(&report, &[BY_RECIPROCAL, WRAPPING, TO_MIN, "NaN becomes i32::MIN before Z is added"]);
    let report =
        audit_u8(|x, s, z| cvtps((x / s).round_ties_even()).saturating_add(z).clamp(0, 255) as u8);
    expect(&report, &[TO_MIN]);
    let report = audit_u8(|x, s, z| cvtps((x / s).round_ties_even()).wrapping_add(z) as u8);
    expect(
        &report,
        &[
            TO_MIN,
            "keeps the low bits of the integer",
            "NaN becomes the integer 0 before Z is added",
        ],
    );
    // A clamp in f32 that does not see NaN, and an addition that wraps.
    let report = audit_u8(|x, s, z| {
        (product(x, s).min(2_147_483_520.0).round_ties_even() as i32).wrapping_add(z).clamp(0, 255)
            as u8
    });
    expect(
        &report,
        &[
            BY_RECIPROCAL,
            WRAPPING,
            "clamps to 2147483520 before it converts to i32",
            "NaN becomes 2147483520 before Z is added",
        ],
    );
}

/// A body in steps of `n`, and a tail by another formula.
fn body_and_tail(n: usize) -> Report {
    quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let body = x.len() - x.len() % n;
        for (i, (x, q)) in x.iter().zip(dst).enumerate() {
            let v = if i < body { x * (1.0 / s) } else { x / s };
            *q = finish(v.round_ties_even(), z);
        }
    })
}

#[test]
fn a_tail_of_its_own_is_found() {
    for n in [4, 8, 16, 32] {
        let report = body_and_tail(n);
        let Verdict::Two { border, also, body, rest } = &report.verdict else { panic!("{report}") };
        assert_eq!((*border, also.len()), (Border::Multiple(n as u32), 0), "{report}");
        assert_eq!(body.text, BY_RECIPROCAL);
        assert!(rest.is_reference, "{report}");
    }
}

/// A kernel that refuses the lengths at which a multiple of 4 and one of 8 differ: nobody knows which it is.
#[test]
fn borders_that_nothing_tells_apart_are_both_named() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        if x.len() % 8 >= 4 {
            return Err("not such a length");
        }
        let body = x.len() - x.len() % 8;
        for (i, (x, q)) in x.iter().zip(dst).enumerate() {
            let v = if i < body { x * (1.0 / s) } else { x / s };
            *q = finish(v.round_ties_even(), z);
        }
        Ok(())
    });
    let Verdict::Two { border, also, .. } = &report.verdict else { panic!("{report}") };
    assert_eq!((*border, also.as_slice()), (Border::Multiple(4), &[Border::Multiple(8)][..]));
    assert!(
        report.sentence().contains("multiple of 4 (or elements beyond the last multiple of 8)")
    );
}

/// A body that flushes subnormal numbers, and a tail that keeps them.
#[test]
fn a_body_that_flushes_is_found() {
    let flush = |v: f32| if v.is_subnormal() { 0.0 } else { v };
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let body = x.len() - x.len() % 64;
        for (i, (x, q)) in x.iter().zip(dst).enumerate() {
            let v = if i < body { flush(flush(*x) / flush(s)) } else { x / s };
            *q = finish(v.round_ties_even(), z);
        }
    });
    let Verdict::Two { border, also, body, rest } = &report.verdict else { panic!("{report}") };
    assert_eq!((*border, also.len()), (Border::Multiple(64), 0), "{report}");
    assert_eq!(body.text, "flushes subnormal numbers to 0");
    assert!(rest.is_reference, "{report}");
}

#[test]
fn short_slices_of_their_own_are_found() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let is_short = x.len() < 33;
        for (x, q) in x.iter().zip(dst) {
            let v = x / s;
            *q = finish(if is_short { v.round() } else { v.round_ties_even() }, z);
        }
    });
    let Verdict::Two { border, also, body, rest } = &report.verdict else { panic!("{report}") };
    assert_eq!((*border, rest.text.as_str()), (Border::Length(33), AWAY), "{report}");
    assert!(also.is_empty(), "{report}");
    assert!(body.is_reference, "{report}");
}

#[test]
fn an_unknown_formula_is_not_explained() {
    let report = audit_u8(|x, s, z| finish((x / s).round_ties_even() * 1.01, z));
    let Verdict::Unknown { unexplained, .. } = report.verdict else { panic!("{report}") };
    assert!(unexplained > 1000 && report.counterexample.is_some(), "{report}");
    let example = report.counterexample.as_ref().unwrap();
    assert_eq!((example.len, example.index), (1, 0), "{report}");
}

/// One position of a vector is wrong: no rule says so, and no single element shows it.
#[test]
fn a_fault_at_a_position_is_shown_in_its_slice() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        for (i, (x, q)) in x.iter().zip(dst).enumerate() {
            *q = finish((x / s).round_ties_even(), z) ^ u8::from(i % 8 == 5);
        }
    });
    assert!(matches!(report.verdict, Verdict::Unknown { .. }), "{report}");
    let example = report.counterexample.unwrap();
    assert_eq!(example.index % 8, 5);
}

#[test]
fn faults() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        // It forgets the last element of long slices.
        let n = if x.len() > 40 { x.len() - 1 } else { x.len() };
        for (x, q) in x[..n].iter().zip(dst) {
            *q = finish((x / s).round_ties_even(), z);
        }
    });
    assert!(matches!(report.verdict, Verdict::Faulty { .. }) && !report.agrees(), "{report}");
    let report = quantize(Quantize::REFERENCE, |_: &[f32], _, _, _: &mut [u8]| Err("not today"));
    assert!(matches!(report.verdict, Verdict::NothingSeen) && !report.agrees(), "{report}");
}

/// A kernel without a zero point never shows when it would add one, so the report does not claim to know.
#[test]
fn what_no_case_tells_is_said() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [i8]| {
        if z != 0 {
            return Err("symmetric only");
        }
        for (x, q) in x.iter().zip(dst) {
            *q = finish_i8((x / s).round_ties_even(), 0);
        }
        Ok(())
    });
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert!(report.agrees());
    let addition = finding.evidence.iter().find(|e| e.found.rule == "zero point").unwrap();
    assert_eq!(addition.cases, 0, "{report}");
    assert!(report.to_string().contains("no case tells"), "{report}");
}
