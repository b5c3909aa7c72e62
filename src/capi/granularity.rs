//! The C structure of a granularity.

use super::status::{Failure, Outcome};
use crate::error::Error;
use crate::granularity::Granularity;

/// The C type `zp_granularity`: the arguments of a constructor. Every use constructs the granularity again, so no code
/// relies on the fields, which C may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CGranularity {
    pub kind: u64,
    /// The product of the dimensions before the axis, the axis, the product of the dimensions behind it except for the
    /// last one, and the last one.
    pub shape: [usize; 4],
    pub block: usize,
    pub src_pitch: usize,
    pub dst_pitch: usize,
}

// `kind` is `CHANNEL` or `BLOCK`, with the bit `LAST` if the axis is the last one, and `PITCHED` if there is a pitch.
const CHANNEL: u64 = 1;
const BLOCK: u64 = 2;
const LAST: u64 = 4;
const PITCHED: u64 = 8;

impl CGranularity {
    /// Writes the granularity of a shape with blocks of `block` elements, or with channels if `block` is `None`.
    pub(super) fn put(
        shape: &[usize],
        axis: usize,
        block: Option<usize>,
        granularity: &mut Self,
    ) -> Outcome {
        let kind = match block {
            None => Granularity::channel(shape, axis).map(|_| CHANNEL)?,
            Some(block) => Granularity::block(shape, axis, block).map(|_| BLOCK)?,
        };
        let product = |shape: &[usize]| shape.iter().product();
        let (last, inner, row) = match &shape[axis + 1..] {
            [] => (LAST, 1, 1),
            [inner @ .., row] => (0, product(inner), *row),
        };
        let shape = [product(&shape[..axis]), shape[axis], inner, row];
        let block = block.unwrap_or(0);
        *granularity = Self { kind: kind | last, shape, block, src_pitch: 0, dst_pitch: 0 };
        Ok(())
    }

    /// Returns the granularity, or an error if its fields are wrong.
    pub(super) fn checked(&self) -> Result<Granularity, Failure> {
        let shape = match self.kind & LAST {
            0 => &self.shape[..],
            _ => &self.shape[..2],
        };
        let flat = match self.kind & !PITCHED & !LAST {
            CHANNEL => Granularity::channel(shape, 1)?,
            BLOCK => Granularity::block(shape, 1, self.block)?,
            _ => return Err(Failure::Granularity(self.kind)),
        };
        match self.kind & PITCHED {
            0 => Ok(flat),
            _ => Ok(flat.with_pitch(self.src_pitch, self.dst_pitch)?),
        }
    }

    pub(super) fn set_pitch(&mut self, src_pitch: usize, dst_pitch: usize) -> Outcome {
        let pitched = Self { kind: self.kind | PITCHED, src_pitch, dst_pitch, ..*self };
        pitched.checked()?;
        *self = pitched;
        Ok(())
    }

    /// Returns the granularity, for `n` elements in the input and `dst_n` in the output. Without a pitch, both numbers
    /// must be the shape's. (Later checks count bytes of packed codes, and would not see one code too many.)
    pub(super) fn of(&self, n: usize, dst_n: usize) -> Result<Granularity, Failure> {
        let granularity = self.checked()?;
        if self.kind & PITCHED == 0 {
            if n != granularity.len() {
                return Err(Error::ShapeMismatch { shape: granularity.len(), len: n }.into());
            }
            if n != dst_n {
                return Err(Error::LengthMismatch { src: n, dst: dst_n }.into());
            }
        }
        Ok(granularity)
    }
}
