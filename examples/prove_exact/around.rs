//! The limits: of the scale's guard, of the zero point, of the numbers.

use zeropoint::{Auto, QParams};

use crate::residues::{self, Pair};
use crate::{Count, by_division};

pub(crate) fn run(backend: Auto, _quick: bool) -> Count {
    let pairs = residues::list();
    let mut count = guard(backend, &pairs);
    count = count.add(flushed(|| guard(backend, &pairs)));
    count = count.add(zero_points(backend, &pairs));
    count = count.add(sixteen_bit_counterexample(backend));
    count.add(far_numbers(backend))
}

/// Scales from 2⁻⁶⁴ to 2⁶⁴ use the reciprocal: all candidates with S on both sides of each end.
fn guard(backend: Auto, pairs: &[Pair]) -> Count {
    let exponents = (-68..=-60).chain(60..=68);
    exponents.map(|e| residues::at_exponent(backend, pairs, e)).fold(Count::default(), Count::add)
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
fn zero_points(backend: Auto, pairs: &[Pair]) -> Count {
    let mut count = Count::default();
    for zero_point in [2999, 3000, 3001, 3433, 1 << 15, 1 << 24] {
        for zero_point in [zero_point, -zero_point] {
            for pair in pairs.iter().step_by(17) {
                let integers = [0, 1, 127, 128, 254, 255].map(|code| (code - zero_point) as f32);
                let x = integers.map(|n| (n + 0.5) * pair.scale);
                count = count.add(compare(backend, &x, pair.scale, zero_point));
            }
        }
    }
    count
}

/// At the first threshold beyond the proof the reciprocal fails, so codes that far must divide.
fn sixteen_bit_counterexample(backend: Auto) -> Count {
    let (scale, x) = (f32::from_bits(0x3fad_0fff), f32::from_bits(0x4591_0750));
    let high = (1.0 / f64::from(scale)) as f32;
    let low = (1.0 / f64::from(scale) - f64::from(high)) as f32;
    let two_term = x.mul_add(high, x * low);
    assert_ne!(two_term.round_ties_even(), (x / scale).round_ties_even(), "no counterexample");
    compare(backend, &[x, -x], scale, -3400).add(compare(backend, &[x, -x], scale, 3400))
}

/// Infinities, NaNs, and numbers whose products with the reciprocal's parts overflow.
fn far_numbers(backend: Auto) -> Count {
    let quiet_and_signalling = [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xff80_0001];
    let mut x: Vec<f32> = quiet_and_signalling.map(f32::from_bits).to_vec();
    for exponent in -149..=127 {
        for mantissa in [1.0, 1.5, 1.999_999_9] {
            let magnitude = (mantissa * 2_f64.powi(exponent)) as f32;
            x.extend([magnitude, -magnitude]);
        }
    }
    x.extend([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN]);
    let mut count = Count::default();
    for exponent in -126..=127 {
        for mantissa in [1.0, 1.000_000_1, 1.333_333_4, 1.999_999_9] {
            let scale = (mantissa * 2_f64.powi(exponent)) as f32;
            for zero_point in [0, 128, 255, -255, 3000, -3000] {
                count = count.add(compare(backend, &x, scale, zero_point));
            }
        }
    }
    count
}

fn compare(backend: Auto, x: &[f32], scale: f32, zero_point: i32) -> Count {
    let p = QParams::new(scale, zero_point).expect("a valid scale and zero point");
    let expected: Vec<u8> = x.iter().map(|x| by_division(*x, scale, zero_point)).collect();
    Count::of(backend, x, &p, &expected, &mut vec![0; x.len()])
}
