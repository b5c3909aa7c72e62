//! Audits quantizers of other crates, and prints each report as a line of JSON.
//!
//! `run` beside this package starts it, and makes a table of the lines.

use std::mem::MaybeUninit;

use candle_core::quantized::GgmlType;
use candle_core::quantized::k_quants::BlockQ8_0;
use rten_simd::SimdOp;
use rten_vecmath::Quantize as RtenQuantize;
use tract_core::ops::quant::{quantize_linear_f32_i8, quantize_linear_f32_u8};
use wide::{f32x8, i32x8};
use zeropoint_audit::{Affine, Audit, Quantize, Report, quantize};

const REFERENCE: Quantize = Quantize::REFERENCE;

fn main() {
    print("rten-vecmath: Quantize, given 1/S", "0.27.0", &rten_u8());
    print("tract-core: quantize_linear_f32_u8, given 1/S", "0.23.9", &tract_u8());
    print("tract-core: quantize_linear_f32_i8, given 1/S", "0.23.9", &tract_i8());
    print("candle-core: BlockQ8_0, Z = 0, |x| up to 127 S", "0.11.1", &candle_q8_0());
    print("a plain loop over wide's f32x8", "1.7.1", &wide_u8());
}

fn print(kernel: &str, version: &str, report: &Report) {
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let sentence = report.sentence();
    let line = serde_json::json!({
        "kernel": kernel, "version": version, "sentence": sentence, "report": json,
    });
    println!("{line}");
}

fn rten_u8() -> Report {
    quantize(REFERENCE, |x: &[f32], scale, zero_point, q: &mut [u8]| {
        let mut out = vec![MaybeUninit::uninit(); x.len()];
        let codes = RtenQuantize::new(x, &mut out, 1.0 / scale, zero_point as u8).dispatch();
        q.copy_from_slice(codes);
    })
}

fn tract_u8() -> Report {
    quantize(REFERENCE, |x: &[f32], scale, zero_point, q: &mut [u8]| {
        for (x, q) in x.iter().zip(q) {
            *q = quantize_linear_f32_u8(*x, 1.0 / scale, zero_point);
        }
    })
}

fn tract_i8() -> Report {
    quantize(REFERENCE, |x: &[f32], scale, zero_point, q: &mut [i8]| {
        for (x, q) in x.iter().zip(q) {
            *q = quantize_linear_f32_i8(*x, 1.0 / scale, zero_point);
        }
    })
}

/// A block finds its scale from its greatest magnitude. The first element of every block here makes that the scale of the
/// call, and is left out of the comparison. Codes come back from numbers, by the block's own scale, which is an `f16`.
fn candle_q8_0() -> Report {
    let domain = |p: Affine, x: f32| {
        let greatest = 127.0 * p.scale;
        let is_usual = (1e-3..100.0).contains(&p.scale) && greatest / 127.0 == p.scale;
        p.zero_point == 0 && is_usual && x.abs() <= greatest
    };
    Audit::default().quantize_within(REFERENCE, domain, |x: &[f32], scale, _, q: &mut [i8]| {
        for (x, q) in x.chunks(31).zip(q.chunks_mut(31)) {
            let mut numbers = [0.0; 32];
            numbers[0] = 127.0 * scale;
            numbers[1..=x.len()].copy_from_slice(x);
            let mut block = [BlockQ8_0::zeros()];
            BlockQ8_0::from_float(&numbers, &mut block);
            BlockQ8_0::to_float(&block, &mut numbers);
            let of_block = numbers[0] / 127.0;
            for (x, q) in numbers[1..].iter().zip(q) {
                *q = (x / of_block).round() as i8;
            }
        }
    })
}

/// The loop that a user of `wide` writes first.
fn wide_u8() -> Report {
    quantize(REFERENCE, |x: &[f32], scale, zero_point, q: &mut [u8]| {
        let (inverse, z) = (f32x8::splat(1.0 / scale), i32x8::splat(zero_point));
        for (x, q) in x.chunks(8).zip(q.chunks_mut(8)) {
            let mut numbers = [0.0; 8];
            numbers[..x.len()].copy_from_slice(x);
            let integers = (f32x8::from(numbers) * inverse).round_int() + z;
            let codes = integers.max(i32x8::splat(0)).min(i32x8::splat(255)).to_array();
            for (q, code) in q.iter_mut().zip(codes) {
                *q = code as u8;
            }
        }
    })
}
