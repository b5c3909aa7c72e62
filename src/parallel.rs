//! Threads around any backend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Backend, Isa, Schedule};
use crate::{stats, team};

/// Shares the work of a backend among the threads of rayon's pool.
///
/// The pool is the caller's, if the call is made inside one (`ThreadPool::install`), otherwise
/// rayon's global pool, which the first such call creates. Short slices stay on the calling thread,
/// where they finish sooner. The results are the same bits for any number of threads.
///
/// The calling thread does the work, and threads of the pool that are free take part. One that is
/// asleep, busy or blocked is not waited for, and no other job of the pool runs inside the call: it
/// may be made under a lock, or while the pool's threads wait for the caller.
///
/// ```
/// use zeropoint::{Auto, Backend, Parallel};
/// let backend = Parallel::new(Auto::detect()?);
/// assert_eq!(backend.min_max(&[1.0_f32, 2.0]).max, 2.0);
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parallel<B> {
    backend: B,
}

impl<B: Backend> Parallel<B> {
    /// Threads around `backend`.
    pub const fn new(backend: B) -> Self {
        Self { backend }
    }
}

/// Bytes of work below which a slice is not shared: waking another thread costs more than it saves
/// (benchmark `ratios`, section `threads`).
const LEAST_SHARED: usize = 1 << 17;

/// The least number of elements that a thread takes at a time.
const GRAIN: usize = 8 * stats::BLOCK;

/// The most pieces that a slice is cut into.
const PIECES: usize = 64;

/// The length of the pieces that a slice of `len` elements is cut into, if sharing it pays: a power
/// of two of blocks, so that the tree of `stats.rs` over pieces goes on as the one within them.
///
/// `bytes` is the work on an element, in bytes whose movement takes as long.
fn piece(len: usize, bytes: usize) -> Option<usize> {
    if len.saturating_mul(bytes) < LEAST_SHARED || rayon::current_num_threads() == 1 {
        return None;
    }
    Some(len.div_ceil(PIECES).next_power_of_two().max(GRAIN))
}

/// Runs `work` on this thread and on as many others as there are pieces for: each takes one piece
/// after another until none is left.
fn on_threads(pieces: usize, work: impl Fn() + Sync) {
    team::run(rayon::current_num_threads().min(pieces) - 1, &work);
}

impl<B: Schedule> Schedule for Parallel<B> {
    fn isa(&self) -> Isa {
        self.backend.isa()
    }

    fn map<S: Sync, D: Send>(
        &self,
        src: &[S],
        dst: &mut [D],
        work: &(impl Fn(&[S], &mut [D]) + Sync),
    ) {
        let bytes = size_of::<S>() + size_of::<D>();
        let Some(piece) = piece(src.len(), bytes) else { return self.backend.map(src, dst, work) };
        let pieces = Mutex::new(src.chunks(piece).zip(dst.chunks_mut(piece)));
        on_threads(src.len().div_ceil(piece), || {
            while let Some((src, dst)) = next(&pieces) {
                work(src, dst);
            }
        });
    }

    fn reduce<S: Sync, R: Send>(
        &self,
        src: &[S],
        passes: usize,
        work: &(impl Fn(&[S]) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        let Some(piece) = piece(src.len(), passes * size_of::<S>()) else {
            return self.backend.reduce(src, passes, work, join);
        };
        let pieces = Mutex::new(src.chunks(piece).enumerate());
        let results = Mutex::new([const { None }; PIECES]);
        on_threads(src.len().div_ceil(piece), || {
            while let Some((i, src)) = next(&pieces) {
                let result = work(src);
                lock(&results)[i] = Some(result);
            }
        });
        let mut results = lock(&results);
        let mut of_piece = |i: usize| {
            results[i].take().expect("every piece has a result when all threads have stopped")
        };
        stats::tree(0, src.len().div_ceil(piece), &mut of_piece, join)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next<I: Iterator>(pieces: &Mutex<I>) -> Option<I::Item> {
    lock(pieces).next()
}

#[cfg(test)]
mod tests {
    use super::{PIECES, piece};

    #[test]
    fn every_operation_shares_half_a_million_elements() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        // The least work: reading an `f32`.
        pool.install(|| {
            assert!(piece(512 * 1024, size_of::<f32>()).is_some());
            assert_eq!(piece(1000, size_of::<f32>()), None);
        });
    }

    #[test]
    fn pieces_are_powers_of_two_of_blocks_and_not_too_many() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.install(|| {
            for len in [1 << 20, (1 << 20) + 1, 12_345_678, 1 << 33] {
                let piece = piece(len, 4).unwrap();
                assert!(piece.is_power_of_two() && piece >= crate::stats::BLOCK);
                assert!(len.div_ceil(piece) <= PIECES, "{len}");
            }
        });
    }
}
