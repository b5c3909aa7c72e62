//! Granularities, as a structure that C holds.

use super::pointers::Buffers;
use super::status::{Failure, Outcome};
use crate::error::Error;
use crate::granularity::Granularity;

/// `zp_granularity`: what its constructors were given. Whoever uses it constructs it again, so that
/// nothing relies on what C may have done to the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CGranularity {
    pub kind: u64,
    /// The dimensions before the axis as one, the axis, and those behind it as two: all but the last, the
    /// last.
    pub shape: [usize; 4],
    pub block: usize,
    pub src_pitch: usize,
    pub dst_pitch: usize,
}

/// What `kind` is a sum of.
const TENSOR: u64 = 1;
const CHANNEL: u64 = 2;
const BLOCK: u64 = 3;
/// The axis is the last one.
const LAST: u64 = 4;
const PITCHED: u64 = 8;

impl CGranularity {
    /// The granularity, or why there is none.
    pub(super) fn checked(&self) -> Result<Granularity, Failure> {
        let shape = match self.kind & LAST {
            0 => &self.shape[..],
            _ => &self.shape[..2],
        };
        let flat = match self.kind & !PITCHED {
            TENSOR => Ok(Granularity::tensor(self.shape[0])),
            kind if kind & !LAST == CHANNEL => Granularity::channel(shape, 1),
            kind if kind & !LAST == BLOCK => Granularity::block(shape, 1, self.block),
            _ => return Err(Failure::Granularity { kind: self.kind }),
        };
        match self.kind & PITCHED {
            0 => Ok(flat?),
            _ => Ok(flat?.with_pitch(self.src_pitch, self.dst_pitch)?),
        }
    }

    pub(super) fn is_pitched(&self) -> bool {
        self.kind & PITCHED != 0
    }

    fn new(kind: u64, shape: &[usize], axis: usize, block: usize) -> Self {
        let product = |shape: &[usize]| shape.iter().product();
        let (outer, behind) = (product(&shape[..axis]), &shape[axis + 1..]);
        let (last, inner, row) = match behind {
            [] => (LAST, 1, 1),
            [inner @ .., row] => (0, product(inner), *row),
        };
        let shape = [outer, shape[axis], inner, row];
        Self { kind: kind | last, shape, block, src_pitch: 0, dst_pitch: 0 }
    }
}

pub(super) unsafe fn tensor(n: usize, granularity: *mut CGranularity) -> Outcome {
    // SAFETY: the header's terms.
    let granularity = unsafe { result(granularity)? };
    *granularity =
        CGranularity { kind: TENSOR, shape: [n, 1, 1, 1], block: 0, src_pitch: 0, dst_pitch: 0 };
    Ok(())
}

pub(super) unsafe fn channel(
    shape: *const usize,
    rank: usize,
    axis: usize,
    granularity: *mut CGranularity,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (shape, granularity) = unsafe {
        (buffers.input("shape", shape, rank)?, buffers.result("granularity", granularity)?)
    };
    Granularity::channel(shape, axis)?;
    *granularity = CGranularity::new(CHANNEL, shape, axis, 0);
    Ok(())
}

pub(super) unsafe fn block(
    shape: *const usize,
    rank: usize,
    axis: usize,
    block: usize,
    granularity: *mut CGranularity,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (shape, granularity) = unsafe {
        (buffers.input("shape", shape, rank)?, buffers.result("granularity", granularity)?)
    };
    Granularity::block(shape, axis, block)?;
    *granularity = CGranularity::new(BLOCK, shape, axis, block);
    Ok(())
}

pub(super) unsafe fn row(rows: usize, n: usize, granularity: *mut CGranularity) -> Outcome {
    // SAFETY: the header's terms.
    let granularity = unsafe { result(granularity)? };
    Granularity::row(rows, n)?;
    *granularity = CGranularity::new(CHANNEL, &[rows, n], 0, 0);
    Ok(())
}

pub(super) unsafe fn with_pitch(
    granularity: *mut CGranularity,
    src_pitch: usize,
    dst_pitch: usize,
) -> Outcome {
    // SAFETY: the header's terms.
    let granularity = unsafe { result(granularity)? };
    let pitched =
        CGranularity { kind: granularity.kind | PITCHED, src_pitch, dst_pitch, ..*granularity };
    pitched.checked()?;
    *granularity = pitched;
    Ok(())
}

pub(super) unsafe fn slices(granularity: CGranularity, slices: *mut usize) -> Outcome {
    // SAFETY: the header's terms.
    let slices = unsafe { Buffers::default().result("slices", slices)? };
    *slices = granularity.checked()?.slices();
    Ok(())
}

unsafe fn result<'a>(granularity: *mut CGranularity) -> Result<&'a mut CGranularity, Failure> {
    // SAFETY: the header's terms.
    unsafe { Buffers::default().result("granularity", granularity) }
}

/// Refuses codes of another number than of elements, where those are flat. (A byte of packed codes is
/// counted as one element elsewhere, and would hide one code too many.)
pub(super) fn same_count(granularity: &CGranularity, src: usize, dst: usize) -> Outcome {
    if !granularity.is_pitched() && src != dst {
        return Err(Error::LengthMismatch { src, dst }.into());
    }
    Ok(())
}
