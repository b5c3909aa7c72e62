//! Operations made of others: the bits of the operations they are made of, on every backend.

use crate::common::cases::{Case, any_case};
use crate::common::contract::Plain;
use crate::common::floats::Float;
use crate::common::{Int, backends, for_random, same_numbers};
use zeropoint::{Backend, Error, Granularity, QParams, Scalar};

for_each_pair!(integers: 
    fake_quantize_is_quantize_then_dequantize,
    fake_quantize_at_every_length,
    fake_quantize_per_slice,
    nan_becomes_the_number_of_qmin,
    length_mismatch_is_refused,
);

fn fake<T: Float, Q: Int>(p: &QParams<T, Q>, src: &[T]) -> Result<(), String> {
    let plain = Plain::of(p);
    let expected: Vec<T> = src.iter().map(|x| plain.dequantize(plain.quantize(*x))).collect();
    for backend in backends() {
        let name = backend.name();
        let mut got = vec![T::of(7.0); src.len()];
        backend.fake_quantize(src, p, &mut got).unwrap();
        same_numbers(name, &got, &expected)?;
        let mut x = src.to_vec();
        backend.fake_quantize_in_place(&mut x, p);
        same_numbers(name, &x, &expected)?;
    }
    Ok(())
}

fn fake_quantize_is_quantize_then_dequantize<T: Float, Q: Int>() {
    for_random(2000, any_case::<T, Q>(), |Case { p, src }| fake(&p, &src));
}

fn fake_quantize_at_every_length<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.1), Q::MIN + 100).unwrap();
    let data: Vec<T> = (0..200).map(|i| T::of(f64::from(i) * 0.37 - 30.0)).collect();
    for len in 0..=data.len() {
        for from in [0, 1, 5] {
            fake(&p, &data[from.min(len)..len]).unwrap();
        }
    }
}

fn fake_quantize_per_slice<T: Float, Q: Int>() {
    let p = |i: usize| QParams::<T, Q>::new(T::of(0.05 * (i + 1) as f64), Q::MIN + 100).unwrap();
    let src: Vec<T> = (0..3 * 70).map(|i| T::of(f64::from(i) * 0.37 - 30.0)).collect();
    let tensors = [
        Granularity::channel(&[3, 70], 0).unwrap(),
        Granularity::channel(&[3, 70], 1).unwrap(),
        Granularity::block(&[3, 70], 1, 32).unwrap(),
        Granularity::tensor(210),
    ];
    for granularity in tensors {
        let params: Vec<_> = (0..granularity.slices()).map(p).collect();
        let (mut q, mut expected) = (vec![Q::default(); 210], vec![T::of(0.0); 210]);
        Scalar.quantize_per(granularity, &src, &params[..], &mut q).unwrap();
        Scalar.dequantize_per(granularity, &q, &params[..], &mut expected).unwrap();
        for backend in backends() {
            let (mut got, mut x) = (vec![T::of(7.0); 210], src.clone());
            backend.fake_quantize_per(granularity, &src, &params[..], &mut got).unwrap();
            same_numbers(backend.name(), &got, &expected).unwrap();
            backend.fake_quantize_in_place_per(granularity, &mut x, &params[..]).unwrap();
            same_numbers(backend.name(), &x, &expected).unwrap();
            let refused = backend.fake_quantize_in_place_per(granularity, &mut x[1..], &params[..]);
            assert!(matches!(refused, Err(Error::ShapeMismatch { shape: 210, len: 209, .. })));
        }
    }
}

fn nan_becomes_the_number_of_qmin<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.5), Q::MIN + 10).unwrap();
    for backend in backends() {
        for len in [1, 5, 300] {
            let mut x = vec![T::nans()[len % 4]; len];
            backend.fake_quantize_in_place(&mut x, &p);
            assert!(x.iter().all(|x| *x == T::of(-5.0)), "{}", backend.name());
        }
    }
}

fn length_mismatch_is_refused<T: Float, Q: Int>() {
    let p = QParams::<T, Q>::new(T::of(0.5), 0).unwrap();
    let refused = Scalar.fake_quantize(&[T::of(1.0)], &p, &mut [T::of(0.0); 2]);
    assert!(matches!(refused, Err(Error::LengthMismatch { src: 1, dst: 2, .. })));
}
