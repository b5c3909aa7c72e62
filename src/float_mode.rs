//! The floating-point mode of a thread: how it rounds, and whether it flushes subnormal numbers to zero.
//!
//! Each thread has its own mode, and an engine may have changed the mode of the thread that calls. A thread that helps
//! in a call takes over the caller's mode: otherwise the results would depend on the distribution of pieces to threads.
//!
//! Rust's arithmetic assumes the default mode, and a program that changes the mode has left what the language defines.
//! This module does not make the program's other arithmetic safer. The kernels, however, run behind calls that the
//! compiler cannot see through, and no operation of a kernel is moved across such a call. A helping thread therefore
//! computes in the mode that is set around the call, as the caller's thread does.

/// The floating-point mode, as bits of the CPU's control register. The masks of exceptions are not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloatMode(u64);

impl FloatMode {
    /// Reads the mode of this thread. On CPUs other than x86 and 64-bit Arm, all threads are assumed to have one mode.
    pub(crate) fn of_this_thread() -> Self {
        Self(control::read() & control::MODE)
    }

    /// Sets the mode of this thread until the result is dropped.
    pub(crate) fn enter(self) -> Entered {
        let before = Self::of_this_thread();
        self.set();
        Entered(before)
    }

    fn set(self) {
        // Writing the mode is slow and hardly ever needed.
        if self != Self::of_this_thread() {
            control::write(control::read() & !control::MODE | self.0);
        }
    }
}

/// Restores the earlier mode of the thread when dropped.
#[must_use]
pub(crate) struct Entered(FloatMode);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// The control register is MXCSR.
#[cfg(all(any(target_arch = "x86_64", target_arch = "x86"), target_feature = "sse2"))]
#[expect(unsafe_code, reason = "the control register has no access but by its instructions")]
mod control {
    use core::arch::asm;

    /// The bits are DAZ, the two bits of the rounding mode, and FTZ.
    pub(super) const MODE: u64 = 0xe040;

    pub(super) fn read() -> u64 {
        let mut register = 0_u32;
        // SAFETY: the target has SSE2, and therefore this instruction, which writes the four bytes of `register`.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack, preserves_flags))
        }
        register.into()
    }

    pub(super) fn write(register: u64) {
        let register = register as u32;
        // SAFETY: the target has SSE2. No reserved bit is set: all bits are the present bits of the register, except
        // for the mode, which a thread of this program has or had.
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack, preserves_flags))
        }
    }
}

/// The control register is FPCR.
#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the control register has no access but by its instructions")]
mod control {
    use core::arch::asm;

    /// The bits are FZ16, the two bits of the rounding mode, FZ, and DN.
    pub(super) const MODE: u64 = 0x3c8_0000;

    pub(super) fn read() -> u64 {
        let register;
        // SAFETY: FPCR may be read without privileges.
        unsafe { asm!("mrs {}, fpcr", out(reg) register, options(nostack, preserves_flags)) }
        register
    }

    pub(super) fn write(register: u64) {
        // SAFETY: all bits are the register's own, except for the mode, which a thread of this program has or had.
        unsafe { asm!("msr fpcr, {}", in(reg) register, options(nostack, preserves_flags)) }
    }
}

/// The control register is not known.
#[cfg(not(any(
    all(any(target_arch = "x86_64", target_arch = "x86"), target_feature = "sse2"),
    target_arch = "aarch64"
)))]
mod control {
    pub(super) const MODE: u64 = 0;

    pub(super) fn read() -> u64 {
        0
    }

    pub(super) fn write(_register: u64) {}
}

#[cfg(test)]
mod tests {
    use super::{FloatMode, control};

    /// The bits of flush-to-zero, and of denormals-are-zero on x86.
    const FLUSH: u64 = if cfg!(target_arch = "aarch64") { 1 << 24 } else { 0x8040 };

    /// Says whether a subnormal product becomes 0. This is not inlined, like kernels: within one function, the product
    /// could move across the change of the mode.
    #[inline(never)]
    fn flushes() -> bool {
        std::hint::black_box(f32::MIN_POSITIVE) * 0.5 == 0.0
    }

    #[test]
    fn a_mode_holds_until_it_is_left() {
        let usual = FloatMode::of_this_thread();
        let flushing = FloatMode(usual.0 | FLUSH & control::MODE);
        let entered = flushing.enter();
        let (mode, flushed) = (FloatMode::of_this_thread(), flushes());
        drop(entered);
        assert_eq!((mode, flushed), (flushing, control::MODE != 0));
        assert_eq!((FloatMode::of_this_thread(), flushes()), (usual, false));
    }
}
