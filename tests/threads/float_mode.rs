//! The caller's floating-point mode holds for the whole call, whichever threads help.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#![expect(unsafe_code, reason = "the mode is set by instructions of the CPU")]

use std::arch::asm;

use zeropoint::{Parallel, QParams};

use super::common::backends;
use super::{SHARED, assert_same, pools, results};

/// Sets flush-to-zero, for operands too where that is another bit, and calls `work`.
fn flushing<R>(work: impl FnOnce() -> R) -> R {
    let before = control();
    let flush = if cfg!(target_arch = "x86_64") { 0x8040 } else { 1 << 24 };
    set_control(before | flush);
    let result = work();
    set_control(before);
    result
}

#[cfg(target_arch = "x86_64")]
fn control() -> u64 {
    let mut register = 0_u32;
    // SAFETY: writes these four bytes.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack)) };
    register.into()
}

#[cfg(target_arch = "x86_64")]
fn set_control(register: u64) {
    let register = register as u32;
    // SAFETY: the register's own bits, but for two, which every x86-64 has.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack)) };
}

#[cfg(target_arch = "aarch64")]
fn control() -> u64 {
    let register;
    // SAFETY: may be read without privileges.
    unsafe { asm!("mrs {}, fpcr", out(reg) register, options(nomem, nostack)) };
    register
}

#[cfg(target_arch = "aarch64")]
fn set_control(register: u64) {
    // SAFETY: the register's own bits, but for flush-to-zero.
    unsafe { asm!("msr fpcr, {}", in(reg) register, options(nomem, nostack)) };
}

/// Every other number is subnormal, and nearer to the first step of the scale than to 0: flushed, it has another code.
#[test]
fn helpers_flush_as_the_caller_does() {
    let scale = f32::MIN_POSITIVE;
    let number = |i: usize| scale * if i.is_multiple_of(2) { 0.75 } else { 3.0 };
    let src: Vec<f32> = (0..4 * SHARED).map(number).collect();
    let p = QParams::<f32, u8>::new(scale, 7).unwrap();
    for backend in backends() {
        for pool in pools() {
            let what = format!("{backend:?}, {} threads", pool.current_num_threads());
            let call = || results(Parallel::new(backend), &src, &p);
            let (usual, flushed) =
                pool.install(|| (call(), flushing(|| [(); 12].map(|()| call()))));
            let expected = flushing(|| results(backend, &src, &p));
            assert_eq!((usual.q[0], expected.q[0]), (8, 7), "{what}");
            for got in &flushed {
                assert_same(&what, got, &expected);
            }
            // Whoever helped has its own mode again.
            assert_same(&what, &pool.install(call), &usual);
        }
    }
}
