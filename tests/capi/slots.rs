//! The buffers that operations have.

use bytemuck::{Pod, bytes_of};
use half::{bf16, f16};
use zeropoint::capi::{Stats, Status, Type, types};
use zeropoint::{Code, Compute, Error, Params, QParams, Real, ZeroPoints};

use crate::common::abi::{bits, narrowed, widened};
use crate::operation::{Case, Fill, Len, Memory, Operation, Random, Slot};

/// A type of numbers, from the nearest `f64`.
pub(crate) trait Number: Real {
    fn of(x: f64) -> Self;
}
macro_rules! numbers {
    ($($T:ty: $of:expr),+) => {$(
        impl Number for $T {
            fn of(x: f64) -> Self {
                $of(x)
            }
        }
    )+};
}
numbers!(f32: |x| x as f32, f64: |x| x, f16: f16::from_f64, bf16: bf16::from_f64);

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
        whole: false,
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

pub(crate) fn scales<S: Compute>() -> Slot {
    let of = fill(|random, case| narrowed::<S>(case.scale * (2.0 + random.unit())));
    slot::<S>("scales", Len::Slices, of)
}

pub(crate) fn zero_points() -> Slot {
    let slot =
        slot::<i32>("zero_points", Len::Slices, fill(|random, _| (random.next() % 9) as i32 - 4));
    Slot { may_be_null: true, ..slot }
}

/// Room for `zp_params`.
pub(crate) fn params_output() -> Slot {
    output::<[u64; 3]>("params", Len::One)
}

pub(crate) fn operation(
    function: &'static str,
    of: Vec<Type>,
    slots: Vec<Slot>,
    with_types: fn(&[*mut u8], &Case, &[Type]) -> Status,
    reference: impl Fn(&mut [Memory], &Case) -> Result<(), Error> + 'static,
) -> Operation {
    let mut name = function.to_owned();
    for number in &of {
        let (constant, ..) = types().iter().find(|known| known.1 == number.0).unwrap();
        name += &constant.replace("ZP_", " ");
    }
    let spoils = matches!(function, "zp_quantize_dynamic_per" | "zp_encode");
    let reference = Box::new(reference);
    Operation { name, function, types: of, slots, with_types, reference, spoils }
}

/// The codes of a case.
pub(crate) fn codes_of<Q: Code>(case: &Case) -> (i32, i32) {
    let (qmin, qmax) = case.codes;
    (if qmin == i32::MIN { Q::MIN } else { qmin }, if qmax == i32::MAX { Q::MAX } else { qmax })
}

/// The parameters of a case.
pub(crate) fn params<S: Compute, Q: Code>(case: &Case) -> Result<QParams<S, Q>, Error> {
    let (qmin, qmax) = codes_of::<Q>(case);
    QParams::with_codes(narrowed(case.scale), case.zero_point, qmin, qmax)
}

/// The parameters of a case's slices.
pub(crate) fn slice_params<'a, S: Compute, Q: Code>(
    case: &Case,
    scales: &'a mut Memory,
    zero_points: &'a mut Memory,
) -> Params<'a, S, Q> {
    let (qmin, qmax) = codes_of::<Q>(case);
    let zero_points = ZeroPoints::Integers(zero_points.get());
    Params::arrays_with_codes(scales.get(), zero_points, qmin, qmax)
}

/// Writes `zp_params`, whose last four bytes are padding.
pub(crate) fn put_params<S: Compute, Q: Code>(memory: &mut Memory, p: &QParams<S, Q>) {
    let (scale, rest) = memory.bytes_mut().split_at_mut(8);
    scale.copy_from_slice(&widened(p.scale()).to_ne_bytes());
    rest[..12].copy_from_slice(bytes_of(&[p.zero_point(), p.qmin(), p.qmax()]));
}

pub(crate) fn put_stats(memory: &mut Memory, stats: Stats) {
    memory.get::<u64>().copy_from_slice(&bits(&stats));
}
