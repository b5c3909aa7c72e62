//! Operations with one scale and one zero point, for all of their types.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::{c_int, c_void};

use zeropoint::capi::{CParams, CScheme, Stats, Status, Type};
use zeropoint::{Backend, Code, QParams, Range, Scalar};

use crate::common::abi::{call, narrowed, type_of, widened};
use crate::operation::{Case, Len, Operation};
use crate::slots::*;

pub(crate) fn of_numbers<T: Number>(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_min_max",
        vec![type_of::<T>()],
        vec![
            numbers::<T>(),
            output::<f64>("min", Len::One),
            output::<f64>("max", Len::One),
            output::<i32>("has_nan", Len::One),
        ],
        |p, case, t| {
            call!("zp_min_max", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                p[1].cast() => *mut f64, p[2].cast() => *mut f64, p[3].cast() => *mut c_int)
        },
        |m, _| {
            let [src, min, max, has_nan] = m else { unreachable!() };
            let seen = Scalar.min_max(src.get::<T>());
            (min.get()[0], max.get()[0]) = (widened(seen.min), widened(seen.max));
            has_nan.get()[0] = i32::from(seen.has_nan);
            Ok(())
        },
    ));
    all.push(operation(
        "zp_abs_max",
        vec![type_of::<T>()],
        vec![numbers::<T>(), output::<f64>("alpha", Len::One)],
        |p, case, t| {
            call!("zp_abs_max", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                p[1].cast() => *mut f64)
        },
        |m, _| {
            let [src, alpha] = m else { unreachable!() };
            alpha.get()[0] = widened(Scalar.abs_max(src.get::<T>())?);
            Ok(())
        },
    ));
}

pub(crate) fn of_codes<Q: Code>(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_unpack",
        vec![type_of::<Q>()],
        vec![codes::<Q>(), output::<i32>("dst", Len::DstN)],
        |p, case, t| {
            call!("zp_unpack", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                p[1].cast() => *mut i32)
        },
        // The codes themselves, which `Code` does not show: as numbers of scale 1.
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            let mut numbers = vec![0.0_f64; case.n];
            Scalar.dequantize(src.get::<Q>(), &QParams::new(1.0, 0)?, &mut numbers)?;
            dst.get().iter_mut().zip(numbers).for_each(|(q, x)| *q = x as i32);
            Ok(())
        },
    ));
}

pub(crate) fn of_pairs<T: Number, Q: Code>(all: &mut Vec<Operation>) {
    let types = || vec![type_of::<T>(), type_of::<Q>()];
    all.push(operation(
        "zp_params_from_range",
        types(),
        vec![params_output()],
        |p, case, t| {
            let [min, max] = [case.range.0, case.range.1].map(|x| Case::exact(t[0], x));
            call!("zp_params_from_range", min => f64, max => f64, t[0] => Type,
                case.c_scheme => CScheme, case.bits => u32, t[1] => Type, p[0].cast() => *mut CParams)
        },
        |m, case| {
            let range = Range::<T::Compute>::new(narrowed(case.range.0), narrowed(case.range.1))?;
            put_params(&mut m[0], &case.scheme.params::<_, Q>(range)?);
            Ok(())
        },
    ));
    all.push(operation(
        "zp_params_from_alpha",
        types(),
        vec![params_output()],
        |p, case, t| {
            call!("zp_params_from_alpha", Case::exact(t[0], case.scale) => f64, t[0] => Type,
                case.c_scheme => CScheme, case.bits => u32, t[1] => Type, p[0].cast() => *mut CParams)
        },
        |m, case| {
            let alpha = narrowed::<T::Compute>(case.scale);
            put_params(&mut m[0], &case.scheme.params_from_alpha::<_, Q>(alpha)?);
            Ok(())
        },
    ));
    all.push(operation(
        "zp_quantize",
        types(),
        vec![numbers::<T>(), code_output::<Q>()],
        |p, case, t| {
            call!("zp_quantize", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.params(t[0]) => CParams, p[1].cast() => *mut c_void, t[1] => Type)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.quantize(src.get::<T>(), &params(case)?, dst.get::<Q>())
        },
    ));
    all.push(operation(
        "zp_dequantize",
        vec![type_of::<Q>(), type_of::<T>()],
        vec![codes::<Q>(), output::<T>("dst", Len::DstN)],
        |p, case, t| {
            call!("zp_dequantize", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.params(t[1]) => CParams, p[1].cast() => *mut c_void, t[1] => Type)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.dequantize(src.get::<Q>(), &params(case)?, dst.get::<T>())
        },
    ));
    all.push(operation(
        "zp_quantize_dynamic",
        types(),
        vec![numbers::<T>(), code_output::<Q>(), params_output()],
        |p, case, t| {
            call!("zp_quantize_dynamic", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.c_scheme => CScheme, case.bits => u32,
                p[1].cast() => *mut c_void, t[1] => Type, p[2].cast() => *mut CParams)
        },
        |m, case| {
            let [src, dst, params] = m else { unreachable!() };
            let made = Scalar.quantize_dynamic(src.get::<T>(), case.scheme, dst.get::<Q>())?;
            put_params(params, &made);
            Ok(())
        },
    ));
    all.push(operation(
        "zp_fake_quantize",
        types(),
        vec![numbers::<T>(), output::<T>("dst", Len::DstN)],
        |p, case, t| {
            call!("zp_fake_quantize", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.params(t[0]) => CParams, t[1] => Type, p[1].cast() => *mut c_void)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.fake_quantize(src.get::<T>(), &params::<_, Q>(case)?, dst.get())
        },
    ));
    all.push(operation(
        "zp_quantization_error",
        types(),
        vec![numbers::<T>(), output::<Stats>("stats", Len::One)],
        |p, case, t| {
            call!("zp_quantization_error", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.params(t[0]) => CParams, t[1] => Type,
                p[1].cast() => *mut Stats)
        },
        |m, case| {
            let [src, stats] = m else { unreachable!() };
            put_stats(
                stats,
                Scalar.quantization_error(src.get::<T>(), &params::<_, Q>(case)?)?.into(),
            );
            Ok(())
        },
    ));
}
