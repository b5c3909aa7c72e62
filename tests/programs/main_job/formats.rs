//! The formats of GGUF's blocks, beside other choices and in safetensors files.

use std::collections::BTreeMap;
use std::fs;

use safetensors::tensor::{Dtype, SafeTensors};
use zeropoint::ggml::{self, Block};
use zeropoint::ggml::{BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0};

use super::model::*;
use crate::program::Scratch;

pub(super) fn encoded<B: Block>(x: &[f32]) -> Vec<u8> {
    let mut blocks = vec![B::default(); x.len() / B::ELEMENTS];
    ggml::encode(x, &mut blocks).unwrap();
    bytemuck::cast_slice(&blocks).to_vec()
}

pub(super) fn decoded<B: Block>(bytes: &[u8]) -> Vec<f32> {
    let blocks = ggml::blocks::<B>(bytes).unwrap();
    let mut x = vec![0.0; blocks.len() * B::ELEMENTS];
    ggml::decode(blocks, &mut x).unwrap();
    x
}

pub(super) fn decibel(x: &[f32], y: &[f32]) -> String {
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        x.iter().zip(y).map(|(x, y)| of(f64::from(*x), f64::from(*y))).sum::<f64>()
    };
    format!("{:.2}", 10.0 * (sum(&|x, _| x * x) / sum(&|x, y| (x - y) * (x - y))).log10())
}

/// A format has a name, the number of its type, a file type, bits a weight, the bytes that it makes of some numbers, and
/// the numbers that these bytes stand for.
pub(super) type Format = (&'static str, u32, u32, &'static str, Vec<u8>, Vec<f32>);

pub(super) fn formats(x: &[f32]) -> [Format; 5] {
    macro_rules! rows {
        ($($name:literal $kind:literal $file:literal $bits:literal $Block:ty),+) => {
            [$({
                let bytes = encoded::<$Block>(x);
                let numbers = decoded::<$Block>(&bytes);
                ($name, $kind, $file, $bits, bytes, numbers)
            }),+]
        };
    }
    rows!("q8_0" 8 7 "8.500" BlockQ8_0, "q4_0" 2 2 "4.500" BlockQ4_0, "q4_1" 3 3 "5.000" BlockQ4_1,
        "q5_0" 6 8 "5.500" BlockQ5_0, "q5_1" 7 9 "6.000" BlockQ5_1)
}

#[test]
fn formats_stand_beside_other_choices() {
    let scratch = Scratch::new("formats");
    let x = numbers(6 * 64);
    let double = ("double", "F64", vec![1, 32], vec![0; 256]);
    let entries = [
        f32s("w", &[6, 64], &x),
        f32s("odd", &[4, 33], &x[..132]),
        f32s("v", &[64], &x[..64]),
        double,
    ];
    let model = scratch.write("model", &safetensors(&entries, 1));
    let plot = scratch.path("plot");
    let list = "q8_0,q4_0,q4_1,q5_0,q5_1";
    let table = succeed(&[&model, "--scheme=symmetric", "--format", list, "--plot", &plot]);
    let w = row(&table, "w");
    for (i, (name, _, _, bits, bytes, y)) in formats(&x).into_iter().enumerate() {
        let db = decibel(&x, &y);
        assert_eq!(w[3 + i], db, "{name}");
        let line = table.lines().find(|l| l.starts_with("ggml") && l.contains(name)).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells[1..4], [name, "block:32", "12"]);
        let rest = 4 * (132 + 64) + 256;
        assert_eq!(cells[4].replace(',', ""), (bytes.len() + rest).to_string());
        assert_eq!(cells[7..9], [bits, &db]);
    }
    assert_eq!(row(&table, "odd")[2..4], ["skipped:", "rows"]);
    assert_eq!(row(&table, "v")[2..5], ["skipped:", "a", "vector,"]);
    assert_eq!(row(&table, "double")[2..4], ["skipped:", "F64,"]);
    assert!(table.contains("1 quantized, 3 skipped, 0 refused"), "{table}");
    assert!(fs::read_to_string(&plot).unwrap().contains("block:32, ggml"));
    // Without a format all are quantized.
    assert!(succeed(&[&model]).contains("4 quantized"));
}

#[test]
fn a_safetensors_model_is_written_in_every_format() {
    let scratch = Scratch::new("format-out");
    let x = numbers(3 * 2 * 64);
    let halves: Vec<u8> = x.iter().flat_map(|x| half::f16::from_f32(*x).to_le_bytes()).collect();
    let widened: Vec<f32> = x.iter().map(|x| half::f16::from_f32(*x).to_f32()).collect();
    let entries = [
        f32s("cube", &[3, 2, 64], &x),
        ("half", "F16", vec![12, 32], halves),
        f32s("odd", &[4, 33], &x[..132]),
        f32s("broken", &[1, 32], &[f32::NAN; 32]),
    ];
    let model = scratch.write("model", &safetensors(&entries, 1));
    let out = scratch.path("out");
    for n in 0..5 {
        let (name, _, _, bits, ..) = formats(&x)[n];
        let table = succeed(&[&model, "-o", &out, "--format", name]);
        assert!(table.contains("2 quantized, 1 skipped, 1 refused"), "{table}");
        let bytes = fs::read(&out).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let mut metadata = header.metadata().clone().unwrap();
        for (name, shape, x) in [("cube", vec![3, 2, 64], &x), ("half", vec![12, 32], &widened)] {
            let view = file.tensor(name).unwrap();
            let (mut stored, row) = (shape.clone(), shape.len() - 1);
            stored[row] = (shape[row] as f64 * bits.parse::<f64>().unwrap() / 8.0) as usize;
            assert_eq!((view.dtype(), view.shape()), (Dtype::U8, &stored[..]));
            assert_eq!(view.data(), formats(x)[n].4);
            let shape = serde_json::json!(shape).to_string();
            assert_eq!(metadata.remove(&format!("zeropoint.shape.{name}")), Some(shape));
        }
        for (name, _, shape, data) in &entries[2..] {
            let view = file.tensor(name).unwrap();
            assert_eq!(
                (view.dtype(), view.shape(), view.data()),
                (Dtype::F32, &shape[..], &data[..])
            );
        }
        assert_eq!(file.len(), 4);
        let version = metadata.remove("zeropoint.version").unwrap();
        assert_eq!(version, zeropoint::version());
        let expected = [
            ("zeropoint.codes", name),
            ("zeropoint.dequantize", "as ggml decodes the blocks of a row"),
            ("zeropoint.granularity", "block:32"),
        ];
        let rest: BTreeMap<_, _> = metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(rest, BTreeMap::from(expected));
        // The output is known as one.
        assert_fails(&[&out], 1, "files that quantize_model wrote");
    }
    assert_eq!(files(&scratch), ["model", "out"]);
    let gguf = scratch.path("out.gguf");
    assert_fails(&[&model, "-o", &gguf, "--format", "q8_0"], 1, "is written as safetensors");
}

#[test]
fn numbers_too_great_for_a_format_are_refused() {
    let scratch = Scratch::new("great");
    let entries = [f32s("w", &[1, 32], &[1e7; 32]), f32s("x", &[1, 32], &numbers(32))];
    let model = scratch.write("model", &safetensors(&entries, 0));
    let table = succeed(&[&model, "--format=q4_0"]);
    assert_eq!(row(&table, "w")[2], "refused:");
    assert!(table.contains("1 quantized, 0 skipped, 1 refused"), "{table}");
}
