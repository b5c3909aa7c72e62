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

fn joined_halves<T, S: BlockOps>(s: S) {
    for n in 0..2000_usize {
        let codes: Vec<i8> = (0..64).map(|j| (n * (j + 3) / 7 % 32) as i8).collect();
        let codes = &codes[..S::STEP.max(32)];
        let mut bytes = [0xaa; 32];
        s.join_halves(codes, &mut bytes);
        for (block, codes) in codes.chunks_exact(32).enumerate() {
            for j in 0..16 {
                let expected = codes[j] as u8 & 15 | (codes[j + 16] as u8 & 15) << 4;
                assert_eq!(bytes[16 * block + j], expected, "{n} {j}");
            }
        }
    }
}

fn lanes_of_two<T, S: BlockOps>(s: S) {
    let [a, b]: [Vec<f32>; 2] = [0, 100].map(|x| (x..x + S::LANES).map(|x| x as f32).collect());
    for lane in 0..=S::LANES {
        let expected = [&b[..lane], &a[lane..]].concat();
        assert_eq!(lanes::<f32, _>(s.lanes_from(lane, register(&a), register(&b))), expected);
    }
}

/// Numbers on both sides of every limit.
const EDGES: [f32; 13] = [
    0.0,
    -0.0,
    1e-45,
    -f32::MIN_POSITIVE.next_down(),
    f32::MIN_POSITIVE,
    -1.5,
    65520.0_f32.next_down(),
    -65520.0_f32.next_down(),
    65520.0,
    -65520.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

/// Each pair is in each lane, among regular ones, and in all lanes.
fn zeros_and_limits<T, S: BlockOps>(s: S) {
    let pairs: Vec<[f32; 2]> = EDGES.iter().flat_map(|&a| EDGES.map(|b| [a, b])).collect();
    let is_regular =
        |[d, factor]: [f32; 2]| d.is_normal() && d.abs() < 65520.0 || d == 0.0 && factor == 0.0;
    for pair in pairs {
        for lane in 0..=S::LANES {
            let row: Vec<[f32; 2]> = (0..S::LANES)
                .map(|i| if i == lane || lane == S::LANES { pair } else { [1.0; 2] })
                .collect();
            let [a, b] = [0, 1].map(|i| row.iter().map(|pair| pair[i]).collect::<Vec<f32>>());
            let [v, w]: [S::V; 2] = [register(&a), register(&b)];
            let or_zero: Vec<u32> =
                row.iter().map(|[a, b]| if *b == 0.0 { 0 } else { a.to_bits() }).collect();
            assert_eq!(lanes::<u32, _>(s.or_zero(v, w)), or_zero, "{pair:?}");
            let any = row.iter().any(|[a, b]| *a == 0.0 && *b != 0.0);
            assert_eq!(s.any_zero(v, w), any, "{pair:?} {lane}");
            let below = a.iter().all(|x| x.abs() < 65520.0);
            assert_eq!(s.are_below(v, 65520.0), below, "{pair:?} {lane}");
            let regular = row.iter().all(|pair| is_regular(*pair));
            assert_eq!(s.are_regular(v, w, 65520.0), regular, "{pair:?} {lane}");
        }
    }
}

on_backends! {
    [()] roundings, halves_of_integers, signs, halves, choices, sums_and_fifths, joined_halves, lanes_of_two,
        zeros_and_limits;
}
