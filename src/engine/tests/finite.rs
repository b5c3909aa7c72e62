//! Tests that the finite elements of every slice are found, and the others counted, by every instruction set.

use crate::backend::{Schedule, finite_per};
use crate::element::Number;
use crate::engine::fallback;
use crate::range::Finite;
use crate::{Auto, Granularity, Real};

/// Returns small numbers, zeros of both signs, infinities and NaNs.
fn mixed<T: Real>(len: usize, nan: &[T]) -> Vec<T> {
    let number = |i: usize| {
        let (hash, infinity) = (i.wrapping_mul(0x9e37_79b9) >> 7, T::Compute::INFINITY);
        match hash % 23 {
            0 => nan[hash / 23 % nan.len()],
            1 => T::narrow(infinity),
            2 => T::narrow(T::Compute::ZERO - infinity),
            3 => T::narrow(T::Compute::ZERO - T::Compute::ZERO * T::Compute::from_i32(-1)),
            _ => T::narrow(T::Compute::from_i32((hash % 199) as i32 - 99)),
        }
    };
    (0..len).map(number).collect()
}

/// Compares the results of all instruction sets with the formula, for these NaNs among the elements.
fn found<T: Real>(nan: &[T]) {
    for (rows, columns) in (1..70).map(|columns| (40, columns)).chain([
        (1, 1),
        (1, 600),
        (19, 127),
        (19, 513),
        (5000, 3),
    ]) {
        let plain = [0, 1].map(|axis| Granularity::channel(&[rows, columns], axis).unwrap());
        let pitched = plain.map(|g| g.with_pitch(columns + 1, columns).unwrap());
        let blocks = Granularity::block(&[rows, columns], 0, 3).unwrap();
        for granularity in plain.into_iter().chain(pitched).chain([blocks]) {
            let src = mixed(rows * (columns + 1), nan);
            let mut expected = vec![Finite::NONE; granularity.slices()];
            for tile in granularity.tiles(0..granularity.len()) {
                tile.for_each_run(|slice, run| {
                    for x in &src[run.src..run.src + run.len] {
                        expected[slice] = expected[slice].merge(Finite::of_one(x.widen()));
                    }
                });
            }
            for backend in Auto::available() {
                let mut seen = vec![Finite::NONE; granularity.slices()];
                fallback::COUNT.set(0);
                finite_per(&backend, &granularity, &src, &mut seen);
                assert_eq!(seen, expected, "{backend:?}: {granularity:?}");
                let native = fallback::COUNT.get() == 0;
                assert_eq!(native, backend.isa().name() != "scalar", "{backend:?}");
            }
        }
    }
}

#[test]
fn finite_elements_are_found_and_others_counted() {
    // Quiet and signalling NaNs of both signs.
    found(&[0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffbf_ffff].map(f32::from_bits));
    let of_64 = [0x7ff8_u64 << 48, 0xfff8 << 48, (0x7ff0 << 48) + 1, (0xfff0 << 48) + 9];
    found(&of_64.map(f64::from_bits));
    #[cfg(feature = "half")]
    {
        found(&[0x7e00, 0xfe00, 0x7c01, 0xfdff].map(half::f16::from_bits));
        found(&[0x7fc0, 0xffc0, 0x7f81, 0xffbf].map(half::bf16::from_bits));
    }
}

/// Bounds are +0 where every element is −0.
#[test]
fn zeros_are_positive() {
    let rows = Granularity::row(2, 20).unwrap();
    for backend in Auto::available() {
        let mut seen = [Finite::NONE; 2];
        finite_per(
            &backend,
            &rows,
            &[[-0.0_f32; 19].as_slice(), &[f32::NAN; 2], &[-0.0; 19]].concat(),
            &mut seen,
        );
        assert!(seen.iter().all(|of| of.seen.min.to_bits() == 0 && of.seen.max.to_bits() == 0));
        assert_eq!(seen.map(|of| of.not_finite), [1, 1]);
    }
}
