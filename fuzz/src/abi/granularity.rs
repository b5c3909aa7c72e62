//! Granularities as C makes them, and those that nobody made.

use arbitrary::{Result, Unstructured};
use zeropoint::capi::{CGranularity, Status};
use zeropoint::{Error, Granularity};

use super::others::failed;
use crate::common::abi::{call, outcome};
use crate::input::{Kind, Shape, dimension};

pub(super) const NONE: CGranularity =
    CGranularity { kind: 0, shape: [7; 4], block: 7, src_pitch: 7, dst_pitch: 7 };

/// Through the functions of C, which must say what Rust does.
pub(super) fn made(shape: &Shape) -> std::result::Result<(Granularity, CGranularity), Error> {
    let expected = shape.granularity();
    let mut made = NONE;
    let g = &raw mut made;
    let Shape { dimensions, axis, block, .. } = shape;
    // Of its exact length.
    let dimensions: Box<[usize]> = dimensions.clone().into();
    let (pointer, rank) = (dimensions.as_ptr(), dimensions.len());
    let status = match shape.kind {
        Kind::Tensor => {
            call!("zp_granularity_tensor", dimensions[0] => usize, g => *mut CGranularity)
        }
        Kind::Row => {
            call!("zp_granularity_row", dimensions[0] => usize, dimensions[1] => usize, g => *mut CGranularity)
        }
        Kind::Channel => {
            call!("zp_granularity_channel", pointer => *const usize, rank => usize, *axis => usize,
            g => *mut CGranularity)
        }
        Kind::Block => {
            call!("zp_granularity_block", pointer => *const usize, rank => usize, *axis => usize,
            *block => usize, g => *mut CGranularity)
        }
    };
    let (status, before) = match shape.pitch {
        Some((src, dst)) if status == Status::OK => {
            let before = made;
            let g = &raw mut made;
            (
                call!("zp_granularity_with_pitch", g => *mut CGranularity, src => usize, dst => usize),
                before,
            )
        }
        _ => (status, NONE),
    };
    let outcome = outcome(status);
    assert_eq!(outcome, expected.map(|_| ()), "{shape:?}");
    let Ok(granularity) = expected else {
        assert_eq!(made, before, "an error has written: {shape:?}");
        failed(status);
        return outcome.map(|()| unreachable!());
    };
    let mut slices = 7;
    let status =
        call!("zp_granularity_slices", made => CGranularity, &raw mut slices => *mut usize);
    assert_eq!((status, slices), (Status::OK, granularity.slices()), "{shape:?}");
    Ok((granularity, made))
}

/// One or two fields of something else.
pub(super) fn garbage(u: &mut Unstructured, mut g: CGranularity) -> Result<CGranularity> {
    for _ in 0..u.int_in_range(1..=2)? {
        let field = u.int_in_range(0..=7)?;
        let value = dimension(u)?;
        match field {
            0 => g.kind = value as u64,
            i @ 1..=4 => g.shape[i - 1] = value,
            5 => g.block = value,
            6 => g.src_pitch = value,
            _ => g.dst_pitch = value,
        }
    }
    Ok(g)
}

/// Pointers and ranks that are wrong, and fields of garbage.
pub(super) fn refused(u: &mut Unstructured) -> Result<()> {
    let axis = dimension(u)?;
    let words: [usize; 8] = [dimension(u)?, dimension(u)?, dimension(u)?, 4, 5, 6, 7, 8];
    let mut made = NONE;
    let g = &raw mut made;
    let inside = words.as_ptr();
    // What is read is inside of what is written; nothing; beyond memory; at no multiple of 8.
    let (dimensions, rank, g) = match u.int_in_range(0..=5)? {
        0 => (g.cast_const().cast::<usize>().wrapping_add(1), 2, g),
        1 => (std::ptr::null(), u.int_in_range(1..=3)?, g),
        2 => (inside, usize::MAX - u.int_in_range(0..=usize::MAX >> 3)?, g),
        3 => (inside.wrapping_byte_add(u.int_in_range(1..=7)?), 2, g),
        4 => (inside, 3, std::ptr::null_mut()),
        _ => (inside, 3, g.wrapping_byte_add(u.int_in_range(1..=7)?)),
    };
    let status = match u.arbitrary()? {
        true => {
            call!("zp_granularity_channel", dimensions => *const usize, rank => usize, axis => usize,
            g => *mut CGranularity)
        }
        false => {
            call!("zp_granularity_block", dimensions => *const usize, rank => usize, axis => usize, 3 => usize,
            g => *mut CGranularity)
        }
    };
    failed(status);
    assert_eq!(made, NONE);

    let shape = Shape::new(u)?;
    if let Ok((_, made)) = self::made(&shape) {
        let mut changed = garbage(u, made)?;
        let mut slices = 7;
        let _ =
            call!("zp_granularity_slices", changed => CGranularity, &raw mut slices => *mut usize);
        let (before, src, dst) = (changed, dimension(u)?, dimension(u)?);
        let g = &raw mut changed;
        let status =
            call!("zp_granularity_with_pitch", g => *mut CGranularity, src => usize, dst => usize);
        if status != Status::OK {
            assert_eq!(changed, before);
            failed(status);
        }
    }
    Ok(())
}
