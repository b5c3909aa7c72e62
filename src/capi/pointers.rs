//! Pointers and lengths become slices, after checks for NULL, alignment, length and overlap.

use core::cell::Cell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::slice;

use bytemuck::AnyBitPattern;

use super::status::{Failure, Outcome};
use crate::element::Code;

/// The greatest number of buffers of a function.
const MOST: usize = 5;

/// The buffers of a call, from which its slices borrow. All inputs are checked before the first output.
pub(super) struct Buffers {
    /// The first `count` elements are initialized.
    seen: [Cell<MaybeUninit<Span>>; MOST],
    count: Cell<usize>,
}

impl Default for Buffers {
    #[inline(always)]
    fn default() -> Self {
        let seen = [const { Cell::new(MaybeUninit::uninit()) }; MOST];
        Self { seen, count: Cell::new(0) }
    }
}

/// The bytes of a buffer, by their addresses. An empty buffer overlaps nothing.
#[derive(Clone, Copy)]
struct Span {
    argument: &'static str,
    start: usize,
    end: usize,
}

impl Buffers {
    /// Checks an array that is read.
    ///
    /// # Safety
    ///
    /// Unless `ptr` is NULL, `len` elements of type `X` may be read there until the call returns, and only
    /// an [`output`](Self::output) of the same buffers changes them.
    #[inline(always)]
    pub(super) unsafe fn input<X: AnyBitPattern>(
        &self,
        argument: &'static str,
        ptr: *const c_void,
        len: usize,
    ) -> Result<&[X], Failure> {
        self.add::<X>(argument, ptr.addr(), len, false)?;
        if len == 0 {
            return Ok(&[]);
        }
        // SAFETY: `add` has checked NULL, alignment and length, and that no output overlaps the array. The caller
        // promises that the array may be read.
        Ok(unsafe { slice::from_raw_parts(ptr.cast(), len) })
    }

    /// Checks an array that is written, and that the array overlaps no earlier buffer of the call.
    ///
    /// # Safety
    ///
    /// Unless `ptr` is NULL, only this slice reads or writes `len` elements of type `X` there until the call returns.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "no two slices of one `Buffers` overlap")]
    pub(super) unsafe fn output<X: AnyBitPattern>(
        &self,
        argument: &'static str,
        ptr: *mut c_void,
        len: usize,
    ) -> Result<&mut [X], Failure> {
        self.add::<X>(argument, ptr.addr(), len, true)?;
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: `add` has checked NULL, alignment and length, and that the array overlaps no other slice of the call.
        // The caller promises that the array may be written. Any bytes are an `X: AnyBitPattern`.
        Ok(unsafe { slice::from_raw_parts_mut(ptr.cast(), len) })
    }

    /// Checks one value that is written.
    ///
    /// # Safety
    ///
    /// The pointer is valid for [`output`](Self::output), for one element.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "as for `output`")]
    pub(super) unsafe fn result<X: AnyBitPattern>(
        &self,
        argument: &'static str,
        ptr: *mut X,
    ) -> Result<&mut X, Failure> {
        // SAFETY: the caller upholds the safety contract of this function.
        Ok(unsafe { &mut self.output(argument, ptr.cast(), 1)?[0] })
    }

    #[inline(always)]
    fn add<X>(&self, argument: &'static str, start: usize, len: usize, is_output: bool) -> Outcome {
        if len == 0 {
            return Ok(());
        }
        let (size, align) = (size_of::<X>(), align_of::<X>());
        let end = start.wrapping_add(len.wrapping_mul(size));
        let fits = len <= isize::MAX as usize / size && start < end;
        if !fits || start == 0 || !start.is_multiple_of(align) {
            return Err(refused(argument, start, len, (size, align)));
        }
        let count = self.count.get();
        if is_output {
            for other in &self.seen[..count] {
                // SAFETY: the first `count` elements are initialized.
                let other = unsafe { other.get().assume_init() };
                if start < other.end && other.start < end {
                    return Err(Failure::Overlap(argument, other.argument));
                }
            }
        }
        self.seen[count].set(MaybeUninit::new(Span { argument, start, end }));
        self.count.set(count + 1);
        Ok(())
    }
}

/// Returns the reason why an array is refused, except for an overlap.
#[cold]
fn refused(
    argument: &'static str,
    start: usize,
    len: usize,
    (size, align): (usize, usize),
) -> Failure {
    let too_long = len > isize::MAX as usize / size;
    if start == 0 && !too_long {
        Failure::Null(argument)
    } else if !start.is_multiple_of(align) && !too_long {
        Failure::Misaligned(argument, start, align)
    } else {
        Failure::LengthOverflow(argument, len, size)
    }
}

/// Returns the number of elements that `codes` codes take.
pub(super) const fn elements<Q: Code>(codes: usize) -> usize {
    codes.div_ceil(Q::PER_ELEMENT)
}
