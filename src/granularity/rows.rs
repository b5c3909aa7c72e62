//! Rows with gaps between them.

use super::Granularity;
use crate::error::Error;

/// From one row's start to the next one's, in numbers or codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pitch {
    pub(super) src: usize,
    pub(super) dst: usize,
}

impl Granularity {
    /// The same tensor with its rows apart: those of the input begin every `src_pitch` elements, those of
    /// the output every `dst_pitch`. A row is the last axis of the shape, whichever axis has the
    /// parameters.
    ///
    /// ```text
    /// element i of row r    src[r * src_pitch + i]    dst[r * dst_pitch + i]
    /// ```
    ///
    /// Both slices begin with their first row and end behind the last one: after the row itself at the
    /// earliest, a whole pitch after its start at the latest. What lies between the rows is neither read
    /// nor written.
    ///
    /// The pitch of packed codes counts codes, and is a whole number of elements, so that every row begins
    /// one; a row that does not fill its last element leaves code 0 in the rest of it. Without a pitch a
    /// packed tensor is flat, and rows may begin inside an element. Where numbers are changed where they
    /// stand, or only read, `src_pitch` alone counts. An error's index is the place in `src`.
    ///
    /// # Errors
    ///
    /// [`Error::PitchTooShort`] for a pitch below the row's length; [`Error::PitchOverflow`].
    ///
    /// What uses it refuses slices of other lengths ([`Error::PitchedLength`]) and, of packed codes, a
    /// pitch that is no whole number of elements ([`Error::PitchInsideElement`]).
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar};
    /// let p = [QParams::<f32, i8>::new(0.5, 0)?, QParams::new(2.0, 0)?];
    /// // Two rows of three numbers, a gap of one behind the first; their codes 8 bytes apart.
    /// let rows = Granularity::row(2, 3)?.with_pitch(4, 8)?;
    /// let x = [1.0_f32, 2.0, 3.0, f32::NAN, 4.0, 5.0, 6.0];
    /// let mut q = [99; 11];
    /// Scalar.quantize_per(rows, &x, &p, &mut q)?;
    /// assert_eq!(q, [2, 4, 6, 99, 99, 99, 99, 99, 2, 2, 3]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn with_pitch(self, src_pitch: usize, dst_pitch: usize) -> Result<Self, Error> {
        let Self { row, rows, .. } = self;
        for pitch in [src_pitch, dst_pitch] {
            if pitch < row {
                return Err(Error::PitchTooShort { pitch, row });
            }
            if rows.checked_mul(pitch).is_none() {
                return Err(Error::PitchOverflow { rows, pitch });
            }
        }
        Ok(Self { pitch: Some(Pitch { src: src_pitch, dst: dst_pitch }), ..self })
    }

    /// The same tensor without gaps.
    pub(crate) const fn flat(&self) -> Self {
        Self { pitch: None, ..*self }
    }

    /// The output of this tensor as an input.
    pub(crate) fn of_output(&self) -> Self {
        let pitch = self.pitch.map(|Pitch { dst, .. }| Pitch { src: dst, dst });
        Self { pitch, ..*self }
    }

    pub(crate) const fn is_pitched(&self) -> bool {
        self.pitch.is_some()
    }

    /// The number of rows, the elements of each, and both pitches, where there are any.
    pub(crate) const fn rows(&self) -> Option<(usize, usize, usize, usize)> {
        match self.pitch {
            None => None,
            Some(Pitch { src, dst }) => Some((self.rows, self.row, src, dst)),
        }
    }

    /// Refuses an input of `len` elements, each of `per` numbers or codes.
    pub(crate) fn check_src(&self, len: usize, per: usize) -> Result<(), Error> {
        self.check_rows(self.pitch.map_or(0, |pitch| pitch.src), len, per)
    }

    /// Refuses an output of `len` elements, each of `per` numbers or codes.
    pub(crate) fn check_dst(&self, len: usize, per: usize) -> Result<(), Error> {
        self.check_rows(self.pitch.map_or(0, |pitch| pitch.dst), len, per)
    }

    fn check_rows(&self, pitch: usize, len: usize, per: usize) -> Result<(), Error> {
        if !self.is_pitched() {
            let shape = self.len();
            // Of codes, a call names both lengths instead.
            return if len == shape { Ok(()) } else { Err(Error::ShapeMismatch { shape, len }) };
        }
        if !pitch.is_multiple_of(per) {
            return Err(Error::PitchInsideElement { pitch, codes: per });
        }
        let most = self.rows * pitch / per;
        let least = match self.rows.checked_sub(1) {
            None => 0,
            Some(before) => before * pitch / per + self.row.div_ceil(per),
        };
        if len < least || len > most {
            return Err(Error::PitchedLength { least, most, len });
        }
        Ok(())
    }

    /// The place of element `e` in the input.
    pub(super) const fn place_in_src(&self, e: usize) -> usize {
        match self.pitch {
            None => e,
            Some(Pitch { src, .. }) => e / self.row * src + e % self.row,
        }
    }

    /// The place of element `e` in the output.
    pub(super) const fn place_in_dst(&self, e: usize) -> usize {
        match self.pitch {
            None => e,
            Some(Pitch { dst, .. }) => e / self.row * dst + e % self.row,
        }
    }
}
