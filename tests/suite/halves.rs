//! `f16` and `bf16`: every number of them, on every backend, against the contract's formulas on the
//! `f32` that each of them is.

use std::fmt::Debug;

use crate::common::contract::Plain;
use crate::common::floats::Float;
use crate::common::{Int, backends, effort, min_max_bits};
use half::{bf16, f16};
use zeropoint::{Backend, Error, QParams, Real};

/// A 16-bit type, with conversions that are not the crate's.
trait Half: Real<Compute = f32> + Copy + Debug {
    const INFINITY_BITS: u16;
    fn from_bits(bits: u16) -> Self;
    fn bits(self) -> u16;
    fn to_f32(self) -> f32;
    /// The nearest number, ties to even, by trying: `x` is not NaN.
    fn nearest(x: f32) -> u16 {
        let sign = ((x.to_bits() >> 16) & 0x8000) as u16;
        let x = f64::from(x.abs());
        // The greatest magnitude not above x; one more is the least above it.
        let (mut low, mut high) = (0, Self::INFINITY_BITS);
        if x >= f64::from(Self::from_bits(high).to_f32()) {
            return sign | high;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if f64::from(Self::from_bits(middle).to_f32()) <= x {
                low = middle
            } else {
                high = middle
            }
        }
        let value = |bits: u16| f64::from(Self::from_bits(bits).to_f32());
        // Beyond the greatest number the next one would be one more step away.
        let above = if high == Self::INFINITY_BITS {
            2.0 * value(low) - value(low - 1)
        } else {
            value(high)
        };
        let (down, up) = (x - value(low), above - x);
        sign | if up < down || (up == down && low % 2 == 1) { high } else { low }
    }
}

macro_rules! half {
    ($T:ident, $infinity:literal, $fraction:literal, $bias:literal) => {
        impl Half for $T {
            const INFINITY_BITS: u16 = $infinity;
            fn from_bits(bits: u16) -> Self {
                $T::from_bits(bits)
            }
            fn bits(self) -> u16 {
                self.to_bits()
            }
            /// By the definition of the format.
            fn to_f32(self) -> f32 {
                let bits = self.to_bits();
                let sign = if bits >> 15 == 1 { -1.0 } else { 1.0_f64 };
                let exponent = i32::from(bits & 0x7fff) >> $fraction;
                let fraction = f64::from(bits & ((1 << $fraction) - 1)) / f64::from(1 << $fraction);
                let x = match exponent {
                    0 => fraction * 2.0_f64.powi(1 - $bias),
                    e if e == $infinity >> $fraction && fraction == 0.0 => f64::INFINITY,
                    e if e == $infinity >> $fraction => f64::NAN,
                    e => (1.0 + fraction) * 2.0_f64.powi(e - $bias),
                };
                (sign * x) as f32
            }
        }
    };
}

half!(f16, 0x7c00, 10, 15);
half!(bf16, 0x7f80, 7, 127);

stamp! { (every_number_is_quantized, codes_become_the_nearest_numbers)
    f16_i8: half::f16, i8; f16_u8: half::f16, u8; f16_i16: half::f16, i16;
    bf16_i8: half::bf16, i8; bf16_u8: half::bf16, u8; bf16_u16: half::bf16, u16;
}
stamp!((one_element_decides, nan_is_found_at_every_place) of_f16: half::f16; of_bf16: half::bf16;);

fn every_number<T: Half>() -> Vec<T> {
    (0..=u16::MAX).map(T::from_bits).collect()
}

/// Parameters inside and outside the guard of the reciprocal, with zero points of every size.
fn params<Q: Int>() -> Vec<QParams<f32, Q>> {
    let scales = [
        1.0,
        0.5,
        0.1,
        1.0 / 255.0,
        0.004_37,
        3.3,
        100.0,
        257.0,
        1e-7,
        6e-8,
        1e4,
        65504.0 / 127.0,
        1e-20,
        1e30,
        f32::MIN_POSITIVE,
        f32::MAX / 255.0,
        2.0_f32.powi(-64),
        2.0_f32.powi(65),
    ];
    let middle = Q::MIN + (Q::MAX - Q::MIN + 1) / 2;
    let zero_points = [0, middle, Q::MIN, Q::MAX, middle + 3, -1000, 3001, 1 << 24];
    let all = |scale, z| QParams::new(scale, z).unwrap();
    let some = |scale, z| QParams::with_codes(scale, z, Q::MIN + 1, Q::MAX - 3).unwrap();
    let pairs = scales.iter().flat_map(|s| zero_points.iter().map(move |z| (*s, *z)));
    pairs.flat_map(|(s, z)| [all(s, z), some(s, z)]).collect()
}

/// All of them, or the share that the effort says.
fn some_params<Q: Int>() -> Vec<QParams<f32, Q>> {
    let all = params();
    let step = (100.0 / effort()).clamp(1.0, all.len() as f64) as usize;
    all.into_iter().step_by(step).collect()
}

fn every_number_is_quantized<T: Half, Q: Int>() {
    let src = every_number::<T>();
    let wide: Vec<f32> = src.iter().map(|x| Half::to_f32(*x)).collect();
    for p in some_params::<Q>() {
        let plain = Plain::of(&p);
        let expected: Vec<i32> = wide.iter().map(|x| plain.quantize(*x)).collect();
        for backend in backends() {
            let mut q = vec![Q::default(); src.len()];
            backend.quantize(&src, &p, &mut q).unwrap();
            for (i, q) in q.iter().enumerate() {
                assert_eq!(q.int(), expected[i], "{} {plain:?}: {:e}", backend.name(), wide[i]);
            }
        }
    }
}

fn codes_become_the_nearest_numbers<T: Half, Q: Int>() {
    let step = ((Q::MAX - Q::MIN) / 1000).max(1) as usize;
    let codes: Vec<Q> = (Q::MIN..=Q::MAX).step_by(step).map(Q::of).collect();
    for p in some_params::<Q>() {
        let plain = Plain::of(&p);
        let expected: Vec<u16> =
            codes.iter().map(|q| T::nearest(plain.dequantize(q.int()))).collect();
        for backend in backends() {
            for len in [codes.len(), codes.len() - 1, 77, 64, 33, 16, 7, 1] {
                let mut x = vec![T::from_bits(0xffff); len];
                backend.dequantize(&codes[..len], &p, &mut x).unwrap();
                let found: Vec<u16> = x.iter().map(|x| x.bits()).collect();
                assert_eq!(found, expected[..len], "{} {plain:?}", backend.name());
            }
        }
    }
}

/// NaNs of both signs, quiet and signalling, with the least and the greatest payload.
fn nans<T: Half>() -> Vec<T> {
    let infinity = T::INFINITY_BITS;
    // The first bit of the fraction.
    let quiet = infinity | (0x8000 - infinity) >> 1;
    let bits = [infinity + 1, quiet - 1, quiet, 0x7fff];
    bits.into_iter().flat_map(|bits| [bits, bits | 0x8000]).map(T::from_bits).collect()
}

/// What a reduction gives, in bits: the extremes, and whether there is a NaN.
fn extremes<T: Half>(src: &[T]) -> (u64, u64, bool) {
    let numbers = || src.iter().map(|x| Half::to_f32(*x)).filter(|x| !x.is_nan());
    let min = numbers().fold(f32::INFINITY, |a, b| if b < a { b } else { a }) + 0.0;
    let max = numbers().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a }) + 0.0;
    (min.raw(), max.raw(), src.iter().any(|x| Half::to_f32(*x).is_nan()))
}

/// `max |x|`, and NaN where there is one, as `abs_max` shows it.
fn abs_max_is_right<T: Half>(backend: zeropoint::Auto, src: &[T]) {
    let wide = || src.iter().map(|x| Half::to_f32(*x));
    let found = backend.abs_max(src);
    match wide().position(|x| !x.is_finite()) {
        _ if src.is_empty() => assert_eq!(found, Err(Error::Empty)),
        None => {
            let expected = wide().fold(0.0, |a: f32, b| if b.abs() > a { b.abs() } else { a });
            assert_eq!(found.unwrap().to_bits(), expected.to_bits(), "{} {src:?}", backend.name());
        }
        Some(index) => {
            let error = found.unwrap_err().to_string();
            let expected = format!("NaN or infinity at element {index}");
            assert_eq!(error, expected, "{} {src:?}", backend.name());
        }
    }
}

/// Slices of every length up to 300 that are all of one kind, with an odd one out at the ends, next to
/// them, and in the middle.
fn one_element_decides<T: Half>() {
    let of = |bits: u16| T::from_bits(bits);
    let infinity = T::INFINITY_BITS;
    // −0, 0, numbers of one sign, the subnormal ones and the greatest, infinities.
    let most: Vec<T> =
        [0x8000, 0, 0x3c01, 0xbc01, 1, 0x8001, infinity - 1, infinity | 0x8000].map(of).to_vec();
    let mut odd =
        [0, 0x8000, 1, 0x8001, 0x3c00, 0xbc00, infinity, infinity | 0x8000].map(of).to_vec();
    odd.extend(nans::<T>());
    for len in 0..=300_usize {
        let places = [0, 1, len / 2, len.wrapping_sub(2), len.wrapping_sub(1)];
        // Of every length some pairs, of all lengths all.
        for pair in 0..8 {
            let pair = pair * 31 + len;
            let (common, odd) = (most[pair % most.len()], odd[pair / 8 % odd.len()]);
            let mut src = vec![common; len];
            let mut slices = vec![src.clone()];
            for at in places.into_iter().filter(|at| *at < len) {
                src[at] = odd;
                slices.push(src.clone());
                src[at] = common;
            }
            for src in slices {
                for backend in backends() {
                    let found = min_max_bits(backend.min_max(&src));
                    assert_eq!(found, extremes(&src), "{} {src:?}", backend.name());
                    abs_max_is_right(backend, &src);
                }
            }
        }
    }
}

/// A NaN at every place of a slice of every length, among numbers of both signs or of one.
fn nan_is_found_at_every_place<T: Half>() {
    let nans = nans::<T>();
    // Both signs, none negative, all negative.
    let signs: [fn(u16) -> u16; 3] = [|i| i << 15, |_| 0, |_| 0x8000];
    for sign in signs {
        let number = |i: u16| T::from_bits((0x3000 + i * 3) | sign(i));
        for len in 1..=300_usize {
            let numbers: Vec<T> = (0..len as u16).map(number).collect();
            for at in (0..len).step_by(len / 7 + 1).chain([len - 1, len.saturating_sub(40)]) {
                let mut src = numbers.clone();
                src[at] = nans[(at + len) % nans.len()];
                let expected = extremes(&src);
                assert!(expected.2);
                for backend in backends() {
                    let found = min_max_bits(backend.min_max(&src));
                    assert_eq!(found, expected, "{} NaN at {at} of {len}", backend.name());
                    abs_max_is_right(backend, &src);
                }
            }
        }
    }
}
