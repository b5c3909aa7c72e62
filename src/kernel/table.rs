//! The parameters of neighbouring slices, and the division by a scale for each.
//!
//! A [`Table`] has an array for each number that the kernels need. Scale, zero point and codes are filled
//! in; the reciprocals and what x is clamped to are made from them in lanes, as many at a time as a
//! register has, since a table often serves no more than some dozen elements of each slice.
//!
//! `h = 1 ⊘ S` and `l = fma(−S, h, 1) ⊘ S` are the numbers that `element.rs` finds for a scale alone.

use super::divide::{ByDivision, ByReciprocal, Divide};
use super::divide_far::ByMarkstein;
use crate::element::Compute;
use crate::params::{Affine, Proved, Reciprocal};
use crate::simd::{Floats, Fused, Kernel};

/// The parameters of at most N neighbouring slices. A register that is loaded from the place of a whole
/// number of registers crosses no cache line.
///
/// In this order, with the scales among the others, for the sake of `Blocks::of_none`.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Table<T, const N: usize> {
    pub(crate) zero_point: [i32; N],
    pub(crate) qmin: [i32; N],
    pub(crate) qmax: [i32; N],
    pub(super) high: [T; N],
    pub(crate) scale: [T; N],
    pub(super) low: [T; N],
    /// `(qmax − Z) ⊗ S`
    hi: [T; N],
    /// `qmin − Z − 1`
    below: [T; N],
    /// `below ⊗ S`
    lo: [T; N],
    /// How many there are.
    pub(crate) count: usize,
    /// Whether `high` and `low` are there, and all slices known to be [`Proved::Near`].
    pub(super) are_near: bool,
}

impl<T: Compute, const N: usize> Table<T, N> {
    /// Zeros: to clear is faster than to fill, and no place is used before its slice is there.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self::of_scales(T::ZERO)
    }

    /// The same, but for scales, which are `scale` where no slice has been.
    #[inline(always)]
    pub(super) fn of_scales(scale: T) -> Self {
        let (zeros, none) = ([T::ZERO; N], [0; N]);
        Self {
            zero_point: none,
            qmin: none,
            qmax: none,
            high: zeros,
            scale: [scale; N],
            low: zeros,
            hi: zeros,
            below: zeros,
            lo: zeros,
            count: 0,
            are_near: false,
        }
    }

    /// The parameters of slice `i`.
    #[inline]
    pub(crate) fn affine(&self, i: usize) -> Affine<T> {
        let (scale, zero_point) = (self.scale[i], self.zero_point[i]);
        let (qmin, qmax) = (self.qmin[i], self.qmax[i]);
        if !self.are_near {
            return Affine::new(scale, zero_point, qmin, qmax);
        }
        let reciprocal = Reciprocal { high: self.high[i], low: self.low[i], guarded: true };
        Affine { scale, zero_point, qmin, qmax, reciprocal, proved: Proved::Near }
    }
}

/// What is proved of the quotients of all slices of a table.
pub(crate) struct ProvedOf<'a, T, const N: usize>(pub(crate) &'a Table<T, N>);

impl<S, T: Compute, const N: usize> Kernel<S> for ProvedOf<'_, T, N> {
    type Output = Proved;

    /// Without a way out of the loop, so that the compiler compares as many as a register has lanes.
    #[inline(always)]
    fn run(self, _: S) -> Proved {
        let table = self.0;
        let (mut guarded, mut near, mut far) = (true, true, true);
        for i in 0..table.count.min(N) {
            let (scale, z, codes) =
                (table.scale[i], table.zero_point[i], (table.qmin[i], table.qmax[i]));
            guarded &= (*T::GUARDED.start() <= scale) & (scale <= *T::GUARDED.end());
            near &= Proved::is_near(z, codes);
            far &= Proved::is_far(z, codes);
        }
        match (guarded, near, far) {
            (true, true, _) => Proved::Near,
            (true, false, true) => Proved::Far,
            _ => Proved::None,
        }
    }
}

/// Whether any zero point of a table is not 0.
pub(crate) struct IsShifted<'a, T, const N: usize>(pub(crate) &'a Table<T, N>);

impl<S, T: Compute, const N: usize> Kernel<S> for IsShifted<'_, T, N> {
    type Output = bool;

    #[inline(always)]
    fn run(self, _: S) -> bool {
        let mut any = 0;
        for z in &self.0.zero_point[..self.0.count] {
            any |= z;
        }
        any != 0
    }
}

/// A [`Divide`] with numbers of its own for each slice of a table.
pub(crate) trait DivideEach<S: Floats<T>, T: Compute>: Divide<S, T> {
    /// Whether it makes `high` and `low` of the table.
    const INVERTS: bool;

    /// `width ⊘ n`, where n is 2ᵇ − 1, b from 1 to 8; if that is outside the guard, some number outside it, or
    /// NaN.
    #[inline(always)]
    fn scale(s: S, width: S::V, n: T) -> S::V {
        s.div(width, s.splat(n))
    }

    /// Makes what the others need, for the slices of a register from `at` on, whose parameters are there.
    fn prepare<const N: usize>(s: S, table: &mut Table<T, N>, at: usize);

    /// In each lane, for the slices from `at` on.
    fn of_lanes<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self;
}

/// The same where all lanes are of one slice.
pub(crate) trait DivideBlocks<S: Floats<T>, T: Compute>: DivideEach<S, T> {
    /// The same for numbers that are known to lie in the ranges that the parameters were made for.
    type WithinBlocks: DivideBlocks<S, T>;

    fn of_block<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self;
}

/// What x is clamped to from above, and the integer below which nothing matters.
#[inline(always)]
fn prepare_bounds<S: Floats<T>, T: Compute, const N: usize>(
    s: S,
    table: &mut Table<T, N>,
    at: usize,
) {
    let scale = Floats::<T>::load(s, &table.scale[at..]);
    let z = s.i32_load(&table.zero_point[at..]);
    let most = s.i32_sub(s.i32_load(&table.qmax[at..]), z);
    let below = s.i32_sub(s.i32_load(&table.qmin[at..]), z);
    let below = s.i32_to_real(s.i32_sub(below, s.i32_splat(1)));
    s.store(s.mul(s.i32_to_real(most), scale), &mut table.hi[at..]);
    s.store(below, &mut table.below[at..]);
}

impl<S: Fused<T>, T: Compute, const WITHIN: bool> DivideEach<S, T> for ByReciprocal<S, T, WITHIN> {
    const INVERTS: bool = true;

    #[inline(always)]
    fn scale(s: S, width: S::V, n: T) -> S::V {
        s.div_by(width, s.splat(n), s.splat(T::ONE / n))
    }

    #[inline(always)]
    fn prepare<const N: usize>(s: S, table: &mut Table<T, N>, at: usize) {
        let scale = Floats::<T>::load(s, &table.scale[at..]);
        let one = s.splat(T::ONE);
        let high = s.div(one, scale);
        let left = s.mul_add(s.sub(s.splat(T::ZERO), scale), high, one);
        s.store(high, &mut table.high[at..]);
        s.store(s.div_by(left, scale, high), &mut table.low[at..]);
        if !(WITHIN && S::OVERFLOW_IS_LOW) {
            prepare_bounds(s, table, at);
        }
        if !S::OVERFLOW_IS_LOW {
            let below = Floats::<T>::load(s, &table.below[at..]);
            s.store(s.mul(below, scale), &mut table.lo[at..]);
        }
    }

    #[inline(always)]
    fn of_lanes<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self {
        let below = Floats::<T>::load(s, &table.below[at..]);
        Self {
            high: Floats::<T>::load(s, &table.high[at..]),
            low: Floats::<T>::load(s, &table.low[at..]),
            hi: Floats::<T>::load(s, &table.hi[at..]),
            lo: if S::OVERFLOW_IS_LOW { below } else { Floats::<T>::load(s, &table.lo[at..]) },
            below,
        }
    }
}

impl<S: Fused<T>, T: Compute, const WITHIN: bool> DivideBlocks<S, T>
    for ByReciprocal<S, T, WITHIN>
{
    type WithinBlocks = ByReciprocal<S, T, true>;

    #[inline(always)]
    fn of_block<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self {
        let below = s.splat(table.below[at]);
        Self {
            high: s.splat(table.high[at]),
            low: s.splat(table.low[at]),
            hi: if WITHIN { below } else { s.splat(table.hi[at]) },
            lo: if WITHIN || S::OVERFLOW_IS_LOW { below } else { s.splat(table.lo[at]) },
            below,
        }
    }
}

impl<S: Fused<f32>> DivideEach<S, f32> for ByMarkstein<S> {
    const INVERTS: bool = false;

    #[inline(always)]
    fn prepare<const N: usize>(s: S, table: &mut Table<f32, N>, at: usize) {
        let scale = Floats::<f32>::load(s, &table.scale[at..]);
        s.store(s.div(s.splat(1.0), scale), &mut table.high[at..]);
        prepare_bounds(s, table, at);
    }

    #[inline(always)]
    fn of_lanes<const N: usize>(s: S, table: &Table<f32, N>, at: usize) -> Self {
        Self {
            reciprocal: Floats::<f32>::load(s, &table.high[at..]),
            minus_scale: s.sub(s.splat(0.0), Floats::<f32>::load(s, &table.scale[at..])),
            hi: Floats::<f32>::load(s, &table.hi[at..]),
            below: Floats::<f32>::load(s, &table.below[at..]),
        }
    }
}

impl<S: Floats<T>, T: Compute> DivideEach<S, T> for ByDivision<S, T> {
    const INVERTS: bool = false;

    #[inline(always)]
    fn prepare<const N: usize>(_: S, _: &mut Table<T, N>, _: usize) {}

    #[inline(always)]
    fn of_lanes<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self {
        Self::by(s, Floats::<T>::load(s, &table.scale[at..]))
    }
}

impl<S: Floats<T>, T: Compute> DivideBlocks<S, T> for ByDivision<S, T> {
    type WithinBlocks = Self;

    #[inline(always)]
    fn of_block<const N: usize>(s: S, table: &Table<T, N>, at: usize) -> Self {
        Self::by(s, s.splat(table.scale[at]))
    }
}

#[cfg(test)]
mod tests {
    use super::{ByReciprocal, DivideEach, Table};
    use crate::simd::{Floats, Fused, Kernel, MOST_LANES};

    /// Looks at all mantissas: at the reciprocals of such scales, and at the scales of such widths.
    struct EveryMantissa;

    impl<S: Fused<f32>> Kernel<S> for EveryMantissa {
        type Output = ();

        #[inline(always)]
        fn run(self, s: S) {
            let mut table = Table::<f32, MOST_LANES>::new();
            let ones = f32::to_bits(1.0)..f32::to_bits(2.0);
            for first in ones.step_by(MOST_LANES) {
                for at in (0..MOST_LANES).step_by(S::LANES) {
                    for i in at..at + S::LANES {
                        table.scale[i] = f32::from_bits(first + i as u32);
                    }
                    <ByReciprocal<S, f32> as DivideEach<S, f32>>::prepare(s, &mut table, at);
                }
                for i in 0..MOST_LANES {
                    let scale = table.scale[i];
                    let high = 1.0 / scale;
                    // Exact in f64, and it has fewer digits than an f32.
                    let left = (1.0 - f64::from(scale) * f64::from(high)) as f32;
                    assert_eq!((table.high[i], table.low[i]), (high, left / scale), "{scale:e}");
                }
                for bits in 1..=8 {
                    let n = ((1 << bits) - 1) as f32;
                    let mut scale = [0.0; MOST_LANES];
                    for at in (0..MOST_LANES).step_by(S::LANES) {
                        let width = Floats::<f32>::load(s, &table.scale[at..]);
                        let found =
                            <ByReciprocal<S, f32> as DivideEach<S, f32>>::scale(s, width, n);
                        Floats::<f32>::store(s, found, &mut scale[at..]);
                    }
                    for i in 0..MOST_LANES {
                        assert_eq!(scale[i], table.scale[i] / n, "{:e} / {n}", table.scale[i]);
                    }
                }
            }
        }
    }

    #[test]
    fn every_mantissa_is_divided_exactly() {
        #[cfg(target_arch = "x86_64")]
        {
            use crate::simd::Simd;
            if let Some(avx2) = crate::Avx2::detect() {
                avx2.vectorize(EveryMantissa);
            }
            if let Some(avx512) = crate::Avx512::detect() {
                avx512.vectorize(EveryMantissa);
            }
        }
        #[cfg(target_arch = "aarch64")]
        crate::simd::Simd::vectorize(crate::Neon::detect().unwrap(), EveryMantissa);
    }
}
