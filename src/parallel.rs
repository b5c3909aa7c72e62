//! Threads around any backend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Isa, Schedule};
use crate::stats;

/// Shares the work of a backend among the threads of rayon's pool.
///
/// The pool is the caller's, if the call is made inside one (`ThreadPool::install`), otherwise
/// rayon's global pool. Short slices stay on the calling thread, where they finish sooner. The
/// results are the same bits for any number of threads.
///
/// ```
/// use zeropoint::{Auto, Backend, Parallel};
/// let backend = Parallel::new(Auto::detect()?);
/// assert_eq!(backend.min_max(&[1.0_f32, 2.0]).max, 2.0);
/// # Ok::<(), zeropoint::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parallel<B> {
    backend: B,
}

impl<B: Schedule> Parallel<B> {
    /// Threads around `backend`.
    pub const fn new(backend: B) -> Self {
        Self { backend }
    }
}

/// Bytes of work below which a slice is not shared: waking another thread costs more than it saves
/// (benchmark `ratios`, section `threads`).
const LEAST_SHARED: usize = 2 << 20;

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

/// Runs `work` on this thread and on as many others as there is work for, until all have returned.
///
/// Each takes one piece after another until none is left. So this thread is at work while another
/// wakes up, and waits for it at most as long as that takes.
fn on_threads(pieces: usize, work: impl Fn() + Sync) {
    let others = rayon::current_num_threads().min(pieces) - 1;
    rayon::in_place_scope(|scope| {
        for _ in 0..others {
            scope.spawn(|_| work());
        }
        work();
    });
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
        let mut of_piece =
            |i: usize| results[i].take().expect("a thread stops when no piece is left");
        stats::tree(0, src.len().div_ceil(piece), &mut of_piece, join)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next<I: Iterator>(pieces: &Mutex<I>) -> Option<I::Item> {
    lock(pieces).next()
}
