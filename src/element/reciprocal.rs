//! The reciprocal of a scale, with twice the digits of its type.

use super::{Number, power_of_two};
use crate::params::Reciprocal;

/// Divides once, in `f64`, which has more than twice the digits of `f32`, so that the remainder `1 − S·high` is exact.
/// The product of the remainder and the reciprocal rounds to the same `f32` as the quotient of the remainder and the
/// scale, for every mantissa (tested). The kernels of blocks and columns compute `low` in this way, too.
#[inline]
pub(super) fn reciprocal_f32(scale: f32) -> Reciprocal<f32> {
    let reciprocal = 1.0 / f64::from(scale);
    let high = reciprocal as f32;
    let left = 1.0 - f64::from(scale) * f64::from(high);
    let low = (left * reciprocal) as f32;
    Reciprocal { high, low, guarded: f32::GUARDED.contains(&scale) }
}

/// Divides the remainder `1 − S·high`, which is exact, by the scale.
///
/// Both significands are integers of 53 bits. For 2ᵉ < S < 2ᵉ⁺¹ the units of S and `high` multiply to 2⁻¹⁰⁵, so `1 −
/// S·high` is 2⁻¹⁰⁵ times the integer 2¹⁰⁵ less the product of the significands. The integer is below 2⁵³ in magnitude,
/// since `high` is nearest to 1/S. The integer therefore fits 64 bits, and modulo 2⁶⁴ the term 2¹⁰⁵ is 0. For S = 2ᵉ
/// the product is 2¹⁰⁴, and the remainder is 0. A fused multiply-add would find the same remainder, but not every
/// x86-64 CPU has one, and the compiler calls a function instead.
#[inline]
pub(super) fn reciprocal_f64(scale: f64) -> Reciprocal<f64> {
    const UNIT: f64 = power_of_two(-105);
    let high = 1.0 / scale;
    let left = 0_u64.wrapping_sub(significand(scale).wrapping_mul(significand(high))) as i64;
    let low = left as f64 * UNIT / scale;
    // Outside the guard, `high` may be subnormal or infinite and `low` may be wrong, and kernels do not use them.
    Reciprocal { high, low, guarded: f64::GUARDED.contains(&scale) }
}

/// Returns the significand of a normal number, as an integer of 53 bits.
#[inline]
fn significand(x: f64) -> u64 {
    const LEADING: u64 = 1 << 52;
    (x.to_bits() & (LEADING - 1)) | LEADING
}
