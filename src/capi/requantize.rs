//! The C structures of the parameters of a requantization.

use super::backend;
use super::params::{CParams, CSliceParams, codes, exact, zero_points};
use super::pointers::Buffers;
use super::status::Failure;
use crate::backend::Backend;
use crate::element::{Code, CodeType};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::requantize::Requantize;
use crate::slices::Multipliers;

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
    pub(super) unsafe fn requantize<'b, Q: Code>(
        &self,
        granularity: &Granularity,
        buffers: &'b Buffers,
    ) -> Result<Multipliers<'b, Q>, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        let (multipliers, zero_points) = unsafe { self.arrays(buffers)? };
        let by = Multipliers::floats(multipliers, zero_points);
        with_codes_of_slices(by, granularity, self.slices, (self.qmin, self.qmax))
    }
}

impl CFixedSliceParams {
    /// Returns the requantizations by the fixed-point multipliers.
    ///
    /// # Safety
    ///
    /// The arrays are valid for [`Buffers::input`].
    pub(super) unsafe fn requantize<'b, Q: Code>(
        &self,
        granularity: &Granularity,
        buffers: &'b Buffers,
    ) -> Result<Multipliers<'b, Q>, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        let by = unsafe {
            Multipliers::fixed(
                buffers.input("multipliers", self.multipliers.cast(), self.slices)?,
                buffers.input("shifts", self.shifts.cast(), self.slices)?,
                zero_points(buffers, self.zero_points, self.slices)?,
            )
        };
        with_codes_of_slices(by, granularity, self.slices, (self.qmin, self.qmax))
    }
}

/// Restricts the codes of all slices, and checks these codes and the number of slices.
fn with_codes_of_slices<'b, Q: Code>(
    by: Multipliers<'b, Q>,
    granularity: &Granularity,
    slices: usize,
    given: (i32, i32),
) -> Result<Multipliers<'b, Q>, Failure> {
    granularity.check_params(slices)?;
    let of = CodeType::of::<Q>();
    let (qmin, qmax) = codes(given, of);
    of.check_codes(qmin, qmax)?;
    Ok(by.with_codes(qmin, qmax))
}

pub(super) fn requantize_per<Q: Code>(
    granularity: Granularity,
    src: &[i32],
    by: Multipliers<'_, Q>,
    dst: &mut [Q],
) -> Result<(), Failure> {
    let done = backend()?.requantize_per(granularity, src, by, dst);
    done.map_err(|error| match (error, by.first_wrong()) {
        (Error::InvalidMultipliers { .. }, Some((slice, error))) => Failure::OfSlice(slice, error),
        (error, _) => Failure::Refused(error),
    })
}
