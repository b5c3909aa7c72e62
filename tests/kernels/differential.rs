//! Every operation on every pair of types gives the bits of the contract, written a second time, on every backend, and
//! through the C ABI if that is built.

use std::fmt::Debug;

use proptest::prelude::any;
use zeropoint::{Error, QParams, Range, Scheme};

use crate::common::cases::{Case, both_cases, scheme};
use crate::common::contract::{self, Plain};
use crate::common::floats::Float;
use crate::common::tested::{Tested, tested};
use crate::common::types::{Data, Packing};
use crate::common::{error_bits, for_random, min_max_bits, params_bits, same};

for_each_pair!(random_data, every_length);

const CASES: u32 = 5000;

/// What the operations are given.
struct Given<T: Data, Q: Packing> {
    case: Case<T, Q>,
    /// The same data made finite: reductions and dynamic quantization refuse other data.
    finite: Vec<T>,
    codes: Vec<i32>,
    scheme: Scheme,
}

/// The outputs of all operations, as bytes and as text.
#[derive(Default)]
struct Outputs(Vec<(&'static str, usize, Vec<u8>)>);

impl Outputs {
    fn put<X: bytemuck::Pod>(&mut self, what: &'static str, elements: &[X]) {
        self.0.push((what, size_of::<X>(), bytemuck::cast_slice(elements).to_vec()));
    }

    fn say(&mut self, what: &'static str, value: &dyn Debug) {
        self.0.push((what, 0, format!("{value:x?}").into_bytes()));
    }

    fn compare(&self, name: &str, expected: &Self) -> Result<(), String> {
        for ((what, size, got), (also, _, expected)) in self.0.iter().zip(&expected.0) {
            assert_eq!(what, also);
            if got == expected {
                continue;
            }
            let [got_text, expected_text] = [got, expected].map(|x| String::from_utf8_lossy(x));
            if *size == 0 {
                return Err(format!("{name}: {what}: {got_text} instead of {expected_text}"));
            }
            let at = got.iter().zip(expected).take_while(|(a, b)| a == b).count() / size;
            let [got, expected] = [got, expected].map(|x| x.chunks(*size).nth(at));
            return Err(format!("{name}: {what}: element {at}: {got:x?} instead of {expected:x?}"));
        }
        Ok(())
    }
}

/// An output before anything is written.
fn untouched<X: bytemuck::Pod>(len: usize) -> Vec<X> {
    let mut all = vec![X::zeroed(); len];
    bytemuck::cast_slice_mut::<X, u8>(&mut all).fill(0x5a);
    all
}

fn outputs<T: Data, Q: Packing>(by: Tested, given: &Given<T, Q>) -> Outputs {
    let mut all = Outputs::default();
    let Given { case: Case { p, src }, finite, .. } = given;
    let codes = src.len().div_ceil(Q::PER_ELEMENT);
    let mut q: Vec<Q> = untouched(codes);
    by.quantize(src, p, &mut q).unwrap();
    all.put("quantize", &q);
    let mut x = untouched(src.len());
    by.dequantize(&Q::packed(&given.codes), p, &mut x).unwrap();
    all.put("dequantize", &x);
    by.fake_quantize(src, p, &mut x).unwrap();
    all.put("fake_quantize", &x);
    x.copy_from_slice(src);
    by.fake_quantize_in_place(&mut x, p);
    all.put("fake_quantize_in_place", &x);
    let mut q: Vec<Q> = untouched(codes);
    let dynamic = by.quantize_dynamic(finite, given.scheme, &mut q);
    all.put("quantize_dynamic", &q);
    all.say("parameters of quantize_dynamic", &text(params_bits(dynamic)));
    all.say("quantization_error", &text(error_bits(by.quantization_error(finite, p))));
    let ranges = ranges(finite);
    let mut made = vec![QParams::<T::Compute, Q>::default(); ranges.len()];
    all.say("outcome of params", &text(by.params(&ranges, given.scheme, &mut made)));
    all.say("params", &bits(&made));
    for src in [src, finite] {
        all.say("min_max", &min_max_bits(by.min_max(src)));
        all.say("range", &text(by.range(src).map(range_bits)));
        all.say("abs_max", &text(by.abs_max(src).map(Float::raw)));
    }
    all
}

fn text<X>(result: Result<X, Error>) -> Result<X, String> {
    result.map_err(|error| error.to_string())
}

fn range_bits<T: Float>(range: Range<T>) -> (u64, u64) {
    (range.min().raw(), range.max().raw())
}

fn bits<T: Float, Q: Packing>(list: &[QParams<T, Q>]) -> Vec<Result<(u64, i32, i32, i32), Error>> {
    list.iter().map(|p| params_bits(Ok(*p))).collect()
}

/// The ranges of a few elements each.
fn ranges<T: Data>(src: &[T]) -> Vec<Range<T::Compute>> {
    src.chunks(7).filter_map(|row| Range::of(row).ok()).collect()
}

fn by_contract<T: Data, Q: Packing>(given: &Given<T, Q>) -> Outputs {
    let mut all = Outputs::default();
    let Given { case: Case { p, src }, finite, scheme, .. } = given;
    let plain = Plain::of(p);
    let number = |q: i32| T::from_wide(plain.dequantize(q));
    let codes: Vec<i32> = src.iter().map(|x| plain.quantize(x.wide())).collect();
    let fake: Vec<T> = codes.iter().map(|q| number(*q)).collect();
    all.put("quantize", &Q::packed(&codes));
    all.put("dequantize", &given.codes.iter().map(|q| number(*q)).collect::<Vec<T>>());
    all.put("fake_quantize", &fake);
    all.put("fake_quantize_in_place", &fake);
    let wide: Vec<T::Compute> = finite.iter().map(|x| x.wide()).collect();
    let dynamic = Range::of(finite).and_then(|range| scheme.params::<_, Q>(range));
    all.put("quantize_dynamic", &match &dynamic {
        Err(_) => untouched(finite.len().div_ceil(Q::PER_ELEMENT)),
        Ok(p) => {
            let own = Plain::of(p);
            Q::packed(&wide.iter().map(|x| own.quantize(*x)).collect::<Vec<_>>())
        }
    });
    all.say("parameters of quantize_dynamic", &text(params_bits(dynamic)));
    let sums = contract::error(&wide, &plain).bits(wide.len());
    all.say("quantization_error", &unless_refused(&wide, sums));
    let ranges = ranges(finite);
    let mut made = vec![QParams::<T::Compute, Q>::default(); ranges.len()];
    let mut each = ranges.iter().zip(&mut made);
    let outcome = each.try_for_each(|(range, p)| scheme.params(*range).map(|made| *p = made));
    all.say("outcome of params", &text(outcome));
    all.say("params", &bits(&made));
    reductions(&mut all, &src.iter().map(|x| x.wide()).collect::<Vec<_>>());
    reductions(&mut all, &wide);
    all
}

/// A result, if there are elements and all are finite.
fn unless_refused<S: Float, X>(src: &[S], result: X) -> Result<X, String> {
    match src.iter().position(|x| !x.finite()) {
        _ if src.is_empty() => Err(Error::Empty.to_string()),
        Some(at) => Err(format!("NaN or infinity at element {at}")),
        None => Ok(result),
    }
}

fn reductions<S: Float>(all: &mut Outputs, src: &[S]) {
    let numbers = || src.iter().copied().filter(|x| !x.as_f64().is_nan());
    // Adding 0 makes −0 a 0.
    let min = numbers().fold(S::INF, |a, b| if b < a { b } else { a }) + S::of(0.0);
    let max = numbers().fold(S::INF.negated(), |a, b| if b > a { b } else { a }) + S::of(0.0);
    let alpha = if max > min.negated() { max } else { min.negated() };
    all.say("min_max", &(min.raw(), max.raw(), numbers().count() < src.len()));
    all.say("range", &unless_refused(src, (min.raw(), max.raw())));
    all.say("abs_max", &unless_refused(src, (alpha + S::of(0.0)).raw()));
}

/// The parameters of both schemes by the contract's formulas.
fn params_follow_the_contract<S: Float, Q: Packing>(src: &[S], bits: u32) -> Result<(), String> {
    let finite = src.iter().copied().filter(|x| x.finite());
    let (min, max) = finite.fold((S::of(0.0), S::of(0.0)), |(min, max), x| {
        (if x < min { x } else { min }, if x > max { x } else { max })
    });
    let range = Range::new(min, max).unwrap();
    let half = 1 << (bits - 1);
    let (qmin, qmax) = if Q::MIN < 0 { (-half, half - 1) } else { (0, 2 * half - 1) };

    let (scale, z) = contract::asymmetric(min, max, qmin, qmax);
    let z = (z as i32).clamp(qmin, qmax);
    let p = Scheme::asymmetric().bits(bits).params::<S, Q>(range);
    same("asymmetric", params_bits(p), Ok((scale.raw(), z, qmin, qmax)))?;

    let alpha = if min.negated() > max { min.negated() } else { max };
    let scale = contract::symmetric(alpha, bits);
    let z = if Q::MIN < 0 { 0 } else { half };
    let p = Scheme::symmetric().bits(bits).params::<S, Q>(range);
    same("symmetric", params_bits(p), Ok((scale.raw(), z, qmin + 1, qmax)))
}

fn check<T: Data, Q: Packing>(given: &Given<T, Q>) -> Result<(), String> {
    let expected = by_contract(given);
    for by in tested() {
        outputs(by, given).compare(by.name(), &expected)?;
    }
    for src in [&given.case.src, &given.finite] {
        let alpha = zeropoint::abs_max(src).map(Float::raw);
        same("free function", alpha, tested()[0].abs_max(src).map(Float::raw))?;
        let range = Range::of(src).map(range_bits);
        same("Range::of", range, tested()[0].range(src).map(range_bits))?;
    }
    Ok(())
}

fn random_data<T: Data, Q: Packing>() {
    let case = (both_cases::<T, Q>(), scheme::<Q>(), 2..=Q::BITS.min(16), any::<u64>());
    for_random(CASES, case, |((case, finite), scheme, bits, seed)| {
        let codes = (0..case.src.len()).map(|i| any_code::<Q>(seed, i)).collect();
        params_follow_the_contract::<_, Q>(
            &finite.iter().map(|x| x.wide()).collect::<Vec<_>>(),
            bits,
        )?;
        check(&Given { case, finite, codes, scheme })
    });
}

/// A code of the type, whether or not it lies within `qmin..=qmax`.
fn any_code<Q: Packing>(seed: u64, i: usize) -> i32 {
    let word = (seed ^ i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let count = (i64::from(Q::MAX) - i64::from(Q::MIN) + 1) as u64;
    (i64::from(Q::MIN) + (word % count) as i64) as i32
}

/// Slices shorter than a step and a little longer, from several places on.
fn every_length<T: Data, Q: Packing>() {
    let scale = T::Compute::of(0.1);
    let z = if Q::BITS == 32 { 100 } else { Q::MIN + (Q::MAX - Q::MIN) / 3 };
    let p = QParams::<T::Compute, Q>::new(scale, z).unwrap();
    let number = |i: i32| T::from_wide(T::Compute::of(f64::from(i) * 0.037 - 3.0));
    let finite: Vec<T> = (0..200).map(number).collect();
    let mut src = finite.clone();
    for (i, x) in src.iter_mut().enumerate().filter(|(i, _)| i % 23 == 7) {
        let nans = T::Compute::nans();
        *x = T::from_wide([nans[0], T::Compute::INF, nans[3], T::Compute::INF.negated()][i / 23 % 4]);
    }
    for len in 0..=200 {
        for from in [0, 1, 5] {
            let slice = from.min(len)..len;
            let codes = slice.clone().map(|i| any_code::<Q>(0, i)).collect();
            let case = Case { p, src: src[slice.clone()].to_vec() };
            let finite = finite[slice].to_vec();
            let scheme = Scheme::asymmetric().bits(Q::BITS.min(16));
            check(&Given { case, finite, codes, scheme }).unwrap();
        }
    }
}
