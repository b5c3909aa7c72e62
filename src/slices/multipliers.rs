//! The multipliers of all slices of a tensor, in the caller's memory.

use super::ZeroPoints;
use crate::element::{Code, CodeType};
use crate::error::Error;
use crate::requantize::{Multiplier, Requantize, Rescale};

/// The multipliers and zero points of all slices of a tensor.
///
/// `into` makes them of `&[Requantize<Q>]`; [`floats`](Self::floats) and [`fixed`](Self::fixed) make them of arrays, as
/// engines store them. Arrays are faster where few rows share the multipliers of the columns, since a [`Requantize`]
/// takes 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Multipliers<'a, Q> {
    source: Source<'a, Q>,
    /// The codes of all slices, if the slices do not have their own.
    codes: Option<(i32, i32)>,
}

#[derive(Clone, Copy, Debug)]
enum Source<'a, Q> {
    Made(&'a [Requantize<Q>]),
    Floats(&'a [f32], ZeroPoints<'a, Q>),
    Fixed(&'a [i32], &'a [i32], ZeroPoints<'a, Q>),
}

impl<'a, Q> From<&'a [Requantize<Q>]> for Multipliers<'a, Q> {
    fn from(made: &'a [Requantize<Q>]) -> Self {
        Self { source: Source::Made(made), codes: None }
    }
}

#[cfg(feature = "alloc")]
impl<'a, Q> From<&'a alloc::vec::Vec<Requantize<Q>>> for Multipliers<'a, Q> {
    fn from(made: &'a alloc::vec::Vec<Requantize<Q>>) -> Self {
        made.as_slice().into()
    }
}

impl<'a, Q, const N: usize> From<&'a [Requantize<Q>; N]> for Multipliers<'a, Q> {
    fn from(made: &'a [Requantize<Q>; N]) -> Self {
        made.as_slice().into()
    }
}

impl<'a, Q: Code> Multipliers<'a, Q> {
    /// Returns float multipliers, for all codes of `Q`.
    ///
    /// Operations return an error if the arrays differ in length, or if [`Requantize::float`] refuses an element.
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, Multipliers, ZeroPoints};
    /// let multipliers = Multipliers::floats(&[0.5, 0.25], ZeroPoints::All(3));
    /// let mut q = [0_u8; 4];
    /// let columns = Granularity::channel(&[2, 2], 1)?;
    /// Auto::detect()?.requantize_per(columns, &[100, 100, 8, -20], multipliers, &mut q)?;
    /// assert_eq!(q, [53, 28, 7, 0]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn floats(multipliers: &'a [f32], zero_points: ZeroPoints<'a, Q>) -> Self {
        Self { source: Source::Floats(multipliers, zero_points), codes: Some((Q::MIN, Q::MAX)) }
    }

    /// Returns the fixed-point multipliers `multipliers[i] · 2^(shifts[i] − 31)`, for all codes of `Q`.
    ///
    /// Operations return [`Error::ShiftsMismatch`] unless there are as many shifts as multipliers, and an error if the
    /// number of zero points differs, or if [`Requantize::fixed`] refuses an element.
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, Multipliers, ZeroPoints};
    /// let multipliers = Multipliers::fixed(&[1 << 30, 3 << 29], &[0, -1], ZeroPoints::Zero);
    /// let mut q = [0_i8; 2];
    /// let rows = Granularity::channel(&[2, 1], 0)?;
    /// Auto::detect()?.requantize_per(rows, &[100, -40], multipliers, &mut q)?;
    /// assert_eq!(q, [50, -15]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn fixed(
        multipliers: &'a [i32],
        shifts: &'a [i32],
        zero_points: ZeroPoints<'a, Q>,
    ) -> Self {
        let source = Source::Fixed(multipliers, shifts, zero_points);
        Self { source, codes: Some((Q::MIN, Q::MAX)) }
    }

    /// Returns the multipliers for the codes `qmin..=qmax` in every slice, in place of those that they were made with: for a
    /// clipping activation.
    ///
    /// Operations return [`Error::CodeRange`] if `qmin > qmax` or if one of the two is outside `Q`.
    #[must_use]
    pub const fn with_codes(self, qmin: i32, qmax: i32) -> Self {
        Self { source: self.source, codes: Some((qmin, qmax)) }
    }

    /// Returns the number of slices, if the multipliers are valid.
    pub(crate) fn checked_len(&self) -> Result<usize, Error> {
        let wrong = |index| {
            let Rescale { multiplier, zero_point, .. } = self.rescale(index);
            let shift = multiplier.shift();
            let multiplier = match multiplier {
                Multiplier::Float(multiplier) => multiplier.into(),
                Multiplier::Fixed { multiplier, .. } => multiplier.into(),
            };
            Error::InvalidMultipliers { index, multiplier, shift, zero_point }
        };
        let len = self.checked_arrays()?;
        self.first_wrong().map_or(Ok(len), |(index, _)| Err(wrong(index)))
    }

    /// Returns the number of slices, if the arrays have the same length, and the codes are codes of `Q`.
    fn checked_arrays(&self) -> Result<usize, Error> {
        if let Some((qmin, qmax)) = self.codes {
            CodeType::of::<Q>().check_codes(qmin, qmax)?;
        }
        let (len, zero_points) = match self.source {
            Source::Made(made) => return Ok(made.len()),
            Source::Floats(multipliers, zero_points) => (multipliers.len(), zero_points),
            Source::Fixed(multipliers, shifts, zero_points) => {
                let (multipliers, shifts) = (multipliers.len(), shifts.len());
                if multipliers != shifts {
                    return Err(Error::ShiftsMismatch { multipliers, shifts });
                }
                (multipliers, zero_points)
            }
        };
        zero_points.check_len(len)?;
        Ok(len)
    }

    /// Returns the index of the first slice whose multiplier, shift or zero point is out of range, and the error that
    /// it would have alone.
    pub(crate) fn first_wrong(&self) -> Option<(usize, Error)> {
        let (are_plain, zero_points, len) = match self.source {
            Source::Made(_) => return None,
            Source::Floats(m, z) => (Multiplier::are_plain_floats(m), z, m.len()),
            Source::Fixed(m, s, z) => (Multiplier::are_plain_integers(m, s), z, m.len()),
        };
        if are_plain && zero_points.are_within_limit() {
            return None;
        }
        (0..len).find_map(|i| {
            let Rescale { multiplier, zero_point, .. } = self.rescale(i);
            let checked = match multiplier {
                Multiplier::Float(m) => Requantize::<Q>::float(m, zero_point),
                Multiplier::Fixed { multiplier, shift } => {
                    Requantize::fixed(multiplier, shift, zero_point)
                }
            };
            checked.err().map(|error| (i, error))
        })
    }
}

/// The multipliers of slices with any code type.
pub trait AnyMultipliers: Sync {
    /// Returns the parameters of a slice.
    fn rescale(&self, i: usize) -> Rescale;

    /// Says whether all multipliers are floats, or none; returns `None` for a mixture.
    fn are_floats(&self) -> Option<bool>;

    /// Returns the zero point and the codes of all slices, unless slices may have their own.
    fn common(&self) -> Option<(i32, (i32, i32))>;

    /// Copies the parameters of slices from `first` on into the arrays, until these are full.
    fn fill(&self, first: usize, into: RescaleArrays<'_>);
}

impl<Q: Code> AnyMultipliers for Multipliers<'_, Q> {
    fn rescale(&self, i: usize) -> Rescale {
        let (multiplier, zero_point, own) = match self.source {
            Source::Made(made) => {
                let &Rescale { multiplier, zero_point, qmin, qmax } = made[i].rescale();
                (multiplier, zero_point, (qmin, qmax))
            }
            Source::Floats(m, z) => (Multiplier::Float(m[i]), z.get(i), (Q::MIN, Q::MAX)),
            Source::Fixed(m, s, z) => {
                let multiplier = Multiplier::Fixed { multiplier: m[i], shift: s[i] };
                (multiplier, z.get(i), (Q::MIN, Q::MAX))
            }
        };
        let (qmin, qmax) = self.codes.unwrap_or(own);
        Rescale { multiplier, zero_point, qmin, qmax }
    }

    fn are_floats(&self) -> Option<bool> {
        match self.source {
            Source::Made(made) => {
                let is_float =
                    |p: &&Requantize<Q>| matches!(p.rescale().multiplier, Multiplier::Float(_));
                let floats = made.iter().filter(is_float).count();
                (floats == 0 || floats == made.len()).then_some(floats > 0)
            }
            Source::Floats(..) => Some(true),
            Source::Fixed(..) => Some(false),
        }
    }

    fn common(&self) -> Option<(i32, (i32, i32))> {
        match self.source {
            Source::Made(_) => None,
            Source::Floats(_, z) | Source::Fixed(_, _, z) => Some((z.common()?, self.codes?)),
        }
    }

    fn fill(&self, first: usize, into: RescaleArrays<'_>) {
        let RescaleArrays { multiplier, shift, zero_point, qmin, qmax } = into;
        let slices = first..first + multiplier.len();
        match self.source {
            Source::Made(made) => {
                let made = &made[slices];
                for (multiplier, p) in multiplier.iter_mut().zip(made) {
                    *multiplier = p.rescale().multiplier.bits() as i32;
                }
                for (shift, p) in shift.iter_mut().zip(made) {
                    *shift = p.rescale().multiplier.shift();
                }
                for (i, p) in made.iter().enumerate() {
                    let p = p.rescale();
                    (zero_point[i], qmin[i], qmax[i]) = (p.zero_point, p.qmin, p.qmax);
                }
            }
            Source::Floats(m, z) => {
                multiplier.copy_from_slice(bytemuck::cast_slice(&m[slices]));
                z.copy_to(first, zero_point);
            }
            Source::Fixed(m, s, z) => {
                multiplier.copy_from_slice(&m[slices.clone()]);
                shift.copy_from_slice(&s[slices]);
                z.copy_to(first, zero_point);
            }
        }
        if let Some((least, most)) = self.codes {
            qmin.fill(least);
            qmax.fill(most);
        }
    }
}

/// Arrays for the parameters of neighbouring slices. `shift` is empty for floats, and the last three if all slices have
/// the same zero point and codes.
#[derive(Debug)]
pub struct RescaleArrays<'a> {
    /// The bits of each float multiplier, or each fixed-point multiplier.
    pub(crate) multiplier: &'a mut [i32],
    pub(crate) shift: &'a mut [i32],
    pub(crate) zero_point: &'a mut [i32],
    pub(crate) qmin: &'a mut [i32],
    pub(crate) qmax: &'a mut [i32],
}
