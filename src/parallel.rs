//! Threads around any backend.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::backend::{Backend, Schedule, Split, WorkUnits};
use crate::engine::Isa;
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
fn on_threads(pieces: usize, work: &(dyn Fn() + Sync)) {
    team::run(rayon::current_num_threads().min(pieces) - 1, work);
}

impl<B> Parallel<B> {
    /// Returns how many numbers a piece of this work has, if sharing it pays.
    #[inline]
    fn piece(&self, units: &WorkUnits) -> Option<usize> {
        piece(units.count * units.len, units.bytes, self.least_outside)
    }
}

impl<B: Schedule> Schedule for Parallel<B> {
    fn isa(&self) -> Isa {
        self.backend.isa()
    }

    #[inline]
    fn shares(&self, len: usize, bytes: usize) -> bool {
        piece(len, bytes, self.least_outside).is_some()
    }

    #[inline]
    fn map<S: Sync, P: Split, D: Send, E: Send>(
        &self,
        units: &WorkUnits,
        src: &[S],
        params: P,
        dst: &mut [D],
        work: &(impl Fn(Range<usize>, &[S], P, &mut [D]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        match self.piece(units) {
            None => self.backend.map(units, src, params, dst, work),
            Some(piece) => map_shared(piece, units, src, params, dst, work),
        }
    }

    #[inline]
    fn reduce<R: Send>(
        &self,
        units: &WorkUnits,
        work: &(impl Fn(Range<usize>) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        match self.piece(units) {
            None => self.backend.reduce(units, work, join),
            Some(piece) => reduce_shared(piece, units, work, join),
        }
    }
}

/// Iterates over the pieces of some work, which have `most` units each. The last piece may have fewer.
struct Pieces<'a, S, P, D> {
    units: &'a WorkUnits,
    most: usize,
    /// The first unit of the next piece. The memory below is that of this unit and of all behind it.
    first: usize,
    src: &'a [S],
    params: Option<P>,
    dst: &'a mut [D],
}

impl<'a, S, P: Split, D> Iterator for Pieces<'a, S, P, D> {
    type Item = (Range<usize>, &'a [S], P, &'a mut [D]);

    fn next(&mut self) -> Option<Self::Item> {
        let params = self.params.take()?;
        let (WorkUnits { count, src, slices, dst, .. }, most) = (*self.units, self.most);
        let (first, end) = (self.first, self.first + most);
        let memory = core::mem::take(&mut self.dst);
        if end >= count {
            return Some((first..count, self.src, params, memory));
        }
        let (of_src, of_dst);
        (of_src, self.src) = self.src.split_at(most * src);
        (of_dst, self.dst) = memory.split_at_mut(most * dst);
        let (params, rest) = params.split_at(most * slices);
        (self.first, self.params) = (end, Some(rest));
        Some((first..end, of_src, params, of_dst))
    }
}

// Never inlined: a short slice should not pay for the room that these take on the stack.

#[inline(never)]
fn map_shared<S: Sync, P: Split, D: Send, E: Send>(
    piece: usize,
    units: &WorkUnits,
    src: &[S],
    params: P,
    dst: &mut [D],
    work: &(impl Fn(Range<usize>, &[S], P, &mut [D]) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let most = (piece / units.len).max(1);
    let pieces = Pieces { units, most, first: 0, src, params: Some(params), dst };
    let (pieces, first_error) = (Mutex::new(pieces), Mutex::new(None));
    on_threads(units.count.div_ceil(most), &|| {
        while let Some((units, src, params, dst)) = next(&pieces) {
            let at = units.start;
            if let Err(error) = work(units, src, params, dst) {
                let mut first = lock(&first_error);
                if first.as_ref().is_none_or(|(of, _)| at < *of) {
                    *first = Some((at, error));
                }
            }
        }
    });
    let first = lock(&first_error).take();
    first.map_or(Ok(()), |(_, error)| Err(error))
}

#[inline(never)]
fn reduce_shared<R: Send>(
    piece: usize,
    units: &WorkUnits,
    work: &(impl Fn(Range<usize>) -> R + Sync),
    join: &(impl Fn(R, R) -> R + Sync),
) -> R {
    // A piece has `piece` numbers or more, so there are at most `PIECES` of them.
    let most = piece.div_ceil(units.len).next_power_of_two();
    let count = units.count.div_ceil(most);
    let pieces = Mutex::new(0..count);
    let results = Mutex::new([const { None }; PIECES]);
    on_threads(count, &|| {
        while let Some(i) = next(&pieces) {
            let result = work(i * most..units.count.min((i + 1) * most));
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
