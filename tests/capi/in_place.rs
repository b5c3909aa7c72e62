//! Fake quantization of numbers where they stand, and parameters that are left out.

use std::ptr::null_mut;

use zeropoint::Scheme;
use zeropoint::capi::{CScheme, Status};

use crate::all::{ALL_CODES, all, cases, flat, pointers};
use crate::operation::{Case, memories};

#[test]
fn fake_quantization_in_place() {
    for operation in all().iter().filter(|operation| operation.name.contains("fake_quantize")) {
        for case in cases() {
            let case = if operation.is_per_slice() { case } else { flat(&case, 77) };
            // Codes of every type.
            let case =
                Case { codes: if case.codes.0 < 0 { ALL_CODES } else { case.codes }, ..case };
            let mut expected = memories(operation, &case, 5);
            let mut got = expected.clone();
            let last = got.len() - 1;
            let mut pointers = pointers(&mut got);
            pointers[last] = pointers[0];
            let status = operation.call(&pointers, &case);
            // Rows cannot stay where they stand if they move.
            let moves = case.c_granularity.src_pitch != case.c_granularity.dst_pitch;
            if moves && operation.is_per_slice() {
                assert_eq!(status, Status(3), "{} {case:?}", operation.name);
                continue;
            }
            assert_eq!(status, Status::OK, "{} {case:?}", operation.name);
            // Between rows is what was there.
            expected[last] = expected[0].clone();
            (operation.reference)(&mut expected, &case).unwrap();
            let (got, expected) = (got[0].bytes_mut().to_vec(), expected[last].bytes_mut());
            assert!(got == expected, "{} {case:?}", operation.name);
        }
    }
}

#[test]
fn zero_points_that_are_all_0_may_be_left_out() {
    for operation in
        all().iter().filter(|operation| operation.function == "zp_quantize_dynamic_per")
    {
        for case in cases().into_iter().filter(|case| !case.special) {
            // No scheme has 32 bits.
            let (scheme, bits) = match operation.name.ends_with("I32") {
                true => (Scheme::symmetric().bits(16), 16),
                false => (Scheme::symmetric(), 0),
            };
            let symmetric = Case { scheme, c_scheme: CScheme::SYMMETRIC, bits, ..case };
            let mut expected = memories(operation, &symmetric, 5);
            let mut got = expected.clone();
            let mut pointers = pointers(&mut got);
            pointers[2] = null_mut();
            let status = operation.call(&pointers, &symmetric);
            // Those of unsigned codes are 2^(b - 1), if there are any.
            let is_unsigned = operation.name.rsplit(' ').next().unwrap().starts_with('U');
            if is_unsigned && !expected[1].bytes_mut().is_empty() {
                assert_eq!(status, Status(43), "{}", operation.name);
                continue;
            }
            assert_eq!(status, Status::OK, "{}", operation.name);
            (operation.reference)(&mut expected, &symmetric).unwrap();
            for i in [1, 3] {
                assert!(got[i].everything() == expected[i].everything(), "{}", operation.name);
            }
            let asymmetric =
                Case { scheme: Scheme::asymmetric(), c_scheme: CScheme::ASYMMETRIC, ..symmetric };
            assert_eq!(operation.call(&pointers, &asymmetric), Status(43), "{}", operation.name);
        }
    }
}
