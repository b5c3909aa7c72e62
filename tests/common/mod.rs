//! What the suites share: the backends under test, how many random cases, and comparison by bits.
//!
//! Every suite is a crate of its own, and uses a part of it.
#![allow(dead_code, unused_imports, unused_macros, reason = "suites use parts")]

#[cfg(feature = "capi")]
pub(crate) mod abi;
pub(crate) mod cases;
pub(crate) mod contract;
pub(crate) mod float_mode;
pub(crate) mod floats;
pub(crate) mod memory;
pub(crate) mod tested;

use std::fmt::Debug;
use std::io::Write;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use zeropoint::{Auto, Backend, Code, Error, ErrorStats, MinMax, QParams};

use floats::Float;

/// Every backend of this machine, each on one thread.
pub(crate) fn backends() -> Vec<Auto> {
    Auto::available().collect()
}

/// Those that are compared with `Scalar`.
pub(crate) fn fast_backends() -> Vec<Auto> {
    Auto::available().filter(|backend| backend.name() != "scalar").collect()
}

/// `ZEROPOINT_TEST_EFFORT`: how many of the random cases run, in per cent.
pub(crate) fn effort() -> f64 {
    match std::env::var("ZEROPOINT_TEST_EFFORT") {
        Err(_) => 100.0,
        Ok(text) => match text.parse() {
            Ok(percent) if percent >= 0.0 => percent,
            _ => panic!("ZEROPOINT_TEST_EFFORT={text:?} is not a number of per cent"),
        },
    }
}

/// Runs `test` on random cases: `cases` of them at the default effort.
pub(crate) fn for_random<S: Strategy>(
    cases: u32,
    strategy: S,
    test: impl Fn(S::Value) -> Result<(), String>,
) {
    let cases = (f64::from(cases) * effort() / 100.0).ceil().max(1.0) as u32;
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let outcome =
        TestRunner::new(config).run(&strategy, |value| test(value).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Stamps generic tests for every pair of a number type and a code type of 8 bits.
macro_rules! for_each_pair {
    ($($test:ident),+ $(,)?) => {
        for_each_pair!(@ f32_i8, f32, i8, $($test),+);
        for_each_pair!(@ f32_u8, f32, u8, $($test),+);
        for_each_pair!(@ f64_i8, f64, i8, $($test),+);
        for_each_pair!(@ f64_u8, f64, u8, $($test),+);
    };
    (@ $pair:ident, $T:ty, $Q:ty, $($test:ident),+) => {
        mod $pair {
            $(
                #[test]
                fn $test() {
                    super::$test::<$T, $Q>();
                }
            )+
        }
    };
}
pub(crate) use for_each_pair;

/// The same for code types of 8 and of 16 bits.
macro_rules! for_each_pair_and_wide {
    ($($test:ident),+ $(,)?) => {
        for_each_pair!($($test),+);
        for_each_pair!(@ f32_i16, f32, i16, $($test),+);
        for_each_pair!(@ f32_u16, f32, u16, $($test),+);
        for_each_pair!(@ f64_i16, f64, i16, $($test),+);
        for_each_pair!(@ f64_u16, f64, u16, $($test),+);
    };
}
pub(crate) use for_each_pair_and_wide;

/// A code type, with the conversions that the tests use.
pub(crate) trait Int: Code + Ord + Default + Into<i32> + TryFrom<i32> {
    fn of(n: i32) -> Self {
        match Self::try_from(n) {
            Ok(q) => q,
            Err(_) => panic!("{n} is no code of this type"),
        }
    }

    fn int(self) -> i32 {
        self.into()
    }

    /// Code number `n`, counted from the least one, and again from there after the greatest.
    fn number(n: u32) -> Self {
        Self::of((n % (1 << Self::BITS)) as i32 + Self::MIN)
    }
}

impl Int for i8 {}
impl Int for u8 {}
impl Int for i16 {}
impl Int for u16 {}

/// Two slices of codes are one, or where they first differ.
pub(crate) fn same_codes<Q: Int>(what: &str, got: &[Q], expected: &[Q]) -> Result<(), String> {
    match got.iter().zip(expected).position(|(a, b)| a != b) {
        None if got.len() == expected.len() => Ok(()),
        None => Err(format!("{what}: {} codes instead of {}", got.len(), expected.len())),
        Some(i) => Err(format!(
            "{what}: element {i} of {} is {:?} instead of {:?}",
            got.len(),
            got[i],
            expected[i]
        )),
    }
}

/// Two slices of numbers have the same bits, or where they first differ.
pub(crate) fn same_numbers<T: Float>(what: &str, got: &[T], expected: &[T]) -> Result<(), String> {
    match got.iter().zip(expected).position(|(a, b)| a.raw() != b.raw()) {
        None if got.len() == expected.len() => Ok(()),
        None => Err(format!("{what}: {} numbers instead of {}", got.len(), expected.len())),
        Some(i) => Err(format!(
            "{what}: element {i} of {} is {:?} instead of {:?}",
            got.len(),
            got[i],
            expected[i]
        )),
    }
}

/// The bits of a min/max reduction.
pub(crate) fn min_max_bits<T: Float>(seen: MinMax<T>) -> (u64, u64, bool) {
    (seen.min.raw(), seen.max.raw(), seen.has_nan)
}

/// The bits of an error, or why there is none.
pub(crate) fn error_bits(
    stats: Result<ErrorStats, Error>,
) -> Result<(u64, u64, u64, u64, usize), Error> {
    stats.map(|stats| {
        (
            stats.sum_squared_error().to_bits(),
            stats.sum_squares().to_bits(),
            stats.max_abs().to_bits(),
            stats.clipped(),
            stats.len(),
        )
    })
}

/// The bits of parameters, or why there are none.
pub(crate) fn params_bits<T: Float, Q: Int>(
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
