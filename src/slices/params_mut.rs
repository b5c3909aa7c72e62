//! Where the parameters of slices go that dynamic quantization finds.

use super::Mappings;
use crate::element::{Code, CodeType, Compute, code_at, put_code};
use crate::error::Error;
use crate::params::{Affine, QParams};
use crate::range::Range;
use crate::scheme::Scheme;

/// The zero points beside an array of scales to be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ZeroPointsMut<'a, Q> {
    /// Nowhere: those of a symmetric scheme are known, 0 (`i8`) or 2ⁿ⁻¹ (`u8`).
    Omitted,
    /// One for each scale, as integers.
    Integers(&'a mut [i32]),
    /// One for each scale, as a code: what ONNX has. Packed codes are packed here too.
    Codes(&'a mut [Q]),
}

/// Room for the parameters of all slices of a tensor.
///
/// Made from `&mut [QParams<T, Q>]` by `into`, or by [`arrays`](Self::arrays) from arrays for the scales
/// and the zero points, as engines and ONNX files hold them. Of short slices arrays are faster: a
/// [`QParams`] has seven numbers.
#[derive(Debug)]
pub struct ParamsMut<'a, T, Q> {
    room: Room<'a, T, Q>,
}

#[derive(Debug)]
enum Room<'a, T, Q> {
    Made(&'a mut [QParams<T, Q>]),
    Arrays { scales: &'a mut [T], zero_points: ZeroPointsMut<'a, Q> },
}

impl<'a, T, Q> From<&'a mut [QParams<T, Q>]> for ParamsMut<'a, T, Q> {
    fn from(made: &'a mut [QParams<T, Q>]) -> Self {
        Self { room: Room::Made(made) }
    }
}

#[cfg(feature = "std")]
impl<'a, T, Q> From<&'a mut Vec<QParams<T, Q>>> for ParamsMut<'a, T, Q> {
    fn from(made: &'a mut Vec<QParams<T, Q>>) -> Self {
        Self { room: Room::Made(made) }
    }
}

impl<'a, T, Q, const N: usize> From<&'a mut [QParams<T, Q>; N]> for ParamsMut<'a, T, Q> {
    fn from(made: &'a mut [QParams<T, Q>; N]) -> Self {
        Self { room: Room::Made(made) }
    }
}

impl<'a, T: Compute, Q: Code> ParamsMut<'a, T, Q> {
    /// Into arrays.
    ///
    /// What uses them refuses arrays of different lengths ([`Error::LengthMismatch`]), omitted zero points
    /// in an asymmetric scheme ([`Error::ZeroPointsOmitted`]), and zero points as codes where the scheme
    /// takes a raw range, whose zero point may lie anywhere ([`Error::ZeroPointsAsCodes`]).
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, ParamsMut, Scheme, ZeroPointsMut};
    /// let x = [1.0_f32, -1.27, 0.0, 0.5, 127.0, 0.0];
    /// let (mut scales, mut q) = ([0.0; 2], [0_i8; 6]);
    /// let params = ParamsMut::arrays(&mut scales, ZeroPointsMut::Omitted);
    /// let blocks = Granularity::block(&[6], 0, 3)?;
    /// Auto::detect()?.quantize_dynamic_per(blocks, &x, Scheme::symmetric(), params, &mut q)?;
    /// assert_eq!((scales, q), ([0.01, 1.0], [100, -127, 0, 0, 127, 0]));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn arrays(scales: &'a mut [T], zero_points: ZeroPointsMut<'a, Q>) -> Self {
        Self { room: Room::Arrays { scales, zero_points } }
    }

    /// How many there is room for, once it is known that the scheme's parameters fit.
    pub(crate) fn checked_len(&self, scheme: Scheme) -> Result<usize, Error> {
        let Room::Arrays { scales, zero_points } = &self.room else {
            return Ok(self.count());
        };
        let (count, expected) = match zero_points {
            ZeroPointsMut::Omitted if !scheme.is_symmetric() => {
                return Err(Error::ZeroPointsOmitted);
            }
            ZeroPointsMut::Codes(_) if scheme.is_raw() => return Err(Error::ZeroPointsAsCodes),
            ZeroPointsMut::Omitted => (scales.len(), scales.len()),
            ZeroPointsMut::Integers(z) => (z.len(), scales.len()),
            ZeroPointsMut::Codes(z) => (z.len(), scales.len().div_ceil(Q::PER_ELEMENT)),
        };
        if count != expected {
            return Err(Error::LengthMismatch { src: scales.len(), dst: count });
        }
        Ok(scales.len())
    }

    /// The most that there is room for.
    pub(crate) fn count(&self) -> usize {
        match &self.room {
            Room::Made(made) => made.len(),
            Room::Arrays { scales, .. } => scales.len(),
        }
    }

    /// Splits the room before slice `at`.
    pub(crate) fn split_at(self, at: usize) -> (Self, Self) {
        let (a, b) = match self.room {
            Room::Made(made) => {
                let (a, b) = made.split_at_mut(at);
                (Room::Made(a), Room::Made(b))
            }
            Room::Arrays { scales, zero_points } => {
                let (a, b) = scales.split_at_mut(at);
                let (za, zb) = match zero_points {
                    ZeroPointsMut::Omitted => (ZeroPointsMut::Omitted, ZeroPointsMut::Omitted),
                    ZeroPointsMut::Integers(z) => {
                        let (za, zb) = z.split_at_mut(at);
                        (ZeroPointsMut::Integers(za), ZeroPointsMut::Integers(zb))
                    }
                    ZeroPointsMut::Codes(z) => {
                        let (za, zb) = z.split_at_mut(at / Q::PER_ELEMENT);
                        (ZeroPointsMut::Codes(za), ZeroPointsMut::Codes(zb))
                    }
                };
                (
                    Room::Arrays { scales: a, zero_points: za },
                    Room::Arrays { scales: b, zero_points: zb },
                )
            }
        };
        (Self { room: a }, Self { room: b })
    }

    /// The same room for a shorter time.
    pub(crate) fn reborrow(&mut self) -> ParamsMut<'_, T, Q> {
        let room = match &mut self.room {
            Room::Made(made) => Room::Made(made),
            Room::Arrays { scales, zero_points } => {
                let zero_points = match zero_points {
                    ZeroPointsMut::Omitted => ZeroPointsMut::Omitted,
                    ZeroPointsMut::Integers(z) => ZeroPointsMut::Integers(z),
                    ZeroPointsMut::Codes(z) => ZeroPointsMut::Codes(z),
                };
                Room::Arrays { scales, zero_points }
            }
        };
        ParamsMut { room }
    }

    /// Writes those of slice `i`. Packed zero points are written in ascending order.
    pub(crate) fn set(&mut self, i: usize, p: Affine<T>) {
        match &mut self.room {
            Room::Made(made) => made[i] = QParams::of(p),
            Room::Arrays { scales, zero_points } => {
                scales[i] = p.scale;
                zero_points.set(i, p.zero_point);
            }
        }
    }

    /// Writes those of neighbouring slices, from number `first` on: these scales and zero points, the rest of
    /// slice `i` as `affine` has it.
    pub(crate) fn set_all(
        &mut self,
        first: usize,
        (of_slices, zeros): (&[T], &[i32]),
        affine: impl Fn(usize) -> Affine<T>,
    ) {
        let slices = first..first + of_slices.len();
        match &mut self.room {
            Room::Made(made) => {
                for (i, p) in made[slices].iter_mut().enumerate() {
                    *p = QParams::of(affine(i));
                }
            }
            Room::Arrays { scales, zero_points } => {
                scales[slices.clone()].copy_from_slice(of_slices);
                match zero_points {
                    ZeroPointsMut::Omitted => {}
                    ZeroPointsMut::Integers(z) => z[slices].copy_from_slice(zeros),
                    ZeroPointsMut::Codes(_) => {
                        for (i, z) in zeros.iter().enumerate() {
                            zero_points.set(first + i, *z);
                        }
                    }
                }
            }
        }
    }

    /// What has been written, all of it by `scheme`.
    pub(crate) fn by(&self, scheme: Scheme) -> Result<By<'_, T, Q>, Error> {
        // Of any range: what is taken of it is the same for all.
        let range = Range::new(T::ZERO, T::ONE)?;
        let codes = scheme.params_of(range, CodeType::of::<Q>())?;
        Ok(By { params: self, codes })
    }
}

impl<Q: Code> ZeroPointsMut<'_, Q> {
    fn set(&mut self, i: usize, zero_point: i32) {
        match self {
            Self::Omitted => {}
            Self::Integers(z) => z[i] = zero_point,
            Self::Codes(z) => put_code(z, i, zero_point),
        }
    }
}

/// Parameters that a scheme has made.
#[derive(Debug)]
pub(crate) struct By<'a, T, Q> {
    params: &'a ParamsMut<'a, T, Q>,
    /// The codes of the scheme, and its zero point where that is omitted.
    codes: Affine<T>,
}

impl<T: Compute, Q: Code> Mappings<T> for By<'_, T, Q> {
    fn affine(&self, slice: usize) -> Affine<T> {
        match &self.params.room {
            Room::Made(made) => *made[slice].affine(),
            Room::Arrays { scales, zero_points } => {
                let z = match zero_points {
                    ZeroPointsMut::Omitted => self.codes.zero_point,
                    ZeroPointsMut::Integers(z) => z[slice],
                    ZeroPointsMut::Codes(z) => code_at(z, slice),
                };
                Affine::new(scales[slice], z, self.codes.qmin, self.codes.qmax)
            }
        }
    }

    fn bits(&self) -> u32 {
        Q::BITS
    }
}
