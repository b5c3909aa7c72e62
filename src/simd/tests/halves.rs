//! Tests of 16-bit floats as integers. (`memory.rs` tests their conversions.)

use bytemuck::AnyBitPattern;
use half::{bf16, f16};

use crate::element::Real;
use crate::simd::{FloatBits, ShortFloat};

/// A 16-bit float as kernels read and write it.
pub(super) trait Half: ShortFloat + Real<Compute = f32> + AnyBitPattern {
    fn of(bits: u16) -> Self {
        bytemuck::cast(bits)
    }
}

impl Half for f16 {}
impl Half for bf16 {}

/// Tests integers around the limits, and the bits of infinity and of NaN.
fn as_integers<T: Half, S: FloatBits<T>>(s: S) {
    let limits = [0, 1, 127, 128, 255, 0x3c00, 0x7bff, 0x7c00, 0x7f80, 0x7fff];
    let cases: Vec<u16> =
        limits.iter().flat_map(|&n: &u16| [n, n.wrapping_neg(), n ^ 0x8000, !n]).collect();
    super::floats_as_integers::<T, u16, S>(s, &cases, |n| i32::from(n as i16));
}

on_backends! { [half::f16, half::bf16] as_integers; }
