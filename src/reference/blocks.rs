//! The formulas of stored blocks: what the reference quantizers of ggml compute, in the order in which they compute it.
//! The constants, such as `STEPS`, are those of the format, in `blocks/formats.rs`.
//!
//! ```text
//! Magnitude  d = amax / STEPS             v = x · id
//! Signed     d = vmax / STEPS             v = x · id
//! Range      d = (max − min) / STEPS      v = (x − min) · id      m = min
//!
//! id = 1 / d, or 0 where d = 0            the scale d is not rounded until it is stored
//!
//! Away       q = away(v)
//! Even       q = rint(v)
//! Truncate   q = trunc(v + more)
//!
//! x = (q − ZERO) · d, for a range q · d + m
//! ```
//!
//! Every operation is rounded to `f32` once: a product is never fused with a sum. `amax` is the greatest magnitude of
//! the block, and `vmax` is the first element of this magnitude, with its sign. `away` rounds ties away from 0, `rint`
//! to even, and `trunc` rounds toward 0. Numbers beyond the codes become the nearest code, and NaN, which is 0 · ∞ in
//! blocks whose scale is too small to have an inverse, becomes 0. Q8_K computes `id` first, and d from it.

use half::f16;

use crate::blocks::{Extremes, Format, Numbers, Rounding};
use crate::element::{Number, Real};
use crate::error::Error;

/// The most elements that a block has.
pub(crate) const LONGEST: usize = 256;

/// The numbers of a block from which codes are computed.
struct Scale {
    d: f32,
    /// The number by which elements are multiplied.
    id: f32,
    least: f32,
}

/// Returns the scale of the elements of a block.
fn scale<B: Format>(x: &[f32]) -> Scale {
    let (extreme, least) = match B::EXTREMES {
        Extremes::Magnitude => (greatest(x).abs(), 0.0),
        Extremes::Signed => (greatest(x), 0.0),
        Extremes::Range => {
            let (min, max) = range(x);
            (max - min, min)
        }
    };
    let (d, id) = B::scale(extreme);
    Scale { d, id, least }
}

/// Returns the code of an element.
fn code<B: Format>(x: f32, s: &Scale) -> i8 {
    let v = (x - s.least) * s.id;
    match B::ROUNDING {
        Rounding::Away => libm::roundf(v) as i8,
        Rounding::Even => v.rint() as i8,
        Rounding::Truncate(more) => ((v + more) as i8).clamp(0, B::MOST),
    }
}

/// Returns the number that is stored beside the scale, given the sum of the codes; or 0, if there is none.
fn second<B: Format>(sum: i32, s: &Scale) -> f32 {
    match B::NUMBERS {
        Numbers::ScaleAndLeast => s.least,
        Numbers::ScaleAndSum => sum as f32 * s.d,
        Numbers::Scale | Numbers::LongScale => 0.0,
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

/// Encodes blocks. An error names the first element that is not finite, or the first block whose numbers cannot be
/// stored; the blocks before it are then written.
pub(crate) fn encode<B: Format>(src: &[f32], dst: &mut [B]) -> Result<(), Error> {
    for (block, (x, dst)) in src.chunks(B::ELEMENTS).zip(dst).enumerate() {
        if let Some(i) = x.iter().position(|x| !x.is_finite()) {
            return Err(Error::NotFinite { index: Some(block * B::ELEMENTS + i) });
        }
        let scale = scale::<B>(x);
        let mut codes = [0; LONGEST];
        let codes = &mut codes[..B::ELEMENTS];
        for (q, x) in codes.iter_mut().zip(x) {
            *q = code::<B>(*x, &scale);
        }
        let numbers = [scale.d, second::<B>(codes.iter().map(|q| i32::from(*q)).sum(), &scale)];
        for value in numbers {
            if value.abs() >= B::TOO_GREAT {
                return Err(Error::BlockRange { block, value: value.into() });
            }
        }
        dst.put_codes(codes, fifth_bits(codes));
        dst.put_numbers(scale.d, numbers.map(f16::from_f32));
    }
    Ok(())
}

/// Returns the fifth bits of the first 32 codes.
pub(crate) fn fifth_bits(codes: &[i8]) -> u32 {
    codes.iter().take(32).rev().fold(0, |bits, q| bits << 1 | u32::from(*q as u8 >> 4 & 1))
}

/// Decodes blocks. CPUs differ in the bits of a NaN that they compute, so a NaN becomes `f32::NAN`.
pub(crate) fn decode<B: Format>(src: &[B], dst: &mut [f32]) {
    for (block, dst) in src.iter().zip(dst.chunks_mut(B::ELEMENTS)) {
        let [d, m] = block.halves().map(f16::to_f32);
        let d = block.long_scale().unwrap_or(d);
        let fifths = block.fifths().unwrap_or_default();
        let mut room = [0; LONGEST];
        let multiples = block.multiples(&mut room);
        for (i, (x, q)) in dst.iter_mut().zip(multiples).enumerate() {
            let fifth = 16 * (fifths.unbounded_shr(i as u32) & 1) as i8;
            let product = f32::from(q + fifth) * d;
            let number = if B::EXTREMES == Extremes::Range { product + m } else { product };
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
