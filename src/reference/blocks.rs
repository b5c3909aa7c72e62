//! The formulas of stored blocks: what the reference quantizers of ggml compute, in the order in which they compute it.
//!
//! ```text
//! id = 1 / d, or 0 where d = 0            the scale d is not rounded until it is stored
//! Q8_0, Q8_1   d = amax / 127             q = away(x · id)
//! Q4_0         d = vmax / −8              q = min(15, trunc(x · id + 8.5))
//! Q5_0         d = vmax / −16             q = min(31, trunc(x · id + 16.5))
//! Q4_1         d = (max − min) / 15       q = min(15, trunc((x − min) · id + 0.5))
//! Q5_1         d = (max − min) / 31       q = min(31, trunc((x − min) · id + 0.5))
//! Q8_K         d = 1 / (−127 / vmax)      q = min(127, rint(x · (−127 / vmax)))
//!
//! Q8_0, Q8_1, Q8_K   x = q · d            Q4_1, Q5_1   x = q · d + m, where m = min
//! Q4_0               x = (q − 8) · d      Q5_0         x = (q − 16) · d
//! ```
//!
//! Every operation is rounded to `f32` once: a product is never fused with a sum. `amax` is the greatest magnitude of
//! the block, and `vmax` is the first element of this magnitude, with its sign. `away` rounds ties away from 0, `rint`
//! to even, and `trunc` rounds toward 0. Numbers beyond the codes become the nearest code, and NaN, which is 0 · ∞ in
//! blocks whose scale is too small to have an inverse, becomes 0.

use half::f16;

use crate::blocks::{
    BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K, Layout,
};
use crate::element::{Number, Real};
use crate::error::Error;

/// The most elements that a block has.
pub(crate) const LONGEST: usize = 256;

/// The numbers of a block from which codes are computed.
pub(crate) struct Scale {
    d: f32,
    /// The number by which elements are multiplied.
    id: f32,
    least: f32,
}

/// The formulas of a format.
pub(crate) trait Formula: Layout {
    /// The magnitude from which on a scale, or a second number, cannot be stored.
    const TOO_GREAT: f32 = 65520.0;

    /// Returns the scale of the elements of a block.
    fn scale(x: &[f32]) -> Scale;
    /// Returns the code of an element.
    fn code(x: f32, scale: &Scale) -> i8;
    /// Returns the number that a code stands for, given [`Layout::multiples`] of it.
    fn number(q: f32, d: f32, _m: f32) -> f32 {
        q * d
    }
}

impl Formula for BlockQ8_0 {
    fn scale(x: &[f32]) -> Scale {
        Scale::of(greatest(x).abs() / 127.0, 0.0)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        away(x * s.id)
    }
}

impl Formula for BlockQ8_1 {
    fn scale(x: &[f32]) -> Scale {
        BlockQ8_0::scale(x)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        BlockQ8_0::code(x, s)
    }
}

impl Formula for BlockQ4_0 {
    fn scale(x: &[f32]) -> Scale {
        Scale::of(greatest(x) / -8.0, 0.0)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        trunc(x * s.id + 8.5, 15)
    }
}

impl Formula for BlockQ5_0 {
    fn scale(x: &[f32]) -> Scale {
        Scale::of(greatest(x) / -16.0, 0.0)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        trunc(x * s.id + 16.5, 31)
    }
}

impl Formula for BlockQ4_1 {
    fn scale(x: &[f32]) -> Scale {
        let (min, max) = range(x);
        Scale::of((max - min) / 15.0, min)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        trunc((x - s.least) * s.id + 0.5, 15)
    }
    fn number(q: f32, d: f32, m: f32) -> f32 {
        q * d + m
    }
}

impl Formula for BlockQ5_1 {
    fn scale(x: &[f32]) -> Scale {
        let (min, max) = range(x);
        Scale::of((max - min) / 31.0, min)
    }
    fn code(x: f32, s: &Scale) -> i8 {
        trunc((x - s.least) * s.id + 0.5, 31)
    }
    fn number(q: f32, d: f32, m: f32) -> f32 {
        q * d + m
    }
}

impl Formula for BlockQ8_K {
    const TOO_GREAT: f32 = f32::INFINITY;

    fn scale(x: &[f32]) -> Scale {
        let vmax = greatest(x);
        if vmax == 0.0 {
            return Scale::of(0.0, 0.0);
        }
        let id = -127.0 / vmax;
        Scale { d: 1.0 / id, id, least: 0.0 }
    }
    fn code(x: f32, s: &Scale) -> i8 {
        (x * s.id).rint() as i8
    }
}

impl Scale {
    fn of(d: f32, least: f32) -> Self {
        Self { d, id: if d == 0.0 { 0.0 } else { 1.0 / d }, least }
    }
}

/// Returns the first element of the greatest magnitude, with its sign: `vmax`. If all elements are zeros, it is +0.
fn greatest(x: &[f32]) -> f32 {
    let mut greatest = 0.0_f32;
    for &x in x {
        if x.abs() > greatest.abs() {
            greatest = x;
        }
    }
    greatest
}

/// Returns the first of the least elements and the first of the greatest elements.
fn range(x: &[f32]) -> (f32, f32) {
    let (mut min, mut max) = (x[0], x[0]);
    for &x in x {
        if x < min {
            min = x;
        }
        if x > max {
            max = x;
        }
    }
    (min, max)
}

fn away(v: f32) -> i8 {
    libm::roundf(v) as i8
}

fn trunc(v: f32, most: u8) -> i8 {
    (v as u8).min(most) as i8
}

/// Encodes blocks. An error names the first element that is not finite, or the first block whose numbers cannot be
/// stored; the blocks before it are then written.
pub(crate) fn encode<B: Formula>(src: &[f32], dst: &mut [B]) -> Result<(), Error> {
    for (block, (x, dst)) in src.chunks(B::ELEMENTS).zip(dst).enumerate() {
        if let Some(i) = x.iter().position(|x| !x.is_finite()) {
            return Err(Error::NotFinite { index: Some(block * B::ELEMENTS + i) });
        }
        let scale = B::scale(x);
        let mut codes = [0; LONGEST];
        let codes = &mut codes[..B::ELEMENTS];
        for (q, x) in codes.iter_mut().zip(x) {
            *q = B::code(*x, &scale);
        }
        let sum = codes.iter().map(|q| i32::from(*q)).sum();
        let second = B::second(sum, scale.d, scale.least);
        for value in [scale.d, second] {
            if value.abs() >= B::TOO_GREAT {
                return Err(Error::BlockRange { block, value: value.into() });
            }
        }
        dst.put(codes, scale.d, f16::from_f32(scale.d));
        dst.put_fifths(fifth_bits(codes));
        dst.put_second(f16::from_f32(second));
    }
    Ok(())
}

/// Returns the fifth bits of the first 32 codes.
pub(crate) fn fifth_bits(codes: &[i8]) -> u32 {
    codes.iter().take(32).rev().fold(0, |bits, q| bits << 1 | u32::from(*q as u8 >> 4 & 1))
}

/// Decodes blocks. CPUs differ in the bits of a NaN that they compute, so a NaN becomes `f32::NAN`.
pub(crate) fn decode<B: Formula>(src: &[B], dst: &mut [f32]) {
    for (block, dst) in src.iter().zip(dst.chunks_mut(B::ELEMENTS)) {
        let [d, m] = block.halves().map(f16::to_f32);
        let d = block.long_scale().unwrap_or(d);
        let fifths = block.fifths().unwrap_or_default();
        let mut room = [0; LONGEST];
        let multiples = block.multiples(&mut room);
        for (i, (x, q)) in dst.iter_mut().zip(multiples).enumerate() {
            let fifth = 16 * (fifths.unbounded_shr(i as u32) & 1) as i8;
            let number = B::number(f32::from(q + fifth), d, m);
            *x = if number.is_nan() { f32::NAN } else { number };
        }
    }
}

/// Converts floats to other floats, rounded to nearest, ties to even.
pub(crate) fn convert<T: Real<Compute = f32>, U: Real<Compute = f32>>(src: &[T], dst: &mut [U]) {
    for (x, y) in src.iter().zip(dst) {
        *y = U::narrow(x.widen());
    }
}
