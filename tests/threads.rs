//! Threads: the same bits in pools of every size, in the pool that the caller is in.
#![cfg(feature = "rayon")]

mod common;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::floats::{Float, half_grid};
use common::{
    Int, backends, effort, error_bits, for_each_pair, min_max_bits, params_bits, same_codes,
    same_numbers,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zeropoint::{
    Auto, Backend, Code, Error, Granularity, I4x2, MinMax, Parallel, QParams, Scalar, Scheme, U2x4,
    U4x2,
};

for_each_pair!(
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
        0 => half_grid((word(i) % 300) as i32 - 150, scale),
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
        let expected = results(Scalar, &src, &p);
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
        let expected = results(Scalar, &src, &p);
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
        answer.send((alone, results(Scalar, &src, &p))).unwrap();
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
    let expected = results(Scalar, &src, &p);
    assert_same("one thread", &results(Auto::best(), &src, &p), &expected);
    assert_same("threads", &results(Parallel::new(Auto::best()), &src, &p), &expected);
}

/// A tensor, or one with its rows apart: from numbers to codes and back.
#[derive(Clone, Copy, Debug)]
struct Shape {
    to_codes: Granularity,
    to_numbers: Granularity,
    numbers: usize,
    codes: usize,
}

impl Shape {
    fn flat(g: Granularity) -> Self {
        Self { to_codes: g, to_numbers: g, numbers: g.len(), codes: g.len() }
    }

    /// Of so many rows.
    fn apart(g: Granularity, rows: usize, of_numbers: usize, of_codes: usize) -> Self {
        Self {
            to_codes: g.with_pitch(of_numbers, of_codes).unwrap(),
            to_numbers: g.with_pitch(of_codes, of_numbers).unwrap(),
            numbers: rows * of_numbers,
            codes: rows * of_codes,
        }
    }
}

/// What every operation on slices makes of the same data.
#[derive(PartialEq)]
struct Made<Q> {
    params: Vec<QParams<f32, Q>>,
    codes: Vec<Q>,
    numbers: Vec<f32>,
    seen: Vec<MinMax<f32>>,
    sums: Vec<i64>,
    error: String,
}

fn made<Q: Code>(backend: impl Backend, shape: &Shape, src: &[f32]) -> Made<Q> {
    let Shape { to_codes, to_numbers, .. } = *shape;
    let slices = to_codes.slices();
    let codes = vec![Q::zeroed(); shape.codes.div_ceil(Q::PER_ELEMENT)];
    let mut made = Made {
        params: vec![QParams::default(); slices],
        codes: codes.clone(),
        numbers: vec![0.0; src.len()],
        seen: vec![MinMax::EMPTY; slices],
        sums: vec![7; slices],
        error: String::new(),
    };
    let Made { params: p, codes: q, numbers, seen, sums, error } = &mut made;
    backend.quantize_dynamic_per(to_codes, src, Scheme::asymmetric(), &mut p[..], q).unwrap();
    let mut again = codes.clone();
    backend.quantize_per(to_codes, src, &p[..], &mut again).unwrap();
    assert!(again == *q);
    let (mut again, mut own) = (codes, vec![0; slices]);
    backend.quantize_with_sums(to_codes, src, &p[..], &mut again, &mut own).unwrap();
    backend.sum_per(to_numbers, q, sums).unwrap();
    assert!(again == *q && own == *sums);
    backend.dequantize_per(to_numbers, q, &p[..], numbers).unwrap();
    backend.min_max_per(to_codes, src, seen).unwrap();
    *error = format!("{:x?}", error_bits(backend.quantization_error_per(to_codes, src, &p[..])));
    made
}

/// Of every slice, what `Scalar` finds.
fn slices_have_the_bits_of_one_thread<Q: Code>(shape: Shape) {
    let src = data::<f32>(shape.numbers, 0.01);
    let expected = made::<Q>(Scalar, &shape, &src);
    for backend in backends() {
        for pool in pools() {
            let got = pool.install(|| made::<Q>(Parallel::new(backend), &shape, &src));
            assert!(got == expected, "{shape:?} on {}", backend.name());
        }
    }
}

#[test]
fn rows_blocks_and_packed_codes_have_the_bits_of_one_thread() {
    // Odd rows: most of them begin inside a byte.
    let odd = Shape::flat(Granularity::row(2 * SHARED / 333, 333).unwrap());
    slices_have_the_bits_of_one_thread::<u8>(odd);
    slices_have_the_bits_of_one_thread::<I4x2>(odd);
    slices_have_the_bits_of_one_thread::<U2x4>(odd);
    // One axis of blocks, which are shared too; of odd ones as well.
    for block in [32, 5] {
        let flat = Shape::flat(Granularity::block(&[2 * SHARED / 160 * 160], 0, block).unwrap());
        slices_have_the_bits_of_one_thread::<u8>(flat);
        slices_have_the_bits_of_one_thread::<I4x2>(flat);
        slices_have_the_bits_of_one_thread::<U2x4>(flat);
    }
    let long = Shape::flat(Granularity::row(3, SHARED - 1).unwrap());
    slices_have_the_bits_of_one_thread::<I4x2>(long);
    // Each of which is shared for itself.
    let longer = Shape::flat(Granularity::row(2, 4 * SHARED + 77).unwrap());
    slices_have_the_bits_of_one_thread::<u8>(longer);
    slices_have_the_bits_of_one_thread::<U4x2>(longer);
    let blocks = Shape::flat(Granularity::block(&[2 * SHARED / 1001, 1001], 1, 32).unwrap());
    slices_have_the_bits_of_one_thread::<i8>(blocks);
    slices_have_the_bits_of_one_thread::<U4x2>(blocks);
}

#[test]
fn slices_that_are_not_contiguous_have_the_bits_of_one_thread() {
    let rows = 2 * SHARED / 1001;
    let shapes = [
        Granularity::channel(&[rows, 1001], 1),
        Granularity::block(&[rows, 1001], 0, 100),
        Granularity::channel(&[rows, 13, 77], 1),
        Granularity::channel(&[rows, 143, 7], 1),
    ];
    for shape in shapes {
        slices_have_the_bits_of_one_thread::<u8>(Shape::flat(shape.unwrap()));
        slices_have_the_bits_of_one_thread::<I4x2>(Shape::flat(shape.unwrap()));
    }
}

#[test]
fn rows_apart_have_the_bits_of_one_thread() {
    let rows = 2 * SHARED / 1001;
    let (odd, even) = ((1001, 1007), (1003, 1004));
    let shapes = [
        Granularity::row(rows, 1001),
        Granularity::block(&[rows, 1001], 1, 32),
        Granularity::channel(&[rows, 1001], 1),
        Granularity::block(&[rows, 1001], 0, 100),
        Granularity::channel(&[1, rows, 1001], 0),
    ];
    for g in shapes.map(Result::unwrap) {
        slices_have_the_bits_of_one_thread::<u8>(Shape::apart(g, rows, odd.0, odd.1));
        slices_have_the_bits_of_one_thread::<I4x2>(Shape::apart(g, rows, even.0, even.1));
    }
    let long = Granularity::row(2, 2 * SHARED + 77).unwrap();
    let (a, b) = (2 * SHARED + 80, 2 * SHARED + 96);
    slices_have_the_bits_of_one_thread::<u8>(Shape::apart(long, 2, a, b));
    slices_have_the_bits_of_one_thread::<U4x2>(Shape::apart(long, 2, a, b));
}

#[test]
fn the_first_that_is_not_finite_is_named_by_any_number_of_threads() {
    let rows = 2 * SHARED / 256;
    let shapes = [
        (Granularity::row(rows, 256).unwrap(), 256),
        (Granularity::channel(&[rows, 256], 1).unwrap(), 256),
        (Granularity::row(rows, 200).unwrap().with_pitch(256, 200).unwrap(), 200),
    ];
    for (g, row) in shapes {
        let mut src = data::<f32>(rows * 256, 0.01);
        // Ever earlier, in another row and another column.
        for at in [src.len() - 100, SHARED + 77, 4097] {
            src[at] = f32::NAN;
            for pool in pools() {
                let (mut p, mut q) = (vec![QParams::default(); g.slices()], vec![0_u8; rows * row]);
                let parallel = Parallel::new(Auto::best());
                let scheme = Scheme::asymmetric();
                let one = vec![QParams::<f32, u8>::default(); g.slices()];
                let spoilt = pool.install(|| {
                    [
                        parallel.quantize_dynamic_per(g, &src, scheme, &mut p, &mut q).unwrap_err(),
                        parallel.quantization_error_per(g, &src, &one[..]).unwrap_err(),
                    ]
                });
                for error in spoilt {
                    assert_eq!(error.to_string(), format!("NaN or infinity at element {at}"));
                }
            }
        }
    }
}

#[test]
fn the_first_slice_that_has_no_parameters_is_named_by_any_number_of_threads() {
    const SIDE: usize = 512;
    let scheme = Scheme::asymmetric().raw_range();
    let rows = (Granularity::row(SIDE, SIDE).unwrap(), SIDE, 1);
    let columns = (Granularity::channel(&[SIDE, SIDE], 1).unwrap(), 1, SIDE);
    for (g, slice, next) in [rows, columns] {
        let mut src = data::<f32>(g.len(), 0.01);
        // Two slices have but one value each, which leaves them without a scale.
        for i in 0..SIDE {
            src[100 * slice + i * next] = 3.0;
            src[400 * slice + i * next] = 5.0;
        }
        for pool in pools() {
            let (mut p, mut q) = (vec![QParams::default(); g.slices()], vec![0_u8; g.len()]);
            let parallel = Parallel::new(Auto::best());
            let wrong =
                pool.install(|| parallel.quantize_dynamic_per(g, &src, scheme, &mut p, &mut q));
            assert!(matches!(wrong, Err(Error::ZeroWidth { value: 3.0, .. })), "{g:?}: {wrong:?}");
        }
    }
}
