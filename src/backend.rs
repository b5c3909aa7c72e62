//! The trait [`Backend`], whose methods check their arguments and call the operations of `drive/`.

#[cfg(feature = "ggml")]
mod blocks;
mod per_slice;
mod schedule;
mod shapes;

#[cfg(feature = "ggml")]
use crate::blocks::{Block, Float};
use crate::drive::{CodeOperations, Operations, RealOperations};
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::params::QParams;
use crate::range::{self, MinMax, Range};
use crate::requantize::Requantize;
use crate::scheme::Scheme;
use crate::slices::{AnyMultipliers, AnyParams, Multipliers, Params, ParamsMut};
use crate::stats::{ErrorStats, Sums};

#[cfg(feature = "alloc")]
pub(crate) use per_slice::finite as finite_per;
pub use schedule::Scalar;
pub(crate) use schedule::Schedule;
#[cfg(feature = "rayon")]
pub(crate) use schedule::{Split, WorkUnits};
use shapes::{
    CodesIn, check_codes, check_lengths, check_per, map, map_in_place, map_per, map_per_in_place,
    reduce,
};

/// A way of computing the operations of this crate: [`Scalar`], the vector instructions of a CPU, or several threads.
///
/// All backends return the same bits; they differ in speed. The trait is sealed. A backend is a small `Copy` value, to
/// be passed by value and kept by an inference engine. A backend for the instructions of a CPU exists only if they were
/// detected ([`Avx2::detect`](crate::Avx2::detect) and so on).
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
    /// Returns the name by which `ZEROPOINT_BACKEND` selects the instructions of this backend.
    fn name(&self) -> &'static str {
        self.isa().name()
    }

    /// Returns the least and the greatest element, and whether there is a NaN.
    ///
    /// [`MinMax`] documents NaN, infinities, zeros, and slices without numbers.
    fn min_max<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(&self, src: &[T]) -> MinMax<S> {
        reduce(self, src, 1, T::Alone::min_max, MinMax::merge)
    }

    /// Returns the checked range of a slice: [`min_max`](Self::min_max), unless there is a NaN or an infinity.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn range<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(
        &self,
        src: &[T],
    ) -> Result<Range<S>, Error> {
        let seen = self.min_max(src);
        Range::try_from(seen)
            .map_err(|error| with_index(error, &Granularity::tensor(src.len()), src))
    }

    /// Returns the greatest magnitude of a slice, `max |x|`: the α of a symmetric scheme.
    ///
    /// With [`Scheme::params_from_alpha`] it leads to the same parameters as [`range`](Self::range) with
    /// [`Scheme::params`], in less time. The greatest magnitude of zeros is `+0.0`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn abs_max<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(
        &self,
        src: &[T],
    ) -> Result<S, Error> {
        let seen = reduce(self, src, 1, T::Alone::abs_max, range::greater_magnitude);
        if src.is_empty() {
            return Err(Error::Empty);
        }
        if !seen.is_finite() {
            return Err(Error::NotFinite { index: first_not_finite(src) });
        }
        Ok(seen)
    }

    /// Computes the parameters of every range, `dst[i]` from `ranges[i]`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], and the error of [`Scheme::params`] for the first range without parameters: `dst` is
    /// written up to this range.
    fn params<T: Compute, Q: Code>(
        &self,
        ranges: &[Range<T>],
        scheme: Scheme,
        dst: &mut [QParams<T, Q>],
    ) -> Result<(), Error> {
        check_lengths(ranges.len(), dst.len(), CodesIn::Dst(1))?;
        for (range, p) in ranges.iter().zip(dst) {
            *p = scheme.params(*range)?;
        }
        Ok(())
    }

    /// Converts numbers to codes.
    ///
    /// ```text
    /// dst[i] = clamp(rint(src[i] / scale) + zero_point, qmin, qmax)
    /// ```
    ///
    /// The quotient is rounded once, as by a true division; `rint` takes ties to even; the zero point is added to the
    /// rounded integer. NaN becomes `qmin`, `+inf` becomes `qmax`, `-inf` becomes `qmin`.
    ///
    /// Codes of `i32` are biases for integer accumulators: the scale is the product of the scales of the inputs and
    /// the weights, the zero point is 0, and numbers beyond 32 bits saturate.
    ///
    /// ```
    /// use zeropoint::{Backend, QParams, Scalar};
    /// let (s_x, s_w) = (0.5_f32, 0.25);
    /// let p = QParams::<f32, i32>::new(s_x * s_w, 0)?;
    /// let mut bias = [0; 3];
    /// Scalar.quantize(&[1.0_f32, -0.3, 1e30], &p, &mut bias)?;
    /// assert_eq!(bias, [8, -2, i32::MAX]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn quantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        src: &[T],
        p: &QParams<S, Q>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        map(self, (src, dst), CodesIn::Dst(Q::PER_ELEMENT), p.affine(), T::With::<Q>::quantize)
    }

    /// Converts codes back to numbers.
    ///
    /// ```text
    /// dst[i] = T(src[i] - zero_point) * scale
    /// ```
    ///
    /// The difference is an exact integer. Its conversion to `T` rounds to nearest, ties to even, which may be needed
    /// for codes of `i32`: biases and accumulators. The product may round to an infinity if the scale is from a range
    /// wider than the largest number of the type.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn dequantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        src: &[Q],
        p: &QParams<S, Q>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        map(self, (src, dst), CodesIn::Src(Q::PER_ELEMENT), p.affine(), T::With::<Q>::dequantize)
    }

    /// Encodes numbers as the blocks that GGUF files store: the bytes of the format's reference quantizer, on every CPU.
    ///
    /// [`ggml`](crate::ggml) has the formats and their formulas.
    ///
    /// ```
    /// use zeropoint::{Backend, Scalar, ggml::BlockQ8_0};
    /// let x: Vec<f32> = (0..64).map(|i| i as f32).collect();
    /// let mut blocks = [BlockQ8_0::default(); 2];
    /// Scalar.encode(&x, &mut blocks)?;
    /// assert_eq!((blocks[0].qs[31], blocks[1].qs[31]), (127, 127));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::PartialBlock`] or [`Error::LengthMismatch`]: nothing is written then. [`Error::NotFinite`] with the
    /// index of the first NaN or infinity, or [`Error::BlockRange`], whichever is in the earlier block (`NotFinite` if
    /// both are in one): the contents of `dst` are then unspecified.
    #[cfg(feature = "ggml")]
    fn encode<T: Float, B: Block>(&self, src: &[T], dst: &mut [B]) -> Result<(), Error> {
        blocks::encode(self, src, dst)
    }

    /// Decodes the blocks that GGUF files store, whatever bytes they have.
    ///
    /// [`ggml`](crate::ggml) has the formats and their formulas. Scales may be negative, 0, infinite or NaN: the result
    /// is the result of the arithmetic, and every NaN is the positive quiet NaN without a payload.
    ///
    /// # Errors
    ///
    /// [`Error::PartialBlock`] or [`Error::LengthMismatch`]; nothing is written then.
    #[cfg(feature = "ggml")]
    fn decode<T: Float, B: Block>(&self, src: &[B], dst: &mut [T]) -> Result<(), Error> {
        blocks::decode(self, src, dst)
    }

    /// Quantizes with parameters from the range of the data, and returns the parameters.
    ///
    /// The result is the result of [`range`](Self::range), [`Scheme::params`] and [`quantize`](Self::quantize), in less
    /// time: the data are known to be within the range, and a symmetric scheme needs only [`abs_max`](Self::abs_max).
    ///
    /// # Errors
    ///
    /// The errors of the three calls, after [`Error::LengthMismatch`]; nothing is written then.
    fn quantize_dynamic<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        src: &[T],
        scheme: Scheme,
        dst: &mut [Q],
    ) -> Result<QParams<S, Q>, Error> {
        let codes = CodesIn::Dst(Q::PER_ELEMENT);
        check_lengths(src.len(), dst.len(), codes)?;
        let p = S::With::<Q>::params(per_slice::range_for(self, src, scheme)?, scheme);
        // A copy of the parameters, as `?` makes, would wait for their stores.
        let p = match &p {
            Ok(p) => p,
            Err(error) => return Err(*error),
        };
        map(self, (src, dst), codes, p, T::With::<Q>::quantize_in_range)?;
        Ok(QParams::of(*p))
    }

    /// Measures the difference between `src` and its quantized form. Nothing is written.
    ///
    /// Elements are summed in a fixed order, so the result does not depend on the backend or the number of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::NotFinite`] with the index of the first NaN or infinity.
    fn quantization_error<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        src: &[T],
        p: &QParams<S, Q>,
    ) -> Result<ErrorStats, Error> {
        if src.is_empty() {
            return Err(Error::Empty);
        }
        let error_sums =
            |isa, piece: &[T], loads| T::Alone::error_sums(isa, piece, p.affine(), loads);
        let sums = reduce(self, src, PASSES_OF_ERROR, error_sums, Sums::add);
        ErrorStats::new(src.len(), sums, || first_not_finite(src))
    }

    /// Replaces each number by the number that its code stands for: quantizes and dequantizes, in one pass.
    ///
    /// ```text
    /// dst[i] = T(clamp(rint(src[i] / scale) + zero_point, qmin, qmax) - zero_point) * scale
    /// ```
    ///
    /// The result has the bits of [`quantize`](Self::quantize) followed by [`dequantize`](Self::dequantize). NaN and
    /// `-inf` therefore become `T(qmin - zero_point) * scale`, and `+inf` becomes the number of `qmax`. A zero becomes
    /// `+0.0`. No codes are written.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn fake_quantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        src: &[T],
        p: &QParams<S, Q>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        map(self, (src, dst), CodesIn::Dst(1), p.affine(), T::Alone::fake_quantize)
    }

    /// Applies [`fake_quantize`](Self::fake_quantize) in place.
    ///
    /// ```
    /// use zeropoint::{Backend, QParams, Scalar};
    /// let p = QParams::<f32, i8>::new(0.5, 0)?;
    /// let mut x = [0.2_f32, -0.75, 1e9, f32::NAN];
    /// Scalar.fake_quantize_in_place(&mut x, &p);
    /// assert_eq!(x, [0.0, -1.0, 63.5, -64.0]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn fake_quantize_in_place<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        x: &mut [T],
        p: &QParams<S, Q>,
    ) {
        let isa = self.isa();
        map_in_place(self, x, &|x| T::Alone::fake_quantize_in_place(isa, x, p.affine()));
    }

    /// Converts accumulators to codes.
    ///
    /// ```text
    /// dst[i] = clamp(rint(f32(src[i]) * multiplier) + zero_point, qmin, qmax)
    /// ```
    ///
    /// [`Requantize`] documents this formula and the formula of a multiplier in fixed point. Nothing wraps: a result
    /// that is too large becomes `qmax`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; nothing is written then.
    fn requantize<Q: Code>(
        &self,
        src: &[i32],
        p: &Requantize<Q>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        map(self, (src, dst), CodesIn::Dst(Q::PER_ELEMENT), p.rescale(), Q::Alone::requantize)
    }

    /// Finds the [`min_max`](Self::min_max) of every slice of a tensor.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`] (for rows with a pitch, [`Error::PitchedLength`]) and [`Error::ParamsMismatch`];
    /// nothing is written then.
    fn min_max_per<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        dst: &mut [MinMax<S>],
    ) -> Result<(), Error> {
        granularity.check_src(src.len(), 1)?;
        granularity.check_params(dst.len())?;
        per_slice::min_max(self, &granularity, src, dst)
    }

    /// Applies [`quantize`](Self::quantize) with a scale and a zero point for every slice of a tensor.
    ///
    /// `params` is a slice of [`QParams`], or arrays of scales and zero points ([`Params::arrays`]).
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::ParamsMismatch`], [`Error::LengthMismatch`], [`Error::InvalidParams`]; for
    /// rows with a pitch, [`Error::PitchedLength`] and [`Error::PitchInsideElement`] in place of the errors of length.
    /// Nothing is written then.
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
    fn quantize_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, S, Q>>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        let params = params.into();
        let params = (&params as &dyn AnyParams<S>, params.checked_len()?);
        per_slice::quantize(self, &granularity, (src, dst), params)
    }

    /// Applies [`dequantize`](Self::dequantize) with a scale and a zero point for every slice of a tensor.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per); nothing is written then.
    fn dequantize_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[Q],
        params: impl Into<Params<'a, S, Q>>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        let params = params.into();
        let params = (&params as &dyn AnyParams<S>, params.checked_len()?);
        let codes = CodesIn::Src(Q::PER_ELEMENT);
        map_per(self, &granularity, (src, dst), codes, params, T::With::<Q>::dequantize_per)
    }

    /// Applies [`fake_quantize`](Self::fake_quantize) with a scale and a zero point for every slice of a tensor.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per); nothing is written then.
    fn fake_quantize_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, S, Q>>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        let params = params.into();
        let params = (&params as &dyn AnyParams<S>, params.checked_len()?);
        let codes = CodesIn::Dst(1);
        map_per(self, &granularity, (src, dst), codes, params, T::Alone::fake_quantize_per)
    }

    /// Applies [`fake_quantize_per`](Self::fake_quantize_per) in place.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per); nothing is written then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar};
    /// let p = [QParams::<f32, i8>::new(0.5, 0)?, QParams::new(2.0, 0)?];
    /// let mut x = [1.1_f32, 2.2, 3.3, 1.1, 2.2, 3.3];
    /// Scalar.fake_quantize_in_place_per(Granularity::channel(&[2, 3], 0)?, &mut x, &p)?;
    /// assert_eq!(x, [1.0, 2.0, 3.5, 2.0, 2.0, 4.0]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn fake_quantize_in_place_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        x: &mut [T],
        params: impl Into<Params<'a, S, Q>>,
    ) -> Result<(), Error> {
        let params = params.into();
        let params = (&params as &dyn AnyParams<S>, params.checked_len()?);
        map_per_in_place(self, &granularity, x, params, T::Alone::fake_quantize_in_place_per)
    }

    /// Applies [`requantize`](Self::requantize) with a multiplier and a zero point for every slice of a tensor.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per), with [`Error::InvalidMultipliers`] in place of
    /// [`Error::InvalidParams`]; [`Error::ShiftsMismatch`]; [`Error::CodeRange`]. Nothing is written then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, Requantize, Scalar};
    /// let r = [Requantize::<i8>::float(0.1, 0)?, Requantize::fixed(1 << 30, 0, 3)?];
    /// let mut q = [0; 4];
    /// let columns = Granularity::channel(&[2, 2], 1)?;
    /// Scalar.requantize_per(columns, &[100, 100, -30, -30], &r, &mut q)?;
    /// assert_eq!(q, [10, 53, -3, -12]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn requantize_per<'a, Q: Code>(
        &self,
        granularity: Granularity,
        src: &[i32],
        params: impl Into<Multipliers<'a, Q>>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        let params = params.into();
        let params = (&params as &dyn AnyMultipliers, params.checked_len()?);
        let codes = CodesIn::Dst(Q::PER_ELEMENT);
        map_per(self, &granularity, (src, dst), codes, params, Q::Alone::requantize_per)
    }

    /// Applies [`quantize_per`](Self::quantize_per), and sums the codes of every slice.
    ///
    /// ```text
    /// sums[slice] = Σ dst[i] over the slice's elements i
    /// ```
    ///
    /// An integer matrix product needs the sums to correct for the zero point of its other operand. The sums are exact.
    /// If each slice is contiguous, memory is read once: codes are summed while they are in the caches. Otherwise a
    /// second pass computes the sums.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per), and [`Error::ParamsMismatch`] if the numbers of sums and
    /// slices differ; nothing is written then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar};
    /// let p = [QParams::<f32, u8>::new(0.5, 10)?; 2];
    /// let (mut q, mut sums) = ([0; 4], [0; 2]);
    /// let rows = Granularity::row(2, 2)?;
    /// Scalar.quantize_with_sums(rows, &[1.0_f32, -1.0, 2.0, 1000.0], &p, &mut q, &mut sums)?;
    /// assert_eq!((q, sums), ([12, 8, 14, 255], [20, 269]));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn quantize_with_sums<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, S, Q>>,
        dst: &mut [Q],
        sums: &mut [i64],
    ) -> Result<(), Error> {
        let params = params.into();
        let (count, codes) = (params.checked_len()?, CodesIn::Dst(Q::PER_ELEMENT));
        check_per(&granularity, src.len(), count, dst.len(), codes)?;
        granularity.check_params(sums.len())?;
        per_slice::quantize_with_sums(self, &granularity, src, &params, dst, sums)
    }

    /// Sums the codes of every slice of a tensor, exactly.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] if the shape has another number of codes (for rows with a pitch,
    /// [`Error::PitchedLength`] or [`Error::PitchInsideElement`]), and [`Error::ParamsMismatch`] if the numbers of sums
    /// and slices differ; nothing is written then.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, Scalar};
    /// let mut sums = [0; 3];
    /// Scalar.sum_per(Granularity::channel(&[2, 3], 1)?, &[1_i8, 2, 3, -4, -5, 100], &mut sums)?;
    /// assert_eq!(sums, [-3, -3, 103]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn sum_per<Q: Code>(
        &self,
        granularity: Granularity,
        src: &[Q],
        sums: &mut [i64],
    ) -> Result<(), Error> {
        granularity.check_params(sums.len())?;
        check_codes::<Q>(&granularity, src.len())?;
        per_slice::sum(self, &granularity, src, sums)
    }

    /// Applies [`quantize_dynamic`](Self::quantize_dynamic) to every slice of a tensor.
    ///
    /// ```text
    /// params[slice] = scheme.params(range of src over the slice)
    /// dst           = quantize_per(src, params)
    /// ```
    ///
    /// If each slice is contiguous (a row, a block of the last axis, a channel of the first), memory is read once: the
    /// second pass over a slice finds it in the caches. Otherwise all ranges are found before the first code.
    ///
    /// # Errors
    ///
    /// The errors of [`quantize_per`](Self::quantize_per) and of [`ParamsMut::arrays`]; nothing is written then. For
    /// the first slice that has no parameters, [`Error::NotFinite`] with the index of the first NaN or infinity in
    /// `src`, [`Error::Empty`], or an error of [`Scheme::params`]; the contents of `params` and `dst` are unspecified
    /// then.
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
    fn quantize_dynamic_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        scheme: Scheme,
        params: impl Into<ParamsMut<'a, S, Q>>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        let params = params.into();
        let (count, codes) = (params.checked_len(scheme)?, CodesIn::Dst(Q::PER_ELEMENT));
        check_per(&granularity, src.len(), count, dst.len(), codes)?;
        per_slice::quantize_dynamic(self, &granularity, src, scheme, params, dst)
            .map_err(|error| with_index(error, &granularity, src))
    }

    /// Applies [`quantization_error`](Self::quantization_error) with a scale and a zero point for every slice.
    ///
    /// The elements of a slice are summed in a fixed order by their indices, and the sums of the slices in a fixed
    /// order, too, so the result does not depend on the backend or the number of threads.
    ///
    /// # Errors
    ///
    /// The errors of [`min_max_per`](Self::min_max_per); [`Error::Empty`]; [`Error::InvalidParams`];
    /// [`Error::NotFinite`] with the index of the first NaN or infinity in `src`.
    ///
    /// ```
    /// use zeropoint::{Backend, Granularity, QParams, Scalar};
    /// let columns = Granularity::channel(&[2, 2], 1)?;
    /// let p = [QParams::<f32, u8>::new(1.0, 0)?, QParams::new(10.0, 0)?];
    /// let e = Scalar.quantization_error_per(columns, &[1.0_f32, 10.0, 2.5, 34.0], &p)?;
    /// assert_eq!((e.max_abs(), e.mse()), (4.0, (0.5 * 0.5 + 4.0 * 4.0) / 4.0));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    fn quantization_error_per<'a, T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
        &self,
        granularity: Granularity,
        src: &[T],
        params: impl Into<Params<'a, S, Q>>,
    ) -> Result<ErrorStats, Error> {
        let params = params.into();
        granularity.check_src(src.len(), 1)?;
        granularity.check_params(params.checked_len()?)?;
        per_slice::error(self, &granularity, src, &params)
    }
}

impl Scheme {
    /// Returns the parameters for a range.
    ///
    /// # Errors
    ///
    /// [`Error::Bits`] and [`Error::SchemeOption`] for a scheme that does not exist, [`Error::ZeroWidth`] for a raw
    /// range of one point, [`Error::ZeroPointOutOfRange`] for a raw range with a zero point beyond ±2²⁴.
    pub fn params<T: Compute, Q: Code>(&self, range: Range<T>) -> Result<QParams<T, Q>, Error> {
        T::With::<Q>::params(range, *self).map(QParams::of)
    }
}

/// Returns the index of the first NaN or infinity.
fn first_not_finite<T: Real>(src: &[T]) -> Option<usize> {
    T::Alone::first_not_finite(&Granularity::tensor(src.len()), src)
}

/// Adds the index of the first NaN or infinity to [`Error::NotFinite`], and returns other errors unchanged.
fn with_index<T: Real>(error: Error, granularity: &Granularity, src: &[T]) -> Error {
    match error {
        Error::NotFinite { .. } => {
            Error::NotFinite { index: T::Alone::first_not_finite(granularity, src) }
        }
        other => other,
    }
}

/// The time that the error of a quantization takes, in passes that only read the numbers.
const PASSES_OF_ERROR: usize = 8;

impl<B: Schedule> Backend for B {}
