//! Numbers that are hard to quantize with a given scale.

use crate::code::Codes;
use crate::contract::Contract;
use crate::quantize::{Affine, Quantize};
use crate::random::Random;

/// Quiet and signalling NaNs of both signs.
pub(crate) const NANS: [u32; 6] =
    [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xff80_0001, 0x7fff_ffff, 0xffbf_ffff];

pub(crate) fn nan(random: &mut Random) -> f32 {
    f32::from_bits(random.choose(&NANS))
}

/// Returns the float nearest to n · S, and the floats around it.
pub(crate) fn around(n: f64, scale: f32) -> [f32; 3] {
    let x = (n * f64::from(scale)) as f32;
    [x.next_down(), x, x.next_up()]
}

/// Returns a zero point: often a limit of the codes or one of the middle codes, even and odd.
pub(crate) fn zero_point(codes: Codes, random: &mut Random) -> i32 {
    let middle = codes.min + (codes.max - codes.min) / 2;
    match random.integer(0, 9) {
        0 => codes.min,
        1 => codes.min + 1,
        2 => codes.max - 1,
        3 => codes.max,
        4 => middle,
        5 => middle + 1,
        6 => random.integer(codes.min.max(-130), 130.min(codes.max)),
        _ => random.integer(codes.min, codes.max),
    }
}

/// Returns an integer k with k + Z near the codes, more often near their limits.
pub(crate) fn step(codes: Codes, zero_point: i32, random: &mut Random) -> i32 {
    let code = match random.integer(0, 7) {
        0 => codes.min + random.integer(-2, 2),
        1 => codes.max + random.integer(-2, 2),
        2 => zero_point + random.integer(-2, 2),
        _ => random.integer(codes.min, codes.max),
    };
    code - zero_point
}

/// Returns a scale with which the halfway points between codes are floats: a small odd number times a power of 2.
pub(crate) fn tie_scale(random: &mut Random) -> f32 {
    let odd = random.choose(&[1.0, 1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 21.0, 25.0, 49.0]);
    odd * 2_f32.powi(random.integer(-30, 30))
}

/// Returns a scale with a random significand.
pub(crate) fn any_scale(random: &mut Random) -> f32 {
    random.float([-30, 30])
}

/// Magnitudes in units of the scale at which conversions, sums and roundings go wrong.
const FAR: [f64; 28] = [
    32_767.0,
    32_768.0,
    65_280.0,
    65_535.0,
    65_536.0,
    65_792.0,
    4_194_303.0,
    4_194_304.0,
    8_388_607.0,
    8_388_609.0,
    12_582_913.0,
    16_777_215.0,
    16_777_217.0,
    1e8,
    2_147_483_392.0,
    2_147_483_520.0,
    2_147_483_647.0,
    2_147_483_648.0,
    2_147_483_904.0,
    4_294_967_040.0,
    4_294_967_296.0,
    4_294_967_808.0,
    6_442_451_456.0,
    9_223_371_761_976_868_864.0,
    9_223_372_036_854_775_808.0,
    18_446_744_073_709_551_616.0,
    1e25,
    1e30,
];

/// Returns a number far beyond the codes, of either sign.
pub(crate) fn far(scale: f32, random: &mut Random) -> f32 {
    let magnitude = match random.integer(0, 9) {
        0 => f32::INFINITY,
        1 => f32::MAX,
        2 => 1e30,
        3 => (2.0_f64.powf(random.fraction() * 60.0 + 9.0) * f64::from(scale)) as f32,
        _ => (random.choose(&FAR) * f64::from(scale)) as f32,
    };
    if random.bits() & 1 == 0 { magnitude } else { -magnitude }
}

/// Returns a float next to the halfway point beside a step, or the nearest float to it.
pub(crate) fn near_tie(codes: Codes, p: Affine, random: &mut Random) -> f32 {
    let k = f64::from(step(codes, p.zero_point, random)) + 0.5;
    random.choose(&around(k, p.scale))
}

/// Looks for a float at which two contracts differ, around random integers and halfway points.
pub(crate) fn separating(
    codes: Codes,
    p: Affine,
    (a, b): (Quantize, Quantize),
    random: &mut Random,
) -> Option<f32> {
    // One halfway point in six is found if the contracts divide and multiply.
    (0..80).find_map(|i| {
        let k = f64::from(step(codes, p.zero_point, random)) + 0.5 * f64::from(i % 2);
        let differ = |x: &f32| a.output(codes, p, *x) != b.output(codes, p, *x);
        around(k, p.scale).into_iter().find(differ)
    })
}

/// Returns one of all kinds of numbers that are hard with these parameters.
pub(crate) fn hard(codes: Codes, p: Affine, random: &mut Random) -> f32 {
    match random.integer(0, 15) {
        0 => nan(random),
        1..=3 => far(p.scale, random),
        4 => f32::from_bits(random.bits() as u32 & 0x807f_ffff),
        5 => ((random.fraction() - 0.5) * 600.0 * f64::from(p.scale)) as f32,
        6..=9 => {
            let reciprocal =
                Quantize { scaling: crate::quantize::Scaling::Reciprocal, ..Quantize::REFERENCE };
            separating(codes, p, (Quantize::REFERENCE, reciprocal), random)
                .unwrap_or_else(|| near_tie(codes, p, random))
        }
        _ => near_tie(codes, p, random),
    }
}
