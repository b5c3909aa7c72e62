//! Sixteen-bit floats: loaded as `f32`, which holds each of them; stored rounded, ties to even.

use half::{bf16, f16};

use super::{Elements, Floats, LONGEST_STEP, MOST_LANES, Portable, Shorts, part};
use crate::kernel::{ByBits, ByShorts};

/// N numbers of a 16-bit type, as `f32`.
pub(crate) trait Halves: Floats<f32> + Shorts {
    /// Reads N numbers from the front of `src`.
    #[inline(always)]
    fn load_f16(self, src: &[f16]) -> Self::V {
        let mut lanes = [0.0; MOST_LANES];
        for i in 0..Self::LANES {
            lanes[i] = src[i].to_f32_const();
        }
        self.load(&lanes)
    }
    /// Writes N numbers, none of them NaN, to the front of `dst`.
    #[inline(always)]
    fn store_f16(self, v: Self::V, dst: &mut [f16]) {
        let mut lanes = [0.0; MOST_LANES];
        self.store(v, &mut lanes);
        for i in 0..Self::LANES {
            dst[i] = f16::from_f32_const(lanes[i]);
        }
    }
    /// Reads N numbers from the front of `src`.
    #[inline(always)]
    fn load_bf16(self, src: &[bf16]) -> Self::V {
        let mut lanes = [0.0; MOST_LANES];
        for i in 0..Self::LANES {
            lanes[i] = f32::from_bits(u32::from(src[i].to_bits()) << 16);
        }
        self.load(&lanes)
    }
    /// Writes N numbers, none of them NaN, to the front of `dst`.
    #[inline(always)]
    fn store_bf16(self, v: Self::V, dst: &mut [bf16]) {
        let mut lanes = [0.0; MOST_LANES];
        self.store(v, &mut lanes);
        for i in 0..Self::LANES {
            // Half of the last place, less one where that leaves a tie's even neighbour.
            let bits = lanes[i].to_bits();
            let rounded = bits + 0x7fff + (bits >> 16 & 1);
            dst[i] = bf16::from_bits((rounded >> 16) as u16);
        }
    }

    /// Writes a step of numbers, none of them NaN, to the front of `dst`.
    #[inline(always)]
    fn store_f16_step(self, v: [Self::V; 4], dst: &mut [f16]) {
        let dst = &mut dst[..Self::STEP];
        for group in 0..4 {
            self.store_f16(v[group], &mut dst[group * Self::LANES..]);
        }
    }
    /// The same past the caches, as [`Floats::stream_step`].
    #[inline(always)]
    fn stream_f16_step(self, v: [Self::V; 4], dst: &mut [f16]) {
        self.store_f16_step(v, dst);
    }
    /// Writes a step of numbers, none of them NaN, to the front of `dst`.
    #[inline(always)]
    fn store_bf16_step(self, v: [Self::V; 4], dst: &mut [bf16]) {
        let dst = &mut dst[..Self::STEP];
        for group in 0..4 {
            self.store_bf16(v[group], &mut dst[group * Self::LANES..]);
        }
    }
    /// The same past the caches, as [`Floats::stream_step`].
    #[inline(always)]
    fn stream_bf16_step(self, v: [Self::V; 4], dst: &mut [bf16]) {
        self.store_bf16_step(v, dst);
    }
}

impl Halves for Portable {}

macro_rules! elements {
    ($T:ident, $load:ident, $store:ident, $store_step:ident, $stream_step:ident) => {
        impl<S: Halves> Elements<$T> for S {
            type Extremes = ByBits<S, $T>;
            type Magnitudes = ByShorts<S>;

            #[inline(always)]
            fn load(self, src: &[$T]) -> S::V {
                self.$load(src)
            }
            #[inline(always)]
            fn load_step(self, src: &[$T]) -> [S::V; 4] {
                let n = S::LANES;
                let src = &src[..S::STEP];
                [
                    self.$load(src),
                    self.$load(&src[n..]),
                    self.$load(&src[2 * n..]),
                    self.$load(&src[3 * n..]),
                ]
            }
            #[inline(always)]
            fn load_part(self, src: &[$T], fill: $T) -> [S::V; 4] {
                let mut step = [fill; LONGEST_STEP];
                if S::MASKS || src.len() < S::LANES {
                    step[..src.len()].copy_from_slice(src);
                    return Elements::<$T>::load_step(self, &step);
                }
                let mut v = [self.splat(0.0); 4];
                for group in 0..4 {
                    v[group] = self.$load(&src[part(src.len(), group, S::LANES)..]);
                }
                v
            }
            #[inline(always)]
            fn store_step(self, v: [S::V; 4], dst: &mut [$T]) {
                self.$store_step(v, dst);
            }
            #[inline(always)]
            fn store_part(self, v: [S::V; 4], dst: &mut [$T]) {
                if S::MASKS || dst.len() < S::LANES {
                    let mut step = [$T::ZERO; LONGEST_STEP];
                    Elements::<$T>::store_step(self, v, &mut step);
                    dst.copy_from_slice(&step[..dst.len()]);
                } else {
                    for group in 0..4 {
                        let at = part(dst.len(), group, S::LANES);
                        self.$store(v[group], &mut dst[at..]);
                    }
                }
            }
            #[inline(always)]
            fn stream_step(self, v: [S::V; 4], dst: &mut [$T]) {
                self.$stream_step(v, dst);
            }
        }
    };
}

elements!(f16, load_f16, store_f16, store_f16_step, stream_f16_step);
elements!(bf16, load_bf16, store_bf16, store_bf16_step, stream_bf16_step);
