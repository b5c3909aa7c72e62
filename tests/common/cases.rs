//! Random cases: parameters inside and outside every guard, and data made for them.

use std::fmt::{Debug, Formatter, Result};

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use zeropoint::{Code, QParams, Scheme};

use super::contract::Plain;
use super::floats::{Float, edges, half_grid};
use super::types::Data;

/// Parameters and data.
#[derive(Clone)]
pub(crate) struct Case<T: Data, Q> {
    pub(crate) p: QParams<T::Compute, Q>,
    pub(crate) src: Vec<T>,
}

impl<T: Data, Q: Code> Debug for Case<T, Q> {
    fn fmt(&self, f: &mut Formatter) -> Result {
        let Self { p, src } = self;
        write!(f, "{:?}, {} elements ", Plain::of(p), src.len())?;
        // A failure found among thousands is named by its index; the rest of them says nothing.
        f.debug_list().entries(src.iter().take(40)).finish()
    }
}

/// The random part of a case, of which parameters and data of any types are made.
#[derive(Clone, Debug)]
struct Random {
    choices: [u64; 6],
    /// The element that may stay what is not finite, in cases that are finite otherwise.
    spoilt: Option<usize>,
    words: Vec<u64>,
}

/// Lengths: mostly a few steps, sometimes across the blocks of the error sums.
fn random() -> BoxedStrategy<Random> {
    let words = prop_oneof![
        30 => vec(any::<u64>(), 0..=300_usize),
        2 => vec(any::<u64>(), 4080..=4120_usize),
        1 => vec(any::<u64>(), 12_270..=12_300_usize),
    ];
    let spoilt = prop_oneof![9 => Just(None), 1 => any::<usize>().prop_map(Some)];
    (any::<[u64; 6]>(), spoilt, words)
        .prop_map(|(choices, spoilt, words)| Random { choices, spoilt, words })
        .boxed()
}

impl Random {
    fn case<T: Data, Q: Code>(&self) -> Case<T, Q> {
        let [scale, mantissa, zero_point, place, codes, ends] = self.choices;
        let (qmin, qmax) = code_range::<Q>(codes, ends);
        let scale = any_scale(scale, mantissa);
        let p = QParams::with_codes(scale, any_zero_point::<Q>(zero_point, place), qmin, qmax);
        let p = p.expect("valid by construction");
        let edges = edges();
        let numbers = Numbers::around(Plain::of(&p), &edges);
        Case { p, src: self.words.iter().map(|word| numbers.number(*word)).collect() }
    }

    fn finite_case<T: Data, Q: Code>(&self) -> Case<T, Q> {
        let Case { p, src } = self.case();
        Case { p, src: self.finite(src, p.scale()) }
    }

    /// The data without what is not finite, but for a rare element.
    fn finite<T: Data>(&self, mut src: Vec<T>, scale: T::Compute) -> Vec<T> {
        let kept = self.spoilt.map(|at| at % src.len().max(1));
        for (i, x) in src.iter_mut().enumerate() {
            if !x.wide().finite() && Some(i) != kept {
                let product = T::from_wide(T::Compute::of(i as f64) * scale);
                let few = T::from_wide(T::Compute::of((i % 100) as f64));
                *x = if product.wide().finite() { product } else { few };
            }
        }
        src
    }
}

/// Data of every kind: NaN and infinities too.
pub(crate) fn any_case<T: Data, Q: Code>() -> impl Strategy<Value = Case<T, Q>> {
    random().prop_map(|random| random.case())
}

/// Data that is finite, but for a rare element.
pub(crate) fn finite_case<T: Data, Q: Code>() -> impl Strategy<Value = Case<T, Q>> {
    random().prop_map(|random| random.finite_case())
}

/// Data of every kind, and the same data made finite, but for a rare element.
pub(crate) fn both_cases<T: Data, Q: Code>() -> impl Strategy<Value = (Case<T, Q>, Vec<T>)> {
    random().prop_map(|random| {
        let case = random.case();
        (case.clone(), random.finite(case.src, case.p.scale()))
    })
}

/// Any mantissa, with an exponent of two from the range; never below the least normal number.
fn scale_of<T: Float>((least, most): (i32, i32), word: u64) -> T {
    let exponent = least + (word % (most - least + 1) as u64) as i32;
    let mantissa = 1.0 + (word >> 12) as f64 / 2.0_f64.powi(52);
    let x = T::of(mantissa * 2.0_f64.powi(exponent));
    if x < T::LEAST_NORMAL { T::LEAST_NORMAL } else { x }
}

/// Inside the guard of the reciprocal, at its ends, outside, and at the type's ends.
fn any_scale<T: Float>(kind: u64, word: u64) -> T {
    let greatest = if T::GREATEST.as_f64() > 1e100 { 1023 } else { 127 };
    match kind % 13 {
        0..4 => scale_of((-12, 6), word),
        4..8 => scale_of((-T::GUARD, T::GUARD - 1), word),
        8..11 => scale_of((1 - greatest, greatest - 1), word),
        _ => {
            let guard = [-T::GUARD, T::GUARD].map(|n| T::of(2.0_f64.powi(n)).raw());
            let [below, above] = guard.map(|x| [x - 1, x, x + 1].map(T::from_raw));
            let least = [T::LEAST_NORMAL, T::from_raw(T::LEAST_NORMAL.raw() + 1)];
            let most = [1.0, 255.0, 127.0].map(|n| T::GREATEST / T::of(n));
            let usual = [1.0, 0.5, 0.1, 1.0 / 255.0].map(T::of);
            let all = [&below[..], &above, &least, &most, &usual].concat();
            all[(word % all.len() as u64) as usize]
        }
    }
}

/// One of the integers from `least` to `most`.
pub(crate) fn within(least: i32, most: i32, word: u64) -> i32 {
    let count = (i64::from(most) - i64::from(least) + 1) as u64;
    (i64::from(least) + (word % count) as i64) as i32
}

fn any_zero_point<Q: Code>(kind: u64, word: u64) -> i32 {
    const LIMIT: i32 = 1 << 24;
    /// The limit of what is proved for codes of 16 bits.
    const FAR: i32 = 1 << 20;
    const ENDS: [i32; 15] = [
        0,
        255,
        -255,
        3000,
        3001,
        -3000,
        -3001,
        32767,
        -32768,
        LIMIT,
        -LIMIT,
        FAR,
        -FAR,
        FAR + 1,
        -FAR - 1,
    ];
    match kind % 13 {
        0..8 => within(Q::MIN.max(-LIMIT), Q::MAX.min(LIMIT), word),
        8..10 => within(-3000, 3000, word),
        10 => within(-LIMIT, LIMIT, word),
        _ => ENDS[(word % 15) as usize],
    }
}

/// All codes of the type, those of the schemes, and any other range.
fn code_range<Q: Code>(kind: u64, word: u64) -> (i32, i32) {
    match kind % 7 {
        0..4 => (Q::MIN, Q::MAX),
        4..6 => {
            let (bits, restricted) = (within(2, Q::BITS as i32, word), (word >> 40) as i32 & 1);
            let half = 1_i64 << (bits - 1);
            let (qmin, qmax) = if Q::MIN < 0 { (-half, half - 1) } else { (0, 2 * half - 1) };
            (qmin as i32 + restricted, qmax as i32)
        }
        _ => {
            let [a, b] = [word >> 32, word & 0xffff_ffff].map(|w| within(Q::MIN, Q::MAX, w));
            (a.min(b), a.max(b))
        }
    }
}

/// Schemes, a few of which do not exist.
pub(crate) fn scheme<Q: Code>() -> BoxedStrategy<Scheme> {
    let bits = prop_oneof![
        4 => Just(None), 4 => (2..=Q::BITS).prop_map(Some), 1 => Just(Some(Q::BITS + 1)),
    ];
    let option = prop_oneof![1 => Just(true), 2 => Just(false)];
    let all = (any::<bool>(), option.clone(), option, bits);
    all.prop_map(|(symmetric, raw, full, bits)| {
        let mut scheme = if symmetric { Scheme::symmetric() } else { Scheme::asymmetric() };
        if raw && !(symmetric && full) {
            scheme = scheme.raw_range();
        }
        if full && !raw {
            scheme = scheme.full_range();
        }
        bits.map_or(scheme, |bits| scheme.bits(bits))
    })
    .boxed()
}

/// Turns random words into numbers that matter for certain parameters.
pub(crate) struct Numbers<'a, S> {
    p: Plain<S>,
    edges: &'a [S],
}

impl<'a, S: Float> Numbers<'a, S> {
    /// `edges` are those of [`edges`].
    pub(crate) fn around(p: Plain<S>, edges: &'a [S]) -> Self {
        Self { p, edges }
    }

    pub(crate) fn number<T: Data<Compute = S>>(&self, word: u64) -> T {
        // Every bit of the word decides about every bit of the rest.
        let rest = (word >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        if word.is_multiple_of(8) {
            return T::with_bits(word.rotate_left(17) ^ rest);
        }
        T::from_wide(self.wide(word, rest))
    }

    fn wide(&self, word: u64, rest: u64) -> S {
        let Plain { scale, .. } = self.p;
        let (least, count) = (self.p.least(), self.p.count());
        let k = least - 3 + (rest % (count + 6) as u64) as i64;
        let beside = |half: S, by: u64| S::from_raw(half.raw().wrapping_add(by));
        match word % 8 {
            1 if rest.is_multiple_of(3) => {
                // At both ends of the codes and around the origin: ties, and both neighbours of each.
                let [middle, near, by] = [rest / 3 % 3, rest / 9 % 7, rest / 63 % 3];
                let middle = [0, least, least + count - 1][middle as usize];
                beside(half_grid(middle + near as i64 - 3, scale), by.wrapping_sub(1))
            }
            1 => self.edges[(rest / 3) as usize % self.edges.len()],
            2..5 => beside(half_grid(k, scale), (word % 8).wrapping_sub(3)),
            5 => S::of(k as f64) * scale,
            _ => S::of(k as f64 + (rest >> 32) as f64 / 2.0_f64.powi(32)) * scale,
        }
    }
}
