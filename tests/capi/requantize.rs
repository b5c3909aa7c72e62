//! Requantization, for all types of codes.
#![expect(unsafe_code, reason = "this is what a C program does")]

use zeropoint::capi::{CGranularity, CType};
use zeropoint::{Backend, Code, Error, Requantize, Scalar};

use crate::common::abi::{call, name};
use crate::operation::{Case, Len, Memory, Operation, Slot};
use crate::slots::{accumulators, code_output, fill, operation, output, slot, zero_points};

fn multiplier(case: &Case) -> f32 {
    case.scale as f32 / 1000.0
}

fn multipliers() -> Slot {
    let of = fill(|random, case| multiplier(case) * (1.5 + random.unit() as f32));
    slot::<f32>("multipliers", Len::Slices, of)
}

fn fixed_multipliers() -> Slot {
    let of = fill(|random, _| (random.next() as i32 & i32::MAX) | 1 << 30);
    slot::<i32>("multipliers", Len::Slices, of)
}

fn shifts() -> Slot {
    slot::<i32>("shifts", Len::Slices, fill(|random, _| (random.next() % 62) as i32 - 31))
}

fn made<Q: Code>(by: Result<Requantize<Q>, Error>, case: &Case) -> Result<Requantize<Q>, Error> {
    by?.with_codes(case.codes.0, case.codes.1)
}

fn run(
    m: &mut [Memory],
    dst: usize,
    run: impl FnOnce(&[i32], &mut Memory) -> Result<(), Error>,
) -> Result<(), Error> {
    let (src, rest) = m.split_first_mut().unwrap();
    run(src.get(), &mut rest[dst - 1])
}

pub(crate) fn of_codes<Q: Code + CType>(all: &mut Vec<Operation>) {
    let q = name::<Q>();
    all.push(operation(
        format!("zp_requantize_i32_{q}"),
        vec![accumulators(), code_output::<Q>()],
        |p, case| {
            let (qmin, qmax) = case.codes;
            call!(format!("zp_requantize_i32_{}", name::<Q>()), p[0].cast() => *const i32, case.n => usize,
                multiplier(case) => f32, case.zero_point => i32, qmin => i32, qmax => i32,
                p[1].cast() => *mut Q)
        },
        |m, case| {
            let by = made::<Q>(Requantize::float(multiplier(case), case.zero_point), case)?;
            run(m, 1, |src, dst| Scalar.requantize(src, &by, dst.get()))
        },
    ));
    all.push(operation(
        format!("zp_requantize_fixed_i32_{q}"),
        vec![accumulators(), code_output::<Q>()],
        |p, case| {
            let (qmin, qmax) = case.codes;
            call!(format!("zp_requantize_fixed_i32_{}", name::<Q>()), p[0].cast() => *const i32,
                case.n => usize, case.fixed.0 => i32, case.fixed.1 => i32, case.zero_point => i32, qmin => i32,
                qmax => i32, p[1].cast() => *mut Q)
        },
        |m, case| {
            let by = made::<Q>(Requantize::fixed(case.fixed.0, case.fixed.1, case.zero_point), case)?;
            run(m, 1, |src, dst| Scalar.requantize(src, &by, dst.get()))
        },
    ));
    all.push(operation(
        format!("zp_requantize_per_i32_{q}"),
        vec![accumulators(), multipliers(), zero_points(), code_output::<Q>()],
        |p, case| {
            let (qmin, qmax) = case.codes;
            call!(format!("zp_requantize_per_i32_{}", name::<Q>()), case.c_granularity => CGranularity,
                p[0].cast() => *const i32, case.n => usize, p[1].cast() => *const f32,
                p[2].cast() => *const i32, case.slices => usize, qmin => i32, qmax => i32,
                p[3].cast() => *mut Q, case.dst_n => usize)
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
        format!("zp_requantize_fixed_per_i32_{q}"),
        vec![accumulators(), fixed_multipliers(), shifts(), zero_points(), code_output::<Q>()],
        |p, case| {
            let (qmin, qmax) = case.codes;
            call!(format!("zp_requantize_fixed_per_i32_{}", name::<Q>()),
                case.c_granularity => CGranularity, p[0].cast() => *const i32, case.n => usize,
                p[1].cast() => *const i32, p[2].cast() => *const i32, p[3].cast() => *const i32,
                case.slices => usize, qmin => i32, qmax => i32,
                p[4].cast() => *mut Q, case.dst_n => usize)
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
        "zp_fixed_multiplier".into(),
        vec![output::<i32>("multiplier", Len::One), output::<i32>("shift", Len::One)],
        |p, case| {
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
