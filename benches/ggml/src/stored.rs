//! The formats of ggml themselves: its fastest quantizers and ours, which write the bytes of its reference.

use std::hint::black_box;

use zeropoint::ggml::{self, Block};
use zeropoint::{Auto, Backend};

use crate::{at, row};

type Encode = unsafe extern "C" fn(*const f32, *mut u8, i64);
type Decode = unsafe extern "C" fn(*const u8, *mut f32, i64);

/// Prints the rows of a format; ggml does not decode all of them.
fn rows<B: Block>(backend: Auto, len: usize, encode: Encode, decode: Option<Decode>) {
    let offset = 16;
    let (mut x, of_x) = at(offset, len, 0.0_f32);
    for (i, x) in x.iter_mut().enumerate() {
        let random = (i as u32).wrapping_mul(0x9e37_79b1) >> 8;
        *x = (random as f32 / (1 << 24) as f32 - 0.5) * 8.0;
    }
    let x = &x[of_x];
    let blocks = len / B::ELEMENTS;
    let (mut theirs, mut ours) = (vec![B::default(); blocks], vec![B::default(); blocks]);
    let n = len as i64;
    // SAFETY: `x` has n elements, and `theirs` as many blocks as hold them; the same below.
    let mut ggml = || unsafe { encode(x.as_ptr(), theirs.as_mut_ptr().cast(), n) };
    let mut zeropoint = || {
        backend.encode(x, &mut ours).unwrap();
        black_box(&mut ours);
    };
    row(&format!("f32 → {}", B::NAME), len, offset, &mut ggml, &mut zeropoint);
    let Some(decode) = decode else { return };
    let (mut y, of_y) = at(offset, len, 0.0_f32);
    let y = &mut y[of_y];
    let out = y.as_mut_ptr();
    let mut ggml = || unsafe { decode(ours.as_ptr().cast(), out, n) };
    let mut zeropoint = || backend.decode(&ours, black_box(&mut *y)).unwrap();
    row(&format!("{} → f32", B::NAME), len, offset, &mut ggml, &mut zeropoint);
}

/// Declares ggml's functions, and prints the rows of every format.
macro_rules! formats {
    ($($Block:ident: $encode:ident, $($decode:ident)?;)+) => {
        unsafe extern "C" {
            $(
                fn $encode(x: *const f32, y: *mut u8, n: i64);
                $(fn $decode(x: *const u8, y: *mut f32, n: i64);)?
            )+
        }

        pub(crate) fn all(backend: Auto) {
            for len in [1 << 12, 1 << 16, 1 << 20, 1 << 24] {
                $(
                    let decode: &[Decode] = &[$($decode)?];
                    rows::<ggml::$Block>(backend, len, $encode, decode.first().copied());
                )+
            }
        }
    };
}

// These are the fastest functions that ggml has on x86-64.
formats! {
    BlockQ8_0: quantize_row_q8_0, dequantize_row_q8_0;
    BlockQ8_1: quantize_row_q8_1, ;
    BlockQ8_K: quantize_row_q8_K_ref, dequantize_row_q8_K;
    BlockQ4_0: quantize_row_q4_0_ref, dequantize_row_q4_0;
    BlockQ4_1: quantize_row_q4_1_ref, dequantize_row_q4_1;
    BlockQ5_0: quantize_row_q5_0_ref, dequantize_row_q5_0;
    BlockQ5_1: quantize_row_q5_1_ref, dequantize_row_q5_1;
}
