//! Tests of the operations that only stored blocks need.

use half::f16;

use super::{in_every_lane, lanes, register};
use crate::simd::{BlockOps, Choice, LONGEST_STEP, MOST_LANES, Store};

/// Tests both sides of every step up to 70 000. The roundings never decrease, so they are right between the steps, too.
fn roundings<T, S: BlockOps>(s: S) {
    let cases: Vec<f32> = (0..70_000)
        .flat_map(|n| [n as f32, n as f32 + 0.5])
        .flat_map(|x| [f32::from_bits(x.to_bits().saturating_sub(1)), x])
        .flat_map(|x| [x, -x])
        .collect();
    for x in cases.chunks_exact(S::LANES) {
        let v = register(x);
        for (x, truncated) in x.iter().zip(lanes::<i32, _>(s.to_i32_truncated(v))) {
            assert_eq!(truncated, *x as i32, "{x}");
        }
    }
}

/// Tests all integers that blocks halve.
fn halves_of_integers<T, S: BlockOps>(s: S) {
    for n in -254..=254 {
        let words = s.halve_away(s.i16_splat(n));
        let mut codes = [0; LONGEST_STEP];
        s.pack([words, words]).store(s, &mut codes);
        let expected = libm::roundf(f32::from(n) / 2.0) as i8;
        assert_eq!(codes[..S::STEP], vec![expected; S::STEP], "{n}");
    }
}

fn signs<T, S: BlockOps>(s: S) {
    for (magnitude, sign) in [(1.5, -0.0), (0.0, -3.0), (2.0, 7.0), (f32::INFINITY, -1e-40)] {
        let expected = vec![f32::copysign(magnitude, sign).to_bits(); S::LANES];
        assert_eq!(lanes::<u32, _>(s.with_sign(s.splat(magnitude), s.splat(sign))), expected);
    }
}

fn halves<T, S: BlockOps>(s: S) {
    for x in (0..=u16::MAX).map(f16::from_bits).filter(|x| !x.is_nan()) {
        let expected = vec![x.to_f32().to_bits(); S::LANES];
        assert_eq!(lanes::<u32, _>(s.splat_half(x)), expected, "{x}");
    }
}

fn choices<T, S: BlockOps>(s: S) {
    let cases = [-1.5, -0.25, 3.0, -7.0, 0.0, f32::MAX, f32::MIN, f32::INFINITY, -f32::INFINITY];
    for choice in [Choice::Magnitude, Choice::Greater, Choice::Lesser] {
        let abs = |x: f32| if choice == Choice::Magnitude { x.abs() } else { x };
        let choose = if choice == Choice::Lesser { f32::min } else { f32::max };
        in_every_lane(&cases.map(abs), S::LANES, |row| {
            let mut v = [s.splat(0.0); MOST_LANES];
            for i in 0..S::LANES {
                let mut turned = row.to_vec();
                turned.rotate_left(i);
                turned[i] = abs(-100.0 + i as f32);
                v[i] = register(&turned);
            }
            let mut pairs = [s.splat(0.0); MOST_LANES / 2];
            for pair in 0..S::LANES / 2 {
                pairs[pair] = s.choose_neighbours(v[2 * pair], v[2 * pair + 1], choice);
            }
            let expected: Vec<f32> = (0..S::LANES)
                .map(|i| lanes::<f32, _>(v[i]).into_iter().reduce(choose).unwrap())
                .collect();
            assert_eq!(lanes::<f32, _>(s.choose_lanes(pairs, choice)), expected);
        });
    }
}

fn sums_and_fifths<T, S: BlockOps>(s: S) {
    for n in 0..2000_u32 {
        let bits = n.wrapping_mul(0x9e37_79b9) ^ n >> 3;
        let codes: [i8; 32] =
            core::array::from_fn(|j| ((bits >> j & 1) << 4) as i8 | (n as usize * j % 16) as i8);
        assert_eq!(s.fifth_bits(&codes), bits);
        let signed = codes.map(|q| (q as u8).wrapping_mul(n as u8 | 1) as i8);
        assert_eq!(s.sum_codes(&signed), signed.iter().map(|q| i32::from(*q)).sum::<i32>());
        assert_eq!(s.sum_codes(&[i8::MIN; 32]), -4096);
        let mut low: [i8; 32] = codes.map(|q| (q & 15) - 16);
        s.add_fifths(bits, &mut low);
        assert_eq!(low, codes.map(|q| q - 16));
    }
}

on_backends! { [()] roundings, halves_of_integers, signs, halves, choices, sums_and_fifths; }
