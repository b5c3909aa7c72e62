//! Encoders and decoders of blocks with rules broken on purpose, written out by hand: the audit must name what is broken.

use half::f16;
use zeropoint_audit::{Format, Report, Verdict, decode, encode};

#[track_caller]
fn expect(report: &Report, rules: &[&str]) {
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert_eq!(finding.text, rules.join("; "), "{report}");
    assert!(finding.also.is_empty() && report.differing > 0 && !report.agrees(), "{report}");
    assert!(report.counterexample.is_some(), "{report}");
    assert!(finding.evidence.iter().all(|e| e.cases > 0), "{report}");
}

/// Everything that a rule may change about the encoder of 8 bits.
struct Eight {
    id: fn(f32) -> f32,
    d: fn(f32) -> f32,
    round: fn(f32) -> f32,
    half: fn(f32) -> f16,
}

fn inverse(d: f32) -> f32 {
    if d == 0.0 { 0.0 } else { 1.0 / d }
}

const EIGHT: Eight = Eight {
    id: |amax| inverse(amax / 127.0),
    d: |amax| amax / 127.0,
    round: f32::round,
    half: f16::from_f32,
};

fn q8_0(e: &Eight) -> Report {
    encode(Format::Q8_0, |x, dst| {
        for (x, block) in x.chunks(32).zip(dst.chunks_mut(34)) {
            let amax = x.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
            block[..2].copy_from_slice(&(e.half)((e.d)(amax)).to_le_bytes());
            for (x, q) in x.iter().zip(&mut block[2..]) {
                *q = (e.round)(x * (e.id)(amax)) as i8 as u8;
            }
        }
    })
}

const OF_EXTREME: &str = "multiplies by the greatest code over the extreme, not by 1/d";
const EVEN: &str = "rounds ties to even";
const OF_STORED: &str = "multiplies by 1/d with d rounded to f16";

#[test]
fn codes_of_8_bits() {
    let report = q8_0(&EIGHT);
    assert!(report.agrees() && report.cases > 10_000, "{report}");
    let Verdict::One { finding } = &report.verdict else { panic!("{report}") };
    assert!(finding.is_reference && finding.also.is_empty(), "{report}");

    let even = Eight { round: f32::round_ties_even, ..EIGHT };
    expect(&q8_0(&even), &[EVEN]);
    let direct = |amax: f32| if amax == 0.0 { 0.0 } else { 127.0 / amax };
    expect(&q8_0(&Eight { id: direct, ..EIGHT }), &[OF_EXTREME]);
    // ggml's kernel for AVX.
    expect(&q8_0(&Eight { id: direct, ..even }), &[OF_EXTREME, EVEN]);
    let stored = |amax: f32| inverse(f16::from_f32(amax / 127.0).to_f32());
    expect(&q8_0(&Eight { id: stored, ..EIGHT }), &[OF_STORED]);
    expect(&q8_0(&Eight { id: stored, ..even }), &[OF_STORED, EVEN]);
    let by_product =
        Eight { d: |amax| amax * (1.0 / 127.0), id: |amax| inverse(amax * (1.0 / 127.0)), ..EIGHT };
    expect(&q8_0(&by_product), &["multiplies by the inverse of the number of steps for d"]);
    let truncates = |x: f32| {
        let half = f16::from_f32(x);
        let is_above = half.to_f32() > x;
        if is_above { f16::from_bits(half.to_bits() - 1) } else { half }
    };
    expect(&q8_0(&Eight { half: truncates, ..EIGHT }), &["truncates to f16"]);
    let flushes = |x: f32| {
        let half = f16::from_f32(x);
        if half.is_normal() { half } else { f16::ZERO }
    };
    expect(&q8_0(&Eight { half: flushes, ..EIGHT }), &["flushes subnormal f16 to 0"]);
    expect(
        &q8_0(&Eight { round: f32::trunc, half: flushes, ..EIGHT }),
        &["truncates toward 0", "flushes subnormal f16 to 0"],
    );
    expect(&q8_0(&Eight { round: |v| (v + 0.5).floor(), ..EIGHT }), &["rounds by floor(v + 0.5)"]);
}

#[test]
fn quotients() {
    let divides = |d: fn(f32) -> f32| {
        encode(Format::Q8_0, move |x, dst| {
            for (x, block) in x.chunks(32).zip(dst.chunks_mut(34)) {
                let amax = x.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
                block[..2].copy_from_slice(&f16::from_f32(amax / 127.0).to_le_bytes());
                let d = d(amax);
                for (x, q) in x.iter().zip(&mut block[2..]) {
                    *q = if d == 0.0 { 0 } else { (x / d).round() as i8 as u8 };
                }
            }
        })
    };
    expect(&divides(|amax| amax / 127.0), &["divides by d"]);
    expect(&divides(|amax| f16::from_f32(amax / 127.0).to_f32()), &["divides by d rounded to f16"]);
}

fn q8_1(s: fn(&[f32], i32, f32) -> f16) -> Report {
    encode(Format::Q8_1, |x, dst| {
        for (x, block) in x.chunks(32).zip(dst.chunks_mut(36)) {
            let d = x.iter().fold(0.0_f32, |m, x| m.max(x.abs())) / 127.0;
            let mut sum = 0;
            for (x, q) in x.iter().zip(&mut block[4..]) {
                let code = (x * inverse(d)).round() as i8;
                (*q, sum) = (code as u8, sum + i32::from(code));
            }
            block[..2].copy_from_slice(&f16::from_f32(d).to_le_bytes());
            block[2..4].copy_from_slice(&s(x, sum, d).to_le_bytes());
        }
    })
}

#[test]
fn sums() {
    assert!(q8_1(|_, sum, d| f16::from_f32(sum as f32 * d)).agrees());
    expect(
        &q8_1(|_, sum, d| f16::from_f32(sum as f32 * f16::from_f32(d).to_f32())),
        &["multiplies the sum of the codes by d rounded to f16"],
    );
    expect(
        &q8_1(|_, sum, d| f16::from_f32(sum as f32) * f16::from_f32(d)),
        &["multiplies the sum of the codes and d in f16"],
    );
    expect(&q8_1(|x, _, _| f16::from_f32(x.iter().sum())), &["sums the numbers, not the codes"]);
}

/// The places of the codes of a block, code by code.
type Place = fn(&mut [u8], usize, u8);

fn halves(bytes: &mut [u8], j: usize, code: u8) {
    bytes[j % 16] |= (code & 15) << (4 * (j / 16));
}

fn neighbours(bytes: &mut [u8], j: usize, code: u8) {
    bytes[j / 2] |= (code & 15) << (4 * (j % 2));
}

fn first(x: &[f32]) -> f32 {
    x.iter().fold(0.0, |greatest: f32, &x| if x.abs() > greatest.abs() { x } else { greatest })
}

fn last(x: &[f32]) -> f32 {
    let greatest = x.iter().fold(0.0, |g: f32, &x| if x.abs() >= g.abs() { x } else { g });
    if greatest == 0.0 { 0.0 } else { greatest }
}

fn q4_0(vmax: fn(&[f32]) -> f32, code: fn(f32, f32) -> u8, place: Place) -> Report {
    encode(Format::Q4_0, move |x, dst| {
        for (x, block) in x.chunks(32).zip(dst.chunks_mut(18)) {
            let d = vmax(x) / -8.0;
            block.fill(0);
            block[..2].copy_from_slice(&f16::from_f32(d).to_le_bytes());
            for (j, x) in x.iter().enumerate() {
                place(&mut block[2..], j, code(*x, inverse(d)));
            }
        }
    })
}

fn code_of_4(x: f32, id: f32) -> u8 {
    ((x * id + 8.5) as u8).min(15)
}

const NEIGHBOURS: &str = "puts neighbouring codes into a byte, the first into its low half";

#[test]
fn codes_of_4_bits() {
    let report = q4_0(first, code_of_4, halves);
    assert!(report.agrees(), "{report}");
    expect(&q4_0(first, code_of_4, neighbours), &[NEIGHBOURS]);
    let swapped: Place = |bytes, j, code| halves(bytes, (j + 16) % 32, code);
    let swapped_text = "puts code j into the high and code j + 16 into the low half of byte j";
    expect(&q4_0(first, code_of_4, swapped), &[swapped_text]);
    let swapped: Place = |bytes, j, code| neighbours(bytes, j ^ 1, code);
    let swapped_text = "puts neighbouring codes into a byte, the first into its high half";
    expect(&q4_0(first, code_of_4, swapped), &[swapped_text]);

    expect(
        &q4_0(last, code_of_4, halves),
        &["takes the last number of the greatest magnitude, with its sign"],
    );
    let positive = |x: &[f32]| {
        let (min, max) = x.iter().fold((0.0_f32, 0.0_f32), |(a, b), x| (a.min(*x), b.max(*x)));
        if max >= -min { max } else { min }
    };
    expect(
        &q4_0(positive, code_of_4, halves),
        &["takes the positive one of two numbers of the greatest magnitude"],
    );
    let negative = |x: &[f32]| {
        let (min, max) = x.iter().fold((0.0_f32, 0.0_f32), |(a, b), x| (a.min(*x), b.max(*x)));
        if -min >= max { if min == 0.0 { 0.0 } else { min } } else { max }
    };
    let negative_text = "takes the negative one of two numbers of the greatest magnitude";
    expect(&q4_0(negative, code_of_4, halves), &[negative_text]);
    expect(&q4_0(negative, code_of_4, neighbours), &[negative_text, NEIGHBOURS]);
    let magnitude = |x: &[f32]| -x.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    expect(
        &q4_0(magnitude, code_of_4, halves),
        &["takes the greatest magnitude without its sign, so that d is positive"],
    );
}

#[test]
fn roundings_of_4_bits() {
    let fused = |x: f32, id: f32| (x.mul_add(id, 8.5) as u8).min(15);
    expect(
        &q4_0(first, fused, halves),
        &["computes the product and the sum in front of the rounding in one fma"],
    );
    let even = |x: f32, id: f32| ((x * id).round_ties_even() + 8.0).clamp(0.0, 15.0) as u8;
    expect(&q4_0(first, even, halves), &[EVEN]);
    let away = |x: f32, id: f32| ((x * id).round() + 8.0).clamp(0.0, 15.0) as u8;
    expect(&q4_0(first, away, halves), &["rounds ties away from 0"]);
    expect(&q4_0(first, away, neighbours), &["rounds ties away from 0", NEIGHBOURS]);
    let wraps = |x: f32, id: f32| (x * id + 8.5) as u8;
    expect(&q4_0(first, wraps, halves), &["keeps the low bits of a code that is too great"]);
    expect(
        &q4_0(last, wraps, halves),
        &[
            "takes the last number of the greatest magnitude, with its sign",
            "keeps the low bits of a code that is too great",
        ],
    );
}

fn q5_1(code: fn(f32, f32, f32) -> u8, bit: fn(usize) -> usize) -> Report {
    encode(Format::Q5_1, move |x, dst| {
        for (x, block) in x.chunks(32).zip(dst.chunks_mut(24)) {
            let (mut min, mut max) = (x[0], x[0]);
            for &x in x {
                min = if x < min { x } else { min };
                max = if x > max { x } else { max };
            }
            let d = (max - min) / 31.0;
            block.fill(0);
            block[..2].copy_from_slice(&f16::from_f32(d).to_le_bytes());
            block[2..4].copy_from_slice(&f16::from_f32(min).to_le_bytes());
            for (j, x) in x.iter().enumerate() {
                let code = code(*x, min, inverse(d));
                halves(&mut block[8..], j, code);
                block[4 + bit(j) / 8] |= (code >> 4) << (bit(j) % 8);
            }
        }
    })
}

#[test]
fn codes_of_5_bits() {
    let code = |x: f32, min: f32, id: f32| ((x - min) * id + 0.5) as u8;
    let report = q5_1(code, |j| j);
    assert!(report.agrees(), "{report}");
    let fused = |x: f32, min: f32, id: f32| (x - min).mul_add(id, 0.5) as u8;
    expect(
        &q5_1(fused, |j| j),
        &["computes the product and the sum in front of the rounding in one fma"],
    );
    let bits = "stores the fifth bits of codes j and j + 16 side by side";
    expect(&q5_1(code, |j| 2 * (j % 16) + j / 16), &[bits]);
    expect(
        &q5_1(fused, |j| 2 * (j % 16) + j / 16),
        &["computes the product and the sum in front of the rounding in one fma", bits],
    );
}

/// candle's encoder of Q8_K differs from ggml's by the rounding of ties.
#[test]
fn blocks_of_256() {
    let q8_k = |product: fn(f32, f32) -> f32, empty: fn(&mut [u8])| {
        encode(Format::Q8K, move |x, dst| {
            for (x, block) in x.chunks(256).zip(dst.chunks_mut(292)) {
                let vmax = first(x);
                if vmax == 0.0 {
                    empty(block);
                    continue;
                }
                block.fill(0);
                let s = -127.0 / vmax;
                block[..4].copy_from_slice(&(1.0 / s).to_le_bytes());
                for (j, x) in x.iter().enumerate() {
                    let code = product(*x, s).min(127.0) as i8;
                    block[4 + j] = code as u8;
                    let sum = &mut block[260 + j / 16 * 2..][..2];
                    let total = i16::from_le_bytes([sum[0], sum[1]]) + i16::from(code);
                    sum.copy_from_slice(&total.to_le_bytes());
                }
            }
        })
    };
    let report = q8_k(|x, s| (x * s).round_ties_even(), |block| block.fill(0));
    assert!(report.agrees(), "{report}");
    let away = |x: f32, s: f32| (x * s).round();
    expect(&q8_k(away, |block| block.fill(0)), &["rounds ties away from 0"]);
    // ggml's encoder, which leaves the sums, and the same as a compiler contracts it.
    let unwritten = "leaves the sums of a block of zeros as they were";
    let even = |x: f32, s: f32| (x * s + 12_582_912.0) - 12_582_912.0;
    expect(&q8_k(even, |block| block[..260].fill(0)), &[unwritten]);
    let fused = |x: f32, s: f32| x.mul_add(s, 12_582_912.0) - 12_582_912.0;
    let fused_text = "computes the product and the sum in front of the rounding in one fma";
    expect(&q8_k(fused, |block| block[..260].fill(0)), &[fused_text, unwritten]);
}

#[test]
fn a_body_of_two_blocks_is_found() {
    let report = encode(Format::Q8_0, |x, dst| {
        let body = x.len() / 64 * 2;
        for (i, (x, block)) in x.chunks(32).zip(dst.chunks_mut(34)).enumerate() {
            let d = x.iter().fold(0.0_f32, |m, x| m.max(x.abs())) / 127.0;
            block[..2].copy_from_slice(&f16::from_f32(d).to_le_bytes());
            for (x, q) in x.iter().zip(&mut block[2..]) {
                let v = x * inverse(d);
                *q = if i < body { v.round_ties_even() } else { v.round() } as i8 as u8;
            }
        }
    });
    assert!(report.sentence().contains(EVEN), "{report}");
    assert!(report.sentence().contains("blocks beyond the last multiple of 2"), "{report}");
}

fn from_q4_1(code: fn(&[u8], usize) -> u8, number: fn(f32, f16, f16) -> f32) -> Report {
    decode(Format::Q4_1, move |blocks, dst| {
        for (block, x) in blocks.chunks(20).zip(dst.chunks_mut(32)) {
            let half = |at: usize| f16::from_le_bytes([block[at], block[at + 1]]);
            for (j, x) in x.iter_mut().enumerate() {
                *x = number(code(&block[4..], j).into(), half(0), half(2));
            }
        }
    })
}

fn nibble(bytes: &[u8], j: usize) -> u8 {
    bytes[j % 16] >> (4 * (j / 16)) & 15
}

#[test]
fn decoders() {
    let number = |q: f32, d: f16, m: f16| q * d.to_f32() + m.to_f32();
    let report = from_q4_1(nibble, number);
    assert!(report.agrees() && report.cases > 5000, "{report}");
    // The product is exact, so one fma is the same function.
    let fused = |q: f32, d: f16, m: f16| q.mul_add(d.to_f32(), m.to_f32());
    assert!(from_q4_1(nibble, fused).agrees());
    let neighbour = |bytes: &[u8], j: usize| bytes[j / 2] >> (4 * (j % 2)) & 15;
    expect(
        &from_q4_1(neighbour, number),
        &["takes neighbouring codes from a byte, the first from its low half"],
    );
    let swapped = |bytes: &[u8], j: usize| nibble(bytes, (j + 16) % 32);
    let swapped_text = "takes code j from the high and code j + 16 from the low half of byte j";
    expect(&from_q4_1(swapped, number), &[swapped_text]);
    let half = |q: f32, d: f16, m: f16| (f16::from_f32(q * d.to_f32()) + m).to_f32();
    expect(&from_q4_1(nibble, half), &["multiplies and adds in f16"]);
    expect(&from_q4_1(swapped, half), &[swapped_text, "multiplies and adds in f16"]);
    let once = |q: f32, d: f16, m: f16| f16::from_f32(q * d.to_f32() + m.to_f32()).to_f32();
    expect(&from_q4_1(nibble, once), &["rounds the result to f16"]);
    let flushed = |q: f32, d: f16, m: f16| {
        let read = |x: f16| {
            if x.to_bits() & 0x7c00 == 0 { 0.0_f32.copysign(x.to_f32()) } else { x.to_f32() }
        };
        q * read(d) + read(m)
    };
    expect(&from_q4_1(nibble, flushed), &["reads subnormal f16 as 0"]);
}

#[test]
fn decoders_of_8_bits() {
    let from_q8_0 = |number: fn(u8) -> f32| {
        decode(Format::Q8_0, move |blocks, dst| {
            for (block, x) in blocks.chunks(34).zip(dst.chunks_mut(32)) {
                let d = f16::from_le_bytes([block[0], block[1]]).to_f32();
                for (q, x) in block[2..].iter().zip(x) {
                    *x = number(*q) * d;
                }
            }
        })
    };
    assert!(from_q8_0(|q| (q as i8).into()).agrees());
    expect(&from_q8_0(f32::from), &["takes bytes as codes from 0 to 255"]);
}

#[test]
fn names() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(Format::named("q9_0"), None);
}
