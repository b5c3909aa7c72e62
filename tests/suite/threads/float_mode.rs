//! The caller's floating-point mode holds for the whole call, whichever threads help.
#![cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64"))]

use zeropoint::{Parallel, QParams};

use super::{SHARED, assert_same, pools, results};
use crate::common::backends;
use crate::common::float_mode::flushing;

/// Every other number is subnormal, and nearer to the first step of the scale than to 0: flushed, it has another code.
#[test]
fn helpers_flush_as_the_caller_does() {
    let scale = f32::MIN_POSITIVE;
    let number = |i: usize| scale * if i.is_multiple_of(2) { 0.75 } else { 3.0 };
    let src: Vec<f32> = (0..4 * SHARED).map(number).collect();
    let p = QParams::<f32, u8>::new(scale, 7).unwrap();
    for backend in backends() {
        for pool in pools() {
            let what = format!("{backend:?}, {} threads", pool.current_num_threads());
            let call = || results(Parallel::new(backend), &src, &p);
            let (usual, flushed) =
                pool.install(|| (call(), flushing(|| [(); 12].map(|()| call()))));
            let expected = flushing(|| results(backend, &src, &p));
            assert_eq!((usual.q[0], expected.q[0]), (8, 7), "{what}");
            for got in &flushed {
                assert_same(&what, got, &expected);
            }
            // Whoever helped has its own mode again.
            assert_same(&what, &pool.install(call), &usual);
        }
    }
}
