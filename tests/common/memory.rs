//! Slices at chosen places of memory.

/// Elements of every buffer.
pub(crate) const ROOM: usize = 320;

/// A buffer that begins at a cache line, so that an offset into it is an offset from one.
#[repr(align(64))]
pub(crate) struct Aligned<T>(pub(crate) [T; ROOM]);

impl<T: Copy> Aligned<T> {
    pub(crate) fn filled(x: T) -> Box<Self> {
        Box::new(Self([x; ROOM]))
    }
}
