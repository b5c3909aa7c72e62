//! Hints to the kernels: whether results go through the caches, and whether inputs are prefetched.

/// The way of results to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stores {
    /// Into the caches, where the caller finds them.
    Cached,
    /// Past the caches, from which they would be evicted unread. Whoever calls a kernel with it
    /// calls [`Simd::fence`](crate::simd::Simd::fence) at the end.
    Streamed,
}

/// The place of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// In a cache, as likely as not: the CPU brings the rest by itself.
    Cached,
    /// In memory. They are prefetched, see `loops/slice.rs`.
    Ahead,
}

impl Loads {
    /// For an operation that reads so many bytes on the whole, however it is shared among threads.
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        if bytes < UNCACHED { Self::Cached } else { Self::Ahead }
    }

    pub(crate) fn is_ahead(self) -> bool {
        self == Self::Ahead
    }
}

/// Bytes read and written from which on results are streamed, and inputs prefetched: more than most
/// last-level caches hold for one program. (Benchmark `ratios`; in a cache, streaming is several times
/// slower.)
const UNCACHED: usize = 48 << 20;

impl Stores {
    /// For an operation that reads and writes so many bytes on the whole, however it is shared among
    /// threads.
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        if bytes < UNCACHED { Self::Cached } else { Self::Streamed }
    }

    pub(crate) fn is_streamed(self) -> bool {
        self == Self::Streamed
    }

    /// The place of the inputs of such results.
    pub(crate) fn loads(self) -> Loads {
        if self.is_streamed() { Loads::Ahead } else { Loads::Cached }
    }
}
