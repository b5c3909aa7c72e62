//! Requantize, each column with a multiplier and a zero point of its own.
//!
//! The products are those of `../requantize.rs`. A fixed-point multiplier has a shift to the left or one
//! to the right, so each lane makes both, one of them by 0; where the right one is, nothing is rounded.
//! Z is added in 32 bits, once the integer is clamped to [qmin − Z, qmax − Z].

use core::marker::PhantomData;

use super::super::requantize::{ByFloat, Multiply};
use super::{Columns, LEN, RowOperation, RowStep, repeat};
use crate::element::Code;
use crate::requantize::{Requantize, Rescale};
use crate::simd::{Codes, Floats, Integers};

/// The parameters of neighbouring columns, whose multipliers are all floats or all in fixed point.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Rescales {
    float: [f32; LEN],
    fixed: [i32; LEN],
    left: [i32; LEN],
    right: [i32; LEN],
    /// `qmin − Z`
    least: [i32; LEN],
    /// `qmax − Z`
    most: [i32; LEN],
    zero_point: [i32; LEN],
}

impl Columns for Rescales {
    fn new() -> Self {
        Self {
            float: [0.0; LEN],
            fixed: [0; LEN],
            left: [0; LEN],
            right: [0; LEN],
            least: [0; LEN],
            most: [0; LEN],
            zero_point: [0; LEN],
        }
    }

    fn repeat(&mut self, from: usize, period: usize, to: usize) {
        repeat(&mut self.float, from, period, to);
        for array in [
            &mut self.fixed,
            &mut self.left,
            &mut self.right,
            &mut self.least,
            &mut self.most,
            &mut self.zero_point,
        ] {
            repeat(array, from, period, to);
        }
    }

    fn finish(&mut self, _: usize) {}
}

impl Rescales {
    /// Those of the columns from `first` on, all floats or all in fixed point.
    pub(crate) fn set<Q: Code>(&mut self, first: usize, params: &[Requantize<Q>], floats: bool) {
        // Array by array, each a slice of the same length: nothing is looked for behind an end.
        let places = first..first + params.len();
        let (least, most) = (&mut self.least[places.clone()], &mut self.most[places.clone()]);
        let zero_point = &mut self.zero_point[places.clone()];
        for (i, p) in params.iter().enumerate() {
            let Rescale { zero_point: z, qmin, qmax, .. } = *p.rescale();
            (least[i], most[i], zero_point[i]) = (qmin - z, qmax - z, z);
        }
        if floats {
            for (float, p) in self.float[places].iter_mut().zip(params) {
                *float = p.rescale().multiplier.float();
            }
            return;
        }
        let fixed = &mut self.fixed[places.clone()];
        let (left, right) = (&mut self.left[places.clone()], &mut self.right[places]);
        for (i, p) in params.iter().enumerate() {
            let (multiplier, shift) = p.multiplier_and_shift().unwrap_or_default();
            (fixed[i], left[i], right[i]) = (multiplier, shift.max(0), (-shift).max(0));
        }
    }
}

/// `dst[i] = requantize(src[i])`, by floats
pub(crate) struct RequantizeRowsByFloat<Q>(PhantomData<Q>);

/// The same by multipliers in fixed point.
pub(crate) struct RequantizeRowsByFixed<Q>(PhantomData<Q>);

/// A multiplier in fixed point for each lane.
#[derive(Clone, Copy)]
pub(crate) struct ByFixed<S: Integers> {
    multiplier: S::I32,
    left: S::I32,
    right: S::I32,
}

impl<S: Integers> Multiply<S> for ByFixed<S> {
    #[inline(always)]
    fn product(&self, s: S, acc: S::I32) -> S::I32 {
        let low = s.i32_shift_right_by(s.i32_splat(i32::MIN), self.left);
        let high = s.i32_shift_right_by(s.i32_splat(i32::MAX), self.left);
        let acc = s.i32_max(s.i32_min(acc, high), low);
        let x = s.i32_mul_high(s.i32_shift_left_by(acc, self.left), self.multiplier);
        // −1 where there is a shift to the right, otherwise 0.
        let rounds = s.i32_shift_right(s.i32_sub(s.i32_splat(0), self.right), 31);
        let y = s.i32_add(x, s.i32_and(s.i32_shift_right(x, 31), rounds));
        let one_less = s.i32_add(self.right, rounds);
        let half = s.i32_and(s.i32_shift_right_by(y, one_less), s.i32_sub(s.i32_splat(0), rounds));
        s.i32_add(s.i32_shift_right_by(y, self.right), half)
    }
}

impl<S: Integers> ByFixed<S> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self {
        Self {
            multiplier: s.i32_load(&table.fixed[at..]),
            left: s.i32_load(&table.left[at..]),
            right: s.i32_load(&table.right[at..]),
        }
    }
}

impl<S: Floats<f32>> ByFloat<S, false> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self {
        Self::by(s, Floats::<f32>::load(s, &table.float[at..]))
    }
}

macro_rules! requantize_rows {
    ($Operation:ident, $Multiply:ty, $Simd:path) => {
        impl<Q: Code> RowOperation for $Operation<Q> {
            type Columns = Rescales;
            type Src = i32;
            type Dst = Q;
        }

        impl<S: Codes<Q> + Integers + $Simd, Q: Code> RowStep<S> for $Operation<Q> {
            type Loaded = [S::I32; 4];
            type Params = ([$Multiply; 4], [[S::I32; 4]; 3]);
            type Result = S::Packed;

            #[inline(always)]
            fn prepare(_: S, _: &mut Rescales) {}
            #[inline(always)]
            fn load(s: S, src: &[i32]) -> [S::I32; 4] {
                s.i32_load_step(src)
            }
            #[inline(always)]
            fn load_part(s: S, src: &[i32]) -> [S::I32; 4] {
                s.i32_load_part(src)
            }
            #[inline(always)]
            fn params(s: S, table: &Rescales, at: [usize; 4]) -> Self::Params {
                let mut multiply = [<$Multiply>::of_lanes(s, table, at[0]); 4];
                let mut bounds = [[s.i32_splat(0); 4]; 3];
                for group in 0..4 {
                    let at = at[group];
                    multiply[group] = <$Multiply>::of_lanes(s, table, at);
                    bounds[0][group] = s.i32_load(&table.least[at..]);
                    bounds[1][group] = s.i32_load(&table.most[at..]);
                    bounds[2][group] = s.i32_load(&table.zero_point[at..]);
                }
                (multiply, bounds)
            }
            #[inline(always)]
            fn apply(
                s: S,
                mut n: [S::I32; 4],
                (multiply, [least, most, zero_point]): &Self::Params,
            ) -> S::Packed {
                for group in 0..4 {
                    let product = multiply[group].product(s, n[group]);
                    let within = s.i32_min(s.i32_max(product, least[group]), most[group]);
                    n[group] = s.i32_add(within, zero_point[group]);
                }
                s.pack([s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])])
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
    };
}

requantize_rows!(RequantizeRowsByFloat, ByFloat<S, false>, Floats<f32>);
requantize_rows!(RequantizeRowsByFixed, ByFixed<S>, Integers);
