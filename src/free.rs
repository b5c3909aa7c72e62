//! The operations as free functions. They run on the best backend of this CPU, and on threads where these save time.

use crate::auto::Auto;
use crate::backend::{Backend, Schedule};
use crate::element::{Code, Compute, ComputedIn, Real};
use crate::error::Error;
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::requantize::Requantize;
use crate::scheme::Scheme;
use crate::stats::ErrorStats;

/// Returns `auto`, with threads around it if the crate is built with them.
#[inline]
pub(crate) fn threaded(auto: Auto) -> impl Schedule {
    #[cfg(feature = "rayon")]
    return crate::parallel::Parallel::new(auto);
    #[cfg(not(feature = "rayon"))]
    auto
}

/// Returns the backend of operations whose result no backend changes, so that a wrong `ZEROPOINT_BACKEND` is no error.
pub(crate) fn best() -> impl Schedule {
    threaded(Auto::detect().unwrap_or(Auto::best()))
}

/// Returns the least and the greatest element of a slice, and whether it holds a NaN.
///
/// [`MinMax`] documents the result in every case. No backend changes the result, so a wrong `ZEROPOINT_BACKEND` is not
/// an error here: the best backend of this CPU is used then.
///
/// ```
/// let m = zeropoint::min_max(&[0.5_f32, f32::NAN, -2.0]);
/// assert_eq!((m.min, m.max, m.has_nan), (-2.0, 0.5, true));
/// ```
pub fn min_max<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(src: &[T]) -> MinMax<S> {
    best().min_max(src)
}

impl<T: Compute> Range<T> {
    /// Returns the range of the elements of `src`, by the best backend of this CPU.
    ///
    /// # Errors
    ///
    /// The errors of [`Backend::range`] and of [`Auto::detect`].
    ///
    /// ```
    /// use zeropoint::{Error, Range};
    /// let range = Range::of(&[0.5_f32, -1.0, 2.0])?;
    /// assert_eq!((range.min(), range.max()), (-1.0, 2.0));
    ///
    /// let error = Range::of(&[0.5, f32::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "NaN or infinity at element 1");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn of<X: Real<Compute = T> + ComputedIn<T>>(src: &[X]) -> Result<Self, Error> {
        threaded(Auto::detect()?).range(src)
    }
}

/// Returns the greatest magnitude of a slice, `max |x|`, which [`Scheme::params_from_alpha`] takes.
///
/// # Errors
///
/// The errors of [`Backend::abs_max`] and of [`Auto::detect`].
///
/// ```
/// use zeropoint::{QParams, Scheme};
/// let alpha = zeropoint::abs_max(&[0.5_f32, -6.35, 2.0])?;
/// let p: QParams<f32, i8> = Scheme::symmetric().params_from_alpha(alpha)?;
/// assert_eq!((alpha, p.scale()), (6.35, 0.05));
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn abs_max<T: Real<Compute = S> + ComputedIn<S>, S: Compute>(src: &[T]) -> Result<S, Error> {
    threaded(Auto::detect()?).abs_max(src)
}

/// Turns numbers into codes: `dst[i] = clamp(rint(src[i] / scale) + zero_point, qmin, qmax)`.
///
/// [`Backend::quantize`] documents the result in every case. An engine with uninitialized memory fills it with zero
/// codes first, or quantizes into a buffer that it keeps.
///
/// # Errors
///
/// [`Error::LengthMismatch`] and the errors of [`Auto::detect`]; nothing is written then.
///
/// ```
/// let p = zeropoint::QParams::<f32, i8>::new(0.5, 0)?;
/// let mut q = [0; 4];
/// zeropoint::quantize(&[0.2_f32, 0.25, 0.75, -1e9], &p, &mut q)?;
/// assert_eq!(q, [0, 0, 2, -128]); // ties to even
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn quantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    src: &[T],
    p: &QParams<S, Q>,
    dst: &mut [Q],
) -> Result<(), Error> {
    threaded(Auto::detect()?).quantize(src, p, dst)
}

/// Turns codes back into numbers: `dst[i] = T(src[i] - zero_point) * scale`.
///
/// # Errors
///
/// [`Error::LengthMismatch`] and the errors of [`Auto::detect`]; nothing is written then.
///
/// ```
/// let p = zeropoint::QParams::<f32, u8>::new(0.5, 10)?;
/// let mut x = [0.0_f32; 3];
/// zeropoint::dequantize(&[0, 10, 13], &p, &mut x)?;
/// assert_eq!(x, [-5.0, 0.0, 1.5]);
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn dequantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    src: &[Q],
    p: &QParams<S, Q>,
    dst: &mut [T],
) -> Result<(), Error> {
    threaded(Auto::detect()?).dequantize(src, p, dst)
}

/// Replaces each number by the number that its code stands for: [`quantize`] and then [`dequantize`], in one pass.
///
/// [`Backend::fake_quantize`] documents the result in every case.
///
/// # Errors
///
/// [`Error::LengthMismatch`] and the errors of [`Auto::detect`]; nothing is written then.
///
/// ```
/// let p = zeropoint::QParams::<f32, u8>::new(0.5, 10)?;
/// let mut x = [0.0_f32; 4];
/// zeropoint::fake_quantize(&[0.3_f32, -0.75, -1e9, 1e9], &p, &mut x)?;
/// assert_eq!(x, [0.5, -1.0, -5.0, 122.5]);
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn fake_quantize<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    src: &[T],
    p: &QParams<S, Q>,
    dst: &mut [T],
) -> Result<(), Error> {
    threaded(Auto::detect()?).fake_quantize(src, p, dst)
}

/// Applies [`fake_quantize`] in place. A wrong `ZEROPOINT_BACKEND` is not an error, as for [`min_max`].
///
/// ```
/// let p = zeropoint::QParams::<f32, u8>::new(0.5, 10)?;
/// let mut x = [0.3_f32, -0.75, f32::NAN];
/// zeropoint::fake_quantize_in_place(&mut x, &p);
/// assert_eq!(x, [0.5, -1.0, -5.0]);
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn fake_quantize_in_place<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    x: &mut [T],
    p: &QParams<S, Q>,
) {
    best().fake_quantize_in_place(x, p);
}

/// Turns accumulators into codes: `dst[i] = clamp(rint(f32(src[i]) * multiplier) + zero_point, qmin, qmax)`.
///
/// [`Requantize`] documents the result in every case, and multipliers in fixed point.
///
/// # Errors
///
/// [`Error::LengthMismatch`] and the errors of [`Auto::detect`]; nothing is written then.
///
/// ```
/// let r = zeropoint::Requantize::<u8>::float(0.5, 10)?;
/// let mut q = [0; 4];
/// zeropoint::requantize(&[-100, 1, 3, i32::MAX], &r, &mut q)?;
/// assert_eq!(q, [0, 10, 12, 255]); // ties to even
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn requantize<Q: Code>(src: &[i32], p: &Requantize<Q>, dst: &mut [Q]) -> Result<(), Error> {
    threaded(Auto::detect()?).requantize(src, p, dst)
}

/// Quantizes with parameters from the data's own range, and returns the parameters.
///
/// # Errors
///
/// The errors of [`Backend::quantize_dynamic`] and of [`Auto::detect`]; nothing is written then.
///
/// ```
/// use zeropoint::{QParams, Scheme};
/// let mut q = [0; 3];
/// let p: QParams<f32, u8> =
///     zeropoint::quantize_dynamic(&[-1.0_f32, 0.0, 1.55], Scheme::asymmetric(), &mut q)?;
/// assert_eq!((q, p.zero_point()), ([0, 100, 255], 100));
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn quantize_dynamic<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    src: &[T],
    scheme: Scheme,
    dst: &mut [Q],
) -> Result<QParams<S, Q>, Error> {
    threaded(Auto::detect()?).quantize_dynamic(src, scheme, dst)
}

/// Measures the difference between a slice and its quantized form. Nothing is written.
///
/// # Errors
///
/// The errors of [`Backend::quantization_error`] and of [`Auto::detect`].
///
/// ```
/// let p = zeropoint::QParams::<f32, u8>::new(1.0, 0)?;
/// let e = zeropoint::quantization_error(&[1.0_f32, 2.5, 300.0], &p)?;
/// assert_eq!((e.max_abs(), e.clipped()), (45.0, 1));
/// assert_eq!(e.mse(), (0.25 + 45.0 * 45.0) / 3.0);
/// # Ok::<(), zeropoint::Error>(())
/// ```
pub fn quantization_error<T: Real<Compute = S> + ComputedIn<S>, Q: Code, S: Compute>(
    src: &[T],
    p: &QParams<S, Q>,
) -> Result<ErrorStats, Error> {
    threaded(Auto::detect()?).quantization_error(src, p)
}

/// The free functions of [`ggml`](crate::ggml).
#[cfg(feature = "ggml")]
pub(crate) mod blocks {
    use super::{Auto, Backend, Error, threaded};
    use crate::blocks::{Block, Float};

    /// Encodes numbers as blocks, on the best backend of this CPU.
    ///
    /// # Errors
    ///
    /// The errors of [`Backend::encode`] and of [`Auto::detect`].
    ///
    /// ```
    /// use zeropoint::ggml::{self, BlockQ4_0};
    /// let x: Vec<f32> = (0..32).map(|i| i as f32 - 16.0).collect();
    /// let mut blocks = [BlockQ4_0::default()];
    /// ggml::encode(&x, &mut blocks)?;
    /// let mut y = [0.0_f32; 32];
    /// ggml::decode(&blocks, &mut y)?;
    /// assert_eq!((y[0], y[16], y[31]), (-16.0, 0.0, 14.0));
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    pub fn encode<T: Float, B: Block>(src: &[T], dst: &mut [B]) -> Result<(), Error> {
        threaded(Auto::detect()?).encode(src, dst)
    }

    /// Decodes blocks, on the best backend of this CPU.
    ///
    /// # Errors
    ///
    /// The errors of [`Backend::decode`] and of [`Auto::detect`].
    pub fn decode<T: Float, B: Block>(src: &[B], dst: &mut [T]) -> Result<(), Error> {
        threaded(Auto::detect()?).decode(src, dst)
    }
}

/// Returns the version of this crate and the target that it was built for.
///
/// ```
/// assert!(zeropoint::version().starts_with(env!("CARGO_PKG_VERSION")));
/// ```
#[must_use]
pub const fn version() -> &'static str {
    env!("ZEROPOINT_VERSION")
}
