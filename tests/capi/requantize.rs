//! Requantization, for all types of codes.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::c_void;

use zeropoint::capi::{
    CFixedParams, CFixedSliceParams, CGranularity, CParams, CSliceParams, Status, Type,
};
use zeropoint::{Backend, Code, Error, Requantize, Scalar};

use crate::common::abi::{call, type_of};
use crate::operation::{Case, Len, Memory, Operation, Slot};
use crate::slots::{
    accumulators, code_output, codes_of, fill, operation, output, slot, zero_points,
};

fn multiplier(case: &Case) -> f32 {
    case.scale as f32 / 1000.0
}

fn multipliers() -> Slot {
    let of = fill(|random, case| multiplier(case) * (1.5 + random.unit() as f32));
    slot::<f32>("scales", Len::Slices, of)
}

fn fixed_multipliers() -> Slot {
    let of = fill(|random, _| (random.next() as i32 & i32::MAX) | 1 << 30);
    slot::<i32>("multipliers", Len::Slices, of)
}

fn shifts() -> Slot {
    slot::<i32>("shifts", Len::Slices, fill(|random, _| (random.next() % 62) as i32 - 31))
}

fn made<Q: Code>(by: Result<Requantize<Q>, Error>, case: &Case) -> Result<Requantize<Q>, Error> {
    let (qmin, qmax) = codes_of::<Q>(case);
    by?.with_codes(qmin, qmax)
}

fn run(
    m: &mut [Memory],
    dst: usize,
    run: impl FnOnce(&[i32], &mut Memory) -> Result<(), Error>,
) -> Result<(), Error> {
    let (src, rest) = m.split_first_mut().unwrap();
    run(src.get(), &mut rest[dst - 1])
}

pub(crate) fn of_codes<Q: Code>(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_requantize",
        vec![type_of::<Q>()],
        vec![accumulators(), code_output::<Q>()],
        |p, case, t| {
            let params = CParams { scale: multiplier(case).into(), ..case.params(Type::F32) };
            call!("zp_requantize", p[0].cast() => *const i32, case.n => usize, params => CParams,
                p[1].cast() => *mut c_void, t[0] => Type)
        },
        |m, case| {
            let by = made::<Q>(Requantize::float(multiplier(case), case.zero_point), case)?;
            run(m, 1, |src, dst| Scalar.requantize(src, &by, dst.get()))
        },
    ));
    all.push(operation(
        "zp_requantize_fixed",
        vec![type_of::<Q>()],
        vec![accumulators(), code_output::<Q>()],
        |p, case, t| {
            let ((multiplier, shift), (qmin, qmax)) = (case.fixed, case.codes);
            let params =
                CFixedParams { multiplier, shift, zero_point: case.zero_point, qmin, qmax };
            call!("zp_requantize_fixed", p[0].cast() => *const i32, case.n => usize,
                params => CFixedParams, p[1].cast() => *mut c_void, t[0] => Type)
        },
        |m, case| {
            let by =
                made::<Q>(Requantize::fixed(case.fixed.0, case.fixed.1, case.zero_point), case)?;
            run(m, 1, |src, dst| Scalar.requantize(src, &by, dst.get()))
        },
    ));
    all.push(operation(
        "zp_requantize_per",
        vec![type_of::<Q>()],
        vec![accumulators(), multipliers(), zero_points(), code_output::<Q>()],
        |p, case, t| {
            call!("zp_requantize_per", p[0].cast() => *const i32, case.n => usize,
                case.c_granularity => CGranularity, case.slice_params(p[1], p[2]) => CSliceParams,
                p[3].cast() => *mut c_void, t[0] => Type, case.dst_n => usize)
        },
        |m, case| {
            // Also where there are no slices.
            made::<Q>(Requantize::float(0.0, 0), case)?;
            let (by, z) = (m[1].get::<f32>().to_vec(), m[2].get::<i32>().to_vec());
            let by: Result<Vec<_>, _> =
                by.iter().zip(z).map(|(m, z)| made::<Q>(Requantize::float(*m, z), case)).collect();
            let by = by?;
            run(m, 3, |src, dst| Scalar.requantize_per(case.granularity, src, &by, dst.get()))
        },
    ));
    all.push(operation(
        "zp_requantize_fixed_per",
        vec![type_of::<Q>()],
        vec![accumulators(), fixed_multipliers(), shifts(), zero_points(), code_output::<Q>()],
        |p, case, t| {
            let (slices, (qmin, qmax)) = (case.slices, case.codes);
            let [multipliers, shifts, zero_points] =
                [p[1], p[2], p[3]].map(|array| array.cast_const().cast::<i32>());
            let params = CFixedSliceParams { multipliers, shifts, zero_points, slices, qmin, qmax };
            call!("zp_requantize_fixed_per", p[0].cast() => *const i32, case.n => usize,
                case.c_granularity => CGranularity, params => CFixedSliceParams,
                p[4].cast() => *mut c_void, t[0] => Type, case.dst_n => usize)
        },
        |m, case| {
            made::<Q>(Requantize::float(0.0, 0), case)?;
            let all: Vec<Vec<i32>> = m[1..4].iter_mut().map(|m| m.get::<i32>().to_vec()).collect();
            let of = |i: usize| made::<Q>(Requantize::fixed(all[0][i], all[1][i], all[2][i]), case);
            let by = (0..case.slices).map(of).collect::<Result<Vec<_>, _>>()?;
            run(m, 4, |src, dst| Scalar.requantize_per(case.granularity, src, &by, dst.get()))
        },
    ));
}

/// The one that is for no type.
pub(crate) fn of_multipliers(all: &mut Vec<Operation>) {
    all.push(operation(
        "zp_fixed_multiplier",
        Vec::new(),
        vec![output::<i32>("multiplier", Len::One), output::<i32>("shift", Len::One)],
        |p, case, _| {
            call!("zp_fixed_multiplier", case.scale => f64, p[0].cast() => *mut i32,
                p[1].cast() => *mut i32)
        },
        |m, case| {
            let r = Requantize::<u8>::fixed_from_real(case.scale, 0)?;
            let (multiplier, shift) = r.multiplier_and_shift().unwrap();
            (m[0].get()[0], m[1].get()[0]) = (multiplier, shift);
            Ok(())
        },
    ));
}
