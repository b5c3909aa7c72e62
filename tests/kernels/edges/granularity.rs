//! Shapes, parameters and lengths that do not fit, and tensors without elements.

use zeropoint::{
    Auto, Backend, Error, Granularity, I2x4, I4x2, MinMax, Params, QParams, Scheme, U4x2,
    ZeroPoints,
};

use crate::common::{backends, scalar};

pub(super) fn message<X: std::fmt::Debug>(result: Result<X, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn shapes_that_are_none_are_refused() {
    assert_eq!(message(Granularity::channel(&[2, 3], 2)), "a shape of 2 dimensions has no axis 2");
    assert_eq!(message(Granularity::channel(&[], 0)), "a shape of 0 dimensions has no axis 0");
    assert_eq!(
        message(Granularity::block(&[2, 3], 1, 0)),
        "blocks of 0 elements: a block has at least 1"
    );
    let huge = [usize::MAX, 2, 0];
    assert_eq!(Granularity::channel(&huge, 2), Err(Error::ShapeOverflow));
    assert_eq!(Granularity::row(usize::MAX, 2), Err(Error::ShapeOverflow));
}

#[test]
fn slices_are_counted_as_onnx_counts_scales() {
    let count = |g: Result<Granularity, Error>| g.unwrap().slices();
    assert_eq!(count(Granularity::channel(&[2, 3, 4], 0)), 2);
    assert_eq!(count(Granularity::channel(&[2, 3, 4], 2)), 4);
    assert_eq!(count(Granularity::block(&[2, 3, 4], 1, 2)), 2 * 2 * 4);
    assert_eq!(count(Granularity::block(&[2, 3, 4], 2, usize::MAX)), 2 * 3);
    assert_eq!(count(Granularity::row(0, 7)), 0);
}

#[test]
fn tensors_and_parameters_that_do_not_fit_are_refused_and_nothing_is_written() {
    let p = [QParams::<f32, u8>::new(1.0, 0).unwrap(); 3];
    let rows = Granularity::channel(&[2, 3], 0).unwrap();
    let x = [1.0_f32; 7];
    for backend in backends() {
        let mut q = [9_u8; 7];
        let mut y = [9.0_f32; 7];
        let short = backend.quantize_per(rows, &x[..5], &p[..2], &mut q[..5]);
        assert_eq!(message(short), "the shape has 6 elements, the tensor 5");
        let other = backend.quantize_per(rows, &x[..6], &p, &mut q[..6]);
        assert_eq!(
            message(other),
            "the shape has 2 slices, each with one parameter or result; 3 are given"
        );
        let codes = backend.quantize_per(rows, &x[..6], &p[..2], &mut q[..7]);
        assert_eq!(message(codes), "src has 6 elements, dst has 7");
        let back = backend.dequantize_per(rows, &q[..7], &p[..2], &mut y[..6]);
        assert_eq!(message(back), "src has 7 elements, dst has 6");
        let own = backend.fake_quantize_in_place_per(rows, &mut y[..5], &p[..2]);
        assert_eq!(message(own), "the shape has 6 elements, the tensor 5");
        let mut ranges = [MinMax::EMPTY; 3];
        let ranged = backend.min_max_per(rows, &x[..6], &mut ranges);
        assert_eq!(
            message(ranged),
            "the shape has 2 slices, each with one parameter or result; 3 are given"
        );
        assert_eq!((q, y), ([9; 7], [9.0; 7]));
    }
}

#[test]
fn arrays_are_checked_one_by_one() {
    let columns = Granularity::channel(&[1, 2], 1).unwrap();
    let invalid = |index, scale, zero_point| {
        format!(
            "parameters {index}: scale {scale} is not a positive, normal number, or zero point {zero_point} is outside \
             -16777216..=16777216"
        )
    };
    let quantize = |scales: &[f32], zero_points| {
        let mut q = [7_u8; 2];
        let params = Params::arrays(scales, zero_points);
        let result = zeropoint::Scalar.quantize_per(columns, &[1.0_f32, 2.0], params, &mut q);
        assert_eq!(q == [7; 2], result.is_err());
        result
    };
    assert!(quantize(&[0.5, 1.0], ZeroPoints::Zero).is_ok());
    let wrong = message(quantize(&[0.5, -1.0], ZeroPoints::Codes(&[3, 4])));
    assert_eq!(wrong, invalid(1, "-1e0", 4));
    let wrong = message(quantize(&[0.5, 1.0], ZeroPoints::Integers(&[1 << 25, 0])));
    assert_eq!(wrong, invalid(0, "5e-1", 33_554_432));
    let wrong = message(quantize(&[0.5, 1.0], ZeroPoints::Integers(&[0])));
    assert_eq!(wrong, "src has 2 elements, dst has 1");
    let wrong = message(quantize(&[0.5], ZeroPoints::Zero));
    assert_eq!(wrong, "the shape has 2 slices, each with one parameter or result; 1 are given");
}

#[test]
fn packed_zero_points_are_those_of_their_places() {
    let columns = Granularity::channel(&[1, 3], 1).unwrap();
    let zero_points = [U4x2::new([1, 2]), U4x2::new([3, 0])];
    let params = Params::arrays(&[1.0_f32; 3], ZeroPoints::Codes(&zero_points));
    for backend in backends() {
        let mut q = [U4x2::default(); 2];
        backend.quantize_per(columns, &[5.0_f32, 5.0, 50.0], params, &mut q).unwrap();
        assert_eq!(q, [U4x2::new([6, 7]), U4x2::new([15, 0])]);
        let mut x = [0.0_f32; 3];
        backend.dequantize_per(columns, &q, params, &mut x).unwrap();
        assert_eq!(x, [5.0, 5.0, 12.0]);
    }
}

#[test]
fn channels_may_begin_inside_a_byte_and_the_odd_end_is_0() {
    // Three rows of three: the second one begins in the middle of a byte.
    let rows = Granularity::row(3, 3).unwrap();
    let p = [1.0_f32, 2.0, 4.0].map(|scale| QParams::<f32, I4x2>::new(scale, 0).unwrap());
    let x = [-4.0_f32; 9];
    for backend in backends() {
        let mut q = [I4x2::new([5, 5]); 5];
        backend.quantize_per(rows, &x, &p, &mut q).unwrap();
        let codes: Vec<i8> = q.iter().flat_map(|q| q.unpack()).collect();
        assert_eq!(codes, [-4, -4, -4, -2, -2, -2, -1, -1, -1, 0], "{}", backend.name());
        let mut y = [0.0_f32; 9];
        backend.dequantize_per(rows, &q, &p, &mut y).unwrap();
        assert_eq!(y, x);
        // No zero point makes anything else of the end.
        let p = QParams::<f32, I2x4>::new(1.0, 1).unwrap();
        let mut q = [I2x4::new([1; 4]); 2];
        backend.quantize(&[0.0_f32, -1.0, -2.0, -9.0, 9.0], &p, &mut q).unwrap();
        assert_eq!(q, [I2x4::new([1, 0, -1, -2]), I2x4::new([1, 0, 0, 0])]);
    }
}

#[test]
fn a_dynamic_row_that_is_not_finite_is_named_by_its_element() {
    let rows = Granularity::row(2, 3).unwrap();
    let mut p = [QParams::<f32, u8>::default(); 2];
    let mut x = [1.0_f32, 2.0, 3.0, 4.0, f32::NAN, f32::INFINITY];
    for backend in backends() {
        let mut q = [0; 6];
        let spoilt = backend.quantize_dynamic_per(rows, &x, Scheme::asymmetric(), &mut p, &mut q);
        assert_eq!(message(spoilt), "NaN or infinity at element 4");
    }
    x[2] = f32::NEG_INFINITY;
    for backend in backends() {
        let mut q = [0; 6];
        let spoilt = backend.quantize_dynamic_per(rows, &x, Scheme::symmetric(), &mut p, &mut q);
        assert_eq!(message(spoilt), "NaN or infinity at element 2");
        let error = backend.quantization_error_per(rows, &x, &p);
        assert_eq!(message(error), "NaN or infinity at element 2");
    }
}

#[test]
fn what_is_not_finite_is_named_by_the_first_in_memory_not_by_the_first_slice() {
    // Three columns: the first one's NaN stands behind the last one's.
    let columns = Granularity::channel(&[2, 3], 1).unwrap();
    let blocks = Granularity::block(&[2, 3], 0, 2).unwrap();
    let mut p = [QParams::<f32, u8>::default(); 3];
    let x = [1.0_f32, 2.0, f32::INFINITY, f32::NAN, 4.0, 5.0];
    for (backend, granularity) in backends().into_iter().flat_map(|b| [(b, columns), (b, blocks)]) {
        let mut q = [0; 6];
        let scheme = Scheme::asymmetric();
        let spoilt = backend.quantize_dynamic_per(granularity, &x, scheme, &mut p, &mut q);
        assert_eq!(message(spoilt), "NaN or infinity at element 2");
        let error = backend.quantization_error_per(granularity, &x, &[p[0]; 3]);
        assert_eq!(message(error), "NaN or infinity at element 2");
    }
}

#[test]
fn what_is_not_finite_between_rows_is_nothing_and_in_them_is_named_by_its_place() {
    let nan = f32::NAN;
    let x = [1.0, 2.0, 3.0, nan, nan, 4.0, 5.0, 6.0, nan];
    let all = Granularity::channel(&[1, 2, 3], 0).unwrap();
    let shapes = [
        (Granularity::row(2, 3).unwrap(), 2),
        (Granularity::channel(&[2, 3], 1).unwrap(), 3),
        (Granularity::block(&[2, 3], 1, 2).unwrap(), 4),
        (all, 1),
    ];
    for (backend, (shape, slices)) in backends().into_iter().flat_map(|b| shapes.map(|s| (b, s))) {
        let rows = shape.with_pitch(5, 3).unwrap();
        let (mut p, mut q) = (vec![QParams::<f32, u8>::default(); slices], [9; 6]);
        let scheme = Scheme::asymmetric();
        backend.quantize_dynamic_per(rows, &x, scheme, &mut p[..], &mut q).unwrap();
        let error = backend.quantization_error_per(rows, &x, &p[..]).unwrap();
        assert_eq!((error.len(), error.clipped()), (6, 0));
        let mut seen = vec![MinMax::EMPTY; slices];
        backend.min_max_per(rows, &x, &mut seen).unwrap();
        assert!(seen.iter().all(|seen| !seen.has_nan && seen.max <= 6.0));

        let mut spoilt = x;
        spoilt[6] = f32::NEG_INFINITY;
        let dynamic = backend.quantize_dynamic_per(rows, &spoilt, scheme, &mut p[..], &mut q);
        assert_eq!(message(dynamic), "NaN or infinity at element 6", "{shape:?}");
        let error = backend.quantization_error_per(rows, &spoilt, &vec![p[0]; slices][..]);
        assert_eq!(message(error), "NaN or infinity at element 6", "{shape:?}");
    }
}

#[test]
fn nothing_is_nothing_to_do() {
    let none = [Granularity::row(0, 5), Granularity::channel(&[0, 3], 0)];
    for (backend, rows) in backends().into_iter().flat_map(|b| none.map(|g| (b, g.unwrap()))) {
        let p: [QParams<f32, u8>; 0] = [];
        backend.quantize_per(rows, &[0.0_f32; 0], &p, &mut []).unwrap();
        backend.dequantize_per(rows, &[], &p, &mut [0.0_f32; 0]).unwrap();
        backend.min_max_per(rows, &[0.0_f32; 0], &mut []).unwrap();
        let (mut p, mut q) = (p, []);
        let scheme = Scheme::asymmetric();
        backend.quantize_dynamic_per(rows, &[0.0_f32; 0], scheme, &mut p, &mut q).unwrap();
        let error = backend.quantization_error_per(rows, &[0.0_f32; 0], &p);
        assert_eq!(error, Err(Error::Empty));
    }
    // Rows without elements have no range.
    let rows = Granularity::row(2, 0).unwrap();
    for backend in backends() {
        let mut seen = [MinMax { min: 1.0_f32, max: 1.0, has_nan: true }; 2];
        backend.min_max_per(rows, &[0.0_f32; 0], &mut seen).unwrap();
        assert_eq!(seen, [MinMax::EMPTY; 2]);
        let mut p = [QParams::<f32, u8>::default(); 2];
        backend.quantize_per(rows, &[0.0_f32; 0], &p, &mut []).unwrap();
        backend.dequantize_per(rows, &[], &p, &mut [0.0_f32; 0]).unwrap();
        let dynamic = backend.quantize_dynamic_per(
            rows,
            &[0.0_f32; 0],
            Scheme::asymmetric(),
            &mut p,
            &mut [],
        );
        assert_eq!(dynamic, Err(Error::Empty));
    }
}

#[test]
fn biases_saturate_and_accumulators_are_rounded_once() {
    let p = QParams::<f32, i32>::new(0.5, 0).unwrap();
    for backend in backends() {
        let x = [1.25_f32, 1.75, 2e9, -2e9, 1e30, -1e30, f32::NAN, f32::INFINITY, -1073741824.0];
        // The last number below 2³¹, 2³¹ and what lies beyond.
        let x = [&x[..], &[1073741696.0, 1073741824.0, -1073741952.0, f32::NEG_INFINITY]].concat();
        let mut q = [0; 13];
        backend.quantize(&x, &p, &mut q).unwrap();
        let (least, most) = (i32::MIN, i32::MAX);
        assert_eq!(
            q[..9],
            [2, 4, most, least, most, least, least, most, least],
            "{}",
            backend.name()
        );
        assert_eq!(q[9..], [2_147_483_392, most, least, least], "{}", backend.name());
        // Z takes the integer beyond 32 bits; 2³¹ + 2²⁴ + 129 is rounded once.
        let p = QParams::<f32, i32>::new(1.0, -(1 << 24)).unwrap();
        let mut y = [0.0_f32; 3];
        backend.dequantize(&[i32::MAX, 1, 3], &p, &mut y).unwrap();
        assert_eq!(y, [2_164_260_863_u32 as f32, 16_777_216.0, 16_777_220.0], "{}", backend.name());
    }
}

#[test]
fn a_scheme_of_i32_needs_its_bits() {
    use zeropoint::Range;
    let range = Range::new(-1.0_f32, 1.0).unwrap();
    let p: Result<QParams<f32, i32>, _> = Scheme::symmetric().params(range);
    assert_eq!(message(p), "32 bits: this code type takes 2..=16");
    let p: QParams<f32, i32> = Scheme::symmetric().bits(16).params(range).unwrap();
    assert_eq!(p.qmax(), 32767);
}

#[test]
fn bias_of_every_channel_has_its_own_scale() {
    // s_x · s_w of each channel.
    let p = [0.5_f32, 0.25, 2.0].map(|s_w| QParams::<f32, i32>::new(0.5 * s_w, 0).unwrap());
    for backend in backends() {
        let mut got = [0; 3];
        let channels = Granularity::channel(&[3], 0).unwrap();
        backend.quantize_per(channels, &[1.0_f32, 1.0, -1e30], &p, &mut got).unwrap();
        assert_eq!(got, [4, 8, i32::MIN], "{}", backend.name());
    }
}

#[test]
fn a_block_or_a_pitch_may_be_of_any_length() {
    for n in [1, 100, 1000] {
        let pitched = |g: Granularity| g.with_pitch(usize::MAX, usize::MAX).unwrap();
        let of = [
            Granularity::block(&[4, n], 1, usize::MAX).unwrap(),
            Granularity::block(&[4, n], 1, 1 << (usize::BITS - 6)).unwrap(),
            pitched(Granularity::channel(&[1, n], 1).unwrap()),
            pitched(Granularity::row(1, n).unwrap()),
            pitched(Granularity::block(&[1, n], 1, 7).unwrap()),
        ];
        for g in of {
            let (len, slices) = (if g.slices() == 4 { 4 * n } else { n }, g.slices());
            let x: Vec<f32> = (0..len).map(|i| i as f32 % 7.0 - 3.0).collect();
            let p = vec![QParams::<f32, u8>::new(0.5, 9).unwrap(); slices];
            let results = |backend: Auto| {
                let (mut q, mut y, mut own) = (vec![0_u8; len], vec![0.0_f32; len], p.clone());
                backend.quantize_per(g, &x, &p[..], &mut q).unwrap();
                backend.dequantize_per(g, &q, &p[..], &mut y).unwrap();
                let mut seen = vec![MinMax::EMPTY; slices];
                backend.min_max_per(g, &x, &mut seen).unwrap();
                backend.fake_quantize_in_place_per(g, &mut y, &p[..]).unwrap();
                let error = backend.quantization_error_per(g, &x, &p[..]).unwrap();
                let scheme = Scheme::asymmetric();
                backend.quantize_dynamic_per(g, &x, scheme, &mut own[..], &mut q).unwrap();
                (q, y, seen, error, own)
            };
            let expected = results(scalar());
            for backend in backends() {
                assert_eq!(results(backend), expected, "{n} {g:?}");
            }
        }
    }
}
