//! The operations, with known types and checked pointers.

use core::ffi::c_int;

use super::backend;
use super::params::{CParams, CScheme, exact};
use super::status::{Failure, Outcome};
use super::types::Stats;
use crate::backend::Backend;
use crate::element::{Code, Number, Real, code_at};
use crate::granularity::Granularity;
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::requantize::Requantize;
use crate::slices::{Params, ParamsMut, ZeroPointsMut};

type C<T> = <T as Real>::Compute;

pub(super) fn min_max<T: Real>(
    src: &[T],
    min: &mut f64,
    max: &mut f64,
    has_nan: &mut c_int,
) -> Outcome {
    let seen = backend()?.min_max(src);
    (*min, *max, *has_nan) = (seen.min.to_f64(), seen.max.to_f64(), seen.has_nan.into());
    Ok(())
}

pub(super) fn abs_max<T: Real>(src: &[T], alpha: &mut f64) -> Outcome {
    *alpha = backend()?.abs_max(src)?.to_f64();
    Ok(())
}

pub(super) fn params_from_range<T: Real, Q: Code>(
    (min, max): (f64, f64),
    (scheme, bits): (CScheme, u32),
    params: &mut CParams,
) -> Outcome {
    let range = Range::<C<T>>::new(exact("min", min)?, exact("max", max)?)?;
    params.set(&scheme.with_bits(bits)?.params::<_, Q>(range)?);
    Ok(())
}

pub(super) fn params_from_alpha<T: Real, Q: Code>(
    alpha: f64,
    (scheme, bits): (CScheme, u32),
    params: &mut CParams,
) -> Outcome {
    let alpha = exact::<C<T>>("alpha", alpha)?;
    params.set(&scheme.with_bits(bits)?.params_from_alpha::<_, Q>(alpha)?);
    Ok(())
}

pub(super) fn quantize_dynamic<T: Real, Q: Code>(
    src: &[T],
    (scheme, bits): (CScheme, u32),
    dst: &mut [Q],
    params: &mut CParams,
) -> Outcome {
    params.set(&backend()?.quantize_dynamic(src, scheme.with_bits(bits)?, dst)?);
    Ok(())
}

/// Fake-quantizes, in place if there is no `src`. The kernels need the limits of the codes, not their type.
pub(super) fn fake_quantize<T: Real>(
    src: Option<&[T]>,
    params: &QParams<C<T>, i32>,
    dst: &mut [T],
) -> Outcome {
    match src {
        None => backend()?.fake_quantize_in_place(dst, params),
        Some(src) => backend()?.fake_quantize(src, params, dst)?,
    }
    Ok(())
}

pub(super) fn quantization_error<T: Real>(
    src: &[T],
    params: &QParams<C<T>, i32>,
    stats: &mut Stats,
) -> Outcome {
    *stats = backend()?.quantization_error(src, params)?.into();
    Ok(())
}

pub(super) fn unpack<Q: Code>(src: &[Q], dst: &mut [i32]) -> Outcome {
    for (i, code) in dst.iter_mut().enumerate() {
        *code = code_at(src, i);
    }
    Ok(())
}

/// Allocates `count` values, or returns the status that says that there is no memory.
pub(super) fn allocate<X: Clone>(count: usize, value: X) -> Result<Vec<X>, Failure> {
    let mut all = Vec::new();
    if all.try_reserve_exact(count).is_err() {
        return Err(Failure::Memory(count.saturating_mul(size_of::<X>())));
    }
    all.resize(count, value);
    Ok(all)
}

pub(super) fn min_max_per<T: Real>(
    granularity: Granularity,
    src: &[T],
    (min, max): (&mut [C<T>], &mut [C<T>]),
    has_nan: &mut [c_int],
) -> Outcome {
    granularity.check_params(min.len())?;
    let mut seen = allocate(min.len(), MinMax::EMPTY)?;
    backend()?.min_max_per(granularity, src, &mut seen)?;
    for (i, seen) in seen.iter().enumerate() {
        (min[i], max[i], has_nan[i]) = (seen.min, seen.max, seen.has_nan.into());
    }
    Ok(())
}

pub(super) fn quantize_dynamic_per<T: Real, Q: Code>(
    granularity: Granularity,
    src: &[T],
    (scheme, bits): (CScheme, u32),
    dst: &mut [Q],
    scales: &mut [C<T>],
    zero_points: Option<&mut [i32]>,
) -> Outcome {
    let zero_points = match zero_points {
        Some(zero_points) => ZeroPointsMut::Integers(zero_points),
        // Without slices there are no zero points, whatever the scheme.
        None if scales.is_empty() => ZeroPointsMut::Integers(&mut []),
        // Dequantizing assumes zero points of 0 if there are none, but unsigned codes have other zero points.
        None if Q::MIN == 0 => return Err(Failure::Unsigned),
        None => ZeroPointsMut::Omitted,
    };
    let params = ParamsMut::arrays(scales, zero_points);
    Ok(backend()?.quantize_dynamic_per(granularity, src, scheme.with_bits(bits)?, params, dst)?)
}

/// Fake-quantizes slices, in place if there is no `src`.
pub(super) fn fake_quantize_per<T: Real, Q: Code>(
    granularity: Granularity,
    src: Option<&[T]>,
    params: Params<'_, C<T>, Q>,
    dst: &mut [T],
) -> Outcome {
    match src {
        None => Ok(backend()?.fake_quantize_in_place_per(granularity, dst, params)?),
        Some(src) => Ok(backend()?.fake_quantize_per(granularity, src, params, dst)?),
    }
}

pub(super) fn quantization_error_per<T: Real, Q: Code>(
    granularity: Granularity,
    src: &[T],
    params: Params<'_, C<T>, Q>,
    stats: &mut Stats,
) -> Outcome {
    *stats = backend()?.quantization_error_per(granularity, src, params)?.into();
    Ok(())
}

pub(super) fn fixed_multiplier(real: f64, multiplier: &mut i32, shift: &mut i32) -> Outcome {
    // The multiplier is the same for every type of codes.
    if let Some(fixed) = Requantize::<i8>::fixed_from_real(real, 0)?.multiplier_and_shift() {
        (*multiplier, *shift) = fixed;
    }
    Ok(())
}
