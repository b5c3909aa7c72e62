//! Macros that write the methods of an instruction set as tables of instructions.
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code, unused_macros, reason = "for x86-64"))]

use super::Simd;

/// Writes tables of instructions: impl blocks, or methods alone, of the form `fn name(self, a: T) -> R = expression;`.
/// Each method is `#[inline(always)]`. In a table that begins with `unsafe` instead of `safe`, the expressions may use
/// the CPU's instructions. Lines that begin with `binary` are passed to `binary!`.
macro_rules! instructions {
    (@safe $body:expr) => {
        $body
    };
    (@unsafe $body:expr) => {
        // SAFETY: a token, `self` or an argument, exists only if detection found these instructions. Each pointer to
        // memory comes from `front`, `front_mut` or `aligned_front_mut`, which check the length, and the alignment
        // where it matters; or is used under a mask that leaves out the lanes beyond the end of the slice; or points to
        // an array of a register's length. A prefetch reads nothing, wherever it points.
        unsafe { $body }
    };
    ($kind:tt $($(#[$doc:meta])* fn $name:ident $(<$M:ident: $MB:ident>)? ($($arg:tt)*) $(-> $ret:ty)? = $body:expr;)+) => {$(
        $(#[$doc])*
        #[inline(always)]
        #[allow(unused_unsafe, reason = "a table may have safe expressions too")]
        fn $name $(<$M: $MB>)? ($($arg)*) $(-> $ret)? {
            instructions!(@$kind $body)
        }
    )+};
    ($kind:tt $(impl $(<$($G:ident: $Bound:path),+>)? $Trait:ident $(<$($of:ty),+>)? $(for $Set:ty)? {
        $(type $Type:ident = $ty:ty;)*
        $(const $CONST:ident: $const_ty:ty = $value:expr;)*
        $(binary $($both:ident)? [$V:ty]: $($binary:ident = $function:path),+;)*
        $(fn $name:ident($($arg:tt)*) $(-> $ret:ty)? = $body:expr;)*
    })+) => {$(
        impl $(<$($G: $Bound),+>)? $Trait $(<$($of),+>)? $(for $Set)? {
            $(type $Type = $ty;)*
            $(const $CONST: $const_ty = $value;)*
            $(binary! { $kind $($both)? [$V]: $($binary = $function),+ })*
            $(instructions! { $kind fn $name($($arg)*) $(-> $ret)? = $body; })*
        }
    )+};
}

/// Writes methods of a table that apply a function to two registers `$V`, or to both halves of two pairs of registers.
macro_rules! binary {
    ($kind:tt [$V:ty]: $($name:ident = $function:path),+) => {$(
        instructions! { $kind fn $name(self, a: $V, b: $V) -> $V = $function(a, b); }
    )+};
    ($kind:tt both [$V:ty]: $($name:ident = $function:path),+) => {$(
        instructions! { $kind
            fn $name(self, a: $V, b: $V) -> $V = [$function(a[0], b[0]), $function(a[1], b[1])];
        }
    )+};
}

/// Writes [`Load`](super::Load) for registers. Each line names elements, the register, the value loaded from the
/// pointer, and, for instruction sets with masks, the value loaded under a mask, which has `fill` in the masked lanes.
macro_rules! loads {
    ($S:ident, $src:ident:
     $([$E:ty; $n:literal] to $R:ty = $load:expr $(, rest($mask:ident, $fill:ident) $rest:expr)?;)+) => {
        instructions! { unsafe $(impl Load<$S, $E> for $R {
            const LANES: usize = $n;
            fn load(_: $S, from: &[$E]) -> Self = {
                let $src = crate::simd::tables::front::<_, $n>(from).cast();
                $load
            };
            $(fn load_rest(_: $S, from: &[$E], at: usize, $fill: $E) -> Self = {
                let $mask = crate::simd::tables::mask(from.len(), at, $n) as _;
                let $src = from.as_ptr().wrapping_add(at).cast();
                $rest
            };)?
        })+ }
    };
}

/// Writes [`Store`](super::Store) for registers. Each line names elements, the register, the instruction that stores to
/// the pointer, and, if they exist, the instruction that stores past the caches and the one that stores under a mask.
macro_rules! stores {
    ($S:ident, $v:ident, $dst:ident:
     $([$E:ty; $n:literal] of $R:ty = $store:expr $(, stream $stream:expr)? $(, rest($mask:ident) $rest:expr)?;)+) => {
        instructions! { unsafe $(impl Store<$S, $E> for $R {
            const LANES: usize = $n;
            fn store(self, _: $S, to: &mut [$E]) = {
                let ($v, $dst) = (self, crate::simd::tables::front_mut::<_, $n>(to).cast());
                $store;
            };
            $(fn stream(self, s: $S, to: &mut [$E]) = {
                let to = crate::simd::tables::aligned_front_mut::<_, _, $n>(s, to);
                let ($v, $dst) = (self, to.cast());
                $stream;
            };)?
            $(fn store_rest(self, _: $S, to: &mut [$E], at: usize) = {
                let $mask = crate::simd::tables::mask(to.len(), at, $n) as _;
                let ($v, $dst) = (self, to.as_mut_ptr().wrapping_add(at).cast());
                $rest;
            };)?
        })+ }
    };
}

/// Writes `vectorize`, which enters code compiled with the features of an instruction set.
macro_rules! entry {
    ($S:ident: $($feature:tt),+) => {
        fn vectorize<K: Kernel<Self>>(self, kernel: K) -> K::Output {
            #[target_feature($(enable = $feature),+)]
            fn run<K: Kernel<$S>>(s: $S, kernel: K) -> K::Output {
                kernel.run(s)
            }
            // SAFETY: `self` exists only where `detect` found these features.
            unsafe { run(self, kernel) }
        }
    };
}

/// Says whether the CPU, or without the standard library the target, has all of the features.
macro_rules! detected {
    ($is_detected:ident: $($feature:tt),+) => {{
        #[cfg(feature = "std")]
        let found = $(std::arch::$is_detected!($feature))&&+;
        #[cfg(not(feature = "std"))]
        let found = cfg!(all($(target_feature = $feature),+));
        found
    }};
}

/// Applies an instruction to the first halves of pairs of registers, and to the second halves.
macro_rules! both {
    ($instruction:ident $(::<$n:tt>)? ($($v:ident),+)) => {
        [$instruction $(::<$n>)? ($($v[0]),+), $instruction $(::<$n>)? ($($v[1]),+)]
    };
}

/// Returns the first N elements of a slice. Panics if the slice is shorter.
#[inline(always)]
pub(super) fn front<T, const N: usize>(src: &[T]) -> *const [T; N] {
    src[..N].as_ptr().cast()
}

/// Returns the first N elements of a slice, to write to. Panics if the slice is shorter.
#[inline(always)]
pub(super) fn front_mut<T, const N: usize>(dst: &mut [T]) -> *mut [T; N] {
    dst[..N].as_mut_ptr().cast()
}

/// Returns the first N elements of a slice, to write to. Panics if the slice is shorter, or not aligned to the size of
/// the array or to a register of the CPU, whichever is less.
#[inline(always)]
pub(super) fn aligned_front_mut<S: Simd, T, const N: usize>(_: S, dst: &mut [T]) -> *mut [T; N] {
    let dst = front_mut::<T, N>(dst);
    assert!(dst.addr().is_multiple_of(size_of::<[T; N]>().min(size_of::<S::I32>())));
    dst
}

/// Returns a mask for `lanes` lanes from element `at` of a slice of length `len`. The mask leaves out the lanes beyond
/// the end, which are not accessed.
#[inline(always)]
pub(super) fn mask(len: usize, at: usize, lanes: usize) -> u64 {
    let count = len.saturating_sub(at).min(lanes);
    if count == 64 { u64::MAX } else { (1 << count) - 1 }
}
