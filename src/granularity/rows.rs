//! Rows with gaps between them.

use super::Granularity;
use crate::error::Error;

/// The distance from one row's start to the next one's, in numbers or codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pitch {
    pub(super) src: usize,
    pub(super) dst: usize,
}

impl Granularity {
    /// Returns the tensor with distances between its rows: rows of the input begin every `src_pitch` elements, rows of
    /// the output every `dst_pitch`. A row is the last axis of the shape, whichever axis has the parameters.
    ///
    /// ```text
    /// element i of row r    src[r * src_pitch + i]    dst[r * dst_pitch + i]
    /// ```
    ///
    /// Both slices begin with their first row. They end behind their last row: at the end of the row at the earliest, a
    /// whole pitch after its start at the latest. Memory between the rows is neither read nor written.
    ///
    /// The pitch of packed codes counts codes, and is a whole number of elements, so every row begins with an element;
    /// if a row does not fill its last element, the rest of this element gets code 0. Without a pitch, a packed tensor
    /// is flat, and rows may begin inside an element. Operations that work in place or only read use `src_pitch` alone.
    /// The index in an error is an index into `src`.
    ///
    /// # Errors
    ///
    /// [`Error::PitchTooShort`] for a pitch below the row's length; [`Error::PitchOverflow`].
    ///
    /// Operations return an error if a slice has another length ([`Error::PitchedLength`]), or if the pitch of packed
    /// codes is no whole number of elements ([`Error::PitchInsideElement`]).
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

    /// Returns the tensor without gaps between rows.
    pub(crate) const fn flat(&self) -> Self {
        Self { pitch: None, ..*self }
    }

    /// Returns the tensor with the output's pitch for both sides.
    pub(crate) fn of_output(&self) -> Self {
        let pitch = self.pitch.map(|Pitch { dst, .. }| Pitch { src: dst, dst });
        Self { pitch, ..*self }
    }

    pub(crate) const fn is_pitched(&self) -> bool {
        self.pitch.is_some()
    }

    /// Returns the number of rows, the elements of each row, and both pitches, or `None` without a pitch.
    pub(crate) const fn rows(&self) -> Option<(usize, usize, usize, usize)> {
        match self.pitch {
            None => None,
            Some(Pitch { src, dst }) => Some((self.rows, self.row, src, dst)),
        }
    }

    /// Returns an error if an input of `len` elements, each of `per` numbers or codes, does not fit.
    pub(crate) fn check_src(&self, len: usize, per: usize) -> Result<(), Error> {
        self.check_rows(self.pitch.map_or(0, |pitch| pitch.src), len, per)
    }

    /// Returns an error if an output of `len` elements, each of `per` numbers or codes, does not fit.
    pub(crate) fn check_dst(&self, len: usize, per: usize) -> Result<(), Error> {
        self.check_rows(self.pitch.map_or(0, |pitch| pitch.dst), len, per)
    }

    fn check_rows(&self, pitch: usize, len: usize, per: usize) -> Result<(), Error> {
        if !self.is_pitched() {
            let shape = self.len();
            // For codes, the caller makes an error that names both lengths instead.
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

    /// Returns the place of element `e` in the input.
    pub(super) const fn place_in_src(&self, e: usize) -> usize {
        match self.pitch {
            None => e,
            Some(Pitch { src, .. }) => e / self.row * src + e % self.row,
        }
    }

    /// Returns the place of element `e` in the output.
    pub(super) const fn place_in_dst(&self, e: usize) -> usize {
        match self.pitch {
            None => e,
            Some(Pitch { dst, .. }) => e / self.row * dst + e % self.row,
        }
    }
}
