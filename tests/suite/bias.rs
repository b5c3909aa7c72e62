//! Biases and accumulators: codes of 32 bits, which saturate at both ends. Their random data are in the differential
//! tests.

use crate::common::floats::Float;
use crate::common::{backends, for_random, same_numbers};
use proptest::collection::vec;
use proptest::prelude::any;
use zeropoint::{Backend, Granularity, QParams};

for_each_real!(columns_of_accumulators);

#[test]
fn bias_saturates_at_both_ends_and_nan_is_the_least() {
    let p = QParams::<f32, i32>::new(0.5, 0).unwrap();
    let src =
        [1e30, 1_073_741_824.0, 1_073_741_696.0, -1_073_741_824.0, -1_073_741_952.0, f32::NAN];
    let most = [i32::MAX, i32::MAX, 2_147_483_392, i32::MIN, i32::MIN, i32::MIN];
    for backend in backends() {
        let mut got = [7; 6];
        backend.quantize(&src, &p, &mut got).unwrap();
        assert_eq!(got, most, "{}", backend.name());
        backend.quantize(&[f32::INFINITY, f32::NEG_INFINITY], &p, &mut got[..2]).unwrap();
        assert_eq!(got[..2], [i32::MAX, i32::MIN], "{}", backend.name());
    }
}

#[test]
fn bias_of_every_channel_has_its_own_scale() {
    // s_x · s_w of each channel.
    let p = [0.5_f32, 0.25, 2.0].map(|s_w| QParams::<f32, i32>::new(0.5 * s_w, 0).unwrap());
    for backend in backends() {
        let mut got = [0; 3];
        let channels = Granularity::channel(&[3], 0).unwrap();
        backend.quantize_per(channels, &[1.0_f32, 1.0, -1e30], &p, &mut got).unwrap();
        assert_eq!(got, [4, 8, i32::MIN], "{}", backend.name());
    }
}

/// Each column with parameters of its own, or with a scale of its own only.
fn columns_of_accumulators<T: Float>() {
    let zero_points = proptest::sample::select(vec![0, 1, -1, 1 << 24, -(1 << 24), 127]);
    let params = vec((1e-9..1e3_f64, zero_points), 300);
    let case = (1..=4_usize, 1..=300_usize, params, vec(any::<i32>(), 1200), any::<bool>());
    for_random(300, case, |(rows, width, params, mut src, shifted)| {
        src.truncate(rows * width);
        for (i, q) in src.iter_mut().enumerate() {
            *q = [*q, i32::MIN, i32::MAX, *q >> 20][i * 7 % 13 % 4];
        }
        let p: Vec<_> = (params[..width].iter())
            .map(|(scale, z)| (T::of(*scale), if shifted { *z } else { 0 }))
            .collect();
        let made: Vec<_> = p.iter().map(|(s, z)| QParams::<T, i32>::new(*s, *z).unwrap()).collect();
        let number = |(i, q): (usize, &i32)| {
            let (scale, z) = p[i % width];
            T::of(f64::from(*q) - f64::from(z)) * scale
        };
        let by_contract: Vec<T> = src.iter().enumerate().map(number).collect();
        let columns = Granularity::channel(&[rows, width], 1).unwrap();
        for backend in backends() {
            let mut got = vec![T::of(7.0); src.len()];
            backend.dequantize_per(columns, &src, &made[..], &mut got).unwrap();
            same_numbers(backend.name(), &got, &by_contract)?;
        }
        Ok(())
    });
}

#[test]
fn half_way_accumulators_go_to_the_even_float() {
    let p = QParams::<f32, i32>::new(1.0, 0).unwrap();
    for backend in backends() {
        let mut got = [0.0_f32; 2];
        backend.dequantize(&[(1 << 24) + 1, (1 << 24) + 3], &p, &mut got).unwrap();
        assert_eq!(got, [16_777_216.0, 16_777_220.0], "{}", backend.name());
    }
}
