//! Stored blocks shared by threads.

use super::{SHARED, pools};
use zeropoint::ggml::{Block, BlockQ5_1, BlockQ8_0, BlockQ8_K};
use zeropoint::{Auto, Backend, Error, Parallel, Scalar};

fn check<B: Block>() {
    // Not all threads have as many blocks.
    let blocks = 3 * SHARED / B::ELEMENTS + 5;
    let x: Vec<f32> = (0..blocks * B::ELEMENTS)
        .map(|i| ((i as u32).wrapping_mul(0x9e37_79b9) >> 8) as f32 * 1e-6 - 8.0)
        .collect();
    let mut expected = vec![B::default(); blocks];
    Scalar.encode(&x, &mut expected).unwrap();
    let mut y = vec![0.0_f32; x.len()];
    Scalar.decode(&expected, &mut y).unwrap();
    for pool in pools() {
        for backend in Auto::available() {
            let backend = Parallel::new(backend);
            let mut got = vec![B::default(); blocks];
            pool.install(|| backend.encode(&x, &mut got)).unwrap();
            assert!(got == expected, "{backend:?}, {}", B::NAME);
            let mut decoded = vec![0.0_f32; x.len()];
            pool.install(|| backend.decode(&expected, &mut decoded)).unwrap();
            assert!(decoded == y, "{backend:?}, {}", B::NAME);
        }
    }
}

#[test]
fn blocks_have_the_bytes_of_one_thread() {
    check::<BlockQ8_0>();
    check::<BlockQ5_1>();
    check::<BlockQ8_K>();
}

/// The earliest fault is named, whichever thread meets its own first.
#[test]
fn the_first_bad_block_is_named() {
    let mut x = vec![1.0_f32; 4 * SHARED];
    let (great, nan) = (2 * SHARED + 32 * 7, 3 * SHARED + 11);
    (x[great], x[nan]) = (1e9, f32::NAN);
    for pool in pools() {
        let backend = Parallel::new(Auto::best());
        let mut blocks = vec![BlockQ8_0::default(); x.len() / 32];
        let error = pool.install(|| backend.encode(&x, &mut blocks)).unwrap_err();
        assert!(matches!(error, Error::BlockRange { block, .. } if block == great / 32), "{error}");
        let without = [&x[..great], &x[great + 32..]].concat();
        let error = pool.install(|| backend.encode(&without, &mut blocks[1..])).unwrap_err();
        let index = nan - 32;
        assert!(matches!(error, Error::NotFinite { index: Some(i), .. } if i == index), "{error}");
    }
}
