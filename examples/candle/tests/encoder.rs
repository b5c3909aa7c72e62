//! A small encoder, made up, with candle's bytes and with ours.

use std::collections::HashMap;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Result, Tensor};
use zeropoint::Auto;
use zeropoint_in_candle::encoder::Encoder;
use zeropoint_in_candle::quantize;

const WIDTH: usize = 192;
const TOKENS: [u32; 7] = [3, 17, 4, 4, 39, 0, 11];

fn weights() -> HashMap<String, Tensor> {
    let mut all = HashMap::new();
    let mut add = |name: &str, shape: &[usize], around: f32| {
        let (len, seed) = (shape.iter().product::<usize>(), all.len() as f32);
        let x: Vec<f32> = (0..len)
            .map(|i| around + (i as f32 * 0.37 + seed).sin() * (i as f32 * 0.011).cos() / 8.0)
            .collect();
        all.insert(name.to_string(), Tensor::from_vec(x, shape, &Device::Cpu).unwrap());
    };
    for (name, rows) in [("word", 40), ("position", 16), ("token_type", 2)] {
        add(&format!("embeddings.{name}_embeddings.weight"), &[rows, WIDTH], 0.0);
    }
    let norm = |name: &str, add: &mut dyn FnMut(&str, &[usize], f32)| {
        add(&format!("{name}.LayerNorm.weight"), &[WIDTH], 1.0);
        add(&format!("{name}.LayerNorm.bias"), &[WIDTH], 0.0);
    };
    norm("embeddings", &mut add);
    for layer in 0..2 {
        let name = |part| format!("encoder.layer.{layer}.{part}");
        for (part, [to, from]) in [
            ("attention.self.query", [WIDTH; 2]),
            ("attention.self.key", [WIDTH; 2]),
            ("attention.self.value", [WIDTH; 2]),
            ("attention.output.dense", [WIDTH; 2]),
            ("intermediate.dense", [2 * WIDTH, WIDTH]),
            ("output.dense", [WIDTH, 2 * WIDTH]),
        ] {
            add(&format!("{}.weight", name(part)), &[to, from], 0.0);
            add(&format!("{}.bias", name(part)), &[to], 0.0);
        }
        norm(&name("attention.output"), &mut add);
        norm(&name("output"), &mut add);
    }
    all
}

fn embedded(
    weights: &HashMap<String, Tensor>,
    by: impl Fn(&Tensor) -> Result<QTensor>,
) -> Vec<u32> {
    let embedding = Encoder::new(weights, by).unwrap().embed(&TOKENS).unwrap();
    embedding.into_iter().map(f32::to_bits).collect()
}

#[test]
fn both_give_the_same_numbers() {
    let weights = weights();
    let float = embedded(&weights, |t| QTensor::quantize(t, GgmlDType::F32));
    for dtype in
        [GgmlDType::Q8_0, GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1]
    {
        let candle = embedded(&weights, |t| QTensor::quantize(t, dtype));
        let ours = embedded(&weights, |t| quantize(&Auto::best(), t, dtype));
        assert_eq!(candle, ours, "{dtype:?}");
        assert_ne!(ours, float);
        let cosine: f32 =
            ours.iter().zip(&float).map(|(a, b)| f32::from_bits(*a) * f32::from_bits(*b)).sum();
        assert!((0.8..1.001).contains(&cosine), "{dtype:?}: {cosine}");
    }
}

#[test]
fn one_other_weight_gives_other_numbers() {
    let mut weights = weights();
    let before = embedded(&weights, |t| quantize(&Auto::best(), t, GgmlDType::Q8_0));
    let name = "encoder.layer.1.attention.self.value.weight";
    let mut x = weights[name].flatten_all().unwrap().to_vec1::<f32>().unwrap();
    x[1000] += 0.05;
    weights.insert(name.into(), Tensor::from_vec(x, (WIDTH, WIDTH), &Device::Cpu).unwrap());
    assert_ne!(before, embedded(&weights, |t| quantize(&Auto::best(), t, GgmlDType::Q8_0)));
}

/// The formulas, one number at a time.
#[test]
fn embeddings_are_added_and_normalized() {
    let weights: HashMap<String, Tensor> =
        weights().into_iter().filter(|(name, _)| name.starts_with("embeddings")).collect();
    let encoder = Encoder::new(&weights, |t| QTensor::quantize(t, GgmlDType::F32)).unwrap();
    let rows = |name: &str| {
        weights[&format!("embeddings.{name}_embeddings.weight")].to_vec2::<f32>().unwrap()
    };
    let (words, places, types) = (rows("word"), rows("position"), rows("token_type"));
    let got =
        encoder.forward(&TOKENS).unwrap().to_dtype(DType::F64).unwrap().to_vec2::<f64>().unwrap();
    let of_norm = |part: &str| {
        let weight = &weights[&format!("embeddings.LayerNorm.{part}")];
        weight.to_dtype(DType::F64).unwrap().to_vec1::<f64>().unwrap()
    };
    let (weight, bias) = (of_norm("weight"), of_norm("bias"));
    for (place, token) in TOKENS.into_iter().enumerate() {
        let sums = words[token as usize].iter().zip(&places[place]).zip(&types[0]);
        let x: Vec<f64> =
            sums.map(|((a, b), c)| f64::from(*a) + f64::from(*b) + f64::from(*c)).collect();
        let mean = x.iter().sum::<f64>() / WIDTH as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / WIDTH as f64;
        for i in 0..WIDTH {
            let y = (x[i] - mean) / variance.sqrt() * weight[i] + bias[i];
            assert!((got[place][i] - y).abs() < 1e-4, "{place}, {i}: {} and {y}", got[place][i]);
        }
    }
}
