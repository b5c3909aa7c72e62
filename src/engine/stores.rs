//! Where results go first, into the caches or past them; and whether what is read is there already.

/// Where results go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stores {
    /// Into the caches, where the caller finds them.
    Cached,
    /// Past the caches, from which they would be evicted unread.
    Streamed,
    /// The same, one of the pieces of [`in_pieces`](Self::in_pieces).
    StreamedPiece,
}

/// Where what is read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// In a cache, as likely as not: the CPU brings the rest by itself.
    Cached,
    /// In memory. It is asked for ahead of its turn, see `kernel/steps.rs`.
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

/// Bytes read and written from which on results are streamed, and reads asked for: more than most
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
        self != Self::Cached
    }

    /// Where the numbers are that such results are made of.
    pub(crate) fn loads(self) -> Loads {
        if self.is_streamed() { Loads::Ahead } else { Loads::Cached }
    }

    /// Does work that stores its results in pieces.
    ///
    /// What is streamed has to be ordered before what is stored next, or another thread might see the
    /// news that it is done before it sees the results. That takes as long as some hundred elements, so
    /// it is done once for all pieces, by `order`. No result shows whether it was.
    pub(crate) fn in_pieces<R>(self, order: impl FnOnce(), work: impl FnOnce(Self) -> R) -> R {
        let result = work(if self.is_streamed() { Self::StreamedPiece } else { self });
        if self == Self::Streamed {
            order();
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::Stores;

    #[test]
    fn pieces_are_ordered_once_and_by_the_outermost() {
        for (stores, piece, expected) in [
            (Stores::Cached, Stores::Cached, 0),
            (Stores::Streamed, Stores::StreamedPiece, 1),
            (Stores::StreamedPiece, Stores::StreamedPiece, 0),
        ] {
            let mut ordered = 0;
            let inner = stores.in_pieces(
                || ordered += 1,
                |outer| outer.in_pieces(|| panic!("twice"), |inner| (outer, inner)),
            );
            assert_eq!((inner, ordered), ((piece, piece), expected), "{stores:?}");
        }
    }
}
