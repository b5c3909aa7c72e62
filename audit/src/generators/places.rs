//! The generators for quantization that are about positions: lengths, tails, offsets, repetitions.

use super::Calls;
use super::quantize::params;
use super::values::{NANS, any_scale, hard, tie_scale};
use crate::quantize::{Affine, Quantize};

type Made = Calls<Quantize>;

fn hard_numbers(calls: &mut Made, p: Affine, len: usize) -> Vec<f32> {
    (0..len).map(|_| hard(calls.codes, p, &mut calls.random)).collect()
}

/// Returns parameters with which some numbers are exact ties, or a product and a quotient differ.
fn any_params(calls: &mut Made, i: usize) -> Affine {
    params(calls, if i.is_multiple_of(2) { any_scale } else { tie_scale })
}

pub(super) fn nans(calls: &mut Made) {
    for len in [67, 64] {
        for place in 0..len {
            let p = params(calls, any_scale);
            let mut numbers = vec![0.0; len];
            numbers[place] = f32::from_bits(NANS[place % NANS.len()]);
            calls.call(p, numbers);
        }
    }
    for len in 1..40 {
        let p = params(calls, any_scale);
        calls.call(p, (0..len).map(|i| f32::from_bits(NANS[(i + len) % NANS.len()])).collect());
    }
}

pub(super) fn lengths(calls: &mut Made) {
    for len in 0..=300 {
        for i in 0..2 {
            let p = any_params(calls, i);
            let numbers = hard_numbers(calls, p, len);
            calls.call(p, numbers);
        }
    }
}

pub(super) fn short(calls: &mut Made) {
    for i in 0..900 {
        let p = any_params(calls, i);
        let numbers = hard_numbers(calls, p, 1 + i % 3);
        calls.call(p, numbers);
    }
}

pub(super) fn offsets(calls: &mut Made) {
    for offset in 0..33 {
        for len in [5, 16, 31, 64, 77] {
            let p = any_params(calls, offset);
            let numbers = hard_numbers(calls, p, len);
            calls.call_at(p, numbers, offset);
        }
    }
}

pub(super) fn repeated(calls: &mut Made) {
    for len in [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 100, 300, 1000] {
        let p = any_params(calls, len);
        let numbers = hard_numbers(calls, p, len);
        calls.call_twice(p, numbers);
    }
}
