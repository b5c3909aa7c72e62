//! Every operation of the list, on all of its types; and what is tried with each.
#![expect(unsafe_code, reason = "this is what a C program does")]

use half::{bf16, f16};
use zeropoint::capi::{CGranularity, CScheme, Status};
use zeropoint::{Granularity, I2x4, I4x2, Scheme, U2x4, U4x2, ggml, with_formats};

use crate::common::abi::{call, outcome};
use crate::operation::{Case, Memory, Operation};
use crate::{per_slice, per_tensor, requantize, stored};

pub(crate) fn all() -> Vec<Operation> {
    let mut all = Vec::new();
    macro_rules! each_code {
        ($($Q:ty),+) => {$(
            per_tensor::of_codes::<$Q>(&mut all);
            per_slice::of_codes::<$Q>(&mut all);
            requantize::of_codes::<$Q>(&mut all);
            each_pair!($Q: f32, f64, f16, bf16);
        )+};
    }
    macro_rules! each_pair {
        ($Q:ty: $($T:ty),+) => {$(
            per_tensor::of_pairs::<$T, $Q>(&mut all);
            per_slice::of_pairs::<$T, $Q>(&mut all);
        )+};
    }
    macro_rules! each_number {
        ($($T:ty),+) => {$(
            per_tensor::of_numbers::<$T>(&mut all);
            per_slice::of_numbers::<$T>(&mut all);
        )+};
    }
    each_number!(f32, f64, f16, bf16);
    each_code!(i8, u8, i16, u16, i32, I4x2, U4x2, I2x4, U2x4);
    requantize::of_multipliers(&mut all);
    macro_rules! each_block {
        ($($NAME:ident $name:ident $B:ident = $number:literal;)+) => {$(
            stored::of_blocks::<f32, ggml::$B>(&mut all);
            stored::of_blocks::<f16, ggml::$B>(&mut all);
            stored::of_blocks::<bf16, ggml::$B>(&mut all);
        )+};
    }
    with_formats!(each_block!);
    all
}

/// Those that have a test of their own.
pub(crate) const OTHERS: [&str; 21] = [
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
    "zp_observer_new",
    "zp_observer_observe",
    "zp_observer_merge",
    "zp_observer_params",
    "zp_observer_to_bytes",
    "zp_observer_from_bytes",
    "zp_observer_counts",
    "zp_observer_free",
    "zp_pool_new",
    "zp_pool_run",
    "zp_pool_free",
];

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

/// All codes of every type.
pub(crate) const ALL_CODES: (i32, i32) = (i32::MIN, i32::MAX);

pub(crate) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (i, (granularity, c_granularity, n, dst_n)) in granularities().into_iter().enumerate() {
        for special in [false, true] {
            let (scheme, c_scheme, bits) = schemes()[(2 * i + usize::from(special)) % 6];
            let zero_point = [0, 3, -100_000][(i / 2) % 3];
            let scale = [0.05, 1.0, 0.37][(i + 1) % 3];
            let slices = granularity.slices();
            let case = Case {
                n,
                dst_n,
                granularity,
                c_granularity,
                slices,
                scheme,
                c_scheme,
                bits,
                scale,
                zero_point,
                range: (-scale, 3.0 * scale),
                // The first are codes of signed types alone, the last are all codes.
                codes: [(-1, 1), (0, 1), ALL_CODES][(i + usize::from(special)) % 3],
                fixed: (0x5234_5678, -17),
                special,
            };
            all.push(case);
        }
    }
    all
}

/// A case for who has one scale: of one length.
pub(crate) fn flat(case: &Case, n: usize) -> Case {
    let (granularity, mut c_granularity) = (Granularity::tensor(n), case.c_granularity);
    let pointer = &raw mut c_granularity;
    outcome(call!("zp_granularity_tensor", n => usize, pointer => *mut CGranularity)).unwrap();
    Case { n, dst_n: n, granularity, c_granularity, slices: 1, ..*case }
}

impl Operation {
    pub(crate) fn is_per_slice(&self) -> bool {
        self.has("granularity")
    }
}

pub(crate) fn pointers(memories: &mut [Memory]) -> Vec<*mut u8> {
    memories.iter_mut().map(Memory::pointer).collect()
}
