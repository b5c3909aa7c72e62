//! Tests that compare every operation of the vector traits with scalar code, in every lane, on every instruction set.
//!
//! Kernels rely only on the documentation of the traits. Here, an operation that is wrong on one target, in one lane or
//! for one NaN fails under its own name. (`div_by` is tested in `kernel/table.rs`.)
#![expect(unsafe_code, reason = "registers are read and written as the bytes that they are")]
#![expect(clippy::extra_unused_type_parameters, reason = "all tests are stamped with a type")]

use core::fmt::Debug;

use bytemuck::{AnyBitPattern, Pod, bytes_of};

use super::{FloatBits, FromBits, Kernel, Load, Simd};

/// Writes a test, generic in the instruction set and in the types in brackets, for every instruction set; tests after
/// `detected` are for instruction sets that are detected at run time, which have fused arithmetic.
macro_rules! on_backends {
    (detected: $($tests:tt)+) => {
        #[cfg(target_arch = "x86_64")]
        on_backends!(@ avx2, crate::Avx2::detect(), $($tests)+);
        #[cfg(target_arch = "x86_64")]
        on_backends!(@ avx512, crate::Avx512::detect(), $($tests)+);
        #[cfg(target_arch = "aarch64")]
        on_backends!(@ neon, crate::Neon::detect(), $($tests)+);
    };
    (@ $name:ident, $detected:expr, $($types:tt $($test:ident),+;)+) => {
        mod $name {
            $($(#[test]
            fn $test() {
                if let Some(s) = $detected {
                    on_backends!(# $test, s, $types);
                }
            })+)+
        }
    };
    (# $test:ident, $s:ident, [$($T:ty),*]) => {
        $(crate::simd::tests::on($s, |s| super::$test::<$T, _>(s));)*
    };
    ($($tests:tt)+) => {
        on_backends!(@ portable, Some(crate::Portable::detect()), $($tests)+);
        on_backends!(detected: $($tests)+);
    };
}

#[cfg(feature = "ggml")]
mod blocks;
mod codes;
mod floats;
#[cfg(feature = "half")]
mod halves;
mod integers;
mod memory;

/// The tests of an instruction set that is not detected pass, so this test fails if an expected one is missing.
#[test]
fn every_expected_instruction_set_is_detected() {
    let expected = std::env::var("ZEROPOINT_EXPECT_BACKENDS").unwrap_or_default();
    for name in expected.split(',').filter(|name| !name.is_empty()) {
        assert!(
            crate::Auto::available().any(|found| crate::Backend::name(&found) == name),
            "{name}"
        );
    }
}

/// Runs a test like a kernel, with the instructions switched on.
fn on<S: Simd>(s: S, test: impl FnOnce(S)) {
    struct Test<F>(F);
    impl<S, F: FnOnce(S)> Kernel<S> for Test<F> {
        type Output = ();
        #[inline(always)]
        fn run(self, s: S) {
            (self.0)(s);
        }
    }
    s.vectorize(Test(test));
}

/// Returns the lanes of one register or several.
fn lanes<T: AnyBitPattern, R: Copy>(register: R) -> Vec<T> {
    assert!(size_of::<R>().is_multiple_of(size_of::<T>()));
    let first = (&raw const register).cast::<T>();
    // SAFETY: the register has this many lanes, is all bytes, and any bytes are a `T`.
    (0..size_of::<R>() / size_of::<T>()).map(|i| unsafe { first.add(i).read_unaligned() }).collect()
}

/// Returns the register, or several, with these lanes. Any bytes must be a valid `R`.
fn register<T: Pod, R: Copy>(lanes: &[T]) -> R {
    assert_eq!(size_of_val(lanes), size_of::<R>());
    // SAFETY: the slice has as many bytes as the register, and any bytes are a valid register.
    unsafe { lanes.as_ptr().cast::<R>().read_unaligned() }
}

/// Calls `check` with as many cases at a time as there are lanes, so that each case is in each lane once.
fn in_every_lane<C: Copy>(cases: &[C], lanes: usize, mut check: impl FnMut(&[C])) {
    let mut row = Vec::with_capacity(lanes);
    for first in 0..lanes {
        for at in (0..cases.len()).step_by(lanes) {
            row.clear();
            row.extend((at + first..at + first + lanes).map(|i| cases[i % cases.len()]));
            check(&row);
        }
    }
}

/// Tests the operations on floats as integers, which have the type `U` in memory and the value `signed`.
fn floats_as_integers<T: FromBits + Debug, U, S: FloatBits<T>>(
    s: S,
    cases: &[U],
    signed: impl Fn(U) -> i32,
) where
    U: Pod + Debug + Ord + Into<u32>,
{
    let ints = <S::Ints as Load<S, T>>::LANES;
    let float = |bits: U| bytemuck::pod_read_unaligned::<T>(bytes_of(&bits));
    for &bits in cases {
        let got = lanes::<U, _>(s.bits_splat(bits.into()));
        assert!(got.len() == ints && got.iter().all(|&got| got == bits), "{bits:?}");
        let same = T::from_low_bits(bits.into()).partial_cmp(&float(bits).widen());
        assert!(same.is_none_or(core::cmp::Ordering::is_eq), "{bits:?}");
    }
    let numbers: Vec<T> = cases.iter().cycle().take(8 * ints).map(|&n| float(n)).collect();
    memory::loads::<T, S::Ints, U, S>(s, &numbers, |x, n| bytes_of(&x) == bytes_of(&n));
    let pairs = pairs(cases);
    let both = |a: U, b: U, n: U| n.into() == a.into() & b.into();
    binary(&pairs, |a, b| s.bits_and(a, b), both);
    let not = |a: U, _: U, n: U| signed(n) == -1 - signed(a);
    binary(&pairs, |a, _| s.bits_not(a), not);
    binary(&pairs, |a, b| s.signed_min(a, b), |a, b, n: U| signed(n) == signed(a).min(signed(b)));
    binary(&pairs, |a, b| s.signed_max(a, b), |a, b, n: U| signed(n) == signed(a).max(signed(b)));
    binary(&pairs, |a, b| s.unsigned_max(a, b), |a: U, b, n: U| n == a.max(b));
    let reductions = |row: &[U]| {
        let n: S::Ints = register(row);
        let all = || row.iter().map(|&n| signed(n));
        assert_eq!(Some(s.signed_least(n)), all().min());
        assert_eq!(Some(s.signed_greatest(n)), all().max());
        assert_eq!(Some(s.unsigned_greatest(n)), row.iter().map(|&n| n.into()).max());
        assert_eq!(s.any_negative(n), all().any(i32::is_negative));
    };
    in_every_lane(cases, ints, reductions);
    // A single lane decides the result of the reductions.
    for (lane, &bits) in (0..ints).flat_map(|lane| cases.iter().map(move |bits| (lane, bits))) {
        let mut row = vec![cases[1]; ints];
        row[lane] = bits;
        reductions(&row);
    }
}

/// Returns every pair of cases, in both orders.
fn pairs<A: Copy>(cases: &[A]) -> Vec<(A, A)> {
    cases.iter().flat_map(|&a| cases.iter().map(move |&b| (a, b))).collect()
}

/// Tests an operation on every pair of cases in every lane. `holds` receives both operands and the result.
fn binary<A, R, B, Q>(cases: &[(A, A)], op: impl Fn(R, R) -> Q, holds: impl Fn(A, A, B) -> bool)
where
    A: Pod + Debug,
    R: Copy,
    B: AnyBitPattern + Debug,
    Q: Copy,
{
    in_every_lane(cases, size_of::<R>() / size_of::<A>(), |row| {
        let (a, b): (Vec<A>, Vec<A>) = row.iter().copied().unzip();
        let got = lanes::<B, Q>(op(register(&a), register(&b)));
        for ((&a, &b), got) in a.iter().zip(&b).zip(got) {
            assert!(holds(a, b, got), "{a:?} and {b:?} give {got:?}");
        }
    });
}
