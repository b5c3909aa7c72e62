//! Kernels of an instruction set as contenders: the division, and stand-ins for the loops of other
//! engines, written by hand from what such loops do.
//!
//! Every function returns no contender for types that have no kernel.

use std::hint::black_box;

use zeropoint::{Code, Compute, QParams, Real};

use super::{BF16, F16, F32, I4, I8, Instructions, Quantization, U8};
use crate::cases::{Contender, Datum, Grade};

/// A kernel that quantizes the bytes of reals to those of codes.
type Quantize<I> = fn(I, &Quantization, &[u8], &mut [u8]);

/// A kernel that finds the range of the bytes of reals.
type FindRange<I> = fn(I, &[u8]) -> [f32; 2];

fn quantize<I: Instructions, T: Datum, Q: Datum>(divide: bool, clamp: bool) -> Option<Quantize<I>> {
    Some(match (T::NAME, Q::NAME, divide, clamp) {
        ("f32", "u8", false, false) => I::quantize::<F32, false, false, false>,
        ("f32", "u8", true, false) => I::quantize::<F32, true, false, false>,
        ("f32", "i8", false, false) => I::quantize::<F32, false, true, false>,
        ("f32", "i8", true, false) => I::quantize::<F32, true, true, false>,
        ("f32", "i8", false, true) => I::quantize::<F32, false, true, true>,
        ("f32", "i8", true, true) => I::quantize::<F32, true, true, true>,
        ("f16", "u8", false, false) => I::quantize::<F16, false, false, false>,
        ("f16", "i8", false, false) => I::quantize::<F16, false, true, false>,
        ("bf16", "u8", false, false) => I::quantize::<BF16, false, false, false>,
        ("bf16", "i8", false, false) => I::quantize::<BF16, false, true, false>,
        _ => return None,
    })
}

/// The division and the reciprocal, for the parameters `p`.
pub(crate) fn quantizes<T: Real + Datum, Q: Code + Datum>(
    p: &QParams<T::Compute, Q>,
) -> Vec<Contender<T, Q>>
where
    T::Compute: Datum,
{
    on_each_isa!(quantizes_on, p)
}

fn quantizes_on<I: Instructions, T: Real + Datum, Q: Code + Datum>(
    isa: I,
    p: &QParams<T::Compute, Q>,
) -> Vec<Contender<T, Q>>
where
    T::Compute: Datum,
{
    let kinds = [("divps", true, Grade::Exact), ("reciprocal", false, Grade::Within(1.0))];
    let contender = |(kind, divide, grade)| {
        let kernel = quantize::<I, T, Q>(divide, p.qmin() > Q::MIN)?;
        let p = Quantization::new(p);
        Some(Contender::new(I::named(kind), grade, move |src: &[T], dst: &mut [Q]| {
            kernel(isa, &p, bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
        }))
    };
    kinds.into_iter().filter_map(contender).collect()
}

/// The reciprocal in each row of `row` elements, for the rows' own parameters.
pub(crate) fn quantizes_rows<T: Datum, S: Compute + Datum, Q: Code + Datum>(
    p: &[QParams<S, Q>],
    row: Option<usize>,
) -> Vec<Contender<T, Q>> {
    let Some(row) = row else { return Vec::new() };
    on_each_isa!(quantizes_rows_on, p, row, false)
}

/// Quantizes the rows by a reciprocal, then sums the codes of each row.
pub(crate) fn quantizes_with_sums<T: Datum, S: Compute + Datum, Q: Code + Datum>(
    p: &[QParams<S, Q>],
    row: Option<usize>,
) -> Vec<Contender<T, Q>> {
    let Some(row) = row else { return Vec::new() };
    on_each_isa!(quantizes_rows_on, p, row, true)
}

fn quantizes_rows_on<I: Instructions, T: Datum, S: Compute + Datum, Q: Code + Datum>(
    isa: I,
    p: &[QParams<S, Q>],
    row: usize,
    with_sums: bool,
) -> Option<Contender<T, Q>> {
    let (kernel, sum) = (quantize::<I, T, Q>(false, false)?, sum::<I, Q>()?);
    let p: Vec<_> = p.iter().map(Quantization::new).collect();
    let name = I::named(if with_sums { "rows_reciprocal_sum" } else { "rows_reciprocal" });
    Some(Contender::new(name, Grade::Within(1.0), move |src: &[T], dst: &mut [Q]| {
        let rows = src.chunks_exact(row).zip(dst.chunks_exact_mut(row));
        for ((src, dst), p) in rows.zip(&p) {
            let dst: &mut [u8] = bytemuck::cast_slice_mut(dst);
            kernel(isa, p, bytemuck::cast_slice(src), dst);
            if with_sums {
                black_box(sum(isa, dst));
            }
        }
    }))
}

/// The range by four accumulators, then the reciprocal: in each row, or in all if there are no rows.
pub(crate) fn quantizes_dynamic<T: Datum, Q: Code + Datum>(row: usize) -> Vec<Contender<T, Q>> {
    on_each_isa!(quantizes_dynamic_on, row)
}

fn quantizes_dynamic_on<I: Instructions, T: Datum, Q: Code + Datum>(
    isa: I,
    row: usize,
) -> Option<Contender<T, Q>> {
    let (range, kernel) = (range::<I, T>()?, quantize::<I, T, Q>(false, false)?);
    let name = I::named("range4_reciprocal");
    Some(Contender::new(name, Grade::Within(1.0), move |src: &[T], dst: &mut [Q]| {
        for (src, dst) in src.chunks(row).zip(dst.chunks_mut(row)) {
            let src = bytemuck::cast_slice(src);
            let p = Quantization::of_range::<Q>(range(isa, src));
            kernel(isa, black_box(&p), src, bytemuck::cast_slice_mut(dst));
        }
    }))
}

fn range<I: Instructions, T: Datum>() -> Option<FindRange<I>> {
    Some(match T::NAME {
        "f32" => I::range::<F32, false>,
        "f16" => I::range::<F16, false>,
        "bf16" => I::range::<BF16, false>,
        _ => return None,
    })
}

/// Min and max by four accumulators each.
pub(crate) fn ranges<T: Datum, U: Datum>() -> Vec<Contender<T, U>> {
    on_each_isa!(ranges_on)
}

fn ranges_on<I: Instructions, T: Datum, U: Datum>(isa: I) -> Option<Contender<T, U>> {
    let range = range::<I, T>()?;
    Some(Contender::new(I::named("range4"), Grade::Exact, move |src: &[T], dst: &mut [U]| {
        let found = range(isa, bytemuck::cast_slice(src));
        bytemuck::cast_slice_mut(dst).copy_from_slice(&found);
    }))
}

/// The greatest magnitude by four accumulators.
pub(crate) fn abs_maxima<T: Datum, U: Datum>() -> Vec<Contender<T, U>> {
    on_each_isa!(abs_maxima_on)
}

fn abs_maxima_on<I: Instructions, T: Datum, U: Datum>(isa: I) -> Option<Contender<T, U>> {
    let kernel = match T::NAME {
        "f32" => I::range::<F32, true>,
        "f16" => I::range::<F16, true>,
        "bf16" => I::range::<BF16, true>,
        _ => return None,
    };
    Some(Contender::new(I::named("abs4"), Grade::Exact, move |src: &[T], dst: &mut [U]| {
        let [found, _] = kernel(isa, bytemuck::cast_slice(src));
        bytemuck::cast_slice_mut(dst)[0] = found;
    }))
}

/// Codes are widened, the zero point is subtracted, and the scale multiplied.
pub(crate) fn dequantizes<Q: Code + Datum, T: Real + Datum>(
    p: &QParams<T::Compute, Q>,
) -> Vec<Contender<Q, T>>
where
    T::Compute: Datum,
{
    on_each_isa!(dequantizes_on, p)
}

fn dequantizes_on<I: Instructions, Q: Code + Datum, T: Real + Datum>(
    isa: I,
    p: &QParams<T::Compute, Q>,
) -> Option<Contender<Q, T>>
where
    T::Compute: Datum,
{
    let kernel = match (Q::NAME, T::NAME) {
        ("u8", "f32") => I::dequantize::<U8>,
        ("i8", "f32") => I::dequantize::<I8>,
        _ => return None,
    };
    let (scale, zero_point) = (p.scale().value() as f32, p.zero_point());
    Some(Contender::new(I::named("widen"), Grade::Exact, move |src: &[Q], dst: &mut [T]| {
        let (src, dst) = (bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
        kernel(isa, scale, zero_point, src, dst);
    }))
}

/// A scale for each block of 32 codes, as ggml has it, but apart from the codes.
pub(crate) fn dequantizes_blocks<Q: Datum, T: Datum, S: Datum>(
    scales: &[S],
) -> Vec<Contender<Q, T>> {
    on_each_isa!(dequantizes_blocks_on, scales)
}

fn dequantizes_blocks_on<I: Instructions, Q: Datum, T: Datum, S: Datum>(
    isa: I,
    scales: &[S],
) -> Option<Contender<Q, T>> {
    let kernel = match (Q::NAME, T::NAME) {
        ("i8", "f32") => I::dequantize_blocks::<I8>,
        ("i4", "f32") => I::dequantize_blocks::<I4>,
        _ => return None,
    };
    let scales: Vec<_> = scales.iter().map(|scale| scale.value() as f32).collect();
    Some(Contender::new(I::named("blocks_widen"), Grade::Exact, move |src: &[Q], dst: &mut [T]| {
        kernel(isa, &scales, bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
    }))
}

/// A product with a float, rounded: one factor, or a row of factors for the columns.
pub(crate) fn requantizes<A: Datum, Q: Code + Datum>(
    factors: &[f32],
    zero_point: i32,
) -> Vec<Contender<A, Q>> {
    on_each_isa!(requantizes_on, factors, zero_point)
}

fn requantizes_on<I: Instructions, A: Datum, Q: Code + Datum>(
    isa: I,
    factors: &[f32],
    zero_point: i32,
) -> Option<Contender<A, Q>> {
    let kernel = match (Q::NAME, factors.len() > 1) {
        _ if factors.is_empty() => return None,
        ("u8", false) => I::requantize::<false, false>,
        ("u8", true) => I::requantize::<false, true>,
        ("i8", false) => I::requantize::<true, false>,
        ("i8", true) => I::requantize::<true, true>,
        _ => return None,
    };
    let (factors, zero_point) = (factors.to_vec(), i16::try_from(zero_point).ok()?);
    let name = I::named(if factors.len() > 1 { "columns_float" } else { "float" });
    Some(Contender::new(name, Grade::Within(1.0), move |src: &[A], dst: &mut [Q]| {
        let row = if factors.len() > 1 { factors.len() } else { src.len() };
        for (src, dst) in src.chunks(row).zip(dst.chunks_mut(row)) {
            let (src, dst) = (bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
            kernel(isa, &factors, zero_point, src, dst);
        }
    }))
}

fn sum<I: Instructions, Q: Datum>() -> Option<fn(I, &[u8]) -> i64> {
    Some(match Q::NAME {
        "u8" => I::sum::<false>,
        "i8" => I::sum::<true>,
        _ => return None,
    })
}

/// Sums of rows: by the absolute differences from 0, or by products with 1.
pub(crate) fn sums<Q: Datum>(row: Option<usize>) -> Vec<Contender<Q, i64>> {
    let Some(row) = row else { return Vec::new() };
    on_each_isa!(sums_on, row)
}

fn sums_on<I: Instructions, Q: Datum>(isa: I, row: usize) -> Option<Contender<Q, i64>> {
    let sum = sum::<I, Q>()?;
    Some(Contender::new(I::named("row_sums"), Grade::Exact, move |src: &[Q], dst: &mut [i64]| {
        for (src, dst) in src.chunks_exact(row).zip(dst) {
            *dst = sum(isa, bytemuck::cast_slice(src));
        }
    }))
}

/// The reciprocal, a clamp of floats, and the scale.
pub(crate) fn fake_quantizes<T: Real + Datum, Q: Code>(
    p: &QParams<T::Compute, Q>,
) -> Vec<Contender<T, T>>
where
    T::Compute: Datum,
{
    on_each_isa!(fake_quantizes_on, p)
}

fn fake_quantizes_on<I: Instructions, T: Real + Datum, Q: Code>(
    isa: I,
    p: &QParams<T::Compute, Q>,
) -> Option<Contender<T, T>>
where
    T::Compute: Datum,
{
    if T::NAME != "f32" {
        return None;
    }
    let p = Quantization::new(p);
    // A code apart is a scale apart, or a bit more once rounded.
    let grade = Grade::Within(1.001 * f64::from(p.scale));
    Some(Contender::new(I::named("fake_reciprocal"), grade, move |src: &[T], dst: &mut [T]| {
        isa.fake_quantize(&p, bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
    }))
}
