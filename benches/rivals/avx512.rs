//! Rivals with AVX-512: 64 codes at a time.
#![expect(unsafe_code, reason = "the CPU's instructions, loads and stores by address")]

use core::arch::x86_64::*;

use super::{BLOCK, F16, F32, I8, Instructions, Quantization, U8, code, real, size};

/// Stands for a CPU that has AVX-512 F and BW.
#[derive(Clone, Copy)]
pub(super) struct Avx512 {
    /// Says whether the CPU adds products of bytes in one instruction.
    vnni: bool,
}

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        if found { Some(Self { vnni: is_x86_feature_detected!("avx512vnni") }) } else { None }
    }
}

instructions!(Avx512, "avx512");

/// The number of bytes in a vector, and of codes in a step.
const STEP: usize = 64;

/// Sixteen reals.
///
/// # Safety
///
/// So many can be read at `src`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn load<const FROM: u8>(src: *const u8) -> __m512 {
    // SAFETY: as this function asks.
    unsafe {
        match FROM {
            F32 => _mm512_loadu_ps(src.cast()),
            F16 => _mm512_cvtph_ps(_mm256_loadu_si256(src.cast())),
            _ => {
                let halves = _mm512_cvtepu16_epi32(_mm256_loadu_si256(src.cast()));
                _mm512_castsi512_ps(_mm512_slli_epi32::<16>(halves))
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn quantize<const FROM: u8, const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
    _: Avx512,
    p: &Quantization,
    src: &[u8],
    dst: &mut [u8],
) {
    assert_eq!(src.len(), dst.len() * size::<FROM>());
    let factor = _mm512_set1_ps(if DIVIDE { p.scale } else { p.reciprocal });
    let zero_point = _mm512_set1_epi16(p.zero_point);
    let least = _mm512_set1_epi8(p.qmin as i8);
    let whole = dst.len() / STEP * STEP;
    for (step, dst) in dst.chunks_exact_mut(STEP).enumerate() {
        let mut n = [_mm512_setzero_si512(); 4];
        for i in 0..4 {
            let at = (step * STEP + 16 * i) * size::<FROM>();
            // SAFETY: `src` has as many elements as `dst`.
            let x = unsafe { load::<FROM>(src.as_ptr().add(at)) };
            n[i] = rounded::<DIVIDE>(x, factor);
        }
        let mut q = packed::<SIGNED>(n, zero_point);
        if CLAMP {
            q = if SIGNED { _mm512_max_epi8(q, least) } else { _mm512_max_epu8(q, least) };
        }
        write::<false>(q, dst);
    }
    for i in whole..dst.len() {
        dst[i] = p.scalar::<DIVIDE>(real::<FROM>(src, i));
    }
}

/// Codes of 8 bits: the integers, saturated, and the zero point added to them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn packed<const SIGNED: bool>(n: [__m512i; 4], zero_point: __m512i) -> __m512i {
    let low = _mm512_adds_epi16(_mm512_packs_epi32(n[0], n[1]), zero_point);
    let high = _mm512_adds_epi16(_mm512_packs_epi32(n[2], n[3]), zero_point);
    let q = if SIGNED { _mm512_packs_epi16(low, high) } else { _mm512_packus_epi16(low, high) };
    _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
        q,
    )
}

/// The nearest integers to the quotients; what is too high stays high, though the conversion has
/// the least integer for it.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn rounded<const DIVIDE: bool>(x: __m512, factor: __m512) -> __m512i {
    let quotient = if DIVIDE { _mm512_div_ps(x, factor) } else { _mm512_mul_ps(x, factor) };
    _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(65536.0), quotient))
}

/// Finds the range; with `ABS`, the greatest magnitude twice.
#[target_feature(enable = "avx512f,avx512bw")]
fn range<const FROM: u8, const ABS: bool>(_: Avx512, src: &[u8]) -> [f32; 2] {
    let mut min = [_mm512_set1_ps(f32::INFINITY); 4];
    let mut max = [_mm512_set1_ps(if ABS { 0.0 } else { f32::NEG_INFINITY }); 4];
    let len = src.len() / size::<FROM>();
    let whole = len / STEP * STEP;
    for at in (0..whole).step_by(STEP) {
        for i in 0..4 {
            let at = (at + 16 * i) * size::<FROM>();
            // SAFETY: `at + STEP` was at most the number of elements.
            let x = unsafe { load::<FROM>(src.as_ptr().add(at)) };
            if ABS {
                max[i] = _mm512_max_ps(_mm512_abs_ps(x), max[i]);
            } else {
                min[i] = _mm512_min_ps(x, min[i]);
                max[i] = _mm512_max_ps(x, max[i]);
            }
        }
    }
    let min = _mm512_min_ps(_mm512_min_ps(min[0], min[1]), _mm512_min_ps(min[2], min[3]));
    let max = _mm512_max_ps(_mm512_max_ps(max[0], max[1]), _mm512_max_ps(max[2], max[3]));
    let mut all = [_mm512_reduce_min_ps(min), _mm512_reduce_max_ps(max)];
    for i in whole..len {
        let x = real::<FROM>(src, i);
        all = [all[0].min(x), all[1].max(if ABS { x.abs() } else { x })];
    }
    if ABS { [all[1]; 2] } else { all }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn dequantize<const CODES: u8>(
    _: Avx512,
    scale: f32,
    zero_point: i32,
    src: &[u8],
    dst: &mut [f32],
) {
    let (scales, zero_points) = (_mm512_set1_ps(scale), _mm512_set1_epi32(zero_point));
    let whole = dst.len() / BLOCK * BLOCK;
    for (src, dst) in src.chunks_exact(BLOCK).zip(dst.chunks_exact_mut(BLOCK)) {
        widen::<CODES>(src, scales, zero_points, dst);
    }
    for i in whole..dst.len() {
        dst[i] = (code::<CODES>(src, i) - zero_point) as f32 * scale;
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn dequantize_blocks<const CODES: u8>(_: Avx512, scales: &[f32], src: &[u8], dst: &mut [f32]) {
    let bytes = if CODES == U8 || CODES == I8 { BLOCK } else { BLOCK / 2 };
    let blocks = src.chunks_exact(bytes).zip(dst.chunks_exact_mut(BLOCK)).zip(scales);
    for ((src, dst), scale) in blocks {
        widen::<CODES>(src, _mm512_set1_ps(*scale), _mm512_setzero_si512(), dst);
    }
    for i in dst.len() / BLOCK * BLOCK..dst.len() {
        dst[i] = code::<CODES>(src, i) as f32 * scales[i / BLOCK];
    }
}

/// Dequantizes 32 codes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn widen<const CODES: u8>(src: &[u8], scale: __m512, zero_point: __m512i, dst: &mut [f32]) {
    assert!(src.len() >= if CODES == U8 || CODES == I8 { 32 } else { 16 } && dst.len() >= 32);
    let first: *const __m128i = src.as_ptr().cast();
    // SAFETY: there are 16 bytes, and 32 if the codes are not packed.
    let codes = unsafe {
        if CODES == U8 || CODES == I8 {
            [_mm_loadu_si128(first), _mm_loadu_si128(first.add(1))]
        } else {
            nibbles(_mm_loadu_si128(first))
        }
    };
    for i in 0..2 {
        let q = if CODES == U8 {
            _mm512_cvtepu8_epi32(codes[i])
        } else {
            _mm512_cvtepi8_epi32(codes[i])
        };
        let x = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(q, zero_point)), scale);
        // SAFETY: there are 32 elements.
        unsafe { _mm512_storeu_ps(dst.as_mut_ptr().add(16 * i), x) }
    }
}

/// Codes of 4 bits as bytes, the first of two out of the low bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn nibbles(packed: __m128i) -> [__m128i; 2] {
    let (mask, sign) = (_mm_set1_epi8(15), _mm_set1_epi8(8));
    let low = _mm_and_si128(packed, mask);
    let high = _mm_and_si128(_mm_srli_epi16::<4>(packed), mask);
    let mut codes = [_mm_unpacklo_epi8(low, high), _mm_unpackhi_epi8(low, high)];
    for half in &mut codes {
        *half = _mm_sub_epi8(_mm_xor_si128(*half, sign), sign);
    }
    codes
}

#[target_feature(enable = "avx512f,avx512bw")]
fn requantize<const SIGNED: bool, const COLUMNS: bool>(
    _: Avx512,
    factors: &[f32],
    zero_point: i16,
    src: &[i32],
    dst: &mut [u8],
) {
    assert!(src.len() == dst.len() && factors.len() == if COLUMNS { src.len() } else { 1 });
    let zero_points = _mm512_set1_epi16(zero_point);
    let mut factor = _mm512_set1_ps(factors[0]);
    let whole = dst.len() / STEP * STEP;
    for (step, dst) in dst.chunks_exact_mut(STEP).enumerate() {
        let mut n = [_mm512_setzero_si512(); 4];
        for i in 0..4 {
            let at = step * STEP + 16 * i;
            // SAFETY: `src` is as long as `dst`, and so are the factors of columns.
            let accumulators = unsafe {
                if COLUMNS {
                    factor = _mm512_loadu_ps(factors.as_ptr().add(at));
                }
                _mm512_loadu_si512(src.as_ptr().add(at).cast())
            };
            n[i] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(accumulators), factor));
        }
        write::<false>(packed::<SIGNED>(n, zero_points), dst);
    }
    for i in whole..dst.len() {
        let factor = factors[if COLUMNS { i } else { 0 }];
        let n = (src[i] as f32 * factor).round_ties_even() as i32;
        let q = n.saturating_add(zero_point.into());
        dst[i] = if SIGNED { q.clamp(-128, 127) } else { q.clamp(0, 255) } as u8;
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn sum<const SIGNED: bool>(isa: Avx512, src: &[u8]) -> i64 {
    if SIGNED && isa.vnni {
        // SAFETY: `detect` found the instruction.
        return unsafe { sum_of_products(src) };
    }
    let mut all = _mm512_setzero_si512();
    let (bytes, words) = (_mm512_set1_epi8(1), _mm512_set1_epi16(1));
    let steps = src.chunks_exact(4 * STEP);
    let rest = steps.remainder();
    for step in steps {
        let mut some = _mm512_setzero_si512();
        for i in 0..4 {
            // SAFETY: a step has four vectors.
            let q = unsafe { _mm512_loadu_si512(step.as_ptr().add(i * STEP).cast()) };
            some = if SIGNED {
                _mm512_add_epi16(some, _mm512_maddubs_epi16(bytes, q))
            } else {
                _mm512_add_epi64(some, _mm512_sad_epu8(q, _mm512_setzero_si512()))
            };
        }
        all = if SIGNED {
            _mm512_add_epi32(all, _mm512_madd_epi16(some, words))
        } else {
            _mm512_add_epi64(all, some)
        };
    }
    let rest = rest.iter().map(|&q| if SIGNED { i64::from(q as i8) } else { q.into() });
    let rest: i64 = rest.sum();
    if SIGNED {
        i64::from(_mm512_reduce_add_epi32(all)) + rest
    } else {
        _mm512_reduce_add_epi64(all) + rest
    }
}

/// Products of four codes with 1, added to their sum by one instruction.
#[target_feature(enable = "avx512f,avx512vnni")]
fn sum_of_products(src: &[u8]) -> i64 {
    let mut all = [_mm512_setzero_si512(); 4];
    let steps = src.chunks_exact(4 * STEP);
    let rest: i64 = steps.remainder().iter().map(|&q| i64::from(q as i8)).sum();
    for step in steps {
        for i in 0..4 {
            // SAFETY: a step has four vectors.
            let q = unsafe { _mm512_loadu_si512(step.as_ptr().add(i * STEP).cast()) };
            all[i] = _mm512_dpbusd_epi32(all[i], _mm512_set1_epi8(1), q);
        }
    }
    let all = _mm512_add_epi32(_mm512_add_epi32(all[0], all[1]), _mm512_add_epi32(all[2], all[3]));
    i64::from(_mm512_reduce_add_epi32(all)) + rest
}

#[target_feature(enable = "avx512f,avx512bw")]
fn fake_quantize(_: Avx512, p: &Quantization, src: &[f32], dst: &mut [f32]) {
    assert_eq!(src.len(), dst.len());
    let (reciprocal, scale) = (_mm512_set1_ps(p.reciprocal), _mm512_set1_ps(p.scale));
    let bounds = [p.qmin, p.qmax].map(|q| (q - i32::from(p.zero_point)) as f32);
    let [least, most] = [_mm512_set1_ps(bounds[0]), _mm512_set1_ps(bounds[1])];
    let whole = dst.len() / 16 * 16;
    for at in (0..whole).step_by(16) {
        // SAFETY: `at + 16` is at most the length of both.
        unsafe {
            let x = _mm512_mul_ps(_mm512_loadu_ps(src.as_ptr().add(at)), reciprocal);
            let n = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
            let n = _mm512_min_ps(_mm512_max_ps(n, least), most);
            _mm512_storeu_ps(dst.as_mut_ptr().add(at), _mm512_mul_ps(n, scale));
        }
    }
    for i in whole..dst.len() {
        let n = (src[i] * p.reciprocal).round_ties_even().clamp(bounds[0], bounds[1]);
        dst[i] = n * p.scale;
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn read<const AHEAD: usize>(_: Avx512, src: &[u8]) -> u8 {
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

/// Moves as many bytes as an operation. At the end, the rest is only written.
#[target_feature(enable = "avx512f,avx512bw")]
fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
    _: Avx512,
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
