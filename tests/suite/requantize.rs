//! Requantization: the contract's formulas written a second time, and the reference's bits from every
//! backend.

use crate::common::{Int, backends, contract, for_random, same, same_codes};
use crate::multipliers;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use zeropoint::{Backend, Error, Granularity, I4x2, Requantize, Scalar};

/// A multiplier as the contract has it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Float(f32),
    Fixed(i32, i32),
}

impl By {
    pub(crate) fn made<Q: Int>(self, z: i32) -> Requantize<Q> {
        match self {
            By::Float(m) => Requantize::float(m, z).unwrap(),
            By::Fixed(m, s) => Requantize::fixed(m, s, z).unwrap(),
        }
    }

    /// Rounded products by divisions of whole numbers, and floats by `f64`, which holds any product.
    fn product(self, acc: i32) -> i128 {
        match self {
            By::Float(m) => {
                let x = f64::from((f64::from(acc) as f32) * m);
                contract::rint(x.clamp(-1e12, 1e12)) as i128
            }
            By::Fixed(m, s) => {
                let left = i128::from(acc) * (1_i128 << s.max(0));
                let left = left.clamp(i128::from(i32::MIN), i128::from(i32::MAX));
                let high = (left * i128::from(m) + (1 << 30)).div_euclid(1 << 31);
                let d = 1_i128 << (-s).max(0);
                high.signum() * ((2 * high.abs() + d).div_euclid(2 * d))
            }
        }
    }

    fn requantized(self, acc: i32, z: i32, qmin: i32, qmax: i32) -> i32 {
        (self.product(acc) + i128::from(z)).clamp(qmin.into(), qmax.into()) as i32
    }
}

fn multiplier() -> impl Strategy<Value = By> {
    prop_oneof![
        4 => (-40..10_i32, 1.0..2.0_f32).prop_map(|(e, m)| By::Float(m * 2.0_f32.powi(e))),
        1 => any::<f32>().prop_map(|m| By::Float(if m.is_finite() { m.abs() } else { 0.0 })),
        4 => (1 << 30..=i32::MAX, -31..=30_i32).prop_map(|(m, s)| By::Fixed(m, s)),
        2 => (0..=1_i32, -31..=30_i32).prop_map(|(i, s)| By::Fixed([1 << 30, i32::MAX][i as usize], s)),
        1 => (-31..=30_i32).prop_map(|s| By::Fixed(0, s)),
    ]
}

fn zero_point() -> impl Strategy<Value = i32> {
    const LIMIT: i32 = 1 << 24;
    prop_oneof![
        6 => -128..256_i32,
        2 => -40_000..40_000_i32,
        1 => -LIMIT..=LIMIT,
        1 => proptest::sample::select(vec![LIMIT, -LIMIT, 30_000, 30_001, -30_000, -30_001]),
    ]
}

/// Accumulators whose products are near codes, ties among them, and any others.
fn accumulators() -> impl Strategy<Value = Vec<(u8, i32)>> {
    vec((any::<u8>(), any::<i32>()), 0..300_usize)
}

fn accumulator(by: By, z: i32, (kind, word): (u8, i32)) -> i32 {
    let m = match by {
        By::Float(m) => f64::from(m),
        By::Fixed(m, s) => f64::from(m) * 2.0_f64.powi(s - 31),
    };
    match kind % 8 {
        0 => word,
        1 => [i32::MIN, i32::MAX, i32::MIN + 1, 0, 1, -1][word.unsigned_abs() as usize % 6],
        2 => word >> 16,
        _ => {
            let near = ((f64::from(word % 700) / 2.0 - f64::from(z)) / m) as i32;
            near.saturating_add((word >> 20) % 2)
        }
    }
}

fn differential<Q: Int>() {
    let codes = (any::<u8>(), any::<u8>());
    let case = (multiplier(), zero_point(), codes, accumulators());
    for_random(3200, case, |(by, z, (a, b), words)| {
        let src: Vec<i32> = words.into_iter().map(|word| accumulator(by, z, word)).collect();
        let all = a == b || a % 2 == 0;
        let (qmin, qmax) = if all {
            (Q::MIN, Q::MAX)
        } else {
            (Q::MIN + i32::from(a.min(b)), Q::MIN + i32::from(a.max(b)))
        };
        let r = by.made::<Q>(z).with_codes(qmin, qmax).unwrap();
        let expected: Vec<Q> =
            src.iter().map(|acc| Q::of(by.requantized(*acc, z, qmin, qmax))).collect();
        for backend in backends() {
            let mut got = vec![Q::default(); src.len()];
            backend.requantize(&src, &r, &mut got).unwrap();
            same_codes(backend.name(), &got, &expected)?;
        }
        Ok(())
    });
}

#[test]
fn i8_codes_follow_the_contract() {
    differential::<i8>();
}

#[test]
fn u8_codes_follow_the_contract() {
    differential::<u8>();
}

#[test]
fn every_length_at_every_offset() {
    let src: Vec<i32> = (0..300).map(|i| i * 37 - 5000).collect();
    for by in [By::Float(0.03), By::Fixed(1 << 30, -4), By::Fixed(1 << 30, 1)] {
        let r = by.made::<i8>(3);
        for len in 0..=200 {
            for from in 0..17 {
                let src = &src[from..from + len];
                let expected: Vec<i8> =
                    src.iter().map(|acc| by.requantized(*acc, 3, -128, 127) as i8).collect();
                for backend in backends() {
                    let mut got = vec![77; len + 20];
                    backend.requantize(src, &r, &mut got[from..from + len]).unwrap();
                    assert_eq!(got[from..from + len], expected, "{}", backend.name());
                    got[from..from + len].fill(77);
                    assert!(got.iter().all(|q| *q == 77), "{} wrote outside", backend.name());
                }
            }
        }
    }
}

fn of<Q: Int>(r: &Requantize<Q>, src: &[i32]) -> Vec<i32> {
    let mut all = Vec::new();
    for backend in backends() {
        let mut q = vec![Q::default(); src.len()];
        backend.requantize(src, r, &mut q).unwrap();
        let q: Vec<i32> = q.into_iter().map(Int::int).collect();
        assert!(all.is_empty() || all == q, "{}", backend.name());
        all = q;
    }
    all
}

#[test]
fn float_ties_go_to_even() {
    let r = Requantize::<i8>::float(0.5, 1).unwrap();
    assert_eq!(of(&r, &[1, 3, 5, -1, -3]), [1, 3, 3, 1, -1]);
}

#[test]
fn accumulators_round_to_the_nearest_float() {
    // 2²⁴ + 1 and + 3 are ties between floats.
    let r = Requantize::<u8>::float(1.0, -(1 << 24)).unwrap();
    assert_eq!(of(&r, &[(1 << 24) + 1, (1 << 24) + 3]), [0, 4]);
}

#[test]
fn fixed_point_rounds_twice() {
    // ¾: 3 · ¾ = 2.25, −3 · ¾; then halves away from zero, from what the first rounding left.
    let r = Requantize::<i8>::fixed(3 << 29, 0, 0).unwrap();
    assert_eq!(of(&r, &[3, -3, 2, -2]), [2, -2, 2, -1]);
    let r = Requantize::<i8>::fixed(3 << 29, -1, 0).unwrap();
    // 1.125 once would be 1; 2.25 → 2 → 1; 4 · ¾ = 3 → 1.5 → 2.
    assert_eq!(of(&r, &[3, 4, -4, 6, -6]), [1, 2, -2, 3, -2]);
}

#[test]
fn shift_to_the_left_saturates() {
    let r = Requantize::<i8>::fixed(1 << 30, 30, 0).unwrap();
    assert_eq!(of(&r, &[1, 2, 1000, i32::MAX, -1, -2, i32::MIN, 0]), {
        [127, 127, 127, 127, -128, -128, -128, 0]
    });
}

#[test]
fn huge_products_become_qmax_never_qmin() {
    let r = Requantize::<u8>::float(f32::MAX, 0).unwrap();
    assert_eq!(of(&r, &[i32::MAX, 1, 0, -1, i32::MIN]), [255, 255, 0, 0, 0]);
    // From 1 on, the product may be 2³¹, which is no i32.
    for multiplier in [1.0 - f32::EPSILON / 2.0, 1.0, 1.0 + f32::EPSILON] {
        let r = Requantize::<u8>::float(multiplier, 3).unwrap();
        assert_eq!(of(&r, &[i32::MAX, i32::MAX - 64, 2, 0, -2, i32::MIN]), [255, 255, 5, 3, 1, 0]);
    }
}

#[test]
fn multiplier_is_derived_from_a_real_one() {
    let parts = |x: f64| Requantize::<i8>::fixed_from_real(x, 0).unwrap().multiplier_and_shift();
    assert_eq!(parts(0.0), Some((0, 0)));
    assert_eq!(parts(1.0), Some((1 << 30, 1)));
    assert_eq!(parts(0.75), Some((3 << 29, 0)));
    // Rounds to 2³¹.
    assert_eq!(parts(1.0 - 2.0_f64.powi(-40)), Some((1 << 30, 1)));
    // Half of the last place goes up.
    assert_eq!(parts(0.5 + 2.0_f64.powi(-32)), Some(((1 << 30) + 1, 0)));
    assert_eq!(parts(2.0_f64.powi(-32)), Some((1 << 30, -31)));
    assert_eq!(parts(2.0_f64.powi(-33)), Some((0, 0)));
    assert_eq!(parts(f64::from_bits(1)), Some((0, 0)));
    assert_eq!(parts(2.0_f64.powi(29)), Some((1 << 30, 30)));
    for wrong in [-1.0, f64::NAN, f64::INFINITY, 2.0_f64.powi(30)] {
        let refused = Requantize::<i8>::fixed_from_real(wrong, 0);
        assert!(matches!(refused, Err(Error::InvalidMultiplier { .. })), "{wrong}");
    }
}

#[test]
fn wrong_parameters_are_refused() {
    for m in [-1.0, f32::NAN, f32::INFINITY] {
        let refused = Requantize::<i8>::float(m, 0);
        assert!(matches!(refused, Err(Error::InvalidMultiplier { .. })), "{m}");
    }
    for m in [1, (1 << 30) - 1, -1, i32::MIN] {
        let refused = Requantize::<i8>::fixed(m, 0, 0);
        assert!(matches!(refused, Err(Error::InvalidMultiplier { .. })), "{m}");
    }
    for s in [-32, 31] {
        let refused = Requantize::<i8>::fixed(1 << 30, s, 0);
        assert!(matches!(refused, Err(Error::ShiftOutOfRange { shift, .. }) if shift == s));
    }
    for z in [(1 << 24) + 1, -(1 << 24) - 1] {
        let refused = Requantize::<i8>::float(1.0, z);
        assert!(matches!(refused, Err(Error::ZeroPointOutOfRange { .. })));
    }
    let r = Requantize::<i8>::float(1.0, 0).unwrap();
    assert!(matches!(r.with_codes(3, 2), Err(Error::CodeRange { .. })));
    assert!(matches!(r.with_codes(0, 128), Err(Error::CodeRange { .. })));
    let refused = Scalar.requantize(&[1, 2], &r, &mut [0]);
    assert!(matches!(refused, Err(Error::LengthMismatch { src: 2, dst: 1, .. })));
}

#[test]
fn slices_have_their_own_parameters() {
    let src: Vec<i32> = (0..12).map(|i| 100 * i - 300).collect();
    let by = [By::Float(0.1), By::Fixed(1 << 30, -2), By::Fixed(1 << 30, 1)];
    let params = by.map(|by| by.made::<i8>(2));
    for (axis, shape) in [(0, [3, 4]), (1, [4, 3])] {
        let granularity = Granularity::channel(&shape, axis).unwrap();
        let slice = |i: usize| if axis == 0 { i / 4 } else { i % 3 };
        for backend in backends() {
            let mut got = [0; 12];
            backend.requantize_per(granularity, &src, &params[..], &mut got).unwrap();
            for i in 0..12 {
                let expected = by[slice(i)].requantized(src[i], 2, -128, 127);
                assert_eq!(i32::from(got[i]), expected, "{} at {i}", backend.name());
            }
            let refused = backend.requantize_per(granularity, &src, &params[..2], &mut got);
            assert!(matches!(refused, Err(Error::ParamsMismatch { slices: 3, params: 2, .. })));
        }
    }
}

/// Every column with a multiplier, a zero point and codes of its own, in rows of every width that the
/// kernels tell apart: narrow ones, a table's, more than a table's.
fn columns<Q: Int>() {
    let widths = prop_oneof![4 => 1..=140_usize, 1 => 250..=660_usize];
    let params = vec((multiplier(), zero_point(), any::<(u8, u8)>()), 660);
    let kinds = (0..5_u8, any::<bool>());
    let case = (widths, 1..=20_usize, params, kinds, vec((any::<u8>(), any::<i32>()), 4001));
    for_random(400, case, |(width, rows, mut params, (kind, narrow), words)| {
        params.truncate(width);
        for (by, z, _) in &mut params {
            // All floats, all in fixed point, all floats below 1, all shifted to the right, or any.
            *by = match (kind, *by) {
                (0 | 2, By::Fixed(m, s)) => By::Float(m as f32 * 2.0_f32.powi(s - 31)),
                (1 | 3, By::Float(m)) => By::Fixed((m.to_bits() >> 2) as i32 | 1 << 30, -7),
                (_, by) => by,
            };
            *by = match (kind, *by) {
                (2, By::Float(m)) if m >= 1.0 => By::Float(1.0 / (m + m)),
                // Hardly ever by 0, which is no shift to the right.
                (3, By::Fixed(m, s)) if s > 0 => By::Fixed(m, -s),
                (_, by) => by,
            };
            // Within what the kernels have room for.
            if narrow {
                *z %= 30_001;
            }
        }
        let range = |(a, b): (u8, u8)| match a % 2 {
            0 => (Q::MIN, Q::MAX),
            _ => (Q::MIN + i32::from(a.min(b)), Q::MIN + i32::from(a.max(b))),
        };
        let made: Vec<Requantize<Q>> = (params.iter())
            .map(|(by, z, codes)| {
                let (qmin, qmax) = range(*codes);
                by.made(*z).with_codes(qmin, qmax).unwrap()
            })
            .collect();
        let (mut src, mut expected) = (Vec::new(), Vec::new());
        for i in 0..rows * width {
            let (by, z, codes) = params[i % width];
            let (acc, (qmin, qmax)) = (accumulator(by, z, words[i % words.len()]), range(codes));
            src.push(acc);
            expected.push(Q::of(by.requantized(acc, z, qmin, qmax)));
        }
        let granularity = Granularity::channel(&[rows, width], 1).unwrap();
        for backend in backends() {
            let mut got = vec![Q::default(); src.len() + 2];
            let inside = 1..=src.len();
            backend.requantize_per(granularity, &src, &made[..], &mut got[inside.clone()]).unwrap();
            same_codes(backend.name(), &got[inside], &expected)?;
            same("outside", (got[0], got[src.len() + 1]), Default::default())?;
            multipliers::same_in_arrays::<Q>(
                backend,
                granularity,
                &src,
                &params,
                range(params[0].2),
            )?;
        }
        Ok(())
    });
}

#[test]
fn columns_of_i8_have_their_own_parameters() {
    columns::<i8>();
}

#[test]
fn columns_of_u8_have_their_own_parameters() {
    columns::<u8>();
}

/// Bands of rows that share parameters, the last one shorter: a table is filled again with fewer columns.
#[test]
fn short_bands_after_long_ones() {
    for (rows, columns, of) in [(5, 2, 4), (9, 3, 8), (17, 1, 16), (40, 70, 39), (3, 600, 2)] {
        let granularity = Granularity::block(&[rows, columns], 0, of).unwrap();
        for (first, then) in [(1, -1), (-1, 1), (0, -3), (-2, -9), (4, 0)] {
            let made = |i: usize| {
                let (multiplier, shift) =
                    (1 << 30 | i as i32, if i < columns { first } else { then });
                Requantize::<i8>::fixed(multiplier, shift, i as i32 % 5).unwrap()
            };
            let params: Vec<_> = (0..granularity.slices()).map(made).collect();
            let src: Vec<i32> = (0..rows * columns).map(|i| i as i32 * 37 % 2001 - 1000).collect();
            let mut expected = vec![0; src.len()];
            Scalar.requantize_per(granularity, &src, &params[..], &mut expected).unwrap();
            for backend in backends() {
                let mut got = vec![0; src.len()];
                backend.requantize_per(granularity, &src, &params[..], &mut got).unwrap();
                assert_eq!(got, expected, "{} {rows} {columns} {first} {then}", backend.name());
            }
        }
    }
}

#[test]
fn wide_and_packed_codes_are_taken() {
    let mut wide = [0_i16; 3];
    let r = Requantize::float(10.0, 0).unwrap();
    Scalar.requantize(&[100, -5000, 5000], &r, &mut wide).unwrap();
    assert_eq!(wide, [1000, i16::MIN, i16::MAX]);
    let mut packed = [I4x2::default(); 2];
    let r = Requantize::float(0.5, 0).unwrap();
    zeropoint::requantize(&[2, -6, 100], &r, &mut packed).unwrap();
    assert_eq!(packed, [I4x2::new([1, -3]), I4x2::new([7, 0])]);
}
