//! Slices with parameters of their own: every shape, axis, block, type and backend against the
//! contract's formulas, element by element, with the slice of each found by index arithmetic; and with
//! rows apart, whose gaps must neither be read nor written.

mod case;
mod checks;

#[cfg(feature = "rayon")]
use crate::common::effort;
use crate::common::types::{Data, Packing};
use crate::common::{backends, for_random};
use case::{Case, any_case};
use checks::{Memory, check, expected};
use zeropoint::{Auto, Backend, Granularity, I2x4, I4x2, QParams, Requantize, U2x4, U4x2};

fn on_every_backend<T: Data, Q: Packing>(case: &Case) -> Result<(), String> {
    let all = expected::<T, Q>(case);
    let memory = Memory::new(case, &all)?;
    for backend in backends() {
        check(backend, &memory)?;
    }
    Ok(())
}

fn of_every_code_type<T: Data>() {
    for_random(70, any_case(), |case| {
        on_every_backend::<T, i8>(&case)?;
        on_every_backend::<T, u8>(&case)?;
        match case.seed % 7 {
            0 => on_every_backend::<T, i16>(&case),
            1 => on_every_backend::<T, u16>(&case),
            2 => on_every_backend::<T, I4x2>(&case),
            3 => on_every_backend::<T, U4x2>(&case),
            4 => on_every_backend::<T, I2x4>(&case),
            5 => on_every_backend::<T, i32>(&case),
            _ => on_every_backend::<T, U2x4>(&case),
        }
    });
}

#[test]
fn f32_by_slices_is_the_definition() {
    of_every_code_type::<f32>();
}

#[test]
fn f64_by_slices_is_the_definition() {
    of_every_code_type::<f64>();
}

#[test]
#[cfg(feature = "half")]
fn sixteen_bits_by_slices_are_the_definition() {
    of_every_code_type::<half::f16>();
    of_every_code_type::<half::bf16>();
}

/// Long enough for threads, whose pieces begin anywhere in a row.
#[test]
#[cfg(feature = "rayon")]
fn many_threads_by_slices_are_the_definition() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let shapes: &[(&[usize], usize, usize)] = &[
        (&[700, 301], 1, 0),
        (&[700, 301], 0, 0),
        (&[2, 150_001], 0, 0),
        (&[70, 3001], 0, 32),
        (&[70, 3001], 1, 0),
        (&[9, 5, 5000], 1, 2),
        (&[6000, 7, 5], 1, 0),
        (&[3, 70_001], 0, 2),
    ];
    let shapes = if effort() < 100.0 { &shapes[..1] } else { shapes };
    for (seed, (shape, axis, block)) in shapes.iter().enumerate() {
        for (wild, gaps) in [(false, None), (true, None), (false, Some([3, 5]))] {
            let (axis, block, seed) = (*axis, *block, seed as u64);
            let case = Case { shape: shape.to_vec(), axis, block, gaps, wild, seed };
            let bytes = expected::<f32, i8>(&case);
            let bytes = Memory::new(&case, &bytes).unwrap();
            let halves = expected::<f32, U4x2>(&case);
            let halves = Memory::new(&case, &halves).unwrap();
            for backend in backends() {
                let parallel = zeropoint::Parallel::new(backend);
                pool.install(|| {
                    check(parallel, &bytes).unwrap();
                    check(parallel, &halves).unwrap();
                });
            }
        }
    }
}

/// Rows so wide that they are cut into columns inside a channel, with parameters that no kernel takes together.
#[test]
fn channels_without_a_kernel_for_columns_are_those_of_the_reference() {
    for (outer, axis, inner) in [(2, 69, 9), (2, 100, 9), (2, 10, 60), (3, 57, 32), (2, 300, 2)] {
        let channels = Granularity::channel(&[outer, axis, inner], 1).unwrap();
        let params: Vec<QParams<f32, i32>> =
            (0..axis).map(|i| QParams::new(1.0, i as i32).unwrap()).collect();
        let mut multipliers: Vec<Requantize<u8>> =
            (0..axis).map(|i| Requantize::float(0.5, i as i32).unwrap()).collect();
        multipliers[axis / 2] = Requantize::float(0.5, 40_000).unwrap();
        let of = |backend: Auto| {
            let n = channels.len();
            let (mut biases, mut codes) = (vec![-1; n], vec![1; n]);
            backend.quantize_per(channels, &vec![0.0; n], &params[..], &mut biases).unwrap();
            backend.requantize_per(channels, &vec![0; n], &multipliers[..], &mut codes).unwrap();
            (biases, codes)
        };
        let expected: Vec<i32> = (0..channels.len()).map(|e| (e / inner % axis) as i32).collect();
        let all: Vec<_> = Auto::available().map(|backend| (backend, of(backend))).collect();
        for (backend, (biases, codes)) in &all {
            assert_eq!(*biases, expected, "{backend:?}: {outer} x {axis} x {inner}");
            assert_eq!(*codes, all[0].1.1, "{backend:?}: {outer} x {axis} x {inner}");
        }
    }
}
