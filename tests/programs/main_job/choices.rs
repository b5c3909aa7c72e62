//! Schemes, bits and granularities other than the program's own choice, and comparisons of them.

use std::fs;

use safetensors::tensor::{Dtype, SafeTensors};
use zeropoint::{Code, QParams, Range, Scheme};

use super::model::*;
use crate::program::Scratch;

/// The ends of the packed codes, of 615, 105, 3 and 1 of them, are odd for 4 bits and for 2.
const SHAPES: [(&str, &[usize]); 4] =
    [("matrix", &[15, 41]), ("cube", &[3, 5, 7]), ("vector", &[3]), ("scalar", &[])];

/// Different from tensor to tensor, and from row to row.
fn values(shape: &[usize]) -> Vec<f32> {
    let len = shape.iter().product::<usize>();
    let row = shape.last().copied().unwrap_or(1);
    numbers(len).iter().enumerate().map(|(i, x)| x * (1 + i / row) as f32).collect()
}

fn model() -> Vec<u8> {
    let entries: Vec<Entry> = SHAPES.iter().map(|(n, s)| f32s(n, s, &values(s))).collect();
    safetensors(&entries, 0)
}

/// The slices of a tensor, and the shape of their parameters.
fn slices<'a>(x: &'a [f32], shape: &[usize], granularity: &str) -> (Vec<&'a [f32]>, Vec<usize>) {
    match (granularity, granularity.strip_prefix("block:"), shape) {
        ("channel", _, [channels, _, ..]) => {
            (x.chunks(x.len() / channels).collect(), vec![*channels])
        }
        (_, Some(n), [before @ .., last]) => {
            let n: usize = n.parse().unwrap();
            // Blocks run over all that one index of the first axis has.
            let len = if before.is_empty() { *last } else { x.len() / before[0] };
            let blocks = x.chunks(len).flat_map(|row| row.chunks(n)).collect();
            (blocks, [&before[..before.len().min(1)], &[len.div_ceil(n)]].concat())
        }
        _ => (vec![x], vec![]),
    }
}

/// What a tensor becomes: codes one a byte, scales, zero points, and the numbers they stand for.
#[derive(Default)]
struct Expected {
    codes: Vec<u8>,
    scales: Vec<u8>,
    zero_points: Vec<u8>,
    y: Vec<f32>,
}

fn expected<Q: Code>(slices: &[&[f32]], scheme: Scheme) -> Expected {
    let mut all = Expected::default();
    for x in slices {
        let p: QParams<f32, Q> = scheme.params(Range::of(x).unwrap()).unwrap();
        let (mut q, mut y) = (vec![Q::zeroed(); x.len()], vec![0.0; x.len()]);
        zeropoint::quantize(x, &p, &mut q).unwrap();
        zeropoint::dequantize(&q, &p, &mut y).unwrap();
        all.codes.extend_from_slice(bytemuck::cast_slice(&q));
        all.scales.extend(p.scale().to_le_bytes());
        all.zero_points.push(p.zero_point() as u8);
        all.y.extend(y);
    }
    all
}

/// The codes without gaps, the first in the lowest bits.
fn packed(codes: &[u8], bits: usize) -> Vec<u8> {
    let mut bytes = vec![0; (codes.len() * bits).div_ceil(8)];
    for (i, code) in codes.iter().enumerate() {
        let (byte, shift) = (i * bits / 8, i * bits % 8);
        bytes[byte] |= (u16::from(*code) % (1 << bits)) as u8 * (1 << shift);
    }
    bytes
}

/// The cells of the summary's line for a choice, after its name: scales, bytes, their share (number
/// and sign), bits per weight, decibels, greatest error, time.
fn costs(stdout: &str, scheme: &str, code: &str, granularity: &str) -> Vec<String> {
    let begins = [scheme, code, granularity];
    let cells = |line: &str| line.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    let mut lines = stdout.lines().map(cells);
    let line = lines.find(|cells| cells.len() > 3 && cells[..3] == begins);
    line.unwrap_or_else(|| panic!("no line of {begins:?} in:\n{stdout}")).split_off(3)
}

/// Checks the file at `out` and the summary against codes made slice by slice, one a byte.
fn assert_written(out: &str, table: &str, scheme: &str, bits: usize, granularity: &str) {
    let bytes = fs::read(out).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    let code = format!("{}{bits}", if scheme == "symmetric" { 'i' } else { 'u' });
    assert_eq!(metadata["zeropoint.scheme"], scheme);
    assert_eq!(metadata["zeropoint.bits"], bits.to_string());
    assert_eq!(metadata["zeropoint.codes"], code);
    assert_eq!(metadata["zeropoint.granularity"], granularity);

    let (mut weights, mut scales) = (0, 0);
    let (mut signal, mut noise) = (0.0, 0.0);
    for (name, shape) in SHAPES {
        let x = values(shape);
        let (slices, params) = slices(&x, shape, granularity);
        let n = bits as u32;
        let (e, dtype) = match scheme {
            "symmetric" => (expected::<i8>(&slices, Scheme::symmetric().bits(n)), Dtype::I8),
            _ => (expected::<u8>(&slices, Scheme::asymmetric().bits(n)), Dtype::U8),
        };
        let codes = file.tensor(name).unwrap();
        assert_eq!(codes.data(), packed(&e.codes, bits), "{name}");
        if bits == 8 {
            assert_eq!((codes.dtype(), codes.shape()), (dtype, shape));
            assert!(!metadata.contains_key(&format!("zeropoint.shape.{name}")));
        } else {
            assert_eq!((codes.dtype(), codes.shape()), (Dtype::U8, &[codes.data().len()][..]));
            let shape = serde_json::json!(shape).to_string();
            assert_eq!(metadata[&format!("zeropoint.shape.{name}")], shape);
        }
        let view = file.tensor(&format!("{name}.scale")).unwrap();
        assert_eq!((view.dtype(), view.shape()), (Dtype::F32, &params[..]));
        assert_eq!(view.data(), e.scales);
        let zero_points = file.tensor(&format!("{name}.zero_point"));
        if scheme == "symmetric" {
            assert!(zero_points.is_err(), "zeros are stored");
        } else {
            let view = zero_points.unwrap();
            assert_eq!(view.data(), packed(&e.zero_points, bits));
            let shape = if bits == 8 { &params[..] } else { &[view.data().len()] };
            assert_eq!((view.dtype(), view.shape()), (Dtype::U8, shape));
        }
        weights += x.len();
        scales += slices.len();
        signal += x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        noise +=
            x.iter().zip(&e.y).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum::<f64>();
    }
    let line = costs(table, scheme, &code, granularity);
    assert_eq!(line[0], scales.to_string());
    // The table says how many bytes lie behind the header.
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let cost = bytes.len() - header;
    assert_eq!(line[1].replace(',', ""), cost.to_string());
    assert_eq!(line[4], format!("{:.3}", 8.0 * cost as f64 / weights as f64));
    assert_eq!(line[5], format!("{:.2}", 10.0 * (signal / noise).log10()));
}

#[test]
fn every_choice_is_written_as_it_is_documented() {
    let scratch = Scratch::new("choices");
    let (model, out) = (scratch.write("model", &model()), scratch.path("out"));
    for scheme in ["asymmetric", "symmetric"] {
        for bits in [8, 4, 2] {
            // The last one is longer than every axis.
            for granularity in ["tensor", "channel", "block:1", "block:16", "block:5000"] {
                let n = bits.to_string();
                let choice = ["--scheme", scheme, "--bits", &n, "--granularity", granularity];
                let output = run(&[&[model.as_str(), "-o", &out][..], &choice].concat());
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                assert_written(&out, &stdout(&output), scheme, bits, granularity);
            }
        }
    }
    // Of two schemes, asymmetric whatever comes first, or what is asked for.
    let both = ["--scheme", "symmetric,asymmetric", "--bits=4", "--granularity=block:16"];
    for (write, written) in [(&[][..], "asymmetric"), (&["--write=symmetric"], "symmetric")] {
        let output = run(&[&[model.as_str(), "-o", &out][..], &both, write].concat());
        assert_written(&out, &stdout(&output), written, 4, "block:16");
    }
}

#[test]
fn a_comparison_has_a_line_and_a_mark_for_every_choice() {
    let scratch = Scratch::new("comparison");
    let (model, picture) = (scratch.write("model", &model()), scratch.path("picture"));
    let lists = ["--bits", "2,8", "--bits=4", "--granularity", "tensor,channel,block:16"];
    let output = run(&[&[model.as_str(), "--plot", &picture][..], &lists].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = stdout(&output);
    let svg = fs::read_to_string(&picture).unwrap();
    assert_eq!(row(&table, "matrix").len(), 2 + 18);
    for key in ["block:16, symmetric", "tensor, asymmetric", "bits per weight", "SQNR in dB"] {
        assert!(svg.contains(key), "{key} is not in the picture");
    }

    // The marks are drawn series by series, from the fewest bits; those of the key follow.
    let mut expected = Vec::new();
    for granularity in ["tensor", "channel", "block:16"] {
        for bits in [2, 4, 8] {
            let line = costs(&table, "asymmetric", &format!("u{bits}"), granularity);
            expected.push((number(&line[4]), number(&line[5])));
            costs(&table, "symmetric", &format!("i{bits}"), granularity);
        }
    }
    let of = |attribute| attributes(&svg, "<circle", attribute).into_iter().map(number);
    let marks: Vec<(f64, f64)> = of("cx").zip(of("cy")).collect();
    assert_eq!(attributes(&svg, "<polygon", "points").len(), 9 + 3);
    assert_eq!(marks.len(), 9 + 3);
    // Two marks give the axes, which the others must fit (they stand on whole pixels).
    let (first, last) = (0, 8);
    let scale = |mark: fn(&(f64, f64)) -> f64| {
        (mark(&marks[last]) - mark(&marks[first]))
            / (mark(&expected[last]) - mark(&expected[first]))
    };
    let (x, y) = (scale(|m| m.0), scale(|m| m.1));
    for (mark, value) in marks.iter().zip(&expected) {
        let at = (
            marks[first].0 + x * (value.0 - expected[first].0),
            marks[first].1 + y * (value.1 - expected[first].1),
        );
        assert!(
            (mark.0 - at.0).abs() <= 2.5 && (mark.1 - at.1).abs() <= 2.5,
            "{mark:?}, not {at:?}"
        );
    }
}

#[test]
fn one_scheme_has_its_columns_and_its_picture() {
    let scratch = Scratch::new("one-scheme");
    let (model, picture) = (scratch.write("model", &model()), scratch.path("picture"));
    let choice = ["--scheme=symmetric", "--bits=4", "--granularity=channel", "--plot", &picture];
    let output = run(&[&[model.as_str()][..], &choice].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = stdout(&output);
    assert!(table.contains(" symmetric, i4, channel ") && !table.contains("asymmetric"), "{table}");
    // A scale a row, 4 bytes each, and half a byte a number.
    assert_eq!(row(&table, "matrix")[2..4], ["15", &(308 + 4 * 15).to_string()]);
    assert_eq!(row(&table, "vector")[2..4], ["1", "6"]);
    let svg = fs::read_to_string(&picture).unwrap();
    assert!(svg.contains("4 bits, channel") && svg.contains("not drawn: 1"), "{svg}");
    assert_eq!(attributes(&svg, "<circle", "cx").len(), 0);
    assert_eq!(attributes(&svg, "<polygon", "points").len(), 1 + 3);
}

/// Numbers that all four types have: the rows are the same.
#[test]
fn floats_of_all_widths_are_read() {
    let scratch = Scratch::new("widths");
    let x: Vec<f32> = (0..40).map(|i| (i * 37 % 101) as f32 / 64.0 - 0.5).collect();
    let f16: Vec<u8> = x.iter().flat_map(|x| half::f16::from_f32(*x).to_le_bytes()).collect();
    let bf16: Vec<u8> = x.iter().flat_map(|x| half::bf16::from_f32(*x).to_le_bytes()).collect();
    let f64s: Vec<u8> = x.iter().flat_map(|x| f64::from(*x).to_le_bytes()).collect();
    for shift in [0, 1] {
        let entries = [
            f32s("single", &[5, 8], &x),
            ("half", "F16", vec![5, 8], f16.clone()),
            ("brain", "BF16", vec![5, 8], bf16.clone()),
            ("double", "F64", vec![5, 8], f64s.clone()),
            ("integer", "I64", vec![1], vec![0; 8]),
        ];
        let (model, out) =
            (scratch.write("model", &safetensors(&entries, shift)), scratch.path("out"));
        for choice in ["--bits=8", "--granularity=block:3"] {
            let table = stdout(&run(&[&model, choice, "-o", &out]));
            let first = "skipped      tensors of other types than F64, F32, F16 and BF16: 1 of I64";
            assert_eq!(table.lines().next(), Some(first));
            assert_eq!(row(&table, "integer")[2..5], ["skipped:", "I64,", "not"]);
            for name in ["half", "brain"] {
                assert_eq!(row(&table, name)[1..], row(&table, "single")[1..]);
            }
            let bytes = fs::read(&out).unwrap();
            let file = SafeTensors::deserialize(&bytes).unwrap();
            assert_eq!(file.tensor("double.scale").unwrap().dtype(), Dtype::F64);
            for name in ["half", "brain", "double"] {
                assert_eq!(
                    file.tensor(name).unwrap().data(),
                    file.tensor("single").unwrap().data()
                );
            }
        }
    }
}
