//! The project's targets: how many times as long as its limit an operation may take.

/// The cache, or memory, that holds the buffers of an operation between two calls.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    L1,
    L2,
    L3,
    Memory,
}

/// The lengths that have targets, on CPUs with some 32 KiB, 1 MiB and 32 MiB of cache.
pub(crate) const LENGTHS: [(usize, Level); 5] = [
    (1 << 10, Level::L1),
    (4 << 10, Level::L1),
    (64 << 10, Level::L2),
    (1 << 20, Level::L3),
    (64 << 20, Level::Memory),
];

/// The greatest ratio that meets the target, for each [`Level`].
type Ratios = [f64; 4];

/// No target: within the first cache the time may be that of the arithmetic.
const ANY: f64 = f64::INFINITY;
/// The target of operations that have no target of their own.
const OTHERS: Ratios = [ANY, 1.5, 1.5, 1.5];

/// One row of the targets.
struct Target {
    case: &'static str,
    avx512: Ratios,
    avx2: Ratios,
}

const fn target(case: &'static str, avx512: Ratios, avx2: Ratios) -> Target {
    Target { case, avx512, avx2 }
}

const MIN_MAX: Ratios = [1.25, 1.06, 1.06, 1.05];
const ABS_MAX: Ratios = [1.15, 1.06, 1.06, 1.05];
const QUANTIZE: Ratios = [2.6, 1.2, 1.08, 1.08];
const QUANTIZE_AVX2: Ratios = [3.2, 1.5, 1.35, 1.08];
const DEQUANTIZE: Ratios = [1.20, 1.05, 1.05, 1.08];
const DYNAMIC: Ratios = [1.75, 1.06, 1.06, 1.05];
/// The target of schemes whose least code is above the type's least, which takes one more clamp.
const CLAMPED: Ratios = [2.8, 1.3, 1.15, 1.08];

const REQUANTIZE: Ratios = [2.0, 1.10, 1.10, 1.10];
const FAKE: Ratios = [2.0, 1.15, 1.15, 1.10];
/// On either axis of a matrix.
const CHANNELS: Ratios = [ANY, ANY, 1.25, 1.25];
const DYNAMIC_ROWS: Ratios = [ANY, ANY, ANY, 1.10];
const DYNAMIC_BLOCKS: Ratios = [3.5, 1.8, 1.8, 1.15];
const DEQUANTIZE_BLOCKS: Ratios = [1.4, 1.2, 1.2, 1.10];
const DYNAMIC_BLOCKS_4: Ratios = [4.0, 2.0, 2.0, 1.20];
const DEQUANTIZE_BLOCKS_4: Ratios = [1.5, 1.3, 1.3, 1.10];
const QUANTIZE_HALF: Ratios = [3.0, 1.5, 1.5, 1.15];
const MIN_MAX_HALF: Ratios = [2.0, 1.2, 1.2, 1.05];

const TARGETS: [Target; 62] = [
    target("min_max/f32_f32", MIN_MAX, [1.4, 1.06, 1.06, 1.05]),
    target("abs_max/f32_f32", ABS_MAX, ABS_MAX),
    target("quantize/f32_u8", QUANTIZE, QUANTIZE_AVX2),
    target("quantize/f32_i8", QUANTIZE, QUANTIZE_AVX2),
    // AVX2 is not granted anything for the clamp.
    target("quantize/f32_i8_symmetric", CLAMPED, QUANTIZE_AVX2),
    target("dequantize/u8_f32", DEQUANTIZE, DEQUANTIZE),
    target("dequantize/i8_f32", DEQUANTIZE, DEQUANTIZE),
    target("quantize_dynamic/f32_u8", DYNAMIC, DYNAMIC),
    target("quantization_error/f32_u8", OTHERS, OTHERS),
    target("min_max/f64_f64", OTHERS, OTHERS),
    target("abs_max/f64_f64", OTHERS, OTHERS),
    target("quantize/f64_u8", OTHERS, OTHERS),
    target("requantize/i32_u8", REQUANTIZE, REQUANTIZE),
    target("requantize/i32_u8_fixed", REQUANTIZE, REQUANTIZE),
    target("quantize_per/f32_u8_rows", CHANNELS, CHANNELS),
    target("quantize_per/f32_u8_columns", CHANNELS, CHANNELS),
    target("dequantize_per/u8_f32_rows", CHANNELS, CHANNELS),
    target("dequantize_per/u8_f32_columns", CHANNELS, CHANNELS),
    target("requantize_per/i32_u8_columns", CHANNELS, CHANNELS),
    target("requantize_per/i32_u8_fixed_columns", CHANNELS, CHANNELS),
    target("requantize/i32_i8", REQUANTIZE, REQUANTIZE),
    target("requantize/i32_i8_fixed", REQUANTIZE, REQUANTIZE),
    target("quantize_per/f32_i8_rows", CHANNELS, CHANNELS),
    target("quantize_per/f32_i8_columns", CHANNELS, CHANNELS),
    target("dequantize_per/i8_f32_rows", CHANNELS, CHANNELS),
    target("dequantize_per/i8_f32_columns", CHANNELS, CHANNELS),
    target("requantize_per/i32_i8_columns", CHANNELS, CHANNELS),
    target("requantize_per/i32_i8_fixed_columns", CHANNELS, CHANNELS),
    target("fake_quantize/f32_f32", FAKE, FAKE),
    target("fake_quantize_per/f32_f32_columns", CHANNELS, CHANNELS),
    target("quantize_dynamic_per/f32_u8_rows", DYNAMIC_ROWS, DYNAMIC_ROWS),
    target("quantize_dynamic_per/f32_i8_rows", DYNAMIC_ROWS, DYNAMIC_ROWS),
    target("quantize_dynamic_per/f32_i8_blocks_32", DYNAMIC_BLOCKS, DYNAMIC_BLOCKS),
    target("dequantize_per/i8_f32_blocks_32", DEQUANTIZE_BLOCKS, DEQUANTIZE_BLOCKS),
    target("quantize_dynamic_per/f32_i8_blocks_64", DYNAMIC_BLOCKS, DYNAMIC_BLOCKS),
    target("dequantize_per/i8_f32_blocks_64", DEQUANTIZE_BLOCKS, DEQUANTIZE_BLOCKS),
    target("quantize_dynamic_per/f32_i8_blocks_128", DYNAMIC_BLOCKS, DYNAMIC_BLOCKS),
    target("dequantize_per/i8_f32_blocks_128", DEQUANTIZE_BLOCKS, DEQUANTIZE_BLOCKS),
    target("quantize_dynamic_per/f32_i8_blocks_256", DYNAMIC_BLOCKS, DYNAMIC_BLOCKS),
    target("dequantize_per/i8_f32_blocks_256", DEQUANTIZE_BLOCKS, DEQUANTIZE_BLOCKS),
    target("quantize_dynamic_per/f32_i4_blocks_32", DYNAMIC_BLOCKS_4, DYNAMIC_BLOCKS_4),
    target("dequantize_per/i4_f32_blocks_32", DEQUANTIZE_BLOCKS_4, DEQUANTIZE_BLOCKS_4),
    target("quantize_dynamic_per/f32_i4_blocks_128", DYNAMIC_BLOCKS_4, DYNAMIC_BLOCKS_4),
    target("dequantize_per/i4_f32_blocks_128", DEQUANTIZE_BLOCKS_4, DEQUANTIZE_BLOCKS_4),
    target("quantize/f32_i4", OTHERS, OTHERS),
    target("dequantize/i4_f32", DEQUANTIZE_BLOCKS_4, DEQUANTIZE_BLOCKS_4),
    target("quantize/f16_i8", QUANTIZE_HALF, QUANTIZE_HALF),
    target("quantize/f16_u8", QUANTIZE_HALF, QUANTIZE_HALF),
    target("min_max/f16_f32", MIN_MAX_HALF, MIN_MAX_HALF),
    target("abs_max/f16_f32", MIN_MAX_HALF, MIN_MAX_HALF),
    target("dequantize/i8_f16", OTHERS, OTHERS),
    target("quantize/bf16_i8", QUANTIZE_HALF, QUANTIZE_HALF),
    target("quantize/bf16_u8", QUANTIZE_HALF, QUANTIZE_HALF),
    target("min_max/bf16_f32", MIN_MAX_HALF, MIN_MAX_HALF),
    target("abs_max/bf16_f32", MIN_MAX_HALF, MIN_MAX_HALF),
    target("dequantize/i8_bf16", OTHERS, OTHERS),
    target("quantize/f32_i16", OTHERS, OTHERS),
    target("quantize/f32_u16", OTHERS, OTHERS),
    target("dequantize/i16_f32", OTHERS, OTHERS),
    target("dequantize/i32_f32", OTHERS, OTHERS),
    target("quantize_with_sums/f32_i8_rows", OTHERS, OTHERS),
    target("sum_per/i8_i64_rows", OTHERS, OTHERS),
];

/// Returns whether the operation has targets.
pub(crate) fn has(case: &str) -> bool {
    TARGETS.iter().any(|target| target.case == case)
}

/// The most that `backend` may take, over its own limit.
pub(crate) fn of(case: &str, backend: &str, level: Level) -> Option<f64> {
    let target = TARGETS.iter().find(|target| target.case == case)?;
    let ratios = match backend {
        "avx512" => target.avx512,
        "avx2" => target.avx2,
        _ => return None,
    };
    Some(ratios[level as usize]).filter(|ratio| ratio.is_finite())
}
