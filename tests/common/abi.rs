//! Calls of the C ABI: a function is found by its name, and its types are compared with the list's.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::any::type_name;
use std::collections::HashMap;
use std::ffi::{c_int, c_void};

use zeropoint::capi::{CParams, CScheme, Export, Stats, Status, Type, exports, types};
use zeropoint::{
    Backend, Code, Compute, Error, ErrorStats, MinMax, QParams, Range, Real, Scalar, Scheme,
};

/// A type's name without its path: `f32`, `u8`, `i4`.
pub(crate) fn name<T>() -> String {
    let name = type_name::<T>();
    let name = name.rsplit("::").next().unwrap();
    match name.split_once('x') {
        Some((bits, _)) => bits.to_lowercase(),
        None => name.to_owned(),
    }
}

/// The number that C has for a type.
pub(crate) fn type_of<T>() -> Type {
    let name = format!("ZP_{}", name::<T>().to_uppercase());
    let found = types().iter().find(|(constant, ..)| *constant == name);
    Type(found.unwrap_or_else(|| panic!("no {name}")).1)
}

pub(crate) fn find(name: &str) -> &'static Export {
    thread_local! {
        static ALL: HashMap<&'static str, &'static Export> =
            exports().iter().map(|export| (export.name, export)).collect();
    }
    ALL.with(|all| all.get(name).copied()).unwrap_or_else(|| panic!("no {name}"))
}

/// An export as a pointer `F` to functions; calling it is unsafe.
pub(crate) fn function<F: Copy>(export: &Export) -> F {
    assert_eq!(size_of::<F>(), size_of_val(&export.address));
    // SAFETY: both are addresses of functions.
    unsafe { std::mem::transmute_copy(&export.address) }
}

/// Calls a function of the ABI that returns `R`. The types are compared with those of the list; the pointers are
/// those of living slices, or what the test means to be refused.
macro_rules! call_for {
    ($R:ty, $name:expr $(, $value:expr => $A:ty)* $(,)?) => {{
        let export = $crate::common::abi::find($name);
        let types = export.arguments.iter().map(|(_, of)| *of);
        let given: &[&str] = &[$(stringify!($A)),*];
        assert!(types.eq(given.iter().copied()), "{}: {given:?}", export.name);
        assert_eq!(export.returns, stringify!($R), "{}", export.name);
        let function: unsafe extern "C" fn($($A),*) -> $R = $crate::common::abi::function(export);
        // SAFETY: these are its types; the macro's terms.
        unsafe { function($($value),*) }
    }};
}
pub(crate) use call_for;

/// Calls a function that returns a status.
macro_rules! call {
    ($($call:tt)+) => { $crate::common::abi::call_for!(Status, $($call)+) };
}
pub(crate) use call;

/// A status as the crate's error.
pub(crate) fn outcome(status: Status) -> Result<(), Error> {
    if status == Status::OK {
        return Ok(());
    }
    Err(zeropoint::capi::last_error().unwrap_or_else(|| panic!("status {}", status.0)))
}

/// A number of the type of scales that a number of C is.
pub(crate) fn narrowed<S: Compute>(x: f64) -> S {
    match size_of::<S>() {
        4 => bytemuck::cast(x as f32),
        _ => bytemuck::cast(x),
    }
}

pub(crate) fn widened<S: Compute>(x: S) -> f64 {
    match size_of::<S>() {
        4 => f64::from(bytemuck::cast::<S, f32>(x)),
        _ => bytemuck::cast(x),
    }
}

fn in_c_params<S: Compute, Q: Code>(p: &QParams<S, Q>) -> CParams {
    let all = (p.qmin(), p.qmax()) == (Q::MIN, Q::MAX);
    let (qmin, qmax) = if all { (i32::MIN, i32::MAX) } else { (p.qmin(), p.qmax()) };
    CParams { scale: widened(p.scale()), zero_point: p.zero_point(), qmin, qmax }
}

fn params<S: Compute, Q: Code>(p: CParams) -> Result<QParams<S, Q>, Error> {
    QParams::with_codes(narrowed(p.scale), p.zero_point, p.qmin, p.qmax)
}

const NO_PARAMS: CParams = CParams { scale: 7.0, zero_point: 7, qmin: 7, qmax: 7 };

/// The operations of `Backend` that have one scale and one zero point, through the C ABI.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abi;

impl Abi {
    #[expect(clippy::unused_self, reason = "as of a backend")]
    pub(crate) fn name(self) -> &'static str {
        "the C ABI"
    }

    pub(crate) fn min_max<T: Real>(self, src: &[T]) -> MinMax<T::Compute> {
        let (mut min, mut max, mut has_nan) = (7.0, 7.0, 7);
        let status = call!("zp_min_max", src.as_ptr().cast() => *const c_void, type_of::<T>() => Type,
            src.len() => usize, &raw mut min => *mut f64, &raw mut max => *mut f64,
            &raw mut has_nan => *mut c_int);
        outcome(status).unwrap();
        assert!(matches!(has_nan, 0 | 1));
        let (min, max) = (narrowed(min), narrowed(max));
        MinMax { min, max, has_nan: has_nan == 1 }
    }

    /// From the observed range, which says what the checked one would.
    pub(crate) fn range<T: Real>(self, src: &[T]) -> Result<Range<T::Compute>, Error> {
        match Range::try_from(self.min_max(src)) {
            // With the index that C has from other functions.
            Err(_) => Scalar.range(src),
            range => range,
        }
    }

    pub(crate) fn abs_max<T: Real>(self, src: &[T]) -> Result<T::Compute, Error> {
        let mut alpha = 7.0;
        outcome(call!("zp_abs_max", src.as_ptr().cast() => *const c_void, type_of::<T>() => Type,
            src.len() => usize, &raw mut alpha => *mut f64))?;
        Ok(narrowed(alpha))
    }

    pub(crate) fn params<T: Compute, Q: Code>(
        self,
        ranges: &[Range<T>],
        scheme: Scheme,
        dst: &mut [QParams<T, Q>],
    ) -> Result<(), Error> {
        let Some((c_scheme, bits)) = in_c(scheme) else {
            return Scalar.params(ranges, scheme, dst);
        };
        for (range, p) in ranges.iter().zip(dst) {
            let mut made = NO_PARAMS;
            outcome(call!("zp_params_from_range", widened(range.min()) => f64,
                widened(range.max()) => f64, type_of::<T>() => Type, c_scheme => CScheme, bits => u32,
                type_of::<Q>() => Type, &raw mut made => *mut CParams))?;
            *p = params(made)?;
        }
        Ok(())
    }

    pub(crate) fn quantize<T: Real, Q: Code>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
        dst: &mut [Q],
    ) -> Result<(), Error> {
        assert_eq!(src.len().div_ceil(Q::PER_ELEMENT), dst.len());
        outcome(call!("zp_quantize", src.as_ptr().cast() => *const c_void, type_of::<T>() => Type,
            src.len() => usize, in_c_params(p) => CParams, dst.as_mut_ptr().cast() => *mut c_void,
            type_of::<Q>() => Type))
    }

    pub(crate) fn dequantize<T: Real, Q: Code>(
        self,
        src: &[Q],
        p: &QParams<T::Compute, Q>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        assert_eq!(dst.len().div_ceil(Q::PER_ELEMENT), src.len());
        outcome(
            call!("zp_dequantize", src.as_ptr().cast() => *const c_void, type_of::<Q>() => Type,
            dst.len() => usize, in_c_params(p) => CParams, dst.as_mut_ptr().cast() => *mut c_void,
            type_of::<T>() => Type),
        )
    }

    pub(crate) fn quantize_dynamic<T: Real, Q: Code>(
        self,
        src: &[T],
        scheme: Scheme,
        dst: &mut [Q],
    ) -> Result<QParams<T::Compute, Q>, Error> {
        assert_eq!(src.len().div_ceil(Q::PER_ELEMENT), dst.len());
        let Some((c_scheme, bits)) = in_c(scheme) else {
            return Scalar.quantize_dynamic(src, scheme, dst);
        };
        let mut made = NO_PARAMS;
        outcome(call!("zp_quantize_dynamic", src.as_ptr().cast() => *const c_void,
            type_of::<T>() => Type, src.len() => usize, c_scheme => CScheme, bits => u32,
            dst.as_mut_ptr().cast() => *mut c_void, type_of::<Q>() => Type,
            &raw mut made => *mut CParams))?;
        params(made)
    }

    pub(crate) fn quantization_error<T: Real, Q: Code>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
    ) -> Result<ErrorStats, Error> {
        let mut stats = NO_STATS;
        outcome(call!("zp_quantization_error", src.as_ptr().cast() => *const c_void,
            type_of::<T>() => Type, src.len() => usize, in_c_params(p) => CParams,
            type_of::<Q>() => Type, &raw mut stats => *mut Stats))?;
        // Every field comes from these.
        let made = zeropoint::capi::error_stats(&stats);
        assert_eq!(bits(&Stats::from(made)), bits(&stats));
        Ok(made)
    }

    pub(crate) fn fake_quantize<T: Real, Q: Code>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
        dst: &mut [T],
    ) -> Result<(), Error> {
        assert_eq!(src.len(), dst.len());
        fake_quantize(src.as_ptr(), src.len(), p, dst.as_mut_ptr())
    }

    pub(crate) fn fake_quantize_in_place<T: Real, Q: Code>(
        self,
        x: &mut [T],
        p: &QParams<T::Compute, Q>,
    ) {
        let dst = x.as_mut_ptr();
        fake_quantize(dst, x.len(), p, dst).unwrap();
    }
}

fn fake_quantize<T: Real, Q: Code>(
    src: *const T,
    n: usize,
    p: &QParams<T::Compute, Q>,
    dst: *mut T,
) -> Result<(), Error> {
    outcome(
        call!("zp_fake_quantize", src.cast() => *const c_void, type_of::<T>() => Type, n => usize,
        in_c_params(p) => CParams, type_of::<Q>() => Type, dst.cast() => *mut c_void),
    )
}

pub(crate) const NO_STATS: Stats = Stats {
    mse: 7.0,
    max_abs: 7.0,
    sqnr_db: 7.0,
    sum_squared_error: 7.0,
    sum_squares: 7.0,
    clipped: 7,
    len: 7,
};

/// Of all fields.
pub(crate) fn bits(stats: &Stats) -> [u64; 7] {
    let Stats { mse, max_abs, sqnr_db, sum_squared_error, sum_squares, clipped, len } = *stats;
    // NaN has no one sign.
    let sqnr_db = if sqnr_db.is_nan() { f64::NAN } else { sqnr_db };
    let [a, b, c, d, e] = [mse, max_abs, sqnr_db, sum_squared_error, sum_squares].map(f64::to_bits);
    [a, b, c, d, e, clipped, len]
}

/// A scheme as C says it, if it can.
pub(crate) fn in_c(scheme: Scheme) -> Option<(CScheme, u32)> {
    let kinds = [
        (CScheme::ASYMMETRIC, Scheme::asymmetric()),
        (CScheme::ASYMMETRIC_RAW, Scheme::asymmetric().raw_range()),
        (CScheme::SYMMETRIC, Scheme::symmetric()),
        (CScheme::SYMMETRIC_FULL, Scheme::symmetric().full_range()),
    ];
    for (c, kind) in kinds {
        for bits in 1..=17 {
            if scheme == kind.bits(bits) {
                return Some((c, bits));
            }
        }
        if scheme == kind {
            return Some((c, 0));
        }
    }
    None
}
