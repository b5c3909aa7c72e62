//! Flush-to-zero, as an engine sets it for its threads.
#![cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64"))]
#![expect(unsafe_code, reason = "the mode is set by instructions of the CPU")]

use std::arch::asm;

/// Sets flush-to-zero, for operands too where that is another bit, and calls `work`.
pub(crate) fn flushing<R>(work: impl FnOnce() -> R) -> R {
    let before = control();
    let flush = if cfg!(target_arch = "aarch64") { 1 << 24 } else { 0x8040 };
    set_control(before | flush);
    let result = work();
    set_control(before);
    result
}

#[cfg(not(target_arch = "aarch64"))]
fn control() -> u64 {
    let mut register = 0_u32;
    // SAFETY: writes these four bytes.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack)) };
    register.into()
}

#[cfg(not(target_arch = "aarch64"))]
fn set_control(register: u64) {
    let register = register as u32;
    // SAFETY: the register's own bits, but for two, which every CPU with SSE2 has.
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
