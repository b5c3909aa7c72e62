//! Requantize: accumulators times a multiplier, rounded, plus Z, clamped to codes.
//!
//! # A float multiplier: `q = clamp(rint(f32(acc) ⊗ m) + Z, qmin, qmax)`
//!
//! The product is no NaN. It is clamped to 2²⁵, beyond every code whatever Z is; what is below −2²⁵ becomes
//! an integer that is too. Where m is below 1, the product is at most 2³¹·(1 − 2⁻²⁴) in magnitude, and every
//! converter has an integer for it: then nothing is clamped from above.
//!
//! # A fixed-point one: `q = clamp(rdbpot(srdhm(sat32(acc · 2^max(s, 0)), M), max(−s, 0)) + Z, qmin, qmax)`
//!
//! * Instead of saturating the shift to the left, acc is clamped to what it does not overflow for. Where
//!   that changes acc, the shifted number is at least 2³⁰ in magnitude, so times M, which is 2³⁰ at
//!   least, and without a shift to the right, 2²⁹ or more is left: beyond every code of at most 16
//!   bits, as what saturation makes is. (M = 0 gives 0 of either.)
//! * M is not negative. So `srdhm(a, M)`, which truncates `a·M` plus a nudge with the sign of the
//!   product, is `⌊(a·M + 2³⁰) / 2³¹⌋`, and a = b = −2³¹ does not occur. It is above −2³¹.
//! * `rdbpot(x, e)` rounds to the nearest, ties away from 0. For e > 0 and `y = x − [x < 0]`, which does
//!   not overflow, that is `⌊y / 2ᵉ⌋` plus bit e − 1 of y, the half: `⌊(⌊y / 2ᵉ⁻¹⌋ + 1) / 2⌋`. It does not
//!   overflow either: x, which is at most 2³¹ − 2, and so y leave room for the 1.
//! * For e > 0 both are one shift in 64 bits. `⌊(⌊P / m⌋ + k) / n⌋` is `⌊(P + k·m) / (m·n)⌋`, so with
//!   P = a·M + 2³⁰, m = 2³¹, n = 2ᵉ and k = 2ᵉ⁻¹ − \[x < 0\] the result is
//!   `⌊(a·M + 2³⁰ + 2³⁰⁺ᵉ − 2³¹·[a < 0]) / 2³¹⁺ᵉ⌋`. (Where a < 0, but x is 0, a·M + 2³⁰ is from 0 to 2³⁰: with the
//!   2³¹ and without, the sum is from 0 to below 2³¹⁺ᵉ.) Of the sum's upper 32 bits h it is `⌊h / 2ᵉ⁻¹⌋`.
//!
//! # To codes
//!
//! A Z within [`NARROW`] is added in 16 bits with saturation, as in `quantize.rs`. A larger one, which no
//! framework makes, is left to the reference.

use super::steps::{Step, for_each_step};
use crate::element::Code;
use crate::engine::Stores;
use crate::params::{are_within, is_within};
use crate::requantize::{Multiplier, Rescale};
use crate::simd::{Codes, Floats, Integers, Kernel};
use core::marker::PhantomData;

/// Within this, what saturates at 16 bits is beyond every code of 8 bits still, once Z is added.
const NARROW: i32 = 30_000;

/// Whether [`RequantizeTo`] takes these parameters.
#[inline(always)]
pub(crate) fn is_narrow(p: &Rescale) -> bool {
    is_within(p.zero_point, NARROW)
}

/// The same of all of these zero points.
#[inline(always)]
pub(super) fn are_narrow(zero_points: &[i32]) -> bool {
    are_within(zero_points, NARROW)
}

/// `dst[i] = requantize(src[i])`, to codes of 8 bits, with a Z within [`NARROW`]
pub(crate) struct RequantizeTo<'a, Q> {
    pub(crate) src: &'a [i32],
    pub(crate) p: &'a Rescale,
    pub(crate) dst: &'a mut [Q],
    pub(crate) stores: Stores,
}

impl<S: Codes<Q> + Integers + Floats<f32>, Q: Code> Kernel<S> for RequantizeTo<'_, Q> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        // Fewer codes than the type has cost instructions: hardly any beside a multiplier in fixed point,
        // and a float of 1 or more is rare. So only the common case has a loop without the clamp.
        let clamps = self.p.qmin != Q::MIN || self.p.qmax != Q::MAX;
        match self.p.multiplier {
            Multiplier::Float(m) if m < 1.0 && !clamps => {
                self.steps::<S, _, false>(s, ByFloat::<S, true>::by(s, s.splat(m)));
            }
            Multiplier::Float(m) if m < 1.0 => {
                self.steps::<S, _, true>(s, ByFloat::<S, true>::by(s, s.splat(m)));
            }
            Multiplier::Float(m) => {
                self.steps::<S, _, true>(s, ByFloat::<S, false>::by(s, s.splat(m)));
            }
            Multiplier::Fixed { multiplier, shift } if shift >= 0 => {
                self.steps::<S, _, true>(s, ByFixedLeft::by(s, multiplier, shift));
            }
            Multiplier::Fixed { multiplier, shift } => {
                let multiply = ByFixedRight::by(s.i32_splat(multiplier), s.i32_splat(-shift));
                self.steps::<S, _, true>(s, multiply);
            }
        }
    }
}

impl<Q: Code> RequantizeTo<'_, Q> {
    #[inline(always)]
    fn steps<S: Codes<Q> + Integers, M: Multiply<S>, const CLAMP: bool>(self, s: S, multiply: M) {
        let step = RequantizeStep::<S, Q, M, CLAMP>::new(s, multiply, self.p);
        for_each_step(s, &step, self.src, self.dst, self.stores);
    }
}

/// A way to compute the rounded product.
pub(crate) trait Multiply<S: Integers> {
    /// Exactly where Z brings it to a code; otherwise beyond the same end of the codes.
    fn product(&self, s: S, acc: S::I32) -> S::I32;
}

/// By a float, `BELOW_ONE` or any.
#[derive(Clone, Copy)]
pub(crate) struct ByFloat<S: Floats<f32>, const BELOW_ONE: bool> {
    multiplier: S::V,
    low: S::V,
    high: S::V,
}

impl<S: Floats<f32>, const BELOW_ONE: bool> ByFloat<S, BELOW_ONE> {
    #[inline(always)]
    pub(super) fn by(s: S, multiplier: S::V) -> Self {
        const BEYOND: f32 = (1 << 25) as f32;
        Self { multiplier, low: s.splat(-BEYOND), high: s.splat(BEYOND) }
    }
}

impl<S: Integers + Floats<f32>, const BELOW_ONE: bool> Multiply<S> for ByFloat<S, BELOW_ONE> {
    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        let mut x = s.mul(s.i32_to_real(acc), self.multiplier);
        if !BELOW_ONE {
            x = s.min(x, self.high);
        }
        s.round_above(x, self.low)
    }
}

struct ByFixedLeft<S: Integers> {
    low: S::I32,
    high: S::I32,
    shift: i32,
    multiplier: S::I32,
}

impl<S: Integers> ByFixedLeft<S> {
    #[inline(always)]
    fn by(s: S, multiplier: i32, shift: i32) -> Self {
        Self {
            low: s.i32_splat(i32::MIN >> shift),
            high: s.i32_splat(i32::MAX >> shift),
            shift,
            multiplier: s.i32_splat(multiplier),
        }
    }
}

impl<S: Integers> Multiply<S> for ByFixedLeft<S> {
    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        let acc = s.i32_max(s.i32_min(acc, self.high), self.low);
        s.i32_mul_high(s.i32_shift_left(acc, self.shift), self.multiplier)
    }
}

/// By multipliers in fixed point that are shifted to the right, by 1 at least.
#[derive(Clone, Copy)]
pub(crate) struct ByFixedRight<S: Integers> {
    multiplier: S::I32,
    shift: S::I32,
}

impl<S: Integers> ByFixedRight<S> {
    #[inline(always)]
    pub(super) fn by(multiplier: S::I32, shift: S::I32) -> Self {
        Self { multiplier, shift }
    }
}

impl<S: Integers> Multiply<S> for ByFixedRight<S> {
    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        s.i32_mul_shift(acc, self.multiplier, self.shift)
    }
}

struct RequantizeStep<S: Codes<Q>, Q: Code, M, const CLAMP: bool> {
    multiply: M,
    z: S::I16,
    least: S::Packed,
    most: S::Packed,
    code: PhantomData<Q>,
}

impl<S: Codes<Q>, Q: Code, M, const CLAMP: bool> RequantizeStep<S, Q, M, CLAMP> {
    #[inline(always)]
    fn new(s: S, multiply: M, p: &Rescale) -> Self {
        debug_assert!(is_narrow(p));
        Self {
            multiply,
            z: s.i16_splat(p.zero_point as i16),
            least: s.splat_code(p.qmin),
            most: s.splat_code(p.qmax),
            code: PhantomData,
        }
    }
}

impl<S, Q, M, const CLAMP: bool> Step<S> for RequantizeStep<S, Q, M, CLAMP>
where
    S: Codes<Q> + Integers,
    Q: Code,
    M: Multiply<S>,
{
    type Src = i32;
    type Dst = Q;
    type Loaded = [S::I32; 4];
    type Begun = [S::I32; 4];
    type Result = S::Packed;

    #[inline(always)]
    fn load(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_step(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[i32]) -> [S::I32; 4] {
        s.i32_load_part(src)
    }

    #[inline(always)]
    fn begin(&self, s: S, mut n: [S::I32; 4]) -> [S::I32; 4] {
        for group in 0..4 {
            n[group] = self.multiply.product(s, n[group]);
        }
        n
    }

    #[inline(always)]
    fn finish(&self, s: S, n: [S::I32; 4]) -> S::Packed {
        let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
        for half in 0..2 {
            words[half] = s.i16_add_saturating(words[half], self.z);
        }
        let q = s.pack(words);
        if CLAMP { s.min_code(s.max_code(q, self.least), self.most) } else { q }
    }

    #[inline(always)]
    fn store(s: S, q: S::Packed, dst: &mut [Q]) {
        s.store_codes(q, dst);
    }
    #[inline(always)]
    fn store_part(s: S, q: S::Packed, dst: &mut [Q]) {
        s.store_codes_part(q, dst);
    }
    #[inline(always)]
    fn stream(s: S, q: S::Packed, dst: &mut [Q]) {
        s.stream_codes(q, dst);
    }
}
