//! Dynamic quantization: the three steps in one, and nothing written where one of them fails.

use zeropoint::{Backend, Error, QParams, Range, Scheme};

use crate::common::cases::{finite_case, scheme};
use crate::common::floats::Float;
use crate::common::{Int, backends, for_random, params_bits, same, same_codes};

for_each_pair!(bytes:
    dynamic_is_the_three_steps,
    dynamic_of_zeros,
    dynamic_of_one_constant,
    dynamic_of_the_widest_range,
    dynamic_empty_is_an_error,
    dynamic_nan_leaves_output_untouched,
    dynamic_infinity_leaves_output_untouched,
    dynamic_refused_scheme_leaves_output_untouched,
    dynamic_length_is_checked_first,
);

fn dynamic_is_the_three_steps<T: Float, Q: Int>() {
    for_random(300, (finite_case::<T, Q>(), scheme::<Q>()), |(case, scheme)| {
        let src = &case.src;
        for backend in backends() {
            let mut expected = vec![Q::of(77); src.len()];
            let steps = backend.range(src).and_then(|range| scheme.params::<T, Q>(range));
            if let Ok(p) = steps {
                backend.quantize(src, &p, &mut expected).unwrap();
            }
            let mut got = vec![Q::of(77); src.len()];
            let p = backend.quantize_dynamic(src, scheme, &mut got);
            same(backend.name(), params_bits(p), params_bits(steps))?;
            same_codes(backend.name(), &got, &expected)?;
        }
        Ok(())
    });
}

/// Codes in full and parameters, on every backend.
fn assert_dynamic<T: Float, Q: Int>(src: &[T], scale: T, unsigned_z: i32, unsigned_q: &[i32]) {
    for backend in backends() {
        let mut q = vec![Q::default(); src.len()];
        let p: QParams<T, Q> = backend.quantize_dynamic(src, Scheme::asymmetric(), &mut q).unwrap();
        let got: Vec<i32> = q.iter().map(|q| q.int() - Q::MIN).collect();
        assert_eq!(p.scale().raw(), scale.raw(), "{}", backend.name());
        assert_eq!(p.zero_point() - Q::MIN, unsigned_z, "{}", backend.name());
        assert_eq!(got, unsigned_q, "{}", backend.name());
    }
}

fn dynamic_of_zeros<T: Float, Q: Int>() {
    assert_dynamic::<T, Q>(&[0.0, -0.0, 0.0].map(T::of), T::of(1.0), 0, &[0; 3]);
    assert_dynamic::<T, Q>(&[T::of(-0.0); 77], T::of(1.0), 0, &[0; 77]);
}

fn dynamic_of_one_constant<T: Float, Q: Int>() {
    assert_dynamic::<T, Q>(&[T::of(510.0); 70], T::of(2.0), 0, &[255; 70]);
    assert_dynamic::<T, Q>(&[T::of(-510.0); 70], T::of(2.0), 255, &[0; 70]);
}

fn dynamic_of_the_widest_range<T: Float, Q: Int>() {
    let most = T::GREATEST;
    let src = [most.negated(), most, T::of(0.0)];
    for backend in backends() {
        let mut q = [Q::default(); 3];
        let p: QParams<T, Q> =
            backend.quantize_dynamic(&src, Scheme::asymmetric(), &mut q).unwrap();
        assert!(p.scale().finite(), "{}", backend.name());
        assert!(q[0] < q[2] && q[2] < q[1], "{}: {q:?}", backend.name());
        assert_eq!(q[2].int(), p.zero_point());
    }
}

fn dynamic_empty_is_an_error<T: Float, Q: Int>() {
    for backend in backends() {
        let outcome = backend.quantize_dynamic::<T, Q, _>(&[], Scheme::asymmetric(), &mut []);
        assert!(matches!(outcome, Err(Error::Empty)), "{}", backend.name());
    }
}

/// Refused for its element `at`, and nothing written.
fn assert_refused_at<T: Float, Q: Int>(src: &[T], at: usize) {
    for backend in backends() {
        for scheme in [Scheme::asymmetric(), Scheme::symmetric()] {
            let mut q = vec![Q::of(77); src.len()];
            let error = backend.quantize_dynamic(src, scheme, &mut q).unwrap_err();
            assert_eq!(error.to_string(), format!("NaN or infinity at element {at}"));
            assert!(q.iter().all(|q| q.int() == 77), "{} wrote", backend.name());
        }
    }
}

fn dynamic_nan_leaves_output_untouched<T: Float, Q: Int>() {
    for nan in T::nans() {
        assert_refused_at::<T, Q>(&[nan], 0);
        let mut src: Vec<T> = (0..300).map(|k| T::of(f64::from(k))).collect();
        src[211] = nan;
        src[213] = T::INF;
        assert_refused_at::<T, Q>(&src, 211);
        assert_refused_at::<T, Q>(&[nan; 150], 0);
    }
}

fn dynamic_infinity_leaves_output_untouched<T: Float, Q: Int>() {
    for inf in [T::INF, T::INF.negated()] {
        let mut src: Vec<T> = (0..300).map(|k| T::of(f64::from(k))).collect();
        src[17] = inf;
        src[18] = T::nans()[0];
        assert_refused_at::<T, Q>(&src, 17);
    }
}

fn dynamic_refused_scheme_leaves_output_untouched<T: Float, Q: Int>() {
    let src = vec![T::of(3.0); 90];
    assert!(Range::of(&src).is_ok());
    let refused = [
        Scheme::asymmetric().bits(9),
        Scheme::asymmetric().raw_range(),
        Scheme::asymmetric().full_range(),
        Scheme::symmetric().raw_range(),
    ];
    for backend in backends() {
        for scheme in refused {
            let mut q = vec![Q::of(77); src.len()];
            backend.quantize_dynamic(&src, scheme, &mut q).unwrap_err();
            assert!(q.iter().all(|q| q.int() == 77), "{} wrote", backend.name());
        }
    }
}

fn dynamic_length_is_checked_first<T: Float, Q: Int>() {
    let src = [T::nans()[0]; 5];
    for backend in backends() {
        let mut q = [Q::of(77); 4];
        let error = backend.quantize_dynamic(&src, Scheme::asymmetric(), &mut q).unwrap_err();
        assert!(matches!(error, Error::LengthMismatch { src: 5, dst: 4, .. }), "{error}");
    }
}
