//! Every operation that is benchmarked, and who takes part in it.

use zeropoint::{Auto, Backend, Code, Compute, MinMax, Parallel, QParams, Range, Scheme};

use super::{Contender, Datum, Grade, Prepared, Setup, Written};
use crate::rivals::{self, Cast, Plain};

/// An operation from one type to another.
pub(crate) struct Case {
    /// Its name in the crate.
    pub(crate) operation: &'static str,
    /// What it reads and what it writes.
    pub(crate) types: &'static str,
    /// Bytes that it must read and write for an element, a second reading counted again.
    pub(crate) bytes: usize,
    pub(crate) prepare: fn(usize) -> Box<dyn Prepared>,
}

impl Case {
    /// `operation/in_out`
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.operation, self.types)
    }
}

/// The scalar backend takes no part in longer slices: it is some hundred times slower, at any length.
const LONGEST_SCALAR: usize = 64 << 10;
/// Threads take no part in shorter slices.
const SHORTEST_PARALLEL: usize = 64 << 10;
/// What a free function adds to a call is of interest in short slices alone.
const LONGEST_FREE: usize = 1 << 10;

pub(crate) fn all() -> Vec<Case> {
    let case = |operation, types, bytes, prepare| Case { operation, types, bytes, prepare };
    vec![
        case("min_max", "f32_f32", 4, |len| {
            min_max::<f32>().with(rivals::crates_min_max()).setup(len, Written::Two).boxed()
        }),
        case("min_max", "f64_f64", 8, |len| min_max::<f64>().setup(len, Written::Two).boxed()),
        case("abs_max", "f32_f32", 4, |len| abs_max::<f32>().setup(len, Written::One).boxed()),
        case("abs_max", "f64_f64", 8, |len| abs_max::<f64>().setup(len, Written::One).boxed()),
        case("quantize", "f32_u8", 5, |len| {
            let p = params(Scheme::asymmetric());
            quantize_f32(p, len, rivals::crates_quantize(p))
        }),
        case("quantize", "f32_i8", 5, |len| {
            quantize_f32::<i8>(params(Scheme::asymmetric()), len, Vec::new())
        }),
        case("quantize", "f32_i8_symmetric", 5, |len| {
            quantize_f32::<i8>(params(Scheme::symmetric()), len, Vec::new())
        }),
        case("quantize", "f64_u8", 9, |len| {
            let p = params::<f64, u8>(Scheme::asymmetric());
            quantize(p).setup(len, Written::Each).with_edges(edges(p)).boxed()
        }),
        case("dequantize", "u8_f32", 5, |len| {
            dequantize::<f32, u8>().setup(len, Written::Each).boxed()
        }),
        case("dequantize", "i8_f32", 5, |len| {
            dequantize::<f32, i8>().setup(len, Written::Each).boxed()
        }),
        case("quantize_dynamic", "f32_u8", 9, |len| {
            quantize_dynamic::<f32, u8>().setup(len, Written::Each).boxed()
        }),
        case("quantization_error", "f32_u8", 4, |len| {
            quantization_error::<f32, u8>().setup(len, Written::Two).boxed()
        }),
    ]
}

/// The contenders of an operation.
struct Lineup<A, B>(Vec<Contender<A, B>>);

impl<A: Datum, B: Datum> Lineup<A, B> {
    /// All backends of this crate, threads around the best of them, and the free function.
    fn new(
        on: impl Fn(Use, &[A], &mut [B]) + Copy + Send + Sync + 'static,
        plain: impl Fn(&[A], &mut [B]) + Send + Sync + 'static,
        plain_grade: Grade,
    ) -> Self {
        let mut lineup = Vec::new();
        for auto in Auto::available() {
            let contender = Contender::new(auto.name(), Grade::Exact, move |src: &[A], dst| {
                on(Use::One(auto), src, dst);
            });
            let scalar = auto.name() == "scalar";
            lineup.push(if scalar { contender.up_to(LONGEST_SCALAR) } else { contender });
        }
        let parallel = Parallel::new(Auto::best());
        lineup.push(
            Contender::new("parallel", Grade::Exact, move |src: &[A], dst| {
                on(Use::Threads(parallel), src, dst);
            })
            .from(SHORTEST_PARALLEL),
        );
        let free = Contender::new("free", Grade::Exact, move |src, dst| on(Use::Free, src, dst));
        lineup.push(free.up_to(LONGEST_FREE));
        lineup.push(Contender::new("plain", plain_grade, plain));
        Self(lineup)
    }

    fn with(mut self, rivals: Vec<Contender<A, B>>) -> Self {
        self.0.extend(rivals);
        self
    }

    fn setup(self, len: usize, written: Written) -> Setup<A, B> {
        Setup::new(len, written, self.0)
    }
}

/// Through what an operation is called. The match is the caller's run-time choice, and folds away:
/// each contender passes a variant that the compiler sees.
#[derive(Clone, Copy)]
enum Use {
    One(Auto),
    Threads(Parallel<Auto>),
    Free,
}

/// The operation `$method` of the crate, through what `$use` says.
macro_rules! call {
    ($use:expr, $method:ident $arguments:tt) => {
        match $use {
            Use::One(backend) => backend.$method $arguments,
            Use::Threads(backend) => backend.$method $arguments,
            Use::Free => zeropoint::$method $arguments,
        }
    };
}

/// What the crate refuses cannot be in these buffers.
const FINE: &str = "lengths are equal and numbers finite";

fn params<T: Compute + From<f32>, Q: Code>(scheme: Scheme) -> QParams<T, Q> {
    let range = Range::new(T::from(-3.0), T::from(5.0)).expect(FINE);
    scheme.params(range).expect(FINE)
}

fn min_max<T>() -> Lineup<T, T>
where
    T: Compute + Datum + Plain,
{
    let on = |through: Use, src: &[T], dst: &mut [T]| {
        let MinMax { min, max, .. } = call!(through, min_max(src));
        dst.copy_from_slice(&[min, max]);
    };
    Lineup::new(on, T::min_max, Grade::Exact).with(rivals::reads())
}

fn abs_max<T>() -> Lineup<T, T>
where
    T: Compute + Datum + Plain,
{
    let on = |through: Use, src: &[T], dst: &mut [T]| {
        dst[0] = call!(through, abs_max(src)).expect(FINE);
    };
    Lineup::new(on, T::abs_max, Grade::Exact).with(rivals::reads())
}

fn quantize<T, Q>(p: QParams<T, Q>) -> Lineup<T, Q>
where
    T: Compute + Datum + Plain,
    Q: Cast<T> + Datum,
{
    let on = move |through: Use, src: &[T], dst: &mut [Q]| {
        call!(through, quantize(src, &p, dst)).expect(FINE);
    };
    let plain = move |src: &[T], dst: &mut [Q]| T::quantize(src, &p, dst);
    Lineup::new(on, plain, Grade::Exact).with(rivals::narrows())
}

fn quantize_f32<Q: Cast<f32> + Datum>(
    p: QParams<f32, Q>,
    len: usize,
    crates: Vec<Contender<f32, Q>>,
) -> Box<dyn Prepared> {
    let lineup = quantize(p).with(rivals::quantizes(p)).with(crates);
    lineup.setup(len, Written::Each).with_edges(edges(p)).boxed()
}

/// Where a quantization goes wrong first: beyond the codes, and at the ties between two.
fn edges<T: Compute + From<f32>, Q: Code>(p: QParams<T, Q>) -> Vec<T> {
    let beyond = [1e9, -1e9, 3e38, -3e38, f32::INFINITY, f32::NEG_INFINITY];
    let ties = (p.qmin()..=p.qmax()).map(|q| (q - p.zero_point()) as f32 + 0.5);
    let ties = ties.map(|tie| T::from(tie) * p.scale());
    beyond.into_iter().map(T::from).chain(ties).collect()
}

fn dequantize<T, Q>() -> Lineup<Q, T>
where
    T: Compute + Datum + Plain + From<f32>,
    Q: Cast<T> + Datum,
{
    let p = params::<T, Q>(Scheme::asymmetric());
    let on = move |through: Use, src: &[Q], dst: &mut [T]| {
        call!(through, dequantize(src, &p, dst)).expect(FINE);
    };
    let plain = move |src: &[Q], dst: &mut [T]| T::dequantize(src, &p, dst);
    Lineup::new(on, plain, Grade::Exact).with(rivals::widens())
}

fn quantize_dynamic<T, Q>() -> Lineup<T, Q>
where
    T: Compute + Datum + Plain,
    Q: Cast<T> + Datum,
{
    let on = |through: Use, src: &[T], dst: &mut [Q]| {
        call!(through, quantize_dynamic(src, Scheme::asymmetric(), dst)).expect(FINE);
    };
    let plain = |src: &[T], dst: &mut [Q]| {
        let mut bounds = [src[0]; 2];
        T::min_max(src, &mut bounds);
        let range = Range::new(bounds[0], bounds[1]).expect(FINE);
        let p = Scheme::asymmetric().params(range).expect(FINE);
        T::quantize(src, &p, dst);
    };
    Lineup::new(on, plain, Grade::Exact).with(rivals::reads_then_narrows())
}

fn quantization_error<T, Q>() -> Lineup<T, f64>
where
    T: Compute + Datum + Plain + From<f32>,
    Q: Cast<T> + Datum,
{
    let p = params::<T, Q>(Scheme::asymmetric());
    let on = move |through: Use, src: &[T], dst: &mut [f64]| {
        let error = call!(through, quantization_error(src, &p)).expect(FINE);
        dst.copy_from_slice(&[error.sum_squared_error(), error.max_abs()]);
    };
    let plain = move |src: &[T], dst: &mut [f64]| T::error(src, &p, dst);
    // Sums of another order.
    Lineup::new(on, plain, Grade::Within(1e-9)).with(rivals::reads())
}
