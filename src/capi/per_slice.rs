//! Operations with a scale and a zero point for each slice of a tensor.
//!
//! As in `per_tensor.rs`, all are `unsafe` because pointers are what the header says, and lengths count
//! numbers and codes.

use super::backend;
use super::granularity::{CGranularity, same_count};
use super::pointers::{Buffers, elements, is_same};
use super::scheme::CScheme;
use super::status::{Failure, Outcome};
use super::types::{Flag, Stats};
use crate::backend::Backend;
use crate::element::{Code, Compute, Real};
use crate::error::Error;
use crate::range::MinMax;
use crate::slices::{Params, ParamsMut, ZeroPoints, ZeroPointsMut};

/// Arrays of scales and zero points, over all codes; NULL instead of the zero points says that all are 0.
unsafe fn arrays<'a, T: Compute, Q: Code>(
    buffers: &mut Buffers,
    scales: *const T,
    zero_points: *const i32,
    slices: usize,
) -> Result<Params<'a, T, Q>, Failure> {
    // SAFETY: the header's terms.
    unsafe { arrays_with_codes(buffers, scales, zero_points, slices, Q::MIN, Q::MAX) }
}

/// The same over the codes `qmin..=qmax`.
unsafe fn arrays_with_codes<'a, T: Compute, Q: Code>(
    buffers: &mut Buffers,
    scales: *const T,
    zero_points: *const i32,
    slices: usize,
    qmin: i32,
    qmax: i32,
) -> Result<Params<'a, T, Q>, Failure> {
    // SAFETY: the header's terms.
    let (scales, zero_points) = unsafe {
        (
            buffers.input("scales", scales, slices)?,
            buffers.optional_input("zero_points", zero_points, slices)?,
        )
    };
    let zero_points = zero_points.map_or(ZeroPoints::Zero, ZeroPoints::Integers);
    Ok(Params::arrays_with_codes(scales, zero_points, qmin, qmax))
}

/// Room for `count` values, or the status that says there is none.
pub(super) fn room<T: Clone>(count: usize, value: T) -> Result<Vec<T>, Failure> {
    let mut room = Vec::new();
    if room.try_reserve_exact(count).is_err() {
        return Err(Failure::Memory { bytes: count.saturating_mul(size_of::<T>()) });
    }
    room.resize(count, value);
    Ok(room)
}

/// Refuses a number of parameters or results other than the slices: before anything is allocated.
pub(super) fn same_slices(slices: usize, params: usize) -> Outcome {
    if slices != params {
        return Err(Error::ParamsMismatch { slices, params }.into());
    }
    Ok(())
}

pub(super) unsafe fn min_max_per<T: Real>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    min: *mut T::Compute,
    max: *mut T::Compute,
    has_nan: *mut Flag,
    slices: usize,
) -> Outcome {
    let granularity = granularity.checked()?;
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, min, max, has_nan) = unsafe {
        (
            buffers.input("src", src, n)?,
            buffers.output("min", min, slices)?,
            buffers.output("max", max, slices)?,
            buffers.output("has_nan", has_nan.cast::<i32>(), slices)?,
        )
    };
    same_slices(granularity.slices(), slices)?;
    let mut seen = room(slices, MinMax::EMPTY)?;
    backend()?.min_max_per(granularity, src, &mut seen)?;
    for (i, seen) in seen.iter().enumerate() {
        (min[i], max[i], has_nan[i]) = (seen.min, seen.max, seen.has_nan.into());
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn quantize_per<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    slices: usize,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let (qmin, qmax) = (Q::MIN, Q::MAX);
    // SAFETY: the header's terms.
    unsafe {
        quantize_per_with_codes(
            granularity,
            src,
            n,
            scales,
            zero_points,
            slices,
            qmin,
            qmax,
            dst,
            dst_n,
        )
    }
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn quantize_per_with_codes<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    slices: usize,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let checked = granularity.checked()?;
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, params, dst) = unsafe {
        (
            buffers.input("src", src, n)?,
            arrays_with_codes::<_, Q>(&mut buffers, scales, zero_points, slices, qmin, qmax)?,
            buffers.output("dst", dst, elements::<Q>(dst_n))?,
        )
    };
    same_count(&granularity, n, dst_n)?;
    Ok(backend()?.quantize_per(checked, src, params, dst)?)
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn dequantize_per<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const Q,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    slices: usize,
    dst: *mut T,
    dst_n: usize,
) -> Outcome {
    let checked = granularity.checked()?;
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, params, dst) = unsafe {
        (
            buffers.input("src", src, elements::<Q>(n))?,
            arrays::<_, Q>(&mut buffers, scales, zero_points, slices)?,
            buffers.output("dst", dst, dst_n)?,
        )
    };
    same_count(&granularity, n, dst_n)?;
    Ok(backend()?.dequantize_per(checked, src, params, dst)?)
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn quantize_dynamic_per<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scheme: CScheme,
    bits: u32,
    scales: *mut T::Compute,
    zero_points: *mut i32,
    slices: usize,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let (checked, scheme) = (granularity.checked()?, scheme.with_bits(bits)?);
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, scales) =
        unsafe { (buffers.input("src", src, n)?, buffers.output("scales", scales, slices)?) };
    // Of no slices it may be NULL too, whatever the scheme.
    let zero_points = if zero_points.is_null() && slices > 0 {
        // Those of unsigned codes are not 0, which NULL means to whoever dequantizes.
        if Q::MIN == 0 {
            return Err(Failure::Unsigned);
        }
        ZeroPointsMut::Omitted
    } else {
        // SAFETY: the header's terms.
        ZeroPointsMut::Integers(unsafe { buffers.output("zero_points", zero_points, slices)? })
    };
    // SAFETY: the header's terms.
    let dst = unsafe { buffers.output("dst", dst, elements::<Q>(dst_n))? };
    same_count(&granularity, n, dst_n)?;
    let params = ParamsMut::arrays(scales, zero_points);
    Ok(backend()?.quantize_dynamic_per(checked, src, scheme, params, dst)?)
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn fake_quantize_per<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    slices: usize,
    dst: *mut T,
    dst_n: usize,
) -> Outcome {
    let checked = granularity.checked()?;
    let mut buffers = Buffers::default();
    same_count(&granularity, n, dst_n)?;
    let pitches_agree = granularity.src_pitch == granularity.dst_pitch;
    if is_same(src, dst, n) && n == dst_n && pitches_agree {
        // SAFETY: the header's terms.
        let (params, x) = unsafe {
            (
                arrays::<_, Q>(&mut buffers, scales, zero_points, slices)?,
                buffers.output("dst", dst, n)?,
            )
        };
        return Ok(backend()?.fake_quantize_in_place_per(checked, x, params)?);
    }
    // SAFETY: the header's terms.
    let (src, params, dst) = unsafe {
        (
            buffers.input("src", src, n)?,
            arrays::<_, Q>(&mut buffers, scales, zero_points, slices)?,
            buffers.output("dst", dst, dst_n)?,
        )
    };
    Ok(backend()?.fake_quantize_per(checked, src, params, dst)?)
}

pub(super) unsafe fn quantization_error_per<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    slices: usize,
    stats: *mut Stats,
) -> Outcome {
    let granularity = granularity.checked()?;
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, params, stats) = unsafe {
        (
            buffers.input("src", src, n)?,
            arrays::<_, Q>(&mut buffers, scales, zero_points, slices)?,
            buffers.result("stats", stats)?,
        )
    };
    *stats = backend()?.quantization_error_per(granularity, src, params)?.into();
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn quantize_with_sums<T: Real, Q: Code>(
    granularity: CGranularity,
    src: *const T,
    n: usize,
    scales: *const T::Compute,
    zero_points: *const i32,
    sums: *mut i64,
    slices: usize,
    dst: *mut Q,
    dst_n: usize,
) -> Outcome {
    let checked = granularity.checked()?;
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, params, sums, dst) = unsafe {
        (
            buffers.input("src", src, n)?,
            arrays::<_, Q>(&mut buffers, scales, zero_points, slices)?,
            buffers.output("sums", sums, slices)?,
            buffers.output("dst", dst, elements::<Q>(dst_n))?,
        )
    };
    same_count(&granularity, n, dst_n)?;
    Ok(backend()?.quantize_with_sums(checked, src, params, dst, sums)?)
}

pub(super) unsafe fn sum_per<Q: Code>(
    granularity: CGranularity,
    src: *const Q,
    n: usize,
    sums: *mut i64,
    slices: usize,
) -> Outcome {
    let checked = granularity.checked()?;
    if !granularity.is_pitched() && n != checked.len() {
        return Err(Error::ShapeMismatch { shape: checked.len(), len: n }.into());
    }
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, sums) = unsafe {
        (buffers.input("src", src, elements::<Q>(n))?, buffers.output("sums", sums, slices)?)
    };
    Ok(backend()?.sum_per(checked, src, sums)?)
}
