//! Threads around any backend.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::backend::{Backend, Each, Part, Pieces, Schedule};
use crate::engine::Isa;
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
    /// Bytes of work from which a slice is shared where the caller is no thread of a pool.
    least_outside: usize,
}

impl<B: Backend> Parallel<B> {
    /// Threads around `backend`.
    pub const fn new(backend: B) -> Self {
        Self { backend, least_outside: LEAST_SHARED_OUTSIDE }
    }

    /// The same, but alone outside a pool: the global one is never used, or created.
    #[cfg(feature = "capi")]
    pub(crate) const fn inside_pools(backend: B) -> Self {
        Self { backend, least_outside: usize::MAX }
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
fn piece(len: usize, bytes: usize, least_outside: usize) -> Option<usize> {
    let work = len.saturating_mul(bytes);
    // Here, so that a short slice costs one comparison.
    if work < LEAST_SHARED_INSIDE { None } else { piece_of_long(len, work, least_outside) }
}

fn piece_of_long(len: usize, work: usize, least_outside: usize) -> Option<usize> {
    let outside = rayon::current_thread_index().is_none();
    if outside && (work < least_outside || !global_pool_is_there()) {
        return None;
    }
    if rayon::current_num_threads() == 1 {
        return None;
    }
    Some(len.div_ceil(PIECES).next_power_of_two().max(GRAIN))
}

/// Starts rayon's global pool, unless somebody has. Where its threads cannot be started, rayon would panic, then
/// and whenever it is asked again: such a process computes on the threads that it has.
fn global_pool_is_there() -> bool {
    // Where there are no threads, rayon's own way makes a pool of the caller's, and this one does not.
    if cfg!(target_family = "wasm") {
        return true;
    }
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    *IS_THERE.get_or_init(|| match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // Only behind an error of the operating system is there another one: otherwise somebody has asked for
        // the pool before. (If in vain, nothing can tell, and rayon panics.)
        Err(error) => std::error::Error::source(&error).is_none(),
    })
}

/// Runs `work` on this thread and on as many others as there are pieces for: each takes one piece
/// after another until none is left.
fn on_threads(pieces: usize, work: impl Fn() + Sync) {
    // Not as the type that it has: what hands it to threads is then compiled once, not for every operation.
    let work: &(dyn Fn() + Sync) = &work;
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
        let bytes = size_of::<S>() + size_of::<D>();
        match piece(src.len().max(dst.len()), bytes, self.least_outside) {
            None => self.backend.map(src, dst, work),
            Some(piece) => map_shared(piece, src, dst, work),
        }
    }

    #[inline]
    fn map_in_place<A: Send>(&self, data: &mut [A], work: &(impl Fn(usize, &mut [A]) + Sync)) {
        match piece(data.len(), 2 * size_of::<A>(), self.least_outside) {
            None => self.backend.map_in_place(data, work),
            Some(piece) => map_in_place_shared(piece, data, work),
        }
    }

    #[inline]
    fn map_parts<S: Sync, P: Pieces, D: Send, E: Send>(
        &self,
        src: &[S],
        part: Part,
        params: P,
        dst: &mut [D],
        work: &(impl Fn(usize, &[S], P, &mut [D]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let bytes = size_of::<S>() + size_of::<D>();
        match piece(src.len().div_ceil(part.src) * part.len, bytes, self.least_outside) {
            None => self.backend.map_parts(src, part, params, dst, work),
            Some(piece) => map_parts_shared(piece, src, part, params, dst, work),
        }
    }

    #[inline]
    fn map_each<P: Pieces>(
        &self,
        each: Each,
        data: P,
        work: &(impl Fn(usize, P) -> Result<(), Error> + Sync),
    ) -> Result<(), Error> {
        match piece(each.len, each.bytes, self.least_outside) {
            None => self.backend.map_each(each, data, work),
            Some(piece) => {
                let count = results(piece, each, data.len()).max(each.least);
                let count = count.next_multiple_of(P::SPLIT_MULTIPLE);
                let threads = data.len().div_ceil(count);
                let pieces = Mutex::new(chunks(data, count).enumerate());
                first_error(threads, &pieces, &|i, data| work(i * count, data))
            }
        }
    }

    #[inline]
    fn reduce_each<R: Send>(
        &self,
        each: Each,
        count: usize,
        work: &(impl Fn(Range<usize>) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        match piece(each.len, each.bytes, self.least_outside) {
            None => self.backend.reduce_each(each, count, work, join),
            Some(piece) => {
                let of_piece = results(piece, each, count).next_power_of_two();
                reduce_pieces(
                    count.div_ceil(of_piece),
                    &|i| {
                        let first = i * of_piece;
                        work(first..count.min(first + of_piece))
                    },
                    join,
                )
            }
        }
    }

    #[inline]
    fn shares(&self, len: usize, bytes: usize) -> bool {
        piece(len, bytes, self.least_outside).is_some()
    }

    #[inline]
    fn reduce<S: Sync, R: Send>(
        &self,
        src: &[S],
        passes: usize,
        work: &(impl Fn(&[S]) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        match piece(src.len(), passes * size_of::<S>(), self.least_outside) {
            None => self.backend.reduce(src, passes, work, join),
            Some(piece) => reduce_shared(piece, src, work, join),
        }
    }
}

/// How many of `count` results make a piece: those of as many numbers as a piece of a slice has, or more, so
/// that there are no more than [`PIECES`].
fn results(piece: usize, each: Each, count: usize) -> usize {
    let numbers = (each.len / count).max(1);
    piece.div_ceil(numbers)
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
fn map_parts_shared<S: Sync, P: Pieces, D: Send, E: Send>(
    piece: usize,
    src: &[S],
    part: Part,
    params: P,
    dst: &mut [D],
    work: &(impl Fn(usize, &[S], P, &mut [D]) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let parts = (piece / part.len).max(1);
    // So many that the next piece begins with a byte of its own.
    let whole = part.dst.is_multiple_of(part.codes);
    let parts = if whole { parts } else { parts.next_multiple_of(part.codes) };
    let parts = parts.next_multiple_of(P::SPLIT_MULTIPLE);
    // A row alone may have any pitch: then this is beyond its end.
    let (of_src, of_dst) =
        (parts.saturating_mul(part.src), parts.saturating_mul(part.dst) / part.codes);
    let outputs = chunks(params, parts * part.slices).zip(dst.chunks_mut(of_dst));
    let pieces = Mutex::new(src.chunks(of_src).zip(outputs).enumerate());
    let count = src.len().div_ceil(of_src);
    first_error(count, &pieces, &|i, (src, (params, dst))| work(i * parts, src, params, dst))
}

/// Pieces of `count` elements, the last one of those that are left.
fn chunks<P: Pieces>(all: P, count: usize) -> impl Iterator<Item = P> + Send {
    let mut left = Some(all);
    core::iter::from_fn(move || {
        let all = left.take()?;
        if all.len() <= count {
            return if all.len() == 0 { None } else { Some(all) };
        }
        let (chunk, rest) = all.split_at(count);
        left = Some(rest);
        Some(chunk)
    })
}

/// Does the work on all of `pieces`, `count` of them. Returns the error of the first that has one.
fn first_error<I: Iterator<Item = (usize, A)> + Send, A, E: Send>(
    count: usize,
    pieces: &Mutex<I>,
    work: &(impl Fn(usize, A) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let first_error = Mutex::new(None);
    on_threads(count, || {
        while let Some((i, piece)) = next(pieces) {
            if let Err(error) = work(i, piece) {
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
    let of_piece = |i: usize| work(&src[i * piece..src.len().min((i + 1) * piece)]);
    reduce_pieces(src.len().div_ceil(piece), &of_piece, join)
}

/// Joins the results of pieces `0..count`, at least one and at most [`PIECES`].
fn reduce_pieces<R: Send>(
    count: usize,
    work: &(impl Fn(usize) -> R + Sync),
    join: &(impl Fn(R, R) -> R + Sync),
) -> R {
    let pieces = Mutex::new(0..count);
    let results = Mutex::new([const { None }; PIECES]);
    on_threads(count, || {
        while let Some(i) = next(&pieces) {
            let result = work(i);
            lock(&results)[i] = Some(result);
        }
    });
    let mut results = lock(&results);
    let mut of_piece = |i: usize| {
        results[i].take().expect("every piece has a result when all threads have stopped")
    };
    stats::tree(0, count, &mut of_piece, join)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next<I: Iterator>(pieces: &Mutex<I>) -> Option<I::Item> {
    lock(pieces).next()
}

#[cfg(test)]
mod tests;
