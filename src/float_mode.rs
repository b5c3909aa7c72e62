//! The floating-point mode of a thread: how it rounds, and whether it flushes subnormal numbers to zero.
//!
//! Each thread has a mode of its own, and an engine may have changed the caller's. A thread that helps in a call takes
//! over the caller's mode: otherwise the results would depend on which thread took which piece.
#![expect(unsafe_code, reason = "the control register has no access but by its instructions")]

/// The mode, as the bits of the CPU's control register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloatMode(u64);

impl FloatMode {
    /// Reads the mode of this thread. On CPUs other than x86 and 64-bit Arm, all threads are taken to have one mode.
    pub(crate) fn of_this_thread() -> Self {
        Self(control::read())
    }

    /// Gives this thread the mode until the result is dropped.
    pub(crate) fn enter(self) -> Entered {
        let before = Self::of_this_thread();
        self.set();
        Entered { before }
    }

    fn set(self) {
        // Writing is slow, and hardly ever needed.
        if self != Self::of_this_thread() {
            control::write(self.0);
        }
    }
}

/// Restores the mode that the thread had, when dropped.
#[must_use]
pub(crate) struct Entered {
    before: FloatMode,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.before.set();
    }
}

/// MXCSR. Targets without SSE2 have it as the mode of nothing that this crate computes.
#[cfg(all(any(target_arch = "x86_64", target_arch = "x86"), target_feature = "sse2"))]
mod control {
    use core::arch::asm;

    /// Bits 0 to 5 report what has happened, the others control.
    const REPORTS: u32 = 0x3f;

    fn register() -> u32 {
        let mut register = 0_u32;
        // SAFETY: every CPU with SSE has the instruction; it writes these four bytes.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack, preserves_flags))
        }
        register
    }

    pub(super) fn read() -> u64 {
        u64::from(register() & !REPORTS)
    }

    pub(super) fn write(mode: u64) {
        let register = register() & REPORTS | mode as u32;
        // SAFETY: the bits that control were read from the same register of another thread, so none is reserved.
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack, preserves_flags))
        }
    }
}

/// FPCR, which only controls.
#[cfg(target_arch = "aarch64")]
mod control {
    use core::arch::asm;

    pub(super) fn read() -> u64 {
        let register;
        // SAFETY: it may be read without privileges.
        unsafe { asm!("mrs {}, fpcr", out(reg) register, options(nomem, nostack, preserves_flags)) }
        register
    }

    pub(super) fn write(mode: u64) {
        // SAFETY: these bits were read from the same register of another thread.
        unsafe { asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack, preserves_flags)) }
    }
}

#[cfg(not(any(
    all(any(target_arch = "x86_64", target_arch = "x86"), target_feature = "sse2"),
    target_arch = "aarch64"
)))]
mod control {
    pub(super) fn read() -> u64 {
        0
    }

    pub(super) fn write(_mode: u64) {}
}
