//! Quantize and dequantize: ties, the zero point's place, what is far away, NaN.

use zeropoint::{Backend, Error, QParams};

use super::{codes, numbers, short_and_long};
use crate::common::floats::{Float, half_grid};
use crate::common::{Int, backends, same_numbers};

for_each_pair!(bytes:
    ties_go_to_even,
    zero_point_added_after_rounding,
    quotient_is_a_division,
    nan_becomes_qmin,
    infinities_become_the_ends,
    huge_becomes_qmax_never_qmin,
    overflowing_quotient_lies_beyond_the_clamp,
    zero_point_at_its_limits_wraps_nothing,
    neighbours_of_the_last_thresholds,
    subnormal_data_rounds_like_any_other,
    empty_slice_is_fine,
    length_mismatch_names_both_numbers,
    dequantize_is_exact_difference_times_scale,
    dequantize_may_overflow_to_infinity,
    dequantize_takes_codes_outside_qmin_qmax,
    nan_comes_back_as_qmin,
);

fn params<T: Float, Q: Int>(scale: f64, zero_point: i32) -> QParams<T, Q> {
    QParams::new(T::of(scale), zero_point).unwrap()
}

/// Scales just inside and just outside of where the kernels multiply by a reciprocal.
fn at_the_guard<T: Float>() -> [f64; 6] {
    let end = T::GUARD;
    [end, end + 1, end + 6, -end, -end - 1, -end - 6].map(|n| 2.0_f64.powi(n))
}

/// Every element of `src` becomes its code in `expected`, in short slices and in long ones.
#[track_caller]
fn assert_codes<T: Float, Q: Int>(p: &QParams<T, Q>, src: &[T], expected: &[i32]) {
    for src in short_and_long(src) {
        let expected: Vec<i32> = expected.iter().copied().cycle().take(src.len()).collect();
        for backend in backends() {
            assert_eq!(codes(backend, &src, p), expected, "{}: {p:?}", backend.name());
        }
    }
}

fn ties_go_to_even<T: Float, Q: Int>() {
    let halves = [0.5, 1.5, 2.5, 3.5, 100.5, 101.5].map(T::of);
    let even = [0, 2, 2, 4, 100, 102];
    for scale in [1.0, 0.25].into_iter().chain(at_the_guard::<T>()) {
        let src = halves.map(|x| x * T::of(scale));
        assert_codes::<T, Q>(&params(scale, 0), &src, &even);
        let (below, middle) = (src.map(Float::negated), Q::MIN + 120);
        assert_codes::<T, Q>(&params(scale, middle), &below, &even.map(|q| middle - q));
    }
}

fn zero_point_added_after_rounding<T: Float, Q: Int>() {
    // Added before, an odd zero point would send these ties the other way.
    let src = [0.5, 1.5, 2.5, -0.5, -1.5].map(T::of);
    assert_codes::<T, Q>(&params(1.0, 1 + 64), &src, &[65, 67, 67, 65, 63]);
    assert_codes::<T, Q>(&params(1.0, 2 + 64), &src, &[66, 68, 68, 66, 64]);
}

fn quotient_is_a_division<T: Float, Q: Int>() {
    let mut differ = 0;
    for scale in [0.1, 0.3, 1.0 / 255.0, 0.007, 7.3, 1e-5] {
        let p = params::<T, Q>(scale, Q::MIN);
        let src: Vec<T> = (0..255).map(|k| half_grid(k, p.scale())).collect();
        let by = |quotient: &dyn Fn(T) -> T| -> Vec<i32> {
            let rounded = src.iter().map(|x| quotient(*x).as_f64().round_ties_even() as i32);
            rounded.map(|n| n + Q::MIN).collect()
        };
        let divided = by(&|x| x / p.scale());
        let inverse = T::of(1.0) / p.scale();
        let multiplied = by(&|x| x * inverse);
        differ += divided.iter().zip(&multiplied).filter(|(a, b)| a != b).count();
        assert_codes(&p, &src, &divided);
    }
    // Otherwise this test could not fail.
    assert!(differ > 50, "{differ} of these ties tell division from multiplication");
}

/// The quotient of two terms, which is right at every step of 8-bit codes, is wrong at this one.
#[test]
fn quotient_of_sixteen_bit_codes_is_a_division() {
    /// 0x1.220eap+12 and 0x1.5a1ffep+0.
    const X: f32 = f32::from_bits(0x4591_0750);
    const SCALE: f32 = f32::from_bits(0x3fad_0fff);
    let n = (X / SCALE).round_ties_even() as i32;
    let reciprocal = 1.0 / f64::from(SCALE);
    let high = reciprocal as f32;
    let two_terms = X.mul_add(high, X * (reciprocal - f64::from(high)) as f32);
    assert_ne!(two_terms.round_ties_even() as i32, n);
    for z in [0, 1000, -7] {
        assert_codes::<f32, i16>(&QParams::new(SCALE, z).unwrap(), &[X, -X], &[n + z, z - n]);
    }
    assert_codes::<f32, u16>(&QParams::new(SCALE, n).unwrap(), &[X, -X], &[2 * n, 0]);
    // Which of the two integers it is decides whether it is clipped.
    let p = QParams::<f32, i16>::with_codes(SCALE, 0, -3432, 3432).unwrap();
    for backend in backends() {
        let clipped = backend.quantization_error(&[X, -X], &p).unwrap().clipped();
        assert_eq!(clipped, if n > 3432 { 2 } else { 0 }, "{}", backend.name());
    }
}

fn nan_becomes_qmin<T: Float, Q: Int>() {
    for nan in T::nans() {
        let at_the_guard = at_the_guard::<T>().map(|scale| (scale, 255));
        let usual = [(1.0, 0), (1.0, 100), (0.1, -255), (1e25, 3001)];
        for (scale, zero_point) in usual.into_iter().chain(at_the_guard) {
            assert_codes::<T, Q>(&params(scale, zero_point), &[nan], &[Q::MIN]);
            assert_codes::<T, Q>(&params(scale, zero_point), &[nan; 5], &[Q::MIN; 5]);
            let p = QParams::with_codes(T::of(scale), zero_point, 3, 12).unwrap();
            assert_codes::<T, Q>(&p, &[nan], &[3]);
        }
    }
}

fn infinities_become_the_ends<T: Float, Q: Int>() {
    let src = [T::INF, T::INF.negated()];
    let usual = [T::LEAST_NORMAL, T::of(1e-20), T::of(0.1), T::of(1e25), T::GREATEST];
    for scale in usual.into_iter().chain(at_the_guard::<T>().map(T::of)) {
        for zero_point in [0, Q::MIN, Q::MAX, 3000, -3001, 1 << 24, -(1 << 24)] {
            let p = QParams::<T, Q>::new(scale, zero_point).unwrap();
            assert_codes(&p, &src, &[Q::MAX, Q::MIN]);
            let p = QParams::<T, Q>::with_codes(scale, zero_point, 1, 7).unwrap();
            assert_codes(&p, &src, &[7, 1]);
        }
    }
}

fn huge_becomes_qmax_never_qmin<T: Float, Q: Int>() {
    let powers = [31, 32, 33, 52, 53, 62, 63, 64, 65, 100].map(|n| 2.0_f64.powi(n));
    for scale in [1.0, 0.1, 2.0_f64.powi(-60)] {
        for x in powers.into_iter().chain([1e10, 1e30, T::GREATEST.as_f64()]) {
            let src = [T::of(x), T::of(-x)];
            for zero_point in [0, Q::MIN, Q::MAX, 255, -255, 3000, -3000, 3001, -3001] {
                assert_codes::<T, Q>(&params(scale, zero_point), &src, &[Q::MAX, Q::MIN]);
            }
            let p = QParams::<T, Q>::with_codes(T::of(scale), 0, 0, 9).unwrap();
            assert_codes(&p, &src, &[9, 0]);
        }
    }
}

fn overflowing_quotient_lies_beyond_the_clamp<T: Float, Q: Int>() {
    let least = 2.0_f64.powi(-T::GUARD);
    // With these the reciprocal's low term has either sign; its product with x overflows too.
    let inside = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5].map(|mantissa| T::of(mantissa * least));
    for scale in [T::LEAST_NORMAL, T::of(least / 8.0)].into_iter().chain(inside) {
        for x in [T::GREATEST * T::of(0.25), T::GREATEST] {
            for zero_point in [0, 3000, -3000, 1 << 24, -(1 << 24)] {
                let p = QParams::<T, Q>::new(scale, zero_point).unwrap();
                assert_codes(&p, &[x, x.negated()], &[Q::MAX, Q::MIN]);
            }
        }
    }
}

fn zero_point_at_its_limits_wraps_nothing<T: Float, Q: Int>() {
    const LIMIT: i32 = 1 << 24;
    let at = f64::from(LIMIT);
    let src = [0.0, at, -at, at - 1.0, 1.0 - at, at - 3.0, 3.0 - at].map(T::of);
    let (low, high) = (Q::MIN, Q::MAX);
    let expected = [high, high, 0, high, 1, high, 3];
    assert_codes::<T, Q>(&params(1.0, LIMIT), &src, &expected);
    let expected = if low < 0 { [low, 0, low, -1, low, -3, low] } else { [0; 7] };
    assert_codes::<T, Q>(&params(1.0, -LIMIT), &src, &expected);
}

fn neighbours_of_the_last_thresholds<T: Float, Q: Int>() {
    // Between the last two codes, and between the first two, the tie belongs to the even quotient.
    for scale in [0.5].into_iter().chain(at_the_guard::<T>()) {
        let s = T::of(scale);
        let z = Q::MIN;
        let tie = half_grid(254, s);
        let (below, above) = (T::from_raw(tie.raw() - 1), T::from_raw(tie.raw() + 1));
        let expected = [254, 254, 255].map(|n| n + z);
        assert_codes::<T, Q>(&params(scale, z), &[below, tie, above], &expected);
        let tie = half_grid(0, s);
        let (below, above) = (T::from_raw(tie.raw() - 1), T::from_raw(tie.raw() + 1));
        assert_codes::<T, Q>(&params(scale, z), &[below, tie, above], &[z, z, z + 1]);
    }
}

fn subnormal_data_rounds_like_any_other<T: Float, Q: Int>() {
    // Half the least normal number, and its neighbours: subnormal data over a normal scale.
    let half = T::LEAST_NORMAL * T::of(0.5);
    let (below, above) = (T::from_raw(half.raw() - 1), T::from_raw(half.raw() + 1));
    let p = QParams::<T, Q>::new(T::LEAST_NORMAL, 5).unwrap();
    let src = [below, half, above, T::LEAST_SUBNORMAL, above.negated(), half.negated()];
    assert_codes(&p, &src, &[5, 5, 6, 5, 4, 5]);
}

fn empty_slice_is_fine<T: Float, Q: Int>() {
    let p = params::<T, Q>(0.1, 0);
    for backend in backends() {
        assert_eq!(backend.quantize::<T, Q, _>(&[], &p, &mut []), Ok(()), "{}", backend.name());
        assert_eq!(backend.dequantize::<T, Q, _>(&[], &p, &mut []), Ok(()), "{}", backend.name());
    }
}

fn length_mismatch_names_both_numbers<T: Float, Q: Int>() {
    let p = params::<T, Q>(0.1, 0);
    for (src_len, dst_len) in [(3, 4), (0, 71), (133, 0), (200, 199)] {
        let (x, q) = (vec![T::of(1.0); src_len], vec![Q::of(1); src_len]);
        for backend in backends() {
            let (mut into_q, mut into_x) = (vec![Q::of(77); dst_len], vec![T::of(7.0); dst_len]);
            let errors = [
                backend.quantize(&x, &p, &mut into_q).unwrap_err(),
                backend.dequantize(&q, &p, &mut into_x).unwrap_err(),
                backend.fake_quantize(&x, &p, &mut into_x).unwrap_err(),
            ];
            for error in errors {
                assert!(
                    matches!(error, Error::LengthMismatch { src, dst, .. }
                        if (src, dst) == (src_len, dst_len)),
                    "{error}"
                );
                let text = error.to_string();
                assert!(text.contains(&src_len.to_string()), "{text}");
                assert!(text.contains(&dst_len.to_string()), "{text}");
            }
            assert!(into_q.iter().all(|q| q.int() == 77), "{} wrote", backend.name());
            assert!(into_x.iter().all(|x| *x == T::of(7.0)), "{} wrote", backend.name());
        }
    }
}

fn dequantize_is_exact_difference_times_scale<T: Float, Q: Int>() {
    let all: Vec<Q> = (Q::MIN..=Q::MAX).map(Q::of).collect();
    for (scale, z) in [(0.1, 0), (0.1, 100), (1e-30, -2550), (3e10, 16_777_216), (0.7, -16_777_216)]
    {
        let p = params::<T, Q>(scale, z);
        let expected: Vec<T> = (Q::MIN..=Q::MAX)
            .map(|q| T::of((i64::from(q) - i64::from(z)) as f64) * T::of(scale))
            .collect();
        for backend in backends() {
            same_numbers(backend.name(), &numbers(backend, &all, &p), &expected).unwrap();
        }
    }
}

fn dequantize_may_overflow_to_infinity<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::GREATEST, 10).unwrap();
    let q = [8, 9, 10, 11, 12].map(Q::of);
    let inf = T::INF;
    let expected = [inf.negated(), T::GREATEST.negated(), T::of(0.0), T::GREATEST, inf];
    for backend in backends() {
        same_numbers(backend.name(), &numbers(backend, &q, &p), &expected).unwrap();
    }
}

fn dequantize_takes_codes_outside_qmin_qmax<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::with_codes(T::of(0.5), 4, 4, 6).unwrap();
    let q = [Q::of(0), Q::of(4), Q::of(127)];
    for backend in backends() {
        let expected = [-2.0, 0.0, 61.5].map(T::of);
        same_numbers(backend.name(), &numbers(backend, &q, &p), &expected).unwrap();
    }
}

fn nan_comes_back_as_qmin<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::with_codes(T::of(0.5), 6, 2, 9).unwrap();
    for backend in backends() {
        let mut q = [Q::default(); 4];
        backend.quantize(&T::nans(), &p, &mut q).unwrap();
        assert_eq!(numbers(backend, &q, &p), [T::of(-2.0); 4], "{}", backend.name());
    }
}
