//! The limits: of the scale's guard, of the zero point, of the numbers.

use zeropoint::{Auto, QParams};

use crate::float::Float;
use crate::int::Int;
use crate::residues::{self, Pair};
use crate::{Count, by_division};

pub(crate) fn run<T: Float>(backend: Auto, _quick: bool) -> Count {
    let pairs = residues::list::<T>();
    let mut count = guard::<T, u8>(backend, &pairs);
    count = count.add(zero_points(backend, &pairs));
    count = count.add(first_failure::<T>(backend));
    count.add(far_numbers::<T, u8>(backend, &[0, 128, 255, -255, 3000, -3000]))
}

/// Scales from 2^−GUARD to 2^GUARD use the reciprocal: all candidates with S on both sides of each
/// end; with the CPU's usual setting, and with subnormal numbers flushed to zero.
pub(crate) fn guard<T: Float, Q: Int>(backend: Auto, pairs: &[Pair<T>]) -> Count {
    let around = |end: i32| end - 4..=end + 4;
    let exponents = around(-T::GUARD).chain(around(T::GUARD));
    let run = || {
        let counts = exponents.clone().map(|e| residues::at_exponent::<T, Q>(backend, pairs, e));
        counts.fold(Count::default(), Count::add)
    };
    run().add(flushed(run))
}

/// Runs `work` as engines do that have the CPU flush subnormal numbers to zero. What is expected is
/// computed under the same setting, by divisions of normal numbers.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the control register has no safe interface")]
fn flushed(work: impl FnOnce() -> Count) -> Count {
    const FLUSH_TO_ZERO_AND_DENORMALS_ARE_ZERO: u32 = 1 << 15 | 1 << 6;
    let mut before = 0_u32;
    // SAFETY: it writes and reads the four bytes of a local variable, and sets two bits that change
    // how subnormal numbers are treated, until both are as before.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut before, options(nostack));
        let flushing = before | FLUSH_TO_ZERO_AND_DENORMALS_ARE_ZERO;
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const flushing, options(nostack));
    }
    let count = work();
    // SAFETY: as above.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const before, options(nostack)) };
    count
}

#[cfg(not(target_arch = "x86_64"))]
fn flushed(_work: impl FnOnce() -> Count) -> Count {
    Count::default()
}

/// |Z| up to 3000 uses the reciprocal: zero points about there, and the greatest there are.
fn zero_points<T: Float>(backend: Auto, pairs: &[Pair<T>]) -> Count {
    let mut count = Count::default();
    for zero_point in [2999, 3000, 3001, 3433, 1 << 15, 1 << 24] {
        for zero_point in [zero_point, -zero_point] {
            for pair in pairs.iter().step_by(17) {
                let integers = [0, 1, 127, 128, 254, 255].map(|code| f64::from(code - zero_point));
                let x = integers.map(|n| T::of(n + 0.5) * pair.scale);
                count = count.add(compare::<T, u8>(backend, &x, pair.scale, zero_point));
            }
        }
    }
    count
}

/// Compares at the x and the scale for which the reciprocal first fails (`teeth.rs` shows it), so
/// that kernels must divide. For `f64` the failure is beyond every code.
fn first_failure<T: Float>(backend: Auto) -> Count {
    const MOST_Z: i32 = 1 << 24;
    let (k, x, scale) = T::FIRST_FAILURE;
    let zero_point = (k as i32 - 32).min(MOST_Z);
    let x = [x, T::ZERO - x];
    compare::<T, u8>(backend, &x, scale, -zero_point)
        .add(compare::<T, u8>(backend, &x, scale, zero_point))
}

/// Infinities, NaNs, and numbers whose products with the reciprocal's parts overflow.
pub(crate) fn far_numbers<T: Float, Q: Int>(backend: Auto, zero_points: &[i32]) -> Count {
    let (least, most) = T::EXPONENTS;
    // f64 has so many exponents that a sample of them must do.
    let every = if T::DIGITS > 24 { 13 } else { 1 };
    let mut x = T::nans().to_vec();
    // 2ᵉ·mantissa, subnormal numbers among them.
    for exponent in (least - T::DIGITS as i32 + 1..=most).step_by(every) {
        for mantissa in [1.0, 1.5, 1.999_999_9] {
            let magnitude = scaled::<T>(mantissa, exponent);
            x.extend([magnitude, T::ZERO - magnitude]);
        }
    }
    let greatest = T::INFINITY.next_down();
    x.extend([T::ZERO, T::of(-0.0), T::INFINITY, T::NEG_INFINITY, greatest, T::ZERO - greatest]);
    let mut count = Count::default();
    for exponent in (least..=most).step_by(every) {
        for mantissa in [1.0, 1.000_000_1, 1.333_333_4, 1.999_999_9] {
            let scale = scaled::<T>(mantissa, exponent);
            for &zero_point in zero_points {
                count = count.add(compare::<T, Q>(backend, &x, scale, zero_point));
            }
        }
    }
    count
}

/// mantissa·2^exponent, in two factors, since 2^exponent may be subnormal in f64.
fn scaled<T: Float>(mantissa: f64, exponent: i32) -> T {
    let half = exponent / 2;
    T::of(mantissa * 2.0_f64.powi(half) * 2.0_f64.powi(exponent - half))
}

pub(crate) fn compare<T: Float, Q: Int>(
    backend: Auto,
    x: &[T],
    scale: T,
    zero_point: i32,
) -> Count {
    let p = QParams::new(scale, zero_point).expect("a valid scale and zero point");
    let expected: Vec<Q> = x.iter().map(|x| by_division(*x, scale, zero_point)).collect();
    Count::of(backend, x, &p, &expected, &mut vec![Q::default(); x.len()])
}
