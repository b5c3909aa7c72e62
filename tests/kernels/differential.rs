//! Every operation on every pair of types gives the bits of the contract, written a second time, on every backend, and
//! through the C ABI if that is built.

use proptest::prelude::any;
use zeropoint::{Backend, Error, QParams, Range, Scheme};

use crate::common::cases::{Case, both_cases, scheme};
use crate::common::contract::{self, Plain};
use crate::common::floats::Float;
use crate::common::tested::{Tested, tested};
use crate::common::types::{Data, Packing, wide};
use crate::common::{effort, error_bits, for_random, min_max_bits, params_bits, same, scalar};

for_each_pair!(random_data, every_length);

const CASES: u32 = 2000;

/// The data that the operations are given.
struct Given<T: Data, Q: Packing> {
    case: Case<T, Q>,
    /// These data made finite: reductions and dynamic quantization refuse other data.
    finite: Vec<T>,
    /// The ranges of every seven elements of `finite`.
    ranges: Vec<Range<T::Compute>>,
    codes: Vec<i32>,
    scheme: Scheme,
}

impl<T: Data, Q: Packing> Given<T, Q> {
    fn new(case: Case<T, Q>, finite: Vec<T>, codes: Vec<i32>, scheme: Scheme) -> Self {
        let ranges = finite.chunks(7).filter_map(|row| Range::of(row).ok()).collect();
        Self { case, finite, ranges, codes, scheme }
    }
}

/// The outputs of all operations: a name, the size of an element, the bytes. A refusal is its text, of size 0.
#[derive(Default)]
struct Outputs(Vec<(&'static str, usize, Vec<u8>)>);

impl Outputs {
    fn put<X: bytemuck::Pod>(&mut self, what: &'static str, elements: &[X]) {
        self.0.push((what, size_of::<X>(), bytemuck::cast_slice(elements).to_vec()));
    }

    fn result<const N: usize>(&mut self, what: &'static str, bits: Result<[u64; N], String>) {
        match bits {
            Ok(bits) => self.put(what, &bits),
            Err(text) => self.0.push((what, 0, text.into_bytes())),
        }
    }

    fn compare(&self, name: &str, expected: &Self) -> Result<(), String> {
        for (got, expected) in self.0.iter().zip(&expected.0) {
            if got == expected {
                continue;
            }
            let ((what, size, got), (_, expected_size, expected)) = (got, expected);
            if 0 == size * expected_size {
                let [got, expected] = [got, expected].map(|x| String::from_utf8_lossy(x));
                return Err(format!("{name}: {what}: {got:?} instead of {expected:?}"));
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
    let Given { case: Case { p, src }, finite, ranges, .. } = given;
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
    all.result("parameters of quantize_dynamic", text(dynamic.map(|p| bits(&p))));
    let error = error_bits(by.quantization_error(finite, p));
    all.result("quantization_error", text(error));
    let mut made = vec![QParams::<T::Compute, Q>::default(); ranges.len()];
    let outcome = by.params(ranges, given.scheme, &mut made);
    all.result("outcome of params", text(outcome.map(|()| [])));
    all.put("params", &made.iter().map(bits).collect::<Vec<_>>());
    for src in [src, finite] {
        let (min, max, has_nan) = min_max_bits(by.min_max(src));
        all.put("min_max", &[min, max, has_nan.into()]);
        all.result("range", text(by.range(src).map(range_bits)));
        all.result("abs_max", text(by.abs_max(src).map(|alpha| [alpha.raw()])));
    }
    all
}

fn text<X>(result: Result<X, Error>) -> Result<X, String> {
    result.map_err(|error| error.to_string())
}

fn range_bits<T: Float>(range: Range<T>) -> [u64; 2] {
    [range.min().raw(), range.max().raw()]
}

fn bits<T: Float, Q: Packing>(p: &QParams<T, Q>) -> [u64; 4] {
    let [z, qmin, qmax] = [p.zero_point(), p.qmin(), p.qmax()].map(|n| n as u64);
    [p.scale().raw(), z, qmin, qmax]
}

fn by_contract<T: Data, Q: Packing>(given: &Given<T, Q>) -> Outputs {
    let mut all = Outputs::default();
    let Given { case: Case { p, src }, finite, ranges, scheme, .. } = given;
    let plain = Plain::of(p);
    let codes = plain.codes(src);
    let fake: Vec<T> = plain.numbers(&codes);
    all.put("quantize", &Q::packed(&codes));
    all.put("dequantize", &plain.numbers::<T>(&given.codes));
    all.put("fake_quantize", &fake);
    all.put("fake_quantize_in_place", &fake);
    let finite_wide = wide(finite);
    let dynamic = Range::of(finite).and_then(|range| scheme.params::<_, Q>(range));
    all.put(
        "quantize_dynamic",
        &match &dynamic {
            Err(_) => untouched(finite.len().div_ceil(Q::PER_ELEMENT)),
            Ok(p) => Q::packed(&Plain::of(p).codes(finite)),
        },
    );
    all.result("parameters of quantize_dynamic", text(dynamic.map(|p| bits(&p))));
    let error = contract::error(&finite_wide, &plain).bits(finite.len());
    all.result("quantization_error", unless_refused(&finite_wide, error));
    let mut made = vec![QParams::<T::Compute, Q>::default(); ranges.len()];
    let mut each = ranges.iter().zip(&mut made);
    let outcome = each.try_for_each(|(range, p)| scheme.params(*range).map(|made| *p = made));
    all.result("outcome of params", text(outcome.map(|()| [])));
    all.put("params", &made.iter().map(bits).collect::<Vec<_>>());
    reductions(&mut all, &wide(src));
    reductions(&mut all, &finite_wide);
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
    let has_nan = numbers().count() < src.len();
    all.put("min_max", &[min.raw(), max.raw(), has_nan.into()]);
    all.result("range", unless_refused(src, [min.raw(), max.raw()]));
    all.result("abs_max", unless_refused(src, [(alpha + S::of(0.0)).raw()]));
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
        same("free function", alpha, scalar().abs_max(src).map(Float::raw))?;
        let range = Range::of(src).map(range_bits);
        same("Range::of", range, scalar().range(src).map(range_bits))?;
    }
    Ok(())
}

fn random_data<T: Data, Q: Packing>() {
    let case = (both_cases::<T, Q>(), scheme::<Q>(), 2..=Q::BITS.min(16), any::<u64>());
    for_random(CASES, case, |((case, finite), scheme, bits, seed)| {
        let codes = any_codes(Q::MIN, Q::MAX, seed, case.src.len());
        params_follow_the_contract::<_, Q>(&wide(&finite), bits)?;
        check(&Given::new(case, finite, codes, scheme))
    });
}

/// Codes of the type, whether or not they lie within `qmin..=qmax`.
fn any_codes(min: i32, max: i32, seed: u64, len: usize) -> Vec<i32> {
    let count = (i64::from(max) - i64::from(min) + 1) as u64;
    let word = |i: u64| (seed ^ i).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    (0..len as u64).map(|i| (i64::from(min) + (word(i) % count) as i64) as i32).collect()
}

/// Slices shorter than a step and a little longer, from several places on.
fn every_length<T: Data, Q: Packing>() {
    let z = if Q::BITS == 32 { 100 } else { Q::MIN + (Q::MAX - Q::MIN) / 3 };
    let p = QParams::<T::Compute, Q>::new(T::Compute::of(0.1), z).unwrap();
    let (src, finite) = data::<T>();
    let codes = any_codes(Q::MIN, Q::MAX, 0, src.len());
    let scheme = Scheme::asymmetric().bits(Q::BITS.min(16));
    for len in 0..=200 {
        // An emulator has time for one of them in turn.
        let places: &[usize] = if effort() < 100.0 { &[len % 6] } else { &[0, 1, 5] };
        for &from in places {
            let [src, finite] = [&src, &finite].map(|x| x[from..from + len].to_vec());
            let codes = codes[from..from + len].to_vec();
            check(&Given::new(Case { p, src }, finite, codes, scheme)).unwrap();
        }
    }
}

/// Numbers of both signs; the same with NaN and infinities among them, and without.
fn data<T: Data>() -> (Vec<T>, Vec<T>) {
    let number = |i: i32| T::from_wide(T::Compute::of(f64::from(i) * 0.37 - 30.0));
    let finite: Vec<T> = (0..205).map(number).collect();
    let (nans, inf) = (T::Compute::nans(), T::Compute::INF);
    let special = [nans[0], inf, nans[3], inf.negated()].map(T::from_wide);
    let mut src = finite.clone();
    (0..src.len()).filter(|i| i % 23 == 7).for_each(|i| src[i] = special[i / 23 % 4]);
    (src, finite)
}
