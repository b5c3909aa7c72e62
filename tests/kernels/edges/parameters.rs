//! Scale and zero point: degenerate ranges, and what is refused.

use zeropoint::{Backend, Error, QParams, Range, Scheme};

use crate::common::cases::finite_case;
use crate::common::floats::Float;
use crate::common::{Int, backends, for_random, params_bits, same};

for_each_pair!(bytes:
    range_is_widened_to_contain_zero,
    raw_range_is_not_widened,
    raw_range_far_from_zero_has_distant_zero_point,
    raw_range_of_width_zero_is_an_error,
    raw_zero_point_beyond_2_24_is_an_error,
    widened_zero_point_is_a_code,
    all_zero_has_scale_one,
    symmetric_alpha_zero_has_scale_one,
    given_alpha_negative_is_an_error,
    given_alpha_not_finite_is_an_error,
    width_overflow_has_finite_scale,
    scale_floors_at_least_normal,
    given_scale_is_checked,
    given_zero_point_is_checked,
    given_codes_are_checked,
    params_stop_at_the_first_range_refused,
    params_lengths_must_agree,
);

fn params<T: Float, Q: Int>(scheme: Scheme, min: f64, max: f64) -> Result<QParams<T, Q>, Error> {
    let range = Range::new(T::of(min), T::of(max)).unwrap();
    let alone = scheme.params(range);
    for backend in backends() {
        let mut list = [QParams::<T, Q>::default()];
        let outcome = backend.params(&[range], scheme, &mut list).map(|()| list[0]);
        assert_eq!(params_bits(outcome), params_bits(alone), "{}", backend.name());
    }
    alone
}

/// The scale and the zero point, which is given for unsigned codes.
#[track_caller]
fn assert_params<T: Float, Q: Int>(p: Result<QParams<T, Q>, Error>, scale: T, unsigned: i32) {
    let p = p.unwrap();
    let zero_point = unsigned + Q::MIN;
    assert_eq!((p.scale().raw(), p.zero_point()), (scale.raw(), zero_point), "{p:?}");
}

fn range_is_widened_to_contain_zero<T: Float, Q: Int>() {
    let asymmetric = Scheme::asymmetric();
    let scale = T::of(4.0) / T::of(255.0);
    assert_params(params::<T, Q>(asymmetric, 1.0, 4.0), scale, 0);
    assert_params(params::<T, Q>(asymmetric, -4.0, -1.0), scale, 255);
    assert_params(params::<T, Q>(asymmetric, 4.0, 4.0), scale, 0);
    assert_params(params::<T, Q>(asymmetric, -1.0, 3.0), scale, 64);
}

fn raw_range_is_not_widened<T: Float, Q: Int>() {
    let raw = Scheme::asymmetric().raw_range();
    assert_params(params::<T, Q>(raw, 255.0, 510.0), T::of(1.0), -255);
    assert_params(params::<T, Q>(raw, -510.0, -255.0), T::of(1.0), 510);
    assert_params(params::<T, Q>(raw, -100.0, 155.0), T::of(1.0), 100);
}

fn raw_range_far_from_zero_has_distant_zero_point<T: Float, Q: Int>() {
    let p = params::<T, Q>(Scheme::asymmetric().raw_range(), 10.0, 11.0);
    assert_params(p, T::of(1.0) / T::of(255.0), -2550);
    // At full resolution: every code from one end to the other.
    let src: Vec<T> = (0..256).map(|k| T::of(10.0 + f64::from(k) / 255.0)).collect();
    let expected: Vec<i32> = (Q::MIN..=Q::MAX).collect();
    for backend in backends() {
        assert_eq!(super::codes(backend, &src, &p.unwrap()), expected, "{}", backend.name());
    }
}

fn raw_range_of_width_zero_is_an_error<T: Float, Q: Int>() {
    let raw = Scheme::asymmetric().raw_range();
    for x in [0.0, 3.0, -7.5] {
        let error = params::<T, Q>(raw, x, x).unwrap_err();
        assert!(matches!(error, Error::ZeroWidth { value, .. } if value == x), "{error}");
        assert!(error.to_string().contains(&x.to_string()), "{error}");
    }
}

fn raw_zero_point_beyond_2_24_is_an_error<T: Float, Q: Int>() {
    let raw = Scheme::asymmetric().raw_range();
    // S = 1, and Z = qmin − min.
    let limit = 16_777_216.0;
    let p = params::<T, Q>(raw, -limit - 300.0, -limit - 300.0 + 510.0);
    assert_eq!(p.unwrap().scale(), T::of(2.0));
    for far in [1e9, -1e9] {
        let error = params::<T, Q>(raw, far, far + 1024.0).unwrap_err();
        match error {
            Error::ZeroPointOutOfRange { zero_point, .. } => {
                assert!((zero_point + far * 255.0 / 1024.0).abs() < 1e4, "{error}");
            }
            _ => panic!("{error}"),
        }
    }
}

fn widened_zero_point_is_a_code<T: Float, Q: Int>() {
    for_random(300, (finite_case::<T, Q>(), 2..=8_u32), |(case, bits)| {
        for row in case.src.chunks(2) {
            if let Ok(range) = Range::of(row) {
                let p = Scheme::asymmetric().bits(bits).params::<T, Q>(range).unwrap();
                let is_code = (p.qmin()..=p.qmax()).contains(&p.zero_point());
                same(&format!("{p:?}"), is_code, true)?;
            }
        }
        Ok(())
    });
}

fn all_zero_has_scale_one<T: Float, Q: Int>() {
    for (min, max) in [(0.0, 0.0), (-0.0, 0.0), (-0.0, -0.0)] {
        assert_params(params::<T, Q>(Scheme::asymmetric(), min, max), T::of(1.0), 0);
    }
    let p = params::<T, Q>(Scheme::asymmetric().bits(4), 0.0, 0.0).unwrap();
    assert_eq!((p.scale(), p.zero_point()), (T::of(1.0), p.qmin()));
}

fn symmetric_alpha_zero_has_scale_one<T: Float, Q: Int>() {
    assert_params(params::<T, Q>(Scheme::symmetric(), -0.0, 0.0), T::of(1.0), 128);
    for alpha in [0.0, -0.0] {
        let p = Scheme::symmetric().params_from_alpha::<T, Q>(T::of(alpha));
        assert_params(p, T::of(1.0), 128);
    }
}

fn given_alpha_negative_is_an_error<T: Float, Q: Int>() {
    let error = Scheme::symmetric().params_from_alpha::<T, Q>(T::of(-2.5)).unwrap_err();
    assert!(matches!(error, Error::NegativeAlpha { alpha: -2.5, .. }), "{error}");
    let tiny = T::LEAST_SUBNORMAL.negated();
    let error = Scheme::symmetric().params_from_alpha::<T, Q>(tiny).unwrap_err();
    assert!(matches!(error, Error::NegativeAlpha { .. }), "{error}");
}

fn given_alpha_not_finite_is_an_error<T: Float, Q: Int>() {
    for alpha in [T::nans()[0], T::nans()[1], T::INF, T::INF.negated()] {
        let error = Scheme::symmetric().params_from_alpha::<T, Q>(alpha).unwrap_err();
        assert!(matches!(error, Error::NotFinite { index: None, .. }), "{error}");
    }
}

fn width_overflow_has_finite_scale<T: Float, Q: Int>() {
    let most = T::GREATEST;
    let p = params::<T, Q>(Scheme::asymmetric(), -most.as_f64(), most.as_f64()).unwrap();
    let part = most / T::of(255.0);
    assert_eq!(p.scale().raw(), (part - part.negated()).raw());
    // −min / S is 127.5 but for the rounding of S.
    assert!((127..=128).contains(&(p.zero_point() - Q::MIN)), "{p:?}");
    let src = [most.negated(), T::of(0.0), most];
    for backend in backends() {
        let codes = super::codes(backend, &src, &p);
        assert!((codes[0] - Q::MIN) <= 1 && codes[2] >= Q::MAX - 1, "{codes:?}");
        assert_eq!(codes[1], p.zero_point(), "{}", backend.name());
    }
    let p = params::<T, Q>(Scheme::symmetric(), -most.as_f64(), most.as_f64()).unwrap();
    assert_eq!(p.scale().raw(), (most / T::of(127.0)).raw());
}

fn scale_floors_at_least_normal<T: Float, Q: Int>() {
    let least = T::LEAST_NORMAL;
    for width in [T::LEAST_SUBNORMAL, least, least * T::of(254.0)] {
        let p = params::<T, Q>(Scheme::asymmetric(), 0.0, width.as_f64());
        assert_params(p, least, 0);
        let p = params::<T, Q>(Scheme::asymmetric().raw_range(), 0.0, width.as_f64());
        assert_params(p, least, 0);
    }
    let above = least * T::of(510.0);
    assert_params(params::<T, Q>(Scheme::asymmetric(), 0.0, above.as_f64()), least * T::of(2.0), 0);
    for alpha in [T::LEAST_SUBNORMAL, least, least * T::of(126.0)] {
        assert_params(params::<T, Q>(Scheme::symmetric(), 0.0, alpha.as_f64()), least, 128);
        assert_params(Scheme::symmetric().params_from_alpha::<T, Q>(alpha), least, 128);
    }
}

fn given_scale_is_checked<T: Float, Q: Int>() {
    let subnormal = T::from_raw(T::LEAST_NORMAL.raw() - 1);
    let bad = [T::of(0.0), T::of(-0.0), T::of(-1.0), subnormal, T::LEAST_SUBNORMAL, T::INF]
        .into_iter()
        .chain([T::INF.negated()])
        .chain(T::nans());
    for scale in bad {
        let error = QParams::<T, Q>::new(scale, 0).unwrap_err();
        assert!(
            matches!(error, Error::InvalidScale { scale: given, least, .. }
                if given.total_cmp(&scale.as_f64()).is_eq() && least == T::LEAST_NORMAL.as_f64()),
            "{error}"
        );
        assert!(error.to_string().contains(&format!("{:e}", scale.as_f64())), "{error}");
        assert!(QParams::<T, Q>::with_codes(scale, 0, Q::MIN, Q::MAX).is_err());
    }
    for scale in [T::LEAST_NORMAL, T::GREATEST] {
        assert_eq!(QParams::<T, Q>::new(scale, 0).unwrap().scale(), scale);
    }
}

fn given_zero_point_is_checked<T: Float, Q: Int>() {
    const LIMIT: i32 = 16_777_216;
    for zero_point in [LIMIT + 1, -LIMIT - 1, i32::MAX, i32::MIN] {
        let error = QParams::<T, Q>::new(T::of(1.0), zero_point).unwrap_err();
        assert!(
            matches!(error, Error::ZeroPointOutOfRange { zero_point: z, .. } if z == f64::from(zero_point)),
            "{error}"
        );
        assert!(error.to_string().contains(&zero_point.to_string()), "{error}");
    }
    for zero_point in [LIMIT, -LIMIT, Q::MIN - 1, Q::MAX + 1] {
        let p = QParams::<T, Q>::new(T::of(1.0), zero_point).unwrap();
        assert_eq!(p.zero_point(), zero_point);
    }
}

fn given_codes_are_checked<T: Float, Q: Int>() {
    let with_codes = |qmin, qmax| QParams::<T, Q>::with_codes(T::of(1.0), 0, qmin, qmax);
    for (qmin, qmax) in [(5, 4), (Q::MIN - 1, Q::MAX), (Q::MIN, Q::MAX + 1), (i32::MIN, i32::MAX)] {
        let error = with_codes(qmin, qmax).unwrap_err();
        assert!(
            matches!(error, Error::CodeRange { qmin: a, qmax: b, .. } if (a, b) == (qmin, qmax)),
            "{error}"
        );
        assert!(error.to_string().contains(&qmin.to_string()), "{error}");
        assert!(error.to_string().contains(&qmax.to_string()), "{error}");
    }
    assert_eq!(with_codes(4, 4).map(|p| (p.qmin(), p.qmax())), Ok((4, 4)));
}

fn params_stop_at_the_first_range_refused<T: Float, Q: Int>() {
    let range = |min, max| Range::new(T::of(min), T::of(max)).unwrap();
    let ranges = [range(0.0, 255.0), range(3.0, 3.0), range(0.0, 510.0)];
    for backend in backends() {
        let mut dst = [QParams::<T, Q>::new(T::of(9.0), 9).unwrap(); 3];
        let raw = Scheme::asymmetric().raw_range();
        let error = backend.params(&ranges, raw, &mut dst).unwrap_err();
        assert!(matches!(error, Error::ZeroWidth { value: 3.0, .. }), "{error}");
        assert_eq!(dst[0].scale(), T::of(1.0), "{}", backend.name());
        assert_eq!((dst[1].scale(), dst[2].scale()), (T::of(9.0), T::of(9.0)));
    }
}

fn params_lengths_must_agree<T: Float, Q: Int>() {
    let range = Range::new(T::of(0.0), T::of(1.0)).unwrap();
    for backend in backends() {
        let mut dst = [QParams::<T, Q>::default(); 2];
        let error = backend.params(&[range; 3], Scheme::asymmetric(), &mut dst).unwrap_err();
        assert!(matches!(error, Error::LengthMismatch { src: 3, dst: 2, .. }), "{error}");
    }
}
