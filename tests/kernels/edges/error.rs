//! The error of a quantization: its order of summation, clipping, overflow, and the logarithm.

use zeropoint::{Backend, Error, ErrorStats, QParams};

use crate::common::contract::{self, Plain};
use crate::common::floats::Float;
use crate::common::{Int, backends, error_bits};

for_each_pair!(bytes:
    error_of_known_numbers,
    clipped_counts_what_lies_outside,
    error_sums_in_the_fixed_order,
    squares_are_rounded_before_they_are_added,
    error_of_an_empty_slice_is_an_error,
    error_names_the_first_nan_or_infinity,
    finite_data_whose_squares_overflow_is_no_error,
    mse_is_infinite_where_dequantizing_overflows,
    sqnr_edges,
);

fn stats<T: Float, Q: Int>(src: &[T], p: &QParams<T, Q>, check: impl Fn(&str, ErrorStats)) {
    for backend in backends() {
        check(backend.name(), backend.quantization_error(src, p).unwrap());
    }
}

fn error_of_known_numbers<T: Float, Q: Int>() {
    // Codes 0, 1, 2, 2, 127 + 0: errors 0.25, 0.25, 0, 0.5, and 1000 less the greatest number.
    let p = QParams::<T, Q>::with_codes(T::of(1.0), 0, 0, 127).unwrap();
    let src = [0.25, 0.75, 2.0, 2.5, 1000.0, -3.0].map(T::of);
    stats(&src, &p, |name, e| {
        let squared = 0.0625 + 0.0625 + 0.25 + 873.0 * 873.0 + 9.0;
        assert_eq!(e.sum_squared_error(), squared, "{name}");
        assert_eq!(e.sum_squares(), 0.0625 + 0.5625 + 4.0 + 6.25 + 1e6 + 9.0, "{name}");
        assert_eq!(e.mse(), squared / 6.0, "{name}");
        assert_eq!((e.max_abs(), e.clipped(), e.len()), (873.0, 2, 6), "{name}");
        let sqnr = 10.0 * (e.sum_squares() / squared).log10();
        assert!((e.sqnr_db() / sqnr - 1.0).abs() < 1e-12, "{name}: {}", e.sqnr_db());
    });
}

fn clipped_counts_what_lies_outside<T: Float, Q: Int>() {
    let least = 2.0_f64.powi(-T::GUARD);
    for (scale, zero_point) in [
        (0.5, 3),
        (0.5, 3001),
        (1.0 / least, 3000),
        (least, -3000),
        (least / 64.0, 3),
        (1e5 / least, -255),
    ] {
        let p = QParams::<T, Q>::with_codes(T::of(scale), zero_point, 2, 9).unwrap();
        let (low, high) = (f64::from(2 - zero_point), f64::from(9 - zero_point));
        // Each side: the last code's middle, its outer tie, the next, and far away.
        let inside = [low, low + 0.25, high, high - 0.25];
        let outside = [low - 1.0, low - 0.75, high + 1.0, high + 0.75, high + 1e7, low - 1e7];
        for (list, clipped) in [(&inside[..], 0), (&outside[..], 6)] {
            let src: Vec<T> = list.iter().map(|x| T::of(*x) * T::of(scale)).collect();
            stats(&src, &p, |name, e| assert_eq!(e.clipped(), clipped, "{name} {p:?}"));
            let many: Vec<T> = src.iter().copied().cycle().take(src.len() * 5000).collect();
            stats(&many, &p, |name, e| assert_eq!(e.clipped(), clipped * 5000, "{name} {p:?}"));
        }
    }
}

/// Numbers whose errors differ in size so much that any other order gives other sums.
fn wide_spread<T: Float>(len: usize) -> Vec<T> {
    let spread = |i: usize| ((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64;
    (0..len).map(|i| T::of(spread(i) * 10.0_f64.powi((i % 13) as i32 - 14))).collect()
}

fn error_sums_in_the_fixed_order<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.013), 40).unwrap();
    let plain = Plain::of(&p);
    // One to nine blocks of 4096, with every kind of end.
    for len in [1, 15, 16, 17, 4095, 4096, 4097, 8192, 12_289, 20_481, 28_672, 36_863] {
        let src = wide_spread::<T>(len);
        let expected = contract::error(&src, &plain).bits(len);
        for backend in backends() {
            let got = error_bits(backend.quantization_error(&src, &p));
            assert_eq!(got, Ok(expected), "{} on {len} elements", backend.name());
        }
    }
}

fn squares_are_rounded_before_they_are_added<T: Float, Q: Int>() {
    // Elements 0 and 16 share a lane. A fused multiply-add would round their sum once.
    let x = T::of(0.1);
    let mut src = vec![T::of(0.0); 17];
    (src[0], src[16]) = (x, x * T::of(3.0));
    let (a, b) = (src[0].as_f64(), src[16].as_f64());
    stats(&src, &QParams::<T, Q>::new(T::of(1.0), 0).unwrap(), |name, e| {
        assert_eq!(e.sum_squares(), a * a + b * b, "{name}");
    });
}

fn error_of_an_empty_slice_is_an_error<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(1.0), 0).unwrap();
    for backend in backends() {
        let outcome = backend.quantization_error::<T, Q, _>(&[], &p);
        assert!(matches!(outcome, Err(Error::Empty)), "{}", backend.name());
    }
}

fn error_names_the_first_nan_or_infinity<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(1.0), 0).unwrap();
    for bad in [T::INF, T::INF.negated()].into_iter().chain(T::nans()) {
        for at in [0, 15, 16, 4095, 4096, 4999] {
            let mut src = vec![T::of(1.0); 5000];
            src[4999] = T::INF;
            src[at] = bad;
            for backend in backends() {
                let error = backend.quantization_error(&src, &p).unwrap_err();
                assert_eq!(error.to_string(), format!("NaN or infinity at element {at}"));
            }
        }
    }
}

fn finite_data_whose_squares_overflow_is_no_error<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(1.0), 0).unwrap();
    let src = vec![T::GREATEST; 3];
    // The square of the greatest f32 is far from the greatest f64.
    let square = T::GREATEST.as_f64() * T::GREATEST.as_f64();
    stats(&src, &p, |name, e| {
        assert_eq!(e.sum_squares(), square + square + square, "{name}");
        assert_eq!(e.clipped(), 3, "{name}");
    });
}

fn mse_is_infinite_where_dequantizing_overflows<T: Float, Q: Int>() {
    // Code 2 stands for twice the greatest number.
    let p = QParams::<T, Q>::new(T::GREATEST * T::of(0.625), 0).unwrap();
    let src = [T::of(0.0), T::GREATEST];
    stats(&src, &p, |name, e| {
        assert_eq!((e.mse(), e.max_abs()), (f64::INFINITY, f64::INFINITY), "{name}");
        assert_eq!(e.clipped(), 0, "{name}");
    });
}

fn sqnr_edges<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(1.0), 0).unwrap();
    stats(&[T::of(3.0), T::of(5.0)], &p, |name, e| {
        assert_eq!(e.sqnr_db(), f64::INFINITY, "{name}: no error");
        assert_eq!(e.mse(), 0.0, "{name}");
    });
    stats(&[T::of(0.0), T::of(-0.0)], &p, |name, e| {
        assert!(e.sqnr_db().is_nan(), "{name}: no signal, no error");
        assert_eq!(e.max_abs().to_bits(), 0, "{name}");
    });
    stats(&[T::of(0.25)], &p, |name, e| {
        assert!(e.sqnr_db().abs() < 1e-12, "{name}: error and signal alike");
    });
    stats(&[T::of(10.5)], &p, |name, e| {
        let expected = 20.0 * 21.0_f64.log10();
        assert!((e.sqnr_db() / expected - 1.0).abs() < 1e-12, "{name}");
    });
}
