//! Threads: the same bits in pools of every size, in the pool that the caller is in.

#[cfg(feature = "ggml")]
mod blocks;
mod float_mode;
mod slices;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::floats::{Float, half_grid};
use crate::common::{
    Int, backends, effort, error_bits, min_max_bits, params_bits, same_codes, same_numbers, scalar,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zeropoint::{Auto, Backend, Parallel, QParams, Scheme};

for_each_pair!(bytes:
    every_operation_has_the_bits_of_one_thread,
    first_nan_is_named,
    lone_nan_is_named,
    free_functions_have_the_bits_of_the_reference,
);

/// From here on every operation shares a slice, inside a pool and outside: a test in
/// `src/parallel.rs` holds the crate to it.
const SHARED: usize = 128 * 1024;
const SHARED_FROM_OUTSIDE: usize = 2 * 1024 * 1024;

fn pools() -> Vec<ThreadPool> {
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    [1, 2, 5].map(pool).into()
}

/// What only the heaviest operation shares, what all do, and a long slice with uneven parts.
fn lengths() -> Vec<usize> {
    let long = if effort() < 100.0 { 3 * SHARED + 4097 } else { 8 * SHARED + 12_345 };
    vec![SHARED / 4 + 1, SHARED, SHARED + 1, long]
}

/// Data whose errors differ in size, so that the order of sums shows.
fn data<T: Float>(len: usize, scale: T) -> Vec<T> {
    let word = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    let number = |i: usize| match i % 3 {
        0 => half_grid((word(i) % 300) as i64 - 150, scale),
        1 => T::of(word(i) as f64 * 1e-9),
        _ => T::of(word(i) as f64 * 2.0_f64.powi(-36)) * scale,
    };
    (0..len).map(number).collect()
}

/// What every operation gives for the same data, as bits.
struct Results<T: Float, Q: Int> {
    q: Vec<Q>,
    x_hat: Vec<T>,
    dynamic: Vec<Q>,
    bits: Vec<String>,
}

fn results<T: Float, Q: Int>(backend: impl Backend, src: &[T], p: &QParams<T, Q>) -> Results<T, Q> {
    let (mut q, mut dynamic) = (vec![Q::default(); src.len()], vec![Q::default(); src.len()]);
    let mut x_hat = vec![T::of(0.0); src.len()];
    backend.quantize(src, p, &mut q).unwrap();
    backend.dequantize(&q, p, &mut x_hat).unwrap();
    let chosen = backend.quantize_dynamic(src, Scheme::asymmetric(), &mut dynamic);
    let bits = vec![
        format!("{:x?}", params_bits(chosen)),
        format!("{:x?}", min_max_bits(backend.min_max(src))),
        format!("{:x?}", error_bits(backend.quantization_error(src, p))),
        format!("{:?}", backend.range(src)),
        format!("{:?}", backend.abs_max(src)),
    ];
    Results { q, x_hat, dynamic, bits }
}

#[track_caller]
fn assert_same<T: Float, Q: Int>(what: &str, got: &Results<T, Q>, expected: &Results<T, Q>) {
    assert_eq!(got.bits, expected.bits, "{what}");
    same_codes(what, &got.q, &expected.q).unwrap();
    same_codes(what, &got.dynamic, &expected.dynamic).unwrap();
    same_numbers(what, &got.x_hat, &expected.x_hat).unwrap();
}

fn every_operation_has_the_bits_of_one_thread<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.013), Q::MIN + 100).unwrap();
    let pools = pools();
    for len in lengths() {
        let src = data(len, p.scale());
        let expected = results(scalar(), &src, &p);
        for backend in backends() {
            for pool in &pools {
                let got = pool.install(|| results(Parallel::new(backend), &src, &p));
                let threads = pool.current_num_threads();
                let what = format!("{} by {threads} threads, {len} elements", backend.name());
                assert_same(&what, &got, &expected);
            }
        }
    }
}

fn first_nan_is_named<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.013), 0).unwrap();
    let mut src = data(2 * SHARED + 777, p.scale());
    let last = src.len() - 1;
    src[last] = T::nans()[1];
    // Ever earlier, each in another thread's part or at its ends.
    for at in [last, 2 * SHARED, SHARED + 1, SHARED, SHARED - 1, 4096, 0] {
        src[at] = if at % 2 == 0 { T::nans()[0] } else { T::INF };
        for pool in pools() {
            let parallel = Parallel::new(Auto::best());
            let mut q = vec![Q::of(77); src.len()];
            let errors = pool.install(|| {
                [
                    parallel.range(&src).unwrap_err(),
                    parallel.abs_max(&src).unwrap_err(),
                    parallel.quantization_error(&src, &p).unwrap_err(),
                    parallel.quantize_dynamic(&src, Scheme::symmetric(), &mut q).unwrap_err(),
                ]
            });
            for error in errors {
                assert_eq!(error.to_string(), format!("NaN or infinity at element {at}"));
            }
            assert!(q.iter().all(|q| q.int() == 77), "written in spite of the error");
        }
    }
}

/// Found in one piece, it is lost neither to those before nor to those behind.
fn lone_nan_is_named<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.013), 0).unwrap();
    let mut src = data(2 * SHARED + 777, p.scale());
    for at in [0, SHARED - 1, SHARED, src.len() - 1] {
        let usual = std::mem::replace(&mut src[at], T::nans()[at % 4]);
        for pool in pools() {
            let parallel = Parallel::new(Auto::best());
            let errors = pool.install(|| {
                [
                    parallel.range(&src).unwrap_err(),
                    parallel.abs_max(&src).unwrap_err(),
                    parallel.quantization_error(&src, &p).unwrap_err(),
                ]
            });
            for error in errors {
                assert_eq!(error.to_string(), format!("NaN or infinity at element {at}"));
            }
        }
        src[at] = usual;
    }
}

fn free_functions_have_the_bits_of_the_reference<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.013), Q::MIN + 100).unwrap();
    for len in [100, 5000, SHARED_FROM_OUTSIDE + 4099] {
        let src = data(len, p.scale());
        let expected = results(scalar(), &src, &p);
        let (mut q, mut dynamic) = (vec![Q::default(); len], vec![Q::default(); len]);
        let mut x_hat = vec![T::of(0.0); len];
        zeropoint::quantize(&src, &p, &mut q).unwrap();
        zeropoint::dequantize(&q, &p, &mut x_hat).unwrap();
        let chosen = zeropoint::quantize_dynamic(&src, Scheme::asymmetric(), &mut dynamic);
        let bits = vec![
            format!("{:x?}", params_bits(chosen)),
            format!("{:x?}", min_max_bits(zeropoint::min_max(&src))),
            format!("{:x?}", error_bits(zeropoint::quantization_error(&src, &p))),
            format!("{:?}", zeropoint::Range::of(&src)),
            format!("{:?}", zeropoint::abs_max(&src)),
        ];
        assert_same("free functions", &Results { q, x_hat, dynamic, bits }, &expected);
    }
}

/// Threads that do not come are not waited for: here all of the pool wait for the caller.
#[test]
fn a_pool_that_waits_for_the_caller_is_not_waited_for() {
    let busy = Arc::new(Mutex::new(()));
    let held = busy.lock().unwrap();
    let (arrive, arrived) = channel();
    let wait = Arc::clone(&busy);
    rayon::spawn_broadcast(move |_| {
        arrive.send(()).unwrap();
        drop(wait.lock());
    });
    for _ in 0..rayon::current_num_threads() {
        arrived.recv().unwrap();
    }

    let (answer, answered) = channel();
    let caller = std::thread::spawn(move || {
        let src: Vec<f32> = data(SHARED_FROM_OUTSIDE + 1, 0.1);
        let p = QParams::<f32, u8>::new(0.1, 100).unwrap();
        let alone = results(Parallel::new(Auto::best()), &src, &p);
        answer.send((alone, results(scalar(), &src, &p))).unwrap();
    });
    let (alone, expected) =
        answered.recv_timeout(Duration::from_secs(60)).expect("the call waits for the pool");
    drop(held);
    caller.join().unwrap();
    assert_same("beside a blocked pool", &alone, &expected);
}

/// Past the size of the caches: stored in another way.
#[test]
fn large_tensors_have_the_bits_of_the_reference() {
    let p = QParams::<f32, u8>::new(0.013, 100).unwrap();
    let src: Vec<f32> = data((10 << 20) + 77, p.scale());
    let expected = results(scalar(), &src, &p);
    assert_same("one thread", &results(Auto::best(), &src, &p), &expected);
    assert_same("threads", &results(Parallel::new(Auto::best()), &src, &p), &expected);
}
