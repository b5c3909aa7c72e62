//! Requantize, each column with a multiplier and a zero point of its own.
//!
//! The products are those of `../requantize.rs`, and so are the codes that become of them. A fixed-point
//! multiplier has a shift to the left or one to the right. Where not all columns have one to the right, as
//! multipliers below ½ have, each lane makes both, one of them by 0; where the right one is, nothing is
//! rounded.

use core::marker::PhantomData;

use super::super::requantize::{ByFixedRight, ByFloat, Multiply, are_narrow};
use super::{Columns, LEN, RowOperation, RowStep, repeat};
use crate::element::Code;
use crate::requantize::{Multiplier, Requantize, Rescale};
use crate::simd::{Codes, Floats, Integers};

/// The parameters of neighbouring columns, whose multipliers are all floats or all in fixed point.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Rescales {
    /// The bits of floats, or integers.
    multiplier: [u32; LEN],
    /// Of those in fixed point: to the left; to the right, if it is negative.
    shift: [i32; LEN],
    /// `qmin − Z`. Z is added again later; it is subtracted only because the compiler then copies four
    /// columns at a time, and otherwise one.
    least: [i32; LEN],
    /// `qmax − Z`
    most: [i32; LEN],
    zero_point: [i32; LEN],
    /// Whether there is room for every Z, see [`is_narrow`](super::super::requantize::is_narrow).
    pub(crate) are_narrow: bool,
    /// Whether all numbers in fixed point are shifted to the right: below ½.
    pub(crate) all_shift_right: bool,
}

impl Columns for Rescales {
    fn new() -> Self {
        Self {
            multiplier: [0; LEN],
            shift: [0; LEN],
            least: [0; LEN],
            most: [0; LEN],
            zero_point: [0; LEN],
            are_narrow: false,
            all_shift_right: false,
        }
    }

    fn repeat(&mut self, from: usize, period: usize, to: usize) {
        repeat(&mut self.multiplier, from, period, to);
        for array in [&mut self.shift, &mut self.least, &mut self.most, &mut self.zero_point] {
            repeat(array, from, period, to);
        }
    }

    /// Without a way out of the loop: the compiler compares as many as a register has lanes.
    fn finish(&mut self, once: usize, _count: usize) {
        let mut all = true;
        for shift in &self.shift[..once] {
            all &= *shift < 0;
        }
        self.all_shift_right = all;
        self.are_narrow = are_narrow(&self.zero_point[..once]);
    }
}

impl Rescales {
    /// The parameters of column `i`.
    #[inline(always)]
    pub(crate) fn rescale(&self, i: usize, floats: bool) -> Rescale {
        let (z, bits) = (self.zero_point[i], self.multiplier[i]);
        let multiplier = if floats {
            Multiplier::Float(f32::from_bits(bits))
        } else {
            Multiplier::Fixed { multiplier: bits as i32, shift: self.shift[i] }
        };
        Rescale { multiplier, zero_point: z, qmin: self.least[i] + z, qmax: self.most[i] + z }
    }

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
        for (multiplier, p) in self.multiplier[places.clone()].iter_mut().zip(params) {
            *multiplier = p.rescale().multiplier.bits();
        }
        if !floats {
            for (shift, p) in self.shift[places].iter_mut().zip(params) {
                *shift = p.rescale().multiplier.shift();
            }
        }
    }
}

/// `dst[i] = requantize(src[i])`, by the multipliers `M`
pub(crate) struct RequantizeRows<Q, M>(PhantomData<(Q, M)>);

/// A [`Multiply`] with a multiplier of its own in each lane.
pub(crate) trait MultiplyEach<S: Integers>: Multiply<S> + Copy {
    /// Those of the columns from `at` on.
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self;
}

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

impl<S: Integers> MultiplyEach<S> for ByFixed<S> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self {
        let (zero, shift) = (s.i32_splat(0), s.i32_load(&table.shift[at..]));
        Self {
            multiplier: s.i32_load(bytemuck::cast_slice(&table.multiplier[at..])),
            left: s.i32_max(shift, zero),
            right: s.i32_max(s.i32_sub(zero, shift), zero),
        }
    }
}

impl<S: Integers> MultiplyEach<S> for ByFixedRight<S> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self {
        let zero = s.i32_splat(0);
        // Behind the last column may stand whatever the table had there before.
        let right = s.i32_max(s.i32_sub(zero, s.i32_load(&table.shift[at..])), zero);
        Self::by(s.i32_load(bytemuck::cast_slice(&table.multiplier[at..])), right)
    }
}

impl<S: Integers + Floats<f32>> MultiplyEach<S> for ByFloat<S, false> {
    #[inline(always)]
    fn of_lanes(s: S, table: &Rescales, at: usize) -> Self {
        Self::by(s, Floats::<f32>::load(s, bytemuck::cast_slice(&table.multiplier[at..])))
    }
}

impl<Q: Code, M> RowOperation for RequantizeRows<Q, M> {
    type Columns = Rescales;
    type Src = i32;
    type Dst = Q;
}

/// The parameters of a step's columns.
#[derive(Clone, Copy)]
pub(crate) struct RescalesOfStep<S: Codes<Q>, Q: Code, M> {
    multiply: [M; 4],
    z: [S::I16; 2],
    least: S::Packed,
    most: S::Packed,
}

/// Numbers that the columns of a step have, which become integers of 16 bits once their Z is added.
#[inline(always)]
fn words<S: Integers>(s: S, array: &[i32; LEN], z: [S::I32; 4], at: [usize; 4]) -> [S::I16; 2] {
    let mut n = z;
    for group in 0..4 {
        n[group] = s.i32_add(s.i32_load(&array[at[group]..]), z[group]);
    }
    [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])]
}

impl<S, Q, M> RowStep<S> for RequantizeRows<Q, M>
where
    S: Codes<Q> + Integers,
    Q: Code,
    M: MultiplyEach<S>,
{
    type Loaded = [S::I32; 4];
    type Params = RescalesOfStep<S, Q, M>;
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
        let mut multiply = [M::of_lanes(s, table, at[0]); 4];
        let mut z = [s.i32_load(&table.zero_point[at[0]..]); 4];
        for group in 1..4 {
            multiply[group] = M::of_lanes(s, table, at[group]);
            z[group] = s.i32_load(&table.zero_point[at[group]..]);
        }
        RescalesOfStep {
            multiply,
            z: [s.i16_from_i32(z[0], z[1]), s.i16_from_i32(z[2], z[3])],
            least: s.pack(words(s, &table.least, z, at)),
            most: s.pack(words(s, &table.most, z, at)),
        }
    }
    #[inline(always)]
    fn apply(s: S, mut n: [S::I32; 4], params: &Self::Params) -> S::Packed {
        for group in 0..4 {
            n[group] = params.multiply[group].product(s, n[group]);
        }
        let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
        for half in 0..2 {
            words[half] = s.i16_add_saturating(words[half], params.z[half]);
        }
        s.min_code(s.max_code(s.pack(words), params.least), params.most)
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
