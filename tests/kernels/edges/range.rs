//! Range: NaN, signed zeros, infinities, nothing at all, merging.

use zeropoint::{Backend, Error, MinMax, Range};

use super::short_and_long;
use crate::common::cases::any_case;
use crate::common::floats::{Float, edges};
use crate::common::{backends, for_random, min_max_bits, same};

for_each_real!(
    nan_is_no_bound_and_is_reported,
    zero_bound_is_positive_zero,
    infinities_are_ordinary_elements,
    empty_slice_gives_the_identities,
    all_nan_gives_the_identities,
    all_nan_piece_changes_no_bound,
    all_negative_and_all_positive,
    merge_is_associative_and_commutative,
    pieces_merge_to_the_whole,
    empty_range_is_an_error,
    range_names_the_first_nan_or_infinity,
    range_from_bounds_is_checked,
    range_from_min_max_is_checked,
);

fn assert_min_max<T: Float>(src: &[T], min: f64, max: f64, has_nan: bool) {
    let expected = (T::of(min).raw(), T::of(max).raw(), has_nan);
    for src in short_and_long(src) {
        for backend in backends() {
            let got = min_max_bits(backend.min_max(&src));
            assert_eq!(got, expected, "{} on {} elements", backend.name(), src.len());
        }
        assert_eq!(min_max_bits(zeropoint::min_max(&src)), expected, "free function");
    }
}

fn nan_is_no_bound_and_is_reported<T: Float>() {
    for nan in T::nans() {
        assert_min_max(&[nan, T::of(-2.0), T::of(3.0)], -2.0, 3.0, true);
        assert_min_max(&[T::of(-2.0), T::of(3.0), nan], -2.0, 3.0, true);
        assert_min_max(&[T::of(5.0), nan], 5.0, 5.0, true);
    }
}

fn zero_bound_is_positive_zero<T: Float>() {
    for zeros in [[-0.0, -0.0], [-0.0, 0.0], [0.0, -0.0], [0.0, 0.0]] {
        assert_min_max(&zeros.map(T::of), 0.0, 0.0, false);
    }
    assert_min_max(&[-1.0, -0.0].map(T::of), -1.0, 0.0, false);
    assert_min_max(&[-0.0, 1.0].map(T::of), 0.0, 1.0, false);
    assert_min_max(&[T::of(-0.0), T::nans()[1]], 0.0, 0.0, true);
}

fn infinities_are_ordinary_elements<T: Float>() {
    let (inf, least) = (f64::INFINITY, f64::NEG_INFINITY);
    assert_min_max(&[T::of(1.0), T::INF], 1.0, inf, false);
    assert_min_max(&[T::of(1.0), T::INF.negated()], least, 1.0, false);
    assert_min_max(&[T::INF, T::INF], inf, inf, false);
    assert_min_max(&[T::INF.negated()], least, least, false);
    assert_min_max(&[T::INF, T::nans()[3], T::INF.negated()], least, inf, true);
}

fn empty_slice_gives_the_identities<T: Float>() {
    assert_min_max::<T>(&[], f64::INFINITY, f64::NEG_INFINITY, false);
    assert_eq!(min_max_bits(MinMax::<T>::EMPTY), min_max_bits(zeropoint::min_max::<T, _>(&[])));
}

fn all_nan_gives_the_identities<T: Float>() {
    for nan in T::nans() {
        assert_min_max(&[nan], f64::INFINITY, f64::NEG_INFINITY, true);
        assert_min_max(&[nan; 67], f64::INFINITY, f64::NEG_INFINITY, true);
    }
    assert_min_max(&T::nans(), f64::INFINITY, f64::NEG_INFINITY, true);
}

fn all_nan_piece_changes_no_bound<T: Float>() {
    for nans in [70, 5000, 16 * 1024, 40_000] {
        let mut src = vec![T::nans()[0]; nans];
        src.extend([T::of(-1.0), T::of(2.0)]);
        src.extend(vec![T::nans()[1]; nans]);
        let expected = (T::of(-1.0).raw(), T::of(2.0).raw(), true);
        for backend in backends() {
            let got = min_max_bits(backend.min_max(&src));
            assert_eq!(got, expected, "{} on {} elements", backend.name(), src.len());
        }
    }
}

fn all_negative_and_all_positive<T: Float>() {
    assert_min_max(&[-3.0, -1.0, -2.0].map(T::of), -3.0, -1.0, false);
    assert_min_max(&[3.0, 1.0, 2.0].map(T::of), 1.0, 3.0, false);
    let tiny = T::LEAST_SUBNORMAL;
    assert_min_max(&[tiny.negated(), tiny], -tiny.as_f64(), tiny.as_f64(), false);
}

fn merge_is_associative_and_commutative<T: Float>() {
    let observed: Vec<MinMax<T>> = edges::<T>()
        .chunks(3)
        .map(zeropoint::min_max)
        .chain([MinMax::EMPTY, zeropoint::min_max(&T::nans())])
        .collect();
    for &a in &observed {
        assert_eq!(min_max_bits(a.merge(MinMax::EMPTY)), min_max_bits(a));
    }
    // Bounds that nobody observes but a caller may set.
    let set = |min, max| MinMax { min, max, has_nan: false };
    let (zero, minus_zero, nan) = (T::of(0.0), T::of(-0.0), T::nans()[0]);
    let mut observed = observed;
    observed.extend([set(nan, zero), set(zero, nan), set(minus_zero, zero), set(zero, minus_zero)]);
    for &a in &observed {
        for &b in &observed {
            assert_eq!(min_max_bits(a.merge(b)), min_max_bits(b.merge(a)), "{a:?} {b:?}");
            for &c in &observed {
                let (left, right) = (a.merge(b).merge(c), a.merge(b.merge(c)));
                assert_eq!(min_max_bits(left), min_max_bits(right), "{a:?} {b:?} {c:?}");
            }
        }
    }
}

fn pieces_merge_to_the_whole<T: Float>() {
    for_random(400, any_case::<T, i8>(), |case| {
        for backend in backends() {
            let whole = min_max_bits(backend.min_max(&case.src));
            let pieces = case.src.chunks(37).map(|piece| backend.min_max(piece));
            let merged = pieces.fold(MinMax::EMPTY, MinMax::merge);
            same(backend.name(), min_max_bits(merged), whole)?;
        }
        Ok(())
    });
}

fn empty_range_is_an_error<T: Float>() {
    assert!(matches!(Range::<T>::of::<T>(&[]), Err(Error::Empty)));
    for backend in backends() {
        let outcome = backend.range::<T, _>(&[]);
        assert!(matches!(outcome, Err(Error::Empty)), "{}", backend.name());
    }
}

fn range_names_the_first_nan_or_infinity<T: Float>() {
    for bad in [T::INF, T::INF.negated(), T::nans()[0], T::nans()[3]] {
        let mut src = vec![T::of(1.0); 150];
        src[101] = bad;
        src[140] = T::INF;
        src[149] = T::nans()[1];
        let text = "NaN or infinity at element 101";
        assert_eq!(Range::of(&src).unwrap_err().to_string(), text);
        for backend in backends() {
            assert_eq!(backend.range(&src).unwrap_err().to_string(), text, "{}", backend.name());
        }
    }
}

fn range_from_bounds_is_checked<T: Float>() {
    let (one, two) = (T::of(1.0), T::of(2.0));
    assert!(matches!(Range::new(two, one), Err(Error::InvertedRange { min: 2.0, max: 1.0, .. })));
    for bad in [T::nans()[0], T::nans()[1], T::INF, T::INF.negated()] {
        for (min, max) in [(bad, one), (one, bad), (bad, bad)] {
            assert!(matches!(Range::new(min, max), Err(Error::NotFinite { index: None, .. })));
        }
    }
    let zero = Range::new(T::of(-0.0), T::of(-0.0)).unwrap();
    assert_eq!((zero.min().raw(), zero.max().raw()), (0, 0), "bounds are +0");
    let point = Range::new(one, one).unwrap();
    assert_eq!((point.min(), point.max()), (one, one));
}

fn range_from_min_max_is_checked<T: Float>() {
    let (one, two) = (T::of(1.0), T::of(2.0));
    let seen = |min, max, has_nan| Range::try_from(MinMax { min, max, has_nan });
    assert_eq!(seen(one, two, false), Range::new(one, two));
    assert!(matches!(seen(one, two, true), Err(Error::NotFinite { index: None, .. })));
    assert!(matches!(seen(one, T::INF, false), Err(Error::NotFinite { index: None, .. })));
    assert!(matches!(seen(T::INF.negated(), two, false), Err(Error::NotFinite { .. })));
    assert!(matches!(seen(two, one, false), Err(Error::InvertedRange { .. })));
    assert!(matches!(Range::try_from(MinMax::<T>::EMPTY), Err(Error::Empty)));
}
