//! Blocks whose codes and scales are arrays of their own, beside the blocks of ggml.
//!
//! ggml's `q8_0` is a scale and 32 codes of 8 bits, symmetric; zeropoint's scales stand in an array of their own, as
//! `f32`. Its `q4_0` has codes from −8, spread to the number of the greatest magnitude; zeropoint's are symmetric.

use std::error::Error;
use std::hint::black_box;

use zeropoint::{
    Auto, Backend, Granularity, I4x2, Params, ParamsMut, Scheme, ZeroPoints, ZeroPointsMut,
};

use crate::{at, medians, random};

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

/// Prints a row of the table, if it contains `filter`.
fn row(
    filter: &str,
    (name, len, offset): (&str, usize, usize),
    ggml: &mut dyn FnMut(),
    ours: &mut dyn FnMut(),
) {
    if !format!("{name} {len}").contains(filter) {
        return;
    }
    let times = medians(len, &mut [ggml, ours]);
    let (ggml, ours) = (times[0], times[1]);
    println!("| {name} | {len} | {offset} | {ggml:.4} | {ours:.4} | {:.2} |", ggml / ours);
}

/// Prints the rows, and how many codes of 8 bits are not the division's: ggml multiplies by 127 / max |x|.
pub(crate) fn print(backend: Auto, filter: &str) -> Result<(), Box<dyn Error>> {
    println!("| operation | elements | bytes after a line | ggml | zeropoint | ggml / zeropoint |");
    println!("|---|--:|--:|--:|--:|--:|");
    let (mut differ, mut compared) = (0, 0);
    for len in [1 << 10, 1 << 12, 1 << 13, 1 << 16, 1 << 20] {
        for offset in [0, 16] {
            let blocks = Granularity::block(&[len], 0, BLOCK)?;
            let (mut x, of_x) = at(offset, len, 0.0_f32);
            random(&mut x);
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
            row(filter, ("f32 → q8_0, i8", len, offset), &mut ggml, &mut ours);
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
            row(filter, ("q8_0, i8 → f32", len, offset), &mut ggml, &mut ours);

            let mut ggml = || unsafe { quantize_row_q4_0_ref(x.as_ptr(), q4_0.as_mut_ptr(), n) };
            let mut ours = || {
                let room = ParamsMut::arrays(&mut scales, ZeroPointsMut::Omitted);
                let result =
                    backend.quantize_dynamic_per(blocks, x, Scheme::symmetric(), room, &mut q4);
                result.unwrap();
                black_box(&mut q4);
            };
            row(filter, ("f32 → q4_0, i4", len, offset), &mut ggml, &mut ours);

            let mut ggml = || unsafe { dequantize_row_q4_0(q4_0.as_ptr(), out, n) };
            let mut ours = || {
                let params = Params::arrays(&scales, ZeroPoints::Zero);
                backend.dequantize_per(blocks, &q4, params, black_box(&mut *y)).unwrap();
            };
            row(filter, ("q4_0, i4 → f32", len, offset), &mut ggml, &mut ours);
        }
    }
    println!("\nof {compared} codes of 8 bits, {differ} of ggml's are not the division's");
    Ok(())
}
