//! A NaN, an infinity, a huge number at every position of a slice: no lane, no step, no tail and no
//! piece treats it otherwise.

use crate::common::contract::{self, Plain};
use crate::common::floats::Float;
use crate::common::{Int, backends, error_bits, min_max_bits, same_codes};
use zeropoint::{Backend, Error, QParams, Scheme};

for_each_real!(
    special_in_min_max,
    special_in_abs_max,
    negative_zero_alone_or_at_any_position,
    one_number_among_nans,
);
for_each_pair!(integers:
    special_in_quantize,
    special_in_dynamic,
    special_in_error,
    special_at_the_ends_of_pieces,
);

/// Up to a few steps of 16, 32 and 64 elements, with every kind of end.
const LENGTHS: [usize; 19] =
    [1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 79, 127, 129, 197];

/// Around a multiple of what a reduction may take at once.
const PIECE: usize = 16 * 1024;

fn specials<T: Float>() -> Vec<T> {
    let mut list = T::nans().to_vec();
    for x in [T::INF, T::of(1e30), T::GREATEST] {
        list.extend([x, x.negated()]);
    }
    list
}

/// Numbers that are not special, between −3 and 3, both at any length from two on.
fn background<T: Float>(len: usize) -> Vec<T> {
    let middle = |i: usize| f64::from((i * 37 % 61) as u32) / 20.0 - 1.5;
    (0..len).map(|i| T::of([3.0, -3.0].get(i % 67).copied().unwrap_or(middle(i)))).collect()
}

/// Calls `check` with each special number at each position of a slice of each length.
fn everywhere<T: Float>(check: &mut dyn FnMut(&[T], usize)) {
    for len in LENGTHS {
        let mut src = background::<T>(len);
        for at in 0..len {
            let usual = src[at];
            for special in specials() {
                src[at] = special;
                check(&src, at);
            }
            src[at] = usual;
        }
    }
}

/// By `total_cmp` on what is left of the list without its NaNs.
fn expected_range<T: Float>(src: &[T]) -> (u64, u64, bool) {
    let mut numbers: Vec<T> = src.iter().copied().filter(|x| !x.as_f64().is_nan()).collect();
    numbers.sort_by(|a, b| a.as_f64().total_cmp(&b.as_f64()));
    let min = numbers.first().copied().unwrap_or(T::INF);
    let max = numbers.last().copied().unwrap_or(T::INF.negated());
    (min.raw(), max.raw(), numbers.len() < src.len())
}

fn special_in_min_max<T: Float>() {
    everywhere::<T>(&mut |src, at| {
        let expected = expected_range(src);
        for backend in backends() {
            let got = min_max_bits(backend.min_max(src));
            assert_eq!(got, expected, "{}: {:?} at {at}", backend.name(), src[at]);
        }
    });
}

fn special_in_abs_max<T: Float>() {
    everywhere::<T>(&mut |src, at| {
        let greatest = T::of(src[at].as_f64().abs());
        for backend in backends() {
            match backend.abs_max(src) {
                Ok(got) => assert_eq!(got.raw(), greatest.raw(), "{} at {at}", backend.name()),
                Err(error) => {
                    assert!(!src[at].finite(), "{}: {error}", backend.name());
                    assert_names(error, at);
                }
            }
        }
    });
}

fn special_in_quantize<T: Float, Q: Int>() {
    let middle = Q::MIN + 128;
    for (scale, z, qmin, qmax) in [
        (T::of(0.1), middle, Q::MIN, Q::MAX),
        (T::of(0.1), 3001, 0, 7),
        (T::LEAST_NORMAL, middle, Q::MIN, Q::MAX),
        // Here the products with both terms of the reciprocal overflow.
        (T::of(1.1 * 2.0_f64.powi(-T::GUARD)), middle, Q::MIN, Q::MAX),
        (T::of(1.2 * 2.0_f64.powi(-T::GUARD)), middle, 3, 100),
    ] {
        let p = QParams::<T, Q>::with_codes(scale, z, qmin, qmax).unwrap();
        let plain = Plain::of(&p);
        everywhere::<T>(&mut |src, at| {
            let expected: Vec<Q> = src.iter().map(|x| Q::of(plain.quantize(*x))).collect();
            let up = src[at] > T::of(100.0);
            assert_eq!(expected[at].int(), if up { qmax } else { qmin }, "{:?}", src[at]);
            let mut got = [Q::default(); 197];
            for backend in backends() {
                let got = &mut got[..src.len()];
                backend.quantize(src, &p, got).unwrap();
                same_codes(backend.name(), got, &expected).unwrap();
            }
        });
    }
}

fn special_in_dynamic<T: Float, Q: Int>() {
    let scheme = Scheme::asymmetric();
    everywhere::<T>(&mut |src, at| {
        for backend in backends() {
            let mut got = [Q::of(77); 197];
            let got = &mut got[..src.len()];
            let outcome = backend.quantize_dynamic(src, scheme, got);
            if src[at].finite() {
                // It is far from all others: the one end of the codes, and the zero point.
                let z = outcome.unwrap().zero_point();
                let up = src[at] > T::of(0.0);
                assert_eq!(z, if up { Q::MIN } else { Q::MAX }, "{}", backend.name());
                let extreme = if up { Q::MAX } else { Q::MIN };
                for (i, q) in got.iter().enumerate() {
                    assert_eq!(q.int(), if i == at { extreme } else { z }, "{}", backend.name());
                }
            } else {
                assert_names(outcome.unwrap_err(), at);
                assert!(got.iter().all(|q| q.int() == 77), "{} wrote", backend.name());
            }
        }
    });
}

#[track_caller]
fn assert_names(error: Error, at: usize) {
    assert!(
        matches!(error, Error::NotFinite { index: Some(i), .. } if i == at),
        "{error}, not {at}"
    );
}

fn special_in_error<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.1), Q::MIN + 128).unwrap();
    let plain = Plain::of(&p);
    everywhere::<T>(&mut |src, at| {
        let expected = contract::error(src, &plain).bits(src.len());
        for backend in backends() {
            let stats = backend.quantization_error(src, &p);
            if src[at].finite() {
                assert_eq!(error_bits(stats), Ok(expected), "{}", backend.name());
            } else {
                assert_names(stats.unwrap_err(), at);
            }
        }
    });
}

fn special_at_the_ends_of_pieces<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.1), 0).unwrap();
    for len in [PIECE - 1, PIECE, PIECE + 1, PIECE + 70, 2 * PIECE + 33] {
        let mut src = background::<T>(len);
        let around = [0, 1, PIECE - 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE - 1, 2 * PIECE];
        for at in around.into_iter().chain([len - 34, len - 1]).filter(|at| *at < len) {
            let usual = src[at];
            for special in specials::<T>() {
                src[at] = special;
                // The background has both its ends elsewhere too.
                let x = special.as_f64();
                let (min, max) = (T::of(x.min(-3.0)), T::of(x.max(3.0)));
                for backend in backends() {
                    let seen = min_max_bits(backend.min_max(&src));
                    let expected = (min.raw(), max.raw(), x.is_nan());
                    assert_eq!(seen, expected, "{}: {x} at {at} of {len}", backend.name());
                    if special.finite() {
                        let greatest = T::of(x.abs().max(3.0)).raw();
                        assert_eq!(backend.abs_max(&src).map(Float::raw), Ok(greatest));
                    } else {
                        assert_names(backend.abs_max(&src).unwrap_err(), at);
                        assert_names(backend.range(&src).unwrap_err(), at);
                        assert_names(backend.quantization_error(&src, &p).unwrap_err(), at);
                    }
                }
            }
            src[at] = usual;
        }
    }
}

fn negative_zero_alone_or_at_any_position<T: Float>() {
    let zero = T::of(0.0).raw();
    for len in LENGTHS {
        for at in 0..len {
            let mut negative = vec![T::of(-2.0); len];
            negative[at] = T::of(-0.0);
            let mut positive = vec![T::of(2.0); len];
            positive[at] = T::of(-0.0);
            for backend in backends() {
                assert_eq!(backend.min_max(&negative).max.raw(), zero, "{}", backend.name());
                assert_eq!(backend.min_max(&positive).min.raw(), zero, "{}", backend.name());
            }
        }
        for backend in backends() {
            let all = min_max_bits(backend.min_max(&vec![T::of(-0.0); len]));
            assert_eq!(all, (zero, zero, false), "{}", backend.name());
            let two = T::of(-2.0).raw();
            let all = min_max_bits(backend.min_max(&vec![T::of(-2.0); len]));
            assert_eq!(all, (two, two, false), "{}", backend.name());
        }
    }
}

fn one_number_among_nans<T: Float>() {
    for len in LENGTHS {
        for nan in T::nans() {
            let mut src = vec![nan; len];
            for at in 0..len {
                for x in [T::of(-5.0), T::of(5.0), T::INF] {
                    src[at] = x;
                    let expected = (x.raw(), x.raw(), len > 1);
                    for backend in backends() {
                        let got = min_max_bits(backend.min_max(&src));
                        assert_eq!(got, expected, "{}: {x} at {at} of {len}", backend.name());
                    }
                }
                src[at] = nan;
            }
        }
    }
}
