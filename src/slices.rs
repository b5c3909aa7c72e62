//! Tensors whose slices have parameters of their own: a granularity becomes runs, each of which goes to
//! the kernels of one engine.

use core::ops::Range;

use crate::element::{Code, Compute, Real, code_at};
use crate::engine::{CodeEngine, Engine, RealEngine, Stores};
use crate::error::Error;
use crate::granularity::{Granularity, Run};
use crate::params::{Affine, QParams};
use crate::range::{self, MinMax};
use crate::requantize::Requantize;
use crate::scheme::Scheme;
use crate::stats::{self, Sums};

/// The zero points beside an array of scales.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ZeroPoints<'a, Q> {
    /// All 0.
    Zero,
    /// One for each scale, as integers.
    Integers(&'a [i32]),
    /// One for each scale, as a code: what ONNX has. Packed codes are packed here too.
    Codes(&'a [Q]),
}

/// The parameters of all slices of a tensor.
///
/// Made from `&[QParams<T, Q>]` by `into`, or by [`arrays`](Self::arrays) from the scales and zero
/// points as engines and ONNX files hold them.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a, T, Q> {
    source: Source<'a, T, Q>,
}

#[derive(Clone, Copy, Debug)]
enum Source<'a, T, Q> {
    Made(&'a [QParams<T, Q>]),
    Arrays { scales: &'a [T], zero_points: ZeroPoints<'a, Q> },
}

impl<'a, T, Q> From<&'a [QParams<T, Q>]> for Params<'a, T, Q> {
    fn from(made: &'a [QParams<T, Q>]) -> Self {
        Self { source: Source::Made(made) }
    }
}

impl<'a, T, Q, const N: usize> From<&'a [QParams<T, Q>; N]> for Params<'a, T, Q> {
    fn from(made: &'a [QParams<T, Q>; N]) -> Self {
        Self { source: Source::Made(made) }
    }
}

impl<'a, T: Compute, Q: Code> Params<'a, T, Q> {
    /// From arrays, over all codes of `Q`.
    ///
    /// What uses them refuses arrays of different lengths, and scales and zero points that
    /// [`QParams::new`] refuses.
    ///
    /// ```
    /// use zeropoint::{Auto, Backend, Granularity, Params, ZeroPoints};
    /// let (scales, zero_points) = ([0.5_f32, 2.0], [10_u8, 20]);
    /// let params = Params::arrays(&scales, ZeroPoints::Codes(&zero_points));
    /// let mut q = [0_u8; 4];
    /// let columns = Granularity::channel(&[2, 2], 1)?;
    /// Auto::detect()?.quantize_per(columns, &[1.0_f32, 1.0, -1.0, -8.0], params, &mut q)?;
    /// assert_eq!(q, [12, 20, 8, 16]);
    /// # Ok::<(), zeropoint::Error>(())
    /// ```
    #[must_use]
    pub const fn arrays(scales: &'a [T], zero_points: ZeroPoints<'a, Q>) -> Self {
        Self { source: Source::Arrays { scales, zero_points } }
    }

    fn zero_point(zero_points: ZeroPoints<'a, Q>, i: usize) -> i32 {
        match zero_points {
            ZeroPoints::Zero => 0,
            ZeroPoints::Integers(z) => z[i],
            ZeroPoints::Codes(z) => code_at(z, i),
        }
    }

    /// How many there are, once they are known to be valid.
    pub(crate) fn checked_len(&self) -> Result<usize, Error> {
        let Source::Arrays { scales, zero_points } = self.source else {
            return Ok(self.len());
        };
        let (count, expected) = match zero_points {
            ZeroPoints::Zero => (scales.len(), scales.len()),
            ZeroPoints::Integers(z) => (z.len(), scales.len()),
            ZeroPoints::Codes(z) => (z.len(), scales.len().div_ceil(Q::PER_ELEMENT)),
        };
        if count != expected {
            return Err(Error::LengthMismatch { src: scales.len(), dst: count });
        }
        for (index, &scale) in scales.iter().enumerate() {
            let zero_point = Self::zero_point(zero_points, index);
            if QParams::<T, Q>::new(scale, zero_point).is_err() {
                let scale = scale.to_f64();
                return Err(Error::InvalidParams { index, scale, zero_point });
            }
        }
        Ok(scales.len())
    }

    fn len(&self) -> usize {
        match self.source {
            Source::Made(made) => made.len(),
            Source::Arrays { scales, .. } => scales.len(),
        }
    }
}

/// Parameters by their index, whatever the code type and wherever they are held.
pub trait Mappings<T>: Sync {
    fn affine(&self, slice: usize) -> Affine<T>;

    /// The bits of the codes.
    fn bits(&self) -> u32;
}

impl<T: Compute, Q: Code> Mappings<T> for Params<'_, T, Q> {
    fn affine(&self, slice: usize) -> Affine<T> {
        match self.source {
            Source::Made(made) => *made[slice].affine(),
            Source::Arrays { scales, zero_points } => {
                Affine::new(scales[slice], Self::zero_point(zero_points, slice), Q::MIN, Q::MAX)
            }
        }
    }

    fn bits(&self) -> u32 {
        Q::BITS
    }
}

impl<T: Compute, Q: Code> Mappings<T> for [QParams<T, Q>] {
    fn affine(&self, slice: usize) -> Affine<T> {
        *self[slice].affine()
    }

    fn bits(&self) -> u32 {
        Q::BITS
    }
}

/// Calls `work` with every run of one slice and its parameters, and with every element of the others.
#[inline]
fn for_each_run<P>(
    runs: impl Iterator<Item = Run>,
    of_slice: impl Fn(usize) -> P,
    mut work: impl FnMut(Range<usize>, &P),
) {
    for Run { at, len, slice, each } in runs {
        if each {
            for i in 0..len {
                work(at + i..at + i + 1, &of_slice(slice + i));
            }
        } else {
            work(at..at + len, &of_slice(slice));
        }
    }
}

/// Elements `first..` of the tensor, whose first code is the first one of `dst`.
pub(crate) fn quantize<T: Real, Q: Code>(
    engine: &(impl Engine<T, Q> + ?Sized),
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &(impl Mappings<T::Compute> + ?Sized),
    dst: &mut [Q],
    stores: Stores,
) {
    for_each_run(
        granularity.runs(first, src.len()),
        |slice| params.affine(slice),
        |run, p| {
            let (element, at) = (run.start / Q::PER_ELEMENT, run.start % Q::PER_ELEMENT);
            let last = run.end.div_ceil(Q::PER_ELEMENT);
            engine.quantize(&src[run], p, &mut dst[element..last], at, stores);
        },
    );
}

/// Elements `first..` of the tensor, whose first code is the first one of `src`.
pub(crate) fn dequantize<T: Real, Q: Code>(
    engine: &(impl Engine<T, Q> + ?Sized),
    granularity: &Granularity,
    first: usize,
    src: &[Q],
    params: &(impl Mappings<T::Compute> + ?Sized),
    dst: &mut [T],
    stores: Stores,
) {
    for_each_run(
        granularity.runs(first, dst.len()),
        |slice| params.affine(slice),
        |run, p| {
            let (element, at) = (run.start / Q::PER_ELEMENT, run.start % Q::PER_ELEMENT);
            let last = run.end.div_ceil(Q::PER_ELEMENT);
            engine.dequantize(&src[element..last], at, p, &mut dst[run], stores);
        },
    );
}

/// Elements `first..` of the tensor.
#[inline(never)]
pub(crate) fn fake_quantize<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    first: usize,
    src: &[T],
    params: &(impl Mappings<T::Compute> + ?Sized),
    dst: &mut [T],
    stores: Stores,
) {
    for_each_run(
        granularity.runs(first, src.len()),
        |slice| params.affine(slice),
        |run, p| {
            engine.fake_quantize(&src[run.clone()], p, &mut dst[run], stores);
        },
    );
}

/// Elements `first..` of the tensor, where they stand.
#[inline(never)]
pub(crate) fn fake_quantize_in_place<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    first: usize,
    x: &mut [T],
    params: &(impl Mappings<T::Compute> + ?Sized),
) {
    for_each_run(
        granularity.runs(first, x.len()),
        |slice| params.affine(slice),
        |run, p| {
            engine.fake_quantize_in_place(&mut x[run], p);
        },
    );
}

/// Elements that are quantized, and then summed while they are in the first cache.
const SUMMED: usize = 8192;

/// Codes and the sum of each slice's, where each slice is one run of memory.
pub(crate) fn quantize_with_sums<T: Real, Q: Code>(
    engine: &(impl Engine<T, Q> + ?Sized),
    codes: &(impl CodeEngine<Q> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    params: &(impl Mappings<T::Compute> + ?Sized),
    dst: &mut [Q],
    sums: &mut [i64],
) {
    sums.fill(0);
    // Where there is no element, there may be slices all the same.
    for (slice, sum) in sums.iter_mut().enumerate().take(src.len()) {
        let (p, Range { mut start, end }) = (params.affine(slice), granularity.slice(slice));
        while start < end {
            let next = (start + SUMMED).min(end);
            let (element, at) = (start / Q::PER_ELEMENT, start % Q::PER_ELEMENT);
            let dst = &mut dst[element..next.div_ceil(Q::PER_ELEMENT)];
            engine.quantize(&src[start..next], &p, dst, at, Stores::Cached);
            *sum += codes.sum(dst, at, next - start);
            start = next;
        }
    }
}

/// The sum of the codes of every slice.
pub(crate) fn sum<Q: Code>(
    engine: &(impl CodeEngine<Q> + ?Sized),
    granularity: &Granularity,
    src: &[Q],
    sums: &mut [i64],
) {
    sums.fill(0);
    for Run { at, len, slice, each } in granularity.runs(0, granularity.len()) {
        if each {
            for (i, sum) in sums[slice..slice + len].iter_mut().enumerate() {
                *sum += i64::from(code_at(src, at + i));
            }
        } else {
            sums[slice] += engine.sum(src, at, len);
        }
    }
}

/// Accumulators `first..` of the tensor, whose first code is the first one of `dst`.
pub(crate) fn requantize<Q: Code>(
    engine: &(impl CodeEngine<Q> + ?Sized),
    granularity: &Granularity,
    first: usize,
    src: &[i32],
    params: &[Requantize<Q>],
    dst: &mut [Q],
    stores: Stores,
) {
    for_each_run(
        granularity.runs(first, src.len()),
        |slice| params[slice],
        |run, p| {
            let (element, at) = (run.start / Q::PER_ELEMENT, run.start % Q::PER_ELEMENT);
            let last = run.end.div_ceil(Q::PER_ELEMENT);
            engine.requantize(&src[run], p.rescale(), &mut dst[element..last], at, stores);
        },
    );
}

/// The range of every slice.
pub(crate) fn min_max<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    dst: &mut [MinMax<T::Compute>],
) {
    dst.fill(MinMax::EMPTY);
    for Run { at, len, slice, each } in granularity.runs(0, src.len()) {
        if each {
            for (x, seen) in src[at..at + len].iter().zip(&mut dst[slice..slice + len]) {
                *seen = seen.merge(MinMax::of_one(x.widen()));
            }
        } else {
            dst[slice] = dst[slice].merge_observed(engine.min_max(&src[at..at + len]));
        }
    }
}

/// Every slice with parameters from its own range, where each slice is one run of memory.
#[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
pub(crate) fn quantize_dynamic<T: Real, Q: Code>(
    engine: &(impl Engine<T, Q> + ?Sized),
    reals: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    scheme: Scheme,
    params: &mut [QParams<T::Compute, Q>],
    dst: &mut [Q],
    stores: Stores,
) -> Result<(), Error> {
    for (slice, params) in params.iter_mut().enumerate() {
        let Range { start: at, end } = granularity.slice(slice);
        let run = &src[at..end];
        let seen = reals.min_max(run);
        let range =
            range::Range::try_from(seen).map_err(|error| match reals.first_not_finite(run) {
                Some(i) => Error::NotFinite { index: Some(at + i) },
                None => error,
            })?;
        let p = engine.params(range, scheme)?;
        *params = p;
        let (element, first) = (at / Q::PER_ELEMENT, at % Q::PER_ELEMENT);
        let last = end.div_ceil(Q::PER_ELEMENT);
        engine.quantize_within(run, p.affine(), &mut dst[element..last], first, stores);
    }
    Ok(())
}

/// The sums over every slice, added along the tree of `stats.rs`; each slice is one run of memory.
pub(crate) fn error_sums<T: Real>(
    engine: &(impl RealEngine<T> + ?Sized),
    granularity: &Granularity,
    src: &[T],
    params: &(impl Mappings<T::Compute> + ?Sized),
) -> Sums {
    let mut of_part =
        |slice| engine.error_sums(&src[granularity.slice(slice)], &params.affine(slice));
    stats::tree(0, granularity.slices(), &mut of_part, &Sums::add)
}
