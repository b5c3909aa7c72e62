//! The one trait that every way of computing implements, and the scalar one.

mod schedule;

pub use schedule::Scalar;
pub(crate) use schedule::{Isa, Part, Schedule};

use crate::element::{Code, Compute, Real};
use crate::engine::Stores;
use crate::error::Error;
use crate::granularity::Granularity;
use crate::params::QParams;
use crate::range::{self, MinMax, Range};
use crate::scheme::Scheme;
use crate::slices::Params;
use crate::stats::{ErrorStats, Sums};

/// A way of computing the operations of this crate: [`Scalar`], the vector instructions of a CPU,
/// or several threads. All give the same bits; they differ in speed.
///
/// The trait is sealed. Backends are small `Copy` values: pass them by value, keep them in your
/// engine. A backend for a CPU's instructions exists only where that CPU was found
/// ([`Avx2::detect`](crate::Avx2::detect) and so on).
///
/// ```
/// use zeropoint::{Auto, Backend, QParams, Scalar};
///
/// fn run(backend: impl Backend) -> Result<Vec<u8>, zeropoint::Error> {
///     let p = QParams::<f32, u8>::new(0.1, 100)?;
///     let mut q = vec![0; 3];
///     backend.quantize(&[-1.0_f32, 0.25, 70.0], &p, &mut q)?;
///     Ok(q)
/// }
/// assert_eq!(run(Scalar)?, [90, 102, 255]);
/// assert_eq!(run(Auto::detect()?)?, [90, 102, 255]);
/// # #[cfg(feature = "rayon")]
/// assert_eq!(run(zeropoint::Parallel::new(Auto::detect()?))?, [90, 102, 255]);
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub trait Backend: Schedule {
    /// The name that `ZEROPOINT_BACKEND` knows its instructions by.
    fn name(&self) -> &'static str {
        self.isa().name()
    }

    /// The least and the greatest element, and whether there is a NaN.
    ///
    /// A NaN is never a bound, and a zero bound is `+0.0`. Infinities are ordinary numbers. With
    /// nothing but NaNs, or nothing at all, `min` is `+inf` and `max` is `-inf`.
    fn min_max<T: Real>(&self, src: &[T]) -> MinMax<T::Compute> {
        let engine = T::real_engine(self.isa());
        self.reduce(src, 1, &|piece: &[T]| engine.min_max(piece), &MinMax::merge)
    }

    /// The checked range of a slice: [`min_max`](Self::min_max) without NaN and infinities.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn range<T: Real>(&self, src: &[T]) -> Result<Range<T::Compute>, Error> {
        Range::from_observed(src, self.min_max(src))
    }

    /// The greatest magnitude of a slice, `max |x|`: the α of a symmetric scheme.
    ///
    /// [`Scheme::params_from_alpha`] makes the parameters that [`range`](Self::range) and
    /// [`Scheme::params`] make, and this takes less time than the range. Where all is zero, it is
    /// `+0.0`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn abs_max<T: Real>(&self, src: &[T]) -> Result<T::Compute, Error> {
        let engine = T::real_engine(self.isa());
        let seen =
            self.reduce(src, 1, &|piece: &[T]| engine.abs_max(piece), &range::greater_magnitude);
        range::checked_abs_max(src, seen)
    }

    /// The scale and the zero point of every range, `dst[i]` from `ranges[i]`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], and what [`Scheme::params`] refuses, for the first such range:
    /// `dst` then has been written up to it.
    fn params<T: Compute, Q: Code>(
        &self,
        ranges: &[Range<T>],
        scheme: Scheme,
        dst: &mut [QParams<T, Q>],
    ) -> Result<(), Error> {
        same_length(ranges, dst)?;
        let engine = T::engine::<Q>(self.isa());
        for (range, p) in ranges.iter().zip(dst) {
            *p = engine.params(*range, scheme)?;
        }
        Ok(())
    }

    /// Turns numbers into codes.
    ///
    /// ```text
    /// dst[i] = clamp(rint(src[i] / scale) + zero_point, qmin, qmax)
    /// ```
    ///
    /// A true division, rounded once; `rint` takes ties to even; the zero point is added to the
    /// rounded integer. NaN becomes `qmin`, `+inf` becomes `qmax`, `-inf` becomes `qmin`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn quantize<T: Real, Q: Code>(
        &self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        same_codes::<Q>(src.len(), dst.len())?;
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        self.map(src, dst, &|_, src: &[T], dst: &mut [Q]| {
            engine.quantize(src, p.affine(), dst, 0, stores);
        });
        Ok(())
    }

    /// Turns codes back into numbers.
    ///
    /// ```text
    /// dst[i] = T(src[i] - zero_point) * scale
    /// ```
    ///
    /// The difference is an exact integer. The product may round to an infinity, where the range
    /// that the scale came from was wider than the type's largest number.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn dequantize<T: Real, Q: Code>(
        &self,
        src: &[Q],
        p: &QParams<T::Compute, Q>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        codes_for::<Q>(src.len(), dst.len())?;
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        self.map(src, dst, &|_, src: &[Q], dst: &mut [T]| {
            engine.dequantize(src, 0, p.affine(), dst, stores);
        });
        Ok(())
    }

    /// Quantizes with parameters from the data's own range: [`range`](Self::range), then
    /// [`Scheme::params`], then [`quantize`](Self::quantize), in one call. The result is exactly that of
    /// the three; it takes less time, since the data are known to be within the range, and a symmetric
    /// scheme needs only [`abs_max`](Self::abs_max) of it.
    ///
    /// # Errors
    ///
    /// Those of the three, the lengths checked first; nothing is written then.
    fn quantize_dynamic<T: Real, Q: Code>(
        &self,
        src: &[T],
        scheme: Scheme,
        dst: &mut [Q],
    ) -> Result<QParams<T::Compute, Q>, Error> {
        same_codes::<Q>(src.len(), dst.len())?;
        let p = if scheme.is_symmetric() {
            scheme.params_from_alpha(self.abs_max(src)?)?
        } else {
            scheme.params(self.range(src)?)?
        };
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        self.map(src, dst, &|_, src: &[T], dst: &mut [Q]| {
            engine.quantize_within(src, p.affine(), dst, 0, stores);
        });
        Ok(p)
    }

    /// How far `src` and its quantized form are apart, without writing either form.
    ///
    /// The sums are made in a fixed order: the same bits from every backend and thread count.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn quantization_error<T: Real, Q: Code>(
        &self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
    ) -> Result<ErrorStats, Error> {
        if src.is_empty() {
            return Err(Error::Empty);
        }
        let engine = T::real_engine(self.isa());
        // As long as reading `src` eight times.
        let sums =
            self.reduce(src, 8, &|piece: &[T]| engine.error_sums(piece, p.affine()), &Sums::add);
        ErrorStats::new(src, sums)
    }

    /// [`min_max`](Self::min_max) of every slice of a tensor.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::ParamsMismatch`]; nothing is written then.
    fn min_max_per<T: Real>(
        &self,
        granularity: Granularity,
        src: &[T],
        dst: &mut [MinMax<T::Compute>],
    ) -> Result<(), Error> {
        granularity.check(src.len(), dst.len())?;
        T::real_engine(self.isa()).min_max_slices(&granularity, src, dst);
        Ok(())
    }

    /// [`quantize`](Self::quantize) with a scale and a zero point for every slice of a tensor.
    ///
    /// `params` is a slice of [`QParams`], or arrays of scales and zero points ([`Params::arrays`]).
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::ParamsMismatch`], [`Error::LengthMismatch`],
    /// [`Error::InvalidParams`]; nothing is written then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar};
    /// let p = [QParams::<f32, i8>::new(0.5, 0)?, QParams::new(2.0, 0)?];
    /// let (x, mut q) = ([1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [0; 6]);
    /// Scalar.quantize_per(Granularity::channel(&[2, 3], 0)?, &x, &p, &mut q)?;
    /// assert_eq!(q, [2, 4, 6, 2, 2, 3]);
    /// // Rows of blocks of 2 elements, the last one short.
    /// let p = [p[0], p[1], p[1], p[0]];
    /// Scalar.quantize_per(Granularity::block(&[2, 3], 1, 2)?, &x, &p, &mut q)?;
    /// assert_eq!(q, [2, 4, 2, 2, 2, 12]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn quantize_per<'a, T: Real, Q: Code>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, T::Compute, Q>>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        let params = params.into();
        granularity.check(src.len(), params.checked_len()?)?;
        same_codes::<Q>(src.len(), dst.len())?;
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        self.map(src, dst, &|first, src: &[T], dst: &mut [Q]| {
            engine.quantize_slices(&granularity, first, src, &params, dst, stores);
        });
        Ok(())
    }

    /// [`dequantize`](Self::dequantize) with a scale and a zero point for every slice of a tensor.
    ///
    /// # Errors
    ///
    /// Those of [`quantize_per`](Self::quantize_per); nothing is written then.
    fn dequantize_per<'a, T: Real, Q: Code>(
        &self,
        granularity: Granularity,
        src: &[Q],
        params: impl Into<Params<'a, T::Compute, Q>>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        let params = params.into();
        granularity.check(dst.len(), params.checked_len()?)?;
        codes_for::<Q>(src.len(), dst.len())?;
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        self.map(src, dst, &|first, src: &[Q], dst: &mut [T]| {
            engine.dequantize_slices(&granularity, first, src, &params, dst, stores);
        });
        Ok(())
    }

    /// [`quantize_dynamic`](Self::quantize_dynamic) for every slice of a tensor by itself, where each
    /// slice is contiguous: per row, per block of the last axis, per channel of the first axis.
    ///
    /// Memory is read once: a slice's second pass finds it in the caches.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::ParamsMismatch`], [`Error::LengthMismatch`],
    /// [`Error::SlicesNotContiguous`]: nothing is written then. [`Error::NotFinite`] with the index of
    /// the first NaN or infinity in the tensor, and what [`Scheme::params`] refuses: the contents of
    /// `params` and `dst` are unspecified then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar, Scheme};
    /// let x = [1.0_f32, -1.27, 0.5, 127.0, 0.0, 100.0];
    /// let (mut p, mut q) = ([QParams::default(); 2], [0_i8; 6]);
    /// let rows = Granularity::row(2, 3)?;
    /// Scalar.quantize_dynamic_per(rows, &x, Scheme::symmetric(), &mut p, &mut q)?;
    /// assert_eq!(q, [100, -127, 50, 127, 0, 100]);
    /// assert_eq!(p[1].scale(), 1.0);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn quantize_dynamic_per<T: Real, Q: Code>(
        &self,
        granularity: Granularity,
        src: &[T],
        scheme: Scheme,
        params: &mut [QParams<T::Compute, Q>],
        dst: &mut [Q],
    ) -> Result<(), Error> {
        granularity.check(src.len(), params.len())?;
        same_codes::<Q>(src.len(), dst.len())?;
        if !granularity.is_contiguous() {
            return Err(Error::SlicesNotContiguous);
        }
        let reals = T::real_engine(self.isa());
        let engine = T::engine::<Q>(self.isa());
        let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
        let (_, len, slices) = granularity.parts();
        let part = Part { len, slices, codes: Q::PER_ELEMENT };
        self.map_parts(src, part, params, dst, &|first: usize, src: &[T], params, dst| {
            // A whole tensor without elements has parts all the same.
            let parts = granularity.of_parts(params.len() / slices.max(1));
            engine
                .quantize_dynamic_slices(reals, &parts, src, scheme, params, dst, stores)
                .map_err(|error| error.behind(first))
        })
    }

    /// [`quantization_error`](Self::quantization_error) with a scale and a zero point for every slice of
    /// a tensor, where each slice is contiguous.
    ///
    /// The sums of each slice are made in their own fixed order, then those of the slices in the same.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`]; those of [`quantize_per`](Self::quantize_per);
    /// [`Error::SlicesNotContiguous`]; [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn quantization_error_per<'a, T: Real, Q: Code>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, T::Compute, Q>>,
    ) -> Result<ErrorStats, Error> {
        let params = params.into();
        granularity.check(src.len(), params.checked_len()?)?;
        if src.is_empty() {
            return Err(Error::Empty);
        }
        if !granularity.is_contiguous() {
            return Err(Error::SlicesNotContiguous);
        }
        let engine = T::real_engine(self.isa());
        ErrorStats::new(src, engine.error_of_slices(&granularity, src, &params))
    }
}

impl<B: Schedule> Backend for B {}

fn same_length<A, B>(src: &[A], dst: &[B]) -> Result<(), Error> {
    if src.len() == dst.len() {
        Ok(())
    } else {
        Err(Error::LengthMismatch { src: src.len(), dst: dst.len() })
    }
}

/// Refuses codes of another number than `len`.
fn same_codes<Q: Code>(len: usize, codes: usize) -> Result<(), Error> {
    if len.div_ceil(Q::PER_ELEMENT) == codes {
        Ok(())
    } else {
        Err(Error::LengthMismatch { src: len, dst: codes })
    }
}

/// The same where the codes are the source.
fn codes_for<Q: Code>(codes: usize, len: usize) -> Result<(), Error> {
    same_codes::<Q>(len, codes).map_err(|_| Error::LengthMismatch { src: codes, dst: len })
}
