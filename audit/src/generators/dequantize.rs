//! The generators for dequantization.

use super::values::{any_scale, zero_point};
use super::{Calls, Generator};
use crate::dequantize::{Dequantize, Difference, Order, SubnormalResult};
use crate::quantize::Affine;

type Made = Calls<Dequantize>;

const R: Dequantize = Dequantize::REFERENCE;

/// Every generator for dequantization, in the order of a report.
pub static GENERATORS: &[Generator<Dequantize>] = &[
    Generator {
        name: "codes",
        about: "Every code of 8 bits, or 256 of 16 bits, with scales of random significands.",
        separates: || {
            let orders =
                [Order::ProductsFirst, Order::Fused].map(|order| Dequantize { order, ..R });
            let differences = [Difference::Wrapping, Difference::Saturating]
                .map(|difference| Dequantize { difference, ..R });
            let mut pairs: Vec<_> = orders.into_iter().chain(differences).map(|c| (R, c)).collect();
            pairs.push((orders[0], orders[1]));
            pairs
        },
        make: |calls| every_code(calls, [-30, 30], 60),
    },
    Generator {
        name: "subnormal",
        about: "The least normal scales, and subnormal ones.",
        separates: || vec![(R, Dequantize { subnormal: SubnormalResult::Flushed, ..R })],
        make: |calls| every_code(calls, [-127, -126], 20),
    },
    Generator {
        name: "overflow",
        about: "Scales so great that numbers are infinite.",
        separates: || vec![(R, Dequantize { order: Order::ProductsFirst, ..R })],
        make: |calls| every_code(calls, [119, 127], 20),
    },
    Generator {
        name: "lengths",
        about: "Every length from 0 to 300.",
        separates: || vec![(R, Dequantize { order: Order::ProductsFirst, ..R })],
        make: |calls| {
            for len in 0..=300 {
                let p = params(calls);
                let inputs = random_codes(calls, len);
                calls.call(p, inputs);
            }
        },
    },
    Generator {
        name: "offsets",
        about: "Slices that begin at each of 33 places behind an aligned address.",
        separates: || vec![(R, Dequantize { order: Order::ProductsFirst, ..R })],
        make: |calls| {
            for offset in 0..33 {
                let p = params(calls);
                let inputs = random_codes(calls, 77);
                calls.call_at(p, inputs, offset);
            }
        },
    },
    Generator {
        name: "repeated",
        about: "Calls that are made twice, the second time onto other bytes.",
        separates: Vec::new,
        make: |calls| {
            for len in [0, 1, 3, 8, 16, 31, 33, 64, 100, 300] {
                let p = params(calls);
                let inputs = random_codes(calls, len);
                calls.call_twice(p, inputs);
            }
        },
    },
];

fn params(calls: &mut Made) -> Affine {
    let scale = any_scale(&mut calls.random);
    Affine { scale, zero_point: zero_point(calls.codes, &mut calls.random) }
}

fn random_codes(calls: &mut Made, len: usize) -> Vec<i32> {
    let codes = calls.codes;
    (0..len).map(|_| calls.random.integer(codes.min, codes.max)).collect()
}

fn every_code(calls: &mut Made, exponents: [i32; 2], count: usize) {
    let codes = calls.codes;
    for _ in 0..count {
        let scale = calls.random.float(exponents);
        let p = Affine { scale, zero_point: zero_point(codes, &mut calls.random) };
        let step = (codes.max - codes.min + 1) / 256;
        let first = codes.min + calls.random.integer(0, step - 1);
        calls.call(p, (first..=codes.max).step_by(step as usize).collect());
    }
}
