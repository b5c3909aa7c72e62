//! The one list of exported functions, for the declarations of the header, and for the calls of tests and fuzzing.

use core::ffi::{c_char, c_int, c_void};

use super::pointers::{Buffers, elements};
use super::types::{Stats, Type, with_types};
use super::{
    CClip, CFixedParams, CFixedSliceParams, CGranularity, CObserverKind, CParams, CScheme,
};
use super::{CSliceParams, Callback, Observer, Pool, Status};
use super::{backend, backend_name, observer, operations, pool, requantize, status};
use crate::backend::Backend;
use crate::ggml::{self, Block};
use crate::packed::{I2x4, I4x2, U2x4, U4x2};
use crate::params::QParams;

/// A function of the ABI, in the form that the header and the tests need.
#[derive(Debug)]
pub struct Export {
    pub name: &'static str,
    /// The names and the types of the function's arguments in the list.
    pub arguments: &'static [(&'static str, &'static str)],
    pub returns: &'static str,
    pub address: *const (),
}

/// Exports `zp_$name`, which returns `$call`.
macro_rules! export {
    ($name:ident($($arg:ident: $A:ty),* $(,)?) -> $R:ty = $call:expr) => {{
        #[unsafe(export_name = concat!("zp_", stringify!($name)))]
        unsafe extern "C" fn export($($arg: $A),*) -> $R {
            $call
        }
        Export {
            name: concat!("zp_", stringify!($name)),
            arguments: &[$((stringify!($arg), stringify!($A))),*],
            returns: stringify!($R),
            address: export as *const (),
        }
    }};
}

/// Exports an operation on numbers `T`, codes `Q`, or both, whose types are arguments. Its outcome becomes a status.
/// The operation checks its buffers by `$b`, in the order of the call: inputs before outputs.
macro_rules! operation {
    ($name:ident $arguments:tt, $($X:ident = $type:ident,)* |$b:ident| $call:expr) => {
        export!($name $arguments -> Status = with_types!($($X = $type,)* status::of(|| {
            let $b = &Buffers::default();
            // SAFETY: the header demands from C that the pointers are valid for the elements that are named here.
            unsafe { $call }
        })))
    };
    // For operations on slices, `$g` is their granularity. Here the match on the types is inside of the call, which is
    // less code; for the operations above it is outside, which is faster.
    ($name:ident $arguments:tt, $g:ident = $granularity:expr,
     $($X:ident = $type:ident,)+ |$b:ident| $call:expr) => {
        operation!($name $arguments, |$b| {
            let $g = $granularity?;
            with_types!($($X = $type,)+ $call)
        })
    };
}

/// Returns all functions, in the order of the header.
#[must_use]
pub fn exports() -> &'static [Export] {
    const ALL: &[Export] = &[
        export!(version() -> *const c_char =
            concat!(env!("ZEROPOINT_VERSION"), "\0").as_ptr().cast()),
        export!(backend_name() -> *const c_char = backend_name()),
        export!(status_message(status: Status) -> *const c_char =
            status::message(status).as_ptr().cast()),
        export!(last_error_message(buffer: *mut c_char, size: usize) -> usize = {
            // SAFETY: the header demands from C that `buffer` has `size` bytes.
            unsafe { status::last_error_message(buffer, size) }
        }),
        // The following operations use one scale and one zero point.
        operation!(min_max(
            src: *const c_void, src_type: Type, n: usize,
            min: *mut f64, max: *mut f64, has_nan: *mut c_int
        ), T = src_type, |b| operations::min_max::<T>(
            b.input("src", src, n)?, b.result("min", min)?, b.result("max", max)?,
            b.result("has_nan", has_nan)?)),
        operation!(abs_max(
            src: *const c_void, src_type: Type, n: usize, alpha: *mut f64
        ), T = src_type, |b| operations::abs_max::<T>(
            b.input("src", src, n)?, b.result("alpha", alpha)?)),
        operation!(params_from_range(
            min: f64, max: f64, src_type: Type, scheme: CScheme, bits: u32, dst_type: Type,
            params: *mut CParams
        ), T = src_type, Q = dst_type, |b| operations::params_from_range::<T, Q>(
            (min, max), (scheme, bits), b.result("params", params)?)),
        operation!(params_from_alpha(
            alpha: f64, src_type: Type, scheme: CScheme, bits: u32, dst_type: Type,
            params: *mut CParams
        ), T = src_type, Q = dst_type, |b| operations::params_from_alpha::<T, Q>(
            alpha, (scheme, bits), b.result("params", params)?)),
        operation!(quantize(
            src: *const c_void, src_type: Type, n: usize, params: CParams,
            dst: *mut c_void, dst_type: Type
        ), T = src_type, Q = dst_type, |b| Ok(backend()?.quantize(
            b.input::<T>("src", src, n)?, &params.checked()?,
            b.output::<Q>("dst", dst, elements::<Q>(n))?)?)),
        operation!(dequantize(
            src: *const c_void, src_type: Type, n: usize, params: CParams,
            dst: *mut c_void, dst_type: Type
        ), T = dst_type, Q = src_type, |b| Ok(backend()?.dequantize(
            b.input::<Q>("src", src, elements::<Q>(n))?, &params.checked()?,
            b.output::<T>("dst", dst, n)?)?)),
        operation!(quantize_dynamic(
            src: *const c_void, src_type: Type, n: usize, scheme: CScheme, bits: u32,
            dst: *mut c_void, dst_type: Type, params: *mut CParams
        ), T = src_type, Q = dst_type, |b| operations::quantize_dynamic::<T, Q>(
            b.input("src", src, n)?, (scheme, bits), b.output("dst", dst, elements::<Q>(n))?,
            b.result("params", params)?)),
        operation!(fake_quantize(
            src: *const c_void, src_type: Type, n: usize, params: CParams, code_type: Type,
            dst: *mut c_void
        ), T = src_type, Q = code_type, |b| {
            let src = if src == dst && n > 0 { None } else { Some(b.input("src", src, n)?) };
            let params = QParams::of(*params.checked::<_, Q>()?.affine());
            operations::fake_quantize::<T>(src, &params, b.output("dst", dst, n)?)
        }),
        operation!(quantization_error(
            src: *const c_void, src_type: Type, n: usize, params: CParams, code_type: Type,
            stats: *mut Stats
        ), T = src_type, Q = code_type, |b| operations::quantization_error::<T>(
            b.input("src", src, n)?, &QParams::of(*params.checked::<_, Q>()?.affine()),
            b.result("stats", stats)?)),
        operation!(unpack(
            src: *const c_void, src_type: Type, n: usize, dst: *mut i32
        ), Q = src_type, |b| operations::unpack::<Q>(
            b.input("src", src, elements::<Q>(n))?, b.output("dst", dst.cast(), n)?)),
        operation!(requantize(
            src: *const i32, n: usize, params: CParams, dst: *mut c_void, dst_type: Type
        ), Q = dst_type, |b| Ok(backend()?.requantize(
            b.input("src", src.cast(), n)?, &params.requantize::<Q>()?,
            b.output("dst", dst, elements::<Q>(n))?)?)),
        operation!(requantize_fixed(
            src: *const i32, n: usize, params: CFixedParams, dst: *mut c_void, dst_type: Type
        ), Q = dst_type, |b| Ok(backend()?.requantize(
            b.input("src", src.cast(), n)?, &params.requantize::<Q>()?,
            b.output("dst", dst, elements::<Q>(n))?)?)),
        operation!(fixed_multiplier(
            real: f64, multiplier: *mut i32, shift: *mut i32
        ), |b| operations::fixed_multiplier(
            real, b.result("multiplier", multiplier)?, b.result("shift", shift)?)),
        // The following functions make granularities.
        operation!(granularity_tensor(
            n: usize, granularity: *mut CGranularity
        ), |b| CGranularity::put(&[1, n], 0, None, b.result("granularity", granularity)?)),
        operation!(granularity_channel(
            shape: *const usize, rank: usize, axis: usize, granularity: *mut CGranularity
        ), |b| CGranularity::put(b.input("shape", shape.cast(), rank)?, axis, None,
            b.result("granularity", granularity)?)),
        operation!(granularity_block(
            shape: *const usize, rank: usize, axis: usize, block: usize,
            granularity: *mut CGranularity
        ), |b| CGranularity::put(b.input("shape", shape.cast(), rank)?, axis, Some(block),
            b.result("granularity", granularity)?)),
        operation!(granularity_row(
            rows: usize, n: usize, granularity: *mut CGranularity
        ), |b| CGranularity::put(&[rows, n], 0, None, b.result("granularity", granularity)?)),
        operation!(granularity_with_pitch(
            granularity: *mut CGranularity, src_pitch: usize, dst_pitch: usize
        ), |b| b.result("granularity", granularity)?.set_pitch(src_pitch, dst_pitch)),
        operation!(granularity_slices(granularity: CGranularity, slices: *mut usize), |b| {
            let slices = b.result("slices", slices)?;
            granularity.checked().map(|granularity| *slices = granularity.slices())
        }),
        // The following operations use a scale and a zero point for each slice.
        operation!(min_max_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            min: *mut c_void, max: *mut c_void, has_nan: *mut c_int, slices: usize
        ), g = granularity.of(n, n), T = src_type, |b| operations::min_max_per::<T>(
            g, b.input("src", src, n)?,
            (b.output("min", min, slices)?, b.output("max", max, slices)?),
            b.output("has_nan", has_nan.cast(), slices)?)),
        operation!(quantize_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            params: CSliceParams, dst: *mut c_void, dst_type: Type, dst_n: usize
        ), g = granularity.of(n, dst_n), T = src_type, Q = dst_type, |b| Ok(backend()?.quantize_per(
            g, b.input::<T>("src", src, n)?, params.checked(b)?,
            b.output::<Q>("dst", dst, elements::<Q>(dst_n))?)?)),
        operation!(dequantize_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            params: CSliceParams, dst: *mut c_void, dst_type: Type, dst_n: usize
        ), g = granularity.of(n, dst_n), T = dst_type, Q = src_type,
        |b| Ok(backend()?.dequantize_per(
            g, b.input::<Q>("src", src, elements::<Q>(n))?,
            params.checked(b)?, b.output::<T>("dst", dst, dst_n)?)?)),
        operation!(quantize_dynamic_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            scheme: CScheme, bits: u32, dst: *mut c_void, dst_type: Type, dst_n: usize,
            scales: *mut c_void, zero_points: *mut i32, slices: usize
        ), g = granularity.of(n, dst_n), T = src_type, Q = dst_type,
        |b| operations::quantize_dynamic_per::<T, Q>(
            g, b.input("src", src, n)?, (scheme, bits),
            b.output("dst", dst, elements::<Q>(dst_n))?, b.output("scales", scales, slices)?,
            match zero_points.is_null() {
                true => None,
                false => Some(b.output("zero_points", zero_points.cast(), slices)?),
            })),
        operation!(fake_quantize_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            params: CSliceParams, code_type: Type, dst: *mut c_void, dst_n: usize
        ), g = granularity.of(n, dst_n), T = src_type, Q = code_type, |b| {
            let pitches_agree = granularity.src_pitch == granularity.dst_pitch;
            let in_place = src == dst && n == dst_n && pitches_agree && n > 0;
            let src = if in_place { None } else { Some(b.input("src", src, n)?) };
            operations::fake_quantize_per::<T, Q>(
                g, src, params.checked(b)?, b.output("dst", dst, dst_n)?)
        }),
        operation!(quantization_error_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            params: CSliceParams, code_type: Type, stats: *mut Stats
        ), g = granularity.of(n, n), T = src_type, Q = code_type,
        |b| operations::quantization_error_per::<T, Q>(
            g, b.input("src", src, n)?, params.checked(b)?, b.result("stats", stats)?)),
        operation!(quantize_with_sums(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            params: CSliceParams, dst: *mut c_void, dst_type: Type, dst_n: usize,
            sums: *mut i64
        ), g = granularity.of(n, dst_n), T = src_type, Q = dst_type,
        |b| Ok(backend()?.quantize_with_sums(
            g, b.input::<T>("src", src, n)?, params.checked(b)?,
            b.output::<Q>("dst", dst, elements::<Q>(dst_n))?,
            b.output("sums", sums.cast(), params.slices)?)?)),
        operation!(sum_per(
            src: *const c_void, src_type: Type, n: usize, granularity: CGranularity,
            sums: *mut i64, slices: usize
        ), g = granularity.of(n, n), Q = src_type, |b| Ok(backend()?.sum_per(
            g, b.input::<Q>("src", src, elements::<Q>(n))?,
            b.output("sums", sums.cast(), slices)?)?)),
        operation!(requantize_per(
            src: *const i32, n: usize, granularity: CGranularity, params: CSliceParams,
            dst: *mut c_void, dst_type: Type, dst_n: usize
        ), g = granularity.of(n, dst_n), Q = dst_type, |b| requantize::requantize_per::<Q>(
            g, b.input("src", src.cast(), n)?, params.requantize(&g, b)?,
            b.output("dst", dst, elements::<Q>(dst_n))?)),
        operation!(requantize_fixed_per(
            src: *const i32, n: usize, granularity: CGranularity, params: CFixedSliceParams,
            dst: *mut c_void, dst_type: Type, dst_n: usize
        ), g = granularity.of(n, dst_n), Q = dst_type, |b| requantize::requantize_per::<Q>(
            g, b.input("src", src.cast(), n)?, params.requantize(&g, b)?,
            b.output("dst", dst, elements::<Q>(dst_n))?)),
        operation!(encode(
            src: *const c_void, src_type: Type, n: usize, dst: *mut c_void, dst_type: Type
        ), F = src_type, B = dst_type, |b| Ok(backend()?.encode(
            b.input::<F>("src", src, n)?, b.output::<B>("dst", dst, n / B::ELEMENTS)?)?)),
        operation!(decode(
            src: *const c_void, src_type: Type, n: usize, dst: *mut c_void, dst_type: Type
        ), F = dst_type, B = src_type, |b| Ok(backend()?.decode(
            b.input::<B>("src", src, n / B::ELEMENTS)?, b.output::<F>("dst", dst, n)?)?)),
        // The following functions are for calibration.
        operation!(observer_new(
            kind: CObserverKind, src_type: Type, constant: f64, observer: *mut *mut Observer
        ), |b| observer::new(kind, src_type, constant, b.result("observer", observer.cast())?)),
        operation!(observer_observe(
            observer: *mut Observer, src: *const c_void, src_type: Type, n: usize,
            granularity: *const CGranularity
        ), |b| observer::observe(
            observer::given("observer", observer)?, b, (src, src_type, n), granularity)),
        operation!(observer_merge(
            observer: *mut Observer, other: *const Observer
        ), |_b| {
            if observer.cast_const() == other && !other.is_null() {
                return Err(status::Failure::Overlap("observer", "other"));
            }
            let other = observer::read("other", other)?;
            observer::merge(observer::given("observer", observer)?, other)
        }),
        operation!(observer_params(
            observer: *const Observer, clip: CClip, percentile: f64, scheme: CScheme, bits: u32,
            dst_type: Type, params: *mut CParams, slices: usize
        ), Q = dst_type, |b| observer::params::<Q>(
            observer::read("observer", observer)?, scheme.with_bits(bits)?,
            (clip, percentile), b.output("params", params.cast(), slices)?)),
        operation!(observer_to_bytes(
            observer: *const Observer, bytes: *mut c_void, size: usize, used: *mut usize
        ), |b| {
            let state = observer::to_bytes(observer::read("observer", observer)?);
            observer::copy(&state, b.output("bytes", bytes, size)?, b.result("used", used)?)
        }),
        operation!(observer_from_bytes(
            bytes: *const c_void, size: usize, observer: *mut *mut Observer
        ), |b| observer::from_bytes(
            b.input("bytes", bytes, size)?, b.result("observer", observer.cast())?)),
        operation!(observer_counts(
            observer: *const Observer, counts: *mut u64, n: usize
        ), |b| observer::counts(
            observer::read("observer", observer)?, n, || b.output("counts", counts.cast(), n))),
        export!(observer_free(observer: *mut Observer) -> () = {
            // SAFETY: the header demands that this library made the observer, and that the observer is not used again.
            unsafe { observer::free(observer) }
        }),
        // The following functions are for pools of threads.
        operation!(pool_new(
            threads: usize, pool: *mut *mut Pool
        ), |b| pool::pool_new(threads, b.result("pool", pool.cast())?)),
        operation!(pool_run(
            pool: *const Pool, callback: Callback, context: *mut c_void
        ), |_b| pool::pool_run(pool, callback, context)),
        export!(pool_free(pool: *mut Pool) -> () = {
            // SAFETY: the header demands from C that `zp_pool_new` made the pool, and that the pool is not used again.
            unsafe { pool::pool_free(pool) }
        }),
    ];
    ALL
}
