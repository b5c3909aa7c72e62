//! Tests of the checks and the reciprocals of scales.

use super::reciprocal::{reciprocal_f32, reciprocal_f64};
use super::{Compute, Number};
use crate::params::{QParams, are_within};

fn are_scales_if_each_is<T: Compute>(numbers: impl Iterator<Item = T>) {
    for x in numbers {
        let is_one = QParams::<T, u8>::new(x, 0).is_ok();
        assert_eq!(T::are_scales(&[x]), is_one, "{x:?}");
        assert_eq!(T::are_scales(&[T::ONE, x, T::ONE]), is_one, "{x:?}");
    }
}

#[test]
fn scales_and_zero_points_are_looked_at_as_one_by_one() {
    // The scales have every sign and exponent, with digits at both ends.
    let ends = |digits: u64| [0, 1, 2, (1 << digits) - 2, (1 << digits) - 1];
    let all = |digits, top: u64| {
        (0..top).flat_map(move |high| ends(digits).map(|low| high << digits | low))
    };
    are_scales_if_each_is(all(23, 1 << 9).map(|bits| f32::from_bits(bits as u32)));
    are_scales_if_each_is(all(52, 1 << 12).map(f64::from_bits));
    assert!(f32::are_scales(&[]) && are_within(&[], 0));
    for limit in [0, 3000, 1 << 24] {
        let edges = [-limit, limit, 0, i32::MIN, i32::MAX, i32::MIN + limit, i32::MAX - limit];
        for z in edges.into_iter().flat_map(|z| (-2..=2).map(move |d| z.wrapping_add(d))) {
            let within = (-limit..=limit).contains(&z);
            assert_eq!(are_within(&[z], limit), within, "{z} of {limit}");
            assert_eq!(are_within(&[0, z, limit], limit), within, "{z} of {limit}");
        }
    }
}

#[test]
fn reciprocal_of_f32_is_that_of_a_fused_multiply_add() {
    for mantissa in 0..1_u32 << 23 {
        let scale = f32::from_bits(127 << 23 | mantissa);
        let found = reciprocal_f32(scale);
        let high = 1.0 / scale;
        // The remainder has fewer digits than an `f32`.
        let left = 1.0 - f64::from(scale) * f64::from(high);
        assert_eq!(f64::from(left as f32), left);
        assert_eq!((found.high, found.low), (high, left as f32 / scale), "S = {scale:e}");
    }
}

#[test]
fn reciprocal_of_f64_is_that_of_a_fused_multiply_add() {
    let (first, last) = (f64::GUARDED.start().to_bits(), f64::GUARDED.end().to_bits());
    let near = |bits: u64| (0..1000).flat_map(move |i| [bits + i, bits - i]);
    let one = 1.0_f64.to_bits();
    let ends = [first, last, one, one + (1 << 51), one - (1 << 51)].into_iter().flat_map(near);
    let everywhere =
        (0..200_000_u64).map(|i| first + i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (last - first));
    for scale in ends.chain(everywhere).map(f64::from_bits) {
        let found = reciprocal_f64(scale);
        let high = 1.0 / scale;
        let low = (-scale).mul_add(high, 1.0) / scale;
        assert_eq!((found.high, found.low), (high, low), "S = {scale:e}");
        assert_eq!(found.guarded, f64::GUARDED.contains(&scale));
    }
}
