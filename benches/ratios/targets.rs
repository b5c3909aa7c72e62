//! The project's targets: how many times as long as its limit an operation may take.

/// Where the buffers of an operation stay between two calls.
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

/// For each [`Level`], the most that is within the target.
type Ratios = [f64; 4];

/// Where there is no target: within the first cache arithmetic may take what it takes.
const ANY: f64 = f64::INFINITY;
/// What is asked of everything that has no target of its own.
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
/// Where some codes lie below the least: a clamp more.
const CLAMPED: Ratios = [2.8, 1.3, 1.15, 1.08];

const TARGETS: [Target; 12] = [
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
];

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
