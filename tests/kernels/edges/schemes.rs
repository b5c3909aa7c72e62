//! Schemes: which codes n bits have, and which schemes there are.

use zeropoint::{Backend, Error, QParams, Range, Scheme};

use crate::common::floats::Float;
use crate::common::{Int, backends};

for_each_pair!(bytes:
    asymmetric_codes,
    symmetric_restricted_codes,
    symmetric_full_codes,
    symmetric_divisor_is_the_same_for_both,
    bits_outside_type,
    raw_range_has_no_meaning_for_symmetric,
    full_range_has_no_meaning_for_asymmetric,
    given_alpha_has_no_meaning_for_asymmetric,
    restricted_codes_are_never_left,
);

/// For n = 2..=8: the greatest code of n bits with a sign, and of n bits without.
const GREATEST: [(u32, i32, i32); 7] =
    [(2, 1, 3), (3, 3, 7), (4, 7, 15), (5, 15, 31), (6, 31, 63), (7, 63, 127), (8, 127, 255)];

fn range<T: Float>() -> Range<T> {
    Range::new(T::of(-1.5), T::of(3.0)).unwrap()
}

fn ends<T: Float, Q: Int>(scheme: Scheme) -> (i32, i32) {
    let p: QParams<T, Q> = scheme.params(range::<T>()).unwrap();
    (p.qmin(), p.qmax())
}

fn asymmetric_codes<T: Float, Q: Int>() {
    for (bits, signed, unsigned) in GREATEST {
        let expected = if Q::MIN < 0 { (-signed - 1, signed) } else { (0, unsigned) };
        assert_eq!(ends::<T, Q>(Scheme::asymmetric().bits(bits)), expected, "{bits} bits");
    }
    assert_eq!(ends::<T, Q>(Scheme::asymmetric()), (Q::MIN, Q::MAX));
}

fn symmetric_restricted_codes<T: Float, Q: Int>() {
    for (bits, signed, unsigned) in GREATEST {
        let (expected, zero) =
            if Q::MIN < 0 { ((-signed, signed), 0) } else { ((1, unsigned), signed + 1) };
        let scheme = Scheme::symmetric().bits(bits);
        assert_eq!(ends::<T, Q>(scheme), expected, "{bits} bits");
        assert_eq!(scheme.params::<T, Q>(range()).unwrap().zero_point(), zero, "{bits} bits");
    }
    assert_eq!(ends::<T, Q>(Scheme::symmetric()), (Q::MIN + 1, Q::MAX));
}

fn symmetric_full_codes<T: Float, Q: Int>() {
    for (bits, signed, unsigned) in GREATEST {
        let (expected, zero) =
            if Q::MIN < 0 { ((-signed - 1, signed), 0) } else { ((0, unsigned), signed + 1) };
        let scheme = Scheme::symmetric().bits(bits).full_range();
        assert_eq!(ends::<T, Q>(scheme), expected, "{bits} bits");
        assert_eq!(scheme.params::<T, Q>(range()).unwrap().zero_point(), zero, "{bits} bits");
    }
}

fn symmetric_divisor_is_the_same_for_both<T: Float, Q: Int>() {
    for (bits, signed, _) in GREATEST {
        let expected = T::of(3.0) / T::of(f64::from(signed));
        for scheme in [Scheme::symmetric(), Scheme::symmetric().full_range()] {
            let p: QParams<T, Q> = scheme.bits(bits).params(range()).unwrap();
            assert_eq!(p.scale(), expected, "{bits} bits");
            let p: QParams<T, Q> = scheme.bits(bits).params_from_alpha(T::of(3.0)).unwrap();
            assert_eq!(p.scale(), expected, "{bits} bits");
        }
    }
}

fn bits_outside_type<T: Float, Q: Int>() {
    for bits in [0, 1, 9, 16, 32, u32::MAX] {
        for scheme in [Scheme::asymmetric(), Scheme::symmetric(), Scheme::symmetric().full_range()]
        {
            let error = scheme.bits(bits).params::<T, Q>(range()).unwrap_err();
            assert!(
                matches!(error, Error::Bits { bits: n, least: 2, most: 8, .. } if n == bits),
                "{error}"
            );
            assert!(error.to_string().contains(&bits.to_string()), "{error}");
        }
        let given = Scheme::symmetric().bits(bits).params_from_alpha::<T, Q>(T::of(1.0));
        assert!(matches!(given, Err(Error::Bits { .. })));
    }
}

fn assert_option_refused(error: Error, option: &str, scheme: &str) {
    let text = error.to_string();
    assert!(matches!(error, Error::SchemeOption { .. }), "{text}");
    assert!(text.contains(option) && text.contains(scheme), "{text}");
}

fn raw_range_has_no_meaning_for_symmetric<T: Float, Q: Int>() {
    let scheme = Scheme::symmetric().raw_range();
    let error = scheme.params::<T, Q>(range()).unwrap_err();
    assert_option_refused(error, "raw_range", "symmetric");
    let error = scheme.params_from_alpha::<T, Q>(T::of(1.0)).unwrap_err();
    assert_option_refused(error, "raw_range", "symmetric");
}

fn full_range_has_no_meaning_for_asymmetric<T: Float, Q: Int>() {
    let error = Scheme::asymmetric().full_range().params::<T, Q>(range()).unwrap_err();
    assert_option_refused(error, "full_range", "asymmetric");
}

fn given_alpha_has_no_meaning_for_asymmetric<T: Float, Q: Int>() {
    let error = Scheme::asymmetric().params_from_alpha::<T, Q>(T::of(1.0)).unwrap_err();
    assert_option_refused(error, "alpha", "asymmetric");
}

fn restricted_codes_are_never_left<T: Float, Q: Int>() {
    let src: Vec<T> = (-500..500).map(|k| T::of(f64::from(k) / 50.0)).collect();
    for (bits, ..) in GREATEST {
        for scheme in [Scheme::asymmetric(), Scheme::symmetric(), Scheme::symmetric().full_range()]
        {
            let p: QParams<T, Q> = scheme.bits(bits).params(range()).unwrap();
            for backend in backends() {
                let codes = super::codes(backend, &src, &p);
                assert_eq!(*codes.iter().min().unwrap(), p.qmin(), "{}", backend.name());
                assert_eq!(*codes.iter().max().unwrap(), p.qmax(), "{}", backend.name());
            }
        }
    }
}
