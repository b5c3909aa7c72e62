//! From accumulators to codes.

use super::backend;
use super::granularity::{CGranularity, same_count};
use super::per_slice::{room, same_slices};
use super::pointers::{Buffers, elements};
use super::status::{Failure, Outcome};
use crate::backend::Backend;
use crate::element::Code;
use crate::error::Error;
use crate::requantize::Requantize;

pub(super) unsafe fn fixed_multiplier(real: f64, multiplier: *mut i32, shift: *mut i32) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (multiplier, shift) =
        unsafe { (buffers.result("multiplier", multiplier)?, buffers.result("shift", shift)?) };
    // Of whatever codes.
    if let Some(fixed) = Requantize::<i8>::fixed_from_real(real, 0)?.multiplier_and_shift() {
        (*multiplier, *shift) = fixed;
    }
    Ok(())
}

unsafe fn all<Q: Code>(
    src: *const i32,
    n: usize,
    dst: *mut Q,
    by: Result<Requantize<Q>, Error>,
    (qmin, qmax): (i32, i32),
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, dst) =
        unsafe { (buffers.input("src", src, n)?, buffers.output("dst", dst, elements::<Q>(n))?) };
    Ok(backend()?.requantize(src, &by?.with_codes(qmin, qmax)?, dst)?)
}

pub(super) unsafe fn requantize<Q: Code>(
    src: *const i32,
    n: usize,
    multiplier: f32,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { all(src, n, dst, Requantize::float(multiplier, zero_point), (qmin, qmax)) }
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn requantize_fixed<Q: Code>(
    src: *const i32,
    n: usize,
    multiplier: i32,
    shift: i32,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { all(src, n, dst, Requantize::fixed(multiplier, shift, zero_point), (qmin, qmax)) }
}

/// What both kinds of multipliers have in common.
struct Sliced<Q> {
    granularity: CGranularity,
    src: *const i32,
    n: usize,
    zero_points: *const i32,
    slices: usize,
    codes: (i32, i32),
    dst: *mut Q,
    dst_n: usize,
}

impl<Q: Code> Sliced<Q> {
    /// `of_slice` makes a slice's parameters of its zero point.
    unsafe fn run(
        self,
        mut buffers: Buffers,
        of_slice: impl Fn(usize, i32) -> Result<Requantize<Q>, Error>,
    ) -> Outcome {
        let granularity = self.granularity.checked()?;
        // SAFETY: the header's terms.
        let (src, zero_points, dst) = unsafe {
            (
                buffers.input("src", self.src, self.n)?,
                buffers.optional_input("zero_points", self.zero_points, self.slices)?,
                buffers.output("dst", self.dst, elements::<Q>(self.dst_n))?,
            )
        };
        same_count(&self.granularity, self.n, self.dst_n)?;
        same_slices(granularity.slices(), self.slices)?;
        let (qmin, qmax) = self.codes;
        let any = Requantize::float(0.0, 0)?.with_codes(qmin, qmax)?;
        let mut params = room(self.slices, any)?;
        for (i, p) in params.iter_mut().enumerate() {
            let of_slice = of_slice(i, zero_points.map_or(0, |z| z[i]));
            *p = of_slice
                .and_then(|p| p.with_codes(qmin, qmax))
                .map_err(|error| Failure::OfSlice { slice: i, error })?;
        }
        Ok(backend()?.requantize_per(granularity, src, &params, dst)?)
    }
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn requantize_per<Q: Code>(
    granularity: CGranularity,
    src: *const i32,
    n: usize,
    multipliers: *const f32,
    zero_points: *const i32,
    slices: usize,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let mut buffers = Buffers::default();
    let codes = (qmin, qmax);
    // SAFETY: the header's terms.
    unsafe {
        let multipliers = buffers.input("multipliers", multipliers, slices)?;
        Sliced { granularity, src, n, zero_points, slices, codes, dst, dst_n }
            .run(buffers, |i, zero_point| Requantize::float(multipliers[i], zero_point))
    }
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn requantize_fixed_per<Q: Code>(
    granularity: CGranularity,
    src: *const i32,
    n: usize,
    multipliers: *const i32,
    shifts: *const i32,
    zero_points: *const i32,
    slices: usize,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let mut buffers = Buffers::default();
    let codes = (qmin, qmax);
    // SAFETY: the header's terms.
    unsafe {
        let multipliers = buffers.input("multipliers", multipliers, slices)?;
        let shifts = buffers.input("shifts", shifts, slices)?;
        Sliced { granularity, src, n, zero_points, slices, codes, dst, dst_n }
            .run(buffers, |i, zero_point| Requantize::fixed(multipliers[i], shifts[i], zero_point))
    }
}
