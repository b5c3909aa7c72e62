//! Two operations of `rten-vecmath` that are compiled here.
//!
//! They are generic, so the crate that calls them compiles them, and their closures are inlined only
//! where they fall into the same codegen unit. The profile of the benches gives this crate just one.

use std::mem::MaybeUninit;

use rten_simd::SimdOp;
use rten_vecmath::{MinMax, Quantize};

/// The least and the greatest number.
#[inline(never)]
pub fn min_max(src: &[f32]) -> (f32, f32) {
    MinMax::new(src).dispatch()
}

/// Quantizes by the reciprocal of the scale.
#[inline(never)]
pub fn quantize(src: &[f32], reciprocal: f32, zero_point: u8, dst: &mut [MaybeUninit<u8>]) {
    Quantize::new(src, dst, reciprocal, zero_point).dispatch();
}
