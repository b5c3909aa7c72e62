//! Calls of the C ABI: a function is found by its name, and its types are compared with the list's.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::any::type_name;
use std::collections::HashMap;

use zeropoint::capi::{Argument, CScheme, CType, Export, Flag, Stats, Status, exports};
use zeropoint::{Backend, Code, Error, ErrorStats, MinMax, QParams, Range, Real, Scalar, Scheme};

/// The name that functions have for a type: `f32`, `u8`, `i4`.
pub(crate) fn name<T>() -> String {
    let name = type_name::<T>();
    let name = name.rsplit("::").next().unwrap();
    match name.split_once('x') {
        Some((bits, _)) => bits.to_lowercase(),
        None => name.to_owned(),
    }
}

pub(crate) fn find(name: &str) -> &'static Export {
    thread_local! {
        static ALL: HashMap<&'static str, &'static Export> =
            exports().into_iter().map(|export| (export.name, export)).collect();
    }
    ALL.with(|all| all.get(name).copied()).unwrap_or_else(|| panic!("no {name}"))
}

/// An export as a pointer `F` to functions; calling it is unsafe.
pub(crate) fn function<F: Copy>(export: &Export) -> F {
    assert_eq!(size_of::<F>(), size_of_val(&export.address));
    // SAFETY: both are addresses of functions.
    unsafe { std::mem::transmute_copy(&export.address) }
}

/// An argument's type as the list has it.
pub(crate) fn argument<A: CType>() -> (zeropoint::capi::Pointer, &'static str, usize) {
    let Argument { pointer, base, size, .. } = Argument::new::<A>("");
    (pointer, base, size)
}

/// Calls a function of the ABI. The types are compared with those of its declaration; the pointers are those
/// of living slices, or what the test means to be refused.
macro_rules! call {
    ($name:expr, $($value:expr => $A:ty),+ $(,)?) => {{
        let export = $crate::common::abi::find(&$name);
        let types: Vec<_> =
            export.arguments.iter().map(|a| (a.pointer, a.base, a.size)).collect();
        assert_eq!(types, [$($crate::common::abi::argument::<$A>()),+], "{}", export.name);
        let function: unsafe extern "C" fn($($A),+) -> zeropoint::capi::Status =
            $crate::common::abi::function(export);
        // SAFETY: these are its types; the macro's terms.
        unsafe { function($($value),+) }
    }};
}
pub(crate) use call;

/// A status as the crate's error.
pub(crate) fn outcome(status: Status) -> Result<(), Error> {
    if status == Status::OK {
        return Ok(());
    }
    Err(zeropoint::capi::last_error().unwrap_or_else(|| panic!("status {}", status.0)))
}

/// The operations of `Backend` that have one scale and one zero point, through the C ABI.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abi;

impl Abi {
    #[expect(clippy::unused_self, reason = "as of a backend")]
    pub(crate) fn name(self) -> &'static str {
        "the C ABI"
    }

    pub(crate) fn min_max<T: Real + CType>(self, src: &[T]) -> MinMax<T::Compute>
    where
        T::Compute: CType,
    {
        let mut seen = MinMax::<T::Compute>::EMPTY;
        let mut has_nan = Flag(7);
        let status = call!(format!("zp_min_max_{}", name::<T>()),
            src.as_ptr() => *const T, src.len() => usize, &raw mut seen.min => *mut T::Compute,
            &raw mut seen.max => *mut T::Compute, &raw mut has_nan => *mut Flag);
        outcome(status).unwrap();
        assert!(matches!(has_nan, Flag(0 | 1)));
        MinMax { has_nan: has_nan == Flag(1), ..seen }
    }

    /// From the observed range, which says what the checked one would.
    pub(crate) fn range<T: Real + CType>(self, src: &[T]) -> Result<Range<T::Compute>, Error>
    where
        T::Compute: CType,
    {
        match Range::try_from(self.min_max(src)) {
            // With the index that C has from other functions.
            Err(_) => Scalar.range(src),
            range => range,
        }
    }

    pub(crate) fn abs_max<T: Real + CType>(self, src: &[T]) -> Result<T::Compute, Error>
    where
        T::Compute: CType,
    {
        let mut alpha = MinMax::<T::Compute>::EMPTY.min;
        outcome(call!(format!("zp_abs_max_{}", name::<T>()),
            src.as_ptr() => *const T, src.len() => usize, &raw mut alpha => *mut T::Compute))?;
        Ok(alpha)
    }

    pub(crate) fn params<T: Real<Compute = T> + zeropoint::Compute + CType, Q: Code>(
        self,
        ranges: &[Range<T>],
        scheme: Scheme,
        dst: &mut [QParams<T, Q>],
    ) -> Result<(), Error> {
        let Some((c_scheme, bits)) = in_c(scheme) else {
            return Scalar.params(ranges, scheme, dst);
        };
        for (range, p) in ranges.iter().zip(dst) {
            let (mut scale, mut z, mut qmin, mut qmax) = (range.min(), 7, 7, 7);
            outcome(call!(format!("zp_params_{}_{}", name::<T>(), name::<Q>()),
                range.min() => T, range.max() => T, c_scheme => CScheme, bits => u32,
                &raw mut scale => *mut T, &raw mut z => *mut i32,
                &raw mut qmin => *mut i32, &raw mut qmax => *mut i32))?;
            *p = QParams::with_codes(scale, z, qmin, qmax)?;
        }
        Ok(())
    }

    pub(crate) fn quantize<T: Real + CType, Q: Code + CType>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
        dst: &mut [Q],
    ) -> Result<(), Error>
    where
        T::Compute: CType,
    {
        assert_eq!(src.len().div_ceil(Q::PER_ELEMENT), dst.len());
        if (p.qmin(), p.qmax()) == (Q::MIN, Q::MAX) {
            return outcome(call!(format!("zp_quantize_{}_{}", name::<T>(), name::<Q>()),
                src.as_ptr() => *const T, src.len() => usize, p.scale() => T::Compute,
                p.zero_point() => i32, dst.as_mut_ptr() => *mut Q));
        }
        outcome(call!(format!("zp_quantize_with_codes_{}_{}", name::<T>(), name::<Q>()),
            src.as_ptr() => *const T, src.len() => usize, p.scale() => T::Compute,
            p.zero_point() => i32, p.qmin() => i32, p.qmax() => i32, dst.as_mut_ptr() => *mut Q))
    }

    pub(crate) fn dequantize<T: Real + CType, Q: Code + CType>(
        self,
        src: &[Q],
        p: &QParams<T::Compute, Q>,
        dst: &mut [T],
    ) -> Result<(), Error>
    where
        T::Compute: CType,
    {
        assert_eq!(dst.len().div_ceil(Q::PER_ELEMENT), src.len());
        outcome(call!(format!("zp_dequantize_{}_{}", name::<Q>(), name::<T>()),
            src.as_ptr() => *const Q, dst.len() => usize, p.scale() => T::Compute,
            p.zero_point() => i32, dst.as_mut_ptr() => *mut T))
    }

    pub(crate) fn quantize_dynamic<T: Real + CType, Q: Code + CType>(
        self,
        src: &[T],
        scheme: Scheme,
        dst: &mut [Q],
    ) -> Result<QParams<T::Compute, Q>, Error>
    where
        T::Compute: CType,
    {
        assert_eq!(src.len().div_ceil(Q::PER_ELEMENT), dst.len());
        let Some((c_scheme, bits)) = in_c(scheme) else {
            return Scalar.quantize_dynamic(src, scheme, dst);
        };
        let (mut scale, mut z) = (MinMax::<T::Compute>::EMPTY.min, 7);
        let status = if scheme == Scheme::asymmetric() {
            call!(format!("zp_quantize_dynamic_{}_{}", name::<T>(), name::<Q>()),
                src.as_ptr() => *const T, src.len() => usize, dst.as_mut_ptr() => *mut Q,
                &raw mut scale => *mut T::Compute, &raw mut z => *mut i32)
        } else {
            call!(format!("zp_quantize_dynamic_scheme_{}_{}", name::<T>(), name::<Q>()),
                src.as_ptr() => *const T, src.len() => usize, c_scheme => CScheme, bits => u32,
                dst.as_mut_ptr() => *mut Q,
                &raw mut scale => *mut T::Compute, &raw mut z => *mut i32)
        };
        outcome(status)?;
        // The codes do not depend on the data.
        let codes = scheme.params::<_, Q>(Range::new(scale, scale)?);
        let codes = codes.or_else(|_| Scalar.quantize_dynamic(src, scheme, &mut dst.to_vec()))?;
        QParams::with_codes(scale, z, codes.qmin(), codes.qmax())
    }

    pub(crate) fn quantization_error<T: Real + CType, Q: Code>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
    ) -> Result<ErrorStats, Error>
    where
        T::Compute: CType,
    {
        let mut stats = NO_STATS;
        let status = if (p.qmin(), p.qmax()) == (Q::MIN, Q::MAX) {
            call!(format!("zp_quantization_error_{}_{}", name::<T>(), name::<Q>()),
                src.as_ptr() => *const T, src.len() => usize, p.scale() => T::Compute,
                p.zero_point() => i32, &raw mut stats => *mut Stats)
        } else {
            call!(format!("zp_quantization_error_with_codes_{}", name::<T>()),
                src.as_ptr() => *const T, src.len() => usize, p.scale() => T::Compute,
                p.zero_point() => i32, p.qmin() => i32, p.qmax() => i32,
                &raw mut stats => *mut Stats)
        };
        outcome(status)?;
        // Every field comes from these.
        let made = zeropoint::capi::error_stats(&stats);
        assert_eq!(bits(&Stats::from(made)), bits(&stats));
        Ok(made)
    }

    pub(crate) fn fake_quantize<T: Real + CType, Q: Code>(
        self,
        src: &[T],
        p: &QParams<T::Compute, Q>,
        dst: &mut [T],
    ) -> Result<(), Error>
    where
        T::Compute: CType,
    {
        assert_eq!(src.len(), dst.len());
        fake_quantize(src.as_ptr(), src.len(), p, dst.as_mut_ptr())
    }

    pub(crate) fn fake_quantize_in_place<T: Real + CType, Q: Code>(
        self,
        x: &mut [T],
        p: &QParams<T::Compute, Q>,
    ) where
        T::Compute: CType,
    {
        let dst = x.as_mut_ptr();
        fake_quantize(dst, x.len(), p, dst).unwrap();
    }
}

fn fake_quantize<T: Real + CType, Q: Code>(
    src: *const T,
    n: usize,
    p: &QParams<T::Compute, Q>,
    dst: *mut T,
) -> Result<(), Error>
where
    T::Compute: CType,
{
    if (p.qmin(), p.qmax()) == (Q::MIN, Q::MAX) {
        return outcome(call!(format!("zp_fake_quantize_{}_{}", name::<T>(), name::<Q>()),
            src => *const T, n => usize, p.scale() => T::Compute,
            p.zero_point() => i32, dst => *mut T));
    }
    outcome(call!(format!("zp_fake_quantize_with_codes_{}", name::<T>()),
        src => *const T, n => usize, p.scale() => T::Compute, p.zero_point() => i32,
        p.qmin() => i32, p.qmax() => i32, dst => *mut T))
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
