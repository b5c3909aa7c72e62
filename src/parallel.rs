//! Threads around any backend.

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

/// Elements below which a slice is not shared: handing half of it to another thread costs more
/// than it saves (benchmark `threads`).
const LEAST_SHARED: usize = 32 * stats::BLOCK;

/// Where a slice of `len` elements is cut in two for two threads, if it pays.
fn cut(len: usize) -> Option<usize> {
    if len < LEAST_SHARED || rayon::current_num_threads() == 1 { None } else { stats::split(len) }
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
        match cut(src.len()) {
            None => self.backend.map(src, dst, work),
            Some(at) => {
                let (src_left, src_right) = src.split_at(at);
                let (dst_left, dst_right) = dst.split_at_mut(at);
                rayon::join(
                    || self.map(src_left, dst_left, work),
                    || self.map(src_right, dst_right, work),
                );
            }
        }
    }

    fn reduce<S: Sync, R: Send>(
        &self,
        src: &[S],
        work: &(impl Fn(&[S]) -> R + Sync),
        join: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        match cut(src.len()) {
            None => self.backend.reduce(src, work, join),
            Some(at) => {
                let (left, right) = src.split_at(at);
                let (left, right) = rayon::join(
                    || self.reduce(left, work, join),
                    || self.reduce(right, work, join),
                );
                join(left, right)
            }
        }
    }
}
