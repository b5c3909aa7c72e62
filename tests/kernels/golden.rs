//! Published numbers: the worked example that the formulas come from, and the examples of ONNX's
//! operator tests.

use crate::common::{Int, backends};
use zeropoint::{Backend, QParams, Range, Scheme};

/// The worked example: twenty numbers, quantized to 8 bits in `f64`.
const X: [f64; 20] = [
    2.34, -3.42, 0.0, -0.1, -0.32, -0.08, -0.47, 1.34, -1.0, -1.11, 0.69, 0.84, -2.42, 0.61, -0.4,
    -0.61, 1.23, -0.18, -0.57, -0.14,
];

/// Codes exactly, and the mean squared error but for the order of its sum.
fn assert_quantizes_to<Q: Int>(p: &QParams<f64, Q>, codes: [Q; 20], mse: f64) {
    for backend in backends() {
        let name = backend.name();
        let mut q = [Q::default(); 20];
        backend.quantize(&X, p, &mut q).unwrap();
        assert_eq!(q, codes, "{name}");
        let got = backend.quantization_error(&X, p).unwrap().mse();
        assert!((got / mse - 1.0).abs() < 1e-12, "{name}: mse {got:e} instead of {mse:e}");

        let mut x_hat = [0.0; 20];
        backend.dequantize(&q, p, &mut x_hat).unwrap();
        let by_hand = X.iter().zip(x_hat).map(|(x, y)| (x - y) * (x - y)).sum::<f64>() / 20.0;
        assert!((by_hand / mse - 1.0).abs() < 1e-12, "{name}: mse {by_hand:e} by hand");
    }
}

#[test]
fn notebook_asymmetric() {
    let codes = [
        255, 0, 151, 147, 137, 147, 130, 210, 107, 102, 182, 188, 44, 178, 133, 124, 205, 143, 126,
        145,
    ];
    for backend in backends() {
        let mut q = [0_u8; 20];
        let p = backend.quantize_dynamic(&X, Scheme::asymmetric(), &mut q).unwrap();
        assert_eq!((p.scale(), p.zero_point()), (0.022588235294117645, 151), "{}", backend.name());
        assert_eq!(q, codes, "{}", backend.name());
    }
    let p = Scheme::asymmetric().params(Range::of(&X).unwrap()).unwrap();
    assert_quantizes_to::<u8>(&p, codes, 4.1563321799308393e-05);
}

#[test]
fn notebook_symmetric_as_its_code_has_it() {
    let alpha = Range::of(&X).unwrap().max();
    let p = Scheme::symmetric().full_range().params_from_alpha(alpha).unwrap();
    assert_eq!((p.scale(), p.zero_point()), (0.0184251968503937, 0));
    let codes = [
        127, -128, 0, -5, -17, -4, -26, 73, -54, -60, 37, 46, -128, 33, -22, -33, 67, -10, -31, -8,
    ];
    assert_quantizes_to::<i8>(&p, codes, 0.05656446493892984);
}

#[test]
fn notebook_symmetric_as_its_text_has_it() {
    let p = Scheme::symmetric().params(Range::of(&X).unwrap()).unwrap();
    assert_eq!((p.scale(), p.zero_point()), (0.026929133858267715, 0));
    let codes =
        [87, -127, 0, -4, -12, -3, -17, 50, -37, -41, 26, 31, -90, 23, -15, -23, 46, -7, -21, -5];
    assert_quantizes_to::<i8>(&p, codes, 4.243381486762969e-05);
}

/// `q` from `x`, and `x_hat` from `q`, on every backend.
fn assert_both_ways<Q: Int>(scale: f32, zero_point: i32, x: &[f32], q: &[Q], x_hat: &[f32]) {
    let p = QParams::new(scale, zero_point).unwrap();
    for backend in backends() {
        let mut got = vec![Q::default(); x.len()];
        backend.quantize(x, &p, &mut got).unwrap();
        assert_eq!(got, q, "{}", backend.name());
        let mut back = vec![0.0; q.len()];
        backend.dequantize(q, &p, &mut back).unwrap();
        assert_eq!(back, x_hat, "{}", backend.name());
    }
}

#[test]
fn onnx_quantizelinear() {
    let x = [0.0, 2.0, 3.0, 1000.0, -254.0, -1000.0];
    let q: [u8; 6] = [128, 129, 130, 255, 1, 0];
    assert_both_ways(2.0, 128, &x, &q, &[0.0, 2.0, 4.0, 254.0, -254.0, -256.0]);
    // The same in i8: every code and the zero point 128 less.
    let q: [i8; 6] = [0, 1, 2, 127, -127, -128];
    assert_both_ways(2.0, 0, &x, &q, &[0.0, 2.0, 4.0, 254.0, -254.0, -256.0]);
}

#[test]
fn onnx_dequantizelinear() {
    let q: [u8; 4] = [0, 3, 128, 255];
    let x = [-256.0, -250.0, 0.0, 254.0];
    assert_both_ways(2.0, 128, &x, &q, &x);
}

#[test]
fn onnx_quantizelinear_axis() {
    let x = [-162.0, 10.0, -100.0, 232.0, -20.0, -50.0];
    assert_both_ways::<u8>(2.0, 84, &x, &[3, 89, 34, 200, 74, 59], &x);
    let x = [-76.0, 0.0, 0.0, 252.0, 32.0, -44.0];
    assert_both_ways::<u8>(4.0, 24, &x, &[5, 24, 24, 87, 32, 13], &x);
    let x = [245.0, -485.0, -960.0, -270.0, -375.0, -470.0];
    assert_both_ways::<u8>(5.0, 196, &x, &[245, 99, 4, 142, 121, 102], &x);
}

#[test]
fn onnx_quantizelinear_blocked_asymmetric() {
    let blocks: [(f32, i32, [f32; 2], [u8; 2]); 6] = [
        (1.5, 0, [6.0, 12.0], [4, 8]),
        (2.5, 1, [50.0, 5.0], [21, 3]),
        (3.0, 1, [1.0, 8.0], [1, 4]),
        (4.9, 0, [4.0, 5.0], [1, 1]),
        (5.1, 2, [0.0, 20.0], [2, 6]),
        (6.9, 3, [10.0, 4.0], [4, 4]),
    ];
    for (scale, zero_point, x, q) in blocks {
        let x_hat = q.map(|q| (f32::from(q) - zero_point as f32) * scale);
        assert_both_ways(scale, zero_point, &x, &q, &x_hat);
    }
}

fn assert_dynamic(x: &[f32], codes: &[u8], scale: f32, zero_point: i32) {
    for backend in backends() {
        let mut q = vec![0; x.len()];
        let p = backend.quantize_dynamic(x, Scheme::asymmetric(), &mut q).unwrap();
        assert_eq!((p.scale(), p.zero_point()), (scale, zero_point), "{}", backend.name());
        assert_eq!(q, codes, "{}", backend.name());
    }
}

#[test]
fn onnx_dynamicquantizelinear() {
    let x = [0.0, 2.0, -3.0, -2.5, 1.34, 0.5];
    assert_dynamic(&x, &[153, 255, 0, 26, 221, 179], 0.019_607_844, 153);
}

#[test]
fn onnx_dynamicquantizelinear_max_adjusted() {
    let x = [-1.0, -2.1, -1.3, -2.5, -3.34, -4.0];
    assert_dynamic(&x, &[191, 121, 172, 96, 42, 0], 0.015_686_275, 255);
}

#[test]
fn onnx_dynamicquantizelinear_min_adjusted() {
    let x = [1.0, 2.1, 1.3, 2.5, 3.34, 4.0, 1.5, 2.6, 3.9, 4.0, 3.0, 2.345];
    let codes = [64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149];
    assert_dynamic(&x, &codes, 0.015_686_275, 0);
}
