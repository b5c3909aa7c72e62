//! Operations on slices.

use zeropoint::{
    Auto, Backend, Code, Error, Granularity, I4x2, MinMax, Parallel, QParams, Scheme, U2x4, U4x2,
};

use super::{SHARED, data, pools};
use crate::common::{backends, error_bits, scalar};

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
    let expected = made::<Q>(scalar(), &shape, &src);
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
