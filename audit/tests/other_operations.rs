//! Dequantizers, requantizers and searches for parameters with rules broken on purpose, written out by hand.

use zeropoint_audit::{
    Dequantize, FindParams, Report, Requantize, Verdict, dequantize, params, requantize,
};

#[track_caller]
fn expect(report: &Report, text: &str) {
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert_eq!(finding.text, text, "{report}");
    assert!(finding.also.is_empty() && report.differing > 0 && !report.agrees(), "{report}");
    assert!(finding.evidence.iter().all(|e| e.cases > 0), "{report}");
}

fn from_u8(one: impl Fn(u8, f32, i32) -> f32) -> Report {
    dequantize(Dequantize::REFERENCE, |q: &[u8], s, z, dst: &mut [f32]| {
        for (q, x) in q.iter().zip(dst) {
            *x = one(*q, s, z);
        }
    })
}

#[test]
fn dequantizers() {
    let report = from_u8(|q, s, z| (i32::from(q) - z) as f32 * s);
    assert!(report.agrees() && report.cases > 50_000, "{report}");
    expect(
        &from_u8(|q, s, z| f32::from(q) * s - z as f32 * s),
        "subtracts Z * S from q * S, each rounded to f32",
    );
    expect(
        &from_u8(|q, s, z| f32::from(q).mul_add(s, -(z as f32 * s))),
        "computes q * S - Z * S in one fma, with Z * S rounded to f32",
    );
    expect(
        &from_u8(|q, s, z| f32::from(q.wrapping_sub(z as u8)) * s),
        "subtracts in the type of the codes, and wraps",
    );
    expect(
        &from_u8(|q, s, z| f32::from(q.saturating_sub(z as u8)) * s),
        "subtracts in the type of the codes, and saturates",
    );
    let flush = |v: f32| if v.is_subnormal() { 0.0 * v } else { v };
    expect(
        &from_u8(|q, s, z| flush((i32::from(q) - z) as f32 * flush(s))),
        "flushes subnormal numbers to 0",
    );
}

fn to_i8(one: impl Fn(i32, f32, i32) -> i8) -> Report {
    requantize(Requantize::REFERENCE, |acc: &[i32], m, z, dst: &mut [i8]| {
        for (acc, q) in acc.iter().zip(dst) {
            *q = one(*acc, m, z);
        }
    })
}

#[test]
fn requantizers() {
    let finish = |v: f64, z: i32| (v + f64::from(z)).clamp(-128.0, 127.0) as i8;
    let report = to_i8(|acc, m, z| finish((acc as f32 * m).round_ties_even().into(), z));
    assert!(report.agrees() && report.cases > 50_000, "{report}");
    expect(
        &to_i8(|acc, m, z| finish((f64::from(acc) * f64::from(m)).round_ties_even(), z)),
        "multiplies in f64",
    );
    expect(
        &to_i8(|acc, m, z| finish((acc as f32 * m).round().into(), z)),
        "rounds ties away from 0",
    );
    expect(
        &to_i8(|acc, m, z| finish((acc as f32 * m + z as f32).round_ties_even().into(), 0)),
        "adds Z before it rounds",
    );
    expect(
        &to_i8(|acc, m, z| {
            let v = (acc as f32 * m).round_ties_even();
            let in_range = (-2_147_483_648.0..2_147_483_648.0).contains(&v);
            finish(f64::from(if in_range { v as i32 } else { i32::MIN }), z)
        }),
        "converts products beyond i32 to i32::MIN",
    );
    expect(
        &to_i8(|acc, m, z| ((acc as f32 * m).round_ties_even() as i32).wrapping_add(z) as i8),
        "keeps the low bits of the integer",
    );
}

/// The multiplier of TFLite, as zeropoint itself computes with it.
#[test]
fn a_fixed_point_multiplier() {
    use zeropoint::{Backend, Requantize as Fixed, Scalar};
    let report = requantize(Requantize::REFERENCE, |acc: &[i32], m, z, dst: &mut [i8]| {
        let rescale = Fixed::fixed_from_real(m.into(), z)?;
        Scalar.requantize(acc, &rescale, dst)
    });
    expect(&report, "multiplies by a multiplier of 31 bits and a shift, with rounding doublings");
}

/// Audits a function of the least and the greatest number, and of whether there is a NaN.
fn for_u8(find: impl Fn(f32, f32, bool) -> Option<(f32, i32)>) -> Report {
    params::<u8>(FindParams::REFERENCE, |x| {
        let min = x.iter().copied().fold(f32::INFINITY, f32::min);
        let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        find(min, max, x.iter().any(|x| x.is_nan()))
    })
}

/// Takes the scale of a width as the contract does.
fn guarded(width: f32, scale: f32) -> f32 {
    if width == 0.0 { 1.0 } else { scale.max(f32::MIN_POSITIVE) }
}

fn zero_point(min: f32, scale: f32) -> i32 {
    (-min / scale).round_ties_even().clamp(0.0, 255.0) as i32
}

#[test]
fn searches_for_parameters() {
    let report = params::<i8>(FindParams::REFERENCE, |x| {
        let range = zeropoint::Range::of(x).ok()?;
        let p: zeropoint::QParams<f32, i8> = zeropoint::Scheme::asymmetric().params(range).ok()?;
        Some((p.scale(), p.zero_point()))
    });
    assert!(report.agrees() && report.cases > 5000, "{report}");

    let scale = |min: f32, max: f32| guarded(max - min, max / 255.0 - min / 255.0);
    let of_width = |min: f32, max: f32| guarded(max - min, (max - min) / 255.0);
    let report = for_u8(|min, max, nan| {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let s = if (max - min).is_finite() { of_width(min, max) } else { scale(min, max) };
        (!nan).then(|| (s, (-min / s).round().clamp(0.0, 255.0) as i32))
    });
    expect(&report, "rounds qmin - min / S with ties away from 0");
    let report = for_u8(|min, max, nan| {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let s = guarded(max - min, (max - min) * (1.0 / 255.0));
        (!nan).then(|| (s, zero_point(min, s)))
    });
    expect(&report, "multiplies the width by 1 / (qmax - qmin) in f32; lets the width overflow");
    let report = for_u8(|min, max, _| {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let s = ((max - min) / 255.0).max(f32::EPSILON);
        Some((s, zero_point(min, s)))
    });
    expect(&report, "takes at least 2^-23; lets the width overflow; ignores NaN");
    let report = for_u8(|min, max, nan| {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let width = max - min;
        let s = if width == 0.0 { 1.0 } else { width / 255.0 };
        (!nan).then(|| (s, zero_point(min, s)))
    });
    expect(
        &report,
        "takes 1 for a width of 0, and subnormal scales as they are; lets the width overflow",
    );
    // The formula of notebooks.
    let report = for_u8(|min, max, nan| {
        let s = (max - min) / 255.0;
        Some(if nan { (f32::NAN, 0) } else { (s, (-min / s).round_ties_even() as i32) })
    });
    expect(
        &report,
        "takes the range as it is; does not look at the width; lets the width overflow; finds a NaN",
    );
}
