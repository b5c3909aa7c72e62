//! A backend that shares work among threads, around any other backend.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::backend::{Backend, Schedule, Split, WorkUnits};
use crate::engine::Isa;
use crate::{stats, team};

/// Shares the work of a backend among the threads of rayon's pool.
///
/// The pool is the one in which the call is made (`ThreadPool::install`), otherwise rayon's global pool, which the
/// first call outside of a pool creates. Short slices stay on the calling thread, where they finish sooner: up to about
/// 128 Ki elements inside a pool, whose threads are awake then, and up to about 2 Mi elements outside. The results are
/// the same bits for any number of threads.
///
/// The calling thread works, too, and every free thread of the pool may help. The call does not wait for a thread that
/// is asleep, busy or blocked, and runs no other job of the pool. A call is therefore allowed under a lock, or while
/// the threads of the pool wait for the caller.
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
    /// The bytes of work from which on a slice is shared if the caller is not a thread of a pool.
    least_outside: usize,
}

impl<B: Backend> Parallel<B> {
    /// Returns `backend` with threads around it.
    pub const fn new(backend: B) -> Self {
        Self { backend, least_outside: LEAST_SHARED_OUTSIDE }
    }

    /// Returns `backend` with threads around it inside of pools. The global pool is neither used nor created.
    #[cfg(feature = "capi")]
    pub(crate) const fn inside_pools(backend: B) -> Self {
        Self { backend, least_outside: usize::MAX }
    }
}

/// The bytes of work below which a slice is not shared (benchmark `ratios`, section `threads`).
///
/// Waking a thread takes the caller 10 to 20 µs if the thread's processor sleeps, too; in this time one thread moves 2
/// MB. If the thread has just worked, waking it takes less than 1 µs. Threads are assumed to be awake for calls from
/// inside their pool, and asleep for calls from outside.
const LEAST_SHARED_INSIDE: usize = 512 << 10;
const LEAST_SHARED_OUTSIDE: usize = 8 << 20;

/// The least number of elements that a thread takes at a time.
const GRAIN: usize = 8 * stats::BLOCK;

/// The greatest number of pieces into which a slice is cut.
const PIECES: usize = 64;

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

/// Starts rayon's global pool, unless it has been started, and says whether it exists. If its threads cannot be
/// started, rayon would panic at every use of it, so the process computes on its own threads.
fn global_pool_is_there() -> bool {
    // Without threads, rayon itself makes a pool of the calling thread, but `build_global` does not.
    if cfg!(target_family = "wasm") {
        return true;
    }
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    *IS_THERE.get_or_init(|| match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // An error of the operating system has a source. An error without a source means that the pool was requested
        // before. (If that request failed, there is no sign of it, and rayon panics.)
        Err(error) => std::error::Error::source(&error).is_none(),
    })
}

/// Runs `work`, which takes piece after piece until none is left, on this thread and on at most `pieces - 1` others.
fn on_threads(pieces: usize, work: &(dyn Fn() + Sync)) {
    team::run(rayon::current_num_threads().min(pieces) - 1, work);
}

impl<B> Parallel<B> {
    /// Returns the length of the pieces into which a slice of `len` elements is cut, if sharing saves time. It is a
    /// power of two of blocks, so that the tree of `stats.rs` over pieces continues the tree within each piece.
    ///
    /// `bytes` is the work on an element, measured in bytes that are moved in the same time.
    #[inline]
    fn piece(&self, len: usize, bytes: usize) -> Option<usize> {
        let work = len.saturating_mul(bytes);
        // This comparison is the only cost for a short slice.
        if work < LEAST_SHARED_INSIDE { None } else { piece_of_long(len, work, self.least_outside) }
    }
}

impl<B: Schedule> Schedule for Parallel<B> {
    fn isa(&self) -> Isa {
        self.backend.isa()
    }

    #[inline]
    fn shares(&self, len: usize, bytes: usize) -> bool {
        self.piece(len, bytes).is_some()
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
        match self.piece(units.count * units.len, units.bytes) {
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
        match self.piece(units.count * units.len, units.bytes) {
            None => self.backend.reduce(units, work, join),
            Some(piece) => reduce_shared(piece, units, work, join),
        }
    }
}

/// Iterates over the pieces of some work, which have `most` units each. The last piece may have fewer.
struct Pieces<'a, S, P, D> {
    units: &'a WorkUnits,
    most: usize,
    /// The first unit of the next piece. The slices and parameters below begin with this unit.
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

// `map_shared` and `reduce_shared` are never inlined, so that a short slice does not pay for their stack frames.

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
