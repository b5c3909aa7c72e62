//! From pointers and lengths to slices: NULL, alignment, length, overlap.

use bytemuck::AnyBitPattern;

use super::status::Failure;
use crate::element::Code;

/// The most buffers that a function has.
const MOST: usize = 8;

/// The buffers of a call, as they are checked: first what is read, then what is written.
#[derive(Default)]
pub(super) struct Buffers {
    seen: [Span; MOST],
    count: usize,
}

#[derive(Clone, Copy, Default)]
struct Span {
    argument: &'static str,
    start: usize,
    /// Behind its last byte.
    end: usize,
}

impl Span {
    fn overlaps(&self, other: &Self) -> bool {
        // Nothing overlaps what is empty.
        self.start < other.end
            && other.start < self.end
            && self.start < self.end
            && other.start < other.end
    }
}

impl Buffers {
    /// Something to be read.
    ///
    /// # Safety
    ///
    /// Unless `ptr` is NULL, `len` elements may be read there for `'a`, and nobody changes them but
    /// [`output`](Self::output) of these same buffers.
    pub(super) unsafe fn input<'a, T: AnyBitPattern>(
        &mut self,
        argument: &'static str,
        ptr: *const T,
        len: usize,
    ) -> Result<&'a [T], Failure> {
        let span = span(argument, ptr, len)?;
        self.add(span);
        if len == 0 {
            return Ok(&[]);
        }
        // SAFETY: not NULL, aligned, of a possible length (`span`); readable by the caller's promise, and
        // no output overlaps it (`output`).
        Ok(unsafe { core::slice::from_raw_parts(ptr, len) })
    }

    /// The same, where NULL says that there is none.
    ///
    /// # Safety
    ///
    /// As of [`input`](Self::input).
    pub(super) unsafe fn optional_input<'a, T: AnyBitPattern>(
        &mut self,
        argument: &'static str,
        ptr: *const T,
        len: usize,
    ) -> Result<Option<&'a [T]>, Failure> {
        if ptr.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's promise.
        unsafe { self.input(argument, ptr, len) }.map(Some)
    }

    /// Something to be written, which overlaps nothing of these buffers so far.
    ///
    /// # Safety
    ///
    /// Unless `ptr` is NULL, `len` elements may be read and written there for `'a`, by nobody else.
    pub(super) unsafe fn output<'a, T: AnyBitPattern>(
        &mut self,
        argument: &'static str,
        ptr: *mut T,
        len: usize,
    ) -> Result<&'a mut [T], Failure> {
        let span = span(argument, ptr, len)?;
        if let Some(other) = self.seen[..self.count].iter().find(|other| other.overlaps(&span)) {
            return Err(Failure::Overlap { argument, with: other.argument });
        }
        self.add(span);
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: not NULL, aligned, of a possible length (`span`); writable by the caller's promise, and
        // apart from all other slices of the call. `T: AnyBitPattern` may be any bytes.
        Ok(unsafe { core::slice::from_raw_parts_mut(ptr, len) })
    }

    /// One value to be written.
    ///
    /// # Safety
    ///
    /// As of [`output`](Self::output), for one element.
    pub(super) unsafe fn result<'a, T: AnyBitPattern>(
        &mut self,
        argument: &'static str,
        ptr: *mut T,
    ) -> Result<&'a mut T, Failure> {
        // SAFETY: the caller's promise.
        let one = unsafe { self.output(argument, ptr, 1)? };
        Ok(&mut one[0])
    }

    /// The same, where NULL says that it is not wanted.
    ///
    /// # Safety
    ///
    /// As of [`result`](Self::result).
    pub(super) unsafe fn optional_result<'a, T: AnyBitPattern>(
        &mut self,
        argument: &'static str,
        ptr: *mut T,
    ) -> Result<Option<&'a mut T>, Failure> {
        if ptr.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's promise.
        unsafe { self.result(argument, ptr) }.map(Some)
    }

    fn add(&mut self, span: Span) {
        self.seen[self.count] = span;
        self.count += 1;
    }
}

/// Where a buffer is, if it can be one.
fn span<T>(argument: &'static str, ptr: *const T, len: usize) -> Result<Span, Failure> {
    let too_long = Failure::LengthOverflow { argument, len, size: size_of::<T>() };
    let start = ptr.addr();
    if len == 0 {
        return Ok(Span { argument, start, end: start });
    }
    let bytes = len.checked_mul(size_of::<T>()).filter(|bytes| *bytes <= isize::MAX as usize);
    let bytes = bytes.ok_or(too_long)?;
    if ptr.is_null() {
        return Err(Failure::Null { argument });
    }
    if !ptr.is_aligned() {
        return Err(Failure::Misaligned { argument, address: start, align: align_of::<T>() });
    }
    let end = start.checked_add(bytes).ok_or(too_long)?;
    Ok(Span { argument, start, end })
}

/// The elements that so many codes take.
pub(super) const fn elements<Q: Code>(codes: usize) -> usize {
    codes.div_ceil(Q::PER_ELEMENT)
}

/// Whether both are the same buffer, which an operation may change where it stands.
pub(super) fn is_same<T>(src: *const T, dst: *mut T, len: usize) -> bool {
    len > 0 && core::ptr::eq(src, dst)
}
