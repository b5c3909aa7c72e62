//! The edges of the contract, one test each, named after the edge, on every backend. What is
//! expected is written out or computed apart from the crate.

mod abs_max;
mod dynamic;
mod error;
mod granularity;
mod literals;
mod parameters;
mod pitch;
mod quantize;
mod range;
mod schemes;

use crate::common::Int;
use crate::common::floats::Float;
use zeropoint::{Auto, Backend, QParams};

/// The codes of `src` on one backend.
fn codes<T: Float, Q: Int>(backend: Auto, src: &[T], p: &QParams<T, Q>) -> Vec<i32> {
    let mut dst = vec![Q::default(); src.len()];
    backend.quantize(src, p, &mut dst).unwrap();
    dst.into_iter().map(Int::int).collect()
}

/// The numbers of `src` on one backend.
fn numbers<T: Float, Q: Int>(backend: Auto, src: &[Q], p: &QParams<T, Q>) -> Vec<T> {
    let mut dst = vec![T::of(0.0); src.len()];
    backend.dequantize(src, p, &mut dst).unwrap();
    dst
}

/// `x` repeated, so that it takes the way of a short slice and the way of whole steps.
fn short_and_long<T: Float>(x: &[T]) -> [Vec<T>; 2] {
    [x.to_vec(), x.iter().copied().cycle().take(x.len() * 131).collect()]
}
