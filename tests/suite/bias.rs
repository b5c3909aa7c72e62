//! Biases and accumulators: codes of 32 bits, which saturate at both ends. Their random data are in the differential
//! tests.

use crate::common::floats::Float;
use crate::common::{backends, for_random, same_numbers};
use proptest::collection::vec;
use proptest::prelude::any;
use zeropoint::{Backend, Granularity, QParams};

for_each_real!(columns_of_accumulators);

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
