//! What the suites share: the backends under test, how many random cases, and comparison by bits.
//!
//! Every suite is a crate of its own, and uses a part of it.
#![allow(dead_code, unused_imports, unused_macros, reason = "suites use parts")]

#[macro_use]
pub(crate) mod types;

#[cfg(feature = "capi")]
pub(crate) mod abi;
pub(crate) mod cases;
pub(crate) mod contract;
pub(crate) mod float_mode;
pub(crate) mod floats;
pub(crate) mod tested;

use std::any::Any;
use std::fmt::Debug;
use std::io::Write;

use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use zeropoint::{Auto, Backend, Code, Error, ErrorStats, MinMax, QParams};

use floats::Float;
pub(crate) use types::Int;

/// Every backend of this machine, each on one thread.
pub(crate) fn backends() -> Vec<Auto> {
    Auto::available().collect()
}

/// The backend that the others are compared with, as an `Auto`: its calls are compiled for the others anyway.
pub(crate) fn scalar() -> Auto {
    Auto::available().find(|backend| backend.name() == "scalar").expect("every machine has it")
}

/// `ZEROPOINT_TEST_EFFORT`: how many of the random cases run, in per cent. The gate's step `native` runs 250.
pub(crate) fn effort() -> f64 {
    match std::env::var("ZEROPOINT_TEST_EFFORT") {
        Err(_) => 100.0,
        Ok(text) => match text.parse() {
            Ok(percent) if percent >= 0.0 => percent,
            _ => panic!("ZEROPOINT_TEST_EFFORT={text:?} is not a number of per cent"),
        },
    }
}

/// A value that a test takes, without its type: proptest's runner is compiled once, not for each test.
trait Value: Any + Debug {}
impl<X: Any + Debug> Value for X {}

/// Runs `test` on random cases: `cases` of them at the default effort.
pub(crate) fn for_random<S: Strategy<Value: 'static> + 'static>(
    cases: u32,
    strategy: S,
    test: impl Fn(S::Value) -> Result<(), String>,
) {
    let values = strategy.prop_map(|value| Box::new(value) as Box<dyn Value>);
    run(cases, &values.boxed(), &|value| {
        let value: Box<dyn Any> = value;
        test(*value.downcast().expect("of the strategy's type"))
    });
}

fn run(
    cases: u32,
    values: &BoxedStrategy<Box<dyn Value>>,
    test: &dyn Fn(Box<dyn Value>) -> Result<(), String>,
) {
    let cases = (f64::from(cases) * effort() / 100.0).ceil().max(1.0) as u32;
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let outcome =
        TestRunner::new(config).run(values, |value| test(value).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Two slices of codes are one, or where they first differ.
pub(crate) fn same_codes<Q: Int>(what: &str, got: &[Q], expected: &[Q]) -> Result<(), String> {
    same_elements(what, got, expected, |a, b| a == b)
}

/// Two slices of numbers have the same bits, or where they first differ.
pub(crate) fn same_numbers<T: Float>(what: &str, got: &[T], expected: &[T]) -> Result<(), String> {
    same_elements(what, got, expected, |a, b| a.raw() == b.raw())
}

fn same_elements<X: Debug>(
    what: &str,
    got: &[X],
    expected: &[X],
    same: fn(&X, &X) -> bool,
) -> Result<(), String> {
    let len = got.len();
    if len != expected.len() {
        return Err(format!("{what}: {len} elements instead of {}", expected.len()));
    }
    match (0..len).find(|i| !same(&got[*i], &expected[*i])) {
        None => Ok(()),
        Some(i) => Err(format!(
            "{what}: element {i} of {len} is {:?} instead of {:?}",
            got[i], expected[i]
        )),
    }
}

/// The bits of a min/max reduction.
pub(crate) fn min_max_bits<T: Float>(seen: MinMax<T>) -> (u64, u64, bool) {
    (seen.min.raw(), seen.max.raw(), seen.has_nan)
}

/// The bits of an error, or why there is none.
pub(crate) fn error_bits(stats: Result<ErrorStats, Error>) -> Result<[u64; 5], Error> {
    let sums = |e: &ErrorStats| [e.sum_squared_error(), e.sum_squares(), e.max_abs()];
    stats.map(|e| contract::error_bits(sums(&e), e.clipped(), e.len()))
}

/// The bits of parameters, or why there are none.
pub(crate) fn params_bits<T: Float, Q: Code>(
    p: Result<QParams<T, Q>, Error>,
) -> Result<(u64, i32, i32, i32), Error> {
    p.map(|p| (p.scale().raw(), p.zero_point(), p.qmin(), p.qmax()))
}

/// Equality of what shows itself.
pub(crate) fn same<X: PartialEq + Debug>(what: &str, got: X, expected: X) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{what}: {got:x?} instead of {expected:x?}")) }
}

/// What this machine must have: `ZEROPOINT_EXPECT_BACKENDS`, or what its CPU shows.
fn expected_backends() -> Vec<String> {
    if let Ok(names) = std::env::var("ZEROPOINT_EXPECT_BACKENDS") {
        return names.split(',').map(|name| name.trim().to_owned()).collect();
    }
    let mut names = vec!["scalar", "portable"];
    #[cfg(target_arch = "x86_64")]
    {
        /// Without `std` the crate sees what it is compiled for, as these tests then do.
        macro_rules! has {
            ($feature:tt) => {
                cfg!(target_feature = $feature)
                    || (cfg!(feature = "std") && is_x86_feature_detected!($feature))
            };
        }
        if has!("avx2") && has!("fma") && has!("f16c") {
            names.push("avx2");
        }
        if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
            names.push("avx512");
        }
    }
    if cfg!(target_arch = "aarch64") {
        names.push("neon");
    }
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_expected_backend_is_covered() {
    let covered: Vec<_> = Auto::available().map(|backend| backend.name()).collect();
    // Not by `eprintln!`, which the test harness keeps to itself.
    let line = format!("backends covered: {}\n", covered.join(", "));
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    for expected in expected_backends() {
        assert!(
            covered.contains(&expected.as_str()),
            "backend {expected:?} is expected on this machine, covered are {covered:?}"
        );
    }
}
