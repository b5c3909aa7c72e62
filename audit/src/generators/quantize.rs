//! The generators for quantization that are about numbers.

use super::values::{
    NANS, any_scale, around, far, near_tie, separating, step, tie_scale, zero_point,
};
use super::{Calls, Generator, places};
use crate::quantize::{
    Addition, Affine, Conversion, Nan, Narrowing, Quantize, Rounding, Scaling, Subnormal,
};
use crate::random::Random;

type Made = Calls<Quantize>;

const R: Quantize = Quantize::REFERENCE;
const RECIPROCAL: Quantize = Quantize { scaling: Scaling::Reciprocal, ..R };
const DIVIDE_F64: Quantize = Quantize { scaling: Scaling::DivideF64, ..R };
const RECIPROCAL_F64: Quantize = Quantize { scaling: Scaling::ReciprocalF64, ..R };
const FUSED: Quantize = Quantize { scaling: Scaling::Fused, ..R };
const Z_FIRST: Quantize = Quantize { addition: Addition::BeforeRounding, ..R };
const RECIPROCAL_Z_FIRST: Quantize = Quantize { addition: Addition::BeforeRounding, ..RECIPROCAL };

/// Every generator for quantization, in the order of a report.
pub static GENERATORS: &[Generator<Quantize>] = &[
    Generator {
        name: "random",
        about: "Numbers spread evenly over a little more than the codes.",
        separates: || vec![(R, rounding(Rounding::TowardZero)), (R, rounding(Rounding::Floor))],
        make: random,
    },
    Generator {
        name: "bits",
        about: "Random bit patterns other than NaN.",
        separates: || vec![(R, conversion(Conversion::LeastInteger))],
        make: bits,
    },
    Generator {
        name: "ties",
        about: "Exact ties between codes and the floats beside them, for even and odd zero points.",
        separates: || {
            let others = Rounding::ALL_BUT_EVEN.map(|r| (R, rounding(r)));
            [others.as_slice(), &[(R, Z_FIRST)]].concat()
        },
        make: ties,
    },
    Generator {
        name: "steps",
        about: "Multiples of the scale and the floats beside them.",
        separates: || {
            vec![
                (rounding(Rounding::TowardZero), truncated(DIVIDE_F64)),
                (R, rounding(Rounding::Floor)),
            ]
        },
        make: steps,
    },
    Generator {
        name: "reciprocal",
        about: "Numbers at which x / S and x * (1/S), both in f32, round to different integers.",
        separates: || vec![(R, RECIPROCAL)],
        make: |calls| search(calls, (R, RECIPROCAL), any_scale),
    },
    Generator {
        name: "f64 quotient",
        about: "Numbers at which the quotient rounded to f32 is a tie, and the quotient in f64 is not.",
        separates: || vec![(R, DIVIDE_F64)],
        make: |calls| search(calls, (R, DIVIDE_F64), any_scale),
    },
    Generator {
        name: "f64 product",
        about: "Ties that the product by 1/S in f64 misses by its last bit.",
        separates: || vec![(DIVIDE_F64, RECIPROCAL_F64)],
        make: |calls| search(calls, (DIVIDE_F64, RECIPROCAL_F64), tie_scale),
    },
    Generator {
        name: "fused",
        about: "Numbers at which one fma with Z differs from a product and a sum.",
        separates: || vec![(FUSED, RECIPROCAL_Z_FIRST)],
        make: |calls| search(calls, (FUSED, RECIPROCAL_Z_FIRST), any_scale),
    },
    Generator {
        name: "saturation",
        about: "Numbers up to two codes within and beyond both limits of the codes, for every kind of zero point.",
        separates: || {
            let after_clamp = Quantize { addition: Addition::AfterClamp, ..R };
            vec![(R, Quantize { narrowing: Narrowing::Wrap, ..R }), (R, after_clamp)]
        },
        make: saturation,
    },
    Generator {
        name: "huge",
        about: "Numbers at the limits of 16, 32 and 64 bits and of f32's integers, and infinities.",
        separates: || {
            let wrapping = Quantize { addition: Addition::Wrapping, ..R };
            let clamped = Quantize { conversion: Conversion::GreatestF32, ..wrapping };
            vec![
                (R, wrapping),
                (R, conversion(Conversion::LeastInteger)),
                (R, conversion(Conversion::Zero)),
                (R, conversion(Conversion::LeastLong)),
                (wrapping, clamped),
            ]
        },
        make: huge,
    },
    Generator {
        name: "NaN",
        about: "Quiet and signalling NaNs of both signs at every position of short and long slices.",
        separates: || {
            [Nan::Greatest, Nan::ZeroBeforeZ].map(|nan| (R, Quantize { nan, ..R })).to_vec()
        },
        make: places::nans,
    },
    Generator {
        name: "subnormal",
        about: "Subnormal numbers, and scales whose reciprocal is subnormal.",
        separates: || vec![(R, Quantize { subnormal: Subnormal::Flushed, ..R })],
        make: subnormal,
    },
    Generator { name: "zeros", about: "Slices of +0 and -0.", separates: Vec::new, make: zeros },
    Generator {
        name: "zero points",
        about: "Every zero point of 8 bits, or 500 of 16 bits, with ties.",
        separates: || vec![(R, Z_FIRST)],
        make: zero_points,
    },
    Generator {
        name: "scales",
        about: "Scales over the whole range of exponents, with numbers next to ties.",
        separates: || vec![(R, RECIPROCAL)],
        make: scales,
    },
    Generator {
        name: "lengths",
        about: "Every length from 0 to 300, all kinds of numbers at all positions.",
        separates: || vec![(R, RECIPROCAL), (R, rounding(Rounding::TiesAway))],
        make: places::lengths,
    },
    Generator {
        name: "short",
        about: "Slices of 1 to 3 elements, all kinds of numbers.",
        separates: || vec![(R, RECIPROCAL), (R, rounding(Rounding::TiesAway))],
        make: places::short,
    },
    Generator {
        name: "offsets",
        about: "Slices that begin at each of 33 places behind an aligned address.",
        separates: || vec![(R, RECIPROCAL), (R, rounding(Rounding::TiesAway))],
        make: places::offsets,
    },
    Generator {
        name: "repeated",
        about: "Calls that are made twice, the second time onto other bytes.",
        separates: Vec::new,
        make: places::repeated,
    },
];

impl Rounding {
    const ALL_BUT_EVEN: [Self; 5] =
        [Self::TiesAway, Self::HalfUp, Self::AddHalf, Self::TowardZero, Self::Floor];
}

fn rounding(rounding: Rounding) -> Quantize {
    Quantize { rounding, ..R }
}

fn truncated(contract: Quantize) -> Quantize {
    Quantize { rounding: Rounding::TowardZero, ..contract }
}

fn conversion(conversion: Conversion) -> Quantize {
    Quantize { conversion, ..R }
}

/// Returns a call's parameters with a scale of the given kind.
pub(super) fn params(calls: &mut Made, scale: fn(&mut Random) -> f32) -> Affine {
    let scale = scale(&mut calls.random);
    Affine { scale, zero_point: zero_point(calls.codes, &mut calls.random) }
}

fn random(calls: &mut Made) {
    for _ in 0..40 {
        let p = params(calls, any_scale);
        let codes = calls.codes;
        let width = f64::from(codes.max - codes.min);
        let number = |random: &mut Random| {
            let code = f64::from(codes.min) + width * (random.fraction() * 1.2 - 0.1);
            ((code - f64::from(p.zero_point)) * f64::from(p.scale)) as f32
        };
        let inputs = (0..400).map(|_| number(&mut calls.random)).collect();
        calls.call(p, inputs);
    }
}

fn bits(calls: &mut Made) {
    for _ in 0..40 {
        let p = params(calls, |random| random.float([-60, 60]));
        let number = |random: &mut Random| f32::from_bits(random.bits() as u32);
        let numbers = (0..400).map(|_| number(&mut calls.random)).filter(|x| !x.is_nan()).collect();
        calls.call(p, numbers);
    }
}

fn ties(calls: &mut Made) {
    for i in 0..40 {
        let mut p = params(calls, tie_scale);
        p.zero_point ^= (i ^ p.zero_point) & 1;
        let mut inputs = Vec::new();
        for k in -2..2 {
            inputs.extend(around(f64::from(k) + 0.5, p.scale));
        }
        for _ in 0..200 {
            let k = step(calls.codes, p.zero_point, &mut calls.random);
            inputs.extend(around(f64::from(k) + 0.5, p.scale));
        }
        calls.call(p, inputs);
    }
}

fn steps(calls: &mut Made) {
    for i in 0..40 {
        let p = params(calls, if i % 2 == 0 { any_scale } else { tie_scale });
        let mut inputs = Vec::new();
        for _ in 0..150 {
            let k = step(calls.codes, p.zero_point, &mut calls.random);
            inputs.extend(around(k.into(), p.scale));
        }
        calls.call(p, inputs);
    }
}

/// Keeps only numbers at which two contracts differ.
fn search(calls: &mut Made, pair: (Quantize, Quantize), scale: fn(&mut Random) -> f32) {
    for _ in 0..200 {
        let p = params(calls, scale);
        let found = |calls: &mut Made| separating(calls.codes, p, pair, &mut calls.random);
        let numbers: Vec<_> = (0..20).filter_map(|_| found(calls)).collect();
        if !numbers.is_empty() {
            calls.call(p, numbers);
        }
    }
}

fn saturation(calls: &mut Made) {
    for _ in 0..60 {
        let p = params(calls, tie_scale);
        let limits = [calls.codes.min, calls.codes.max];
        let mut numbers = Vec::new();
        for limit in limits {
            for halves in -4..=4 {
                let n = f64::from(limit - p.zero_point) + 0.5 * f64::from(halves);
                numbers.extend(around(n, p.scale));
            }
            // With Z added after a clamp, or in 8 bits.
            for distance in [1, 64, 127, 128, 129, 200, 255, 256, 257, 300] {
                let n =
                    f64::from(limit - p.zero_point + distance * limit.signum().max(0) - distance);
                numbers.push((n * f64::from(p.scale)) as f32);
                numbers.push((-n * f64::from(p.scale)) as f32);
            }
        }
        calls.call(p, numbers);
    }
}

fn huge(calls: &mut Made) {
    for _ in 0..100 {
        let p = params(calls, |random| random.float([-12, 12]));
        let numbers = (0..60).map(|_| far(p.scale, &mut calls.random)).collect();
        calls.call(p, numbers);
        // Powers of two, so that the integers are exact.
        let p = params(calls, |random| 2_f32.powi(random.integer(-12, 12)));
        let numbers = (0..60).map(|_| far(p.scale, &mut calls.random)).collect();
        calls.call(p, numbers);
    }
}

fn subnormal(calls: &mut Made) {
    let least = f32::MIN_POSITIVE;
    for i in 0..70 {
        let mut p = params(calls, |random| random.float([-126, -120]));
        let number = |random: &mut Random| f32::from_bits(random.bits() as u32 & 0x807f_ffff);
        let mut numbers: Vec<_> = (0..100 + i).map(|_| number(&mut calls.random)).collect();
        numbers.extend([
            least,
            -least,
            least.next_down(),
            f32::from_bits(1),
            f32::from_bits(0x8000_0001),
        ]);
        calls.call(p, numbers);
        // A subnormal reciprocal is flushed to 0, but the code is not.
        p.scale = calls.random.float([126, 126]).next_up();
        let numbers = [0.4, 0.6, 1.0, 1.4, 1.6, 1.9].map(|n| (n * f64::from(p.scale)) as f32);
        calls.call(p, numbers.into_iter().flat_map(|x| [x, -x]).collect::<Vec<_>>().repeat(11));
    }
}

fn zeros(calls: &mut Made) {
    for len in [1, 7, 8, 33, 100] {
        let p = params(calls, any_scale);
        calls.call(p, vec![0.0; len]);
        calls.call(p, vec![-0.0; len]);
    }
}

fn zero_points(calls: &mut Made) {
    let codes = calls.codes;
    let count = codes.max - codes.min + 1;
    for i in 0..count.min(500) {
        let zero_point =
            codes.min + (i64::from(i) * i64::from(count) / i64::from(count.min(500))) as i32;
        let p = Affine { scale: tie_scale(&mut calls.random), zero_point };
        let mut numbers: Vec<_> = (0..24).map(|_| near_tie(codes, p, &mut calls.random)).collect();
        numbers.push(f32::from_bits(NANS[i as usize % NANS.len()]));
        calls.call(p, numbers);
    }
}

fn scales(calls: &mut Made) {
    for exponent in -126..=120 {
        let scale = calls.random.float([exponent, exponent]);
        let p = Affine { scale, zero_point: zero_point(calls.codes, &mut calls.random) };
        let numbers = (0..24).map(|_| near_tie(calls.codes, p, &mut calls.random));
        let numbers = numbers.filter(|x| x.is_finite()).collect();
        calls.call(p, numbers);
    }
}
