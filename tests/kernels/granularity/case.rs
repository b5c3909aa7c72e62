//! Random tensors: shapes, axes, blocks, gaps between rows, parameters and data.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use zeropoint::{Code, Granularity, QParams};

use crate::common::cases::within;
use crate::common::floats::Float;

/// A tensor's shape and how it is divided; the rest is made of random words.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) shape: Vec<usize>,
    pub(crate) axis: usize,
    /// 0: a channel.
    pub(crate) block: usize,
    /// Behind each row of numbers and of codes.
    pub(crate) gaps: Option<[usize; 2]>,
    /// Whether parameters are beyond the guard of the reciprocal too.
    pub(crate) wild: bool,
    pub(crate) seed: u64,
}

impl Case {
    /// Without gaps.
    pub(crate) fn granularity(&self) -> Granularity {
        match self.block {
            0 => Granularity::channel(&self.shape, self.axis).unwrap(),
            block => Granularity::block(&self.shape, self.axis, block).unwrap(),
        }
    }

    /// The numbers of a row, from one row's start to the next one's, and the same of codes.
    pub(crate) fn pitches<Q: Code>(&self) -> (usize, usize, usize) {
        let row = self.shape[self.shape.len() - 1];
        match self.gaps {
            None => (self.len(), self.len(), self.len()),
            Some([gap, of_codes]) => {
                (row, row + gap, (row + of_codes).next_multiple_of(Q::PER_ELEMENT))
            }
        }
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The shape of the parameters' tensor, and each element's place in it.
    pub(crate) fn slices(&self) -> (usize, Vec<usize>) {
        let mut shape = self.shape.clone();
        match self.block {
            0 => shape = vec![self.shape[self.axis]],
            block => shape[self.axis] = shape[self.axis].div_ceil(block),
        }
        let slice = |element: usize| {
            let (mut rest, mut index) = (element, vec![0; self.shape.len()]);
            for d in (0..index.len()).rev() {
                index[d] = rest % self.shape[d];
                rest /= self.shape[d];
            }
            if self.block == 0 {
                return index[self.axis];
            }
            index[self.axis] /= self.block;
            index.iter().zip(&shape).fold(0, |slice, (i, n)| slice * n + i)
        };
        (shape.iter().product(), (0..self.len()).map(slice).collect())
    }

    /// Random words, of a kind for each salt.
    pub(crate) fn word(&self, salt: u64, i: usize) -> u64 {
        let mut x = self.seed ^ (salt << 56) ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for multiplier in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            x = (x ^ (x >> 29)).wrapping_mul(multiplier);
        }
        x ^ (x >> 32)
    }

    pub(crate) fn params<T: Float, Q: Code>(&self, slice: usize) -> QParams<T, Q> {
        const LIMIT: i32 = 1 << 24;
        let word = self.word(1, slice);
        // Sixteen bits for each choice.
        let [a, b, c, d] = [0, 16, 32, 48].map(|shift| (word >> shift) as u16);
        let beyond = self.wild && a % 4 == 0;
        let exponent = if beyond { i32::from(b % 250) - 125 } else { i32::from(b % 19) - 12 };
        let scale = T::of((1.0 + f64::from(c) / 65536.0) * 2.0_f64.powi(exponent));
        let within = within(Q::MIN.max(-LIMIT), Q::MAX.min(LIMIT), d.into());
        let zero_point = match a / 4 % 8 {
            0 => 0,
            1 if self.wild => [3001, -3000, 1 << 24, -1 << 24, 1 << 20, 70_000][d as usize % 6],
            2 => i32::from(d) % 6001 - 3000,
            _ => within,
        };
        let (qmin, qmax) = match a / 32 % 4 {
            0 => (within, Q::MAX),
            1 => (Q::MIN + 1, Q::MAX),
            _ => (Q::MIN, Q::MAX),
        };
        QParams::with_codes(scale, zero_point, qmin, qmax).unwrap()
    }
}

pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    let dimension = prop_oneof![6 => 1..=9_usize, 3 => 10..=70_usize, 1 => 120..=600_usize];
    let shape = vec(dimension, 1..=4)
        .prop_filter("too large", |shape: &Vec<usize>| shape.iter().product::<usize>() <= 20_000);
    let block = prop_oneof![2 => 0..=0_usize, 2 => 1..=5_usize, 1 => 6..=100_usize];
    let gap = prop_oneof![1 => 0..=0_usize, 4 => 0..=9_usize, 1 => 0..=300_usize];
    let gaps = prop_oneof![1 => Just(None), 1 => [gap.clone(), gap].prop_map(Some)];
    (shape, any::<usize>(), block, gaps, any::<bool>(), any::<u64>()).prop_map(
        |(shape, axis, block, gaps, wild, seed)| {
            let axis = axis % shape.len();
            Case { shape, axis, block, gaps, wild, seed }
        },
    )
}
