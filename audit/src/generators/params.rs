//! The generators for parameters.

use super::{Calls, Generator};
use crate::params::{Data, FindParams, Least, NanData, Offset, Range, Step, Width};
use crate::random::Random;

type Made = Calls<FindParams>;

const R: FindParams = FindParams::REFERENCE;

/// Every generator for parameters, in the order of a report.
pub static GENERATORS: &[Generator<FindParams>] = &[
    Generator {
        name: "ranges",
        about: "Ranges of both signs, or of one sign, with random significands.",
        separates: || {
            vec![
                (R, FindParams { range: Range::Raw, ..R }),
                (R, FindParams { step: Step::Product, ..R }),
                (R, FindParams { step: Step::F64, ..R }),
            ]
        },
        make: |calls| {
            for i in 0..4000 {
                let ends = [calls.random.float([-20, 20]), calls.random.float([-20, 20])];
                let near = -ends[0] * (0.1 + 2.0 * calls.random.fraction() as f32);
                let (a, b) = match i % 4 {
                    0 => (ends[0], ends[1]),
                    1 => (-ends[0], -ends[1]),
                    _ => (ends[0], near),
                };
                one(calls, a.min(b), a.max(b), 3);
            }
        },
    },
    Generator {
        name: "ties",
        about: "Ranges whose zero point is a tie, or next to one.",
        separates: || {
            let offsets = [Offset::TiesAway, Offset::BetterEnd];
            offsets.map(|offset| (R, FindParams { offset, ..R })).to_vec()
        },
        make: |calls| {
            let steps = calls.codes.max - calls.codes.min;
            for i in 0..3000 {
                let scale = match i % 3 {
                    0 => 2_f32.powi(calls.random.integer(-10, 10)),
                    _ => calls.random.float([-10, 10]),
                };
                let below = calls.random.integer(0, steps - 1) as f32 + 0.5;
                one(calls, -below * scale, (steps as f32 - below) * scale, 2);
            }
        },
    },
    Generator {
        name: "constant",
        about: "Data of one number, often 0.",
        separates: || {
            let leasts = [Least::Epsilon, Least::Tenth, Least::Unguarded];
            leasts.map(|least| (R, FindParams { least, ..R })).to_vec()
        },
        make: |calls| {
            for len in 1..100 {
                one(calls, 0.0, 0.0, len);
                one(calls, -0.0, 0.0, len);
                let x = calls.random.float([-20, 20]);
                one(calls, x, x, len);
                one(calls, -x, -x, len);
            }
        },
    },
    Generator {
        name: "small",
        about: "Ranges so small that the scale is subnormal or 0.",
        separates: || {
            let leasts = [Least::OneForZero, Least::Epsilon, Least::Tenth, Least::Unguarded];
            leasts.map(|least| (R, FindParams { least, ..R })).to_vec()
        },
        make: |calls| {
            for _ in 0..600 {
                let [a, b] = [0, 1].map(|_| calls.random.float([-127, -105]));
                one(calls, -a, b, 2);
                one(calls, a.min(b), a.max(b), 2);
            }
        },
    },
    Generator {
        name: "huge",
        about: "Ranges whose width is beyond f32, or nearly.",
        separates: || vec![(R, FindParams { width: Width::Infinite, ..R })],
        make: |calls| {
            for _ in 0..300 {
                let [a, b] = [0, 1].map(|_| calls.random.float([124, 127]));
                one(calls, -a, b, 2);
            }
        },
    },
    Generator {
        name: "NaN",
        about: "A NaN at every position of slices to 70.",
        separates: || {
            let nans = [NanData::Ignored, NanData::Spread];
            nans.map(|nan| (R, FindParams { nan, ..R })).to_vec()
        },
        make: |calls| {
            for len in [2, 7, 16, 33, 70] {
                for at in 0..len {
                    let [a, b] = [0, 1].map(|_| calls.random.float([-3, 3]));
                    let max_at = (at + 1) % len;
                    let data = Data { min: -a, max: b, len, max_at, nan_at: Some(at) };
                    calls.call((), vec![data]);
                }
            }
        },
    },
    Generator {
        name: "lengths",
        about: "Every length from 1 to 300, with the maximum at random places.",
        separates: Vec::new,
        make: |calls| {
            for len in 1..=300 {
                let [a, b] = [0, 1].map(|_| calls.random.float([-3, 3]));
                one(calls, -a, b, len);
                one(calls, a.min(b), a.max(b), len);
            }
        },
    },
];

fn one(calls: &mut Made, min: f32, max: f32, len: u32) {
    let max_at = place(&mut calls.random, len);
    calls.call((), vec![Data { min, max, len, max_at, nan_at: None }]);
}

fn place(random: &mut Random, len: u32) -> u32 {
    random.integer(0, len as i32 - 1) as u32
}
