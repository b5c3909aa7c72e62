//! Tests of codes of 8 and of 16 bits, between integers, registers and memory.

use super::{in_every_lane, lanes, pairs, register};
use crate::Code;
use crate::simd::{ByteOps, STEPS_IN_16_BITS, Simd, WordOps};

fn code<Q: Code>(n: i32) -> Q {
    let mut q = Q::zeroed();
    q.set(0, n.clamp(Q::MIN, Q::MAX));
    q
}

/// Returns every code of 8 bits, or every third code of 16 bits.
pub(super) fn all_codes<Q: Code>() -> Vec<Q> {
    (Q::MIN..=Q::MAX).step_by(if Q::BITS > 8 { 3 } else { 1 }).map(code).collect()
}

/// Returns integers around the limits of all types, and the limits of `i32`.
fn integers() -> Vec<i32> {
    let limits = [0, 127, 255, 32_767, 65_535];
    let near = limits.iter().flat_map(|n| (-3..4).map(move |d| n + d));
    near.flat_map(|n| [n, -n]).chain([i32::MIN, i32::MIN + 1, i32::MAX]).collect()
}

/// Tests that `pack` saturates, and keeps the order of the elements.
fn packs<Q: Code, S: Simd, P: Copy>(_: S, pack: impl Fn([S::I32; 4]) -> P) {
    in_every_lane(&integers(), S::STEP, |row| {
        let expected: Vec<Q> = row.iter().map(|&n| code(n)).collect();
        assert_eq!(lanes::<Q, _>(pack(register(row))), expected, "{row:?}");
    });
}

fn packs_bytes<Q: Code, S: ByteOps<Q>>(s: S) {
    packs::<Q, S, _>(s, |n| s.pack([s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])]));
}

fn packs_words<Q: Code, S: WordOps<Q>>(s: S) {
    packs::<Q, S, _>(s, |n| s.pack_words(n));
}

fn extremes<Q: Code, S: ByteOps<Q>>(s: S) {
    let cases: Vec<Q> = all_codes::<Q>().into_iter().step_by(5).chain([code(Q::MAX)]).collect();
    in_every_lane(&pairs(&cases), S::STEP, |row| {
        let (a, b): (Vec<Q>, Vec<Q>) = row.iter().copied().unzip();
        let (min, max): (Vec<Q>, Vec<Q>) =
            row.iter().map(|&(a, b)| if a.get(0) < b.get(0) { (a, b) } else { (b, a) }).unzip();
        let [a, b]: [S::Packed; 2] = [register(&a), register(&b)];
        assert_eq!(lanes::<Q, _>(s.min_code(a, b)), min);
        assert_eq!(lanes::<Q, _>(s.max_code(a, b)), max);
        let lowest = min.iter().map(|q| q.get(0)).min();
        assert_eq!(Some(s.lowest_code(register(&min))), lowest);
    });
    for q in all_codes::<Q>() {
        assert_eq!(lanes::<Q, _>(s.splat_code(q.get(0))), vec![q; S::STEP]);
    }
}

fn sums<Q: Code, S: ByteOps<Q>>(s: S) {
    let total = |n: S::I32| lanes::<i32, _>(n).into_iter().map(i64::from).sum::<i64>();
    let before = register::<i32, S::I32>(&(0..S::LANES as i32).collect::<Vec<_>>());
    for steps in [0, 1, 2, STEPS_IN_16_BITS] {
        for pattern in [[Q::MIN; 2], [Q::MAX; 2], [Q::MIN, Q::MAX], [1, 3]] {
            let src: Vec<Q> = (0..steps * S::STEP).map(|i| code(pattern[i % 2])).collect();
            let added = src.iter().map(|q| i64::from(q.get(0))).sum::<i64>();
            assert_eq!(total(s.add_codes(before, &src)), total(before) + added);
        }
        for place in 0..steps * S::STEP {
            let mut src = vec![Q::zeroed(); steps * S::STEP];
            src[place] = code(77);
            assert_eq!(total(s.add_codes(before, &src)), total(before) + 77, "{place}");
        }
    }
}

on_backends! {
    [i8, u8] packs_bytes, extremes, sums;
    [i16, u16] packs_words;
}
