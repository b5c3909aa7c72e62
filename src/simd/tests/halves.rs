//! Sixteen-bit floats: their integers, and their conversions to and from `f32`.

use bytemuck::AnyBitPattern;
use half::{bf16, f16};

use super::{All, binary, in_every_lane, lanes, on_every_backend, pairs, register};
use crate::element::Real;
use crate::simd::{Elements, FloatBits, I16Ops, ShortFloat};

/// A 16-bit float as kernels read and write it.
trait Half: ShortFloat + Real<Compute = f32> + AnyBitPattern {
    fn of(bits: u16) -> Self;
    fn bits(self) -> u16;
}

impl Half for f16 {
    fn of(bits: u16) -> Self {
        Self::from_bits(bits)
    }
    fn bits(self) -> u16 {
        self.to_bits()
    }
}

impl Half for bf16 {
    fn of(bits: u16) -> Self {
        Self::from_bits(bits)
    }
    fn bits(self) -> u16 {
        self.to_bits()
    }
}

fn all<T: Half>() -> Vec<T> {
    (0..=u16::MAX).map(T::of).collect()
}

/// Every one of them becomes the `f32` that it is.
fn loads<T: Half, S: All + Elements<T>>(s: S) {
    for row in all::<T>().chunks_exact(S::STEP) {
        let got = lanes::<f32, _>(Elements::<T>::load_step(s, row));
        for (x, got) in row.iter().zip(got) {
            let expected = x.widen();
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{x:?}: {got:?}");
        }
    }
}

/// Each of them, and what lies between it and the next: before the middle, in it and behind it.
fn stores<T: Half, S: All + Elements<T>>(s: S) {
    let below_nan = |x: &f32| !x.is_nan();
    let between = |x: f32, next: f32| {
        let middle = ((f64::from(x) + f64::from(next)) / 2.0) as f32;
        [x, f32::from_bits(middle.to_bits() - 1), middle, f32::from_bits(middle.to_bits() + 1)]
    };
    let finite: Vec<f32> =
        all::<T>()[..1 << 15].iter().map(|x| x.widen()).filter(below_nan).collect();
    let mut cases: Vec<f32> = finite.windows(2).flat_map(|x| between(x[0], x[1])).collect();
    cases.extend([
        f32::MAX,
        f32::INFINITY,
        65_519.996,
        65_520.0,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
    ]);
    cases.retain(|x| !x.is_nan());
    cases.resize(cases.len().next_multiple_of(S::STEP), 0.0);
    let negative: Vec<f32> = cases.iter().map(|x| -x).collect();
    for row in cases.chunks_exact(S::STEP).chain(negative.chunks_exact(S::STEP)) {
        let mut dst = vec![T::of(0x7fff); S::STEP + 1];
        Elements::<T>::store_step(s, register(row), &mut dst);
        for (x, got) in row.iter().zip(&dst) {
            assert_eq!(got.bits(), T::narrow(*x).bits(), "{x:?}");
        }
        assert_eq!(dst[S::STEP].bits(), 0x7fff);
    }
}

fn parts<T: Half, S: All + Elements<T>>(s: S) {
    for len in 0..S::STEP {
        let src: Vec<T> = (0..len as u16).map(|i| T::of(0x3c00 + i)).collect();
        let v = Elements::<T>::load_part(s, &src, T::of(0));
        let mut dst = vec![T::of(0x7fff); len];
        Elements::<T>::store_part(s, v, &mut dst);
        assert_eq!(dst, src);
        let mut wide = vec![0.0_f32; len];
        Elements::<f32>::store_part(s, register::<f32, _>(&lanes::<f32, _>(v)), &mut wide);
        assert!(wide.iter().zip(&src).all(|(x, h)| *x == h.widen()), "{len}: {wide:?}");
    }
}

/// Around the limits, and the bits of infinity and of NaN.
fn cases() -> Vec<i16> {
    let limits = [0, 1, 127, 128, 255, 0x3c00, 0x7bff, 0x7c00, 0x7f80, 0x7fff];
    limits.iter().flat_map(|&n: &i16| [n, -n, n ^ i16::MIN, !n]).collect()
}

fn integers<T, S: All + I16Ops>(s: S) {
    let cases = cases();
    let pairs = pairs(&cases);
    binary(&pairs, |a, b| s.i16_and(a, b), |a: i16, b, n: i16| n == a & b);
    binary(&pairs, |a, b| s.i16_xor(a, b), |a: i16, b, n: i16| n == a ^ b);
    binary(&pairs, |a, b| s.i16_min(a, b), |a: i16, b, n: i16| n == a.min(b));
    binary(&pairs, |a, b| s.i16_max(a, b), |a: i16, b, n: i16| n == a.max(b));
    let unsigned = |a: i16, b: i16, n: i16| n as u16 == (a as u16).max(b as u16);
    binary(&pairs, |a, b| s.u16_max(a, b), unsigned);
    in_every_lane(&cases, 2 * S::LANES, |row| {
        let n: S::I16 = register(row);
        assert_eq!(Some(s.u16_least(n)), row.iter().map(|&n| n as u16).min());
        assert_eq!(Some(s.i16_greatest(n)), row.iter().copied().max());
        assert_eq!(s.i16_any_negative(n), row.iter().any(|n| n.is_negative()));
    });
    for lane in 0..2 * S::LANES {
        let mut one = vec![7_i16; 2 * S::LANES];
        assert!(!s.i16_any_negative(register(&one)));
        one[lane] = -1;
        assert!(s.i16_any_negative(register(&one)));
        one[lane] = 3;
        assert_eq!(s.u16_least(register(&one)), 3);
    }
}

fn bits_from_memory<T: Half, S: All + I16Ops>(s: S) {
    let src: Vec<T> = (0..8 * S::LANES as u16).map(|i| T::of(0x4000 + i)).collect();
    let bits = |src: &[T]| src.iter().map(|x| x.bits()).collect::<Vec<u16>>();
    assert_eq!(lanes::<u16, _>(s.load_shorts(&src)), bits(&src[..2 * S::LANES]));
    let fill = T::of(0x1234);
    for len in 0..src.len() {
        let mut got = lanes::<u16, _>(s.load_shorts_part(&src[..len], fill));
        got.retain(|&n| n != 0x1234);
        got.sort_unstable();
        got.dedup();
        assert_eq!(got, bits(&src[..len]));
    }
}

fn as_integers<T: Half, S: All + FloatBits<T>>(s: S) {
    let cases: Vec<u16> = cases().into_iter().map(|n| n as u16).collect();
    super::floats_as_integers::<T, u16, S>(s, &cases, |n| i32::from(n as i16));
}

mod conversions {
    use super::*;
    on_every_backend!([half::f16, half::bf16] loads, stores, parts, bits_from_memory, as_integers);
}

mod of_16_bits {
    use super::*;
    on_every_backend!([()] integers);
}
