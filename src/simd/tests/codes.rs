//! Codes of 8 and of 16 bits, between integers, registers and memory.

use super::{All, in_every_lane, lanes, on_every_backend, pairs, register};
use crate::Code;
use crate::simd::{AddCodes, ByteOps, Elements, FloatOps, STEPS_IN_16_BITS, Stored, WordOps};

fn code<Q: Code>(n: i32) -> Q {
    let mut q = Q::zeroed();
    q.set(0, n.clamp(Q::MIN, Q::MAX));
    q
}

/// Every code, or every third of 16 bits.
fn all_codes<Q: Code>() -> Vec<Q> {
    (Q::MIN..=Q::MAX).step_by(if Q::BITS > 8 { 3 } else { 1 }).map(code).collect()
}

/// Around every limit, and the limits of `i32`.
fn integers() -> Vec<i32> {
    let limits = [0, 127, 255, 32_767, 65_535];
    let near = limits.iter().flat_map(|n| (-3..4).map(move |d| n + d));
    near.flat_map(|n| [n, -n]).chain([i32::MIN, i32::MIN + 1, i32::MAX]).collect()
}

/// Integers to 16 bits, and from there to codes: saturated, and in the order of the elements.
fn packs<Q: Code, S: All + ByteOps<Q>>(s: S) {
    let n = S::LANES;
    in_every_lane(&integers(), S::STEP, |row| {
        let group = |i: usize| register::<i32, S::I32>(&row[i * n..(i + 1) * n]);
        let halves = [s.i16_from_i32(group(0), group(1)), s.i16_from_i32(group(2), group(3))];
        let expected: Vec<Q> = row.iter().map(|&n| code(n)).collect();
        assert_eq!(lanes::<Q, _>(ByteOps::<Q>::pack(s, halves)), expected, "{row:?}");
    });
}

fn packs_words<Q: Code, S: All + WordOps<Q>>(s: S) {
    let n = S::LANES;
    in_every_lane(&integers(), S::STEP, |row| {
        let group = |i: usize| register::<i32, S::I32>(&row[i * n..(i + 1) * n]);
        let expected: Vec<Q> = row.iter().map(|&n| code(n)).collect();
        let got = WordOps::<Q>::pack_words(s, [group(0), group(1), group(2), group(3)]);
        assert_eq!(lanes::<Q, _>(got), expected, "{row:?}");
    });
}

fn extremes<Q: Code, S: All + ByteOps<Q>>(s: S) {
    let cases: Vec<Q> = all_codes::<Q>().into_iter().step_by(5).chain([code(Q::MAX)]).collect();
    in_every_lane(&pairs(&cases), S::STEP, |row| {
        let (a, b): (Vec<Q>, Vec<Q>) = row.iter().copied().unzip();
        let (min, max): (Vec<Q>, Vec<Q>) =
            row.iter().map(|&(a, b)| if a.get(0) < b.get(0) { (a, b) } else { (b, a) }).unzip();
        let [a, b]: [<S as Stored<Q>>::Packed; 2] = [register(&a), register(&b)];
        assert_eq!(lanes::<Q, _>(ByteOps::<Q>::min_code(s, a, b)), min);
        assert_eq!(lanes::<Q, _>(ByteOps::<Q>::max_code(s, a, b)), max);
        let lowest = min.iter().map(|q| q.get(0)).min();
        assert_eq!(Some(ByteOps::<Q>::lowest_code(s, register(&min))), lowest);
    });
    for q in all_codes::<Q>() {
        assert_eq!(lanes::<Q, _>(ByteOps::<Q>::splat_code(s, q.get(0))), vec![q; S::STEP]);
    }
}

fn loads<Q: Code, S: All + Stored<Q>>(s: S) {
    for row in all_codes::<Q>().chunks_exact(S::STEP) {
        let expected: Vec<i32> = row.iter().map(|q| q.get(0)).collect();
        assert_eq!(lanes::<i32, _>(Stored::<Q>::load_codes(s, row)), expected);
    }
}

/// Memory aligned to a cache line, as `stream_codes` needs it.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line<Q>([Q; 65]);

fn stores<Q: Code, S: All + Stored<Q>>(s: S) {
    let guard = code::<Q>(Q::MAX - 1);
    for row in all_codes::<Q>().chunks_exact(S::STEP) {
        for stream in [false, true] {
            let mut dst = Line([guard; 65]);
            let q = register(row);
            if stream {
                Stored::<Q>::stream_codes(s, q, &mut dst.0);
                s.fence();
            } else {
                Stored::<Q>::store_codes(s, q, &mut dst.0);
            }
            assert_eq!(dst.0[..S::STEP], *row);
            assert!(dst.0[S::STEP..].iter().all(|&q| q == guard));
        }
    }
}

/// `load_codes_part`, `store_codes_part` and the parts of floats agree on the places of elements.
fn parts<Q: Code, S: All + Stored<Q>>(s: S) {
    for len in 0..S::STEP {
        let src: Vec<Q> = all_codes::<Q>()[7..7 + len].to_vec();
        let n = Stored::<Q>::load_codes_part(s, &src);
        let mut reals = vec![0.0_f32; len];
        let mut v = [FloatOps::<f32>::splat(s, 0.0); 4];
        for group in 0..4 {
            v[group] = FloatOps::<f32>::i32_to_real(s, n[group]);
        }
        Elements::<f32>::store_part(s, v, &mut reals);
        assert!(reals.iter().zip(&src).all(|(&x, q)| x == q.get(0) as f32), "{len}: {reals:?}");

        let step: Vec<Q> = lanes::<i32, _>(n).into_iter().map(|n| code(n)).collect();
        let mut dst = vec![code::<Q>(Q::MAX); len];
        Stored::<Q>::store_codes_part(s, register(&step), &mut dst);
        assert_eq!(dst, src);
    }
}

fn sums<Q: Code, S: All + AddCodes<Q>>(s: S) {
    let total = |n: S::I32| lanes::<i32, _>(n).into_iter().map(i64::from).sum::<i64>();
    let before = register::<i32, S::I32>(&(0..S::LANES as i32).collect::<Vec<_>>());
    for steps in [0, 1, 2, STEPS_IN_16_BITS] {
        for pattern in [[Q::MIN; 2], [Q::MAX; 2], [Q::MIN, Q::MAX], [1, 3]] {
            let src: Vec<Q> = (0..steps * S::STEP).map(|i| code(pattern[i % 2])).collect();
            let added = src.iter().map(|q| i64::from(q.get(0))).sum::<i64>();
            assert_eq!(total(AddCodes::<Q>::add_codes(s, before, &src)), total(before) + added);
        }
        for place in 0..steps * S::STEP {
            let mut src = vec![Q::zeroed(); steps * S::STEP];
            src[place] = code(77);
            assert_eq!(
                total(AddCodes::<Q>::add_codes(s, before, &src)),
                total(before) + 77,
                "{place}"
            );
        }
    }
}

mod bytes {
    use super::*;
    on_every_backend!([i8, u8] packs, extremes, sums);
}

mod words {
    use super::*;
    on_every_backend!([i16, u16] packs_words);
}

mod stored {
    use super::*;
    on_every_backend!([i8, u8, i16, u16] loads, stores, parts);
}
