//! Operations with one scale and one zero point.
//!
//! All are `unsafe` for one reason: pointers are what the header says. `n` counts numbers and codes, also
//! of packed codes.

use super::backend;
use super::pointers::{Buffers, elements, is_same};
use super::scheme::CScheme;
use super::status::{Failure, Outcome};
use super::types::{Flag, Stats};
use crate::backend::Backend;
use crate::element::{Code, Compute, Real, code_at};
use crate::params::QParams;
use crate::range::Range;

pub(super) unsafe fn min_max<T: Real>(
    src: *const T,
    n: usize,
    min: *mut T::Compute,
    max: *mut T::Compute,
    has_nan: *mut Flag,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, min, max, has_nan) = unsafe {
        (
            buffers.input("src", src, n)?,
            buffers.result("min", min)?,
            buffers.result("max", max)?,
            buffers.result("has_nan", has_nan.cast::<i32>())?,
        )
    };
    let seen = backend()?.min_max(src);
    (*min, *max, *has_nan) = (seen.min, seen.max, seen.has_nan.into());
    Ok(())
}

pub(super) unsafe fn abs_max<T: Real>(src: *const T, n: usize, alpha: *mut T::Compute) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, alpha) = unsafe { (buffers.input("src", src, n)?, buffers.result("alpha", alpha)?) };
    *alpha = backend()?.abs_max(src)?;
    Ok(())
}

/// Where parameters go. The codes may go nowhere.
struct ParamsOut<'a, T> {
    scale: &'a mut T,
    zero_point: &'a mut i32,
    qmin: Option<&'a mut i32>,
    qmax: Option<&'a mut i32>,
}

impl<T: Compute> ParamsOut<'_, T> {
    unsafe fn new(
        buffers: &mut Buffers,
        scale: *mut T,
        zero_point: *mut i32,
        qmin: *mut i32,
        qmax: *mut i32,
    ) -> Result<Self, Failure> {
        // SAFETY: the header's terms.
        unsafe {
            Ok(Self {
                scale: buffers.result("scale", scale)?,
                zero_point: buffers.result("zero_point", zero_point)?,
                qmin: buffers.optional_result("qmin", qmin)?,
                qmax: buffers.optional_result("qmax", qmax)?,
            })
        }
    }

    fn set<Q: Code>(self, p: &QParams<T, Q>) {
        *self.scale = p.scale();
        *self.zero_point = p.zero_point();
        if let Some(qmin) = self.qmin {
            *qmin = p.qmin();
        }
        if let Some(qmax) = self.qmax {
            *qmax = p.qmax();
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "as C has them")]
pub(super) unsafe fn params<T: Compute, Q: Code>(
    min: T,
    max: T,
    scheme: CScheme,
    bits: u32,
    scale: *mut T,
    zero_point: *mut i32,
    qmin: *mut i32,
    qmax: *mut i32,
) -> Outcome {
    // SAFETY: the header's terms.
    let out = unsafe { ParamsOut::new(&mut Buffers::default(), scale, zero_point, qmin, qmax)? };
    let p = scheme.with_bits(bits)?.params::<T, Q>(Range::new(min, max)?)?;
    out.set(&p);
    Ok(())
}

pub(super) unsafe fn params_from_alpha<T: Compute, Q: Code>(
    alpha: T,
    scheme: CScheme,
    bits: u32,
    scale: *mut T,
    zero_point: *mut i32,
    qmin: *mut i32,
    qmax: *mut i32,
) -> Outcome {
    // SAFETY: the header's terms.
    let out = unsafe { ParamsOut::new(&mut Buffers::default(), scale, zero_point, qmin, qmax)? };
    let p = scheme.with_bits(bits)?.params_from_alpha::<T, Q>(alpha)?;
    out.set(&p);
    Ok(())
}

pub(super) unsafe fn quantize<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    dst: *mut Q,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { quantize_with_codes(src, n, scale, zero_point, Q::MIN, Q::MAX, dst) }
}

pub(super) unsafe fn quantize_with_codes<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    dst: *mut Q,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, dst) =
        unsafe { (buffers.input("src", src, n)?, buffers.output("dst", dst, elements::<Q>(n))?) };
    let p = QParams::with_codes(scale, zero_point, qmin, qmax)?;
    Ok(backend()?.quantize(src, &p, dst)?)
}

pub(super) unsafe fn dequantize<T: Real, Q: Code>(
    src: *const Q,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    dst: *mut T,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, dst) =
        unsafe { (buffers.input("src", src, elements::<Q>(n))?, buffers.output("dst", dst, n)?) };
    let p = QParams::<_, Q>::new(scale, zero_point)?;
    Ok(backend()?.dequantize(src, &p, dst)?)
}

pub(super) unsafe fn quantize_dynamic<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    dst: *mut Q,
    scale: *mut T::Compute,
    zero_point: *mut i32,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { quantize_dynamic_scheme(src, n, CScheme::ASYMMETRIC, 0, dst, scale, zero_point) }
}

pub(super) unsafe fn quantize_dynamic_scheme<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    scheme: CScheme,
    bits: u32,
    dst: *mut Q,
    scale: *mut T::Compute,
    zero_point: *mut i32,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, dst, scale, zero_point) = unsafe {
        (
            buffers.input("src", src, n)?,
            buffers.output("dst", dst, elements::<Q>(n))?,
            buffers.result("scale", scale)?,
            buffers.result("zero_point", zero_point)?,
        )
    };
    let p = backend()?.quantize_dynamic(src, scheme.with_bits(bits)?, dst)?;
    (*scale, *zero_point) = (p.scale(), p.zero_point());
    Ok(())
}

pub(super) unsafe fn fake_quantize<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    dst: *mut T,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { fake_quantize_with_codes(src, n, scale, zero_point, Q::MIN, Q::MAX, dst) }
}

pub(super) unsafe fn fake_quantize_with_codes<T: Real>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    dst: *mut T,
) -> Outcome {
    let mut buffers = Buffers::default();
    // The code type is no more than its codes here.
    let p = || QParams::<_, i32>::with_codes(scale, zero_point, qmin, qmax);
    if is_same(src, dst, n) {
        // SAFETY: the header's terms.
        let x = unsafe { buffers.output("dst", dst, n)? };
        backend()?.fake_quantize_in_place(x, &p()?);
        return Ok(());
    }
    // SAFETY: the header's terms.
    let (src, dst) = unsafe { (buffers.input("src", src, n)?, buffers.output("dst", dst, n)?) };
    Ok(backend()?.fake_quantize(src, &p()?, dst)?)
}

pub(super) unsafe fn quantization_error<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    stats: *mut Stats,
) -> Outcome {
    // SAFETY: the header's terms.
    unsafe { quantization_error_with_codes(src, n, scale, zero_point, Q::MIN, Q::MAX, stats) }
}

pub(super) unsafe fn quantization_error_with_codes<T: Real>(
    src: *const T,
    n: usize,
    scale: T::Compute,
    zero_point: i32,
    qmin: i32,
    qmax: i32,
    stats: *mut Stats,
) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, stats) = unsafe { (buffers.input("src", src, n)?, buffers.result("stats", stats)?) };
    let p = QParams::<_, i32>::with_codes(scale, zero_point, qmin, qmax)?;
    *stats = backend()?.quantization_error(src, &p)?.into();
    Ok(())
}

pub(super) unsafe fn unpack<Q: Code>(src: *const Q, n: usize, dst: *mut i32) -> Outcome {
    let mut buffers = Buffers::default();
    // SAFETY: the header's terms.
    let (src, dst) =
        unsafe { (buffers.input("src", src, elements::<Q>(n))?, buffers.output("dst", dst, n)?) };
    for (i, code) in dst.iter_mut().enumerate() {
        *code = code_at(src, i);
    }
    Ok(())
}
