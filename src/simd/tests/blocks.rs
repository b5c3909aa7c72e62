//! Tests of the operations that only stored blocks need.

use half::f16;

use super::{in_every_lane, lanes, register};
use crate::simd::{BlockOps, MOST_LANES};

/// Tests both sides of every step up to 70 000. The roundings never decrease, so they are right between the steps, too.
fn roundings<T, S: BlockOps>(s: S) {
    let cases: Vec<f32> = (0..70_000)
        .flat_map(|n| [n as f32, n as f32 + 0.5])
        .flat_map(|x| [f32::from_bits(x.to_bits().saturating_sub(1)), x])
        .flat_map(|x| [x, -x])
        .collect();
    for x in cases.chunks_exact(S::LANES) {
        let v = register(x);
        let (truncated, away) = (s.to_i32_truncated(v), s.to_i32_away(v));
        for ((x, truncated), away) in
            x.iter().zip(lanes::<i32, _>(truncated)).zip(lanes::<i32, _>(away))
        {
            assert_eq!(truncated, *x as i32, "{x}");
            assert_eq!(away, libm::roundf(*x) as i32, "{x}");
        }
    }
}

fn halves<T, S: BlockOps>(s: S) {
    for x in (0..=u16::MAX).map(f16::from_bits).filter(|x| !x.is_nan()) {
        let expected = vec![x.to_f32().to_bits(); S::LANES];
        assert_eq!(lanes::<u32, _>(s.splat_half(x)), expected, "{x}");
    }
}

fn greatest<T, S: BlockOps>(s: S) {
    let cases = [-1.5, -0.25, 3.0, -7.0, 0.0, f32::MAX, f32::MIN, f32::INFINITY, -f32::INFINITY];
    in_every_lane(&cases, S::LANES, |row| {
        let mut v = [s.splat(f32::NEG_INFINITY); MOST_LANES];
        for i in 0..S::LANES {
            let mut turned = row.to_vec();
            turned.rotate_left(i);
            turned[i] = -100.0 + i as f32;
            v[i] = register(&turned);
        }
        let expected: Vec<f32> = (0..S::LANES)
            .map(|i| lanes::<f32, _>(v[i]).into_iter().fold(f32::NEG_INFINITY, f32::max))
            .collect();
        assert_eq!(lanes::<f32, _>(s.max_lanes(v)), expected);
    });
}

fn sums_and_fifths<T, S: BlockOps>(s: S) {
    for n in 0..2000_u32 {
        let bits = n.wrapping_mul(0x9e37_79b9) ^ n >> 3;
        let codes: [i8; 32] =
            core::array::from_fn(|j| ((bits >> j & 1) << 4) as i8 | (n as usize * j % 16) as i8);
        assert_eq!(s.fifth_bits(&codes), bits);
        let signed = codes.map(|q| (q as u8).wrapping_mul(n as u8 | 1) as i8);
        assert_eq!(s.sum_codes(&signed), signed.iter().map(|q| i32::from(*q)).sum());
        assert_eq!(s.sum_codes(&[i8::MIN; 32]), -4096);
        let mut low: [i8; 32] = codes.map(|q| (q & 15) - 16);
        s.add_fifths(bits, &mut low);
        assert_eq!(low, codes.map(|q| q - 16));
    }
}

on_backends! { [()] roundings, halves, greatest, sums_and_fifths; }
