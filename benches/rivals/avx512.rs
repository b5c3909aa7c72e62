//! Rivals with AVX-512: 64 codes at a time.
#![expect(unsafe_code, reason = "the CPU's instructions, loads and stores by address")]

use core::arch::x86_64::*;

use super::{Instructions, Quantization};

/// That this CPU has AVX-512 F and BW.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        if found { Some(Self(())) } else { None }
    }
}

impl Instructions for Avx512 {
    const DIVPS: &'static str = "divps_avx512";
    const RECIPROCAL: &'static str = "reciprocal_avx512";
    const LIMIT: &'static str = "limit_avx512";
    const LIMIT_STREAM: &'static str = "limit_stream_avx512";
    const LIMIT_AHEAD: &'static str = "limit_ahead_avx512";
    const LIMIT_BACK: &'static str = "limit_back_avx512";
    const LIMIT_BACK_STREAM: &'static str = "limit_back_stream_avx512";

    fn quantize<const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
        self,
        p: &Quantization,
        src: &[f32],
        dst: &mut [u8],
    ) {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { quantize::<DIVIDE, SIGNED, CLAMP>(p, src, dst) }
    }

    fn read<const AHEAD: usize>(self, src: &[u8]) -> u8 {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { read::<AHEAD>(src) }
    }

    fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
        self,
        src: &[u8],
        dst: &mut [u8],
    ) {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { moves::<READ, WRITTEN, STREAM, AHEAD>(src, dst) }
    }
}

/// Bytes in a vector, and codes in a step.
const STEP: usize = 64;

#[target_feature(enable = "avx512f,avx512bw")]
fn quantize<const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
    p: &Quantization,
    src: &[f32],
    dst: &mut [u8],
) {
    assert_eq!(src.len(), dst.len());
    let factor = _mm512_set1_ps(if DIVIDE { p.scale } else { p.reciprocal });
    let zero_point = _mm512_set1_epi16(p.zero_point);
    let least = _mm512_set1_epi8(p.qmin as i8);
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let whole = dst.len() / STEP * STEP;
    for at in (0..whole).step_by(STEP) {
        // SAFETY: `at + STEP` is at most the length of `src`.
        let x = unsafe {
            let src = src.as_ptr().add(at);
            [
                _mm512_loadu_ps(src),
                _mm512_loadu_ps(src.add(16)),
                _mm512_loadu_ps(src.add(32)),
                _mm512_loadu_ps(src.add(48)),
            ]
        };
        let low =
            _mm512_packs_epi32(rounded::<DIVIDE>(x[0], factor), rounded::<DIVIDE>(x[1], factor));
        let high =
            _mm512_packs_epi32(rounded::<DIVIDE>(x[2], factor), rounded::<DIVIDE>(x[3], factor));
        let low = _mm512_adds_epi16(low, zero_point);
        let high = _mm512_adds_epi16(high, zero_point);
        let mut q =
            if SIGNED { _mm512_packs_epi16(low, high) } else { _mm512_packus_epi16(low, high) };
        if CLAMP {
            q = if SIGNED { _mm512_max_epi8(q, least) } else { _mm512_max_epu8(q, least) };
        }
        // SAFETY: `at + STEP` is at most the length of `dst`.
        unsafe {
            _mm512_storeu_si512(
                dst.as_mut_ptr().add(at).cast(),
                _mm512_permutexvar_epi32(order, q),
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
#[target_feature(enable = "avx512f,avx512bw")]
fn rounded<const DIVIDE: bool>(x: __m512, factor: __m512) -> __m512i {
    let quotient = if DIVIDE { _mm512_div_ps(x, factor) } else { _mm512_mul_ps(x, factor) };
    _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(65536.0), quotient))
}

#[target_feature(enable = "avx512f,avx512bw")]
fn read<const AHEAD: usize>(src: &[u8]) -> u8 {
    let mut seen = [_mm512_setzero_si512(); 8];
    let steps = src.chunks_exact(8 * STEP);
    let rest = steps.remainder();
    for step in steps {
        ask::<AHEAD>(step);
        for (i, seen) in seen.iter_mut().enumerate() {
            // SAFETY: a step has eight vectors.
            let v = unsafe { _mm512_loadu_si512(step.as_ptr().add(i * STEP).cast()) };
            *seen = _mm512_or_si512(*seen, v);
        }
    }
    let mut all = rest.iter().fold(0, |all, byte| all | byte);
    for seen in seen {
        all |= _mm512_reduce_or_epi64(seen) as u8;
    }
    all
}

/// Of what is left over at the end, only bytes are written.
#[target_feature(enable = "avx512f,avx512bw")]
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
        let mut all = _mm512_setzero_si512();
        for src in src.chunks_exact(STEP) {
            // SAFETY: `src` has as many bytes as a vector.
            all = _mm512_or_si512(all, unsafe { _mm512_loadu_si512(src.as_ptr().cast()) });
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
#[target_feature(enable = "avx512f,avx512bw")]
fn ask<const AHEAD: usize>(src: &[u8]) {
    if AHEAD > 0 {
        for line in (0..src.len()).step_by(64) {
            let line = src.as_ptr().wrapping_add(AHEAD + line);
            _mm_prefetch::<_MM_HINT_T1>(line.cast());
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn write<const STREAM: bool>(v: __m512i, dst: &mut [u8]) {
    assert_eq!(dst.len(), STEP);
    let dst: *mut __m512i = dst.as_mut_ptr().cast();
    if STREAM && dst.is_aligned() {
        // SAFETY: `dst` is aligned and has as many bytes as a vector.
        unsafe { _mm512_stream_si512(dst, v) }
    } else {
        // SAFETY: `dst` has as many bytes as a vector.
        unsafe { _mm512_storeu_si512(dst, v) }
    }
}
