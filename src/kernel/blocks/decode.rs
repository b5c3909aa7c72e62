//! Decodes blocks, some at a time, so that their scales are widened together.
//!
//! Products and sums of finite numbers of 16 bits are no NaN. Blocks with other numbers are left to the reference.

use half::f16;

use super::{Extremes, Format};
use crate::reference::blocks::{self, LONGEST};
use crate::simd::{BlockOps, Kernel, Load, MOST_LANES, Store};

/// Decodes `src` to `dst`.
pub(crate) struct Decode<'a, B> {
    pub(crate) src: &'a [B],
    pub(crate) dst: &'a mut [f32],
}

impl<S: BlockOps, B: Format> Kernel<S> for Decode<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        for (i, src) in self.src.chunks(MOST_LANES).enumerate() {
            let dst = &mut self.dst[i * MOST_LANES * B::ELEMENTS..][..src.len() * B::ELEMENTS];
            if !decode_group(s, src, dst) {
                decode_as_reference(src, dst);
            }
        }
    }
}

#[cold]
#[inline(never)]
fn decode_as_reference<B: Format>(src: &[B], dst: &mut [f32]) {
    blocks::decode(src, dst);
}

/// Decodes at most `MOST_LANES` blocks. Returns `false` if there is a block that the reference must decode.
#[inline(always)]
fn decode_group<S: BlockOps, B: Format>(s: S, src: &[B], dst: &mut [f32]) -> bool {
    let (mut d, mut m) = ([f16::ZERO; MOST_LANES], [f16::ZERO; MOST_LANES]);
    for (block, src) in src.iter().enumerate() {
        [d[block % MOST_LANES], m[block % MOST_LANES]] = src.halves();
    }
    let (mut d, m) = (widened(s, &d), widened(s, &m));
    for (block, src) in src.iter().enumerate() {
        if let Some(long) = src.long_scale() {
            d[block % MOST_LANES] = long;
        }
    }
    let mut is_finite = true;
    for block in 0..MOST_LANES {
        is_finite &= d[block].is_finite() & m[block].is_finite();
    }
    if !is_finite {
        return false;
    }
    for (block, src) in src.iter().enumerate() {
        let (d, m) = (s.splat(d[block % MOST_LANES]), s.splat(m[block % MOST_LANES]));
        let mut room = [0; LONGEST];
        let q = src.multiples(&mut room);
        let dst = &mut dst[block * B::ELEMENTS..][..B::ELEMENTS];
        if S::STEP <= B::ELEMENTS {
            for at in (0..B::ELEMENTS).step_by(S::STEP) {
                let n: [S::I32; 4] = Load::<S, i8>::load_step(s, &q[at..]);
                for group in 0..4 {
                    let x = number::<S, B>(s, n[group], d, m);
                    Store::<S, f32>::store(x, s, &mut dst[at + group * S::LANES..]);
                }
            }
        } else {
            for at in (0..B::ELEMENTS).step_by(S::LANES) {
                let n: S::I32 = Load::<S, i8>::load(s, &q[at..]);
                Store::<S, f32>::store(number::<S, B>(s, n, d, m), s, &mut dst[at..]);
            }
        }
    }
    true
}

/// Widens 16 numbers.
#[inline(always)]
fn widened<S: BlockOps>(s: S, halves: &[f16; MOST_LANES]) -> [f32; MOST_LANES] {
    let mut numbers = [0.0; MOST_LANES];
    for at in (0..MOST_LANES).step_by(S::LANES) {
        let v: S::V = Load::load(s, &halves[at..]);
        Store::<S, f32>::store(v, s, &mut numbers[at..]);
    }
    numbers
}

#[inline(always)]
fn number<S: BlockOps, B: Format>(s: S, n: S::I32, d: S::V, m: S::V) -> S::V {
    let x = s.mul(s.i32_to_real(n), d);
    if B::EXTREMES == Extremes::Range { s.add(x, m) } else { x }
}
