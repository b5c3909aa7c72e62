//! Operations on slices, for all of their types.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::{c_int, c_void};

use zeropoint::capi::{CGranularity, CScheme, CSliceParams, Stats, Status, Type};
use zeropoint::{Backend, Code, MinMax, ParamsMut, Scalar, ZeroPointsMut};

use crate::common::abi::{call, type_of};
use crate::operation::{Len, Operation};
use crate::slots::*;

pub(crate) fn of_numbers<T: Number>(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_min_max_per",
        vec![type_of::<T>()],
        vec![
            numbers::<T>(),
            output::<T::Compute>("min", Len::Slices),
            output::<T::Compute>("max", Len::Slices),
            output::<i32>("has_nan", Len::Slices),
        ],
        |p, case, t| {
            call!("zp_min_max_per", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.c_granularity => CGranularity, p[1].cast() => *mut c_void,
                p[2].cast() => *mut c_void, p[3].cast() => *mut c_int, case.slices => usize)
        },
        |m, case| {
            let [src, min, max, has_nan] = m else { unreachable!() };
            let mut seen = vec![MinMax::EMPTY; case.slices];
            Scalar.min_max_per(case.granularity, src.get::<T>(), &mut seen)?;
            for (i, seen) in seen.iter().enumerate() {
                (min.get()[i], max.get()[i], has_nan.get()[i]) =
                    (seen.min, seen.max, i32::from(seen.has_nan));
            }
            Ok(())
        },
    ));
}

pub(crate) fn of_pairs<T: Number, Q: Code>(all: &mut Vec<Operation>) {
    let types = || vec![type_of::<T>(), type_of::<Q>()];
    all.push(operation(
        "zp_quantize_per",
        types(),
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), code_output::<Q>()],
        |p, case, t| {
            call!("zp_quantize_per", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.c_granularity => CGranularity, case.slice_params(p[1], p[2]) => CSliceParams,
                p[3].cast() => *mut c_void, t[1] => Type, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = slice_params(case, scales, zero_points);
            Scalar.quantize_per(case.granularity, src.get::<T>(), params, dst.get::<Q>())
        },
    ));
    all.push(operation(
        "zp_dequantize_per",
        vec![type_of::<Q>(), type_of::<T>()],
        vec![codes::<Q>(), scales::<T::Compute>(), zero_points(), output::<T>("dst", Len::DstN)],
        |p, case, t| {
            call!("zp_dequantize_per", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.c_granularity => CGranularity, case.slice_params(p[1], p[2]) => CSliceParams,
                p[3].cast() => *mut c_void, t[1] => Type, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = slice_params(case, scales, zero_points);
            Scalar.dequantize_per(case.granularity, src.get::<Q>(), params, dst.get::<T>())
        },
    ));
    all.push(operation(
        "zp_quantize_dynamic_per",
        types(),
        vec![
            numbers::<T>(),
            output::<T::Compute>("scales", Len::Slices),
            output::<i32>("zero_points", Len::Slices),
            code_output::<Q>(),
        ],
        |p, case, t| {
            call!("zp_quantize_dynamic_per", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.c_granularity => CGranularity, case.c_scheme => CScheme,
                case.bits => u32, p[3].cast() => *mut c_void, t[1] => Type, case.dst_n => usize,
                p[1].cast() => *mut c_void, p[2].cast() => *mut i32, case.slices => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let zero_points = ZeroPointsMut::Integers(zero_points.get());
            let params = ParamsMut::arrays(scales.get(), zero_points);
            let (src, dst) = (src.get::<T>(), dst.get::<Q>());
            Scalar.quantize_dynamic_per(case.granularity, src, case.scheme, params, dst)
        },
    ));
    all.push(operation(
        "zp_fake_quantize_per",
        types(),
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), output::<T>("dst", Len::DstN)],
        |p, case, t| {
            call!("zp_fake_quantize_per", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.c_granularity => CGranularity,
                case.slice_params(p[1], p[2]) => CSliceParams, t[1] => Type,
                p[3].cast() => *mut c_void, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = slice_params::<_, Q>(case, scales, zero_points);
            Scalar.fake_quantize_per(case.granularity, src.get::<T>(), params, dst.get())
        },
    ));
    all.push(operation(
        "zp_quantization_error_per",
        types(),
        vec![
            numbers::<T>(),
            scales::<T::Compute>(),
            zero_points(),
            output::<Stats>("stats", Len::One),
        ],
        |p, case, t| {
            call!("zp_quantization_error_per", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.c_granularity => CGranularity,
                case.slice_params(p[1], p[2]) => CSliceParams, t[1] => Type,
                p[3].cast() => *mut Stats)
        },
        |m, case| {
            let [src, scales, zero_points, stats] = m else { unreachable!() };
            let params = slice_params::<_, Q>(case, scales, zero_points);
            put_stats(
                stats,
                Scalar.quantization_error_per(case.granularity, src.get::<T>(), params)?.into(),
            );
            Ok(())
        },
    ));
    all.push(operation(
        "zp_quantize_with_sums",
        types(),
        vec![
            numbers::<T>(),
            scales::<T::Compute>(),
            zero_points(),
            output::<i64>("sums", Len::Slices),
            code_output::<Q>(),
        ],
        |p, case, t| {
            call!("zp_quantize_with_sums", p[0].cast() => *const c_void, t[0] => Type,
                case.n => usize, case.c_granularity => CGranularity,
                case.slice_params(p[1], p[2]) => CSliceParams, p[4].cast() => *mut c_void,
                t[1] => Type, case.dst_n => usize, p[3].cast() => *mut i64)
        },
        |m, case| {
            let [src, scales, zero_points, sums, dst] = m else { unreachable!() };
            let params = slice_params(case, scales, zero_points);
            Scalar.quantize_with_sums(
                case.granularity,
                src.get::<T>(),
                params,
                dst.get::<Q>(),
                sums.get(),
            )
        },
    ));
}

pub(crate) fn of_codes<Q: Code>(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_sum_per",
        vec![type_of::<Q>()],
        vec![codes::<Q>(), output::<i64>("sums", Len::Slices)],
        |p, case, t| {
            call!("zp_sum_per", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                case.c_granularity => CGranularity, p[1].cast() => *mut i64, case.slices => usize)
        },
        |m, case| {
            let [src, sums] = m else { unreachable!() };
            Scalar.sum_per(case.granularity, src.get::<Q>(), sums.get())
        },
    ));
}
