//! Memory for the parameters that dynamic quantization finds.

use super::{Params, ZeroPoints};
use crate::element::{Code, CodeType, Compute, put_code};
use crate::error::Error;
use crate::params::{Affine, QParams};
use crate::range::Range;
use crate::scheme::Scheme;

/// The zero points beside an array of scales to be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ZeroPointsMut<'a, Q> {
    /// No zero point is written: the zero point of a symmetric scheme is known, 0 (`i8`) or 2ⁿ⁻¹ (`u8`).
    Omitted,
    /// One integer for each scale.
    Integers(&'a mut [i32]),
    /// One code for each scale, as in ONNX. Zero points of packed types are packed, too.
    Codes(&'a mut [Q]),
}

/// Memory for the parameters of all slices of a tensor.
///
/// `into` makes it of `&mut [QParams<T, Q>]`; [`arrays`](Self::arrays) makes it of arrays for the scales and the zero
/// points, as engines and ONNX files store them. For short slices arrays are faster, since a [`QParams`] has seven
/// numbers.
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

#[cfg(feature = "alloc")]
impl<'a, T, Q> From<&'a mut alloc::vec::Vec<QParams<T, Q>>> for ParamsMut<'a, T, Q> {
    fn from(made: &'a mut alloc::vec::Vec<QParams<T, Q>>) -> Self {
        Self { room: Room::Made(made) }
    }
}

impl<'a, T, Q, const N: usize> From<&'a mut [QParams<T, Q>; N]> for ParamsMut<'a, T, Q> {
    fn from(made: &'a mut [QParams<T, Q>; N]) -> Self {
        Self { room: Room::Made(made) }
    }
}

impl<'a, T: Compute, Q: Code> ParamsMut<'a, T, Q> {
    /// Returns arrays for the scales and the zero points.
    ///
    /// Operations return an error if the arrays differ in length ([`Error::LengthMismatch`]), if zero points are
    /// omitted in an asymmetric scheme ([`Error::ZeroPointsOmitted`]), and if zero points are codes but the scheme
    /// takes a raw range, which allows any zero point ([`Error::ZeroPointsAsCodes`]).
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

    /// Returns the number of slices that fit, or an error if the memory does not suit the parameters of the scheme.
    pub(crate) fn checked_len(&self, scheme: Scheme) -> Result<usize, Error> {
        if let Room::Arrays { scales, zero_points } = &self.room {
            match zero_points {
                ZeroPointsMut::Omitted if !scheme.is_symmetric() => {
                    return Err(Error::ZeroPointsOmitted);
                }
                ZeroPointsMut::Codes(_) if scheme.is_raw() => return Err(Error::ZeroPointsAsCodes),
                _ => zero_points.as_read(0).check_len(scales.len())?,
            }
        }
        Ok(self.count())
    }

    /// Returns the number of slices for which there is memory.
    pub(crate) fn count(&self) -> usize {
        match &self.room {
            Room::Made(made) => made.len(),
            Room::Arrays { scales, .. } => scales.len(),
        }
    }

    /// Splits the memory before slice `at`.
    pub(crate) fn split_at(self, at: usize) -> (Self, Self) {
        match self.room {
            Room::Made(made) => {
                let (a, b) = made.split_at_mut(at);
                (a.into(), b.into())
            }
            Room::Arrays { scales, zero_points } => {
                let ((a, b), (zero_a, zero_b)) =
                    (scales.split_at_mut(at), zero_points.split_at(at));
                (Self::arrays(a, zero_a), Self::arrays(b, zero_b))
            }
        }
    }

    /// Borrows the memory for a shorter time.
    pub(crate) fn reborrow(&mut self) -> ParamsMut<'_, T, Q> {
        match &mut self.room {
            Room::Made(made) => (&mut **made).into(),
            Room::Arrays { scales, zero_points } => {
                ParamsMut::arrays(scales, zero_points.reborrow())
            }
        }
    }

    /// Writes the parameters of slice `i`. Callers write packed zero points in ascending order.
    pub(crate) fn set(&mut self, i: usize, p: Affine<T>) {
        self.set_all(i, (&[p.scale], &[p.zero_point]), |_| p);
    }

    /// Writes the parameters of neighbouring slices from number `first` on: the given scales and zero points, and all
    /// other fields of slice `first + i` from `affine(i)`.
    #[inline]
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
                    ZeroPointsMut::Codes(z) => {
                        for (i, &zero) in zeros.iter().enumerate() {
                            put_code(z, first + i, zero);
                        }
                    }
                }
            }
        }
    }

    /// Returns the parameters, once all of them have been written by `scheme`.
    pub(crate) fn written(&self, scheme: Scheme) -> Result<Params<'_, T, Q>, Error> {
        // Any range serves here: its codes, and its zero point if it may be omitted, are the same for all ranges.
        let range = Range::new(T::ZERO, T::ONE)?;
        let Affine { zero_point, qmin, qmax, .. } = scheme.params_of(range, CodeType::of::<Q>())?;
        Ok(match &self.room {
            Room::Made(made) => Params::from(&**made),
            Room::Arrays { scales, zero_points } => {
                let zero_points = zero_points.as_read(zero_point);
                Params::arrays_with_codes(scales, zero_points, qmin, qmax)
            }
        })
    }
}

impl<'a, Q: Code> ZeroPointsMut<'a, Q> {
    fn split_at(self, at: usize) -> (Self, Self) {
        match self {
            Self::Omitted => (Self::Omitted, Self::Omitted),
            Self::Integers(z) => {
                let (a, b) = z.split_at_mut(at);
                (Self::Integers(a), Self::Integers(b))
            }
            Self::Codes(z) => {
                let (a, b) = z.split_at_mut(at / Q::PER_ELEMENT);
                (Self::Codes(a), Self::Codes(b))
            }
        }
    }

    fn reborrow(&mut self) -> ZeroPointsMut<'_, Q> {
        match self {
            Self::Omitted => ZeroPointsMut::Omitted,
            Self::Integers(z) => ZeroPointsMut::Integers(z),
            Self::Codes(z) => ZeroPointsMut::Codes(z),
        }
    }

    fn as_read(&self, omitted: i32) -> ZeroPoints<'_, Q> {
        match self {
            Self::Omitted => ZeroPoints::All(omitted),
            Self::Integers(z) => ZeroPoints::Integers(z),
            Self::Codes(z) => ZeroPoints::Codes(z),
        }
    }
}
