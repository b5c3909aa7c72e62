//! Operations with one scale and one zero point, for all of their types.
#![expect(unsafe_code, reason = "this is what a C program does")]

use zeropoint::capi::{CGranularity, CScheme, CType, Flag, Stats};
use zeropoint::{Backend, Code, Params, QParams, Range, Scalar, ZeroPoints};

use crate::common::abi::{call, name};
use crate::operation::{Len, Memory, Operation, Slot};
use crate::slots::*;

pub(crate) fn of_numbers<T: Number>(all: &mut Vec<Operation>) {
    let t = name::<T>();
    all.push(operation(
        format!("zp_min_max_{t}"),
        vec![
            numbers::<T>(),
            output::<T::Compute>("min", Len::One),
            output::<T::Compute>("max", Len::One),
            output::<i32>("has_nan", Len::One),
        ],
        |p, case| {
            call!(format!("zp_min_max_{}", name::<T>()), p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *mut T::Compute, p[2].cast() => *mut T::Compute, p[3].cast() => *mut Flag)
        },
        |m, _| {
            let [src, min, max, has_nan] = m else { unreachable!() };
            let seen = Scalar.min_max(src.get::<T>());
            (min.get()[0], max.get()[0], has_nan.get()[0]) = (seen.min, seen.max, i32::from(seen.has_nan));
            Ok(())
        },
    ));
    all.push(operation(
        format!("zp_abs_max_{t}"),
        vec![numbers::<T>(), output::<T::Compute>("alpha", Len::One)],
        |p, case| {
            call!(format!("zp_abs_max_{}", name::<T>()), p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *mut T::Compute)
        },
        |m, _| {
            let [src, alpha] = m else { unreachable!() };
            alpha.get()[0] = Scalar.abs_max(src.get::<T>())?;
            Ok(())
        },
    ));
    all.push(operation(
        format!("zp_fake_quantize_with_codes_{t}"),
        vec![numbers::<T>(), output::<T>("dst", Len::DstN)],
        |p, case| {
            call!(format!("zp_fake_quantize_with_codes_{}", name::<T>()),
                p[0].cast() => *const T, case.n => usize, T::Compute::of(case.scale) => T::Compute,
                case.zero_point => i32, case.codes.0 => i32, case.codes.1 => i32, p[1].cast() => *mut T)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.fake_quantize(src.get::<T>(), &some_params::<_, i32>(case)?, dst.get())
        },
    ));
    all.push(operation(
        format!("zp_quantization_error_with_codes_{t}"),
        vec![numbers::<T>(), output::<Stats>("stats", Len::One)],
        |p, case| {
            call!(format!("zp_quantization_error_with_codes_{}", name::<T>()),
                p[0].cast() => *const T, case.n => usize, T::Compute::of(case.scale) => T::Compute,
                case.zero_point => i32, case.codes.0 => i32, case.codes.1 => i32, p[1].cast() => *mut Stats)
        },
        |m, case| {
            let [src, stats] = m else { unreachable!() };
            let made = Scalar.quantization_error(src.get::<T>(), &some_params::<_, i32>(case)?)?;
            put_stats(stats, made.into());
            Ok(())
        },
    ));
    all.push(operation(
        format!("zp_min_max_per_{t}"),
        vec![
            numbers::<T>(),
            output::<T::Compute>("min", Len::Slices),
            output::<T::Compute>("max", Len::Slices),
            output::<i32>("has_nan", Len::Slices),
        ],
        |p, case| {
            call!(format!("zp_min_max_per_{}", name::<T>()), case.c_granularity => CGranularity,
                p[0].cast() => *const T, case.n => usize, p[1].cast() => *mut T::Compute,
                p[2].cast() => *mut T::Compute, p[3].cast() => *mut Flag,
                case.slices => usize)
        },
        |m, case| {
            let [src, min, max, has_nan] = m else { unreachable!() };
            let mut seen = vec![zeropoint::MinMax::EMPTY; case.slices];
            Scalar.min_max_per(case.granularity, src.get::<T>(), &mut seen)?;
            for (i, seen) in seen.iter().enumerate() {
                (min.get()[i], max.get()[i], has_nan.get()[i]) =
                    (seen.min, seen.max, i32::from(seen.has_nan));
            }
            Ok(())
        },
    ));
}

fn params_outputs<S: Scale>() -> Vec<Slot> {
    vec![
        output::<S>("scale", Len::One),
        output::<i32>("zero_point", Len::One),
        optional(output::<i32>("qmin", Len::One)),
        optional(output::<i32>("qmax", Len::One)),
    ]
}

fn put_params<S: Scale, Q: Code>(m: &mut [Memory], p: &QParams<S, Q>) {
    let [scale, zero_point, qmin, qmax] = m else { unreachable!() };
    (scale.get()[0], zero_point.get()[0]) = (p.scale(), p.zero_point());
    (qmin.get()[0], qmax.get()[0]) = (p.qmin(), p.qmax());
}

pub(crate) fn of_scales<S: Scale, Q: Code>(all: &mut Vec<Operation>) {
    let types = format!("{}_{}", name::<S>(), name::<Q>());
    let function = format!("zp_params_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        params_outputs::<S>(),
        move |p, case| {
            call!(called, S::of(case.range.0) => S, S::of(case.range.1) => S,
                case.c_scheme => CScheme, case.bits => u32, p[0].cast() => *mut S, p[1].cast() => *mut i32,
                p[2].cast() => *mut i32, p[3].cast() => *mut i32)
        },
        |m, case| {
            let range = Range::new(S::of(case.range.0), S::of(case.range.1))?;
            put_params(m, &case.scheme.params::<S, Q>(range)?);
            Ok(())
        },
    ));
    let function = format!("zp_params_from_alpha_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        params_outputs::<S>(),
        move |p, case| {
            call!(called, S::of(case.scale) => S, case.c_scheme => CScheme, case.bits => u32,
                p[0].cast() => *mut S, p[1].cast() => *mut i32,
                p[2].cast() => *mut i32, p[3].cast() => *mut i32)
        },
        |m, case| {
            put_params(m, &case.scheme.params_from_alpha::<S, Q>(S::of(case.scale))?);
            Ok(())
        },
    ));
}

/// What there is for `i32` too.
pub(crate) fn of_wide_pairs<T: Number, Q: Code + CType>(all: &mut Vec<Operation>) {
    let types = format!("{}_{}", name::<T>(), name::<Q>());
    let reversed = format!("{}_{}", name::<Q>(), name::<T>());
    let function = format!("zp_quantize_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), code_output::<Q>()],
        move |p, case| {
            call!(called, p[0].cast() => *const T, case.n => usize,
                T::Compute::of(case.scale) => T::Compute, case.zero_point => i32, p[1].cast() => *mut Q)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.quantize(src.get::<T>(), &params(case)?, dst.get::<Q>())
        },
    ));
    let function = format!("zp_dequantize_{reversed}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![codes::<Q>(), output::<T>("dst", Len::DstN)],
        move |p, case| {
            call!(called, p[0].cast() => *const Q, case.n => usize,
                T::Compute::of(case.scale) => T::Compute, case.zero_point => i32, p[1].cast() => *mut T)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.dequantize(src.get::<Q>(), &params(case)?, dst.get::<T>())
        },
    ));
    let function = format!("zp_quantize_per_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), code_output::<Q>()],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32,
                case.slices => usize, p[3].cast() => *mut Q, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = Params::arrays(scales.get(), ZeroPoints::Integers(zero_points.get()));
            Scalar.quantize_per(case.granularity, src.get::<T>(), params, dst.get::<Q>())
        },
    ));
    let function = format!("zp_dequantize_per_{reversed}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![codes::<Q>(), scales::<T::Compute>(), zero_points(), output::<T>("dst", Len::DstN)],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const Q, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32,
                case.slices => usize, p[3].cast() => *mut T, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = Params::arrays(scales.get(), ZeroPoints::Integers(zero_points.get()));
            Scalar.dequantize_per(case.granularity, src.get::<Q>(), params, dst.get::<T>())
        },
    ));
}

pub(crate) fn of_pairs<T: Number, Q: Code + CType>(all: &mut Vec<Operation>) {
    let types = format!("{}_{}", name::<T>(), name::<Q>());
    let function = format!("zp_quantize_with_codes_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), code_output::<Q>()],
        move |p, case| {
            let (qmin, qmax) = case.codes;
            call!(called, p[0].cast() => *const T, case.n => usize,
                T::Compute::of(case.scale) => T::Compute, case.zero_point => i32, qmin => i32, qmax => i32,
                p[1].cast() => *mut Q)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.quantize(src.get::<T>(), &some_params(case)?, dst.get::<Q>())
        },
    ));
    let function = format!("zp_quantize_per_with_codes_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), code_output::<Q>()],
        move |p, case| {
            let (qmin, qmax) = case.codes;
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32, case.slices => usize,
                qmin => i32, qmax => i32, p[3].cast() => *mut Q, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let (qmin, qmax) = case.codes;
            let zero_points = ZeroPoints::Integers(zero_points.get());
            let params = Params::arrays_with_codes(scales.get(), zero_points, qmin, qmax);
            Scalar.quantize_per(case.granularity, src.get::<T>(), params, dst.get::<Q>())
        },
    ));
    let function = format!("zp_quantize_dynamic_{types}");
    let called = function.clone();
    let dynamic = || {
        vec![
            numbers::<T>(),
            code_output::<Q>(),
            output::<T::Compute>("scale", Len::One),
            output::<i32>("zero_point", Len::One),
        ]
    };
    all.push(operation(
        function,
        dynamic(),
        move |p, case| {
            call!(called, p[0].cast() => *const T, case.n => usize, p[1].cast() => *mut Q,
                p[2].cast() => *mut T::Compute, p[3].cast() => *mut i32)
        },
        |m, _| {
            let [src, dst, scale, zero_point] = m else { unreachable!() };
            let scheme = zeropoint::Scheme::asymmetric();
            let p = Scalar.quantize_dynamic(src.get::<T>(), scheme, dst.get::<Q>())?;
            (scale.get()[0], zero_point.get()[0]) = (p.scale(), p.zero_point());
            Ok(())
        },
    ));
    let function = format!("zp_quantize_dynamic_scheme_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        dynamic(),
        move |p, case| {
            call!(called, p[0].cast() => *const T, case.n => usize, case.c_scheme => CScheme,
                case.bits => u32, p[1].cast() => *mut Q, p[2].cast() => *mut T::Compute,
                p[3].cast() => *mut i32)
        },
        |m, case| {
            let [src, dst, scale, zero_point] = m else { unreachable!() };
            let p = Scalar.quantize_dynamic(src.get::<T>(), case.scheme, dst.get::<Q>())?;
            (scale.get()[0], zero_point.get()[0]) = (p.scale(), p.zero_point());
            Ok(())
        },
    ));
    let function = format!("zp_fake_quantize_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), output::<T>("dst", Len::DstN)],
        move |p, case| {
            call!(called, p[0].cast() => *const T, case.n => usize,
                T::Compute::of(case.scale) => T::Compute, case.zero_point => i32, p[1].cast() => *mut T)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            Scalar.fake_quantize(src.get::<T>(), &params::<_, Q>(case)?, dst.get())
        },
    ));
    let function = format!("zp_quantization_error_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), output::<Stats>("stats", Len::One)],
        move |p, case| {
            call!(called, p[0].cast() => *const T, case.n => usize,
                T::Compute::of(case.scale) => T::Compute, case.zero_point => i32, p[1].cast() => *mut Stats)
        },
        |m, case| {
            let [src, stats] = m else { unreachable!() };
            put_stats(stats, Scalar.quantization_error(src.get::<T>(), &params::<_, Q>(case)?)?.into());
            Ok(())
        },
    ));
}
