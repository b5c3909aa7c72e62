//! What every call must give for a case, in memory with guards.

use std::fmt::Debug;

use zeropoint::{Backend, Code, Granularity, MinMax, QParams, Range, Scheme};

use super::case::Case;
use crate::common::cases::Numbers;
use crate::common::contract::{self, Plain};
use crate::common::floats::{Float, edges};
use crate::common::types::{Data, Packing, wide};
use crate::common::{error_bits, same};

/// A case's data, and what the definition makes of them: one element behind the other.
pub(crate) struct Expected<T: Data, Q: Code> {
    src: Vec<T>,
    /// The same without NaN and infinities.
    finite: Vec<T>,
    params: Vec<QParams<T::Compute, Q>>,
    codes: Vec<i32>,
    numbers: Vec<T>,
    scheme: Scheme,
    /// Of the finite data, from each slice's own range.
    dynamic: (Vec<QParams<T::Compute, Q>>, Vec<i32>),
    error: [u64; 5],
    /// The bits of each slice's extremes, and whether it has NaN.
    extremes: Vec<(u64, u64, bool)>,
    /// The sum of each slice's codes.
    sums: Vec<i64>,
}

/// The elements of each slice.
fn gathered<X: Copy>(src: &[X], slices: &[usize], count: usize) -> Vec<Vec<X>> {
    let mut all = vec![Vec::new(); count];
    for (x, slice) in src.iter().zip(slices) {
        all[*slice].push(*x);
    }
    all
}

fn at<T: Data>(src: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|i| src[*i]).collect()
}

/// Numbers that matter for the parameters of each slice; and those of them that are finite, with others for the rest.
fn sources<T: Data>(
    case: &Case,
    slices: &[usize],
    plain: &[Plain<T::Compute>],
) -> (Vec<T>, Vec<T>) {
    let edges = edges();
    let number = |(i, slice): (usize, &usize)| {
        Numbers::around(plain[*slice], &edges).number(case.word(2, i))
    };
    let src: Vec<T> = slices.iter().enumerate().map(number).collect();
    let mut finite = src.clone();
    for (i, x) in finite.iter_mut().enumerate().filter(|(_, x)| !x.wide().finite()) {
        *x = T::from_wide(T::Compute::of((i % 100) as f64 - 40.0));
    }
    (src, finite)
}

fn codes<T: Data>(src: &[T], slices: &[usize], plain: &[Plain<T::Compute>]) -> Vec<i32> {
    src.iter().zip(slices).map(|(x, slice)| plain[*slice].quantize(x.wide())).collect()
}

fn numbers<T: Data>(codes: &[i32], slices: &[usize], plain: &[Plain<T::Compute>]) -> Vec<T> {
    let number = |(q, slice): (&i32, &usize)| plain[*slice].dequantize(*q);
    codes.iter().zip(slices).map(|x| T::from_wide(number(x))).collect()
}

/// The extremes of each slice, as [`Expected`] has them.
fn extremes<T: Data>(src: &[T], slices: &[usize], count: usize) -> Vec<(u64, u64, bool)> {
    let mut seen = vec![(f64::INFINITY, f64::NEG_INFINITY, false); count];
    for (x, slice) in src.iter().zip(slices) {
        let (x, (min, max, nan)) = (x.wide().as_f64(), &mut seen[*slice]);
        // Adding 0 makes −0 a 0.
        (*min, *max, *nan) = (min.min(x) + 0.0, max.max(x) + 0.0, *nan | x.is_nan());
    }
    seen.iter().map(|s| (s.0.to_bits(), s.1.to_bits(), s.2)).collect()
}

pub(crate) fn expected<T: Data, Q: Packing>(case: &Case) -> Expected<T, Q> {
    let (count, slices) = case.slices();
    let params: Vec<QParams<T::Compute, Q>> = (0..count).map(|i| case.params(i)).collect();
    let plain: Vec<_> = params.iter().map(Plain::of).collect();
    let (src, finite) = sources::<T>(case, &slices, &plain);
    let codes = codes(&src, &slices, &plain);
    let numbers = numbers(&codes, &slices, &plain);
    let scheme = if case.wild { Scheme::symmetric() } else { Scheme::asymmetric() };
    let scheme = if Q::BITS == 32 { scheme.bits(16) } else { scheme };
    let mut dynamic = (Vec::new(), vec![0; src.len()]);
    let mut errors = Vec::new();
    let places = gathered(&(0..src.len()).collect::<Vec<_>>(), &slices, count);
    for (places, plain) in places.iter().zip(&plain) {
        let of_slice = at(&finite, places);
        let p = Range::of(&of_slice).and_then(|range| scheme.params(range)).unwrap();
        let own = Plain::of(&p).codes(&of_slice);
        places.iter().zip(own).for_each(|(i, q)| dynamic.1[*i] = q);
        dynamic.0.push(p);
        errors.push(contract::error(&wide(&of_slice), plain));
    }
    let error = contract::tree(errors.into_iter()).bits(src.len());
    let extremes = extremes(&src, &slices, count);
    let sum = |codes: &Vec<i32>| codes.iter().map(|q| i64::from(*q)).sum();
    let sums = gathered(&codes, &slices, count).iter().map(sum).collect();
    Expected { src, finite, params, codes, numbers, scheme, dynamic, error, extremes, sums }
}

/// Rows of memory, `pitch` elements apart, in `room` that the gaps keep; `end` more of them behind the
/// last row.
fn apart<X: Copy>(rows: &[Vec<X>], pitch: usize, end: usize, room: X) -> Vec<X> {
    let mut memory = Vec::new();
    for row in rows {
        memory.resize(memory.len().next_multiple_of(pitch), room);
        memory.extend(row);
    }
    let full = memory.len().next_multiple_of(pitch);
    memory.resize(full.min(memory.len() + end), room);
    memory
}

/// An element of which every byte is `byte`.
fn filled<X: bytemuck::Pod>(byte: u8) -> X {
    let mut x = [X::zeroed()];
    bytemuck::cast_slice_mut::<X, u8>(&mut x).fill(byte);
    x[0]
}

const GUARD: u8 = 0xa5;

/// What `work` makes of memory that is like `expected`, but for what it is to write; there are guards
/// around it, and the first element is moved to any place of a cache line.
fn written<X: bytemuck::Pod + Debug>(
    what: &str,
    before: usize,
    expected: &[X],
    work: &mut dyn FnMut(&mut [X]),
) -> Result<(), String> {
    let len = expected.len();
    let mut room = vec![filled(GUARD); before + len + 7];
    work(&mut room[before..before + len]);
    for outside in [&room[..before], &room[before + len..]] {
        if bytemuck::cast_slice::<X, u8>(outside).iter().any(|byte| *byte != GUARD) {
            return Err(format!("{what}: written outside of {len} elements at {before}"));
        }
    }
    first_difference(what, &room[before..before + len], expected)
}

fn first_difference<X: bytemuck::Pod + Debug>(
    what: &str,
    got: &[X],
    expected: &[X],
) -> Result<(), String> {
    // Element by element, a comparison without optimisation takes longer than the kernels.
    if bytemuck::cast_slice::<X, u8>(got) == bytemuck::cast_slice::<X, u8>(expected) {
        return Ok(());
    }
    let differ = |(a, b): (&X, &X)| bytemuck::bytes_of(a) != bytemuck::bytes_of(b);
    match got.iter().zip(expected).position(differ) {
        None => Ok(()),
        Some(i) => Err(format!("{what}: element {i} is {:?}, not {:?}", got[i], expected[i])),
    }
}

/// A case in memory: the same rows of numbers and of codes, with their gaps. It is made once for all backends.
pub(crate) struct Memory<'a, T: Data, Q: Code> {
    all: &'a Expected<T, Q>,
    /// Numbers to codes, codes to numbers, numbers to numbers.
    to_codes: Granularity,
    to_numbers: Granularity,
    to_fake: Granularity,
    /// The data, with NaN in the gaps.
    src: Vec<T>,
    finite: Vec<T>,
    /// The data, with guards in the gaps.
    in_place: Vec<T>,
    numbers: Vec<T>,
    codes: Vec<Q>,
    dynamic: Vec<Q>,
    before: usize,
}

impl<'a, T: Data, Q: Packing> Memory<'a, T, Q> {
    pub(crate) fn new(case: &Case, all: &'a Expected<T, Q>) -> Result<Self, String> {
        let (row, of_numbers, of_codes) = case.pitches::<Q>();
        let flat = case.granularity();
        same("slices", flat.slices(), all.params.len())?;
        let pitched = |src, dst| match case.gaps {
            None => flat,
            Some(_) => flat.with_pitch(src, dst).unwrap(),
        };
        let end = (case.seed / 65 % 10) as usize;
        let numbers = |x: &[T], room| {
            let rows: Vec<_> = x.chunks(row).map(<[T]>::to_vec).collect();
            apart(&rows, of_numbers, end, room)
        };
        let codes = |codes: &[i32]| {
            let rows: Vec<_> = codes.chunks(row).map(Q::packed).collect();
            apart(&rows, of_codes.div_ceil(Q::PER_ELEMENT), end, filled(GUARD))
        };
        let nan = T::from_wide(T::Compute::nans()[0]);
        Ok(Self {
            all,
            to_codes: pitched(of_numbers, of_codes),
            to_numbers: pitched(of_codes, of_numbers),
            to_fake: pitched(of_numbers, of_numbers),
            src: numbers(&all.src, nan),
            finite: numbers(&all.finite, nan),
            in_place: numbers(&all.src, filled(GUARD)),
            numbers: numbers(&all.numbers, filled(GUARD)),
            codes: codes(&all.codes),
            dynamic: codes(&all.dynamic.1),
            before: (case.seed % 65) as usize,
        })
    }
}

pub(crate) fn check<T: Data, Q: Packing>(
    backend: impl Backend,
    memory: &Memory<T, Q>,
) -> Result<(), String> {
    let name = format!("{} {backend:?}", std::any::type_name::<(T, Q)>());
    elements(backend, &name, memory)?;
    ranges(backend, &name, memory)?;
    sums(backend, &name, memory)
}

/// One result for each element.
fn elements<T: Data, Q: Packing>(
    backend: impl Backend,
    name: &str,
    memory: &Memory<T, Q>,
) -> Result<(), String> {
    let Memory { src, in_place, numbers, codes, before, .. } = memory;
    let params = &memory.all.params[..];
    written(&format!("{name}: quantize"), *before, codes, &mut |dst| {
        backend.quantize_per(memory.to_codes, src, params, dst).unwrap();
    })?;
    written(&format!("{name}: dequantize"), *before, numbers, &mut |dst| {
        backend.dequantize_per(memory.to_numbers, codes, params, dst).unwrap();
    })?;
    written(&format!("{name}: fake_quantize"), *before, numbers, &mut |dst| {
        backend.fake_quantize_per(memory.to_fake, src, params, dst).unwrap();
    })?;
    written(&format!("{name}: fake_quantize_in_place"), *before, numbers, &mut |dst| {
        dst.copy_from_slice(in_place);
        backend.fake_quantize_in_place_per(memory.to_fake, dst, params).unwrap();
    })
}

/// Ranges, and codes with parameters from them.
fn ranges<T: Data, Q: Packing>(
    backend: impl Backend,
    name: &str,
    memory: &Memory<T, Q>,
) -> Result<(), String> {
    let Memory { all, finite, before, .. } = memory;
    let mut seen = vec![MinMax::EMPTY; all.params.len()];
    backend.min_max_per(memory.to_codes, &memory.src, &mut seen).unwrap();
    let seen: Vec<_> = (seen.iter())
        .map(|s| (s.min.as_f64().to_bits(), s.max.as_f64().to_bits(), s.has_nan))
        .collect();
    same(&format!("{name}: min_max"), &seen, &all.extremes)?;

    let params = &all.dynamic.0;
    let mut found = vec![QParams::default(); params.len()];
    written(&format!("{name}: dynamic"), *before, &memory.dynamic, &mut |dst| {
        let found = &mut found[..];
        backend.quantize_dynamic_per(memory.to_codes, finite, all.scheme, found, dst).unwrap();
    })?;
    let bits = |p: &QParams<T::Compute, Q>| (p.scale().raw(), p.zero_point(), p.qmin(), p.qmax());
    let (found, params): (Vec<_>, Vec<_>) =
        (found.iter().map(bits).collect(), params.iter().map(bits).collect());
    same(&format!("{name}: dynamic parameters"), found, params)
}

/// Sums of errors and of codes.
fn sums<T: Data, Q: Packing>(
    backend: impl Backend,
    name: &str,
    memory: &Memory<T, Q>,
) -> Result<(), String> {
    let Memory { all, src, finite, codes, before, .. } = memory;
    let params = &all.params[..];
    let error = backend.quantization_error_per(memory.to_codes, finite, params);
    same(&format!("{name}: error"), error_bits(error), Ok(all.error))?;

    let mut found = vec![77; params.len()];
    backend.sum_per(memory.to_numbers, codes, &mut found).unwrap();
    same(&format!("{name}: sums"), &found, &all.sums)?;
    found.fill(77);
    written(&format!("{name}: codes with sums"), *before, codes, &mut |dst| {
        backend.quantize_with_sums(memory.to_codes, src, params, dst, &mut found).unwrap();
    })?;
    same(&format!("{name}: sums of codes"), &found, &all.sums)
}
