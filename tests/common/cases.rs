//! Random cases: parameters inside and outside every guard, and data made for them.

use std::fmt::{Debug, Formatter, Result};
use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use zeropoint::{Code, QParams, Scheme};

use super::Int;
use super::contract::Plain;
use super::floats::{Float, edges, half_grid, ties};

/// Parameters and data.
#[derive(Clone)]
pub(crate) struct Case<T, Q> {
    pub(crate) p: QParams<T, Q>,
    pub(crate) src: Vec<T>,
}

impl<T: Float, Q: Int> Debug for Case<T, Q> {
    fn fmt(&self, f: &mut Formatter) -> Result {
        let Self { p, src } = self;
        write!(f, "{:?}, {} elements ", Plain::of(p), src.len())?;
        // A failure found among thousands is named by its index; the rest of them says nothing.
        f.debug_list().entries(src.iter().take(40)).finish()
    }
}

/// Lengths: mostly a few steps, sometimes across the blocks of the error sums.
fn words() -> impl Strategy<Value = Vec<u64>> {
    prop_oneof![
        30 => vec(any::<u64>(), 0..=300_usize),
        2 => vec(any::<u64>(), 4080..=4120_usize),
        1 => vec(any::<u64>(), 12_270..=12_300_usize),
    ]
}

/// Data of every kind: NaN and infinities too.
pub(crate) fn any_case<T: Float, Q: Int>() -> impl Strategy<Value = Case<T, Q>> {
    (params::<T, Q>(), words()).prop_map(|(p, words)| {
        let numbers = Numbers::around(&p);
        Case { p, src: words.into_iter().map(|word| numbers.number(word)).collect() }
    })
}

/// Data that is finite, but for a rare element.
pub(crate) fn finite_case<T: Float, Q: Int>() -> impl Strategy<Value = Case<T, Q>> {
    let spoilt = prop_oneof![9 => Just(None), 1 => any::<usize>().prop_map(Some)];
    (any_case::<T, Q>(), spoilt).prop_map(|(Case { p, mut src }, spoilt)| {
        let kept = spoilt.map(|at| at % src.len().max(1));
        for (i, x) in src.iter_mut().enumerate() {
            if !x.finite() && Some(i) != kept {
                *x = T::of(i as f64) * p.scale();
            }
        }
        Case { p, src }
    })
}

/// Codes to dequantize: all of the type, not only `qmin..=qmax`.
pub(crate) fn codes<Q: Int>() -> impl Strategy<Value = Vec<Q>> {
    vec(any::<u32>().prop_map(Q::number), 0..=300_usize)
}

pub(crate) fn params<T: Float, Q: Int>() -> impl Strategy<Value = QParams<T, Q>> {
    (scale::<T>(), zero_point::<Q>(), code_range::<Q>()).prop_map(
        |(scale, zero_point, (qmin, qmax))| {
            QParams::with_codes(scale, zero_point, qmin, qmax).expect("valid by construction")
        },
    )
}

/// Any mantissa, with an exponent of two from the range; never below the least normal number.
fn scale_of<T: Float>(exponents: RangeInclusive<i32>) -> impl Strategy<Value = T> {
    (exponents, 1.0..2.0_f64).prop_map(|(exponent, mantissa)| {
        let x = T::of(mantissa * 2.0_f64.powi(exponent));
        if x < T::LEAST_NORMAL { T::LEAST_NORMAL } else { x }
    })
}

/// Inside the guard of the reciprocal, at its ends, outside, and at the type's ends.
fn scale<T: Float>() -> impl Strategy<Value = T> {
    let guard = [2.0_f64.powi(-T::GUARD), 2.0_f64.powi(T::GUARD)].map(T::of).map(|x| x.raw());
    let ends: Vec<T> = guard
        .into_iter()
        .flat_map(|x| [x - 1, x, x + 1])
        .map(T::from_raw)
        .chain([1.0, 0.5, 0.1, 1.0 / 255.0].map(T::of))
        .chain([T::LEAST_NORMAL, T::from_raw(T::LEAST_NORMAL.raw() + 1)])
        .chain([T::GREATEST, T::GREATEST / T::of(255.0), T::GREATEST / T::of(127.0)])
        .collect();
    let greatest = if T::GREATEST.as_f64() > 1e100 { 1023 } else { 127 };
    prop_oneof![
        4 => scale_of::<T>(-12..=6),
        4 => scale_of::<T>(-T::GUARD..=T::GUARD - 1),
        3 => scale_of::<T>(1 - greatest..=greatest - 1),
        2 => proptest::sample::select(ends),
    ]
}

fn zero_point<Q: Int>() -> impl Strategy<Value = i32> {
    const LIMIT: i32 = 1 << 24;
    /// The limit of what is proved for codes of 16 bits.
    const FAR: i32 = 1 << 20;
    prop_oneof![
        8 => Q::MIN..=Q::MAX,
        2 => -3000..=3000,
        1 => -LIMIT..=LIMIT,
        2 => proptest::sample::select(vec![
            0, 255, -255, 3000, 3001, -3000, -3001, 32767, -32768, LIMIT, -LIMIT,
            FAR, -FAR, FAR + 1, -FAR - 1,
        ]),
    ]
}

/// All codes of the type, those of the schemes, and any other range.
fn code_range<Q: Int>() -> impl Strategy<Value = (i32, i32)> {
    let half_of = |bits: u32| 1 << (bits - 1);
    prop_oneof![
        4 => Just((Q::MIN, Q::MAX)),
        2 => (2..=Q::BITS, any::<bool>()).prop_map(move |(bits, restricted)| {
            let half = half_of(bits);
            let (qmin, qmax) = if Q::MIN < 0 { (-half, half - 1) } else { (0, 2 * half - 1) };
            (qmin + i32::from(restricted), qmax)
        }),
        1 => (Q::MIN..=Q::MAX, Q::MIN..=Q::MAX).prop_map(|(a, b)| (a.min(b), a.max(b))),
    ]
}

/// Schemes, a few of which do not exist.
pub(crate) fn scheme<Q: Int>() -> impl Strategy<Value = Scheme> {
    let bits = prop_oneof![
        4 => Just(None), 4 => (2..=Q::BITS).prop_map(Some), 1 => Just(Some(Q::BITS + 1)),
    ];
    let option = prop_oneof![1 => Just(true), 2 => Just(false)];
    (any::<bool>(), option.clone(), option, bits).prop_map(|(symmetric, raw, full, bits)| {
        let mut scheme = if symmetric { Scheme::symmetric() } else { Scheme::asymmetric() };
        if raw && !(symmetric && full) {
            scheme = scheme.raw_range();
        }
        if full && !raw {
            scheme = scheme.full_range();
        }
        bits.map_or(scheme, |bits| scheme.bits(bits))
    })
}

/// Turns random words into numbers that matter for certain parameters.
pub(crate) struct Numbers<T> {
    scale: T,
    /// `qmin − Z` and how many integers from there to `qmax − Z`.
    least: i32,
    count: u64,
    special: Vec<T>,
}

impl<T: Float> Numbers<T> {
    pub(crate) fn around<Q: Code>(p: &QParams<T, Q>) -> Self {
        let (scale, z) = (p.scale(), p.zero_point());
        let mut special = edges::<T>();
        special.extend(ties(scale, z, p.qmin(), p.qmax()));
        Self { scale, least: p.qmin() - z, count: (p.qmax() - p.qmin() + 1) as u64, special }
    }

    pub(crate) fn number(&self, word: u64) -> T {
        // Every bit of the word decides about every bit of the rest.
        let rest = (word >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let k = self.least - 3 + (rest % (self.count + 6)) as i32;
        let half = half_grid(k, self.scale);
        match word % 8 {
            0 => T::from_raw(word.rotate_left(17) ^ rest),
            1 => self.special[rest as usize % self.special.len()],
            2 => half,
            3 => T::from_raw(half.raw().wrapping_add(1)),
            4 => T::from_raw(half.raw().wrapping_sub(1)),
            5 => T::of(f64::from(k)) * self.scale,
            _ => T::of(f64::from(k) + (rest >> 32) as f64 / 2.0_f64.powi(32)) * self.scale,
        }
    }
}
