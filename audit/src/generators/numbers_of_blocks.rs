//! The numbers that the generators for encoders of blocks put into blocks.

use std::sync::Arc;

use half::f16;

use super::Calls;
use super::encode::STEPS;
use crate::blocks::{Encode, Field, Format};
use crate::contract::Contract;
use crate::random::Random;

type Made = Calls<Encode>;

const R: Encode = Encode::REFERENCE;

/// Calls with blocks of numbers.
pub(super) fn call(calls: &mut Made, blocks: Vec<Vec<f32>>, offset: usize, is_repeated: bool) {
    let format = calls.codes;
    let inputs = blocks.into_iter().flat_map(|numbers| {
        let numbers: Arc<[f32]> = numbers.into();
        (0..format.fields()).map(move |at| Field { format, numbers: numbers.clone(), at })
    });
    let inputs = inputs.collect();
    calls.made.push(super::Call { params: (), inputs, offset, is_repeated });
}

pub(super) fn one(calls: &mut Made, block: Vec<f32>) {
    call(calls, vec![block], 0, false);
}

/// Returns the number of blocks that a generator makes, fewer if they are long.
pub(super) fn count(format: Format, of_32: usize) -> usize {
    if format == Format::Q8K { of_32.div_ceil(4) } else { of_32 }
}

/// Returns the least and the greatest number of steps of a block.
pub(super) fn steps(format: Format) -> (f64, f64) {
    match format {
        Format::Q4_0 => (-8.0, 8.0),
        Format::Q5_0 => (-16.0, 16.0),
        Format::Q4_1 => (0.0, 15.0),
        Format::Q5_1 => (0.0, 31.0),
        Format::Q8_0 | Format::Q8_1 | Format::Q8K => (-127.0, 127.0),
    }
}

/// Returns the numbers that make `d` the scale of a block: an extreme, or the least and the greatest number.
pub(super) fn with_scale(format: Format, d: f32, least: f32) -> Vec<f32> {
    let (_, most) = steps(format);
    let extreme = (most * f64::from(d)) as f32;
    if format.has_least() {
        vec![least, (f64::from(least) + f64::from(extreme)) as f32]
    } else {
        vec![extreme]
    }
}

/// Returns extremes with random digits.
pub(super) fn any_extremes(format: Format, random: &mut Random) -> Vec<f32> {
    let exponents = [-10, 9];
    let sign = |random: &mut Random| if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
    let first = random.float(exponents) * sign(random);
    if !format.has_least() {
        return vec![first];
    }
    let least = if random.integer(0, 3) == 0 { 0.0 } else { first };
    vec![least, least + random.float(exponents)]
}

/// Fills a block whose extremes are given with other numbers, and turns it, so that extremes are anywhere.
pub(super) fn filled(
    calls: &mut Made,
    mut block: Vec<f32>,
    mut next: impl FnMut(&mut Random) -> f32,
) -> Vec<f32> {
    let len = calls.codes.elements();
    while block.len() < len {
        block.push(next(&mut calls.random));
    }
    block.rotate_right(calls.random.integer(0, len as i32 - 1) as usize);
    block
}

/// Returns a number at some steps from 0, or from the least number, of a block with these extremes.
pub(super) fn at_steps(format: Format, extremes: &[f32], n: f64) -> f32 {
    let (_, most) = steps(format);
    match extremes {
        [least, greatest] => {
            let (least, greatest) = (f64::from(*least), f64::from(*greatest));
            (least + n * (greatest - least) / most) as f32
        }
        _ => (n * f64::from(extremes[0].abs()) / most) as f32,
    }
}

/// Moves a number by up to some floats, but not beyond the extremes.
pub(super) fn beside(extremes: &[f32], x: f32, floats: i32, random: &mut Random) -> f32 {
    let mut moved = x;
    for _ in 0..random.integer(0, floats) {
        moved = if random.bits() & 1 == 0 { moved.next_up() } else { moved.next_down() };
    }
    let (least, greatest) = match extremes {
        [least, greatest] => (*least, *greatest),
        _ => (-extremes[0].abs().next_down(), extremes[0].abs().next_down()),
    };
    moved.clamp(least, greatest)
}

/// Returns a number near a halfway point between codes.
pub(super) fn near_half(format: Format, extremes: &[f32], random: &mut Random) -> f32 {
    let (least, most) = steps(format);
    let n = f64::from(random.integer(least as i32, most as i32 - 1)) + 0.5;
    beside(extremes, at_steps(format, extremes, n), 3, random)
}

pub(super) fn any_block(calls: &mut Made) -> Vec<f32> {
    let format = calls.codes;
    let extremes = any_extremes(format, &mut calls.random);
    filled(calls, extremes.clone(), |random| near_half(format, &extremes, random))
}

pub(super) fn random(calls: &mut Made) {
    let format = calls.codes;
    for _ in 0..count(format, 100) {
        let extremes = any_extremes(format, &mut calls.random);
        let (least, most) = steps(format);
        let block = filled(calls, extremes.clone(), |random| {
            let n = least + (most - least) * random.fraction();
            beside(&extremes, at_steps(format, &extremes, n), 0, random)
        });
        one(calls, block);
    }
}

pub(super) fn ties(calls: &mut Made) {
    let format = calls.codes;
    for i in 0..count(format, 120) {
        let d = 2_f32.powi(calls.random.integer(-9, 2));
        // A number below 0 in every other block, so that d has either sign.
        let mut extremes = with_scale(format, d, -d * calls.random.integer(0, 9) as f32);
        if i % 2 == 1 && !format.has_least() {
            extremes[0] = -extremes[0];
        }
        let block = filled(calls, extremes.clone(), |random| near_half(format, &extremes, random));
        one(calls, block);
    }
}

/// Keeps only numbers at which two contracts give different codes, if both are candidates for the format.
pub(super) fn search(calls: &mut Made, (a, b): (Encode, Encode)) {
    let format = calls.codes;
    let (least, most) = steps(format);
    if !a.is_canonical(format) || !b.is_canonical(format) {
        return;
    }
    for _ in 0..count(format, 60) {
        let extremes = any_extremes(format, &mut calls.random);
        let scales = [a.scale(format, &extremes), b.scale(format, &extremes)];
        let mut found = extremes.clone();
        for _ in 0..400 {
            let n = f64::from(calls.random.integer(least as i32, most as i32 - 1));
            let n = n + calls.random.choose(&[0.0, 0.5]);
            let scale = calls.random.choose(&scales);
            let x = beside(&extremes, scale.at_steps(n), 3, &mut calls.random);
            if a.code(format, scales[0], x) != b.code(format, scales[1], x) {
                found.push(x);
            }
            if found.len() == format.elements() {
                break;
            }
        }
        if found.len() > extremes.len() {
            let block = filled(calls, found, |random| near_half(format, &extremes, random));
            one(calls, block);
        }
    }
}

pub(super) fn extremes(calls: &mut Made) {
    let format = calls.codes;
    for i in 0..count(format, 96) {
        let extremes = any_extremes(format, &mut calls.random);
        let len = format.elements();
        let mut block =
            filled(calls, extremes.clone(), |random| near_half(format, &extremes, random));
        let (first, second) = (i % len, (i * 7 + 3 + i / len) % len);
        let [a, b] = match extremes[..] {
            [least, greatest] => [least, greatest],
            _ => [extremes[0], -extremes[0]],
        };
        (block[first], block[second]) = (a, b);
        one(calls, block);
    }
}

/// Returns a float in the middle between two `f16`.
pub(super) fn between_halves(random: &mut Random, exponents: [i32; 2]) -> f32 {
    let half = f16::from_f32(random.float(exponents));
    let next = f16::from_bits(half.to_bits() + 1);
    f32::midpoint(half.to_f32(), next.to_f32())
}

pub(super) fn halves(calls: &mut Made) {
    let format = calls.codes;
    for i in 0..count(format, 120) {
        let exponents = if i % 3 == 0 { [-22, -16] } else { [-9, 1] };
        let mut d = between_halves(&mut calls.random, exponents);
        if i % 4 > 1 {
            // Next to a power of 2, where the extreme has as few digits as make quotient and product differ.
            let above = 2 * calls.random.integer(0, 7) + 1;
            d = 2_f32.powi(d.log2().floor() as i32) * (1.0 + above as f32 / 2048.0);
        }
        let least = -between_halves(&mut calls.random, exponents);
        let mut extremes = with_scale(format, d, least);
        // Often a number from which the two ways to d end on different sides of the middle.
        let differ = |x: &[f32]| R.field(format, x, 0) != STEPS.field(format, x, 0);
        for _ in 0..20 {
            let last = extremes.len() - 1;
            let mut moved = extremes.clone();
            moved[last] = beside(&[least, f32::MAX], moved[last], 3, &mut calls.random);
            if differ(&moved) {
                extremes = moved;
            }
        }
        if i % 2 == 1 && !format.has_least() {
            extremes[0] = -extremes[0];
        }
        let block = filled(calls, extremes.clone(), |random| near_half(format, &extremes, random));
        one(calls, block);
    }
}

pub(super) fn zeros(calls: &mut Made) {
    let len = calls.codes.elements();
    for i in 0..12 {
        let sign = |n: usize| if n.is_multiple_of(2) { 0.0 } else { -0.0 };
        one(calls, (0..len).map(|j| [sign(i), sign(j), sign(j / 3 + i)][i % 3]).collect());
        let mut block: Vec<f32> = (0..len).map(|j| sign(i + j / 5)).collect();
        block[(5 * i + 2) % len] = calls.random.float([-9, 9]);
        one(calls, block);
    }
}

pub(super) fn sums(calls: &mut Made) {
    let format = calls.codes;
    for i in 0..count(format, 60) {
        let extremes = any_extremes(format, &mut calls.random);
        let (_, most) = steps(format);
        let sign = if i % 2 == 0 || format.has_least() { 1.0 } else { -1.0 };
        let block = filled(calls, extremes.clone(), |random| {
            let n = sign * most * (0.8 + 0.2 * random.fraction());
            beside(&extremes, at_steps(format, &extremes, n), 0, random)
        });
        one(calls, block);
    }
}

pub(super) fn short(calls: &mut Made) {
    let format = calls.codes;
    for i in 0..count(format, 200) {
        let scale = 2_f32.powi(calls.random.integer(-2, 2));
        let mut block = match i % 2 {
            0 => any_extremes(format, &mut calls.random),
            _ => with_scale(format, scale, -scale),
        };
        if format.has_least() {
            block[0] = -block[0].abs();
            block[1] = block[1].abs().max(scale);
        }
        let extremes = block.clone();
        block.push(near_half(format, &extremes, &mut calls.random));
        block.resize(format.elements(), 0.0);
        one(calls, block);
    }
}
