//! All mantissas of the scale, by brute force.
//!
//! For S from 1 to 2 (all 2²³ of them), for each threshold (k + ½)·S, 0 ≤ k < 512: the nearest
//! number and two on either side. Two, since the step of the rounded division may be a number away
//! from the rounded threshold. Three zero points show all of it in codes of 8 bits:
//!
//! ```text
//! Z =  255     x from −255·S to 0          codes 0 to 255
//! Z =    0     x from 0 to 255·S
//! Z = −255     x from 255·S to 510·S
//! ```

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use zeropoint::{Auto, Backend, QParams};

use crate::{Count, by_division};

const MANTISSAS: u32 = 1 << 23;
const NEIGHBOURS: usize = 5;
/// Numbers around 256 thresholds.
const NUMBERS: usize = 256 * NEIGHBOURS;

pub(crate) fn run(backend: Auto, quick: bool) -> Count {
    // A prime, so that the sample is in no step with the bits.
    let stride = if quick { 1021 } else { 1 };
    let style = ProgressStyle::with_template("{msg:12} {bar:40} {percent:>3} % {eta:>5} left")
        .expect("a template of this program's own");
    let bar = ProgressBar::new(MANTISSAS.div_ceil(stride).into())
        .with_style(style)
        .with_message(backend.name());
    let scales: Vec<u32> = (0..MANTISSAS).step_by(stride as usize).collect();
    let count = scales
        .par_chunks(1 << 10)
        .map(|scales| {
            let mut numbers = Numbers::new();
            let count = scales
                .iter()
                .map(|mantissa| {
                    numbers.at_scale(backend, f32::from_bits(1.0_f32.to_bits() | mantissa))
                })
                .fold(Count::default(), Count::add);
            bar.inc(scales.len() as u64);
            count
        })
        .reduce(Count::default, Count::add);
    bar.finish_and_clear();
    count
}

/// Buffers for one scale.
struct Numbers {
    x: [f32; NUMBERS],
    expected: [u8; NUMBERS],
    codes: [u8; NUMBERS],
}

impl Numbers {
    fn new() -> Self {
        Self { x: [0.0; NUMBERS], expected: [0; NUMBERS], codes: [0; NUMBERS] }
    }

    fn at_scale(&mut self, backend: Auto, scale: f32) -> Count {
        let mut count = Count::default();
        for (zero_point, first, sign) in [(0, 0, 1.0), (255, 0, -1.0), (-255, 255, 1.0)] {
            self.around_thresholds(scale, first, sign);
            for (x, expected) in self.x.iter().zip(&mut self.expected) {
                *expected = by_division(*x, scale, zero_point);
            }
            let p = QParams::new(scale, zero_point).expect("a valid scale and zero point");
            count = count.add(Count::of(backend, &self.x, &p, &self.expected, &mut self.codes));
        }
        count
    }

    /// ±(k + ½)·S and its neighbours, for 256 k from `first` on.
    fn around_thresholds(&mut self, scale: f32, first: u32, sign: f32) {
        for (k, x) in (first..).zip(self.x.chunks_exact_mut(NEIGHBOURS)) {
            let nearest = ((k as f32 + 0.5) * scale).to_bits();
            for (i, x) in x.iter_mut().enumerate() {
                *x = sign * f32::from_bits(nearest + i as u32 - 2);
            }
        }
    }
}
