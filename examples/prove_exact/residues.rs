//! Every pair (x, S) at which the two quotients could round apart, by arithmetic.
//!
//! # How near the kernel's quotient is
//!
//! Let p be the bits of a significand, 24 or 53, and u = 2⁻ᵖ the relative error of a rounding. What
//! is assumed is that every result is a normal number, which the guard sees to, and two terms
//!
//! ```text
//! h = (1/S)·(1 + a)                          |a| ≤ u
//! l = (−a/S)·(1 + b)                         |b| ≤ u
//! ```
//!
//! of which `l` is computed from the exact remainder, rounded once (f64), or to what that rounds to
//! (f32; `src/element.rs`). The kernel rounds `x·l` by a factor (1 + c), and then once more. Before
//! that last rounding it has
//!
//! ```text
//! x·h + x·l·(1 + c) = (x/S)·(1 − a·b − a·c − a·b·c)
//! ```
//!
//! and so is off by at most E = 2u² + u³ of the quotient: (1 + 2⁻²⁵)·2⁻⁴⁷ or (1 + 2⁻⁵⁴)·2⁻¹⁰⁵.
//!
//! # Where that could matter
//!
//! Both quotients are then rounded to p bits, and to an integer. Two that are so near each other
//! become different integers only if a boundary of the rounding to p bits, next to some k + ½, lies
//! between them. Such a boundary is m = M·2ᶜ, M odd of p + 1 bits. With S = m_s·2ᵃ and x = m_x·2ᵇ
//! (integers of p bits), the exact quotient is so near to m that
//!
//! ```text
//! r = m_x·2ᵗ − M·m_s      0 < |r| ≤ 4,   t = p or p + 1
//! ```
//!
//! * t: the quotient m_x / m_s is between ½ and 2, and M between 2ᵖ and 2ᵖ⁺¹; so 2ᵗ, which is nearly
//!   M·m_s / m_x, is between 2ᵖ⁻¹ and 2ᵖ⁺², both excluded.
//! * |r| = M·m_s·(the relative distance) < 2²ᵖ⁺¹·E = 4·(1 + u/2).
//! * r is not 0: the odd M would divide m_x, which is less.
//!
//! For given M, r and t that leaves one m_s, the solution of M·m_s ≡ −r modulo 2ᵗ; and it gives m_x.
//! So the complete list is short.

use zeropoint::{Auto, QParams};

use crate::float::Float;
use crate::int::Int;
use crate::{Count, by_division};

/// The thresholds of 8-bit codes: beyond them there are none with a reciprocal, see `src/params.rs`.
const MOST_K: u64 = 3255;

/// The bound of |r| for the quotient of two terms.
const TWO_TERMS: i64 = 4;

/// x / S is near k + ½; both are of one binade each, to be scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair<T> {
    pub(crate) x: T,
    pub(crate) scale: T,
    pub(crate) k: i32,
}

pub(crate) fn run<T: Float>(backend: Auto, _quick: bool) -> Count {
    at_exponent::<T, u8>(backend, &list::<T>(), 0)
}

/// All of them, with S from 1 to 2.
pub(crate) fn list<T: Float>() -> Vec<Pair<T>> {
    (0..=MOST_K).flat_map(|k| at_step(k, TWO_TERMS)).collect()
}

/// Returns the pairs of one k for which |r| is at most `most_r`.
pub(crate) fn at_step<T: Float>(k: u64, most_r: i64) -> Vec<Pair<T>> {
    let mut pairs = Vec::new();
    for (boundary, exponent) in boundaries(k, T::DIGITS) {
        for t in [T::DIGITS, T::DIGITS + 1] {
            for r in (1..=most_r).flat_map(|r| [-r, r]) {
                pairs.extend(pair(k, (boundary, exponent), r, t));
            }
        }
    }
    pairs
}

/// The boundaries of rounding below and above k + ½, as an odd integer of p + 1 bits and an exponent.
fn boundaries(k: u64, digits: u32) -> [(u64, i32); 2] {
    let doubled = 2 * k + 1;
    // k + ½ = doubled / 2, as an integer of p + 1 bits: the boundaries are next to it.
    let shift = digits - doubled.ilog2();
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

fn pair<T: Float>(k: u64, (m, exponent): (u64, i32), r: i64, t: u32) -> Option<Pair<T>> {
    let m_s = (r.wrapping_neg() as u64).wrapping_mul(inverse(m)) % (1 << t);
    let product = i128::from(m) * i128::from(m_s);
    let m_x = (product + i128::from(r)) >> t;
    let significands = 1 << (T::DIGITS - 1)..1 << T::DIGITS;
    if !significands.contains(&i128::from(m_s)) || !significands.contains(&m_x) {
        return None;
    }
    assert_eq!((m_x << t) - product, r.into(), "m_s solves the congruence");
    // m_x·2ᵗ / m_s ≈ m, and m·2^exponent ≈ k + ½; S = m_s·2¹⁻ᵖ.
    let to_binade = 1 - T::DIGITS as i32;
    let x = m_x as f64 * 2_f64.powi(t as i32 + exponent + to_binade);
    let scale = m_s as f64 * 2_f64.powi(to_binade);
    Some(Pair { x: T::of(x), scale: T::of(scale), k: k as i32 })
}

/// The inverse of an odd number modulo 2⁶⁴, by Newton's iteration.
fn inverse(m: u64) -> u64 {
    let mut inverse = m;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(m.wrapping_mul(inverse)));
    }
    inverse
}

/// Both signs of every pair, everything multiplied by 2^exponent, which leaves normal numbers.
pub(crate) fn at_exponent<T: Float, Q: Int>(
    backend: Auto,
    pairs: &[Pair<T>],
    exponent: i32,
) -> Count {
    let factor = T::of(2_f64.powi(exponent));
    let mut count = Count::default();
    for pair in pairs {
        let (scale, x) = (pair.scale * factor, pair.x * factor);
        for (x, k) in [(x, pair.k), (T::ZERO - x, -pair.k - 1)] {
            // So that both integers next to the threshold are codes.
            let middle = (Q::MIN + Q::MAX) / 2;
            let zero_point = (middle - k).clamp(-Q::MOST_Z, Q::MOST_Z);
            let neighbours = [x.next_down(), x, x.next_up()];
            let p = QParams::new(scale, zero_point).expect("a valid scale and zero point");
            let expected = neighbours.map(|x| by_division(x, scale, zero_point));
            let mut codes = [Q::default(); 3];
            count = count.add(Count::of(backend, &neighbours, &p, &expected, &mut codes));
        }
    }
    count
}
