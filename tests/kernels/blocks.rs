//! Blocks that kernels take many at a time: the scalar backend's bits, whatever is in them, and however
//! their parameters are held.

use crate::common::floats::Float;
use crate::common::{backends, scalar};
use zeropoint::{
    Backend, Code, Error, Granularity, I4x2, Number, Params, ParamsMut, QParams, Real, Scheme,
    U4x2, ZeroPoints, ZeroPointsMut,
};

/// Numbers of every size, a kind of its own in each of many neighbouring blocks.
fn data(len: usize, block: usize, seed: u64) -> Vec<f64> {
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut kind = 0;
    (0..len)
        .map(|i| {
            if i % block == 0 {
                kind = random() % 24;
            }
            let x = random() as i32 as f64 / f64::from(i32::MAX);
            match kind {
                0 => 0.0,
                1 => -0.0,
                2 => x * 1e-42,
                3 => x * 3e38,
                4 => x * 1e-25,
                5 => x * 1e25,
                6 => x.abs(),
                7 => -x.abs(),
                8 => (x * 8.0).round(),
                // The zero point is at a half, or next to it.
                9 => 1.37_f64.copysign(x),
                _ => x * 2.0_f64.powi((kind as i32 - 16) * 2),
            }
        })
        .collect()
}

fn schemes() -> [Scheme; 6] {
    [
        Scheme::symmetric(),
        Scheme::asymmetric(),
        Scheme::symmetric().bits(3),
        Scheme::asymmetric().bits(4),
        Scheme::symmetric().full_range(),
        Scheme::asymmetric().raw_range(),
    ]
}

/// Tensors of whole blocks, of rows with a short last one, of fewer blocks than a register has lanes, and of slices of
/// any length.
fn tensors() -> impl Iterator<Item = (Granularity, usize)> {
    let of = |rows: usize, row: usize, block: usize| {
        (Granularity::block(&[rows, row], 1, block).unwrap(), block)
    };
    let whole = [8, 16, 32, 64, 128, 256, 512, 1024, 48].map(|block| of(3, 24 * block, block));
    let short = [8, 32, 64, 256].map(|block| of(3, 33 * block + block / 2 + 1, block));
    let few = [of(1, 32, 32), of(2, 5 * 32, 32), of(70, 32, 32), of(1, 65 * 32, 32)];
    let fewer = [of(1, 3 * 64, 64), of(2, 7 * 128, 128), of(1, 2 * 256, 256), of(3, 107, 32)];
    let channels = [(Granularity::channel(&[40, 4, 16], 0).unwrap(), 64)];
    let any = [1, 3, 15, 17, 33, 65, 100, 129, 1000, 2047, 2048, 2049];
    let any = any.map(|row| of((8200 / row).clamp(3, 150), row, row));
    let ragged = [of(5, 100, 33), of(3, 2500, 1100), of(2, 67, 66), of(1, 1000, 7)];
    // More groups of slices than a table has lanes, and fewer slices in a group.
    let long = [of(40, 1000, 1000), of(20, 2048, 2048), of(60, 24, 32)];
    let ragged = ragged.into_iter().chain(long);
    let blocks = whole.into_iter().chain(short).chain(few).chain(fewer).chain(channels);
    blocks.chain(any).chain(ragged)
}

fn same<Q: Code>(what: &str, got: &[Q], expected: &[Q]) {
    let wrong = got.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(wrong, None, "{what}");
}

fn dynamic<T: Real, Q: Code>()
where
    T::Compute: Float,
{
    for (seed, (granularity, block)) in (1..).zip(tensors()) {
        let len = granularity.len();
        let src: Vec<T> = data(len, block, seed).into_iter().map(narrow).collect();
        let codes = len.div_ceil(Q::PER_ELEMENT);
        for scheme in schemes() {
            let mut p = vec![QParams::<T::Compute, Q>::default(); granularity.slices()];
            let mut q = vec![Q::zeroed(); codes];
            let expected =
                scalar().quantize_dynamic_per(granularity, &src, scheme, &mut p[..], &mut q);
            for backend in backends() {
                let what = format!("{} {granularity:?} {scheme:?}", backend.name());
                let mut found = vec![QParams::default(); p.len()];
                let mut got = vec![Q::zeroed(); codes];
                let result = backend.quantize_dynamic_per(
                    granularity,
                    &src,
                    scheme,
                    &mut found[..],
                    &mut got,
                );
                assert_eq!(result, expected, "{what}");
                if expected.is_ok() {
                    assert_eq!(found, p, "{what}");
                    same(&what, &got, &q);
                    arrays(&what, backend, granularity, &src, scheme, &p, &q);
                }
            }
        }
    }
}

fn arrays<T: Real, Q: Code>(
    what: &str,
    backend: impl Backend,
    granularity: Granularity,
    src: &[T],
    scheme: Scheme,
    p: &[QParams<T::Compute, Q>],
    q: &[Q],
) {
    let raw = scheme == scheme.raw_range();
    let symmetric = [2, 3, 4, 8].into_iter().any(|n| scheme == Scheme::symmetric().bits(n))
        || scheme == Scheme::symmetric()
        || scheme == Scheme::symmetric().full_range();
    let scales: Vec<_> = p.iter().map(QParams::scale).collect();
    let zero_points: Vec<_> = p.iter().map(QParams::zero_point).collect();
    let mut of_codes = vec![Q::zeroed(); p.len().div_ceil(Q::PER_ELEMENT)];
    if !raw {
        for (i, z) in zero_points.iter().enumerate() {
            let element = &mut of_codes[i / Q::PER_ELEMENT];
            element.set(i % Q::PER_ELEMENT, *z);
        }
    }
    for kind in 0..3 {
        let mut found = vec![T::Compute::ZERO; p.len()];
        let (mut integers, mut codes) = (vec![7; p.len()], vec![Q::zeroed(); of_codes.len()]);
        let mut got = vec![Q::zeroed(); q.len()];
        let room = match kind {
            0 => ZeroPointsMut::Omitted,
            1 => ZeroPointsMut::Integers(&mut integers),
            _ => ZeroPointsMut::Codes(&mut codes),
        };
        let params = ParamsMut::arrays(&mut found, room);
        let result = backend.quantize_dynamic_per(granularity, src, scheme, params, &mut got);
        match kind {
            0 if !symmetric => {
                assert_eq!(result, Err(Error::ZeroPointsOmitted), "{what}");
                continue;
            }
            2 if raw => {
                assert_eq!(result, Err(Error::ZeroPointsAsCodes), "{what}");
                continue;
            }
            _ => result.unwrap(),
        }
        assert_eq!(found, scales, "{what} {kind}");
        same(what, &got, q);
        if kind == 1 {
            assert_eq!(integers, zero_points, "{what}");
        }
        if kind == 2 {
            same(what, &codes, &of_codes);
        }
    }
}

fn narrow<T: Real>(x: f64) -> T
where
    T::Compute: Float,
{
    T::narrow(Float::of(x))
}

fn narrow_scale<T: Real>(x: f64) -> T::Compute
where
    T::Compute: Float,
{
    Float::of(x)
}

/// Codes, and numbers from them, by parameters in the reciprocal's guard and outside of it.
fn given<T: Real, Q: Code>()
where
    T::Compute: Float,
{
    for (seed, (granularity, block)) in (100..).zip(tensors()) {
        let len = granularity.len();
        let mut src: Vec<T> = data(len, block, seed).into_iter().map(narrow).collect();
        for (i, x) in
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -f64::NAN].into_iter().enumerate()
        {
            src[i * len / 5 + i] = narrow(x);
        }
        // So large that the reciprocal's second term is subnormal and has five bits left.
        let far_scale = |i: usize| {
            let exponent = if size_of::<T::Compute>() == 4 { 119 } else { 1015 };
            narrow_scale::<T>((1.0 + (i % 61) as f64 / 61.0) * f64::powi(2.0, exponent))
        };
        for far in [false, true] {
            if far {
                for (i, x) in src.iter_mut().enumerate().filter(|(i, _)| i / block % 8 == 3) {
                    let ties =
                        T::Compute::from_i32(2 * (i as i32 % 200) - 199) * far_scale(i / block);
                    *x = T::narrow(ties / T::Compute::from_i32(2));
                }
            }
            let made = |i: usize| {
                let z = Q::MIN + (i % 7) as i32 + if far && i % 50 == 9 { 1 << 22 } else { 0 };
                // As far away as the reciprocal is proved for, and one farther.
                let z = match (seed % 5, i % 9) {
                    (1, 2) | (2, 4) => 3000,
                    (1, 5) | (3, 4) => -3000,
                    (4, 7) => 3001,
                    (4, 8) => -3001,
                    _ => z,
                };
                let scale = T::Compute::from_i32(1 + i as i32 % 5) / T::Compute::from_i32(16);
                let scale = match i % 8 {
                    3 if far => far_scale(i),
                    5 if far => T::Compute::MIN_POSITIVE,
                    _ => scale,
                };
                // Of every third block one code less, of every block, or of none: at either end.
                let fewer = [seed % 4, (seed >> 2) % 4].map(|kind| {
                    i32::from(match kind {
                        0 => i.is_multiple_of(3),
                        other => other == 1,
                    })
                });
                QParams::<T::Compute, Q>::with_codes(scale, z, Q::MIN + fewer[0], Q::MAX - fewer[1])
                    .unwrap()
            };
            let p: Vec<_> = (0..granularity.slices()).map(made).collect();
            let scales: Vec<_> = p.iter().map(QParams::scale).collect();
            let zero_points: Vec<_> = p.iter().map(QParams::zero_point).collect();
            let in_arrays =
                Params::<T::Compute, Q>::arrays(&scales, ZeroPoints::Integers(&zero_points));
            for params in [Params::from(&p[..]), in_arrays] {
                let mut q = vec![Q::zeroed(); len.div_ceil(Q::PER_ELEMENT)];
                let mut x = vec![T::zeroed(); len];
                scalar().quantize_per(granularity, &src, params, &mut q).unwrap();
                scalar().dequantize_per(granularity, &q, params, &mut x).unwrap();
                for backend in backends() {
                    let what = format!("{} {granularity:?} {far}", backend.name());
                    let (mut got, mut y) = (vec![Q::zeroed(); q.len()], vec![T::zeroed(); len]);
                    backend.quantize_per(granularity, &src, params, &mut got).unwrap();
                    same(&what, &got, &q);
                    backend.dequantize_per(granularity, &q, params, &mut y).unwrap();
                    // Beyond the type's numbers they are infinite; none is NaN.
                    assert!(x == y, "{what}");
                }
            }
        }
    }
}

/// What has no range in blocks of `block` is found wherever it is, and the first of several.
fn what_is_not_finite<Q: Code>(block: usize) {
    let len = 80 * block + 5;
    let granularity = Granularity::block(&[len], 0, block).unwrap();
    let places =
        [0, 15, 31, 32, 511, 512, 700, 16 * block - 1, 2047, 2048, 80 * block - 1, len - 1];
    // The quiet NaN, which some instructions pass over, and a signalling one of each sign.
    let nans = [f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001), f32::from_bits(0xff80_0001)];
    for backend in backends() {
        for scheme in [
            Scheme::symmetric(),
            Scheme::symmetric().full_range(),
            Scheme::symmetric().bits(3),
            Scheme::asymmetric(),
        ] {
            for at in places {
                for wrong in nans.into_iter().chain([f32::INFINITY, f32::NEG_INFINITY]) {
                    // Alone; beside another in one block; before one in another table.
                    for second in [at, (at + 16).min(len - 1), len - 1] {
                        let mut src = vec![0.5_f32; len];
                        (src[second], src[at]) = (f32::NAN, wrong);
                        let mut p = vec![QParams::<f32, Q>::default(); granularity.slices()];
                        let mut q = vec![Q::zeroed(); len.div_ceil(Q::PER_ELEMENT)];
                        let result = backend.quantize_dynamic_per(
                            granularity,
                            &src,
                            scheme,
                            &mut p[..],
                            &mut q,
                        );
                        let named = matches!(result, Err(Error::NotFinite { index: Some(i), .. }) if i == at);
                        assert!(named, "{} {at} {wrong} {scheme:?}: {result:?}", backend.name());
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_named() {
    for block in [32, 64, 128, 33, 100, 256] {
        what_is_not_finite::<i8>(block);
        what_is_not_finite::<u8>(block);
    }
    what_is_not_finite::<I4x2>(32);
    what_is_not_finite::<U4x2>(32);
}

#[test]
fn dynamic_f32() {
    dynamic::<f32, i8>();
    dynamic::<f32, u8>();
}

#[test]
fn dynamic_f64() {
    dynamic::<f64, i8>();
    dynamic::<f64, u8>();
}

#[test]
fn dynamic_packed() {
    dynamic::<f32, I4x2>();
    dynamic::<f32, U4x2>();
}

#[test]
fn given_f32() {
    given::<f32, i8>();
    given::<f32, u8>();
}

#[test]
fn given_f64() {
    given::<f64, i8>();
    given::<f64, u8>();
}

#[test]
fn given_packed() {
    given::<f32, I4x2>();
    given::<f32, U4x2>();
}

#[cfg(feature = "half")]
#[test]
fn halves() {
    use half::{bf16, f16};
    dynamic::<f16, i8>();
    given::<bf16, u8>();
}
