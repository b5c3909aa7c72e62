//! Every pair (x, S) at which the two quotients could round apart, by arithmetic.
//!
//! Two quotients of almost the same value become different integers only if a boundary of the
//! rounding to 24 bits, next to some k + ½, lies between them. Such a boundary is m = M·2ᶜ, M odd of
//! 25 bits. With S = m_s·2ᵃ and x = m_x·2ᵇ (24-bit integers), the exact quotient is so near to m that
//!
//! ```text
//! r = m_x·2ᵗ − M·m_s      0 < |r| ≤ 4,   t = 24 or 25
//! ```
//!
//! since the kernel's quotient is off by at most 1.02·2⁻⁴⁷ of its value before it is rounded, and
//! M·m_s is below 2⁴⁹. For given M, r and t that leaves one m_s, the solution of M·m_s ≡ −r modulo
//! 2ᵗ; and it gives m_x. So the complete list is short.

use zeropoint::{Auto, QParams};

use crate::{Count, by_division};

/// The kernel's thresholds: beyond them it divides, see `src/params.rs`.
const MOST_K: u64 = 3255;
const MOST_Z: i32 = 3000;

/// x / S is near k + ½; both are of one binade each, to be scaled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) x: f32,
    pub(crate) scale: f32,
    pub(crate) k: i32,
}

pub(crate) fn run(backend: Auto, _quick: bool) -> Count {
    at_exponent(backend, &list(), 0)
}

/// All of them, with S from 1 to 2.
pub(crate) fn list() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for k in 0..=MOST_K {
        for (boundary, exponent) in boundaries(k) {
            for t in [24, 25] {
                for r in [-4_i64, -3, -2, -1, 1, 2, 3, 4] {
                    pairs.extend(pair(k, (boundary, exponent), r, t));
                }
            }
        }
    }
    pairs
}

/// The boundaries of rounding below and above k + ½, as an odd integer of 25 bits and an exponent.
fn boundaries(k: u64) -> [(u64, i32); 2] {
    let doubled = 2 * k + 1;
    // k + ½ = doubled / 2, as an integer of 25 bits: the boundaries are next to it.
    let shift = 24 - doubled.ilog2();
    let middle = doubled << shift;
    let exponent = -1 - shift as i32;
    let above = (middle + 1, exponent);
    // Below a power of two numbers are twice as dense.
    let below = if middle.is_power_of_two() {
        (2 * middle - 1, exponent - 1)
    } else {
        (middle - 1, exponent)
    };
    [below, above]
}

fn pair(k: u64, (m, exponent): (u64, i32), r: i64, t: u32) -> Option<Pair> {
    let modulus = 1_u64 << t;
    let m_s = (r.wrapping_neg() as u64).wrapping_mul(inverse(m)) % modulus;
    let m_x = u64::try_from((m * m_s) as i64 + r).ok()? / modulus;
    let mantissas = 1 << 23..1 << 24;
    if !mantissas.contains(&m_s) || !mantissas.contains(&m_x) {
        return None;
    }
    debug_assert_eq!((m_x << t) as i64 - (m * m_s) as i64, r);
    // m_x·2ᵗ / m_s ≈ m, and m·2^exponent ≈ k + ½; S = m_s·2⁻²³.
    let x = m_x as f64 * 2_f64.powi(t as i32 + exponent - 23);
    Some(Pair { x: x as f32, scale: m_s as f32 / (1 << 23) as f32, k: k as i32 })
}

/// The inverse of an odd number modulo 2⁶⁴, by Newton's iteration.
fn inverse(m: u64) -> u64 {
    let mut inverse = m;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(m.wrapping_mul(inverse)));
    }
    inverse
}

/// Both signs of every pair, everything multiplied by 2^exponent, where that leaves normal numbers.
pub(crate) fn at_exponent(backend: Auto, pairs: &[Pair], exponent: i32) -> Count {
    let factor = 2_f64.powi(exponent);
    let mut count = Count::default();
    for pair in pairs {
        let scale = (f64::from(pair.scale) * factor) as f32;
        let x = (f64::from(pair.x) * factor) as f32;
        if !scale.is_normal() || !x.is_normal() {
            continue;
        }
        for (x, k) in [(x, pair.k), (-x, -pair.k - 1)] {
            // So that both integers next to the threshold are codes.
            let zero_point = (127 - k).clamp(-MOST_Z, MOST_Z);
            let neighbours = [f32::from_bits(x.to_bits() - 1), x, f32::from_bits(x.to_bits() + 1)];
            let p = QParams::new(scale, zero_point).expect("a valid scale and zero point");
            let expected = neighbours.map(|x| by_division(x, scale, zero_point));
            count = count.add(Count::of(backend, &neighbours, &p, &expected, &mut [0; 3]));
        }
    }
    count
}
