//! The vector abstraction: the operations of an instruction set that kernels use.
//!
//! A *token* (`Avx2`, `Neon`, …) is a value of size zero that exists only if the CPU has the instructions; its methods
//! are the instructions. A *register* holds [`Simd::LANES`] 32-bit lanes, called N below; `f64` and codes take as many
//! machine registers as N lanes need. A *step* is 4·N elements: four registers of `f32` or one of 8-bit codes.
//!
//! Under cargo's default profile, a vector operation inside a closure, an iterator adaptor or an `Option` combinator
//! may fail to be inlined, and is then a hundred times slower. Kernels and the files here therefore use `for`, `match`,
//! arrays and `#[inline(always)]` functions.

use core::fmt::Debug;

#[macro_use]
mod tables;

mod grid;
pub(crate) use grid::{Grid, GridMut};

mod memory;
pub(crate) use memory::{Load, Store, part};

mod bits;
#[cfg(target_arch = "x86_64")]
pub(crate) use bits::LongBits;
pub(crate) use bits::{FloatBits, FromBits};

#[cfg(feature = "ggml")]
mod blocks;
#[cfg(feature = "ggml")]
pub(crate) use blocks::{BlockOps, Choice};

mod codes;
pub(crate) use codes::{ByteOps, STEPS_IN_16_BITS, WordOps};

mod floats;
pub(crate) use floats::{Elements, FloatOps, FmaOps};

#[cfg(feature = "half")]
mod halves;
#[cfg(feature = "half")]
pub(crate) use halves::ShortFloat;

mod portable;
pub use portable::Portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;

#[cfg(test)]
mod tests;

/// The most 32-bit lanes that a register has on any instruction set.
pub(crate) const MOST_LANES: usize = 16;

/// The most elements that a step has on any instruction set.
pub(crate) const LONGEST_STEP: usize = 4 * MOST_LANES;

/// An operation that is written once for every instruction set.
pub(crate) trait Kernel<S> {
    type Output;

    /// Runs the operation. It must be `#[inline(always)]`, so that it is compiled with the features of `S::vectorize`.
    fn run(self, s: S) -> Self::Output;
}

/// An instruction set: its integer operations, and the entry into code compiled for it.
pub(crate) trait Simd: Copy + Debug + Send + Sync + 'static {
    /// A register with N lanes of `i32`.
    type I32: Load<Self, i32> + Store<Self, i32>;

    /// A register with 2·N lanes of `i16`, which are half a step.
    type I16: Copy;

    /// The number N of 32-bit lanes in a register.
    const LANES: usize;

    /// The number of vector registers that the CPU has at least; each holds an `I32`.
    const REGISTERS: usize = 16;

    /// Says that there are stores past the caches, used by `stream` and `stream_step`.
    const STREAMS: bool = false;

    /// Says that loads and stores can leave lanes out; then `load_part` and `store_part` do not follow [`part`].
    const MASKS: bool = false;

    /// Says that only CPUs from before 2013 need this instruction set, which also runs the rare operations of the wider
    /// ones. It has no kernels for short slices, and one kernel for all multipliers in fixed point.
    const IS_FALLBACK: bool = false;

    /// The number of elements in a step.
    const STEP: usize = 4 * Self::LANES;

    /// The instruction set whose kernels run the rare operations. It is a narrower one, so that less is compiled.
    type Common: Simd;

    fn common(self) -> Self::Common;

    /// Returns this token, for operations that are not rare.
    fn itself(self) -> Self {
        self
    }

    /// Runs a kernel that is compiled for this instruction set.
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output;

    instructions! { safe
        /// Orders streamed stores before later ones. Without a fence, another thread could learn that results are ready
        /// before it can see them.
        fn fence(self) = ();
        /// Prefetches the cache line at this address. The address may be invalid, since a prefetch is only a hint.
        fn prefetch(self, _line: *const u8) = ();
        /// Prefetches a cache line into the first cache.
        fn prefetch_first(self, _line: *const u8) = ();
    }

    fn i32_splat(self, n: i32) -> Self::I32;
    /// Returns `a + b`, wrapping.
    fn i32_add(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Returns `a − b`, wrapping.
    fn i32_sub(self, a: Self::I32, b: Self::I32) -> Self::I32;
    fn i32_min(self, a: Self::I32, b: Self::I32) -> Self::I32;
    fn i32_max(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Returns `count + 1` in the lanes where `a` and `b` differ.
    fn i32_count_unequal(self, count: Self::I32, a: Self::I32, b: Self::I32) -> Self::I32;

    /// Saturates half a step of integers to 16 bits, in the order that [`ByteOps::pack`] expects.
    fn i16_from_i32(self, a: Self::I32, b: Self::I32) -> Self::I16;
    fn i16_splat(self, n: i16) -> Self::I16;
    /// Returns `a + b`, wrapping.
    fn i16_add(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_add_saturating(self, a: Self::I16, b: Self::I16) -> Self::I16;
    /// Adds neighbouring lanes of `n`, and adds their sums to the lanes of `sums`.
    fn i32_add_pairs(self, sums: Self::I32, n: Self::I16) -> Self::I32;
}

/// The operations of a fixed-point multiplication on N lanes of `i32`.
pub(crate) trait I32Ops: Simd {
    fn i32_and(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Returns `⌊a / 2ⁿ⌋`; n is below 32.
    fn i32_shift_right(self, a: Self::I32, n: i32) -> Self::I32;
    /// Shifts each lane of `a` left by its lane of `n`.
    fn i32_shift_left_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// Shifts each lane of `a` right by its lane of `n`.
    fn i32_shift_right_by(self, a: Self::I32, n: Self::I32) -> Self::I32;
    /// Returns `⌊(a · b + 2³⁰) / 2³¹⌋` where b is not negative.
    fn i32_mul_high(self, a: Self::I32, b: Self::I32) -> Self::I32;

    instructions! { safe
        /// Returns `⌊a · m / 2³¹⁺ᵉ⌉`, rounded twice as `kernel/requantize.rs` explains; m is not negative, e is from 1
        /// to 31. Lanes in which e is 0 are unspecified.
        fn i32_mul_shift(self, a: Self::I32, m: Self::I32, e: Self::I32) -> Self::I32 = {
            let (x, one) = (self.i32_mul_high(a, m), self.i32_splat(1));
            let y = self.i32_add(x, self.i32_shift_right(x, 31));
            let doubled = self.i32_shift_right_by(y, self.i32_sub(e, one));
            self.i32_shift_right(self.i32_add(doubled, one), 1)
        };
    }
}
