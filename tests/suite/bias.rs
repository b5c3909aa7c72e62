//! Biases and accumulators: codes of 32 bits, which saturate at both ends.

use crate::common::contract::rint;
use crate::common::floats::{Float, edges};
use crate::common::{backends, for_random, same, same_numbers};
use proptest::collection::vec;
use proptest::prelude::any;
use zeropoint::{Backend, Granularity, QParams};

/// `sat32(rint(b ⊘ scale))`
fn expected<T: Float>(b: T, scale: T) -> i32 {
    let n = rint((b / scale).as_f64());
    // What is no number is the least.
    if n.is_nan() { i32::MIN } else { n.clamp(-2147483648.0, 2147483647.0) as i32 }
}

fn bias<T: Float>() {
    let words = vec(any::<u64>(), 0..200_usize);
    for_random(2000, (words, 1e-12..1e3_f64), |(words, scale)| {
        let scale = T::of(scale);
        let p = QParams::<T, i32>::new(scale, 0).unwrap();
        let mut src = edges::<T>();
        src.extend(words.iter().map(|w| T::from_raw(*w)));
        src.extend(words.iter().map(|w| T::of(*w as i32 as f64 * 1.3) * scale));
        src.extend(words.iter().map(|w| T::of((*w as i32 >> 12) as f64 + 0.5) * scale));
        let by_contract: Vec<i32> = src.iter().map(|b| expected(*b, scale)).collect();
        for backend in backends() {
            let mut got = vec![7; src.len()];
            backend.quantize(&src, &p, &mut got).unwrap();
            same(backend.name(), got, by_contract.clone())?;
        }
        Ok(())
    });
}

#[test]
fn bias_of_f32_is_the_saturated_quotient() {
    bias::<f32>();
}

#[test]
fn bias_of_f64_is_the_saturated_quotient() {
    bias::<f64>();
}

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

fn accumulators<T: Float>() {
    let z = proptest::sample::select(vec![0, 1, -1, 1 << 24, -(1 << 24), 127]);
    for_random(2000, (vec(any::<i32>(), 0..200_usize), z, 1e-9..1e3_f64), |(mut src, z, scale)| {
        src.extend([i32::MIN, i32::MAX, (1 << 24) + 1, (1 << 24) + 3, -(1 << 24) - 1]);
        let scale = T::of(scale);
        let p = QParams::<T, i32>::new(scale, z).unwrap();
        let by_contract: Vec<T> =
            src.iter().map(|q| T::of(f64::from(*q) - f64::from(z)) * scale).collect();
        for backend in backends() {
            let mut got = vec![T::of(7.0); src.len()];
            backend.dequantize(&src, &p, &mut got).unwrap();
            same_numbers(backend.name(), &got, &by_contract)?;
        }
        Ok(())
    });
}

#[test]
fn accumulators_become_f32_rounded_to_nearest_even() {
    accumulators::<f32>();
}

#[test]
fn accumulators_become_f64() {
    accumulators::<f64>();
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
fn columns_of_accumulators_become_f32() {
    columns_of_accumulators::<f32>();
}

#[test]
fn columns_of_accumulators_become_f64() {
    columns_of_accumulators::<f64>();
}

/// The 16-bit types take the `f32`, and round it once more.
#[test]
#[cfg(feature = "half")]
fn accumulators_become_sixteen_bits() {
    use half::{bf16, f16};
    let z = proptest::sample::select(vec![0, 1, 1 << 24, -(1 << 24)]);
    for_random(300, (vec(any::<i32>(), 0..300_usize), z, 1e-9..1e-4_f32), |(src, z, scale)| {
        let p = QParams::<f32, i32>::new(scale, z).unwrap();
        let wide: Vec<f32> =
            src.iter().map(|q| (f64::from(*q) - f64::from(z)) as f32 * scale).collect();
        for backend in backends() {
            let mut got = vec![f16::NAN; src.len()];
            backend.dequantize(&src, &p, &mut got).unwrap();
            let expected: Vec<_> = wide.iter().map(|x| f16::from_f32(*x)).collect();
            same(backend.name(), got, expected)?;
            let mut got = vec![bf16::NAN; src.len()];
            backend.dequantize(&src, &p, &mut got).unwrap();
            let expected: Vec<_> = wide.iter().map(|x| bf16::from_f32(*x)).collect();
            same(backend.name(), got, expected)?;
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
