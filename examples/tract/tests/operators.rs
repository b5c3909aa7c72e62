//! Each operator alone: against ONNX's formula in plain Rust, and against tract's own operator.

use tract_onnx::prelude::*;
use zeropoint_in_tract::compare::Differences;
use zeropoint_in_tract::one_node::OneNode;
use zeropoint_in_tract::register;

const SCALE: f32 = 0.02;

fn tracts(
    op_type: &str,
    axis: Option<i64>,
    x: &Tensor,
    params: &[Tensor],
) -> TractResult<TVec<TValue>> {
    OneNode::new(&tract_onnx::onnx(), op_type, axis, x, params)?.run(&x.clone().into_tvalue())
}

fn ours(
    op_type: &str,
    axis: Option<i64>,
    x: &Tensor,
    params: &[Tensor],
) -> TractResult<TVec<TValue>> {
    let mut onnx = tract_onnx::onnx();
    register(&mut onnx);
    OneNode::new(&onnx, op_type, axis, x, params)?.run(&x.clone().into_tvalue())
}

#[track_caller]
fn assert_same(one: &[TValue], other: &[TValue]) {
    let differences = Differences::between(one, other).unwrap();
    assert_eq!(differences.first, None, "{differences:?}");
    assert!(differences.elements > 0);
}

/// Returns the three outputs of DynamicQuantizeLinear for `x`.
fn dynamic_formula(x: &[f32]) -> (Vec<u8>, f32, u8) {
    let (min, max) = x.iter().fold((0_f32, 0_f32), |(min, max), &x| (min.min(x), max.max(x)));
    let scale = (max - min) / 255.0;
    let zero_point = (0.0 - min / scale).round_ties_even().clamp(0.0, 255.0);
    let code = |x: &f32| ((x / scale).round_ties_even() + zero_point).clamp(0.0, 255.0) as u8;
    (x.iter().map(code).collect(), scale, zero_point as u8)
}

fn quantize_formula(x: f32, scale: f32, zero_point: f32, codes: [f32; 2]) -> f32 {
    ((x / scale).round_ties_even() + zero_point).clamp(codes[0], codes[1])
}

/// Numbers like a model's.
fn smooth(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i as f32 * 0.37).sin() + (i as f32 * 0.0113).cos()) * 1.2 + 0.3).collect()
}

/// Returns the numbers of averages of two codes; half of them are midway between two codes.
fn halves(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i % 511) as f32 * 0.5 * SCALE - 2.5).collect()
}

#[test]
fn dynamic_is_the_formula_and_what_tract_computes() {
    for n in [1, 2, 7, 16, 31, 64, 100, 257, 1000, 4099] {
        for x in [smooth(n), halves(n)] {
            let (codes, scale, zero_point) = dynamic_formula(&x);
            let formula =
                [tensor1(&codes).into(), tensor0(scale).into(), tensor0(zero_point).into()];
            let x = tensor1(&x);
            assert_same(&ours("DynamicQuantizeLinear", None, &x, &[]).unwrap(), &formula);
            assert_same(&tracts("DynamicQuantizeLinear", None, &x, &[]).unwrap(), &formula);
        }
    }
}

#[test]
fn dynamic_of_zeros_and_of_nothing_has_a_scale_of_one() {
    for n in [0, 5] {
        let results = ours("DynamicQuantizeLinear", None, &tensor1(&vec![0_f32; n]), &[]).unwrap();
        assert_eq!(results[0].shape(), [n]);
        assert_same(
            &results,
            &[tensor1(&vec![0_u8; n]).into(), tensor0(1_f32).into(), tensor0(0_u8).into()],
        );
    }
}

#[test]
fn dynamic_refuses_what_has_no_range() {
    let mut x = smooth(100);
    x[61] = f32::NAN;
    let error =
        format!("{:#}", ours("DynamicQuantizeLinear", None, &tensor1(&x), &[]).unwrap_err());
    assert!(error.contains("61"), "{error}");
}

#[test]
fn quantize_is_the_formula() {
    for x in
        [smooth(5000), halves(5000), vec![f32::MAX, f32::INFINITY, -1e30, f32::NEG_INFINITY, -0.0]]
    {
        let codes: Vec<u8> =
            x.iter().map(|&x| quantize_formula(x, SCALE, 125.0, [0.0, 255.0]) as u8).collect();
        let params = [tensor0(SCALE), tensor0(125_u8)];
        assert_same(
            &ours("QuantizeLinear", None, &tensor1(&x), &params).unwrap(),
            &[tensor1(&codes).into()],
        );

        let codes: Vec<i8> =
            x.iter().map(|&x| quantize_formula(x, SCALE, -3.0, [-128.0, 127.0]) as i8).collect();
        let params = [tensor0(SCALE), tensor0(-3_i8)];
        assert_same(
            &ours("QuantizeLinear", None, &tensor1(&x), &params).unwrap(),
            &[tensor1(&codes).into()],
        );

        let codes: Vec<u8> =
            x.iter().map(|&x| quantize_formula(x, SCALE, 0.0, [0.0, 255.0]) as u8).collect();
        let result = ours("QuantizeLinear", None, &tensor1(&x), &[tensor0(SCALE)]).unwrap();
        assert_same(&result, &[tensor1(&codes).into()]);
    }
}

#[test]
fn codes_of_16_bits_there_and_back() {
    let x = tensor1(&halves(1000));
    let params = [tensor0(SCALE / 100.0), tensor0(-9_i16)];
    let code = |x: f32| quantize_formula(x, SCALE / 100.0, -9.0, [-32768.0, 32767.0]);
    let codes: Vec<i16> = halves(1000).into_iter().map(|x| code(x) as i16).collect();
    let result = ours("QuantizeLinear", None, &x, &params).unwrap();
    assert_eq!(*result[0], tensor1(&codes));
    let reals: Vec<f32> = codes.iter().map(|&q| (f32::from(q) + 9.0) * (SCALE / 100.0)).collect();
    assert_same(
        &ours("DequantizeLinear", None, &result[0], &params).unwrap(),
        &[tensor1(&reals).into()],
    );
    tracts("QuantizeLinear", None, &x, &params).unwrap_err();
}

/// Shows the difference of tract 0.23.9 that the README describes.
#[test]
fn tract_multiplies_by_a_reciprocal() {
    let (x, params) = (tensor1(&halves(5110)), [tensor0(SCALE), tensor0(125_u8)]);
    let own = tracts("QuantizeLinear", None, &x, &params).unwrap();
    let ours = ours("QuantizeLinear", None, &x, &params).unwrap();
    let differences = Differences::between(&own, &ours).unwrap();
    let (index, own, ours) = differences.first.expect("tract divides now: change the README");
    let x = x.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap()[index];
    let formula = quantize_formula(x, SCALE, 125.0, [0.0, 255.0]);
    assert_eq!((own - ours).abs(), 1.0);
    assert_eq!(ours, f64::from(formula), "{x}");
    assert!(differences.different > 100, "{differences:?}");
}

#[test]
fn quantize_and_dequantize_per_channel() {
    let shape = [3, 4, 5];
    let x = Tensor::from_shape(&shape, &halves(60)).unwrap();
    for (axis, index) in [(None, 1), (Some(0), 0), (Some(2), 2), (Some(-1), 2), (Some(-3), 0)] {
        let scales: Vec<f32> = (0..shape[index]).map(|i| SCALE * (i + 1) as f32).collect();
        let zero_points: Vec<i8> = (0..shape[index]).map(|i| i as i8 * 7 - 9).collect();
        let stride: usize = shape[index + 1..].iter().product();
        let channel = |i: usize| i / stride % shape[index];
        let params = [tensor1(&scales), tensor1(&zero_points)];

        let code = |(i, x): (usize, f32)| {
            let (scale, zero_point) = (scales[channel(i)], f32::from(zero_points[channel(i)]));
            quantize_formula(x, scale, zero_point, [-128.0, 127.0]) as i8
        };
        let codes: Vec<i8> = halves(60).into_iter().enumerate().map(code).collect();
        let codes = Tensor::from_shape(&shape, &codes).unwrap();
        let result = ours("QuantizeLinear", axis, &x, &params).unwrap();
        assert_same(&result, &[codes.clone().into()]);

        let result = ours("DequantizeLinear", axis, &codes, &params).unwrap();
        assert_same(&result, &tracts("DequantizeLinear", axis, &codes, &params).unwrap());
    }
}

#[test]
fn dequantize_is_what_tract_computes() {
    let codes: Vec<u8> = (0..=255).collect();
    let params = [tensor0(SCALE), tensor0(125_u8)];
    let result = ours("DequantizeLinear", None, &tensor1(&codes), &params).unwrap();
    let formula: Vec<f32> = codes.iter().map(|&q| (f32::from(q) - 125.0) * SCALE).collect();
    assert_same(&result, &[tensor1(&formula).into()]);
    assert_same(&result, &tracts("DequantizeLinear", None, &tensor1(&codes), &params).unwrap());

    let sums = [i32::MIN, -16_777_217, -1, 0, 1, 16_777_217, i32::MAX];
    let result =
        ours("DequantizeLinear", None, &tensor1(&sums), &[tensor0(SCALE), tensor0(0)]).unwrap();
    assert_same(&result, &[tensor1(&sums.map(|q| q as f32 * SCALE)).into()]);
}

#[test]
fn errors_say_what_is_wrong() {
    let x = Tensor::from_shape(&[2, 3], &smooth(6)).unwrap();
    let error = |axis, params: &[Tensor]| {
        format!("{:#}", ours("QuantizeLinear", axis, &x, params).unwrap_err())
    };
    let zero = error(None, &[tensor0(0_f32), tensor0(0_u8)]);
    assert!(zero.contains("scale") && zero.contains('0'), "{zero}");
    let two = error(None, &[tensor1(&[0.1_f32, 0.2]), tensor1(&[0_u8, 0])]);
    assert!(two.contains('2') && two.contains('3'), "{two}");
    let axis = error(Some(2), &[tensor1(&[0.1_f32, 0.2]), tensor1(&[0_u8, 0])]);
    assert!(axis.contains("axis 2") && axis.contains("rank 2"), "{axis}");
}
