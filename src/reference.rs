//! The reference: every formula of the crate, once, as plainly as it can be written.
//!
//! Tests compare each fast path with these functions, which must return the same bits. They are not fast, and know no
//! threads, vectors or targets. The formulas come from the notebook from which the crate began, in its order:
//!
//!
//! ```text
//! asymmetric   S = (α − β) / (2ⁿ − 1)    Z = round(−β / S)
//!              x_q = clip(round(x / S) + Z, 0, 2ⁿ − 1)
//! symmetric    S = α / (2ⁿ⁻¹ − 1)
//!              x_q = clip(round(x / S), −(2ⁿ⁻¹ − 1), 2ⁿ⁻¹ − 1)
//! dequantize   x̂ = (x_q − Z) · S
//! error        the mean of (x − x̂)²
//! ```
//!
//! The least code `qmin` replaces 0, so that signed codes have the same formula. α is the maximum of the range (or the
//! largest magnitude), β is its minimum, and `round` is `rint`: to the nearest integer, ties to even.

#[cfg(feature = "ggml")]
pub(crate) mod blocks;

use crate::element::{Code, Compute, Number, Real, code_at, put_code};
use crate::params::Affine;
#[cfg(feature = "alloc")]
use crate::range::Finite;
use crate::range::MinMax;
use crate::requantize::{Multiplier, Rescale};
use crate::stats::{self, LANES, Sums};

// ---------------------------------------------------------------------------- range

/// Returns the least and the greatest element, and whether there is a NaN, which is never a bound.
pub(crate) fn min_max<T: Real>(src: &[T]) -> MinMax<T::Compute> {
    let mut seen = MinMax::EMPTY;
    for &x in src {
        let x = x.widen();
        if is_nan(x) {
            seen.has_nan = true;
            continue;
        }
        if x < seen.min {
            seen.min = x;
        }
        if x > seen.max {
            seen.max = x;
        }
    }
    with_positive_zeros(seen)
}

/// Extends each range by the elements of its column. The columns begin at the first elements of `src`; elements of a
/// column are `stride` apart.
pub(crate) fn min_max_columns<T: Real>(src: &[T], stride: usize, dst: &mut [MinMax<T::Compute>]) {
    for (column, seen) in dst.iter_mut().enumerate() {
        for &x in src[column..].iter().step_by(stride) {
            *seen = seen.merge_observed(MinMax::of_one(x.widen()));
        }
    }
}

/// Extends each result by the elements of its column, as [`min_max_columns`] does.
#[cfg(feature = "alloc")]
pub(crate) fn finite_columns<T: Real>(src: &[T], stride: usize, dst: &mut [Finite<T::Compute>]) {
    for (column, seen) in dst.iter_mut().enumerate() {
        for &x in src[column..].iter().step_by(stride) {
            *seen = seen.merge(Finite::of_one(x.widen()));
        }
    }
}

/// Returns the greatest magnitude: NaN, which counts as greater than infinity, if there is one; 0 for an empty slice.
pub(crate) fn abs_max_of<T: Real>(src: &[T]) -> T::Compute {
    let mut greatest = T::Compute::ZERO;
    for &x in src {
        let x = x.widen().abs();
        if x > greatest || is_nan(x) {
            greatest = x;
        }
    }
    greatest
}

fn is_nan<T: Compute>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

/// Replaces −0 by +0: `−0 + 0` is `+0`, and all other numbers are unchanged.
pub(crate) fn with_positive_zeros<T: Compute>(seen: MinMax<T>) -> MinMax<T> {
    MinMax { min: seen.min + T::ZERO, max: seen.max + T::ZERO, ..seen }
}

// ------------------------------------------------------------- scale and zero point

/// Returns the least range that contains both `[min, max]` and 0.
pub(crate) fn widen_to_zero<T: Compute>(min: T, max: T) -> (T, T) {
    (if min < T::ZERO { min } else { T::ZERO }, if max > T::ZERO { max } else { T::ZERO })
}

/// Returns `max(|β|, |α|)`.
pub(crate) fn abs_max<T: Compute>(min: T, max: T) -> T {
    if min.abs() > max.abs() { min.abs() } else { max.abs() }
}

/// Returns `S = (α − β) / (qmax − qmin)` and `Z = rint(qmin − β / S)`, both as numbers of type `T`.
pub(crate) fn asymmetric<T: Compute>(min: T, max: T, qmin: i32, qmax: i32) -> (T, T) {
    let steps = T::from_i32(qmax - qmin);
    let width = max - min;
    // If the width is beyond the type's largest number, the quotient still is a number.
    let scale = if width.is_finite() { width / steps } else { max / steps - min / steps };
    let scale = usable_scale(scale, width);
    let zero_point = (T::from_i32(qmin) - min / scale).rint();
    (scale, zero_point)
}

/// Returns `S = α / (2ⁿ⁻¹ − 1)`.
pub(crate) fn symmetric<T: Compute>(alpha: T, steps: i32) -> T {
    usable_scale(alpha / T::from_i32(steps), alpha)
}

/// Returns 1 for a width of 0, otherwise the scale, but at least the least positive normal number.
fn usable_scale<T: Compute>(scale: T, width: T) -> T {
    if width == T::ZERO {
        T::ONE
    } else if scale < T::MIN_POSITIVE {
        T::MIN_POSITIVE
    } else {
        scale
    }
}

// ------------------------------------------------------------ quantize, dequantize

/// Returns `rint(x / S) + Z`, before it is clipped. NaN counts as far below every code.
///
/// An integer of 64 bits is enough: a quotient beyond it is beyond every code, with and without Z.
fn unclipped<T: Compute>(x: T, p: &Affine<T>) -> i64 {
    if is_nan(x) {
        return i64::MIN;
    }
    (x / p.scale).rint().to_i64().saturating_add(i64::from(p.zero_point))
}

/// Returns `clip(rint(x / S) + Z, qmin, qmax)`.
pub(crate) fn quantize_one<T: Compute>(x: T, p: &Affine<T>) -> i32 {
    unclipped(x, p).clamp(p.qmin.into(), p.qmax.into()) as i32
}

/// Returns `(q − Z) · S`.
pub(crate) fn dequantize_one<T: Compute>(q: i32, p: &Affine<T>) -> T {
    T::from_i64(i64::from(q) - i64::from(p.zero_point)) * p.scale
}

/// Quantizes to the codes of `dst` from index `at` on.
pub(crate) fn quantize<T: Real, Q: Code>(
    src: &[T],
    p: &Affine<T::Compute>,
    dst: &mut [Q],
    at: usize,
) {
    for (i, x) in src.iter().enumerate() {
        put_code(dst, at + i, quantize_one(x.widen(), p));
    }
}

/// Dequantizes the codes of `src` from index `at` on.
pub(crate) fn dequantize<T: Real, Q: Code>(
    src: &[Q],
    at: usize,
    p: &Affine<T::Compute>,
    dst: &mut [T],
) {
    for (i, x) in dst.iter_mut().enumerate() {
        *x = T::narrow(dequantize_one(code_at(src, at + i), p));
    }
}

/// Returns `(clip(rint(x / S) + Z, qmin, qmax) − Z) · S`.
fn fake_quantize_one<T: Real>(x: T, p: &Affine<T::Compute>) -> T {
    T::narrow(dequantize_one(quantize_one(x.widen(), p), p))
}

/// Rounds numbers to numbers that have a code. (It is not inlined because kernels leave codes of 32 bits to it.)
#[inline(never)]
pub(crate) fn fake_quantize<T: Real>(src: &[T], p: &Affine<T::Compute>, dst: &mut [T]) {
    for (x, x_hat) in src.iter().zip(dst) {
        *x_hat = fake_quantize_one(*x, p);
    }
}

/// Applies [`fake_quantize`] in place.
#[inline(never)]
pub(crate) fn fake_quantize_in_place<T: Real>(x: &mut [T], p: &Affine<T::Compute>) {
    for x in x {
        *x = fake_quantize_one(*x, p);
    }
}

// ----------------------------------------------------------------------- requantize

/// Returns `rint(f32(acc) ⊗ m)`. A product beyond `i64` is beyond every code.
fn float_product(acc: i32, m: f32) -> i64 {
    (acc as f32 * m).rint().to_i64()
}

/// Returns `a · b / 2³¹`, plus a half (or a little less below 0), truncated.
fn srdhm(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    let product = i64::from(a) * i64::from(b);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    ((product + nudge) / (1 << 31)) as i32
}

/// Returns `x / 2ᵉ`, to the nearest integer, ties away from 0.
fn rdbpot(x: i32, e: u32) -> i32 {
    let mask = ((1_i64 << e) - 1) as i32;
    let threshold = (mask >> 1) + i32::from(x < 0);
    (x >> e) + i32::from(x & mask > threshold)
}

/// Returns `rdbpot(srdhm(sat32(acc · 2^max(s, 0)), M), max(−s, 0))`.
fn fixed_product(acc: i32, multiplier: i32, shift: i32) -> i64 {
    let shifted = i64::from(acc) << shift.max(0);
    let shifted = shifted.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    rdbpot(srdhm(shifted, multiplier), (-shift).max(0) as u32).into()
}

fn requantize_one(acc: i32, p: &Rescale) -> i32 {
    let product = match p.multiplier {
        Multiplier::Float(m) => float_product(acc, m),
        Multiplier::Fixed { multiplier, shift } => fixed_product(acc, multiplier, shift),
    };
    product.saturating_add(p.zero_point.into()).clamp(p.qmin.into(), p.qmax.into()) as i32
}

/// Requantizes accumulators to the codes of `dst` from index `at` on.
pub(crate) fn requantize<Q: Code>(src: &[i32], p: &Rescale, dst: &mut [Q], at: usize) {
    for (i, acc) in src.iter().enumerate() {
        put_code(dst, at + i, requantize_one(*acc, p));
    }
}

// ----------------------------------------------------------------------------- sums

/// Returns the sum of `n` codes, from index `at` on.
pub(crate) fn sum<Q: Code>(src: &[Q], at: usize, n: usize) -> i64 {
    (at..at + n).map(|i| i64::from(code_at(src, i))).sum()
}

// ---------------------------------------------------------------------------- error

/// Returns the sums from which the error of quantizing `src` is computed, each sum in a fixed order (`stats.rs`).
pub(crate) fn error_sums<T: Real>(src: &[T], p: &Affine<T::Compute>) -> Sums {
    stats::over_blocks(src, &|block| error_of_block(block, p))
}

fn error_of_block<T: Real>(block: &[T], p: &Affine<T::Compute>) -> Sums {
    let mut squared_error = [0.0; LANES];
    let mut squares = [0.0; LANES];
    let (mut max_abs, mut clipped) = (0.0, 0);
    for (i, &x) in block.iter().enumerate() {
        let x = x.widen();
        let q = quantize_one(x, p);
        let e = x.to_f64() - dequantize_one(q, p).to_f64();
        squared_error[i % LANES] += e * e;
        squares[i % LANES] += x.to_f64() * x.to_f64();
        max_abs = f64::max(max_abs, e.abs());
        clipped += u64::from(unclipped(x, p) != i64::from(q));
    }
    Sums {
        squared_error: stats::fold(squared_error),
        squares: stats::fold(squares),
        max_abs,
        clipped,
    }
}
