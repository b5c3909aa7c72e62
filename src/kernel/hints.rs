//! Hints to the kernels: whether results bypass the caches, and whether inputs are prefetched.

use crate::cpu::gains_by_prefetching;

/// The way in which results are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stores {
    /// Results are stored in the caches, where the caller finds them.
    Cached,
    /// Results are stored past the caches, which would evict them unread. The caller of the kernel calls
    /// [`Simd::fence`](crate::simd::Simd::fence) at the end.
    Streamed,
}

/// The place where inputs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// Inputs may be in a cache; otherwise the CPU's own prefetching is enough.
    Cached,
    /// Inputs are in memory, and are prefetched (`loops/slice.rs`).
    Ahead,
}

impl Loads {
    /// Returns the hint for an operation that reads `bytes` in total, on all threads.
    #[inline(always)]
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        if bytes < UNCACHED || !gains_by_prefetching() { Self::Cached } else { Self::Ahead }
    }

    pub(crate) fn is_ahead(self) -> bool {
        self == Self::Ahead
    }
}

/// The number of bytes from which on results are streamed and inputs prefetched. This is more than most last-level
/// caches hold for one program. (Benchmark `ratios`; in a cache, streaming is several times slower.)
const UNCACHED: usize = 48 << 20;

impl Stores {
    /// Returns the hint for an operation that reads and writes `bytes` in total, on all threads.
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        if bytes < UNCACHED { Self::Cached } else { Self::Streamed }
    }

    pub(crate) fn is_streamed(self) -> bool {
        self == Self::Streamed
    }

    /// Returns the hint for the inputs of an operation whose results are stored as `self` says.
    #[inline(always)]
    pub(crate) fn loads(self) -> Loads {
        if self.is_streamed() && gains_by_prefetching() { Loads::Ahead } else { Loads::Cached }
    }
}
