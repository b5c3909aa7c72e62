//! That the proof can fail: its list holds what it should, and its bound is a bound.

use crate::far;
use crate::float::Float;
use crate::residues::{self, Pair};

/// Panics where it could not fail.
pub(crate) fn check() {
    low_term_matters::<f32>();
    low_term_matters::<f64>();
    first_failure_is_in_the_list::<f32>();
    first_failure_is_in_the_list::<f64>();
    error_is_within_its_bound();
    correction_matters();
    corrected_error_is_within_its_bound();
}

/// The nearest integers to x / S: by division, by two terms, and by the first of them alone.
fn rounded<T: Float>(x: T, scale: T) -> [f64; 3] {
    let (high, low) = scale.two_terms();
    [x / scale, x.mul_add(high, x * low), x * high].map(|q| q.into().round_ties_even())
}

/// Checks that one term is not enough for an eighth of the pairs or more.
fn low_term_matters<T: Float>() {
    let pairs = residues::list::<T>();
    let wrong = |term: usize| {
        let differs = |pair: &&Pair<T>| {
            let quotients = rounded(pair.x, pair.scale);
            quotients[0] != quotients[term]
        };
        pairs.iter().filter(differs).count()
    };
    assert_eq!(wrong(1), 0, "two terms, of {} pairs", pairs.len());
    assert!(wrong(2) > pairs.len() / 8, "one term: {} of {} pairs", wrong(2), pairs.len());
}

/// Far beyond the thresholds of the kernels two terms are not enough either, and the list says so.
fn first_failure_is_in_the_list<T: Float>() {
    let (k, x, scale) = T::FIRST_FAILURE;
    let quotients = rounded(x, scale);
    assert_ne!(quotients[0], quotients[1], "no failure at k = {k}");
    let pairs = residues::at_step::<T>(k, 4);
    assert!(pairs.contains(&Pair { x, scale, k: k as i32 }), "k = {k} lacks a pair");
}

/// `|(x·h + x⊗l)·S − x|`, without rounding, is at most 2⁻¹⁰⁵·(1 + 2⁻⁵⁴) of x; and sometimes half
/// that. (For f32 every scale is tried instead.)
fn error_is_within_its_bound() {
    let mut random = 1_u64;
    let mut one_to_two = || {
        random = random.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        f64::from_bits(1.0_f64.to_bits() | random >> 12)
    };
    let mut greatest = 0.0_f64;
    for _ in 0..300_000 {
        let (x, scale) = (one_to_two(), one_to_two());
        let (high, low) = scale.two_terms();
        let terms = [product(&[x, high, scale]), product(&[x * low, scale]), product(&[-x])];
        let error = terms.into_iter().fold(0, i128::wrapping_add) as f64 * UNIT;
        greatest = greatest.max(error.abs() / x);
    }
    let bound = 2.0_f64.powi(-105) * (1.0 + f64::EPSILON);
    assert!(greatest <= bound && greatest > 0.5 * bound, "{} of the bound", greatest / bound);
}

/// `h` and `q₀` of Markstein's quotient, and the remainder.
fn corrected(x: f32, scale: f32) -> (f32, f32, f32) {
    let high = 1.0 / scale;
    let first = x * high;
    (high, first, (-first).mul_add(scale, x))
}

/// Checks that two terms are wrong at some steps of 16-bit codes, that the list has such pairs, and
/// that Markstein's quotient is right at all of them.
fn correction_matters() {
    let pairs = far::list::<f32>(0..=65_536);
    let wrong = |right: &dyn Fn(f32, f32) -> f32| {
        let differs = |p: &&Pair<f32>| {
            (p.x / p.scale).round_ties_even() != right(p.x, p.scale).round_ties_even()
        };
        pairs.iter().filter(differs).count()
    };
    let two_terms = |x: f32, scale: f32| {
        let (high, low) = scale.two_terms();
        x.mul_add(high, x * low)
    };
    let markstein = |x: f32, scale: f32| {
        let (high, first, remainder) = corrected(x, scale);
        remainder.mul_add(high, first)
    };
    let first = |x: f32, scale: f32| corrected(x, scale).1;
    assert_eq!(wrong(&markstein), 0, "Markstein's quotient, of {} pairs", pairs.len());
    assert_eq!(wrong(&two_terms), 786, "two terms, of {} pairs", pairs.len());
    assert!(wrong(&first) > pairs.len() / 8, "one term: {} of {}", wrong(&first), pairs.len());
}

/// `|(q₀ + r·h)·S − x|`, without rounding, is at most 2⁻⁴⁶·(1 + 2⁻²³) of x; and sometimes half
/// that.
fn corrected_error_is_within_its_bound() {
    let mut random = 1_u64;
    let mut one_to_two = || {
        random = random.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        f32::from_bits(1.0_f32.to_bits() | (random >> 41) as u32)
    };
    let mut greatest = 0.0_f64;
    for _ in 0..300_000 {
        let (x, scale) = (one_to_two(), one_to_two());
        let (high, first, remainder) = corrected(x, scale);
        let scaled = |x: f32, digits: i32| (f64::from(x) * 2.0_f64.powi(digits)) as i128;
        let scale = scaled(scale, 23);
        // In units of 2⁻⁹⁵, of which all of it is a multiple.
        let error = ((scaled(first, 24) * scale) << 48)
            + scaled(remainder, 48) * scaled(high, 24) * scale
            - (scaled(x, 23) << 72);
        let error = error as f64 * 2.0_f64.powi(-95);
        greatest = greatest.max(error.abs() / f64::from(x));
    }
    let bound = 2.0_f64.powi(-46) * (1.0 + f64::from(f32::EPSILON));
    assert!(greatest <= bound && greatest > 0.5 * bound, "{} of the bound", greatest / bound);
}

/// All products here are multiples of this number, 2⁻²¹⁰.
const UNIT: f64 = f64::from_bits((1023 - 210) << 52);

/// The product in units, modulo 2¹²⁸: the products may be greater, but not their sum, which is small.
fn product(factors: &[f64]) -> i128 {
    let mut significand = 1_i128;
    let mut exponent = 210;
    for x in factors {
        let bits = x.to_bits();
        let magnitude = i128::from(bits & ((1 << 52) - 1) | 1 << 52);
        significand = significand.wrapping_mul(if *x < 0.0 { -magnitude } else { magnitude });
        exponent += (bits >> 52 & 0x7ff) as i32 - 1075;
    }
    if exponent < 128 { significand << exponent } else { 0 }
}
