//! The generators for requantization.

use super::values::zero_point;
use super::{Calls, Generator};
use crate::contract::Contract;
use crate::random::Random;
use crate::requantize::{Overflow, Product, ProductRounding, Requantize, Rescale, Sum};

type Made = Calls<Requantize>;

const R: Requantize = Requantize::REFERENCE;
const F64: Requantize = Requantize { product: Product::F64, ..R };
const FIXED: Requantize = Requantize { product: Product::Fixed, ..R };
const EXACT_HALF_UP: Requantize = Requantize { product: Product::ExactHalfUp, ..R };

/// Every generator for requantization, in the order of a report.
pub static GENERATORS: &[Generator<Requantize>] = &[
    Generator {
        name: "random",
        about: "Accumulators spread over a little more than the codes.",
        separates: || vec![(R, Requantize { rounding: ProductRounding::TowardZero, ..R })],
        make: |calls| {
            for _ in 0..60 {
                let p = params(calls, |random| random.float([-20, -1]));
                let inputs = (0..400).map(|_| near(calls, p, 0.0)).collect();
                calls.call(p, inputs);
            }
        },
    },
    Generator {
        name: "ties",
        about: "Products that are ties exactly, and the integers beside them.",
        separates: || {
            let roundings = [ProductRounding::TiesAway, ProductRounding::HalfUp];
            let mut pairs: Vec<_> =
                roundings.map(|rounding| (R, Requantize { rounding, ..R })).to_vec();
            pairs.push((R, Requantize { sum: Sum::BeforeRounding, ..R }));
            pairs
        },
        make: |calls| {
            for _ in 0..60 {
                let p = params(calls, |random| 2_f32.powi(random.integer(-20, -1)));
                let inputs = (0..200).map(|_| near(calls, p, 0.5)).collect();
                calls.call(p, inputs);
            }
        },
    },
    Generator {
        name: "f32",
        about: "Accumulators at which the products in f32 and in f64 round to different integers.",
        separates: || vec![(R, F64)],
        make: |calls| search(calls, (R, F64), [-20, -3]),
    },
    Generator {
        name: "fixed point",
        about: "Accumulators at which the product by an integer rounds otherwise than the one in f64.",
        separates: || vec![(F64, FIXED), (FIXED, EXACT_HALF_UP)],
        make: |calls| {
            search(calls, (F64, FIXED), [-20, -3]);
            search(calls, (FIXED, EXACT_HALF_UP), [-20, -3]);
        },
    },
    Generator {
        name: "huge",
        about: "Accumulators and multipliers whose product is far beyond the codes.",
        separates: || {
            let overflows = [Overflow::LeastInteger, Overflow::Wrap];
            overflows.map(|overflow| (R, Requantize { overflow, ..R })).to_vec()
        },
        make: |calls| {
            for _ in 0..100 {
                let p = params(calls, |random| random.float([-12, 20]));
                let ends = [i32::MIN, i32::MIN + 1, i32::MAX, i32::MAX - 1, 0, 1, -1];
                let random = |random: &mut Random| random.bits() as i32;
                let inputs = (0..60).map(|_| random(&mut calls.random)).chain(ends).collect();
                calls.call(p, inputs);
            }
        },
    },
    Generator {
        name: "lengths",
        about: "Every length from 0 to 300.",
        separates: || vec![(R, Requantize { rounding: ProductRounding::TiesAway, ..R })],
        make: |calls| {
            for len in 0..=300 {
                let scale = if len % 2 == 0 { any_multiplier } else { tie_multiplier };
                let p = params(calls, scale);
                let inputs = (0..len).map(|_| near(calls, p, 0.5)).collect();
                calls.call_at(p, inputs, len % 17);
            }
        },
    },
    Generator {
        name: "repeated",
        about: "Calls that are made twice, the second time onto other bytes.",
        separates: Vec::new,
        make: |calls| {
            for len in [0, 1, 3, 8, 16, 31, 33, 64, 100, 300] {
                let p = params(calls, any_multiplier);
                let inputs = (0..len).map(|_| near(calls, p, 0.5)).collect();
                calls.call_twice(p, inputs);
            }
        },
    },
];

fn any_multiplier(random: &mut Random) -> f32 {
    random.float([-20, -1])
}

fn tie_multiplier(random: &mut Random) -> f32 {
    2_f32.powi(random.integer(-20, -1))
}

fn params(calls: &mut Made, multiplier: fn(&mut Random) -> f32) -> Rescale {
    let multiplier = multiplier(&mut calls.random);
    Rescale { multiplier, zero_point: zero_point(calls.codes, &mut calls.random) }
}

/// Returns an accumulator whose product is about `fraction` beyond an integer near the codes.
fn near(calls: &mut Made, p: Rescale, fraction: f64) -> i32 {
    let codes = calls.codes;
    let margin = (codes.max - codes.min) / 8;
    let code = calls.random.integer(codes.min - margin, codes.max + margin);
    let product = f64::from(code - p.zero_point) + fraction;
    ((product / f64::from(p.multiplier)).round() as i32).saturating_add(calls.random.integer(-1, 1))
}

/// Keeps only accumulators at which two contracts differ.
fn search(calls: &mut Made, (a, b): (Requantize, Requantize), exponents: [i32; 2]) {
    for _ in 0..100 {
        let multiplier = calls.random.float(exponents);
        // The product by an integer has more bits than that in f32: a long accumulator shows it.
        let p = Rescale { multiplier, zero_point: zero_point(calls.codes, &mut calls.random) };
        let codes = calls.codes;
        let numbers: Vec<_> = (0..800)
            .map(|_| near(calls, p, 0.5))
            .filter(|&acc| a.output(codes, p, acc) != b.output(codes, p, acc))
            .take(20)
            .collect();
        if !numbers.is_empty() {
            calls.call(p, numbers);
        }
    }
}
