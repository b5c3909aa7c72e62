//! Sums of codes, and codes made with their sums.

use crate::common::{Int, backends, for_random, same};
use proptest::collection::vec;
use proptest::prelude::any;
use zeropoint::{Backend, Error, Granularity, QParams, Scalar, U4x2};

fn exact<Q: Int>(src: &[Q]) -> i64 {
    src.iter().map(|q| i64::from(q.int())).sum()
}

fn sums_of_rows<Q: Int>() {
    for_random(2000, (1..5_usize, vec(any::<u8>(), 0..700_usize)), |(rows, bytes)| {
        let len = bytes.len() / rows;
        let src: Vec<Q> =
            bytes[..rows * len].iter().map(|b| Q::of(i32::from(*b) + Q::MIN)).collect();
        let expected: Vec<i64> = (0..rows).map(|r| exact(&src[r * len..(r + 1) * len])).collect();
        for backend in backends() {
            let mut sums = vec![77; rows];
            let granularity = Granularity::row(rows, len).unwrap();
            backend.sum_per(granularity, &src, &mut sums).unwrap();
            same(backend.name(), sums, expected.clone())?;
        }
        Ok(())
    });
}

#[test]
fn sums_of_rows_of_i8() {
    sums_of_rows::<i8>();
}

#[test]
fn sums_of_rows_of_u8() {
    sums_of_rows::<u8>();
}

/// All codes alike, up to and beyond what lanes of 16 bits hold of them.
fn of_one_code<Q: Int>(code: i32) {
    for steps in [1, 63, 64, 65, 128, 129] {
        for len in [16, 32, 64].into_iter().flat_map(|step| [step * steps - 1, step * steps]) {
            let src = vec![Q::of(code); len];
            for backend in backends() {
                let mut sum = [0];
                backend.sum_per(Granularity::tensor(len), &src, &mut sum).unwrap();
                assert_eq!(sum, [i64::from(code) * len as i64], "{} {len}", backend.name());
            }
        }
    }
}

#[test]
fn no_short_lane_overflows() {
    of_one_code::<u8>(255);
    of_one_code::<i8>(-128);
    of_one_code::<i8>(127);
}

#[test]
fn no_lane_overflows() {
    // More than 2³¹ of 255 in every lane, if lanes were not added up in between.
    let src = vec![255_u8; 200 << 20];
    for backend in backends().into_iter().skip(1) {
        let mut sum = [0];
        backend.sum_per(Granularity::tensor(src.len()), &src, &mut sum).unwrap();
        assert_eq!(sum, [255 * (200 << 20)], "{}", backend.name());
    }
    let src = vec![-128_i8; 200 << 20];
    let mut sum = [0];
    zeropoint::Auto::best().sum_per(Granularity::tensor(src.len()), &src, &mut sum).unwrap();
    assert_eq!(sum, [-128 * (200 << 20)]);
}

#[test]
fn columns_and_blocks_have_sums_too() {
    let src = [1_i8, 2, 3, -4, -5, -6];
    for backend in backends() {
        let mut sums = [0; 3];
        backend.sum_per(Granularity::channel(&[2, 3], 1).unwrap(), &src, &mut sums).unwrap();
        assert_eq!(sums, [-3, -3, -3]);
        let mut sums = [0; 4];
        backend.sum_per(Granularity::block(&[2, 3], 1, 2).unwrap(), &src, &mut sums).unwrap();
        assert_eq!(sums, [3, 3, -9, -6]);
    }
}

fn codes_and_sums<Q: Int>() {
    // The longest is summed in pieces.
    for (rows, len) in [(1, 1), (3, 31), (5, 100), (2, 20_000), (4, 0), (0, 4)] {
        let src: Vec<f32> = (0..rows * len).map(|i| (i * 37 % 501) as f32 * 0.1 - 20.0).collect();
        let params: Vec<QParams<f32, Q>> = (0..rows)
            .map(|r| QParams::new(0.1 + r as f32 * 0.02, Q::MIN + 90 + r as i32).unwrap())
            .collect();
        let granularity = Granularity::row(rows, len).unwrap();
        let mut expected = vec![Q::default(); rows * len];
        Scalar.quantize_per(granularity, &src, &params[..], &mut expected).unwrap();
        for backend in backends() {
            let (mut q, mut sums) = (vec![Q::default(); rows * len], vec![77; rows]);
            backend.quantize_with_sums(granularity, &src, &params[..], &mut q, &mut sums).unwrap();
            assert!(q == expected, "{}", backend.name());
            for (row, sum) in sums.into_iter().enumerate() {
                let of_row = exact(&expected[row * len..(row + 1) * len]);
                assert_eq!(sum, of_row, "{} row {row}", backend.name());
            }
        }
    }
}

#[test]
fn codes_and_sums_of_i8() {
    codes_and_sums::<i8>();
}

#[test]
fn codes_and_sums_of_u8() {
    codes_and_sums::<u8>();
}

#[test]
fn columns_and_blocks_have_codes_with_sums() {
    let p = |slices| vec![QParams::<f32, i8>::new(0.5, 1).unwrap(); slices];
    let x = [1.0_f32, 2.0, 3.0, -4.0, -5.0, 1000.0];
    let codes = [3, 5, 7, -7, -9, 127];
    let columns = Granularity::channel(&[2, 3], 1).unwrap();
    let blocks = Granularity::block(&[2, 3], 0, 1).unwrap();
    for backend in backends() {
        let (mut q, mut sums) = ([0; 6], [9; 3]);
        backend.quantize_with_sums(columns, &x, &p(3)[..], &mut q, &mut sums).unwrap();
        assert_eq!((q, sums), (codes, [-4, -4, 134]), "{}", backend.name());
        let (mut q, mut sums) = ([0; 6], [9; 6]);
        backend.quantize_with_sums(blocks, &x, &p(6)[..], &mut q, &mut sums).unwrap();
        assert_eq!((q, sums), (codes, codes.map(i64::from)), "{}", backend.name());
    }
}

#[test]
fn packed_rows_may_begin_inside_a_byte() {
    let p = [QParams::<f32, U4x2>::new(1.0, 0).unwrap(); 3];
    let src = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let (mut q, mut sums) = ([U4x2::default(); 5], [0; 3]);
    let rows = Granularity::row(3, 3).unwrap();
    Scalar.quantize_with_sums(rows, &src, &p, &mut q, &mut sums).unwrap();
    assert_eq!(sums, [6, 15, 24]);
    assert_eq!(q[1..3], [U4x2::new([3, 4]), U4x2::new([5, 6])]);
    let mut again = [0; 3];
    Scalar.sum_per(rows, &q, &mut again).unwrap();
    assert_eq!(again, sums);
}

#[test]
fn what_does_not_fit_is_refused() {
    let p = [QParams::<f32, i8>::new(1.0, 0).unwrap(); 2];
    let rows = Granularity::row(2, 2).unwrap();
    let (mut q, mut sums) = ([0; 4], [0; 3]);
    let refused = Scalar.quantize_with_sums(rows, &[0.0_f32; 4], &p, &mut q, &mut sums);
    assert!(matches!(refused, Err(Error::ParamsMismatch { slices: 2, params: 3, .. })));
    let refused = Scalar.sum_per(rows, &q[..3], &mut sums[..2]);
    assert!(matches!(refused, Err(Error::LengthMismatch { src: 3, dst: 4, .. })));
}
