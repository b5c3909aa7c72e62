//! The parameters of all slices of a tensor, in the caller's memory.

mod multipliers;
mod params_mut;

use crate::element::{Code, CodeType, Compute, code_at};
use crate::error::Error;
use crate::params::{Affine, QParams, ZERO_POINT_LIMIT, are_within, is_within};

pub use multipliers::Multipliers;
pub(crate) use multipliers::{AnyMultipliers, RescaleArrays};
pub use params_mut::{ParamsMut, ZeroPointsMut};

/// The zero points beside an array of scales.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ZeroPoints<'a, Q> {
    /// All zero points are 0.
    Zero,
    /// All zero points are the same integer.
    All(i32),
    /// One integer for each scale.
    Integers(&'a [i32]),
    /// One code for each scale, as in ONNX. Zero points of packed types are packed, too.
    Codes(&'a [Q]),
}

/// The parameters of all slices of a tensor.
///
/// `into` makes them of `&[QParams<T, Q>]`; [`arrays`](Self::arrays) makes them of scales and zero points as engines
/// and ONNX files store them.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a, T, Q> {
    source: Source<'a, T, Q>,
}

#[derive(Clone, Copy, Debug)]
enum Source<'a, T, Q> {
    Made(&'a [QParams<T, Q>]),
    Arrays { scales: &'a [T], zero_points: ZeroPoints<'a, Q>, qmin: i32, qmax: i32 },
}

impl<'a, T, Q> From<&'a [QParams<T, Q>]> for Params<'a, T, Q> {
    fn from(made: &'a [QParams<T, Q>]) -> Self {
        Self { source: Source::Made(made) }
    }
}

#[cfg(feature = "alloc")]
impl<'a, T, Q> From<&'a alloc::vec::Vec<QParams<T, Q>>> for Params<'a, T, Q> {
    fn from(made: &'a alloc::vec::Vec<QParams<T, Q>>) -> Self {
        Self { source: Source::Made(made) }
    }
}

impl<'a, T, Q, const N: usize> From<&'a [QParams<T, Q>; N]> for Params<'a, T, Q> {
    fn from(made: &'a [QParams<T, Q>; N]) -> Self {
        Self { source: Source::Made(made) }
    }
}

impl<'a, T: Compute, Q: Code> Params<'a, T, Q> {
    /// Returns the parameters in two arrays, for all codes of `Q`.
    ///
    /// Operations return an error if the arrays differ in length, or if [`QParams::new`] refuses an element.
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, Params, ZeroPoints};
    /// let (scales, zero_points) = ([0.5_f32, 2.0], [10_u8, 20]);
    /// let params = Params::arrays(&scales, ZeroPoints::Codes(&zero_points));
    /// let mut q = [0_u8; 4];
    /// let columns = Granularity::channel(&[2, 2], 1)?;
    /// Auto::detect()?.quantize_per(columns, &[1.0_f32, 1.0, -1.0, -8.0], params, &mut q)?;
    /// assert_eq!(q, [12, 20, 8, 16]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn arrays(scales: &'a [T], zero_points: ZeroPoints<'a, Q>) -> Self {
        Self::arrays_with_codes(scales, zero_points, Q::MIN, Q::MAX)
    }

    /// Returns the parameters in two arrays, for the codes `qmin..=qmax` in every slice: the codes of a symmetric
    /// scheme, or fewer bits than `Q` has.
    ///
    /// Operations return an error as [`arrays`](Self::arrays) says, and [`Error::CodeRange`] if `qmin > qmax` or if one
    /// of the two is outside `Q`.
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, Params, ZeroPoints};
    /// let params = Params::arrays_with_codes(&[0.5_f32, 2.0], ZeroPoints::Zero, -127, 127);
    /// let mut q = [0_i8; 2];
    /// let rows = Granularity::channel(&[2, 1], 0)?;
    /// Auto::detect()?.quantize_per(rows, &[-64.0_f32, -64.0], params, &mut q)?;
    /// assert_eq!(q, [-127, -32]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn arrays_with_codes(
        scales: &'a [T],
        zero_points: ZeroPoints<'a, Q>,
        qmin: i32,
        qmax: i32,
    ) -> Self {
        Self { source: Source::Arrays { scales, zero_points, qmin, qmax } }
    }

    /// Returns the number of slices, if the parameters are valid.
    pub(crate) fn checked_len(&self) -> Result<usize, Error> {
        let (scales, zero_points) = match self.source {
            Source::Made(made) => return Ok(made.len()),
            Source::Arrays { scales, zero_points, qmin, qmax } => {
                CodeType::of::<Q>().check_codes(qmin, qmax)?;
                (scales, zero_points)
            }
        };
        zero_points.check_len(scales.len())?;
        if !(T::are_scales(scales) && zero_points.are_within_limit()) {
            for (index, &scale) in scales.iter().enumerate() {
                let zero_point = zero_points.get(index);
                if QParams::<T, Q>::new(scale, zero_point).is_err() {
                    let scale = scale.to_f64();
                    return Err(Error::InvalidParams { index, scale, zero_point });
                }
            }
        }
        Ok(scales.len())
    }
}

impl<Q: Code> ZeroPoints<'_, Q> {
    /// Returns an error if there are fewer or more zero points than scales.
    fn check_len(self, scales: usize) -> Result<(), Error> {
        let (len, expected) = match self {
            Self::Zero | Self::All(_) => return Ok(()),
            Self::Integers(z) => (z.len(), scales),
            Self::Codes(z) => (z.len(), scales.div_ceil(Q::PER_ELEMENT)),
        };
        if len == expected { Ok(()) } else { Err(Error::LengthMismatch { src: scales, dst: len }) }
    }

    /// Says whether all zero points are within ±[`ZERO_POINT_LIMIT`].
    fn are_within_limit(self) -> bool {
        match self {
            Self::Zero | Self::Codes(_) => true,
            Self::All(z) => is_within(z, ZERO_POINT_LIMIT),
            Self::Integers(z) => are_within(z, ZERO_POINT_LIMIT),
        }
    }

    /// Returns the zero point of all slices, unless each slice has its own.
    fn common(self) -> Option<i32> {
        match self {
            Self::Zero => Some(0),
            Self::All(z) => Some(z),
            Self::Integers(_) | Self::Codes(_) => None,
        }
    }

    /// Returns the zero point of slice `i`.
    fn get(self, i: usize) -> i32 {
        match self {
            Self::Zero => 0,
            Self::All(z) => z,
            Self::Integers(z) => z[i],
            Self::Codes(z) => code_at(z, i),
        }
    }

    /// Copies the zero points of the slices from `first` on.
    fn copy_to(self, first: usize, into: &mut [i32]) {
        match self {
            Self::Zero => into.fill(0),
            Self::All(z) => into.fill(z),
            Self::Integers(z) => into.copy_from_slice(&z[first..first + into.len()]),
            Self::Codes(z) => {
                for (i, of) in into.iter_mut().enumerate() {
                    *of = code_at(z, first + i);
                }
            }
        }
    }
}

/// The parameters of slices with any code type.
pub trait AnyParams<T: Compute>: Sync {
    /// Returns the parameters of a slice. They are in `room` if they had to be computed.
    fn affine<'a>(&'a self, slice: usize, room: &'a mut Option<Affine<T>>) -> &'a Affine<T>;

    /// Copies the parameters of slices from `first` on into the arrays, until these are full. Returns whether a zero
    /// point may differ from 0.
    fn fill(&self, first: usize, into: ParamArrays<'_, T>) -> bool;

    /// Returns the number of bits of the codes.
    fn bits(&self) -> u32;
}

/// Arrays for the parameters of neighbouring slices. `qmin` and `qmax` are empty if no kernel reads them.
#[derive(Debug)]
pub struct ParamArrays<'a, T> {
    pub(crate) scale: &'a mut [T],
    pub(crate) zero_point: &'a mut [i32],
    pub(crate) qmin: &'a mut [i32],
    pub(crate) qmax: &'a mut [i32],
}

impl<T: Compute> ParamArrays<'_, T> {
    /// Copies the first of these parameters. In this form, the compiler copies four of them at a time.
    fn copy_from<Q: Code>(self, params: &[QParams<T, Q>]) -> bool {
        let params = &params[..self.scale.len()];
        let mut shifts = 0;
        if self.qmin.is_empty() {
            for (i, p) in params.iter().enumerate() {
                self.scale[i] = p.affine().scale;
                self.zero_point[i] = p.affine().zero_point;
                shifts |= p.affine().zero_point;
            }
            return shifts != 0;
        }
        for (i, p) in params.iter().enumerate() {
            let p = p.affine();
            self.scale[i] = p.scale;
            self.zero_point[i] = p.zero_point;
            self.qmin[i] = p.qmin;
            self.qmax[i] = p.qmax;
        }
        true
    }
}

impl<T: Compute, Q: Code> AnyParams<T> for Params<'_, T, Q> {
    fn affine<'a>(&'a self, slice: usize, room: &'a mut Option<Affine<T>>) -> &'a Affine<T> {
        match self.source {
            Source::Made(made) => made[slice].affine(),
            Source::Arrays { scales, zero_points, qmin, qmax } => {
                room.insert(Affine::new(scales[slice], zero_points.get(slice), qmin, qmax))
            }
        }
    }

    fn fill(&self, first: usize, into: ParamArrays<'_, T>) -> bool {
        match self.source {
            Source::Made(made) => into.copy_from(&made[first..]),
            Source::Arrays { scales, zero_points, qmin, qmax } => {
                zero_points.copy_to(first, into.zero_point);
                into.scale.copy_from_slice(&scales[first..first + into.scale.len()]);
                into.qmin.fill(qmin);
                into.qmax.fill(qmax);
                zero_points.common() != Some(0)
            }
        }
    }

    fn bits(&self) -> u32 {
        Q::BITS
    }
}
