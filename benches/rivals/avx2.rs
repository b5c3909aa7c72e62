//! Rivals with AVX2: 32 codes at a time.
#![expect(unsafe_code, reason = "the CPU's instructions, loads and stores by address")]

use core::arch::x86_64::*;

use super::{Instructions, Quantization};

/// That this CPU has AVX2.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        if is_x86_feature_detected!("avx2") { Some(Self(())) } else { None }
    }
}

impl Instructions for Avx2 {
    const DIVPS: &'static str = "divps_avx2";
    const RECIPROCAL: &'static str = "reciprocal_avx2";
    const LIMIT: &'static str = "limit_avx2";
    const LIMIT_STREAM: &'static str = "limit_stream_avx2";
    const LIMIT_AHEAD: &'static str = "limit_ahead_avx2";
    const LIMIT_BACK: &'static str = "limit_back_avx2";
    const LIMIT_BACK_STREAM: &'static str = "limit_back_stream_avx2";

    fn quantize<const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
        self,
        p: &Quantization,
        src: &[f32],
        dst: &mut [u8],
    ) {
        // SAFETY: `self` exists only where `detect` found AVX2.
        unsafe { quantize::<DIVIDE, SIGNED, CLAMP>(p, src, dst) }
    }

    fn read<const AHEAD: usize>(self, src: &[u8]) -> u8 {
        // SAFETY: `self` exists only where `detect` found AVX2.
        unsafe { read::<AHEAD>(src) }
    }

    fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
        self,
        src: &[u8],
        dst: &mut [u8],
    ) {
        // SAFETY: `self` exists only where `detect` found AVX2.
        unsafe { moves::<READ, WRITTEN, STREAM, AHEAD>(src, dst) }
    }
}

/// Bytes in a vector, and codes in a step.
const STEP: usize = 32;

#[target_feature(enable = "avx2")]
fn quantize<const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
    p: &Quantization,
    src: &[f32],
    dst: &mut [u8],
) {
    assert_eq!(src.len(), dst.len());
    let factor = _mm256_set1_ps(if DIVIDE { p.scale } else { p.reciprocal });
    let zero_point = _mm256_set1_epi16(p.zero_point);
    let least = _mm256_set1_epi8(p.qmin as i8);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    let whole = dst.len() / STEP * STEP;
    for at in (0..whole).step_by(STEP) {
        // SAFETY: `at + STEP` is at most the length of `src`.
        let x = unsafe {
            let src = src.as_ptr().add(at);
            [
                _mm256_loadu_ps(src),
                _mm256_loadu_ps(src.add(8)),
                _mm256_loadu_ps(src.add(16)),
                _mm256_loadu_ps(src.add(24)),
            ]
        };
        let low =
            _mm256_packs_epi32(rounded::<DIVIDE>(x[0], factor), rounded::<DIVIDE>(x[1], factor));
        let high =
            _mm256_packs_epi32(rounded::<DIVIDE>(x[2], factor), rounded::<DIVIDE>(x[3], factor));
        let low = _mm256_adds_epi16(low, zero_point);
        let high = _mm256_adds_epi16(high, zero_point);
        let mut q =
            if SIGNED { _mm256_packs_epi16(low, high) } else { _mm256_packus_epi16(low, high) };
        if CLAMP {
            q = if SIGNED { _mm256_max_epi8(q, least) } else { _mm256_max_epu8(q, least) };
        }
        // SAFETY: `at + STEP` is at most the length of `dst`.
        unsafe {
            _mm256_storeu_si256(
                dst.as_mut_ptr().add(at).cast(),
                _mm256_permutevar8x32_epi32(q, order),
            );
        }
    }
    for (x, q) in src[whole..].iter().zip(&mut dst[whole..]) {
        *q = p.scalar::<DIVIDE>(*x);
    }
}

/// The nearest integers to the quotients; what is too high stays high, though the conversion has
/// the least integer for it.
#[inline]
#[target_feature(enable = "avx2")]
fn rounded<const DIVIDE: bool>(x: __m256, factor: __m256) -> __m256i {
    let quotient = if DIVIDE { _mm256_div_ps(x, factor) } else { _mm256_mul_ps(x, factor) };
    _mm256_cvtps_epi32(_mm256_min_ps(_mm256_set1_ps(65536.0), quotient))
}

#[target_feature(enable = "avx2")]
fn read<const AHEAD: usize>(src: &[u8]) -> u8 {
    let mut seen = [_mm256_setzero_si256(); 8];
    let steps = src.chunks_exact(8 * STEP);
    let rest = steps.remainder();
    for step in steps {
        ask::<AHEAD>(step);
        for (i, seen) in seen.iter_mut().enumerate() {
            // SAFETY: a step has eight vectors.
            let v = unsafe { _mm256_loadu_si256(step.as_ptr().add(i * STEP).cast()) };
            *seen = _mm256_or_si256(*seen, v);
        }
    }
    let mut all = rest.iter().fold(0, |all, byte| all | byte);
    for seen in seen {
        let half = _mm_or_si128(_mm256_castsi256_si128(seen), _mm256_extracti128_si256::<1>(seen));
        all |= (_mm_cvtsi128_si64(half) | _mm_extract_epi64::<1>(half)) as u8;
    }
    all
}

/// Of what is left over at the end, only bytes are written.
#[target_feature(enable = "avx2")]
fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
    src: &[u8],
    dst: &mut [u8],
) {
    let (read, written) = (READ * STEP, WRITTEN * STEP);
    let steps = src.chunks_exact(read);
    let rest = steps.remainder().len() / READ * WRITTEN;
    let whole = dst.len() - rest.min(dst.len());
    for (src, dst) in steps.zip(dst.chunks_exact_mut(written)) {
        ask::<AHEAD>(src);
        let mut all = _mm256_setzero_si256();
        for src in src.chunks_exact(STEP) {
            // SAFETY: `src` has as many bytes as a vector.
            all = _mm256_or_si256(all, unsafe { _mm256_loadu_si256(src.as_ptr().cast()) });
        }
        for dst in dst.chunks_exact_mut(STEP) {
            write::<STREAM>(all, dst);
        }
    }
    dst[whole..].fill(src[0]);
    if STREAM {
        _mm_sfence();
    }
}

/// Asks for the lines that stand AHEAD of these bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn ask<const AHEAD: usize>(src: &[u8]) {
    if AHEAD > 0 {
        for line in (0..src.len()).step_by(64) {
            let line = src.as_ptr().wrapping_add(AHEAD + line);
            _mm_prefetch::<_MM_HINT_T1>(line.cast());
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn write<const STREAM: bool>(v: __m256i, dst: &mut [u8]) {
    assert_eq!(dst.len(), STEP);
    let dst: *mut __m256i = dst.as_mut_ptr().cast();
    if STREAM && dst.is_aligned() {
        // SAFETY: `dst` is aligned and has as many bytes as a vector.
        unsafe { _mm256_stream_si256(dst, v) }
    } else {
        // SAFETY: `dst` has as many bytes as a vector.
        unsafe { _mm256_storeu_si256(dst, v) }
    }
}
