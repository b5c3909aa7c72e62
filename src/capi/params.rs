//! The C structures of parameters.

use core::ffi::c_void;

use bytemuck::AnyBitPattern;

use super::pointers::Buffers;
use super::status::Failure;
use crate::element::{Code, CodeType, Compute};
use crate::params::QParams;
use crate::scheme::Scheme;
use crate::slices::{Params, ZeroPoints};

/// The C type `zp_scheme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CScheme(pub i32);

impl CScheme {
    pub const ASYMMETRIC: Self = Self(0);
    pub const ASYMMETRIC_RAW: Self = Self(1);
    pub const SYMMETRIC: Self = Self(2);
    pub const SYMMETRIC_FULL: Self = Self(3);

    /// Returns the scheme with codes of `bits` bits, or of all bits of the type if `bits` is 0.
    pub(super) fn with_bits(self, bits: u32) -> Result<Scheme, Failure> {
        let scheme = match self {
            Self::ASYMMETRIC => Scheme::asymmetric(),
            Self::ASYMMETRIC_RAW => Scheme::asymmetric().raw_range(),
            Self::SYMMETRIC => Scheme::symmetric(),
            Self::SYMMETRIC_FULL => Scheme::symmetric().full_range(),
            Self(scheme) => return Err(Failure::Scheme(scheme)),
        };
        Ok(if bits == 0 { scheme } else { scheme.bits(bits) })
    }
}

/// The C type `zp_params`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct CParams {
    pub scale: f64,
    pub zero_point: i32,
    pub qmin: i32,
    pub qmax: i32,
}

impl CParams {
    #[inline(always)]
    pub(super) fn checked<S: Compute, Q: Code>(&self) -> Result<QParams<S, Q>, Failure> {
        let (qmin, qmax) = codes((self.qmin, self.qmax), CodeType::of::<Q>());
        Ok(QParams::with_codes(exact("scale", self.scale)?, self.zero_point, qmin, qmax)?)
    }

    /// Writes the fields one by one, so that padding is not written.
    pub(super) fn set<S: Compute, Q: Code>(&mut self, p: &QParams<S, Q>) {
        self.scale = p.scale().to_f64();
        (self.zero_point, self.qmin, self.qmax) = (p.zero_point(), p.qmin(), p.qmax());
    }
}

/// The C type `zp_slice_params`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CSliceParams {
    pub scales: *const c_void,
    pub zero_points: *const i32,
    pub slices: usize,
    pub qmin: i32,
    pub qmax: i32,
}

impl CSliceParams {
    /// Returns the scales and the zero points.
    ///
    /// # Safety
    ///
    /// Both arrays are valid for [`Buffers::input`].
    pub(super) unsafe fn arrays<'b, S: AnyBitPattern, Q: Code>(
        &self,
        buffers: &'b Buffers,
    ) -> Result<(&'b [S], ZeroPoints<'b, Q>), Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        unsafe {
            let scales = buffers.input("scales", self.scales, self.slices)?;
            Ok((scales, zero_points(buffers, self.zero_points, self.slices)?))
        }
    }

    /// Returns the parameters, checked.
    ///
    /// # Safety
    ///
    /// Both arrays are valid for [`Buffers::input`].
    pub(super) unsafe fn checked<'b, S: Compute, Q: Code>(
        &self,
        buffers: &'b Buffers,
    ) -> Result<Params<'b, S, Q>, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        let (scales, zero_points) = unsafe { self.arrays(buffers)? };
        let (qmin, qmax) = codes((self.qmin, self.qmax), CodeType::of::<Q>());
        Ok(Params::arrays_with_codes(scales, zero_points, qmin, qmax))
    }
}

/// Returns the zero points; NULL says that they are all 0.
///
/// # Safety
///
/// The array is valid for [`Buffers::input`].
pub(super) unsafe fn zero_points<'b, Q>(
    buffers: &'b Buffers,
    ptr: *const i32,
    slices: usize,
) -> Result<ZeroPoints<'b, Q>, Failure> {
    if ptr.is_null() {
        return Ok(ZeroPoints::Zero);
    }
    // SAFETY: the caller upholds the safety contract of this function.
    unsafe { buffers.input("zero_points", ptr.cast(), slices) }.map(ZeroPoints::Integers)
}

/// Returns the least and the greatest code. The ends of `i32` stand for the ends of the type.
#[inline(always)]
pub(super) fn codes((qmin, qmax): (i32, i32), of: CodeType) -> (i32, i32) {
    (if qmin == i32::MIN { of.min } else { qmin }, if qmax == i32::MAX { of.max } else { qmax })
}

/// Converts a number to the type of computation, or returns an error if this type does not have the number.
#[inline(always)]
pub(super) fn exact<S: Compute>(argument: &'static str, x: f64) -> Result<S, Failure> {
    let number = S::from_f64(x);
    if number.to_f64() != x && !x.is_nan() {
        return Err(Failure::NotAFloat(argument, x));
    }
    Ok(number)
}
