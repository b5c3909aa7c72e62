//! Operations on slices, for all of their types.
#![expect(unsafe_code, reason = "this is what a C program does")]

use zeropoint::capi::{CGranularity, CScheme, CType, Stats};
use zeropoint::{Backend, Code, Params, ParamsMut, QParams, Scalar, ZeroPoints, ZeroPointsMut};

use crate::common::abi::{call, name};
use crate::operation::{Len, Operation};
use crate::slots::*;

pub(crate) fn of_sliced_pairs<T: Number, Q: Code + CType>(all: &mut Vec<Operation>) {
    let types = format!("{}_{}", name::<T>(), name::<Q>());
    let function = format!("zp_quantize_dynamic_per_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![
            numbers::<T>(),
            output::<T::Compute>("scales", Len::Slices),
            output::<i32>("zero_points", Len::Slices),
            code_output::<Q>(),
        ],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                case.c_scheme => CScheme, case.bits => u32, p[1].cast() => *mut T::Compute,
                p[2].cast() => *mut i32, case.slices => usize, p[3].cast() => *mut Q,
                case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = ParamsMut::arrays(scales.get(), ZeroPointsMut::Integers(zero_points.get()));
            let (src, dst) = (src.get::<T>(), dst.get::<Q>());
            Scalar.quantize_dynamic_per(case.granularity, src, case.scheme, params, dst)
        },
    ));
    let function = format!("zp_fake_quantize_per_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), output::<T>("dst", Len::DstN)],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32,
                case.slices => usize, p[3].cast() => *mut T, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, dst] = m else { unreachable!() };
            let params = Params::<_, Q>::arrays(scales.get(), ZeroPoints::Integers(zero_points.get()));
            Scalar.fake_quantize_per(case.granularity, src.get::<T>(), params, dst.get())
        },
    ));
    let function = format!("zp_quantization_error_per_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![numbers::<T>(), scales::<T::Compute>(), zero_points(), output::<Stats>("stats", Len::One)],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32,
                case.slices => usize, p[3].cast() => *mut Stats)
        },
        |m, case| {
            let [src, scales, zero_points, stats] = m else { unreachable!() };
            let params = Params::<_, Q>::arrays(scales.get(), ZeroPoints::Integers(zero_points.get()));
            put_stats(stats, Scalar.quantization_error_per(case.granularity, src.get::<T>(), params)?.into());
            Ok(())
        },
    ));
    let function = format!("zp_quantize_with_sums_{types}");
    let called = function.clone();
    all.push(operation(
        function,
        vec![
            numbers::<T>(),
            scales::<T::Compute>(),
            zero_points(),
            output::<i64>("sums", Len::Slices),
            code_output::<Q>(),
        ],
        move |p, case| {
            call!(called, case.c_granularity => CGranularity, p[0].cast() => *const T, case.n => usize,
                p[1].cast() => *const T::Compute, p[2].cast() => *const i32, p[3].cast() => *mut i64,
                case.slices => usize, p[4].cast() => *mut Q, case.dst_n => usize)
        },
        |m, case| {
            let [src, scales, zero_points, sums, dst] = m else { unreachable!() };
            let params = Params::arrays(scales.get(), ZeroPoints::Integers(zero_points.get()));
            Scalar.quantize_with_sums(case.granularity, src.get::<T>(), params, dst.get::<Q>(), sums.get())
        },
    ));
}

/// The codes themselves, which `Code` does not show: as numbers of scale 1.
pub(crate) fn of_codes<Q: Code + CType>(all: &mut Vec<Operation>) {
    all.push(operation(
        format!("zp_unpack_{}", name::<Q>()),
        vec![codes::<Q>(), output::<i32>("dst", Len::DstN)],
        |p, case| {
            call!(format!("zp_unpack_{}", name::<Q>()), p[0].cast() => *const Q, case.n => usize,
                p[1].cast() => *mut i32)
        },
        |m, case| {
            let [src, dst] = m else { unreachable!() };
            let mut numbers = vec![0.0_f32; case.n];
            Scalar.dequantize(src.get::<Q>(), &QParams::new(1.0, 0)?, &mut numbers)?;
            dst.get().iter_mut().zip(numbers).for_each(|(q, x)| *q = x as i32);
            Ok(())
        },
    ));
}

pub(crate) fn of_sums<Q: Code + CType>(all: &mut Vec<Operation>) {
    all.push(operation(
        format!("zp_sum_per_{}", name::<Q>()),
        vec![codes::<Q>(), output::<i64>("sums", Len::Slices)],
        |p, case| {
            call!(format!("zp_sum_per_{}", name::<Q>()), case.c_granularity => CGranularity,
                p[0].cast() => *const Q, case.n => usize, p[1].cast() => *mut i64,
                case.slices => usize)
        },
        |m, case| {
            let [src, sums] = m else { unreachable!() };
            Scalar.sum_per(case.granularity, src.get::<Q>(), sums.get())
        },
    ));
}
