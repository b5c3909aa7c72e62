//! The vector abstraction: what a kernel may ask of an instruction set.
//!
//! A *token* (`Avx2`, `Neon`, …) is a value of size zero that exists only where the CPU has the
//! instructions; its methods are the instructions. A *register* holds [`Simd::LANES`] 32-bit lanes,
//! called N below; `f64` and codes come in whatever number of machine registers makes N lanes. A
//! *step* is 4·N elements: four registers of `f32`, and so one register of codes.
//!
//! Under cargo's default profile, a vector operation inside a closure, an iterator adaptor or an
//! `Option` combinator may fail to be inlined, and is then a hundred times slower. Kernels and the
//! files here use `for`, `match`, arrays and `#[inline(always)]` functions.

use core::fmt::Debug;

use crate::engine::{Accumulators, OverBytes, Vector, Wide};

/// Writes the methods of an instruction set as a table: `fn name(self, a: T) -> R = expression;`.
/// Each is `#[inline(always)]`; given `unsafe`, the expression may use the set's instructions.
macro_rules! instructions {
    ($(fn $name:ident($self:ident $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)? = $body:expr;)+) => {$(
        #[inline(always)]
        fn $name($self $(, $arg: $ty)*) $(-> $ret)? {
            $body
        }
    )+};
    (unsafe $(fn $name:ident($self:ident $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)? = $body:expr;)+) => {$(
        #[inline(always)]
        fn $name($self $(, $arg: $ty)*) $(-> $ret)? {
            // SAFETY: `self` exists only where detection found these instructions. What reads or
            // writes memory takes its pointer from `front` and its kin, which check the length, and
            // the alignment where it matters, or masks out the lanes beyond the length of the slice.
            unsafe { $body }
        }
    )+};
}

/// The first N elements of a slice, which must have as many.
#[inline(always)]
fn front<T, const N: usize>(src: &[T]) -> *const [T; N] {
    src[..N].as_ptr().cast()
}

/// The first N elements of a slice, which must have as many, to write to.
#[inline(always)]
fn front_mut<T, const N: usize>(dst: &mut [T]) -> *mut [T; N] {
    dst[..N].as_mut_ptr().cast()
}

/// The first N elements of a slice, which must have as many and start at a multiple of their size.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn aligned_front_mut<T, const N: usize>(dst: &mut [T]) -> *mut [T; N] {
    let dst = front_mut::<T, N>(dst);
    assert!(dst.addr().is_multiple_of(size_of::<[T; N]>()));
    dst
}

#[cfg(feature = "half")]
mod halves;
#[cfg(feature = "half")]
pub(crate) use halves::Halves;

#[cfg(feature = "half")]
mod shorts;
#[cfg(feature = "half")]
pub(crate) use shorts::{ShortFloat, Shorts};

mod bits;
pub(crate) use bits::{Bits, FromBits, LongBits};

mod codes;
pub(crate) use codes::{Codes, Stored, Words};

mod floats;
pub(crate) use floats::{Elements, Floats, Fused};

mod integers;
pub(crate) use integers::{AddCodes, Integers, STEPS_IN_16_BITS};

mod portable;
pub use portable::Portable;

#[cfg(test)]
mod tests;

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

/// The most lanes that a register has on any instruction set.
pub(crate) const MOST_LANES: usize = 16;

/// The most elements that a step has on any instruction set.
pub(crate) const LONGEST_STEP: usize = 4 * MOST_LANES;

/// Where a register stands, the one of number `group` of a step, in a slice of `len` elements that is
/// shorter than the step: behind the one before it, or as far back as the end of the slice demands.
///
/// Registers then overlap, and all that is loaded and stored are whole ones; a slice shorter than a
/// register is loaded and stored lane by lane. An instruction set that can leave lanes out may do that
/// instead, in `load_part` and all its kin alike.
#[inline(always)]
pub(crate) fn part(len: usize, group: usize, lanes: usize) -> usize {
    (group * lanes).min(len - lanes)
}

/// An operation, written once for every instruction set.
pub(crate) trait Kernel<S> {
    type Output;

    /// Must be `#[inline(always)]`, so that it is compiled with the features of `S::vectorize`.
    fn run(self, s: S) -> Self::Output;
}

/// An instruction set: its integers, and the way in.
pub(crate) trait Simd: Copy + Debug + Send + Sync + 'static {
    /// N lanes of `i32`.
    type I32: Copy;

    /// 2·N lanes of `i16`: half a step.
    type I16: Copy;

    /// N: the 32-bit lanes of a register.
    const LANES: usize;

    /// The vector registers that the CPU has, at least; one holds an `I32`.
    const REGISTERS: usize = 16;

    /// Whether there are stores past the caches: `stream_step` and its kin.
    const STREAMS: bool = false;

    /// Whether `load_part` and its kin leave lanes out instead of following [`part`].
    const MASKS: bool = false;

    /// The elements of a step.
    const STEP: usize = 4 * Self::LANES;

    /// The engine of this instruction set.
    fn vector(self) -> &'static Vector<Self>;

    /// The same for packed codes.
    fn over_bytes(self) -> &'static OverBytes<Self>;

    /// The same for codes of 16 bits.
    fn wide(self) -> &'static Wide<Self>;

    /// The same for codes of 32 bits.
    fn accumulators(self) -> &'static Accumulators<Self>;

    /// Runs a kernel compiled for this instruction set.
    fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output;

    fn i32_splat(self, n: i32) -> Self::I32;
    /// Wraps.
    fn i32_add(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Wraps.
    fn i32_sub(self, a: Self::I32, b: Self::I32) -> Self::I32;
    fn i32_min(self, a: Self::I32, b: Self::I32) -> Self::I32;
    fn i32_max(self, a: Self::I32, b: Self::I32) -> Self::I32;
    /// `count + 1` in the lanes where `a` and `b` differ.
    fn i32_count_unequal(self, count: Self::I32, a: Self::I32, b: Self::I32) -> Self::I32;
    /// Orders streamed stores before whatever is stored next: without it another thread might see
    /// the news that they are done before it sees them.
    #[inline(always)]
    fn fence(self) {}
    /// Asks for the cache line at this address, which may be no memory at all: only a hint.
    #[inline(always)]
    fn prefetch(self, _line: *const u8) {}
    /// The same, into the first cache.
    #[inline(always)]
    fn prefetch_first(self, _line: *const u8) {}
    /// Reads N integers from the front of `src`.
    fn i32_load(self, src: &[i32]) -> Self::I32;
    /// Writes N integers to the front of `dst`.
    fn i32_store(self, v: Self::I32, dst: &mut [i32]);

    /// Half a step of integers, saturated, in the order that [`Codes::pack`] takes them in.
    fn i16_from_i32(self, a: Self::I32, b: Self::I32) -> Self::I16;
    fn i16_splat(self, n: i16) -> Self::I16;
    /// Wraps.
    fn i16_add(self, a: Self::I16, b: Self::I16) -> Self::I16;
    fn i16_add_saturating(self, a: Self::I16, b: Self::I16) -> Self::I16;
}
