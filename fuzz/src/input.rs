//! From bytes to what calls are given: shapes, parameters, numbers. Most of it is plausible, so that kernels
//! are reached; the rest is whatever the bytes say.

use arbitrary::{Result, Unstructured};
use zeropoint::{Error, Granularity, Scheme};

/// The most elements of a tensor, and of a few that threads are to share.
pub(crate) const MOST: usize = 1200;
pub(crate) const MOST_SHARED: usize = 180_000;

/// Whether threads are to share a tensor. That takes a hundred times as long: seldom.
pub(crate) fn is_shared(u: &mut Unstructured) -> Result<bool> {
    Ok(u.arbitrary::<u16>()? < 64)
}

/// What products of dimensions overflow with.
const HUGE: [usize; 6] = [
    usize::MAX,
    usize::MAX / 2 + 1,
    usize::MAX / 2,
    usize::MAX / 4 + 1,
    1 << (usize::BITS / 2),
    (1 << (usize::BITS / 2 - 1)) + 1,
];

/// A length: a few steps of a kernel, or more than memory can be.
pub(crate) fn dimension(u: &mut Unstructured) -> Result<usize> {
    Ok(match u.arbitrary::<u8>()? {
        n @ 0..=199 => usize::from(n % 20),
        n @ 200..=239 => usize::from(n),
        240..=247 => usize::from(u.arbitrary::<u16>()?),
        n @ 248..=253 => HUGE[usize::from(n - 248)],
        _ => u.arbitrary()?,
    })
}

/// How a tensor is divided, as a caller says it.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) dimensions: Vec<usize>,
    pub(crate) axis: usize,
    pub(crate) block: usize,
    pub(crate) pitch: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tensor,
    Row,
    Channel,
    Block,
}

impl Shape {
    pub(crate) fn new(u: &mut Unstructured) -> Result<Self> {
        let kind = *u.choose(&[Kind::Tensor, Kind::Row, Kind::Channel, Kind::Block])?;
        let rank = match kind {
            Kind::Tensor => 1,
            Kind::Row => 2,
            _ => usize::from(u.int_in_range(0..=5_u8)?),
        };
        let dimensions: Vec<usize> = (0..rank).map(|_| dimension(u)).collect::<Result<_>>()?;
        let axis = match u.arbitrary::<u8>()? {
            255 => u.arbitrary()?,
            n => usize::from(n) % (rank + usize::from(n >= 250)).max(1),
        };
        let block = dimension(u)?;
        let row = dimensions.last().copied().unwrap_or(0);
        let pitch = match u.arbitrary::<u8>()? % 4 {
            0 => Some((pitch(u, row)?, pitch(u, row)?)),
            _ => None,
        };
        Ok(Self { kind, dimensions, axis, block, pitch })
    }

    /// The same with so many rows that threads share it.
    pub(crate) fn enlarged(mut self) -> Self {
        let len = self.dimensions.iter().try_fold(1, |a: usize, b| a.checked_mul(*b));
        if let (Some(len @ 1..=MOST), Some(first)) = (len, self.dimensions.first_mut()) {
            *first *= MOST_SHARED / len;
        }
        self
    }

    /// What Rust makes of it.
    pub(crate) fn granularity(&self) -> std::result::Result<Granularity, Error> {
        let Self { dimensions, axis, block, .. } = self;
        let flat = match self.kind {
            Kind::Tensor => Ok(Granularity::tensor(dimensions[0])),
            Kind::Row => Granularity::row(dimensions[0], dimensions[1]),
            Kind::Channel => Granularity::channel(dimensions, *axis),
            Kind::Block => Granularity::block(dimensions, *axis, *block),
        }?;
        match self.pitch {
            None => Ok(flat),
            Some((src, dst)) => flat.with_pitch(src, dst),
        }
    }

    /// The elements of a buffer whose rows are `pitch` apart: from the end of the last row to a whole pitch
    /// behind its start, as `choice` has it; no more than `most`, which is too few then.
    pub(crate) fn buffer(&self, pitch: Option<usize>, choice: u8, most: usize) -> usize {
        let (row, before) = self.dimensions.split_last().expect("a granularity has dimensions");
        let rows = before.iter().fold(1_usize, |a, b| a.saturating_mul(*b));
        let len = match pitch {
            None => rows.saturating_mul(*row),
            Some(_) if rows == 0 => 0,
            Some(pitch) => {
                let gap = pitch.saturating_sub(*row);
                let slack = usize::from(choice) % gap.saturating_add(1);
                (rows - 1).saturating_mul(pitch).saturating_add(row + slack)
            }
        };
        len.min(most)
    }
}

fn pitch(u: &mut Unstructured, row: usize) -> Result<usize> {
    Ok(match u.arbitrary::<u8>()? {
        255 => dimension(u)?,
        // Of whole bytes, where codes are packed.
        n @ 0..=199 => {
            row.saturating_add(usize::from(n % 40)).checked_next_multiple_of(4).unwrap_or(row)
        }
        n => row.saturating_add(usize::from(n - 200)),
    })
}

pub(crate) fn scale(u: &mut Unstructured) -> Result<f64> {
    const SOME: [f64; 14] = [
        0.0,
        -0.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        1e-45,
        1.1754943508222873e-38,
        1.1754943508222875e-38,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        3.4028234663852886e38,
        1e39,
        1e-30,
    ];
    Ok(match u.arbitrary::<u8>()? {
        n @ 0..=13 => SOME[usize::from(n)],
        14..=29 => f64::from(u.arbitrary::<f32>()?),
        30..=39 => u.arbitrary()?,
        n @ 40..=99 => f64::from(n) / 64.0,
        n => {
            (1.0 + f64::from(u.arbitrary::<u16>()?) / 65536.0)
                * 2.0_f64.powi(i32::from(n % 40) - 30)
        }
    })
}

pub(crate) fn zero_point(u: &mut Unstructured) -> Result<i32> {
    Ok(match u.arbitrary::<u8>()? {
        0..=79 => 0,
        80..=169 => i32::from(u.arbitrary::<i8>()?),
        170..=199 => i32::from(u.arbitrary::<i16>()?),
        n @ 200..=219 => [1 << 24, -(1 << 24), (1 << 24) + 1, i32::MIN][usize::from(n % 4)],
        220..=239 => u.arbitrary::<i32>()? >> 7,
        _ => u.arbitrary()?,
    })
}

/// `qmin` and `qmax`, of whatever type.
pub(crate) fn codes(u: &mut Unstructured) -> Result<(i32, i32)> {
    const SOME: [(i32, i32); 10] = [
        (0, 1),
        (0, 3),
        (-2, 1),
        (0, 15),
        (-8, 7),
        (0, 255),
        (-128, 127),
        (-127, 127),
        (0, 65535),
        (-32768, 32767),
    ];
    Ok(match u.arbitrary::<u8>()? {
        n @ 0..=199 => SOME[usize::from(n) % SOME.len()],
        200..=239 => (i32::from(u.arbitrary::<i8>()?), i32::from(u.arbitrary::<i8>()?)),
        _ => (u.arbitrary()?, u.arbitrary()?),
    })
}

/// The kind of a scheme, as the C ABI counts them, and bits, 0 for those of the type.
pub(crate) fn scheme(u: &mut Unstructured) -> Result<(Scheme, u8, u32)> {
    let kind = u.int_in_range(0..=3_u8)?;
    let scheme = match kind {
        0 => Scheme::asymmetric(),
        1 => Scheme::asymmetric().raw_range(),
        2 => Scheme::symmetric(),
        _ => Scheme::symmetric().full_range(),
    };
    let bits = match u.arbitrary::<u8>()? {
        0..=127 => 0,
        n @ 128..=239 => u32::from(n % 20),
        _ => u.arbitrary()?,
    };
    Ok((if bits == 0 { scheme } else { scheme.bits(bits) }, kind, bits))
}

/// A multiplier of a fixed point, and a shift.
pub(crate) fn fixed(u: &mut Unstructured) -> Result<(i32, i32)> {
    let (multiplier, shift) = (u.arbitrary::<i32>()?, u.arbitrary::<i8>()?);
    Ok(match u.arbitrary::<u8>()? {
        0..=199 => ((multiplier | 1 << 30) & i32::MAX, i32::from(shift % 31)),
        200..=239 => (multiplier, i32::from(shift)),
        _ => (multiplier, u.arbitrary()?),
    })
}

/// Bytes of the input, again and again: any bits.
pub(crate) fn cycle(u: &mut Unstructured, into: &mut [u8]) -> Result<()> {
    let most = u.int_in_range(1..=96_usize)?;
    let pattern = u.bytes(most.min(u.len()).min(into.len()))?;
    for (into, from) in into.iter_mut().zip(pattern.iter().cycle()) {
        *into = *from;
    }
    Ok(())
}
