//! The parameters of all slices of a tensor, as the caller holds them.

mod params_mut;

use crate::element::{Code, Compute, code_at};
use crate::error::Error;
use crate::params::{Affine, QParams, ZERO_POINT_LIMIT, are_within};

pub use params_mut::{ParamsMut, ZeroPointsMut};

/// The zero points beside an array of scales.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ZeroPoints<'a, Q> {
    /// All 0.
    Zero,
    /// One for each scale, as integers.
    Integers(&'a [i32]),
    /// One for each scale, as a code: what ONNX has. Packed codes are packed here too.
    Codes(&'a [Q]),
}

/// The parameters of all slices of a tensor.
///
/// Made from `&[QParams<T, Q>]` by `into`, or by [`arrays`](Self::arrays) from the scales and zero
/// points as engines and ONNX files hold them.
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

impl<'a, T, Q, const N: usize> From<&'a [QParams<T, Q>; N]> for Params<'a, T, Q> {
    fn from(made: &'a [QParams<T, Q>; N]) -> Self {
        Self { source: Source::Made(made) }
    }
}

impl<'a, T: Compute, Q: Code> Params<'a, T, Q> {
    /// From arrays, over all codes of `Q`.
    ///
    /// What uses them refuses arrays of different lengths, and scales and zero points that
    /// [`QParams::new`] refuses.
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

    /// From arrays, over the codes `qmin..=qmax` in every slice: those of a symmetric scheme, or fewer
    /// bits than `Q` has.
    ///
    /// What uses them refuses arrays as [`arrays`](Self::arrays) says, and codes with
    /// [`Error::CodeRange`] if `qmin > qmax` or one of them is outside `Q`.
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

    fn zero_point(zero_points: ZeroPoints<'a, Q>, i: usize) -> i32 {
        match zero_points {
            ZeroPoints::Zero => 0,
            ZeroPoints::Integers(z) => z[i],
            ZeroPoints::Codes(z) => code_at(z, i),
        }
    }

    /// How many there are, once they are known to be valid.
    pub(crate) fn checked_len(&self) -> Result<usize, Error> {
        let Source::Arrays { scales, zero_points, qmin, qmax } = self.source else {
            return Ok(self.len());
        };
        if qmin > qmax || qmin < Q::MIN || qmax > Q::MAX {
            return Err(Error::CodeRange { qmin, qmax, least: Q::MIN, most: Q::MAX });
        }
        let (count, expected) = match zero_points {
            ZeroPoints::Zero => (scales.len(), scales.len()),
            ZeroPoints::Integers(z) => (z.len(), scales.len()),
            ZeroPoints::Codes(z) => (z.len(), scales.len().div_ceil(Q::PER_ELEMENT)),
        };
        if count != expected {
            return Err(Error::LengthMismatch { src: scales.len(), dst: count });
        }
        let are_zero_points = match zero_points {
            ZeroPoints::Integers(z) => are_within(z, ZERO_POINT_LIMIT),
            ZeroPoints::Zero | ZeroPoints::Codes(_) => true,
        };
        if !(T::are_scales(scales) && are_zero_points) {
            for (index, &scale) in scales.iter().enumerate() {
                let zero_point = Self::zero_point(zero_points, index);
                if QParams::<T, Q>::new(scale, zero_point).is_err() {
                    let scale = scale.to_f64();
                    return Err(Error::InvalidParams { index, scale, zero_point });
                }
            }
        }
        Ok(scales.len())
    }

    fn len(&self) -> usize {
        match self.source {
            Source::Made(made) => made.len(),
            Source::Arrays { scales, .. } => scales.len(),
        }
    }
}

/// Parameters by their index, whatever the code type and wherever they are held.
pub trait Mappings<T: Compute>: Sync {
    fn affine(&self, slice: usize) -> Affine<T>;

    /// Those of slices from `first` on, as many as the arrays are long, into the arrays.
    fn fill(&self, first: usize, into: Numbers<'_, T>) {
        for i in 0..into.scale.len() {
            let p = self.affine(first + i);
            into.scale[i] = p.scale;
            into.zero_point[i] = p.zero_point;
            into.qmin[i] = p.qmin;
            into.qmax[i] = p.qmax;
        }
    }

    /// The bits of the codes.
    fn bits(&self) -> u32;
}

/// Where the numbers of neighbouring slices go.
#[derive(Debug)]
pub struct Numbers<'a, T> {
    pub(crate) scale: &'a mut [T],
    pub(crate) zero_point: &'a mut [i32],
    pub(crate) qmin: &'a mut [i32],
    pub(crate) qmax: &'a mut [i32],
}

impl<T: Compute> Numbers<'_, T> {
    fn fill_from<Q: Code>(self, params: &[QParams<T, Q>]) {
        for (i, p) in params[..self.scale.len()].iter().enumerate() {
            let p = p.affine();
            self.scale[i] = p.scale;
            self.zero_point[i] = p.zero_point;
            self.qmin[i] = p.qmin;
            self.qmax[i] = p.qmax;
        }
    }
}

impl<T: Compute, Q: Code> Mappings<T> for Params<'_, T, Q> {
    fn affine(&self, slice: usize) -> Affine<T> {
        match self.source {
            Source::Made(made) => *made[slice].affine(),
            Source::Arrays { scales, zero_points, qmin, qmax } => {
                Affine::new(scales[slice], Self::zero_point(zero_points, slice), qmin, qmax)
            }
        }
    }

    fn fill(&self, first: usize, into: Numbers<'_, T>) {
        match self.source {
            Source::Made(made) => into.fill_from(&made[first..]),
            Source::Arrays { scales, zero_points, qmin, qmax } => {
                let count = into.scale.len();
                into.scale.copy_from_slice(&scales[first..first + count]);
                match zero_points {
                    ZeroPoints::Zero => into.zero_point.fill(0),
                    ZeroPoints::Integers(z) => {
                        into.zero_point.copy_from_slice(&z[first..first + count]);
                    }
                    ZeroPoints::Codes(z) => {
                        for (i, of) in into.zero_point.iter_mut().enumerate() {
                            *of = code_at(z, first + i);
                        }
                    }
                }
                into.qmin.fill(qmin);
                into.qmax.fill(qmax);
            }
        }
    }

    fn bits(&self) -> u32 {
        Q::BITS
    }
}
