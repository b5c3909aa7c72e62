//! The buffers that operations have.

use bytemuck::{Pod, bytes_of};
use half::{bf16, f16};
use zeropoint::capi::{CType, Stats, Status};
use zeropoint::{Code, Compute, Error, QParams, Real};

use crate::common::abi::bits;
use crate::operation::{Case, Fill, Len, Memory, Operation, Random, Slot};

/// A type of numbers, from the nearest `f64`.
pub(crate) trait Number: Real<Compute: Scale> + CType {
    fn of(x: f64) -> Self;
}
/// A type of scales.
pub(crate) trait Scale: Compute + CType {
    fn of(x: f64) -> Self;
}
impl Scale for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
}
impl Scale for f64 {
    fn of(x: f64) -> Self {
        x
    }
}
impl Number for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
}
impl Number for f64 {
    fn of(x: f64) -> Self {
        x
    }
}
impl Number for f16 {
    fn of(x: f64) -> Self {
        f16::from_f64(x)
    }
}
impl Number for bf16 {
    fn of(x: f64) -> Self {
        bf16::from_f64(x)
    }
}

pub(crate) fn fill<T: Pod>(of: impl Fn(&mut Random, &Case) -> T + 'static) -> Fill {
    Box::new(move |random, case, element| element.copy_from_slice(bytes_of(&of(random, case))))
}

pub(crate) fn slot<T>(argument: &'static str, len: Len, fill: Fill) -> Slot {
    Slot {
        argument,
        size: size_of::<T>(),
        align: align_of::<T>(),
        per: 1,
        len,
        is_output: false,
        may_be_null: false,
        fill,
    }
}

/// Numbers, ties among them, and where the case says so NaN, infinities and the like.
pub(crate) fn numbers<T: Number>() -> Slot {
    slot::<T>(
        "src",
        Len::N,
        fill(|random, case| {
            let x = match random.next() % 16 {
                0 if case.special => {
                    [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e30][random.next() as usize % 4]
                }
                1 => -0.0,
                2..6 => (random.unit() * 300.0).round() * 0.5 * case.scale,
                _ => random.unit() * 200.0 * case.scale,
            };
            T::of(x)
        }),
    )
}

pub(crate) fn codes<Q: Code>() -> Slot {
    Slot {
        per: Q::PER_ELEMENT,
        // All bits that there are.
        ..slot::<Q>(
            "src",
            Len::N,
            Box::new(|random, _, element| {
                element.iter_mut().for_each(|byte| *byte = random.next() as u8);
            }),
        )
    }
}

pub(crate) fn accumulators() -> Slot {
    slot::<i32>("src", Len::N, fill(|random, _| (random.next() as i32) >> (random.next() % 31)))
}

pub(crate) fn output<T>(argument: &'static str, len: Len) -> Slot {
    Slot { is_output: true, ..slot::<T>(argument, len, Box::new(|_, _, _| ())) }
}

pub(crate) fn code_output<Q: Code>() -> Slot {
    Slot { per: Q::PER_ELEMENT, ..output::<Q>("dst", Len::DstN) }
}

pub(crate) fn scales<S: Scale>() -> Slot {
    slot::<S>("scales", Len::Slices, fill(|random, case| S::of(case.scale * (2.0 + random.unit()))))
}

pub(crate) fn zero_points() -> Slot {
    let slot =
        slot::<i32>("zero_points", Len::Slices, fill(|random, _| (random.next() % 9) as i32 - 4));
    Slot { may_be_null: true, ..slot }
}

pub(crate) fn optional(slot: Slot) -> Slot {
    Slot { may_be_null: true, ..slot }
}

pub(crate) fn operation(
    name: String,
    slots: Vec<Slot>,
    call: impl Fn(&[*mut u8], &Case) -> Status + 'static,
    reference: impl Fn(&mut [Memory], &Case) -> Result<(), Error> + 'static,
) -> Operation {
    let spoils = name.contains("_dynamic_per");
    Operation { name, slots, call: Box::new(call), reference: Box::new(reference), spoils }
}

/// The parameters of a case, over all codes.
pub(crate) fn params<S: Scale, Q: Code>(case: &Case) -> Result<QParams<S, Q>, Error> {
    QParams::new(S::of(case.scale), case.zero_point)
}

/// The same over the codes that a case names.
pub(crate) fn some_params<S: Scale, Q: Code>(case: &Case) -> Result<QParams<S, Q>, Error> {
    let (qmin, qmax) = case.codes;
    QParams::with_codes(S::of(case.scale), case.zero_point, qmin, qmax)
}

pub(crate) fn put_stats(memory: &mut Memory, stats: Stats) {
    memory.get::<u64>().copy_from_slice(&bits(&stats));
}
