//! Numbers that block quantizers get wrong.

use super::Data;

/// A number of a sequence that looks random, the same in every run.
pub(super) fn random(i: usize) -> u32 {
    let mut x = (i as u32).wrapping_add(1).wrapping_mul(0x9e37_79b9);
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x.wrapping_mul(0xc2b2_ae35) ^ x >> 16
}

fn uniform(i: usize) -> f32 {
    random(i) as f32 / u32::MAX as f32 * 2.0 - 1.0
}

/// A kind of block: its name, and its element `i`, where `n` is the number of the block.
pub(super) type Kind = (&'static str, fn(n: usize, i: usize) -> f32);

/// Kinds of blocks that have bytes in every format and every type of data.
pub(super) const KINDS: [Kind; 16] = [
    ("random", |n, i| uniform(n * 256 + i)),
    ("all equal", |n, _| uniform(n)),
    ("zeros", |_, _| 0.0),
    ("negative zeros", |_, _| -0.0),
    ("zeros of both signs", |n, i| if random(n * 256 + i) & 1 == 0 { 0.0 } else { -0.0 }),
    ("one outlier", |n, i| if i == n % 32 { -900.0 } else { uniform(n * 256 + i) }),
    ("greatest twice, positive first", |n, i| match i {
        3 => 2.0,
        20 => -2.0,
        _ => uniform(n * 256 + i),
    }),
    ("greatest twice, negative first", |n, i| match i {
        0 => -2.0,
        31 => 2.0,
        _ => uniform(n * 256 + i),
    }),
    ("ties of 127 steps", |n, i| match i {
        0 => 127.0,
        _ => (random(n * 256 + i) % 253) as f32 / 2.0 - 63.0,
    }),
    ("ties of 8 steps", |n, i| match i {
        5 => -8.0,
        _ => (random(n * 256 + i) % 31) as f32 / 2.0 - 7.5,
    }),
    ("ties of 15 and 31 steps", |n, i| match i {
        0 => 0.0,
        1 => [15.0, 31.0][n % 2],
        _ => (random(n * 256 + i) % 30) as f32 / 2.0,
    }),
    ("next to ties", |n, i| match i {
        0 => 127.0,
        _ => {
            let tie = (random(n * 256 + i) % 127) as f32 + 0.5;
            let off = [-1, 0, 1][random(n + i) as usize % 3];
            f32::from_bits((tie.to_bits() as i32 + off) as u32)
        }
    }),
    ("positive", |n, i| uniform(n * 256 + i).abs() + 1.0),
    ("negative", |n, i| -uniform(n * 256 + i).abs() - 0.5),
    ("zero is least", |n, i| uniform(n * 256 + i).max(if n % 2 == 0 { 0.0 } else { -0.0 })),
    ("subnormal", |n, i| {
        f32::from_bits((random(n * 256 + i) % (1 << (n % 24))) | ((i as u32 & 1) << 31))
    }),
];

/// Fills blocks of `len` elements, each with a kind of its own from number `first` on.
pub(super) fn fill<T: Data>(first: usize, len: usize, blocks: usize) -> Vec<T> {
    let mut x = Vec::with_capacity(blocks * len);
    for block in 0..blocks {
        let (_, element) = KINDS[(first + block) % KINDS.len()];
        x.extend((0..len).map(|i| T::from_f32(element(first + block, i))));
    }
    x
}
