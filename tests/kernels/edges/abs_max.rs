//! Absolute maximum: NaN, infinities, signed zeros, the least numbers, nothing at all.

use zeropoint::{Backend, Error, QParams, Range, Scheme};

use super::short_and_long;
use crate::common::cases::finite_case;
use crate::common::floats::{Float, edges};
use crate::common::{Int, backends, for_random, params_bits, same};

for_each_real!(
    abs_max_is_without_a_sign,
    abs_max_of_zeros_is_positive_zero,
    abs_max_of_subnormals,
    abs_max_of_each_edge_alone,
    abs_max_of_nothing_is_an_error,
    abs_max_names_the_first_nan_or_infinity,
    abs_max_keeps_a_nan_beside_infinities,
);
for_each_pair!(bytes: abs_max_is_the_alpha_of_the_symmetric_scheme);

fn assert_abs_max<T: Float>(src: &[T], expected: T) {
    for src in short_and_long(src) {
        let bits = |outcome: Result<T, Error>| outcome.map(Float::raw);
        for backend in backends() {
            let (name, len) = (backend.name(), src.len());
            assert_eq!(bits(backend.abs_max(&src)), Ok(expected.raw()), "{name} on {len} elements");
        }
        assert_eq!(bits(zeropoint::abs_max(&src)), Ok(expected.raw()), "free function");
    }
}

#[track_caller]
fn assert_refused_at<T: Float>(src: &[T], at: usize) {
    let text = format!("NaN or infinity at element {at}");
    assert_eq!(zeropoint::abs_max(src).unwrap_err().to_string(), text);
    for backend in backends() {
        assert_eq!(backend.abs_max(src).unwrap_err().to_string(), text, "{}", backend.name());
    }
}

fn abs_max_is_without_a_sign<T: Float>() {
    assert_abs_max(&[1.0, -3.0, 2.0].map(T::of), T::of(3.0));
    assert_abs_max(&[-1.0, 3.0, 2.0].map(T::of), T::of(3.0));
    assert_abs_max(&[-1.5, -0.5].map(T::of), T::of(1.5));
    assert_abs_max(&[T::GREATEST.negated(), T::of(1.0)], T::GREATEST);
}

fn abs_max_of_zeros_is_positive_zero<T: Float>() {
    for zeros in [[-0.0, -0.0], [-0.0, 0.0], [0.0, -0.0], [0.0, 0.0]] {
        assert_abs_max(&zeros.map(T::of), T::of(0.0));
    }
}

fn abs_max_of_subnormals<T: Float>() {
    let least = T::LEAST_SUBNORMAL;
    assert_abs_max(&[T::of(-0.0), least.negated(), T::of(0.0)], least);
    let next = T::from_raw(2);
    assert_abs_max(&[least, next.negated(), least.negated()], next);
    let below_normal = T::from_raw(T::LEAST_NORMAL.raw() - 1);
    assert_abs_max(&[below_normal.negated(), least], below_normal);
    assert_abs_max(&[below_normal, T::LEAST_NORMAL.negated()], T::LEAST_NORMAL);
}

fn abs_max_of_each_edge_alone<T: Float>() {
    for x in edges::<T>() {
        if x.finite() {
            let magnitude = if x < T::of(0.0) { x.negated() } else { x + T::of(0.0) };
            assert_abs_max(&[x], magnitude);
            assert_abs_max(&[T::of(-0.0), x], magnitude);
        } else {
            assert_refused_at(&[x], 0);
            assert_refused_at(&[T::of(1.0), x], 1);
        }
    }
}

fn abs_max_of_nothing_is_an_error<T: Float>() {
    assert!(matches!(zeropoint::abs_max::<T, _>(&[]), Err(Error::Empty)));
    for backend in backends() {
        let outcome = backend.abs_max::<T, _>(&[]);
        assert!(matches!(outcome, Err(Error::Empty)), "{}", backend.name());
    }
}

fn abs_max_names_the_first_nan_or_infinity<T: Float>() {
    for bad in T::nans().into_iter().chain([T::INF, T::INF.negated()]) {
        let mut src = vec![T::of(1.0); 150];
        src[101] = bad;
        src[140] = T::INF;
        src[149] = T::nans()[1];
        assert_refused_at(&src, 101);
        assert_refused_at(&[bad; 70], 0);
    }
}

/// Greater numbers follow in every lane.
fn abs_max_keeps_a_nan_beside_infinities<T: Float>() {
    for nan in T::nans() {
        let mut src: Vec<T> = (0..400).map(|k| T::of(f64::from(k))).collect();
        src[3] = nan;
        assert_refused_at(&src, 3);
        src[10..].fill(T::GREATEST.negated());
        assert_refused_at(&src, 3);
        src[10..].fill(T::INF.negated());
        assert_refused_at(&src, 3);
    }
}

fn abs_max_is_the_alpha_of_the_symmetric_scheme<T: Float, Q: Int>() {
    for_random(500, finite_case::<T, Q>(), |case| {
        let scheme = Scheme::symmetric();
        let of_range = Range::of(&case.src).and_then(|range| scheme.params::<T, Q>(range));
        for backend in backends() {
            let alpha = backend.abs_max(&case.src);
            let p: Result<QParams<T, Q>, _> = alpha.and_then(|a| scheme.params_from_alpha(a));
            same(backend.name(), params_bits(p), params_bits(of_range))?;
        }
        Ok(())
    });
}
