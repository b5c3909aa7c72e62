//! Blocks by ggml and by zeropoint, in turn: nanoseconds an element, and how many times as long ggml takes. First the
//! formats of ggml (`stored.rs`), then blocks whose codes and scales are arrays.
//!
//! ggml's `q8_0` is a scale and 32 codes of 8 bits, symmetric; zeropoint's scales stand in an array of their own, as
//! `f32`. Its `q4_0` has codes from −8, spread to the number of the greatest magnitude; zeropoint's are symmetric.
//! First it counts the codes of 8 bits that are not the division's: ggml multiplies by 127 / max |x|.

mod stored;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use zeropoint::{
    Auto, Backend, Granularity, I4x2, Params, ParamsMut, Scheme, ZeroPoints, ZeroPointsMut,
};

unsafe extern "C" {
    fn quantize_row_q8_0(x: *const f32, y: *mut u8, n: i64);
    fn dequantize_row_q8_0(x: *const u8, y: *mut f32, n: i64);
    fn quantize_row_q4_0_ref(x: *const f32, y: *mut u8, n: i64);
    fn dequantize_row_q4_0(x: *const u8, y: *mut f32, n: i64);
}

const BLOCK: usize = 32;
/// The bytes of ggml's blocks: a scale as `f16`, and codes of 8 or 4 bits.
const Q8_0: usize = 2 + BLOCK;
const Q4_0: usize = 2 + BLOCK / 2;
const ROUNDS: usize = 31;

/// `len` elements that begin `offset` bytes after a cache line.
fn at<T: Clone>(offset: usize, len: usize, fill: T) -> (Vec<T>, std::ops::Range<usize>) {
    let all = vec![fill; len + 128 / size_of::<T>()];
    let first = (64 - all.as_ptr() as usize % 64 + offset) / size_of::<T>();
    (all, first..first + len)
}

/// Nanoseconds an element of `work`, which takes `len` of them.
fn time(len: usize, work: &mut dyn FnMut()) -> f64 {
    let calls = (1_000_000 / len).max(1);
    let start = Instant::now();
    for _ in 0..calls {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / (calls * len) as f64
}

/// A row of the table, if it contains the program's argument: medians of the two, which are called in turn.
fn row(name: &str, len: usize, offset: usize, ggml: &mut dyn FnMut(), ours: &mut dyn FnMut()) {
    let filter = std::env::args().nth(1).unwrap_or_default();
    if !format!("{name} {len}").contains(&filter) {
        return;
    }
    let (mut theirs, mut our) = ([0.0; ROUNDS], [0.0; ROUNDS]);
    for round in 0..ROUNDS {
        theirs[round] = time(len, ggml);
        our[round] = time(len, ours);
    }
    theirs.sort_by(f64::total_cmp);
    our.sort_by(f64::total_cmp);
    let (ggml, ours) = (theirs[ROUNDS / 2], our[ROUNDS / 2]);
    println!("| {name} | {len} | {offset} | {ggml:.4} | {ours:.4} | {:.2} |", ggml / ours);
}

fn main() -> Result<(), Box<dyn Error>> {
    let backend = Auto::detect()?;
    println!("blocks of {BLOCK}, ggml and zeropoint ({}), one thread\n", backend.name());
    println!("| operation | elements | bytes after a line | ggml | zeropoint | ggml / zeropoint |");
    println!("|---|--:|--:|--:|--:|--:|");
    stored::all(backend);
    let (mut differ, mut compared) = (0, 0);
    for len in [1 << 10, 1 << 12, 1 << 13, 1 << 16, 1 << 20] {
        for offset in [0, 16] {
            let blocks = Granularity::block(&[len], 0, BLOCK)?;
            let (mut x, of_x) = at(offset, len, 0.0_f32);
            for (i, x) in x.iter_mut().enumerate() {
                let random = (i as u32).wrapping_mul(0x9e37_79b1) >> 8;
                *x = (random as f32 / (1 << 24) as f32 - 0.5) * 8.0;
            }
            let x = &x[of_x];
            let (mut y, of_y) = at(offset, len, 0.0_f32);
            let y = &mut y[of_y];
            let (mut q, of_q) = at(offset, len, 0_i8);
            let q = &mut q[of_q];
            let mut q4 = vec![I4x2::default(); len / 2];
            let mut scales = vec![0.0_f32; len / BLOCK];
            let mut q8_0 = vec![0_u8; len / BLOCK * Q8_0];
            let mut q4_0 = vec![0_u8; len / BLOCK * Q4_0];
            let n = len as i64;

            // SAFETY: x and y have n elements, the others as many blocks of n / 32; the same below.
            let mut ggml = || unsafe { quantize_row_q8_0(x.as_ptr(), q8_0.as_mut_ptr(), n) };
            let mut ours = || {
                let room = ParamsMut::arrays(&mut scales, ZeroPointsMut::Omitted);
                backend.quantize_dynamic_per(blocks, x, Scheme::symmetric(), room, q).unwrap();
                black_box(&mut *q);
            };
            row("f32 → q8_0, i8", len, offset, &mut ggml, &mut ours);
            for (codes, block) in q.chunks(BLOCK).zip(q8_0.chunks(Q8_0)) {
                differ += codes.iter().zip(&block[2..]).filter(|(a, b)| **a != **b as i8).count();
                compared += BLOCK;
            }

            let out = y.as_mut_ptr();
            let mut ggml = || unsafe { dequantize_row_q8_0(q8_0.as_ptr(), out, n) };
            let mut ours = || {
                let params = Params::arrays(&scales, ZeroPoints::Zero);
                backend.dequantize_per(blocks, q, params, black_box(&mut *y)).unwrap();
            };
            row("q8_0, i8 → f32", len, offset, &mut ggml, &mut ours);

            let mut ggml = || unsafe { quantize_row_q4_0_ref(x.as_ptr(), q4_0.as_mut_ptr(), n) };
            let mut ours = || {
                let room = ParamsMut::arrays(&mut scales, ZeroPointsMut::Omitted);
                let result =
                    backend.quantize_dynamic_per(blocks, x, Scheme::symmetric(), room, &mut q4);
                result.unwrap();
                black_box(&mut q4);
            };
            row("f32 → q4_0, i4", len, offset, &mut ggml, &mut ours);

            let mut ggml = || unsafe { dequantize_row_q4_0(q4_0.as_ptr(), out, n) };
            let mut ours = || {
                let params = Params::arrays(&scales, ZeroPoints::Zero);
                backend.dequantize_per(blocks, &q4, params, black_box(&mut *y)).unwrap();
            };
            row("q4_0, i4 → f32", len, offset, &mut ggml, &mut ours);
        }
    }
    println!("\nof {compared} codes of 8 bits, {differ} of ggml's are not the division's");
    Ok(())
}
