//! The one list of what the library exports.
//!
//! A line is an operation, its arguments as Rust has them, and the types that it is there for: `T` of
//! numbers, `Q` of codes, `S` of scales. From it come the functions, named `zp_OPERATION_IN_OUT`, the
//! declarations of the header, and what the tests call.

use half::{bf16, f16};

use super::types::{Argument, Char, Export, Flag, Stats, Void};
use super::{CGranularity, CScheme, Callback, NewPool, Pool, Status};
use super::{granularity, per_slice, per_tensor, pool, requantize, status, version};
use crate::element::Real;
use crate::packed::{I2x4, I4x2, U2x4, U4x2};

/// Exports one function that returns what `$call` does.
macro_rules! export {
    ($all:ident, $group:ident, $name:expr, ($($arg:ident: $A:ty),*) -> $R:ty, $call:expr) => {{
        #[unsafe(export_name = $name)]
        unsafe extern "C" fn export($($arg: $A),*) -> $R {
            $call
        }
        const EXPORT: &Export = &Export {
            group: stringify!($group),
            name: $name,
            returns: Argument::new::<$R>(""),
            arguments: &[$(Argument::new::<$A>(stringify!($arg))),*],
            address: export as *const (),
        };
        $all.push(EXPORT);
    }};
}

/// One that does what `$call` does, and returns a status.
macro_rules! operation {
    ($all:ident, $group:ident, $name:expr, $call:expr, ($($arg:ident: $A:ty),* $(,)?)) => {
        export!($all, $group, $name, ($($arg: $A),*) -> Status, {
            // SAFETY: the header says the same to C as `$call` says here.
            status::of(|| unsafe { $call($($arg),*) })
        })
    };
}

/// An operation on numbers `T` of every type, or of those named.
macro_rules! reals {
    ($all:ident, $module:ident::$op:ident $args:tt) => {
        reals!($all, $module::$op $args, f32 "_f32", f64 "_f64", f16 "_f16", bf16 "_bf16");
    };
    ($all:ident, $module:ident::$op:ident $args:tt, $($T:ident $t:literal),+) => {$({
        type T = $T;
        #[allow(dead_code, reason = "not every operation has a scale")]
        type S = <T as Real>::Compute;
        operation!($all, $op, concat!("zp_", stringify!($op), $t), $module::$op::<T>, $args);
    })+};
}

/// An operation on codes `Q` of every type; `and i32` too.
macro_rules! codes {
    ($all:ident, $module:ident::$op:ident $args:tt $(, and $A:ident $a:literal)?) => {
        codes!(@ $all, $module::$op $args, i8 "_i8", u8 "_u8", i16 "_i16", u16 "_u16",
            I4x2 "_i4", U4x2 "_u4", I2x4 "_i2", U2x4 "_u2" $(, $A $a)?);
    };
    (@ $all:ident, $module:ident::$op:ident $args:tt, $($Q:ident $q:literal),+) => {$({
        type Q = $Q;
        operation!($all, $op, concat!("zp_", stringify!($op), $q), $module::$op::<Q>, $args);
    })+};
}

/// An operation from accumulators to codes `Q` of every type.
macro_rules! requantized {
    ($all:ident, $module:ident::$op:ident $args:tt) => {
        requantized!(@ $all, $module::$op $args, i8 "_i8", u8 "_u8", i16 "_i16", u16 "_u16",
            I4x2 "_i4", U4x2 "_u4", I2x4 "_i2", U2x4 "_u2");
    };
    (@ $all:ident, $module:ident::$op:ident $args:tt, $($Q:ident $q:literal),+) => {$({
        type Q = $Q;
        operation!($all, $op, concat!("zp_", stringify!($op), "_i32", $q), $module::$op::<Q>, $args);
    })+};
}

/// An operation on numbers `T` and codes `Q` of every type; `and i32` too.
macro_rules! pairs {
    ($all:ident, $module:ident::$op:ident $args:tt $(, $and:ident $A:ident $a:literal)?) => {
        scales!($all, $module::$op $args $(, $and $A $a)?);
        pairs!(@ $all, $module::$op $args, f16 "_f16" $(, $A $a)?);
        pairs!(@ $all, $module::$op $args, bf16 "_bf16" $(, $A $a)?);
    };
    (@ $all:ident, $module:ident::$op:ident $args:tt, $T:ident $t:literal $(, $A:ident $a:literal)?) => {
        pairs!(# $all, $module::$op $args, $T $t, i8 "_i8", u8 "_u8", i16 "_i16", u16 "_u16",
            I4x2 "_i4", U4x2 "_u4", I2x4 "_i2", U2x4 "_u2" $(, $A $a)?);
    };
    (# $all:ident, $module:ident::$op:ident $args:tt, $T:ident $t:literal, $($Q:ident $q:literal),+) => {
        $(pair!($all, $module::$op $args, $T $t, $Q $q);)+
    };
}

/// The same of numbers that are scales too.
macro_rules! scales {
    ($all:ident, $module:ident::$op:ident $args:tt $(, and $A:ident $a:literal)?) => {
        pairs!(@ $all, $module::$op $args, f32 "_f32" $(, $A $a)?);
        pairs!(@ $all, $module::$op $args, f64 "_f64" $(, $A $a)?);
    };
}

/// An operation on one pair of types. Where codes are what is read, their type comes first in the name.
macro_rules! pair {
    ($all:ident, $module:ident::dequantize $args:tt, $T:ident $t:literal, $Q:ident $q:literal) => {
        pair!(@ $all, $module::dequantize $args, $T, $Q, concat!("zp_dequantize", $q, $t));
    };
    ($all:ident, $module:ident::dequantize_per $args:tt, $T:ident $t:literal, $Q:ident $q:literal) => {
        pair!(@ $all, $module::dequantize_per $args, $T, $Q, concat!("zp_dequantize_per", $q, $t));
    };
    ($all:ident, $module:ident::$op:ident $args:tt, $T:ident $t:literal, $Q:ident $q:literal) => {
        pair!(@ $all, $module::$op $args, $T, $Q, concat!("zp_", stringify!($op), $t, $q));
    };
    (@ $all:ident, $module:ident::$op:ident $args:tt, $T:ident, $Q:ident, $name:expr) => {{
        type T = $T;
        type Q = $Q;
        #[allow(dead_code, reason = "not every operation uses all of them")]
        type S = <T as Real>::Compute;
        operation!($all, $op, $name, $module::$op::<T, Q>, $args);
    }};
}

/// An operation on no type in particular.
macro_rules! single {
    ($all:ident, granularity::$op:ident $args:tt) => {
        operation!($all, $op, concat!("zp_granularity_", stringify!($op)), granularity::$op, $args);
    };
    ($all:ident, $module:ident::$op:ident $args:tt) => {
        operation!($all, $op, concat!("zp_", stringify!($op)), $module::$op, $args);
    };
}

/// All of them, as the header has them.
#[must_use]
pub fn exports() -> Vec<&'static Export> {
    let mut all = Vec::new();

    export!(all, version, "zp_version", () -> *const Char, version::version());
    export!(all, backend_name, "zp_backend_name", () -> *const Char, version::backend_name());
    export!(all, status_message, "zp_status_message", (status: Status) -> *const Char, {
        status::status_message(status)
    });
    export!(all, last_error_message, "zp_last_error_message",
    (buffer: *mut Char, size: usize) -> usize, {
        // SAFETY: the header says the same to C.
        unsafe { status::last_error_message(buffer, size) }
    });

    // One scale and one zero point. The last argument but results is always the output.
    reals!(all, per_tensor::min_max(
        src: *const T, n: usize, min: *mut S, max: *mut S, has_nan: *mut Flag));
    reals!(all, per_tensor::abs_max(src: *const T, n: usize, alpha: *mut S));
    scales!(all, per_tensor::params(
        min: T, max: T, scheme: CScheme, bits: u32,
        scale: *mut T, zero_point: *mut i32, qmin: *mut i32, qmax: *mut i32));
    scales!(all, per_tensor::params_from_alpha(
        alpha: T, scheme: CScheme, bits: u32,
        scale: *mut T, zero_point: *mut i32, qmin: *mut i32, qmax: *mut i32));
    pairs!(all, per_tensor::quantize(
        src: *const T, n: usize, scale: S, zero_point: i32, dst: *mut Q), and i32 "_i32");
    pairs!(all, per_tensor::quantize_with_codes(
        src: *const T, n: usize, scale: S, zero_point: i32, qmin: i32, qmax: i32, dst: *mut Q));
    pairs!(all, per_tensor::dequantize(
        src: *const Q, n: usize, scale: S, zero_point: i32, dst: *mut T), and i32 "_i32");
    pairs!(all, per_tensor::quantize_dynamic(
        src: *const T, n: usize, dst: *mut Q, scale: *mut S, zero_point: *mut i32));
    pairs!(all, per_tensor::quantize_dynamic_scheme(
        src: *const T, n: usize, scheme: CScheme, bits: u32,
        dst: *mut Q, scale: *mut S, zero_point: *mut i32));
    pairs!(all, per_tensor::fake_quantize(
        src: *const T, n: usize, scale: S, zero_point: i32, dst: *mut T));
    reals!(all, per_tensor::fake_quantize_with_codes(
        src: *const T, n: usize, scale: S, zero_point: i32, qmin: i32, qmax: i32, dst: *mut T));
    pairs!(all, per_tensor::quantization_error(
        src: *const T, n: usize, scale: S, zero_point: i32, stats: *mut Stats));
    reals!(all, per_tensor::quantization_error_with_codes(
        src: *const T, n: usize, scale: S, zero_point: i32, qmin: i32, qmax: i32,
        stats: *mut Stats));

    codes!(all, per_tensor::unpack(src: *const Q, n: usize, dst: *mut i32));

    single!(all, requantize::fixed_multiplier(
        real: f64, multiplier: *mut i32, shift: *mut i32));
    requantized!(all, requantize::requantize(
        src: *const i32, n: usize, multiplier: f32, zero_point: i32, qmin: i32, qmax: i32,
        dst: *mut Q));
    requantized!(all, requantize::requantize_fixed(
        src: *const i32, n: usize, multiplier: i32, shift: i32, zero_point: i32,
        qmin: i32, qmax: i32, dst: *mut Q));

    // Which elements share parameters.
    single!(all, granularity::tensor(n: usize, granularity: *mut CGranularity));
    single!(all, granularity::channel(
        shape: *const usize, rank: usize, axis: usize, granularity: *mut CGranularity));
    single!(all, granularity::block(
        shape: *const usize, rank: usize, axis: usize, block: usize,
        granularity: *mut CGranularity));
    single!(all, granularity::row(rows: usize, n: usize, granularity: *mut CGranularity));
    single!(all, granularity::with_pitch(
        granularity: *mut CGranularity, src_pitch: usize, dst_pitch: usize));
    single!(all, granularity::slices(granularity: CGranularity, slices: *mut usize));

    // A scale and a zero point for each slice.
    reals!(all, per_slice::min_max_per(
        granularity: CGranularity, src: *const T, n: usize,
        min: *mut S, max: *mut S, has_nan: *mut Flag, slices: usize));
    pairs!(all, per_slice::quantize_per(
        granularity: CGranularity, src: *const T, n: usize,
        scales: *const S, zero_points: *const i32, slices: usize,
        dst: *mut Q, dst_n: usize), and i32 "_i32");
    pairs!(all, per_slice::quantize_per_with_codes(
        granularity: CGranularity, src: *const T, n: usize,
        scales: *const S, zero_points: *const i32, slices: usize, qmin: i32, qmax: i32,
        dst: *mut Q, dst_n: usize));
    pairs!(all, per_slice::dequantize_per(
        granularity: CGranularity, src: *const Q, n: usize,
        scales: *const S, zero_points: *const i32, slices: usize,
        dst: *mut T, dst_n: usize), and i32 "_i32");
    pairs!(all, per_slice::quantize_dynamic_per(
        granularity: CGranularity, src: *const T, n: usize, scheme: CScheme, bits: u32,
        scales: *mut S, zero_points: *mut i32, slices: usize, dst: *mut Q, dst_n: usize));
    pairs!(all, per_slice::fake_quantize_per(
        granularity: CGranularity, src: *const T, n: usize,
        scales: *const S, zero_points: *const i32, slices: usize, dst: *mut T, dst_n: usize));
    pairs!(all, per_slice::quantization_error_per(
        granularity: CGranularity, src: *const T, n: usize,
        scales: *const S, zero_points: *const i32, slices: usize, stats: *mut Stats));
    pairs!(all, per_slice::quantize_with_sums(
        granularity: CGranularity, src: *const T, n: usize,
        scales: *const S, zero_points: *const i32, sums: *mut i64, slices: usize,
        dst: *mut Q, dst_n: usize));
    codes!(all, per_slice::sum_per(
        granularity: CGranularity, src: *const Q, n: usize, sums: *mut i64, slices: usize),
        and i32 "_i32");
    requantized!(all, requantize::requantize_per(
        granularity: CGranularity, src: *const i32, n: usize,
        multipliers: *const f32, zero_points: *const i32, slices: usize,
        qmin: i32, qmax: i32, dst: *mut Q, dst_n: usize));
    requantized!(all, requantize::requantize_fixed_per(
        granularity: CGranularity, src: *const i32, n: usize,
        multipliers: *const i32, shifts: *const i32, zero_points: *const i32, slices: usize,
        qmin: i32, qmax: i32, dst: *mut Q, dst_n: usize));

    single!(all, pool::pool_new(threads: usize, pool: *mut NewPool));
    single!(all, pool::pool_run(pool: *const Pool, callback: Callback, context: *mut Void));
    export!(all, pool_free, "zp_pool_free", (pool: *mut Pool) -> (), {
        // SAFETY: the header says the same to C.
        unsafe { pool::pool_free(pool) }
    });
    all
}
