//! Kernels that are not reentrant, or depend on how a tensor is cut: the audit must say so.

use std::sync::atomic::{AtomicU32, Ordering};

use zeropoint_audit::{
    Dequantize, Fault, Format, Packed, Quantize, QuantizePacked, Report, Verdict,
    blocks_on_threads, dequantize, encode, on_threads, quantize, quantize_packed,
};

fn code(v: f32, z: i32) -> u8 {
    if v.is_nan() {
        return 0;
    }
    (f64::from(v.round_ties_even()) + f64::from(z)).clamp(0.0, 255.0) as u8
}

type Scratch = [AtomicU32; 4096];

/// A quantizer that keeps its quotients in a buffer that all calls share.
fn by_scratch(scratch: &Scratch, x: &[f32], s: f32, z: i32, dst: &mut [u8]) {
    for (x, kept) in x.iter().zip(scratch) {
        kept.store((x / s).to_bits(), Ordering::Relaxed);
    }
    for (kept, q) in scratch.iter().zip(dst) {
        *q = code(f32::from_bits(kept.load(Ordering::Relaxed)), z);
    }
}

#[track_caller]
fn expect_not_reentrant(report: &Report) {
    let is_fault = matches!(report.verdict, Verdict::Faulty { fault: Fault::NotReentrant, .. });
    assert!(is_fault && !report.agrees(), "{report}");
    assert!(report.sentence().starts_with("is not reentrant: "), "{report}");
}

#[test]
fn a_static_buffer_is_found() {
    static SCRATCH: Scratch = [const { AtomicU32::new(0) }; 4096];
    let kernel = |x: &[f32], s, z, dst: &mut [u8]| by_scratch(&SCRATCH, x, s, z, dst);
    // Alone, it is right.
    let alone = quantize(Quantize::REFERENCE, kernel);
    assert!(alone.agrees(), "{alone}");
    expect_not_reentrant(&quantize(Quantize::REFERENCE, on_threads(4, kernel)));
}

#[test]
fn a_static_scale_is_found() {
    static SCALE: AtomicU32 = AtomicU32::new(0);
    let kernel = |q: &[u8], s: f32, z: i32, dst: &mut [f32]| {
        SCALE.store(s.to_bits(), Ordering::Relaxed);
        for (q, x) in q.iter().zip(dst) {
            *x = (i32::from(*q) - z) as f32 * f32::from_bits(SCALE.load(Ordering::Relaxed));
        }
    };
    assert!(dequantize(Dequantize::REFERENCE, kernel).agrees());
    expect_not_reentrant(&dequantize(Dequantize::REFERENCE, on_threads(3, kernel)));
}

#[test]
fn a_static_block_is_found() {
    static SCRATCH: Scratch = [const { AtomicU32::new(0) }; 4096];
    let kernel = |x: &[f32], blocks: &mut [u8]| {
        for (x, kept) in x.iter().zip(&SCRATCH) {
            kept.store(x.to_bits(), Ordering::Relaxed);
        }
        let kept = SCRATCH[..x.len()].iter();
        let x: Vec<_> = kept.map(|x| f32::from_bits(x.load(Ordering::Relaxed))).collect();
        zeropoint::ggml::encode(
            &x,
            zeropoint::ggml::blocks_mut::<zeropoint::ggml::BlockQ4_0>(blocks)?,
        )
    };
    assert!(encode(Format::Q4_0, kernel).agrees());
    expect_not_reentrant(&encode(Format::Q4_0, blocks_on_threads(4, kernel)));
}

#[test]
fn reentrant_kernels_agree() {
    let kernel = |x: &[f32], s, z, dst: &mut [u8]| {
        for (x, q) in x.iter().zip(dst) {
            *q = code(x / s, z);
        }
    };
    let report = quantize(Quantize::REFERENCE, on_threads(4, kernel));
    assert!(report.agrees(), "{report}");
    assert!(report.pieces.calls > 1000 && report.pieces.differing == 0, "{report}");
    let encoder = |x: &[f32], blocks: &mut [u8]| {
        zeropoint::ggml::encode(
            x,
            zeropoint::ggml::blocks_mut::<zeropoint::ggml::BlockQ8_0>(blocks)?,
        )
    };
    let report = encode(Format::Q8_0, blocks_on_threads(4, encoder));
    assert!(report.agrees() && report.pieces.calls > 40, "{report}");
}

/// Refusals, and their number, are those of the kernel.
#[test]
fn refusals_are_counted() {
    let kernel = |x: &[f32], s, z, dst: &mut [u8]| {
        if z != 0 {
            return Err("symmetric only");
        }
        for (x, q) in x.iter().zip(dst) {
            *q = code(x / s, z);
        }
        Ok(())
    };
    let [alone, at_once] = [
        quantize(Quantize::REFERENCE, kernel),
        quantize(Quantize::REFERENCE, on_threads(2, kernel)),
    ];
    assert_eq!(alone.classes, at_once.classes);
    assert!(at_once.classes.iter().map(|c| c.refused).sum::<usize>() > 100);
}

/// The error of a number is added to the next one, so that a piece begins without it.
#[test]
fn an_error_that_is_carried_on_is_found() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let mut carried = 0.0;
        for (x, q) in x.iter().zip(dst) {
            let v = x / s + carried;
            *q = code(v, z);
            let lost = v - v.round_ties_even();
            carried = if lost.is_finite() { lost } else { 0.0 };
        }
    });
    expect_cut(&report);
    assert!(matches!(report.verdict, Verdict::Unknown { .. }), "{report}");
}

#[track_caller]
fn expect_cut(report: &Report) {
    let (calls, differing) = (report.pieces.calls, report.pieces.differing);
    assert!(differing > 0 && differing <= calls && !report.agrees(), "{report}");
    let sentence = format!("It depends on how a tensor is cut: {differing} of {calls} calls");
    assert!(report.sentence().contains(&sentence), "{report}");
    let example = report.pieces.example.as_ref().unwrap();
    assert!(example.index < example.len && example.whole != example.in_pieces, "{report}");
    assert!(example.at.iter().all(|&at| 0 < at && at < example.len), "{report}");
    assert!(report.to_string().contains("Shortest call that depends on the cut"), "{report}");
}

/// A kernel that looks at all numbers first, and rounds otherwise if all are small.
#[test]
fn a_way_that_is_chosen_by_the_slice_is_found() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let are_small = x.iter().all(|x| (x / s).abs() < 1000.0);
        for (x, q) in x.iter().zip(dst) {
            let v = x / s;
            *q = code(if are_small { v.round() } else { v }, z);
        }
    });
    expect_cut(&report);
}

/// A body and a tail with formulas of their own depend on the cut too, and are still named.
#[test]
fn a_body_and_a_tail_depend_on_the_cut() {
    let report = quantize_packed(
        Packed::U4,
        QuantizePacked::REFERENCE,
        |x: &[f32], s: f32, z, dst: &mut [u8]| {
            let body = x.len() - x.len() % 32;
            let one = |i: usize, x: f32| {
                let v = if i < body { x * (1.0 / s) } else { x / s };
                code(v, z).min(15)
            };
            for (i, (x, q)) in x.chunks(2).zip(dst).enumerate() {
                let second = x.get(1).map_or(0, |&x| one(2 * i + 1, x));
                *q = one(2 * i, x[0]) | second << 4;
            }
        },
    );
    expect_cut(&report);
    assert!(matches!(report.verdict, Verdict::Two { .. }), "{report}");
    // Bytes are not cut.
    assert!(report.pieces.example.as_ref().unwrap().at.iter().all(|at| at % 2 == 0), "{report}");
}

/// Slices of 13 numbers have another formula, and no border between two formulas says so.
#[test]
fn a_length_of_its_own_is_found() {
    let report = quantize(Quantize::REFERENCE, |x: &[f32], s, z, dst: &mut [u8]| {
        let is_odd = x.len() == 13;
        for (x, q) in x.iter().zip(dst) {
            let v = x / s;
            *q = code(if is_odd { v.floor() } else { v }, z);
        }
    });
    expect_cut(&report);
}
