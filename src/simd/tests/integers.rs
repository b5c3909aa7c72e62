//! Tests of integers of 32 and of 16 bits.

use super::{binary, in_every_lane, lanes, pairs, register};
use crate::simd::{I32Ops, Simd};

/// Returns integers around the limits of every type that an integer is converted to.
pub(super) fn cases() -> Vec<i32> {
    let limits = [0, 127, 128, 255, 32_767, 32_768, 65_535, 1 << 24, 1 << 30, i32::MAX];
    let near = limits.iter().flat_map(|n: &i32| (-2..3).map(|d| n.wrapping_add(d)));
    let mut all: Vec<i32> = near.flat_map(|n| [n, n.wrapping_neg()]).collect();
    all.extend([0x0102_0304, -0x0102_0304]);
    all.sort_unstable();
    all.dedup();
    all
}

fn short_cases() -> Vec<i16> {
    cases().into_iter().filter_map(|n| i16::try_from(n).ok()).collect()
}

fn arithmetic<T, S: I32Ops>(s: S) {
    let cases = pairs(&cases());
    binary(&cases, |a, b| s.i32_add(a, b), |a: i32, b, n: i32| n == a.wrapping_add(b));
    binary(&cases, |a, b| s.i32_sub(a, b), |a: i32, b, n: i32| n == a.wrapping_sub(b));
    binary(&cases, |a, b| s.i32_min(a, b), |a: i32, b, n: i32| n == a.min(b));
    binary(&cases, |a, b| s.i32_max(a, b), |a: i32, b, n: i32| n == a.max(b));
    binary(&cases, |a, b| s.i32_and(a, b), |a: i32, b, n: i32| n == a & b);
    let count = s.i32_splat(i32::MAX - 1);
    let unequal = |a: i32, b: i32, n: i32| n == i32::MAX - i32::from(a == b);
    binary(&cases, |a, b| s.i32_count_unequal(count, a, b), unequal);
}

fn splats<T, S: Simd>(s: S) {
    for n in cases() {
        assert_eq!(lanes::<i32, _>(s.i32_splat(n)), vec![n; S::LANES]);
    }
    for n in short_cases() {
        assert_eq!(lanes::<i16, _>(s.i16_splat(n)), vec![n; 2 * S::LANES]);
    }
}

fn shifts<T, S: I32Ops>(s: S) {
    let cases: Vec<_> = cases().into_iter().map(|a| (a, a)).collect();
    for n in 0..32 {
        binary(&cases, |a, _| s.i32_shift_right(a, n), |a: i32, _, got: i32| got == a >> n);
    }
    let by: Vec<_> = cases.into_iter().flat_map(|(a, _)| (0..32).map(move |n| (a, n))).collect();
    binary(&by, |a, n| s.i32_shift_left_by(a, n), |a: i32, n, got: i32| got == a << n);
    binary(&by, |a, n| s.i32_shift_right_by(a, n), |a: i32, n, got: i32| got == a >> n);
}

/// Divides by a power of two as gemmlowp does, with ties away from zero.
fn divided_by_power_of_two(x: i32, e: i32) -> i32 {
    let mask = ((1_i64 << e) - 1) as i32;
    (x >> e) + i32::from((x & mask) > (mask >> 1) + i32::from(x < 0))
}

fn products<T, S: I32Ops>(s: S) {
    let high = |a: i32, b: i32| ((i64::from(a) * i64::from(b) + (1 << 30)) >> 31) as i32;
    let cases: Vec<_> = pairs(&cases()).into_iter().filter(|&(_, b)| b >= 0).collect();
    binary(&cases, |a, b| s.i32_mul_high(a, b), |a, b, n: i32| n == high(a, b));
    for e in 1..32 {
        let by = s.i32_splat(e);
        let meaning = |a, m, n: i32| n == divided_by_power_of_two(high(a, m), e);
        binary(&cases, |a, m| s.i32_mul_shift(a, m, by), meaning);
    }
}

fn shorts<T, S: I32Ops>(s: S) {
    let cases = pairs(&short_cases());
    binary(&cases, |a, b| s.i16_add(a, b), |a: i16, b, n: i16| n == a.wrapping_add(b));
    let saturating = |a: i16, b, n: i16| n == a.saturating_add(b);
    binary(&cases, |a, b| s.i16_add_saturating(a, b), saturating);
    let sums = s.i32_splat(1 << 20);
    let pairs_of = |n: S::I16| s.i32_add_pairs(sums, n);
    in_every_lane(&short_cases(), 2 * S::LANES, |row| {
        let expected: Vec<i32> =
            row.chunks_exact(2).map(|n| (1 << 20) + i32::from(n[0]) + i32::from(n[1])).collect();
        assert_eq!(lanes::<i32, _>(pairs_of(register(row))), expected, "{row:?}");
    });
}

/// Tests saturation on sorted lanes; the test of `pack` covers their order.
fn saturation_to_16_bits<T, S: I32Ops>(s: S) {
    in_every_lane(&cases(), 2 * S::LANES, |row| {
        let (a, b) = row.split_at(S::LANES);
        let mut got = lanes::<i16, S::I16>(s.i16_from_i32(register(a), register(b)));
        let mut expected: Vec<_> = row.iter().map(|&n| n.clamp(-32_768, 32_767) as i16).collect();
        got.sort_unstable();
        expected.sort_unstable();
        assert_eq!(got, expected, "{row:?}");
    });
}

on_backends! { [()] arithmetic, splats, shifts, products, shorts, saturation_to_16_bits; }
