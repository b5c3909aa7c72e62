//! Tests of `f32` and `f64` in registers.

use bytemuck::AnyBitPattern;

use super::{binary, in_every_lane, lanes, pairs, register};
use crate::element::Number;
#[cfg(target_arch = "x86_64")]
use crate::simd::LongBits;
use crate::simd::{FloatBits, FloatOps, FmaOps, MOST_LANES};

/// A float with the constants and conversions that the tests need.
pub(super) trait Tested: Number + AnyBitPattern {
    /// The quiet and the signalling NaN, of both signs.
    const NANS: [Self; 4];
    fn raw(self) -> u64;
    fn from_raw(bits: u64) -> Self;
    /// Returns the next greater number of the same sign.
    fn next(self) -> Self {
        Self::from_raw(self.raw() + 1)
    }
    fn is_signalling(self) -> bool {
        Self::NANS[2..].iter().any(|x| x.raw() == self.raw())
    }
    fn fused(self, b: Self, c: Self) -> Self;
    fn of_f64(x: f64) -> Self;
}

macro_rules! number {
    ($T:ident, $bits:ident, $signalling:expr) => {
        impl Tested for $T {
            const NANS: [Self; 4] =
                [$T::NAN, -$T::NAN, $T::from_bits($signalling), -$T::from_bits($signalling)];
            fn raw(self) -> u64 {
                self.to_bits().into()
            }
            fn from_raw(bits: u64) -> Self {
                $T::from_bits(bits as $bits)
            }
            fn fused(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }
            fn of_f64(x: f64) -> Self {
                x as $T
            }
        }
    };
}

number!(f32, u32, 0x7fa0_0001);
number!(f64, u64, 0x7ff4_0000_0000_0001);

pub(super) fn is_nan<T: Number>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

/// Returns signed zeros, ties, the limits of every integer type of a conversion, and the ends of the type; no NaN.
fn numbers<T: Tested>() -> Vec<T> {
    let ties = [0.5, 1.5, 2.5, 3.5, 126.5, 127.5, 128.5, 254.5, 255.5, 32_766.5, 32_767.5];
    let more = [32_768.5, 65_534.5, 65_535.5, 4_194_303.5, 0.0, 1.0, 100.25, 16_777_217.0];
    let limits = [32_768.0, 2_147_483_520.0, 2_147_483_648.0, 1e30];
    let given = ties.into_iter().chain(more).chain(limits).map(T::of_f64);
    let near = given.flat_map(|x| [x, x.next(), x.next().next()]);
    let below = ties.into_iter().map(|x| T::from_raw(T::of_f64(x).raw() - 1));
    let ends = [T::MIN_POSITIVE, T::from_raw(T::MIN_POSITIVE.raw() - 1)];
    let ends = ends.into_iter().chain([T::from_raw(T::INFINITY.raw() - 1), T::INFINITY]);
    near.chain(below).chain(ends).flat_map(|x| [x, T::ZERO - x]).chain([T::of_f64(-0.0)]).collect()
}

pub(super) fn with_nans<T: Tested>() -> Vec<T> {
    numbers().into_iter().chain(T::NANS).collect()
}

/// Says whether the bits are equal. Two NaNs count as equal, since arithmetic may return any NaN.
fn same<T: Tested>(a: T, b: T) -> bool {
    a.raw() == b.raw() || is_nan(a) && is_nan(b)
}

fn arithmetic<T: Tested, S: FloatOps<T>>(s: S) {
    let cases = pairs(&with_nans::<T>());
    binary(&cases, |a, b| s.add(a, b), |a: T, b, x: T| same(x, a + b));
    binary(&cases, |a, b| s.sub(a, b), |a: T, b, x: T| same(x, a - b));
    binary(&cases, |a, b| s.mul(a, b), |a: T, b, x: T| same(x, a * b));
    binary(&cases, |a, b| s.div(a, b), |a: T, b, x: T| same(x, a / b));
    let sign = T::of_f64(-0.0).raw();
    let magnitude = |a: T, _: T, x: T| x.raw() == a.raw() & !sign;
    binary(&cases, |a, _| s.abs(a), magnitude);
    let square = |a: T, b: T, x: T| same(x, a + b * b);
    let small: Vec<T> = [0.0, 1.0, -3.0, 4000.0, 0.5].map(T::of_f64).to_vec();
    binary(&pairs(&small), |a, b| s.add_exact_square(a, b), square);
}

/// Tests that `min` and `max` choose `a` by a strict comparison, and otherwise `b`, bit for bit.
fn choices<T: Tested, S: FloatOps<T>>(s: S) {
    let cases = pairs(&with_nans::<T>());
    let least = |a: T, b: T, x: T| x.raw() == if a < b { a } else { b }.raw();
    binary(&cases, |a, b| s.min(a, b), least);
    let greatest = |a: T, b: T, x: T| x.raw() == if a > b { a } else { b }.raw();
    binary(&cases, |a, b| s.max(a, b), greatest);
}

/// Tests `min_number` and `max_number`, which may return either of two zeros.
fn choices_of_numbers<T: Tested, S: FloatOps<T>>(s: S) {
    let cases: Vec<_> =
        pairs(&with_nans::<T>()).into_iter().filter(|&(_, acc)| !is_nan(acc)).collect();
    let least = |x: T, acc: T, got: T| got == if x < acc { x } else { acc };
    binary(&cases, |x, acc| s.min_number(x, acc), least);
    let greatest = |x: T, acc: T, got: T| got == if x > acc { x } else { acc };
    binary(&cases, |x, acc| s.max_number(x, acc), greatest);
}

/// Returns the greater magnitude, or `None` if an argument is NaN.
fn magnitude<T: Tested>(a: T, b: T) -> Option<T> {
    let greater = if a.abs() > b.abs() { a.abs() } else { b.abs() };
    (!is_nan(a) && !is_nan(b)).then_some(greater)
}

fn magnitudes<T: Tested, S: FloatOps<T>>(s: S) {
    let is = |got: T, expected: Option<T>| expected.map_or(is_nan(got), |x| got.raw() == x.raw());
    let all = pairs(&with_nans::<T>());
    // The accumulator is a magnitude, or a NaN without its sign.
    let sign = T::of_f64(-0.0).raw();
    let cases: Vec<_> = all.iter().map(|&(a, b)| (T::from_raw(a.raw() & !sign), b)).collect();
    binary(&cases, |acc, x| s.max_magnitude(acc, x), |a: T, b, x: T| is(x, magnitude(a, b)));
    let both = |a: T, b: T, x: T| {
        S::MAX_MAY_DROP_NAN && magnitude(a, b).is_none() || is(x, magnitude(a, b))
    };
    binary(&all, |a, b| s.max_magnitudes(a, b), both);
    let finite: Vec<_> = cases.into_iter().filter(|&(a, b)| magnitude(a, b).is_some()).collect();
    binary(&finite, |a, b| s.max_abs(a, b), |a: T, b, x: T| is(x, magnitude(a, b)));
}

/// Tests the greatest magnitude of the lanes of a register, and of several registers at once.
fn greatest<T: Tested, S: FloatOps<T>>(s: S) {
    let sign = T::of_f64(-0.0).raw();
    let cases: Vec<T> = with_nans::<T>().iter().map(|x| T::from_raw(x.raw() & !sign)).collect();
    in_every_lane(&cases, S::LANES, |row| {
        let expected = row.iter().copied().try_fold(T::ZERO, magnitude);
        let got = s.greatest_lane(register(row));
        assert!(expected.map_or(is_nan(got), |x| got == x), "{row:?}: {got:?}");
    });
    for place in 0..S::LANES * S::LANES {
        let mut v = [s.splat(T::ONE); MOST_LANES];
        let mut lanes_of_one = vec![T::ONE; S::LANES];
        lanes_of_one[place % S::LANES] = T::INFINITY;
        v[place / S::LANES] = register(&lanes_of_one);
        let mut expected = vec![T::ONE; S::LANES];
        expected[place / S::LANES] = T::INFINITY;
        assert_eq!(lanes::<T, _>(s.greatest_lanes(v)), expected);
    }
}

/// Tests that a NaN in any lane of either operand sets the flag, which stays set.
fn flags<T: Tested, S: FloatOps<T>>(s: S) {
    let numbers = numbers::<T>();
    in_every_lane(&numbers, S::LANES, |row| {
        let clean = register(row);
        assert!(!s.any_flag(s.flag_nan(s.no_flag(), clean, clean)), "{row:?}");
        for nan in T::NANS {
            for lane in 0..S::LANES {
                let mut row = row.to_vec();
                row[lane] = nan;
                let dirty = register(&row);
                for (a, b) in [(clean, dirty), (dirty, clean), (dirty, dirty)] {
                    let flag = s.flag_nan(s.no_flag(), a, b);
                    assert!(s.any_flag(flag) && s.any_flag(s.flag_nan(flag, clean, clean)));
                }
            }
        }
    });
}

/// Tests that numbers of at least `lo` round to the nearest integer, ties to even.
fn rounding<T: Tested, S: FloatOps<T>>(s: S) {
    rounding_of::<T, S>(s, |x| x < T::of_f64(2_147_483_647.5));
}

fn rounding_of<T: Tested, S: FloatOps<T>>(s: S, is_case: impl Fn(T) -> bool) {
    let nans = T::NANS.into_iter().filter(|x| !x.is_signalling());
    let cases: Vec<T> = numbers().into_iter().filter(|&x| is_case(x)).chain(nans).collect();
    for lo in [i32::MIN, -(1 << 25), -32_769, -129, -1, 0, 100] {
        let lo = T::of_f64(lo.into());
        let meaning = |x: T, n: i32| {
            if x < lo || x >= T::of_f64(2_147_483_648.0) || is_nan(x) {
                T::from_i32(n) <= lo
            } else {
                i64::from(n) == x.rint().to_i64()
            }
        };
        in_every_lane(&cases, S::LANES, |row| {
            let got = lanes::<i32, _>(s.to_i32_nearest(register(row), s.splat(lo)));
            for (&x, n) in row.iter().zip(got) {
                assert!(meaning(x, n), "{x:?} gives {n}, above {lo:?}");
            }
        });
    }
}

fn conversions<T: Tested, S: FloatOps<T> + FloatOps<f64>>(s: S) {
    let integers = [0, 1, 255, 65_535, (1 << 24) + 1, (1 << 24) + 3, (1 << 30) + 65, i32::MAX];
    let integers: Vec<i32> = integers.iter().flat_map(|n| [*n, -n]).chain([i32::MIN]).collect();
    in_every_lane(&integers, S::LANES, |row| {
        let expected: Vec<T> = row.iter().map(|&n| T::from_i32(n)).collect();
        assert_eq!(lanes::<T, _>(FloatOps::<T>::i32_to_real(s, register(row))), expected);
    });
    in_every_lane(&with_nans::<T>(), S::LANES, |row| {
        let got = lanes::<f64, _>(FloatOps::<T>::to_f64(s, register(row)));
        assert!(row.iter().zip(got).all(|(x, got)| same(got, x.to_f64())), "{row:?}");
    });
    let finite = |x: &f64| is_nan(*x) || T::of_f64(*x).is_finite();
    let doubles: Vec<f64> = with_nans::<f64>().into_iter().filter(finite).collect();
    in_every_lane(&doubles, S::LANES, |row| {
        let got = lanes::<T, _>(FloatOps::<T>::f64_to_real(s, register(row)));
        assert!(row.iter().zip(&got).all(|(&x, got)| same(*got, T::of_f64(x))), "{row:?} {got:?}");
    });
}

fn splats<T: Tested, S: FloatOps<T>>(s: S) {
    for x in with_nans::<T>() {
        let raw: Vec<u64> = lanes::<T, _>(s.splat(x)).into_iter().map(T::raw).collect();
        assert_eq!(raw, vec![x.raw(); S::LANES]);
    }
}

on_backends! {
    [f32, f64] arithmetic, choices, choices_of_numbers, magnitudes, greatest, flags, rounding,
        conversions, splats;
}

/// Tests that `mul_add` rounds once, also if the sum leaves only the lower half of the product.
fn fused<T: Tested, S: FmaOps<T>>(s: S) {
    for c in [0.0, 1.0, -1.0, 1e-30, f64::INFINITY, f64::NAN].map(T::of_f64) {
        let meaning = |a: T, b: T, x: T| same(x, a.fused(b, c));
        let cases = pairs(&with_nans::<T>());
        binary(&cases, |a, b| s.mul_add(a, b, s.splat(c)), meaning);
    }
    let remainder = |a: T, b: T, x: T| same(x, a.fused(b, T::ZERO - a * b));
    let product = |a, b| s.sub(s.splat(T::ZERO), s.mul(a, b));
    binary(&pairs(&numbers::<T>()), |a, b| s.mul_add(a, b, product(a, b)), remainder);
}

/// Tests that infinity and numbers beyond `i32` convert to a low integer if the trait says so.
fn rounding_of_overflow<T: Tested, S: FmaOps<T>>(s: S) {
    if S::OVERFLOW_CONVERTS_TO_MIN {
        rounding_of::<T, S>(s, |_| true);
    }
}

fn all_bits() -> Vec<u32> {
    with_nans::<f32>().into_iter().map(f32::to_bits).collect()
}

fn bits<T, S: FloatBits<f32>>(s: S) {
    super::floats_as_integers::<f32, u32, S>(s, &all_bits(), |n| n as i32);
}

mod detected {
    use super::*;
    on_backends! { detected:
        [f32, f64] fused, rounding_of_overflow;
        [()] bits;
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn registers_as_integers() {
    fn registers<S: LongBits>(s: S) {
        binary(&pairs(&all_bits()), |v: S::V, _| s.to_bits(v), |n: u32, _, got: u32| n == got);
    }
    if let Some(s) = crate::Avx512::detect() {
        super::on(s, registers);
    }
}
