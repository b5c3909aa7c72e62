//! The C structures of the parameters of a requantization.

use super::operations::allocate;
use super::params::{CParams, CSliceParams, codes, exact, zero_points};
use super::pointers::Buffers;
use super::status::Failure;
use crate::element::{Code, CodeType};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::requantize::Requantize;

/// The C type `zp_fixed_params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CFixedParams {
    pub multiplier: i32,
    pub shift: i32,
    pub zero_point: i32,
    pub qmin: i32,
    pub qmax: i32,
}

/// The C type `zp_fixed_slice_params`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CFixedSliceParams {
    pub multipliers: *const i32,
    pub shifts: *const i32,
    pub zero_points: *const i32,
    pub slices: usize,
    pub qmin: i32,
    pub qmax: i32,
}

/// Restricts the codes to `given`, whose meaning [`codes`] defines.
fn with_codes<Q: Code>(by: Requantize<Q>, given: (i32, i32)) -> Result<Requantize<Q>, Error> {
    let (qmin, qmax) = codes(given, CodeType::of::<Q>());
    by.with_codes(qmin, qmax)
}

impl CParams {
    /// Returns the requantization whose multiplier is the scale.
    pub(super) fn requantize<Q: Code>(&self) -> Result<Requantize<Q>, Failure> {
        let by = Requantize::float(exact("scale", self.scale)?, self.zero_point)?;
        Ok(with_codes(by, (self.qmin, self.qmax))?)
    }
}

impl CFixedParams {
    pub(super) fn requantize<Q: Code>(&self) -> Result<Requantize<Q>, Failure> {
        let by = Requantize::fixed(self.multiplier, self.shift, self.zero_point)?;
        Ok(with_codes(by, (self.qmin, self.qmax))?)
    }
}

impl CSliceParams {
    /// Returns the requantizations whose multipliers are the scales.
    ///
    /// # Safety
    ///
    /// The arrays are valid for [`Buffers::input`].
    pub(super) unsafe fn requantize<Q: Code>(
        &self,
        granularity: &Granularity,
        buffers: &Buffers,
    ) -> Result<Vec<Requantize<Q>>, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        let (multipliers, zero_points) = unsafe { self.arrays(buffers)? };
        of_slices(granularity, self.slices, (self.qmin, self.qmax), |i| {
            Requantize::float(multipliers[i], zero_points.map_or(0, |z| z[i]))
        })
    }
}

impl CFixedSliceParams {
    /// Returns the requantizations by the fixed-point multipliers.
    ///
    /// # Safety
    ///
    /// The arrays are valid for [`Buffers::input`].
    pub(super) unsafe fn requantize<Q: Code>(
        &self,
        granularity: &Granularity,
        buffers: &Buffers,
    ) -> Result<Vec<Requantize<Q>>, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        let (multipliers, shifts, zero_points) = unsafe {
            (
                buffers.input("multipliers", self.multipliers.cast(), self.slices)?,
                buffers.input("shifts", self.shifts.cast(), self.slices)?,
                zero_points(buffers, self.zero_points, self.slices)?,
            )
        };
        of_slices(granularity, self.slices, (self.qmin, self.qmax), |i| {
            Requantize::fixed(multipliers[i], shifts[i], zero_points.map_or(0, |z| z[i]))
        })
    }
}

/// Makes the parameters of all slices. `of_slice` makes the parameters of one slice, for all codes of the type.
fn of_slices<Q: Code>(
    granularity: &Granularity,
    slices: usize,
    codes: (i32, i32),
    of_slice: impl Fn(usize) -> Result<Requantize<Q>, Error>,
) -> Result<Vec<Requantize<Q>>, Failure> {
    granularity.check_params(slices)?;
    // The codes are checked even if there are no slices.
    let mut all = allocate(slices, with_codes(Requantize::float(0.0, 0)?, codes)?)?;
    for (i, by) in all.iter_mut().enumerate() {
        let of_slice = of_slice(i).and_then(|by| with_codes(by, codes));
        *by = of_slice.map_err(|error| Failure::OfSlice(i, error))?;
    }
    Ok(all)
}
