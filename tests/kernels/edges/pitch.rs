//! Pitches that do not fit, and rows with gaps between them.

use zeropoint::{Backend, Error, Granularity, I2x4, I4x2, MinMax, QParams, Scheme};

use super::granularity::message;
use crate::common::backends;

#[test]
fn pitches_that_are_none_are_refused() {
    let rows = Granularity::row(2, 3).unwrap();
    assert_eq!(message(rows.with_pitch(2, 3)), "rows of 3 elements at a pitch of 2 overlap");
    assert_eq!(message(rows.with_pitch(3, 0)), "rows of 3 elements at a pitch of 0 overlap");
    let beyond = usize::MAX / 2 + 1;
    let overflow = format!("2 rows at a pitch of {beyond} elements are more than memory can hold");
    assert_eq!(message(rows.with_pitch(3, beyond)), overflow);
    assert_eq!(message(rows.with_pitch(beyond, 3)), overflow);
    assert!(rows.with_pitch(3, usize::MAX / 2).is_ok());
    // One row has no next one.
    assert!(Granularity::tensor(3).with_pitch(3, usize::MAX).is_ok());
}

#[test]
fn rows_with_a_pitch_that_do_not_fit_are_refused_and_nothing_is_written() {
    let rows = Granularity::row(2, 3).unwrap().with_pitch(4, 5).unwrap();
    let back = Granularity::row(2, 3).unwrap().with_pitch(5, 4).unwrap();
    let p = [QParams::<f32, u8>::new(1.0, 0).unwrap(); 2];
    let scheme = Scheme::asymmetric();
    for backend in backends() {
        let (x, mut q, mut y) = ([1.0_f32; 11], [9_u8; 11], [9.0_f32; 11]);
        let (mut own, mut seen, mut sums) = (p, [MinMax::EMPTY; 2], [9; 2]);
        for wrong in [6, 9] {
            let text = format!("rows with a pitch take 7 to 8 elements, the slice has {wrong}");
            let x = &x[..wrong];
            let refused = [
                backend.quantize_per(rows, x, &p, &mut q[..8]),
                backend.fake_quantize_per(rows, x, &p, &mut y[..8]),
                backend.fake_quantize_in_place_per(rows, &mut y[..wrong], &p),
                backend.min_max_per(rows, x, &mut seen),
                backend.quantize_dynamic_per(rows, x, scheme, &mut own, &mut q[..8]),
                backend.quantize_with_sums(rows, x, &p, &mut q[..8], &mut sums),
                backend.quantization_error_per(rows, x, &p).map(drop),
                backend.sum_per(rows, &[0_u8; 9][..wrong], &mut sums),
                backend.dequantize_per(back, &[0_u8; 8], &p, &mut y[..wrong]),
            ];
            assert!(refused.iter().all(|e| e.unwrap_err().to_string() == text), "{refused:?}");
        }
        for wrong in [7, 11] {
            let text = format!("rows with a pitch take 8 to 10 elements, the slice has {wrong}");
            let refused = [
                backend.quantize_per(rows, &x[..8], &p, &mut q[..wrong]),
                backend.fake_quantize_per(rows, &x[..8], &p, &mut y[..wrong]),
                backend.quantize_dynamic_per(rows, &x[..8], scheme, &mut own, &mut q[..wrong]),
                backend.quantize_with_sums(rows, &x[..8], &p, &mut q[..wrong], &mut sums),
                backend.dequantize_per(back, &[0_u8; 11][..wrong], &p, &mut y[..8]),
            ];
            assert!(refused.iter().all(|e| e.unwrap_err().to_string() == text), "{refused:?}");
        }
        let other = backend.quantize_per(rows, &x[..8], &p[..1], &mut q[..8]);
        assert_eq!(
            message(other),
            "the shape has 2 slices, each with one parameter or result; 1 are given"
        );
        assert_eq!((q, y, sums), ([9; 11], [9.0; 11], [9; 2]));
        assert!(own == p && seen == [MinMax::EMPTY; 2]);
    }
}

#[test]
fn packed_rows_with_a_pitch_begin_an_element() {
    let rows = Granularity::row(2, 3).unwrap();
    let p = [QParams::<f32, I4x2>::new(1.0, 0).unwrap(); 2];
    let x = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    for backend in backends() {
        let (mut q, mut y, mut sums) = ([I4x2::new([5, 5]); 5], [0.0_f32; 6], [0; 2]);
        let inside = "a pitch of 5 codes is no whole number of elements of 2 codes";
        let odd = backend.quantize_per(rows.with_pitch(3, 5).unwrap(), &x, &p, &mut q);
        assert_eq!(message(odd), inside);
        let odd = backend.dequantize_per(rows.with_pitch(5, 3).unwrap(), &q, &p, &mut y);
        assert_eq!(message(odd), inside);
        let odd = backend.sum_per(rows.with_pitch(5, 3).unwrap(), &q, &mut sums);
        assert_eq!(message(odd), inside);
        let quarters = [QParams::<f32, I2x4>::new(1.0, 0).unwrap(); 2];
        let odd = rows.with_pitch(3, 6).unwrap();
        let odd = backend.quantize_per(odd, &x, &quarters, &mut [I2x4::default(); 3]);
        assert_eq!(message(odd), "a pitch of 6 codes is no whole number of elements of 4 codes");
        assert_eq!(q, [I4x2::new([5, 5]); 5]);

        // The rest of a row's last byte is 0, the bytes between rows stay.
        backend.quantize_per(rows.with_pitch(3, 6).unwrap(), &x, &p, &mut q).unwrap();
        let codes: Vec<i8> = q.iter().flat_map(|q| q.unpack()).collect();
        assert_eq!(codes, [1, 2, 3, 0, 5, 5, 4, 5, 6, 0], "{}", backend.name());
        backend.dequantize_per(rows.with_pitch(6, 3).unwrap(), &q, &p, &mut y).unwrap();
        assert_eq!(y, x);
    }
}

#[test]
fn rows_without_elements_may_have_a_pitch() {
    for backend in backends() {
        let rows = Granularity::row(2, 0).unwrap().with_pitch(4, 4).unwrap();
        let p = [QParams::<f32, u8>::new(1.0, 0).unwrap(); 2];
        let (x, mut q, mut y) = ([f32::NAN; 8], [9_u8; 8], [9.0_f32; 8]);
        backend.quantize_per(rows, &x, &p, &mut q).unwrap();
        backend.dequantize_per(rows, &q, &p, &mut y).unwrap();
        backend.fake_quantize_in_place_per(rows, &mut y[..4], &p).unwrap();
        assert_eq!((q, y), ([9; 8], [9.0; 8]));
        let mut seen = [MinMax { min: 1.0_f32, max: 1.0, has_nan: true }; 2];
        backend.min_max_per(rows, &x, &mut seen).unwrap();
        assert_eq!(seen, [MinMax::EMPTY; 2]);
        let mut sums = [7; 2];
        backend.quantize_with_sums(rows, &x, &p, &mut q, &mut sums).unwrap();
        assert_eq!((q, sums), ([9; 8], [0; 2]));
        let (mut own, scheme) = (p, Scheme::asymmetric());
        let dynamic = backend.quantize_dynamic_per(rows, &x, scheme, &mut own, &mut q);
        assert_eq!(dynamic, Err(Error::Empty));
        assert_eq!(backend.quantization_error_per(rows, &x, &p), Err(Error::Empty));
        // And no rows at all.
        let none = Granularity::row(0, 5).unwrap().with_pitch(8, 8).unwrap();
        backend.quantize_per(none, &x[..0], &p[..0], &mut q[..0]).unwrap();
        let refused = backend.quantize_per(none, &x[..1], &p[..0], &mut q[..0]);
        assert_eq!(message(refused), "rows with a pitch take 0 to 0 elements, the slice has 1");
    }
}
