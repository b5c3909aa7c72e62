//! Threads around any backend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Backend, Isa, Part, Schedule};
use crate::error::Error;
use crate::{stats, team};

/// Shares the work of a backend among the threads of rayon's pool.
///
/// The pool is the caller's, if the call is made inside one (`ThreadPool::install`), otherwise
/// rayon's global pool, which the first such call creates. Short slices stay on the calling thread,
/// where they finish sooner: up to about 128 Ki elements inside a pool, whose threads are awake then,
/// and up to about 2 Mi elements outside. The results are the same bits for any number of threads.
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

/// Bytes of work below which a slice is not shared (benchmark `ratios`, section `threads`).
///
/// To wake a thread takes the caller 10 to 20 µs where the processor slept too, in which one thread
/// moves 2 MB; a thread that has just been at work takes it less than one. Inside the pool its threads
/// are taken to be at work, outside to be asleep.
const LEAST_SHARED_INSIDE: usize = 512 << 10;
const LEAST_SHARED_OUTSIDE: usize = 8 << 20;

/// The least number of elements that a thread takes at a time.
const GRAIN: usize = 8 * stats::BLOCK;

/// The most pieces that a slice is cut into.
const PIECES: usize = 64;

/// The length of the pieces that a slice of `len` elements is cut into, if sharing it pays: a power
/// of two of blocks, so that the tree of `stats.rs` over pieces goes on as the one within them.
///
/// `bytes` is the work on an element, in bytes whose movement takes as long.
#[inline]
fn piece(len: usize, bytes: usize) -> Option<usize> {
    let work = len.saturating_mul(bytes);
    // Here, so that a short slice costs one comparison.
    if work < LEAST_SHARED_INSIDE { None } else { piece_of_long(len, work) }
}

fn piece_of_long(len: usize, work: usize) -> Option<usize> {
    let outside = rayon::current_thread_index().is_none();
    if outside && work < LEAST_SHARED_OUTSIDE || rayon::current_num_threads() == 1 {
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

    #[inline]
    fn map<S: Sync, D: Send>(
        &self,
        src: &[S],
        dst: &mut [D],
        work: &(impl Fn(usize, &[S], &mut [D]) + Sync),
    ) {
        match piece(src.len().max(dst.len()), size_of::<S>() + size_of::<D>()) {
            None => self.backend.map(src, dst, work),
            Some(piece) => map_shared(piece, src, dst, work),
        }
    }

    #[inline]
    fn map_in_place<A: Send>(&self, data: &mut [A], work: &(impl Fn(usize, &mut [A]) + Sync)) {
        match piece(data.len(), 2 * size_of::<A>()) {
            None => self.backend.map_in_place(data, work),
            Some(piece) => map_in_place_shared(piece, data, work),
        }
    }

    #[inline]
    fn map_parts<S: Sync, P: Send, D: Send>(
        &self,
        src: &[S],
        part: Part,
        params: &mut [P],
        dst: &mut [D],
        work: &(impl Fn(usize, &[S], &mut [P], &mut [D]) -> Result<(), Error> + Sync),
    ) -> Result<(), Error> {
        match piece(src.len(), size_of::<S>() + size_of::<D>()) {
            None => self.backend.map_parts(src, part, params, dst, work),
            Some(piece) => map_parts_shared(piece, src, part, params, dst, work),
        }
    }

    #[inline]
    fn reduce<S: Sync, R: Send>(
        &self,
        src: &[S],
        passes: usize,
        work: &(impl Fn(&[S]) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        match piece(src.len(), passes * size_of::<S>()) {
            None => self.backend.reduce(src, passes, work, join),
            Some(piece) => reduce_shared(piece, src, work, join),
        }
    }
}

// Never inlined: a short slice should not pay for the room that these take on the stack.

#[inline(never)]
fn map_shared<S: Sync, D: Send>(
    piece: usize,
    src: &[S],
    dst: &mut [D],
    work: &(impl Fn(usize, &[S], &mut [D]) + Sync),
) {
    // How many of the longer one's elements each element of the other holds: 1, 2 or 4, which divides
    // any piece.
    let len = src.len().max(dst.len());
    let of_src = piece / len.div_ceil(src.len());
    let of_dst = piece / len.div_ceil(dst.len());
    let pieces = Mutex::new(src.chunks(of_src).zip(dst.chunks_mut(of_dst)).enumerate());
    on_threads(len.div_ceil(piece), || {
        while let Some((i, (src, dst))) = next(&pieces) {
            work(i * piece, src, dst);
        }
    });
}

#[inline(never)]
fn map_in_place_shared<A: Send>(
    piece: usize,
    data: &mut [A],
    work: &(impl Fn(usize, &mut [A]) + Sync),
) {
    let count = data.len().div_ceil(piece);
    let pieces = Mutex::new(data.chunks_mut(piece).enumerate());
    on_threads(count, || {
        while let Some((i, data)) = next(&pieces) {
            work(i * piece, data);
        }
    });
}

#[inline(never)]
fn map_parts_shared<S: Sync, P: Send, D: Send>(
    piece: usize,
    src: &[S],
    part: Part,
    params: &mut [P],
    dst: &mut [D],
    work: &(impl Fn(usize, &[S], &mut [P], &mut [D]) -> Result<(), Error> + Sync),
) -> Result<(), Error> {
    // So many parts that the next piece begins with a byte of its own.
    let parts = (piece / part.len).max(1).next_multiple_of(part.codes);
    let numbers = parts * part.len;
    let outputs = params.chunks_mut(parts * part.slices).zip(dst.chunks_mut(numbers / part.codes));
    let pieces = Mutex::new(src.chunks(numbers).zip(outputs).enumerate());
    let first_error = Mutex::new(None);
    on_threads(src.len().div_ceil(numbers), || {
        while let Some((i, (src, (params, dst)))) = next(&pieces) {
            if let Err(error) = work(i * numbers, src, params, dst) {
                let mut first = lock(&first_error);
                if first.as_ref().is_none_or(|(of, _)| i < *of) {
                    *first = Some((i, error));
                }
            }
        }
    });
    let first = lock(&first_error).take();
    first.map_or(Ok(()), |(_, error)| Err(error))
}

#[inline(never)]
fn reduce_shared<S: Sync, R: Send>(
    piece: usize,
    src: &[S],
    work: &(impl Fn(&[S]) -> R + Sync),
    join: &(impl Fn(R, R) -> R + Sync),
) -> R {
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
    fn every_operation_shares_what_the_tests_of_threads_have() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        // The least work: reading an `f32`.
        let shared = |len| piece(len, size_of::<f32>()).is_some();
        pool.install(|| assert!(shared(128 * 1024) && !shared(100_000)));
        if rayon::current_num_threads() > 1 {
            assert!(shared(2 * 1024 * 1024) && !shared(1024 * 1024));
        }
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
