//! Decodes blocks. Products and sums of finite numbers are no NaN. Blocks with other numbers are decoded, too, and then a
//! second time by the reference.
//!
//! If the result exceeds the caches, [`GROUP`] elements at a time are decoded to a buffer and streamed from there in whole
//! lines (`engine/blocks.rs`): blocks begin anywhere in a line.

use super::super::loops::slice::elements_to_line;
use crate::blocks::{Extremes, Format};
use crate::reference::blocks::{self, LONGEST};
use crate::simd::{BlockOps, Kernel, Load, Store};

/// Decodes `src` to `dst`.
pub(crate) struct Decode<'a, B> {
    pub(crate) src: &'a [B],
    pub(crate) dst: &'a mut [f32],
}

impl<S: BlockOps, B: Format> Kernel<S> for Decode<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        for (i, src) in self.src.chunks(GROUP / B::ELEMENTS).enumerate() {
            let dst = &mut self.dst[i * GROUP..][..src.len() * B::ELEMENTS];
            if !decode_group(s, src, dst) {
                decode_as_reference(src, dst);
            }
        }
    }
}

/// The number of elements that are streamed together, and after which a number that is not finite is looked for.
pub(crate) const GROUP: usize = 512;

/// Copies `src` to `dst`, whole lines past the caches.
pub(crate) struct Stream<'a> {
    pub(crate) src: &'a [f32],
    pub(crate) dst: &'a mut [f32],
}

impl<S: BlockOps> Kernel<S> for Stream<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, dst } = self;
        let before = elements_to_line(dst).min(dst.len());
        let lines = (dst.len() - before) / S::STEP * S::STEP;
        dst[..before].copy_from_slice(&src[..before]);
        dst[before + lines..].copy_from_slice(&src[before + lines..]);
        for at in (before..before + lines).step_by(S::STEP) {
            let x: [S::V; 4] = Load::load_step(s, &src[at..]);
            Store::<S, f32>::stream(x, s, &mut dst[at..at + S::STEP]);
        }
    }
}

#[cold]
#[inline(never)]
fn decode_as_reference<B: Format>(src: &[B], dst: &mut [f32]) {
    blocks::decode(src, dst);
}

/// Decodes blocks. Returns `false` if a scale or a second number is not finite.
#[inline(always)]
fn decode_group<S: BlockOps, B: Format>(s: S, src: &[B], dst: &mut [f32]) -> bool {
    let mut is_finite = true;
    let mut room = [0; LONGEST];
    for (src, dst) in src.iter().zip(dst.chunks_exact_mut(B::ELEMENTS)) {
        let [d, m] = src.halves();
        is_finite &= d.is_finite() & m.is_finite();
        let (mut d, m) = (s.splat_half(d), s.splat_half(m));
        if let Some(long) = src.long_scale() {
            is_finite &= long.is_finite();
            d = s.splat(long);
        }
        let q = match src.fifths() {
            None => src.multiples(&mut room),
            Some(bits) => {
                src.multiples(&mut room);
                s.add_fifths(bits, &mut room);
                &room
            }
        };
        // The step of AVX-512 is longer than a short block.
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
    is_finite
}

#[inline(always)]
fn number<S: BlockOps, B: Format>(s: S, n: S::I32, d: S::V, m: S::V) -> S::V {
    let x = s.mul(s.i32_to_real(n), d);
    if B::EXTREMES == Extremes::Range { s.add(x, m) } else { x }
}
