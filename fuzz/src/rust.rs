//! Calls of the Rust API, to be made of every backend alike.

use arbitrary::{Result, Unstructured};
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use zeropoint::{
    Auto, Backend, Code, Compute, Error, ErrorStats, Granularity, MinMax, Parallel, Params,
    ParamsMut, QParams, Range, Requantize, Scheme, ZeroPoints, ZeroPointsMut,
};

use crate::common::abi::narrowed;
use crate::input::{self, MOST, MOST_SHARED, Shape};
use crate::numbers::{bits, some_numbers, word};
use crate::operation::Random;
use crate::slots::Number;

/// What is called. The order is of the corpus: new ones at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    MinMax,
    Range,
    AbsMax,
    Params,
    Quantize,
    Dequantize,
    QuantizeDynamic,
    Error,
    FakeQuantize,
    FakeQuantizeInPlace,
    Requantize,
    MinMaxPer,
    QuantizePer,
    DequantizePer,
    QuantizeDynamicPer,
    ErrorPer,
    FakeQuantizePer,
    FakeQuantizeInPlacePer,
    QuantizeWithSums,
    SumPer,
    RequantizePer,
}

pub(crate) const ALL: [Operation; 21] = {
    use Operation::*;
    [
        MinMax,
        Range,
        AbsMax,
        Params,
        Quantize,
        Dequantize,
        QuantizeDynamic,
        Error,
        FakeQuantize,
        FakeQuantizeInPlace,
        Requantize,
        MinMaxPer,
        QuantizePer,
        DequantizePer,
        QuantizeDynamicPer,
        ErrorPer,
        FakeQuantizePer,
        FakeQuantizeInPlacePer,
        QuantizeWithSums,
        SumPer,
        RequantizePer,
    ]
};

impl Operation {
    /// Whether an error may leave something in the outputs.
    fn spoils(self) -> bool {
        matches!(self, Self::Params | Self::QuantizeDynamicPer)
    }
}

/// How the parameters of slices are held.
#[derive(Clone, Copy, Debug)]
enum Held {
    Made,
    Scales,
    Integers,
    Codes,
}

/// A call and all that it is given.
pub(crate) struct Call<T: Number, Q: Code> {
    pub(crate) operation: Operation,
    pub(crate) granularity: Granularity,
    pub(crate) src: Vec<T>,
    pub(crate) codes: Vec<Q>,
    accumulators: Vec<i32>,
    /// Elements before what is given: its alignment.
    offset: usize,
    pub(crate) params: QParams<T::Compute, Q>,
    made: Vec<QParams<T::Compute, Q>>,
    scales: Vec<T::Compute>,
    zero_points: Vec<i32>,
    zero_codes: Vec<Q>,
    held: Held,
    scheme: Scheme,
    by: Vec<Requantize<Q>>,
    /// Elements of outputs.
    numbers: usize,
    pub(crate) code_elements: usize,
    slices: usize,
    pub(crate) is_shared: bool,
}

/// What came of a call, by bits.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// Printed, since a NaN in an error is no equal of itself.
    pub(crate) result: std::result::Result<Vec<u64>, String>,
    /// Every output and what is around it.
    pub(crate) outputs: Vec<Vec<u8>>,
}

const GUARD: usize = 16;

/// An output with guards around it.
struct Output<A>(Vec<A>);

impl<A: Pod> Output<A> {
    fn new(len: usize) -> Self {
        let mut all = vec![A::zeroed(); len + 2 * GUARD];
        cast_slice_mut::<A, u8>(&mut all).fill(0xa5);
        Self(all)
    }

    fn of(x: &[A]) -> Self {
        let mut new = Self::new(x.len());
        new.slice().copy_from_slice(x);
        new
    }

    fn slice(&mut self) -> &mut [A] {
        let end = self.0.len() - GUARD;
        &mut self.0[GUARD..end]
    }

    fn bytes(&self) -> Vec<u8> {
        cast_slice(&self.0).to_vec()
    }
}

impl<T: Number, Q: Code> Call<T, Q> {
    pub(crate) fn new(u: &mut Unstructured, operation: Operation) -> Result<Option<Self>> {
        let is_shared = input::is_shared(u)?;
        let shape = Shape::new(u)?;
        let (shape, most) = match is_shared {
            true => (shape.enlarged(), MOST_SHARED + MOST),
            false => (shape, MOST),
        };
        let Ok(granularity) = shape.granularity() else {
            return Ok(None);
        };
        let (scale, zero_point) = (narrowed::<T::Compute>(input::scale(u)?), input::zero_point(u)?);
        let (qmin, qmax) = input::codes(u)?;
        let (qmin, qmax) = (qmin.clamp(Q::MIN, Q::MAX), qmax.clamp(Q::MIN, Q::MAX));
        let one = QParams::with_codes(scale, zero_point, qmin, qmax);
        let one =
            one.or_else(|_| QParams::with_codes(narrowed::<T::Compute>(0.37), 3, Q::MIN, Q::MAX));
        let params = one.expect("valid parameters");
        let [src, dst, wrong, offset] = u.arbitrary::<[u8; 4]>()?;
        let pitch = shape.pitch;
        let n = shape.buffer(pitch.map(|(src, _)| src), src, most);
        let m = shape.buffer(pitch.map(|(_, dst)| dst), dst, most);
        let mut slices = granularity.slices().min(most);
        let (mut numbers, mut code_elements) = (m, m.div_ceil(Q::PER_ELEMENT));
        let mut codes = n.div_ceil(Q::PER_ELEMENT);
        match wrong {
            0..=3 => numbers += 1,
            4..=7 => code_elements += 1,
            8..=11 => slices = slices.saturating_sub(1),
            12..=15 => codes += 1,
            _ => {}
        }
        let scheme = input::scheme(u)?.0;
        let offset = usize::from(offset % 64);
        let numbers_of = |u: &mut Unstructured| some_numbers::<T>(u, offset + n, params.scale());
        let mut call = Self {
            operation,
            granularity,
            src: numbers_of(u)?,
            codes: bits(u, offset + codes)?,
            accumulators: bits(u, offset + n)?,
            offset,
            params,
            made: Vec::new(),
            scales: bits(u, slices)?,
            zero_points: Vec::new(),
            zero_codes: bits(u, slices.div_ceil(Q::PER_ELEMENT))?,
            held: *u.choose(&[Held::Made, Held::Scales, Held::Integers, Held::Codes])?,
            scheme,
            by: Vec::new(),
            numbers,
            code_elements,
            slices,
            is_shared,
        };
        call.of_slices(u)?;
        Ok(Some(call))
    }

    /// Parameters of the slices, valid but for what the bytes say.
    fn of_slices(&mut self, u: &mut Unstructured) -> Result<()> {
        let [seed, poison] = u.arbitrary::<[u8; 2]>()?;
        let fixed = input::fixed(u)?;
        let (lowest, highest) = (self.params.qmin(), self.params.qmax());
        let mut random = Random(u64::from(seed));
        for i in 0..self.slices {
            let p = self.params;
            let scale =
                narrowed::<T::Compute>(2.0_f64.powi((random.next() % 40) as i32 - 30) * 1.37);
            let zero_point = match random.next() % 8 {
                0 => (random.next() as i32) >> 8,
                1 => p.zero_point(),
                _ => random.next() as i8 as i32,
            };
            // An invalid one among them, sometimes.
            if !(poison == 0 && i + 1 == self.slices) {
                self.scales[i] = if random.next().is_multiple_of(4) { p.scale() } else { scale };
            }
            self.zero_points.push(if poison == 1 { random.next() as i32 } else { zero_point });
            let made = QParams::with_codes(scale, zero_point, lowest, highest);
            self.made.push(made.unwrap_or(p));
            let by = match random.next() % 2 {
                0 => Requantize::float((random.unit() + 1.0) as f32 * 1e-3, zero_point),
                _ => Requantize::fixed(fixed.0, fixed.1, zero_point),
            };
            let by = by.or_else(|_| Requantize::float(0.01, 0));
            self.by.push(by.and_then(|by| by.with_codes(lowest, highest)).expect("valid"));
        }
        Ok(())
    }

    fn params(&self) -> Params<'_, T::Compute, Q> {
        match self.held {
            Held::Made => self.made[..].into(),
            Held::Scales => Params::arrays(&self.scales, ZeroPoints::Zero),
            Held::Integers => Params::arrays(&self.scales, ZeroPoints::Integers(&self.zero_points)),
            Held::Codes => Params::arrays(&self.scales, ZeroPoints::Codes(&self.zero_codes)),
        }
    }

    /// What each of the backends makes of it must be what the scalar one does.
    pub(crate) fn compare(&self) -> Outcome {
        let mut all = Auto::available();
        let scalar = all.next().expect("the scalar one is always there");
        assert_eq!(scalar.name(), "scalar");
        let expected = self.run(scalar);
        for backend in all {
            self.same(&self.run(backend), &expected, backend.name());
        }
        let best = Parallel::new(Auto::available().last().expect("the best one"));
        let threads = pool(self.is_shared, || self.run(best));
        self.same(&threads, &expected, "threads");
        expected
    }

    fn same(&self, got: &Outcome, expected: &Outcome, who: &str) {
        let may_differ = expected.result.is_err() && self.operation.spoils();
        let same = got.result == expected.result && (may_differ || got.outputs == expected.outputs);
        let Self { operation, granularity, params, scheme, held, .. } = self;
        assert!(
            same,
            "{who}: {operation:?} of {granularity:?}, {params:?}, {scheme:?}, {held:?}: \
             {got:?} instead of {expected:?}"
        );
    }

    fn run<B: Backend>(&self, b: B) -> Outcome {
        use Operation::*;
        let (g, p) = (self.granularity, &self.params);
        let src = &self.src[self.offset..];
        let src_codes = &self.codes[self.offset..];
        let accumulators = &self.accumulators[self.offset..];
        let mut numbers = Output::<T>::new(self.numbers);
        let mut codes = Output::<Q>::new(self.code_elements);
        let mut in_place = Output::of(src);
        let mut sums = Output::<i64>::new(self.slices);
        let (mut scales, mut zero_points) =
            (Output::<T::Compute>::new(self.slices), Output::<i32>::new(self.slices));
        let mut zero_codes = Output::<Q>::new(self.zero_codes.len());
        let (x, q, sums_) = (numbers.slice(), codes.slice(), sums.slice());
        let nothing = |()| Vec::new();
        let result: std::result::Result<Vec<u64>, zeropoint::Error> = match self.operation {
            MinMax => Ok(of_range(b.min_max(src))),
            Operation::Range => b.range(src).map(|r| vec![word(r.min()), word(r.max())]),
            AbsMax => b.abs_max(src).map(|a| vec![word(a)]),
            Params => self.many_params(b),
            Quantize => b.quantize(src, p, q).map(nothing),
            Dequantize => b.dequantize(src_codes, p, x).map(nothing),
            QuantizeDynamic => b.quantize_dynamic(src, self.scheme, q).map(|p| of_params(&p)),
            Error => b.quantization_error(src, p).map(|e| of_error(&e)),
            FakeQuantize => b.fake_quantize(src, p, x).map(nothing),
            FakeQuantizeInPlace => {
                b.fake_quantize_in_place(in_place.slice(), p);
                Ok(Vec::new())
            }
            Requantize => match self.by.first() {
                Some(by) => b.requantize(accumulators, by, q).map(nothing),
                None => Ok(Vec::new()),
            },
            MinMaxPer => {
                let mut seen = vec![zeropoint::MinMax::EMPTY; self.slices];
                let done = b.min_max_per(g, src, &mut seen);
                done.map(|()| seen.into_iter().flat_map(of_range).collect())
            }
            QuantizePer => b.quantize_per(g, src, self.params(), q).map(nothing),
            DequantizePer => b.dequantize_per(g, src_codes, self.params(), x).map(nothing),
            QuantizeDynamicPer => match self.held {
                Held::Made => {
                    let mut made = vec![QParams::default(); self.slices];
                    let done = b.quantize_dynamic_per(g, src, self.scheme, &mut made[..], q);
                    done.map(|()| made.iter().flat_map(of_params).collect())
                }
                held => {
                    let zero_points = match held {
                        Held::Integers => ZeroPointsMut::Integers(zero_points.slice()),
                        Held::Codes => ZeroPointsMut::Codes(zero_codes.slice()),
                        _ => ZeroPointsMut::Omitted,
                    };
                    let params = ParamsMut::arrays(scales.slice(), zero_points);
                    b.quantize_dynamic_per(g, src, self.scheme, params, q).map(nothing)
                }
            },
            ErrorPer => b.quantization_error_per(g, src, self.params()).map(|e| of_error(&e)),
            FakeQuantizePer => b.fake_quantize_per(g, src, self.params(), x).map(nothing),
            FakeQuantizeInPlacePer => {
                b.fake_quantize_in_place_per(g, in_place.slice(), self.params()).map(nothing)
            }
            QuantizeWithSums => b.quantize_with_sums(g, src, self.params(), q, sums_).map(nothing),
            SumPer => b.sum_per(g, src_codes, sums_).map(nothing),
            RequantizePer => b.requantize_per(g, accumulators, &self.by, q).map(nothing),
        };
        let outputs = vec![
            numbers.bytes(),
            codes.bytes(),
            in_place.bytes(),
            sums.bytes(),
            scales.bytes(),
            zero_points.bytes(),
            zero_codes.bytes(),
        ];
        if result.is_err() && !self.operation.spoils() {
            self.untouched(src, &outputs);
        }
        Outcome { result: result.map_err(|error| format!("{error:?}")), outputs }
    }

    /// The parameters of many ranges.
    fn many_params<B: Backend>(&self, b: B) -> std::result::Result<Vec<u64>, Error> {
        let src: Vec<T::Compute> = some_ranges::<T>(&self.src);
        let ranges: Vec<_> =
            src.chunks_exact(2).filter_map(|x| Range::new(x[0], x[1]).ok()).collect();
        let mut made = vec![QParams::<T::Compute, Q>::default(); ranges.len()];
        let done = b.params(&ranges, self.scheme, &mut made);
        done.map(|()| made.iter().flat_map(of_params).collect())
    }

    /// An error has written nothing.
    fn untouched(&self, src: &[T], outputs: &[Vec<u8>]) {
        let as_new = Output::of(src).bytes();
        for (i, output) in outputs.iter().enumerate() {
            let is_new = if i == 2 { *output == as_new } else { output.iter().all(|b| *b == 0xa5) };
            assert!(is_new, "an error of {:?} has written", self.operation);
        }
    }
}

/// Numbers as they are computed with, in the order of pairs.
fn some_ranges<T: Number>(src: &[T]) -> Vec<T::Compute> {
    // Of a number alone, the range is the number.
    let of = |x: &T| zeropoint::Scalar.min_max(std::slice::from_ref(x)).min;
    src.iter().take(128).map(of).collect()
}

/// Runs what is long in a pool, whose threads share it.
fn pool<R: Send>(is_shared: bool, work: impl FnOnce() -> R + Send) -> R {
    static POOL: std::sync::OnceLock<rayon::ThreadPool> = std::sync::OnceLock::new();
    if !is_shared {
        return work();
    }
    let new = || rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
    POOL.get_or_init(new).install(work)
}

fn of_range<S: Pod>(seen: MinMax<S>) -> Vec<u64> {
    vec![word(seen.min), word(seen.max), seen.has_nan.into()]
}

fn of_params<S: Compute, Q: Code>(p: &QParams<S, Q>) -> Vec<u64> {
    vec![word(p.scale()), word(p.zero_point()), word(p.qmin()), word(p.qmax())]
}

fn of_error(e: &ErrorStats) -> Vec<u64> {
    let [a, b, c] = [e.sum_squared_error(), e.sum_squares(), e.max_abs()].map(f64::to_bits);
    vec![a, b, c, e.clipped(), e.len() as u64]
}
