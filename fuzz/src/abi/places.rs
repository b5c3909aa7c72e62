//! Where the buffers of a call are: each an allocation of its exact length, or all in one piece of memory,
//! where pointers may be wrong in every way that is found out.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::null_mut;

use arbitrary::{Result, Unstructured};

use crate::operation::Slot;

/// Bytes on both sides of a buffer.
const GUARD: usize = 64;

/// What a pointer is instead of its buffer's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Null,
    /// So many bytes behind it.
    Shifted(usize),
    /// So many bytes before or behind the start of another buffer.
    Onto(usize, isize),
}

/// For some of so many buffers.
pub(super) fn faults(u: &mut Unstructured, slots: usize) -> Result<Vec<(usize, Fault)>> {
    let mut all = Vec::new();
    for _ in 0..u.int_in_range(0..=4_u8)?.saturating_sub(2) {
        let slot = u.choose_index(slots)?;
        all.push((
            slot,
            match u.int_in_range(0..=3)? {
                0 => Fault::Null,
                1 => Fault::Shifted(u.int_in_range(1..=16)?),
                2 => Fault::Onto(u.choose_index(slots)?, 0),
                _ => Fault::Onto(u.choose_index(slots)?, isize::from(u.arbitrary::<i16>()?)),
            },
        ));
    }
    Ok(all)
}

/// The memory of a call.
pub(super) struct Places {
    /// Start and length of all there is.
    regions: Vec<(*mut u8, Layout)>,
    pub(super) pointers: Vec<*mut u8>,
    pub(super) bytes: Vec<usize>,
}

impl Places {
    /// Buffers of so many bytes, for each slot.
    pub(super) fn new(slots: &[Slot], bytes: Vec<usize>, faults: &[(usize, Fault)]) -> Self {
        let mut new = Self { regions: Vec::new(), pointers: Vec::new(), bytes };
        if faults.is_empty() {
            for (slot, bytes) in slots.iter().zip(new.bytes.clone()) {
                let pointer = match bytes {
                    0 => std::ptr::without_provenance_mut(slot.align),
                    _ => new.allocate(bytes, slot.align),
                };
                new.pointers.push(pointer);
            }
            return new;
        }
        let rounded = |bytes: usize| bytes.next_multiple_of(16) + GUARD;
        let longest = *new.bytes.iter().max().expect("a function has buffers");
        let all: usize = new.bytes.iter().map(|bytes| rounded(*bytes)).sum();
        // Whatever begins inside has room for the longest.
        let room = GUARD + all + longest + GUARD;
        let start = new.allocate(room, 16);
        let mut at = GUARD;
        for bytes in &new.bytes {
            new.pointers.push(start.wrapping_add(at));
            at += rounded(*bytes);
        }
        for (slot, fault) in faults {
            new.pointers[*slot] = match *fault {
                Fault::Null => null_mut(),
                Fault::Shifted(by) => new.pointers[*slot].wrapping_add(by),
                Fault::Onto(other, by) => new.pointers[other].wrapping_offset(by),
            };
        }
        // What would leave the memory is a lie that cannot be found out: not told.
        let end = start.addr() + room;
        for (pointer, bytes) in new.pointers.iter_mut().zip(&new.bytes) {
            if !pointer.is_null() {
                let first = pointer.addr().clamp(start.addr(), end - bytes);
                *pointer = start.with_addr(first);
            }
        }
        new
    }

    fn allocate(&mut self, bytes: usize, align: usize) -> *mut u8 {
        let layout = Layout::from_size_align(bytes, align).expect("small");
        // SAFETY: not of size 0.
        let pointer = unsafe { alloc(layout) };
        assert!(!pointer.is_null());
        // SAFETY: of this size.
        unsafe { pointer.write_bytes(0xa5, bytes) };
        self.regions.push((pointer, layout));
        pointer
    }

    /// The bytes that a slot has, or none.
    pub(super) fn get(&self, slot: usize) -> Vec<u8> {
        let (pointer, bytes) = (self.pointers[slot], self.bytes[slot]);
        if pointer.is_null() || bytes == 0 {
            return Vec::new();
        }
        // SAFETY: within a region, as all pointers that are not NULL.
        unsafe { std::slice::from_raw_parts(pointer, bytes) }.to_vec()
    }

    pub(super) fn put(&mut self, slot: usize, bytes: &[u8]) {
        if !self.pointers[slot].is_null() {
            // SAFETY: as above.
            unsafe { self.pointers[slot].copy_from(bytes.as_ptr(), bytes.len()) };
        }
    }

    /// All there is, as it is.
    pub(super) fn everything(&self) -> Everything {
        let copy = |(start, layout): &(*mut u8, Layout)| {
            // SAFETY: an allocation of this size, all of it written.
            let bytes = unsafe { std::slice::from_raw_parts(*start, layout.size()) };
            (start.addr(), bytes.to_vec())
        };
        Everything(self.regions.iter().map(copy).collect())
    }

    /// Where a slot is, from its first byte to behind its last, if it is anywhere.
    pub(super) fn span(&self, slot: usize) -> Option<std::ops::Range<usize>> {
        let (start, bytes) = (self.pointers[slot].addr(), self.bytes[slot]);
        (start != 0 && bytes > 0).then(|| start..start + bytes)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for (pointer, layout) in &self.regions {
            // SAFETY: allocated so.
            unsafe { dealloc(*pointer, *layout) };
        }
    }
}

/// A copy of memory.
#[derive(Clone, PartialEq)]
pub(super) struct Everything(Vec<(usize, Vec<u8>)>);

impl Everything {
    /// Bytes as they are to be at a place.
    pub(super) fn set(&mut self, place: std::ops::Range<usize>, bytes: &[u8]) {
        for (start, all) in &mut self.0 {
            if *start <= place.start && place.end <= *start + all.len() {
                all[place.start - *start..place.end - *start].copy_from_slice(bytes);
                return;
            }
        }
        unreachable!("outside of all memory");
    }
}
