//! Every operation of the list, on all of its types; and what is tried with each.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::collections::BTreeSet;

use half::{bf16, f16};
use zeropoint::capi::{CGranularity, CScheme, Status, exports};
use zeropoint::{Granularity, I2x4, I4x2, Scheme, U2x4, U4x2};

use crate::common::abi::{call, outcome};
use crate::operation::{Case, Len, Memory, Operation, memories};
use crate::{per_slice, per_tensor, requantize};

pub(crate) fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    macro_rules! each_pair {
        ($($T:ty),+) => {$(
            per_tensor::of_numbers::<$T>(&mut all);
            each_pair!(@ per_tensor::of_wide_pairs, $T; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4, i32);
            each_pair!(@ per_tensor::of_pairs, $T; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
            each_pair!(@ per_slice::of_sliced_pairs, $T; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
        )+};
        (@ $module:ident::$of:ident, $T:ty; $($Q:ty),+) => {$( $module::$of::<$T, $Q>(&mut all); )+};
    }
    each_pair!(f32, f64, f16, bf16);
    each_pair!(@ per_tensor::of_scales, f32; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
    each_pair!(@ per_tensor::of_scales, f64; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
    macro_rules! each_code {
        ($module:ident::$of:ident; $($Q:ty),+) => {$( $module::$of::<$Q>(&mut all); )+};
    }
    each_code!(per_slice::of_sums; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4, i32);
    each_code!(per_slice::of_codes; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
    each_code!(requantize::of_codes; i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4);
    requantize::of_multipliers(&mut all);
    all
}

/// Those that have a test of their own.
const OTHERS: [&str; 13] = [
    "zp_version",
    "zp_backend_name",
    "zp_status_message",
    "zp_last_error_message",
    "zp_granularity_tensor",
    "zp_granularity_channel",
    "zp_granularity_block",
    "zp_granularity_row",
    "zp_granularity_with_pitch",
    "zp_granularity_slices",
    "zp_pool_new",
    "zp_pool_run",
    "zp_pool_free",
];

#[test]
fn they_are_those_of_the_list() {
    let tried = all().into_iter().map(|operation| operation.name);
    let tried: BTreeSet<String> = tried.chain(OTHERS.map(str::to_owned)).collect();
    let listed: BTreeSet<String> = exports().iter().map(|export| export.name.to_owned()).collect();
    let differences: Vec<_> = tried.symmetric_difference(&listed).collect();
    assert!(differences.is_empty(), "{differences:?}");
}

/// A shape and how it is divided; the same for C.
fn granularities() -> Vec<(Granularity, CGranularity, usize, usize)> {
    let shape = [3_usize, 5, 14];
    let len = 3 * 5 * 14;
    let mut all = Vec::new();
    let mut c = CGranularity { kind: 0, shape: [7; 4], block: 7, src_pitch: 7, dst_pitch: 7 };
    let mut add = |g: Granularity, c: CGranularity| all.push((g, c, len, len));
    outcome(call!("zp_granularity_tensor", len => usize, &raw mut c => *mut CGranularity)).unwrap();
    add(Granularity::tensor(len), c);
    outcome(call!("zp_granularity_row", 15 => usize, 14 => usize, &raw mut c => *mut CGranularity))
        .unwrap();
    add(Granularity::row(15, 14).unwrap(), c);
    for axis in 0..3 {
        outcome(call!("zp_granularity_channel", shape.as_ptr() => *const usize, 3 => usize, axis => usize,
            &raw mut c => *mut CGranularity))
        .unwrap();
        add(Granularity::channel(&shape, axis).unwrap(), c);
        outcome(
            call!("zp_granularity_block", shape.as_ptr() => *const usize, 3 => usize, axis => usize, 4 => usize,
            &raw mut c => *mut CGranularity),
        )
        .unwrap();
        add(Granularity::block(&shape, axis, 4).unwrap(), c);
    }
    // Rows of 14, at pitches that packed codes have too.
    for (g, mut c, ..) in all.clone() {
        if g != Granularity::tensor(len) {
            let (src, dst) = (20, 16);
            let pointer = &raw mut c;
            outcome(
                call!("zp_granularity_with_pitch", pointer => *mut CGranularity, src => usize, dst => usize),
            )
            .unwrap();
            all.push((g.with_pitch(src, dst).unwrap(), c, 15 * src, 15 * dst));
            outcome(
                call!("zp_granularity_with_pitch", pointer => *mut CGranularity, dst => usize, dst => usize),
            )
            .unwrap();
            all.push((g.with_pitch(dst, dst).unwrap(), c, 15 * dst, 15 * dst));
        }
    }
    for (g, c, ..) in &all {
        let mut slices = 7;
        outcome(call!("zp_granularity_slices", *c => CGranularity, &raw mut slices => *mut usize))
            .unwrap();
        assert_eq!(slices, g.slices());
    }
    all
}

fn schemes() -> [(Scheme, CScheme, u32); 6] {
    [
        (Scheme::asymmetric(), CScheme::ASYMMETRIC, 0),
        (Scheme::asymmetric().raw_range(), CScheme::ASYMMETRIC_RAW, 0),
        (Scheme::symmetric(), CScheme::SYMMETRIC, 0),
        (Scheme::symmetric().full_range(), CScheme::SYMMETRIC_FULL, 0),
        (Scheme::asymmetric().bits(2), CScheme::ASYMMETRIC, 2),
        (Scheme::symmetric().bits(3), CScheme::SYMMETRIC, 3),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (i, (granularity, c_granularity, n, dst_n)) in granularities().into_iter().enumerate() {
        for special in [false, true] {
            let (scheme, c_scheme, bits) = schemes()[(2 * i + usize::from(special)) % 6];
            let zero_point = [0, 3, -100_000][i % 3];
            let scale = [0.05, 1.0, 0.37][(i + 1) % 3];
            let case = Case {
                n,
                dst_n,
                granularity,
                c_granularity,
                scheme,
                c_scheme,
                bits,
                scale,
                zero_point,
                special,
            };
            all.push(case);
        }
    }
    all
}

/// A case for who has one scale: of one length.
pub(crate) fn flat(case: &Case, n: usize) -> Case {
    let c_granularity = CGranularity { kind: 1, shape: [n, 1, 1, 1], ..case.c_granularity };
    Case { n, dst_n: n, granularity: Granularity::tensor(n), c_granularity, ..*case }
}

impl Operation {
    pub(crate) fn is_per_slice(&self) -> bool {
        self.slots.iter().any(|slot| slot.len == Len::Slices) || self.name.contains("_per_")
    }
}

pub(crate) fn pointers(memories: &mut [Memory]) -> Vec<*mut u8> {
    memories.iter_mut().map(Memory::pointer).collect()
}

#[test]
fn results_are_those_of_the_scalar_backend() {
    let lengths = [1, 2, 3, 5, 16, 33, 130];
    for operation in all() {
        let mut succeeded = false;
        for (i, case) in cases().into_iter().enumerate() {
            let case = if operation.is_per_slice() {
                case
            } else {
                flat(&case, lengths[i % lengths.len()])
            };
            let mut expected = memories(&operation, &case, i as u64);
            let mut got = expected.clone();
            let reference = (operation.reference)(&mut expected, &case);
            let status = (operation.call)(&pointers(&mut got), &case);
            let name = &operation.name;
            assert_eq!(outcome(status), reference, "{name} {case:?}");
            succeeded |= status == Status::OK;
            if status != Status::OK && operation.spoils {
                continue;
            }
            for (slot, (got, expected)) in operation.slots.iter().zip(got.iter().zip(&expected)) {
                let same = got.everything() == expected.everything();
                assert!(same, "{name}: {} differs, {case:?}", slot.argument);
            }
        }
        assert!(succeeded, "{}: nothing succeeded", operation.name);
    }
}
